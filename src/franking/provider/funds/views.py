"""What people see of accounts: balances, payments and where they are, idle balances, float.

Nothing is decided here. Amounts are mills, dates ISO 8601.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from statistics import median
from typing import Any

from franking.clock import parse_instant
from franking.identifiers import record_id
from franking.provider.funds import advances, chart, rows
from franking.provider.funds.accounts import require_account
from franking.provider.funds.banking import PAYMENT_UNKNOWN
from franking.provider.funds.decisions import idle_since
from franking.provider.funds.paying import preference
from franking.provider.funds.records import (
    AccountStatus,
    BalanceRefund,
    Correction,
    FundsAccount,
    Payment,
    PaymentStatus,
)
from franking.provider.schema import LEDGER
from franking.rules import at
from franking.storage import Books, Reading

_GRANT = "grant"


def account_view(books: Books, number: str) -> dict[str, Any]:
    """An account with its balance, what is under way, and what is owed.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``.
    """
    with books.reading() as reading:
        account = require_account(reading, number)
        balance = LEDGER.balance(reading, account.name)
        terms = rows.terms_of(reading, number)
        return {
            **account_json(account),
            "balance_mills": balance.balance_mills,
            "available_mills": balance.available_mills,
            "owed_mills": advances.owed(reading, number),
            "returned_mills": -LEDGER.balance(reading, chart.returned(number)).balance_mills,
            "advance_limit_mills": terms.limit_mills if terms else 0,
            "payments_under_way": [
                payment_json(each)
                for each in rows.payments(reading, account=number, status=PaymentStatus.EXPECTED)
            ],
            "debits_authorized": rows.bank_details(reading, number) is not None,
            "events": rows.events_of(reading, account.record),
        }


def accounts_view(books: Books) -> list[dict[str, Any]]:
    """Every account with its balance, by number."""
    with books.reading() as reading:
        balances = LEDGER.balances(reading, kind="deposits")
        known = rows.accounts(reading)
    return [
        {
            **account_json(each),
            "balance_mills": balances[each.name].balance_mills if each.name in balances else 0,
        }
        for each in known
    ]


def payments_view(
    books: Books, *, account: str | None = None, status: PaymentStatus | None = None
) -> list[dict[str, Any]]:
    """Payments, oldest first."""
    with books.reading() as reading:
        return [
            payment_json(each) for each in rows.payments(reading, account=account, status=status)
        ]


def payment_view(books: Books, number: str) -> dict[str, Any]:
    """Where a payment is, in words: the answer to a licensee's question (501.28(e)(4)).

    Raises:
        Refused: ``PAYMENT_UNKNOWN``.
    """
    with books.reading() as reading:
        payment = rows.find_payment(reading, number)
        if payment is None:
            raise PAYMENT_UNKNOWN.because(f"there is no payment {number!r}")
        events = rows.events_of(reading, record_id("payment", number))
    return {**payment_json(payment), "answer": answer(payment), "events": events}


def answer(payment: Payment) -> str:
    """Where a payment is, as it is said to the licensee who asks."""
    match payment.status:
        case PaymentStatus.EXPECTED:
            return f"announced on {payment.sent_on}; the bank has not reported it yet"
        case PaymentStatus.ON_DEPOSIT:
            return f"received on {payment.received_on}, on deposit since {payment.posted_at}"
        case PaymentStatus.IN_SUSPENSE:
            return (
                f"received on {payment.received_on} for account {payment.account!r}, which nobody"
                " knows: tell us whose it is"
            )
        case PaymentStatus.RETURNED:
            return (
                f"returned unpaid on {payment.returned_on} ({payment.reason}): the account is"
                " locked until it is paid in full"
            )
        case PaymentStatus.MADE_GOOD:
            return f"returned on {payment.returned_on}, paid in full on {payment.settled_on}"
        case PaymentStatus.FAILED:
            return f"never received: {payment.reason}"


def idle_view(books: Books, *, on: date, after_days: int | None = None) -> list[dict[str, Any]]:
    """The balances that no reset touched for long, highest first, with the fastest way to pay.

    Money that lies idle need not have been sent so early (60 FR 30719, preamble IV, 1995).
    """
    with books.reading() as reading:
        found = [
            _idle(reading, account, balance.balance_mills, on, after_days)
            for account in rows.accounts(reading)
            if (balance := LEDGER.balance(reading, account.name)).balance_mills > 0
        ]
    return sorted(
        (each for each in found if each is not None),
        key=lambda each: (-int(each["balance_mills"]), str(each["account"])),
    )


def float_view(books: Books) -> list[dict[str, Any]]:
    """How long money was on its way, by method: from sent to usable, in days (preamble IV)."""
    days: dict[str, list[int]] = defaultdict(list)
    amounts: dict[str, int] = defaultdict(int)
    with books.reading() as reading:
        for each in rows.payments(reading):
            if each.posted_at:
                sent = each.sent_on or each.received_on
                usable = parse_instant(each.posted_at).date()
                days[each.method.value].append(max(0, (usable - (sent or usable)).days))
                amounts[each.method.value] += each.amount_mills
    return [
        {
            "method": method,
            "payments": len(waited),
            "amount_mills": amounts[method],
            "days_median": median(waited),
            "days_most": max(waited),
        }
        for method, waited in sorted(days.items())
    ]


def refunds_view(books: Books) -> list[dict[str, Any]]:
    """Refunds of balances, oldest first."""
    with books.reading() as reading:
        return [refund_json(each) for each in rows.refunds(reading)]


def corrections_view(books: Books) -> list[dict[str, Any]]:
    """Corrections, oldest first."""
    with books.reading() as reading:
        return [correction_json(each) for each in rows.corrections(reading)]


def advances_view(books: Books, *, day: date) -> dict[str, Any]:
    """A day's advances, what covers them, and what is left."""
    with books.reading() as reading:
        kept = rows.advance_day(reading, day)
        given = rows.advances(reading, day=day)
        held = LEDGER.balance(reading, chart.PROVIDER_DEPOSIT).balance_mills
    cover = kept.cover_mills if kept else held
    return {
        "day": day.isoformat(),
        "provider_deposit_mills": held,
        "cover_mills": cover,
        "advanced_mills": kept.advanced_mills if kept else 0,
        "left_mills": kept.left_mills if kept else held,
        "advances": [
            {
                "number": each.number,
                "account": each.account,
                "amount_mills": each.amount_mills,
                "because": each.because,
            }
            for each in given
        ],
    }


