"""Pieces that were seen in the mail by others than the desk that decides: by nights, and on-line.

They are not in the table of pieces, which would be that of the whole nation's mail; they are asked
for when a piece is about to be refunded, and then written there as mailed. The history of nights
lies in files beside the books, and is given by whoever opens them (``Books.with_beside``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from franking.identifiers import record_id
from franking.postal.pieces.online_tables import ONLINE_SIGHTINGS
from franking.postal.pieces.records import Piece
from franking.storage import Reading
from franking.storage.among import pair_among
from franking.verification.trust_format import instant_of

LOOKED_AT = 0
"""The operation of an on-line scan that says nothing of the mail, as at a refund desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPiece:
    """The first scan of a piece in the mail whose signature was true."""

    postage_mills: int
    on: date
    """The day, or the night whose files it came with."""
    source: str
    """The record that says so: ``night:2026-11-20``, ``online:17``."""
    at: datetime | None
    """``None`` where the scan did not say when, or its clock was wrong."""
    place: str
    """The ZIP Code; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class MailSeen:
    """The history of nights, as far as it is asked here: by device and ascending value."""

    find: Callable[[Sequence[Piece]], Mapping[tuple[str, int], SeenPiece]]


def seen_in_mail(
    books: Reading, device: str, pieces: Collection[Piece]
) -> Iterator[tuple[Piece, SeenPiece]]:
    """Those of ``pieces`` of a device that were seen in the mail, as they were signed there.

    A piece seen with another postage than was named is given as it was seen.
    """
    asked = list(pieces)
    history = books.beside(MailSeen)
    found = dict(history.find(asked)) if history is not None else {}
    found |= _online(books, asked)
    for piece in asked:
        seen = found.pop((piece.device, piece.ascending_mills), None)
        if seen is not None:
            yield (
                Piece(
                    device=device,
                    ascending_mills=piece.ascending_mills,
                    postage_mills=seen.postage_mills,
                ),
                seen,
            )


def _online(books: Reading, pieces: Sequence[Piece]) -> dict[tuple[str, int], SeenPiece]:
    table = ONLINE_SIGHTINGS.c
    pairs = [(piece.device, piece.ascending_mills) for piece in pieces]
    query = select(ONLINE_SIGHTINGS).where(
        pair_among(table.device, table.ascending_mills, pairs), table.operation > LOOKED_AT
    )
    return {
        (row.device, row.ascending_mills): SeenPiece(
            postage_mills=row.ascending_mills - row.low_mills,
            on=instant_of(row.scanned_at).date(),
            source=record_id("online", row.number),
            at=instant_of(row.scanned_at),
            place=row.place,
        )
        for row in books.rows(query.order_by(table.number.desc()))
    }
