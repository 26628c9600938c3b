"""A hosted fleet as a place of one device, on both databases, for the law suite."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, text, update

from franking.psd.hosted_lanes import open_lane
from franking.psd.hosted_store import HostedDeviceStore
from franking.psd.hosted_tables import (
    CHECKPOINTS,
    ENTRIES,
    KEYS,
    REGISTER_COPIES,
    REGISTERS,
    SCHEMA,
    STANDING_COPIES,
    STANDINGS,
    TABLES,
)
from franking.storage import Books
from franking.storage.guards import lay_guards, lift_guards
from tests.fixtures_databases import books_on

DEVICE = "FK1A0000000001"
_KEPT = (REGISTERS, REGISTER_COPIES)
_STANDINGS = (STANDINGS, STANDING_COPIES)
_OPEN_MAX = 8
_open: deque[Books] = deque()


class HostedPlace:
    """A place in the books of a fleet."""

    database = "sqlite"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.books = books_on(self.database, SCHEMA, folder)
        _open.append(self.books)
        if len(_open) > _OPEN_MAX:
            _open.popleft().close()
        self.lane = open_lane(self.books)

    def create(self) -> HostedDeviceStore:
        """An empty store."""
        return HostedDeviceStore.create(self.books, self.lane, DEVICE)

    def open(self) -> HostedDeviceStore:
        """The store again."""
        return HostedDeviceStore.open(self.books, self.lane, DEVICE)

    def alter_row(self, which: int, **fields: Any) -> None:
        """Overwrite a row."""
        standing = {name: fields.pop(name) for name in list(fields) if name == "standing"}
        if fields:
            self._update(_KEPT[which], fields)
        if standing:
            self._update(_STANDINGS[which], standing)

    def remove_row(self, which: int) -> None:
        """Lose a row."""
        self._do(lambda connection: connection.execute(delete(_KEPT[which])))

    def alter_entry(self, sequence: int, **fields: Any) -> None:
        """Overwrite an entry."""
        self._update(ENTRIES, fields, ENTRIES.c.sequence == sequence)

    def remove_entry(self, sequence: int) -> None:
        """Lose an entry."""
        lost = delete(ENTRIES).where(ENTRIES.c.sequence == sequence)
        self._do(lambda connection: connection.execute(lost))

    def alter_checkpoint(self, **fields: Any) -> None:
        """Overwrite every checkpoint."""
        self._update(CHECKPOINTS, fields)

    def put_key(self, name: str, wrapped: bytes) -> None:
        """Store a key."""
        put = insert(KEYS).values(device=DEVICE, name=name, wrapped=wrapped)
        self._do(lambda connection: connection.execute(put))

    def take_key(self, name: str) -> None:
        """Lose a key."""
        taken = delete(KEYS).where(KEYS.c.name == name)
        self._do(lambda connection: connection.execute(taken))

    def saved(self) -> Callable[[], None]:
        """Remember every row."""
        with self.books.engine.connect() as connection:
            kept = {table: _rows(connection, table) for table in TABLES}

        def write_back(connection: Connection) -> None:
            for table, rows in kept.items():
                connection.execute(delete(table))
                if rows:
                    connection.execute(insert(table), rows)

        return lambda: self._do(write_back)

    def _update(self, table: Table, fields: dict[str, Any], *where: Any) -> None:
        statement = update(table).where(*where).values(fields)
        self._do(lambda connection: connection.execute(statement))

    def _do(self, act: Callable[[Connection], object]) -> None:
        """As a thief with the database would: no guard stands in the way, and none is missed."""
        with self.books.engine.connect() as connection, connection.begin():
            self._lift_checks(connection)
            lift_guards(connection)
            act(connection)
            lay_guards(connection, SCHEMA.metadata)

    def _lift_checks(self, connection: Connection) -> None:
        connection.execute(text("PRAGMA ignore_check_constraints = ON"))


class HostedSqlitePlace(HostedPlace):
    """A place in SQLite, where other devices could be beside it."""


class HostedPostgresqlPlace(HostedPlace):
    """A place in PostgreSQL."""

    database = "postgresql"

    def _lift_checks(self, connection: Connection) -> None:
        """They stay lifted: PostgreSQL would check every later change of the row."""
        for table in _KEPT:
            checks = connection.execute(
                text(
                    "SELECT conname FROM pg_constraint WHERE contype = 'c'"
                    f" AND conrelid = '{table.name}'::regclass"
                )
            )
            for (name,) in checks.all():
                connection.execute(text(f'ALTER TABLE {table.name} DROP CONSTRAINT "{name}"'))


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(select(table))]
