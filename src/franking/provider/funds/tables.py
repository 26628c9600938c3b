"""The tables of accounts, payments, advances, refunds of balances and corrections.

Money itself stands in the ledger's tables; here stands whose it is and how it came.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from franking.provider.funds.records import (
    ACCOUNT_TRANSITIONS,
    CORRECTION_TRANSITIONS,
    PAYMENT_TRANSITIONS,
    REFUND_TRANSITIONS,
    AccountStatus,
    CorrectionStatus,
    Method,
    PaymentStatus,
    RefundStatus,
    Statements,
)
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

ACCOUNTS = Table(
    "funds_accounts",
    METADATA,
    text("number", primary_key=True),
    text("licence", unique=True),
    text("licensee"),
    text("zip_code"),
    text("rulebook"),
    text("opened_on"),
    text("status"),
    text("statements"),
    text("method"),
    optional_text("closed_on"),
    one_of("status", AccountStatus),
    one_of("statements", Statements),
    one_of("method", Method),
    CheckConstraint("length(number) = 8"),
    sqlite_strict=True,
)
guard_transitions(ACCOUNTS, ACCOUNT_TRANSITIONS)
guard_append_only(ACCOUNTS, columns=("number", "licence", "opened_on"))

PAYMENTS = Table(
    "funds_payments",
    METADATA,
    Column("ordinal", WHOLE, primary_key=True, autoincrement=False),
    text("account"),
    whole("amount_mills"),
    text("method"),
    text("status"),
    text("reference", index=True),
    optional_text("sent_on"),
    optional_text("received_on"),
    text("posted_at"),
    text("file"),
    optional_text("returned_on"),
    text("reason"),
    optional_text("settled_on"),
    one_of("method", Method),
    one_of("status", PaymentStatus),
    CheckConstraint("amount_mills > 0"),
    sqlite_strict=True,
)
Index("funds_payments_of", PAYMENTS.c.account, PAYMENTS.c.status, PAYMENTS.c.ordinal)
guard_transitions(PAYMENTS, PAYMENT_TRANSITIONS)
guard_append_only(PAYMENTS, columns=("ordinal", "amount_mills", "method", "sent_on"))

BANK_DETAILS = Table(
    "funds_bank_details",
    METADATA,
    text("account"),
    whole("ordinal"),
    text("routing"),
    text("bank_account"),
    text("kind"),
    text("authorized_by"),
    text("authorized_on"),
    PrimaryKeyConstraint("account", "ordinal"),
    CheckConstraint("authorized_by <> ''"),
    sqlite_strict=True,
)
guard_append_only(BANK_DETAILS)

PLANS = Table(
    "funds_plans",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("declared_at"),
    text("content"),
    sqlite_strict=True,
)
guard_append_only(PLANS)

ADVANCE_TERMS = Table(
    "funds_advance_terms",
    METADATA,
    text("account"),
    whole("ordinal"),
    whole("limit_mills"),
    text("agreed_by"),
    text("agreed_on"),
    PrimaryKeyConstraint("account", "ordinal"),
    never_negative("limit_mills"),
    sqlite_strict=True,
)
guard_append_only(ADVANCE_TERMS)

ADVANCE_DAYS = Table(
    "funds_advance_days",
    METADATA,
    text("day", primary_key=True),
    whole("cover_mills"),
    whole("advanced_mills"),
    # A day's advances never exceed the provider's deposit (501.28(b)(5)).
    CheckConstraint("advanced_mills >= 0 AND advanced_mills <= cover_mills"),
    sqlite_strict=True,
)

ADVANCES = Table(
    "funds_advances",
    METADATA,
    Column("ordinal", WHOLE, primary_key=True, autoincrement=False),
    text("account", index=True),
    whole("amount_mills"),
    text("day", index=True),
    text("at"),
    text("because"),
    CheckConstraint("amount_mills > 0"),
    sqlite_strict=True,
)
guard_append_only(ADVANCES)

REFUNDS = Table(
    "funds_refunds",
    METADATA,
    Column("ordinal", WHOLE, primary_key=True, autoincrement=False),
    text("account", index=True),
    whole("amount_mills"),
    text("asked_at"),
    text("due_at"),
    text("status"),
    optional_text("paid_on"),
    text("reference"),
    one_of("status", RefundStatus),
    CheckConstraint("amount_mills > 0"),
    sqlite_strict=True,
)
guard_transitions(REFUNDS, REFUND_TRANSITIONS)
guard_append_only(REFUNDS, columns=("ordinal", "account", "amount_mills", "asked_at", "due_at"))

CORRECTIONS = Table(
    "funds_corrections",
    METADATA,
    Column("ordinal", WHOLE, primary_key=True, autoincrement=False),
    text("debit"),
    text("credit"),
    whole("amount_mills"),
    text("because"),
    text("reference"),
    text("proposed_by"),
    text("proposed_on"),
    text("status"),
    text("decided_by"),
    optional_text("decided_on"),
    one_of("status", CorrectionStatus),
    CheckConstraint("amount_mills > 0"),
    # Nothing is posted by hand without a second person.
    CheckConstraint("status <> 'approved' OR (decided_by <> '' AND decided_by <> proposed_by)"),
    sqlite_strict=True,
)
guard_transitions(CORRECTIONS, CORRECTION_TRANSITIONS)
guard_append_only(
    CORRECTIONS,
    columns=("ordinal", "debit", "credit", "amount_mills", "because", "reference", "proposed_by"),
)

EVENTS = Table(
    "funds_events",
    METADATA,
    text("record"),
    whole("ordinal"),
    text("at"),
    text("by"),
    text("event"),
    text("clause"),
    text("because"),
    PrimaryKeyConstraint("record", "ordinal"),
    sqlite_strict=True,
)
guard_append_only(EVENTS)

TABLES = (
    ACCOUNTS,
    PAYMENTS,
    BANK_DETAILS,
    PLANS,
    ADVANCE_TERMS,
    ADVANCE_DAYS,
    ADVANCES,
    REFUNDS,
    CORRECTIONS,
    EVENTS,
)
