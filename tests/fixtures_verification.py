"""Keys, trust lists and signed indicia to verify, without a device."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from tools.make_vectors import DEVICE_KEY, ORDINARY, ROOT_KEY, VectorKey

from franking.identifiers import DeviceId
from franking.indicium.content import (
    CONTENT_BYTES,
    VERSION_EXTENDED,
    IndiciumContent,
    pack,
    pack_extended,
)
from franking.verification.facts import NOTHING_KNOWN, Facts
from franking.verification.payload import Verification, verify_payload
from franking.verification.trust_list import Ending, EndReason, TrustEntry, TrustList, build
from franking.verification.verdict import Step

NOW = datetime(1997, 11, 21, 14, tzinfo=UTC)
TODAY = NOW.date()
SERIAL = ORDINARY.certificate_serial
DEVICE = ORDINARY.device_id
OTHER_KEY = VectorKey("franking vector of somebody else")


def content(**changes: Any) -> IndiciumContent:
    """The content of an ordinary letter, with these fields changed."""
    return msgspec.structs.replace(ORDINARY, **changes)


def signed(key: VectorKey = DEVICE_KEY, /, **changes: Any) -> bytes:
    """The 113 bytes of an ordinary letter with these fields changed, signed by ``key``."""
    data = pack(content(**changes))
    return data + key.sign(data)


def signed_with_extension(extension: bytes, **changes: Any) -> bytes:
    """An ordinary letter with an extension of the customer's."""
    data = pack_extended(content(version=VERSION_EXTENDED, **changes), extension)
    return data + DEVICE_KEY.sign(data)


def entry(
    serial: int = SERIAL,
    *,
    device_id: DeviceId = DEVICE,
    key: VectorKey = DEVICE_KEY,
    valid_from: date = date(1997, 6, 1),
    valid_to: date = date(2000, 5, 31),
    ending: Ending | None = None,
) -> TrustEntry:
    return TrustEntry(
        certificate_serial=serial,
        device_id=device_id,
        public_key=key.public_key,
        valid_from=valid_from,
        valid_to=valid_to,
        ending=ending,
    )


def ended(
    reason: EndReason, *, on: date = date(1997, 11, 1), final_mills: int | None = None
) -> Ending:
    return Ending(reason=reason, on=on, final_ascending_mills=final_mills)


def trust(*entries: TrustEntry, issued: datetime = NOW - timedelta(days=1)) -> TrustList:
    """A list good for a week, of the ordinary device unless entries are given."""
    data = build(
        entries or (entry(),),
        ROOT_KEY,
        issued=issued,
        next_issue=issued + timedelta(days=7),
    )
    return TrustList(data, ROOT_KEY.private_key.public_key())


def verified(
    payload: bytes, facts: Facts = NOTHING_KNOWN, *entries: TrustEntry, now: datetime = NOW
) -> Verification:
    return verify_payload(payload, trust(*entries), now, facts)


def step(verification: Verification, name: str) -> Step:
    return next(step for step in verification.steps if step.name == name)


def codes(verification: Verification) -> set[str]:
    return {finding.code for finding in verification.findings}


def flipped(payload: bytes, bit: int) -> bytes:
    """The payload with one bit changed."""
    place, shift = divmod(bit, 8)
    return payload[:place] + bytes([payload[place] ^ 1 << shift]) + payload[place + 1 :]


__all__ = [
    "CONTENT_BYTES",
    "DEVICE",
    "DEVICE_KEY",
    "NOW",
    "OTHER_KEY",
    "ROOT_KEY",
    "SERIAL",
    "TODAY",
    "codes",
    "content",
    "ended",
    "entry",
    "flipped",
    "signed",
    "signed_with_extension",
    "step",
    "trust",
    "verified",
]
