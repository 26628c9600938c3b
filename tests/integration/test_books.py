"""The books of a domain on a real database: one transaction a command, and a journal that tells."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select, update
from sqlalchemy.exc import DBAPIError

from franking.errors import InvariantBroken, Refused
from franking.money import AMOUNT_UNREADABLE
from franking.storage import Act, Actor, Books, Schema, Where
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    text,
    whole,
)
from franking.storage.database import open_engine
from franking.storage.guards import lift_guards
from tests.fixtures_databases import DATABASES, place_on

NOW = datetime(1997, 6, 2, 9, 30, tzinfo=UTC)


class Life(StrEnum):
    NEW = "new"
    USED = "used"
    GONE = "gone"


LIVES = {
    Life.NEW: frozenset({Life.USED}),
    Life.USED: frozenset({Life.GONE}),
    Life.GONE: frozenset[Life](),
}

METADATA = MetaData()
THINGS = Table(
    "things",
    METADATA,
    Column("number", WHOLE, primary_key=True),
    whole("value_mills"),
    text("status"),
    never_negative("value_mills"),
    one_of("status", Life),
    sqlite_strict=True,
)
guard_transitions(THINGS, LIVES)
LINES = Table("lines", METADATA, Column("number", WHOLE, primary_key=True), sqlite_strict=True)
guard_append_only(LINES)
SCHEMA = Schema("tests", 1, METADATA)


CLERK = Actor("a clerk", "clerk")


@pytest.fixture(params=DATABASES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Where:
    return place_on(request.param, SCHEMA, tmp_path)


@pytest.fixture
def books(where: Where) -> Iterator[Books]:
    opened = Books.open(where, SCHEMA, by=CLERK)
    yield opened
    opened.close()


def alter(where: Where, *statements: str) -> None:
    """Do to the database what no program of ours does."""
    engine = open_engine(where)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def unguard(where: Where) -> None:
    """Take the guards away, as somebody with the database's password can."""
    engine = open_engine(where)
    with engine.begin() as connection:
        lift_guards(connection)
    engine.dispose()


def add(books: Books, number: int, *, value_mills: int = 0, status: str = "new") -> None:
    with books.work(NOW, "add") as work:
        row = {"number": number, "value_mills": value_mills, "status": status}
        work.write(insert(THINGS).values(row))
        work.record(
            Act(command="add", record=f"thing {number}", clauses=("policy",), inputs={"n": number})
        )


def move(books: Books, to: str) -> None:
    with books.work(NOW, "try") as work:
        work.write(update(THINGS).where(THINGS.c.number == 1).values(status=to))
        work.record(Act(command=f"become {to}", record="thing 1"))


def numbers(books: Books) -> list[int]:
    with books.reading() as reading:
        return [row.number for row in reading.rows(select(THINGS).order_by(THINGS.c.number))]


def test_a_command_and_its_journal_row_are_kept_together(books: Books, where: Where) -> None:
    add(books, 1)
    books.close()
    again = Books.open(where, SCHEMA, by=Actor("another", "clerk"))
    assert numbers(again) == [1]
    (row,) = again.journal_rows()
    assert (row.command, row.record, row.by, row.clauses) == (
        "add",
        "thing 1",
        "clerk: a clerk",
        "policy",
    )
    assert row.at == "1997-06-02T09:30:00.000000Z"


def test_a_refused_command_leaves_nothing_behind(books: Books) -> None:
    def fail_at_the_end() -> None:
        with books.work(NOW, "try") as work:
            work.write(insert(THINGS).values(number=1, value_mills=0, status="new"))
            work.record(Act(command="add", record="thing 1"))
            raise AMOUNT_UNREADABLE.because("it says no")

    with pytest.raises(Refused, match="it says no"):
        fail_at_the_end()
    assert numbers(books) == []
    assert books.check_journal().entries == 0


def test_a_change_that_does_not_say_what_it_did_is_not_kept(books: Books) -> None:
    with pytest.raises(InvariantBroken, match="without saying"), books.work(NOW, "try") as work:
        work.write(insert(THINGS).values(number=1, value_mills=0, status="new"))
    assert numbers(books) == []


def test_reading_in_a_unit_of_work_needs_no_journal_row(books: Books) -> None:
    with books.work(NOW, "try") as work:
        assert work.row(select(THINGS)) is None
    assert books.check_journal().entries == 0


def test_a_unit_of_work_tells_every_record_that_it_changed(books: Books) -> None:
    with books.work(NOW, "move") as work:
        work.record(Act(record="x:1"))
        work.record(Act(record="x:2", command="follow"))
    rows = [(row.command, row.record) for row in books.journal_rows()]
    assert rows == [("move", "x:1"), ("follow", "x:2")]


