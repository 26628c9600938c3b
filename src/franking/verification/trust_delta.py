"""What changed from one trust list to a later one, so that a fleet's keys are fetched once.

A delta needs no trust of its own: it carries the root of the later list, and what it makes of the
earlier one is that list, byte for byte, or is refused. Two deltas that follow each other combine
into one, so that the newest list is one step from every recent one.

Little-endian::

    magic 8 | of 4 | rows 4 | gone 4 | endings 4 | good again 4 | base 32 |
    rows 80 each | gone 4 each | endings 16 each | good again 4 each | root 76 | signature 64

    of          number of the earlier list
    base        SHA-256 of the earlier list's root
    rows        certificates that the earlier list has not, or otherwise
    gone        serials that the later list has not
    endings     of certificates that stand otherwise than before, or are new
    good again  serials whose ending was taken back
    root        as the later list ends, with its signature
"""

from __future__ import annotations

import hashlib
import struct
from datetime import datetime
from typing import BinaryIO, Final

import msgspec
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from numpy.typing import NDArray

from franking.errors import Refusal, Refused
from franking.indicium.signature import SIGNATURE_BYTES, verify_raw
from franking.verification.trust_format import (
    ENDING,
    ROOT_LAYOUT,
    ROW,
    instant_of,
)
from franking.verification.trust_format import (
    MAGIC as LIST_MAGIC,
)
from franking.verification.trust_list import TrustColumns, TrustList
from franking.verification.trust_writing import write_arrays

MAGIC: Final = b"FRKDELT1"
_HEAD: Final = struct.Struct("<8sIIIII32s")
_SERIAL: Final = np.dtype("<u4")
_KINDS: Final = (ROW, _SERIAL, ENDING, _SERIAL)
_ROOT_BYTES: Final = ROOT_LAYOUT.size + SIGNATURE_BYTES

TRUST_DELTA_UNREADABLE = Refusal(
    "TRUST_DELTA_UNREADABLE",
    clause="policy",
    remedy="Fetch the whole trust list instead.",
    http_status=422,
)
TRUST_DELTA_UNFIT = Refusal(
    "TRUST_DELTA_UNFIT",
    clause="policy",
    remedy="Fetch the whole trust list instead: this does not lead from the list at hand to it.",
)

Serials = NDArray[np.uint32]
Table = NDArray[np.void]


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """The changes from one list to a later one, and that one's signed root. Nothing is checked."""

    base_number: int
    base_digest: bytes
    """``TrustList.root_digest`` of the earlier list."""
    rows: Table
    gone: Serials
    endings: Table
    good_again: Serials
    signed_root: bytes
    """The root of the later list with its signature."""

    @property
    def number(self) -> int:
        """The number of the later list, as the delta says."""
        return int(ROOT_LAYOUT.unpack_from(self.signed_root)[1])

    @property
    def issued(self) -> datetime:
        """When the later list was made, as the delta says."""
        return instant_of(ROOT_LAYOUT.unpack_from(self.signed_root)[4])

    @property
    def next_issue(self) -> datetime:
        """When the list after it is due, as the delta says."""
        return instant_of(ROOT_LAYOUT.unpack_from(self.signed_root)[5])

    def to_bytes(self) -> bytes:
        """The delta as a file."""
        tables = self.rows, self.gone, self.endings, self.good_again
        head = _HEAD.pack(MAGIC, self.base_number, *map(len, tables), self.base_digest)
        return head + b"".join(table.tobytes() for table in tables) + self.signed_root


def read_delta(data: bytes) -> Delta:
    """The delta in ``data``.

    Raises:
        Refused: ``TRUST_DELTA_UNREADABLE``.
    """
    if len(data) < _HEAD.size + _ROOT_BYTES or not data.startswith(MAGIC):
        raise TRUST_DELTA_UNREADABLE.because("this is no delta of a trust list")
    _, base_number, *counts, base_digest = _HEAD.unpack_from(data)
    sizes = [count * kind.itemsize for count, kind in zip(counts, _KINDS, strict=True)]
    if _HEAD.size + sum(sizes) + _ROOT_BYTES != len(data):
        raise TRUST_DELTA_UNREADABLE.because("it is not as long as it says")
    starts = [_HEAD.size + sum(sizes[:place]) for place in range(len(sizes))]
    rows, gone, endings, good_again = (
        np.frombuffer(data, kind, count, start)
        for kind, count, start in zip(_KINDS, counts, starts, strict=True)
    )
    return Delta(
        base_number=base_number,
        base_digest=base_digest,
        rows=rows,
        gone=gone,
        endings=endings,
        good_again=good_again,
        signed_root=data[-_ROOT_BYTES:],
    )


