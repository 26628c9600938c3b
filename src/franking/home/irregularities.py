"""A home's Postal Service and nights of scans: what it knows for them, what it hears of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from franking.home.home import Home
from franking.postal.irregularities import knowing
from franking.postal.irregularities.opening import Opened, open_cases
from franking.scans.suspicions import NightEvidence
from franking.storage import Actor

if TYPE_CHECKING:
    from franking.scans.known import Written


def open_cases_of_night(
    home: Home,
    evidence: NightEvidence,
    *,
    by: Actor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Opened:
    """Open the cases of a night, or add to those that stand; a night again opens nothing twice.

    ``by`` is who has it taken in; without, the Postal Service of the home itself.

    Raises:
        Refused: as ``open_cases``.
    """
    postal = home.postal
    books = postal.books if by is None else postal.books.acting(by)
    return open_cases(books, evidence, postal.signer, home.now, progress)


def write_known(home: Home, folder: Path, *, through: date) -> Written:
    """Write what the Postal Service's books know for verifying a night of that day.

    Raises:
        Refused: ``KNOWN_NOT_WRITTEN``, or what the books refuse.
    """
    from franking.scans import known  # Arrow

    with home.postal.books.reading() as reading:
        return known.write_known(
            folder,
            totals=knowing.control_totals(reading, through),
            refunds=knowing.refunded(reading),
            offices=knowing.offices(reading),
        )
