"""``franking examination``, continued: what postal employees and inspectors do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.form import Drawn, require_drawable, with_paper
from franking.clock import parse_date
from franking.home.provider_office import NAME
from franking.money import parse_dollars
from franking.postal.examinations import commands, suspects
from franking.postal.examinations.records import PostalExamination
from franking.postal.examinations.suspects import Withdrawal
from franking.rules.permissions import Role

Serial = Annotated[str, typer.Argument(metavar="SERIAL", help="The device's serial or ID.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The number of the matter.")]
Provider = Annotated[str, typer.Option(help="Whose device it is.")]
Licence = Annotated[str, typer.Option(help="The licence it is leased under.")]
Unannounced = Annotated[
    str, typer.Option(help="Why the provider could not be told ahead, if it was not.")
]


def office(
    desk: Desk,
    zip_code: Annotated[str, typer.Option("--zip", help="Only this licensing office.")] = "",
) -> Answer:
    """List what a licensing office has before it: devices expected, and providers' referrals."""
    books = desk.postal_books(Role.LICENSING_OFFICER)
    data = commands.open_matters(books, zip_code=zip_code)
    table = Table("What", "Provider", "Device", "Why", box=None)
    for each in data["expected"]:
        table.add_row("expected", *(str(each[name]) for name in ("provider", "serial", "ground")))
    for each in data["referrals"]:
        what = f"referral {each['number']}"
        table.add_row(what, *(str(each[name]) for name in ("provider", "serial", "facts")))
    return Answer(data, table if any(data.values()) else "Nothing waits.")


def at_office(
    desk: Desk,
    serial: Serial,
    licence: Licence,
    ascending: Annotated[str, typer.Option(help="What it shows, in dollars.")],
    descending: Annotated[str, typer.Option(help="What it shows, in dollars.")],
    finding: Annotated[list[str] | None, typer.Option(help="What is wrong; repeatable.")] = None,
    log: Annotated[bool, typer.Option(help="Whether the register log was brought.")] = True,
    provider: Provider = NAME,
) -> Answer:
    """Examine a device at the post office, and tell its provider (DMM P030.3.11, 1995)."""
    books = desk.postal_books(Role.POSTMASTER)
    examination = PostalExamination(
        provider=provider,
        serial=serial,
        licence=licence,
        examiner=books.by.name,
        examined_on=desk.home.now.date(),
        ascending_mills=parse_dollars(ascending),
        descending_mills=parse_dollars(descending),
        log_brought=log,
        findings=tuple(finding or ()),
    )
    commands.examine_at_office(books, desk.home.postal.signer, examination, desk.home.now)
    desk.carry()
    data = {"serial": serial, "examiner": books.by.name, "findings": list(examination.findings)}
    return Answer(data, f"{serial} was examined; {provider} is told.")


def set_at_office(
    desk: Desk,
    serial: Serial,
    licence: Licence,
    zip_code: Annotated[str, typer.Option("--zip", help="The licensing office.")],
    provider: Provider = NAME,
) -> Answer:
    """Note that postal staff set a meter: its three months begin anew (DMM P030.2.6d, 1995)."""
    seen = commands.record_setting(
        desk.postal_books(Role.POSTMASTER),
        provider=provider,
        serial=serial,
        licence=licence,
        zip_code=zip_code,
        now=desk.home.now,
    )
    data = {"serial": serial, "last_seen_on": seen.last_seen_on.isoformat()}
    return Answer(data, f"{serial} was set; its three months begin today.")


def remove(desk: Desk, number: Number) -> Answer:
    """Tell a licensee of removal and revocation, and the provider to remove (501.22(f))."""
    books = desk.postal_books(Role.LICENSING_OFFICER)
    done = commands.notify_removal(books, desk.home.postal.signer, number=number, now=desk.home.now)
    desk.carry()
    words = f"{done.provider} removes {done.serial}; licence {done.licence} is being revoked."
    return Answer(commands.referral_json(done), words)


def remote(
    desk: Desk,
    serial: Serial,
    reason: Annotated[str, typer.Option(help="Why.")] = "periodic",
    provider: Provider = NAME,
) -> Answer:
    """Join in the next audit of a PSD: a copy of it comes here (DMM P050.3.4, 1997)."""
    books = desk.postal_books(Role.POSTAL_INSPECTOR)
    signer = desk.home.postal.signer
    commands.want_remote_examination(
        books, signer, provider=provider, serial=serial, reason=reason, now=desk.home.now
    )
    desk.carry()
    return Answer({"serial": serial, "reason": reason}, f"The next audit of {serial} comes here.")


