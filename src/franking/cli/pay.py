"""``franking pay``: pay into an account on deposit, through the lockbox bank, in one step."""

from __future__ import annotations

from typing import Annotated

import typer

from franking.bank.records import Method, Payer
from franking.cli.answer import Answer, facts
from franking.cli.command import Desk
from franking.errors import Refusal
from franking.home import bank
from franking.home.home import Home
from franking.money import format_dollars, parse_dollars
from franking.provider.devices.notes import require as require_device
from franking.provider.funds.accounts import require_account_of
from franking.provider.funds.bank_records import FileStatus
from franking.provider.funds.rows import find_account

BANK_FILE_SET_ASIDE = Refusal(
    "BANK_FILE_SET_ASIDE",
    clause="39 CFR 501.28(e)(2) (1995)",
    remedy="See what is wrong with it: franking funds file DIGEST. The bank keeps the payment.",
)
Whose = Annotated[
    str,
    typer.Argument(metavar="ACCOUNT|DEVICE", help="The account on deposit, or a device's name."),
]


def pay(
    desk: Desk,
    whose: Whose,
    amount: Annotated[str, typer.Argument(help="Dollars and cents.")],
    method: Annotated[Method, typer.Option(help="How the money reaches the bank.")] = (
        Method.ACH_DEBIT
    ),
    order: Annotated[
        str, typer.Option(help="A name of your own: the same order again is not paid again.")
    ] = "",
    payer: Annotated[str, typer.Option(help="Who pays, if not the licensee.")] = "",
    routing: Annotated[str, typer.Option(help="Routing number of the payer's bank.")] = "",
    bank_account: Annotated[str, typer.Option(help="The payer's account there.")] = "",
    check_number: Annotated[str, typer.Option(help="The number of the check.")] = "",
) -> Answer:
    """Pay into an account on deposit: to the bank, its file taken in, the balance shown."""
    mills, home = parse_dollars(amount), desk.home
    by = Payer(name=payer, routing_number=routing, account=bank_account, check_number=check_number)
    paid = bank.pay(
        home,
        account_number(home, whose),
        mills,
        method=method,
        payer=by if payer or routing else None,
        order=order,
    )
    desk.carry()
    aside = [each for each in paid.files if each.status is FileStatus.SET_ASIDE]
    if aside:
        raise BANK_FILE_SET_ASIDE.because(f"{aside[0].name}: {aside[0].faults[0]}")
    return Answer(paid.as_json(), facts(f"{format_dollars(mills)} paid in", _shown(paid)))


def account_number(home: Home, whose: str) -> str:
    """The account that a person means: by its number, or by the name or ID of a device.

    Raises:
        Refused: ``DEVICE_NOT_THERE``, ``FUNDS_ACCOUNT_MISSING``, ``DEVICE_NOT_IN_INVENTORY``.
    """
    with home.provider.books.reading() as reading:
        if find_account(reading, whose) is not None:
            return whose
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


_SERIAL_LENGTH = 14
