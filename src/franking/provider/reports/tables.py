"""How filed reports, requests for reports and differing lists are stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import PrimaryKeyConstraint, Row, Table, insert, select, update

from franking.provider.reports.records import (
    LIST_TRANSITIONS,
    FiledReport,
    ListedDifference,
    ListStatus,
    ReportKind,
)
from franking.provider.schema import METADATA
from franking.storage import Reading, Work
from franking.storage.columns import (
    guard_append_only,
    guard_transitions,
    one_of,
    optional_text,
    text,
    whole,
)

FILED = Table(
    "reports_filed",
    METADATA,
    text("kind"),
    text("period"),
    text("since"),
    text("until"),
    text("filed_at"),
    text("filed_by"),
    whole("lines"),
    whole("total_mills"),
    text("digest"),
    PrimaryKeyConstraint("kind", "period"),
    one_of("kind", ReportKind),
    sqlite_strict=True,
)
guard_append_only(FILED)

DIFFERENCES = Table(
    "reports_list_differences",
    METADATA,
    text("quarter"),
    whole("number"),
    text("device", index=True),
    text("what"),
    text("listed"),
    text("held"),
    text("status"),
    text("disposition"),
    text("through"),
    text("because"),
    optional_text("disposed_on"),
    PrimaryKeyConstraint("quarter", "number"),
    one_of("status", ListStatus),
    sqlite_strict=True,
)
guard_transitions(DIFFERENCES, LIST_TRANSITIONS)
guard_append_only(DIFFERENCES, columns=("quarter", "number", "device", "what", "listed", "held"))

TABLES = (FILED, DIFFERENCES)


def digest_of(content: object) -> str:
    """SHA-256 in hex of what a report says."""
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def add_filed(work: Work, report: FiledReport) -> None:
    """Keep that a report was filed."""
    names = report.__dataclass_fields__
    work.write(insert(FILED).values({name: _column(getattr(report, name)) for name in names}))


def find_filed(books: Reading, kind: ReportKind, period: str) -> FiledReport | None:
    """The report of a kind and period, where it was filed."""
    mine = (FILED.c.kind == kind.value) & (FILED.c.period == period)
    row = books.row(select(FILED).where(mine))
    return None if row is None else _filed(row)


def filed(books: Reading) -> list[FiledReport]:
    """Every report filed, oldest first."""
    query = select(FILED).order_by(FILED.c.filed_at, FILED.c.kind, FILED.c.period)
    return [_filed(row) for row in books.rows(query)]


def add_differences(work: Work, differences: Iterable[ListedDifference]) -> None:
    """Keep where the lists differ."""
    names = ListedDifference.__dataclass_fields__
    work.write_many(
        DIFFERENCES,
        ({name: _column(getattr(each, name)) for name in names} for each in differences),
    )


def differences(books: Reading, quarter: str = "") -> list[ListedDifference]:
    """Where the lists of a quarter differ, or of all quarters, in order."""
    query = select(DIFFERENCES).order_by(DIFFERENCES.c.quarter, DIFFERENCES.c.number)
    query = query.where(DIFFERENCES.c.quarter == quarter) if quarter else query
    return [
        ListedDifference(
            **{
                **row._mapping,
                "status": ListStatus(row.status),
                "disposed_on": _day(row.disposed_on),
            }
        )
        for row in books.rows(query)
    ]


def dispose(work: Work, after: ListedDifference) -> None:
    """Write how a difference was settled, if it still stands."""
    mine = (DIFFERENCES.c.quarter == after.quarter) & (DIFFERENCES.c.number == after.number)
    names = ("status", "disposition", "through", "because", "disposed_on")
    values = {name: _column(getattr(after, name)) for name in names}
    still = DIFFERENCES.c.status == ListStatus.OPEN.value
    work.write_one(update(DIFFERENCES).where(mine & still).values(values))


def _filed(row: Row[Any]) -> FiledReport:
    given = dict(row._mapping)
    given |= {
        "kind": ReportKind(row.kind),
        "since": date.fromisoformat(row.since),
        "until": date.fromisoformat(row.until),
    }
    return FiledReport(**given)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _column(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
