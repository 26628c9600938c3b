"""What the treasury holds of its oversight: assessments, costs, the timetable, inspections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

ASSESS = "assessment of a resetting system"
CORRECT = "correction of findings"
DECIDE_SUSPENSION = "decision on suspended resetting"
DISCLOSE = "disclosure of costs"
CONVERT = "conversion step"
INSPECT = "inspection of records and facilities"
SUPPLY = "deposit tickets and envelopes"
"""The names of this room's duties of oversight in the docket."""


class AssessmentStatus(StrEnum):
    """Where an assessment, and what followed from it, stands (501.28(c), 501.12, 1995)."""

    CLEAN = "clean"
    FINDINGS = "findings"
    """To be corrected by a day; where a suspension is proposed, that is the notice of it."""
    CORRECTED = "corrected"
    """The provider says so."""
    NOTICED = "suspension noticed"
    DEFENDED = "suspension defended"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    CLOSED = "closed"


_A = AssessmentStatus
ASSESSMENT_TRANSITIONS: Final[dict[AssessmentStatus, frozenset[AssessmentStatus]]] = {
    _A.CLEAN: frozenset(),
    _A.FINDINGS: frozenset({_A.CORRECTED, _A.NOTICED, _A.CLOSED, _A.REVOKED}),
    _A.CORRECTED: frozenset({_A.FINDINGS, _A.NOTICED, _A.CLOSED, _A.REVOKED}),
    _A.NOTICED: frozenset({_A.DEFENDED, _A.SUSPENDED, _A.CLOSED}),
    _A.DEFENDED: frozenset({_A.SUSPENDED, _A.CLOSED}),
    _A.SUSPENDED: frozenset({_A.REVOKED, _A.CLOSED}),
    _A.REVOKED: frozenset({_A.CLOSED}),
    _A.CLOSED: frozenset(),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """An assessment of a resetting system's safeguards (1995), or an audit of it (1997)."""

    number: int
    provider: str
    what: str
    """``assessment`` or ``audit``."""
    assessed_on: date
    assessor: str
    findings: tuple[str, ...]
    status: AssessmentStatus
    answer_by: date | None = None
    suspension_proposed: bool = False
    correction: str = ""
    deficiency: str = ""
    """The serious operational deficiency for which resetting is suspended."""
    effective_on: date | None = None
    defense: str = ""
    because: str = ""
    """Why it was last moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRequest:
    """Expenses asked of a provider, what it said, and the review (60 FR 30714).

    A record only: no amount becomes payable by it; the term compensation is rejected.
    """

    number: int
    provider: str
    asked_on: date
    due_on: date
    resetting_mills: int | None = None
    conversion_mills: int | None = None
    told: str = ""
    told_on: date | None = None
    review: str = ""
    reviewed_by: str = ""
    reviewed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionStep:
    """One step of an edition of the timetable: the same day for every provider (60 FR 30714)."""

    edition: int
    step: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """A step that a provider did."""

    provider: str
    step: str
    done_on: date


class InspectionStatus(StrEnum):
    """Where an inspection of records or facilities stands (501.28(h), 1995)."""

    ANNOUNCED = "announced"
    PRODUCED = "records produced"
    DONE = "done"
    REFUSED = "access refused"


INSPECTION_TRANSITIONS: Final[dict[InspectionStatus, frozenset[InspectionStatus]]] = {
    InspectionStatus.ANNOUNCED: frozenset(
        {InspectionStatus.PRODUCED, InspectionStatus.DONE, InspectionStatus.REFUSED}
    ),
    InspectionStatus.PRODUCED: frozenset({InspectionStatus.DONE, InspectionStatus.REFUSED}),
    InspectionStatus.DONE: frozenset(),
    InspectionStatus.REFUSED: frozenset(),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsInspection:
    """Representatives of the Postal Service come to see facilities and records."""

    number: int
    provider: str
    representatives: tuple[str, ...]
    at: datetime
    facilities: tuple[str, ...]
    records: str
    since: date
    until: date
    announced_on: date
    status: InspectionStatus = InspectionStatus.ANNOUNCED
    digest: str = ""
    """SHA-256 of the file that was handed over."""
    entries: int = 0
    finding: str = ""
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppliesOrder:
    """Deposit tickets and envelopes for a licensee; the Postal Service pays (60 FR 30714)."""

    number: int
    provider: str
    account: str
    licensee: str
    address: str
    zip_code: str
    tickets: int
    envelopes: int
    wanted_on: date
    post_office_box: str = ""
    """Of the nearest lockbox location."""
    cost_mills: int = 0
    """Borne by the Postal Service: nobody is charged."""
    sent_on: date | None = None
