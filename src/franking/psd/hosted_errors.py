"""What the errors of a fleet's database are to the caller of a device.

A refusal says whether anything can have changed: a device whose commit was cut off in the middle
does not know, and has to be powered up again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pysqlite3 import dbapi2
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from franking.errors import InvariantBroken, Refusal, Refused
from franking.psd.store import STORE_DAMAGED, STORE_FAILING, STORE_FULL, STORE_READ_ONLY

_BY_SQLSTATE: Final = {
    "53100": STORE_FULL,
    "25006": STORE_READ_ONLY,
    "42501": STORE_READ_ONLY,
    "XX001": STORE_DAMAGED,
    "XX002": STORE_DAMAGED,
}
"""Disk full; read-only transaction; not allowed to; data or index corrupted."""
_BY_WORD: Final = {
    "full": STORE_FULL,
    "readonly": STORE_READ_ONLY,
    "malformed": STORE_DAMAGED,
    "not a database": STORE_DAMAGED,
}
FOREIGN: Final = (DBAPIError, NoConnectionFree, dbapi2.Error, OSError)
"""What a database, its driver or its pool raises."""


@contextmanager
def foreign_errors(fleet: str) -> Iterator[None]:
    """Turn the errors of the database into ours."""
    try:
        yield
    except FOREIGN as error:
        raise wrapped(fleet, error) from error


def wrapped(fleet: str, error: BaseException) -> Refused | InvariantBroken:
    """The refusal, or the broken invariant, that an error is to the caller of a device."""
    cause: Any = getattr(error, "orig", None) or error
    said = str(cause).partition("\n")[0]
    state = getattr(cause, "sqlstate", None) or ""
    if state.startswith("23") or isinstance(cause, dbapi2.IntegrityError):
        return InvariantBroken(f"{fleet}: the store refuses what the device did: {said}")
    return _refusal(cause, state).because(f"{fleet}: {said}")


def _refusal(cause: object, state: str) -> Refusal:
    if not isinstance(cause, dbapi2.Error):
        return _BY_SQLSTATE.get(state, STORE_FAILING)
    found = (refusal for word, refusal in _BY_WORD.items() if word in str(cause))
    return next(found, STORE_FAILING)
