"""The books of one trust domain, and the unit of work that changes them.

Embedded: SQLite in WAL mode with ``synchronous=FULL``, from a build that has the fix for the
WAL-reset corruption (3.51.3). A unit of work takes the write lock when it begins, so two
commands never act on the same past; it commits once, together with its journal row, and not at all
when anything in it is refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Executable,
    MetaData,
    Row,
    Select,
    Table,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from franking.errors import InvariantBroken, Refusal
from franking.storage import journal
from franking.storage.columns import DESTROYING, text, whole
from franking.storage.journal import SALT_BYTES, Act, JournalCheck, JournalTables

SQLITE_VERSION_MIN = (3, 51, 3)
"""Earlier builds can corrupt a WAL database when two connections checkpoint at once."""
_BUSY_MILLISECONDS = 10_000
_ROWS_AT_ONCE = 1000
_AS_READER = {"begin": "BEGIN"}
_AS_WRITER = {"begin": "BEGIN IMMEDIATE"}

SQLITE_TOO_OLD = Refusal(
    "SQLITE_TOO_OLD",
    clause="policy",
    remedy="Install the pinned requirements: they bring an SQLite that is safe to write with.",
    http_status=500,
)
BOOKS_UNREADABLE = Refusal(
    "BOOKS_UNREADABLE",
    clause="policy",
    remedy="Point to the books that franking made, or restore them from their backup.",
)
BOOKS_OF_ANOTHER_DOMAIN = Refusal(
    "BOOKS_OF_ANOTHER_DOMAIN",
    clause="policy",
    remedy="Open these books with the program of the domain that keeps them.",
)
BOOKS_BUSY = Refusal(
    "BOOKS_BUSY",
    clause="policy",
    remedy="Ask again when the other command is done; this one changed nothing.",
    http_status=503,
)
BOOKS_UNWRITABLE = Refusal(
    "BOOKS_UNWRITABLE",
    clause="policy",
    remedy="Make room or make the books writable, then ask again; nothing was changed.",
    http_status=507,
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person or a program by name, in a role."""

    name: str
    role: str

    def __str__(self) -> str:
        return f"{self.role}: {self.name}"


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


