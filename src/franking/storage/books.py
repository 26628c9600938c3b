"""The books of one trust domain, and the unit of work that changes them.

A unit of work decides and writes in one transaction: nobody else decides on the same records
meanwhile (``locks``), and it commits once, together with its journal rows, or not at all when
anything in it is refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Executable,
    MetaData,
    Row,
    Select,
    Table,
    insert,
    inspect,
    select,
)
from sqlalchemy.schema import CreateSchema

from franking.errors import InvariantBroken, Refusal
from franking.storage import bulk, journal, locks
from franking.storage.columns import text, whole
from franking.storage.database import (
    BOOKS_BUSY,
    Database,
    Where,
    as_reader,
    as_writer,
    foreign_errors,
    open_engine,
)
from franking.storage.guards import DESTROYING, lay_guards
from franking.storage.journal import Act, JournalCheck, JournalTables

_ROWS_AT_ONCE = 1000

BOOKS_NEED_MIGRATION = Refusal(
    "BOOKS_NEED_MIGRATION",
    clause="policy",
    remedy="Back the books up, then run franking books migrate.",
)
BOOKS_OF_ANOTHER_DOMAIN = Refusal(
    "BOOKS_OF_ANOTHER_DOMAIN",
    clause="policy",
    remedy="Open these books with the program of the domain that keeps them.",
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person or a program by name, in a role."""

    name: str
    role: str

    def __str__(self) -> str:
        return f"{self.role}: {self.name}"


Beside = tuple[object, ...]
"""What a domain's rooms may ask that is not in its books; each of another kind."""
Source = TypeVar("Source")
Permit = Callable[[str, str], None]
"""Refuses a command that a role may not do; storage knows no roles itself."""


def anybody(_command: str, _role: str) -> None:
    """Permit every command: for books that one person keeps alone."""


@dataclass(frozen=True)
class Schema:
    """The tables of one domain's books; every room of the domain adds its own."""

    domain: str
    version: int
    metadata: MetaData
    permit: Permit = anybody
    migrations: str = ""
    """The package of the domain's migrations; where there is none, ``version`` never changes."""

    @cached_property
    def journal(self) -> JournalTables:
        """The journal's tables."""
        return JournalTables.within(self.metadata)

    @cached_property
    def destroying(self) -> Table:
        """The record that is being destroyed by rule; empty outside such a unit of work."""
        record = text("record", primary_key=True)
        return Table(DESTROYING, self.metadata, record, sqlite_strict=True)

    @cached_property
    def title(self) -> Table:
        """One row: whose books these are, and the version of their tables."""
        return Table(
            "books",
            self.metadata,
            text("domain", primary_key=True),
            whole("version"),
            sqlite_strict=True,
        )

    def make(self, connection: Connection) -> None:
        """Lay out empty books: tables, guards, title."""
        _ = self.journal, self.title, self.destroying
        self.metadata.create_all(connection)
        lay_guards(connection, self.metadata)
        row = {"domain": self.domain, "version": self.version}
        connection.execute(insert(self.title).values(row))


class Reading:
    """One consistent view of the books."""

    def __init__(self, connection: Connection, beside: Beside = ()) -> None:
        self._connection = connection
        self._beside = beside

    def beside(self, kind: type[Source]) -> Source | None:
        """What whoever opened the books put beside them, of this kind; ``None`` if nothing."""
        return next((each for each in self._beside if isinstance(each, kind)), None)

    @property
    def connection(self) -> Connection:
        """The transaction itself, for what is about the books as a whole."""
        return self._connection

    def rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """Every row found."""
        return self._connection.execute(query).all()

    def row(self, query: Select[Any]) -> Row[Any] | None:
        """The one row found, or ``None``."""
        return self._connection.execute(query).one_or_none()

    def stream(self, query: Select[Any]) -> Iterator[Row[Any]]:
        """Every row found, a few at a time: for tables that need not fit in memory."""
        # As an option, not afterwards: only so does PostgreSQL keep the rest on its side.
        yield from self._connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})


