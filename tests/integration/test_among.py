"""Rows about one of many, on both databases: whatever the many are named, and however many."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import MetaData, PrimaryKeyConstraint, Table, select

from franking.storage import Act, Books, Schema
from franking.storage.among import among, newest_among, pair_among
from franking.storage.changing import change_many
from franking.storage.columns import text, whole
from tests.fixtures_databases import DATABASES, books_on

NOON = datetime(2015, 6, 15, 12, tzinfo=UTC)
AWKWARD = ("", " ", "NULL", "a,b", '"', "\\", '\\"{}', "'", "é", "{a}", "%s", "x1")
METADATA = MetaData()
NOTES = Table(
    "notes",
    METADATA,
    text("name"),
    whole("number"),
    whole("told"),
    PrimaryKeyConstraint("name", "number"),
    sqlite_strict=True,
)
SCHEMA = Schema(domain="notes", version=1, metadata=METADATA)


@pytest.fixture(params=DATABASES)
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Books:
    found = books_on(request.param, SCHEMA, tmp_path)
    with found.work(NOON, "note") as work:
        rows = [
            {"name": name, "number": number, "told": int(number < 3)}
            for name in AWKWARD
            for number in (1, 2, 3)
        ]
        work.write_many(NOTES, rows)
        work.record(Act(record="note:all"))
    return found


def test_names_are_found_as_they_are_written(books: Books) -> None:
    with books.reading() as reading:
        for name in AWKWARD:
            found = reading.rows(select(NOTES).where(among(NOTES.c.name, [name, "unknown"])))
            assert {row.name for row in found} == {name}
        assert len(reading.rows(select(NOTES).where(among(NOTES.c.name, AWKWARD)))) == 36
        assert not reading.rows(select(NOTES).where(among(NOTES.c.name, ())))


def test_pairs_are_found_together_only(books: Books) -> None:
    pairs = [(name, number + 1) for number, name in enumerate(AWKWARD)]
    with books.reading() as reading:
        found = reading.rows(select(NOTES).where(pair_among(NOTES.c.name, NOTES.c.number, pairs)))
        assert {(row.name, row.number) for row in found} == set(pairs[:3])
        none = pair_among(NOTES.c.name, NOTES.c.number, ())
        assert not reading.rows(select(NOTES).where(none))


def test_the_newest_of_each_is_found(books: Books) -> None:
    keys = [(name,) for name in (*AWKWARD, "unknown")]
    with books.reading() as reading:
        found = reading.rows(newest_among(NOTES, ["name"], "number", keys))
        assert {(row.name, row.number) for row in found} == {(name, 3) for name in AWKWARD}
        told = reading.rows(newest_among(NOTES, ["name"], "number", keys, told=1))
        assert {(row.name, row.number) for row in told} == {(name, 2) for name in AWKWARD}
        assert not reading.rows(newest_among(NOTES, ["name"], "number", ()))


def test_many_are_changed_under_any_name(books: Books) -> None:
    rows = [({"name": name, "number": 1}, {"told": 0}) for name in AWKWARD]
    with books.work(NOON, "note") as work:
        assert change_many(work, NOTES, rows) == len(AWKWARD)
        work.record(Act(record="note:all"))
    with books.reading() as reading:
        assert len(reading.rows(select(NOTES).where(NOTES.c.told == 1))) == len(AWKWARD)
