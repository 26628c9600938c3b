"""How the provider's view of devices is stored."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from franking.provider.resetting.records import (
    KEY_TRANSITIONS,
    RESET_TRANSITIONS,
    TRANSITIONS,
    DeviceStatus,
    KeyStatus,
    ResetStatus,
)
from franking.provider.schema import METADATA
from franking.storage.columns import (
    WHOLE,
    data,
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    optional_text,
    optional_whole,
    text,
    whole,
)

DEVICES = Table(
    "devices",
    METADATA,
    text("device_id", primary_key=True),
    text("rulebook"),
    text("system"),
    text("status"),
    text("licence"),
    whole("limit_mills"),
    optional_text("watchdog_date"),
    whole("orders"),
    text("locks"),
    whole("audit_sequence"),
    whole("reset_sequence"),
    whole("control_total_mills"),
    whole("shown_ascending_mills"),
    whole("shown_descending_mills"),
    whole("shown_control_total_mills"),
    whole("shown_piece_count"),
    whole("shown_reset_sequence"),
    whole("heard_sequence"),
    text("heard_hash"),
    text("heard_at"),
    whole("confirmed_sequence"),
    text("confirmed_hash"),
    text("suspicion"),
    whole("posted_mills"),
    one_of("status", DeviceStatus),
    never_negative("limit_mills", "orders", "audit_sequence", "reset_sequence"),
    never_negative("control_total_mills", "heard_sequence", "confirmed_sequence"),
    never_negative("shown_ascending_mills", "shown_descending_mills", "shown_piece_count"),
    never_negative("posted_mills"),
    CheckConstraint("shown_ascending_mills + shown_descending_mills = shown_control_total_mills"),
    CheckConstraint("length(heard_hash) = 64 AND length(confirmed_hash) = 64"),
    CheckConstraint("status <> 'in service' OR licence <> ''"),
    sqlite_strict=True,
)
guard_transitions(DEVICES, TRANSITIONS)

KEYS = Table(
    "device_keys",
    METADATA,
    data("public_key", primary_key=True),
    text("device_id", index=True),
    text("status"),
    text("request"),
    text("request_source", unique=True),
    optional_whole("certificate_serial", unique=True),
    optional_whole("rollover_order"),
    optional_whole("final_ascending_mills"),
    one_of("status", KeyStatus),
    CheckConstraint("length(public_key) = 65"),
    CheckConstraint("status <> 'present' OR certificate_serial IS NOT NULL"),
    sqlite_strict=True,
)
guard_transitions(KEYS, KEY_TRANSITIONS)

ORDERS = Table(
    "orders",
    METADATA,
    text("device_id"),
    whole("number"),
    text("kind"),
    text("text"),
    text("digest", unique=True),
    text("answer"),
    PrimaryKeyConstraint("device_id", "number"),
    CheckConstraint("number > 0"),
    sqlite_strict=True,
)
guard_append_only(ORDERS, columns=("device_id", "number", "kind", "text", "digest"))

RESETS = Table(
    "resets",
    METADATA,
    text("device_id"),
    whole("sequence"),
    whole("amount_mills"),
    text("request_digest", unique=True),
    text("grant_text"),
    text("grant_digest"),
    text("status"),
    text("account"),
    PrimaryKeyConstraint("device_id", "sequence"),
    one_of("status", ResetStatus),
    CheckConstraint("sequence > 0"),
    CheckConstraint(
        "(grant_text = '' AND amount_mills = 0 AND status = 'closed')"
        " OR (grant_text <> '' AND amount_mills > 0)"
    ),
    sqlite_strict=True,
)
guard_transitions(RESETS, RESET_TRANSITIONS)
guard_append_only(
    RESETS,
    columns=(
        "device_id",
        "sequence",
        "amount_mills",
        "request_digest",
        "grant_text",
        "grant_digest",
        "account",
    ),
)

POSITIONS = Table(
    "journal_positions",
    METADATA,
    text("device_id"),
    whole("sequence"),
    text("entry_hash"),
    whole("acknowledged"),
    PrimaryKeyConstraint("device_id", "sequence"),
    CheckConstraint("length(entry_hash) = 64 AND acknowledged IN (0, 1)"),
    sqlite_strict=True,
)
guard_append_only(POSITIONS, columns=("device_id", "sequence", "entry_hash"))

MESSAGES = Table(
    "device_messages",
    METADATA,
    Column("number", WHOLE, primary_key=True),
    text("digest", unique=True),
    text("device_id", index=True),
    text("kind"),
    text("text"),
    text("reply"),
    sqlite_strict=True,
)
guard_append_only(MESSAGES)

EXAMINATIONS = Table(
    "examinations",
    METADATA,
    text("device_id", primary_key=True),
    text("message"),
    sqlite_strict=True,
)
guard_append_only(EXAMINATIONS)

KEY_REPORTS = Table(
    "key_reports",
    METADATA,
    whole("certificate_serial"),
    text("reason"),
    text("message"),
    UniqueConstraint("certificate_serial", "reason"),
    sqlite_strict=True,
)
guard_append_only(KEY_REPORTS)

TABLES = (
    DEVICES,
    KEYS,
    ORDERS,
    RESETS,
    POSITIONS,
    MESSAGES,
    EXAMINATIONS,
    KEY_REPORTS,
)
