"""``franking close``: the daily close, its differences, and every device at the end of a day."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command, without_a_name
from franking.cli.form import Drawn, draw, drawn_words, require_drawable
from franking.cli.options import gathered
from franking.clock import parse_date
from franking.errors import EXIT_REFUSED, Refusal
from franking.home import closing
from franking.money import format_dollars
from franking.provider.closing import commands, tables
from franking.provider.closing.records import DayClose, DevicePosition, in_words
from franking.provider.reports.papers import activity_report
from franking.rules.calendars import months
from franking.rules.permissions import Role
from franking.storage import Reading

app = typer.Typer(help="The daily close: registers, ledger and bank files side by side.")

Day = Annotated[str, typer.Argument(metavar="DAY", help="Such as 1997-06-02.")]
LastDay = Annotated[
    str, typer.Argument(metavar="DAY", help="Such as 1997-06-02; else the last one closed.")
]
POSITIONS_NOT_WRITTEN = Refusal(
    "POSITIONS_NOT_WRITTEN",
    clause="policy",
    remedy="Give a file that can be written, and ask again.",
)
_ONE_DAY: Final = timedelta(days=1)
_COLUMNS: Final = tuple(DevicePosition.__dataclass_fields__)
_SHOWN_MAX: Final = 40


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which days are to be closed."""

    through: Annotated[
        str, typer.Option(metavar="DAY", help="Close the days up to this one; else to yesterday.")
    ] = ""
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what closing the next day would find.")
    ] = False


@without_a_name(app)
@gathered(Asked)
def close(desk: Desk, asked: Asked) -> Answer:
    """Close every day that has ended: compare, list every difference, report to the treasury."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    last = parse_date(asked.through) if asked.through else None
    if asked.dry_run:
        day = _next(desk)
        found = commands.try_close(books, desk.home.now, day=day)
        return _shown(found, f"Closing {day} would find")
    closed = closing.close_days(desk.home, books, last)
    desk.carry()
    if not closed:
        return Answer([], "Every day that has ended is closed.")
    data = [as_json(each) for each in closed]
    differing = [each.day for each in closed if each.differences]
    status = EXIT_REFUSED if differing else 0
    return Answer(data, Group(_days(closed), *map(_next_step, differing)), exit_status=status)


@command(app, "show")
def show(desk: Desk, day: LastDay = "", pdf: Drawn = None) -> Answer:
    """Show a closed day with its differences; draw its Daily Activity Report."""
    require_drawable(pdf)
    with desk.home.provider.books.reading() as reading:
        found = the_close(desk, reading, day)
        answers = tables.answers(reading, found.day)
        paper = activity_report(reading, found) if pdf else None
    files = draw(paper, pdf) if paper else []
    told = as_json(found) | {"answers": [asdict(each) for each in answers], "files": files}
    shown = _picture(found, f"{found.day}, closed by {found.closed_by}")
    notes = [Text(f"{each.number}: {each.because} ({each.by})") for each in answers]
    return Answer(_plain(told), Group(shown, *notes, drawn_words(files)))


@command(app, "list")
def list_closed(
    desk: Desk,
    since: Annotated[str, typer.Option("--from", metavar="DAY", help="Else a month back.")] = "",
) -> Answer:
    """List the closed days."""
    today = desk.home.now.date()
    first = parse_date(since) if since else months(today, -1)
    with desk.home.provider.books.reading() as reading:
        found = tables.closed_between(reading, first, today)
    return Answer([as_json(each) for each in found], _days(found))


@command(app, "check")
def check(desk: Desk, day: Day) -> Answer:
    """Compute a closed day again from its postings: it has to come out the same."""
    found = commands.check_close(desk.home.provider.books, parse_date(day))
    words = [in_words(each) for each in found]
    shown = "\n".join(words) or f"{day} comes out as it was closed."
    return Answer({"day": day, "differs": words}, shown, exit_status=EXIT_REFUSED if found else 0)


@command(app, "explain")
def explain(
    desk: Desk,
    day: Day,
    number: Annotated[int, typer.Argument(help="Of the difference, as `close show` counts them.")],
    because: Annotated[str, typer.Option(help="What was found out about it.")],
) -> Answer:
    """Keep what was found out about a difference; the difference stays listed."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    answer = commands.explain_difference(
        books, day=parse_date(day), number=number, because=because, now=desk.home.now
    )
    return Answer(_plain(asdict(answer)), f"Noted about difference {number} of {day}.")


