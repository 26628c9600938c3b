"""``franking inventory import``, ``ship``, ``article`` and the daily logs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.progress import shown_while_running
from franking.clock import parse_date
from franking.errors import Refusal, Refused
from franking.provider.devices import articles, impressions, removal, shipping
from franking.provider.devices.article_records import (
    ArticleKind,
    ArticleMove,
    ArticleState,
    Holder,
    HolderKind,
)
from franking.provider.devices.fleet_file import COLUMNS, REQUIRED
from franking.provider.devices.importing import FleetReport, check_fleet, import_fleet
from franking.provider.devices.shipping import CarrierPermission, Direction, Shipment
from franking.provider.licensing.rows import live_licences
from franking.rules.permissions import Role

Number = Annotated[str, typer.Argument(help="The number of the article.")]
ArticleOption = Annotated[ArticleKind, typer.Argument(help="What it is.")]
_SHOWN_MAX = 20

REPORT_UNWRITABLE = Refusal(
    "REPORT_UNWRITABLE",
    clause="policy",
    remedy="Name a file in a folder that this account may write to.",
    http_status=422,
)


def import_file(
    desk: Desk,
    path: Annotated[Path, typer.Argument(metavar="FLEET.csv", help="One device a line.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; change nothing.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write every bad row, with its reason, to this CSV file.")
    ] = None,
) -> Answer:
    """Import a fleet from a CSV file: all of it, or nothing of it."""
    books, now = desk.provider_books(), desk.home.now
    with shown_while_running(quiet=desk.as_json) as watcher:
        if dry_run:
            checked = check_fleet(
                books, path, now=now, live_licences=live_licences, progress=watcher.progress
            )
            _write_report(report, checked)
            return _told(checked, dry_run=True)
        try:
            done = import_fleet(
                books,
                path,
                by=books.by.name,
                now=now,
                live_licences=live_licences,
                progress=watcher.progress,
            )
        except Refused:
            if report is not None:
                checked = check_fleet(books, path, now=now, live_licences=live_licences)
                _write_report(report, checked)
            raise
    _write_report(report, done)
    return _told(done, dry_run=False)


def columns(_: Desk) -> Answer:
    """List the columns of a fleet file, with those that each row must fill."""
    rows = {name: "required" if name in REQUIRED else "" for name in COLUMNS}
    return Answer({"columns": list(COLUMNS), "required": list(REQUIRED)}, facts("Columns", rows))


def ship(
    desk: Desk,
    tracking: Annotated[str, typer.Argument(help="The registered or receipt number.")],
    serial: Annotated[list[str], typer.Option(help="A device in it.")],
    service: Annotated[str, typer.Option(help="How it travels, such as 'Registered Mail'.")],
    sender: Annotated[str, typer.Option("--from", help="Who sends it.")],
    recipient: Annotated[str, typer.Option("--to", help="Who gets it.")],
    returning: Annotated[bool, typer.Option("--return", help="A licensee sends it back.")] = False,
) -> Answer:
    """Send devices by registered mail, or as permitted in writing (501.22(q); 502.21(l))."""
    shipment = Shipment(
        tracking=tracking,
        direction=Direction.RETURN if returning else Direction.OUTBOUND,
        service=service,
        sender=sender,
        recipient=recipient,
        serials=tuple(serial),
    )
    shipping.ship(desk.provider_books(), shipment, now=desk.home.now)
    data = {"tracking": tracking, "serials": serial, "service": service}
    return Answer(data, f"{len(serial)} on the way to {recipient} by {service}, {tracking}.")


def receive(
    desk: Desk,
    tracking: Annotated[str, typer.Argument(help="The number of the shipment.")],
    by: Annotated[str, typer.Option(help="Who signed for it.")],
) -> Answer:
    """Note that a shipment arrived, and who signed for it."""
    shipping.receive(desk.provider_books(), tracking, by=by, now=desk.home.now)
    return Answer({"tracking": tracking, "received_by": by}, f"{tracking} was signed for by {by}.")


def permit(
    desk: Desk,
    reference: Annotated[str, typer.Argument(help="The reference of the written permission.")],
    service: Annotated[str, typer.Option(help="What it permits.")],
    given_by: Annotated[str, typer.Option(help="Who gave it.")],
    evidence: Annotated[str, typer.Option(help="How equal security was shown.")] = "",
    until: Annotated[str, typer.Option(help="Its last day; none where it is open.")] = "",
    returning: Annotated[bool, typer.Option("--return", help="For what licensees return.")] = False,
) -> Answer:
    """Record the Postal Service's written permission to ship otherwise (501.22(q))."""
    permission = CarrierPermission(
        reference=reference,
        direction=Direction.RETURN if returning else Direction.OUTBOUND,
        service=service,
        given_by=given_by,
        evidence=evidence,
        first_day=desk.home.now.date(),
        last_day=parse_date(until) if until else None,
    )
    shipping.permit_carrier(desk.provider_books(), permission, now=desk.home.now)
    return Answer({"reference": reference, "service": service}, f"{service} is permitted.")


