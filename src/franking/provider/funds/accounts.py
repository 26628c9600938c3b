"""Commands on accounts: opened with the acknowledgment of deposit, closed, chosen for.

An account opens with the lease, whose acknowledgment the licensee signs (501.28(b)(2)); there is
one for a licence. Its balance is the ledger's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from franking.errors import Refusal
from franking.money import format_dollars
from franking.provider.funds import chart, rows
from franking.provider.funds.decisions import (
    FUNDS_ACCOUNT_MISSING,
    FUNDS_ACCOUNT_UNKNOWN,
    account_number,
    is_account_number,
    require_unlocked,
)
from franking.provider.funds.records import (
    AccountStatus,
    FundsAccount,
    PaymentStatus,
    RefundStatus,
    Statements,
)
from franking.provider.licensing import rows as licensed
from franking.provider.licensing.records import Lease, LeaseStatus
from franking.provider.schema import DOCKET, LEDGER
from franking.storage import Books, Reading, Work

ACKNOWLEDGMENT = "send the acknowledgment of deposit"
_CLAUSE = "39 CFR 501.28(b)(2) (1995); 502.26(b)(1) (1997)"
_STATEMENTS = "39 CFR 501.28(e)(3) (1995); DMM P050.3.5c (1997)"
_NUMBERING = "account:numbers"
"""The record under which account numbers are given out, one after the other."""

FUNDS_ACCOUNT_IN_USE = Refusal(
    "FUNDS_ACCOUNT_IN_USE",
    clause="39 CFR 501.28(f) (1995)",
    remedy="Have the balance refunded and what is owed settled; then close the account.",
)


def account_of(books: Reading, licence: str) -> FundsAccount | None:
    """The account of a licence, closed or not."""
    return rows.account_of(books, licence)


def require_account(books: Reading, number: str) -> FundsAccount:
    """An account by its number.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``.
    """
    found = rows.find_account(books, number)
    if found is None:
        why = "" if is_account_number(number) else ": its check digit is wrong"
        raise FUNDS_ACCOUNT_UNKNOWN.because(f"there is no account {number!r}{why}")
    return found


def require_account_of(books: Reading, licence: str) -> FundsAccount:
    """The account of a licence.

    Raises:
        Refused: ``FUNDS_ACCOUNT_MISSING``.
    """
    found = rows.account_of(books, licence)
    if found is None:
        raise FUNDS_ACCOUNT_MISSING.because(f"licence {licence} has no account")
    return found


def open_account(books: Books, licence: str, *, now: datetime) -> FundsAccount:
    """Open the account of a licence whose lease is in force; again, it is the same account.

    Raises:
        Refused: ``FUNDS_ACCOUNT_MISSING`` where nobody signed an acknowledgment of deposit.
    """
    with books.work(now, "open_account", on=(licensed.licence_record(licence), _NUMBERING)) as work:
        leases = licensed.leases(work, licence)
        in_force = [each for each in leases if each.status is LeaseStatus.IN_FORCE]
        if not in_force:
            raise FUNDS_ACCOUNT_MISSING.because(f"no lease of licence {licence} is in force")
        return opened(work, in_force[-1], by=books.by.name, now=now)


def opened(work: Work, lease: Lease, *, by: str, now: datetime) -> FundsAccount:
    """Open the account of a lease's licence within a unit of work; a closed one opens again.

    The signed acknowledgment is then owed to its addressee.
    """
    work.wait_for(_NUMBERING)
    before = rows.account_of(work, lease.licence)
    if before is not None and before.status is not AccountStatus.CLOSED:
        return before
    after = _reopened(work, before) if before else _added(work, lease, now)
    told = f"deposit acknowledged by {lease.signatures.acknowledged_by}"
    rows.note(work, after.record, "opened", clause=_CLAUSE, because=told, by=by, now=now)
    DOCKET.open(
        work,
        ACKNOWLEDGMENT,
        record=after.record,
        owed_by="provider",
        rulebook=after.rulebook,
        start=now.date(),
        now=now,
        because=told,
    )
    return after


def close_account(books: Books, number: str, *, because: str, now: datetime) -> FundsAccount:
    """Close an account on which nothing is left and nothing is owed.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``, ``FUNDS_ACCOUNT_LOCKED``, ``FUNDS_ACCOUNT_IN_USE``.
    """
    record = _record(books, number)
    with books.work(now, "close_account", on=(record,)) as work:
        before = require_account(work, number)
        if before.status is AccountStatus.CLOSED:
            return before
        require_unlocked(before)
        _require_empty(work, before)
        after = replace(before, status=AccountStatus.CLOSED, closed_on=now.date())
        rows.change_account(work, before, after)
        rows.note(
            work, record, "closed", clause=_CLAUSE, because=because, by=books.by.name, now=now
        )
        return after


def choose_statements(
    books: Books, number: str, statements: Statements, *, now: datetime
) -> FundsAccount:
    """A document after each reset, or a statement each month (501.28(e)(3)).

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``.
    """
    with books.work(now, "choose_statements", on=(_record(books, number),)) as work:
        before = require_account(work, number)
        after = replace(before, statements=statements)
        return chosen(work, before, after, str(statements), _STATEMENTS, books.by.name, now)


def chosen(
    work: Work,
    before: FundsAccount,
    after: FundsAccount,
    what: str,
    clause: str,
    by: str,
    now: datetime,
) -> FundsAccount:
    """Write down a choice of the licensee, within a unit of work."""
    if after != before:
        rows.change_account(work, before, after)
        rows.note(work, after.record, "chosen", clause=clause, because=what, by=by, now=now)
    return after


def _added(work: Work, lease: Lease, now: datetime) -> FundsAccount:
    held = licensed.find_licence(work, lease.licence)
    account = FundsAccount(
        number=account_number(rows.account_count(work) + 1),
        licence=lease.licence,
        licensee=lease.licensee,
        zip_code=held.zip_code if held else "",
        rulebook=lease.rulebook,
        opened_on=now.date(),
    )
    rows.add_account(work, account)
    return account


def _reopened(work: Work, before: FundsAccount) -> FundsAccount:
    after = replace(before, status=AccountStatus.OPEN, closed_on=None)
    rows.change_account(work, before, after)
    return after


def _require_empty(work: Work, account: FundsAccount) -> None:
    left = {
        "on deposit": LEDGER.balance(work, account.name).balance_mills,
        "owed to the provider": -LEDGER.balance(work, chart.owed(account.number)).balance_mills,
        "returned unpaid": -LEDGER.balance(work, chart.returned(account.number)).balance_mills,
    }
    for what, mills in left.items():
        if mills:
            raise FUNDS_ACCOUNT_IN_USE.because(f"{format_dollars(mills)} are {what}")
    expected = rows.payments(work, account=account.number, status=PaymentStatus.EXPECTED)
    waiting = [
        each
        for each in rows.refunds(work, account=account.number)
        if each.status in (RefundStatus.ASKED, RefundStatus.ORDERED)
    ]
    if expected or waiting:
        raise FUNDS_ACCOUNT_IN_USE.because("a payment or a refund is under way")


def _record(books: Books, number: str) -> str:
    with books.reading() as reading:
        return require_account(reading, number).record
