"""Applications, licences as heard, and leases: values, and the tables of what may follow what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from franking.messages.applications import ApplicationData

METER = "meter-1995"


class ApplicationStatus(StrEnum):
    """What became of an application that was transmitted."""

    TRANSMITTED = "transmitted"
    LICENSED = "licensed"
    REFUSED = "refused"


APPLICATION_TRANSITIONS: Final[dict[ApplicationStatus, frozenset[ApplicationStatus]]] = {
    ApplicationStatus.TRANSMITTED: frozenset(
        {ApplicationStatus.LICENSED, ApplicationStatus.REFUSED}
    ),
    # An appeal against a refusal may be sustained.
    ApplicationStatus.REFUSED: frozenset({ApplicationStatus.LICENSED}),
    ApplicationStatus.LICENSED: frozenset(),
}


class LicenceStatus(StrEnum):
    """Where a licence stands, as the Postal Service last told."""

    ISSUED = "issued"
    NOTICED = "revocation noticed"
    STAYED = "stayed"
    REVOKED = "revoked"
    CANCELLED = "cancelled"


LIVE: Final = frozenset({LicenceStatus.ISSUED, LicenceStatus.NOTICED, LicenceStatus.STAYED})
"""A licence is valid until a revocation takes effect."""
ENDED: Final = frozenset(LicenceStatus) - LIVE


class LeaseStatus(StrEnum):
    """Where a lease stands."""

    IN_FORCE = "in force"
    CANCELLED = "cancelled"
    """Because its licence was revoked or cancelled."""
    ENDED = "ended"


LEASE_TRANSITIONS: Final[dict[LeaseStatus, frozenset[LeaseStatus]]] = {
    LeaseStatus.IN_FORCE: frozenset({LeaseStatus.CANCELLED, LeaseStatus.ENDED}),
    # A revocation in effect may be set aside on appeal.
    LeaseStatus.CANCELLED: frozenset({LeaseStatus.IN_FORCE, LeaseStatus.ENDED}),
    LeaseStatus.ENDED: frozenset(),
}


class Component(StrEnum):
    """What a customer wants to have."""

    DEVICE = "device"
    """The meter or the postal security device."""
    SOFTWARE = "software"
    PRINTER = "printer"


class RegisterLog(StrEnum):
    """How the daily register readings of a device are kept."""

    FORM = "PS Form 3602-A"
    SYSTEM = "system report"


class ReturnTo(StrEnum):
    """To whom a device goes from the licensee's custody."""

    PROVIDER = "provider"
    POST_OFFICE = "licensing post office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application as the provider took and transmitted it."""

    number: str
    rulebook: str
    data: ApplicationData
    applicant: str
    """The applicant's name and address, spaced and capitalised one way."""
    transmitted_on: date
    status: ApplicationStatus = ApplicationStatus.TRANSMITTED
    clause: str = ""
    reason: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardLicence:
    """A licence as the Postal Service told it."""

    number: str
    licensee: str
    zip_code: str
    city: str
    state: str
    status: LicenceStatus = LicenceStatus.ISSUED
    version: int = 1
    step: int = 0
    """How far its history had come by the message told last; messages may overtake each other."""
    told_at: str = ""
    """When that message was issued."""

    @property
    def is_live(self) -> bool:
        """Whether devices may be leased and authorized under it."""
        return self.status in LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """Who signed a lease and its acknowledgment of the deposit requirement, and when."""

    signed_by: str
    signed_on: date
    acknowledged_by: str
    """Under the acknowledgment of deposit, with its agreement on funds for resetting."""
    acknowledged_on: date
    lockbox: str = ""
    """Where the licensee sends deposits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease between the provider and a licensee, under one licence."""

    id: str
    licence: str
    licensee: str
    rulebook: str
    signatures: Signatures
    begun_on: date
    status: LeaseStatus = LeaseStatus.IN_FORCE
    ended_on: date | None = None
    clause: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A device that has to be removed, until the Postal Service is told that it was."""

    device: str
    ordinal: int
    licence: str
    clause: str
    because: str
    ordered_on: date
    reported_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A component sold to a licensee; the device itself never is."""

    licence: str
    ordinal: int
    component: Component
    system: str
    clause: str
    basis: str
    sold_on: date
