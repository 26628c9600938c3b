"""A provider and a Postal Service as a device meets them: keys, orders, grants, receipts.

They sign what a test asks for, right or wrong; the provider under test elsewhere is another.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from franking.clock import instant_text
from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.indicium.signature import raw_from_der
from franking.messages import signing
from franking.messages.kinds import (
    AuditReceipt,
    AuditReport,
    Authorization,
    ClearingOrder,
    JournalPosition,
    LockOrder,
    ResetGrant,
    ResetRequest,
    RolloverAuthorization,
    RolloverRequest,
    ScrappingOrder,
    UnlockOrder,
    WithdrawalOrder,
)
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import DeviceProfile, Evidence, EvidenceRequest, TrustAnchors
from franking.psd.store import DeviceStore
from franking.psd.vault.port import KeyVault
from franking.psd.vault.software import SoftwareVault

DEVICE_ID = DeviceId("FK", "1A", 1)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""When devices of the tests are made: a Monday."""
LIMIT_MILLS = 500_000


@dataclass(frozen=True, slots=True)
class TestSigner:
    """A key that signs messages, kept by no vault."""

    __test__ = False
    key: ec.EllipticCurvePrivateKey
    name: str

    def sign(self, data: bytes) -> bytes:
        """64 bytes ``r‖s``, low s."""
        return raw_from_der(self.key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True)))


def new_signer(name: str) -> TestSigner:
    """A signer with a key of its own."""
    return TestSigner(ec.generate_private_key(ec.SECP256R1()), name)


@dataclass(slots=True)
class Outside:
    """Everything outside the device: the provider's and the Postal Service's keys and counters."""

    provider: TestSigner = field(default_factory=lambda: new_signer("provider"))
    postal: TestSigner = field(default_factory=lambda: new_signer("postal"))
    device_id: DeviceId = DEVICE_ID
    orders: int = 0
    certificates: int = 0

    @property
    def trust(self) -> TrustAnchors:
        """What a device is made to believe."""
        return TrustAnchors(
            provider_key=self.provider.key.public_key(), postal_key=self.postal.key.public_key()
        )

    def certificate(
        self,
        request_der: bytes,
        now: datetime,
        *,
        days: int = 1095,
        issuer: TestSigner | None = None,
        name: str = "",
    ) -> str:
        """A certificate for a signing request, DER in base64."""
        self.certificates += 1
        request = x509.load_der_x509_csr(request_der)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name or str(self.device_id))])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "postal")]))
            .public_key(request.public_key())
            .serial_number(self.certificates)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=days))
        )
        signed = builder.sign((issuer or self.postal).key, SHA256())
        return b64encode(signed.public_bytes(Encoding.DER)).decode()

    def authorization(self, signing_request: bytes, now: datetime, **fields: Any) -> str:
        """An ``Authorization`` with the next order number."""
        return self._order(
            Authorization,
            now,
            fields,
            licence="L-1",
            zip_code="20260",
            city="WASHINGTON",
            state="DC",
            limit_mills=LIMIT_MILLS,
            watchdog_date=str(watchdog(now)),
            certificate=fields.pop("certificate", None) or self.certificate(signing_request, now),
        )

    def lock(self, now: datetime, cause: str = "examination", **fields: Any) -> str:
        """A ``LockOrder``."""
        clause = "39 CFR 501.22(f)(2) (1995)"
        return self._order(LockOrder, now, fields, cause=cause, clause=clause)

    def unlock(self, now: datetime, cause: str = "examination", **fields: Any) -> str:
        """An ``UnlockOrder``."""
        return self._order(UnlockOrder, now, fields, cause=cause)

    def withdrawal(self, now: datetime, **fields: Any) -> str:
        """A ``WithdrawalOrder``."""
        return self._order(WithdrawalOrder, now, fields, reason="no longer wanted")

    def clearing(self, statement: str, now: datetime, **fields: Any) -> str:
        """A ``ClearingOrder`` for a withdrawal statement."""
        digest = signing.digest(statement)
        return self._order(
            ClearingOrder, now, fields, statement_digest=digest, examiner="A. Examiner"
        )

    def scrapping(self, now: datetime, **fields: Any) -> str:
        """A ``ScrappingOrder``."""
        return self._order(ScrappingOrder, now, fields, reason="worn out")

    def rollover(self, request: str, now: datetime, **fields: Any) -> str:
        """A ``RolloverAuthorization`` for a rollover request."""
        wanted = b64decode(signing.unverified(request, RolloverRequest).signing_request)
        certificate = fields.pop("certificate", None) or self.certificate(
            wanted, now, days=fields.pop("days", 1095)
        )
        return self._order(
            RolloverAuthorization,
            now,
            fields,
            request_digest=signing.digest(request),
            certificate=certificate,
        )

    def grant(self, request: str, now: datetime, **fields: Any) -> str:
        """A ``ResetGrant`` for a reset request."""
        wanted = signing.unverified(request, ResetRequest)
        return self._sign(
            ResetGrant,
            now,
            fields,
            sequence=wanted.sequence,
            amount_mills=wanted.amount_mills,
            request_digest=signing.digest(request),
            acknowledged=wanted.journal,
            watchdog_date=str(watchdog(now)),
        )

    def audit_receipt(self, report: str, now: datetime, **fields: Any) -> str:
        """An ``AuditReceipt`` for an audit report."""
        made = signing.unverified(report, AuditReport)
        return self._sign(
            AuditReceipt,
            now,
            fields,
            audit_sequence=made.audit_sequence,
            report_digest=signing.digest(report),
            acknowledged=made.journal,
            watchdog_date=str(watchdog(now)),
            corrected_time=instant_text(now),
        )

    def _order(
        self, kind: type[signing.Message], now: datetime, over: dict[str, Any], **fields: Any
    ) -> str:
        if "order" not in over:
            self.orders += 1
        return self._sign(kind, now, over, **{"order": self.orders, **fields})

    def _sign(
        self, kind: type[signing.Message], now: datetime, over: dict[str, Any], **fields: Any
    ) -> str:
        by = over.pop("by", None) or self.provider
        said = {"device": str(self.device_id), "issued_at": instant_text(now), **fields, **over}
        return signing.sign(kind(**said), by)


