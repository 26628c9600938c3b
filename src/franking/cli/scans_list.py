"""``franking scans list``: the scans of a night that somebody has to look at."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer
from franking.cli.command import Desk
from franking.cli.scans_pictures import plain
from franking.clock import instant_text
from franking.scans.listing import Listed, Wanted, listed
from franking.verification.reasons import Reason
from franking.verification.verdict import Verdict

_SHOWN = 40


def list_scans(
    desk: Desk,
    verdicts: Annotated[Path, typer.Argument(help="A file that `franking scans verify` wrote.")],
    verdict: Annotated[Verdict | None, typer.Option(help="Only these.")] = None,
    reason: Annotated[
        Reason | None,
        typer.Option(metavar="REASON", case_sensitive=False, help="Only those with it: OVERLAP."),
    ] = None,
    device: Annotated[str, typer.Option(help="Only of this device.")] = "",
    place: Annotated[str, typer.Option(help="Only made at this ZIP Code.")] = "",
    scanner: Annotated[str, typer.Option(help="Only made by this scanner.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = _SHOWN,
) -> Answer:
    """List scans with their verdicts and reasons, the most adverse first.

    Where nothing is chosen: all that are not authentic or undetermined, or have a finding.
    """
    named = "".join(device.upper().split())
    wanted = Wanted(verdict=verdict, reason=reason, device=named, place=place, scanner=scanner)
    found = listed(verdicts, wanted, most=limit)
    rows = [{name: _told(value) for name, value in scan.items()} for scan in found.scans]
    return Answer({"found": found.found, "scans": rows}, _picture(found))


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else value


def _picture(found: Listed) -> Group:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("File:row", justify="right")
    for name in ("Scanned (UTC)", "At", "Device"):
        table.add_column(name, no_wrap=True)
    table.add_column("Verdict, and why", overflow="fold", ratio=1)
    for scan in found.scans:
        at = scan["scanned_at"]
        table.add_row(
            f"{scan['file']}:{scan['row']}",
            f"{at:%Y-%m-%d %H:%M}" if at else "not known",
            Text(plain(scan["place"] or "")),
            scan["device"] or "",
            ": ".join(filter(None, (scan["verdict"], ", ".join(scan["reasons"])))),
        )
    left = found.found - len(found.scans)
    more = [Text(f"and {left:,} more: --limit, or choose", style="dim")] if left else []
    return Group(Text(f"{found.found:,} scans", style="bold"), table, *more)
