"""Counter-entries by two people: what one proposes, another approves (policy).

Nothing in the ledger is changed or taken back; an error is corrected by a posting of its own that
names what it corrects. A payment in suspense is assigned in the same way.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.ledger import Posting, Transfer
from franking.messages.applications import one_spelling
from franking.money import format_dollars
from franking.provider.funds import advances, chart, postings, rows
from franking.provider.funds.accounts import require_account
from franking.provider.funds.banking import ASSIGN, PAYMENT_UNKNOWN
from franking.provider.funds.records import (
    Correction,
    CorrectionStatus,
    Payment,
    PaymentStatus,
)
from franking.provider.schema import DOCKET, LEDGER
from franking.storage import Books, Reading, Work

_CLAUSE: Final = "policy"
_NUMBERING: Final = "correction:numbers"

CORRECTION_UNKNOWN = Refusal(
    "CORRECTION_UNKNOWN",
    clause=_CLAUSE,
    remedy="See what was proposed: `franking funds correct list`.",
    http_status=404,
)
CORRECTION_DECIDED = Refusal(
    "CORRECTION_DECIDED",
    clause=_CLAUSE,
    remedy="Propose another correction; what is decided stays.",
)
SECOND_PERSON_NEEDED = Refusal(
    "SECOND_PERSON_NEEDED",
    clause=_CLAUSE,
    remedy="Have another person decide: nobody approves what he proposed.",
    http_status=403,
)
CORRECTION_UNSUITABLE = Refusal(
    "CORRECTION_UNSUITABLE",
    clause=_CLAUSE,
    remedy="Name two accounts of the chart, an amount above zero, why, and what it corrects.",
    http_status=422,
)
REPORTED_BY_DEVICES: Final = frozenset({"device", "transit", chart.USED})
"""What only signed reports move: a person's word never changes what a device says."""
_OF_CASES: Final = frozenset({"suspense", "refunds"})
"""What a payment or case brings and takes: an entry beside it would leave it unpayable."""
_OF_LICENSEES: Final = frozenset({"deposits", "returned", "owed"})


def propose_correction(
    books: Books,
    *,
    debit: str,
    credit: str,
    amount_mills: int,
    because: str,
    reference: str,
    now: datetime,
) -> Correction:
    """Propose a counter-entry: the balance of ``debit`` falls, that of ``credit`` rises.

    Raises:
        Refused: ``CORRECTION_UNSUITABLE``, ``ACCOUNT_UNKNOWN``, ``TRANSFER_AMOUNT_REFUSED``,
            ``FUNDS_ACCOUNT_UNKNOWN``, ``LIMIT_PASSED``: it is tried first.
    """
    if not because.strip() or not reference.strip():
        raise CORRECTION_UNSUITABLE.because("it does not say why, or what it corrects")
    for account in (debit, credit):
        _require_correctable(account)
    _require_one_side(debit, credit)
    with books.work(now, "propose_correction", on=(_NUMBERING,)) as work:
        _require_owners(work, debit, credit)
        return _proposed(work, debit, credit, amount_mills, because, reference, books, now)


def propose_assignment(
    books: Books, payment: str, *, account: str, because: str, now: datetime
) -> Correction:
    """Propose whose a payment in suspense is.

    Raises:
        Refused: ``PAYMENT_UNKNOWN``, ``FUNDS_ACCOUNT_UNKNOWN``, ``CORRECTION_UNSUITABLE``.
    """
    with books.work(now, "propose_assignment", on=(_NUMBERING,)) as work:
        waiting = _in_suspense(work, payment)
        to = require_account(work, account)
        if not because.strip():
            raise CORRECTION_UNSUITABLE.because("it does not say why")
        return _proposed(
            work,
            chart.suspense(payment),
            to.name,
            waiting.amount_mills,
            because,
            f"payment:{payment}",
            books,
            now,
        )


def decide_correction(books: Books, number: str, *, approve: bool, now: datetime) -> Correction:
    """Approve or reject what another person proposed; approved, it is posted.

    Raises:
        Refused: ``CORRECTION_UNKNOWN``, ``CORRECTION_DECIDED``, ``SECOND_PERSON_NEEDED``,
            ``LIMIT_PASSED``, ``CORRECTION_UNSUITABLE``.
    """
    record = record_id("correction", number)
    with books.work(now, "decide_correction", on=(record,)) as work:
        before = rows.find_correction(work, number)
        if before is None:
            raise CORRECTION_UNKNOWN.because(f"there is no correction {number!r}")
        if before.status is not CorrectionStatus.PROPOSED:
            raise CORRECTION_DECIDED.because(f"{number} is {before.status}")
        _require_second(before, books.by.name)
        status = CorrectionStatus.APPROVED if approve else CorrectionStatus.REJECTED
        after = replace(before, status=status, decided_by=books.by.name, decided_on=now.date())
        rows.change_correction(work, before, after)
        if approve:
            _carry_out(work, after, now)
        told = f"{status}: {after.because}"
        rows.note(
            work, record, str(status), clause=_CLAUSE, because=told, by=books.by.name, now=now
        )
        return after


