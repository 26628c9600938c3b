"""Progress on long work, for people only: nothing is drawn for programs or into pipes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from franking.cli.answer import console


class Shown:
    """A watcher at the terminal: a bar for each kind of work, cautions above the bars."""

    def __init__(self, out: Console, bars: Progress | None) -> None:
        """``bars`` is ``None`` where nothing may be drawn."""
        self._out = out
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def notice(self, text: str) -> None:
        """Show a caution at once, whoever reads the answer."""
        self._out.print(Text(text, style="yellow"))

    def progress(self, what: str, done: int, of: int | None) -> None:
        """Move the bar of ``what``."""
        if self._bars is None:
            return
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=of)
        self._bars.update(self._tasks[what], completed=done)


@contextmanager
def shown_while_running(*, quiet: bool) -> Iterator[Shown]:
    """Bars while the block runs; they are gone afterwards."""
    out = console(stderr=True)
    if quiet or not out.is_terminal:
        yield Shown(out, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=out, transient=True) as bars:
        yield Shown(out, bars)
