"""Pieces of one device that share value: copies of a print, or of a device.

A piece uses up (ascending - postage, ascending] of its device. Two pieces that share any of it
prove that something was copied, whichever was seen first. Only pieces with a true signature count:
else anybody could cast doubt on another's mail by printing rubbish.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from franking.identifiers import DeviceId
from franking.indicium.content import IndiciumContent
from franking.verification.payload import Verification, with_fault
from franking.verification.steps import Fault
from franking.verification.verdict import Bearing, Outcome


class _Piece(msgspec.Struct, frozen=True):
    """The value that the verification at ``place`` says was used."""

    low: int
    high: int
    place: int


def copies_noted(verifications: Sequence[Verification]) -> tuple[Verification, ...]:
    """The same, with a fault in each of those that share value with another of them."""
    faults = {
        place: fault
        for pieces in _by_device(verifications).values()
        for place, fault in _faults(pieces, verifications)
    }
    return tuple(
        with_fault(one, "duplicate", faults[place]) if place in faults else one
        for place, one in enumerate(verifications)
    )


def _by_device(verifications: Iterable[Verification]) -> dict[DeviceId, list[_Piece]]:
    devices: dict[DeviceId, list[_Piece]] = defaultdict(list)
    for place, one in enumerate(verifications):
        content = _believed(one)
        if content is not None:
            low = content.ascending_mills - content.postage_mills
            devices[content.device_id].append(_Piece(low, content.ascending_mills, place))
    return devices


def _believed(verification: Verification) -> IndiciumContent | None:
    """What was signed, where the signature is true."""
    signed = any(
        step.name == "signature" and step.outcome is Outcome.PASSED for step in verification.steps
    )
    return verification.indicium.content if signed and verification.indicium else None


def _faults(
    pieces: Iterable[_Piece], verifications: Sequence[Verification]
) -> Iterable[tuple[int, Fault]]:
    pieces = sorted(pieces, key=lambda piece: (piece.low, piece.high))
    times = Counter(piece.high for piece in pieces)
    others = _overlapping(pieces)
    for piece in pieces:
        if times[piece.high] > 1:
            reason = f"the same indicium is here {times[piece.high]} times"
            yield piece.place, Fault(reason, Bearing.DOUBT, "DUPLICATE")
        elif piece.place in others:
            reason = f"shares value with the piece in {verifications[others[piece.place]].where}"
            yield piece.place, Fault(reason, Bearing.DOUBT, "OVERLAP")


def _overlapping(pieces: Iterable[_Piece]) -> dict[int, int]:
    """For each piece that overlaps another, one that it overlaps; ``pieces`` sorted by low.

    It is enough to compare each with the one before it that reaches highest.
    """
    others: dict[int, int] = {}
    highest: _Piece | None = None
    for piece in pieces:
        if highest is not None and piece.low < min(highest.high, piece.high):
            others[piece.place] = highest.place
            others.setdefault(highest.place, piece.place)
        if highest is None or piece.high > highest.high:
            highest = piece
    return others
