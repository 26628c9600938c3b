"""``franking verify``: is this print authentic? Off-line, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer
from franking.cli.command import Desk
from franking.errors import EXIT_DONE
from franking.verification.payload import Verification
from franking.verification.verdict import Outcome, Verdict
from franking.verification.verify import copies_noted, verify_each

EXIT_NOT_AUTHENTIC, EXIT_UNDETERMINED = 3, 4

_STYLES = {
    Verdict.AUTHENTIC: "bold green",
    Verdict.NOT_AUTHENTIC: "bold red",
    Verdict.UNDETERMINED: "bold yellow",
}
_MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.UNKNOWN: "–"}


def verify(
    desk: Desk,
    files: Annotated[list[Path], typer.Argument(help="PNG, JPEG, TIFF, PDF, raw bytes or hex.")],
    trust: Annotated[
        Path | None, typer.Option(help="A trust list; else the home's latest.")
    ] = None,
    root: Annotated[
        Path | None, typer.Option(help="The Postal Service's root key or certificate (PEM).")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="One line a symbol, no steps.")] = False,
) -> Answer:
    """Check every indicium in the files, with no network: verdict, findings and each step.

    Exits with 0 when all are authentic, 3 when any is not authentic, 4 otherwise. The same
    indicium twice among the files is a copy: neither can be told from the original.
    """
    place = desk.home
    listed = place.trust_list(trust, root)
    found = copies_noted(
        tuple(each for file in files for each in verify_each(file, listed, place.now))
    )
    shown = Group(*(_picture(each, steps=not quiet) for each in found))
    return Answer([each.as_json() for each in found], shown, exit_status_of(found))


def exit_status_of(found: Iterable[Verification]) -> int:
    """0 when all are authentic, 3 when any is not authentic, 4 otherwise."""
    verdicts = {each.verdict for each in found}
    if verdicts <= {Verdict.AUTHENTIC}:
        return EXIT_DONE
    return EXIT_NOT_AUTHENTIC if Verdict.NOT_AUTHENTIC in verdicts else EXIT_UNDETERMINED


def verdict_text(found: Verification) -> Text:
    """The verdict in capitals and its colour."""
    return Text(found.verdict.value.upper(), style=_STYLES[found.verdict])


def _picture(found: Verification, *, steps: bool) -> Group:
    parts: list[Text | Table] = [Text.assemble(verdict_text(found), f"  {found.where}")]
    parts += [
        Text(f"  {finding.code}: {finding.detail} ({finding.clause})", style="yellow")
        for finding in found.findings
    ]
    return Group(*parts, *([_steps_table(found)] if steps else []))


def _steps_table(found: Verification) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 1))
    for step in found.steps:
        table.add_row("", str(step.step), _MARKS[step.outcome], step.name, Text(step.reason))
    return table