class Work(Reading):
    """A unit of work: what a command reads and writes, in one transaction."""

    def __init__(
        self,
        connection: Connection,
        command: str,
        *,
        domain: str,
        on: Collection[str],
        beside: Beside = (),
    ) -> None:
        super().__init__(connection, beside)
        self.command = command
        self._domain = domain
        self._on = on
        self.acts: list[Act] = []
        self.wrote = False

    @property
    def connection(self) -> Connection:
        """The transaction itself; whoever takes it is believed to write."""
        self.wrote = True
        return self._connection

    def write(self, statement: Executable) -> int:
        """Insert or update; the number of rows touched."""
        self.wrote = True
        result = self._connection.execute(statement)
        return result.rowcount if isinstance(result, CursorResult) else 0

    def write_one(self, statement: Executable) -> None:
        """Update exactly one row.

        Raises:
            InvariantBroken: another number of rows matched, so the state was not as decided on.
            Refused: ``BOOKS_BUSY`` where others may write, and one of them has changed the row.
        """
        touched = self.write(statement)
        if touched == 0 and self._is_shared:
            raise BOOKS_BUSY.because("another command has changed what this one decided upon")
        if touched != 1:
            raise InvariantBroken(f"an update that is for one row touched {touched}")

    def write_many(self, table: Table, rows: Iterable[bulk.Values]) -> int:
        """Insert any number of rows, which all name the same columns; how many they were.

        Raises:
            InvariantBroken: two rows do not name the same columns.
        """
        written = bulk.write_many(self._connection, table, rows)
        self.wrote |= written > 0
        return written

    def wait_for(self, *records: str) -> None:
        """Decide upon more records, found only now: what is read next is what others left.

        Raises:
            Refused: ``BOOKS_BUSY``.
        """
        locks.lock_more(self._connection, self._domain, self._on, records)

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """Do what follows as if it were meant, then take it back: for a dry run."""
        acts, wrote = len(self.acts), self.wrote
        attempt = self._connection.begin_nested()
        try:
            yield
        finally:
            attempt.rollback()
            del self.acts[acts:]
            self.wrote = wrote

    @property
    def is_postgresql(self) -> bool:
        """Whether the books lie in PostgreSQL, where some things take fewer round trips."""
        return self._connection.dialect.name == "postgresql"

    @property
    def is_alone(self) -> bool:
        """Whether nobody else writes into the same books meanwhile."""
        return not self._is_shared

    @property
    def _is_shared(self) -> bool:
        """Whether others write into the same books meanwhile."""
        return self.is_postgresql and not locks.wants_all(self._on)

    def record(self, act: Act) -> None:
        """Say what this unit of work did to one record; journal rows are written with the commit.

        An act without a command of its own is the command of the unit of work.
        """
        self.acts.append(act if act.command else replace(act, command=self.command))


