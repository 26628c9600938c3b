"""A copy of books as one file, whatever database they are kept on, and books from such a copy.

The file is gzipped lines of JSON: a title, then for every table its columns and rows, then the
number of rows and a digest of every line before. It is taken from one consistent view while others
write on, and laid into empty books in one transaction, so that a restore is whole or nothing. What
a copy can not know, everything after it, is told by ``franking books reconcile``.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, LargeBinary, Table, func, inspect, select, text

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.storage import journal
from franking.storage.books import Actor, Books, Reading, Schema
from franking.storage.bulk import write_many
from franking.storage.database import Where, open_engine
from franking.storage.guards import lay_guards, lift_guards
from franking.storage.journal import Act

_TITLE = "franking backup"
_FORMAT = 1

BACKUP_UNREADABLE = Refusal(
    "BACKUP_UNREADABLE",
    clause="policy",
    remedy="Take another copy: this one is damaged or is none. Nothing was restored.",
    http_status=422,
)
BACKUP_OF_OTHER_BOOKS = Refusal(
    "BACKUP_OF_OTHER_BOOKS",
    clause="policy",
    remedy="Restore it with the program, and into the domain, that it was taken from.",
)
BOOKS_NOT_EMPTY = Refusal(
    "BOOKS_NOT_EMPTY",
    clause="policy",
    remedy="Move the books that are there away first; a copy is never laid over books.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a copy holds."""

    domain: str
    taken_at: str
    rows: int
    journal_rows: int
    journal_head: str
    """The head of the tree over the journal's rows, in hexadecimal digits."""


class _Title(msgspec.Struct, frozen=True, kw_only=True):
    backup: str
    format: int
    domain: str
    version: int
    taken_at: str


class _Columns(msgspec.Struct, frozen=True, kw_only=True):
    table: str
    columns: list[str]


class _End(msgspec.Struct, frozen=True, kw_only=True):
    rows: int
    digest: str


def back_up(books: Books, file: Path, now: datetime) -> Copied:
    """Write a copy of the books to ``file``, which only its owner may read.

    Raises:
        Refused: what the books refuse.
        OSError: the file can not be written.
    """
    draft = file.with_name(f"{file.name}.new")
    private = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(private, "wb") as raw, books.reading() as reading:
        checked = journal.check(reading.connection, books.schema.journal)
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=3, mtime=0) as packed:
            rows = _write(reading, books.schema, packed, now)
        raw.flush()
        os.fsync(raw.fileno())
    draft.replace(file)
    return Copied(
        domain=books.schema.domain,
        taken_at=instant_text(now),
        rows=rows,
        journal_rows=checked.entries,
        journal_head=checked.head,
    )


def restore(file: Path, where: Where, schema: Schema, *, by: Actor, now: datetime) -> Copied:
    """Make books at ``where`` from a copy; the journal tells that they were restored.

    Raises:
        Refused: ``NOT_PERMITTED``, ``BACKUP_UNREADABLE``, ``BACKUP_OF_OTHER_BOOKS``,
            ``BOOKS_NOT_EMPTY``, or what the database refuses.
    """
    schema.permit("restore_books", by.role)
    with _Lines(file) as lines:
        title = lines.title(schema)
        _require_empty(where, schema)
        books = Books.open(where, schema, by=by)
        try:
            rows, head = _lay_in(books, lines, title, now)
        finally:
            books.close()
    return Copied(
        domain=schema.domain,
        taken_at=title.taken_at,
        rows=rows,
        journal_rows=head[0],
        journal_head=head[1],
    )


class _Lines:
    """The lines of a copy, read once, digested on the way."""

    def __init__(self, file: Path) -> None:
        self._file = gzip.GzipFile(file, "rb")
        self._digest = hashlib.sha256()

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def title(self, schema: Schema) -> _Title:
        """The first line, if it is one of these books."""
        title: _Title = _decoded(self._next(), _Title)
        if title.backup != _TITLE or title.format != _FORMAT:
            raise BACKUP_UNREADABLE.because(f"this is {title.backup} in format {title.format}")
        if (title.domain, title.version) != (schema.domain, schema.version):
            raise BACKUP_OF_OTHER_BOOKS.because(
                f"the copy is of {title.domain} in version {title.version}, not of"
                f" {schema.domain} in version {schema.version}"
            )
        return title

    def __iter__(self) -> Iterator[bytes]:
        """Every line up to the last, which must confirm them all."""
        while True:
            before = self._digest.hexdigest()
            line = self._next()
            if line.startswith(b'{"rows"'):
                if _decoded(line, _End).digest != before:
                    raise BACKUP_UNREADABLE.because("the copy is not what was written")
                return
            yield line

    def _next(self) -> bytes:
        try:
            line = self._file.readline()
        except (OSError, EOFError, zlib.error) as error:
            raise BACKUP_UNREADABLE.because(f"the copy can not be read: {error}") from error
        if not line.endswith(b"\n"):
            raise BACKUP_UNREADABLE.because("the copy ends before its end")
        self._digest.update(line)
        return line


