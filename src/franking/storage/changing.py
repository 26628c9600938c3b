"""Update many rows at once, each to values of its own: one statement on PostgreSQL, not one a row.

There the rows travel as one array for each column and are joined to the table by what they were
decided on; SQLite runs the one statement for each row, which costs it no round trip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Table, bindparam, update

from franking.errors import InvariantBroken
from franking.storage.among import array_text
from franking.storage.books import Work
from franking.storage.database import BOOKS_BUSY

Row = Mapping[str, Any]


def change_many(
    work: Work, table: Table, rows: Sequence[tuple[Row, Row]], *, permit_lost: bool = False
) -> int:
    """Update a row for each of ``rows``: what it was decided on, by column, and what it becomes.

    All of them name the same columns. Gives how many rows there were.

    Raises:
        Refused: ``BOOKS_BUSY`` where somebody else changed one of them (not with ``permit_lost``).
        InvariantBroken: there is no such row, where nobody else can write.
    """
    if not rows:
        return 0
    wanted, becoming = tuple(rows[0][0]), tuple(rows[0][1])
    change = _together if work.is_postgresql else _one_by_one
    touched = change(work.connection, table, wanted, becoming, rows)
    if touched != len(rows) and not permit_lost:
        if work.is_postgresql:
            raise BOOKS_BUSY.because("another command has changed what this one decided upon")
        raise InvariantBroken(f"an update for {len(rows)} rows of {table.name} touched {touched}")
    return touched


def _together(
    connection: Connection,
    table: Table,
    wanted: Sequence[str],
    becoming: Sequence[str],
    rows: Sequence[tuple[Row, Row]],
) -> int:
    quote = connection.dialect.identifier_preparer.quote
    names = [f"was_{name}" for name in wanted] + [f"to_{name}" for name in becoming]
    arrays = [f"CAST(%s AS {_type(table, name)}[])" for name in (*wanted, *becoming)]
    values = [array_text(was[name] for was, _ in rows) for name in wanted]
    values += [array_text(to[name] for _, to in rows) for name in becoming]
    setting = ", ".join(f"{quote(name)} = v.to_{name}" for name in becoming)
    same = " AND ".join(f"t.{quote(name)} = v.was_{name}" for name in wanted)
    statement = (
        f"UPDATE {quote(table.name)} AS t SET {setting}"
        f" FROM unnest({', '.join(arrays)}) AS v ({', '.join(names)}) WHERE {same}"
    )
    return connection.exec_driver_sql(statement, tuple(values)).rowcount


def _one_by_one(
    connection: Connection,
    table: Table,
    wanted: Sequence[str],
    becoming: Sequence[str],
    rows: Sequence[tuple[Row, Row]],
) -> int:
    same = [table.c[name] == bindparam(f"was_{name}") for name in wanted]
    change = update(table).where(*same)
    change = change.values({name: bindparam(f"to_{name}") for name in becoming})
    given = [
        {f"was_{name}": value for name, value in was.items()}
        | {f"to_{name}": value for name, value in to.items()}
        for was, to in rows
    ]
    return connection.execute(change, given).rowcount


def _type(table: Table, name: str) -> str:
    return "bigint" if isinstance(table.c[name].type, BigInteger) else "text"
