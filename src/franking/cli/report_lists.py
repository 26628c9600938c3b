"""Lists of devices: meters in service each quarter, what differs, what is lost or stolen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.cli.options import gathered
from franking.clock import parse_date
from franking.home.provider_office import NAME
from franking.money import format_dollars
from franking.postal.reports import commands as postal
from franking.postal.reports import tables as postal_tables
from franking.postal.reports.records import Held, ListedMeter
from franking.provider.closing.statements import parse_month
from franking.provider.reports import listing, missing, tables
from franking.provider.reports.expecting import month_end
from franking.provider.reports.in_service import last_closed_quarter, quarter_name
from franking.provider.reports.records import DispositionKind
from franking.rules.calendars import months, postal_quarter
from franking.rules.permissions import Role

File = Annotated[Path, typer.Argument(metavar="FILE", help="The list, as CSV.")]


@dataclass(frozen=True, kw_only=True)
class AtTheOffice:
    """What the licensing post office's papers say of a meter."""

    serial: Annotated[str, typer.Option(help="Its serial number.")]
    model: Annotated[str, typer.Option(help="Its model number.")] = ""
    user: Annotated[str, typer.Option(help="The user's name.")] = ""
    address: Annotated[str, typer.Option(help="The user's address.")] = ""
    placed_on: Annotated[str, typer.Option(metavar="DAY", help="When placed in service.")] = ""
    office: Annotated[str, typer.Option(help="ZIP Code of the licensing post office.")] = ""
    left: Annotated[bool, typer.Option("--left", help="It is not in service any more.")] = False
    provider: Annotated[str, typer.Option(help="Whose meter it is.")] = NAME


def register(app: typer.Typer) -> None:
    """Add these commands to the group of reports."""
    command(app, "in-service")(in_service)
    command(app, "take-list")(take_list)
    command(app, "differences")(differences)
    command(app, "dispose")(dispose)
    command(app, "office-note")(gathered(AtTheOffice)(office_note))
    command(app, "missing")(list_missing)


def in_service(
    desk: Desk,
    file: File,
    on: Annotated[
        str, typer.Option(metavar="DAY", help="A day of the quarter; else the last one closed.")
    ] = "",
) -> Answer:
    """List all meters in service at the close of a postal quarter, and file the list."""
    now = desk.home.now
    quarter = postal_quarter(parse_date(on)) if on else last_closed_quarter(now.date())
    books = desk.provider_books(Role.PROVIDER_AGENT)
    filed = listing.file_list(books, desk.home.provider.signer, quarter, file, now)
    desk.carry()
    data = {
        "quarter": quarter_name(quarter),
        "closed_on": quarter.last.isoformat(),
        "devices": filed.lines,
        "digest": filed.digest,
        "file": str(file),
    }
    return Answer(data, f"{filed.lines:,} meters of {filed.period} in {file}, {filed.digest[:16]}.")


def take_list(desk: Desk, file: File) -> Answer:
    """Take in a provider's list, for the Postal Service: hold it against the postal record."""
    books = desk.postal_books(Role.LICENSING_OFFICER)
    heard, found = postal.take_list(books, desk.home.postal.signer, file, desk.home.now)
    desk.carry()
    with desk.home.postal.books.reading() as reading:
        kept = postal_tables.differences(reading, heard.provider, heard.quarter)
    data = {
        "provider": heard.provider,
        "quarter": heard.quarter,
        "devices": heard.devices,
        "taken_before": heard.taken_on.isoformat() if heard.taken_on else None,
        "new_differences": len(found),
        "differences": kept,
    }
    return Answer(data, f"{heard.devices:,} meters of {heard.quarter}: {len(kept)} differ.")


def differences(
    desk: Desk,
    quarter: Annotated[str, typer.Option(help="Such as 1997-Q3; else every quarter.")] = "",
) -> Answer:
    """Show where our list and the postal record differ, and how each was settled."""
    with desk.home.provider.books.reading() as reading:
        found = tables.differences(reading, quarter)
    table = Table("quarter", "number", "device", "what", "listed", "postal record", "settled")
    for each in found:
        settled = ", ".join(filter(None, (each.disposition, each.through, each.because)))
        table.add_row(
            each.quarter,
            str(each.number),
            each.device,
            each.what,
            each.listed,
            each.held,
            settled or "open",
        )
    return Answer([_plain(asdict(each)) for each in found], table)


def dispose(
    desk: Desk,
    quarter: Annotated[str, typer.Argument(metavar="QUARTER")],
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER...")],
    disposition: Annotated[str, typer.Option("--disposition", help=", ".join(DispositionKind))],
    because: Annotated[str, typer.Option(help="What was found out.")],
    through: Annotated[
        str, typer.Option(help="The branch or dealer that asked the licensing post office.")
    ] = "",
) -> Answer:
    """Settle differences of a quarter's list, and tell the Postal Service how."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    after = listing.dispose(
        books,
        desk.home.provider.signer,
        quarter=quarter,
        numbers=numbers,
        disposition=disposition,
        because=because,
        through=through,
        now=desk.home.now,
    )
    desk.carry()
    return Answer([_plain(asdict(each)) for each in after], f"{len(after)} settled.")


def office_note(desk: Desk, asked: AtTheOffice) -> Answer:
    """Note a meter from the papers of its licensing post office: placed in service, or gone."""
    meter = ListedMeter(
        serial=asked.serial,
        model=asked.model,
        user=asked.user,
        address=asked.address,
        in_service_on=parse_date(asked.placed_on).isoformat() if asked.placed_on else "",
        office_zip=asked.office,
    )
    held = Held.LEFT if asked.left else Held.IN_SERVICE
    books = desk.postal_books(Role.POSTMASTER)
    postal.note_at_office(books, asked.provider, meter, held=held, now=desk.home.now)
    data = {"provider": asked.provider, "held": held.value, **asdict(meter)}
    return Answer(data, f"The postal record has {asked.serial} {held.value}.")


def list_missing(
    desk: Desk,
    month: Annotated[
        str, typer.Option(metavar="MONTH", help="Such as 1997-06; else the last one.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it; file nothing.")] = False,
) -> Answer:
    """File the month's lost and stolen devices, with the money in them (501.22(p), 502.21(k))."""
    now = desk.home.now
    first = parse_month(month) if month else months(now.date().replace(day=1), -1)
    if not dry_run:
        books = desk.provider_books(Role.PROVIDER_AGENT)
        missing.file_missing(books, desk.home.provider.signer, first, now)
        desk.carry()
    with desk.home.provider.books.reading() as reading:
        found = missing.missing_at(reading, month_end(first))
    data = [
        {"addressee": missing.ADDRESSEES[rulebook], **_plain(_fields(each))}
        for rulebook, lines in found.items()
        for each in lines
    ]
    return Answer({"month": f"{first:%Y-%m}", "devices": data}, _missing(data))


def _fields(line: Any) -> dict[str, Any]:
    return {name: getattr(line, name) for name in line.__struct_fields__}


def _missing(data: list[dict[str, Any]]) -> Table:
    table = Table("device", "model", "licensee", "state", "since", "in the device", "in transit")
    for each in data:
        table.add_row(
            each["device"],
            each["model"],
            each["licensee"],
            each["state"],
            each["since"],
            format_dollars(each["in_device_mills"]),
            format_dollars(each["in_transit_mills"]),
        )
    return table


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
    }
