"""How graded mailpieces and what licensees were told are stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import CheckConstraint, Column, Index, Row, Table, insert, select

from franking.provider.quality.records import (
    Deficiency,
    Grade,
    GradedPiece,
    NoticeKind,
    QualityNotice,
)
from franking.provider.schema import METADATA
from franking.storage import Reading, Work
from franking.storage.columns import WHOLE, guard_append_only, one_of, optional_whole, text

PIECES = Table(
    "quality_pieces",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial"),
    text("received_on"),
    text("grade"),
    text("verdict"),
    optional_whole("ascending_mills"),
    text("deficiencies"),
    one_of("grade", Grade),
    CheckConstraint("(grade = 'good') = (deficiencies = '[]')"),
    sqlite_strict=True,
)
Index("quality_pieces_of", PIECES.c.serial, PIECES.c.number)
Index("quality_pieces_once", PIECES.c.serial, PIECES.c.ascending_mills, unique=True)
guard_append_only(PIECES)

NOTICES = Table(
    "quality_notices",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial", index=True),
    text("licence"),
    text("kind"),
    text("given_on"),
    text("clause"),
    text("text"),
    one_of("kind", NoticeKind),
    sqlite_strict=True,
)
guard_append_only(NOTICES)

TABLES = (PIECES, NOTICES)


def add_piece(work: Work, piece: GradedPiece) -> None:
    """Keep a graded piece."""
    row = {**piece.as_json(), "deficiencies": msgspec.json.encode(piece.deficiencies).decode()}
    work.write(insert(PIECES).values(row))


def find_piece(books: Reading, serial: str, ascending_mills: int) -> GradedPiece | None:
    """The piece of a device at a value of its ascending register, if it was graded before."""
    table = PIECES.c
    row = books.row(
        select(PIECES).where(table.serial == serial, table.ascending_mills == ascending_mills)
    )
    return None if row is None else _piece(row)


def pieces_of(books: Reading, serial: str) -> list[GradedPiece]:
    """Every graded piece of a device, oldest first."""
    query = select(PIECES).where(PIECES.c.serial == serial).order_by(PIECES.c.number)
    return [_piece(row) for row in books.rows(query)]


def add_notices(work: Work, notices: Iterable[QualityNotice]) -> None:
    """Keep what licensees were told."""
    work.write_many(NOTICES, (notice.as_json() for notice in notices))


def notices_of(books: Reading, serial: str) -> list[QualityNotice]:
    """What was told about a device, oldest first."""
    query = select(NOTICES).where(NOTICES.c.serial == serial).order_by(NOTICES.c.number)
    return [_notice(row) for row in books.rows(query)]


def _piece(row: Row[Any]) -> GradedPiece:
    return GradedPiece(
        serial=row.serial,
        received_on=date.fromisoformat(row.received_on),
        grade=Grade(row.grade),
        verdict=row.verdict,
        ascending_mills=row.ascending_mills,
        deficiencies=msgspec.json.decode(row.deficiencies, type=tuple[Deficiency, ...]),
    )


def _notice(row: Row[Any]) -> QualityNotice:
    return QualityNotice(
        serial=row.serial,
        licence=row.licence,
        kind=NoticeKind(row.kind),
        given_on=date.fromisoformat(row.given_on),
        clause=row.clause,
        text=row.text,
    )