def register_articles(
    desk: Desk,
    kind: ArticleOption,
    number: Annotated[list[str], typer.Argument(help="Their numbers.")],
    source: Annotated[str, typer.Option(help="Who made or handed them out.")] = "works",
) -> Answer:
    """Register keys, dies, seals or setting equipment (501.17, 501.20)."""
    books = desk.provider_books(Role.PROVIDER_SECURITY_OFFICER)
    done = articles.register(books, kind, number, source=source, now=desk.home.now)
    data = [{"kind": str(one.kind), "number": one.number} for one in done]
    return Answer(data, f"{len(done)} registered.")


def move_article(
    desk: Desk,
    kind: ArticleOption,
    number: Number,
    to: Annotated[ArticleState, typer.Option(help="What happens to it.")],
    post_office: Annotated[str, typer.Option(help="Issued to this post office (ZIP).")] = "",
    section: Annotated[str, typer.Option(help="Issued to this section of yours.")] = "",
    device: Annotated[str, typer.Option(help="Assembled in this device.")] = "",
    place: Annotated[str, typer.Option(help="Where.")] = "",
    detail: Annotated[str, typer.Option(help="Details of a loss, theft or recovery.")] = "",
    receipt: Annotated[str, typer.Option(help="The signed receipt card.")] = "",
) -> Answer:
    """Issue, assemble, remove, miss or recover an article (501.22(n))."""
    office = HolderKind.POST_OFFICE if post_office else HolderKind.SECTION
    named = post_office or section
    move = ArticleMove(
        to=to,
        place=place,
        detail=detail,
        device=device,
        receipt=receipt,
        holder=Holder(kind=office, name=named) if named else None,
    )
    books = desk.provider_books(Role.PROVIDER_SECURITY_OFFICER)
    done = articles.move_article(books, kind, number, move, now=desk.home.now)
    data = {"kind": str(kind), "number": number, "state": str(done.state), "holder": done.holder}
    return Answer(data, f"{kind} {number} is {done.state}.")


def destroy_article(
    desk: Desk,
    kind: ArticleOption,
    number: Number,
    destroyed_by: Annotated[str, typer.Option(help="Who destroys it.")],
    witnessed_by: Annotated[str, typer.Option(help="Who watches.")],
    detail: Annotated[str, typer.Option(help="How.")],
) -> Answer:
    """Destroy an article before a witness (501.17)."""
    done = articles.destroy_article(
        desk.provider_books(Role.PROVIDER_SECURITY_OFFICER),
        kind,
        number,
        destroyed_by=destroyed_by,
        witnessed_by=witnessed_by,
        detail=detail,
        now=desk.home.now,
    )
    data = {"kind": str(kind), "number": number, "state": str(done.state)}
    return Answer(data, f"{kind} {number} is {done.state}.")


def unaccounted(desk: Desk) -> Answer:
    """List dies that are in no meter and not destroyed, and offices without keys."""
    with desk.provider_books().reading() as reading:
        dies = articles.unaccounted_dies(reading)
        offices = articles.offices_without_keys(reading)
    rows = {"dies": ", ".join(dies) or "none", "offices without keys": ", ".join(offices) or "none"}
    return Answer({"dies": dies, "offices_without_keys": offices}, facts("Unaccounted", rows))


