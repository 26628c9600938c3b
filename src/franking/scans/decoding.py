"""Payloads decoded by column: what a batch of indicia says, without a step for each of them.

The layout is that of ``franking.indicium.content``, and so is what has a meaning: a payload has
content here where ``profiles.decode`` finds content in it, with the same values, and is as laid out
where that finds no problem. Everything else (historical profiles, rubbish) is left to the verifier
of single pieces. Refuses to know keys and rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from franking.indicium.content import (
    ALGORITHM_ES256,
    CONTENT_BYTES,
    DESTINATION_BASES,
    DESTINATION_END,
    EXTENSION_BYTES_MAX,
    VERSION,
    VERSION_EXTENDED,
    ZIP_END,
)
from franking.indicium.signature import SIGNATURE_BYTES
from franking.scans.calendar_days import days_of

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]
Octets = NDArray[np.uint8]

CONTENT: Final = np.dtype(
    [
        ("version", "u1"),
        ("algorithm", "u1"),
        ("certificate", "<u4"),
        ("device", ">i8"),
        ("ascending_low", "<u4"),
        ("ascending_high", "u1"),
        ("postage_low", "<u2"),
        ("postage_high", "u1"),
        ("day", "<u4"),
        ("licensing_zip", "<u4"),
        ("destination_low", "<u4"),
        ("destination_high", "u1"),
        ("software", "V6"),
        ("descending", "<u4"),
        ("rate_category", ">u4"),
    ]
)
"""The 49 bytes of content; the numbers of 3 and 5 bytes as their low part and the byte above it."""

_ONE_FOR_LENGTH = 1
_DEVICE_LETTERS = slice(6, 10)
_RATE_CATEGORY = slice(45, 49)
_SPACE, _FIRST_PRINTED, _LAST_PRINTED = ord(" "), ord("!"), ord("~")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payloads:
    """A column of payloads as one run of bytes, and where each of them lies in it."""

    data: Octets
    starts: Whole
    lengths: Whole
    """-1 where there is no payload."""

    @classmethod
    def of(cls, column: pa.BinaryArray) -> Payloads:
        """The payloads of a column of Arrow, not copied."""
        count = len(column)
        if not count:
            nothing = np.zeros(0, np.int64)
            return cls(data=np.zeros(0, np.uint8), starts=nothing, lengths=nothing)
        _, offsets, data = column.buffers()
        bounds = np.frombuffer(offsets, np.int32, count + 1, column.offset * 4).astype(np.int64)
        lengths = np.diff(bounds)
        if column.null_count:
            lengths[column.is_null().to_numpy(zero_copy_only=False)] = -1
        octets = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
        return cls(data=octets, starts=bounds[:-1], lengths=lengths)

    def heads(self, rows: Whole, size: int) -> Octets:
        """The first ``size`` bytes of payloads that have so many, one row each."""
        if not len(rows):
            return np.zeros((0, size), np.uint8)
        return np.lib.stride_tricks.sliding_window_view(self.data, size)[self.starts[rows]]

    def bytes_of(self, row: int) -> bytes:
        """One payload."""
        start = int(self.starts[row])
        return self.data[start : start + int(self.lengths[row])].tobytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What payloads say, by column; ``rows`` says which of the batch. Amounts in mills."""

    rows: Whole
    as_laid_out: Truth
    """No problem with length, algorithm or extension: there is a signature to be checked."""
    certificate: Whole
    device: Whole
    ascending: Whole
    postage: Whole
    descending: Whole
    dated: Whole
    """Days since 1970-01-01."""
    licensing_zip: Whole
    destination: Whole
    """The digits of the delivery point as a number."""
    destination_digits: Whole
    """0, 5, 9 or 11."""
    rate_category: Whole
    """Its four bytes, big-endian."""


