"""What a command gives back: data for programs, a picture of it for people, an exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.console import Console, ConsoleRenderable, Group, RichCast
from rich.table import Table
from rich.text import Text

from franking.clock import parse_instant
from franking.errors import EXIT_DONE, Refused

Shown = ConsoleRenderable | RichCast | str


@dataclass(frozen=True, slots=True)
class Answer:
    """``data`` goes to programs as JSON, ``shown`` to people; both tell the same facts."""

    data: Mapping[str, Any] | Sequence[Any]
    shown: Shown
    exit_status: int = EXIT_DONE
    warnings: tuple[str, ...] = field(default=())


_WIDTH_IN_A_PIPE = 160


def console(*, stderr: bool = False) -> Console:
    """A console; in a pipe it is wide enough that nothing is cut."""
    is_terminal = (sys.stderr if stderr else sys.stdout).isatty()
    width = None if is_terminal else _WIDTH_IN_A_PIPE
    return Console(stderr=stderr, width=width, highlight=False)


def give(answer: Answer, *, as_json: bool) -> None:
    """Print the answer; warnings go beside it, never into the way of a program."""
    if as_json:
        sys.stdout.write(json.dumps(answer.data, indent=2, ensure_ascii=False) + "\n")
        return
    console().print(_plain(answer.shown))
    for warning in answer.warnings:
        console(stderr=True).print(Text(f"Warning: {warning}", style="yellow"))


def _plain(shown: Shown) -> Shown:
    """The same, with tables that fit a narrow screen: no lines, what is too long goes on below."""
    if isinstance(shown, Group):
        for part in shown.renderables:
            _plain(part)
    if isinstance(shown, Table):
        if shown.box is not None:
            shown.box, shown.padding, shown.title_justify = None, (0, 2, 0, 0), "left"
        for column in shown.columns:
            column.overflow = "fold"
        if shown.columns and not shown.row_count:
            shown.add_row("none")
    return shown


def refuse(refused: Refused, *, as_json: bool) -> None:
    """Print a refusal: what was refused, by which clause, and what the person can do."""
    if as_json:
        sys.stdout.write(json.dumps({"refused": refused.as_json()}, indent=2) + "\n")
        return
    out = console(stderr=True)
    out.print(Text.assemble(("Refused: ", "bold red"), refused.detail))
    out.print(f"  {refused.code} · {refused.clause}", markup=False)
    out.print(f"  {refused.remedy}", markup=False)


def facts(title: str, rows: Mapping[str, object]) -> Table:
    """A two-column table of names and values, as every ``show`` command prints."""
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2))
    for name, value in rows.items():
        table.add_row(Text(name, style="dim"), Text(_said(value)))
    return table


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def minute(instant: str, now: datetime) -> str:
    """A stored instant to the minute, on the clock of the place where ``now`` is told."""
    return f"{parse_instant(instant).astimezone(now.tzinfo):%Y-%m-%d %H:%M}"
