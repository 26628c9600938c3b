"""Many writers at once, a process killed, a server that goes away: nothing is half done."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, func, insert, select, update
from tools.postgresql_server import start_server

from franking.errors import InvariantBroken, Refused
from franking.storage import Act, Actor, Books, Database, Schema, Where
from franking.storage import database as opening
from franking.storage.backup import back_up, restore
from franking.storage.columns import WHOLE, guard_append_only, text, whole
from franking.storage.locks import RECORDS_MAX
from tests.fixtures_databases import DATABASES, books_on, place_on, server
from tests.fixtures_killing import every_kill

NOW = datetime(1997, 6, 2, 9, 30, tzinfo=UTC)
CLERK = Actor("a clerk", "clerk")
METADATA = MetaData()
ACCOUNTS = Table(
    "accounts", METADATA, text("name", primary_key=True), whole("mills"), sqlite_strict=True
)
MOVES = Table("moves", METADATA, Column("number", WHOLE, primary_key=True), sqlite_strict=True)
guard_append_only(MOVES)
SCHEMA = Schema("counting_house", 1, METADATA)


def fill(books: Books, *names: str) -> None:
    with books.work(NOW, "fill") as work:
        work.write_many(ACCOUNTS, [{"name": name, "mills": 1000} for name in names])
        work.record(Act(record="accounts"))


def move(books: Books, source: str, target: str) -> None:
    """A command on two records, with a row of its own and an act for each."""
    with books.work(NOW, "move", on=(source, target)) as work:
        number = work.rows(select(func.count().label("n")).select_from(MOVES))[0].n
        for name, mills in ((source, -1), (target, 1)):
            mine = update(ACCOUNTS).where(ACCOUNTS.c.name == name)
            work.write_one(mine.values(mills=ACCOUNTS.c.mills + mills))
            work.record(Act(record=name, inputs={"mills": mills}))
        work.write(insert(MOVES).values(number=number + 1))


def state(books: Books) -> tuple[dict[str, int], int, int]:
    """Every account, how many moves, how many rows of the journal."""
    with books.reading() as reading:
        accounts = {row.name: row.mills for row in reading.rows(select(ACCOUNTS))}
        moves = len(reading.rows(select(MOVES)))
    return accounts, moves, len(books.journal_rows())


@pytest.fixture(params=DATABASES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Where:
    return place_on(request.param, SCHEMA, tmp_path)


@pytest.fixture
def postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Books]:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 2)  # longer than deadlocks last
    books = books_on("postgresql", SCHEMA, tmp_path, by=CLERK)
    yield books
    books.close()


def test_a_command_killed_at_any_statement_is_done_or_not_done(where: Where) -> None:
    books = Books.open(where, SCHEMA, by=CLERK)
    fill(books, "a", "b")
    before, after = ({"a": 1000, "b": 1000}, 0, 1), ({"a": 999, "b": 1001}, 1, 3)

    def act() -> None:
        move(Books.open(where, SCHEMA, by=CLERK), "a", "b")

    steps = 0
    for _ in every_kill(act):
        assert state(books) == before
        assert books.check_journal().faults == ()
        steps += 1
    assert state(books) == after
    assert books.check_journal().faults == ()
    assert steps > 15
    books.close()


def test_an_import_killed_at_any_statement_is_whole_or_not_there(where: Where) -> None:
    books = Books.open(where, SCHEMA, by=CLERK)
    names = [f"account {number}" for number in range(300)]
    for _ in every_kill(lambda: fill(Books.open(where, SCHEMA, by=CLERK), *names)):
        assert state(books) == ({}, 0, 0)
    assert len(state(books)[0]) == 300
    books.close()


@pytest.mark.parametrize("database", DATABASES)
def test_a_restore_killed_at_any_statement_is_done_by_asking_again(
    database: str, tmp_path: Path
) -> None:
    source = books_on("sqlite", SCHEMA, tmp_path, by=CLERK)
    fill(source, "a", "b")
    move(source, "a", "b")
    back_up(source, tmp_path / "copy", NOW)
    where = place_on(database, SCHEMA, tmp_path)

    def act() -> None:
        restore(tmp_path / "copy", where, SCHEMA, by=CLERK, now=NOW)

    for _ in every_kill(act, every=5):
        pass
    restored = Books.open(where, SCHEMA, by=CLERK)
    accounts, moves, rows = state(restored)
    assert (accounts, moves, rows) == ({"a": 999, "b": 1001}, 1, 4)
    assert restored.check_journal().faults == ()
    restored.close()


def test_commands_on_other_records_do_not_wait_for_each_other(postgresql: Books) -> None:
    fill(postgresql, "a", "b", "c", "d")
    with postgresql.work(NOW, "hold", on=("a", "b")):
        move(postgresql, "c", "d")
        assert state(postgresql)[0]["d"] == 1001


@pytest.mark.parametrize("on", [("a",), (), tuple(f"r{n}" for n in range(RECORDS_MAX + 1))])
def test_commands_on_the_same_record_wait_and_then_are_refused(
    postgresql: Books, on: tuple[str, ...]
) -> None:
    fill(postgresql, "a", "b")
    with (
        postgresql.work(NOW, "hold", on=on),
        pytest.raises(Refused, match="BOOKS_BUSY"),
        ThreadPoolExecutor() as pool,
    ):
        pool.submit(move, postgresql, "a", "b").result()
    move(postgresql, "a", "b")
    assert state(postgresql)[0] == {"a": 999, "b": 1001}


def test_two_at_once_on_one_record_see_each_other_s_decision(where: Where) -> None:
    books = Books.open(where, SCHEMA, by=CLERK)
    fill(books, "a", "b")
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(move, books, "a", "b") for _ in range(24)]:
            done.result()
    assert state(books) == ({"a": 976, "b": 1024}, 24, 49)
    assert books.check_journal().faults == ()
    books.close()


def clash(books: Books) -> list[BaseException | None]:
    """Two commands that wait for each other: each has named what the other touches unnamed."""
    both = threading.Barrier(2)

    def one(mine: str, other: str) -> None:
        with books.work(NOW, "clash", on=(mine,)) as work:
            work.record(Act(record=mine))
            work.record(Act(record=other))
            both.wait()

    with ThreadPoolExecutor(2) as pool:
        return [
            done.exception() for done in [pool.submit(one, "a", "b"), pool.submit(one, "b", "a")]
        ]


def test_two_that_wait_for_each_other_are_parted(postgresql: Books) -> None:
    trouble = [error for error in clash(postgresql) if error is not None]
    assert len(trouble) == 1
    assert isinstance(trouble[0], Refused)
    assert trouble[0].code == "BOOKS_BUSY"
    assert postgresql.check_journal().faults == ()


def test_whoever_is_second_with_a_row_is_asked_to_try_again(postgresql: Books) -> None:
    def add(name: str, *, on: tuple[str, ...]) -> None:
        with postgresql.work(NOW, "add", on=on) as work:
            work.write(insert(ACCOUNTS).values(name=name, mills=0))
            work.record(Act(record=name))

    add("a", on=("a",))
    with pytest.raises(Refused, match="another command was quicker"):
        add("a", on=("b",))
    with pytest.raises(InvariantBroken):
        add("a", on=())


def test_readers_see_one_state_while_others_write(where: Where) -> None:
    books = Books.open(where, SCHEMA, by=CLERK)
    fill(books, "a", "b")
    with books.reading() as reading:
        before = reading.rows(select(ACCOUNTS).order_by(ACCOUNTS.c.name))
        move(books, "a", "b")
        assert reading.rows(select(ACCOUNTS).order_by(ACCOUNTS.c.name)) == before
    books.close()


def test_a_server_that_goes_away_in_the_middle_costs_one_refusal() -> None:
    """The same open books go on when it is back; what was committed is there, the rest is not."""
    folder = server().folder.parent / "goes-away"
    own = start_server(folder, durable=True)
    try:
        books = Books.open(Database(own.url, "counting_house"), SCHEMA, by=CLERK)
        fill(books, "a", "b")
        with pytest.raises(Refused, match="BOOKS_UNREACHABLE"):
            in_the_middle(books, own.crash)
        with pytest.raises(Refused, match="BOOKS_UNREACHABLE"):
            move(books, "a", "b")
        own.start()
        assert state(books) == ({"a": 1000, "b": 1000}, 0, 1)
        move(books, "a", "b")
        assert books.check_journal().faults == ()
        books.close()
    finally:
        own.crash()
        shutil.rmtree(folder)


def in_the_middle(books: Books, happens: Callable[[], None]) -> None:
    with books.work(NOW, "move", on=("a",)) as work:
        work.write(update(ACCOUNTS).values(mills=0))
        work.record(Act(record="a"))
        happens()
        work.rows(select(ACCOUNTS))
