"""The bytes of made-up indicia, by column; signed one by one, with the key of each device."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from franking.indicium.content import (
    ALGORITHM_ES256,
    CONTENT_BYTES,
    EXTENSION_BYTES_MAX,
    VERSION,
    VERSION_EXTENDED,
    destination_number,
    rate_category_bytes,
)
from franking.indicium.signature import SIGNATURE_BYTES
from franking.verification.trust_format import day_of
from franking.world.nights import places
from franking.world.nights.fleet import MAKER, MODEL, device_key, serial_of
from franking.world.nights.mail import Pieces, Random

Payloads = NDArray[np.uint8]
"""One row a piece, ``WIDTH`` bytes wide; what is longer than ``lengths_of`` is not there."""
WIDTH: Final = CONTENT_BYTES + 1 + EXTENSION_BYTES_MAX + SIGNATURE_BYTES

CONTENT: Final = np.dtype(
    [
        ("version", "u1"),
        ("algorithm", "u1"),
        ("certificate", "<u4"),
        ("maker", "S2"),
        ("model", "S2"),
        ("serial", "<u4"),
        ("ascending_low", "<u4"),
        ("ascending_high", "u1"),
        ("postage_low", "<u2"),
        ("postage_high", "u1"),
        ("date", "<u4"),
        ("zip", "<u4"),
        ("destination_low", "<u4"),
        ("destination_high", "u1"),
        ("software", "S6"),
        ("descending", "<u4"),
        ("rate_category", "S4"),
    ]
)
"""The signed content of ``indicium.content`` as numpy lays it out, 49 bytes."""

_SOFTWARE = b"NIGHT1"
_RATE_CATEGORY = rate_category_bytes("FCL")
_NO_DIGITS = destination_number("0" * 11)
_POSTAGE = slice(19, 22)
_UNKNOWN_VERSIONS = (0x10, 0x4F)
"""Between these no first byte begins any known indicium."""


def contents(pieces: Pieces) -> NDArray[np.uint8]:
    """The 49 bytes of each piece, one row each."""
    rows = np.zeros(len(pieces), CONTENT)
    rows["version"], rows["algorithm"] = VERSION, ALGORITHM_ES256
    rows["certificate"] = pieces["certificate"]
    rows["maker"], rows["model"] = MAKER, MODEL
    rows["serial"] = serial_of(0) + pieces["device"]
    rows["ascending_low"] = pieces["ascending"] & 0xFFFFFFFF
    rows["ascending_high"] = pieces["ascending"] >> 32
    rows["postage_low"] = pieces["postage"] & 0xFFFF
    rows["postage_high"] = pieces["postage"] >> 16
    rows["date"] = _date_numbers(pieces["dated"])
    rows["zip"] = places.ZIPS[pieces["office"], 0]
    destinations = pieces["destination"] + _NO_DIGITS
    rows["destination_low"] = destinations & 0xFFFFFFFF
    rows["destination_high"] = destinations >> 32
    rows["software"], rows["rate_category"] = _SOFTWARE, _RATE_CATEGORY
    rows["descending"] = pieces["descending"]
    return rows.view(np.uint8).reshape(len(pieces), CONTENT_BYTES)


def lengths_of(pieces: Pieces) -> NDArray[np.int64]:
    """How many bytes the symbol of each piece holds."""
    lengths: NDArray[np.int64] = _signed_lengths(pieces) + SIGNATURE_BYTES
    return lengths


def _signed_lengths(pieces: Pieces) -> NDArray[np.int64]:
    extension = pieces["extension"]
    return CONTENT_BYTES + np.where(extension > 0, 1 + extension, 0)


def signed(pieces: Pieces, seed: int, random: Random) -> Payloads:
    """The bytes of each piece as its print carries them, altered or made up where asked."""
    payloads = np.zeros((len(pieces), WIDTH), np.uint8)
    payloads[:, :CONTENT_BYTES] = contents(pieces)
    _extend(payloads, pieces["extension"], random)
    ends = _signed_lengths(pieces)
    signatures = _signatures(payloads, ends, pieces["key"], seed)
    for end in np.unique(ends).tolist():
        those = ends == end
        payloads[those, end : end + SIGNATURE_BYTES] = signatures[those]
    _alter(payloads, pieces["altered"])
    nonsense = np.flatnonzero(pieces["nonsense"])
    payloads[nonsense] = random.integers(0, 256, (len(nonsense), WIDTH))
    payloads[nonsense, 0] = random.integers(*_UNKNOWN_VERSIONS, len(nonsense))
    return payloads


def _extend(payloads: Payloads, extension: NDArray[np.int64], random: Random) -> None:
    """The other version, with a length and so many bytes that mean nothing to postage."""
    those = np.flatnonzero(extension)
    payloads[those, 0] = VERSION_EXTENDED
    payloads[those, CONTENT_BYTES] = extension[those]
    spread = random.integers(0, 256, (len(those), EXTENSION_BYTES_MAX))
    spread[np.arange(EXTENSION_BYTES_MAX) >= extension[those, None]] = 0
    payloads[those, CONTENT_BYTES + 1 : CONTENT_BYTES + 1 + EXTENSION_BYTES_MAX] = spread


def _signatures(
    rows: Payloads, ends: NDArray[np.int64], keys: NDArray[np.int64], seed: int
) -> NDArray[np.uint8]:
    """64 bytes over the beginning of each row; every key is made once."""
    made = np.zeros((len(rows), SIGNATURE_BYTES), np.uint8)
    last, key = None, None
    order = np.argsort(keys, kind="stable")
    for place, index in zip(order.tolist(), keys[order].tolist(), strict=True):
        if key is None or index != last:
            last, key = index, device_key(seed, index)
        made[place] = np.frombuffer(key.sign(rows[place, : ends[place]].tobytes()), np.uint8)
    return made


def _alter(payloads: Payloads, altered: NDArray[np.int64]) -> None:
    """Write other amounts over those that were signed."""
    those = np.flatnonzero(altered)
    payloads[those, _POSTAGE] = altered[those].astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3]


def _date_numbers(days: NDArray[np.int64]) -> NDArray[np.int64]:
    distinct, inverse = np.unique(days, return_inverse=True)
    dates = [day_of(day) for day in distinct.tolist()]
    numbers = [each.year * 10_000 + each.month * 100 + each.day for each in dates]
    return np.array(numbers, np.int64)[inverse] if numbers else np.zeros(0, np.int64)
