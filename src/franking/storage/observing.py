"""Noting what was seen, in one round trip: one statement that writes and answers.

For observations that come by the thousand and decide nothing, such as scans. They are append-only
rows of their own and no command: nothing of them goes into the journal. What somebody decides on
because of them is a command, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from franking.storage import locks
from franking.storage.books import Books
from franking.storage.database import foreign_errors

_TURN = "SELECT pg_advisory_xact_lock_shared(%s), pg_advisory_xact_lock(%s)"
_ALONE = text("SELECT pg_advisory_xact_lock(:key)")


class Observing:
    """A statement that inserts and returns, compiled once for the books."""

    def __init__(self, books: Books, statement: str) -> None:
        """``statement`` inserts one row and returns one; ``:name`` is a value."""
        self._books = books
        dialect = books.engine.dialect
        self._compiled = text(statement).compile(dialect=dialect)
        self._is_postgresql = dialect.name == "postgresql"

    def note(self, values: Mapping[str, object], *, command: str, record: str) -> tuple[Any, ...]:
        """Insert with these values, and what the statement returns; durable when it returns.

        Others who note something of the same ``record`` wait, and see this; commands on it, too.

        Raises:
            Refused: what the permit refuses the actor; ``BOOKS_BUSY``, ``BOOKS_UNREADABLE``,
                ``BOOKS_UNWRITABLE``, ``BOOKS_UNREACHABLE``, ``VALUE_UNWRITABLE``.
            InvariantBroken: the books would contradict themselves.
        """
        books = self._books
        books.schema.permit(command, books.by.role)
        given: Any = self._compiled.construct_params(dict(values))
        if self._compiled.positional:
            given = [given[name] for name in self._compiled.positiontup or ()]
        with foreign_errors(books.where), self._driver() as driver:
            if self._is_postgresql:
                domain = books.schema.domain
                keys = locks.key_of(domain, command), locks.key_of(domain, record)
                return _after_turn(driver, self._compiled.string, given, keys)
            return _only(driver.execute(self._compiled.string, given))

    @contextmanager
    def _driver(self) -> Iterator[Any]:
        """A connection as the driver knows it, with a transaction for each statement."""
        dbapi = self._books.engine.dialect.loaded_dbapi
        pooled = self._books.engine.raw_connection()
        driver: Any = pooled.driver_connection
        is_sound = False
        try:
            if self._is_postgresql:
                driver.autocommit = True
            yield driver
            if self._is_postgresql:
                driver.autocommit = False
            is_sound = True
        except dbapi.Error as error:
            raise DBAPIError.instance(
                self._compiled.string, None, error, dbapi.Error, dialect=self._books.engine.dialect
            ) from error
        finally:
            if not is_sound:
                pooled.invalidate()  # the next one gets a fresh connection
            pooled.close()


def settled(books: Books, command: str) -> None:
    """Wait until everything that is being noted by ``command`` is there to be read, or never will.

    Numbers are given before a row is there for others: who reads on from the last number that it
    saw would else miss what came late.

    Raises:
        Refused: ``BOOKS_BUSY``, ``BOOKS_UNREADABLE``, ``BOOKS_UNREACHABLE``.
    """
    if books.engine.dialect.name == "postgresql":
        with foreign_errors(books.where), books.engine.begin() as connection:
            key = locks.key_of(books.schema.domain, command)
            connection.execute(_ALONE, {"key": key}).all()


def _after_turn(driver: Any, statement: str, given: Any, keys: tuple[int, int]) -> tuple[Any, ...]:
    """Both go to the server at once: the statement sees what others left who had the lock.

    As one statement it would not: what it sees is settled before it waits.
    """
    with driver.pipeline():
        driver.execute(_TURN, keys)
        noting = driver.execute(statement, given)
    # Answers are here once the pipeline is left; asked for within it, they cost a round trip more.
    return _only(noting)


def _only(cursor: Any) -> tuple[Any, ...]:
    """The one row; a statement commits by itself only when all of its rows are taken."""
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    cursor.close()
    return rows[0]
