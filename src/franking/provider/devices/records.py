"""What the provider's inventory holds of a device. Frozen; money in mills, dates postal.

Refuses to know what a device signed: ``franking.provider.resetting`` knows that, and writes what
follows from it into the record here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What kind of thing a device is."""

    METER = "meter"
    """Metal and ink: what is known of it, people report."""
    PSD = "PSD"
    """A postal security device: it signs what it states."""


class Mechanism(StrEnum):
    """How a device registers postage; the papers after a malfunction differ by it."""

    MECHANICAL = "mechanical"
    ELECTRONIC = "electronic"


class Title(StrEnum):
    """Who owns a device (39 CFR 501.22(a) (1995), 502.21(a) (1997)): nobody else ever does."""

    PROVIDER = "provider"
    POSTAL_SERVICE = "Postal Service"


class Source(StrEnum):
    """On whose word a reading or movement stands."""

    REPORTED = "reported"
    """A person read it."""
    SIGNED = "signed"
    """The device signed it."""


class Occasion(StrEnum):
    """When registers are read."""

    INTAKE = "intake"
    CHECK_IN = "check-in"
    SETTING = "setting"
    RESET = "reset"
    AUDIT = "audit"
    EXAMINATION = "examination"
    INSPECTION = "inspection"
    CHECK_OUT = "check-out"
    CLEARING = "clearing"
    SEIZURE = "seizure"


class DeviceState(StrEnum):
    """Where a device stands in its life."""

    PRODUCED = "produced"
    KEY_INITIALIZED = "key initialized"
    """A PSD only: its key is loaded, and tracking of 1997 begins."""
    INSPECTED = "inspected"
    CHECKED_IN = "checked in"
    """By the post office (1995), or authorized by the provider (1997)."""
    ISSUED = "issued"
    """On its way to, or at, the licensee, and not installed yet."""
    IN_SERVICE = "in service"
    DO_NOT_USE = "do not use"
    """Reported faulty or defective: it may not be used under any circumstance."""
    RETRIEVING = "retrieving"
    """To be removed from the licensee and checked out."""
    CHECKED_OUT = "checked out"
    EXAMINED = "examined"
    REBUILT = "rebuilt"
    UNLEASED = "unleased"
    """Sound and in stock."""
    SCRAPPED = "scrapped"
    SEIZED = "seized"
    """Withdrawn by a postal inspector."""
    MISSING = "missing"
    """Not located yet; the search runs."""
    LOST = "lost"
    STOLEN = "stolen"
    RECOVERED = "recovered"


_S = DeviceState
_AWAY: Final = frozenset({_S.SEIZED, _S.MISSING, _S.LOST, _S.STOLEN})
"""What may befall a device at any time before it is scrapped."""

