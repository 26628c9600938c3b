"""``franking pay``: pay into an account on deposit, through the lockbox bank, in one step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import typer

from franking.bank.records import Method, Payer
from franking.cli.answer import Answer, facts
from franking.cli.command import Desk
from franking.cli.options import gathered
from franking.cli.payment_methods import method_named
from franking.errors import Refusal
from franking.home import bank
from franking.home.home import Home
from franking.money import format_dollars, parse_dollars
from franking.provider.devices.notes import require as require_device
from franking.provider.funds.accounts import require_account, require_account_of
from franking.provider.funds.bank_records import FileStatus
from franking.provider.funds.decisions import ACCOUNT_NUMBER_LENGTH
from franking.provider.funds.rows import find_account

BANK_FILE_SET_ASIDE = Refusal(
    "BANK_FILE_SET_ASIDE",
    clause="39 CFR 501.28(e)(2) (1995)",
    remedy="See what is wrong with it: franking funds file DIGEST. The bank keeps the payment.",
)
_SERIAL_LENGTH = 14


@dataclass(frozen=True, kw_only=True)
class PayerOptions:
    """A payment as it is made."""

    whose: Annotated[
        str,
        typer.Argument(metavar="ACCOUNT|DEVICE", help="The account on deposit, or its device."),
    ]
    amount: Annotated[str, typer.Argument(help="Dollars and cents.")]
    method: Annotated[
        str, typer.Option(help=f"How: {', '.join(Method)}; the beginning is enough.")
    ] = Method.ACH_DEBIT.value
    order: Annotated[
        str, typer.Option(help="A name of your own: the same order again is not paid again.")
    ] = ""
    payer: Annotated[str, typer.Option(help="Who pays, if not the licensee.")] = ""
    routing: Annotated[str, typer.Option(help="Routing number of the payer's bank.")] = ""
    bank_account: Annotated[str, typer.Option(help="The payer's account there.")] = ""
    check_number: Annotated[str, typer.Option(help="The number of the check.")] = ""

    def payer_of(self, licensee: Payer) -> Payer:
        """Who pays: the licensee, but for what the options say."""
        return replace(
            licensee,
            name=self.payer or licensee.name,
            routing_number=self.routing or licensee.routing_number,
            account=self.bank_account or licensee.account,
            check_number=self.check_number or licensee.check_number,
        )


@gathered(PayerOptions)
def pay(desk: Desk, asked: PayerOptions) -> Answer:
    """Pay into an account on deposit: to the bank, its file taken in, the balance shown."""
    mills, home = parse_dollars(asked.amount), desk.home
    number = account_number(home, asked.whose)
    by = asked.payer_of(bank.licensee_of(home, number))
    paid = bank.pay(
        home, number, mills, method=method_named(asked.method), payer=by, order=asked.order
    )
    desk.carry()
    aside = [each for each in paid.files if each.status is FileStatus.SET_ASIDE]
    if aside:
        raise BANK_FILE_SET_ASIDE.because(f"{aside[0].name}: {aside[0].faults[0]}")
    return Answer(paid.as_json(), facts(f"{format_dollars(mills)} paid in", _shown(paid)))


def account_number(home: Home, whose: str) -> str:
    """The account that a person means: by its number, or by the name or ID of a device.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``, ``DEVICE_NOT_THERE``, ``FUNDS_ACCOUNT_MISSING``,
            ``DEVICE_NOT_IN_INVENTORY``.
    """
    with home.provider.books.reading() as reading:
        if find_account(reading, whose) is not None:
            return whose
        if len(whose) == ACCOUNT_NUMBER_LENGTH and whose.isdigit():
            return require_account(reading, whose).number
    serial = whose if len(whose) == _SERIAL_LENGTH else home.shown(whose)["device_id"]
    with home.provider.books.reading() as reading:
        return require_account_of(reading, require_device(reading, serial).licence).number


def _shown(paid: bank.Paid) -> dict[str, object]:
    return {
        "account": paid.account,
        "by": f"{paid.method.value}, {paid.reference} at the bank",
        "banking day": paid.day,
        "on deposit now": format_dollars(paid.balance_mills),
    }