def account_json(account: FundsAccount) -> dict[str, Any]:
    """An account, for programs."""
    return {
        "account": account.number,
        "licence": account.licence,
        "licensee": account.licensee,
        "zip_code": account.zip_code,
        "rulebook": account.rulebook,
        "status": account.status.value,
        "statements": account.statements.value,
        "method": account.method.value,
        "opened_on": account.opened_on.isoformat(),
        "closed_on": _day(account.closed_on),
    }


def payment_json(payment: Payment) -> dict[str, Any]:
    """A payment, for programs."""
    return {
        "payment": payment.number,
        "account": payment.account,
        "amount_mills": payment.amount_mills,
        "method": payment.method.value,
        "status": payment.status.value,
        "reference": payment.reference,
        "sent_on": _day(payment.sent_on),
        "received_on": _day(payment.received_on),
        "posted_at": payment.posted_at,
        "returned_on": _day(payment.returned_on),
        "reason": payment.reason,
        "settled_on": _day(payment.settled_on),
    }


def refund_json(refund: BalanceRefund) -> dict[str, Any]:
    """A refund of a balance, for programs."""
    return {
        "case": refund.case,
        "account": refund.account,
        "amount_mills": refund.amount_mills,
        "asked_at": refund.asked_at,
        "due_at": refund.due_at,
        "status": refund.status.value,
        "paid_on": _day(refund.paid_on),
        "reference": refund.reference,
    }


def correction_json(correction: Correction) -> dict[str, Any]:
    """A correction, for programs."""
    return {
        "correction": correction.number,
        "debit": correction.debit,
        "credit": correction.credit,
        "amount_mills": correction.amount_mills,
        "because": correction.because,
        "reference": correction.reference,
        "proposed_by": correction.proposed_by,
        "status": correction.status.value,
        "decided_by": correction.decided_by,
        "decided_on": _day(correction.decided_on),
    }


def _idle(
    reading: Reading, account: FundsAccount, balance: int, on: date, after_days: int | None
) -> dict[str, Any] | None:
    rules = at("funds", account.rulebook, on)
    limit = rules.whole("idle_balance_days") if after_days is None else after_days
    last = _last_reset(reading, account)
    idle = idle_since(last, account.opened_on, on=on, after_days=limit)
    if account.status is AccountStatus.CLOSED or not idle:
        return None
    return {
        "account": account.number,
        "licensee": account.licensee,
        "balance_mills": balance,
        "last_reset": _day(last),
        "idle_days": (on - (last or account.opened_on)).days,
        "method": account.method.value,
        "recommended": preference(rules)[0].value,
    }


def _last_reset(reading: Reading, account: FundsAccount) -> date | None:
    days = [each.day for each in LEDGER.lines(reading, account.name) if each.kind == _GRANT]
    return max(days, default=None)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
