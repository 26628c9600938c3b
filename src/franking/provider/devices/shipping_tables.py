"""How shipments of devices, and permissions to use another carrier, are stored."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, Table

from franking.provider.schema import METADATA
from franking.storage.columns import guard_append_only, one_of, optional_text, text

SHIPMENTS = Table(
    "shipments",
    METADATA,
    text("tracking", primary_key=True),
    text("direction"),
    text("service"),
    text("carrier"),
    text("sender"),
    text("recipient"),
    text("sent_at"),
    text("clause"),
    optional_text("received_at"),
    text("received_by"),
    one_of("direction", ("outbound", "return")),
    sqlite_strict=True,
)
guard_append_only(
    SHIPMENTS,
    columns=("tracking", "direction", "service", "carrier", "sender", "recipient", "sent_at"),
)

SHIPPED = Table(
    "shipped_devices",
    METADATA,
    text("tracking"),
    text("serial", index=True),
    PrimaryKeyConstraint("tracking", "serial"),
    sqlite_strict=True,
)
guard_append_only(SHIPPED)

PERMISSIONS = Table(
    "carrier_permissions",
    METADATA,
    text("reference", primary_key=True),
    text("direction"),
    text("service"),
    text("given_by"),
    text("evidence"),
    text("first_day"),
    optional_text("last_day"),
    one_of("direction", ("outbound", "return")),
    CheckConstraint("direction = 'return' OR evidence <> ''"),
    sqlite_strict=True,
)
guard_append_only(PERMISSIONS, columns=("reference", "direction", "service", "evidence"))

TABLES = (SHIPMENTS, SHIPPED, PERMISSIONS)
