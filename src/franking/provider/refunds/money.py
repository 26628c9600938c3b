"""The postings of refunds: into a case, and out of it to whom it is paid.

A case's account holds what was granted and is not paid yet; after its payment it is at zero.
Value comes from where the ledger holds it, the postage of pieces from what was used.
"""

from __future__ import annotations

from datetime import datetime

from franking.ledger.records import Posting, Transfer
from franking.provider.funds import accounts, chart, postings
from franking.provider.refunds import examined
from franking.provider.refunds.examined import Examined
from franking.provider.refunds.records import Case
from franking.provider.resetting import rows as resetting_rows
from franking.provider.schema import LEDGER
from franking.refunds.records import Payout
from franking.storage import Reading, Work


def take_value(work: Work, case: Case, now: datetime) -> None:
    """Move the granted value of a withdrawn system into its case.

    Raises:
        Refused: ``REFUND_VALUE_NOT_IN_BOOKS``.
    """
    amount, licence = case.amount_mills, case.licence
    source = examined.require_held(work, case.device, amount, licence=licence).account
    transfer = Transfer(debit=source, credit=chart.refunds(case.id), amount_mills=amount)
    LEDGER.post(work, _granted(case, transfer), now)


def use_the_rest(work: Work, seen: Examined, now: datetime) -> None:
    """Post what a meter had used since its last report when it was examined.

    A device that signs has reported it all itself; what it lost stays on its account, for whoever
    bears the loss.
    """
    if resetting_rows.find_device(work, seen.serial) is not None:
        return
    inside = LEDGER.balance(work, chart.device(seen.serial)).balance_mills
    rest = inside - max(0, seen.unused_mills)
    if rest > 0:
        used = postings.use(
            serial=seen.serial, report=f"end-{seen.ascending_mills}", amount_mills=rest
        )
        LEDGER.post(work, used, now)


def take_postage(work: Work, case: Case, now: datetime) -> None:
    """Move the postage of granted pieces, which their devices reported as used, into the case."""
    transfer = Transfer(
        debit=chart.USED, credit=chart.refunds(case.id), amount_mills=case.amount_mills
    )
    LEDGER.post(work, _granted(case, transfer), now)


def pay(work: Work, case: Case, payout: Payout, now: datetime) -> None:
    """Pay a case out: to the fund whose check it was, to the account, or by the provider.

    Raises:
        Refused: ``FUNDS_ACCOUNT_MISSING`` for a credit without an account.
    """
    paid = postings.refund_paid(
        case=case.id,
        to=_payee(work, case, payout),
        amount_mills=case.amount_mills,
        clause=case.clause,
    )
    LEDGER.post(work, paid, now)


def collect(work: Work, case: Case, amount_mills: int, now: datetime) -> None:
    """Collect postage that was used and never paid for (9.3.1a), from the licensee's deposit.

    Raises:
        Refused: ``FUNDS_ACCOUNT_MISSING``, or what the ledger refuses where the deposit is short.
    """
    account = accounts.require_account_of(work, case.licence).number
    transfer = Transfer(debit=chart.deposits(account), credit=chart.USED, amount_mills=amount_mills)
    collected = Posting(
        key=f"refund-collected:{case.id}",
        kind="additional postage",
        transfers=(transfer,),
        clause=case.clause,
        because=case.because,
        reference=case.record,
    )
    LEDGER.post(work, collected, now)


def reimbursed(work: Work, claim: str, amount_mills: int, clause: str, now: datetime) -> None:
    """Note that the Postal Service reimbursed a claim."""
    posting = postings.reimbursed(claim=claim, amount_mills=amount_mills, clause=clause)
    LEDGER.post(work, posting, now)


def _granted(case: Case, transfer: Transfer) -> Posting:
    return Posting(
        key=f"refund-granted:{case.id}",
        kind="refund granted",
        transfers=(transfer,),
        clause=case.clause,
        because=case.because,
        reference=case.record,
    )


def _payee(books: Reading, case: Case, payout: Payout) -> str:
    match payout:
        case Payout.CHECK:
            return chart.FUND
        case Payout.PROVIDER:
            return chart.REIMBURSEMENTS
        case _:
            return chart.deposits(accounts.require_account_of(books, case.licence).number)
