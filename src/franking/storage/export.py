"""A journal as lines of JSON, for whoever is to check it without the database.

First a title, then every row in order, with each checkpoint after the rows that it covers, then
how many rows there were. ``export_check`` reads it, and shares no code with what wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import Row, and_, select

from franking.storage.books import Reading, Schema
from franking.storage.journal import Entry, JournalTables

TITLE = "franking journal"


def export_journal(reading: Reading, schema: Schema) -> Iterator[str]:
    """The lines of the export, each with its line feed; memory does not grow with the journal."""
    yield _line({"journal": TITLE, "domain": schema.domain, "format": 1})
    tables = schema.journal
    notes = list(reading.rows(select(tables.checkpoints).order_by(tables.checkpoints.c.number)))
    count = 0
    for row in _rows(reading, tables):
        while notes and notes[0].upto < row.sequence:
            yield _note(notes.pop(0))
        yield _line(_told(row))
        count += 1
    yield from map(_note, notes)
    yield _line({"rows": count})


def _rows(reading: Reading, tables: JournalTables) -> Iterator[Row[tuple[object, ...]]]:
    journal, inputs = tables.journal.c, tables.inputs.c
    same = and_(journal.record == inputs.record, journal.number == inputs.number)
    beside = select(tables.journal, inputs.salt, inputs.inputs)
    query = beside.join_from(tables.journal, tables.inputs, same, isouter=True)
    yield from reading.stream(query.order_by(journal.sequence))


def _told(row: Row[tuple[object, ...]]) -> dict[str, object]:
    columns = row._mapping
    told: dict[str, object] = {name: columns[name] for name in Entry.__struct_fields__}
    told |= {"sequence": row.sequence, "hash": columns["hash"]}
    if row.salt is not None:
        told |= {"salt": row.salt.hex(), "inputs": row.inputs}
    return told


def _note(row: Row[tuple[object, ...]]) -> str:
    return _line({"checkpoint": row.number, "note": row.note})


def _line(value: dict[str, object]) -> str:
    return msgspec.json.encode(value).decode() + "\n"
