"""``franking telephone-reset``: the meters of 1995, set by telephone, and the meter itself.

``call``, ``confirm`` and ``read`` are the resetting company's desk; ``key-in``, ``impress`` and
``meter`` are a simulated meter of this home.
"""

from __future__ import annotations

import secrets
from typing import Annotated

import typer
from rich.table import Table

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.form import Drawn, require_drawable, with_paper
from franking.cli.inventory_options import Serial
from franking.errors import Refused
from franking.money import format_dollars, parse_dollars
from franking.provider.devices.notes import require
from franking.provider.telephone import commands, rows
from franking.provider.telephone.codes import SECRET_BYTES, grouped
from franking.provider.telephone.records import Call, Setting
from franking.rules.permissions import Role
from franking.world import meter as meters

app = typer.Typer(help="Meters of 1995, set by telephone.", no_args_is_help=True)
Account = Annotated[str, typer.Option(help="The licensee's account number.")]
Ascending = Annotated[str, typer.Option(help="The ascending register, in dollars.")]
Descending = Annotated[str, typer.Option(help="The descending register, in dollars.")]
Amount = Annotated[str, typer.Option(help="The postage wanted, in dollars.")]
Caller = Annotated[str, typer.Option("--by", help="Who calls.")]


@command(app, "enrol")
def enrol(desk: Desk, serial: Serial) -> Answer:
    """Share a secret with a meter, and load it: from now on it is set by telephone (P030.3.9)."""
    secret = secrets.token_bytes(SECRET_BYTES)
    books, home = desk.provider_books(Role.PROVIDER_AGENT), desk.home
    kept = commands.enrol_meter(books, home.provider.vault, serial, secret=secret, now=home.now)
    with books.reading() as reading:
        device = require(reading, serial)
    made = meters.Meter(
        serial=serial,
        secret=secret,
        ascending_mills=device.ascending_mills,
        descending_mills=device.descending_mills,
    )
    meters.keep(home.folder, made)
    data = {"serial": serial, "total_mills": kept.total_mills}
    return Answer(data, f"{serial} is set by telephone now; a simulated one stands in this home.")


@command(app, "call")
def call(
    desk: Desk,
    serial: Serial,
    account: Account,
    ascending: Ascending,
    descending: Descending,
    amount: Amount,
    by: Caller = "licensee",
    pdf: Drawn = None,
) -> Answer:
    """Ask for a setting, with the readings typed in; the code is told once it is paid for.

    The same call again tells the same code and charges nothing (501.28(a), (e)(3); P030.3.12).
    """
    require_drawable(pdf)
    asked = _call(serial, account, ascending, descending, by, amount)
    books, home = desk.provider_books(Role.PROVIDER_AGENT), desk.home
    told = commands.tell_setting(books, home.provider.vault, home.provider.signer, asked, home.now)
    desk.carry()
    mills, sequence = told.setting.amount_mills, told.setting.sequence
    data = {
        "serial": serial,
        "sequence": sequence,
        "amount_mills": mills,
        "code": told.code,
        "balance_mills": told.balance_mills,
        "again": told.again,
    }
    charged = "Told before, charged once" if told.again else f"{format_dollars(mills)} charged"
    answer = Answer(
        data,
        f"Setting {sequence} of {serial}: key in {format_dollars(mills)}, then the code "
        f"{grouped(told.code)}.\n{charged}; balance {format_dollars(told.balance_mills)}.",
    )
    return with_paper(answer, desk, "3603", f"{serial}:{sequence}", pdf)


@command(app, "confirm")
def confirm(
    desk: Desk,
    serial: Serial,
    account: Account,
    ascending: Ascending,
    descending: Descending,
    by: Caller = "licensee",
) -> Answer:
    """Tell the desk what the meter shows once the code was keyed in."""
    asked = _call(serial, account, ascending, descending, by)
    books = desk.provider_books(Role.PROVIDER_AGENT)
    setting = commands.confirm_setting(books, asked, desk.home.now)
    data = {"serial": serial, "sequence": setting.sequence, "amount_mills": setting.amount_mills}
    return Answer(data, f"Setting {setting.sequence} of {serial} is in the meter.")


