"""The tree of commands, one module a group."""

from __future__ import annotations

from typing import Annotated

import typer

from franking import __version__
from franking.cli import (
    appeal,
    application,
    books,
    demo,
    device,
    docket,
    examination,
    explain,
    fleet,
    form,
    home,
    indicium,
    inventory,
    journal,
    lease,
    licence,
    model,
    notices,
    people,
    printing,
    prints,
    quality,
    register_record,
    retention,
    rules,
    trust,
    verify,
)
from franking.cli.answer import Answer
from franking.cli.command import Desk, command, run_app

app = typer.Typer(
    name="franking",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, group in {
    "home": home.app,
    "application": application.app,
    "licence": licence.app,
    "lease": lease.app,
    "appeal": appeal.app,
    "device": device.app,
    "docket": docket.app,
    "examination": examination.app,
    "fleet": fleet.app,
    "quality": quality.app,
    "indicium": indicium.app,
    "inventory": inventory.app,
    "trust": trust.app,
    "rules": rules.app,
    "form": form.app,
    "register-record": register_record.app,
    "people": people.app,
    "model": model.app,
    "retention": retention.app,
    "books": books.app,
    "journal": journal.app,
}.items():
    app.add_typer(group, name=name)
command(app, "demo")(demo.demo)
command(app, "print")(printing.print_csv)
command(app, "explain")(explain.explain_record)
command(app, "verify")(verify.verify)
command(app, "notices")(notices.notices)
prints.register(app)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"franking {__version__}")
        raise typer.Exit


@app.callback()
def _everywhere(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_say_version, help="Say the version."),
    ] = False,
) -> None:
    """Turn prepaid money into signed, scannable evidence of postage, and check it."""


@command(app, "version")
def version(_: Desk) -> Answer:
    """Say which version of Franking this is."""
    return Answer({"version": __version__}, f"franking {__version__}")


def run_franking(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status."""
    return run_app(app, arguments)
