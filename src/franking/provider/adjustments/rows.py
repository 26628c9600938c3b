"""Reading and writing the rows of malfunction reports and of what licensees' logs say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Row, func, insert, select, update

from franking.provider.adjustments.records import (
    DayReading,
    Holder,
    MalfunctionReport,
    ReportStatus,
)
from franking.provider.adjustments.tables import DEFECTS, LOGS, REPORTS
from franking.storage import Reading, Work

_STANDING = ("status", "decided_mills", "settled_mills", "decisions", "because", "clause")
_DECODER = msgspec.json.Decoder(MalfunctionReport)


def next_number(books: Reading) -> int:
    """The next number of a report."""
    row = books.row(select(func.max(REPORTS.c.number).label("last")))
    return 1 if row is None or row.last is None else int(row.last) + 1


def add(work: Work, report: MalfunctionReport) -> None:
    """Store a report as it is sent."""
    row = {
        "number": report.number,
        "serial": report.serial,
        "report": msgspec.json.encode(report).decode(),
        "submitted_on": report.submitted_on.isoformat(),
        "recommended_mills": report.recommended_mills,
        **_standing(report),
    }
    work.write(insert(REPORTS).values(row))


def change(work: Work, before: MalfunctionReport, after: MalfunctionReport) -> None:
    """Store what became of a report, if it still is as decided on."""
    mine = (REPORTS.c.number == before.number) & (REPORTS.c.status == before.status.value)
    work.write_one(update(REPORTS).where(mine).values(_standing(after)))


def find(books: Reading, number: int) -> MalfunctionReport | None:
    """The report of that number."""
    row = books.row(select(REPORTS).where(REPORTS.c.number == number))
    return None if row is None else _report(row)


def of_device(books: Reading, serial: str) -> list[MalfunctionReport]:
    """The reports on a device, oldest first."""
    query = select(REPORTS).where(REPORTS.c.serial == serial).order_by(REPORTS.c.number)
    return [_report(row) for row in books.rows(query)]


def every(books: Reading) -> list[MalfunctionReport]:
    """Every report, oldest first."""
    return [_report(row) for row in books.rows(select(REPORTS).order_by(REPORTS.c.number))]


def add_defect(work: Work, serial: str, holder: Holder, *, defect: str, by: str, on: date) -> None:
    """Store a licensee's report of a defective device."""
    row = {
        "serial": serial,
        "licence": holder.licence,
        "licensee": holder.licensee,
        "office": holder.office,
        "defect": defect,
        "reported_by": by,
        "reported_on": on.isoformat(),
    }
    work.write(insert(DEFECTS).values(row))


def last_holder(books: Reading, serial: str) -> Holder | None:
    """Who had the device when it was last reported defective."""
    query = select(DEFECTS).where(DEFECTS.c.serial == serial).order_by(DEFECTS.c.number.desc())
    found = books.rows(query.limit(1))
    if not found:
        return None
    return Holder(licence=found[0].licence, licensee=found[0].licensee, office=found[0].office)


def add_history(work: Work, serial: str, readings: Iterable[DayReading]) -> int:
    """Store what a licensee's log says; days that are there already stay as they are."""
    known = {each.day for each in history(work, serial)}
    fresh = [
        {
            "serial": serial,
            "day": each.day.isoformat(),
            "ascending_mills": each.ascending_mills,
        }
        for each in readings
        if each.day not in known
    ]
    return work.write_many(LOGS, fresh)


def history(books: Reading, serial: str) -> list[DayReading]:
    """What the licensee's log says of a device, by day."""
    query = select(LOGS).where(LOGS.c.serial == serial).order_by(LOGS.c.day)
    return [
        DayReading(day=date.fromisoformat(row.day), ascending_mills=row.ascending_mills)
        for row in books.rows(query)
    ]


def _standing(report: MalfunctionReport) -> dict[str, Any]:
    given = {name: getattr(report, name) for name in _STANDING}
    return {**given, "status": report.status.value}


def _report(row: Row[Any]) -> MalfunctionReport:
    given = {name: row._mapping[name] for name in _STANDING}
    given["status"] = ReportStatus(row.status)
    return replace(_DECODER.decode(row.report), **given)
