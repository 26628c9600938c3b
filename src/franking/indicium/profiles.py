"""Decoding any indicium, ours or historical, without believing it.

``decode`` never raises: what is cut short is decoded as far as it goes, and ``problems`` says what
is odd. Five profiles:

- ``franking-1``: ours, 49 bytes of content and 64 of signature;
- ``franking-2``: ours with a signed extension of 1 to 28 bytes, led by its length, in between;
- ``ibi-dsa``: the 89-byte Information-Based Indicium, 49 bytes and a 40-byte DSA signature, then
  an unsigned reserve of the vendor (field sizes after US 2010/0004939 A1);
- ``ibi-lite``: 14 bytes and the first 6 of a keyed digest (table of US 7,882,036), or the older
  14 bytes alone;
- ``unknown``: anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import msgspec

from franking.errors import Refused
from franking.indicium.content import (
    ALGORITHM_ES256,
    CONTENT_BYTES,
    EXTENSION_BYTES_MAX,
    VERSION,
    VERSION_EXTENDED,
    IndiciumContent,
    date_of,
    destination_of,
    device_id_of,
    rate_category_of,
    unpack,
    zip_of,
)
from franking.indicium.signature import SIGNATURE_BYTES

ALGORITHM_DSA: Final = 0x01
DSA_SIGNATURE_BYTES: Final = 40
PAYLOAD_BYTES: Final = CONTENT_BYTES + SIGNATURE_BYTES

_LITE_BYTES = 14
_LITE_MAC_BYTES = 6
_LITE_VERSION = 0xFF
_HISTORICAL_VERSIONS = {0x05, 0x50}
_ALGORITHMS = {
    ALGORITHM_DSA: ("DSA with SHA-1", DSA_SIGNATURE_BYTES),
    ALGORITHM_ES256: ("ECDSA P-256 with SHA-256", SIGNATURE_BYTES),
}
"""What each algorithm byte says, and how long its signature is."""

_EXTENSION_OFFSET = CONTENT_BYTES + 1

FieldValue = int | str


class Profile(StrEnum):
    """Which layout the bytes follow."""

    FRANKING = "franking-1"
    FRANKING_EXTENDED = "franking-2"
    IBI_DSA = "ibi-dsa"
    IBI_LITE = "ibi-lite"
    UNKNOWN = "unknown"


OWN_PROFILES: Final = frozenset({Profile.FRANKING, Profile.FRANKING_EXTENDED})
"""The profiles that can be verified."""
_OWN_VERSIONS = {
    bytes((VERSION,)): Profile.FRANKING,
    bytes((VERSION_EXTENDED,)): Profile.FRANKING_EXTENDED,
}
_OURS = Profile.FRANKING


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """What the bytes say, believed or not."""

    payload: bytes
    profile: Profile
    content: IndiciumContent | None
    """The content, where the profile is ours and all of its 49 bytes have a meaning."""
    signature_present: int
    """Bytes of signature, or of keyed digest, that are there."""
    signature_expected: int
    """Bytes of signature that the profile has; 0 where it has none or is unknown."""
    problems: tuple[str, ...]

    @property
    def fields(self) -> dict[str, FieldValue]:
        """The fields that are there, in the order of the layout; what has no meaning in hex."""
        fields = {field.name: field.value(self.payload)[0] for field in _present(self)}
        return fields | ({"extension": self.extension.hex()} if self.extension else {})

    @property
    def extension(self) -> bytes:
        """The customer's own bytes in a ``franking-2``, as far as they are there."""
        if self.profile is not Profile.FRANKING_EXTENDED:
            return b""
        return self.payload[_EXTENSION_OFFSET : _signed_bytes(self.profile, self.payload)]

    @property
    def reserve(self) -> bytes:
        """What follows the signature; nobody signed it."""
        signed = _signed_bytes(self.profile, self.payload)
        return self.payload[signed + self.signature_expected :]

    def as_json(self) -> dict[str, Any]:
        """Profile, fields, signature and problems, as programs see them."""
        return {
            "profile": self.profile.value,
            "fields": self.fields,
            "signature": {"present": self.signature_present, "expected": self.signature_expected},
            "problems": list(self.problems),
        }


