"""Options and pictures that the commands of ``franking inventory`` share."""

from __future__ import annotations

from typing import Annotated

import typer

from franking.cli.answer import Answer, facts
from franking.money import format_dollars
from franking.provider.devices import rows
from franking.provider.devices.records import DeviceRecord

Serial = Annotated[str, typer.Argument(metavar="SERIAL", help="The serial of the device.")]
By = Annotated[str, typer.Option(help="Who did or reported it; else who acts.")]


def shown(record: DeviceRecord) -> Answer:
    """A device as it stands now."""
    lines = {
        "state": f"{record.state}, since {record.since}",
        "kind": f"{record.kind} {record.model}, {record.rulebook}",
        "licence": record.licence or "none",
        "post office": record.office or "none",
        "place": record.place or "unknown",
        "ascending": f"{format_dollars(record.ascending_mills)} ({record.reading_source})",
        "descending": format_dollars(record.descending_mills),
    }
    return Answer(rows.columns(record), facts(record.serial, lines))
