"""``franking inventory``: the provider's devices, from intake until they are scrapped."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from franking.cli import inventory_registers, inventory_service
from franking.cli.answer import Answer, minute
from franking.cli.command import Desk, command
from franking.cli.inventory_options import By, Serial, shown
from franking.cli.retention import certified
from franking.identifiers import record_id
from franking.money import format_dollars, parse_dollars
from franking.provider.adjustments import reporting
from franking.provider.devices import intake, removal, rows
from franking.provider.devices.history import Line, history, inspect_records
from franking.provider.devices.records import DeviceRecord, DeviceState, Kind, Mechanism
from franking.provider.licensing import relocating
from franking.provider.models import commands as models
from franking.provider.schema import RETENTION
from franking.rules.permissions import Role
from franking.storage import Books

app = typer.Typer(help="The provider's devices: one record of each.", no_args_is_help=True)
inventory_service.register(app)
inventory_registers.register(app)

Because = Annotated[str, typer.Option(help="Why.")]


@command(app, "intake")
def take_in(
    desk: Desk,
    serial: Serial,
    model: Annotated[str, typer.Option(help="The approved model.")],
    kind: Annotated[Kind, typer.Option(help="What it is.")] = Kind.METER,
    rulebook: Annotated[str, typer.Option(help="The rules it lives under.")] = "meter-1995",
    version: Annotated[
        str, typer.Option("--model-version", help="The approved version, if there are several.")
    ] = "",
    mechanical: Annotated[bool, typer.Option(help="Registers mechanically.")] = False,
    set_by_office: Annotated[bool, typer.Option(help="Set by postal staff, not remotely.")] = False,
    descending: Annotated[str, typer.Option(help="What its descending register shows.")] = "0",
    place: Annotated[str, typer.Option(help="Where it is.")] = "",
    by: By = "",
) -> Answer:
    """Take in a device as it comes from manufacture: its record begins (501.22(k))."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    device = intake.NewDevice(
        serial=serial,
        kind=kind,
        rulebook=rulebook,
        model=model,
        version=version or models.only_version(books, model),
        mechanism=Mechanism.MECHANICAL if mechanical else Mechanism.ELECTRONIC,
        remote=not set_by_office,
        descending_mills=parse_dollars(descending),
        place=place,
    )
    return shown(intake.take_in(books, device, by=by or books.by.name, now=desk.home.now))


@command(app, "inspect")
def inspect(
    desk: Desk,
    serial: Serial,
    inspector: Annotated[str, typer.Option(help="Who inspected it.")],
    finding: Annotated[str, typer.Option(help="What was found.")],
    failed: Annotated[bool, typer.Option("--failed", help="It did not pass.")] = False,
) -> Answer:
    """Inspect a new or rebuilt device before it leaves (501.19; 502.19)."""
    found = intake.NewInspection(
        serial=serial, inspector=inspector, finding=finding, passed=not failed
    )
    return shown(intake.inspect(desk.provider_books(), found, now=desk.home.now))


@command(app, "sell-to-postal-service")
def sell(desk: Desk, serial: Serial) -> Answer:
    """Pass the title of a device to the Postal Service, its only possible buyer (501.22(a))."""
    books = desk.provider_books(Role.PROVIDER_SECURITY_OFFICER)
    return shown(intake.transfer_title(books, serial, to="Postal Service", now=desk.home.now))


@command(app, "return")
def request_return(
    desk: Desk, serial: Serial, because: Because = "no longer wanted", by: By = ""
) -> Answer:
    """A licensee gives a device back: it is to be taken in and checked out (P030.2.10)."""
    books = desk.provider_books()
    by = by or books.by.name
    done = removal.request_return(books, serial, by=by, because=because, now=desk.home.now)
    return shown(done)


@command(app, "defective")
def report_defect(
    desk: Desk,
    serial: Serial,
    defect: Annotated[str, typer.Option(help="What is wrong with it.")],
    by: By = "",
) -> Answer:
    """Report a device defective: do not use it; it is retrieved in 3 business days (501.22(h)).

    The Postal Service is told at once (DMM P030.2.8, P050.2.7).
    """
    books = desk.provider_books()
    by = by or books.by.name
    signer, now = desk.home.provider.signer, desk.home.now
    done = reporting.report_defect(books, signer, serial, by=by, defect=defect, now=now)
    desk.carry()
    return shown(done)


@command(app, "retrieve")
def retrieve(
    desk: Desk, serial: Serial, because: Because = "to be checked out", by: By = ""
) -> Answer:
    """Fetch a device from its licensee, to be checked out."""
    books = desk.provider_books()
    by = by or books.by.name
    return shown(removal.retrieve(books, serial, by=by, because=because, now=desk.home.now))


@command(app, "replace")
def replace(
    desk: Desk,
    serial: Serial,
    new: Annotated[str, typer.Option("--with", help="The serial of the device from stock.")],
    because: Because = "to prevent breakdown",
    by: By = "",
) -> Answer:
    """Give the licensee another device; this one is retrieved (501.24; 502.23(a))."""
    books = desk.provider_books()
    done = relocating.replace_device(
        books, serial, by_serial=new, because=because, by=by or books.by.name, now=desk.home.now
    )
    return shown(done)


