"""The SQLite file of a device: opened alone, laid out durably, its errors turned into ours.

WAL with ``synchronous=FULL``, locked for one process by SQLite and by ``flock`` on a file beside
it. SQLite below 3.51.3 is refused: two connections that checkpoint at once could corrupt a WAL.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Generator
from pathlib import Path
from typing import Final

import apsw

from franking.errors import InvariantBroken, Refused
from franking.psd.sqlite_schema import APPLICATION_ID, FORMAT, schema
from franking.psd.store import (
    DEVICE_EXISTS,
    DEVICE_IN_USE,
    DEVICE_NOT_THERE,
    STORE_DAMAGED,
    STORE_FAILING,
    STORE_FULL,
    STORE_READ_ONLY,
)

SQLITE_VERSION_MIN: Final = (3, 51, 3)
WAL_PAGES: Final = 2000
"""Pages in the WAL before SQLite copies them into the file: about 8 MB."""
_LOCK_SUFFIX: Final = "-in-use"


def connect(path: Path, vfs: str) -> apsw.Connection:
    """The file, opened for this process alone; made where it is not there.

    Raises:
        Refused: ``STORE_READ_ONLY``, ``STORE_FAILING``, and apsw's own errors.
    """
    _require_sqlite()
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = apsw.Connection(str(path), flags=flags, vfs=vfs or None)
    with closing_on_error(connection):
        if connection.readonly("main"):
            raise STORE_READ_ONLY.because(f"{path} cannot be written")
        connection.pragma("locking_mode", "EXCLUSIVE")
        connection.pragma("synchronous", 2)
        connection.pragma("secure_delete", True)
        connection.pragma("wal_autocheckpoint", WAL_PAGES)
        if connection.pragma("journal_mode", "WAL") != "wal":
            raise STORE_FAILING.because(f"{path}: this file system keeps no write-ahead log")
        # The exclusive lock is taken by the first transaction, and kept.
        connection.execute("BEGIN IMMEDIATE; COMMIT")
    return connection


def lay_out(path: Path, vfs: str) -> None:
    """Make the tables; file and folder are durable on return."""
    connection = connect(path, vfs)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(schema())
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", FORMAT)
        connection.execute("COMMIT")
    finally:
        connection.close(force=True)
    # Until its folder is durable a new file, or the journal of its birth, may come and go.
    sync(path.parent)
    sync(path.parent.parent)


def _require_sqlite() -> None:
    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")[:3]) < SQLITE_VERSION_MIN:
        raise InvariantBroken(f"SQLite {version} may corrupt a write-ahead log; 3.51.3 is needed")


def require_there(path: Path) -> None:
    """Refuse a place without a file.

    Raises:
        Refused: ``DEVICE_NOT_THERE``.
    """
    if not path.is_file():
        raise DEVICE_NOT_THERE.because(f"there is no device at {path}")


def require_no_device(path: Path, vfs: str) -> None:
    """Refuse a file that holds anything; remove what a creation cut short has left."""
    if not path.exists():
        return
    if path.stat().st_size:
        connection = connect(path, vfs)
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


def require_format(connection: apsw.Connection, path: Path) -> None:
    """Refuse, and close, a file of another kind or a later format.

    Raises:
        Refused: ``DEVICE_NOT_THERE``, ``STORE_DAMAGED``.
    """
    if connection.pragma("application_id") != APPLICATION_ID:
        connection.close(force=True)
        raise DEVICE_NOT_THERE.because(f"{path} is not a device of ours")
    if connection.pragma("user_version") != FORMAT:
        connection.close(force=True)
        raise STORE_DAMAGED.because(f"{path} is of a format that this version does not know")


def lock_of(path: Path) -> int:
    """An ``flock`` on a file beside the device; the system drops it when the process ends."""
    try:
        lock = os.open(f"{path}{_LOCK_SUFFIX}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        raise STORE_READ_ONLY.because(f"{path.parent} cannot be written") from error
    with closing_on_error(lock):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DEVICE_IN_USE.because(f"another program has {path} open") from None
    return lock


def empty_wal(connection: apsw.Connection, path: Path) -> None:
    """Copy every commit into the file, durably, and leave nothing in the WAL.

    What a killed process had committed but not synced could be read, and then be lost with the
    power; and SQLite does not sync the WAL after cutting it to nothing.
    """
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    wal = Path(f"{path}-wal")
    if wal.exists():
        sync(wal)


def has_log(path: Path) -> bool:
    """Whether there are commits beside the file."""
    wal = Path(f"{path}-wal")
    return wal.exists() and wal.stat().st_size > 0


def sync(place: Path) -> None:
    """Make a file, or a folder's own entries, durable."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def closing_on_error(what: apsw.Connection | int) -> Generator[None]:
    """Close what was opened, should what follows fail."""
    try:
        yield
    except BaseException:
        if isinstance(what, int):
            os.close(what)
        else:
            what.close(force=True)
        raise


@contextlib.contextmanager
def foreign_errors(path: Path) -> Generator[None]:
    """Turn the errors of SQLite and the operating system into ours."""
    try:
        yield
    except apsw.Error as error:
        raise wrapped(path, error) from error
    except UnicodeDecodeError as error:
        raise STORE_DAMAGED.because(f"{path} holds text that does not read: {error}") from error
    except OSError as error:
        raise STORE_FAILING.because(f"{path}: {error.strerror or error}") from error


def wrapped(path: Path, error: apsw.Error) -> Refused | InvariantBroken:
    """The refusal, or the broken invariant, that an error of SQLite is to a caller."""
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
            apsw.CorruptError()
            | apsw.NotADBError()
            | apsw.FormatError()
            | apsw.SchemaChangeError()
            | apsw.TooBigError()
        ):
            return STORE_DAMAGED.because(f"{path} does not read: {error}")
        case apsw.CantOpenError():
            return STORE_FAILING.because(f"{path} cannot be opened")
        case _:
            return STORE_FAILING.because(f"{path.name}: {error}")
