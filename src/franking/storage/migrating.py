"""From one version of a domain's tables to the next, with Alembic.

A version is a revision in the domain's ``migrations`` package; it lays out its new tables from the
statements beside it, one file for each database. New books are made from the code at once,
which comes to the same (a test compares them). The guards are laid anew from the code after every
migration, so no revision carries triggers. Alembic is imported only when there is something to do.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, inspect, select
from sqlalchemy.schema import CreateSchema

from franking.errors import InvariantBroken
from franking.identifiers import record_id
from franking.storage import journal, locks
from franking.storage.books import BOOKS_OF_ANOTHER_DOMAIN, Actor, Schema
from franking.storage.database import (
    Database,
    Where,
    as_writer,
    foreign_errors,
    open_engine,
)
from franking.storage.guards import lay_guards, lift_guards
from franking.storage.journal import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """Which version the tables had, and which they have."""

    domain: str
    before: int
    """0: there were no books."""
    after: int


def migrate(where: Where, schema: Schema, *, by: Actor, now: datetime) -> Migrated:
    """Bring the books at ``where`` to the version of the code, in one transaction.

    Raises:
        Refused: ``NOT_PERMITTED``, ``BOOKS_OF_ANOTHER_DOMAIN`` (another's, or of a later program),
            or what the database refuses.
    """
    schema.permit("migrate_books", by.role)
    with _changing(where, schema) as connection:
        before = _version(connection, schema)
        if before == schema.version:
            return Migrated(domain=schema.domain, before=before, after=before)
        lift_guards(connection)
        _upgrade(connection, schema, before)
        lay_guards(connection, schema.metadata)
        connection.execute(delete(schema.title))
        title = {"domain": schema.domain, "version": schema.version}
        connection.execute(insert(schema.title).values(title))
        if before:
            _tell(connection, schema, before, by, now)
    return Migrated(domain=schema.domain, before=before, after=schema.version)


def standing_version(where: Where, schema: Schema) -> int:
    """The version of the tables at ``where``; 0 where there are no books.

    Raises:
        Refused: ``BOOKS_OF_ANOTHER_DOMAIN``, or what the database refuses.
    """
    if isinstance(where, Path) and not where.exists():
        return 0
    engine = open_engine(where)
    try:
        with foreign_errors(where), engine.connect() as connection:
            return _version(connection, schema)
    finally:
        engine.dispose()


def run_statements(connection: Connection, text: str) -> None:
    """Run the statements of a file, which end with a semicolon at the end of a line."""
    if connection.dialect.name == "postgresql":
        text = text.replace("%", "%%")
    for statement in text.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def lay_out(connection: Connection, revision: str) -> None:
    """Make the new tables of a revision, from the file beside it for this kind of database.

    ``revision`` is the revision's own ``__file__``: ``v0001_initial.py`` has its statements in
    ``initial.sqlite.sql`` and ``initial.postgresql.sql``.
    """
    _run_beside(connection, revision, "")


def change(connection: Connection, revision: str) -> None:
    """Change tables that were there, by the statements beside a revision that are written by hand.

    ``v0002_money.py`` has its changes in ``money_changes.sqlite.sql`` and its like.
    """
    _run_beside(connection, revision, "_changes")


def _run_beside(connection: Connection, revision: str, suffix: str) -> None:
    why = Path(revision).stem.partition("_")[2]
    file = Path(revision).with_name(f"{why}{suffix}.{connection.dialect.name}.sql")
    run_statements(connection, file.read_text(encoding="utf-8"))


def revisions_folder(schema: Schema) -> Path:
    """Where the revisions of a domain stand."""
    if not schema.migrations:
        raise InvariantBroken(f"the books of {schema.domain} have no migrations")
    file = import_module(schema.migrations).__file__
    if file is None:
        raise InvariantBroken(f"{schema.migrations} is no folder of revisions")
    return Path(file).parent


@contextmanager
def _changing(where: Where, schema: Schema) -> Iterator[Connection]:
    """A transaction that has the books for itself; on SQLite references are checked at its end."""
    _ = schema.journal, schema.title, schema.destroying
    engine = open_engine(where)
    try:
        with foreign_errors(where), engine.connect() as opened:
            if opened.dialect.name == "sqlite":
                # Rebuilding a table drops it, which its referring rows would not survive.
                raw: Any = opened.connection.driver_connection
                raw.execute("PRAGMA foreign_keys=OFF")
            with (connection := opened.execution_options(**as_writer(engine))).begin():
                locks.lock(connection, schema.domain, ())
                if isinstance(where, Database):
                    connection.execute(CreateSchema(where.schema, if_not_exists=True))
                yield connection
                _require_references(connection)
    finally:
        engine.dispose()


def _require_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise InvariantBroken(f"the migration would leave rows of {broken[0]} without theirs")


def _version(connection: Connection, schema: Schema) -> int:
    if not inspect(connection).has_table(schema.title.name):
        return 0
    ((domain, version),) = connection.execute(select(schema.title)).all()
    if domain != schema.domain or version > schema.version:
        raise BOOKS_OF_ANOTHER_DOMAIN.because(
            f"these are books of {domain} in version {version},"
            f" not of {schema.domain} in version {schema.version} or before"
        )
    return int(version)


def _upgrade(connection: Connection, schema: Schema, before: int) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    folder = str(revisions_folder(schema))
    script = ScriptDirectory(folder, version_locations=[folder])
    start = f"{before:04}" if before else "base"
    last = f"{schema.version:04}"
    if before:
        with EnvironmentContext(
            Config(), script, fn=lambda rev, _: script._stamp_revs(start, rev)
        ) as environment:
            _run(environment, connection, schema)
    with EnvironmentContext(
        Config(), script, fn=lambda rev, _: script._upgrade_revs(last, rev)
    ) as environment:
        _run(environment, connection, schema)


def _run(environment: Any, connection: Connection, schema: Schema) -> None:
    environment.configure(
        connection=connection, target_metadata=schema.metadata, transactional_ddl=True
    )
    environment.run_migrations()


def _tell(connection: Connection, schema: Schema, before: int, by: Actor, now: datetime) -> None:
    act = Act(
        record=record_id("books", schema.domain),
        command="migrate_books",
        clauses=("policy",),
        inputs={"before": before, "after": schema.version},
    )
    tables, salt = schema.journal, secrets.token_bytes
    journal.append(connection, tables, [act], now=now, by=str(by), salt=salt)
