"""What hosted devices used, posted from their registers as they are read at the close.

A device in a licensee's hands says what it used when it reports; one that the provider hosts can
be read every night, so that its account closes to the mill.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Final

from franking.provider.closing.records import HostedReading
from franking.provider.resetting.money import post_use, records_of
from franking.storage import Act, Books

_CLAUSE = "39 CFR 502.23 (1997)"
_AT_ONCE: Final = 200
"""Devices in one unit of work: nobody waits long for one of them."""


def post(books: Books, readings: Iterable[HostedReading], now: datetime) -> int:
    """Post the use of each device up to its reading; the mills posted in all."""
    following, posted = iter(readings), 0
    while some := list(islice(following, _AT_ONCE)):
        posted += _post(books, some, now)
    return posted


def _post(books: Books, some: list[HostedReading], now: datetime) -> int:
    records = [record for each in some for record in records_of(each.serial)]
    total = 0
    with books.work(now, "post_hosted_use", on=records) as work:
        for each in some:
            used = post_use(work, each.serial, each.ascending_mills, now)
            if used:
                inputs = {"ascending_mills": each.ascending_mills, "used_mills": used}
                record = records_of(each.serial)[0]
                work.record(Act(record=record, clauses=(_CLAUSE,), inputs=inputs))
            total += used
    return total