def _proposed(
    work: Work,
    debit: str,
    credit: str,
    amount_mills: int,
    because: str,
    reference: str,
    books: Books,
    now: datetime,
) -> Correction:
    proposed = Correction(
        number=rows.correction_number(rows.next_correction(work)),
        debit=debit,
        credit=credit,
        amount_mills=amount_mills,
        because=because.strip(),
        reference=reference.strip(),
        proposed_by=books.by.name,
        proposed_on=now.date(),
    )
    # Tried before it is kept: a column takes no amount below one either.
    LEDGER.try_post(work, _posting(proposed), now)
    rows.add_correction(work, proposed)
    told = f"{format_dollars(amount_mills)} from {debit} to {credit}: {because}"
    record = record_id("correction", proposed.number)
    rows.note(work, record, "proposed", clause=_CLAUSE, because=told, by=books.by.name, now=now)
    return proposed


def _require_one_side(*accounts: str) -> None:
    """What the provider collects and bears stays apart from everybody else's money (LEDGER-3)."""
    own = {chart.PLACES[each.partition(":")[0]] is chart.Place.PROVIDER for each in accounts}
    if len(own) > 1:
        raise CORRECTION_UNSUITABLE.because(
            f"{' and '.join(accounts)}: the provider's own money is no licensee's or Postal money"
        )


def _require_correctable(account: str) -> None:
    kind = LEDGER.chart.kind_of(account).kind
    if kind in REPORTED_BY_DEVICES:
        raise CORRECTION_UNSUITABLE.because(f"{account} follows what devices sign")
    if kind in _OF_CASES:
        raise CORRECTION_UNSUITABLE.because(
            f"{account} follows its payment or case",
            remedy="Assign the payment whole: franking funds assign; or decide the case.",
        )


def _require_owners(work: Work, *accounts: str) -> None:
    """An account that belongs to a licensee must be one that was opened."""
    for each in accounts:
        kind, _, number = each.partition(":")
        if kind in _OF_LICENSEES:
            require_account(work, number)


def _require_second(proposed: Correction, by: str) -> None:
    if one_spelling(by) == one_spelling(proposed.proposed_by):
        raise SECOND_PERSON_NEEDED.because(f"{proposed.number} was proposed by {by}")


def _carry_out(work: Work, approved: Correction, now: datetime) -> None:
    kind, _, payment = approved.reference.partition(":")
    assigns = kind == "payment" and approved.debit == chart.suspense(payment)
    if assigns:
        _assign(work, approved, payment, now)
    else:
        LEDGER.post(work, _posting(approved), now)


def _assign(work: Work, approved: Correction, payment: str, now: datetime) -> None:
    before = _in_suspense(work, payment)
    account = require_account(work, approved.credit.partition(":")[2])
    after = replace(before, status=PaymentStatus.ON_DEPOSIT, account=account.number)
    rows.change_payment(work, before, after)
    LEDGER.post(work, _posting(approved), now)
    advances.repay(work, account.number, payment=payment, now=now)
    record = record_id("payment", payment)
    DOCKET.satisfy(work, ASSIGN, record=record, now=now, because=approved.because)
    told = f"to account {account.number}: {approved.because}"
    by = f"{approved.proposed_by} and {approved.decided_by}"
    rows.note(work, record, "assigned", clause=_CLAUSE, because=told, by=by, now=now)


def _posting(correction: Correction) -> Posting:
    if correction.debit.startswith("suspense:"):
        payment = correction.debit.partition(":")[2]
        account = correction.credit.partition(":")[2]
        if correction.credit == chart.deposits(account):
            return postings.assigned(
                payment=payment,
                account=account,
                amount_mills=correction.amount_mills,
                because=correction.because,
            )
    return Posting(
        key=f"correction:{correction.number}",
        kind="correction",
        transfers=(
            Transfer(
                debit=correction.debit,
                credit=correction.credit,
                amount_mills=correction.amount_mills,
            ),
        ),
        clause=_CLAUSE,
        because=correction.because,
        reference=correction.reference,
    )


def _in_suspense(books: Reading, number: str) -> Payment:
    found = rows.find_payment(books, number)
    if found is None:
        raise PAYMENT_UNKNOWN.because(f"there is no payment {number!r}")
    if found.status is not PaymentStatus.IN_SUSPENSE:
        raise CORRECTION_UNSUITABLE.because(f"payment {number} is {found.status}")
    return found
