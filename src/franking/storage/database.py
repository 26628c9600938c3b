"""Where books lie, and how each kind of database is opened, begun and understood.

Embedded: SQLite in WAL mode with ``synchronous=FULL``, from a build that has the fix for the
WAL-reset corruption (3.51.3). Beyond one machine: PostgreSQL, one schema of a database for each
domain. Errors of either come out as refusals, or as ``InvariantBroken`` where the database caught
the program contradicting itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.pool import ConnectionPoolEntry

from franking.errors import InvariantBroken, Refusal

SQLITE_VERSION_MIN = (3, 51, 3)
"""Earlier builds can corrupt a WAL database when two connections checkpoint at once."""
BUSY_SECONDS = 10
"""How long a unit of work waits for another before it is refused."""
_CONNECTIONS_KEPT, _CONNECTIONS_MORE = 5, 59

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
BOOKS_UNREACHABLE = Refusal(
    "BOOKS_UNREACHABLE",
    clause="policy",
    remedy="Ask again when the database answers: a command that was kept is not done twice.",
    http_status=503,
)
VALUE_UNWRITABLE = Refusal(
    "VALUE_UNWRITABLE",
    clause="policy",
    remedy="Leave out NUL, characters cut in half and numbers beyond 64 bits; nothing was changed.",
    http_status=422,
)
DATABASE_URL_UNREADABLE = Refusal(
    "DATABASE_URL_UNREADABLE",
    clause="policy",
    remedy="Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
    http_status=422,
)


@dataclass(frozen=True, slots=True)
class Database:
    """A schema of a PostgreSQL database."""

    url: str
    """``postgresql://USER@HOST/DATABASE``."""
    schema: str

    def __str__(self) -> str:
        return f"{read_url(self.url).render_as_string(hide_password=True)} ({self.schema})"


Where = Path | Database
"""Where books lie: a file of SQLite, or a schema of PostgreSQL."""


def place_of(domain: str, path: Path, environment: Mapping[str, str] = os.environ) -> Where:
    """Where the books of ``domain`` lie: in ``path``, unless the environment names a database.

    ``FRANKING_PROVIDER_DATABASE_URL`` (and so on) is for one domain, ``FRANKING_DATABASE_URL`` for
    all; each domain has a schema of its own, so that no query joins two.

    Raises:
        Refused: ``DATABASE_URL_UNREADABLE``.
    """
    own = environment.get(f"FRANKING_{domain.upper()}_DATABASE_URL")
    url = own or environment.get("FRANKING_DATABASE_URL")
    if not url:
        return path
    read_url(url)
    return Database(url, domain)


def read_url(text: str) -> URL:
    """The address of a PostgreSQL database.

    Raises:
        Refused: ``DATABASE_URL_UNREADABLE``.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise DATABASE_URL_UNREADABLE.because("this is not the address of a database") from error
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise DATABASE_URL_UNREADABLE.because(f"{url.get_backend_name()} is not PostgreSQL")
    return url.set(drivername="postgresql+psycopg")


def open_engine(where: Where) -> Engine:
    """Connections to the database, with the settings that books need.

    Raises:
        Refused: ``SQLITE_TOO_OLD``, ``DATABASE_URL_UNREADABLE``.
    """
    return _postgresql(where) if isinstance(where, Database) else _sqlite(where)


def _sqlite(path: Path) -> Engine:
    if dbapi2.sqlite_version_info < SQLITE_VERSION_MIN:
        raise SQLITE_TOO_OLD.because(f"SQLite {dbapi2.sqlite_version} is linked")
    engine = create_engine(
        f"sqlite:///{path}", module=dbapi2, connect_args={"timeout": BUSY_SECONDS}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: the event says of which kind they are.
    connection.isolation_level = None
    # What a rule destroys is overwritten, not only unlinked (secure_delete).
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _postgresql(database: Database) -> Engine:
    settings = {
        "search_path": database.schema,
        "timezone": "UTC",
        "lock_timeout": f"{BUSY_SECONDS}s",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return create_engine(
        read_url(database.url),
        connect_args={"options": options, "connect_timeout": BUSY_SECONDS},
        pool_size=_CONNECTIONS_KEPT,
        max_overflow=_CONNECTIONS_MORE,
        pool_timeout=BUSY_SECONDS,
    )


def as_reader(engine: Engine) -> dict[str, Any]:
    """How a transaction begins that sees one state of the books and changes nothing."""
    if engine.dialect.name == "postgresql":
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return {"begin": "BEGIN"}


def as_writer(engine: Engine) -> dict[str, Any]:
    """How a unit of work begins: on SQLite it has the write lock from its first moment."""
    if engine.dialect.name == "postgresql":
        return {"isolation_level": "READ COMMITTED"}
    return {"begin": "BEGIN IMMEDIATE"}


@contextmanager
def foreign_errors(where: object, *, alone: bool = True) -> Iterator[None]:
    """Turn what a database raises into refusals.

    ``alone`` says that nobody else could write meanwhile: a row that is there already then
    contradicts the books; otherwise somebody else was quicker, and the command may be asked again.
    """
    try:
        yield
    except IntegrityError as error:
        if not alone and _sqlstate(error) == "23505":
            raise BOOKS_BUSY.because(
                f"another command was quicker: {_first_line(error)}"
            ) from error
        raise InvariantBroken(
            f"the books refuse to contradict themselves: {_first_line(error)}"
        ) from error
    except NoConnectionFree as error:
        raise BOOKS_BUSY.because(f"{where}: all connections are in use") from error
    except DBAPIError as error:
        raise _refusal(error).because(f"{where}: {_first_line(error)}") from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise VALUE_UNWRITABLE.because(f"{where}: {error}") from error


_BY_SQLSTATE = {
    "22": VALUE_UNWRITABLE,
    "25006": BOOKS_UNWRITABLE,
    "40": BOOKS_BUSY,
    "53100": BOOKS_UNWRITABLE,
    "53": BOOKS_BUSY,
    "55P03": BOOKS_BUSY,
    "08": BOOKS_UNREACHABLE,
    "28": BOOKS_UNREACHABLE,
    "3D": BOOKS_UNREACHABLE,
    "57": BOOKS_UNREACHABLE,
    "58": BOOKS_UNWRITABLE,
}
_BY_WORD = {
    "locked": BOOKS_BUSY,
    "busy": BOOKS_BUSY,
    "full": BOOKS_UNWRITABLE,
    "readonly": BOOKS_UNWRITABLE,
    "disk I/O": BOOKS_UNWRITABLE,
    "NUL": VALUE_UNWRITABLE,
}


def _refusal(error: DBAPIError) -> Refusal:
    state, reason = _sqlstate(error), str(error.orig)
    for prefix, refusal in _BY_SQLSTATE.items():
        if state.startswith(prefix):
            return refusal
    if error.connection_invalidated or (_is_psycopg(error) and "onnection" in reason):
        return BOOKS_UNREACHABLE
    for word, refusal in _BY_WORD.items():
        if word in reason:
            return refusal
    return BOOKS_UNREADABLE


def _is_psycopg(error: DBAPIError) -> bool:
    return type(error.orig).__module__.startswith("psycopg")


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).partition("\n")[0]
