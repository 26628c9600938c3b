"""The tables of applications, licences, revocations and appeals."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
)

from franking.postal.licences.records import (
    APPEAL_TRANSITIONS,
    APPLICATION_TRANSITIONS,
    LICENCE_TRANSITIONS,
    LIVE,
    REVOCATION_TRANSITIONS,
    AppealKind,
    AppealStatus,
    ApplicationStatus,
    Ground,
    LicenceStatus,
    RevocationStatus,
)
from franking.postal.schema import METADATA
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
    text("id", primary_key=True),
    text("provider"),
    text("number"),
    text("rulebook"),
    text("data"),
    text("applicant_key", index=True),
    text("filed_on"),
    text("status", index=True),
    text("decided_by"),
    optional_text("decided_on"),
    optional_text("received_on"),
    text("ground"),
    text("reason"),
    text("licence"),
    one_of("status", ApplicationStatus),
    CheckConstraint("status <> 'issued' OR licence <> ''"),
    sqlite_strict=True,
)
guard_transitions(APPLICATIONS, APPLICATION_TRANSITIONS)
guard_append_only(
    APPLICATIONS,
    columns=("id", "provider", "number", "rulebook", "data", "applicant_key", "filed_on"),
)

LICENCES = Table(
    "licences",
    METADATA,
    text("number", primary_key=True),
    text("applicant_key", index=True),
    text("office_zip", index=True),
    text("application"),
    text("rulebook"),
    text("issued_on"),
    text("message"),
    text("data"),
    whole("version"),
    text("status"),
    CheckConstraint("length(office_zip) = 5"),
    CheckConstraint("version > 0"),
    one_of("status", LicenceStatus),
    sqlite_strict=True,
)
guard_transitions(LICENCES, LICENCE_TRANSITIONS)
guard_append_only(
    LICENCES, columns=("number", "office_zip", "application", "rulebook", "issued_on", "message")
)
_IS_LIVE = LICENCES.c.status.in_(sorted(LIVE))
Index(
    "one_live_licence",
    LICENCES.c.applicant_key,
    LICENCES.c.office_zip,
    unique=True,
    sqlite_where=_IS_LIVE,
    postgresql_where=_IS_LIVE,
)

VERSIONS = Table(
    "licence_versions",
    METADATA,
    text("licence"),
    whole("version"),
    text("valid_from"),
    text("data"),
    text("because"),
    PrimaryKeyConstraint("licence", "version"),
    ForeignKeyConstraint(["licence"], ["licences.number"]),
    sqlite_strict=True,
)
guard_append_only(VERSIONS)

PROVIDERS = Table(
    "licence_providers",
    METADATA,
    text("licence"),
    text("provider"),
    text("rulebook"),
    text("since"),
    PrimaryKeyConstraint("licence", "provider", "rulebook"),
    ForeignKeyConstraint(["licence"], ["licences.number"]),
    sqlite_strict=True,
)
guard_append_only(PROVIDERS)

REVOCATIONS = Table(
    "licence_revocations",
    METADATA,
    text("licence"),
    whole("ordinal"),
    text("rulebook"),
    text("ground"),
    text("clause"),
    text("facts"),
    whole("immediate"),
    text("noticed_on"),
    text("noticed_by"),
    optional_text("received_on"),
    text("status"),
    optional_text("effective_on"),
    PrimaryKeyConstraint("licence", "ordinal"),
    ForeignKeyConstraint(["licence"], ["licences.number"]),
    one_of("ground", Ground),
    one_of("status", RevocationStatus),
    CheckConstraint("immediate IN (0, 1)"),
    CheckConstraint("status <> 'effective' OR effective_on IS NOT NULL"),
    sqlite_strict=True,
)
guard_transitions(REVOCATIONS, REVOCATION_TRANSITIONS)
guard_append_only(
    REVOCATIONS,
    columns=("licence", "ordinal", "rulebook", "ground", "clause", "facts", "immediate"),
)

APPEALS = Table(
    "licence_appeals",
    METADATA,
    text("id", primary_key=True),
    text("kind"),
    text("record", index=True),
    text("rulebook"),
    text("filed_on"),
    text("filed_by"),
    text("letter"),
    text("against"),
    text("status", index=True),
    text("heard_by"),
    optional_text("decided_on"),
    text("reason"),
    one_of("kind", AppealKind),
    one_of("status", AppealStatus),
    # Whoever decided does not hear the appeal; the database keeps it as well.
    CheckConstraint("heard_by = '' OR heard_by <> against"),
    sqlite_strict=True,
)
guard_transitions(APPEALS, APPEAL_TRANSITIONS)
guard_append_only(
    APPEALS,
    columns=("id", "kind", "record", "rulebook", "filed_on", "filed_by", "letter", "against"),
)

REMOVAL_ORDERS = Table(
    "removal_orders",
    METADATA,
    text("device"),
    whole("ordinal"),
    text("provider", index=True),
    text("licence", index=True),
    text("clause"),
    text("because"),
    text("ordered_on"),
    optional_text("removed_on"),
    PrimaryKeyConstraint("device", "ordinal"),
    sqlite_strict=True,
)
guard_append_only(
    REMOVAL_ORDERS,
    columns=("device", "ordinal", "provider", "licence", "clause", "because", "ordered_on"),
)

EXPORT_PERMISSIONS = Table(
    "export_permissions",
    METADATA,
    text("licence"),
    whole("ordinal"),
    text("device"),
    text("basis"),
    text("place"),
    text("letter"),
    text("granted_by"),
    text("granted_on"),
    optional_text("until"),
    PrimaryKeyConstraint("licence", "ordinal"),
    one_of("basis", ("government", "military", "other")),
    sqlite_strict=True,
)
guard_append_only(EXPORT_PERMISSIONS)

ALTERNATIVE_SETTINGS = Table(
    "alternative_settings",
    METADATA,
    # One meter for each office of mailing: a meter stands here once (P030.3.4c).
    text("device", primary_key=True),
    text("licence"),
    text("zip_code"),
    text("postmaster"),
    text("permitted_on"),
    sqlite_strict=True,
)
guard_append_only(ALTERNATIVE_SETTINGS)

BRANCHES = Table(
    "office_branches",
    METADATA,
    text("zip_code", primary_key=True),
    text("office_zip"),
    CheckConstraint("zip_code <> office_zip"),
    sqlite_strict=True,
)
guard_append_only(BRANCHES)

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

TABLES = (
    APPLICATIONS,
    LICENCES,
    VERSIONS,
    PROVIDERS,
    REVOCATIONS,
    APPEALS,
    REMOVAL_ORDERS,
    EXPORT_PERMISSIONS,
    ALTERNATIVE_SETTINGS,
    BRANCHES,
    EVENTS,
)
