"""Opening the Postal Service's books, with the tables of every room in them."""

from __future__ import annotations

from pathlib import Path

from franking.postal.certificates import tables as _certificates
from franking.postal.licences import tables as _licences
from franking.postal.schema import SCHEMA
from franking.storage import Books

TABLES = (*_certificates.TABLES, *_licences.TABLES)


def open_books(path: Path, *, by: str = "Postal Service") -> Books:
    """The books at ``path``, made where there are none; ``by`` is who acts.

    Raises:
        Refused: as ``Books.open``.
    """
    return Books.open(path, SCHEMA, by=by)
