"""How pieces, sightings and their cases are stored; the first key of ``pieces`` is the law."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from franking.postal.pieces.records import (
    CASE_TRANSITIONS,
    FATE_TRANSITIONS,
    CaseKind,
    CaseStatus,
    Doing,
    Fate,
)
from franking.postal.schema import METADATA
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    one_of,
    optional_text,
    text,
    whole,
)

PIECES = Table(
    "pieces",
    METADATA,
    text("device"),
    whole("ascending_mills"),
    whole("postage_mills"),
    text("fate"),
    text("day"),
    text("source", index=True),
    text("provider"),
    PrimaryKeyConstraint("device", "ascending_mills"),
    one_of("fate", Fate),
    CheckConstraint("postage_mills > 0 AND ascending_mills >= postage_mills"),
    sqlite_strict=True,
)
guard_transitions(PIECES, FATE_TRANSITIONS, column="fate")
guard_append_only(PIECES, columns=("device", "ascending_mills", "postage_mills"))

SIGHTINGS = Table(
    "piece_sightings",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("device"),
    whole("ascending_mills"),
    whole("postage_mills"),
    text("doing"),
    text("at"),
    text("source"),
    text("outcome"),
    one_of("doing", Doing),
    sqlite_strict=True,
)
Index("piece_sightings_of_piece", SIGHTINGS.c.device, SIGHTINGS.c.ascending_mills)
guard_append_only(SIGHTINGS)

CASES = Table(
    "piece_cases",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("kind"),
    text("device"),
    whole("ascending_mills"),
    whole("postage_mills"),
    text("source"),
    text("detail"),
    text("opened_on"),
    text("status", index=True),
    text("finding"),
    text("closed_by"),
    optional_text("closed_on"),
    one_of("kind", CaseKind),
    one_of("status", CaseStatus),
    CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL AND finding <> '')"),
    sqlite_strict=True,
)
Index("piece_cases_of_piece", CASES.c.device, CASES.c.ascending_mills)
guard_transitions(CASES, CASE_TRANSITIONS)
guard_append_only(
    CASES, columns=("number", "kind", "device", "ascending_mills", "source", "detail", "opened_on")
)

TABLES = (PIECES, SIGHTINGS, CASES)