def log_test_prints(
    desk: Desk,
    site: Annotated[str, typer.Argument(help="Where they were printed.")],
    count: Annotated[int, typer.Option(help="How many.")],
    serial: Annotated[str, typer.Option(help="By which device.")],
    rulebook: Annotated[str, typer.Option(help="The device's rulebook.")] = "meter-1995",
) -> Answer:
    """Log test impressions: they are destroyed the same day (501.18; 502.18)."""
    books = desk.provider_books()
    impressions.log_test_prints(
        books,
        site=site,
        serial=serial,
        impressions=count,
        by=books.by.name,
        rulebook=rulebook,
        now=desk.home.now,
    )
    return Answer({"site": site, "impressions": count}, f"{count} to be destroyed today.")


def destroy_test_prints(
    desk: Desk,
    site: Annotated[str, typer.Argument(help="Where they were printed.")],
    count: Annotated[int, typer.Option(help="How many were collected.")],
    destroyed_by: Annotated[str, typer.Option(help="Who destroys them.")],
    witnessed_by: Annotated[str, typer.Option(help="Who watches.")],
    day: Annotated[str, typer.Option(help="Of which day; else of today.")] = "",
) -> Answer:
    """Destroy the test impressions of a day before a witness."""
    now = desk.home.now
    of: date = parse_date(day) if day else now.date()
    impressions.destroy_test_prints(
        desk.provider_books(),
        site=site,
        day=of,
        impressions=count,
        destroyed_by=destroyed_by,
        witnessed_by=witnessed_by,
        now=now,
    )
    return Answer({"site": site, "day": of.isoformat(), "impressions": count}, "Destroyed.")


def supply(
    desk: Desk,
    change: Annotated[str, typer.Argument(help="The rate change.")],
    serial: Annotated[list[str] | None, typer.Option(help="A device that got it.")] = None,
) -> Answer:
    """Note who got the modification of a rate change, and list who lacks it (502.23(b))."""
    books = desk.provider_books()
    for each in serial or ():
        removal.supply_modification(books, each, change=change, by=books.by.name, now=desk.home.now)
    lacking = [record.serial for record in removal.without_modification(books, change)]
    shown = f"{len(lacking)} devices lack it: {', '.join(lacking[:_SHOWN_MAX]) or 'none'}."
    return Answer({"change": change, "lacking": lacking}, shown)


def article_history(desk: Desk, kind: ArticleOption, number: Number) -> Answer:
    """Show what happened to a key, die or seal."""
    with desk.provider_books().reading() as reading:
        events = articles.history(reading, kind, number)
    fields = ("at", "after", "holder", "device", "place", "detail", "receipt", "witnesses")
    data = [{name: getattr(event, name) for name in fields} for event in events]
    table = Table(*fields, title=f"{kind} {number}", title_justify="left", box=None)
    for line in data:
        table.add_row(*(Text(str(line[name])) for name in fields))
    return Answer(data, table)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, body in _COMMANDS.items():
        command(app, name)(body)


_COMMANDS: Mapping[str, Callable[..., Answer]] = MappingProxyType(
    {
        "import": import_file,
        "columns": columns,
        "ship": ship,
        "receive": receive,
        "permit-carrier": permit,
        "register-article": register_articles,
        "move-article": move_article,
        "destroy-article": destroy_article,
        "article": article_history,
        "unaccounted": unaccounted,
        "test-prints": log_test_prints,
        "destroy-test-prints": destroy_test_prints,
        "modification": supply,
    }
)


def _told(report: FleetReport, *, dry_run: bool) -> Answer:
    bad = [{"line": row.line, "serial": row.serial, "reason": row.reason} for row in report.bad]
    data = {
        "found": report.found,
        "imported": report.imported,
        "bad": bad,
        "imported_before": report.again,
        "dry_run": dry_run,
    }
    said = [f"{report.found} devices in the file, {report.imported} imported, {len(bad)} bad."]
    said += ["This very file was imported before; nothing was changed."] if report.again else []
    said += [f"line {row.line}, {row.serial}: {row.reason}" for row in report.bad[:_SHOWN_MAX]]
    return Answer(data, Text("\n".join(said)))


def _write_report(path: Path | None, report: FleetReport) -> None:
    if path is None:
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "serial", "reason"])
            writer.writerows(
                (row.line, _as_words(row.serial), _as_words(row.reason)) for row in report.bad
            )
    except OSError as error:
        raise REPORT_UNWRITABLE.because(f"{path}: {error.strerror}") from error


def _as_words(cell: str) -> str:
    """A cell that a spreadsheet shows and does not calculate, whatever a stranger's file said."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