def test_a_command_that_the_role_may_not_do_is_refused_before_it_begins(
    books: Books, where: Where
) -> None:
    def permit(command: str, role: str) -> None:
        if (command, role) != ("add", "clerk"):
            raise AMOUNT_UNREADABLE.because(f"{role} may not {command}")

    guarded = Schema("tests", 1, MetaData(), permit)
    THINGS.to_metadata(guarded.metadata)
    visited = Books.open(where, guarded, by=Actor("Mal", "visitor"))
    with pytest.raises(Refused, match="visitor may not add"):
        add(visited, 1)
    add(visited.acting(CLERK), 1)
    assert numbers(visited) == [1]
    visited.close()


@pytest.mark.parametrize(
    ("value_mills", "status"), [(-1, "new"), (0, "stolen"), (0, "")], ids=["mills", "word", "empty"]
)
def test_the_database_refuses_values_that_cannot_be(
    books: Books, value_mills: int, status: str
) -> None:
    with pytest.raises(InvariantBroken):
        add(books, 1, value_mills=value_mills, status=status)
    assert numbers(books) == []


@pytest.mark.parametrize("to", ["gone", "new"])
def test_the_database_refuses_moves_that_are_not_in_the_table(books: Books, to: str) -> None:
    add(books, 1)
    if to == "new":
        move(books, "used")
    with pytest.raises(InvariantBroken, match="may not move so"):
        move(books, to)


def test_an_update_meant_for_one_row_that_meets_none_is_an_error(books: Books) -> None:
    with pytest.raises(InvariantBroken, match="touched 0"), books.work(NOW, "try") as work:
        work.write_one(update(THINGS).where(THINGS.c.number == 7).values(value_mills=1))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lines SET number = 2",
        "DELETE FROM lines",
        "UPDATE journal SET command = 'nothing'",
        "DELETE FROM journal",
    ],
)
def test_append_only_tables_and_the_journal_stay_as_written(
    books: Books, where: Where, statement: str
) -> None:
    with books.work(NOW, "try") as work:
        work.write(insert(LINES).values(number=1))
        work.record(Act(command="line", record="line 1"))
    with pytest.raises(DBAPIError, match="append-only"):
        alter(where, statement)


def test_postgresql_keeps_append_only_tables_from_being_emptied_at_once(tmp_path: Path) -> None:
    where = place_on("postgresql", SCHEMA, tmp_path)
    with pytest.raises(DBAPIError, match="append-only"):
        alter(where, "TRUNCATE lines")


def test_a_journal_that_somebody_altered_says_where(books: Books, where: Where) -> None:
    for number in (1, 2, 2, 2, 3):
        tell(books, number)
    assert books.check_journal().faults == ()
    unguard(where)
    alter(
        where,
        "UPDATE journal SET by = 'nobody' WHERE record = 'thing 1'",
        "UPDATE journal_inputs SET inputs = '{}' WHERE record = 'thing 3'",
        "DELETE FROM journal_inputs WHERE record = 'thing 2'",
        "DELETE FROM journal WHERE record = 'thing 2' AND number = 2",
    )
    assert books.check_journal().faults == (
        "thing 1: row 1 is not what was written",
        "thing 2: row 2 is missing before row 3",
        "thing 2: row 3 does not follow the row before it",
        "thing 3: the inputs of row 1 are not what was written",
    )


def tell(books: Books, number: int) -> None:
    with books.work(NOW, "tell", on=(f"thing {number}",)) as work:
        work.record(Act(record=f"thing {number}", inputs={"n": number}))


def test_each_record_has_a_chain_of_its_own(books: Books) -> None:
    for number in (1, 2, 1):
        tell(books, number)
    first, other, second = books.journal_rows()
    assert [(row.record, row.number) for row in (first, other, second)] == [
        ("thing 1", 1),
        ("thing 2", 1),
        ("thing 1", 2),
    ]
    assert second.before == first.hash
    assert first.before == other.before == "00" * 32
    assert first.sequence < other.sequence < second.sequence


def test_destroying_the_inputs_of_a_record_leaves_the_chain_checkable(
    books: Books, where: Where
) -> None:
    add(books, 1)
    add(books, 2)
    head = books.check_journal().head
    alter(where, "DELETE FROM journal_inputs WHERE record = 'thing 1'")
    checked = books.check_journal()
    assert (checked.entries, checked.head, checked.faults) == (2, head, ())


