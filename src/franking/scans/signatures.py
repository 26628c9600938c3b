"""The signatures of a batch: each different payload checked once, the pieces of a key together.

The one step of a night that has to be taken piece by piece, and what its time is spent on. Refuses
to know what the content says.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from franking.errors import Refused
from franking.indicium.content import CONTENT_BYTES
from franking.indicium.signature import SIGNATURE_BYTES, digest_number, verify_raw_of_digest
from franking.scans.decoding import Octets, Payloads, Truth, Whole
from franking.scans.keys import Keys

_SHORTEST = CONTENT_BYTES + SIGNATURE_BYTES
_PROVEN_KEPT = 1 << 20
"""About 130 bytes each."""
_ENDS = 64
"""So many bytes from either end are mixed into the number that brings equal payloads together."""
_MIXED = np.random.default_rng(1997).integers(2**63, size=(2, _ENDS // 8), dtype=np.uint64) * 2 + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """Whether each payload was signed by its key, and the digest of what was signed."""

    true: Truth
    digest: Whole
    """The ``digest_number`` of the signed bytes' SHA-256; 0 where the signature is false."""


class Proven:
    """The signatures that a process found true under one list, as many as it can well remember.

    A piece is scanned several times on its way, and the scans are seldom in one batch.
    """

    def __init__(self) -> None:
        self._marks: set[bytes] = set()

    def is_true(self, keys: Keys, place: int, digest: bytes, raw: bytes) -> bool:
        """Whether the key at ``place`` made the signature ``raw`` of what has this SHA-256.

        Raises:
            Refused: ``TRUST_LIST_DAMAGED``.
        """
        mark = hashlib.sha256(place.to_bytes(4) + digest + raw).digest()
        if mark in self._marks:
            return True
        key = keys.key_at(place)
        try:
            verify_raw_of_digest(key, digest, raw)
        except Refused:
            return False
        if len(self._marks) == _PROVEN_KEPT:
            self._marks.clear()
        self._marks.add(mark)
        return True


def signatures_of(
    payloads: Payloads, rows: Whole, places: Whole, keys: Keys, proven: Proven
) -> Signatures:
    """The signatures of payloads that are laid out as ours; ``places`` are those of their keys.

    Raises:
        Refused: ``TRUST_LIST_DAMAGED``.
    """
    alike = _mixed(payloads, rows)
    order = np.lexsort((alike, places))
    different = _different(payloads, rows[order], alike[order])
    first = order[different]
    truths, digests = _checked(payloads, rows[first], places[first], keys, proven)
    which = np.cumsum(different) - 1
    true, digest = np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.int64)
    true[order], digest[order] = truths[which], digests[which]
    return Signatures(true=true, digest=digest)


def _mixed(payloads: Payloads, rows: Whole) -> NDArray[np.uint64]:
    """A number of each payload: equal ones have it in common, and hardly any others."""
    starts = payloads.starts[rows]
    heads = _pieces(payloads.data, starts, _ENDS).view(np.uint64)
    tails = _pieces(payloads.data, starts + payloads.lengths[rows] - _ENDS, _ENDS).view(np.uint64)
    mixed: NDArray[np.uint64] = np.sum(heads * _MIXED[0] + tails * _MIXED[1], axis=1)
    return mixed


def _different(payloads: Payloads, rows: Whole, mixed: NDArray[np.uint64]) -> Truth:
    """Whether each payload differs from the one before it; a payload of ours has 113 to 142 bytes.

    Its first 113 and its last 64 are all of it.
    """
    starts, lengths = payloads.starts[rows], payloads.lengths[rows]
    different = np.ones(len(rows), np.bool_)
    alike = 1 + np.flatnonzero((mixed[1:] == mixed[:-1]) & (lengths[1:] == lengths[:-1]))
    for begin, size in ((starts, _SHORTEST), (starts + lengths - SIGNATURE_BYTES, SIGNATURE_BYTES)):
        here = _pieces(payloads.data, begin[alike], size)
        before = _pieces(payloads.data, begin[alike - 1], size)
        alike = alike[np.all(here == before, axis=1)]
    different[alike] = False
    return different


def _pieces(data: Octets, starts: Whole, size: int) -> Octets:
    if not len(starts):
        return np.zeros((0, size), np.uint8)
    return np.lib.stride_tricks.sliding_window_view(data, size)[starts]


def _checked(
    payloads: Payloads, rows: Whole, places: Whole, keys: Keys, proven: Proven
) -> tuple[Truth, Whole]:
    """Each payload under its key, those of one key in a row; and the digests of the true ones."""
    stops = payloads.starts[rows] + payloads.lengths[rows]
    bounds = (payloads.starts[rows], stops - SIGNATURE_BYTES, stops)
    data = payloads.data.data
    digests = [
        _digest_if_true(bytes(data[start:middle]), bytes(data[middle:stop]), place, keys, proven)
        for start, middle, stop, place in zip(
            *(bound.tolist() for bound in bounds), places.tolist(), strict=True
        )
    ]
    truths = np.array([digest is not None for digest in digests], np.bool_)
    return truths, np.array([digest or 0 for digest in digests], np.int64)


def _digest_if_true(
    signed: bytes, raw: bytes, place: int, keys: Keys, proven: Proven
) -> int | None:
    """The digest of what was signed; ``None`` where the key did not sign it."""
    digest = hashlib.sha256(signed).digest()
    return digest_number(digest) if proven.is_true(keys, place, digest, raw) else None
