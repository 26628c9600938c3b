"""Duties as the rules give them, and obligations as the books hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from franking.rules import Subject


class ObligationStatus(StrEnum):
    """What became of an obligation."""

    OPEN = "open"
    SATISFIED = "satisfied"
    SATISFIED_LATE = "satisfied late"
    MISSED = "missed"
    """Past due when the docket was swept; its consequence was applied. It can still be done."""
    CANCELLED = "cancelled"


TRANSITIONS: Final[dict[ObligationStatus, frozenset[ObligationStatus]]] = {
    ObligationStatus.OPEN: frozenset(ObligationStatus) - {ObligationStatus.OPEN},
    ObligationStatus.MISSED: frozenset(
        {ObligationStatus.SATISFIED_LATE, ObligationStatus.CANCELLED}
    ),
    ObligationStatus.SATISFIED: frozenset(),
    ObligationStatus.SATISFIED_LATE: frozenset(),
    ObligationStatus.CANCELLED: frozenset(),
}
"""What may follow what; the database guards it again."""

OUTSTANDING: Final = (ObligationStatus.OPEN, ObligationStatus.MISSED)
"""What somebody still has to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Where one rulebook gives the term of a duty: a parameter counted from a date."""

    subject: Subject
    parameter: str
    clause: str = ""
    """The clause of the duty, where it is not the clause of the parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A kind of obligation, as ``duties/<room>.yaml`` gives it."""

    name: str
    room: str
    title: str
    """What is to be done, in the imperative."""
    owed_by: str
    """Who owes it, in general: provider, licensee, post office, Postal Service."""
    about: str
    """The kind of record it is about, as in ``record_id``."""
    terms: Mapping[str, Term]
    """By rulebook; ``every`` stands for all of them."""
    warn_days: int = 0
    """How long before the due date it is shown as due soon."""
    consequence: str = ""
    """The name under which a room registered what happens when it is missed; empty: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One duty, owed by somebody about one record by a day."""

    record: str
    duty: str
    ordinal: int
    """Counts the obligations of this duty about this record, from 1."""
    owed_by: str
    """``provider``, ``licensee:KEY``, ``post office:ZIP``, ``provider:NAME`` in postal books."""
    rulebook: str
    clause: str
    start: date
    """The day from which the term runs."""
    due: date
    """The last day in time."""
    opened_at: datetime
    because: str
    status: ObligationStatus = ObligationStatus.OPEN
    missed_on: date | None = None
    """The postal date on which a sweep found it undone."""
    closed_on: date | None = None
    """The postal date on which it was done, or called off."""

    @property
    def id(self) -> str:
        """The name of this one obligation."""
        return f"{self.record}/{self.duty}/{self.ordinal}"

    @property
    def is_outstanding(self) -> bool:
        """Whether somebody still has to do it."""
        return self.status in OUTSTANDING

    def days_late(self, on: date) -> int:
        """How many days past due it was done, or is on ``on`` while undone."""
        return max(0, ((self.closed_on or on) - self.due).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What ``Docket.open_many`` opens: as the arguments of ``Docket.open``."""

    duty: str
    record: str
    owed_by: str
    rulebook: str
    start: date
    due: date | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocketEvent:
    """What happened to an obligation after it was opened."""

    record: str
    duty: str
    ordinal: int
    at: datetime
    event: str
    """The new status, or ``noted``."""
    because: str
    by: str = ""
    """Who noted it; who closed it stands in the journal."""
    cost_mills: int | None = None
    """What missing it cost, where an officer noted that."""
