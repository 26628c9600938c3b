"""How examinations, notices, inspections and receipts of inspectors are stored."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from franking.provider.examinations.records import TRANSITIONS, CaseStatus, Ground
from franking.provider.schema import METADATA
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    optional_text,
    text,
    whole,
)

CASES = Table(
    "examination_cases",
    METADATA,
    text("serial"),
    whole("number"),
    text("licence"),
    text("zip_code"),
    text("rulebook"),
    text("ground"),
    text("status"),
    text("noticed_on"),
    text("due_on"),
    optional_text("approached_on"),
    text("approached_how"),
    optional_text("closed_on"),
    PrimaryKeyConstraint("serial", "number"),
    one_of("ground", Ground),
    one_of("status", CaseStatus),
    CheckConstraint("(status IN ('examined', 'removed')) = (closed_on IS NOT NULL)"),
    sqlite_strict=True,
)
Index("examination_cases_by_status", CASES.c.status, CASES.c.due_on)
Index(
    "examination_cases_open",
    CASES.c.serial,
    unique=True,
    sqlite_where=CASES.c.closed_on.is_(None),
    postgresql_where=CASES.c.closed_on.is_(None),
)
guard_transitions(CASES, TRANSITIONS)
guard_append_only(CASES, columns=("serial", "number", "ground", "rulebook", "noticed_on"))

CASE_EVENTS = Table(
    "examination_case_events",
    METADATA,
    Column("event", WHOLE, primary_key=True, autoincrement=True),
    text("serial", index=True),
    whole("number"),
    text("on_day"),
    text("status"),
    text("because"),
    sqlite_strict=True,
)
guard_append_only(CASE_EVENTS)

NOTICES = Table(
    "examination_notices",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial", index=True),
    text("licence"),
    text("kind"),
    text("given_on"),
    text("due_on"),
    text("clause"),
    text("text"),
    sqlite_strict=True,
)
guard_append_only(NOTICES)

POSTAL_REPORTS = Table(
    "postal_examination_reports",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial", index=True),
    text("examiner"),
    text("examined_on"),
    whole("ascending_mills"),
    whole("descending_mills"),
    whole("log_brought"),
    text("findings"),
    never_negative("ascending_mills", "descending_mills"),
    sqlite_strict=True,
)
guard_append_only(POSTAL_REPORTS)

PROFILES = Table(
    "mailer_profiles",
    METADATA,
    text("licence", primary_key=True),
    whole("yearly_postage_mills"),
    text("industry_code"),
    whole("high_risk"),
    text("source"),
    never_negative("yearly_postage_mills"),
    CheckConstraint("high_risk IN (0, 1)"),
    sqlite_strict=True,
)

INSPECTIONS = Table(
    "meter_inspections",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial", index=True),
    text("inspected_on"),
    text("inspector"),
    text("signed_by"),
    text("sheet"),
    text("irregularities"),
    CheckConstraint("signed_by <> ''"),
    sqlite_strict=True,
)
guard_append_only(INSPECTIONS)

RECEIPTS = Table(
    "inspector_receipts",
    METADATA,
    text("receipt", primary_key=True),
    text("serial", index=True),
    text("licence"),
    text("inspector"),
    text("withdrawn_on"),
    text("reason"),
    whole("ascending_mills"),
    whole("descending_mills"),
    whole("fraud_suspected"),
    whole("replacement_wanted"),
    text("replacement"),
    whole("moved_mills"),
    never_negative("ascending_mills", "descending_mills", "moved_mills"),
    CheckConstraint("moved_mills = 0 OR (fraud_suspected = 0 AND replacement <> '')"),
    CheckConstraint("moved_mills = 0 OR moved_mills = descending_mills"),
    sqlite_strict=True,
)
guard_append_only(
    RECEIPTS,
    columns=("receipt", "serial", "inspector", "descending_mills", "fraud_suspected"),
)

AHEAD = Table(
    "inspections_ahead",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial", index=True),
    text("licence"),
    text("on_day"),
    sqlite_strict=True,
)
guard_append_only(AHEAD)

REMOTE = Table(
    "remote_examinations",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial", index=True),
    text("reason"),
    text("asked_on"),
    optional_text("answered_on"),
    sqlite_strict=True,
)
guard_append_only(REMOTE, columns=("serial", "reason", "asked_on"))

TABLES = (
    CASES,
    CASE_EVENTS,
    NOTICES,
    POSTAL_REPORTS,
    PROFILES,
    INSPECTIONS,
    RECEIPTS,
    AHEAD,
    REMOTE,
)
