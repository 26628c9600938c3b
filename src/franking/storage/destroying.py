"""Destroying one record where the rules say so: its rows and what the journal knows of it go.

The journal's chain stays, with a salted digest in place of every input: without the salt nothing
can be read out of it, and the chain is checked as before. The guards of append-only tables let
rows go only within ``destruction``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import delete, insert

from franking.storage.books import Books, Schema, Work
from franking.storage.database import foreign_errors


@contextmanager
def destruction(work: Work, schema: Schema, record: str) -> Iterator[None]:
    """Within it, rows of ``record`` may be deleted from append-only tables.

    The permission is a row that never outlives the unit of work: what fails within takes it back.
    """
    work.write(insert(schema.destroying).values(record=record))
    yield
    work.write_one(delete(schema.destroying).where(schema.destroying.c.record == record))


def clear_log(books: Books) -> None:
    """Empty the write-ahead log of SQLite: pages as they were before a destruction stand in it.

    While somebody reads, they stay until the books are closed or the log is next filled. The files
    and logs of a PostgreSQL server are its operator's matter (docs/checklist.md).
    """
    if books.engine.dialect.name != "sqlite":
        return
    outside = {"begin": "SELECT 1"}  # A checkpoint is no part of a transaction.
    with (
        foreign_errors(books.where),
        books.engine.connect() as opened,
        (connection := opened.execution_options(**outside)).begin(),
    ):
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def forget_inputs(work: Work, schema: Schema, records: Collection[str]) -> int:
    """Delete the journal's inputs and salts of ``records``; how many entries say nothing now."""
    beside = schema.journal.inputs
    return work.write(delete(beside).where(beside.c.record.in_(sorted(records))))