TRANSITIONS: Final[dict[DeviceState, frozenset[DeviceState]]] = {
    _S.PRODUCED: frozenset({_S.KEY_INITIALIZED, _S.INSPECTED, _S.SCRAPPED}) | _AWAY,
    _S.KEY_INITIALIZED: frozenset({_S.INSPECTED, _S.EXAMINED, _S.SCRAPPED}) | _AWAY,
    _S.INSPECTED: frozenset({_S.CHECKED_IN, _S.KEY_INITIALIZED, _S.EXAMINED, _S.SCRAPPED}) | _AWAY,
    _S.CHECKED_IN: frozenset({_S.ISSUED, _S.IN_SERVICE, _S.RETRIEVING, _S.CHECKED_OUT}) | _AWAY,
    _S.ISSUED: frozenset({_S.IN_SERVICE, _S.DO_NOT_USE, _S.RETRIEVING, _S.CHECKED_OUT}) | _AWAY,
    _S.IN_SERVICE: frozenset({_S.DO_NOT_USE, _S.RETRIEVING, _S.CHECKED_OUT}) | _AWAY,
    _S.DO_NOT_USE: frozenset({_S.IN_SERVICE, _S.RETRIEVING, _S.CHECKED_OUT}) | _AWAY,
    _S.RETRIEVING: frozenset({_S.IN_SERVICE, _S.CHECKED_OUT}) | _AWAY,
    _S.CHECKED_OUT: frozenset({_S.EXAMINED, _S.UNLEASED, _S.SCRAPPED}) | _AWAY,
    _S.EXAMINED: frozenset({_S.REBUILT, _S.UNLEASED, _S.KEY_INITIALIZED, _S.SCRAPPED}) | _AWAY,
    _S.REBUILT: frozenset({_S.KEY_INITIALIZED, _S.INSPECTED, _S.SCRAPPED}) | _AWAY,
    _S.UNLEASED: frozenset(
        {_S.KEY_INITIALIZED, _S.INSPECTED, _S.CHECKED_IN, _S.EXAMINED, _S.SCRAPPED}
    )
    | _AWAY,
    _S.SCRAPPED: frozenset(),
    _S.SEIZED: frozenset({_S.CHECKED_OUT, _S.EXAMINED, _S.MISSING, _S.LOST, _S.STOLEN}),
    _S.MISSING: frozenset({_S.LOST, _S.STOLEN, _S.RECOVERED, _S.SEIZED}),
    _S.LOST: frozenset({_S.RECOVERED, _S.SEIZED}),
    _S.STOLEN: frozenset({_S.RECOVERED, _S.SEIZED}),
    _S.RECOVERED: frozenset({_S.IN_SERVICE, _S.RETRIEVING, _S.CHECKED_OUT, _S.EXAMINED}) | _AWAY,
}
"""What may follow what; the database guards it again."""

WITH_LICENSEE: Final = frozenset({_S.ISSUED, _S.IN_SERVICE, _S.DO_NOT_USE, _S.RETRIEVING})
"""States in which the licensee has the device."""
LEASABLE: Final = frozenset({_S.PRODUCED, _S.KEY_INITIALIZED, _S.INSPECTED, _S.CHECKED_IN}) | {
    _S.REBUILT,
    _S.UNLEASED,
}
"""States in which a device may be promised to a licensee."""
RESETTABLE: Final = frozenset({_S.CHECKED_IN, _S.ISSUED, _S.IN_SERVICE})
"""States in which a device may be set or reset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRecord:
    """One device as its provider's inventory has it."""

    serial: str
    """A PSD's device ID, or a meter's serial number with its maker's code."""
    kind: Kind
    rulebook: str
    """The rules it lives under, of which the date of each act decides the edition."""
    model: str
    version: str = ""
    state: DeviceState = DeviceState.PRODUCED
    since: date
    """When it came into that state."""
    mechanism: Mechanism = Mechanism.ELECTRONIC
    remote: bool = True
    """Reset remotely (a CMRS meter, any PSD), not by postal staff."""
    title: Title = Title.PROVIDER
    licence: str = ""
    """The number of the licence it is leased under."""
    lease: str = ""
    licensee: str = ""
    office: str = ""
    """ZIP Code of its licensing post office."""
    place: str = ""
    """Where it stands, as reported."""
    produced_on: date | None = None
    installed_on: date | None = None
    scrapped_on: date | None = None
    ascending_mills: int = 0
    """As last read, in mills."""
    descending_mills: int = 0
    reading_source: Source = Source.REPORTED
    read_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterReading:
    """Registers as they were read once, in mills, and on whose word."""

    serial: str
    at: str
    """The instant, as ``clock.instant_text`` writes it."""
    ascending_mills: int
    descending_mills: int
    source: Source
    occasion: Occasion
    by: str
    """Who read it, or what was signed."""
    piece_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement of a device: a change of state or of place."""

    number: int
    serial: str
    at: str
    day: date
    before: str
    """The state before; empty for the first."""
    after: DeviceState
    place: str
    by: str
    because: str
    clause: str
    source: Source
    ascending_mills: int | None
    """As read on this occasion; always there at check-in and check-out (501.22(k))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """One cause for which a device gets no reset."""

    number: int
    serial: str
    cause: str
    """What it is lifted by: ``examination``, ``quality``, ``removal``."""
    clause: str
    because: str
    since: str
    lifted_at: str | None = None
    lifted_because: str = ""
