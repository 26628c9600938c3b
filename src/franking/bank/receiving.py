"""What comes to the bank: payments, and origination files of the providers (501.28(b)(4), (e)).

A payment is credited when it is received; a check or a debit that comes back is another matter
(``items``). The same order of a payer twice is one payment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from franking.bank import rows
from franking.bank.decisions import banking_day, require_payable
from franking.bank.records import (
    ACH,
    Event,
    EventKind,
    Lockbox,
    Method,
    Payer,
    Payment,
    PaymentState,
)
from franking.bank.tables import EVENTS, PAYMENTS
from franking.bank_files.nacha import Batch, Entry, NachaFile, read_nacha
from franking.clock import instant_text
from franking.errors import Refusal
from franking.rules.calendars import BANKING
from franking.storage import Act, Books, Work

LOCKBOX_OPENED_BEFORE = Refusal(
    "LOCKBOX_OPENED_BEFORE",
    clause="39 CFR 501.28(e)(1) (1995)",
    remedy="Use the lockbox that is there, or give another number for another provider.",
)
ORDER_REUSED = Refusal(
    "PAYMENT_ORDER_REUSED",
    clause="policy",
    remedy="Give each payment an order of its own, or repeat the first one exactly.",
)
ORIGINATION_TAKEN_BEFORE = Refusal(
    "ORIGINATION_TAKEN_BEFORE",
    clause="39 CFR 501.28(b)(4) (1995)",
    remedy="Nothing is to be done: the bank has this file already.",
)
ORIGINATION_REFUSED = Refusal(
    "ORIGINATION_REFUSED",
    clause="39 CFR 501.28(b)(4) (1995)",
    remedy="Make a file for this bank with the provider's own identification and new traces.",
    http_status=422,
)
_CLAUSE = "39 CFR 501.28(b)(4) (1995)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """A payment as it is made: how, for which account, how much, by whom."""

    method: Method
    account: str
    amount_cents: int
    payer: Payer
    order: str = ""
    """What the payer calls it; empty: each time another payment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Originated:
    """What the bank took from a provider's origination file."""

    debits: int
    debit_cents: int
    refunds: int
    refund_cents: int
    prenotes: int


def open_lockbox(books: Books, lockbox: Lockbox, now: datetime) -> None:
    """Open a lockbox account in the Postal Service's name (39 CFR 501.28(e)(1), 1995).

    Raises:
        Refused: ``LOCKBOX_OPENED_BEFORE``.
    """
    with books.work(now, "open_lockbox") as work:
        for other in rows.lockboxes(work):
            if other.number == lockbox.number or other.provider == lockbox.provider:
                detail = f"lockbox {other.number} serves {other.provider}"
                raise LOCKBOX_OPENED_BEFORE.because(detail)
        rows.add_lockbox(work, lockbox)
        inputs = {"provider": lockbox.provider, "account": lockbox.account}
        clauses = ("39 CFR 501.28(e)(1) (1995)",)
        work.record(Act(record=lockbox.record, clauses=clauses, inputs=inputs))


def receive_payments(
    books: Books, lockbox: str, paid: Sequence[Paying], now: datetime
) -> list[Payment]:
    """Take payments in; those that were ordered before come back as they are.

    Raises:
        Refused: ``BANK_LOCKBOX_UNKNOWN``, ``PAYMENT_ORDER_REUSED``, as ``require_payable``.
    """
    for each in paid:
        require_payable(each.method, each.account, each.amount_cents, each.payer)
    with books.work(now, "receive_payment") as work:
        box = rows.require_lockbox(work, lockbox)
        number = rows.next_number(work, PAYMENTS)
        made: list[Payment] = []
        answer: list[Payment] = []
        ordered: dict[str, Payment] = {}
        for each in paid:
            found = ordered.get(each.order) or _ordered(work, box, each)
            if found is None:
                found = _payment(box, each, number + len(made), now)
                made.append(found)
            _require_same(found, each)
            ordered |= {each.order: found} if each.order else {}
            answer.append(found)
        _credit(work, made, now)
    return answer


def take_origination(books: Books, lockbox: str, data: bytes, now: datetime) -> Originated:
    """Take a provider's NACHA file: debits of licensees, refunds of balances, prenotes.

    The whole file, or nothing of it. Debits are credited on the first banking day from their
    effective date on; refunds leave the account at once.

    Raises:
        BankFileFaulty: what is wrong with the file.
        Refused: ``BANK_LOCKBOX_UNKNOWN``, ``ORIGINATION_TAKEN_BEFORE``, ``ORIGINATION_REFUSED``.
    """
    file, digest = read_nacha(data), hashlib.sha256(data).hexdigest()
    with books.work(now, "take_origination") as work:
        box = rows.require_lockbox(work, lockbox)
        if rows.is_taken(work, digest):
            raise ORIGINATION_TAKEN_BEFORE.because(f"file {digest[:16]} was taken before")
        _require_ours(work, box, file)
        first = rows.next_number(work, PAYMENTS)
        debits = _debits(box, file, first, now)
        _credit(work, debits, now)
        refunds = _refund(work, box, file, now)
        row = {"digest": digest, "lockbox": lockbox, "taken_at": instant_text(now)}
        sums = {"debit_cents": file.debit_cents, "credit_cents": file.credit_cents}
        entries = [entry for batch in file.batches for entry in batch.entries]
        rows.add_origination(work, {**row, **sums, "entries": len(entries)})
        work.record(Act(record=box.record, clauses=(_CLAUSE,), inputs={"digest": digest, **sums}))
    return Originated(
        debits=len(debits),
        debit_cents=file.debit_cents,
        refunds=refunds,
        refund_cents=file.credit_cents,
        prenotes=sum(each.code.is_prenote for each in entries),
    )


