"""One register of cases: those about pieces and about irregularities are numbered together."""

from __future__ import annotations

from sqlalchemy import func, select, union_all

from franking.postal.irregularities.tables import IRREGULARITIES
from franking.postal.pieces.tables import CASES as PIECE_CASES
from franking.storage import Reading


def next_case(books: Reading) -> int:
    """The next number of a case, whatever it is about."""
    numbers = union_all(
        *(select(func.max(each.c.number).label("last")) for each in (PIECE_CASES, IRREGULARITIES))
    ).subquery()
    row = books.row(select(func.max(numbers.c.last).label("last")))
    return 1 if row is None or row.last is None else int(row.last) + 1