def contents_of(payloads: Payloads) -> Contents:
    """What stands in those payloads that are ours and whose 49 bytes all have a meaning."""
    rows = np.flatnonzero(payloads.lengths >= CONTENT_BYTES)
    heads = payloads.heads(rows, CONTENT_BYTES)
    ours = (heads[:, 0] == VERSION) | (heads[:, 0] == VERSION_EXTENDED)
    rows, heads = rows[ours], heads[ours]
    fields = heads.view(CONTENT)[:, 0]
    dated, real_days = days_of(fields["day"].astype(np.int64))
    sound = real_days & _have_meaning(heads, fields)
    if not sound.all():
        rows, fields, dated = rows[sound], fields[sound], dated[sound]
    return _contents(payloads, rows, fields, dated)


def _contents(payloads: Payloads, rows: Whole, fields: NDArray[np.void], dated: Whole) -> Contents:
    destination, digits = _destinations(_joined(fields, "destination", 32))
    return Contents(
        rows=rows,
        as_laid_out=_as_laid_out(payloads, rows, fields),
        certificate=fields["certificate"].astype(np.int64),
        device=fields["device"].astype(np.int64),
        ascending=_joined(fields, "ascending", 32),
        postage=_joined(fields, "postage", 16),
        descending=fields["descending"].astype(np.int64),
        dated=dated,
        licensing_zip=fields["licensing_zip"].astype(np.int64),
        destination=destination,
        destination_digits=digits,
        rate_category=fields["rate_category"].astype(np.int64),
    )


def _joined(fields: NDArray[np.void], name: str, low_bits: int) -> Whole:
    high, low = fields[f"{name}_high"].astype(np.int64), fields[f"{name}_low"].astype(np.int64)
    return high << low_bits | low


def _have_meaning(heads: Octets, fields: NDArray[np.void]) -> Truth:
    """Whether device, places and rate category are values that a device would write."""
    sound: Truth = (
        _are_letters(heads[:, _DEVICE_LETTERS])
        & (fields["licensing_zip"] < ZIP_END)
        & (_joined(fields, "destination", 32) < DESTINATION_END)
        & _are_rate_categories(heads[:, _RATE_CATEGORY])
    )
    return sound


def _are_letters(octets: Octets) -> Truth:
    """Capital letters and figures of ASCII, as in the ID of a device."""
    letters = (octets >= ord("A")) & (octets <= ord("Z"))
    figures = (octets >= ord("0")) & (octets <= ord("9"))
    every: Truth = np.all(letters | figures, axis=1)
    return every


def _are_rate_categories(octets: Octets) -> Truth:
    """Printable characters, then spaces up to the end."""
    spaces = octets == _SPACE
    printed = (octets >= _FIRST_PRINTED) & (octets <= _LAST_PRINTED)
    begun_again = printed[:, 1:] & spaces[:, :-1]
    fitting: Truth = np.all(spaces | printed, axis=1) & ~np.any(begun_again, axis=1)
    return fitting


def _destinations(numbers: Whole) -> tuple[Whole, Whole]:
    """The digits of delivery points as numbers, and how many they are."""
    digits = np.zeros(len(numbers), np.int64)
    values = numbers.copy()
    for count, base in DESTINATION_BASES.items():
        there = numbers >= base
        digits[there], values[there] = count, numbers[there] - base
    return values, digits


def _as_laid_out(payloads: Payloads, rows: Whole, fields: NDArray[np.void]) -> Truth:
    """Whether nothing is missing, nothing too much, and the algorithm that of the version."""
    extended = fields["version"] == VERSION_EXTENDED
    lengths = payloads.lengths[rows]
    expected = np.full(len(rows), CONTENT_BYTES + SIGNATURE_BYTES, np.int64)
    leading = extended & (lengths > CONTENT_BYTES)
    extensions = np.zeros(len(rows), np.int64)
    extensions[leading] = payloads.data[payloads.starts[rows[leading]] + CONTENT_BYTES]
    expected[extended] += _ONE_FOR_LENGTH + extensions[extended]
    fits = ~extended | ((extensions >= 1) & (extensions <= EXTENSION_BYTES_MAX))
    sound: Truth = (lengths == expected) & fits & (fields["algorithm"] == ALGORITHM_ES256)
    return sound
