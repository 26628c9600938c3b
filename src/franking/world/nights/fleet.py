"""The devices of a made-up world and their keys, each told by its number alone.

A device is its index, from 0: the honest ones first, then, fraud by fraud, those that a deed
befalls. A key is a hash of the seed and the index, so that any process has it without being told.
None of these keys is ever one to believe outside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from numpy.typing import NDArray

from franking.psd.vault.ecdsa import ORDER, raw_from_der
from franking.verification.trust_format import ROW, Ending, EndReason, day_number
from franking.world.nights.plan import DEVICE_FRAUDS, Plan
from franking.world.nights.records import Fraud

FIRST_CERTIFICATE: Final = 1_000_000
INVENTED_CERTIFICATE: Final = 3_000_000_000
"""From here on no certificate is listed."""
FORGER: Final = -1
"""The index that stands for the forger's own key."""
MAKER, MODEL = b"FK", b"1A"
FIRST_ASCENDING: Final = (100_000, 2_000_000)
"""Between these every device stands on the first of the days."""
_ENDED_DAYS_BEFORE = 20
_VALID_DAYS = 1000
_ES256 = ECDSA(SHA256(), deterministic_signing=True)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Which indices are whose."""

    honest: range
    of_fraud: Mapping[Fraud, range]

    @property
    def count(self) -> int:
        """All devices."""
        return len(self.honest) + sum(map(len, self.of_fraud.values()))


@lru_cache(maxsize=8)
def _fleet(devices: int, deeds: tuple[tuple[Fraud, int], ...]) -> Fleet:
    ranges, start = dict[Fraud, range](), devices
    for fraud, count in deeds:
        ranges[fraud] = range(start, start + count)
        start += count
    return Fleet(range(devices), ranges)


def fleet_of(plan: Plan) -> Fleet:
    """The devices that a plan asks for."""
    deeds = tuple((fraud, plan.deeds(fraud)) for fraud in Fraud if fraud in DEVICE_FRAUDS)
    return _fleet(plan.devices, deeds)


class NightKey:
    """A P-256 key that is told by a seed and a name; it satisfies ``messages.signing.Signer``."""

    def __init__(self, seed: int, name: str) -> None:
        self.name = name
        digest = hashlib.sha256(f"franking night {seed} {name}".encode()).digest()
        number = int.from_bytes(digest) % (ORDER - 1) + 1
        self.private: EllipticCurvePrivateKey = derive_private_key(number, SECP256R1())

    @property
    def point(self) -> bytes:
        """The uncompressed point, 65 bytes."""
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, data: bytes) -> bytes:
        """64 bytes, deterministic, with low s."""
        return raw_from_der(self.private.sign(data, _ES256))


def device_key(seed: int, index: int) -> NightKey:
    """The key of a device, or the forger's."""
    return NightKey(seed, f"device {index}")


def root_key(seed: int) -> NightKey:
    """The key of the trust list's root."""
    return NightKey(seed, "root")


def serial_of(index: int) -> int:
    """The device's serial number."""
    return index + 1


def device_numbers(indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """The devices as the tables of a night number them."""
    pair = int.from_bytes(MAKER + MODEL) << 32
    return (indices + 1).astype("<u4").byteswap().astype(np.int64) + pair


def trust_rows(plan: Plan, indices: Sequence[int]) -> NDArray[np.void]:
    """The rows of the trust list for these devices."""
    rows = np.zeros(len(indices), ROW)
    rows["certificate_serial"] = FIRST_CERTIFICATE + np.asarray(indices)
    rows["device"] = np.frombuffer(b"".join(map(_device_bytes, indices)), "V8")
    keys = b"".join(device_key(plan.seed, index).point[1:] for index in indices)
    rows["public_key"] = np.frombuffer(keys, "V64")
    rows["valid_from"] = day_number(plan.on - timedelta(days=_VALID_DAYS))
    rows["valid_to"] = day_number(plan.on + timedelta(days=_VALID_DAYS))
    return rows


def endings(plan: Plan) -> dict[int, Ending]:
    """What the trust list says of the devices that ended, by certificate."""
    on = ended_on(plan)
    return {
        FIRST_CERTIFICATE + index: Ending(reason=reason, on=on, final_ascending_mills=final)
        for index, reason, final in _ended(fleet_of(plan))
    }


def ended_on(plan: Plan) -> date:
    """When all that ended did: before the first night."""
    return plan.days[0] - timedelta(days=_ENDED_DAYS_BEFORE)


_REASONS: Final = {
    Fraud.WITHDRAWN: (EndReason.WITHDRAWN, FIRST_ASCENDING[0]),
    Fraud.REVOKED: (EndReason.FAULTED, None),
    Fraud.LOST: (EndReason.LOST, None),
    Fraud.STOLEN: (EndReason.STOLEN, None),
    Fraud.COMPROMISED_KEY: (EndReason.COMPROMISE, None),
}
"""How the devices of each fraud ended, and at which value if that is known."""


def _ended(fleet: Fleet) -> Iterator[tuple[int, EndReason, int | None]]:
    for fraud, (reason, final) in _REASONS.items():
        for index in fleet.of_fraud[fraud]:
            yield index, reason, final


def _device_bytes(index: int) -> bytes:
    return MAKER + MODEL + serial_of(index).to_bytes(4, "little")