@command(app, "devices")
def devices(
    desk: Desk,
    day: LastDay = "",
    to: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write every device.")
    ] = None,
    older_than: Annotated[
        int, typer.Option(min=0, help="Only devices whose report is older than so many days.")
    ] = 0,
) -> Answer:
    """Show every device at the end of a closed day: registers, report age, value in transit."""
    with desk.home.provider.books.reading() as reading:
        found = the_close(desk, reading, day)
        every = commands.device_positions(reading, found, desk.home.now)
        chosen = (each for each in every if older_than == 0 or each.age_days > older_than)
        if to is not None:
            count = _write(to, chosen)
            return Answer({"file": str(to), "devices": count}, f"{count:,} devices in {to}.")
        data = [asdict(each) for each in chosen]
    return Answer(data, _positions(data))


def the_close(desk: Desk, reading: Reading, day: str) -> DayClose:
    """The closed day that is named, else the last one.

    Raises:
        Refused: ``TIME_UNREADABLE``, ``DAY_NOT_CLOSED``.
    """
    latest = None if day else tables.latest(reading)
    named = parse_date(day) if day else desk.home.now.date() - _ONE_DAY
    return latest or commands.require_closed(reading, named)


def as_json(close: DayClose) -> dict[str, Any]:
    """A closed day, for programs."""
    plain: dict[str, Any] = _plain(close)
    plain["in_words"] = [in_words(each) for each in close.differences]
    return plain


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value)


def _next(desk: Desk) -> date:
    with desk.home.provider.books.reading() as reading:
        latest = tables.latest(reading)
    return latest.day + _ONE_DAY if latest else desk.home.now.date() - _ONE_DAY


def _shown(found: DayClose, title: str) -> Answer:
    status = EXIT_REFUSED if found.differences else 0
    return Answer(as_json(found), _picture(found, title), exit_status=status)


def _next_step(day: date) -> Text:
    return Text(
        f"Next: franking close show {day} lists the differences;"
        f" franking close explain {day} NUMBER --because … keeps what was found out."
    )


def _days(closed: list[DayClose]) -> Table:
    table = Table(
        "day",
        "postings",
        "on deposit",
        "in transit",
        "in devices",
        "used",
        "differences",
        title="Closed days",
    )
    for each in closed:
        kinds = ("deposits", "transit", "device", "used")
        amounts = [format_dollars(each.balance(kind)) for kind in kinds]
        table.add_row(
            each.day.isoformat(), f"{each.postings:,}", *amounts, str(len(each.differences))
        )
    return table


def _picture(close: DayClose, title: str) -> Group:
    totals = Table("accounts", "opening", "debits", "credits", "closing", title=title)
    for each in close.totals:
        amounts = (each.opening_mills, each.debits_mills, each.credits_mills, each.closing_mills)
        totals.add_row(each.kind, *map(format_dollars, amounts))
    found = close.devices
    rows = {
        "postings": f"{close.postings:,}",
        "devices": f"{found.devices:,}, of which {found.holding_value:,} hold value",
        "in transit": f"{format_dollars(found.in_transit_mills)} to {found.in_transit:,} devices",
        "reports": ", ".join(f"{many:,} {age}" for age, many in found.ages) or "none",
        "oldest report": found.oldest_report or "–",
        "hosted": f"{found.hosted:,} read at the close",
        "digest": close.digest or "–",
    }
    words = [
        Text(f"{number}. {in_words(each)}", style="bold red")
        for number, each in enumerate(close.differences, start=1)
    ]
    return Group(totals, facts("", rows), *(words or [Text("No difference.", style="green")]))


def _positions(data: list[dict[str, Any]]) -> Table:
    table = Table("device", "licence", "reported", "age", "descending", "ledger", "transit")
    for each in data[:_SHOWN_MAX]:
        table.add_row(
            each["serial"],
            each["licence"],
            each["reported_on"] or "never",
            str(each["age_days"]) if each["age_days"] >= 0 else "–",
            *(
                format_dollars(each[name])
                for name in ("descending_mills", "in_device_mills", "in_transit_mills")
            ),
        )
    if len(data) > _SHOWN_MAX:
        table.caption = f"{len(data) - _SHOWN_MAX:,} more: --csv FILE has every device."
    return table


def _write(path: Path, chosen: Any) -> int:
    count = 0
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_COLUMNS)
            for each in chosen:
                writer.writerow([getattr(each, name) for name in _COLUMNS])
                count += 1
    except OSError as error:
        raise POSITIONS_NOT_WRITTEN.because(f"{path}: {error.strerror}") from error
    return count
