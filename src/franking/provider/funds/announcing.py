"""Payments that a licensee says are on their way, and debits that he asks for.

So that his questions on the status of payments have an answer (501.28(e)(4)), and that the time
between sending money and being able to use it can be measured. The bank's file makes them real.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from franking.errors import Refusal
from franking.money import MILLS_PER_CENT, format_dollars
from franking.provider.funds import paying, rows
from franking.provider.funds.accounts import require_account
from franking.provider.funds.banking import NUMBERING, PAYMENT_NOT_THERE_YET, PAYMENT_UNKNOWN
from franking.provider.funds.records import (
    FundsAccount,
    Method,
    Payment,
    PaymentStatus,
)
from franking.storage import Books, Work

_CLAUSE = "39 CFR 501.28(e)(4) (1995)"
MILLS_MAX: Final = 99_999_999_990
"""What ten digits of cents hold, as bank files have them."""

PAYMENT_AMOUNT_UNSUITABLE = Refusal(
    "PAYMENT_AMOUNT_UNSUITABLE",
    clause="39 CFR 501.28(b)(4) (1995), DMM P050.3.2 (1997)",
    remedy="Pay whole cents, at least one and at most $99,999,999.99 at a time.",
    http_status=422,
)


def require_amount(amount_mills: int) -> None:
    """Whether a payment can be of so much.

    Raises:
        Refused: ``PAYMENT_AMOUNT_UNSUITABLE``.
    """
    if not 0 < amount_mills <= MILLS_MAX or amount_mills % MILLS_PER_CENT:
        raise PAYMENT_AMOUNT_UNSUITABLE.because(f"{format_dollars(amount_mills)}")


def expect_payment(
    books: Books,
    number: str,
    amount_mills: int,
    method: Method,
    *,
    now: datetime,
    reference: str = "",
    sent_on: date | None = None,
) -> Payment:
    """Note that a payment was sent, or that a debit is wanted; it is no money on deposit yet.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``, ``METHOD_UNSUITABLE``, ``PAYMENT_AMOUNT_UNSUITABLE``,
            ``DEBITS_UNAUTHORIZED`` for a debit that nobody authorized.
    """
    require_amount(amount_mills)
    with books.reading() as reading:
        record = require_account(reading, number).record
    with books.work(now, "expect_payment", on=(record, NUMBERING)) as work:
        account = require_account(work, number)
        _require_payable_so(work, account, method, now.date())
        payment = Payment(
            number=rows.payment_number(rows.next_payment(work)),
            account=number,
            amount_mills=amount_mills,
            method=method,
            status=PaymentStatus.EXPECTED,
            reference=reference,
            sent_on=sent_on or now.date(),
        )
        rows.add_payments(work, [payment])
        told = f"{format_dollars(amount_mills)} by {method} as {payment.number}"
        rows.note(
            work,
            record,
            "payment announced",
            clause=_CLAUSE,
            because=told,
            by=books.by.name,
            now=now,
        )
    return payment


def note_never_received(books: Books, number: str, *, because: str, now: datetime) -> Payment:
    """Note that an announced payment never came.

    Raises:
        Refused: ``PAYMENT_UNKNOWN``, ``PAYMENT_NOT_THERE_YET`` where it did come.
    """
    with books.work(now, "note_never_received", on=(NUMBERING,)) as work:
        before = rows.find_payment(work, number)
        if before is None:
            raise PAYMENT_UNKNOWN.because(f"there is no payment {number!r}")
        if before.status is not PaymentStatus.EXPECTED:
            raise PAYMENT_NOT_THERE_YET.because(f"payment {number} is {before.status}")
        account = require_account(work, before.account)
        after = replace(before, status=PaymentStatus.FAILED, reason=because)
        rows.change_payment(work, before, after)
        told = f"{number}: {because}"
        rows.note(
            work,
            account.record,
            "never received",
            clause=_CLAUSE,
            because=told,
            by=books.by.name,
            now=now,
        )
    return after


def originated(work: Work, payment: Payment, *, reference: str) -> Payment:
    """A debit is in a file for the bank, under the trace ``reference``; within a unit of work."""
    after = replace(payment, reference=reference)
    rows.change_payment(work, payment, after)
    return after


def _require_payable_so(work: Work, account: FundsAccount, method: Method, on: date) -> None:
    paying.require_method(work, account, method, on)
    if method is Method.ACH_DEBIT and rows.bank_details(work, account.number) is None:
        raise paying.DEBITS_UNAUTHORIZED.because(
            f"nobody authorized debits for account {account.number}"
        )
