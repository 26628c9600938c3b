"""``franking refund-desk``, continued: checks, providers' claims, destroyed items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated

import typer
from rich.table import Table

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.cli.form import Drawn, require_drawable, with_paper
from franking.money import format_dollars
from franking.postal.refunds import claiming, destroying, paying, views
from franking.rules.permissions import Role

Number = Annotated[int, typer.Argument(metavar="CASE", help="The number of the case.")]


def pay(desk: Desk, number: Number) -> Answer:
    """Pay what was granted and not paid yet; never by whom ruled on it."""
    books = desk.postal_books(Role.TREASURY_OFFICER)
    check = paying.issue_check(books, desk.home.postal.signer, number, now=desk.home.now)
    desk.carry()
    words = f"{format_dollars(check.amount_mills)} to {check.payee}: number {check.number}."
    return Answer(views.as_json(check), words)


def claims(desk: Desk) -> Answer:
    """List what providers claimed, and what was reimbursed of it."""
    with desk.postal_books(Role.TREASURY_OFFICER).reading() as reading:
        data = claiming.claims(reading)
    table = Table("Provider", "Claim", "Answered", "Claimed", "Reimbursed", "Not", box=None)
    for each in data:
        refused = [one for one in each["answers"] if not one["reimbursed"]]
        claimed, paid = each["claimed_mills"], each["reimbursed_mills"]
        why = "; ".join(f"{one['key']}: {one['because']}" for one in refused)
        named = (each["provider"], each["claim"], each["answered_on"])
        table.add_row(*named, format_dollars(claimed), format_dollars(paid), why)
    return Answer(data, table if data else "Nothing was claimed.")


def destroy(
    desk: Desk,
    numbers: Annotated[list[int], typer.Argument(metavar="CASE...", help="Whose items.")],
    witness: Annotated[str, typer.Option(help="The second person.")],
    method: Annotated[str, typer.Option(help="How they were destroyed.")] = "shredded",
    pdf: Drawn = None,
) -> Answer:
    """Note that two people destroyed refunded items, with a certificate."""
    require_drawable(pdf)
    done = destroying.destroy_items(
        desk.postal_books(Role.POSTMASTER),
        numbers,
        witness=witness,
        method=method,
        now=desk.home.now,
    )
    words = f"Certificate {done.certificate}: {done.pieces} items, seen by {done.second}."
    told = Answer(views.as_json(done), words)
    return with_paper(told, desk, "destruction", f"items:{done.certificate}", pdf)


COMMANDS: Mapping[str, Callable[..., Answer]] = MappingProxyType(
    {"pay": pay, "claims": claims, "destroy": destroy}
)
"""The commands of this module by name, in the order that ``--help`` shows."""


def register(app: typer.Typer) -> None:
    """Add the commands to ``franking refund-desk``."""
    for name, body in COMMANDS.items():
        command(app, name)(body)
