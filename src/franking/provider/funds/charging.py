"""Paying for resets from accounts on deposit: the seam between money and ``provider.resetting``.

Within the unit of work that grants: charge and grant are one transaction. A licensee's funds are
charged, or the provider advances what is missing; in no other case is a reset beyond the balance
granted (501.28(b)(5)). Laws kept here: LEDGER-2, LEDGER-4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from franking.ledger import Posted, Posting
from franking.ledger.tables import balances_of
from franking.provider.funds import advances, postings, rows
from franking.provider.funds.accounts import require_account_of
from franking.provider.funds.decisions import FUNDS_ACCOUNT_MISSING, require_payable
from franking.provider.funds.records import FundsAccount
from franking.provider.schema import LEDGER
from franking.provider.standing.standing import require_resetting_open
from franking.storage import Reading, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedReset:
    """A reset that is to be paid for."""

    serial: str
    licence: str
    amount_mills: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetCharge:
    """A reset as it was paid for."""

    account: FundsAccount
    amount_mills: int
    advanced_mills: int
    """How much of it the provider advanced."""
    balance_after_mills: int
    """What remains on the account."""
    posted: Posted


def require_resettable(books: Reading, licence: str, on: date) -> FundsAccount:
    """The account of a licence, if resets may be paid from it: what ``resetting`` calls a lock.

    Raises:
        Refused: ``RESETTING_SUSPENDED``, ``FUNDS_ACCOUNT_MISSING``, ``FUNDS_ACCOUNT_LOCKED``,
            ``FUNDS_ACCOUNT_CLOSED``.
    """
    require_resetting_open(books, on)
    account = require_account_of(books, licence)
    require_payable(account)
    return account


def charge_for_reset(
    work: Work, serial: str, licence: str, amount_mills: int, sequence: int, now: datetime
) -> ResetCharge:
    """Charge a reset to the licensee's account, with an advance where that is agreed.

    The same device and sequence again is the same charge.

    Raises:
        Refused: as ``require_resettable``; ``INSUFFICIENT_FUNDS``, ``ADVANCE_REFUSED``,
            ``LEDGER_KEY_REUSED`` for the same sequence with another amount.
    """
    wanted = WantedReset(
        serial=serial, licence=licence, amount_mills=amount_mills, sequence=sequence
    )
    return charge_for_resets(work, [wanted], now)[0]


def charge_for_resets(
    work: Work, wanted: Sequence[WantedReset], now: datetime
) -> list[ResetCharge]:
    """Charge many resets, all or none; in the order asked for.

    Raises:
        Refused: as ``charge_for_reset``, for the first that can not be paid.
    """
    require_resetting_open(work, now.date())
    known = rows.accounts_of(work, (each.licence for each in wanted))
    payers = [_payer(known, each) for each in wanted]
    advanced = _advanced(work, list(zip(payers, wanted, strict=True)), now)
    made = LEDGER.post_many(work, [_grant(*each) for each in zip(payers, wanted, strict=True)], now)
    return [
        ResetCharge(
            account=payer,
            amount_mills=each.amount_mills,
            advanced_mills=advanced.get(each, 0),
            balance_after_mills=_left(posted),
            posted=posted,
        )
        for payer, each, posted in zip(payers, wanted, made, strict=True)
    ]


def _payer(known: dict[str, FundsAccount], wanted: WantedReset) -> FundsAccount:
    account = known.get(wanted.licence)
    if account is None:
        raise FUNDS_ACCOUNT_MISSING.because(f"licence {wanted.licence} has no account")
    require_payable(account)
    return account


def _advanced(
    work: Work, paid: Sequence[tuple[FundsAccount, WantedReset]], now: datetime
) -> dict[WantedReset, int]:
    """Advance what is missing, reset by reset; nothing for those that were charged before."""
    names = sorted({payer.name for payer, _ in paid})
    work.wait_for(*sorted({payer.record for payer, _ in paid}))
    found = balances_of(work, LEDGER.tables, names)
    left = {name: found[name].available_mills if name in found else 0 for name in names}
    given: dict[WantedReset, int] = {}
    for payer, wanted in paid:
        missing = wanted.amount_mills - left[payer.name]
        if missing > 0 and LEDGER.find(work, _grant(payer, wanted).key) is None:
            because = f"reset {wanted.sequence} of {wanted.serial}"
            advances.advance(work, payer, missing, because=because, now=now)
            given[wanted] = missing
            left[payer.name] += missing
        left[payer.name] -= wanted.amount_mills
    return given


def _grant(payer: FundsAccount, wanted: WantedReset) -> Posting:
    return postings.grant(
        serial=wanted.serial,
        sequence=wanted.sequence,
        account=payer.number,
        amount_mills=wanted.amount_mills,
    )


def _left(posted: Posted) -> int:
    after = posted.transfers[0].debit_after_mills
    return 0 if after is None else after
