"""What the lockbox bank's files brought on a day, beside what was posted from them.

Each file is held against the payments that were taken in from it; all files of the day against
what the ledger moved through the lockbox, kind by kind. What was posted and stands in no file is a
difference, and so is a file that waits because it was set aside whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import func, select

from franking.provider.closing.records import (
    Difference,
    DifferenceKind,
    FileTotal,
    MovementTotal,
)
from franking.provider.funds.bank_records import FileStatus
from franking.provider.funds.bank_tables import FILES, ITEMS
from franking.provider.funds.chart import LOCKBOX
from franking.provider.funds.tables import PAYMENTS
from franking.storage import Reading

POSTED_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "BankDeposit": ("deposit", "suspense"),
    "BankMadeGood": ("returned item paid",),
    "BankReturn": ("returned item",),
    "BankTransfer": ("transfer",),
    "BankRefund": ("balance refunded",),
}
"""How the items of files are posted, by kind of posting."""


def files_of(reading: Reading, *, after: str, until: str) -> tuple[FileTotal, ...]:
    """The files with deposits that were taken in between two instants, by digest."""
    query = (
        select(FILES.c.digest, FILES.c.day, FILES.c.deposits_mills)
        .where(FILES.c.taken_at >= after, FILES.c.taken_at < until)
        .where(FILES.c.status == FileStatus.TAKEN.value, FILES.c.deposits_mills > 0)
        .order_by(FILES.c.digest)
    )
    return tuple(
        FileTotal(
            file=row.digest,
            bank_day=row.day or "",
            amount_mills=row.deposits_mills,
            **_payments_from(reading, row.digest),
        )
        for row in reading.rows(query)
    )


def bank_differences(
    reading: Reading,
    movements: Iterable[MovementTotal],
    files: Iterable[FileTotal],
    *,
    after: str,
    until: str,
) -> Iterator[Difference]:
    """Where the bank's files of a day and the ledger disagree."""
    for each in files:
        if each.posted_mills != each.amount_mills:
            yield Difference(
                kind=DifferenceKind.FILE,
                about=f"file:{each.file}",
                expected_mills=each.amount_mills,
                found_mills=each.posted_mills,
            )
    told = _told(reading, after=after, until=until)
    posted = _through_lockbox(movements)
    for what in POSTED_AS:
        if told.get(what, 0) != posted[what]:
            yield Difference(
                kind=DifferenceKind.WITHOUT_FILE,
                about=f"account:{LOCKBOX}",
                expected_mills=told.get(what, 0),
                found_mills=posted[what],
                detail=f"postings of the kinds {', '.join(POSTED_AS[what])}",
            )
    yield from _set_aside(reading, after=after, until=until)


def _payments_from(reading: Reading, digest: str) -> dict[str, int]:
    """How many payments were taken in from a file, and what they come to."""
    count, mills = func.count(PAYMENTS.c.ordinal), func.sum(PAYMENTS.c.amount_mills)
    query: Any = select(count.label("some"), mills.label("mills"))
    query = query.where(PAYMENTS.c.file == digest)
    for row in reading.rows(query):
        return {"count": int(row.some), "posted_mills": int(row.mills or 0)}
    return {"count": 0, "posted_mills": 0}


def _told(reading: Reading, *, after: str, until: str) -> dict[str, int]:
    """What the files of a day tell, by what their items are."""
    query = (
        select(ITEMS.c.what, func.sum(ITEMS.c.amount_mills).label("mills"))
        .join_from(ITEMS, FILES, ITEMS.c.digest == FILES.c.digest)
        .where(FILES.c.taken_at >= after, FILES.c.taken_at < until)
        .where(FILES.c.status == FileStatus.TAKEN.value)
        .group_by(ITEMS.c.what)
    )
    return {row.what: int(row.mills) for row in reading.rows(query)}


def _through_lockbox(movements: Iterable[MovementTotal]) -> dict[str, int]:
    """What the ledger moved into or out of the lockbox, by what the bank calls it."""
    posted = dict.fromkeys(POSTED_AS, 0)
    names = {kind: what for what, kinds in POSTED_AS.items() for kind in kinds}
    for each in movements:
        if LOCKBOX in (each.debit, each.credit) and each.kind in names:
            posted[names[each.kind]] += each.amount_mills
    return posted


def _set_aside(reading: Reading, *, after: str, until: str) -> Iterator[Difference]:
    query = (
        select(FILES.c.digest, FILES.c.name, FILES.c.deposits_mills)
        .where(FILES.c.taken_at >= after, FILES.c.taken_at < until)
        .where(FILES.c.status == FileStatus.SET_ASIDE.value)
        .order_by(FILES.c.digest)
    )
    for row in reading.rows(query):
        yield Difference(
            kind=DifferenceKind.FILE_SET_ASIDE,
            about=f"file:{row.digest}",
            expected_mills=row.deposits_mills,
            found_mills=0,
            detail=row.name,
        )