class Reading:
    """One consistent view of the books."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """Every row found."""
        return self._connection.execute(query).all()

    def row(self, query: Select[Any]) -> Row[Any] | None:
        """The one row found, or ``None``."""
        return self._connection.execute(query).one_or_none()

    def stream(self, query: Select[Any]) -> Iterator[Row[Any]]:
        """Every row found, a few at a time: for tables that need not fit in memory."""
        yield from self._connection.execute(query).yield_per(_ROWS_AT_ONCE)


class Work(Reading):
    """A unit of work: what a command reads and writes, in one transaction."""

    def __init__(self, connection: Connection, command: str = "") -> None:
        super().__init__(connection)
        self.command = command
        self.acts: list[Act] = []
        self.wrote = False

    def write(self, statement: Executable) -> int:
        """Insert or update; the number of rows touched."""
        self.wrote = True
        result = self._connection.execute(statement)
        return result.rowcount if isinstance(result, CursorResult) else 0

    def write_one(self, statement: Executable) -> None:
        """Update exactly one row.

        Raises:
            InvariantBroken: another number of rows matched, so the state was not as decided on.
        """
        touched = self.write(statement)
        if touched != 1:
            raise InvariantBroken(f"an update that is for one row touched {touched}")

    def record(self, act: Act) -> None:
        """Say what this unit of work did to one record; journal rows are written with the commit.

        An act without a command of its own is the command of the unit of work.
        """
        self.acts.append(act if act.command else replace(act, command=self.command))


class Books:
    """An open database of one domain. Threads may share it; each unit of work is one thread's."""

    def __init__(
        self,
        engine: Engine,
        schema: Schema,
        *,
        by: Actor,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._engine = engine
        self._schema = schema
        self._by = by
        self._random = random

    @classmethod
    def open(
        cls,
        path: Path,
        schema: Schema,
        *,
        by: Actor,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> Books:
        """Open the books at ``path`` for ``by`` (who acts), making them where there are none.

        Raises:
            Refused: ``SQLITE_TOO_OLD``, ``BOOKS_UNREADABLE``, ``BOOKS_OF_ANOTHER_DOMAIN``,
                ``BOOKS_BUSY``, ``BOOKS_UNWRITABLE``.
        """
        if dbapi2.sqlite_version_info < SQLITE_VERSION_MIN:
            raise SQLITE_TOO_OLD.because(f"SQLite {dbapi2.sqlite_version} is linked")
        books = cls(_engine(path), schema, by=by, random=random)
        with _foreign_errors(path):
            books._require_title()
        return books

    @property
    def by(self) -> Actor:
        """Who acts through these books."""
        return self._by

    def acting(self, by: Actor) -> Books:
        """The same open books, for another person."""
        return Books(self._engine, self._schema, by=by, random=self._random)

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
                ``BOOKS_UNWRITABLE``.
            InvariantBroken: the books would contradict themselves, or a change has no act.
        """
        self._schema.permit(command, self._by.role)
        with self._transaction(_AS_WRITER) as connection:
            work = Work(connection, command)
            yield work
            if work.wrote and not work.acts:
                raise InvariantBroken(f"{command} changed the books without saying what it did")
            for act in work.acts:
                tables, salt = self._schema.journal, self._random(SALT_BYTES)
                journal.append(connection, tables, act, now=now, by=str(self._by), salt=salt)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A consistent view of the books.

        Raises:
            Refused: ``BOOKS_BUSY``, ``BOOKS_UNREADABLE``.
        """
        with self._transaction(_AS_READER) as connection:
            yield Reading(connection)

    def check_journal(self) -> JournalCheck:
        """Read the whole journal and list everything wrong with it."""
        with self._transaction(_AS_READER) as connection:
            return journal.check(connection, self._schema.journal)

    def journal_rows(self) -> Sequence[Row[Any]]:
        """Every row of the journal, oldest first."""
        with self._transaction(_AS_READER) as connection:
            return journal.read(connection, self._schema.journal)

    @contextmanager
    def _transaction(self, options: dict[str, str]) -> Iterator[Connection]:
        with (
            _foreign_errors(self._engine.url.database),
            self._engine.connect() as opened,
            (connection := opened.execution_options(**options)).begin(),
        ):
            yield connection

    def _require_title(self) -> None:
        title = self._schema.title
        _ = self._schema.journal, self._schema.destroying
        with self._transaction(_AS_WRITER) as connection:
            self._schema.metadata.create_all(connection)
            found = connection.execute(select(title)).all()
            if not found:
                row = {"domain": self._schema.domain, "version": self._schema.version}
                connection.execute(insert(title).values(row))
            elif [(row.domain, row.version) for row in found] != [self._expected]:
                raise BOOKS_OF_ANOTHER_DOMAIN.because(
                    f"these are books of {found[0].domain} in version {found[0].version},"
                    f" not of {self._schema.domain} in version {self._schema.version}"
                )

    @property
    def _expected(self) -> tuple[str, int]:
        return self._schema.domain, self._schema.version


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", module=dbapi2, connect_args={"timeout": _BUSY_MILLISECONDS / 1000}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: ``_begin`` says of which kind they are.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


@contextmanager
def _foreign_errors(path: object) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise InvariantBroken(f"the books refuse to contradict themselves: {error.orig}") from error
    except DBAPIError as error:
        raise _refusal(str(error.orig)).because(f"{path}: {error.orig}") from error


def _refusal(reason: str) -> Refusal:
    if "locked" in reason or "busy" in reason:
        return BOOKS_BUSY
    if "full" in reason or "readonly" in reason or "disk I/O" in reason:
        return BOOKS_UNWRITABLE
    return BOOKS_UNREADABLE
