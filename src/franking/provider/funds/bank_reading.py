"""What a file of the lockbox bank tells the provider: read whole, judged whole. Pure.

Beyond what a format checks of itself, a file is refused that is for somebody else, of another bank,
of a day that is no banking day or too far ahead, or that tells an item twice. Refuses to know
accounts and postings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from franking.bank_files import bai2_records as bai2
from franking.bank_files.bai2 import Account, Bai2File, Group, Transaction, read_bai2
from franking.bank_files.faults import BankFileFaulty, Fault
from franking.bank_files.lockbox import LockboxFile, LockboxItem, read_lockbox
from franking.bank_files.nacha import Change, Entry, NachaFile, Return, read_nacha
from franking.bank_files.parties import Format, format_of
from franking.ledger.records import AMOUNT_MILLS_MAX
from franking.money import MILLS_PER_CENT, format_dollars
from franking.provider.funds.bank_records import (
    BankChange,
    BankDeposit,
    BankItem,
    BankMadeGood,
    BankRefund,
    BankReturn,
    BankTransfer,
    FileKind,
    Statement,
)
from franking.provider.funds.records import CARDS, Method
from franking.rules.calendars import BANKING

FINAL: Final = "4"
"""The as-of modifier of a BAI2 report on a day that is closed."""
_DEPOSIT_CODES: Final[Mapping[str, Method]] = MappingProxyType(
    {
        bai2.INCOMING_WIRE: Method.WIRE,
        bai2.CARD_SETTLEMENT: Method.CREDIT_CARD,
    }
)
_CARDS: Final = {each.value: each for each in CARDS}
_REASON: Final = re.compile(r"R\d\d", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Who the provider is to its bank: what a file for it must say."""

    provider_id: str
    bank: str = ""
    """The bank's routing number; empty where none is agreed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankTold:
    """All that a file tells."""

    kind: FileKind | None
    day: date | None
    items: tuple[BankItem, ...]
    faults: tuple[Fault, ...] = ()
    statement: Statement | None = None

    @property
    def deposits(self) -> list[BankDeposit]:
        """The payments among the items."""
        return [each for each in self.items if isinstance(each, BankDeposit)]


def read_bank_file(data: bytes, expected: Expected, today: date) -> BankTold:
    """What the file tells, or every fault of it; with a fault it tells nothing."""
    found = format_of(data)
    if found is None:
        unknown = Fault(1, "FORMAT", "it is no NACHA, BAI2 or lockbox file")
        return BankTold(kind=None, day=None, items=(), faults=(unknown,))
    kind, read = _READING[found]
    try:
        told = read(data, expected)
    except BankFileFaulty as faulty:
        return BankTold(kind=kind, day=None, items=(), faults=faulty.faults)
    faults = (*told.faults, *_day_faults(told.day, today), *_twice(told), *_too_great(told))
    if faults:
        return BankTold(kind=told.kind, day=told.day, items=(), faults=faults)
    return told


def _day_faults(day: date | None, today: date) -> Iterator[Fault]:
    if day is None:
        yield Fault(0, "DAY", "it is of no day, or of several")
    elif not BANKING.is_business_day(day):
        yield Fault(0, "NO_BANKING_DAY", f"{day} is no banking day")
    elif day > BANKING.add(today, 1):
        yield Fault(0, "DAY_AHEAD", f"{day} is still to come")


def _twice(told: BankTold) -> Iterator[Fault]:
    named = Counter((type(each).__name__, each.reference) for each in told.items)
    for (_, reference), times in named.items():
        if times > 1 or not reference:
            detail = f"item {reference!r} is told {times} times"
            yield Fault(0, "REFERENCE", detail if reference else "an item has no reference")


def _too_great(told: BankTold) -> Iterator[Fault]:
    for each in told.items:
        if not isinstance(each, BankChange) and each.amount_mills > AMOUNT_MILLS_MAX:
            detail = f"item {each.reference!r} is of {format_dollars(each.amount_mills)}"
            yield Fault(0, "AMOUNT", f"{detail}: nobody moves so much at once")


def _party_faults(expected: Expected, *, to: str, bank: str) -> tuple[Fault, ...]:
    faults = []
    if to.strip() != expected.provider_id:
        faults.append(Fault(1, "RECIPIENT", f"it is for {to.strip()!r}, not for us"))
    if expected.bank and bank.strip() != expected.bank:
        faults.append(Fault(1, "SENDER", f"it is of {bank.strip()!r}, not of our bank"))
    return tuple(faults)


def _one_day(days: set[date]) -> date | None:
    return days.pop() if len(days) == 1 else None


# Checks and cash ---------------------------------------------------------------------------------


def _read_lockbox(data: bytes, expected: Expected) -> BankTold:
    file: LockboxFile = read_lockbox(data)
    items = [
        _check(item) for box in file.lockboxes for batch in box.batches for item in batch.items
    ]
    return BankTold(
        kind=FileKind.LOCKBOX,
        day=_one_day({box.deposited_on for box in file.lockboxes}),
        items=tuple(items),
        faults=_party_faults(expected, to=file.destination, bank=file.origin),
    )


def _check(item: LockboxItem) -> BankDeposit:
    return BankDeposit(
        method=Method.CASH if item.is_cash else Method.CHECK,
        account=item.account,
        amount_mills=item.amount_cents * MILLS_PER_CENT,
        reference=item.reference,
        received_on=item.received_on,
        payer=item.remarks,
    )


# ACH ---------------------------------------------------------------------------------------------


def _read_nacha(data: bytes, expected: Expected) -> BankTold:
    file: NachaFile = read_nacha(data)
    day = _one_day({batch.effective_on for batch in file.batches})
    live = [entry for batch in file.batches for entry in batch.entries if not entry.code.is_prenote]
    return BankTold(
        kind=FileKind.ACH,
        day=day,
        items=tuple(_ach(entry, day or file.created_at.date()) for entry in live),
        faults=_party_faults(expected, to=file.destination, bank=file.origin),
    )


def _ach(entry: Entry, day: date) -> BankItem:
    mills = entry.amount_cents * MILLS_PER_CENT
    match entry.addenda:
        case Return() as told:
            return BankReturn(
                reference=told.original_trace,
                account=entry.individual_id,
                amount_mills=mills,
                reason=told.reason,
                on=day,
            )
        case Change() as told:
            return BankChange(
                reference=told.original_trace,
                account=entry.individual_id,
                reason=told.reason,
                corrected=told.corrected,
            )
    return BankDeposit(
        method=Method.ACH_DEBIT if entry.code.is_debit else Method.ACH_CREDIT,
        account=entry.individual_id,
        amount_mills=mills,
        reference=entry.trace,
        received_on=day,
        payer=entry.name,
    )


# BAI2 --------------------------------------------------------------------------------------------


def _read_bai2(data: bytes, expected: Expected) -> BankTold:
    file: Bai2File = read_bai2(data)
    group, account, faults = _only_account(file)
    if group is None or account is None:
        return BankTold(kind=FileKind.TRANSFERS, day=None, items=(), faults=faults)
    faults = (*faults, *_party_faults(expected, to=file.receiver, bank=file.sender))
    if group.as_of_modifier == FINAL:
        statement, wrong = _statement(account)
        kind, faults = FileKind.STATEMENT, (*faults, *wrong)
        return BankTold(kind=kind, day=group.as_of, items=(), faults=faults, statement=statement)
    items, unknown = _movements(account, group.as_of)
    return BankTold(
        kind=FileKind.TRANSFERS, day=group.as_of, items=items, faults=(*faults, *unknown)
    )


def _only_account(file: Bai2File) -> tuple[Group | None, Account | None, tuple[Fault, ...]]:
    accounts = [(group, account) for group in file.groups for account in group.accounts]
    if len(accounts) != 1:
        return None, None, (Fault(0, "ACCOUNTS", f"it reports on {len(accounts)} accounts"),)
    group, account = accounts[0]
    if group.status.value != "1":
        return group, account, (Fault(2, "GROUP_STATUS", f"a group of status {group.status}"),)
    return group, account, ()


def _statement(account: Account) -> tuple[Statement, tuple[Fault, ...]]:
    """The balances of a closed day, which must follow from its movements."""
    codes = (bai2.OPENING_LEDGER, bai2.CLOSING_LEDGER, bai2.TOTAL_CREDITS, bai2.TOTAL_DEBITS)
    opening, closing, credits, debits = ((account.summary(code) or 0) for code in codes)
    moved = [each.signed_cents for each in account.transactions]
    told = {
        "total credits": (credits, sum(each for each in moved if each > 0)),
        "total debits": (debits, -sum(each for each in moved if each < 0)),
        "closing balance": (closing, opening + sum(moved)),
    }
    faults = [
        Fault(0, "TOTAL", f"{what} of {said} cents, but {held} follow from the movements")
        for what, (said, held) in told.items()
        if said != held
    ]
    statement = Statement(
        opening_mills=opening * MILLS_PER_CENT,
        closing_mills=closing * MILLS_PER_CENT,
        credits_mills=credits * MILLS_PER_CENT,
        debits_mills=debits * MILLS_PER_CENT,
    )
    return statement, tuple(faults)


def _movements(account: Account, day: date) -> tuple[tuple[BankItem, ...], tuple[Fault, ...]]:
    items: list[BankItem] = []
    faults: list[Fault] = []
    for one in account.transactions:
        made = _MOVEMENTS.get(one.code)
        if made is None:
            faults.append(Fault(0, "TYPE_CODE", f"nobody here posts type code {one.code}"))
        elif not one.amount_cents:
            faults.append(Fault(0, "AMOUNT", f"{one.bank_reference}: a movement of no money"))
        else:
            items.append(made(one, day))
    return tuple(items), tuple(faults)


def _wire(one: Transaction, day: date) -> BankItem:
    return BankDeposit(
        method=_CARDS.get(one.text, _DEPOSIT_CODES[one.code]),
        account=one.customer_reference,
        amount_mills=one.amount_cents * MILLS_PER_CENT,
        reference=one.bank_reference,
        received_on=day,
    )


def _came_back(one: Transaction, day: date) -> BankItem:
    reason = _REASON.match(one.text)
    return BankReturn(
        reference=one.bank_reference,
        account=one.customer_reference,
        amount_mills=one.amount_cents * MILLS_PER_CENT,
        reason=reason[0] if reason else one.text,
        on=day,
    )


def _made_good(one: Transaction, day: date) -> BankItem:
    return BankMadeGood(
        reference=one.bank_reference,
        account=one.customer_reference,
        amount_mills=one.amount_cents * MILLS_PER_CENT,
        on=day,
    )


def _paid_back(one: Transaction, day: date) -> BankItem:
    return BankRefund(
        case=one.text,
        account=one.customer_reference,
        amount_mills=one.amount_cents * MILLS_PER_CENT,
        reference=one.bank_reference,
        on=day,
    )


def _moved(one: Transaction, day: date) -> BankItem:
    mills = one.amount_cents * MILLS_PER_CENT
    return BankTransfer(reference=one.bank_reference, amount_mills=mills, on=day)


_MOVEMENTS: Final[Mapping[str, Callable[[Transaction, date], BankItem]]] = {
    bai2.INCOMING_WIRE: _wire,
    bai2.CARD_SETTLEMENT: _wire,
    bai2.ITEM_RETURNED: _came_back,
    bai2.RETURN_ITEM_PAID: _made_good,
    bai2.ACH_RETURN_PAID: _made_good,
    bai2.ACH_REFUND_PAID: _paid_back,
    bai2.OUTGOING_WIRE: _moved,
}
_READING: Final[Mapping[Format, tuple[FileKind, Callable[[bytes, Expected], BankTold]]]] = {
    Format.LOCKBOX: (FileKind.LOCKBOX, _read_lockbox),
    Format.NACHA: (FileKind.ACH, _read_nacha),
    Format.BAI2: (FileKind.TRANSFERS, _read_bai2),
}
