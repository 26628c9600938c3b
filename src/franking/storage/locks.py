"""Who waits for whom: units of work on the same record go one after the other.

SQLite has one writer at a time, so there is nothing to do. On PostgreSQL a unit of work shares
the domain's lock and holds one for each record that it names; one that names none holds the
domain's lock alone. All are released with the transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

from sqlalchemy import BigInteger, Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

RECORDS_MAX = 256
"""Beyond so many records a unit of work takes the whole books: a server's lock table is small."""

_ALONE = text("SELECT pg_advisory_xact_lock(:domain)")
_EACH = "SELECT pg_advisory_xact_lock(key) FROM unnest(:keys) AS key"
_TOGETHER = text(
    "SELECT pg_advisory_xact_lock_shared(:domain) UNION ALL "
    # Only when the domain's lock is held are the records asked for, in one order for everybody.
    f"({_EACH})"
).bindparams(bindparam("keys", type_=ARRAY(BigInteger)))
_MORE = text(_EACH).bindparams(bindparam("keys", type_=ARRAY(BigInteger)))


def wants_all(on: Collection[str]) -> bool:
    """Whether a unit of work on these records has the books for itself."""
    return not on or len(on) > RECORDS_MAX


def lock(connection: Connection, domain: str, on: Collection[str]) -> None:
    """Wait until the unit of work may decide on these records (none: on everything)."""
    if connection.dialect.name != "postgresql":
        return
    if wants_all(on):
        connection.execute(_ALONE, {"domain": key_of(domain)}).all()
    else:
        connection.execute(_TOGETHER, {"domain": key_of(domain), "keys": _keys(domain, on)}).all()


def lock_more(
    connection: Connection, domain: str, held: Collection[str], records: Iterable[str]
) -> None:
    """Wait for records that were touched without having been named."""
    more = set(records) - set(held)
    if not more or wants_all(held) or len(more) > RECORDS_MAX:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_MORE, {"keys": _keys(domain, more)}).all()


def _keys(domain: str, records: Iterable[str]) -> list[int]:
    return sorted({key_of(domain, record) for record in records})


def key_of(domain: str, record: str = "") -> int:
    """The number that stands for a record, or for the whole domain, among the locks."""
    digest = hashlib.sha256(f"{domain}\x00{record}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
