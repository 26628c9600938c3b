"""Certificates and their authority: values, and what may become of a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from franking.verification.trust_list import Ending, EndReason

SERIAL_MAX: Final = 2**32 - 1
"""An indicium has four bytes for the certificate serial."""


class CertificateKind(StrEnum):
    """Whose key a certificate binds."""

    ROOT = "root"
    PROVIDER = "provider"
    DEVICE = "device"


class CertificateStatus(StrEnum):
    """What is known of the key."""

    GOOD = "good"
    REPORTED = "reported"
    """The device is lost or stolen; the key still tells the truth."""
    ENDED = "ended"
    """The key stopped at its final ascending value."""
    COMPROMISED = "compromised"
    """Somebody else may hold the key."""


TRANSITIONS: Final[dict[CertificateStatus, frozenset[CertificateStatus]]] = {
    CertificateStatus.GOOD: frozenset(
        {CertificateStatus.REPORTED, CertificateStatus.ENDED, CertificateStatus.COMPROMISED}
    ),
    CertificateStatus.REPORTED: frozenset({CertificateStatus.ENDED, CertificateStatus.COMPROMISED}),
    CertificateStatus.ENDED: frozenset({CertificateStatus.COMPROMISED}),
    CertificateStatus.COMPROMISED: frozenset(),
}
"""What may follow what; the database guards it again."""

STATUS_AFTER: Final[dict[EndReason, CertificateStatus]] = {
    EndReason.ROLLOVER: CertificateStatus.ENDED,
    EndReason.WITHDRAWN: CertificateStatus.ENDED,
    EndReason.FAULTED: CertificateStatus.ENDED,
    EndReason.LOST: CertificateStatus.REPORTED,
    EndReason.STOLEN: CertificateStatus.REPORTED,
    EndReason.COMPROMISE: CertificateStatus.COMPROMISED,
}
KNOWS_ITS_FINAL: Final = frozenset({EndReason.ROLLOVER, EndReason.WITHDRAWN, EndReason.FAULTED})
"""For these reasons the device was read, so its final ascending value is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The Postal Service's root, as its books hold it."""

    name: str
    serial: int
    """Of its own certificate."""
    public_key: bytes
    wrapped: bytes
    """The root key, sealed by the vault."""
    plan_version: str
    plan_digest: str
    """The key management plan it was founded under, or adopted since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate as issued, and what is known of it since."""

    serial: int
    kind: CertificateKind
    subject: str
    """A device ID, or a name."""
    provider: str
    """Who asked for it; empty for the root."""
    public_key: bytes
    first_day: date
    last_day: date
    der: bytes
    request_digest: str
    """SHA-256 of the request in hex: the same request is answered by the same certificate."""
    status: CertificateStatus = CertificateStatus.GOOD
    ending: Ending | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustListIssue:
    """A trust list as published."""

    number: int
    certificates: int
    issued_at: datetime
    next_issue_at: datetime
    digest: str
    """SHA-256 of the file in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDrill:
    """A restore of the root's backup, tried out."""

    at: datetime
    next_by: date
    """When the plan wants it tried again."""
