"""``franking books``: where the books lie; migrate, copy, restore and reconcile them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.home.keeping import (
    Shelf,
    back_up_shelf,
    begin_ledger_of,
    is_copied,
    restore_shelf,
    shelf,
)
from franking.home.reconciling import Missed, carry_again, missed_by
from franking.rules.permissions import Role
from franking.storage import Actor
from franking.storage.backup import Copied

app = typer.Typer(help="Where the books lie; migrate, copy and restore them.", no_args_is_help=True)


class Domain(StrEnum):
    """Whose books."""

    PROVIDER = "provider"
    POSTAL = "postal"
    MAILER = "mailer"
    FLEET = "fleet"
    """Hosted devices: their journals, and the vault of their keys."""
    BANK = "bank"
    """The simulated lockbox bank."""


class Sender(StrEnum):
    """Whose books exchange messages."""

    PROVIDER = "provider"
    POSTAL = "postal"


KEEPERS = {
    Domain.PROVIDER: Role.PROVIDER_SECURITY_OFFICER,
    Domain.POSTAL: Role.AUTHORITY_OFFICER,
    Domain.MAILER: Role.MAILER,
    Domain.FLEET: Role.PROVIDER_SECURITY_OFFICER,
    Domain.BANK: Role.LOCKBOX_BANK,
}
"""Who looks after each domain's books, unless ``--as`` says who acts."""

Domains = Annotated[
    list[Domain] | None, typer.Option("--domain", help="Whose books; may be repeated. Else all.")
]


@command(app, "status")
def status(desk: Desk, domain: Domains = None) -> Answer:
    """Say where each domain's books lie and which version their tables have."""
    data = [
        {
            "domain": place.domain,
            "where": str(place.where),
            "version": place.version(),
            "program": place.schema.version,
        }
        for place, _ in _chosen(desk, domain)
    ]
    return Answer(data, _table("Books", data))


@command(app, "migrate")
def migrate(
    desk: Desk,
    domain: Domains = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
) -> Answer:
    """Bring the tables of books to this program's version: whole, or not at all."""
    data = []
    for place, by in _chosen(desk, domain):
        before = place.version()
        if before and not dry_run:
            place.migrate(by, desk.home.now)
            begin_ledger_of(place, by, desk.home.now)
        after = place.schema.version if before else 0
        data.append({"domain": place.domain, "before": before, "after": after})
    return Answer(data, _table("Would be migrated" if dry_run else "Migrated", data))


@command(app, "backup")
def backup(
    desk: Desk,
    folder: Annotated[Path, typer.Argument(help="Where to; made if need be, private.")],
    domain: Domains = None,
) -> Answer:
    """Copy books and keys into a folder, while others go on writing. Keep it locked away."""
    data = [
        _copied(back_up_shelf(place, folder, by=by, now=desk.home.now))
        for place, by in _chosen(desk, domain)
        if place.version()
    ]
    return Answer(data, _table(f"Copied to {folder}", data))


@command(app, "restore")
def restore(
    desk: Desk,
    folder: Annotated[Path, typer.Argument(help="Where franking books backup copied to.")],
    domain: Domains = None,
) -> Answer:
    """Make books and keys from a copy, where there are none. Then reconcile them."""
    chosen = _chosen(desk, domain)
    copied = [each for each in chosen if domain or is_copied(each[0], folder)] or chosen
    data = [_copied(restore_shelf(place, folder, by=by, now=desk.home.now)) for place, by in copied]
    hints = ["Say franking books reconcile, to learn what came after the copy."]
    if any(place.domain == Domain.FLEET for place, _ in copied):
        hints.append("Say franking fleet reconcile before any hosted device evidences again.")
    if any(place.domain == Domain.PROVIDER for place, _ in copied):
        hints.append("Say franking bank deliver --again, to take in what the bank sent since.")
    return Answer(data, _table("Restored", data), warnings=tuple(hints))


@command(app, "reconcile")
def reconcile(
    desk: Desk,
    domain: Annotated[Sender, typer.Option(help="Whose books were restored.")],
    again: Annotated[
        bool, typer.Option("--carry-again", help="Deliver once more what was delivered.")
    ] = False,
) -> Answer:
    """Say what restored books have missed, as the other domain and the devices remember it."""
    missed = missed_by(desk.home, domain)
    carried = 0
    if again:
        carried = carry_again(desk.home, domain, missed, desk.home.now)
        desk.carry()
        missed = missed_by(desk.home, domain)
    found = [_missed(one) for one in missed]
    data = {"domain": domain, "missed": found, "carried_again": carried}
    if not found:
        return Answer(data, f"The {domain} books have missed nothing that others know.")
    return Answer(data, _table(f"Missed by the {domain} books", found))


def _chosen(desk: Desk, domains: Sequence[Domain] | None) -> list[tuple[Shelf, Actor]]:
    return [
        (shelf(desk.home.folder, domain), desk.actor(KEEPERS[domain]))
        for domain in domains or list(Domain)
    ]


def _copied(copied: Copied) -> dict[str, Any]:
    return {
        "domain": copied.domain,
        "taken_at": copied.taken_at,
        "rows": copied.rows,
        "journal_rows": copied.journal_rows,
        "journal_head": copied.journal_head,
    }


def _missed(one: Missed) -> dict[str, Any]:
    return {"what": one.what, "record": one.record, "detail": one.detail, "at": one.at}


def _table(title: str, rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in rows[0] if rows else ():
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    return table