def test_a_separate_program_can_recompute_a_row(books: Books, where: Where) -> None:
    add(books, 7)
    (row,) = books.journal_rows()
    beside = SCHEMA.journal.inputs
    with books.reading() as reading:
        (kept,) = reading.rows(select(beside))
    assert kept.inputs == '{"n":7}'
    assert hashlib.sha256(kept.salt + kept.inputs.encode()).hexdigest() == row.digest
    told = {name: value for name, value in row._mapping.items() if name not in {"sequence", "hash"}}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == row.hash


def test_commands_of_many_threads_form_one_chain(books: Books) -> None:
    def work(start: int) -> None:
        for number in range(start, start + 5):
            add(books, number)

    workers = [threading.Thread(target=work, args=(start,)) for start in (10, 20, 30, 40)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    checked = books.check_journal()
    assert (checked.entries, checked.faults) == (20, ())
    assert len(numbers(books)) == 20


def test_commands_of_two_processes_form_one_chain(books: Books, where: Where) -> None:
    program = (
        "from pathlib import PosixPath\n"
        "from franking.storage import Database\n"
        "from tests.integration.test_books import SCHEMA, Actor, Books, add\n"
        f"books = Books.open({where!r}, SCHEMA, by=Actor('other process', 'clerk'))\n"
        "for n in range(100, 110): add(books, n)\n"
    )
    root = Path(__file__).parents[2]
    other = subprocess.Popen(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": f"{root / 'src'}:{root}"},
        stderr=subprocess.PIPE,
        text=True,
    )
    for number in range(10):
        add(books, number)
    _, errors = other.communicate(timeout=60)
    assert other.returncode == 0, errors
    checked = books.check_journal()
    assert (checked.entries, checked.faults) == (20, ())
    assert {row.by for row in books.journal_rows()} == {"clerk: a clerk", "clerk: other process"}


def test_books_of_another_domain_or_version_are_refused(books: Books, where: Where) -> None:
    metadata = MetaData()
    with pytest.raises(Refused, match="BOOKS_OF_ANOTHER_DOMAIN"):
        Books.open(where, Schema("provider", 1, metadata), by=CLERK)
    with pytest.raises(Refused, match="in version 1, not of tests in version 0"):
        Books.open(where, Schema("tests", 0, MetaData()), by=CLERK)
    with pytest.raises(Refused, match=r"BOOKS_NEED_MIGRATION.* version 1, this program's"):
        Books.open(where, Schema("tests", 2, MetaData()), by=CLERK)


def test_what_is_not_a_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(b"Dear Postmaster, " * 100)
    with pytest.raises(Refused, match="BOOKS_UNREADABLE"):
        Books.open(tmp_path / "letter", SCHEMA, by=CLERK)
    with pytest.raises(Refused, match="BOOKS_UNREADABLE"):
        Books.open(tmp_path / "no folder" / "books", SCHEMA, by=CLERK)


@pytest.mark.parametrize("count", [0, 3, 500])
def test_many_rows_go_in_at_once(books: Books, count: int) -> None:
    rows = ({"status": "new", "number": n, "value_mills": n} for n in range(count))
    with books.work(NOW, "import") as work:
        assert work.write_many(THINGS, rows) == count
        work.record(Act(record="import 1"))
    assert numbers(books) == list(range(count))


@pytest.mark.parametrize("count", [3, 500])
def test_of_many_rows_with_one_that_cannot_be_none_is_kept(books: Books, count: int) -> None:
    rows = [{"number": n, "value_mills": 0, "status": "new"} for n in range(count)]
    rows[-1]["value_mills"] = -1
    with pytest.raises(InvariantBroken), books.work(NOW, "import") as work:
        work.write_many(THINGS, rows)
    assert numbers(books) == []


def test_rows_that_name_other_columns_are_not_kept(books: Books) -> None:
    rows: list[dict[str, object]] = [{"number": 1, "value_mills": 0, "status": "new"}]
    rows.append({"number": 2})
    with pytest.raises(InvariantBroken, match="rows that name"), books.work(NOW, "try") as work:
        work.write_many(THINGS, rows)
    assert numbers(books) == []


def test_a_text_that_no_database_takes_everywhere_is_refused_on_postgresql(tmp_path: Path) -> None:
    books = Books.open(place_on("postgresql", SCHEMA, tmp_path), SCHEMA, by=CLERK)
    with pytest.raises(Refused, match="VALUE_UNWRITABLE"):
        add(books, 1, status="new\x00")
    with pytest.raises(Refused, match="VALUE_UNWRITABLE"):
        add(books, 2**63)
