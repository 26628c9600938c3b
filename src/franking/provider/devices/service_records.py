"""What happens around a device's service: papers, checks, places, charges. Money in mills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Party(StrEnum):
    """Who checks devices in and out, and sets or examines them: the rules say which."""

    POST_OFFICE = "post office"
    PROVIDER = "provider"


class Facility(StrEnum):
    """What kind of place a device is presented at."""

    POST_OFFICE = "post office"
    CONTRACT_UNIT = "contract unit"
    """A station or branch run under contract: meters are not set there (DMM P030.3.3, 1995)."""
    LICENSEE = "licensee"
    """The licensee's place of business, on the on-site programme."""
    BRANCH = "branch"
    """A branch office of the maker, on the on-site programme."""


class FormAction(StrEnum):
    """What a PS Form 3601-C is filled in for."""

    INSTALLATION = "installation"
    WITHDRAWAL = "withdrawal"
    REPLACEMENT = "replacement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What PS Form 3601-C (Postage Meter Installation, Withdrawal, or Replacement) says."""

    action: FormAction
    serial: str
    model: str
    licensee: str
    licence: str
    office: str
    """ZIP Code of the licensing post office."""
    place: str
    """Where the device is, or was, in use."""
    ascending_mills: int
    descending_mills: int
    signed_by: str
    """The provider's representative."""
    on: date
    replaces: str = ""
    """The serial of the device that this one takes the place of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A device presented to be checked into or out of service, and who did it."""

    form: Installation
    party: Party
    by: str
    """The name of the postal representative, or the provider's."""
    office: str
    """ZIP Code of the post office that the one who checks belongs to."""
    facility: Facility = Facility.POST_OFFICE
    site: str = ""
    """The place on the on-site programme, where it is done at one."""
    payment: str = ""
    """How the on-site fee was paid, at the time."""
    paid_mills: int = 0
    seal: str = ""
    register_record: str = ""
    """Which copy of the register record (PS Form 3602-A or equal) came with a withdrawal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Postage set into an ordinary meter by postal staff."""

    serial: str
    postage_mills: int
    ascending_mills: int
    """As read before setting."""
    descending_mills: int
    by: str
    office: str
    payment: str
    paid_mills: int
    """Everything paid at the setting: postage, residue, on-site fee."""
    facility: Facility = Facility.POST_OFFICE
    site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSitePlace:
    """A place on the on-site meter-setting programme (DMM P030.3.5, 1995)."""

    name: str
    facility: Facility
    office: str
    """The post office within whose area it lies."""
    licence: str
    """Of the licensee; empty for a branch of the maker."""
    staffed: bool
    """A postal employee qualified to set meters is regularly posted there: no fee is due."""
    meters: frozenset[str] = frozenset()
    """The licensee's meters on the programme."""


class ChargeKind(StrEnum):
    """What is due about a device."""

    RESIDUE = "residue"
    """What a locked-out meter could not print, part of the first payment (501.22(e)(3))."""
    ON_SITE_FEE = "on-site fee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An amount due about a device, and whether it was paid."""

    number: int
    serial: str
    kind: ChargeKind
    amount_mills: int
    clause: str
    due_since: str
    paid_at: str | None = None
    payment: str = ""
