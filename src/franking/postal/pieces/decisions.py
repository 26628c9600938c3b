"""What a scan or a refund meets among the pieces known before. Pure.

The first fate stands; who comes second with another one, or with a piece that shares value with a
known one, opens a case and gets nothing. A mailed piece is scanned at every stop: seen again it
is still mailed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from franking.errors import Refusal
from franking.indicium.content import POSTAGE_MILLS_MAX
from franking.postal.pieces.records import CaseKind, Doing, Fate, KnownPiece, Piece

PIECE_UNFIT = Refusal(
    "PIECE_UNFIT",
    clause="39 CFR 502.9(a) (1997)",
    remedy="Name the piece by its device, ascending register and postage, as its indicium shows.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What stands against a piece."""

    kind: CaseKind
    detail: str


_CONTRADICTED = {
    (Doing.SCAN, Fate.REFUNDED): CaseKind.MAILED_AFTER_REFUND,
    (Doing.REFUND, Fate.MAILED): CaseKind.REFUND_AFTER_MAILING,
    (Doing.REFUND, Fate.REFUNDED): CaseKind.REFUNDED_TWICE,
}


def require_fit(piece: Piece) -> None:
    """Refuse a piece that no device can have made.

    Raises:
        Refused: ``PIECE_UNFIT``.
    """
    if not piece.device or piece.device != "".join(piece.device.upper().split()):
        raise PIECE_UNFIT.because(f"{piece.device!r} names no device")
    if not 0 < piece.postage_mills <= POSTAGE_MILLS_MAX or piece.low_mills < 0:
        raise PIECE_UNFIT.because(
            f"{piece.device} cannot stand at {piece.ascending_mills} mills after"
            f" {piece.postage_mills} mills of postage"
        )


def met(known: Sequence[KnownPiece], piece: Piece, doing: Doing) -> Met | None:
    """What of the device's ``known`` pieces, by ascending register, stands against ``piece``."""
    for each in _sharing(known, piece):
        if each.piece == piece:
            kind = _CONTRADICTED.get((doing, each.fate))
            if kind is not None:
                return Met(kind=kind, detail=f"{piece.name} was {_became(each)}")
        elif each.fate is not Fate.FREED:
            detail = f"{piece.name} shares value with {each.piece.name}, {_became(each)}"
            return Met(kind=CaseKind.SHARED_VALUE, detail=detail)
    return None


def is_known(known: Sequence[KnownPiece], piece: Piece) -> KnownPiece | None:
    """The piece itself, where it is among the ``known``."""
    return next((each for each in _sharing(known, piece) if each.piece == piece), None)


def _sharing(known: Sequence[KnownPiece], piece: Piece) -> list[KnownPiece]:
    """The known pieces that used up any of what ``piece`` used up.

    Pieces that stand share no value with each other, so that sorted by ascending register they
    are sorted by where they begin as well.
    """
    first = bisect_left(known, piece.low_mills + 1, key=_ascending)
    above = islice(known, first, None)
    return list(takewhile(lambda each: each.piece.low_mills < piece.ascending_mills, above))


def _ascending(known: KnownPiece) -> int:
    return known.piece.ascending_mills


def _became(known: KnownPiece) -> str:
    by = f" by {known.provider}" if known.provider else ""
    return f"{known.fate.value} on {known.on}{by} ({known.source})"
