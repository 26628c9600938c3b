"""What the provider knows of a device, its orders, its resets. Frozen; money in mills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from franking.messages.kinds import JournalPosition, RegisterReading

BEGINNING: Final = JournalPosition(sequence=0, entry_hash="00" * 32)
"""Before the first entry of any journal; every device's first acknowledgement."""
NOTHING_READ: Final = RegisterReading(
    ascending_mills=0,
    descending_mills=0,
    control_total_mills=0,
    piece_count=0,
    reset_sequence=0,
)
READ_ENDS: Final = frozenset({"rollover", "withdrawn", "faulted"})
"""Ends of a key at which the device was read, so that its final ascending value is known."""


class DeviceStatus(StrEnum):
    """Where a device stands for its provider, by what it has signed."""

    ENROLLED = "enrolled"
    """It has a key, and waits for a certificate and a licence."""
    AUTHORIZED = "authorized"
    """Its authorization was issued; no receipt yet (DMM P050.3.1, 1997)."""
    IN_SERVICE = "in service"
    WITHDRAWN = "withdrawn"
    """It has stated its registers and is locked for good."""
    CLEARED = "cleared"
    """It gave up its value and key."""
    SCRAPPED = "scrapped"
    FAULTED = "faulted"
    """It cannot speak for itself any more; an examination states its value."""


TRANSITIONS: Final[dict[DeviceStatus, frozenset[DeviceStatus]]] = {
    DeviceStatus.ENROLLED: frozenset({DeviceStatus.AUTHORIZED, DeviceStatus.FAULTED}),
    DeviceStatus.AUTHORIZED: frozenset({DeviceStatus.IN_SERVICE, DeviceStatus.FAULTED}),
    DeviceStatus.IN_SERVICE: frozenset({DeviceStatus.WITHDRAWN, DeviceStatus.FAULTED}),
    DeviceStatus.WITHDRAWN: frozenset({DeviceStatus.CLEARED, DeviceStatus.FAULTED}),
    DeviceStatus.CLEARED: frozenset({DeviceStatus.ENROLLED, DeviceStatus.SCRAPPED}),
    DeviceStatus.FAULTED: frozenset({DeviceStatus.SCRAPPED}),
    DeviceStatus.SCRAPPED: frozenset(),
}
"""What may follow what; the database guards it again."""


class ResetStatus(StrEnum):
    """What became of one reset sequence of a device."""

    GRANTED = "granted"
    """Value in transit."""
    CONFIRMED = "confirmed"
    CLOSED = "closed"
    """The device signed that it ended unused; its value waits for the next clean audit."""
    RETURNED = "returned"
    """That audit came: the value is on deposit again."""
    EXAMINED = "examined"
    """Settled by the examination of a faulted device."""


RESET_TRANSITIONS: Final[dict[ResetStatus, frozenset[ResetStatus]]] = {
    ResetStatus.GRANTED: frozenset(
        {ResetStatus.CONFIRMED, ResetStatus.CLOSED, ResetStatus.EXAMINED}
    ),
    ResetStatus.CONFIRMED: frozenset(),
    ResetStatus.CLOSED: frozenset({ResetStatus.RETURNED}),
    ResetStatus.RETURNED: frozenset(),
    ResetStatus.EXAMINED: frozenset(),
}
"""What may follow what; the database guards it again."""


class KeyStatus(StrEnum):
    """What a key of a device is now."""

    REQUESTED = "requested"
    """A certificate was asked for; the device may not sign with it yet."""
    PRESENT = "present"
    FORMER = "former"


KEY_TRANSITIONS: Final[dict[KeyStatus, frozenset[KeyStatus]]] = {
    KeyStatus.REQUESTED: frozenset({KeyStatus.PRESENT, KeyStatus.FORMER}),
    KeyStatus.PRESENT: frozenset({KeyStatus.FORMER}),
    KeyStatus.FORMER: frozenset(),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device as its provider knows it, from messages that it signed."""

    device_id: str
    rulebook: str
    system: str
    status: DeviceStatus
    licence: str = ""
    limit_mills: int = 0
    watchdog_date: date | None = None
    orders: int = 0
    """The number of the last order issued."""
    locks: tuple[str, ...] = ()
    """Causes of the locks ordered and not lifted."""
    audit_sequence: int = 0
    """Of the last audit that got its receipt."""
    reset_sequence: int = 0
    """Resets known to have come to an end."""
    control_total_mills: int = 0
    """Confirmed credits less what was withdrawn: what the device must show."""
    registers: RegisterReading = NOTHING_READ
    """As last reported."""
    heard: JournalPosition = BEGINNING
    """The furthest position of its journal that it reported."""
    heard_at: str = ""
    """When it issued that report, by its own clock."""
    confirmed: JournalPosition = BEGINNING
    """The last acknowledgement that it has shown to know."""
    suspicion: str = ""
    """Why it gets nothing more until it is examined."""
    posted_mills: int = 0
    """The ascending value up to which use is posted in the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKey:
    """A key of a device, and its certificate."""

    device_id: str
    public_key: bytes
    status: KeyStatus
    request: str
    """Our ``CertificateRequest`` for it."""
    request_source: str
    """SHA-256 in hex of what the device sent: a signing request, or a ``RolloverRequest``."""
    certificate_serial: int | None = None
    rollover_order: int | None = None
    """The order number that the device wants the next key authorized under."""
    final_ascending_mills: int | None = None
    """Where a former key ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as issued, and the device's answer."""

    device_id: str
    number: int
    kind: str
    text: str
    digest: str
    answer: str = ""
    """Empty while it is outstanding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """One reset sequence of a device."""

    device_id: str
    sequence: int
    amount_mills: int
    """Granted; 0 where it closed without a grant."""
    request_digest: str
    grant: str
    """``ResetGrant`` as signed; empty where there was none."""
    grant_digest: str
    status: ResetStatus
    account: str = ""
    """The number of the licensee's account that was charged."""
