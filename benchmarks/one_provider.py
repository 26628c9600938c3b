"""A provider and a Postal Service of one device: just enough of both to authorize and fund it.

They sign what a device believes and keep no books; ``franking.provider`` and ``franking.postal``
are the real ones.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from franking.clock import instant_text
from franking.identifiers import DeviceId
from franking.messages import signing
from franking.messages.kinds import (
    Authorization,
    ResetGrant,
    ResetRequest,
)
from franking.messages.signing import Message
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import DeviceProfile, TrustAnchors
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.vault.certification import certificate_key
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault

NOW = datetime(1997, 11, 21, 9, 0, tzinfo=timezone(timedelta(hours=-6)))
DEVICE = DeviceId("FK", "1A", 1)
Rulebook = Literal["ibip-1997", "meter-1995"]
LIMITS: dict[Rulebook, int] = {"ibip-1997": 500_000, "meter-1995": 99_999_990}
"""The most that each rulebook lets a device hold, in mills."""


@dataclass(slots=True)
class OneProvider:
    """The provider's and the Postal Service's keys, and the last certificate's serial."""

    provider: VaultSigner
    postal: VaultSigner
    serials: int = 1000

    @classmethod
    def new(cls) -> OneProvider:
        """Fresh keys."""
        vault = SoftwareVault.in_memory()
        provider, postal = (
            vault.open(vault.generate(name).wrapped, name)
            for name in ("one provider", "postal service")
        )
        return cls(provider, postal)

    @property
    def anchors(self) -> TrustAnchors:
        """What goes into a device when it is made."""
        return TrustAnchors(
            provider_key=public_key_object(self.provider.public_key),
            postal_key=public_key_object(self.postal.public_key),
        )

    def authorization(
        self, request: bytes, *, limit_mills: int, now: datetime = NOW, device: DeviceId = DEVICE
    ) -> str:
        """Licence, limit and certificate for the key of a PKCS#10 request in DER."""
        return self._sign(
            Authorization(
                device=str(device),
                issued_at=instant_text(now),
                order=1,
                licence="L-1",
                zip_code="60601",
                city="CHICAGO",
                state="IL",
                limit_mills=limit_mills,
                watchdog_date=_watchdog(now),
                certificate=self._certificate(request, now),
            )
        )

    def grant(self, request: str, *, now: datetime = NOW) -> str:
        """The grant of what a reset request asks for."""
        asked = signing.unverified(request, ResetRequest)
        return self._sign(
            ResetGrant(
                device=asked.device,
                issued_at=instant_text(now),
                sequence=asked.sequence,
                amount_mills=asked.amount_mills,
                request_digest=signing.digest(request),
                acknowledged=asked.journal,
                watchdog_date=_watchdog(now),
            )
        )

    def _sign(self, message: Message) -> str:
        return signing.sign(message, self.provider)

    def _certificate(self, request: bytes, now: datetime) -> str:
        """A certificate of three years for the key of a request, DER in base64."""
        self.serials += 1
        asked = x509.load_der_x509_csr(request)
        name = x509.NameAttribute(NameOID.COMMON_NAME, self.postal.name)
        builder = (
            x509.CertificateBuilder()
            .subject_name(asked.subject)
            .issuer_name(x509.Name([name]))
            .public_key(asked.public_key())
            .serial_number(self.serials)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=3 * 365))
        )
        certificate = builder.sign(certificate_key(self.postal), SHA256())
        return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def new_device(
    path: Path,
    one: OneProvider,
    vault: SoftwareVault,
    *,
    vfs: str = "",
    rulebook: Rulebook = "ibip-1997",
) -> PostalSecurityDevice:
    """A device at ``path``, authorized up to the most that its rulebook allows; no postage yet."""
    device = PostalSecurityDevice.create(
        SqliteDeviceStore.create(path, vfs=vfs),
        vault,
        DEVICE,
        DeviceProfile(rulebook=rulebook),
        one.anchors,
        NOW,
    )
    request = device.certificate_signing_request(NOW)
    device.authorize(one.authorization(request, limit_mills=LIMITS[rulebook]), NOW)
    return device


def fund(
    device: PostalSecurityDevice,
    one: OneProvider,
    *,
    amount_mills: int,
    request_id: str = "reset-1",
    now: datetime = NOW,
) -> str:
    """Reset a device with postage; the device's receipt."""
    request = device.request_reset(amount_mills, request_id, now)
    return device.apply_grant(one.grant(request, now=now), now)


def _watchdog(now: datetime) -> str:
    return (now.date() + timedelta(days=60)).isoformat()
