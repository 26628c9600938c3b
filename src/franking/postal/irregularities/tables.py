"""How cases about irregularities, their evidence and what is said against them are stored."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Table, UniqueConstraint

from franking.postal.irregularities.records import (
    CASE_TRANSITIONS,
    CaseStatus,
    IrregularityKind,
    Outcome,
    Party,
)
from franking.postal.schema import METADATA
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

IRREGULARITIES = Table(
    "irregularities",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("kind"),
    text("device", index=True),
    text("subject"),
    text("clause"),
    text("facts"),
    text("opened_on"),
    text("contest_by"),
    text("parties"),
    text("status", index=True),
    optional_text("outcome"),
    text("finding"),
    text("closed_by"),
    optional_text("closed_on"),
    one_of("kind", IrregularityKind),
    one_of("status", CaseStatus),
    one_of("outcome", Outcome),
    CheckConstraint(
        "(status = 'closed') = (closed_on IS NOT NULL AND outcome IS NOT NULL AND finding <> '')"
    ),
    sqlite_strict=True,
)
Index("irregularities_of_subject", IRREGULARITIES.c.subject, IRREGULARITIES.c.kind)
guard_transitions(IRREGULARITIES, CASE_TRANSITIONS)
guard_append_only(
    IRREGULARITIES,
    columns=(
        "number",
        "kind",
        "device",
        "subject",
        "clause",
        "facts",
        "opened_on",
        "contest_by",
        "parties",
    ),
)

EVIDENCE = Table(
    "case_evidence",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    whole("case_number", index=True),
    text("kind"),
    text("subject"),
    text("night"),
    text("content"),
    whole("scans"),
    text("facts"),
    text("record"),
    text("signed_at"),
    UniqueConstraint("subject", "kind", "night", "content"),
    one_of("kind", IrregularityKind),
    never_negative("scans"),
    sqlite_strict=True,
)
guard_append_only(EVIDENCE)

CONTESTS = Table(
    "case_contests",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    whole("case_number", index=True),
    text("party"),
    text("grounds"),
    text("contested_on"),
    one_of("party", Party),
    CheckConstraint("grounds <> ''"),
    sqlite_strict=True,
)
guard_append_only(CONTESTS)

TABLES = (IRREGULARITIES, EVIDENCE, CONTESTS)