def _write(reading: Reading, schema: Schema, packed: gzip.GzipFile, now: datetime) -> int:
    digest, rows = hashlib.sha256(), 0

    def put(value: object) -> None:
        line = msgspec.json.encode(value) + b"\n"
        digest.update(line)
        packed.write(line)

    put(
        _Title(
            backup=_TITLE,
            format=_FORMAT,
            domain=schema.domain,
            version=schema.version,
            taken_at=instant_text(now),
        )
    )
    for table in _tables(schema):
        names = [str(column.name) for column in table.columns]
        put(_Columns(table=str(table.name), columns=names))
        for row in reading.stream(select(table)):
            put(tuple(row))
            rows += 1
    put(_End(rows=rows, digest=digest.hexdigest()))
    return rows


def _lay_in(
    books: Books, lines: _Lines, title: _Title, now: datetime
) -> tuple[int, tuple[int, str]]:
    schema = books.schema
    record = record_id("books", schema.domain)
    with books.work(now, "restore_books") as work:
        connection = work.connection
        lift_guards(connection)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        rows = _fill(connection, {table.name: table for table in _tables(schema)}, lines)
        _count_on(connection, schema)
        lay_guards(connection, schema.metadata)
        found = journal.check(connection, schema.journal)
        if found.faults:
            raise BACKUP_UNREADABLE.because(f"its journal is broken: {found.faults[0]}")
        told = {"taken_at": title.taken_at, "rows": rows, "journal_head": found.head}
        work.record(Act(record=record, clauses=("policy",), inputs=told))
    return rows, (found.entries, found.head)


def _fill(connection: Connection, tables: dict[str, Table], lines: _Lines) -> int:
    """Write the rows of every table, one table after the other; how many they were."""
    rows, coming = 0, iter(lines)
    header = next(coming, None)
    while header is not None:
        told = _decoded(header, _Columns)
        table = tables.get(told.table)
        if table is None or set(told.columns) != set(table.columns.keys()):
            raise BACKUP_OF_OTHER_BOOKS.because(f"these books have no such table {told.table}")
        part = _Part(coming, table, told.columns)
        rows += write_many(connection, table, part)
        header = part.next_header
    return rows


class _Part:
    """The rows of one table: they end where the next table is announced."""

    def __init__(self, lines: Iterator[bytes], table: Table, columns: list[str]) -> None:
        self.next_header: bytes | None = None
        self._lines = lines
        self._columns = columns
        self._binary = {
            column.name for column in table.columns if isinstance(column.type, LargeBinary)
        }

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for line in self._lines:
            if line.startswith(b"{"):
                self.next_header = line
                return
            values = dict(zip(self._columns, _decoded(line, list[Any]), strict=True))
            for name in self._binary:
                if values[name] is not None:
                    values[name] = b64decode(values[name])
            yield values


def _count_on(connection: Connection, schema: Schema) -> None:
    """Have numbers that the database gives go on after the highest that is there."""
    if connection.dialect.name != "postgresql":
        return
    for table in _tables(schema):
        column = table.autoincrement_column
        if column is None:
            continue
        highest = connection.execute(select(func.max(column))).scalar()
        sequence = connection.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"),
            {"table": table.name, "column": column.name},
        ).scalar()
        if highest is not None and sequence is not None:
            connection.execute(
                text("SELECT setval(:sequence, :highest)"),
                {"sequence": sequence, "highest": highest},
            )


def _tables(schema: Schema) -> list[Table]:
    """The tables that a copy holds: those that the title makes by itself are left out."""
    own = {schema.title.name, schema.destroying.name}
    _ = schema.journal
    return [table for table in schema.metadata.sorted_tables if table.name not in own]


def _require_empty(where: Where, schema: Schema) -> None:
    if isinstance(where, Path) and not where.exists():
        return
    engine = open_engine(where)
    try:
        with engine.connect() as connection:
            if inspect(connection).has_table(schema.title.name):
                rows = schema.journal.journal
                if connection.execute(select(rows.c.sequence).limit(1)).first() is not None:
                    raise BOOKS_NOT_EMPTY.because(f"there are books of {schema.domain} at {where}")
    finally:
        engine.dispose()


def _decoded(line: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError as error:
        raise BACKUP_UNREADABLE.because(f"a line of the copy is damaged: {error}") from error
