"""``franking register-record``: the registers of a meter or device, day by day (PS Form 3602-A)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.cli.form import Drawn, draw, drawn_words
from franking.cli.options import gathered
from franking.clock import parse_date
from franking.forms.form import Party, rulebook_named
from franking.forms.register_record import RegisterRecordForm
from franking.home.register_reports import Asked, kept_record, serial_of, system_report
from franking.host.register_record.commands import keep_reading
from franking.host.register_record.decisions import report_span
from franking.host.register_record.records import DayReading
from franking.money import format_dollars, parse_dollars
from franking.rules.permissions import Role

app = typer.Typer(
    help="The registers day by day: kept by hand, or told by a device's journal.",
    no_args_is_help=True,
)
Device = Annotated[
    str,
    typer.Argument(metavar="DEVICE", help="A device's name in this home, or any serial number."),
]


@dataclass(frozen=True)
class WhichDays:
    """Options of what is shown, and of what stands at the head of the form."""

    device: Device
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Else twelve months back.")
    ] = None
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Else today.")] = None
    licensee: Annotated[str, typer.Option(help="Who uses it.")] = "Mailer of this home"
    address: Annotated[str, typer.Option(help="The licensee's address.")] = ""
    licence: Annotated[str, typer.Option(help="The license number.")] = ""
    profile: Annotated[str, typer.Option(help="ibip-1997 or meter-1995.")] = "ibip-1997"
    pdf: Drawn = None

    def asked(self, desk: Desk) -> Asked:
        """The same, with the days read.

        Raises:
            Refused: ``TIME_UNREADABLE``.
        """
        last = parse_date(self.last) if self.last else desk.home.now.date()
        usual, _ = report_span(last)
        return Asked(
            device=self.device,
            first_day=parse_date(self.first) if self.first else usual,
            last_day=last,
            licensee=Party(name=self.licensee, address=self.address),
            licence=self.licence,
            rulebook=rulebook_named(self.profile),
        )


@command(app, "keep")
def keep(
    desk: Desk,
    device: Device,
    ascending: Annotated[str, typer.Option(help="Dollars on the ascending register.")],
    descending: Annotated[str, typer.Option(help="Dollars on the descending register.")],
    on: Annotated[str | None, typer.Option(metavar="DATE", help="Else today.")] = None,
    note: Annotated[str, typer.Option(help="What else happened that day.")] = "",
    correct: Annotated[
        str, typer.Option(metavar="REASON", help="Why an earlier reading of the day was wrong.")
    ] = "",
) -> Answer:
    """Keep both registers of a day, as they were read."""
    reading = DayReading(
        device=serial_of(desk.home, device),
        on=parse_date(on) if on else desk.home.now.date(),
        ascending_mills=parse_dollars(ascending),
        descending_mills=parse_dollars(descending),
        note=note,
        correction=correct,
    )
    books = desk.home.mailer_books.acting(desk.actor(Role.MAILER))
    kept = keep_reading(books, reading, now=desk.home.now)
    return Answer(
        kept.as_json(),
        f"Kept for {kept.on}: ascending {format_dollars(kept.ascending_mills)}, descending "
        f"{format_dollars(kept.descending_mills)}, total {format_dollars(kept.total_mills)}.",
    )


@command(app, "show")
@gathered(WhichDays)
def show(desk: Desk, which: WhichDays) -> Answer:
    """Show the record that was kept by hand; --pdf draws PS Form 3602-A."""
    return _told(kept_record(desk.home, which.asked(desk)), which)


@command(app, "report")
@gathered(WhichDays)
def report(desk: Desk, which: WhichDays) -> Answer:
    """Tell the days of operation from the device's own journal: it may replace the form.

    Without dates it covers the preceding 12 months (DMM P030.2.6b of 1995).
    """
    return _told(system_report(desk.home, which.asked(desk)), which)


def _told(record: RegisterRecordForm, which: WhichDays) -> Answer:
    files = draw(record, which.pdf)
    shown = _table(record) if record.lines else "No day of operation is recorded there."
    return Answer({**record.as_json(), "files": files}, Group(shown, drawn_words(files)))


def _table(record: RegisterRecordForm) -> Table:
    table = Table(
        "Day", "Ascending", "Descending", "Total", "Set", "Pieces", "Note", box=None, title=None
    )
    for line in record.lines:
        money = (line.ascending_mills, line.descending_mills, line.total_mills, line.set_mills)
        pieces = "" if line.pieces is None else str(line.pieces)
        table.add_row(line.on.isoformat(), *map(format_dollars, money), pieces, line.note)
    return table
