"""``franking quality``: mailpieces for quality assurance, read and graded from their print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.form import Drawn, require_drawable, with_paper
from franking.provider.quality import commands
from franking.provider.quality.grading import GUIDANCE, SEEN
from franking.rules.permissions import Role

app = typer.Typer(help="Quality of indicia: the licensee's mailpieces.", no_args_is_help=True)

Serial = Annotated[str, typer.Argument(metavar="SERIAL", help="The device ID.")]


@command(app, "receive")
def receive(
    desk: Desk,
    serial: Serial,
    picture: Annotated[Path, typer.Argument(help="A scan of the piece: PNG, JPEG, TIFF, PDF.")],
    seen: Annotated[
        list[str] | None, typer.Option(help=f"What you saw: {', '.join(SEEN)}; repeatable.")
    ] = None,
    trust: Annotated[Path | None, typer.Option(help="A trust list; else the latest.")] = None,
    pdf: Drawn = None,
) -> Answer:
    """Read and grade a mailpiece of a device; a good one lifts a denial (39 CFR 502.27, 1997)."""
    require_drawable(pdf)
    books = desk.provider_books(Role.PROVIDER_AGENT)
    piece = commands.receive_mailpiece(
        books,
        desk.home.provider.signer,
        serial=serial,
        picture=picture,
        trust=desk.home.trust_list(trust),
        seen=tuple(each.upper() for each in seen or ()),
        now=desk.home.now,
    )
    desk.carry()
    table = Table("Deficiency", "Detail", "Guidance", box=None)
    for each in piece.deficiencies:
        table.add_row(each.code, each.detail, each.guidance)
    graded = Text(f"{serial}: {piece.grade.value}", style="bold")
    told = Answer(piece.as_json(), Group(graded, table) if piece.deficiencies else graded)
    return with_paper(told, desk, "notice", f"quality:{serial}", pdf)


@command(app, "show")
def show(desk: Desk, serial: Serial) -> Answer:
    """Show the graded pieces of a device, and what its licensee was told."""
    data = commands.quality_view(desk.provider_books(Role.PROVIDER_AGENT), serial)
    rows = {
        "next piece due": data["due_on"] or "–",
        "resets": data["resets_denied"] or "not denied",
        "pieces": len(data["pieces"]) if isinstance(data["pieces"], list) else 0,
    }
    return Answer(data, facts(f"Quality of {serial}", rows))


@command(app, "guidance")
def guidance(_: Desk) -> Answer:
    """List every deficiency that is graded, and what a licensee can do about it."""
    table = Table("Deficiency", "Seen by", "Guidance", box=None)
    for code, words in GUIDANCE.items():
        table.add_row(code, "eye" if code in SEEN else "reader", words)
    return Answer(dict(GUIDANCE), table)
