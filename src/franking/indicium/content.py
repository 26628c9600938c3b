"""The signed content of an indicium: twelve fields in 49 bytes, little-endian.

The layout is that of the 89-byte Information-Based Indicium (49 bytes of postal data, then the
signature); ours has its own version byte, ``0xF1``, or ``0xF2`` with an extension of the
customer's, for the value-added services that the programme leaves room for (62 FR 14833, duty
R97-Pre-VAS). Refuses to know keys and devices.

Every value has one form in bytes: ``unpack`` refuses bytes that ``pack`` would not have written.
"""

from __future__ import annotations

import re
import struct
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from franking.errors import Refusal
from franking.identifiers import DeviceId

VERSION: Final = 0xF1
VERSION_EXTENDED: Final = 0xF2
"""As ``VERSION``, with an extension of the customer's between content and signature."""

ALGORITHM_ES256: Final = 0x10
"""ECDSA over P-256 with SHA-256, as raw ``r‖s`` with low s."""

CONTENT_BYTES: Final = 49
EXTENSION_BYTES_MAX: Final = 28
"""So much that the whole still fits a Data Matrix of 44 by 44 modules, 142 bytes."""

SOFTWARE_ID_BYTES: Final = 6
RATE_CATEGORY_BYTES: Final = 4

POSTAGE_MILLS_MAX: Final = 2**24 - 1
ASCENDING_MILLS_MAX: Final = 2**40 - 1

# The integers of 3 and 5 bytes are written as their low part and one byte above it.
_LAYOUT = struct.Struct("<BBI2s2sIIBHBIIIB6sI4s")
_PREFIX = struct.Struct("<BBI2s2sI")
_AFTER_PREFIX = struct.Struct("<14sIBHBIIIB6sI4s")

# Where the numbers of a 5-, 9- and 11-digit delivery point begin (USPS-B-3200 Rev H): 0 is "no
# destination", and leading zeros survive.
DESTINATION_BASES: Final = {5: 1, 9: 100_001, 11: 1_000_100_001}
DESTINATION_END: Final = 101_000_100_001
ZIP_END: Final = 100_000

_ZIP = re.compile(r"\d{5}", re.ASCII)
_DESTINATION = re.compile(r"|\d{5}|\d{9}|\d{11}", re.ASCII)
_RATE_CATEGORY = re.compile(r"[!-~]{0,4}", re.ASCII)

INDICIUM_FIELD_OUT_OF_RANGE = Refusal(
    "INDICIUM_FIELD_OUT_OF_RANGE",
    clause="39 CFR 502.9(a) (1997)",
    remedy="Correct the field named; nothing was signed.",
    http_status=422,
)
INDICIUM_CONTENT_UNREADABLE = Refusal(
    "INDICIUM_CONTENT_UNREADABLE",
    clause="39 CFR 502.9(a) (1997)",
    remedy="Read the symbol again; these bytes are no content of an indicium.",
    http_status=422,
)


class IndiciumContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a device signs. Amounts in mills; registers as they stand after the debit.

    A frozen struct: change a copy with ``msgspec.structs.replace``.
    """

    version: int
    algorithm: int
    certificate_serial: int
    device_id: DeviceId
    ascending_mills: int
    postage_mills: int
    date_of_mailing: date
    licensing_zip: str
    """Five digits: the licensing post office."""
    destination: str
    """Delivery point of 5, 9 or 11 digits, or empty."""
    software_id: bytes
    descending_mills: int
    rate_category: str
    """At most four printable characters without spaces."""


def pack(content: IndiciumContent) -> bytes:
    """The 49 bytes of ``content``.

    Raises:
        Refused: ``INDICIUM_FIELD_OUT_OF_RANGE``.
    """
    device = content.device_id
    return pack_after(
        pack_prefix(content.version, content.algorithm, content.certificate_serial, device),
        ascending_mills=content.ascending_mills,
        postage_mills=content.postage_mills,
        date_number=date_number(content.date_of_mailing),
        zip_number=zip_number(content.licensing_zip),
        destination_number=destination_number(content.destination),
        software_id=content.software_id,
        descending_mills=content.descending_mills,
        rate_category=rate_category_bytes(content.rate_category),
    )


def pack_extended(content: IndiciumContent, extension: bytes) -> bytes:
    """The bytes to sign of ``content``, its version being ``VERSION_EXTENDED``, and an extension.

    The extension is the customer's, for services of its own: 1 to 28 bytes that mean nothing to
    postage. It stands after the content, led by a byte of its length, and is signed with it.

    Raises:
        Refused: ``INDICIUM_FIELD_OUT_OF_RANGE``.
    """
    if content.version != VERSION_EXTENDED or not 1 <= len(extension) <= EXTENSION_BYTES_MAX:
        raise INDICIUM_FIELD_OUT_OF_RANGE.because(
            f"version 0x{content.version:02x} with an extension of {len(extension)} bytes;"
            f" version 0x{VERSION_EXTENDED:02x} takes 1 to {EXTENSION_BYTES_MAX}"
        )
    return pack(content) + bytes((len(extension),)) + extension


def pack_prefix(
    version: int, algorithm: int, certificate_serial: int, device_id: DeviceId
) -> bytes:
    """The first 14 bytes, which stay the same while a device keeps its certificate.

    Raises:
        Refused: ``INDICIUM_FIELD_OUT_OF_RANGE``.
    """
    try:
        return _PREFIX.pack(
            version,
            algorithm,
            certificate_serial,
            device_id.manufacturer.encode("ascii"),
            device_id.model.encode("ascii"),
            device_id.serial,
        )
    except struct.error as error:
        raise INDICIUM_FIELD_OUT_OF_RANGE.because(
            f"version {version}, algorithm {algorithm} or certificate serial {certificate_serial}"
            f" does not fit its field: {error}"
        ) from error


def pack_after(
    prefix: bytes,
    *,
    ascending_mills: int,
    postage_mills: int,
    date_number: int,
    zip_number: int,
    destination_number: int,
    software_id: bytes,
    descending_mills: int,
    rate_category: bytes,
) -> bytes:
    """The 49 bytes from a ``pack_prefix`` and fields already turned into numbers: the quick way.

    ``date_number``, ``zip_number``, ``destination_number`` and ``rate_category`` come from the
    functions of those names, once per batch.

    Raises:
        Refused: ``INDICIUM_FIELD_OUT_OF_RANGE``.
    """
    if len(software_id) != SOFTWARE_ID_BYTES or len(rate_category) != RATE_CATEGORY_BYTES:
        raise INDICIUM_FIELD_OUT_OF_RANGE.because(
            f"software ID {software_id.hex()} has to have 6 bytes and"
            f" rate category {rate_category!r} 4"
        )
    try:
        return _AFTER_PREFIX.pack(
            prefix,
            ascending_mills & 0xFFFFFFFF,
            ascending_mills >> 32,
            postage_mills & 0xFFFF,
            postage_mills >> 16,
            date_number,
            zip_number,
            destination_number & 0xFFFFFFFF,
            destination_number >> 32,
            software_id,
            descending_mills,
            rate_category,
        )
    except struct.error as error:
        raise INDICIUM_FIELD_OUT_OF_RANGE.because(
            f"ascending {ascending_mills}, postage {postage_mills} or descending"
            f" {descending_mills} mills does not fit its field: {error}"
        ) from error


def unpack(data: bytes) -> IndiciumContent:
    """The content in ``data``, 49 bytes.

    Raises:
        Refused: ``INDICIUM_CONTENT_UNREADABLE`` for any bytes that ``pack`` does not write.
    """
    if len(data) != CONTENT_BYTES:
        raise INDICIUM_CONTENT_UNREADABLE.because(f"{len(data)} bytes where 49 are expected")
    (version, algorithm, certificate_serial, manufacturer, model, device_serial, ascending_low,
     ascending_high, postage_low, postage_high, day, zip_code, destination_low, destination_high,
     software_id, descending_mills, rate_category) = _LAYOUT.unpack(data)  # fmt: skip
    return IndiciumContent(
        version=version,
        algorithm=algorithm,
        certificate_serial=certificate_serial,
        device_id=device_id_of(manufacturer, model, device_serial),
        ascending_mills=ascending_high << 32 | ascending_low,
        postage_mills=postage_high << 16 | postage_low,
        date_of_mailing=date_of(day),
        licensing_zip=zip_of(zip_code),
        destination=destination_of(destination_high << 32 | destination_low),
        software_id=software_id,
        descending_mills=descending_mills,
        rate_category=rate_category_of(rate_category),
    )


def date_number(day: date) -> int:
    """The day as the decimal number YYYYMMDD."""
    return day.year * 10_000 + day.month * 100 + day.day


@lru_cache(maxsize=4096)
def date_of(number: int) -> date:
    """The day of a ``date_number``.

    Raises:
        Refused: ``INDICIUM_CONTENT_UNREADABLE``.
    """
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        raise INDICIUM_CONTENT_UNREADABLE.because(f"{number} is not a date YYYYMMDD") from None


def zip_number(zip_code: str) -> int:
    """The ZIP Code as a number.

    Raises:
        Refused: ``INDICIUM_FIELD_OUT_OF_RANGE`` unless it has five digits.
    """
    if _ZIP.fullmatch(zip_code) is None:
        raise INDICIUM_FIELD_OUT_OF_RANGE.because(f"licensing ZIP {zip_code!r} is not five digits")
    return int(zip_code)


def zip_of(number: int) -> str:
    """The ZIP Code of a ``zip_number``.

    Raises:
        Refused: ``INDICIUM_CONTENT_UNREADABLE``.
    """
    if number >= ZIP_END:
        raise INDICIUM_CONTENT_UNREADABLE.because(f"{number} is not a five-digit ZIP Code")
    return f"{number:05d}"


def destination_number(destination: str) -> int:
    """The delivery point as a number, 0 for none (the routing code of USPS-B-3200 Rev H).

    Raises:
        Refused: ``INDICIUM_FIELD_OUT_OF_RANGE`` unless it has 0, 5, 9 or 11 digits.
    """
    if not destination:
        return 0
    if _DESTINATION.fullmatch(destination) is None:
        raise INDICIUM_FIELD_OUT_OF_RANGE.because(
            f"destination {destination!r} has neither 5 nor 9 nor 11 digits"
        )
    return int(destination) + DESTINATION_BASES[len(destination)]


@lru_cache(maxsize=4096)
def destination_of(number: int) -> str:
    """The delivery point of a ``destination_number``.

    Raises:
        Refused: ``INDICIUM_CONTENT_UNREADABLE``.
    """
    if number == 0:
        return ""
    if number >= DESTINATION_END:
        raise INDICIUM_CONTENT_UNREADABLE.because(f"{number} is not a delivery point")
    digits = 5 if number < 100_001 else 9 if number < 1_000_100_001 else 11
    return f"{number - DESTINATION_BASES[digits]:0{digits}d}"


def rate_category_bytes(rate_category: str) -> bytes:
    """The rate category as four bytes of ASCII, filled with spaces.

    Raises:
        Refused: ``INDICIUM_FIELD_OUT_OF_RANGE``.
    """
    if _RATE_CATEGORY.fullmatch(rate_category) is None:
        raise INDICIUM_FIELD_OUT_OF_RANGE.because(
            f"rate category {rate_category!r} is not up to four printable characters"
        )
    return rate_category.ljust(RATE_CATEGORY_BYTES).encode("ascii")


@lru_cache(maxsize=4096)
def rate_category_of(field: bytes) -> str:
    """The rate category of a ``rate_category_bytes``.

    Raises:
        Refused: ``INDICIUM_CONTENT_UNREADABLE``.
    """
    text = field.decode("latin-1").rstrip(" ")
    if _RATE_CATEGORY.fullmatch(text) is None:
        raise INDICIUM_CONTENT_UNREADABLE.because(f"rate category {field.hex()} is not text")
    return text


@lru_cache(maxsize=4096)
def device_id_of(manufacturer: bytes, model: bytes, serial: int) -> DeviceId:
    """The device ID from its three fields.

    Raises:
        Refused: ``INDICIUM_CONTENT_UNREADABLE``.
    """
    pair = (manufacturer + model).decode("latin-1")
    if not (pair.isascii() and pair.isalnum() and pair == pair.upper()):
        raise INDICIUM_CONTENT_UNREADABLE.because(
            f"{manufacturer.hex()} {model.hex()} is not a manufacturer and a model"
        )
    return DeviceId(pair[:2], pair[2:], serial)
