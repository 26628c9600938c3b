"""What the bank tells, in files: what happened to a lockbox account as LOCKBOX, NACHA and BAI2.

Pure: events and payments in, bytes out. Checks and cash go into the 80-column file, ACH entries
into a NACHA file, wires, cards, returned checks, collected items, refunds and transfers into a
BAI2 report of the day under way (as-of modifier 3); a closed day has a statement (modifier 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final

from franking.bank.records import (
    ACH,
    LOCKBOX,
    Event,
    EventKind,
    FileKind,
    Lockbox,
    Method,
    Payment,
)
from franking.bank_files import bai2_records as bai2
from franking.bank_files.bai2 import Account, Bai2File, Group, GroupStatus, Summary, Transaction
from franking.bank_files.bai2 import write_bai2 as write_bai2
from franking.bank_files.lockbox import Lockbox as LockboxDay
from franking.bank_files.lockbox import LockboxFile, LockboxItem, batched, write_lockbox
from franking.bank_files.nacha import (
    Batch,
    Change,
    Entry,
    EntryClass,
    NachaFile,
    Return,
    ServiceClass,
    TransactionCode,
    write_nacha,
)
from franking.bank_files.nacha import (
    Payment as PaymentAddenda,
)
from franking.bank_files.return_codes import meaning

INTERIM, FINAL = "3", "4"
"""As-of modifiers of BAI2: same-day data that is interim, and that is final."""
LOCKBOX_ITEMS_MAX: Final = 9999
_TOTAL_CENTS_MAX: Final[Mapping[FileKind, int]] = {
    FileKind.LOCKBOX: 10**10 - 1,
    FileKind.ACH: 10**12 - 1,
    FileKind.TRANSFERS: 10**17,
}
"""What the totals of each format have digits for."""
_MODIFIERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_RETURNS: Final = frozenset({EventKind.RETURNED, EventKind.CHANGED})
_CODES: Final[Mapping[tuple[EventKind, bool], str]] = {
    (EventKind.RETURNED, False): bai2.ITEM_RETURNED,
    (EventKind.RETURNED, True): bai2.ACH_ITEM_RETURNED,
    (EventKind.PAID, False): bai2.RETURN_ITEM_PAID,
    (EventKind.PAID, True): bai2.ACH_RETURN_PAID,
    (EventKind.REFUNDED, True): bai2.ACH_REFUND_PAID,
    (EventKind.TRANSFERRED, False): bai2.OUTGOING_WIRE,
}
_DESCRIPTIONS: Final[Mapping[EventKind, str]] = {
    EventKind.DEPOSIT: "POSTAGE",
    EventKind.RETURNED: "RETURN",
    EventKind.CHANGED: "CHANGE",
}
_DEPOSITS: Final[Mapping[Method, str]] = {
    Method.CHECK: bai2.LOCKBOX_DEPOSIT,
    Method.CASH: bai2.CASH_DEPOSITED,
    Method.WIRE: bai2.INCOMING_WIRE,
    Method.ACH_CREDIT: bai2.ACH_CREDIT_RECEIVED,
    Method.ACH_DEBIT: bai2.PREAUTHORIZED_ACH_CREDIT,
    Method.DEBIT_CARD: bai2.CARD_SETTLEMENT,
    Method.CREDIT_CARD: bai2.CARD_SETTLEMENT,
    Method.CHECK_CARD: bai2.CARD_SETTLEMENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What every file of a lockbox needs to know."""

    lockbox: Lockbox
    payments: Mapping[int, Payment]
    now: datetime
    number: int
    """Of the file, among all of the bank's."""

    @property
    def created_at(self) -> datetime:
        """The bank's clock, without its offset."""
        return self.now.replace(tzinfo=None, second=0, microsecond=0)


def format_of(event: Event) -> FileKind:
    """In which file an event is told."""
    method = Method(event.method) if event.method else None
    if event.kind is EventKind.DEPOSIT and method in LOCKBOX:
        return FileKind.LOCKBOX
    if method in ACH and event.kind in (EventKind.DEPOSIT, EventKind.RETURNED, EventKind.CHANGED):
        return FileKind.ACH
    return FileKind.TRANSFERS


def write_file(kind: FileKind, making: Making, day: date, events: Sequence[Event]) -> bytes:
    """The file of this kind that tells the events, which are of one banking day.

    Raises:
        Refused: ``BANK_FILE_UNWRITABLE``.
    """
    if kind is FileKind.LOCKBOX:
        return write_lockbox(_lockbox_file(making, day, events))
    if kind is FileKind.ACH:
        return write_nacha(_ach_file(making, day, events))
    return write_bai2(_report(making, day, events))


