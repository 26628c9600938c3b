"""Copies of books, and books from copies: of either database, into either."""

from __future__ import annotations

import gzip
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select, text
from sqlalchemy.exc import DBAPIError

from franking.errors import Refused
from franking.storage import Act, Actor, Books, Schema, Where
from franking.storage.backup import back_up, restore
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    optional_data,
    optional_text,
    whole,
)
from tests.fixtures_databases import DATABASES, books_on, place_on

NOW = datetime(1997, 6, 2, 9, 30, tzinfo=UTC)
CLERK = Actor("a clerk", "clerk")
METADATA = MetaData()
SHELVES = Table(
    "shelves",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    optional_text("label"),
    optional_data("picture"),
    whole("weight"),
    sqlite_strict=True,
)
guard_append_only(SHELVES)
SCHEMA = Schema("cellar", 1, METADATA)
ROWS: list[dict[str, object]] = [
    {"label": "é\u2028\n", "picture": b"\x00\xff", "weight": 2**63 - 1},
    {"label": None, "picture": None, "weight": -1},
    {"label": "", "picture": b"", "weight": 0},
]


def filled(database: str, tmp_path: Path) -> Books:
    books = books_on(database, SCHEMA, tmp_path, by=CLERK)
    with books.work(NOW, "fill") as work:
        work.write_many(SHELVES, ROWS)
        work.record(Act(record="shelf:1", inputs={"rows": 3}))
    return books


def contents(books: Books) -> list[tuple[object, ...]]:
    with books.reading() as reading:
        return [tuple(row) for row in reading.rows(select(SHELVES).order_by(SHELVES.c.number))]


@pytest.mark.parametrize("source", DATABASES)
@pytest.mark.parametrize("target", DATABASES)
def test_restored_books_are_those_that_were_backed_up(
    source: str, target: str, tmp_path: Path
) -> None:
    books, file = filled(source, tmp_path), tmp_path / "copy"
    copied = back_up(books, file, NOW)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    where = place_on(target, SCHEMA, tmp_path)
    restored = restore(file, where, SCHEMA, by=CLERK, now=NOW)
    assert restored == copied
    assert (copied.rows, copied.journal_rows) == (5, 1)
    again = Books.open(where, SCHEMA, by=CLERK)
    assert contents(again) == contents(books)
    assert again.check_journal().faults == ()
    told = [(row.command, row.record) for row in again.journal_rows()]
    assert told == [("fill", "shelf:1"), ("restore_books", "books:cellar")]
    go_on_with(again)


def go_on_with(books: Books) -> None:
    """Numbers go on after the highest; what is guarded is guarded."""
    with books.work(NOW, "fill") as work:
        work.write(insert(SHELVES).values(weight=7))
        work.record(Act(record="shelf:1"))
    assert contents(books)[-1] == (4, None, None, 7)
    with pytest.raises(DBAPIError, match="append-only"), books.engine.begin() as connection:
        connection.execute(text("DELETE FROM shelves"))
    books.close()


@pytest.mark.parametrize("database", DATABASES)
def test_a_copy_is_never_laid_over_books(database: str, tmp_path: Path) -> None:
    books, file = filled(database, tmp_path), tmp_path / "copy"
    back_up(books, file, NOW)
    with pytest.raises(Refused, match="BOOKS_NOT_EMPTY"):
        restore(file, books.where, SCHEMA, by=CLERK, now=NOW)
    assert len(contents(books)) == 3


def test_a_copy_of_other_books_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "copy"
    back_up(filled("sqlite", tmp_path), file, NOW)
    for other in (Schema("attic", 1, MetaData()), Schema("cellar", 2, MetaData())):
        with pytest.raises(Refused, match="BACKUP_OF_OTHER_BOOKS"):
            restore(file, tmp_path / "new", other, by=CLERK, now=NOW)
    assert not (tmp_path / "new").exists()


def damaged(lines: list[bytes]) -> dict[str, bytes]:
    whole = gzip.compress(b"".join(lines))
    return {
        "cut short": gzip.compress(b"".join(lines[:-1])),
        "half a file": whole[: len(whole) // 2],
        "a row less": gzip.compress(b"".join(lines[:2] + lines[3:])),
        "no row": gzip.compress(b"".join([*lines[:2], b"[1\n", *lines[3:]])),
        "a letter": b"Dear Postmaster",
        "nothing": b"",
    }


@pytest.mark.parametrize("database", DATABASES)
def test_of_a_damaged_copy_nothing_is_restored(database: str, tmp_path: Path) -> None:
    back_up(filled("sqlite", tmp_path), tmp_path / "copy", NOW)
    lines = gzip.decompress((tmp_path / "copy").read_bytes()).splitlines(keepends=True)
    where: Where = place_on(database, SCHEMA, tmp_path)
    for how, damage in damaged(lines).items():
        (tmp_path / "damaged").write_bytes(damage)
        with pytest.raises(Refused, match="BACKUP_UNREADABLE"):
            restore(tmp_path / "damaged", where, SCHEMA, by=CLERK, now=NOW)
        left = Books.open(where, SCHEMA, by=CLERK)
        assert contents(left) == [], how
        assert left.journal_rows() == [], how
        left.close()
