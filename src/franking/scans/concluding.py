"""The last word on each scan: its verdict and reasons, from all the bits that were gathered.

A scan that its relations put in doubt is undetermined unless it was proven not authentic by itself;
what is only a finding leaves the verdict as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from franking.scans.operations import Operation
from franking.scans.records import VERDICT
from franking.verification.reasons import DOUBT_BITS, reasons_in
from franking.verification.verdict import Verdict

_VERDICTS: Final = pa.array(
    [Verdict.AUTHENTIC.value, Verdict.UNDETERMINED.value, Verdict.NOT_AUTHENTIC.value]
)
"""By the number of the heaviest bearing."""
_OPERATIONS: Final = pa.array([None, *(each.word for each in Operation)])
"""By number; they count from one."""
_WORD_BYTES, _SERIAL_DIGITS, _ZIP_DIGITS = 4, 10, 5


def conclude(batch: pa.RecordBatch) -> pa.RecordBatch:
    """``relations.COMPLETE`` rows as ``VERDICT``, row for row in the same order."""
    related = _whole(batch, "related")
    columns = {name: batch.column(name) for name in ("file", "row", "certificate", "scanner")}
    columns |= {
        "verdict": _verdicts(_whole(batch, "bearing"), related),
        "reasons": _named(_whole(batch, "reasons") | related),
        "device": device_words(batch.column("device")),
        "ascending_mills": batch.column("ascending"),
        "postage_mills": batch.column("postage"),
        "dated": batch.column("dated").cast(pa.date32()),
        "place": _zip_codes(batch.column("place")),
        "scanned_at": batch.column("scanned_at").cast(VERDICT.field("scanned_at").type),
        "operation": _OPERATIONS.take(batch.column("operation")),
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in VERDICT.names], schema=VERDICT)


def device_words(numbers: pa.Array) -> pa.Array:
    """Device numbers as the IDs that are printed; null where they are null."""
    different = numbers.dictionary_encode()
    words = _device_words(different.dictionary.to_numpy(zero_copy_only=False))
    return words.take(different.indices)


def _verdicts(bearing: NDArray[np.int64], related: NDArray[np.int64]) -> pa.Array:
    doubted = ((related & DOUBT_BITS) != 0).astype(np.int64)
    return _VERDICTS.take(pa.array(np.maximum(bearing, doubted)))


def _named(bits: NDArray[np.int64]) -> pa.Array:
    """The sets of reasons by name: as many lists are made as there are different sets."""
    different = pa.array(bits).dictionary_encode()
    names = [[reason.value for reason in reasons_in(each.as_py())] for each in different.dictionary]
    return pa.array(names, VERDICT.field("reasons").type).take(different.indices)


def _device_words(numbers: NDArray[np.int64]) -> pa.Array:
    data = numbers.astype(">u8").view(np.uint8).reshape(-1, 2 * _WORD_BYTES)
    serials = np.ascontiguousarray(data[:, _WORD_BYTES:]).view("<u4").reshape(-1)
    return _text([data[:, :_WORD_BYTES], _digits(serials.astype(np.int64), _SERIAL_DIGITS)])


def _zip_codes(places: pa.Array) -> pa.Array:
    different = places.dictionary_encode()
    numbers = different.dictionary.to_numpy(zero_copy_only=False).astype(np.int64)
    return _text([_digits(numbers, _ZIP_DIGITS)]).take(different.indices)


def _digits(numbers: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    """Each number as ASCII digits with leading zeros, one row each."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (numbers[:, None] // powers % 10 + ord("0")).astype(np.uint8)


def _text(columns: Iterable[NDArray[np.uint8]]) -> pa.Array:
    """Rows of ASCII, all of one width, as text."""
    rows = np.ascontiguousarray(np.hstack(list(columns)))
    count, width = rows.shape
    data = pa.py_buffer(rows.tobytes())
    fixed = pa.Array.from_buffers(pa.binary(width), count, [None, data])
    return fixed.cast(pa.binary()).cast(pa.string())


def _whole(batch: pa.RecordBatch, name: str) -> NDArray[np.int64]:
    found: NDArray[np.int64] = batch.column(name).to_numpy(zero_copy_only=False).astype(np.int64)
    return found