@command(app, "examine")
def examine(
    desk: Desk,
    serial: Serial,
    examiner: Annotated[str, typer.Option(help="Who examined it.")],
    finding: Annotated[str, typer.Option(help="What was found.")],
) -> Answer:
    """Examine a device that was checked out of service."""
    done = removal.examine_checked_out(
        desk.provider_books(), serial, examiner=examiner, finding=finding, now=desk.home.now
    )
    return shown(done)


@command(app, "register-shop")
def register_shop(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="The repair department.")],
    control: Annotated[str, typer.Option(help="How it is under your direct control.")],
) -> Answer:
    """Register a factory or repair department under your direct control (501.27)."""
    books = desk.provider_books(Role.PROVIDER_SECURITY_OFFICER)
    removal.register_shop(books, name, control=control, now=desk.home.now)
    return Answer({"shop": name, "control": control}, f"{name} is registered.")


@command(app, "rebuild")
def rebuild(
    desk: Desk,
    serial: Serial,
    shop: Annotated[str, typer.Option(help="The registered repair department.")],
    repairs: Annotated[str, typer.Option(help="What was done.")],
    by: By = "",
) -> Answer:
    """Repair the inside of a device that is checked out (501.27); inspect it afterwards."""
    books = desk.provider_books()
    done = removal.rebuild(
        books, serial, shop=shop, repairs=repairs, by=by or books.by.name, now=desk.home.now
    )
    return shown(done)


@command(app, "stock")
def stock(desk: Desk, serial: Serial, by: By = "") -> Answer:
    """Put a sound device that was checked out back into stock."""
    books = desk.provider_books()
    return shown(removal.return_to_stock(books, serial, by=by or books.by.name, now=desk.home.now))


@command(app, "scrap")
def scrap(desk: Desk, serial: Serial, because: Because = "worn out", by: By = "") -> Answer:
    """Scrap a device: the end of its life."""
    books = desk.provider_books()
    by = by or books.by.name
    return shown(removal.scrap(books, serial, by=by, because=because, now=desk.home.now))


@command(app, "find")
def find(
    desk: Desk,
    state: Annotated[DeviceState | None, typer.Option(help="Only devices in this state.")] = None,
    licence: Annotated[str, typer.Option(help="Only devices of this licence.")] = "",
    office: Annotated[str, typer.Option(help="Only devices of this post office (ZIP).")] = "",
    after: Annotated[str, typer.Option(help="Go on after this serial.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
) -> Answer:
    """Find devices by state, licence or post office; a page at a time."""
    with desk.provider_books().reading() as reading:
        found = rows.searched(
            reading, state=state, licence=licence, office=office, after=after, limit=limit
        )
    data = [rows.columns(record) for record in found]
    return Answer(data, _table(found) if found else "There is no such device.")


def show_history(desk: Desk, serial: str) -> Answer:
    """One device's whole life; each line says whether it was reported or signed."""
    books = desk.provider_books()
    if (destroyed := _destroyed(books, serial)) is not None:
        return destroyed
    record, lines = history(books, serial)
    data = {**rows.columns(record), "history": [asdict(line) for line in lines]}
    return Answer(data, _life(record, lines, desk.home.now))


@command(app, "open-records")
def open_records(desk: Desk, serial: Serial) -> Answer:
    """Show a device's record to a postal official (501.21, 501.22(k)); the look is journalled."""
    books = desk.provider_books(Role.POSTAL_INSPECTOR)
    data = inspect_records(books, serial, now=desk.home.now)
    record, lines = history(books, serial)
    return Answer(data, _life(record, lines, desk.home.now))


def _destroyed(books: Books, serial: str) -> Answer | None:
    """What is left to say of a device whose record was destroyed by rule: that, and by whom."""
    with books.reading() as reading:
        _, _, certificates = RETENTION.standing(reading, record_id("device", serial))
        if not certificates or rows.find(reading, serial) is not None:
            return None
    data = {"serial": serial, "state": "destroyed", "history": [], "certificates": certificates}
    told = (f"Certificate {each.number}: {certified(each)}" for each in certificates)
    return Answer(msgspec.to_builtins(data), "\n".join(told))


def _life(record: DeviceRecord, lines: list[Line], now: datetime) -> Table:
    standing = f"{record.serial}, {record.kind} {record.model}: {record.state}"
    held = f", licence {record.licence}" if record.licence else ""
    table = Table(title=f"{standing}{held}", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("when", "what", "on whose word"):
        table.add_column(name, no_wrap=True, style="dim" if name == "when" else "")
    table.add_column("", overflow="fold", ratio=1)
    for line in lines:
        rests = ", ".join(each for each in (line.clause, line.by and f"by {line.by}") if each)
        told = Text(line.text)
        if rests:
            told.append(f"\n{rests}", style="dim")
        table.add_row(minute(line.at, now), Text(line.what), Text(line.source), told)
    return table


def _table(found: list[DeviceRecord]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("serial", "what", "state, since", "licence, office", "ascending"):
        table.add_column(name, overflow="fold")
    for one in found:
        read = (format_dollars(one.ascending_mills), str(one.reading_source))
        pairs = (
            (one.kind, one.model),
            (one.state, str(one.since)),
            (one.licence, one.office),
            read,
        )
        cells = (Text.assemble(first, "\n", (second, "dim")) for first, second in pairs)
        table.add_row(Text(one.serial), *cells)
    return table
