"""The tree of commands, one module a group; of the groups, only the one asked for is read in.

A program starts once for every command, and most of that time is reading code. ``tree`` makes the
whole tree, or the branch that a command line begins with.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer

from franking import __version__
from franking.cli.answer import Answer
from franking.cli.command import Desk, command, run_app

_GROUPS = (
    "home",
    "application",
    "licence",
    "lease",
    "account",
    "funds",
    "bank",
    "appeal",
    "device",
    "docket",
    "examination",
    "fleet",
    "quality",
    "adjustment",
    "piece",
    "cases",
    "scans",
    "refund",
    "refund-desk",
    "indicium",
    "inventory",
    "telephone-reset",
    "trust",
    "rules",
    "form",
    "register-record",
    "people",
    "model",
    "close",
    "report",
    "statement",
    "retention",
    "treasury",
    "ledger",
    "books",
    "journal",
)
"""Each is the ``app`` of the module of its name."""
_ALONE = {
    "demo": ("demo", "demo"),
    "print": ("printing", "print_csv"),
    "pay": ("pay", "pay"),
    "explain": ("explain", "explain_record"),
    "verify": ("verify", "verify"),
    "notices": ("notices", "notices"),
    "test-print": ("prints", "void_print"),
    "offset-sheet": ("prints", "offset_sheet"),
    "inspection-imprint": ("prints", "inspection_imprint"),
    "redate": ("prints", "redate"),
    "correct": ("prints", "correct"),
}
"""Commands outside of any group: the module and the function."""
_LABEL = "label"


def version(_: Desk) -> Answer:
    """Say which version of Franking this is."""
    return Answer({"version": __version__}, f"franking {__version__}")


def run_franking(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    return run_app(tree(_branch(given)), arguments)


@cache
def tree(branch: str = "") -> typer.Typer:
    """The command or group called ``branch`` alone; the whole tree where it has no name."""
    app = typer.Typer(
        name="franking",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_everywhere)
    for name, (module, function) in _ALONE.items():
        if branch in ("", name):
            command(app, name)(getattr(_module(module), function))
    command(app, "version")(version)
    for name in _GROUPS:
        if branch in ("", name):
            app.add_typer(_module(name.replace("-", "_")).app, name=name)
    if branch in ("", _LABEL):
        app.add_typer(_module("prints").label, name=_LABEL)
    return app


def _branch(arguments: Sequence[str]) -> str:
    """What the command line begins with, where that is a branch; else nothing, for the whole."""
    known = (*_GROUPS, *_ALONE, _LABEL, "version")
    return arguments[0] if arguments and arguments[0] in known else ""


def _module(name: str) -> Any:
    return import_module(f"franking.cli.{name}")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"franking {__version__}")
        raise typer.Exit


def _everywhere(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_say_version, help="Say the version."),
    ] = False,
) -> None:
    """Turn prepaid money into signed, scannable evidence of postage, and check it."""