@command(app, "read")
def read(
    desk: Desk,
    serial: Serial,
    ascending: Ascending,
    descending: Descending,
    by: Annotated[str, typer.Option(help="The provider's representative.")] = "",
) -> Answer:
    """Take a representative's reading at the meter: it settles a code that was never keyed in."""
    books, now = desk.provider_books(Role.PROVIDER_AGENT), desk.home.now
    device = commands.read_at_meter(
        books,
        serial,
        ascending_mills=parse_dollars(ascending),
        descending_mills=parse_dollars(descending),
        by=by or books.by.name,
        now=now,
    )
    _pass_over(desk, serial)
    data = {"serial": serial, "descending_mills": device.descending_mills}
    return Answer(data, f"{serial} was read: {format_dollars(device.descending_mills)} in it.")


@command(app, "list")
def list_settings(desk: Desk, serial: Serial) -> Answer:
    """List the settings of a meter, and what became of each code."""
    with desk.home.provider.books.reading() as reading:
        found = rows.settings_of(reading, serial)
    table = Table("Setting", "Told", "Amount", "Account", "By", "Status", box=None)
    for one in found:
        amount = format_dollars(one.amount_mills)
        when = f"{one.told_at[:16]}Z"
        table.add_row(str(one.sequence), when, amount, one.account, one.caller, str(one.status))
    return Answer([_plain(one) for one in found], table if found else "No setting was told yet.")


@command(app, "key-in")
def key_in(
    desk: Desk,
    serial: Serial,
    amount: Amount,
    code: Annotated[str, typer.Option(help="As it was told; spaces do not matter.")],
) -> Answer:
    """At the simulated meter: key in an amount and the code that was told for it."""
    folder, mills = desk.home.folder, parse_dollars(amount)
    before = meters.fetch(folder, serial)
    try:
        after = meters.key_in(before, amount_mills=mills, code=code)
    except Refused as refused:
        if refused.refusal is meters.CODE_WRONG:
            meters.keep(folder, meters.tried(before))
        raise
    meters.keep(folder, after)
    return _shown(after)


@command(app, "impress")
def impress(
    desk: Desk,
    serial: Serial,
    postage: Annotated[str, typer.Option(help="Dollars of each impression.")],
    pieces: Annotated[int, typer.Option(min=1, max=100_000)] = 1,
) -> Answer:
    """At the simulated meter: print postage."""
    folder, mills = desk.home.folder, parse_dollars(postage)
    meter = meters.fetch(folder, serial)
    for _ in range(pieces):
        meter = meters.printed(meter, postage_mills=mills)
    meters.keep(folder, meter)
    return _shown(meter)


@command(app, "meter")
def show(desk: Desk, serial: Serial) -> Answer:
    """Read the registers off the simulated meter."""
    return _shown(meters.fetch(desk.home.folder, serial))


def _call(
    serial: str, account: str, ascending: str, descending: str, caller: str, amount: str = "0"
) -> Call:
    return Call(
        serial=serial,
        account=account,
        ascending_mills=parse_dollars(ascending),
        descending_mills=parse_dollars(descending),
        amount_mills=parse_dollars(amount),
        caller=caller,
    )


def _pass_over(desk: Desk, serial: str) -> None:
    """The representative has the meter count on past a code that it never took."""
    folder = desk.home.folder
    with desk.home.provider.books.reading() as reading:
        enrolled = rows.find_meter(reading, serial)
    if enrolled is not None and meters.stands(folder, serial):
        there = meters.fetch(folder, serial)
        meters.keep(folder, meters.serviced(there, settings=enrolled.settings))


def _shown(meter: meters.Meter) -> Answer:
    data = {
        "serial": meter.serial,
        "ascending_mills": meter.ascending_mills,
        "descending_mills": meter.descending_mills,
        "pieces": meter.pieces,
        "settings": meter.settings,
        "wrong_codes": meter.wrong_codes,
    }
    lines = {
        "ascending": format_dollars(meter.ascending_mills),
        "descending": format_dollars(meter.descending_mills),
        "control total": format_dollars(meter.total_mills),
        "pieces": meter.pieces,
        "settings": meter.settings,
    }
    return Answer(data, facts(f"Meter {meter.serial} (simulated)", lines))


def _plain(setting: Setting) -> dict[str, object]:
    return {
        "sequence": setting.sequence,
        "amount_mills": setting.amount_mills,
        "account": setting.account,
        "caller": setting.caller,
        "told_at": setting.told_at,
        "status": str(setting.status),
        "ascending_mills": setting.ascending_mills,
        "descending_mills": setting.descending_mills,
    }
