"""How the Postal Service's refunds are stored."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from franking.postal.refunds.records import (
    APPEAL_TRANSITIONS,
    CASE_TRANSITIONS,
    AppealStatus,
    CaseStatus,
    Origin,
)
from franking.postal.schema import METADATA
from franking.refunds.records import RouteKind
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    optional_text,
    optional_whole,
    text,
    whole,
)

CASES = Table(
    "refund_cases",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("origin"),
    text("route"),
    text("rulebook"),
    text("provider"),
    text("provider_case"),
    text("device", index=True),
    text("licence"),
    text("requester"),
    text("capacity"),
    text("office"),
    text("district"),
    text("filed_on"),
    whole("asked_mills"),
    text("wanted"),
    text("basis"),
    text("cause"),
    whole("caused_by_user"),
    text("documents"),
    text("status"),
    whole("granted_mills"),
    whole("charge_mills"),
    text("payout"),
    text("because"),
    text("clause"),
    text("ruled_by"),
    optional_text("ruled_on"),
    optional_text("received_on"),
    optional_text("final_on"),
    one_of("origin", Origin),
    one_of("route", RouteKind),
    one_of("status", CaseStatus),
    never_negative("asked_mills", "granted_mills", "charge_mills"),
    CheckConstraint("granted_mills <= asked_mills"),
    CheckConstraint("(provider = '') = (provider_case = '')"),
    sqlite_strict=True,
)
Index(
    "refund_cases_of_provider",
    CASES.c.provider,
    CASES.c.provider_case,
    unique=True,
    sqlite_where=CASES.c.provider != "",
    postgresql_where=CASES.c.provider != "",
)
Index("refund_cases_by_office", CASES.c.status, CASES.c.office)
guard_transitions(CASES, CASE_TRANSITIONS)
guard_append_only(
    CASES,
    columns=("number", "origin", "route", "provider", "provider_case", "device", "asked_mills"),
)

ITEMS = Table(
    "refund_items",
    METADATA,
    whole("case_number"),
    whole("line"),
    text("device"),
    optional_whole("ascending_mills"),
    whole("postage_mills"),
    text("item"),
    text("reasons"),
    optional_whole("granted"),
    PrimaryKeyConstraint("case_number", "line"),
    sqlite_strict=True,
)
guard_append_only(
    ITEMS, columns=("case_number", "line", "device", "ascending_mills", "postage_mills")
)

APPEALS = Table(
    "refund_appeals",
    METADATA,
    Column("case_number", WHOLE, primary_key=True, autoincrement=False),
    text("filed_on"),
    text("filed_by"),
    text("letter"),
    whole("originals"),
    text("through"),
    text("addressee"),
    text("clause"),
    text("status"),
    text("forwarded_by"),
    optional_text("forwarded_on"),
    text("heard_by"),
    optional_text("decided_on"),
    whole("sustained"),
    whole("granted_mills"),
    text("because"),
    one_of("status", AppealStatus),
    never_negative("originals", "granted_mills"),
    sqlite_strict=True,
)
guard_transitions(APPEALS, APPEAL_TRANSITIONS)
guard_append_only(APPEALS, columns=("case_number", "filed_on", "filed_by", "letter", "originals"))

DESIGNATIONS = Table(
    "refund_designations",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("district", index=True),
    text("designee"),
    text("named_by"),
    text("letter"),
    text("since"),
    optional_text("until"),
    sqlite_strict=True,
)
guard_append_only(
    DESIGNATIONS, columns=("number", "district", "designee", "named_by", "letter", "since")
)

CHECKS = Table(
    "refund_checks",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    whole("case_number", index=True),
    text("payee"),
    whole("amount_mills"),
    text("issued_by"),
    text("issued_on"),
    CheckConstraint("amount_mills > 0"),
    sqlite_strict=True,
)
guard_append_only(CHECKS)

REIMBURSED = Table(
    "refund_reimbursed",
    METADATA,
    text("key", primary_key=True),
    text("provider"),
    text("claim"),
    text("provider_case"),
    whole("amount_mills"),
    text("on_day"),
    CheckConstraint("amount_mills > 0"),
    sqlite_strict=True,
)
Index("refund_reimbursed_of_claim", REIMBURSED.c.provider, REIMBURSED.c.claim)
guard_append_only(REIMBURSED)

CLAIMS = Table(
    "refund_claims",
    METADATA,
    text("provider"),
    text("claim"),
    whole("claimed_mills"),
    whole("reimbursed_mills"),
    text("answers"),
    text("answered_on"),
    PrimaryKeyConstraint("provider", "claim"),
    never_negative("claimed_mills", "reimbursed_mills"),
    CheckConstraint("reimbursed_mills <= claimed_mills"),
    sqlite_strict=True,
)
guard_append_only(CLAIMS)

DESTRUCTIONS = Table(
    "refund_destructions",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("cases"),
    whole("pieces"),
    whole("amount_mills"),
    text("method"),
    text("first"),
    text("second"),
    text("on_day"),
    CheckConstraint("first <> second"),
    sqlite_strict=True,
)
DESTROYED = Table(
    "refund_cases_destroyed",
    METADATA,
    Column("case_number", WHOLE, primary_key=True, autoincrement=False),
    whole("destruction"),
    sqlite_strict=True,
)
guard_append_only(DESTRUCTIONS)
guard_append_only(DESTROYED)

EVENTS = Table(
    "refund_events",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    whole("case_number", index=True),
    text("at"),
    text("event"),
    text("by"),
    text("because"),
    text("clause"),
    sqlite_strict=True,
)
guard_append_only(EVENTS)

TABLES = (
    CASES,
    ITEMS,
    APPEALS,
    DESIGNATIONS,
    CHECKS,
    REIMBURSED,
    CLAIMS,
    DESTRUCTIONS,
    DESTROYED,
    EVENTS,
)
