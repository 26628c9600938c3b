"""The lockbox bank of a home: its books, its files on their way, and paying through it.

The bank speaks in files only: what it made is carried to the provider and to the Postal Service as
a transmission would, and taken in there or set aside. A payment in one step is a payment to the
bank, the bank's file, the file taken in, and the balance that results.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from franking.bank import days, receiving, rows
from franking.bank.decisions import banking_day, cents_of
from franking.bank.receiving import Paying
from franking.bank.records import POSTAL_SERVICE, Method, Payer, SentFile
from franking.bank_files.routing import check_digit
from franking.errors import Refusal, Refused
from franking.home import treasury
from franking.home.bank_office import BANK as BANK
from franking.home.home import Home
from franking.provider.funds import originating
from franking.provider.funds.accounts import require_account
from franking.provider.funds.announcing import expect_payment
from franking.provider.funds.bank_files import BANK_FILE_TAKEN_BEFORE, take_bank_file
from franking.provider.funds.bank_records import BankFile
from franking.provider.funds.paying import authorize_debits, require_method
from franking.provider.funds.records import BankDetails, FundsAccount
from franking.provider.funds.records import Method as FundsMethod
from franking.provider.funds.refunding import tell_paid
from franking.provider.funds.rows import bank_details, find_payment
from franking.provider.funds.sending import send_orders
from franking.provider.schema import LEDGER

DEBIT_ORDER_UNKNOWN = Refusal(
    "DEBIT_ORDER_UNKNOWN",
    clause="policy",
    remedy="Name an order for payments that you send; see a debit's state before asking again.",
    http_status=422,
)
PAYERS_BANK: Final = f"09990002{check_digit('09990002')}"
"""Of the bank where payers have their accounts unless they say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment in one step: what the bank calls it, which files told of it, and what results."""

    reference: str
    account: str
    amount_mills: int
    method: Method
    day: str
    """The banking day that it belongs to."""
    files: tuple[BankFile, ...]
    balance_mills: int

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "reference": self.reference,
            "account": self.account,
            "amount_mills": self.amount_mills,
            "method": self.method.value,
            "day": self.day,
            "files": [each.as_json() for each in self.files],
            "balance_mills": self.balance_mills,
        }


def pay(
    home: Home,
    account: str,
    amount_mills: int,
    *,
    method: Method,
    payer: Payer | None = None,
    order: str = "",
) -> Paid:
    """Pay into an account through the bank, have its file taken in, and see the balance.

    ``order`` makes a repeat of the same payment the same payment.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``, ``PAYMENT_AMOUNT_REFUSED``, ``PAYMENT_UNREADABLE``,
            ``METHOD_UNSUITABLE``, ``PAYMENT_ORDER_REUSED``, or what the books refuse.
    """
    bank, now = home.bank, home.now
    cents = cents_of(amount_mills)
    with home.provider.books.reading() as reading:
        known = require_account(reading, account)
    by = completed(payer or licensee_of(home, account), account)
    if method is Method.ACH_DEBIT:
        reference = draw(home, known, amount_mills, by, order)
    else:
        with home.provider.books.reading() as reading:
            require_method(reading, known, FundsMethod(method.value), now.date())
        paying = Paying(method=method, account=account, amount_cents=cents, payer=by, order=order)
        (payment,) = receiving.receive_payments(bank.books, bank.lockbox.number, [paying], now)
        reference = payment.reference
    days.transmit(bank.books, bank.lockbox.number, now)
    files = deliver_files(home)
    with home.provider.books.reading() as reading:
        balance = LEDGER.balance(reading, known.name).balance_mills
    return Paid(
        reference=reference,
        account=account,
        amount_mills=amount_mills,
        method=method,
        day=banking_day(bank.lockbox, now).isoformat(),
        files=tuple(files),
        balance_mills=balance,
    )


def draw(home: Home, account: FundsAccount, amount_mills: int, payer: Payer, order: str) -> str:
    """Draw an ACH debit on the licensee's bank account: the provider's file to the bank; its trace.

    A licensee who authorized no debits yet does so with this one.

    Raises:
        Refused: ``DEBIT_ORDER_UNKNOWN`` for a debit with an order, and as ``expect_payment``,
            ``send_orders`` and ``take_origination``.
    """
    if order:
        raise DEBIT_ORDER_UNKNOWN.because(f"a debit can not be ordered as {order!r}")
    books, now = home.provider.books, home.now
    with books.reading() as reading:
        details = bank_details(reading, account.number)
    if details is None:
        authorize_debits(books, _authorized(account, payer, now), now=now)
    wanted = expect_payment(books, account.number, amount_mills, FundsMethod.ACH_DEBIT, now=now)
    lockbox = home.bank.lockbox
    send_orders(books, bank=lockbox.bank, effective_on=banking_day(lockbox, now), now=now)
    hand_over(home)
    with books.reading() as reading:
        drawn = find_payment(reading, wanted.number)
    return drawn.reference if drawn else ""


def _authorized(account: FundsAccount, payer: Payer, now: datetime) -> BankDetails:
    return BankDetails(
        account=account.number,
        routing=payer.routing_number,
        bank_account=payer.account,
        kind="checking",
        authorized_by=account.licensee,
        authorized_on=now.date(),
    )


def hand_over(home: Home) -> None:
    """Hand the provider's files to the bank: debits to collect, balances to pay back.

    Raises:
        Refused: what ``take_origination`` refuses; a file that the bank has already is noted only.
    """
    bank, books, now = home.bank, home.provider.books, home.now
    for number, content in originating.not_handed_over(books):
        try:
            receiving.take_origination(bank.books, bank.lockbox.number, content, now)
        except Refused as refused:
            if refused.refusal is not receiving.ORIGINATION_TAKEN_BEFORE:
                raise
        originating.hand_over(books, number, now)


def licensee_of(home: Home, account: str) -> Payer:
    """The licensee of an account as who pays.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``.
    """
    with home.provider.books.reading() as reading:
        name = require_account(reading, account).licensee
    plain = name.encode("ascii", errors="replace").decode()
    return Payer(name=plain.translate(_NO_DELIMITERS)[:_NAME_MAX])


def completed(payer: Payer, account: str) -> Payer:
    """A payer with a bank account: a made-up one, where none is said."""
    if payer.routing_number:
        return payer
    return replace(payer, routing_number=PAYERS_BANK, account=account)


def deliver_files(home: Home, *, again: bool = False) -> list[BankFile]:
    """Carry what waits at the bank to those it is for; the files as the provider took them in.

    What was cut short is carried again: a file that is there already is only noted as delivered.
    ``again`` carries every file once more, for books that were restored from a copy.

    Raises:
        Refused: ``BOOKS_BUSY`` and its like: what was not carried waits.
    """
    bank, now = home.bank, home.now
    with bank.books.reading() as reading:
        waiting = rows.files(reading, waiting=not again)
    taken: list[BankFile] = []
    for file in waiting:
        if file.recipient == bank.lockbox.provider:
            taken += _to_provider(home, file)
        elif file.recipient == POSTAL_SERVICE:
            treasury.take_bank_file(home, bank.lockbox, file.content, file.name)
        if not file.delivered_at:
            days.deliver(bank.books, file.number, now)
    return taken


def tend(home: Home) -> list[BankFile]:
    """Let the bank do what the time of the home has brought: close days, transfer, send files.

    Raises:
        Refused: ``BOOKS_BUSY`` and its like.
    """
    hand_over(home)
    days.tend(home.bank.books, home.now)
    return deliver_files(home)


def _to_provider(home: Home, file: SentFile) -> Sequence[BankFile]:
    books, now = home.provider.books, home.now
    try:
        taken = take_bank_file(books, file.content, name=file.name, now=now)
        tell_paid(books, home.provider.signer, now=now)
        return [taken]
    except Refused as refused:
        if refused.refusal is not BANK_FILE_TAKEN_BEFORE:
            raise
        return []


_NAME_MAX: Final = 100
_NO_DELIMITERS: Final = str.maketrans(",/", "  ")