class Books:
    """Open books of one domain. Threads may share them; each unit of work is one thread's."""

    def __init__(
        self,
        engine: Engine,
        schema: Schema,
        *,
        where: Where,
        by: Actor,
        random: Callable[[int], bytes] = secrets.token_bytes,
        beside: Beside = (),
    ) -> None:
        self._beside = beside
        self._engine = engine
        self._schema = schema
        self._where = where
        self._by = by
        self._random = random

    @classmethod
    def open(
        cls,
        where: Where,
        schema: Schema,
        *,
        by: Actor,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> Books:
        """Open the books at ``where`` for ``by`` (who acts), making them where there are none.

        Raises:
            Refused: ``SQLITE_TOO_OLD``, ``BOOKS_UNREADABLE``, ``BOOKS_OF_ANOTHER_DOMAIN``,
                ``BOOKS_NEED_MIGRATION``, ``BOOKS_BUSY``, ``BOOKS_UNWRITABLE``,
                ``BOOKS_UNREACHABLE``, ``DATABASE_URL_UNREADABLE``.
        """
        books = cls(open_engine(where), schema, where=where, by=by, random=random)
        books._require_title()
        return books

    @property
    def by(self) -> Actor:
        """Who acts through these books."""
        return self._by

    @property
    def where(self) -> Where:
        """Where the books lie."""
        return self._where

    @property
    def schema(self) -> Schema:
        """The tables of the books."""
        return self._schema

    @property
    def engine(self) -> Engine:
        """The connections, for bulk work that is no command: backups, benchmarks."""
        return self._engine

    def acting(self, by: Actor) -> Books:
        """The same open books, for another person."""
        return self._as(by, self._beside)

    def with_beside(self, source: object) -> Books:
        """The same open books, with something beside them that rooms may ask (``Reading.beside``).

        What decisions rest on and is no table: the history of scans, which lies in files.
        """
        return self._as(self._by, (*self._beside, source))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def work(self, now: datetime, command: str, *, on: Collection[str] = ()) -> Iterator[Work]:
        """A unit of work: committed with its journal rows at the end, or not at all.

        ``on`` names every record that the command decides upon (``record_id``): commands on the
        same record wait for each other, others go side by side. With none named, the command has
        the books for itself.

        Raises:
            Refused: what the permit refuses the actor; ``BOOKS_BUSY``, ``BOOKS_UNREADABLE``,
                ``BOOKS_UNWRITABLE``, ``BOOKS_UNREACHABLE``, ``VALUE_UNWRITABLE``.
            InvariantBroken: the books would contradict themselves, or a change has no act.
        """
        self._schema.permit(command, self._by.role)
        named, domain = frozenset(on), self._schema.domain
        with self._transaction(as_writer(self._engine), alone=locks.wants_all(named)) as connection:
            locks.lock(connection, domain, named)
            work = Work(connection, command, domain=domain, on=named, beside=self._beside)
            yield work
            if work.wrote and not work.acts:
                raise InvariantBroken(f"{command} changed the books without saying what it did")
            locks.lock_more(connection, domain, named, (act.record for act in work.acts))
            self._tell(connection, work.acts, now)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A consistent view of the books.

        Raises:
            Refused: ``BOOKS_BUSY``, ``BOOKS_UNREADABLE``, ``BOOKS_UNREACHABLE``.
        """
        with self._transaction(as_reader(self._engine)) as connection:
            yield Reading(connection, self._beside)

    def check_journal(self) -> JournalCheck:
        """Read the whole journal and list everything wrong with it."""
        with self._transaction(as_reader(self._engine)) as connection:
            return journal.check(connection, self._schema.journal)

    def journal_rows(self) -> Sequence[Row[Any]]:
        """Every row of the journal, oldest first."""
        with self._transaction(as_reader(self._engine)) as connection:
            return journal.read(connection, self._schema.journal)

    def _as(self, by: Actor, beside: Beside) -> Books:
        return Books(
            self._engine,
            self._schema,
            where=self._where,
            by=by,
            random=self._random,
            beside=beside,
        )

    def _tell(self, connection: Connection, acts: Sequence[Act], now: datetime) -> None:
        if acts:
            tables = self._schema.journal
            journal.append(connection, tables, acts, now=now, by=str(self._by), salt=self._random)

    @contextmanager
    def _transaction(self, options: dict[str, Any], *, alone: bool = True) -> Iterator[Connection]:
        with (
            foreign_errors(self._where, alone=alone),
            self._engine.connect() as opened,
            (connection := opened.execution_options(**options)).begin(),
        ):
            yield connection

    def _require_title(self) -> None:
        with self._transaction(as_reader(self._engine)) as connection:
            if self._is_titled(connection):
                return
        with self._transaction(as_writer(self._engine)) as connection:
            locks.lock(connection, self._schema.domain, ())
            if not self._is_titled(connection):
                self._make(connection)

    def _is_titled(self, connection: Connection) -> bool:
        title, schema = self._schema.title, self._schema
        if not inspect(connection).has_table(title.name):
            return False
        found = [(row.domain, row.version) for row in connection.execute(select(title))]
        if [domain for domain, _ in found] == [schema.domain] and found[0][1] < schema.version:
            raise BOOKS_NEED_MIGRATION.because(
                f"{self._where}: the tables have version {found[0][1]}, this program's have"
                f" version {schema.version}"
            )
        if found != [(schema.domain, schema.version)]:
            kept = " and ".join(f"{domain} in version {version}" for domain, version in found)
            raise BOOKS_OF_ANOTHER_DOMAIN.because(
                f"these are books of {kept or 'nobody'},"
                f" not of {schema.domain} in version {schema.version}"
            )
        return True

    def _make(self, connection: Connection) -> None:
        if isinstance(self._where, Database):
            connection.execute(CreateSchema(self._where.schema, if_not_exists=True))
        self._schema.make(connection)
