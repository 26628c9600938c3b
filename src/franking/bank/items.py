"""Items that come back: presented a second time by the bank itself, then told, then collected.

39 CFR 501.28(e)(8) (1995): only after the second presentment failed does the provider hear of it,
and it hears again once the item is paid.
"""

from __future__ import annotations

from datetime import datetime

from franking.bank import rows
from franking.bank.decisions import ITEM_NOT_RETURNABLE, banking_day, require_unpaid, returned
from franking.bank.records import Event, EventKind, Method, Payment, PaymentState
from franking.bank.tables import EVENTS
from franking.bank_files.return_codes import is_change_reason, is_return_reason
from franking.clock import instant_text
from franking.errors import Refusal
from franking.storage import Act, Books, Work

REASON_UNKNOWN = Refusal(
    "BANK_REASON_UNKNOWN",
    clause="policy",
    remedy="Give a return reason such as R01, or a change reason such as C01.",
    http_status=422,
)
_CLAUSE = "39 CFR 501.28(e)(8) (1995)"


def return_item(books: Books, reference: str, *, reason: str, now: datetime) -> PaymentState:
    """A check or debit came back: the first time it is presented again, the second it is unpaid.

    Raises:
        Refused: ``BANK_ITEM_UNKNOWN``, ``ITEM_NOT_RETURNABLE``, ``BANK_REASON_UNKNOWN``.
    """
    if not is_return_reason(reason):
        raise REASON_UNKNOWN.because(f"{reason!r} is no reason of a return")
    with books.work(now, "return_item") as work:
        payment = rows.require_payment(work, reference)
        after = returned(payment)
        rows.move_payment(work, payment, after, reason)
        if after is PaymentState.UNPAID:
            _happened(work, payment, EventKind.RETURNED, now, reason=reason)
        _act(work, payment, state=after.value, reason=reason)
    return after


def settle_item(books: Books, reference: str, *, now: datetime) -> None:
    """An unpaid item was collected in full: the bank tells so, and the account is released.

    Raises:
        Refused: ``BANK_ITEM_UNKNOWN``, ``ITEM_NOT_UNPAID``.
    """
    with books.work(now, "settle_item") as work:
        payment = rows.require_payment(work, reference)
        require_unpaid(payment)
        rows.move_payment(work, payment, PaymentState.PAID, payment.reason)
        _happened(work, payment, EventKind.PAID, now)
        _act(work, payment, state=PaymentState.PAID.value)


def tell_change(
    books: Books, reference: str, *, reason: str, corrected: str, now: datetime
) -> None:
    """Another bank says what is to be changed about the debits of a payer.

    Raises:
        Refused: ``BANK_ITEM_UNKNOWN``, ``BANK_REASON_UNKNOWN``, ``ITEM_NOT_RETURNABLE``.
    """
    if not is_change_reason(reason):
        raise REASON_UNKNOWN.because(f"{reason!r} is no reason of a change")
    with books.work(now, "tell_change") as work:
        payment = rows.require_payment(work, reference)
        if payment.method is not Method.ACH_DEBIT:
            raise ITEM_NOT_RETURNABLE.because(f"{reference} is a {payment.method.value}")
        _happened(work, payment, EventKind.CHANGED, now, reason=reason, detail=corrected)
        _act(work, payment, reason=reason, corrected=corrected)


def _happened(
    work: Work,
    payment: Payment,
    kind: EventKind,
    now: datetime,
    *,
    reason: str = "",
    detail: str = "",
) -> None:
    box = rows.require_lockbox(work, payment.lockbox)
    event = Event(
        number=rows.next_number(work, EVENTS),
        lockbox=box.number,
        kind=kind,
        day=max(banking_day(box, now), payment.day),
        at=instant_text(now),
        amount_cents=0 if kind is EventKind.CHANGED else payment.amount_cents,
        method=payment.method,
        account=payment.account,
        reference=payment.reference,
        reason=reason,
        detail=detail,
        payment=payment.number,
    )
    rows.add_events(work, [event])


def _act(work: Work, payment: Payment, **inputs: object) -> None:
    work.record(Act(record=payment.record, clauses=(_CLAUSE,), inputs=inputs))
