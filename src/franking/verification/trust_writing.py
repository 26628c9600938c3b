"""Writing a trust list: in memory, as a stream, or from an array without an object a device.

Keeps in memory only the status bits, the endings and the digests, however long the list is.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from franking.errors import Refusal
from franking.messages.signing import Signer
from franking.verification.trust_format import (
    BLOCK_ROWS,
    ENDING_LAYOUT,
    FENCE_BYTES,
    MAGIC,
    REASON_CODES,
    ROOT_LAYOUT,
    ROW,
    ROW_LAYOUT,
    STATUS_OF_REASON,
    UNKNOWN_ASCENDING,
    Ending,
    TrustEntry,
    day_number,
    microseconds_of,
)

TRUST_ENTRY_UNFIT = Refusal(
    "TRUST_ENTRY_UNFIT",
    clause="policy",
    remedy="Give each certificate serial once, in ascending order, with a 65-byte P-256 key.",
    http_status=422,
)


def build(
    entries: Iterable[TrustEntry],
    signer: Signer,
    *,
    issued: datetime,
    next_issue: datetime,
    number: int = 1,
) -> bytes:
    """A whole list in memory, from entries in any order. For large lists use ``write``.

    Raises:
        Refused: ``TRUST_ENTRY_UNFIT``.
    """
    out = io.BytesIO()
    in_order = sorted(entries, key=lambda entry: entry.certificate_serial)
    write(out, in_order, signer, issued=issued, next_issue=next_issue, number=number)
    return out.getvalue()


def write(
    out: BinaryIO,
    entries: Iterable[TrustEntry],
    signer: Signer,
    *,
    issued: datetime,
    next_issue: datetime,
    number: int = 1,
) -> None:
    """Write a list of ``entries``, which come in ascending order of serial, as they come.

    Keeps in memory only the status bits and the endings, however long the list is.

    Raises:
        Refused: ``TRUST_ENTRY_UNFIT``.
    """
    writing = _Writing(out)
    stream = iter(entries)
    while block := list(islice(stream, BLOCK_ROWS)):
        rows = np.frombuffer(b"".join(map(_row, block)), ROW)
        writing.block(rows, [entry.ending for entry in block])
    writing.finish(signer, number=number, issued=issued, next_issue=next_issue)


def write_table(
    out: BinaryIO,
    rows: NDArray[np.void],
    endings: Mapping[int, Ending],
    signer: Signer,
    *,
    issued: datetime,
    next_issue: datetime,
    number: int = 1,
) -> None:
    """Write a list from an array of ``ROW`` in ascending order and the endings by serial.

    The quick way for a large fleet: no object is made for a certificate.

    Raises:
        Refused: ``TRUST_ENTRY_UNFIT``.
    """
    writing = _Writing(out)
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS]
        serials = block["certificate_serial"].tolist()
        writing.block(block, [endings.get(serial) for serial in serials])
    writing.finish(signer, number=number, issued=issued, next_issue=next_issue)


class _Writing:
    """A list being written: rows go out at once, the rest is kept for the end."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._out.write(MAGIC)
        self._last_serial = -1
        self._statuses: list[NDArray[np.uint8]] = []
        self._endings = bytearray()
        self._fences = bytearray()
        self._digests = bytearray()

    def block(self, rows: NDArray[np.void], endings: Sequence[Ending | None]) -> None:
        serials = rows["certificate_serial"].astype(np.int64)
        if serials[0] <= self._last_serial or np.any(np.diff(serials) <= 0):
            raise TRUST_ENTRY_UNFIT.because(f"serials are not ascending near {serials[0]}")
        self._last_serial = int(serials[-1])
        data = rows.tobytes()
        self._out.write(data)
        self._fences += data[:FENCE_BYTES]
        self._digests += hashlib.sha256(data).digest()
        self._note_endings(serials, endings)

    def _note_endings(self, serials: NDArray[np.int64], endings: Sequence[Ending | None]) -> None:
        statuses = np.zeros(len(serials), np.uint8)
        for place, ending in enumerate(endings):
            if ending is not None:
                statuses[place] = STATUS_OF_REASON[ending.reason]
                self._endings += _ending_bytes(int(serials[place]), ending)
        self._statuses.append(statuses)

    def finish(
        self, signer: Signer, *, number: int, issued: datetime, next_issue: datetime
    ) -> None:
        count, status = _packed(self._statuses)
        endings = bytes(self._endings)
        index = bytes(self._fences + self._digests) + b"".join(
            hashlib.sha256(part).digest() for part in (status, endings)
        )
        root = ROOT_LAYOUT.pack(
            MAGIC,
            number,
            count,
            len(endings) // ENDING_LAYOUT.size,
            microseconds_of(issued),
            microseconds_of(next_issue),
            hashlib.sha256(index).digest(),
        )
        self._out.write(status + endings + index + root + signer.sign(root))


def _packed(statuses: Sequence[NDArray[np.uint8]]) -> tuple[int, bytes]:
    """How many statuses there are, and their bits: the first in the lowest two of a byte."""
    every = np.concatenate([*statuses, np.zeros(0, np.uint8)])
    padded = np.pad(every, (0, -len(every) % 4)).reshape(-1, 4)
    shifts = np.array([0, 2, 4, 6], np.uint8)
    return len(every), np.bitwise_or.reduce(padded << shifts, axis=1).astype(np.uint8).tobytes()


def _row(entry: TrustEntry) -> bytes:
    key, device = entry.public_key, entry.device_id
    if len(key) != 65 or key[0] != 4:
        raise TRUST_ENTRY_UNFIT.because(
            f"the key of certificate {entry.certificate_serial} is not an uncompressed P-256 point"
        )
    try:
        return ROW_LAYOUT.pack(
            entry.certificate_serial,
            device.manufacturer.encode("ascii"),
            device.model.encode("ascii"),
            device.serial,
            key[1:],
            day_number(entry.valid_from),
            day_number(entry.valid_to),
        )
    except struct.error as error:
        raise TRUST_ENTRY_UNFIT.because(
            f"certificate {entry.certificate_serial}, {entry.valid_from} to {entry.valid_to}:"
            f" {error}"
        ) from error


def _ending_bytes(certificate_serial: int, ending: Ending) -> bytes:
    final = ending.final_ascending_mills
    return ENDING_LAYOUT.pack(
        certificate_serial,
        REASON_CODES[ending.reason],
        day_number(ending.on),
        UNKNOWN_ASCENDING if final is None else final,
    )
