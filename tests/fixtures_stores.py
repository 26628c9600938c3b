"""The places a device can be kept in, for the law suite: every law runs over every one.

A place makes a store, opens it again as after a power-up, and lets a test do to what is stored
what a broken disk or a thief would do.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import apsw
import pytest

from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.store import DeviceStore, RegisterRow
from tests.fixtures_hosted import HostedPostgresqlPlace, HostedSqlitePlace
from tests.memory_store import Disk, MemoryStore

ROW, COPY = 0, 1


class Place(Protocol):
    """Where one device is kept."""

    def create(self) -> DeviceStore:
        """An empty store."""

    def open(self) -> DeviceStore:
        """The store as after a power-up; the one before must be closed."""

    def alter_row(self, which: int, **fields: Any) -> None:
        """Overwrite fields of the register row or of its copy, past every guard."""

    def remove_row(self, which: int) -> None:
        """Lose the register row or its copy."""

    def alter_entry(self, sequence: int, **fields: Any) -> None:
        """Overwrite fields of a journal entry, past every guard."""

    def remove_entry(self, sequence: int) -> None:
        """Lose a journal entry."""

    def alter_checkpoint(self, **fields: Any) -> None:
        """Overwrite fields of every checkpoint."""

    def put_key(self, name: str, wrapped: bytes) -> None:
        """Store a sealed key that the device did not."""

    def take_key(self, name: str) -> None:
        """Lose a sealed key."""

    def saved(self) -> Callable[[], None]:
        """Remember what is stored now; what is returned restores it."""


class MemoryPlace:
    """A place in memory."""

    def __init__(self, folder: Path) -> None:
        self._disk = Disk()
        self._store = MemoryStore(self._disk)

    def create(self) -> MemoryStore:
        """An empty store."""
        return self._store

    def open(self) -> MemoryStore:
        """The store again."""
        self._store = MemoryStore(self._store.disk)
        return self._store

    def alter_row(self, which: int, **fields: Any) -> None:
        """Overwrite a row."""
        row = self._store.disk.rows[which]
        assert row is not None
        self._store.disk.rows[which] = row._replace(**fields)

    def remove_row(self, which: int) -> None:
        """Lose a row."""
        self._store.disk.rows[which] = None

    def alter_entry(self, sequence: int, **fields: Any) -> None:
        """Overwrite an entry."""
        entries = self._store.disk.entries
        entries[sequence - 1] = entries[sequence - 1]._replace(**fields)

    def remove_entry(self, sequence: int) -> None:
        """Lose an entry."""
        del self._store.disk.entries[sequence - 1]

    def alter_checkpoint(self, **fields: Any) -> None:
        """Overwrite every checkpoint."""
        disk = self._store.disk
        disk.checkpoints = [one._replace(**fields) for one in disk.checkpoints]

    def put_key(self, name: str, wrapped: bytes) -> None:
        """Store a key."""
        self._store.disk.keys[name] = wrapped

    def take_key(self, name: str) -> None:
        """Lose a key."""
        del self._store.disk.keys[name]

    def saved(self) -> Callable[[], None]:
        """Remember the disk."""
        disk = self._store.disk.copy()

        def restore() -> None:
            self._store.disk = disk.copy()

        return restore


class SqlitePlace:
    """A place in an SQLite file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "device" / "device.sqlite"

    def create(self) -> SqliteDeviceStore:
        """An empty store."""
        return SqliteDeviceStore.create(self.path)

    def open(self) -> SqliteDeviceStore:
        """The store again."""
        return SqliteDeviceStore.open(self.path)

    def alter_row(self, which: int, **fields: Any) -> None:
        """Overwrite a row."""
        self._do(*_update(("register", "register_copy")[which], "1", fields))

    def remove_row(self, which: int) -> None:
        """Lose a row."""
        self._do(f"DELETE FROM {('register', 'register_copy')[which]}")

    def alter_entry(self, sequence: int, **fields: Any) -> None:
        """Overwrite an entry."""
        self._do(*_update("entry", f"sequence = {sequence}", fields))

    def remove_entry(self, sequence: int) -> None:
        """Lose an entry."""
        self._do(f"DELETE FROM entry WHERE sequence = {sequence}")

    def alter_checkpoint(self, **fields: Any) -> None:
        """Overwrite every checkpoint."""
        self._do(*_update("checkpoint", "1", fields))

    def put_key(self, name: str, wrapped: bytes) -> None:
        """Store a key."""
        self._do("INSERT INTO sealed_key (name, wrapped) VALUES (?, ?)", [name, wrapped])

    def take_key(self, name: str) -> None:
        """Lose a key."""
        self._do("DELETE FROM sealed_key WHERE name = ?", [name])

    def saved(self) -> Callable[[], None]:
        """Remember the folder."""
        folder, kept = self.path.parent, self.path.parent.with_name("kept")
        shutil.copytree(folder, kept, dirs_exist_ok=True)

        def restore() -> None:
            shutil.rmtree(folder)
            shutil.copytree(kept, folder)

        return restore

    def _do(self, statement: str, values: list[Any] | None = None) -> None:
        """As a thief with the file would: no trigger stands in the way, and none is missed."""
        connection = apsw.Connection(str(self.path))
        triggers = list(
            connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        )
        with connection:
            connection.pragma("ignore_check_constraints", True)
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement, values or ())
            for _, sql in triggers:
                connection.execute(sql)
        connection.close()


def _update(table: str, where: str, fields: dict[str, Any]) -> tuple[str, list[Any]]:
    assignments = ", ".join(f"{name} = ?" for name in fields)
    return f"UPDATE {table} SET {assignments} WHERE {where}", list(fields.values())


EVERY_PLACE = pytest.mark.parametrize(
    "kind", [SqlitePlace, MemoryPlace, HostedSqlitePlace, HostedPostgresqlPlace]
)
"""Runs a test over every store: it takes ``kind`` and ``tmp_path``, and uses ``kind(tmp_path)``."""

PlaceKind = Callable[[Path], Place]


def row_of(store: DeviceStore) -> RegisterRow:
    """The register row as stored."""
    row, _ = store.copies()
    assert row is not None
    return row
