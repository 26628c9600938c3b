"""The docket: every duty with a date, who owes it, by when, and what happens when nobody does it.

``docket`` opens and closes obligations inside the units of work of the rooms, ``sweeping`` marks
what was missed and applies its consequence once, ``views`` is what people look at, ``explaining``
says which clause and which facts stand behind a record. Refuses to know the rooms: what a missed
duty leads to is a function that a room registers under the name that ``duties/<room>.yaml`` gives.
"""

from franking.docket.docket import Docket
from franking.docket.records import Obligation, ObligationStatus, Opening
from franking.docket.sweeping import Consequence, SweepReport, Swept, sweep

__all__ = [
    "Consequence",
    "Docket",
    "Obligation",
    "ObligationStatus",
    "Opening",
    "SweepReport",
    "Swept",
    "sweep",
]
