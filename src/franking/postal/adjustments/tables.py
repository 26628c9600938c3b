"""How the Postal Service's adjustments and reports of defects are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import Column, Index, Row, Table, UniqueConstraint, func, insert, select, update

from franking.postal.adjustments.records import (
    ADJUSTMENT_TRANSITIONS,
    Adjustment,
    AdjustmentStatus,
    Defect,
)
from franking.postal.schema import METADATA
from franking.storage import Reading, Work
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    one_of,
    optional_text,
    text,
    whole,
)

ADJUSTMENTS = Table(
    "adjustments",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("provider"),
    text("report"),
    text("serial", index=True),
    text("licence"),
    text("licensee"),
    text("office"),
    text("rulebook"),
    text("addressee"),
    text("fault"),
    text("facts"),
    whole("recommended_mills"),
    text("basis"),
    text("submitted_on"),
    text("status"),
    whole("decided_mills"),
    text("because"),
    text("decided_by"),
    optional_text("decided_on"),
    UniqueConstraint("provider", "report"),
    one_of("status", AdjustmentStatus),
    sqlite_strict=True,
)
Index("adjustments_by_office", ADJUSTMENTS.c.status, ADJUSTMENTS.c.office)
guard_transitions(ADJUSTMENTS, ADJUSTMENT_TRANSITIONS)
guard_append_only(
    ADJUSTMENTS,
    columns=("number", "provider", "report", "serial", "recommended_mills", "submitted_on"),
)

DEFECTS = Table(
    "defects",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("provider"),
    text("serial"),
    text("licence"),
    text("office"),
    text("defect"),
    text("told_by"),
    text("told_on"),
    text("retrieve_by"),
    sqlite_strict=True,
)
Index("defects_of_device", DEFECTS.c.provider, DEFECTS.c.serial)
guard_append_only(DEFECTS)

TABLES = (ADJUSTMENTS, DEFECTS)
_STANDING = ("status", "decided_mills", "because", "decided_by", "decided_on")


def next_number(books: Reading, table: Table) -> int:
    """The next number of a table's records."""
    row = books.row(select(func.max(table.c.number).label("last")))
    return 1 if row is None or row.last is None else int(row.last) + 1


def add(work: Work, adjustment: Adjustment) -> None:
    """Store a report as it came."""
    work.write(insert(ADJUSTMENTS).values(_columns(adjustment)))


def change(work: Work, before: Adjustment, after: Adjustment) -> None:
    """Store what became of an adjustment, if it still is as decided on."""
    table = ADJUSTMENTS.c
    mine = (table.number == before.number) & (table.status == before.status.value)
    fresh = {name: value for name, value in _columns(after).items() if name in _STANDING}
    work.write_one(update(ADJUSTMENTS).where(mine).values(fresh))


def find(books: Reading, number: int) -> Adjustment | None:
    """The adjustment of that number."""
    row = books.row(select(ADJUSTMENTS).where(ADJUSTMENTS.c.number == number))
    return None if row is None else _adjustment(row)


def of_report(books: Reading, provider: str, report: str) -> Adjustment | None:
    """The adjustment that a provider reported under that number."""
    table = ADJUSTMENTS.c
    query = select(ADJUSTMENTS).where(table.provider == provider, table.report == report)
    row = books.row(query)
    return None if row is None else _adjustment(row)


def every(
    books: Reading, *, office: str = "", statuses: Sequence[AdjustmentStatus] = ()
) -> list[Adjustment]:
    """The adjustments, oldest first; all, or of an office, or of some statuses."""
    query = select(ADJUSTMENTS).order_by(ADJUSTMENTS.c.number)
    if office:
        query = query.where(ADJUSTMENTS.c.office == office)
    if statuses:
        query = query.where(ADJUSTMENTS.c.status.in_(sorted(statuses)))
    return [_adjustment(row) for row in books.rows(query)]


def add_defect(work: Work, defect: Defect) -> Defect:
    """Store a report of a defective device; it gets its number."""
    numbered = replace(defect, number=next_number(work, DEFECTS))
    work.write(insert(DEFECTS).values(_plain(asdict(numbered))))
    return numbered


def defects(books: Reading, *, serial: str = "", office: str = "") -> list[Defect]:
    """What was reported defective, oldest first; all, or of a device, or of an office."""
    query = select(DEFECTS).order_by(DEFECTS.c.number)
    if serial:
        query = query.where(DEFECTS.c.serial == serial)
    if office:
        query = query.where(DEFECTS.c.office == office)
    return [
        Defect(**{**row._mapping, "told_on": date.fromisoformat(row.told_on)})
        for row in books.rows(query)
    ]


def _columns(adjustment: Adjustment) -> dict[str, Any]:
    return {**_plain(asdict(adjustment)), "status": adjustment.status.value}


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
    }


def _adjustment(row: Row[Any]) -> Adjustment:
    given = dict(row._mapping)
    given["status"] = AdjustmentStatus(row.status)
    for name in ("submitted_on", "decided_on"):
        given[name] = date.fromisoformat(given[name]) if given[name] else None
    return Adjustment(**given)
