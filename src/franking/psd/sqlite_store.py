"""One device in one SQLite file, through apsw.

WAL with ``synchronous=FULL``: a commit is on the disk before ``append`` returns. The file is
locked for one process, by SQLite and by ``flock`` on a file beside it. SQLite below 3.51.3 is
refused: two connections that checkpoint at once could corrupt a WAL there.

``peek`` reads a device that is busy, read-only or faulted without touching it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import apsw

from franking.errors import InvariantBroken, Refused
from franking.psd.records import EntryKind, Fault
from franking.psd.sqlite_schema import APPLICATION_ID, FORMAT, schema
from franking.psd.store import (
    DEVICE_EXISTS,
    DEVICE_IN_USE,
    DEVICE_NOT_THERE,
    STORE_DAMAGED,
    STORE_FAILING,
    STORE_FULL,
    STORE_READ_ONLY,
    Checkpoint,
    Commit,
    Entry,
    RegisterRow,
    Stored,
)

SQLITE_VERSION_MIN: Final = (3, 51, 3)
_LOCK_SUFFIX: Final = "-in-use"
_WAL_PAGES: Final = 2000
"""Pages in the WAL before SQLite copies them into the file: about 8 MB."""

_new = tuple.__new__

_ROW = ", ".join(RegisterRow._fields)
_ENTRY = ", ".join(Entry._fields)
_CHECKPOINT = ", ".join(Checkpoint._fields)
_SET = ", ".join(f"{name} = ?" for name in RegisterRow._fields)
_APPEND_ENTRY = f"INSERT INTO entry ({_ENTRY}) VALUES ({', '.join('?' * len(Entry._fields))})"
_APPEND_CHECKPOINT = f"INSERT INTO checkpoint ({_CHECKPOINT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
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
        with _foreign_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = _lock_of(path)
            with _closing_on_error(lock):
                _require_no_device(path, vfs)
                _lay_out(path, vfs)
                return cls(path, _connect(path, vfs), lock)

    @classmethod
    def open(cls, path: Path, *, vfs: str = "") -> SqliteDeviceStore:
        """The store at ``path``, for this process alone.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, ``DEVICE_IN_USE``, ``STORE_READ_ONLY``,
                ``STORE_DAMAGED``.
        """
        with _foreign_errors(path):
            _require_there(path)
            lock = _lock_of(path)
            with _closing_on_error(lock):
                # A killed process may have made a WAL whose name is not durable yet.
                _sync(path.parent)
                connection = _connect(path, vfs)
                with _closing_on_error(connection):
                    _require_format(connection, path)
                    _empty_wal(connection, path)
                return cls(path, connection, lock)

    @classmethod
    def peek(cls, path: Path) -> SqliteDeviceStore:
        """The store at ``path`` for reading only, whoever holds it; takes no lock.

        What it reads is a moment of the past as soon as it is read. In the process that has the
        device open, ask the device instead: closing this would drop that process's file locks.

        Raises:
            Refused: ``DEVICE_NOT_THERE``, ``STORE_DAMAGED``.
        """
        with _foreign_errors(path):
            _require_there(path)
            connection = apsw.Connection(
                f"{path.resolve().as_uri()}?mode=ro&vfs=unix-none",
                flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
            )
            connection.pragma("locking_mode", "EXCLUSIVE")
            _require_format(connection, path)
            return cls(path, connection, None)

    def load(self) -> Stored:
        """Everything but the journal's body."""
        with _foreign_errors(self.path):
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
            raise _wrapped(self.path, error) from error

    def append(self, commit: Commit) -> None:
        """Make ``commit`` durable."""
        try:
            self._append(commit, self._execute)
        except apsw.Error as error:
            raise _wrapped(self.path, error) from error

    def requests(self, request_ids: Sequence[str]) -> dict[str, Entry]:
        """The entries of those request ids that are known."""
        try:
            if len(request_ids) == 1:
                found = self._execute(_SELECT_REQUEST, request_ids)
            else:
                found = self._execute(_SELECT_REQUESTS, (json.dumps(request_ids),))
            return {row[8]: _entry(row) for row in found}
        except apsw.Error as error:
            raise _wrapped(self.path, error) from error

    def message(self, digest: bytes) -> Entry | None:
        """The entry of a message."""
        return self._first(_SELECT_MESSAGE, digest)

    def entry(self, sequence: int) -> Entry | None:
        """One entry."""
        return self._first(f"SELECT {_ENTRY} FROM entry WHERE sequence = ?", sequence)

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The journal after an entry, in order."""
        with _foreign_errors(self.path):
            cursor = self._connection.cursor()
            query = f"SELECT {_ENTRY} FROM entry WHERE sequence > ? ORDER BY sequence"
            for row in cursor.execute(query, (after,)):
                yield _entry(row)

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Every sealed checkpoint, in order."""
        with _foreign_errors(self.path):
            yield from self._checkpoints("")

    def destroy_keys(self, *, keep: Collection[str]) -> None:
        """Overwrite (``secure_delete``) and delete; then empty the WAL, which held them too."""
        with _foreign_errors(self.path):
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
            _empty_wal(self._connection, self.path)

    def record_fault(self, fault: Fault) -> None:
        """Add a fault."""
        with _foreign_errors(self.path):
            self._execute(
                "INSERT INTO fault (time, finding) VALUES (?, ?)", (fault.time, fault.finding)
            )

    def close(self) -> None:
        """Let go of the file and its lock."""
        try:
            with _foreign_errors(self.path):
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
                execute("INSERT INTO sealed_key VALUES (?, ?)", (name, wrapped))
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
        with _foreign_errors(self.path):
            return next(map(_entry, list(self._execute(query, (value,)))), None)


