"""What a device knows and says: its states, registers, standing, requests and evidence.

Frozen values and the table of allowed transitions; no clock, no storage, no keys. All money is
integer mills (1/1000 dollar).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking.identifiers import DeviceId
from franking.indicium.content import CONTENT_BYTES, IndiciumContent, unpack

SOFTWARE_ID: Final = b"FK0001"
"""Six bytes in every indicium: the evidencing software and its version."""

System = Literal["open", "closed"]
"""A computer with a device beside it, or a meter (DMM P050.1.1, 1997)."""


class Status(StrEnum):
    """Where a device stands in its life. Locks are apart: they bar evidence, not the life."""

    MANUFACTURED = "manufactured"
    INITIALIZED = "initialized"
    """It has a key, and waits for a certificate and a licence."""
    AUTHORIZED = "authorized"
    """Certified and licensed; no postage has been set yet (DMM P050.3.1-1, 1997)."""
    OPERATIONAL = "operational"
    WITHDRAWN = "withdrawn"
    """Locked for good; its value is not given up yet."""
    CLEARED = "cleared"
    """Value given up and key destroyed; may be initialized again."""
    SCRAPPED = "scrapped"
    FAULTED = "faulted"
    """Key destroyed, registers readable (39 CFR 501.6(i)(5))."""


TRANSITIONS: Final[dict[Status, frozenset[Status]]] = {
    Status.MANUFACTURED: frozenset({Status.INITIALIZED, Status.FAULTED}),
    Status.INITIALIZED: frozenset({Status.AUTHORIZED, Status.FAULTED}),
    Status.AUTHORIZED: frozenset({Status.OPERATIONAL, Status.WITHDRAWN, Status.FAULTED}),
    Status.OPERATIONAL: frozenset({Status.WITHDRAWN, Status.FAULTED}),
    Status.WITHDRAWN: frozenset({Status.CLEARED, Status.FAULTED}),
    Status.CLEARED: frozenset({Status.INITIALIZED, Status.SCRAPPED, Status.FAULTED}),
    Status.SCRAPPED: frozenset(),
    Status.FAULTED: frozenset(),
}
"""What may follow what; the store guards it again."""

IN_SERVICE: Final = frozenset({Status.AUTHORIZED, Status.OPERATIONAL})
"""The statuses in which a device is in a licensee's hands for use."""

LOCK_WATCHDOG: Final = "watchdog"
"""The lock that no order sets: the watchdog date has passed (DMM P050.3.4, 1997)."""
LOCK_MOVED: Final = "moved"
"""The lock of a device that came from another computer: an accepted audit releases it."""


class EntryKind(StrEnum):
    """What a journal entry records."""

    CREATED = "created"
    INITIALIZED = "initialized"
    AUTHORIZED = "authorized"
    EVIDENCE = "evidence"
    INSPECTION = "inspection"
    RESET_REQUESTED = "reset requested"
    CREDITED = "credited"
    RESET_CLOSED = "reset closed"
    AUDITED = "audited"
    AUDIT_RECEIVED = "audit received"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    WITHDRAWN = "withdrawn"
    CLEARED = "cleared"
    SCRAPPED = "scrapped"
    ROLLOVER_REQUESTED = "rollover requested"
    ROLLED_OVER = "rolled over"
    MOVED_OUT = "moved out"
    MOVED_IN = "moved in"


class Registers(msgspec.Struct, frozen=True, kw_only=True):
    """The registers, in mills, and two counters.

    Always ``ascending + descending == control_total`` (PSD-2), none below zero.
    """

    ascending_mills: int = 0
    """All postage ever evidenced; never falls."""
    descending_mills: int = 0
    """Postage still there to evidence."""
    control_total_mills: int = 0
    """Everything ever credited, less what was withdrawn."""
    piece_count: int = 0
    """Indicia with a debit."""
    reset_sequence: int = 0
    """Resets that came to an end: credited, or closed unused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProfile:
    """Under which rulebook a device is built, and what kind of system it belongs to."""

    rulebook: Literal["ibip-1997", "meter-1995"] = "ibip-1997"
    system: System = "open"
    denominational: bool = False
    """A meter of fixed denominations locks below the largest of them (39 CFR 501.6(c))."""
    battery_renewed: date | None = None
    """Where a battery holds the registers: when it was last renewed (39 CFR 501.6(i)(1))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAnchors:
    """The two keys a device believes, put in when it is made (P-256)."""

    provider_key: EllipticCurvePublicKey
    """Of the provider's orders, grants and receipts."""
    postal_key: EllipticCurvePublicKey
    """Of the Postal Service's certificates for devices."""


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """Whose device it is, at which post office, and up to which balance."""

    licence: str
    zip_code: str
    city: str
    state: str
    limit_mills: int


class DeviceCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """What an indicium needs of the certificate: its serial and its days."""

    serial: int
    first_day: date
    last_day: date


class PendingReset(msgspec.Struct, frozen=True, kw_only=True):
    """A reset that was requested and has not come to an end."""

    sequence: int
    amount_mills: int
    request_digest: str


class PendingRollover(msgspec.Struct, frozen=True, kw_only=True):
    """A next key that waits for its certificate."""

    order: int
    request_digest: str
    key: str
    """The name of the next key in the store."""
    public_key: str
    """65 bytes in hex."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a device knows about itself beside its registers and its place in the journal."""

    device_id: str
    rulebook: str
    system: System
    denominational: bool
    provider_key: str
    """65 bytes in hex, as ``postal_key``."""
    postal_key: str
    battery_renewed: date | None = None
    key: str = ""
    """The name of the signing key in the store; empty where there is none, or must be none."""
    public_key: str = ""
    """Of the signing key: 65 bytes in hex."""
    keys_made: int = 0
    initialized_sequence: int = 0
    """The journal entry with the certificate signing request of the present life."""
    licence: Licence | None = None
    certificate: DeviceCertificate | None = None
    watchdog_date: date | None = None
    locks: tuple[str, ...] = ()
    """Causes, in order of arrival; the watchdog is not stored, it is a date."""
    orders: int = 0
    """The number of the last order carried out."""
    reset: PendingReset | None = None
    reset_closed_digest: str = ""
    """Of the closing statement, where the last reset closed unused."""
    rollover: PendingRollover | None = None
    audit_sequence: int = 0
    audit_digest: str = ""
    """Of the report that waits for its receipt."""
    acknowledged_sequence: int = 0
    acknowledged_hash: str = "00" * 32
    """The journal entry that the provider last acknowledged."""
    withdrawal_digest: str = ""
    moved_to: str = ""
    """The parcel a device left in; it refuses everything but reading."""


class DeviceState(msgspec.Struct, frozen=True, kw_only=True):
    """A device at one moment: what one register row holds."""

    status: Status
    registers: Registers
    standing: Standing
    sequence: int
    """Of the last journal entry."""
    head: bytes
    """Its hash."""
    latest_time: str
    """The latest accepted instant, UTC ISO 8601 (PSD-6)."""


class Fault(msgspec.Struct, frozen=True):
    """What a device found wrong with itself, and when."""

    time: str
    finding: str


class EvidenceRequest(msgspec.Struct, frozen=True):
    """What a caller wants evidenced. One request id is one indicium (PSD-4)."""

    request_id: str
    """1 to 64 printable ASCII characters without spaces; one name space for a device."""
    postage_mills: int
    date_of_mailing: date | None = None
    """``None`` is the postal date of the moment it is first asked."""
    destination: str = ""
    """Delivery point of 5, 9 or 11 digits, or empty."""
    rate_category: str = ""
    """At most four printable characters."""


class Evidence(msgspec.Struct, frozen=True):
    """An indicium that was paid for, and the registers after it."""

    request_id: str
    indicium: bytes
    """113 bytes: 49 of content, 64 of signature."""
    registers: Registers
    sequence: int
    """Of its journal entry."""

    @property
    def content(self) -> IndiciumContent:
        """The twelve signed fields."""
        return unpack(self.indicium[:CONTENT_BYTES])


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a request would print, shown without changing anything (39 CFR 501.6(i)(3))."""

    postage_mills: int
    date_of_mailing: date
    descending_after_mills: int


class InspectionImprint(msgspec.Struct, frozen=True, kw_only=True):
    """The ``.00`` imprint of an inspection: no postage, no signature, no debit."""

    request_id: str
    content: bytes
    """49 bytes with postage zero; without a signature it never verifies."""
    sequence: int


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something a licensee should attend to before it locks the device."""

    code: str
    detail: str
    remedy: str


def device_id_of(state: DeviceState) -> DeviceId:
    """The device's identity, typed."""
    return DeviceId.parse(state.standing.device_id)
