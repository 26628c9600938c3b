"""What goes to the bank next: the debits that licensees asked for, the balances to give back.

One file holds all of it, and the unit of work that writes the file notes each order in it: asked
again, nothing is drawn or paid twice.
"""

from __future__ import annotations

from datetime import date, datetime

from franking.errors import InvariantBroken
from franking.provider.funds import announcing, originating, refunding, rows
from franking.provider.funds.originating import BankAccount, Order, Origination
from franking.provider.funds.records import (
    BalanceRefund,
    BankDetails,
    Method,
    Payment,
    PaymentStatus,
    RefundStatus,
)
from franking.rules.calendars import BANKING
from franking.storage import Books, Reading, Work


def send_orders(
    books: Books, *, bank: str, now: datetime, effective_on: date | None = None
) -> Origination:
    """Write the file of everything that waits; for the next banking day, where none is given.

    Raises:
        Refused: ``NOTHING_TO_ORIGINATE``, and what ``originate`` refuses.
    """
    with books.work(now, "originate_file") as work:
        debits, refunds = waiting(work)
        day = effective_on or BANKING.add(now.date(), 1)
        orders = [
            *(_debit(work, each) for each in debits),
            *(_refund(work, each) for each in refunds),
        ]
        file = originating.originated(work, orders, bank=bank, effective_on=day, now=now)
        traces = iter(file.traces)
        for payment in debits:
            announcing.originated(work, payment, reference=next(traces))
        for refund in refunds:
            refunding.ordered(work, refund, reference=next(traces))
        return file


def waiting(books: Reading) -> tuple[list[Payment], list[BalanceRefund]]:
    """The debits asked for and the balances to refund that no file holds yet."""
    expected = rows.payments(books, status=PaymentStatus.EXPECTED, method=Method.ACH_DEBIT)
    asked = rows.refunds(books, status=RefundStatus.ASKED)
    return [each for each in expected if not each.reference], asked


def _debit(work: Work, payment: Payment) -> Order:
    at = _account(rows.bank_details(work, payment.account), payment.account)
    return Order(account=payment.account, amount_mills=payment.amount_mills, bank_account=at)


def _refund(work: Work, refund: BalanceRefund) -> Order:
    return Order(
        account=refund.account,
        amount_mills=refund.amount_mills,
        bank_account=_account(rows.bank_details(work, refund.account), refund.account),
        is_refund=True,
        case=refund.case,
    )


def _account(details: BankDetails | None, account: str) -> BankAccount:
    if details is None:
        raise InvariantBroken(f"account {account} names no bank account any more")
    return BankAccount(
        routing=details.routing,
        number=details.bank_account,
        kind=details.kind,
        holder=details.authorized_by,
    )
