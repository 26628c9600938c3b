"""How anchors and findings are stored: appended, never changed; the last anchor counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Column, Index, Row, Select, Table, func, insert, select

from franking.postal.anchors.records import Anchor, Finding, FindingKind
from franking.postal.schema import METADATA
from franking.storage import Reading, Work
from franking.storage.columns import WHOLE, guard_append_only, never_negative, one_of, text, whole

ANCHORS = Table(
    "anchors",
    METADATA,
    text("device", primary_key=True),
    text("provider", primary_key=True),
    whole("sequence", primary_key=True, autoincrement=False),
    whole("ascending_mills"),
    text("entry_hash"),
    text("said_at"),
    never_negative("sequence", "ascending_mills"),
    sqlite_strict=True,
)
FINDINGS = Table(
    "anchor_findings",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("kind"),
    text("provider"),
    text("device"),
    text("detail"),
    text("found_at"),
    one_of("kind", FindingKind),
    sqlite_strict=True,
)
Index("anchor_findings_device", FINDINGS.c.device)
for _table in (ANCHORS, FINDINGS):
    guard_append_only(_table)

TABLES = (ANCHORS, FINDINGS)


def latest_anchors(books: Reading, devices: Collection[str]) -> list[Anchor]:
    """The last anchor of each of these devices, for each provider that anchored one."""
    return _anchors(books.rows(_latest().where(ANCHORS.c.device.in_(sorted(devices)))))


def latest_of_provider(
    books: Reading, provider: str, *, after: str = "", limit: int
) -> list[Anchor]:
    """The last anchors of a provider's devices, by device, a page at a time."""
    mine = _latest().where(ANCHORS.c.provider == provider, ANCHORS.c.device > after)
    return _anchors(books.rows(mine.order_by(ANCHORS.c.device).limit(limit)))


def add_anchors(work: Work, anchors: Sequence[Anchor]) -> None:
    """Keep anchors."""
    work.write_many(ANCHORS, [asdict(anchor) for anchor in anchors])


def add_finding(work: Work, finding: Finding) -> None:
    """Keep a finding."""
    work.write(insert(FINDINGS).values(asdict(finding)))


def findings(books: Reading, *, device: str | None = None) -> list[Finding]:
    """The findings, oldest first; of one device if it is named."""
    query = select(*(FINDINGS.c[name] for name in Finding.__slots__)).order_by(FINDINGS.c.number)
    if device is not None:
        query = query.where(FINDINGS.c.device == device)
    return [_finding(row) for row in books.rows(query)]


def _latest() -> Select[Any]:
    other = ANCHORS.alias()
    newest = (
        select(func.max(other.c.sequence))
        .where(other.c.device == ANCHORS.c.device, other.c.provider == ANCHORS.c.provider)
        .scalar_subquery()
    )
    return select(ANCHORS).where(ANCHORS.c.sequence == newest)


def _anchors(rows: Sequence[Row[Any]]) -> list[Anchor]:
    return [Anchor(**row._mapping) for row in rows]


def _finding(row: Row[Any]) -> Finding:
    return Finding(**{**row._mapping, "kind": FindingKind(row.kind)})
