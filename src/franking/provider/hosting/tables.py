"""What the provider last reported of each hosted journal, and what it was told is anchored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Table, delete, select

from franking.messages.hosting import JournalHead
from franking.provider.schema import METADATA
from franking.storage import Reading, Work
from franking.storage.columns import text, whole


def _heads(name: str) -> Table:
    return Table(
        name,
        METADATA,
        text("device", primary_key=True),
        whole("sequence"),
        whole("ascending_mills"),
        text("entry_hash"),
        sqlite_strict=True,
    )


REPORTED = _heads("hosting_reported")
ANCHORED = _heads("hosting_anchored")
TABLES = (REPORTED, ANCHORED)


def reported(books: Reading, devices: Sequence[str]) -> dict[str, int]:
    """How far each of these journals was reported."""
    query = select(REPORTED.c.device, REPORTED.c.sequence)
    rows = books.rows(query.where(REPORTED.c.device.in_(devices)))
    return {row.device: row.sequence for row in rows}


def put_heads(work: Work, table: Table, heads: Sequence[JournalHead]) -> None:
    """Let these be the last of their devices."""
    work.write(delete(table).where(table.c.device.in_([head.device for head in heads])))
    work.write_many(table, [msgspec.structs.asdict(head) for head in heads])


def anchored(books: Reading) -> Iterable[JournalHead]:
    """What the Postal Service said that it holds, by device."""
    rows = books.stream(select(ANCHORED).order_by(ANCHORED.c.device))
    return (JournalHead(**row._mapping) for row in rows)
