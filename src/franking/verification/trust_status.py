"""The status set: how every certificate stands today, without its key, under a signed root.

The keys of a fleet hardly change and are 80 bytes each; what is reported lost, ended or compromised
changes daily and is two bits each, so that the exact status of a million devices is at most 256 KiB
(decision 30). It is laid over the keys of any list that it names as fitting: the newest, and those
before it whose certificates it still begins with, in the same order. What that list does not have
stays unknown.

Little-endian::

    root 112 | signature 64 | fits 40 each | statuses | endings

    root      magic 8, number 4, certificates 4, fits 4, bytes of statuses 4, endings 4,
              bytes of endings 4, issued 8, next issue 8, SHA-256 of fits and statuses 32,
              SHA-256 of the endings 32
    fits      number 4, certificates 4, ``TrustList.rows_digest`` 32
    statuses  2 bits each, first in the lowest, compressed (RFC 1950) where that is shorter
    endings   compressed columns: reason 1 each, date 2 each, final ascending 8 each, byte by byte
              of its place (all lowest bytes, then all second ones, and so on)

Statuses alone say who is good. The endings come after them, or apart; only with them can a set be
laid over keys, since a verdict asks when and at which value a key ended.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from numpy.typing import NDArray

from franking.errors import Refusal, Refused
from franking.indicium.signature import SIGNATURE_BYTES, verify_raw
from franking.messages.signing import Signer
from franking.verification.trust_format import instant_of, microseconds_of
from franking.verification.trust_standing import Standing, packed, unpacked

MAGIC: Final = b"FRKSTAT1"
_ROOT: Final = struct.Struct("<8sIIIIIIqq32s32s")
_FIT: Final = struct.Struct("<II32s")
_HEAD: Final = _ROOT.size + SIGNATURE_BYTES
_ENDING_BYTES: Final = 11

TRUST_STATUS_UNREADABLE = Refusal(
    "TRUST_STATUS_UNREADABLE",
    clause="policy",
    remedy="Fetch the status set again: franking trust update.",
    http_status=422,
)
TRUST_STATUS_SIGNATURE_FALSE = Refusal(
    "TRUST_STATUS_SIGNATURE_FALSE",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Fetch the status set again, and check the pinned root key; believe nothing in this.",
    http_status=403,
)
TRUST_STATUS_NOT_FOR_THIS_LIST = Refusal(
    "TRUST_STATUS_NOT_FOR_THIS_LIST",
    clause="policy",
    remedy="Fetch the trust list, with its keys: franking trust update.",
)


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """A list whose keys a status set may be laid over."""

    number: int
    certificates: int
    rows_digest: bytes
    """``TrustList.rows_digest``."""


class StatusSet(msgspec.Struct, frozen=True, kw_only=True):
    """A status set whose root was checked."""

    number: int
    """That of the trust list which says the same, with keys."""
    issued: datetime
    next_issue: datetime
    fits: tuple[Fit, ...]
    statuses: NDArray[np.uint8]
    """A ``Status`` for each certificate, in ascending order of serial."""
    standing: Standing | None
    """With the endings; ``None`` where they were not at hand."""

    def require_fit(self, number: int, rows_digest: bytes) -> Standing:
        """How the certificates of the list ``number`` with these rows stand.

        Raises:
            Refused: ``TRUST_STATUS_NOT_FOR_THIS_LIST``, ``TRUST_STATUS_UNREADABLE`` (no endings).
        """
        if self.standing is None:
            raise TRUST_STATUS_UNREADABLE.because(f"set {self.number} is without its endings")
        for fit in self.fits:
            if fit.rows_digest == rows_digest:
                return self.standing.first(fit.certificates)
        raise TRUST_STATUS_NOT_FOR_THIS_LIST.because(
            f"status set {self.number} does not fit the keys of list {number}"
        )


class _Root(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    certificates: int
    fits: int
    status_bytes: int
    endings: int
    ending_bytes: int
    issued: datetime
    next_issue: datetime
    status_digest: bytes
    ending_digest: bytes


def build_status(
    standing: Standing,
    fits: Sequence[Fit],
    signer: Signer,
    *,
    number: int,
    issued: datetime,
    next_issue: datetime,
) -> tuple[bytes, bytes]:
    """A status set and, apart, its endings; one behind the other they are the whole set.

    ``fits`` are the newest list and those before it that ``standing`` begins with.
    """
    statuses, endings = _shortest(packed(standing.statuses)), _endings(standing)
    body = b"".join(_FIT.pack(*msgspec.structs.astuple(fit)) for fit in fits) + statuses
    root = _ROOT.pack(
        MAGIC,
        number,
        len(standing.statuses),
        len(fits),
        len(statuses),
        len(standing.places),
        len(endings),
        microseconds_of(issued),
        microseconds_of(next_issue),
        hashlib.sha256(body).digest(),
        hashlib.sha256(endings).digest(),
    )
    return root + signer.sign(root) + body, endings


def read_status(data: bytes, root_public_key: EllipticCurvePublicKey) -> StatusSet:
    """The status set in ``data``, with its endings where they follow it.

    Raises:
        Refused: ``TRUST_STATUS_UNREADABLE``, ``TRUST_STATUS_SIGNATURE_FALSE``.
    """
    root = _checked_root(data, root_public_key)
    ends = _HEAD + root.fits * _FIT.size + root.status_bytes
    body, endings = data[_HEAD:ends], data[ends:]
    if hashlib.sha256(body).digest() != root.status_digest:
        raise TRUST_STATUS_UNREADABLE.because("part of it is not what was signed")
    bits = _expanded(body[root.fits * _FIT.size :], -(-root.certificates // 4))
    statuses = unpacked(bits, root.certificates)
    return StatusSet(
        number=root.number,
        issued=root.issued,
        next_issue=root.next_issue,
        fits=tuple(_fit(body, place) for place in range(root.fits)),
        statuses=statuses,
        standing=_standing(statuses, endings, root) if endings or not root.endings else None,
    )


def _checked_root(data: bytes, root_public_key: EllipticCurvePublicKey) -> _Root:
    if len(data) < _HEAD or not data.startswith(MAGIC):
        raise TRUST_STATUS_UNREADABLE.because("this is no status set")
    signed = data[: _ROOT.size]
    try:
        verify_raw(root_public_key, signed, data[_ROOT.size : _HEAD])
    except Refused as error:
        raise TRUST_STATUS_SIGNATURE_FALSE.because(
            "its root is not signed by the pinned key"
        ) from error
    _, number, count, fits, status_bytes, endings, ending_bytes, *rest = _ROOT.unpack(signed)
    issued, next_issue, status_digest, ending_digest = rest
    return _Root(
        number=number,
        certificates=count,
        fits=fits,
        status_bytes=status_bytes,
        endings=endings,
        ending_bytes=ending_bytes,
        issued=instant_of(issued),
        next_issue=instant_of(next_issue),
        status_digest=status_digest,
        ending_digest=ending_digest,
    )


def _fit(body: bytes, place: int) -> Fit:
    number, certificates, rows_digest = _FIT.unpack_from(body, place * _FIT.size)
    return Fit(number=number, certificates=certificates, rows_digest=rows_digest)


def _endings(standing: Standing) -> bytes:
    """The three columns, the numbers of many bytes by byte, which makes equal neighbours."""
    if not len(standing.places):
        return b""
    return zlib.compress(
        standing.reasons.tobytes()
        + _by_byte(standing.days.astype("<u2"))
        + _by_byte(standing.finals.astype("<u8"))
    )


def _by_byte(column: NDArray[np.generic]) -> bytes:
    return column.view(np.uint8).reshape(-1, column.itemsize).T.tobytes()


def _of_bytes(data: bytes, kind: str) -> NDArray[np.generic]:
    width = np.dtype(kind).itemsize
    planes = np.frombuffer(data, np.uint8).reshape(width, -1)
    return np.ascontiguousarray(planes.T).view(kind).reshape(-1)


def _standing(statuses: NDArray[np.uint8], endings: bytes, root: _Root) -> Standing:
    if hashlib.sha256(endings).digest() != root.ending_digest:
        raise TRUST_STATUS_UNREADABLE.because("its endings are not what was signed")
    count = root.endings
    columns = _inflated(endings, count * _ENDING_BYTES)
    standing = Standing(
        statuses=statuses,
        places=np.flatnonzero(statuses),
        reasons=np.frombuffer(columns[:count], np.uint8),
        days=_of_bytes(columns[count : 3 * count], "<u2").astype(np.uint16),
        finals=_of_bytes(columns[3 * count :], "<u8").astype(np.uint64),
    )
    if not standing.is_whole:
        raise TRUST_STATUS_UNREADABLE.because("its endings do not fit its statuses")
    return standing


def _shortest(data: bytes) -> bytes:
    small = zlib.compress(data, zlib.Z_BEST_COMPRESSION)
    return small if len(small) < len(data) else data


def _expanded(data: bytes, length: int) -> bytes:
    """What ``_shortest`` was given: ``length`` bytes."""
    return data if len(data) == length else _inflated(data, length)


def _inflated(data: bytes, length: int) -> bytes:
    inflating = zlib.decompressobj()
    try:
        given = inflating.decompress(data, length + 1)
    except zlib.error as error:
        raise TRUST_STATUS_UNREADABLE.because(f"part of it cannot be expanded: {error}") from error
    if len(given) != length:
        raise TRUST_STATUS_UNREADABLE.because("part of it is not as long as its root says")
    return given
