"""The trust list as a file: its layout, and what one certificate says in it.

Little-endian::

    magic 8 | rows 80 each | status 2 bits each | endings 16 each | index | root 76 | signature 64

    row     certificate serial 4, device ID 8, public key x‖y 64, valid from 2, valid to 2
    ending  certificate serial 4, reason 1, nothing 1, date 2, final ascending 8 (all ones: unknown)
    index   first serial of each block 4 each, SHA-256 of each block 32 each,
            SHA-256 of the status bits 32, SHA-256 of the endings 32
    root    magic 8, number 4, certificates 4, endings 4, issued 8, next issue 8, nothing 8,
            SHA-256 of the index 32

Dates are days since 1970-01-01, instants microseconds since then; the signature is ES256 over the
root, as raw ``r‖s``.
"""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

import msgspec
import numpy as np

from franking.identifiers import DeviceId

MAGIC: Final = b"FRKTRST1"
ROW: Final = np.dtype(
    [
        ("certificate_serial", "<u4"),
        ("device", "V8"),
        ("public_key", "V64"),
        ("valid_from", "<u2"),
        ("valid_to", "<u2"),
    ]
)
"""One certificate in the table; build a large list from an array of these."""

ENDING: Final = np.dtype(
    [
        ("certificate_serial", "<u4"),
        ("reason", "u1"),
        ("nothing", "u1"),
        ("on", "<u2"),
        ("final_ascending_mills", "<u8"),
    ]
)
"""One certificate in the table of those that ended."""

BLOCK_ROWS: Final = 800
ROW_LAYOUT = struct.Struct("<I2s2sI64sHH")
ENDING_LAYOUT = struct.Struct("<IBxHQ")
ROOT_LAYOUT = struct.Struct("<8sIIIqq8x32s")
DIGEST_BYTES = 32
FENCE_BYTES = 4
UNKNOWN_ASCENDING = 2**64 - 1
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class EndReason(StrEnum):
    """Why a certificate is no longer simply good."""

    ROLLOVER = "rollover"
    WITHDRAWN = "withdrawn"
    FAULTED = "faulted"
    LOST = "lost"
    STOLEN = "stolen"
    COMPROMISE = "compromise"


class Status(IntEnum):
    """The two status bits of a certificate."""

    GOOD = 0
    REPORTED = 1
    """The device is reported lost or stolen; its key still tells the truth."""
    ENDED = 2
    """The key stopped at its final ascending value."""
    COMPROMISED = 3
    """Somebody else may hold the key."""


REASON_CODES = {reason: code for code, reason in enumerate(EndReason, start=1)}
REASONS = {code: reason for reason, code in REASON_CODES.items()}
STATUS_OF_REASON = {
    EndReason.ROLLOVER: Status.ENDED,
    EndReason.WITHDRAWN: Status.ENDED,
    EndReason.FAULTED: Status.ENDED,
    EndReason.LOST: Status.REPORTED,
    EndReason.STOLEN: Status.REPORTED,
    EndReason.COMPROMISE: Status.COMPROMISED,
}


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a certificate ended, or what is reported of its device."""

    reason: EndReason
    on: date
    final_ascending_mills: int | None
    """Above this nothing is authentic; ``None`` where it is not known."""


class TrustEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate as the Postal Service lists it."""

    certificate_serial: int
    device_id: DeviceId
    public_key: bytes
    """65 bytes: the uncompressed P-256 point."""
    valid_from: date
    valid_to: date
    """The last day it is valid on."""
    ending: Ending | None = None

    @property
    def status(self) -> Status:
        """The two status bits."""
        return Status.GOOD if self.ending is None else STATUS_OF_REASON[self.ending.reason]


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


def day_of(number: int) -> date:
    """The day of a ``day_number``."""
    return date.fromordinal(_EPOCH_DAY + number)


def microseconds_of(instant: datetime) -> int:
    """Microseconds since 1970-01-01, UTC."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(microseconds: int) -> datetime:
    """The instant of a ``microseconds_of``."""
    return _EPOCH + microseconds * _MICROSECOND
