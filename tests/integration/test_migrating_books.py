"""Books of every domain, made at once or by migrating: the same tables, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateSchema
from tools.make_migrations import DOMAINS, differences, schema_of, stale

from franking.errors import InvariantBroken, Refused
from franking.provider.resetting.beginning import begin_ledger
from franking.provider.resetting.rows import resets_of
from franking.provider.schema import LEDGER
from franking.storage import Act, Actor, Books, Database, Schema, Where
from franking.storage.columns import WHOLE, guard_append_only, one_of
from franking.storage.columns import text as text_column
from franking.storage.database import open_engine
from franking.storage.guards import guards_of, laid_guards
from franking.storage.migrating import (
    migrate,
    revisions_folder,
    run_statements,
    standing_version,
)
from tests.fixtures_databases import DATABASES, new_database

NOW = datetime(1997, 6, 2, 9, 30, tzinfo=UTC)
OFFICER = Actor("an officer", "provider service")
DEVICE = "FK1A0000000001"


def empty_place(database: str, tmp_path: Path, name: str) -> Where:
    if database == "sqlite":
        return tmp_path / f"{name}.sqlite"
    return Database(new_database(), name)


def shape(where: Where) -> dict[str, list[str]]:
    """Everything that a database says of its tables, in an order of its own making."""
    engine = open_engine(where)
    with engine.connect() as connection:
        found = {
            table: _shape_of(connection, table)
            for table in inspect(connection).get_table_names()
            if table != "alembic_version"
        }
        found["guards"] = [str(guard) for guard in laid_guards(connection)]
    engine.dispose()
    return found


def _shape_of(connection: Connection, table: str) -> list[str]:
    look = inspect(connection)
    columns = [
        f"{column['name']} {column['type']!r} {column['nullable']} {column['default']}"
        for column in look.get_columns(table)
    ]
    rules = [
        str({name: _words(value) for name, value in one.items()})
        for many in (
            [look.get_pk_constraint(table)],
            look.get_unique_constraints(table),
            look.get_check_constraints(table),
            look.get_foreign_keys(table),
            look.get_indexes(table),
        )
        for one in many
    ]
    return columns + sorted(rules)


def _words(value: object) -> object:
    """What an inspector found, without the addresses of its objects."""
    return {k: str(v) for k, v in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("domain", DOMAINS)
def test_migrated_books_are_the_books_that_are_made(
    domain: str, database: str, tmp_path: Path
) -> None:
    schema = schema_of(domain)
    made = empty_place(database, tmp_path, f"{domain}_made")
    migrated = empty_place(database, tmp_path, f"{domain}_migrated")
    Books.open(made, schema, by=OFFICER).close()
    assert standing_version(migrated, schema) == 0
    done = migrate(migrated, schema, by=OFFICER, now=NOW)
    assert (done.before, done.after) == (0, schema.version)
    assert standing_version(migrated, schema) == schema.version
    assert shape(migrated) == shape(made)
    assert len(shape(made)) > 5
    Books.open(migrated, schema, by=OFFICER).close()


def test_the_revisions_lay_out_the_tables_of_the_code() -> None:
    """When this fails, run ``python -m tools.make_migrations`` (or write the next revision)."""
    assert stale() == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_alembic_finds_nothing_left_to_do(domain: str) -> None:
    assert differences(domain) == ""


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_guard_has_a_name_that_databases_keep_whole(domain: str) -> None:
    names = [guard.name for guard in guards_of(schema_of(domain).metadata)]
    assert len(set(names)) == len(names)
    assert [name for name in names if len(name) > 63] == []


SECOND = """
from alembic import op
import sqlalchemy as sa
revision = "0002"
down_revision = "0001"
def upgrade():
    with op.batch_alter_table("things") as batch:
        batch.add_column(sa.Column("colour", sa.Text, nullable=False, server_default="grey"))
