"""``franking scans known``: what the Postal Service's books know beside the scans."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from franking.cli.answer import Answer
from franking.cli.command import Desk
from franking.clock import parse_date
from franking.home.irregularities import write_known


def known(
    desk: Desk,
    out: Annotated[Path, typer.Option(help="The folder to write into; made if it is not there.")],
    on: Annotated[str, typer.Option(help="The day of the night; else that of this home.")] = "",
) -> Answer:
    """Write what the books know for a night: refunded pieces, control totals, post offices.

    Totals are told of devices whose provider has reported its downloads through that day.
    """
    through = parse_date(on) if on else desk.home.now.date()
    written = write_known(desk.home, out, through=through)
    words = (
        f"{written.totals:,} control totals, {written.refunds:,} refunded pieces and"
        f" {written.offices:,} offices are in {out}: franking scans verify --known {out}"
    )
    return Answer({**msgspec.to_builtins(written), "folder": str(out)}, words)
