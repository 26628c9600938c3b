"""Typed identifiers of the field: devices and ZIP Codes.

Refuses to know what the identified things do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from franking.errors import Refusal

_DEVICE_ID = re.compile(r"([0-9A-Z]{2})([0-9A-Z]{2})(\d{10})", re.ASCII)
SERIAL_MAX = 2**32 - 1
"""The highest serial of a device: an indicium has four bytes for it."""

DEVICE_ID_UNREADABLE = Refusal(
    "DEVICE_ID_UNREADABLE",
    clause="DMM P050.4.5 (1997)",
    remedy="Give two characters of manufacturer, two of model and ten digits, as on the print.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, order=True)
class DeviceId:
    """A postal security device: manufacturer and model (two ASCII characters each), serial.

    Printed as one word of 14 characters, ``FK1A0000000001``; 8 bytes in an indicium.
    """

    manufacturer: str
    model: str
    serial: int

    def __post_init__(self) -> None:
        if _DEVICE_ID.fullmatch(str(self)) is None or self.serial > SERIAL_MAX:
            raise DEVICE_ID_UNREADABLE.because(f"{str(self)!r} is not a device ID")

    @classmethod
    def parse(cls, text: str) -> DeviceId:
        """Read the printed form.

        Raises:
            Refused: ``DEVICE_ID_UNREADABLE``.
        """
        match = _DEVICE_ID.fullmatch(text.strip().upper())
        if match is None:
            raise DEVICE_ID_UNREADABLE.because(f"{text!r} is not a device ID")
        return cls(match[1], match[2], int(match[3]))

    def __str__(self) -> str:
        return f"{self.manufacturer}{self.model}{self.serial:010d}"


def record_id(kind: str, identity: object) -> str:
    """The one name of a record in journals, dockets and messages: ``device:FK1A0000000001``."""
    return f"{kind}:{identity}"
