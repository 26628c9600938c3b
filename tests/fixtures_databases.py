"""Both databases for every storage test: a file of SQLite, and a PostgreSQL server of our own.

The server is started once for a whole run of the tests, by the first test that asks for it, and
stopped by the run's end (``conftest``). Each test has fresh books, on PostgreSQL by a copy of a
template; there is no skipping where PostgreSQL is missing: the test fails and says what to do.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections import deque
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest
from tools.postgresql_server import PostgresqlServer, start_server

from franking.storage import Actor, Books, Database, Schema, Where

DATABASES = ("sqlite", "postgresql")
FOLDER = "FRANKING_TESTS_RUN"
"""The environment variable that names the folder of this run: its server and temporary files."""
_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 2_000_000_000
"""Where files are kept in memory, and the room that a run must find there to use it."""
_KEPT = 60
"""How many databases of past tests stay before the oldest is dropped."""

_numbers = count(1)
_made: deque[str] = deque()


def prepare_run() -> Path:
    """Make the folder of this run; called once, before any test.

    Every temporary file goes there. It lies in memory where there is room: the tests commit many
    thousand times, and would wait for the disk most of their time.
    """
    folder = Path(tempfile.mkdtemp(prefix="franking-", dir=_MEMORY if _is_roomy() else None))
    folder.chmod(0o755)
    (folder / "tmp").mkdir()
    PostgresqlServer(folder / "server").stop_after(os.getpid(), remove=folder)
    os.environ[FOLDER], os.environ["TMPDIR"] = str(folder), str(folder / "tmp")
    tempfile.tempdir = None  # read TMPDIR again
    return folder


def _is_roomy() -> bool:
    if not _MEMORY.is_dir() or os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(_MEMORY).free > _ROOM_BYTES


@cache
def server() -> PostgresqlServer:
    """The server of this run of the tests, started on first use by whoever comes first."""
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "server").exists():
            _start(folder)
    if (folder / "failed").exists():
        pytest.fail((folder / "failed").read_text(), pytrace=False)
    return PostgresqlServer(folder / "server")


def _start(folder: Path) -> None:
    """Start the server once; if it can not, every test that asks for it is told why."""
    try:
        start_server(folder / "server", durable=False, settings=("max_connections=200",))
    except RuntimeError as cannot:
        (folder / "failed").write_text(str(cannot))


def end_run() -> None:
    """Stop the run's server, if a test started it, and remove everything temporary."""
    folder = Path(os.environ.pop(FOLDER))
    if (folder / "server" / "data" / "postmaster.pid").exists():
        PostgresqlServer(folder / "server").stop()
    shutil.rmtree(folder, ignore_errors=True)


def administer(*statements: str) -> None:
    """Run statements that make and drop databases."""
    with psycopg.connect(server().url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def new_database(template: str = "template0") -> str:
    """The address of a new database on the run's server."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    administer(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    _made.append(name)
    if len(_made) > _KEPT:
        administer(f"DROP DATABASE IF EXISTS {_made.popleft()} WITH (FORCE)")
    return server().database_url(name)


def place_on(database: str, schema: Schema, tmp_path: Path) -> Where:
    """Where fresh books of ``schema`` lie, which are laid out already."""
    if database == "sqlite":
        return laid_out(tmp_path / f"{schema.domain}-{next(_numbers)}.sqlite", schema)
    return Database(new_database(_template(schema)), schema.domain)


def books_on(database: str, schema: Schema, tmp_path: Path, *, by: Actor | None = None) -> Books:
    """Fresh books of ``schema`` on one of ``DATABASES``, for ``by`` (else for a test)."""
    return Books.open(
        place_on(database, schema, tmp_path), schema, by=by or Actor("a test", "test")
    )


def laid_out(path: Path, schema: Schema) -> Path:
    """Lay out the empty books of ``schema`` in a new file: a copy, for a hundred tables take long.

    A database is laid out anew in the tests of books and of migrations.
    """
    path.write_bytes(_file(schema))
    return path


@cache
def _file(schema: Schema) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite"
        Books.open(path, schema, by=Actor("a test", "test")).close()
        return path.read_bytes()


@cache
def _template(schema: Schema) -> str:
    """A database of this process with the empty books of ``schema``, to be copied."""
    name = f"template{os.getpid()}_{next(_numbers)}"
    administer(f"CREATE DATABASE {name} TEMPLATE template0")
    place = Database(server().database_url(name), schema.domain)
    Books.open(place, schema, by=Actor("a test", "test")).close()
    return name


def keep_books_on(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have homes keep the provider's and the postal books on one of ``DATABASES``, fresh."""
    for name in ("FRANKING_PROVIDER_DATABASE_URL", "FRANKING_POSTAL_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    if database == "sqlite":
        monkeypatch.delenv("FRANKING_DATABASE_URL", raising=False)
    else:
        monkeypatch.setenv("FRANKING_DATABASE_URL", new_database())
