"""The messages about licences that cross between a provider and the Postal Service.

``device`` is empty where a message is about a licence or an application only. Refuses to know who
decides what: the rooms of the two domains do.
"""

from __future__ import annotations

from franking.messages.applications import ApplicationData
from franking.messages.kinds import Whole
from franking.messages.receiving import Dispatched

# Provider to Postal Service ----------------------------------------------------------------


class ApplicationFiled(Dispatched, frozen=True, kw_only=True):
    """An application, transmitted on behalf of the applicant (39 CFR 501.22(b), 502.21(b))."""

    number: str
    """The provider's own number of the application."""
    rulebook: str
    application: ApplicationData


class LicenceDataChanged(Dispatched, frozen=True, kw_only=True):
    """Name, address or any other data of the application changed (DMM P050.2.5e)."""

    licence: str
    application: ApplicationData


class LicenceGivenUp(Dispatched, frozen=True, kw_only=True):
    """The licensee needs the licence no longer, as after moving to another post office."""

    licence: str
    because: str


class DeviceRemoved(Dispatched, frozen=True, kw_only=True):
    """A device ordered removed was removed and checked out of service.

    ``device`` is empty where the provider had no device under a licence that ended.
    """

    licence: str
    removed_on: str
    remaining: Whole
    """How many devices of the licence are still to be removed."""


# Postal Service to provider ----------------------------------------------------------------


class ApplicationRefused(Dispatched, frozen=True, kw_only=True):
    """An application was refused, with the reason (DMM P030.2.3, P050.2.2)."""

    application: str
    """The provider's number."""
    ground: str
    clause: str
    reason: str


class LicenceGranted(Dispatched, frozen=True, kw_only=True):
    """A licence (PS Form 3601-B) as issued, as changed, or as extended to another provider."""

    application: str
    """The provider's number, where this answers an application; else empty."""
    licence: str
    version: Whole
    rulebook: str
    data: ApplicationData
    step: Whole = 0
    """How far the licence's history had come: what is told later has a higher one."""


class LicenceStanding(Dispatched, frozen=True, kw_only=True):
    """A licence was noticed, stayed, kept, revoked, reinstated or cancelled."""

    licence: str
    status: str
    """``issued``, ``revocation noticed``, ``stayed``, ``revoked`` or ``cancelled``."""
    clause: str
    reason: str
    effective_on: str
    step: Whole = 0
    """As of ``LicenceGranted``."""


class RemovalOrdered(Dispatched, frozen=True, kw_only=True):
    """The device is to be removed from service (39 CFR 501.22(m), 502.21(i))."""

    licence: str
    clause: str
    reason: str
