"""Which banking day a payment belongs to, and what may be paid in. Pure."""

from __future__ import annotations

from datetime import date, datetime, time

from franking.bank.records import (
    ACH,
    LOCKBOX,
    RETURNABLE,
    Lockbox,
    Method,
    Payer,
    Payment,
    PaymentState,
)
from franking.bank_files.columns import is_printable
from franking.bank_files.routing import require_routing_number
from franking.errors import Refusal
from franking.money import MILLS_PER_CENT, format_dollars
from franking.rules.calendars import BANKING

AMOUNT_CENTS_MAX = 10**10 - 1
"""Ten digits of cents: as much as a bank's files can say of one item."""
PAYMENT_AMOUNT_REFUSED = Refusal(
    "PAYMENT_AMOUNT_REFUSED",
    clause="policy",
    remedy="Pay a whole number of cents, at least one and at most $99,999,999.99.",
    http_status=422,
)
PAYMENT_UNREADABLE = Refusal(
    "PAYMENT_UNREADABLE",
    clause="39 CFR 501.28(e)(6) (1995)",
    remedy="Write names and numbers in plain ASCII, as short as on a check.",
    http_status=422,
)
ITEM_NOT_RETURNABLE = Refusal(
    "ITEM_NOT_RETURNABLE",
    clause="39 CFR 501.28(e)(8) (1995)",
    remedy="Only checks and ACH debits come back unpaid, and only before they are settled.",
)
ITEM_NOT_UNPAID = Refusal(
    "ITEM_NOT_UNPAID",
    clause="39 CFR 501.28(e)(8) (1995)",
    remedy="An item is collected after its second presentment failed: see its state first.",
)
_CHECK_ACCOUNT_MAX = 10
_ACH_ACCOUNT_MAX = 17
_ACCOUNT_MAX = 10
_NAME_MAX = 100
_ORDER_MAX = 100


def cents_of(amount_mills: int) -> int:
    """Mills as a bank knows them.

    Raises:
        Refused: ``PAYMENT_AMOUNT_REFUSED`` for parts of a cent, nothing, less, or too much.
    """
    cents, rest = divmod(amount_mills, MILLS_PER_CENT)
    if rest or not 0 < cents <= AMOUNT_CENTS_MAX:
        raise PAYMENT_AMOUNT_REFUSED.because(f"{format_dollars(amount_mills)} can not be paid in")
    return cents


def banking_day(lockbox: Lockbox, now: datetime) -> date:
    """The banking day that belongs to ``now``: after the cutoff, the next (501.28(e)(2)).

    ``now`` is on the clock of the bank's place.
    """
    today = now.date()
    if not BANKING.is_business_day(today) or now.time() >= lockbox.cutoff:
        return BANKING.add(today, 1)
    return today


def require_payable(method: Method, account: str, amount_cents: int, payer: Payer) -> None:
    """Whether the bank can take such a payment and say of it what files say.

    Raises:
        Refused: ``PAYMENT_AMOUNT_REFUSED``, ``PAYMENT_UNREADABLE``, ``ROUTING_NUMBER_WRONG``.
    """
    if type(amount_cents) is not int or not 0 < amount_cents <= AMOUNT_CENTS_MAX:
        raise PAYMENT_AMOUNT_REFUSED.because(f"{amount_cents!r} cents can not be paid in")
    limits = {
        "the account": (account, _ACCOUNT_MAX),
        "the payer's name": (payer.name, _NAME_MAX),
        "the payer's account": (payer.account, _payer_account_max(method)),
        "the check's number": (payer.check_number, _ACCOUNT_MAX),
    }
    for what, (text, most) in limits.items():
        if not is_printable(text) or len(text) > most or set(text) & set(",/"):
            raise PAYMENT_UNREADABLE.because(f"{what} {text!r} has no place in a bank's file")
    if method in ACH or (method in LOCKBOX and method is not Method.CASH):
        require_routing_number(payer.routing_number)
    if method in ACH and not payer.account.strip():
        raise PAYMENT_UNREADABLE.because("an ACH entry names the account of who pays")


def _payer_account_max(method: Method) -> int:
    return _CHECK_ACCOUNT_MAX if method in LOCKBOX else _ACH_ACCOUNT_MAX


def returned(payment: Payment) -> PaymentState:
    """What becomes of a payment that comes back: presented again first, by itself.

    Raises:
        Refused: ``ITEM_NOT_RETURNABLE``.
    """
    after = {
        PaymentState.RECEIVED: PaymentState.REPRESENTED,
        PaymentState.REPRESENTED: PaymentState.UNPAID,
    }.get(payment.state)
    if payment.method not in RETURNABLE or after is None:
        raise ITEM_NOT_RETURNABLE.because(
            f"{payment.reference} is a {payment.method.value} and {payment.state.value}"
        )
    return after


def require_unpaid(payment: Payment) -> None:
    """Whether an item waits to be collected.

    Raises:
        Refused: ``ITEM_NOT_UNPAID``.
    """
    if payment.state is not PaymentState.UNPAID:
        raise ITEM_NOT_UNPAID.because(f"{payment.reference} is {payment.state.value}")


def end_of(day: date, at: time, now: datetime) -> datetime:
    """An instant of a day on the clock of the place of ``now``."""
    return datetime.combine(day, at, tzinfo=now.tzinfo)