class _Field(msgspec.Struct, frozen=True):
    name: str
    offset: int
    size: int
    read: Callable[[bytes], FieldValue]

    def value(self, payload: bytes) -> tuple[FieldValue, str]:
        """The value and what is odd about it; its bytes in hex where they mean nothing."""
        data = payload[self.offset : self.offset + self.size]
        try:
            return self.read(data), ""
        except Refused as refused:
            return data.hex(), f"{self.name}: {refused.detail}"


def decode(payload: bytes) -> Decoded:
    """Decode any bytes. Never raises."""
    if len(payload) == PAYLOAD_BYTES and payload[0] == VERSION:
        return _decode_ours(payload)
    profile = _profile(payload)
    expected = _signature_expected(profile, payload)
    present = min(max(len(payload) - _signed_bytes(profile, payload), 0), expected)
    return _with_problems(
        Decoded(
            payload=payload,
            profile=profile,
            content=_content(payload) if profile in OWN_PROFILES else None,
            signature_present=present,
            signature_expected=expected,
            problems=(),
        )
    )


def algorithm_name(algorithm: int) -> str:
    """What an algorithm byte stands for."""
    name, _ = _ALGORITHMS.get(algorithm, ("unknown", 0))
    return f"0x{algorithm:02x} ({name})"


def _decode_ours(payload: bytes) -> Decoded:
    content = _content(payload)
    whole = Decoded(
        payload=payload,
        profile=_OURS,
        content=content,
        signature_present=SIGNATURE_BYTES,
        signature_expected=SIGNATURE_BYTES,
        problems=(),
    )
    known = content is not None and content.algorithm == ALGORITHM_ES256
    return whole if known else _with_problems(whole)


def _content(payload: bytes) -> IndiciumContent | None:
    try:
        return unpack(payload[:CONTENT_BYTES])
    except Refused:
        return None


def _profile(payload: bytes) -> Profile:
    if payload[:1] in _OWN_VERSIONS:
        return _OWN_VERSIONS[payload[:1]]
    lite_length = len(payload) in (_LITE_BYTES, _LITE_BYTES + _LITE_MAC_BYTES)
    cut_lite = (
        payload[:1] == bytes((_LITE_VERSION,)) and len(payload) < _LITE_BYTES + _LITE_MAC_BYTES
    )
    if lite_length or cut_lite:
        return Profile.IBI_LITE
    if len(payload) > 1 and (payload[0] in _HISTORICAL_VERSIONS or payload[1] == ALGORITHM_DSA):
        return Profile.IBI_DSA
    return Profile.UNKNOWN


def _signature_expected(profile: Profile, payload: bytes) -> int:
    match profile:
        case Profile.FRANKING | Profile.FRANKING_EXTENDED:
            return SIGNATURE_BYTES
        case Profile.IBI_DSA:
            return DSA_SIGNATURE_BYTES
        case Profile.IBI_LITE:
            return 0 if len(payload) == _LITE_BYTES else _LITE_MAC_BYTES
        case Profile.UNKNOWN:
            return 0


def _with_problems(decoded: Decoded) -> Decoded:
    problems = [*_length_problems(decoded), *_algorithm_problems(decoded)]
    problems += [odd for field in _present(decoded) if (odd := field.value(decoded.payload)[1])]
    return msgspec.structs.replace(decoded, problems=tuple(problems))


def _length_problems(decoded: Decoded) -> list[str]:
    length = len(decoded.payload)
    whole = _signed_bytes(decoded.profile, decoded.payload) + decoded.signature_expected
    missing = [f.name for f in _FIELDS[decoded.profile] if f.offset + f.size > length]
    if decoded.profile is Profile.UNKNOWN:
        return [f"{length} bytes of no known profile"]
    if missing:
        return [f"truncated: {length} of {whole} bytes, {missing[0]} and what follows it missing"]
    if decoded.signature_expected and not decoded.signature_present:
        return ["no signature: this shows no postage"]
    if length < whole:
        return [
            f"truncated: {decoded.signature_present} of"
            f" {decoded.signature_expected} signature bytes"
        ]
    if length > whole and decoded.profile in OWN_PROFILES:
        return [f"{length - whole} bytes too many"]
    return _extension_problems(decoded)


