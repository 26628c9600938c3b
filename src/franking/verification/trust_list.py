"""The trust list: every device key to believe, in one file under one signed root.

A memory-mapped table of 80 bytes a certificate, sorted by serial number, with two bits of status
each and a table of those that ended (``trust_format`` has the bytes). It is cut into blocks; the
root signs the digests of the blocks, and a block is checked when it is first touched, so that a
list of a million devices opens at once and still nothing unsigned is believed. Refuses to know
payloads and verdicts.
"""

from __future__ import annotations

import bisect
import hashlib
import mmap
from collections.abc import Iterator, Sequence
from copy import copy
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from numpy.typing import NDArray

from franking.errors import Refusal, Refused
from franking.indicium.content import device_id_of
from franking.indicium.signature import SIGNATURE_BYTES, verify_raw
from franking.verification.trust_format import (
    BLOCK_ROWS,
    DIGEST_BYTES,
    ENDING,
    ENDING_LAYOUT,
    FENCE_BYTES,
    MAGIC,
    ROOT_LAYOUT,
    ROW,
    ROW_LAYOUT,
    Ending,
    EndReason,
    Status,
    TrustEntry,
    day_of,
    instant_of,
)
from franking.verification.trust_standing import (
    Standing,
    endings_of,
    standing_of,
    unpacked,
)
from franking.verification.trust_status import TRUST_STATUS_UNREADABLE, StatusSet, read_status
from franking.verification.trust_writing import TRUST_ENTRY_UNFIT, build, write, write_table

__all__ = [
    "LIST",
    "TRUST_ENTRY_UNFIT",
    "TRUST_LIST_DAMAGED",
    "TRUST_LIST_SIGNATURE_FALSE",
    "TRUST_LIST_UNREADABLE",
    "EndReason",
    "Ending",
    "Issue",
    "Status",
    "TrustColumns",
    "TrustEntry",
    "TrustList",
    "TrustedKey",
    "build",
    "status_beside",
    "write",
    "write_table",
]

LIST: Final = "trust.list"
"""How a verifier calls the file."""
_KEYS_KEPT = 8192
_HOUR = timedelta(hours=1)

TRUST_LIST_UNREADABLE = Refusal(
    "TRUST_LIST_UNREADABLE",
    clause="policy",
    remedy="Fetch the trust list again from the Postal Service.",
    http_status=422,
)
TRUST_LIST_SIGNATURE_FALSE = Refusal(
    "TRUST_LIST_SIGNATURE_FALSE",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Fetch the trust list again, and check the pinned root key; believe nothing in this.",
    http_status=403,
)
TRUST_LIST_DAMAGED = Refusal(
    "TRUST_LIST_DAMAGED",
    clause="policy",
    remedy="Fetch the trust list again; part of this copy is not what was signed.",
    http_status=422,
)


class TrustedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A listed certificate with its key loaded, ready to verify with."""

    entry: TrustEntry
    status: Status
    device_bytes: bytes
    """The device ID as an indicium carries it, 8 bytes."""
    public_key: EllipticCurvePublicKey


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """Which list it is, when it was made, and when the next one is due."""

    number: int
    issued: datetime
    next_issue: datetime
    keys_number: int | None = None
    """The older list that the keys are of, where only a status set is as new as ``number``."""

    def age_hours(self, now: datetime) -> int:
        """How old it is, in whole hours."""
        return (now - self.issued) // _HOUR


class TrustColumns(msgspec.Struct, frozen=True, kw_only=True):
    """A whole list as arrays, for who looks up many certificates at once."""

    rows: NDArray[np.void]
    """The certificates as ``trust_format.ROW``, in ascending order of serial."""
    statuses: NDArray[np.uint8]
    """The ``Status`` of each row."""
    endings: NDArray[np.void]
    """``trust_format.ENDING`` of each row that is not good, in the same order."""


class TrustList:
    """A trust list whose root was checked. Thread-safe: nothing in it changes but caches."""

    def __init__(self, data: bytes | mmap.mmap, root_public_key: EllipticCurvePublicKey) -> None:
        """Check the root of ``data`` under the pinned key.

        Raises:
            Refused: ``TRUST_LIST_UNREADABLE``, ``TRUST_LIST_SIGNATURE_FALSE`` or
                ``TRUST_LIST_DAMAGED``.
        """
        root = _checked_root(data, root_public_key)
        self.count = root.count
        self.issue = Issue(number=root.number, issued=root.issued, next_issue=root.next_issue)
        self._data = data
        self._layout = _Layout.of(root)
        self._fences, self._digests = _checked_index(data, root, self._layout)
        self._standing = _checked_standing(data, self.count, self._layout, self._digests)
        self._blocks: dict[int, bytes] = {}
        self.find = lru_cache(maxsize=_KEYS_KEPT)(self._find)
        """``find(certificate_serial) -> TrustedKey | None``, remembering the latest keys."""

    @classmethod
    def open(cls, path: Path, root_public_key: EllipticCurvePublicKey) -> TrustList:
        """Map the list at ``path``, with the newer status set laid over it that lies beside it.

        The status set of ``trust.list`` is ``trust.list.status``.

        Raises:
            Refused: as ``open_alone`` and ``with_status``; ``TRUST_STATUS_UNREADABLE``,
                ``TRUST_STATUS_SIGNATURE_FALSE``.
        """
        listed, beside = cls.open_alone(path, root_public_key), status_beside(path)
        try:
            status = read_status(beside.read_bytes(), root_public_key)
        except FileNotFoundError:
            return listed
        except OSError as error:
            raise TRUST_STATUS_UNREADABLE.because(f"{beside}: {error.strerror}") from error
        return listed.with_status(status) if status.number > listed.issue.number else listed

    @classmethod
    def open_alone(cls, path: Path, root_public_key: EllipticCurvePublicKey) -> TrustList:
        """Map the list at ``path`` as it was signed, whatever lies beside it.

        Raises:
            Refused: as the constructor; ``TRUST_LIST_UNREADABLE`` also where there is no file.
        """
        try:
            with path.open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise TRUST_LIST_UNREADABLE.because(f"{path}: {error}") from error
        return cls(data, root_public_key)

    @property
    def whole(self) -> memoryview:
        """The list as a file, as it was signed; nothing laid over it."""
        return memoryview(self._data)

    @property
    def signed_root(self) -> bytes:
        """The root with its signature: all that the rest hangs on."""
        return bytes(self._data[-ROOT_LAYOUT.size - SIGNATURE_BYTES :])

    @property
    def root_digest(self) -> bytes:
        """What names this list and no other, whatever its number: SHA-256 of its root."""
        return hashlib.sha256(self.signed_root[:-SIGNATURE_BYTES]).digest()

    @property
    def rows_digest(self) -> bytes:
        """What names the certificates of this list with their keys, however they stand."""
        return _rows_digest(self._fences, self._digests[: self._layout.blocks])

    @property
    def standing(self) -> Standing:
        """How each certificate stands, in the order of the list."""
        return self._standing

    def rows_digest_of_first(self, certificates: int) -> bytes:
        """The ``rows_digest`` of a list of the first ``certificates`` of this one.

        Raises:
            Refused: ``TRUST_LIST_DAMAGED``.
        """
        blocks = -(-certificates // BLOCK_ROWS)
        digests = self._digests[:blocks]
        if certificates % BLOCK_ROWS:
            begun = self._checked_block(blocks - 1)[: certificates % BLOCK_ROWS * ROW_LAYOUT.size]
            digests[-1] = hashlib.sha256(begun).digest()
        return _rows_digest(self._fences[:blocks], digests)

    def with_status(self, status: StatusSet) -> TrustList:
        """The same keys with a newer status set laid over them; it is as fresh as that one.

        Raises:
            Refused: ``TRUST_STATUS_NOT_FOR_THIS_LIST``, ``TRUST_STATUS_UNREADABLE``.
        """
        laid = copy(self)
        laid._standing = status.require_fit(self.issue.number, self.rows_digest)
        laid.issue = Issue(
            number=status.number,
            issued=status.issued,
            next_issue=status.next_issue,
            keys_number=self.issue.number,
        )
        laid.find = lru_cache(maxsize=_KEYS_KEPT)(laid._find)
        return laid

    def is_stale(self, now: datetime) -> bool:
        """Whether ``now`` is past the next issue, or before this one was made."""
        return not self.issue.issued <= now <= self.issue.next_issue

    def limits(self, now: datetime) -> tuple[str, ...]:
        """What cannot be claimed with this list by now, in words; nothing, of a fresh one."""
        said = []
        if now < self.issue.issued:
            said.append("issued after this clock: no piece is called authentic")
        elif self.is_stale(now):
            said.append(
                "stale: whose key ended since is not known, so no piece is called authentic;"
                " what is proven false still is"
            )
        if self.issue.keys_number is not None:
            said.append(
                f"of devices certified after list {self.issue.keys_number} nothing is known"
            )
        return tuple(said)

    def count_by_status(self) -> dict[Status, int]:
        """How many certificates stand how."""
        counts = np.bincount(self._standing.statuses, minlength=len(Status)).tolist()
        return dict(zip(Status, counts, strict=True))

    def columns(self) -> TrustColumns:
        """The whole list as arrays, every block checked; a copy, 80 bytes a certificate.

        Raises:
            Refused: ``TRUST_LIST_DAMAGED``.
        """
        rows = np.frombuffer(
            b"".join(self._checked_block(number) for number in range(self._layout.blocks)), ROW
        )
        serials = np.ascontiguousarray(rows["certificate_serial"])
        return TrustColumns(
            rows=rows,
            statuses=self._standing.statuses,
            endings=endings_of(self._standing, serials),
        )

    def entries(self) -> Iterator[TrustEntry]:
        """Every certificate in the list, in order of serial number.

        Raises:
            Refused: ``TRUST_LIST_DAMAGED``.
        """
        for number in range(self._layout.blocks):
            block = self._blocks.get(number) or self._checked_block(number)
            for row in range(len(block) // ROW_LAYOUT.size):
                yield self._entry(block, row, number * BLOCK_ROWS + row)

    def _find(self, certificate_serial: int) -> TrustedKey | None:
        number = bisect.bisect_right(self._fences, certificate_serial) - 1
        if number < 0:
            return None
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = self._checked_block(number)
        serials = np.frombuffer(block, ROW)["certificate_serial"]
        row = int(serials.searchsorted(np.uint32(certificate_serial)))
        if row == len(serials) or serials[row] != certificate_serial:
            return None
        return _trusted_key(self._entry(block, row, number * BLOCK_ROWS + row))

    def _entry(self, block: bytes, row: int, place: int) -> TrustEntry:
        fields = ROW_LAYOUT.unpack_from(block, row * ROW_LAYOUT.size)
        return _entry(fields, self._standing.ending(place))

    def _checked_block(self, number: int) -> bytes:
        """A copy of a block: what was checked cannot change in the file any more."""
        block = bytes(self._data[self._layout.block(number)])
        if hashlib.sha256(block).digest() != self._digests[number]:
            raise TRUST_LIST_DAMAGED.because(f"block {number} is not what was signed")
        return block


def status_beside(path: Path) -> Path:
    """Where the status set lies that is newer than the list at ``path``."""
    return path.with_name(f"{path.name}.status")


class _Root(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    count: int
    endings: int
    issued: datetime
    next_issue: datetime
    index_digest: bytes


class _Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Where each part of the file lies."""

    blocks: int
    rows: slice
    status: slice
    endings: slice
    index: slice

    @classmethod
    def of(cls, root: _Root) -> _Layout:
        blocks = -(-root.count // BLOCK_ROWS)
        rows_end = len(MAGIC) + root.count * ROW_LAYOUT.size
        status_end = rows_end + -(-root.count // 4)
        endings_end = status_end + root.endings * ENDING_LAYOUT.size
        index_bytes = blocks * (FENCE_BYTES + DIGEST_BYTES) + 2 * DIGEST_BYTES
        return cls(
            blocks=blocks,
            rows=slice(len(MAGIC), rows_end),
            status=slice(rows_end, status_end),
            endings=slice(status_end, endings_end),
            index=slice(endings_end, endings_end + index_bytes),
        )

    def row(self, place: int) -> int:
        return int(self.rows.start) + place * ROW_LAYOUT.size

    def block(self, number: int) -> slice:
        start = self.row(number * BLOCK_ROWS)
        return slice(start, min(start + BLOCK_ROWS * ROW_LAYOUT.size, self.rows.stop))


def _checked_root(data: bytes | mmap.mmap, root_public_key: EllipticCurvePublicKey) -> _Root:
    if len(data) < len(MAGIC) + ROOT_LAYOUT.size + SIGNATURE_BYTES or data[: len(MAGIC)] != MAGIC:
        raise TRUST_LIST_UNREADABLE.because("this is no trust list")
    signed = data[-ROOT_LAYOUT.size - SIGNATURE_BYTES : -SIGNATURE_BYTES]
    try:
        verify_raw(root_public_key, signed, data[-SIGNATURE_BYTES:])
    except Refused as error:
        raise TRUST_LIST_SIGNATURE_FALSE.because(
            "its root is not signed by the pinned key"
        ) from error
    magic, number, count, endings, issued, next_issue, index_digest = ROOT_LAYOUT.unpack(signed)
    if magic != MAGIC:
        raise TRUST_LIST_UNREADABLE.because("its root is that of another format")
    return _Root(
        number=number,
        count=count,
        endings=endings,
        issued=instant_of(issued),
        next_issue=instant_of(next_issue),
        index_digest=index_digest,
    )


def _checked_index(
    data: bytes | mmap.mmap, root: _Root, layout: _Layout
) -> tuple[list[int], list[bytes]]:
    """The first serial of each block, and the digests of blocks, status and endings."""
    index = data[layout.index]
    whole = layout.index.stop + ROOT_LAYOUT.size + SIGNATURE_BYTES == len(data)
    if not whole or hashlib.sha256(index).digest() != root.index_digest:
        raise TRUST_LIST_DAMAGED.because("its index is not what was signed")
    fences = np.frombuffer(index, "<u4", layout.blocks).tolist()
    digests = index[layout.blocks * FENCE_BYTES :]
    return fences, [
        digests[start : start + DIGEST_BYTES] for start in range(0, len(digests), DIGEST_BYTES)
    ]


def _rows_digest(fences: Sequence[int], digests: Sequence[bytes]) -> bytes:
    return hashlib.sha256(np.array(fences, "<u4").tobytes() + b"".join(digests)).digest()


def _checked_standing(
    data: bytes | mmap.mmap, count: int, layout: _Layout, digests: Sequence[bytes]
) -> Standing:
    """How each certificate stands; endings are in the order of the rows, as both are by serial."""
    parts = data[layout.status], data[layout.endings]
    if tuple(hashlib.sha256(part).digest() for part in parts) != tuple(digests[-2:]):
        raise TRUST_LIST_DAMAGED.because("its status table is not what was signed")
    standing = standing_of(unpacked(parts[0], count), np.frombuffer(parts[1], ENDING))
    if not standing.is_whole:
        raise TRUST_LIST_DAMAGED.because("its endings do not fit its status table")
    return standing


def _entry(
    row: tuple[int, bytes, bytes, int, bytes, int, int], ending: Ending | None
) -> TrustEntry:
    serial, manufacturer, model, device_serial, key, valid_from, valid_to = row
    return TrustEntry(
        certificate_serial=serial,
        device_id=device_id_of(manufacturer, model, device_serial),
        public_key=b"\x04" + key,
        valid_from=day_of(valid_from),
        valid_to=day_of(valid_to),
        ending=ending,
    )


def _trusted_key(entry: TrustEntry) -> TrustedKey:
    try:
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), entry.public_key)
    except ValueError as error:
        raise TRUST_LIST_DAMAGED.because(
            f"the key of certificate {entry.certificate_serial} is not on the curve"
        ) from error
    device = entry.device_id
    return TrustedKey(
        entry=entry,
        status=entry.status,
        device_bytes=f"{device.manufacturer}{device.model}".encode()
        + device.serial.to_bytes(4, "little"),
        public_key=key,
    )
