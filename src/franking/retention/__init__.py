"""How long records are kept, and how one is destroyed where the rules say so.

Floors and ceilings are read from ``kinds.yaml`` and the rules room; a legal hold overrides a
ceiling; two people destroy, and sign for it. Refuses to know which rows make up a record: each
domain gives a function that deletes them.
"""

from franking.retention.records import Certificate, Hold, Retained, RetainedStatus
from franking.retention.retention import Retention

__all__ = ["Certificate", "Hold", "Retained", "RetainedStatus", "Retention"]
