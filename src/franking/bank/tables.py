"""The tables of the lockbox bank: who banks with it, what came, what was told and moved."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from franking.bank.records import TRANSITIONS, EventKind, FileKind, Method, PaymentState
from franking.bank.schema import METADATA
from franking.storage.columns import (
    WHOLE,
    data,
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    optional_whole,
    text,
    whole,
)

LOCKBOXES = Table(
    "lockboxes",
    METADATA,
    text("number", primary_key=True),
    text("provider", unique=True),
    text("provider_id"),
    text("bank"),
    text("account"),
    text("post_office_box"),
    text("cutoff"),
    text("transmitted"),
    text("toll_free"),
    text("representative"),
    whole("holds_transfers"),
    CheckConstraint("holds_transfers IN (0, 1)"),
    CheckConstraint("length(number) = 7"),
    sqlite_strict=True,
)
PAYMENTS = Table(
    "payments",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("lockbox"),
    text("method"),
    text("account"),
    whole("amount_cents"),
    text("payer_name"),
    text("payer_routing"),
    text("payer_account"),
    text("check_number"),
    text("received_at"),
    text("day"),
    text("state"),
    text("trace"),
    text("entry_class"),
    text("reason"),
    text("ordered_as"),
    one_of("method", Method),
    one_of("state", PaymentState),
    CheckConstraint("amount_cents > 0"),
    sqlite_strict=True,
)
Index("payments_by_trace", PAYMENTS.c.trace, PAYMENTS.c.lockbox)
Index("payments_by_order", PAYMENTS.c.lockbox, PAYMENTS.c.ordered_as)
guard_transitions(PAYMENTS, TRANSITIONS, column="state")
guard_append_only(PAYMENTS, columns=("number", "lockbox", "method", "account", "amount_cents"))

EVENTS = Table(
    "lockbox_events",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("lockbox"),
    text("kind"),
    text("day"),
    text("at"),
    whole("amount_cents"),
    text("method"),
    text("account"),
    text("reference"),
    text("reason"),
    text("detail"),
    optional_whole("payment"),
    optional_whole("sent_in"),
    one_of("kind", EventKind),
    never_negative("amount_cents"),
    sqlite_strict=True,
)
Index("lockbox_events_of", EVENTS.c.lockbox, EVENTS.c.day, EVENTS.c.kind)
Index("lockbox_events_unsent", EVENTS.c.sent_in, EVENTS.c.lockbox)
guard_append_only(EVENTS, columns=("number", "lockbox", "kind", "day", "amount_cents", "account"))

FILES = Table(
    "sent_files",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("lockbox"),
    text("recipient"),
    text("kind"),
    text("day"),
    text("name"),
    data("content"),
    text("made_at"),
    text("delivered_at"),
    one_of("kind", FileKind),
    sqlite_strict=True,
)
Index("sent_files_to", FILES.c.recipient, FILES.c.delivered_at, FILES.c.number)
guard_append_only(FILES, columns=("number", "recipient", "content"))

ORDERS = Table(
    "originations",
    METADATA,
    text("digest", primary_key=True),
    text("lockbox"),
    text("taken_at"),
    whole("entries"),
    whole("debit_cents"),
    whole("credit_cents"),
    sqlite_strict=True,
)
guard_append_only(ORDERS)

DAYS = Table(
    "closed_days",
    METADATA,
    text("lockbox"),
    text("day"),
    text("closed_at"),
    whole("closing_cents"),
    PrimaryKeyConstraint("lockbox", "day"),
    sqlite_strict=True,
)
guard_append_only(DAYS)

TRANSFERS = Table(
    "transfers",
    METADATA,
    text("lockbox"),
    text("day"),
    whole("amount_cents"),
    text("made_at"),
    PrimaryKeyConstraint("lockbox", "day"),
    never_negative("amount_cents"),
    sqlite_strict=True,
)
guard_append_only(TRANSFERS)

TABLES = (LOCKBOXES, PAYMENTS, EVENTS, FILES, ORDERS, DAYS, TRANSFERS)
