"""``franking funds``: the bank's files: taken in, set aside, shown with every fault."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.bank.views import read_named
from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.licensing_options import many
from franking.clock import parse_date
from franking.errors import EXIT_DONE, EXIT_REFUSED
from franking.money import format_dollars
from franking.provider.funds.bank_files import bank_file, bank_files, take_bank_file
from franking.provider.funds.bank_records import BankFile, FileStatus
from franking.rules.permissions import Role

_COLUMNS = ("name", "kind", "day", "status", "items", "deposits", "digest")


def register(app: typer.Typer) -> None:
    """Add these commands to ``franking funds``."""
    command(app, "take-file")(take_file)
    command(app, "files")(files)
    command(app, "file")(file)


def take_file(
    desk: Desk,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Lockbox, NACHA or BAI2.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would become of it.")
    ] = False,
) -> Answer:
    """Take a file of the lockbox bank in, whole; or set it aside whole, with every reason."""
    books = desk.provider_books(Role.PROVIDER_AGENT)
    data = read_named(path)
    taken = take_bank_file(books, data, name=path.name, now=desk.home.now, dry_run=dry_run)
    desk.carry()
    status = EXIT_REFUSED if taken.faults else EXIT_DONE
    return _shown(taken, status, "would be " if dry_run else "")


def files(
    desk: Desk,
    status: Annotated[FileStatus | None, typer.Option(help="That stand so.")] = None,
    day: Annotated[str, typer.Option(help="Of one banking day.")] = "",
) -> Answer:
    """List the bank's files in the order in which they came."""
    found = bank_files(desk.provider_books(), status=status, day=parse_date(day) if day else None)
    return many("Files of the bank", [_line(each) for each in found], _COLUMNS)


def file(
    desk: Desk,
    digest: Annotated[str, typer.Argument(help="The file's digest, or how it begins.")],
) -> Answer:
    """Show a file of the bank: what became of it, and every fault with its line."""
    return _shown(bank_file(desk.provider_books(), digest), EXIT_DONE)


def _line(each: BankFile) -> dict[str, object]:
    told = {**each.as_json(), "deposits": format_dollars(each.deposits_mills)}
    return {**told, "digest": each.digest[:16]}


def _shown(each: BankFile, status: int, would: str = "") -> Answer:
    told = _line(each)
    known = {name: told[name] for name in _COLUMNS if told[name] not in ("", None)}
    known["status"] = f"{would}{each.status.value}"
    summary = facts(f"{each.name}: {would}{each.status.value}", known)
    if not each.faults:
        return Answer(each.as_json(), summary, exit_status=status)
    table = Table("Line", "Fault", "Detail", box=None)
    for fault in each.faults:
        table.add_row(str(fault.line or "–"), fault.code, Text(fault.detail))
    return Answer(each.as_json(), Group(summary, table), exit_status=status)
