"""Numbers of accounts, which may pay, and what covers an advance. Pure: facts and rules in.

An account number is seven digits and a check digit (ISO/IEC 7812, modulus 10), as bank numbers
are: one digit misread, or two swapped, is found.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from franking.errors import Refusal
from franking.money import format_dollars
from franking.provider.funds.records import (
    AccountStatus,
    AdvanceDay,
    AdvanceTerms,
    FundsAccount,
)

ACCOUNT_NUMBER_LENGTH: Final = 8
_FIRST = 1_000_000

FUNDS_ACCOUNT_UNKNOWN = Refusal(
    "FUNDS_ACCOUNT_UNKNOWN",
    clause="39 CFR 501.28(e)(3) (1995)",
    remedy="Look the number up on the deposit ticket or with `franking account list`.",
    http_status=404,
)
FUNDS_ACCOUNT_MISSING = Refusal(
    "FUNDS_ACCOUNT_MISSING",
    clause="39 CFR 501.28(b)(2) (1995), 502.26(b)(1) (1997)",
    remedy="Sign the lease with its acknowledgment of deposit: it opens the account.",
)
FUNDS_ACCOUNT_LOCKED = Refusal(
    "FUNDS_ACCOUNT_LOCKED",
    clause="39 CFR 501.28(e)(8) (1995)",
    remedy="Pay the returned item in full to the lockbox bank; its word unlocks the account.",
)
FUNDS_ACCOUNT_CLOSED = Refusal(
    "FUNDS_ACCOUNT_CLOSED",
    clause="39 CFR 501.28(b)(2) (1995), 502.26(b)(1) (1997)",
    remedy="Open the account again with a lease and its acknowledgment of deposit.",
)
INSUFFICIENT_FUNDS = Refusal(
    "INSUFFICIENT_FUNDS",
    clause="39 CFR 501.28(b)(2), (b)(5), (e)(3) (1995); 502.26(b)(1), DMM P050.3.5a (1997)",
    remedy="Pay in first: `franking pay ACCOUNT|DEVICE AMOUNT`; `franking account options"
    " ACCOUNT|DEVICE` shows the ways, fastest first.",
)
ADVANCE_REFUSED = Refusal(
    "ADVANCE_REFUSED",
    clause="39 CFR 501.28(b)(5) (1995)",
    remedy="Pay in first, or have the provider raise its deposit with the Postal Service.",
)


def account_number(ordinal: int) -> str:
    """The number of the account that is opened as the ``ordinal``-th, from 1."""
    digits = str(_FIRST + ordinal)
    return f"{digits}{_check_digit(digits)}"


def is_account_number(text: str) -> bool:
    """Whether a number can be an account's: eight digits, the last of which checks the others."""
    if len(text) != ACCOUNT_NUMBER_LENGTH or not (text.isascii() and text.isdigit()):
        return False
    return text[-1] == _check_digit(text[:-1])


def _check_digit(digits: str) -> str:
    doubled = (int(each) * 2 if at % 2 == 0 else int(each) for at, each in enumerate(digits[::-1]))
    total = sum(value // 10 + value % 10 for value in doubled)
    return str(-total % 10)


def require_payable(account: FundsAccount) -> None:
    """Whether resets may be paid from an account.

    Raises:
        Refused: ``FUNDS_ACCOUNT_LOCKED``, ``FUNDS_ACCOUNT_CLOSED``.
    """
    require_unlocked(account)
    if account.status is AccountStatus.CLOSED:
        raise FUNDS_ACCOUNT_CLOSED.because(
            f"account {account.number} was closed on {account.closed_on}"
        )


def require_unlocked(account: FundsAccount) -> None:
    """Whether nothing that was paid into an account is open: closed or not, it pays back then.

    Raises:
        Refused: ``FUNDS_ACCOUNT_LOCKED``.
    """
    if account.status is AccountStatus.LOCKED:
        raise FUNDS_ACCOUNT_LOCKED.because(
            f"an item paid into account {account.number} was returned unpaid"
        )


def advanced(
    day: AdvanceDay,
    terms: AdvanceTerms | None,
    *,
    amount_mills: int,
    owed_mills: int,
    needed_mills: int,
) -> AdvanceDay:
    """The day's advances with one more, if the terms and the provider's deposit cover it.

    ``owed_mills`` is what the licensee owes already, ``needed_mills`` what the deposit must be at
    least: the average of the rule's days.

    Raises:
        Refused: ``INSUFFICIENT_FUNDS`` where no advance is agreed or the agreed limit is passed,
            ``ADVANCE_REFUSED`` where the provider's deposit does not cover it.
    """
    _require_terms(terms, amount_mills=amount_mills, owed_mills=owed_mills)
    if day.cover_mills < needed_mills:
        raise ADVANCE_REFUSED.because(
            f"the provider's deposit of {format_dollars(day.cover_mills)} is below the average"
            f" day's advances of {format_dollars(needed_mills)}"
        )
    if amount_mills > day.left_mills:
        raise ADVANCE_REFUSED.because(
            f"{format_dollars(day.advanced_mills)} were advanced on {day.day} out of a deposit of"
            f" {format_dollars(day.cover_mills)}: {format_dollars(amount_mills)} more exceed it"
        )
    return replace(day, advanced_mills=day.advanced_mills + amount_mills)


def _require_terms(terms: AdvanceTerms | None, *, amount_mills: int, owed_mills: int) -> None:
    if terms is None or terms.limit_mills == 0:
        raise INSUFFICIENT_FUNDS.because(
            f"{format_dollars(amount_mills)} more are needed on deposit, and no advance is agreed"
        )
    if owed_mills + amount_mills > terms.limit_mills:
        raise INSUFFICIENT_FUNDS.because(
            f"{format_dollars(amount_mills)} more are needed on deposit; with"
            f" {format_dollars(owed_mills)} owed already, that passes the agreed"
            f" {format_dollars(terms.limit_mills)}"
        )


def average_mills(total_mills: int, *, over_days: int) -> int:
    """A day's average of a total over so many days, rounded up."""
    return -(-total_mills // over_days)


def idle_since(last_reset: date | None, opened_on: date, *, on: date, after_days: int) -> bool:
    """Whether a balance lay so long that no reset touched it."""
    return (on - (last_reset or opened_on)).days > after_days
