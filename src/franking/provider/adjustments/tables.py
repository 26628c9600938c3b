"""How malfunction reports are stored."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, Table

from franking.provider.adjustments.records import REPORT_TRANSITIONS, ReportStatus
from franking.provider.schema import METADATA
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    one_of,
    text,
    whole,
)

REPORTS = Table(
    "malfunction_reports",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("serial", index=True),
    text("report"),
    text("submitted_on"),
    whole("recommended_mills"),
    text("status"),
    whole("decided_mills"),
    whole("settled_mills"),
    whole("decisions"),
    text("because"),
    text("clause"),
    one_of("status", ReportStatus),
    CheckConstraint("status <> 'settled' OR settled_mills = decided_mills"),
    sqlite_strict=True,
)
guard_transitions(REPORTS, REPORT_TRANSITIONS)
guard_append_only(
    REPORTS, columns=("number", "serial", "report", "submitted_on", "recommended_mills")
)

LOGS = Table(
    "mailing_histories",
    METADATA,
    text("serial"),
    text("day"),
    whole("ascending_mills"),
    PrimaryKeyConstraint("serial", "day"),
    CheckConstraint("ascending_mills >= 0"),
    sqlite_strict=True,
)
guard_append_only(LOGS)

DEFECTS = Table(
    "reported_defects",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial", index=True),
    text("licence"),
    text("licensee"),
    text("office"),
    text("defect"),
    text("reported_by"),
    text("reported_on"),
    sqlite_strict=True,
)
guard_append_only(DEFECTS)

TABLES = (REPORTS, LOGS, DEFECTS)