def difference(earlier: TrustList, later: TrustList) -> Delta:
    """What leads from one list to a later one.

    Raises:
        Refused: ``TRUST_LIST_DAMAGED``.
    """
    before, after = earlier.columns(), later.columns()
    rows = _changed(before.rows, after.rows)
    return Delta(
        base_number=earlier.issue.number,
        base_digest=earlier.root_digest,
        rows=rows,
        gone=np.setdiff1d(_serials(before.rows), _serials(after.rows)),
        endings=_changed(before.endings, after.endings),
        good_again=_good_again(before, after),
        signed_root=later.signed_root,
    )


def combine(first: Delta, second: Delta) -> Delta:
    """Both deltas in one step; ``second`` leads on from where ``first`` leads to.

    Raises:
        Refused: ``TRUST_DELTA_UNFIT``.
    """
    root = first.signed_root[: ROOT_LAYOUT.size]
    if hashlib.sha256(root).digest() != second.base_digest:
        raise TRUST_DELTA_UNFIT.because(
            f"the delta to {first.number} is not followed by that of {second.base_number}"
        )
    settled = np.concatenate([_serials(second.endings), second.good_again, second.gone])
    return Delta(
        base_number=first.base_number,
        base_digest=first.base_digest,
        rows=_replaced(first.rows, second.rows, second.gone),
        gone=np.union1d(first.gone, second.gone),
        endings=_replaced(first.endings, second.endings, settled),
        good_again=np.union1d(
            np.setdiff1d(first.good_again, _serials(second.endings)), second.good_again
        ),
        signed_root=second.signed_root,
    )


def apply(
    delta: Delta, base: TrustList, out: BinaryIO, root_public_key: EllipticCurvePublicKey
) -> None:
    """Write the list that ``delta`` makes of ``base``, checked under the pinned root.

    ``out`` holds nothing to be believed when this is refused.

    Raises:
        Refused: ``TRUST_DELTA_UNFIT``, ``TRUST_DELTA_UNREADABLE``, ``TRUST_LIST_DAMAGED``.
    """
    if delta.base_digest != base.root_digest:
        raise TRUST_DELTA_UNFIT.because(
            f"it is a change of list {delta.base_number}, and this is"
            f" {'another one of' if delta.base_number == base.issue.number else 'list'}"
            f" {base.issue.number}"
        )
    columns = base.columns()
    settled = np.concatenate([delta.good_again, delta.gone])
    write_arrays(
        out,
        _replaced(columns.rows, delta.rows, delta.gone),
        _replaced(columns.endings, delta.endings, settled),
        _Promised(delta, root_public_key),
        issued=delta.issued,
        next_issue=delta.next_issue,
        number=delta.number,
    )


class _Promised:
    """Signs the one root that a delta promises, by the signature that came with it."""

    name = "Postal Service"

    def __init__(self, delta: Delta, root_public_key: EllipticCurvePublicKey) -> None:
        self._root = delta.signed_root[: ROOT_LAYOUT.size]
        self._signature = delta.signed_root[ROOT_LAYOUT.size :]
        self._number = delta.number
        try:
            verify_raw(root_public_key, self._root, self._signature)
        except Refused as error:
            raise TRUST_DELTA_UNFIT.because(
                "the root that it leads to is not signed by the pinned key"
            ) from error
        if not self._root.startswith(LIST_MAGIC):
            raise TRUST_DELTA_UNREADABLE.because("it leads to something that is no trust list")

    def sign(self, data: bytes) -> bytes:
        """The signature, if it is for ``data``.

        Raises:
            Refused: ``TRUST_DELTA_UNFIT``.
        """
        if data != self._root:
            raise TRUST_DELTA_UNFIT.because(f"it does not lead to list {self._number}")
        return self._signature


def _serials(table: Table) -> Serials:
    return np.ascontiguousarray(table["certificate_serial"])


def _changed(before: Table, after: Table) -> Table:
    """The rows of ``after`` that are not in ``before`` as they are; both by serial."""
    places = _serials(before).searchsorted(_serials(after))
    found = places < len(before)
    same = np.zeros(len(after), np.bool_)
    same[found] = _as_bytes(before)[places[found]] == _as_bytes(after)[found]
    return after[~same]


def _as_bytes(table: Table) -> NDArray[np.void]:
    return np.ascontiguousarray(table).view(f"V{table.itemsize}")


def _good_again(before: TrustColumns, after: TrustColumns) -> Serials:
    """Of the certificates that are still listed, those that had an ending and have none."""
    had, have = _serials(before.endings), _serials(after.endings)
    return np.intersect1d(np.setdiff1d(had, have), _serials(after.rows))


def _replaced(before: Table, changes: Table, dropped: Serials) -> Table:
    """``before`` without what is ``dropped``, with ``changes`` in place; by serial."""
    out = np.isin(_serials(before), np.concatenate([dropped, _serials(changes)]))
    kept = before if not out.any() else before[~out]
    return np.insert(kept, _serials(kept).searchsorted(_serials(changes)), changes)
