"""A licensee asks for the balance on deposit back: through the lockbox bank, within 48 hours.

What was asked for can be used for nothing else meanwhile. The bank is given the order in a file
(``bank_files``) and its file shows that it was paid (``banking.refunded``). 39 CFR 501.28(f)
(1995); DMM P050.3.3 (1997).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import AccountRefundPaid, AccountRefundRequested
from franking.messages.signing import Signer
from franking.money import MILLS_PER_CENT, format_dollars
from franking.provider.funds import advances, postings, rows
from franking.provider.funds.accounts import require_account
from franking.provider.funds.announcing import MILLS_MAX
from franking.provider.funds.banking import BALANCE_REFUND_UNKNOWN, REFUND
from franking.provider.funds.decisions import require_unlocked
from franking.provider.funds.records import BalanceRefund, FundsAccount, RefundStatus
from franking.provider.identity import require_identity
from franking.provider.schema import DISPATCHES, DOCKET, LEDGER
from franking.rules import at
from franking.rules.calendars import hours
from franking.storage import Books, Reading, Work

_CLAUSE = "39 CFR 501.28(f) (1995); DMM P050.3.3 (1997)"
_TOLD = "told"
_NOTHING = record_id("refund", "none")
"""What is locked where nothing waits to be told."""

BALANCE_REFUND_UNSUITABLE = Refusal(
    "BALANCE_REFUND_UNSUITABLE",
    clause=_CLAUSE,
    remedy="Ask for whole cents, more than none and no more than what is on deposit; above "
    "$99,999,999.99 in several parts.",
    http_status=422,
)
NOWHERE_TO_REFUND = Refusal(
    "NOWHERE_TO_REFUND",
    clause=_CLAUSE,
    remedy="Name the licensee's bank account: `franking account authorize-debits ACCOUNT|DEVICE"
    " --routing … --bank-account … --signed-by …`.",
    http_status=422,
)
REFUND_UNDER_WAY = Refusal(
    "REFUND_UNDER_WAY",
    clause=_CLAUSE,
    remedy="The bank has the order: wait for its word, or have it report that it can not pay.",
)


def request_refund(
    books: Books,
    signer: Signer,
    number: str,
    *,
    amount_mills: int | None = None,
    now: datetime,
) -> BalanceRefund:
    """Ask for a balance, or part of it, back; the whole cents of it, where no amount is given.

    Also of an account that was closed: what came in later is the licensee's.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``, ``FUNDS_ACCOUNT_LOCKED``,
            ``BALANCE_REFUND_UNSUITABLE``, ``NOWHERE_TO_REFUND``.
    """
    with books.reading() as reading:
        record = require_account(reading, number).record
    with books.work(now, "request_refund", on=(record, "refund:numbers")) as work:
        account = require_account(work, number)
        require_unlocked(account)
        if rows.bank_details(work, number) is None:
            raise NOWHERE_TO_REFUND.because(f"account {number} names no bank account")
        amount = _amount(work, account, amount_mills)
        refund = _asked(work, account, amount, now)
        _tell_asked(work, signer, account, refund, now)
        told = f"{format_dollars(amount)} as {refund.case}, due {refund.due_at}"
        rows.note(
            work, record, "refund asked", clause=_CLAUSE, because=told, by=books.by.name, now=now
        )
    return refund


def ordered(work: Work, refund: BalanceRefund, *, reference: str) -> BalanceRefund:
    """The order is in a file for the bank, as ``reference`` there; within a unit of work."""
    after = replace(refund, status=RefundStatus.ORDERED, reference=reference)
    rows.change_refund(work, refund, after)
    return after


def call_off_refund(books: Books, case: str, *, because: str, now: datetime) -> BalanceRefund:
    """Put a balance on deposit again, before the bank has the order.

    Raises:
        Refused: ``BALANCE_REFUND_UNKNOWN``, ``REFUND_UNDER_WAY``.
    """
    record = record_id("refund", case)
    with books.work(now, "call_off_refund", on=(record,)) as work:
        refund = require_refund(work, case)
        if refund.status is RefundStatus.CALLED_OFF:
            return refund
        if refund.status is not RefundStatus.ASKED:
            raise REFUND_UNDER_WAY.because(f"{case} is {refund.status}")
        return called_off(work, refund, because=because, by=books.by.name, now=now)


def called_off(
    work: Work, refund: BalanceRefund, *, because: str, by: str, now: datetime
) -> BalanceRefund:
    """A balance is on deposit again: it was called off, or the bank could not pay it."""
    after = replace(refund, status=RefundStatus.CALLED_OFF)
    rows.change_refund(work, refund, after)
    kept = postings.balance_kept(
        case=refund.case,
        account=refund.account,
        amount_mills=refund.amount_mills,
        because=because,
    )
    LEDGER.post(work, kept, now)
    record = record_id("refund", refund.case)
    DOCKET.cancel(work, REFUND, record=record, now=now, because=because)
    rows.note(work, record, "called off", clause=_CLAUSE, because=because, by=by, now=now)
    return after


def tell_paid(books: Books, signer: Signer, *, now: datetime) -> int:
    """Tell the Postal Service of each balance paid back that it was not told of yet; how many."""
    with books.reading() as reading:
        records = [record_id("refund", each.case) for each in _untold(reading)]
    with books.work(now, "tell_refunds_paid", on=records or (_NOTHING,)) as work:
        untold = _untold(work)
        for each in untold:
            _tell_paid(work, signer, each, by=books.by.name, now=now)
    return len(untold)


def require_refund(books: Reading, case: str) -> BalanceRefund:
    """A refund of a balance.

    Raises:
        Refused: ``BALANCE_REFUND_UNKNOWN``.
    """
    found = rows.find_refund(books, case)
    if found is None:
        raise BALANCE_REFUND_UNKNOWN.because(f"there is no refund {case!r}")
    return found


def late(books: Reading, now: datetime) -> list[BalanceRefund]:
    """The refunds that are not paid although their hours have passed."""
    waiting = (RefundStatus.ASKED, RefundStatus.ORDERED)
    return [
        each
        for each in rows.refunds(books)
        if each.status in waiting and each.due_at < instant_text(now)
    ]


def _untold(books: Reading) -> list[BalanceRefund]:
    paid = rows.refunds(books, status=RefundStatus.PAID)
    return [each for each in paid if not _is_told(books, each)]


def _is_told(books: Reading, refund: BalanceRefund) -> bool:
    events = rows.events_of(books, record_id("refund", refund.case))
    return any(each["event"] == _TOLD for each in events)


def _tell_paid(
    work: Work, signer: Signer, refund: BalanceRefund, *, by: str, now: datetime
) -> None:
    account = require_account(work, refund.account)
    message = AccountRefundPaid(
        **_from(work, now),
        licence=account.licence,
        account=account.number,
        amount_mills=refund.amount_mills,
        requested_at=refund.asked_at,
        paid_at=instant_text(now),
    )
    record = record_id("refund", refund.case)
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)
    because = f"the Postal Service, of {refund.reference}"
    rows.note(work, record, _TOLD, clause=_CLAUSE, because=because, by=by, now=now)


def _amount(work: Work, account: FundsAccount, wanted: int | None) -> int:
    """What is paid back: never what the provider advanced, which is no money of the licensee."""
    have = LEDGER.balance(work, account.name).available_mills
    own = max(0, have - advances.owed(work, account.number))
    most = min(own, MILLS_MAX)
    amount = most - most % MILLS_PER_CENT if wanted is None else wanted
    if not 0 < amount <= most or amount % MILLS_PER_CENT:
        raise BALANCE_REFUND_UNSUITABLE.because(
            f"{format_dollars(amount)} of {format_dollars(own)} that are the licensee's"
        )
    return amount


def _asked(work: Work, account: FundsAccount, amount: int, now: datetime) -> BalanceRefund:
    term = at("funds", account.rulebook, now.date()).whole("account_balance_refund_hours")
    due_at = hours(now, term)
    refund = BalanceRefund(
        case=rows.refund_case(rows.next_refund(work)),
        account=account.number,
        amount_mills=amount,
        asked_at=instant_text(now),
        due_at=instant_text(due_at),
    )
    rows.add_refund(work, refund)
    taken = postings.balance_refund(case=refund.case, account=account.number, amount_mills=amount)
    LEDGER.post(work, taken, now)
    DOCKET.open(
        work,
        REFUND,
        record=record_id("refund", refund.case),
        owed_by="lockbox bank",
        rulebook=account.rulebook,
        start=now.date(),
        due=(now + timedelta(hours=term)).date(),
        now=now,
        because=f"{format_dollars(amount)} asked back from account {account.number}",
    )
    return refund


def _tell_asked(
    work: Work, signer: Signer, account: FundsAccount, refund: BalanceRefund, now: datetime
) -> None:
    message = AccountRefundRequested(
        **_from(work, now),
        licence=account.licence,
        account=account.number,
        licensee=account.licensee,
        zip_code=account.zip_code,
        amount_mills=refund.amount_mills,
        requested_at=refund.asked_at,
    )
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=account.record, now=now)


def _from(work: Work, now: datetime) -> dict[str, Any]:
    return {"device": "", "issued_at": instant_text(now), "sender": require_identity(work).name}
