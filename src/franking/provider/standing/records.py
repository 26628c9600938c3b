"""What the treasury told the provider: values, and what may follow what.

Dates postal, amounts in mills. Refuses to know why the treasury decided as it did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

ANSWER = "answer to the treasury"
"""The name of this room's duty in the docket."""


class HoldStatus(StrEnum):
    """Where a suspension of resetting stands (39 CFR 501.28(c), 501.12, 1995)."""

    NOTICED = "noticed"
    """In effect from its day on, unless a defense is sent before."""
    DEFENDED = "defended"
    """The defense waits to be decided; resetting goes on."""
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    LIFTED = "lifted"


HOLD_TRANSITIONS: Final[dict[HoldStatus, frozenset[HoldStatus]]] = {
    HoldStatus.NOTICED: frozenset(
        {HoldStatus.DEFENDED, HoldStatus.SUSPENDED, HoldStatus.REVOKED, HoldStatus.LIFTED}
    ),
    HoldStatus.DEFENDED: frozenset({HoldStatus.SUSPENDED, HoldStatus.REVOKED, HoldStatus.LIFTED}),
    HoldStatus.SUSPENDED: frozenset({HoldStatus.REVOKED, HoldStatus.LIFTED}),
    HoldStatus.REVOKED: frozenset({HoldStatus.LIFTED}),
    HoldStatus.LIFTED: frozenset(),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResettingHold:
    """A suspension or revocation of the authority to reset, as the treasury told it."""

    assessment: int
    status: HoldStatus
    deficiency: str
    clause: str
    since: date
    told_on: date
    ended_on: date | None = None

    def is_in_force(self, on: date) -> bool:
        """Whether it keeps resets from being granted on a day."""
        if self.status is HoldStatus.NOTICED:
            return on >= self.since
        return self.status in (HoldStatus.SUSPENDED, HoldStatus.REVOKED)


class LetterKind(StrEnum):
    """What the treasury wants to be answered, or wants known."""

    REPORT = "report wanted"
    COSTS = "costs wanted"
    TIMETABLE = "conversion timetable"
    INSPECTION = "inspection of records"
    ASSESSMENT = "assessment"
    DIFFERENCE = "difference"
    LOCKBOX = "lockbox decision"
    SUPPLIES = "deposit tickets and envelopes"


class LetterStatus(StrEnum):
    """Whether the treasury still waits."""

    OPEN = "open"
    ANSWERED = "answered"
    NOTED = "noted"
    """Nothing is to be answered."""


LETTER_TRANSITIONS: Final[dict[LetterStatus, frozenset[LetterStatus]]] = {
    LetterStatus.OPEN: frozenset({LetterStatus.ANSWERED}),
    LetterStatus.ANSWERED: frozenset(),
    LetterStatus.NOTED: frozenset(),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One thing that the treasury wrote."""

    kind: LetterKind
    reference: str
    """The treasury's number of it; with the kind, it names the letter."""
    content: str
    """The message's own words as JSON."""
    told_on: date
    status: LetterStatus
    due_on: date | None = None
    answered_on: date | None = None
    answer: str = ""

    @property
    def name(self) -> str:
        """What the docket calls it."""
        return f"{self.kind.value}/{self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockboxTerms:
    """The lockbox bank's times with this provider, and whom to ask (39 CFR 501.28(e), 1995)."""

    bank: str
    routing: str
    timezone: str
    cutoff_time: str
    transmission_time: str
    post_office_box: str
    toll_free: str
    representative: str
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplies:
    """Deposit tickets and envelopes that a licensee needs to pay by check."""

    account: str
    licensee: str
    address: str
    zip_code: str
    tickets: int
    envelopes: int
