"""Cases of refunds, their evidence, pieces and claims. Frozen; money in mills, dates postal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from franking.identifiers import record_id
from franking.refunds.records import (
    Basis,
    Decider,
    EvidenceKind,
    Item,
    Manner,
    Payout,
    Question,
    Reason,
    Requester,
    RouteKind,
    System,
    Thing,
    Withdrawal,
)

DECIDE: Final = "decide a request for a refund"
REPORT_CAUSE: Final = "report the cause of a faulty system"
APPEAL: Final = "appeal the provider's refund ruling"
"""The names of this room's duties in the docket."""

VALUE_ROUTES: Final = frozenset(
    {
        RouteKind.METER_VALUE,
        RouteKind.PC_VALUE,
        RouteKind.FAULTY_VALUE,
        RouteKind.DISASTER_VALUE,
    }
)
"""Refunds of what is left in a system, not of indicia."""


class CaseStatus(StrEnum):
    """Where a request for a refund stands."""

    FILED = "filed"
    AWAITING_CAUSE = "awaiting the report of the cause"
    """A faulty system: nothing is settled before the provider's report (9.3.1)."""
    FORWARDED = "with the Postal Service"
    GRANTED = "granted"
    """And not paid yet: the Postal Service issues a check."""
    PAID = "paid"
    DENIED = "denied"
    COLLECTED = "additional postage collected"


_S = CaseStatus
TRANSITIONS: Final[dict[CaseStatus, frozenset[CaseStatus]]] = {
    _S.FILED: frozenset({_S.FORWARDED, _S.PAID, _S.DENIED, _S.COLLECTED}),
    _S.AWAITING_CAUSE: frozenset({_S.FORWARDED}),
    _S.FORWARDED: frozenset({_S.GRANTED, _S.PAID, _S.DENIED}),
    _S.GRANTED: frozenset({_S.PAID}),
    # An appeal may be sustained.
    _S.DENIED: frozenset({_S.GRANTED, _S.PAID}),
    _S.PAID: frozenset(),
    _S.COLLECTED: frozenset(),
}
"""What may follow what; the database guards it again."""

ENDED: Final = frozenset({_S.PAID, _S.DENIED, _S.COLLECTED})
"""Steps at which nothing more is expected of the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request for a refund."""

    number: int
    route: RouteKind
    rulebook: str
    """By which it is judged, on ``filed_on``."""
    status: CaseStatus
    licence: str
    licensee: str
    zip_code: str
    device: str
    """The system whose value is asked for; empty for indicia."""
    device_rulebook: str
    system: System
    withdrawal: Withdrawal
    returned: bool
    legible: bool
    requester: Requester
    manner: Manner
    payout: Payout
    target: str
    """The system to which value is transferred; else empty."""
    filed_on: date
    filed_by: str
    asked_mills: int
    amount_mills: int = 0
    """As decided."""
    basis: Basis = Basis.EXACT
    cause: str = ""
    """The provider's report of the cause of a fault."""
    caused_by_user: bool = False
    decider: str = ""
    decided_by: str = ""
    decided_on: date | None = None
    because: str = ""
    clause: str = ""
    settled_on: date | None = None
    reference: str = ""
    """The number of the check."""

    @property
    def id(self) -> str:
        """By which people and messages name it."""
        return case_id(self.number)

    @property
    def record(self) -> str:
        """The name of its record."""
        return record_id("refund", self.id)

    @property
    def is_of_value(self) -> bool:
        """Whether it is about what is left in a system."""
        return self.route in VALUE_ROUTES

    @property
    def question(self) -> Question:
        """What the navigator is asked of it."""
        return Question(
            thing=Thing.VALUE if self.is_of_value else Thing.INDICIA,
            system=self.system,
            rulebook=self.device_rulebook,
            withdrawal=self.withdrawal,
            returned=self.returned,
            legible=self.legible,
            requester=self.requester,
            amount_mills=self.asked_mills,
        )


def case_id(number: int) -> str:
    """A case's number as it is written."""
    return f"R-{number:06d}"


def case_number(text: str) -> int | None:
    """The number in ``R-000001``; ``None`` where it is none."""
    digits = text.strip().upper().removeprefix("R-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEvidence:
    """One thing that came for a case."""

    kind: EvidenceKind
    document: str
    """What it is: the name of a file, or words."""
    digest: str
    """SHA-256 of the file in hex; empty for paper."""
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledItem:
    """An item of a case, and every reason against it on the day of filing."""

    ordinal: int
    item: Item
    reasons: tuple[Reason, ...]

    @property
    def is_eligible(self) -> bool:
        """Whether nothing spoke against it."""
        return not self.reasons

    @property
    def span(self) -> Span:
        """What it used up."""
        up_to = self.item.ascending_mills or 0
        return Span(
            device=self.item.device,
            above_mills=up_to - self.item.postage_mills,
            up_to_mills=up_to,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a piece used up of its device's ascending register: above one value, up to another."""

    device: str
    above_mills: int
    up_to_mills: int
    case: str = ""
    """By which it was refunded."""

    def shares(self, other: Span) -> bool:
        """Whether two pieces of one device claim the same value."""
        return (
            self.device == other.device
            and self.above_mills < other.up_to_mills
            and other.above_mills < self.up_to_mills
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What is asked for, by whom."""

    question: Question
    licence: str
    payout: Payout
    device: str = ""
    target: str = ""
    items: tuple[Item, ...] = ()
    manner: Manner | None = None
    """How it was submitted, where that is not the route's own manner."""
    evidence: tuple[HeldEvidence, ...] = ()
    """What came with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What was decided of a case, and by whom."""

    granted: bool
    amount_mills: int
    because: str
    clause: str
    decider: Decider
    decided_by: str
    decided_on: date


class EntryOutcome(StrEnum):
    """What became of an entry of a claim."""

    WAITING = "waiting"
    REIMBURSED = "reimbursed"
    REFUSED = "refused"


ENTRY_TRANSITIONS: Final[dict[EntryOutcome, frozenset[EntryOutcome]]] = {
    EntryOutcome.WAITING: frozenset({EntryOutcome.REIMBURSED, EntryOutcome.REFUSED}),
    EntryOutcome.REIMBURSED: frozenset(),
    EntryOutcome.REFUSED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedEntry:
    """One thing that the provider refunded on behalf of the Postal Service."""

    key: str
    """``piece:DEVICE:ASCENDING`` or ``value:DEVICE:CASE``: claimed once for ever."""
    claim: str
    case: str
    amount_mills: int
    paid_on: date
    outcome: EntryOutcome = EntryOutcome.WAITING
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One step in the history of a case."""

    at: str
    by: str
    event: str
    clause: str
    because: str
