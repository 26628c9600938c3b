"""How the meters set by telephone, and their settings, are stored."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, Table

from franking.provider.schema import METADATA
from franking.provider.telephone.records import SETTING_TRANSITIONS, SettingStatus
from franking.storage.columns import (
    data,
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    text,
    whole,
)

METERS = Table(
    "telephone_meters",
    METADATA,
    text("serial", primary_key=True),
    data("sealed"),
    whole("settings"),
    whole("total_mills"),
    whole("misses"),
    whole("readings"),
    never_negative("settings", "total_mills", "misses", "readings"),
    sqlite_strict=True,
)
guard_append_only(METERS, columns=("serial", "sealed"))

SETTINGS = Table(
    "telephone_settings",
    METADATA,
    text("serial"),
    whole("sequence"),
    whole("amount_mills"),
    whole("total_mills"),
    whole("ascending_mills"),
    whole("descending_mills"),
    text("account"),
    text("caller"),
    text("told_at"),
    text("status"),
    PrimaryKeyConstraint("serial", "sequence"),
    one_of("status", SettingStatus),
    never_negative("total_mills", "ascending_mills", "descending_mills"),
    CheckConstraint("sequence > 0 AND amount_mills > 0"),
    sqlite_strict=True,
)
guard_transitions(SETTINGS, SETTING_TRANSITIONS)
guard_append_only(
    SETTINGS,
    columns=(
        "serial",
        "sequence",
        "amount_mills",
        "total_mills",
        "ascending_mills",
        "descending_mills",
        "account",
        "caller",
        "told_at",
    ),
)

TABLES = (METERS, SETTINGS)
