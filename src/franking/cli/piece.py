"""``franking piece``: what became of a piece; mail that is scanned; the cases that open."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table

from franking.cli.answer import Answer, facts, minute
from franking.cli.command import Desk, command
from franking.money import format_dollars, parse_dollars
from franking.postal.pieces import commands
from franking.postal.pieces.records import PieceCase
from franking.rules.permissions import Role

app = typer.Typer(help="Pieces: mailed or refunded, once.", no_args_is_help=True)
EXIT_CASE_OPEN = 3


@command(app, "scan")
def scan(
    desk: Desk,
    files: Annotated[list[Path], typer.Argument(help="Scans of mail: PNG, JPEG, TIFF, PDF, hex.")],
    zip_code: Annotated[str, typer.Option("--zip", help="The post office that scans.")],
    trust: Annotated[Path | None, typer.Option(help="A trust list; else the latest.")] = None,
) -> Answer:
    """Read mail at a post office: each true piece is mailed; a refunded one opens a case.

    Exits with 3 where a case is open.
    """
    seen = commands.scan_mail(
        desk.postal_books(Role.POSTMASTER),
        files,
        desk.home.trust_list(trust),
        place=zip_code,
        now=desk.home.now,
    )
    table = Table("File", "Verdict", "Piece", "Postage", "Outcome", box=None)
    for each in seen:
        piece = each.piece
        postage = format_dollars(piece.postage_mills) if piece else ""
        table.add_row(each.where, each.verdict, piece.name if piece else "", postage, each.outcome)
    status = EXIT_CASE_OPEN if any(each.outcome.startswith("case") for each in seen) else 0
    return Answer([_scanned_json(each) for each in seen], table, status)


@command(app, "show")
def show(
    desk: Desk,
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="The device ID.")],
    ascending: Annotated[str, typer.Argument(help="The ascending register, in dollars.")],
) -> Answer:
    """Show what became of a piece, everybody who had to do with it, and its cases."""
    books = desk.postal_books(Role.POSTMASTER)
    data = commands.piece_view(books, device, parse_dollars(ascending))
    rows = {"fate": data["fate"] or "none yet", "on": data["on"], "by": data["source"]}
    table = Table("At", "What", "Where", "Outcome", box=None)
    seen: Any = data["seen"]
    for each in seen:
        table.add_row(
            minute(each["at"], desk.home.now), each["doing"], each["source"], each["outcome"]
        )
    return Answer(data, Group(facts(f"Piece {device} at {ascending}", rows), table))


@command(app, "cases")
def cases(
    desk: Desk,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
) -> Answer:
    """List the pieces that somebody has to look into."""
    found = commands.piece_cases(desk.postal_books(Role.POSTAL_INSPECTOR), open_only=not everything)
    table = Table("Case", "Since", "Piece", "Why", "Facts", "Finding", box=None)
    for each in found:
        opened = each.opened_on.isoformat()
        table.add_row(
            str(each.number), opened, each.piece.name, each.kind, each.detail, each.finding
        )
    data = [commands.case_json(each) for each in found]
    return Answer(data, table if found else "No piece has to be looked into.")


@command(app, "close")
def close(
    desk: Desk,
    number: Annotated[int, typer.Argument(metavar="CASE", help="The number of the case.")],
    finding: Annotated[str, typer.Option(help="What was found.")],
    never_mailed: Annotated[
        bool,
        typer.Option("--never-mailed", help="The scan was an error: it may be refunded."),
    ] = False,
) -> Answer:
    """Settle a case with its finding."""
    closed = commands.close_piece_case(
        desk.postal_books(Role.POSTAL_INSPECTOR),
        number,
        finding=finding,
        never_mailed=never_mailed,
        now=desk.home.now,
    )
    return Answer(commands.case_json(closed), _closed_words(closed, never_mailed))


def _closed_words(closed: PieceCase, never_mailed: bool) -> str:
    free = "; it may be refunded now" if never_mailed else ""
    return f"Case {closed.number} about {closed.piece.name} is closed{free}."


def _scanned_json(each: commands.Scanned) -> dict[str, Any]:
    piece = each.piece
    return {
        "where": each.where,
        "verdict": each.verdict,
        "outcome": each.outcome,
        "device": piece.device if piece else None,
        "ascending_mills": piece.ascending_mills if piece else None,
        "postage_mills": piece.postage_mills if piece else None,
    }
