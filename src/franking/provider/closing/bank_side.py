"""What the lockbox bank's files brought on a day, beside what was posted from them.

A file is whole or not taken at all: what it says is the sum of its payments as they were taken in.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from franking.provider.closing.records import FileTotal
from franking.provider.funds.tables import PAYMENTS
from franking.storage import Reading


def files_of(
    reading: Reading, *, after: str, until: str, posted: Mapping[str, int]
) -> tuple[FileTotal, ...]:
    """The files whose payments were posted between two instants; ``posted`` is by file."""
    table = PAYMENTS.c
    query = (
        select(
            table.file,
            func.max(table.received_on).label("bank_day"),
            func.count().label("some"),
            func.sum(table.amount_mills).label("mills"),
        )
        .where(table.file != "", table.posted_at >= after, table.posted_at < until)
        .group_by(table.file)
        .order_by(table.file)
    )
    return tuple(
        FileTotal(
            file=row.file,
            bank_day=row.bank_day or "",
            count=int(row.some),
            amount_mills=int(row.mills),
            posted_mills=posted.get(row.file, 0),
        )
        for row in reading.rows(query)
    )