def _entry(row: Iterable[Any]) -> Entry:
    entry = Entry._make(row)
    try:
        return entry._replace(kind=EntryKind(entry.kind))
    except ValueError:
        raise STORE_DAMAGED.because(
            f"journal entry {entry.sequence} is of no kind that is known: {entry.kind!r}"
        ) from None


def _connect(path: Path, vfs: str) -> apsw.Connection:
    _require_sqlite()
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = apsw.Connection(str(path), flags=flags, vfs=vfs or None)
    with _closing_on_error(connection):
        if connection.readonly("main"):
            raise STORE_READ_ONLY.because(f"{path} cannot be written")
        connection.pragma("locking_mode", "EXCLUSIVE")
        connection.pragma("synchronous", 2)
        connection.pragma("secure_delete", True)
        connection.pragma("wal_autocheckpoint", _WAL_PAGES)
        if connection.pragma("journal_mode", "WAL") != "wal":
            raise STORE_FAILING.because(f"{path}: this file system keeps no write-ahead log")
        # The exclusive lock is taken by the first transaction, and kept.
        connection.execute("BEGIN IMMEDIATE; COMMIT")
    return connection


def _lay_out(path: Path, vfs: str) -> None:
    connection = _connect(path, vfs)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(schema())
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", FORMAT)
        connection.execute("COMMIT")
    finally:
        connection.close(force=True)
    # Until its folder is durable a new file, or the journal of its birth, may come and go.
    _sync(path.parent)
    _sync(path.parent.parent)


def _require_sqlite() -> None:
    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")[:3]) < SQLITE_VERSION_MIN:
        raise InvariantBroken(f"SQLite {version} may corrupt a write-ahead log; 3.51.3 is needed")


def _require_there(path: Path) -> None:
    if not path.is_file():
        raise DEVICE_NOT_THERE.because(f"there is no device at {path}")


def _require_no_device(path: Path, vfs: str) -> None:
    """Refuse a file that holds anything; remove what a creation cut short has left."""
    if not path.exists():
        return
    if path.stat().st_size:
        connection = _connect(path, vfs)
        try:
            if _holds_anything(connection):
                raise DEVICE_EXISTS.because(f"{path} holds something already")
        finally:
            connection.close(force=True)
    for leftover in (path, Path(f"{path}-wal"), Path(f"{path}-journal")):
        leftover.unlink(missing_ok=True)


def _holds_anything(connection: apsw.Connection) -> bool:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    if not tables:
        return False
    if connection.pragma("application_id") != APPLICATION_ID or "register" not in tables:
        return True
    ((rows,),) = connection.execute("SELECT count(*) FROM register")
    return bool(rows)


def _require_format(connection: apsw.Connection, path: Path) -> None:
    if connection.pragma("application_id") != APPLICATION_ID:
        connection.close(force=True)
        raise DEVICE_NOT_THERE.because(f"{path} is not a device of ours")
    if connection.pragma("user_version") != FORMAT:
        connection.close(force=True)
        raise STORE_DAMAGED.because(f"{path} is of a format that this version does not know")


def _lock_of(path: Path) -> int:
    """An ``flock`` on a file beside the device; the system drops it when the process ends."""
    try:
        lock = os.open(f"{path}{_LOCK_SUFFIX}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        raise STORE_READ_ONLY.because(f"{path.parent} cannot be written") from error
    with _closing_on_error(lock):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DEVICE_IN_USE.because(f"another program has {path} open") from None
    return lock


def _empty_wal(connection: apsw.Connection, path: Path) -> None:
    """Copy every commit into the file, durably, and leave nothing in the WAL.

    What a killed process had committed but not synced could be read, and then be lost with the
    power; and SQLite does not sync the WAL after cutting it to nothing.
    """
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    wal = Path(f"{path}-wal")
    if wal.exists():
        _sync(wal)


def _sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _closing_on_error(what: apsw.Connection | int) -> Generator[None]:
    try:
        yield
    except BaseException:
        if isinstance(what, int):
            os.close(what)
        else:
            what.close(force=True)
        raise


@contextlib.contextmanager
def _foreign_errors(path: Path) -> Generator[None]:
    """Turn the errors of SQLite and the operating system into ours."""
    try:
        yield
    except apsw.Error as error:
        raise _wrapped(path, error) from error
    except OSError as error:
        raise STORE_FAILING.because(f"{path}: {error.strerror or error}") from error


def _wrapped(path: Path, error: apsw.Error) -> Refused | InvariantBroken:
    match error:
        case apsw.ConstraintError():
            return InvariantBroken(f"{path.name}: the store refuses what the device did: {error}")
        case apsw.BusyError() | apsw.LockedError():
            return DEVICE_IN_USE.because(f"another program has {path} open")
        case apsw.FullError():
            return STORE_FULL.because(f"{path.name}: no space left; nothing was changed")
        case apsw.ReadOnlyError() | apsw.PermissionsError():
            return STORE_READ_ONLY.because(f"{path} cannot be written; nothing was changed")
        case (
            apsw.CorruptError() | apsw.NotADBError() | apsw.FormatError() | apsw.SchemaChangeError()
        ):
            return STORE_DAMAGED.because(f"{path} does not read: {error}")
        case apsw.CantOpenError():
            return STORE_FAILING.because(f"{path} cannot be opened")
        case _:
            return STORE_FAILING.because(f"{path.name}: {error}")
