"""Destroying one record where the rules say so: its rows and what the journal knows of it go.

The journal's chain stays, with a salted digest in place of every input: without the salt nothing
can be read out of it, and the chain is checked as before. The guards of append-only tables let
rows go only within ``destruction``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import delete, insert

from franking.storage.books import Schema, Work


@contextmanager
def destruction(work: Work, schema: Schema, record: str) -> Iterator[None]:
    """Within it, rows of ``record`` may be deleted from append-only tables.

    The permission is a row that never outlives the unit of work: what fails within takes it back.
    """
    work.write(insert(schema.destroying).values(record=record))
    yield
    work.write_one(delete(schema.destroying).where(schema.destroying.c.record == record))


def forget_inputs(work: Work, schema: Schema, records: Collection[str]) -> int:
    """Delete the journal's inputs and salts of ``records``; how many entries say nothing now."""
    beside = schema.journal.inputs
    return work.write(delete(beside).where(beside.c.record.in_(sorted(records))))
