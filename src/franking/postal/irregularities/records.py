"""A case about an irregularity, the evidence of it, and what is said against it. Frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

LOOK_INTO = "look into an irregularity"
ANSWER = "answer a contested irregularity"
"""The names of this room's duties in the docket."""


class IrregularityKind(StrEnum):
    """Why a person has to look at a device or a piece."""

    FORGED = "forged"
    COPIED = "copied"
    CLONED = "cloned"
    ROLLED_BACK = "rolled back"
    JOURNAL_FORKED = "journal forked"
    """The provider's copy of a hosted journal contradicts what it anchored."""
    VALUE_NOT_COVERED = "value not covered"
    REFUNDED = "refunded yet mailed"
    DEVICE_ENDED = "device ended"
    DEVICE_MISSING = "device missing"
    SHORT_PAID = "short paid"
    OUTSIDE_DATE = "date outside its window"
    WRONG_OFFICE = "wrong post office"


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    CONTESTED = "contested"
    CLOSED = "closed"


CASE_TRANSITIONS: Final[dict[CaseStatus, frozenset[CaseStatus]]] = {
    CaseStatus.OPEN: frozenset({CaseStatus.CONTESTED, CaseStatus.CLOSED}),
    CaseStatus.CONTESTED: frozenset({CaseStatus.CLOSED}),
    CaseStatus.CLOSED: frozenset(),
}
"""What may follow what; the database guards it again."""


class Party(StrEnum):
    """Who may say something against a case."""

    LICENSEE = "licensee"
    PROVIDER = "provider"


class Outcome(StrEnum):
    """What looking into a case came to."""

    UPHELD = "upheld"
    UNFOUNDED = "unfounded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Irregularity:
    """A case: what about which device or piece, and what became of it."""

    number: int
    """Of the one register of cases, which it shares with the cases of postal/pieces."""
    kind: IrregularityKind
    device: str
    subject: str
    """The device again, or the piece: ``FK1A0000000001/320``."""
    clause: str
    facts: str
    """What was found first, in words; each night's own words stand with its evidence."""
    opened_on: date
    contest_by: date
    """The last day to contest it."""
    parties: tuple[str, ...]
    """Who may contest it, each with the name that the books have: ``provider: Acme Meters``."""
    status: CaseStatus = CaseStatus.OPEN
    outcome: Outcome | None = None
    finding: str = ""
    closed_by: str = ""
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one night bears out of a case: a signed record, kept as it was signed."""

    case_number: int
    kind: IrregularityKind
    subject: str
    night: str
    content: str
    """SHA-256 of the scans and reasons alone, in hex: the same night again says the same."""
    scans: int
    """Every scan that it rests on; the record lists the first of them."""
    facts: str
    record: str
    """The signed record, a compact JWS by the Postal Service's key."""
    signed_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """What a party says against a case: append-only."""

    case_number: int
    party: Party
    grounds: str
    contested_on: date
