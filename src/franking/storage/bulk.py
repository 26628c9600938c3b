"""Many rows at once: neither a statement nor a round trip a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import DBAPIError

from franking.errors import InvariantBroken

Values = Mapping[str, Any]

_COPY_FROM = 50
"""From so many rows on, PostgreSQL takes them in one stream (``COPY``)."""
_AT_ONCE = 10_000
_IN_A_STATEMENT = 20


def write_many(connection: Connection, table: Table, rows: Iterable[Values]) -> int:
    """Insert ``rows``, which all name the same columns; how many they were.

    Raises:
        InvariantBroken: two rows do not name the same columns.
    """
    coming = iter(rows)
    first = list(islice(coming, _COPY_FROM))
    if not first:
        return 0
    columns = tuple(first[0])
    values = _in_order(chain(first, coming), columns)
    if connection.dialect.name == "postgresql" and len(first) == _COPY_FROM:
        return _copy(connection, table, columns, values)
    return _insert(connection, table, columns, values)


def _in_order(rows: Iterable[Values], columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    pick = itemgetter(*columns) if len(columns) > 1 else lambda row: (row[columns[0]],)
    width = len(columns)
    for row in rows:
        if len(row) != width:
            raise InvariantBroken(f"rows that name {sorted(row)} and {sorted(columns)}")
        yield pick(row)


def _insert(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Iterator[tuple[Any, ...]],
) -> int:
    bare = insert(table).compile(dialect=connection.dialect, column_keys=list(columns))
    written = 0
    while batch := list(islice(rows, _AT_ONCE)):
        written += len(batch)
        if bare.positiontup is None:
            named: list[dict[str, Any]] = [dict(zip(columns, row, strict=True)) for row in batch]
            connection.exec_driver_sql(str(bare), named)
        else:
            if tuple(bare.positiontup) != columns:
                places = [columns.index(name) for name in bare.positiontup]
                batch = [tuple(row[place] for place in places) for row in batch]
            _insert_placed(connection, str(bare), batch)
    return written


def _insert_placed(
    connection: Connection, statement: str, batch: Sequence[tuple[Any, ...]]
) -> None:
    """Insert many rows by each statement: to run one costs SQLite a fifth of storing its row."""
    together = len(batch) // _IN_A_STATEMENT * _IN_A_STATEMENT
    if together:
        head, values = statement.split(" VALUES ", 1)
        several = f"{head} VALUES {', '.join([values] * _IN_A_STATEMENT)}"
        starts = range(0, together, _IN_A_STATEMENT)
        flat = chain.from_iterable
        rows = [tuple(flat(batch[first : first + _IN_A_STATEMENT])) for first in starts]
        connection.exec_driver_sql(several, rows)
    if rest := list(batch[together:]):
        connection.exec_driver_sql(statement, rest)


def _copy(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Iterator[tuple[Any, ...]],
) -> int:
    import psycopg  # who keeps books in a file needs no driver for PostgreSQL

    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(column) for column in columns)
    statement = f"COPY {quote(table.name)} ({names}) FROM STDIN"
    written = 0
    raw: Any = connection.connection.cursor()
    try:
        with raw, raw.copy(statement) as stream:
            for row in rows:
                stream.write_row(row)
                written += 1
    except psycopg.Error as error:
        wrapped = DBAPIError.instance(
            statement, None, error, psycopg.Error, dialect=connection.dialect
        )
        raise wrapped from error
    return written