def _extension_problems(decoded: Decoded) -> list[str]:
    """An extension has 1 to 28 bytes; one of none is the other version."""
    fits = 1 <= len(decoded.extension) <= EXTENSION_BYTES_MAX
    if decoded.profile is not Profile.FRANKING_EXTENDED or fits:
        return []
    return [f"an extension of {len(decoded.extension)} bytes, not 1 to {EXTENSION_BYTES_MAX}"]


def _algorithm_problems(decoded: Decoded) -> list[str]:
    right = _ALGORITHM_OF.get(decoded.profile)
    if right is None or len(decoded.payload) < 2 or decoded.payload[1] == right:
        return []
    return [f"algorithm {algorithm_name(decoded.payload[1])} does not belong to this profile"]


def _present(decoded: Decoded) -> list[_Field]:
    length = len(decoded.payload)
    return [f for f in _FIELDS[decoded.profile] if f.offset + f.size <= length]


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _device_id(data: bytes) -> str:
    return str(device_id_of(data[:2], data[2:4], _number(data[4:])))


def _date(data: bytes) -> str:
    return date_of(_number(data)).isoformat()


def _zip(data: bytes) -> str:
    return zip_of(_number(data))


def _destination(data: bytes) -> str:
    return destination_of(_number(data))


def _text_or_hex(data: bytes) -> str:
    """Text where it is printable; some vendors wrote binary there, which is not odd."""
    text = data.decode("latin-1").rstrip(" ")
    return text if text.isascii() and text.isprintable() else data.hex()


_IBI_HEAD = (
    _Field("version", 0, 1, _number),
    _Field("algorithm", 1, 1, _number),
    _Field("certificate_serial", 2, 4, _number),
    _Field("device_id", 6, 8, _device_id),
    _Field("ascending_mills", 14, 5, _number),
    _Field("postage_mills", 19, 3, _number),
    _Field("date_of_mailing", 22, 4, _date),
    _Field("licensing_zip", 26, 4, _zip),
)
_OWN_FIELDS = (
    *_IBI_HEAD,
    _Field("destination", 30, 5, _destination),
    _Field("software_id", 35, 6, bytes.hex),
    _Field("descending_mills", 41, 4, _number),
    _Field("rate_category", 45, 4, rate_category_of),
)
_FIELDS: dict[Profile, tuple[_Field, ...]] = {
    Profile.FRANKING: _OWN_FIELDS,
    Profile.FRANKING_EXTENDED: (*_OWN_FIELDS, _Field("extension_bytes", 49, 1, _number)),
    Profile.IBI_DSA: (
        *_IBI_HEAD,
        _Field("destination", 30, 5, _number),
        _Field("software_id", 35, 6, bytes.hex),
        _Field("descending_mills", 41, 4, _number),
        _Field("rate_category", 45, 4, _text_or_hex),
    ),
    Profile.IBI_LITE: (
        _Field("version", 0, 1, _number),
        _Field("piece_counter", 1, 4, _number),
        _Field("vendor_model", 5, 1, _number),
        _Field("device_serial", 6, 3, _number),
        _Field("postage_mills", 9, 3, _number),
        _Field("service", 12, 2, _number),
    ),
    Profile.UNKNOWN: (),
}
_SIGNED_BYTES = {
    Profile.FRANKING: CONTENT_BYTES,
    Profile.FRANKING_EXTENDED: CONTENT_BYTES + 1,
    Profile.IBI_DSA: CONTENT_BYTES,
    Profile.IBI_LITE: _LITE_BYTES,
    Profile.UNKNOWN: 0,
}
"""Bytes before the signature, an extension not counted."""
_ALGORITHM_OF = {
    Profile.FRANKING: ALGORITHM_ES256,
    Profile.FRANKING_EXTENDED: ALGORITHM_ES256,
    Profile.IBI_DSA: ALGORITHM_DSA,
}


def _signed_bytes(profile: Profile, payload: bytes) -> int:
    """Bytes before the signature, as the payload says where it is extended."""
    extended = profile is Profile.FRANKING_EXTENDED and len(payload) > CONTENT_BYTES
    return _SIGNED_BYTES[profile] + (payload[CONTENT_BYTES] if extended else 0)
