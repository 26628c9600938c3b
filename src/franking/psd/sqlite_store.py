"""One device in one SQLite file, through apsw: a commit is on the disk when ``append`` returns.

``peek`` reads a device that is busy, read-only or faulted without touching it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import apsw

from franking.psd.records import Fault
from franking.psd.sqlite_file import (
    closing_on_error,
    connect,
    empty_wal,
    foreign_errors,
    has_log,
    lay_out,
    lock_of,
    require_format,
    require_no_device,
    require_there,
    sync,
    wrapped,
)
from franking.psd.store import (
    STORE_FAILING,
    Checkpoint,
    Commit,
    Entry,
    RegisterRow,
    Stored,
    stored_entry,
)

_new = tuple.__new__
_PAGE: Final = 1000
"""Journal entries read at a time."""

_ROW = ", ".join(RegisterRow._fields)
_ENTRY = ", ".join(Entry._fields)
_CHECKPOINT = ", ".join(Checkpoint._fields)
_SET = ", ".join(f"{name} = ?" for name in RegisterRow._fields)
_APPEND_ENTRY = f"INSERT INTO entry ({_ENTRY}) VALUES ({', '.join('?' * len(Entry._fields))})"
_APPEND_CHECKPOINT = f"INSERT INTO checkpoint ({_CHECKPOINT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_APPEND_KEY = "INSERT INTO sealed_key (name, wrapped) VALUES (?, ?)"
_UPDATE_ROW = f"UPDATE register SET {_SET}"
_UPDATE_COPY = f"UPDATE register_copy SET {_SET}"
_MARKS = ", ".join("?" * len(RegisterRow._fields))
_INSERT_ROW = f"INSERT INTO register (id, {_ROW}) VALUES (1, {_MARKS})"
_INSERT_COPY = f"INSERT INTO register_copy (id, {_ROW}) VALUES (1, {_MARKS})"
_SELECT_COPIES = f"SELECT {_ROW} FROM register UNION ALL SELECT {_ROW} FROM register_copy"
_SELECT_REQUESTS = (
    f"SELECT {_ENTRY} FROM entry WHERE request_id IN (SELECT value FROM json_each(?))"
)
_SELECT_REQUEST = f"SELECT {_ENTRY} FROM entry WHERE request_id = ?"
_SELECT_MESSAGE = f"SELECT {_ENTRY} FROM entry WHERE request_digest = ? AND request_id IS NULL"


class SqliteDeviceStore:
    """A ``DeviceStore`` in a file. Use ``create``, ``open`` or ``peek``."""

    def __init__(self, path: Path, connection: apsw.Connection, lock: int | None) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        self._execute = connection.cursor().execute

    @classmethod
    def create(cls, path: Path, *, vfs: str = "") -> SqliteDeviceStore:
        """An empty store at ``path``; the file and its folder are durable on return.

        A store whose creation was cut short is made anew.

        Raises:
            Refused: ``DEVICE_EXISTS``, ``DEVICE_IN_USE``, ``STORE_READ_ONLY``, ``STORE_FULL``.
        """
        with foreign_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = lock_of(path)
            with closing_on_error(lock):
                require_no_device(path, vfs)
                lay_out(path, vfs)
                return cls(path, connect(path, vfs), lock)

    @classmethod
    def open(cls, path: Path, *, vfs: str = "") -> SqliteDeviceStore:
        """The store at ``path``, for this process alone.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, ``DEVICE_IN_USE``, ``STORE_READ_ONLY``,
                ``STORE_DAMAGED``.
        """
        with foreign_errors(path):
            require_there(path)
            lock = lock_of(path)
            with closing_on_error(lock):
                # A killed process may have made a WAL whose name is not durable yet.
                sync(path.parent)
                connection = connect(path, vfs)
                with closing_on_error(connection):
                    require_format(connection, path)
                    empty_wal(connection, path)
                return cls(path, connection, lock)

    @classmethod
    def peek(cls, path: Path) -> SqliteDeviceStore:
        """The store at ``path`` for reading only, whoever holds it; takes no lock.

        What it reads is a moment of the past as soon as it is read. In the process that has the
        device open, ask the device instead: closing this would drop that process's file locks.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, ``STORE_DAMAGED``.
        """
        with foreign_errors(path):
            require_there(path)
            # Without a log there is nothing to recover, and SQLite must not want to make one: the
            # folder may be read-only.
            still = "" if has_log(path) else "&immutable=1"
            connection = apsw.Connection(
                f"{path.resolve().as_uri()}?mode=ro&vfs=unix-none{still}",
                flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
            )
            connection.pragma("locking_mode", "EXCLUSIVE")
            require_format(connection, path)
            return cls(path, connection, None)

    def load(self) -> Stored:
        """Everything but the journal's body."""
        with foreign_errors(self.path):
            row, copy = self.copies()
            return Stored(
                row=row,
                copy=copy,
                keys=dict(self._execute("SELECT name, wrapped FROM sealed_key")),
                checkpoint=next(self._checkpoints("DESC LIMIT 1"), None),
                last_sequence=self._last_sequence(),
                faults=tuple(
                    Fault(time, finding)
                    for time, finding in self._execute(
                        "SELECT time, finding FROM fault ORDER BY number"
                    )
                ),
            )

    def copies(self) -> tuple[RegisterRow | None, RegisterRow | None]:
        """The register row and its copy."""
        try:
            rows = list(self._execute(_SELECT_COPIES))
            if len(rows) == 2:
                return _new(RegisterRow, rows[0]), _new(RegisterRow, rows[1])
            return self._one_copy("register"), self._one_copy("register_copy")
        except apsw.Error as error:
            raise wrapped(self.path, error) from error

    def append(self, commit: Commit) -> None:
        """Make ``commit`` durable."""
        try:
            self._append(commit, self._execute)
        except apsw.Error as error:
            raise wrapped(self.path, error) from error

    def adopt(
        self,
        row: RegisterRow,
        entries: Iterable[Entry],
        checkpoints: Iterable[Checkpoint],
        keys: Mapping[str, bytes],
    ) -> None:
        """Fill this empty store."""
        with foreign_errors(self.path):
            self._execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(_APPEND_ENTRY, entries)
                self._connection.executemany(_APPEND_CHECKPOINT, checkpoints)
                self._write_row(row)
                self._connection.executemany(_APPEND_KEY, keys.items())
            except BaseException:
                self._roll_back()
                raise
            self._commit()

    def requests(self, request_ids: Sequence[str]) -> dict[str, Entry]:
        """The entries of those request ids that are known."""
        try:
            if len(request_ids) == 1:
                found = self._execute(_SELECT_REQUEST, request_ids)
            else:
                found = self._execute(_SELECT_REQUESTS, (json.dumps(request_ids),))
            return {row[8]: stored_entry(row) for row in found}
        except apsw.Error as error:
            raise wrapped(self.path, error) from error

    def message(self, digest: bytes) -> Entry | None:
        """The entry of a message."""
        return self._first(_SELECT_MESSAGE, digest)

    def entry(self, sequence: int) -> Entry | None:
        """One entry."""
        return self._first(f"SELECT {_ENTRY} FROM entry WHERE sequence = ?", sequence)

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The journal after an entry, in order; no statement stays open between two pages."""
        query = f"SELECT {_ENTRY} FROM entry WHERE sequence > ? ORDER BY sequence LIMIT {_PAGE}"
        while True:
            with foreign_errors(self.path):
                page = [stored_entry(row) for row in self._execute(query, (after,))]
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].sequence

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Every sealed checkpoint, in order."""
        with foreign_errors(self.path):
            return iter(list(self._checkpoints("")))

    def destroy_keys(self, *, keep: Collection[str]) -> None:
        """Overwrite (``secure_delete``) and delete; then empty the WAL, which held them too."""
        with foreign_errors(self.path):
            self._execute("BEGIN IMMEDIATE")
            try:
                self._execute(
                    "DELETE FROM sealed_key WHERE name NOT IN (SELECT value FROM json_each(?))",
                    (json.dumps(sorted(keep)),),
                )
            except BaseException:
                self._roll_back()
                raise
            self._commit()
            empty_wal(self._connection, self.path)

    def record_fault(self, fault: Fault) -> None:
        """Add a fault."""
        with foreign_errors(self.path):
            self._execute(
                "INSERT INTO fault (time, finding) VALUES (?, ?)", (fault.time, fault.finding)
            )

    def close(self) -> None:
        """Let go of the file and its lock."""
        try:
            with foreign_errors(self.path):
                self._connection.close(force=True)
        finally:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def _append(self, commit: Commit, execute: Callable[..., object]) -> None:
        execute("BEGIN IMMEDIATE")
        try:
            if len(commit.entries) == 1:
                execute(_APPEND_ENTRY, commit.entries[0])
            else:
                self._connection.executemany(_APPEND_ENTRY, commit.entries)
            self._write_row(commit.row)
            if commit.checkpoint is not None:
                execute(_APPEND_CHECKPOINT, commit.checkpoint)
            for name, wrapped in commit.keys.items():
                execute(_APPEND_KEY, (name, wrapped))
        except BaseException:
            self._roll_back()
            raise
        self._commit()

    def _write_row(self, row: RegisterRow) -> None:
        self._execute(_UPDATE_ROW, row)
        if self._connection.changes() == 1:
            self._execute(_UPDATE_COPY, row)
        else:
            self._execute(_INSERT_ROW, row)
            self._execute(_INSERT_COPY, row)

    def _commit(self) -> None:
        """End the transaction; where that fails, nobody knows whether it is on the disk."""
        try:
            self._execute("COMMIT")
        except apsw.FullError:
            self._roll_back()
            raise
        except apsw.Error as error:
            self._roll_back()
            raise STORE_FAILING.because(
                f"{self.path.name}: the commit failed half way ({error})"
            ) from error

    def _roll_back(self) -> None:
        if not self._connection.in_transaction:
            return
        try:
            self._execute("ROLLBACK")
        except apsw.Error as error:
            raise STORE_FAILING.because(
                f"{self.path.name}: a commit could not be taken back ({error})"
            ) from error

    def _one_copy(self, table: str) -> RegisterRow | None:
        rows = list(self._execute(f"SELECT {_ROW} FROM {table}"))
        return RegisterRow._make(rows[0]) if rows else None

    def _checkpoints(self, order: str) -> Iterator[Checkpoint]:
        query = f"SELECT {_CHECKPOINT} FROM checkpoint ORDER BY sequence {order}"
        return map(Checkpoint._make, self._connection.cursor().execute(query))

    def _last_sequence(self) -> int:
        ((last,),) = self._execute("SELECT coalesce(max(sequence), 0) FROM entry")
        return int(last)

    def _first(self, query: str, value: bytes | int) -> Entry | None:
        with foreign_errors(self.path):
            return next(map(stored_entry, list(self._execute(query, (value,)))), None)
