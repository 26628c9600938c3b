"""What pieces owe at least, where the scanner knew class and weight but no amount.

From the published price lists (DMM P050.1.5): the list of the date of mailing, the class that was
seen, the shape that the indicium's rate category stands for, the weight. A service or surcharge
that a scanner cannot see may be due beyond that, so that paying more is no fault here. What no list
prices is not known.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from franking import rules
from franking.errors import Refused
from franking.host.rates.book import published
from franking.indicium.content import RATE_CATEGORY_BYTES, rate_category_of
from franking.scans.circumstances import CLASSES, UNKNOWN, Circumstances
from franking.scans.decoding import Contents
from franking.scans.distinct import distinct
from franking.verification.trust_format import day_of

Whole = NDArray[np.int64]

_HUNDREDTHS = 100
_WEIGHT_MAX = 1e6
"""Ounces; what weighs more is no mail, whatever the scale said."""


def amounts_due(contents: Contents, said: Circumstances, *, rulebook: str, on: date) -> Whole:
    """What each piece owes in mills, as it was told or else worked out; ``UNKNOWN`` otherwise."""
    due = said.amount_due.copy()
    asked = np.flatnonzero((due == UNKNOWN) & (said.mail_class != UNKNOWN) & _weighed(said))
    if len(asked):
        tolerance = rules.whole("scans", rulebook, on, "weighing_tolerance_hundredths")
        least, known = _least(contents, said, asked, tolerance)
        paid = contents.postage[asked]
        due[asked] = np.where(known, np.maximum(least, paid), UNKNOWN)
    return due


def _weighed(said: Circumstances) -> NDArray[np.bool_]:
    weights = said.weight_ounces
    weighed: NDArray[np.bool_] = (weights > 0) & (weights < _WEIGHT_MAX)
    return weighed


def _least(
    contents: Contents, said: Circumstances, rows: Whole, tolerance: int
) -> tuple[Whole, NDArray[np.bool_]]:
    """The lowest price of each piece, its weight being anything that the scale may have meant."""
    weighed = np.round(said.weight_ounces[rows] * _HUNDREDTHS).astype(np.int64)
    columns = (
        said.mail_class[rows],
        contents.rate_category[rows],
        np.maximum(weighed - tolerance, 1),
        contents.dated[rows],
    )
    return distinct(*columns).worked_out(_price, *columns)


@lru_cache(maxsize=65_536)
def _price(mail_class: int, rate_category: int, hundredths: int, dated: int) -> int | None:
    """The price in mills; ``None`` where no list has it."""
    try:
        edition = published().edition(day_of(dated))
    except Refused:
        return None
    name = rate_category_of(rate_category.to_bytes(RATE_CATEGORY_BYTES))
    cells = [
        cell
        for table in edition.tables
        if table.mail_class is CLASSES[mail_class] and table.category == name
        if (cell := table.cell(Decimal(hundredths) / _HUNDREDTHS)) is not None
    ]
    return min((cell.mills for cell in cells), default=None)
