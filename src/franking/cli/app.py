"""The tree of commands, one module a group."""

from __future__ import annotations

import typer

from franking import __version__
from franking.cli import (
    demo,
    device,
    home,
    indicium,
    licence,
    notices,
    printing,
    prints,
    rules,
    trust,
    verify,
)
from franking.cli.answer import Answer
from franking.cli.command import Desk, command, run_app

app = typer.Typer(
    name="franking",
    help="Turn prepaid money into signed, scannable evidence of postage, and check it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for name, group in {
    "home": home.app,
    "licence": licence.app,
    "device": device.app,
    "indicium": indicium.app,
    "trust": trust.app,
    "rules": rules.app,
}.items():
    app.add_typer(group, name=name)
command(app, "demo")(demo.demo)
command(app, "print")(printing.print_csv)
command(app, "verify")(verify.verify)
command(app, "notices")(notices.notices)
prints.register(app)


@command(app, "version")
def version(_: Desk) -> Answer:
    """Say which version of Franking this is."""
    return Answer({"version": __version__}, f"franking {__version__}")


def run_franking(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status."""
    return run_app(app, arguments)