def reports(desk: Desk, serial: Serial, provider: Provider = NAME) -> Answer:
    """Show what was reported of a device, and what post offices found at it."""
    books = desk.postal_books(Role.LICENSING_OFFICER)
    data = commands.device_reports(books, provider=provider, serial=serial)
    rows = {f"{each['told_on']} {each['kind']}": each["facts"] for each in data}
    return Answer(data, facts(f"Reports of {serial}", rows) if data else "Nothing was reported.")


def suspect(
    desk: Desk,
    serial: Serial,
    licence: Licence,
    suspicion: Annotated[str, typer.Option(help="Why it is reasonably suspected.")],
    provider: Provider = NAME,
) -> Answer:
    """Open a matter about a suspect device; its licensee is not told (DMM P030.2.7, P050.2.6)."""
    opened = suspects.suspect_device(
        desk.postal_books(Role.POSTAL_INSPECTOR),
        provider=provider,
        serial=serial,
        licence=licence,
        suspicion=suspicion,
        now=desk.home.now,
    )
    return Answer(suspects.suspect_json(opened), f"Matter {opened.number} is open.")


def announce(
    desk: Desk,
    number: Number,
    on: Annotated[str, typer.Option(help="The day of the inspection.")],
) -> Answer:
    """Tell the provider ahead that a suspect device will be inspected."""
    books, day = desk.postal_books(Role.POSTAL_INSPECTOR), parse_date(on)
    signer = desk.home.postal.signer
    told = suspects.announce_inspection(books, signer, number=number, on=day, now=desk.home.now)
    desk.carry()
    return Answer(suspects.suspect_json(told), f"{told.provider} is told.")


def clear_suspect(
    desk: Desk,
    number: Number,
    finding: Annotated[str, typer.Option(help="What was found.")],
    unannounced: Unannounced = "",
) -> Answer:
    """Note an examination on site after which the device stays with its licensee."""
    done = suspects.clear_suspect(
        desk.postal_books(Role.POSTAL_INSPECTOR),
        number=number,
        finding=finding,
        unannounced_because=unannounced,
        now=desk.home.now,
    )
    return Answer(suspects.suspect_json(done), f"{done.serial} stays where it is.")


def withdraw(
    desk: Desk,
    number: Number,
    ascending: Annotated[str, typer.Option(help="What it shows, in dollars.")],
    descending: Annotated[str, typer.Option(help="What it shows, in dollars.")],
    fraud: Annotated[bool, typer.Option("--fraud", help="Postage may be set by fraud.")] = False,
    replacement: Annotated[bool, typer.Option(help="A replacement is wanted.")] = True,
    unannounced: Unannounced = "",
    pdf: Drawn = None,
) -> Answer:
    """Withdraw a suspect device for tests: a receipt for the licensee, a copy to the provider."""
    require_drawable(pdf)
    withdrawal = Withdrawal(
        ascending_mills=parse_dollars(ascending),
        descending_mills=parse_dollars(descending),
        fraud_suspected=fraud,
        replacement_wanted=replacement,
    )
    seized = suspects.withdraw_suspect(
        desk.postal_books(Role.POSTAL_INSPECTOR),
        desk.home.postal.signer,
        number=number,
        withdrawal=withdrawal,
        unannounced_because=unannounced,
        now=desk.home.now,
    )
    desk.carry()
    told = Answer(msgspec.to_builtins(seized), f"Receipt {seized.receipt} for {seized.device}.")
    return with_paper(told, desk, "seizure-receipt", seized.receipt, pdf)


COMMANDS: Mapping[str, Callable[..., Answer]] = MappingProxyType(
    {
        "office": office,
        "at-office": at_office,
        "set-at-office": set_at_office,
        "remove": remove,
        "remote": remote,
        "reports": reports,
        "suspect": suspect,
        "announce": announce,
        "clear-suspect": clear_suspect,
        "withdraw": withdraw,
    }
)
"""The commands of this module by name, in the order that ``--help`` shows."""


def register(app: typer.Typer) -> None:
    """Add the commands to ``franking examination``."""
    for name, body in COMMANDS.items():
        command(app, name)(body)
