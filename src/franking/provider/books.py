"""Opening the provider's books, with the tables of every room in them."""

from __future__ import annotations

from pathlib import Path

from franking.provider import identity as _identity
from franking.provider.resetting import tables as _resetting
from franking.provider.schema import SCHEMA
from franking.storage import Books

TABLES = (_identity.IDENTITY, *_resetting.TABLES)


def open_books(path: Path, *, by: str = "Provider") -> Books:
    """The books at ``path``, made where there are none; ``by`` is who acts.

    Raises:
        Refused: as ``Books.open``.
    """
    return Books.open(path, SCHEMA, by=by)
