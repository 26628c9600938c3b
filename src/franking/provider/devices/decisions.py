"""What may happen to a device in the inventory. Pure: records and rules in, records out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from franking.errors import Refusal
from franking.money import format_dollars
from franking.provider.devices.records import (
    LEASABLE,
    TRANSITIONS,
    Denial,
    DeviceRecord,
    DeviceState,
    RegisterReading,
)

_LIFE = "39 CFR 501.22(k) (1995)"
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{0,39}", re.ASCII)

DEVICE_NOT_IN_INVENTORY = Refusal(
    "DEVICE_NOT_IN_INVENTORY",
    clause=_LIFE,
    remedy="Check the serial, or take the device in: franking inventory intake.",
    http_status=404,
)
SERIAL_UNREADABLE = Refusal(
    "SERIAL_UNREADABLE",
    clause=_LIFE,
    remedy="Give the serial as it stands on the device: letters A-Z, digits, and . / - within.",
    http_status=422,
)
DEVICE_MOVE_UNSUITABLE = Refusal(
    "DEVICE_MOVE_UNSUITABLE",
    clause=_LIFE,
    remedy="See where the device stands: franking device history SERIAL.",
)
READING_FALLS = Refusal(
    "READING_FALLS",
    clause=_LIFE,
    remedy="Read the ascending register again; if it is lower, report the device defective.",
    http_status=422,
)
DEVICE_LEASED = Refusal(
    "DEVICE_LEASED",
    clause="39 CFR 501.22(c) (1995)",
    remedy="End the lease it is under first, or lease another device.",
)
RESET_DENIED = Refusal(
    "RESET_DENIED",
    clause="39 CFR 501.22(f) (1995), 502.24, 502.27 (1997)",
    remedy="Cure what each denial names; see franking explain device:SERIAL.",
    http_status=403,
)


def require_serial(serial: str) -> None:
    """Whether a serial can be read off a list, and given to a spreadsheet, as what it is.

    Raises:
        Refused: ``SERIAL_UNREADABLE``.
    """
    if _SERIAL.fullmatch(serial) is None:
        raise SERIAL_UNREADABLE.because(f"{serial[:60]!r} is no serial of a device")


def moved(record: DeviceRecord, *, to: DeviceState, on: date) -> DeviceRecord:
    """The device in another state.

    Raises:
        Refused: ``DEVICE_MOVE_UNSUITABLE``.
    """
    if to not in TRANSITIONS[record.state]:
        raise DEVICE_MOVE_UNSUITABLE.because(
            f"{record.serial} is {record.state}, which {to} cannot follow"
        )
    scrapped = on if to is DeviceState.SCRAPPED else record.scrapped_on
    return replace(record, state=to, since=on, scrapped_on=scrapped)


def read(record: DeviceRecord, reading: RegisterReading, *, on: date) -> DeviceRecord:
    """The device as last read; its ascending register never falls.

    Raises:
        Refused: ``READING_FALLS``.
    """
    if reading.descending_mills < 0:
        raise READING_FALLS.because(f"{record.serial}: no register stands below nothing")
    if reading.ascending_mills < record.ascending_mills:
        raise READING_FALLS.because(
            f"{record.serial} was read at {format_dollars(record.ascending_mills)} before, "
            f"now at {format_dollars(reading.ascending_mills)}"
        )
    return replace(
        record,
        ascending_mills=reading.ascending_mills,
        descending_mills=reading.descending_mills,
        reading_source=reading.source,
        read_on=on,
    )


def leased(
    record: DeviceRecord, *, lease: str, licence: str, licensee: str, office: str
) -> DeviceRecord:
    """The device promised to a licensee; the same lease again changes nothing.

    Raises:
        Refused: ``DEVICE_LEASED``, ``DEVICE_MOVE_UNSUITABLE``.
    """
    if record.lease == lease:
        return record
    if record.lease:
        raise DEVICE_LEASED.because(f"{record.serial} is under lease {record.lease}")
    if record.state not in LEASABLE:
        raise DEVICE_MOVE_UNSUITABLE.because(f"{record.serial} is {record.state}: nobody leases it")
    return replace(record, lease=lease, licence=licence, licensee=licensee, office=office)


def require_resettable(serial: str, standing: Sequence[Denial]) -> None:
    """Whether nothing denies the device its resets.

    Raises:
        Refused: ``RESET_DENIED``, naming every denial and its clause.
    """
    if standing:
        grounds = "; ".join(f"{one.cause}: {one.because} ({one.clause})" for one in standing)
        raise RESET_DENIED.because(f"{serial} gets no reset: {grounds}")
