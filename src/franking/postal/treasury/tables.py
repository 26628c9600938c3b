"""How what the treasury knows of money is stored."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from franking.postal.schema import METADATA
from franking.postal.treasury.records import (
    DIFFERENCE_TRANSITIONS,
    LOCKBOX_TRANSITIONS,
    WATCH_TRANSITIONS,
    DifferenceStatus,
    Flow,
    LockboxStatus,
    ReportStatus,
    WatchStatus,
)
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

LOCKBOXES = Table(
    "treasury_lockboxes",
    METADATA,
    text("provider"),
    text("bank"),
    text("routing"),
    text("account"),
    text("title"),
    text("offered_on"),
    text("status"),
    text("approval"),
    text("decided_by"),
    optional_text("decided_on"),
    text("because"),
    text("timezone"),
    text("cutoff_time"),
    text("transmission_time"),
    text("post_office_box"),
    text("toll_free"),
    text("representative"),
    optional_text("agreed_on"),
    PrimaryKeyConstraint("routing", "account"),
    one_of("status", LockboxStatus),
    CheckConstraint("(status = 'approved') <= (approval <> '')"),
    sqlite_strict=True,
)
guard_transitions(LOCKBOXES, LOCKBOX_TRANSITIONS)
LOCKBOX_STAYS = ("provider", "routing", "account")
guard_append_only(LOCKBOXES, columns=LOCKBOX_STAYS)

BANK_REPORTS = Table(
    "treasury_bank_reports",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("digest", index=True),
    text("name"),
    text("status"),
    text("taken_at"),
    whole("lines"),
    text("because"),
    one_of("status", ReportStatus),
    CheckConstraint("(status = 'set aside') = (because <> '')"),
    sqlite_strict=True,
)
guard_append_only(BANK_REPORTS)

AMOUNTS = Table(
    "treasury_bank_amounts",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("lockbox"),
    text("provider"),
    text("day"),
    text("flow"),
    whole("amount_mills"),
    text("reference"),
    text("file"),
    text("told_at"),
    text("words"),
    one_of("flow", Flow),
    sqlite_strict=True,
)
Index("treasury_bank_amounts_of_day", AMOUNTS.c.lockbox, AMOUNTS.c.day)
Index("treasury_bank_amounts_by_provider", AMOUNTS.c.provider, AMOUNTS.c.day)
guard_append_only(AMOUNTS)

BANK_DAYS = Table(
    "treasury_bank_days",
    METADATA,
    text("lockbox"),
    text("provider"),
    text("day"),
    whole("closing_mills"),
    text("file"),
    text("told_at"),
    PrimaryKeyConstraint("lockbox", "day"),
    sqlite_strict=True,
)
"""Days of a lockbox account that the bank has closed and told whole."""
guard_append_only(BANK_DAYS)

WATCHES = Table(
    "treasury_transfer_watches",
    METADATA,
    text("lockbox"),
    text("provider"),
    text("banking_day"),
    text("of_day"),
    text("deadline"),
    whole("payable_mills"),
    whole("moved_mills"),
    text("status"),
    text("because"),
    text("seen_at"),
    optional_text("settled_at"),
    PrimaryKeyConstraint("lockbox", "banking_day"),
    one_of("status", WatchStatus),
    sqlite_strict=True,
)
guard_transitions(WATCHES, WATCH_TRANSITIONS)
WATCH_STAYS = ("lockbox", "provider", "banking_day", "of_day", "deadline", "seen_at")
guard_append_only(WATCHES, columns=WATCH_STAYS)

REPORTS = Table(
    "treasury_provider_reports",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("provider"),
    text("kind"),
    text("day"),
    whole("part"),
    whole("parts"),
    whole("total_mills"),
    text("content"),
    text("heard_at"),
    never_negative("part", "parts"),
    sqlite_strict=True,
)
Index(
    "treasury_provider_reports_once",
    REPORTS.c.provider,
    REPORTS.c.kind,
    REPORTS.c.day,
    REPORTS.c.part,
    unique=True,
)
guard_append_only(REPORTS)

DIFFERENCES = Table(
    "treasury_differences",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("provider"),
    text("day"),
    text("what"),
    whole("ours_mills"),
    whole("theirs_mills"),
    text("words"),
    text("found_on"),
    text("status"),
    text("answer"),
    text("settled_by"),
    optional_text("settled_on"),
    one_of("status", DifferenceStatus),
    CheckConstraint("(status = 'settled') = (settled_on IS NOT NULL)"),
    sqlite_strict=True,
)
Index(
    "treasury_differences_once",
    DIFFERENCES.c.provider,
    DIFFERENCES.c.day,
    DIFFERENCES.c.what,
    unique=True,
)
guard_transitions(DIFFERENCES, DIFFERENCE_TRANSITIONS)
guard_append_only(
    DIFFERENCES,
    columns=("number", "provider", "day", "what", "ours_mills", "theirs_mills", "found_on"),
)

STATEMENTS = Table(
    "treasury_deposit_statements",
    METADATA,
    text("provider"),
    whole("number"),
    whole("change_mills"),
    whole("balance_mills"),
    text("because"),
    text("booked_on"),
    text("booked_by"),
    PrimaryKeyConstraint("provider", "number"),
    never_negative("balance_mills"),
    sqlite_strict=True,
)
guard_append_only(STATEMENTS)

ACKNOWLEDGMENTS = Table(
    "treasury_acknowledgments",
    METADATA,
    text("provider"),
    text("account"),
    text("licence"),
    text("licensee"),
    text("zip_code"),
    text("rulebook"),
    text("signed_by"),
    text("signed_on"),
    text("addressee", index=True),
    text("wording_digest"),
    text("received_on"),
    PrimaryKeyConstraint("provider", "account", "signed_on"),
    sqlite_strict=True,
)
guard_append_only(ACKNOWLEDGMENTS)

REFUNDS = Table(
    "treasury_balance_refunds",
    METADATA,
    text("provider"),
    text("account"),
    text("licence"),
    text("licensee"),
    whole("amount_mills"),
    text("requested_at"),
    text("due_at"),
    optional_text("paid_at"),
    whole("late"),
    PrimaryKeyConstraint("provider", "account", "requested_at"),
    CheckConstraint("amount_mills > 0"),
    sqlite_strict=True,
)
guard_append_only(
    REFUNDS, columns=("provider", "account", "amount_mills", "requested_at", "due_at")
)

TABLES = (
    LOCKBOXES,
    BANK_REPORTS,
    AMOUNTS,
    BANK_DAYS,
    WATCHES,
    REPORTS,
    DIFFERENCES,
    STATEMENTS,
    ACKNOWLEDGMENTS,
    REFUNDS,
)
