"""Paying what was granted: by check, or through the post office; never twice.

Whoever pays is not who ruled. A credit, a transfer and a provider's own payment are not paid
here: no floor holds for them, and the provider carries them out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.ledger import Posting, Transfer
from franking.messages.applications import one_spelling
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.refunding import RefundCheckIssued
from franking.messages.signing import Signer
from franking.money import format_dollars
from franking.postal.refunds import rows
from franking.postal.refunds.filing import note, record_of
from franking.postal.refunds.records import Check, Origin, RefundCase
from franking.postal.refunds.ruling import require_case
from franking.postal.refunds.tables import CHECKS
from franking.postal.schema import DISPATCHES, LEDGER
from franking.postal.treasury.chart import FUND, POSTAGE_REFUNDS, account
from franking.refunds.records import Payout
from franking.storage import Books, Reading, Work

NOTHING_TO_PAY = Refusal(
    "NOTHING_TO_PAY",
    clause="DMM 604.9.2.8 (2008)",
    remedy="See what was granted, and what was paid of it: franking refund-desk show NUMBER.",
)
PAID_OTHERWISE = Refusal(
    "PAID_OTHERWISE",
    clause="DMM 604.9.3.1a (2008)",
    remedy="The provider credits or transfers it: only checks have a floor.",
)
PAID_BY_ITS_RULER = Refusal(
    "PAID_BY_ITS_RULER",
    clause="policy",
    remedy="Have another person pay it.",
    http_status=403,
)
PAID_HERE: Final = frozenset({Payout.CHECK.value, Payout.POST_OFFICE.value})


def issue_check(books: Books, signer: Signer, number: int, *, now: datetime) -> Check:
    """Pay what was granted and not paid yet; the provider of a forwarded case is told.

    Raises:
        Refused: ``REFUND_CASE_UNKNOWN``, ``PAID_OTHERWISE``, ``NOTHING_TO_PAY``,
            ``PAID_BY_ITS_RULER``.
    """
    with books.work(now, "issue_refund_check") as work:
        case = require_case(work, number)
        amount_mills = _unpaid(work, case)
        _require_another(work, case, by=books.by.name)
        check = Check(
            number=rows.next_number(work, CHECKS),
            case=number,
            payee=case.requester,
            amount_mills=amount_mills,
            issued_by=books.by.name,
            issued_on=now.date(),
        )
        rows.add_check(work, check)
        LEDGER.post(work, _posting(case, check), now)
        if case.origin is Origin.FORWARDED:
            _tell(work, signer, case, check, now)
        because = f"{format_dollars(amount_mills)} to {case.requester}, number {check.number}"
        note(work, case, f"paid by {case.payout}", by=books.by.name, because=because, now=now)
    return check


def paid_mills(books: Reading, case: RefundCase) -> int:
    """What was paid on a request."""
    return sum(check.amount_mills for check in rows.checks_of(books, case.number))


def _require_another(work: Work, case: RefundCase, *, by: str) -> None:
    """Neither who ruled nor who heard the appeal pays, nor who is paid."""
    appeal = rows.appeal_of(work, case.number)
    parties = (case.ruled_by, case.requester, appeal.heard_by if appeal else "")
    if one_spelling(by) in map(one_spelling, parties):
        raise PAID_BY_ITS_RULER.because(f"{by} ruled on case {case.number}, or is paid by it")


def _unpaid(work: Work, case: RefundCase) -> int:
    if case.payout and case.payout not in PAID_HERE:
        raise PAID_OTHERWISE.because(f"case {case.number} is settled by {case.payout}")
    unpaid = case.due_mills - paid_mills(work, case)
    if not case.payout or unpaid <= 0:
        raise NOTHING_TO_PAY.because(
            f"case {case.number} is {case.status}: {format_dollars(case.due_mills)} granted,"
            f" {format_dollars(paid_mills(work, case))} paid"
        )
    return unpaid


def _posting(case: RefundCase, check: Check) -> Posting:
    """The fund pays: for indicia at the Postal Service's cost, for value out of what it holds."""
    of_value = case.origin is Origin.FORWARDED
    debit = account("fund-clearing", case.provider) if of_value else POSTAGE_REFUNDS
    return Posting(
        key=f"refund-check:{check.number}",
        kind="refund check",
        transfers=(Transfer(debit=debit, credit=FUND, amount_mills=check.amount_mills),),
        clause=case.clause,
        because=case.because,
        reference=record_of(case),
    )


def _tell(work: Work, signer: Signer, case: RefundCase, check: Check, now: datetime) -> None:
    message = RefundCheckIssued(
        device=case.device,
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        case=case.provider_case,
        check=str(check.number),
        amount_mills=check.amount_mills,
        issued_on=check.issued_on.isoformat(),
    )
    record = record_id("refund", case.number)
    DISPATCHES.send(work, message, signer, recipient=case.provider, record=record, now=now)
