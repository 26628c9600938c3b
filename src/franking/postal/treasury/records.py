"""What the treasury holds: lockboxes, what banks and providers told, and what does not agree.

Frozen; every record carries its provider's name. Amounts are mills, dates postal, instants UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from franking.identifiers import record_id

TRANSFER = "lockbox transfer"
DECIDE_LOCKBOX = "lockbox approval"
ANSWER_DIFFERENCE = "difference to settle"
REFUND_BALANCE = "account balance refund"
"""The names of this room's duties about money in the docket."""


def treasury_record(provider: str) -> str:
    """The record whose lock lets one person at a time decide about a provider's money."""
    return record_id("treasury", provider)


class LockboxStatus(StrEnum):
    """Where a lockbox account stands (39 CFR 501.28(e)(1), 1995)."""

    OFFERED = "offered"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """The approval was taken back, or another bank took its place."""


LOCKBOX_TRANSITIONS: Final[dict[LockboxStatus, frozenset[LockboxStatus]]] = {
    LockboxStatus.OFFERED: frozenset({LockboxStatus.APPROVED, LockboxStatus.REFUSED}),
    LockboxStatus.APPROVED: frozenset({LockboxStatus.WITHDRAWN}),
    LockboxStatus.REFUSED: frozenset({LockboxStatus.OFFERED}),
    LockboxStatus.WITHDRAWN: frozenset({LockboxStatus.OFFERED}),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A lockbox bank's times with one provider, and whom to ask (501.28(e)(2), (4), (6))."""

    timezone: str
    """Of the bank, as the tz database names it: 10 a.m. is its local time."""
    cutoff_time: str
    transmission_time: str
    post_office_box: str
    toll_free: str
    representative: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockbox:
    """An account of the Postal Service at a bank, through which one provider's licensees pay."""

    provider: str
    bank: str
    routing: str
    account: str
    title: str
    offered_on: date
    status: LockboxStatus = LockboxStatus.OFFERED
    approval: str = ""
    decided_by: str = ""
    decided_on: date | None = None
    because: str = ""
    timezone: str = ""
    cutoff_time: str = ""
    transmission_time: str = ""
    post_office_box: str = ""
    toll_free: str = ""
    representative: str = ""
    agreed_on: date | None = None

    @property
    def name(self) -> str:
        """What names the account at its bank."""
        return f"{self.routing}/{self.account}"


class ReportStatus(StrEnum):
    """Whether a bank's file was taken."""

    TAKEN = "taken"
    SET_ASIDE = "set aside"
    """Whole: nothing of it was booked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReport:
    """A file of a lockbox bank, and what became of it."""

    digest: str
    """SHA-256 of the file, in hex: the same file is taken once."""
    name: str
    status: ReportStatus
    taken_at: datetime
    lines: int = 0
    """How many movements it told."""
    because: str = ""
    """Why it was set aside: every fault with its line."""


class Flow(StrEnum):
    """What moved a lockbox account, by the bank's statement."""

    DEPOSIT = "deposit"
    RETURNED = "returned item"
    PAID = "returned item paid"
    REFUNDED = "balance refunded"
    TRANSFER = "transfer"
    OTHER = "other"
    """A type code that nobody agreed on: it is booked, and listed as a difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """One movement of a lockbox account, as the bank told it."""

    lockbox: str
    """Its name: routing and account number."""
    provider: str
    day: date
    """The bank's day that it belongs to."""
    flow: Flow
    amount_mills: int
    """Above zero for what came in."""
    reference: str
    file: str
    """The digest of the file."""
    told_at: datetime
    """As of when the bank said it."""
    words: str = ""


class WatchStatus(StrEnum):
    """Whether the previous day's amounts were moved by 10 a.m. (39 CFR 501.28(e)(4), 1995)."""

    IN_TIME = "in time"
    ALARM = "alarm"
    """At 10 a.m. local time they were not, or nobody had said what they were."""
    LATE = "moved late"


WATCH_TRANSITIONS: Final[dict[WatchStatus, frozenset[WatchStatus]]] = {
    WatchStatus.IN_TIME: frozenset(),
    WatchStatus.ALARM: frozenset({WatchStatus.IN_TIME, WatchStatus.LATE}),
    WatchStatus.LATE: frozenset(),
}
"""What may follow what: a bank's late word can show that it had moved the amounts in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What was seen at 10 a.m. of one banking day at one lockbox."""

    lockbox: str
    provider: str
    banking_day: date
    of_day: date
    """The banking day before, whose amounts are payable."""
    deadline: datetime
    payable_mills: int
    """Of all days up to ``of_day``, not moved before."""
    moved_mills: int
    """Of it, moved by the deadline."""
    status: WatchStatus
    because: str
    seen_at: datetime
    settled_at: datetime | None = None

    @property
    def short_mills(self) -> int:
        """What was missing at the deadline."""
        return max(0, self.payable_mills - self.moved_mills)


class DifferenceStatus(StrEnum):
    """What became of a difference; none goes away by itself."""

    OPEN = "open"
    ANSWERED = "answered"
    """The provider explained it."""
    SETTLED = "settled"


DIFFERENCE_TRANSITIONS: Final[dict[DifferenceStatus, frozenset[DifferenceStatus]]] = {
    DifferenceStatus.OPEN: frozenset({DifferenceStatus.ANSWERED, DifferenceStatus.SETTLED}),
    DifferenceStatus.ANSWERED: frozenset({DifferenceStatus.SETTLED}),
    DifferenceStatus.SETTLED: frozenset(),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something in which provider, bank and the treasury's own books do not agree."""

    provider: str
    day: date
    what: str
    """What is compared: ``deposits``, ``balance of device``, …; with the day, it names it."""
    ours_mills: int
    """By the bank, or the treasury's own books."""
    theirs_mills: int
    """By the provider's report."""
    words: str
    found_on: date
    number: int = 0
    status: DifferenceStatus = DifferenceStatus.OPEN
    answer: str = ""
    settled_by: str = ""
    settled_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositStatement:
    """What a provider has on deposit of its own, after one change of it (501.28(b)(5))."""

    provider: str
    number: int
    change_mills: int
    balance_mills: int
    because: str
    booked_on: date
    booked_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgment:
    """A signed Acknowledgment of Deposit, as it reached its addressee (501.28(b)(2))."""

    provider: str
    account: str
    licence: str
    licensee: str
    zip_code: str
    rulebook: str
    signed_by: str
    signed_on: date
    addressee: str
    wording_digest: str
    received_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRefund:
    """A balance asked back, and whether the bank paid it in its 48 hours (501.28(f))."""

    provider: str
    account: str
    licence: str
    licensee: str
    amount_mills: int
    requested_at: datetime
    due_at: datetime
    paid_at: datetime | None = None
    late: bool = False
    """Paid after its hours: reported, not punished ("intended")."""
