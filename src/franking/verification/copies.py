"""Pieces of one device that share value: copies of a print, or of a device.

A piece uses up (ascending - postage, ascending] of its device. Two pieces that share any of it
prove that something was copied, whichever was seen first: the print, where the same content is seen
twice, else the device. Only pieces with a true signature count: else anybody could cast doubt on
another's mail by printing rubbish.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from franking.identifiers import DeviceId
from franking.indicium.content import IndiciumContent
from franking.indicium.signature import SIGNATURE_BYTES
from franking.verification.faults import Fault
from franking.verification.payload import Verification, with_fault
from franking.verification.predicates import shares_value
from franking.verification.reasons import Reason
from franking.verification.verdict import Outcome


class _Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What was signed of the verification at ``place``, and the value that it used."""

    signed: bytes
    ascending: int
    postage: int
    place: int

    @property
    def low(self) -> int:
        """The value used up before it."""
        return self.ascending - self.postage


def copies_noted(verifications: Sequence[Verification]) -> tuple[Verification, ...]:
    """The same, with a fault in each of those that share value with another of them."""
    noted = list(verifications)
    for pieces in _by_device(verifications).values():
        for place, fault in _faults(pieces, verifications):
            noted[place] = with_fault(noted[place], fault)
    return tuple(noted)


def _by_device(verifications: Iterable[Verification]) -> dict[DeviceId, list[_Piece]]:
    devices: dict[DeviceId, list[_Piece]] = defaultdict(list)
    for place, one in enumerate(verifications):
        content = _believed(one)
        if content is not None and one.indicium is not None:
            piece = _Piece(
                signed=one.indicium.payload[:-SIGNATURE_BYTES],
                ascending=content.ascending_mills,
                postage=content.postage_mills,
                place=place,
            )
            devices[content.device_id].append(piece)
    return devices


def _believed(verification: Verification) -> IndiciumContent | None:
    """What was signed, where the signature is true; what paid for nothing used up nothing."""
    signed = any(
        step.name == "signature" and step.outcome is Outcome.PASSED for step in verification.steps
    )
    content = verification.indicium.content if signed and verification.indicium else None
    return content if content and content.postage_mills else None


def _faults(
    pieces: Iterable[_Piece], verifications: Sequence[Verification]
) -> Iterable[tuple[int, Fault]]:
    pieces = sorted(pieces, key=lambda piece: (piece.low, piece.ascending))
    times = Counter(piece.signed for piece in pieces)
    others = _overlapping({piece.signed: piece for piece in pieces}.values())
    for piece in pieces:
        if piece.signed in others:
            where = verifications[others[piece.signed].place].where
            yield piece.place, Fault(Reason.OVERLAP, f"shares value with the piece in {where}")
        if times[piece.signed] > 1:
            detail = f"the same indicium is here {times[piece.signed]} times"
            yield piece.place, Fault(Reason.DUPLICATE, detail)


def _overlapping(pieces: Iterable[_Piece]) -> dict[bytes, _Piece]:
    """For each piece that overlaps another one, one that it overlaps; ``pieces`` sorted by low.

    It is enough to compare each with the one before it that reaches highest.
    """
    others: dict[bytes, _Piece] = {}
    highest: _Piece | None = None
    for piece in pieces:
        if highest is not None and shares_value(
            piece.ascending, piece.postage, highest.ascending, highest.postage
        ):
            others[piece.signed] = highest
            others.setdefault(highest.signed, piece)
        if highest is None or piece.ascending > highest.ascending:
            highest = piece
    return others
