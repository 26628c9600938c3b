"""The tables of applications, licences as heard, leases and removals."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, Table

from franking.provider.licensing.records import (
    APPLICATION_TRANSITIONS,
    LEASE_TRANSITIONS,
    ApplicationStatus,
    Component,
    LeaseStatus,
    LicenceStatus,
    RegisterLog,
)
from franking.provider.schema import METADATA
from franking.storage.columns import (
    guard_append_only,
    guard_transitions,
    one_of,
    optional_text,
    text,
    whole,
)

APPLICATIONS = Table(
    "licence_applications",
    METADATA,
    text("number", primary_key=True),
    text("rulebook"),
    text("data"),
    text("applicant", index=True),
    text("transmitted_on"),
    text("status"),
    text("clause"),
    text("reason"),
    text("licence"),
    one_of("status", ApplicationStatus),
    sqlite_strict=True,
)
guard_transitions(APPLICATIONS, APPLICATION_TRANSITIONS)
guard_append_only(
    APPLICATIONS, columns=("number", "rulebook", "data", "applicant", "transmitted_on")
)

LICENCES = Table(
    "licences",
    METADATA,
    text("number", primary_key=True),
    text("licensee", index=True),
    text("zip_code"),
    text("city"),
    text("state"),
    text("status"),
    whole("version"),
    whole("step"),
    text("told_at"),
    one_of("status", LicenceStatus),
    # Version 0: where it stands was told before what it is.
    CheckConstraint("version >= 0 AND step >= 0"),
    sqlite_strict=True,
)

LEASES = Table(
    "leases",
    METADATA,
    text("id", primary_key=True),
    text("licence", index=True),
    text("licensee"),
    text("rulebook"),
    text("signed_by"),
    text("signed_on"),
    text("acknowledged_by"),
    text("acknowledged_on"),
    text("lockbox"),
    text("begun_on"),
    text("status"),
    optional_text("ended_on"),
    text("clause"),
    text("because"),
    one_of("status", LeaseStatus),
    CheckConstraint("signed_by <> '' AND acknowledged_by <> ''"),
    sqlite_strict=True,
)
guard_transitions(LEASES, LEASE_TRANSITIONS)
guard_append_only(LEASES, columns=("id", "licence", "rulebook", "signed_by", "acknowledged_by"))

PLACEMENTS = Table(
    "lease_placements",
    METADATA,
    text("lease"),
    whole("ordinal"),
    text("device", index=True),
    text("placed_on"),
    text("register_log"),
    PrimaryKeyConstraint("lease", "ordinal"),
    one_of("register_log", RegisterLog),
    sqlite_strict=True,
)
guard_append_only(PLACEMENTS)

REMOVALS = Table(
    "licensing_removals",
    METADATA,
    text("device"),
    whole("ordinal"),
    text("licence", index=True),
    text("clause"),
    text("because"),
    text("ordered_on"),
    optional_text("reported_on"),
    PrimaryKeyConstraint("device", "ordinal"),
    sqlite_strict=True,
)
guard_append_only(
    REMOVALS, columns=("device", "ordinal", "licence", "clause", "because", "ordered_on")
)

PURCHASES = Table(
    "component_purchases",
    METADATA,
    text("licence"),
    whole("ordinal"),
    text("component"),
    text("system"),
    text("clause"),
    text("basis"),
    text("sold_on"),
    PrimaryKeyConstraint("licence", "ordinal"),
    one_of("component", (Component.SOFTWARE, Component.PRINTER)),
    sqlite_strict=True,
)
guard_append_only(PURCHASES)

EVENTS = Table(
    "licensing_events",
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

TABLES = (APPLICATIONS, LICENCES, LEASES, PLACEMENTS, REMOVALS, PURCHASES, EVENTS)
