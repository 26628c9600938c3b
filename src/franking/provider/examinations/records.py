"""Examinations of devices and inspections of meters: values, and what may follow what.

Frozen; money in mills, dates are postal dates. Refuses to know when anything is due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

QUARTERLY = "quarterly reset or examination"
AUDIT = "quarterly reset or audit"
YEARLY = "yearly postal examination"
BRING_IN = "bring the meter in for examination"
ANSWER = "answer to the second approach"
APPROACH = "second approach"
REPLACE_IRREGULAR = "replacement of an irregular meter"
REPLACE_SEIZED = "replacement of a withdrawn device"
"""The names of this room's duties in the docket."""

DENIED = "examination overdue"
"""The cause under which resets are denied."""
DENIED_IRREGULAR = "irregular on inspection"
"""The cause under which an irregular meter is not reset."""


class Ground(StrEnum):
    """Why a device has to be examined."""

    NOT_RESET = "not reset in the quarter"
    YEARLY = "due for the yearly examination"


class CaseStatus(StrEnum):
    """Where the escalation of one missed examination stands."""

    NOTICED = "noticed"
    """The licensee was told; the licensing office, too (501.22(f))."""
    APPROACHED = "approached again"
    REFERRED = "referred"
    """The Postal Service has it: nobody answered, or a PSD is not audited."""
    ORDERED = "removal ordered"
    EXAMINED = "examined"
    REMOVED = "removed"


TRANSITIONS: Final[dict[CaseStatus, frozenset[CaseStatus]]] = {
    CaseStatus.NOTICED: frozenset(
        {CaseStatus.APPROACHED, CaseStatus.EXAMINED, CaseStatus.REMOVED, CaseStatus.REFERRED}
    ),
    CaseStatus.APPROACHED: frozenset(
        {CaseStatus.REFERRED, CaseStatus.EXAMINED, CaseStatus.REMOVED}
    ),
    CaseStatus.REFERRED: frozenset({CaseStatus.ORDERED, CaseStatus.EXAMINED, CaseStatus.REMOVED}),
    CaseStatus.ORDERED: frozenset({CaseStatus.EXAMINED, CaseStatus.REMOVED}),
    CaseStatus.EXAMINED: frozenset(),
    CaseStatus.REMOVED: frozenset(),
}
"""What may follow what; the database guards it again."""

CLOSED: Final = frozenset({CaseStatus.EXAMINED, CaseStatus.REMOVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One missed examination of one device, and how far it has escalated."""

    serial: str
    number: int
    """1 for the first of this device."""
    licence: str
    zip_code: str
    rulebook: str
    ground: Ground
    status: CaseStatus
    noticed_on: date
    due_on: date
    """By when the step in hand has to be answered."""
    approached_on: date | None = None
    approached_how: str = ""
    """``in person`` or ``in writing``."""
    closed_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything is still expected of anybody."""
        return self.status not in CLOSED


class Approach(StrEnum):
    """How the licensee was approached a second time; personal contact is preferred."""

    IN_PERSON = "in person"
    IN_WRITING = "in writing"


class NoticeKind(StrEnum):
    """What a licensee is told in this room."""

    EXAMINATION_AHEAD = "examination ahead"
    EXAMINATION_DUE = "examination due"
    SECOND_APPROACH = "second approach"
    AUDIT_OVERDUE = "audit overdue"
    REMOVAL = "removal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a licensee was told, on which day, about which date."""

    serial: str
    licence: str
    kind: NoticeKind
    given_on: date
    due_on: date
    clause: str
    text: str

    def as_json(self) -> dict[str, object]:
        """For programs and forms."""
        return {
            "serial": self.serial,
            "licence": self.licence,
            "kind": self.kind.value,
            "given_on": self.given_on.isoformat(),
            "due_on": self.due_on.isoformat(),
            "clause": self.clause,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MailerProfile:
    """What a maker knows of a mailer's volume and risk (39 CFR 501.25(a); 60 FR 30714, I.B)."""

    licence: str
    yearly_postage_mills: int
    """Metered postage of a year."""
    industry_code: str = ""
    """Standard Industrial Classification, or another code; empty where unknown."""
    high_risk: bool = False
    """By the maker's own records or by industry."""
    source: str = ""
    """Where the maker has it from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The copy of an inspector's receipt for a device withdrawn for tests (DMM P030.2.7)."""

    receipt: str
    serial: str
    licence: str
    inspector: str
    withdrawn_on: date
    reason: str
    ascending_mills: int
    descending_mills: int
    fraud_suspected: bool
    """Then its postage stays with it until the matter is decided."""
    replacement_wanted: bool
    replacement: str = ""
    """The serial of the device that the licensee got instead."""
    moved_mills: int = 0
    """Postage that goes over to the replacement."""