# The 80-column file ------------------------------------------------------------------------------


def _lockbox_file(making: Making, day: date, events: Sequence[Event]) -> LockboxFile:
    items = [_item(making, each) for each in events]
    return LockboxFile(
        destination=making.lockbox.provider_id,
        origin=making.lockbox.bank,
        created_at=making.created_at,
        reference=f"{making.number:010d}",
        lockboxes=(
            LockboxDay(number=making.lockbox.number, deposited_on=day, batches=batched(items)),
        ),
    )


def _item(making: Making, event: Event) -> LockboxItem:
    payment = making.payments[event.payment or 0]
    cash = payment.method is Method.CASH
    return LockboxItem(
        amount_cents=event.amount_cents,
        account=event.account,
        routing_number="" if cash else payment.payer.routing_number,
        check_account="" if cash else payment.payer.account,
        check_number="" if cash else payment.payer.check_number,
        received_on=day_of(payment, making.now),
        reference=event.reference,
        remarks=payment.payer.name.strip(),
    )


def day_of(payment: Payment, now: datetime) -> date:
    """The day on which a payment came, on the clock of the place of ``now``."""
    return datetime.fromisoformat(payment.received_at).astimezone(now.tzinfo).date()


# The NACHA file ----------------------------------------------------------------------------------


def _ach_file(making: Making, day: date, events: Sequence[Event]) -> NachaFile:
    def key(event: Event) -> tuple[str, str, str, str]:
        payment = making.payments[event.payment or 0]
        return event.kind.value, event.method, payment.entry_class, event.reference[:8]

    alike = groupby(sorted(events, key=key), key=key)
    return NachaFile(
        destination=making.lockbox.provider_id,
        origin=f" {making.lockbox.bank}",
        created_at=making.created_at,
        modifier=_MODIFIERS[making.number % len(_MODIFIERS)],
        destination_name=making.lockbox.provider,
        origin_name="LOCKBOX BANK",
        batches=tuple(
            _batch(making, day, number, list(group)) for number, (_, group) in enumerate(alike, 1)
        ),
    )


def _batch(making: Making, day: date, number: int, events: Sequence[Event]) -> Batch:
    first, box = events[0], making.lockbox
    changed = first.kind is EventKind.CHANGED
    debits = first.method == Method.ACH_DEBIT
    kept = EntryClass(making.payments[first.payment or 0].entry_class)
    entries = sorted((_entry(making, each) for each in events), key=lambda each: each.trace)
    return Batch(
        service=ServiceClass.DEBITS if debits else ServiceClass.CREDITS,
        entry_class=EntryClass.COR if changed else kept,
        company=box.provider,
        company_id=box.provider_id,
        description=_DESCRIPTIONS[first.kind],
        effective_on=day,
        # Returns and changes bear traces of this bank's own, deposits the original ones.
        bank=box.bank[:8] if first.kind in _RETURNS else first.reference[:8],
        number=number,
        entries=tuple(entries),
    )


def _entry(making: Making, event: Event) -> Entry:
    payment = making.payments[event.payment or 0]
    is_debit = payment.method is Method.ACH_DEBIT
    code = TransactionCode.CHECKING_DEBIT if is_debit else TransactionCode.CHECKING_CREDIT
    box, payer = making.lockbox, payment.payer
    told = event.kind in _RETURNS
    return Entry(
        code=code.returned if told else code,
        bank=payer.routing_number[:8] if is_debit else box.bank[:8],
        account=payer.account if is_debit else box.account,
        amount_cents=event.amount_cents,
        individual_id=event.account,
        name=payer.name,
        trace=f"{box.bank[:8]}{event.number % 10**7:07d}" if told else event.reference,
        addenda=_addenda(event, payment),
    )


def _addenda(event: Event, payment: Payment) -> PaymentAddenda | Return | Change | None:
    bank = payment.payer.routing_number[:8]
    if event.kind is EventKind.RETURNED:
        return Return(reason=event.reason, original_trace=event.reference, original_bank=bank)
    if event.kind is EventKind.CHANGED:
        return Change(
            reason=event.reason,
            original_trace=event.reference,
            original_bank=bank,
            corrected=event.detail,
        )
    return None


# BAI2 reports ------------------------------------------------------------------------------------


