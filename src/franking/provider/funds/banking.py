"""What the lockbox bank tells, posted: deposits, returned items, transfers, balances paid back.

Within the unit of work that takes a file in (``bank_files``), so that a file is posted whole or
not at all. Each payment is known by the bank's reference; a deposit for an account that nobody
knows waits in suspense, and no word of the bank is ever dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.ledger import Posting
from franking.money import format_dollars
from franking.provider.funds import advances, paying, postings, rows
from franking.provider.funds.bank_records import (
    BankDeposit,
    BankMadeGood,
    BankRefund,
    BankReturn,
    BankTransfer,
)
from franking.provider.funds.records import (
    CARDS,
    AccountStatus,
    FundsAccount,
    Payment,
    PaymentPlan,
    PaymentStatus,
    RefundStatus,
)
from franking.provider.schema import DOCKET, LEDGER
from franking.storage import Act, Work

ASSIGN: Final = "assign the payment"
REFUND: Final = "refund the balance"
NUMBERING: Final = "payment:numbers"
"""The record under which payments are numbered, one after the other."""
_FILE = "39 CFR 501.28(e)(2) (1995)"
_RETURNED = "39 CFR 501.28(e)(8) (1995)"
_REFUND = "39 CFR 501.28(f) (1995)"
_METER = "meter-1995"

PAYMENT_UNKNOWN = Refusal(
    "PAYMENT_UNKNOWN",
    clause=_FILE,
    remedy="Ask the bank which payment it means; `franking funds payments` lists those taken in.",
    http_status=404,
)
PAYMENT_NOT_THERE_YET = Refusal(
    "PAYMENT_NOT_THERE_YET",
    clause=_FILE,
    remedy="Ask the bank: a payment is received, returned and paid once, in that order.",
)
BALANCE_REFUND_UNKNOWN = Refusal(
    "BALANCE_REFUND_UNKNOWN",
    clause=_REFUND,
    remedy="See the refunds of balances: `franking funds refunds`.",
    http_status=404,
)


def received(
    work: Work, deposits: Sequence[BankDeposit], *, file: str, by: str, now: datetime
) -> list[Payment]:
    """Post what licensees paid in; in suspense, where nobody knows the account.

    A payment that was announced is that one. What a licensee owes for advances is repaid first.
    """
    if not deposits:
        return []
    work.wait_for(NUMBERING)
    known = rows.accounts_numbered(work, (each.account for each in deposits))
    payments = _numbered(work, deposits, known, file, now)
    LEDGER.post_many(work, [_posting(each) for each in payments], now)
    _post_card_fees(work, payments, rows.plan(work), now)
    _repay(work, payments, known, now)
    for each in payments:
        _open_suspense(work, each, now)
    _act(work, "receive_payments", record_id("file", file or "counter"), _FILE, by, payments)
    return payments


def returned(work: Work, items: Sequence[BankReturn], *, by: str, now: datetime) -> list[Payment]:
    """Lock the account of each item that came back unpaid a second time; at once (501.28(e)(8)).

    Raises:
        Refused: ``PAYMENT_UNKNOWN``, ``PAYMENT_NOT_THERE_YET``.
    """
    return [_returned(work, item, by, now) for item in items]


def made_good(
    work: Work, items: Sequence[BankMadeGood], *, by: str, now: datetime
) -> list[Payment]:
    """Unlock the account of which every returned item is paid in full (501.28(e)(8)).

    Raises:
        Refused: ``PAYMENT_UNKNOWN``, ``PAYMENT_NOT_THERE_YET``.
    """
    return [_made_good(work, item, by, now) for item in items]


def transferred(work: Work, transfers: Sequence[BankTransfer], *, now: datetime) -> None:
    """Note what the bank moved to the Postal Service Fund (501.28(e)(4))."""
    moved = [
        postings.transferred(transfer=each.reference, amount_mills=each.amount_mills)
        for each in transfers
    ]
    if moved:
        LEDGER.post_many(work, moved, now)


def refunded(work: Work, refunds: Sequence[BankRefund], *, by: str, now: datetime) -> None:
    """Note the balances that the bank paid back (501.28(f)).

    Raises:
        Refused: ``BALANCE_REFUND_UNKNOWN``, ``PAYMENT_NOT_THERE_YET``.
    """
    for each in refunds:
        _refunded(work, each, by, now)


def lock(work: Work, account: FundsAccount, *, because: str, by: str, now: datetime) -> None:
    """Lock an account, so that no reset is paid from it."""
    if account.status is not AccountStatus.LOCKED:
        rows.change_account(work, account, replace(account, status=AccountStatus.LOCKED))
    rows.note(work, account.record, "locked", clause=_RETURNED, because=because, by=by, now=now)


# Deposits ------------------------------------------------------------------------------------


def _numbered(
    work: Work,
    deposits: Sequence[BankDeposit],
    known: Mapping[str, FundsAccount],
    file: str,
    now: datetime,
) -> list[Payment]:
    """The payments of deposits: announced ones as they were announced, the others new."""
    waiting = rows.expected_of(work, known)
    ordinal, fresh, all_of_them = rows.next_payment(work), [], []
    for each in deposits:
        announced = _announced(each, waiting)
        if announced is not None:
            waiting.remove(announced)
            payment = _on_deposit(announced, each, file, now)
            rows.change_payment(work, announced, payment)
        else:
            payment = _new(rows.payment_number(ordinal), each, known, file, now)
            ordinal += 1
            fresh.append(payment)
        all_of_them.append(payment)
    rows.add_payments(work, fresh)
    return all_of_them


def _announced(deposit: BankDeposit, waiting: Sequence[Payment]) -> Payment | None:
    """The announced payment that this is: by its reference, else of the same account and amount."""
    alike = [
        each
        for each in waiting
        if (each.account, each.amount_mills, each.method)
        == (deposit.account, deposit.amount_mills, deposit.method)
    ]
    exact = [each for each in alike if each.reference == deposit.reference]
    loose = [each for each in alike if not each.reference]
    return next(iter((*exact, *loose)), None)


def _on_deposit(announced: Payment, deposit: BankDeposit, file: str, now: datetime) -> Payment:
    return replace(
        announced,
        status=PaymentStatus.ON_DEPOSIT,
        reference=deposit.reference,
        received_on=deposit.received_on,
        posted_at=instant_text(now),
        file=file,
    )


def _new(
    number: str,
    deposit: BankDeposit,
    known: Mapping[str, FundsAccount],
    file: str,
    now: datetime,
) -> Payment:
    is_known = deposit.account in known
    return Payment(
        number=number,
        account=deposit.account,
        amount_mills=deposit.amount_mills,
        method=deposit.method,
        status=PaymentStatus.ON_DEPOSIT if is_known else PaymentStatus.IN_SUSPENSE,
        reference=deposit.reference,
        received_on=deposit.received_on,
        posted_at=instant_text(now),
        file=file,
    )


def _posting(payment: Payment) -> Posting:
    if payment.status is PaymentStatus.IN_SUSPENSE:
        return postings.unassigned(payment=payment.number, amount_mills=payment.amount_mills)
    return postings.deposit(
        payment=payment.number, account=payment.account, amount_mills=payment.amount_mills
    )


def _post_card_fees(
    work: Work, payments: Sequence[Payment], plan: PaymentPlan | None, now: datetime
) -> None:
    """The processor's fee is the provider's; what the licensee paid is on deposit whole."""
    for each in payments:
        fee = paying.card_fee_mills(plan, each.method, each.amount_mills)
        if each.method in CARDS and fee:
            LEDGER.post(work, postings.card_fee(payment=each.number, amount_mills=fee), now)


def _repay(
    work: Work, payments: Sequence[Payment], known: Mapping[str, FundsAccount], now: datetime
) -> None:
    for each in payments:
        if each.status is PaymentStatus.ON_DEPOSIT and each.account in known:
            advances.repay(work, each.account, payment=each.number, now=now)


def _open_suspense(work: Work, payment: Payment, now: datetime) -> None:
    if payment.status is PaymentStatus.IN_SUSPENSE:
        DOCKET.open(
            work,
            ASSIGN,
            record=record_id("payment", payment.number),
            owed_by="provider",
            rulebook=_METER,
            start=now.date(),
            now=now,
            because=f"nobody knows account {payment.account!r}",
        )


# Returned items ------------------------------------------------------------------------------


def _returned(work: Work, item: BankReturn, by: str, now: datetime) -> Payment:
    before = _paid_with(work, item, PaymentStatus.ON_DEPOSIT, PaymentStatus.IN_SUSPENSE)
    account = rows.find_account(work, before.account)
    if before.status is PaymentStatus.IN_SUSPENSE or account is None:
        return _returned_of_nobody(work, before, item, by, now)
    after = replace(before, status=PaymentStatus.RETURNED, returned_on=item.on, reason=item.reason)
    rows.change_payment(work, before, after)
    posting = postings.returned(
        payment=after.number,
        account=after.account,
        amount_mills=after.amount_mills,
        because=item.reason,
    )
    LEDGER.post(work, posting, now)
    told = f"{after.method} {item.reference} returned unpaid: {item.reason}"
    lock(work, account, because=told, by=by, now=now)
    return after


def _returned_of_nobody(
    work: Work, before: Payment, item: BankReturn, by: str, now: datetime
) -> Payment:
    """What waited in suspense is gone; nobody owes it, and nothing is locked."""
    after = replace(before, status=PaymentStatus.FAILED, returned_on=item.on, reason=item.reason)
    rows.change_payment(work, before, after)
    posting = postings.unassigned_returned(
        payment=after.number, amount_mills=after.amount_mills, because=item.reason
    )
    LEDGER.post(work, posting, now)
    record = record_id("payment", after.number)
    DOCKET.cancel(work, ASSIGN, record=record, now=now, because=item.reason)
    rows.note(work, record, "returned", clause=_RETURNED, because=item.reason, by=by, now=now)
    return after


def _made_good(work: Work, item: BankMadeGood, by: str, now: datetime) -> Payment:
    before = _paid_with(work, item, PaymentStatus.RETURNED)
    after = replace(before, status=PaymentStatus.MADE_GOOD, settled_on=item.on)
    rows.change_payment(work, before, after)
    posting = postings.made_good(
        payment=after.number, account=after.account, amount_mills=after.amount_mills
    )
    LEDGER.post(work, posting, now)
    _unlock(work, after, by, now)
    return after


def _unlock(work: Work, paid: Payment, by: str, now: datetime) -> None:
    """Release the account once nothing that came back is open (501.28(e)(8))."""
    account = rows.find_account(work, paid.account)
    if account is None or account.status is not AccountStatus.LOCKED:
        return
    still = rows.payments(work, account=account.number, status=PaymentStatus.RETURNED)
    told = f"the bank reports {paid.reference} paid in full"
    if still:
        told += f"; {len(still)} more came back and are not paid"
        event = "paid"
    else:
        rows.change_account(work, account, replace(account, status=AccountStatus.OPEN))
        event = "unlocked"
    rows.note(work, account.record, event, clause=_RETURNED, because=told, by=by, now=now)


def _paid_with(work: Work, item: BankReturn | BankMadeGood, *stands: PaymentStatus) -> Payment:
    """The payment that the bank means, if it stands so that this can happen to it."""
    found = [each for each in rows.payments(work, reference=item.reference) if each.file]
    if not found:
        raise PAYMENT_UNKNOWN.because(f"no payment has the bank's reference {item.reference!r}")
    payment = found[-1]
    if payment.status not in stands:
        raise PAYMENT_NOT_THERE_YET.because(f"payment {payment.number} is {payment.status}")
    if payment.amount_mills != item.amount_mills:
        raise PAYMENT_NOT_THERE_YET.because(
            f"payment {payment.number} is of {format_dollars(payment.amount_mills)},"
            f" not of {format_dollars(item.amount_mills)}"
        )
    return payment


# Refunds -------------------------------------------------------------------------------------


def _refunded(work: Work, told: BankRefund, by: str, now: datetime) -> None:
    before = rows.find_refund(work, told.case)
    if before is None or before.account != told.account:
        raise BALANCE_REFUND_UNKNOWN.because(
            f"no balance of {told.account} is refunded as {told.case!r}"
        )
    if before.status is RefundStatus.PAID or before.amount_mills != told.amount_mills:
        raise PAYMENT_NOT_THERE_YET.because(
            f"{before.case} is {before.status}, of {format_dollars(before.amount_mills)}"
        )
    asked = replace(before, status=RefundStatus.ORDERED)
    if before.status is RefundStatus.ASKED:
        rows.change_refund(work, before, asked)
    after = replace(asked, status=RefundStatus.PAID, paid_on=told.on, reference=told.reference)
    rows.change_refund(work, asked, after)
    LEDGER.post(
        work,
        postings.balance_refunded(case=after.case, amount_mills=after.amount_mills),
        now,
    )
    record = record_id("refund", after.case)
    DOCKET.satisfy(work, REFUND, record=record, now=now, because=f"paid by {told.reference}")
    rows.note(
        work, record, "paid", clause=_REFUND, because=told.reference or str(told.on), by=by, now=now
    )


def _act(
    work: Work, command: str, record: str, clause: str, by: str, payments: Sequence[Payment]
) -> None:
    inputs: dict[str, object] = {
        "by": by,
        "payments": [each.number for each in payments],
        "total_mills": sum(each.amount_mills for each in payments),
    }
    work.record(Act(command=command, record=record, clauses=(clause,), inputs=inputs))
