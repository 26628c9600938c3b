"""What a night of scans makes suspect, into the Postal Service's books of a home."""

from __future__ import annotations

from collections.abc import Callable

from franking.home.home import Home
from franking.postal.irregularities.opening import Opened, open_cases
from franking.scans.suspicions import NightEvidence
from franking.storage import Actor


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
