"""What a file of the bank told, posted: each kind of item by the function that knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeVar

from franking.bank_files.faults import Fault
from franking.bank_files.routing import is_bank_account, is_routing_number
from franking.errors import Refused
from franking.provider.funds import banking, paying, rows
from franking.provider.funds.bank_records import (
    BankChange,
    BankDeposit,
    BankItem,
    BankMadeGood,
    BankRefund,
    BankReturn,
    BankTransfer,
)
from franking.provider.funds.records import BankDetails
from franking.storage import Work

Item = TypeVar("Item")
_SAVINGS_CODES: Final = ("32", "33", "37", "38")
_NO_FAULTS: Final[tuple[Fault, ...]] = ()


def post_or_explain(
    work: Work, items: Sequence[BankItem], *, file: str, by: str, now: datetime
) -> tuple[Fault, ...]:
    """Post everything that a file told; where anything of it is refused, nothing, and say why.

    Raises:
        Refused: ``BOOKS_BUSY`` and its like: no fault of the file, which is to come again.
    """
    acts, attempt = len(work.acts), work.connection.begin_nested()
    try:
        _post(work, items, file, by, now)
    except Refused as refused:
        if refused.is_passing:
            raise
        attempt.rollback()
        del work.acts[acts:]
        return (Fault(0, refused.code, refused.detail),)
    attempt.commit()
    return _NO_FAULTS


def _post(work: Work, items: Sequence[BankItem], file: str, by: str, now: datetime) -> None:
    """Deposits first: what came back may have been told of in the same file."""
    banking.received(work, _of(items, BankDeposit), file=file, by=by, now=now)
    banking.returned(work, _of(items, BankReturn), by=by, now=now)
    banking.made_good(work, _of(items, BankMadeGood), by=by, now=now)
    banking.transferred(work, _of(items, BankTransfer), now=now)
    banking.refunded(work, _of(items, BankRefund), by=by, now=now)
    for change in _of(items, BankChange):
        _change(work, change, by, now)


def _of(items: Sequence[BankItem], kind: type[Item]) -> list[Item]:
    return [each for each in items if isinstance(each, kind)]


def _change(work: Work, told: BankChange, by: str, now: datetime) -> None:
    """Draw an account's debits from where its bank says, from now on; the notice stays on file.

    What no file to the bank could name is not kept: it would hold up everybody's debits.
    """
    before = rows.bank_details(work, told.account)
    if before is None:
        return
    after = corrected(before, told)
    if after != before and is_bank_account(after.bank_account):
        after = replace(after, authorized_by=f"notice {told.reason}", authorized_on=now.date())
        paying.keep_details(work, after, by=by, now=now)


def corrected(details: BankDetails, told: BankChange) -> BankDetails:
    """Bank details as a notification of change has them; one that says nothing changes nothing."""
    words = told.corrected.split()
    match told.reason:
        case "C01" if words:
            return replace(details, bank_account=words[0])
        case "C02" if words and is_routing_number(words[0]):
            return replace(details, routing=words[0])
        case "C03" if len(words) > 1 and is_routing_number(words[0]):
            return replace(details, routing=words[0], bank_account=words[1])
        case "C05" if words:
            return replace(details, kind=_kind(words[0]))
        case "C06" if len(words) > 1:
            return replace(details, bank_account=words[0], kind=_kind(words[1]))
    return details


def _kind(code: str) -> str:
    return "savings" if code in _SAVINGS_CODES else "checking"
