"""``franking scans history``: what earlier nights have seen, so that copies are found."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.clock import parse_date
from franking.errors import Refusal
from franking.home.nights import history_of
from franking.scans.history import History, hold
from franking.scans.history_keeping import compact as put_together
from franking.scans.history_keeping import forget as let_go
from franking.scans.history_keeping import kept_from

app = typer.Typer(help="What earlier nights have seen.", no_args_is_help=True)

_RULEBOOK = "ibip-1997"
HISTORY_NOT_THERE = Refusal(
    "HISTORY_NOT_THERE",
    clause="policy",
    remedy="Name the folder that `franking scans verify --history` keeps.",
    http_status=404,
)
Folder = Annotated[Path | None, typer.Option("--history", help="Its folder; else the home's.")]
Before = Annotated[str, typer.Option(help="Nights before this day; else as policy says.")]


@command(app, "show")
def show(desk: Desk, history: Folder = None) -> Answer:
    """Say which nights the history holds, with how many scans of how many files."""
    return _described(History.open(_folder(desk, history)))


@command(app, "compact")
def compact(desk: Desk, history: Folder = None) -> Answer:
    """Put the parts of each month that is over together, so that nights are compared faster."""
    with hold(_folder(desk, history)) as held:
        return _described(put_together(held, desk.home.now.date()))


@command(app, "forget")
def forget(desk: Desk, history: Folder = None, before: Before = "") -> Answer:
    """Let old nights go: those before a day, or those that policy no longer keeps.

    Copies of their pieces are not found any more.
    """
    first = parse_date(before) if before else kept_from(_RULEBOOK, desk.home.now)
    with hold(_folder(desk, history)) as held:
        gone = [each for each in held.nights if each < first]
        return _described(let_go(held, first), gone)


def _folder(desk: Desk, named: Path | None) -> Path:
    """The folder that is meant; a name that is wrong is no empty history."""
    if named is not None and not History.is_in(named):
        raise HISTORY_NOT_THERE.because(f"there is no history in {named}")
    return named or history_of(desk.home)


def _described(history: History, gone: list[date] | None = None) -> Answer:
    files = Counter(each.night for each in history.files)
    rows: Counter[date] = Counter()
    for each in history.files:
        rows[each.night] += each.rows
    data = {
        "history": str(history.folder),
        "scans": history.rows,
        "parts": len(history.parts),
        "nights": [
            {"night": night.isoformat(), "files": files[night], "rows": rows[night]}
            for night in history.nights
        ],
    }
    if gone is not None:
        data["forgotten"] = [night.isoformat() for night in gone]
    table = Table(title="Nights", title_justify="left")
    table.add_column("Night")
    table.add_column("Files", justify="right")
    table.add_column("Rows that came in", justify="right")
    for night in history.nights:
        table.add_row(night.isoformat(), f"{files[night]:,}", f"{rows[night]:,}")
    said = f"{history.folder} holds {history.rows:,} signed scans; parts: {len(history.parts)}."
    if gone is not None:
        said += f" Nights that were let go: {len(gone)}."
    return Answer(data, Group(Text(said), table))
