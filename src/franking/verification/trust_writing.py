"""Writing a trust list: in memory, as a stream, or from an array without an object a device.

Keeps in memory only the status bits, the endings and the digests, however long the list is.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from franking.errors import Refusal
from franking.messages.signing import Signer
from franking.verification.trust_format import (
    BLOCK_ROWS,
    ENDING,
    ENDING_LAYOUT,
    FENCE_BYTES,
    MAGIC,
    REASON_CODES,
    ROOT_LAYOUT,
    ROW,
    ROW_LAYOUT,
    UNKNOWN_ASCENDING,
    Ending,
    TrustEntry,
    day_number,
    microseconds_of,
)
from franking.verification.trust_standing import packed, statuses_of

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
        ended = ((entry.certificate_serial, entry.ending) for entry in block if entry.ending)
        writing.block(rows, _endings(ended))
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
    in_order = _endings(sorted(endings.items()))
    write_arrays(out, rows, in_order, signer, issued=issued, next_issue=next_issue, number=number)


def write_arrays(
    out: BinaryIO,
    rows: NDArray[np.void],
    endings: NDArray[np.void],
    signer: Signer,
    *,
    issued: datetime,
    next_issue: datetime,
    number: int,
) -> None:
    """Write a list from arrays of ``ROW`` and of ``ENDING``, both in ascending order of serial.

    Endings of certificates that are not among the rows are left out.

    Raises:
        Refused: ``TRUST_ENTRY_UNFIT``.
    """
    writing = _Writing(out)
    ended = np.ascontiguousarray(endings["certificate_serial"])
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS]
        ends = ended.searchsorted(block["certificate_serial"][[0, -1]])
        of_block = endings[ends[0] : ends[1] + 1]
        writing.block(
            block, of_block[np.isin(of_block["certificate_serial"], block["certificate_serial"])]
        )
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

    def block(self, rows: NDArray[np.void], endings: NDArray[np.void]) -> None:
        """Write up to ``BLOCK_ROWS`` rows; ``endings`` are of those among them that ended."""
        serials = rows["certificate_serial"].astype(np.int64)
        if serials[0] <= self._last_serial or np.any(np.diff(serials) <= 0):
            raise TRUST_ENTRY_UNFIT.because(f"serials are not ascending near {serials[0]}")
        self._last_serial = int(serials[-1])
        data = rows.tobytes()
        self._out.write(data)
        self._fences += data[:FENCE_BYTES]
        self._digests += hashlib.sha256(data).digest()
        statuses = np.zeros(len(serials), np.uint8)
        statuses[serials.searchsorted(endings["certificate_serial"])] = statuses_of(
            endings["reason"]
        )
        self._statuses.append(statuses)
        self._endings += endings.tobytes()

    def finish(
        self, signer: Signer, *, number: int, issued: datetime, next_issue: datetime
    ) -> None:
        """Write the rest: status, endings, index, root and its signature."""
        statuses = np.concatenate([*self._statuses, np.zeros(0, np.uint8)])
        status, endings = packed(statuses), bytes(self._endings)
        index = bytes(self._fences + self._digests) + b"".join(
            hashlib.sha256(part).digest() for part in (status, endings)
        )
        root = ROOT_LAYOUT.pack(
            MAGIC,
            number,
            len(statuses),
            len(endings) // ENDING_LAYOUT.size,
            microseconds_of(issued),
            microseconds_of(next_issue),
            hashlib.sha256(index).digest(),
        )
        self._out.write(status + endings + index + root + signer.sign(root))


def _endings(ended: Iterable[tuple[int, Ending]]) -> NDArray[np.void]:
    """The table of ``ENDING``, in the order given."""
    return np.frombuffer(
        b"".join(_ending_bytes(serial, ending) for serial, ending in ended), ENDING
    )


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
