"""Adjustments as the Postal Service holds them: values, and what may follow what.

Frozen; every record carries its provider. Money in mills: above zero credited to the licensee,
below zero collected.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

DECIDE = "decide on a postage adjustment"
APPEAL = "appeal a postage adjustment"
"""The names of this room's duties in the docket."""


class AdjustmentStatus(StrEnum):
    """Where an adjustment stands."""

    REPORTED = "reported"
    NOTED = "noted"
    """A fault alone: nothing is to be decided."""
    DECIDED = "decided"
    APPEALED = "appealed"
    FINAL = "final"


ADJUSTMENT_TRANSITIONS: Final[dict[AdjustmentStatus, frozenset[AdjustmentStatus]]] = {
    AdjustmentStatus.REPORTED: frozenset({AdjustmentStatus.DECIDED}),
    AdjustmentStatus.NOTED: frozenset(),
    AdjustmentStatus.DECIDED: frozenset({AdjustmentStatus.APPEALED, AdjustmentStatus.FINAL}),
    AdjustmentStatus.APPEALED: frozenset({AdjustmentStatus.FINAL}),
    AdjustmentStatus.FINAL: frozenset(),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A provider's report on a malfunction, and what was decided of it."""

    number: int
    provider: str
    report: str
    """Its number in the provider's books."""
    serial: str
    licence: str
    licensee: str
    office: str
    rulebook: str
    addressee: str
    fault: str
    facts: str
    """What the report says of memories, papers and history, as JSON."""
    recommended_mills: int
    basis: str
    submitted_on: date
    """From here the sixty days to appeal run (P030.2.5, P050.2.4)."""
    status: AdjustmentStatus = AdjustmentStatus.REPORTED
    decided_mills: int = 0
    because: str = ""
    decided_by: str = ""
    decided_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A device that was reported defective, by its provider or at its licensing post office."""

    number: int
    provider: str
    serial: str
    licence: str
    office: str
    defect: str
    told_by: str
    """The provider, or the postmaster to whom the licensee reported it."""
    told_on: date
    retrieve_by: str