def _report(making: Making, day: date, events: Sequence[Event]) -> Bai2File:
    transactions = tuple(_transaction(each) for each in events)
    return _bai2(making, day, INTERIM, (), transactions, making.lockbox.provider_id)


def write_statement(
    making: Making, day: date, events: Sequence[Event], *, opening_cents: int, recipient: str
) -> bytes:
    """The statement of a closed day: balances, totals, and everything that happened.

    Raises:
        Refused: ``BANK_FILE_UNWRITABLE``.
    """
    moved = [each for each in events if each.signed_cents]
    summaries = _summaries(moved, opening_cents)
    transactions = tuple(_transaction(each) for each in moved)
    return write_bai2(_bai2(making, day, FINAL, summaries, transactions, recipient))


def write_report(making: Making, day: date, events: Sequence[Event], *, recipient: str) -> bytes:
    """What happened on a day under way, for somebody other than the provider.

    Raises:
        Refused: ``BANK_FILE_UNWRITABLE``.
    """
    transactions = tuple(_transaction(each) for each in events)
    return write_bai2(_bai2(making, day, INTERIM, (), transactions, recipient))


def _bai2(
    making: Making,
    day: date,
    modifier: str,
    summaries: tuple[Summary, ...],
    transactions: tuple[Transaction, ...],
    recipient: str,
) -> Bai2File:
    box = making.lockbox
    account = Account(number=box.account, summaries=summaries, transactions=transactions)
    group = Group(
        receiver=recipient,
        originator=box.bank,
        status=GroupStatus.UPDATE,
        as_of=day,
        as_of_time=None,
        accounts=(account,),
        as_of_modifier=modifier,
    )
    return Bai2File(
        sender=box.bank,
        receiver=recipient,
        created_on=making.created_at.date(),
        created_at=making.created_at.time(),
        file_id=str(making.number),
        groups=(group,),
    )


def _summaries(events: Iterable[Event], opening_cents: int) -> tuple[Summary, ...]:
    credits = [each for each in events if each.signed_cents > 0]
    debits = [each for each in events if each.signed_cents < 0]
    boxed = [each for each in credits if format_of(each) is FileKind.LOCKBOX]
    closing = opening_cents + _sum(credits) - _sum(debits)
    return (
        Summary(code=bai2.OPENING_LEDGER, amount_cents=opening_cents),
        Summary(code=bai2.CLOSING_LEDGER, amount_cents=closing),
        Summary(code=bai2.TOTAL_CREDITS, amount_cents=_sum(credits), items=len(credits)),
        Summary(code=bai2.TOTAL_LOCKBOX, amount_cents=_sum(boxed), items=len(boxed)),
        Summary(code=bai2.TOTAL_DEBITS, amount_cents=_sum(debits), items=len(debits)),
    )


def _sum(events: Iterable[Event]) -> int:
    return sum(each.amount_cents for each in events)


def _transaction(event: Event) -> Transaction:
    return Transaction(
        code=code_of(event),
        amount_cents=event.amount_cents,
        bank_reference=event.reference,
        customer_reference=event.account,
        text=_text(event),
    )


def code_of(event: Event) -> str:
    """The BAI2 type code of an event."""
    if event.kind is EventKind.DEPOSIT:
        return _DEPOSITS[Method(event.method)]
    return _CODES[event.kind, event.method in ACH]


def _text(event: Event) -> str:
    """What a person reads, and a card's kind, for which BAI2 has no code of its own."""
    if event.kind is EventKind.DEPOSIT:
        return event.method
    if event.kind is EventKind.RETURNED:
        return f"{event.reason} {meaning(event.reason)}"
    return event.detail


def parted(events: Iterable[Event]) -> Iterator[tuple[FileKind, date, list[Event]]]:
    """Events as files hold them: of one format and one day, and no more than can be totalled."""

    def key(event: Event) -> tuple[str, date]:
        return format_of(event).value, event.day

    for (kind, day), group in groupby(sorted(events, key=key), key=key):
        for part in _totalled(group, _TOTAL_CENTS_MAX[FileKind(kind)]):
            yield FileKind(kind), day, part


def _totalled(events: Iterable[Event], cents_max: int) -> Iterator[list[Event]]:
    """Parts of which each has few enough items, and a sum that its total has digits for."""
    part: list[Event] = []
    total = 0
    for event in events:
        if part and (len(part) == LOCKBOX_ITEMS_MAX or total + event.amount_cents > cents_max):
            yield part
            part, total = [], 0
        part.append(event)
        total += event.amount_cents
    if part:
        yield part
