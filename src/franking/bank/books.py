"""Opening the lockbox bank's books, with every table in them."""

from __future__ import annotations

from franking.bank import tables as _tables
from franking.bank.schema import SCHEMA
from franking.rules.permissions import Role
from franking.storage import Actor, Books, Where

TABLES = _tables.TABLES
TELLER = Actor("Lockbox bank", Role.LOCKBOX_BANK)
"""Who acts for the bank where nobody is named."""


def open_books(where: Where, *, by: Actor = TELLER) -> Books:
    """The books at ``where``, made where there are none; ``by`` is who acts.

    Raises:
        Refused: as ``Books.open``.
    """
    return Books.open(where, SCHEMA, by=by)
