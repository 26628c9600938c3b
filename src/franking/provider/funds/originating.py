"""The provider's own NACHA file to its bank: debits that licensees authorized, balances to refund.

39 CFR 501.28(b)(4) and (f) (1995): licensees pay by automated clearinghouse, and the lockbox bank
refunds balances. Traces rise for ever, so that what comes back names one entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from franking.bank_files.faults import BANK_FILE_UNWRITABLE
from franking.bank_files.nacha import (
    Batch,
    Entry,
    EntryClass,
    NachaFile,
    Payment,
    ServiceClass,
    TransactionCode,
    write_nacha,
)
from franking.bank_files.parties import company_id
from franking.bank_files.routing import require_routing_number
from franking.clock import instant_text
from franking.errors import Refusal
from franking.money import MILLS_PER_CENT, format_dollars
from franking.provider.funds import bank_tables
from franking.provider.identity import require_identity
from franking.storage import Act, Books, Work

ENTRY_UNSUITABLE = Refusal(
    "ENTRY_UNSUITABLE",
    clause="39 CFR 501.28(b)(4) (1995)",
    remedy="Debit or refund whole cents, between an account on deposit and a bank account.",
    http_status=422,
)
NOTHING_TO_ORIGINATE = Refusal(
    "NOTHING_TO_ORIGINATE",
    clause="39 CFR 501.28(b)(4) (1995)",
    remedy="Ask for a debit, or for the refund of a balance, first.",
)
_CLAUSE = "39 CFR 501.28(b)(4) (1995)"
_TRACES = 10**7
_MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_FIRM, _PERSON = EntryClass.CCD, EntryClass.PPD
_SAVINGS = "savings"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """An account at another bank."""

    routing: str
    number: str
    kind: str = "checking"
    """``checking`` or ``savings``."""
    holder: str = ""
    is_firm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Money to be drawn from a licensee's bank account, or paid into it."""

    account: str
    """The licensee's account on deposit."""
    amount_mills: int
    bank_account: BankAccount
    is_refund: bool = False
    case: str = ""
    """Of a refund: its case, which the bank reports with it."""
    is_prenote: bool = False
    """A trial without money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origination:
    """A file for the bank, and the trace of each order in it, in their order."""

    number: int
    digest: str
    content: bytes
    traces: tuple[str, ...]


def originate(
    books: Books, orders: Sequence[Order], *, bank: str, effective_on: date, now: datetime
) -> Origination:
    """Write the file for these orders and keep it; ``bank`` is the lockbox bank's routing number.

    Raises:
        Refused: ``NOTHING_TO_ORIGINATE``, ``ENTRY_UNSUITABLE``, ``ROUTING_NUMBER_WRONG``,
            ``BANK_FILE_UNWRITABLE``.
    """
    with books.work(now, "originate_file") as work:
        return originated(work, orders, bank=bank, effective_on=effective_on, now=now)


def originated(
    work: Work, orders: Sequence[Order], *, bank: str, effective_on: date, now: datetime
) -> Origination:
    """Write and keep the file within the unit of work that says what became of its orders.

    Raises:
        Refused: as ``originate``.
    """
    if not orders:
        raise NOTHING_TO_ORIGINATE.because("there is nothing to debit and nothing to refund")
    require_routing_number(bank)
    number, last = bank_tables.next_origination(work)
    traced = _traced(orders, bank, last)
    file = _file(require_identity(work).name, bank, traced, effective_on, number, now)
    content = write_nacha(file)
    digest = hashlib.sha256(content).hexdigest()
    row = {
        "number": number,
        "made_at": instant_text(now),
        "effective_on": effective_on.isoformat(),
        "debits": sum(not each.is_refund for each in orders),
        "debit_mills": file.debit_cents * MILLS_PER_CENT,
        "refunds": sum(each.is_refund for each in orders),
        "refund_mills": file.credit_cents * MILLS_PER_CENT,
        "last_trace": last + len(orders),
        "digest": digest,
        "content": content,
        "handed_at": "",
    }
    bank_tables.add_origination(work, row)
    inputs: dict[str, object] = {"digest": digest, "entries": len(orders)}
    work.record(Act(record=f"origination:{number}", clauses=(_CLAUSE,), inputs=inputs))
    traces = tuple(trace for trace, _ in traced)
    return Origination(number=number, digest=digest, content=content, traces=traces)


def not_handed_over(books: Books) -> list[tuple[int, bytes]]:
    """The files that the bank does not have yet: number and bytes, oldest first."""
    with books.reading() as reading:
        return bank_tables.waiting_originations(reading)


def hand_over(books: Books, number: int, now: datetime) -> None:
    """Note that the bank has a file."""
    with books.work(now, "originate_file") as work:
        bank_tables.hand_over(work, number, instant_text(now))
        record = f"origination:{number}"
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"handed_over": True}))


def _traced(orders: Sequence[Order], bank: str, last: int) -> list[tuple[str, Order]]:
    if last + len(orders) >= _TRACES:
        raise BANK_FILE_UNWRITABLE.because("all trace numbers are used up")
    return [(f"{bank[:8]}{last + place:07d}", each) for place, each in enumerate(orders, 1)]


def _file(
    name: str,
    bank: str,
    traced: Sequence[tuple[str, Order]],
    effective_on: date,
    number: int,
    now: datetime,
) -> NachaFile:
    batches: list[Batch] = []
    for kind in (_PERSON, _FIRM):
        for refunds in (False, True):
            entries = tuple(
                _entry(trace, order)
                for trace, order in traced
                if order.is_refund is refunds and order.bank_account.is_firm is (kind is _FIRM)
            )
            if entries:
                batches.append(_batch(name, bank, kind, refunds, entries, effective_on))
    numbered = tuple(replace(each, number=place) for place, each in enumerate(batches, 1))
    return NachaFile(
        destination=f" {bank}",
        origin=company_id(name),
        created_at=now.replace(tzinfo=None, second=0, microsecond=0),
        modifier=_MODIFIERS[number % len(_MODIFIERS)],
        destination_name="LOCKBOX BANK",
        origin_name=name,
        batches=numbered,
    )


def _batch(
    name: str,
    bank: str,
    kind: EntryClass,
    refunds: bool,
    entries: tuple[Entry, ...],
    effective_on: date,
) -> Batch:
    return Batch(
        service=ServiceClass.CREDITS if refunds else ServiceClass.DEBITS,
        entry_class=kind,
        company=name,
        company_id=company_id(name),
        description="REFUND" if refunds else "POSTAGE",
        effective_on=effective_on,
        bank=bank[:8],
        number=1,
        entries=entries,
    )


def _entry(trace: str, order: Order) -> Entry:
    at = order.bank_account
    return Entry(
        code=_code(order),
        bank=require_routing_number(at.routing)[:8],
        account=at.number,
        amount_cents=_cents(order),
        individual_id=order.account,
        name=at.holder,
        trace=trace,
        addenda=Payment(order.case) if order.case else None,
    )


def _code(order: Order) -> TransactionCode:
    base = 30 if order.bank_account.kind == _SAVINGS else 20
    return TransactionCode(base + (2 if order.is_refund else 7) + order.is_prenote)


def _cents(order: Order) -> int:
    cents, rest = divmod(order.amount_mills, MILLS_PER_CENT)
    wrong = order.amount_mills != 0 if order.is_prenote else order.amount_mills <= 0
    if rest or wrong:
        raise ENTRY_UNSUITABLE.because(f"{format_dollars(order.amount_mills)} can not be moved")
    return cents
