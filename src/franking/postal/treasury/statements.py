"""What a bank's BAI2 report says of the Postal Service's lockbox accounts. Pure.

A report is taken whole or not at all: everything that is wrong with it is listed, not the first.
Refuses to know whether the provider booked the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from franking.bank_files.bai2 import Account, Bai2File, Group, GroupStatus, Transaction
from franking.bank_files.bai2_records import (
    ACH_ITEM_RETURNED,
    ACH_REFUND_PAID,
    ACH_RETURN_PAID,
    CLOSING_LEDGER,
    ITEM_RETURNED,
    MEANINGS,
    OPENING_LEDGER,
    OUTGOING_WIRE,
    RETURN_ITEM_PAID,
)
from franking.postal.treasury.records import Amount, Flow, Lockbox, LockboxStatus
from franking.rules.calendars import BANKING

MILLS_PER_CENT: Final = 10
_FLOWS: Final[Mapping[str, Flow]] = {
    RETURN_ITEM_PAID: Flow.PAID,
    ACH_RETURN_PAID: Flow.PAID,
    ITEM_RETURNED: Flow.RETURNED,
    ACH_ITEM_RETURNED: Flow.RETURNED,
    ACH_REFUND_PAID: Flow.REFUNDED,
    OUTGOING_WIRE: Flow.TRANSFER,
}
_REFUND: Final = "refund"
"""Stands in the text of a wire that pays a balance back to a licensee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One lockbox account in a report."""

    lockbox: Lockbox
    day: date
    file: str
    """The digest of the report."""
    told_at: datetime
    opening_mills: int | None
    """``None`` of a day under way."""
    closing_mills: int | None
    amounts: tuple[Amount, ...]

    @property
    def is_closed(self) -> bool:
        """Whether it tells the whole of its day."""
        return self.closing_mills is not None


def read_statements(
    report: Bai2File, ours: Sequence[Lockbox], *, file: str, now: datetime
) -> tuple[list[Statement], list[str]]:
    """The accounts of a report, and everything for which it has to be set aside."""
    found: list[Statement] = []
    faults: list[str] = []
    for group in report.groups:
        faults += _faults_of_group(group, now)
        for account in group.accounts:
            lockbox = _lockbox_of(account, group, ours)
            if lockbox is None:
                faults.append(f"account {account.number} is no lockbox account of ours")
                continue
            faults += _faults_of_account(account, lockbox)
            told_at = _told_at(report, group, lockbox, now)
            found.append(_statement(account, group, lockbox, file, told_at))
    if not found and not faults:
        faults.append("it tells of no account")
    seen = Counter((each.lockbox.name, each.day) for each in found)
    faults += [f"{name} stands twice for {day}" for (name, day), often in seen.items() if often > 1]
    return found, faults


def flow_of(transaction: Transaction) -> Flow:
    """What a movement was, by its type code."""
    if transaction.code == OUTGOING_WIRE and _REFUND in transaction.text.casefold():
        return Flow.REFUNDED
    if transaction.code in _FLOWS:
        return _FLOWS[transaction.code]
    known = transaction.is_credit and transaction.code in MEANINGS
    return Flow.DEPOSIT if known else Flow.OTHER


def not_told_yet(statement: Statement, known: Sequence[Amount]) -> tuple[Amount, ...]:
    """The movements that no earlier report of the day told.

    A report of a day under way is repeated, movement by movement, by that of the closed day.
    """
    before = Counter(map(_same, known))
    fresh = []
    for each in statement.amounts:
        if before[_same(each)]:
            before[_same(each)] -= 1
        else:
            fresh.append(each)
    return tuple(fresh)


def taken_back(statement: Statement, known: Sequence[Amount]) -> tuple[Amount, ...]:
    """Movements that were told of the day while it was under way, and not at its close."""
    told = Counter(map(_same, statement.amounts))
    gone = []
    for each in known if statement.is_closed else ():
        if told[_same(each)]:
            told[_same(each)] -= 1
        else:
            gone.append(each)
    return tuple(gone)


def _same(amount: Amount) -> tuple[str, str, int]:
    return amount.flow.value, amount.reference, amount.amount_mills


def _faults_of_group(group: Group, now: datetime) -> Iterator[str]:
    if group.status is not GroupStatus.UPDATE:
        yield f"a group of {group.as_of} is no update but a {group.status.name.lower()}"
    if not BANKING.is_business_day(group.as_of):
        yield f"{group.as_of} is not a banking day"
    if group.as_of > now.date():
        yield f"{group.as_of} is still to come"


def _faults_of_account(account: Account, lockbox: Lockbox) -> Iterator[str]:
    if lockbox.status not in (LockboxStatus.APPROVED, LockboxStatus.WITHDRAWN):
        yield f"account {account.number} is {lockbox.status.value}, not approved"
    if account.currency not in ("", "USD"):
        yield f"account {account.number} is in {account.currency}"
    opening, closing = account.summary(OPENING_LEDGER), account.summary(CLOSING_LEDGER)
    if opening is None or closing is None:
        return
    moved = sum(each.signed_cents for each in account.transactions)
    if opening + moved != closing:
        yield (
            f"account {account.number} opens with {opening} cents, moves {moved}"
            f" and closes with {closing}"
        )


def _lockbox_of(account: Account, group: Group, ours: Sequence[Lockbox]) -> Lockbox | None:
    named = [each for each in ours if each.account == account.number]
    at_bank = [each for each in named if each.routing == group.originator]
    return next(iter(at_bank or named), None) if len(named) == 1 or at_bank else None


def _statement(
    account: Account, group: Group, lockbox: Lockbox, file: str, told_at: datetime
) -> Statement:
    opening, closing = account.summary(OPENING_LEDGER), account.summary(CLOSING_LEDGER)
    whole = opening is not None and closing is not None
    return Statement(
        lockbox=lockbox,
        day=group.as_of,
        file=file,
        told_at=told_at,
        opening_mills=opening * MILLS_PER_CENT if whole and opening is not None else None,
        closing_mills=closing * MILLS_PER_CENT if whole and closing is not None else None,
        amounts=tuple(
            Amount(
                lockbox=lockbox.name,
                provider=lockbox.provider,
                day=group.as_of,
                flow=flow_of(each),
                amount_mills=each.signed_cents * MILLS_PER_CENT,
                reference=each.bank_reference or each.customer_reference,
                file=file,
                told_at=told_at,
                words=each.text,
            )
            for each in account.transactions
            if each.amount_cents
        ),
    )


def _told_at(report: Bai2File, group: Group, lockbox: Lockbox, now: datetime) -> datetime:
    """As of when the bank speaks, by its own clock; never later than it was read."""
    place = ZoneInfo(lockbox.timezone) if lockbox.timezone else now.tzinfo
    said = datetime.combine(report.created_on, report.created_at, tzinfo=place)
    if group.as_of_time is not None:
        said = datetime.combine(group.as_of, group.as_of_time, tzinfo=place)
    return min(said, now).astimezone(UTC)
