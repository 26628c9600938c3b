"""How the Postal Service's examinations are stored."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from franking.postal.examinations.records import (
    PRESENTATION_TRANSITIONS,
    REFERRAL_TRANSITIONS,
    SUSPECT_TRANSITIONS,
    PresentationStatus,
    ReferralGround,
    ReferralStatus,
    SuspectStatus,
)
from franking.postal.schema import METADATA
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

REFERRALS = Table(
    "referrals",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("provider"),
    text("serial"),
    text("licence"),
    text("zip_code"),
    text("rulebook"),
    text("ground"),
    text("facts"),
    text("last_active_on"),
    text("received_on"),
    text("status"),
    optional_text("notified_on"),
    optional_text("closed_on"),
    text("closed_how"),
    one_of("ground", ReferralGround),
    one_of("status", ReferralStatus),
    CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)"),
    sqlite_strict=True,
)
Index("referrals_of_device", REFERRALS.c.provider, REFERRALS.c.serial)
Index("referrals_by_office", REFERRALS.c.status, REFERRALS.c.zip_code)
guard_transitions(REFERRALS, REFERRAL_TRANSITIONS)
guard_append_only(REFERRALS, columns=("number", "provider", "serial", "ground", "received_on"))

DUE = Table(
    "examinations_due",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("provider"),
    text("serial"),
    text("licence"),
    text("zip_code", index=True),
    text("ground"),
    text("due_on"),
    text("told_on"),
    optional_text("settled_on"),
    text("settled_how"),
    sqlite_strict=True,
)
Index("examinations_due_of_device", DUE.c.provider, DUE.c.serial)
guard_append_only(DUE, columns=("number", "provider", "serial", "ground", "due_on", "told_on"))

EXAMINATIONS = Table(
    "postal_examinations",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("provider"),
    text("serial"),
    text("licence"),
    text("examiner"),
    text("examined_on"),
    whole("ascending_mills"),
    whole("descending_mills"),
    whole("log_brought"),
    text("findings"),
    never_negative("ascending_mills", "descending_mills"),
    sqlite_strict=True,
)
Index("postal_examinations_of_device", EXAMINATIONS.c.provider, EXAMINATIONS.c.serial)
guard_append_only(EXAMINATIONS)

REPORTS = Table(
    "device_reports",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("provider"),
    text("serial"),
    text("licence"),
    text("zip_code"),
    text("kind"),
    text("told_on"),
    text("facts"),
    sqlite_strict=True,
)
Index("device_reports_of_device", REPORTS.c.provider, REPORTS.c.serial)
guard_append_only(REPORTS)

SUSPECTS = Table(
    "suspect_devices",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("provider"),
    text("serial"),
    text("licence"),
    text("suspicion"),
    text("opened_by"),
    text("opened_on"),
    text("status"),
    optional_text("announced_on"),
    text("unannounced_because"),
    optional_text("closed_on"),
    text("finding"),
    text("receipt"),
    one_of("status", SuspectStatus),
    CheckConstraint("(status = 'withdrawn') = (receipt <> '')"),
    CheckConstraint("suspicion <> ''"),
    sqlite_strict=True,
)
Index("suspect_devices_of_device", SUSPECTS.c.provider, SUSPECTS.c.serial)
guard_transitions(SUSPECTS, SUSPECT_TRANSITIONS)
guard_append_only(SUSPECTS, columns=("number", "provider", "serial", "suspicion", "opened_by"))

PRESENTATIONS = Table(
    "presentations",
    METADATA,
    text("provider"),
    text("serial"),
    text("licence"),
    text("zip_code"),
    text("last_seen_on"),
    text("status"),
    optional_text("notified_on"),
    PrimaryKeyConstraint("provider", "serial"),
    one_of("status", PresentationStatus),
    sqlite_strict=True,
)
guard_transitions(PRESENTATIONS, PRESENTATION_TRANSITIONS)

TABLES = (REFERRALS, DUE, EXAMINATIONS, REPORTS, SUSPECTS, PRESENTATIONS)
