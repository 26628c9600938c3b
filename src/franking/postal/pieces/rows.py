"""Reading and writing the rows of pieces, sightings and their cases."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, select, update

from franking.indicium.content import POSTAGE_MILLS_MAX
from franking.postal.pieces.records import (
    CaseKind,
    CaseStatus,
    Doing,
    Fate,
    KnownPiece,
    Piece,
    PieceCase,
    Sighting,
)
from franking.postal.pieces.tables import CASES, PIECES, SIGHTINGS
from franking.storage import Reading, Work


def near(books: Reading, device: str, pieces: Collection[Piece]) -> list[KnownPiece]:
    """The known pieces of a device that may share value with any of ``pieces``, by ascending."""
    low = min(piece.low_mills for piece in pieces)
    high = max(piece.ascending_mills for piece in pieces) + POSTAGE_MILLS_MAX
    table = PIECES.c
    query = select(PIECES).where(
        table.device == device, table.ascending_mills > low, table.ascending_mills < high
    )
    return [_known(row) for row in books.rows(query.order_by(table.ascending_mills))]


def find(books: Reading, device: str, ascending_mills: int) -> KnownPiece | None:
    """What became of the piece after which the device stood at ``ascending_mills``."""
    row = books.row(select(PIECES).where(_is(PIECES, device, ascending_mills)))
    return None if row is None else _known(row)


def of_source(books: Reading, source: str) -> list[KnownPiece]:
    """Every piece that a record gave its fate to, by device and ascending register."""
    table = PIECES.c
    query = select(PIECES).where(table.source == source)
    return [_known(row) for row in books.rows(query.order_by(table.device, table.ascending_mills))]


def add(work: Work, known: Sequence[KnownPiece]) -> None:
    """Give pieces that had none their fate."""
    work.write_many(
        PIECES,
        [
            {
                **_piece_columns(each.piece),
                "fate": each.fate.value,
                "day": each.on.isoformat(),
                "source": each.source,
                "provider": each.provider,
            }
            for each in known
        ],
    )


def change(work: Work, before: KnownPiece, after: KnownPiece) -> None:
    """Give a piece another fate, if it still has the one decided on."""
    piece = before.piece
    mine = _is(PIECES, piece.device, piece.ascending_mills) & (PIECES.c.fate == before.fate.value)
    fresh = {
        "fate": after.fate.value,
        "day": after.on.isoformat(),
        "source": after.source,
        "provider": after.provider,
    }
    work.write_one(update(PIECES).where(mine).values(fresh))


def add_sightings(work: Work, sightings: Sequence[Sighting]) -> None:
    """Note who had to do with which pieces."""
    work.write_many(
        SIGHTINGS,
        [
            {
                **_piece_columns(each.piece),
                "doing": each.doing.value,
                "at": each.at,
                "source": each.source,
                "outcome": each.outcome,
            }
            for each in sightings
        ],
    )


def sightings_of(books: Reading, device: str, ascending_mills: int) -> list[Sighting]:
    """Every time that somebody had to do with a piece, oldest first."""
    query = select(SIGHTINGS).where(_is(SIGHTINGS, device, ascending_mills))
    return [_sighting(row) for row in books.rows(query.order_by(SIGHTINGS.c.number))]


def add_cases(work: Work, cases: Sequence[PieceCase]) -> None:
    """Store cases as they open."""
    work.write_many(
        CASES,
        [
            {
                "number": each.number,
                "kind": each.kind.value,
                **_piece_columns(each.piece),
                "source": each.source,
                "detail": each.detail,
                "opened_on": each.opened_on.isoformat(),
                **_standing(each),
            }
            for each in cases
        ],
    )


def change_case(work: Work, before: PieceCase, after: PieceCase) -> None:
    """Store what became of a case, if it still is as decided on."""
    mine = (CASES.c.number == before.number) & (CASES.c.status == before.status.value)
    work.write_one(update(CASES).where(mine).values(_standing(after)))


def find_case(books: Reading, number: int) -> PieceCase | None:
    """The case of that number."""
    row = books.row(select(CASES).where(CASES.c.number == number))
    return None if row is None else _case(row)


def open_case_of(books: Reading, piece: Piece, kind: CaseKind) -> PieceCase | None:
    """The open case of that kind about a piece."""
    open_now = (CASES.c.kind == kind.value) & (CASES.c.status == CaseStatus.OPEN.value)
    query = select(CASES).where(_is(CASES, piece.device, piece.ascending_mills), open_now)
    found = books.rows(query.where(CASES.c.postage_mills == piece.postage_mills))
    return _case(found[0]) if found else None


def cases(books: Reading, *, open_only: bool = False) -> list[PieceCase]:
    """The cases, oldest first."""
    query = select(CASES).order_by(CASES.c.number)
    if open_only:
        query = query.where(CASES.c.status == CaseStatus.OPEN.value)
    return [_case(row) for row in books.rows(query)]


def cases_of(books: Reading, device: str, ascending_mills: int) -> list[PieceCase]:
    """The cases about one piece, oldest first."""
    query = select(CASES).where(_is(CASES, device, ascending_mills)).order_by(CASES.c.number)
    return [_case(row) for row in books.rows(query)]


def _is(table: Any, device: str, ascending_mills: int) -> Any:
    return (table.c.device == device) & (table.c.ascending_mills == ascending_mills)


def _piece_columns(piece: Piece) -> dict[str, object]:
    return {
        "device": piece.device,
        "ascending_mills": piece.ascending_mills,
        "postage_mills": piece.postage_mills,
    }


def _standing(case: PieceCase) -> dict[str, object]:
    return {
        "status": case.status.value,
        "finding": case.finding,
        "closed_by": case.closed_by,
        "closed_on": case.closed_on.isoformat() if case.closed_on else None,
    }


def _piece(row: Row[Any]) -> Piece:
    return Piece(
        device=row.device, ascending_mills=row.ascending_mills, postage_mills=row.postage_mills
    )


def _known(row: Row[Any]) -> KnownPiece:
    return KnownPiece(
        piece=_piece(row),
        fate=Fate(row.fate),
        on=date.fromisoformat(row.day),
        source=row.source,
        provider=row.provider,
    )


def _sighting(row: Row[Any]) -> Sighting:
    return Sighting(
        piece=_piece(row),
        doing=Doing(row.doing),
        at=row.at,
        source=row.source,
        outcome=row.outcome,
    )


def _case(row: Row[Any]) -> PieceCase:
    return PieceCase(
        number=row.number,
        kind=CaseKind(row.kind),
        piece=_piece(row),
        source=row.source,
        detail=row.detail,
        opened_on=date.fromisoformat(row.opened_on),
        status=CaseStatus(row.status),
        finding=row.finding,
        closed_by=row.closed_by,
        closed_on=date.fromisoformat(row.closed_on) if row.closed_on else None,
    )