def _ordered(work: Work, box: Lockbox, paying: Paying) -> Payment | None:
    return rows.find_order(work, box.number, paying.order) if paying.order else None


def _require_same(found: Payment, paying: Paying) -> None:
    asked = (paying.method, paying.account, paying.amount_cents)
    if asked != (found.method, found.account, found.amount_cents):
        raise ORDER_REUSED.because(f"{paying.order!r} was another payment: {found.reference}")


def _payment(box: Lockbox, paying: Paying, number: int, now: datetime) -> Payment:
    trace = f"{paying.payer.routing_number[:8]}{number % 10**7:07d}"
    return Payment(
        number=number,
        lockbox=box.number,
        method=paying.method,
        account=paying.account,
        amount_cents=paying.amount_cents,
        payer=paying.payer,
        received_at=instant_text(now),
        day=banking_day(box, now),
        state=PaymentState.RECEIVED,
        trace=trace if paying.method in ACH else "",
        entry_class="PPD" if paying.method in ACH else "",
        order=paying.order,
    )


def _credit(work: Work, payments: Sequence[Payment], now: datetime) -> None:
    """Store payments, each with its deposit in the lockbox account."""
    first, at = rows.next_number(work, EVENTS), instant_text(now)
    rows.add_payments(work, payments)
    rows.add_events(
        work, [_deposit(first + place, each, at) for place, each in enumerate(payments)]
    )
    for each in payments:
        inputs = {"cents": each.amount_cents, "method": each.method.value}
        work.record(Act(record=each.record, clauses=(_CLAUSE,), inputs=inputs))


def _deposit(number: int, payment: Payment, at: str) -> Event:
    return Event(
        number=number,
        lockbox=payment.lockbox,
        kind=EventKind.DEPOSIT,
        day=payment.day,
        at=at,
        amount_cents=payment.amount_cents,
        method=payment.method,
        account=payment.account,
        reference=payment.reference,
        payment=payment.number,
    )


def _require_ours(work: Work, box: Lockbox, file: NachaFile) -> None:
    if file.destination.strip() != box.bank:
        raise ORIGINATION_REFUSED.because(f"the file is for {file.destination.strip()}")
    entries = list(_entries(file))
    for batch, entry in entries:
        if batch.company_id != box.provider_id:
            raise ORIGINATION_REFUSED.because(f"batch {batch.number} is of {batch.company_id!r}")
        if entry.code.is_return:
            raise ORIGINATION_REFUSED.because(f"entry {entry.trace} returns something")
    traces = [entry.trace for _, entry in entries if entry.code.is_debit]
    known = rows.known_traces(work, box.number, traces)
    if known or len(set(traces)) < len(traces):
        raise ORIGINATION_REFUSED.because(f"traces used before: {', '.join(sorted(known)[:3])}")


def _entries(file: NachaFile) -> Iterator[tuple[Batch, Entry]]:
    return ((batch, entry) for batch in file.batches for entry in batch.entries)


def _debits(box: Lockbox, file: NachaFile, first: int, now: datetime) -> list[Payment]:
    """The debits of a file as payments; prenotes are none."""
    live = [
        (batch, entry)
        for batch, entry in _entries(file)
        if entry.code.is_debit and not entry.code.is_prenote
    ]
    made = []
    for place, (batch, entry) in enumerate(live):
        payer = Payer(name=entry.name, routing_number=entry.routing_number, account=entry.account)
        paying = Paying(
            method=Method.ACH_DEBIT,
            account=entry.individual_id,
            amount_cents=entry.amount_cents,
            payer=payer,
        )
        payment = _payment(box, paying, first + place, now)
        day = max(payment.day, BANKING.next_business_day(batch.effective_on))
        made.append(
            replace(payment, day=day, trace=entry.trace, entry_class=batch.entry_class.value)
        )
    return made


def _refund(work: Work, box: Lockbox, file: NachaFile, now: datetime) -> int:
    """Pay the balances back that a file orders (39 CFR 501.28(f), 1995); how many."""
    first, day = rows.next_number(work, EVENTS), banking_day(box, now)
    live = [
        entry
        for _, entry in _entries(file)
        if not entry.code.is_debit and not entry.code.is_prenote
    ]
    rows.add_events(
        work, [_paid_back(first + place, box, each, day, now) for place, each in enumerate(live)]
    )
    return len(live)


def _paid_back(number: int, box: Lockbox, entry: Entry, day: date, now: datetime) -> Event:
    return Event(
        number=number,
        lockbox=box.number,
        kind=EventKind.REFUNDED,
        day=day,
        at=instant_text(now),
        amount_cents=entry.amount_cents,
        method=Method.ACH_CREDIT,
        account=entry.individual_id,
        reference=entry.trace,
        detail=getattr(entry.addenda, "information", ""),
    )
