"""How cases of refunds are stored; that nothing is refunded twice is a key of its own table."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, Table

from franking.provider.refunds.records import ENTRY_TRANSITIONS, TRANSITIONS, CaseStatus
from franking.provider.schema import METADATA
from franking.refunds.records import Basis, Manner, Payout, Requester, RouteKind, System, Withdrawal
from franking.storage.columns import (
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    optional_text,
    text,
    whole,
)

CASES = Table(
    "refund_cases",
    METADATA,
    whole("number", primary_key=True, autoincrement=False),
    text("route"),
    text("rulebook"),
    text("status"),
    text("licence", index=True),
    text("licensee"),
    text("zip_code"),
    text("device", index=True),
    text("device_rulebook"),
    text("system"),
    text("withdrawal"),
    whole("returned"),
    whole("legible"),
    text("requester"),
    text("manner"),
    text("payout"),
    text("target"),
    text("filed_on"),
    text("filed_by"),
    whole("asked_mills"),
    whole("amount_mills"),
    text("basis"),
    text("cause"),
    whole("caused_by_user"),
    text("decider"),
    text("decided_by"),
    optional_text("decided_on"),
    text("because"),
    text("clause"),
    optional_text("settled_on"),
    text("reference"),
    one_of("route", RouteKind),
    one_of("status", CaseStatus),
    one_of("system", System),
    one_of("withdrawal", Withdrawal),
    one_of("requester", Requester),
    one_of("manner", Manner),
    one_of("payout", Payout),
    one_of("basis", Basis),
    never_negative("asked_mills", "amount_mills"),
    CheckConstraint("returned IN (0, 1) AND legible IN (0, 1) AND caused_by_user IN (0, 1)"),
    CheckConstraint(
        "status NOT IN ('granted', 'paid', 'denied', 'additional postage collected')"
        " OR decided_on IS NOT NULL"
    ),
    sqlite_strict=True,
)
Index("refund_cases_by_status", CASES.c.status, CASES.c.number)
guard_transitions(CASES, TRANSITIONS)
guard_append_only(
    CASES, columns=("number", "route", "rulebook", "licence", "device", "filed_on", "asked_mills")
)

EVIDENCE = Table(
    "refund_evidence",
    METADATA,
    whole("number"),
    whole("ordinal"),
    text("kind"),
    text("document"),
    text("digest"),
    text("on_day"),
    text("by"),
    PrimaryKeyConstraint("number", "ordinal"),
    sqlite_strict=True,
)
guard_append_only(EVIDENCE)

ITEMS = Table(
    "refund_items",
    METADATA,
    whole("number"),
    whole("ordinal"),
    text("item"),
    text("reasons"),
    PrimaryKeyConstraint("number", "ordinal"),
    sqlite_strict=True,
)
guard_append_only(ITEMS)

REFUNDED = Table(
    "refunded_pieces",
    METADATA,
    text("device"),
    whole("ascending_mills"),
    whole("postage_mills"),
    text("case_id", index=True),
    text("by"),
    text("on_day"),
    PrimaryKeyConstraint("device", "ascending_mills"),
    sqlite_strict=True,
)
"""Every piece that was refunded, by whomever: the key makes sure that it was once."""
guard_append_only(REFUNDED)

CLAIMS = Table(
    "refund_claims",
    METADATA,
    whole("claim", primary_key=True, autoincrement=False),
    text("sent_on"),
    whole("total_mills"),
    whole("reimbursed_mills"),
    optional_text("answered_on"),
    never_negative("total_mills", "reimbursed_mills"),
    CheckConstraint("reimbursed_mills <= total_mills"),
    sqlite_strict=True,
)
guard_append_only(CLAIMS, columns=("claim", "sent_on", "total_mills"))

ENTRIES = Table(
    "refund_claim_entries",
    METADATA,
    text("entry", primary_key=True),
    text("claim", index=True),
    whole("number", index=True),
    whole("amount_mills"),
    text("paid_on"),
    text("outcome"),
    text("because"),
    never_negative("amount_mills"),
    sqlite_strict=True,
)
"""What was claimed: the key makes sure that nothing is claimed twice."""
guard_transitions(ENTRIES, ENTRY_TRANSITIONS, column="outcome")
guard_append_only(ENTRIES, columns=("entry", "claim", "number", "amount_mills"))

EVENTS = Table(
    "refund_events",
    METADATA,
    whole("number"),
    whole("ordinal"),
    text("at"),
    text("by"),
    text("event"),
    text("clause"),
    text("because"),
    PrimaryKeyConstraint("number", "ordinal"),
    sqlite_strict=True,
)
guard_append_only(EVENTS)

TABLES = (CASES, EVIDENCE, ITEMS, REFUNDED, CLAIMS, ENTRIES, EVENTS)
