"""Devices as whole numbers, and the buckets they are dealt into.

The number of a device is the eight bytes that stand for it in an indicium, read big-endian: two
characters of manufacturer, two of model, the serial. They are ASCII, so it is never negative.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from franking.identifiers import DeviceId
from franking.indicium.content import device_id_of
from franking.scans.mixing import mixed

_SERIAL_BYTES = 4
_PAIR_BYTES = 2


def device_number(device: DeviceId) -> int:
    """The number of a device."""
    text = f"{device.manufacturer}{device.model}".encode("ascii")
    return int.from_bytes(text + device.serial.to_bytes(_SERIAL_BYTES, "little"))


def device_of(number: int) -> DeviceId:
    """The device of a ``device_number``.

    Raises:
        Refused: ``INDICIUM_CONTENT_UNREADABLE`` where it is the number of none.
    """
    data = number.to_bytes(2 * _SERIAL_BYTES)
    manufacturer, model = data[:_PAIR_BYTES], data[_PAIR_BYTES:_SERIAL_BYTES]
    return device_id_of(manufacturer, model, int.from_bytes(data[_SERIAL_BYTES:], "little"))


def buckets_of(numbers: NDArray[np.int64], buckets: int) -> NDArray[np.int32]:
    """The bucket of each number: the same on every machine, in every engine, for ever."""
    return (mixed(numbers.astype(np.uint64)) % np.uint64(buckets)).astype(np.int32)
