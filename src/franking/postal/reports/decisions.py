"""Holding a provider's list against our own record, meter by meter. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from franking.postal.reports.records import Disagreement, ListedMeter, What

_END: Final = ListedMeter(
    serial="\U0010ffff", model="", user="", address="", in_service_on="", office_zip=""
)
"""Sorts behind every meter."""


def compared(listed: Iterable[ListedMeter], held: Iterable[ListedMeter]) -> Iterator[Disagreement]:
    """Every disagreement of two records that both come in the order of serials.

    Both are read side by side: memory does not grow with them.
    """
    theirs, ours = chain(listed, [_END]), chain(held, [_END])
    their, our = next(theirs), next(ours)
    while their is not _END or our is not _END:
        if their.serial < our.serial:
            yield Disagreement(serial=their.serial, what=What.NOT_HELD, listed=their, held=None)
            their = next(theirs)
        elif our.serial < their.serial:
            yield Disagreement(serial=our.serial, what=What.NOT_LISTED, listed=None, held=our)
            our = next(ours)
        else:
            if their != our:
                yield Disagreement(serial=our.serial, what=What.FIELDS, listed=their, held=our)
            their, our = next(theirs), next(ours)