"""
BROKEN = SECOND + '    op.execute("INSERT INTO nowhere VALUES (1)")\n'


def one_version(version: int, package: str = "") -> Schema:
    metadata = MetaData()
    columns = [text_column("colour", server_default="grey")] if version > 1 else []
    table = Table(
        "things",
        metadata,
        Column("number", WHOLE, primary_key=True),
        text_column("status"),
        *columns,
        one_of("status", ["new", "old"]),
    )
    guard_append_only(table)
    return Schema("attic", version, metadata, migrations=package)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / f"revisions_of_{tmp_path.name}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "v0001.py").write_text('revision = "0001"\ndown_revision = None\n')
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def old_books(database: str, tmp_path: Path) -> Where:
    where = empty_place(database, tmp_path, "attic")
    books = Books.open(where, one_version(1), by=OFFICER)
    with books.work(NOW, "add") as work:
        work.write_many(one_version(1).metadata.tables["things"], [{"number": 1, "status": "new"}])
        work.record(Act(record="thing:1"))
    books.close()
    return where


@pytest.mark.parametrize("database", DATABASES)
def test_a_migration_keeps_the_rows_and_lays_the_guards_anew(
    database: str, tmp_path: Path, package: Path
) -> None:
    (package / "v0002.py").write_text(SECOND)
    where, schema = old_books(database, tmp_path), one_version(2, package.name)
    with pytest.raises(Refused, match="BOOKS_NEED_MIGRATION"):
        Books.open(where, schema, by=OFFICER)
    assert (migrate(where, schema, by=OFFICER, now=NOW).before, schema.version) == (1, 2)
    books = Books.open(where, schema, by=OFFICER)
    with books.reading() as reading:
        row = reading.row(select(schema.metadata.tables["things"]))
    assert row is not None
    assert (row.number, row.status, row.colour) == (1, "new", "grey")
    told = [(row.command, row.record) for row in books.journal_rows()]
    assert told == [("add", "thing:1"), ("migrate_books", "books:attic")]
    assert books.check_journal().faults == ()
    with pytest.raises(DBAPIError, match="append-only"), books.engine.begin() as connection:
        connection.execute(text("DELETE FROM things"))
    books.close()
    assert migrate(where, schema, by=OFFICER, now=NOW).before == 2


@pytest.mark.parametrize("database", DATABASES)
def test_a_migration_that_fails_leaves_the_books_as_they_were(
    database: str, tmp_path: Path, package: Path
) -> None:
    (package / "v0002.py").write_text(BROKEN)
    where, schema = old_books(database, tmp_path), one_version(2, package.name)
    before = shape(where)
    with pytest.raises(Refused, match="nowhere"):
        migrate(where, schema, by=OFFICER, now=NOW)
    assert shape(where) == before
    assert standing_version(where, schema) == 1


def test_books_of_a_later_program_are_left_alone(tmp_path: Path, package: Path) -> None:
    where = tmp_path / "attic"
    Books.open(where, one_version(2), by=OFFICER).close()
    with pytest.raises(Refused, match=r"BOOKS_OF_ANOTHER_DOMAIN.* in version 2"):
        migrate(where, one_version(1, package.name), by=OFFICER, now=NOW)


def test_a_role_that_may_not_migrate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        migrate(tmp_path / "p", schema_of("provider"), by=Actor("Mal", "postmaster"), now=NOW)
    assert not (tmp_path / "p").exists()


def test_a_domain_without_migrations_cannot_be_migrated(tmp_path: Path) -> None:
    with pytest.raises(InvariantBroken, match="no migrations"):
        migrate(tmp_path / "a", one_version(1), by=OFFICER, now=NOW)


def books_of_version_one(domain: str, database: str, tmp_path: Path) -> Where:
    """Books as they were laid out first, with one device that holds value and waits for more."""
    where, schema = empty_place(database, tmp_path, f"{domain}_one"), schema_of(domain)
    statements = revisions_folder(schema) / f"initial.{database}.sql"
    engine = open_engine(where)
    with engine.begin() as connection:
        if isinstance(where, Database):
            connection.execute(CreateSchema(where.schema))
        run_statements(connection, statements.read_text())
        connection.execute(insert(schema.title).values(domain=domain, version=1))
        if domain == "provider":
            run_statements(connection, f"{A_DEVICE};\n{A_GRANT};\n{A_CLOSED_RESET};\n")
    engine.dispose()
    return where


_ENTRY = "0" * 64
A_DEVICE = f"""INSERT INTO devices VALUES ('{DEVICE}', 'ibip-1997', 'open', 'in service', 'L',
 500000, NULL, 1, '[]', 0, 2, 50000, 1000, 49000, 50000, 1, 2, 3, '{_ENTRY}', '', 0,
 '{_ENTRY}', '')"""
A_GRANT = f"INSERT INTO resets VALUES ('{DEVICE}', 3, 20000, 'a', 'grant', 'b', 'granted')"
A_CLOSED_RESET = f"INSERT INTO resets VALUES ('{DEVICE}', 2, 30000, 'c', 'grant', 'd', 'closed')"


@pytest.mark.law("LEDGER-1", "LEDGER-5")
@pytest.mark.parametrize("database", DATABASES)
def test_books_of_before_the_ledger_begin_it_with_what_devices_hold(
    database: str, tmp_path: Path
) -> None:
    where = books_of_version_one("provider", database, tmp_path)
    schema = schema_of("provider")
    assert migrate(where, schema, by=OFFICER, now=NOW).before == 1
    books = Books.open(where, schema, by=OFFICER)
    assert begin_ledger(books, NOW) == 2
    assert begin_ledger(books, NOW) == 0
    with books.reading() as reading:
        assert LEDGER.balance(reading, f"device:{DEVICE}").balance_mills == 49_000
        assert LEDGER.balance(reading, f"transit:{DEVICE}").balance_mills == 20_000
        assert LEDGER.balance(reading, "opening").balance_mills == -69_000
        statuses = [str(reset.status) for reset in resets_of(reading, DEVICE)]
    assert statuses == ["returned", "granted"], "nobody was charged for the one that closed unused"
    books.close()


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("domain", ["provider", "postal"])
def test_books_of_version_one_become_the_books_that_are_made(
    domain: str, database: str, tmp_path: Path
) -> None:
    schema, made = schema_of(domain), empty_place(database, tmp_path, f"{domain}_made")
    Books.open(made, schema, by=OFFICER).close()
    old = books_of_version_one(domain, database, tmp_path)
    migrate(old, schema, by=OFFICER, now=NOW)
    assert shape(old) == shape(made)