@dataclass(slots=True)
class Bench:
    """A device on a test bench: switched on, with what is outside of it."""

    device: PostalSecurityDevice
    outside: Outside
    store: DeviceStore
    vault: KeyVault

    def reset(self, amount_mills: int, now: datetime, request_id: str = "") -> str:
        """Request, grant and credit one reset; the receipt."""
        name = request_id or f"reset-{self.device.registers.reset_sequence + 1}"
        request = self.device.request_reset(amount_mills, name, now)
        return self.device.apply_grant(self.outside.grant(request, now), now)

    def audit(self, now: datetime) -> None:
        """One audit, passed."""
        self.device.apply_audit_receipt(
            self.outside.audit_receipt(self.device.audit(now), now), now
        )

    def piece(self, request_id: str, now: datetime, postage_mills: int = 320) -> Evidence:
        """One indicium."""
        return self.device.evidence(EvidenceRequest(request_id, postage_mills), now)

    def power_up(self, store: DeviceStore, now: datetime) -> PostalSecurityDevice:
        """Switch on again, from a store that was opened anew."""
        self.store = store
        self.device = PostalSecurityDevice.open(store, self.vault, now)
        return self.device

    def roll_over(self, now: datetime) -> str:
        """One key rollover; the receipt."""
        request = self.device.request_rollover(now)
        return self.device.apply_rollover(self.outside.rollover(request, now), now)

    def withdraw(self, now: datetime) -> str:
        """Withdraw; the statement."""
        return self.device.withdraw(self.outside.withdrawal(now), now)

    def clear(self, now: datetime) -> str:
        """Withdraw and clear; the final statement."""
        statement = self.withdraw(now)
        return self.device.clear(self.outside.clearing(statement, now), now)


def watchdog(now: datetime) -> date:
    """Three months on, as the provider of the tests reckons."""
    month = now.month + 3
    return date(now.year + (month > 12), (month - 1) % 12 + 1, min(now.day, 28))


def manufactured(
    store: DeviceStore,
    *,
    vault: KeyVault | None = None,
    now: datetime = NOON,
    profile: DeviceProfile | None = None,
    outside: Outside | None = None,
) -> Bench:
    """A new device."""
    vault, outside = vault or SoftwareVault.in_memory(), outside or Outside()
    device = PostalSecurityDevice.create(
        store, vault, outside.device_id, profile or DeviceProfile(), outside.trust, now
    )
    return Bench(device, outside, store, vault)


def authorized(
    store: DeviceStore,
    *,
    vault: KeyVault | None = None,
    now: datetime = NOON,
    profile: DeviceProfile | None = None,
    limit_mills: int = LIMIT_MILLS,
) -> Bench:
    """A device with a licence and a certificate, and no postage."""
    bench = manufactured(store, vault=vault, now=now, profile=profile)
    request = bench.device.certificate_signing_request(now)
    order = bench.outside.authorization(request, now, limit_mills=limit_mills)
    bench.device.authorize(order, now)
    return bench


def operational(
    store: DeviceStore,
    *,
    amount_mills: int = 100_000,
    vault: KeyVault | None = None,
    now: datetime = NOON,
    profile: DeviceProfile | None = None,
    limit_mills: int = LIMIT_MILLS,
) -> Bench:
    """A device with postage in it."""
    bench = authorized(store, vault=vault, now=now, profile=profile, limit_mills=limit_mills)
    bench.reset(amount_mills, now)
    return bench


def refuses(code: str, detail: str = "") -> pytest.RaisesExc[Refused]:
    """That what follows is refused with this code; ``detail`` is a pattern of its facts."""
    return pytest.raises(Refused, match=f"^{code}: .*{detail}")


def position(sequence: int, entry_hash: str) -> JournalPosition:
    """A journal position."""
    return JournalPosition(sequence=sequence, entry_hash=entry_hash)
