"""To whom a device may be leased, what may be sold beside it, how a licensee moves. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from franking.errors import Refusal
from franking.provider.devices.records import WITH_LICENSEE, DeviceRecord, DeviceState
from franking.provider.licensing.records import (
    METER,
    Component,
    HeardLicence,
    Lease,
    LeaseStatus,
    ReturnTo,
    Signatures,
)

LEASE_CLAUSES: Final = {METER: "39 CFR 501.22(c) (1995)"}
_LEASE_CLAUSE = "39 CFR 502.21(c) (1997)"
SYSTEMS: Final = ("open", "closed")

LICENCE_NOT_VALID = Refusal(
    "LICENCE_NOT_VALID",
    clause="39 CFR 501.22(c) (1995), 502.21(c) (1997)",
    remedy="Lease devices only under a licence that the Postal Service issued and keeps valid.",
)
LEASE_UNSIGNED = Refusal(
    "LEASE_UNSIGNED",
    clause="DMM P050.2.5j (1997), 39 CFR 501.28(b)(3) (1995)",
    remedy="Have the licensee sign the lease and its acknowledgment of the deposit requirement.",
    http_status=422,
)
LEASE_NOT_IN_FORCE = Refusal(
    "LEASE_NOT_IN_FORCE",
    clause="39 CFR 501.22(c) (1995), 502.21(c) (1997)",
    remedy="Sign a lease under a valid licence first.",
)
DEVICE_ONLY_LEASED = Refusal(
    "DEVICE_ONLY_LEASED",
    clause="39 CFR 502.8 (1997)",
    remedy="Lease the device: its title stays with the Provider.",
    http_status=403,
)
COMPONENT_NOT_FOR_SALE = Refusal(
    "COMPONENT_NOT_FOR_SALE",
    clause="39 CFR 502.8 (1997)",
    remedy="Sell software only where the device works apart from it (open), and a printing device "
    "or software only where it is dead without the device (closed).",
)
RULEBOOK_OF_ANOTHER_LEASE = Refusal(
    "RULEBOOK_OF_ANOTHER_LEASE",
    clause="39 CFR 501.22(c) (1995), 502.21(c) (1997)",
    remedy="Lease meters under a lease of 1995, devices under one of 1997.",
)
NOT_CHECKED_OUT = Refusal(
    "NOT_CHECKED_OUT",
    clause="DMM P030.3.2 (1995), P050.2.5f (1997)",
    remedy="Have the device checked out of service first: franking inventory check-out.",
)
REPLACEMENT_NEEDED = Refusal(
    "REPLACEMENT_NEEDED",
    clause="DMM P050.2.5f (1997)",
    remedy="Issue another device at the new post office; the one checked out goes to stock.",
)
SAME_POST_OFFICE = Refusal(
    "SAME_POST_OFFICE",
    clause="DMM P030.3.2 (1995), P050.2.5f (1997)",
    remedy="Report a change of address under the same licence: franking licence change.",
)


SURRENDER: Final = "DMM P030.1.3 (1995)"
RETURNED_TO_NOBODY = Refusal(
    "RETURNED_TO_NOBODY",
    clause="DMM P050.2.5a (1997)",
    remedy="Give the device to its Provider; only a meter may go to the licensing post office.",
)
NOTHING_TO_HAND_BACK = Refusal(
    "NOTHING_TO_HAND_BACK",
    clause="DMM P030.1.3 (1995)",
    remedy="See where the device stands: franking device history SERIAL.",
)
_RETURNED: Final = frozenset(
    {DeviceState.MISSING, DeviceState.LOST, DeviceState.STOLEN, DeviceState.RECOVERED}
)


def custody_clause(rulebook: str) -> str:
    """The clause under which a licensee keeps a device in custody."""
    return "DMM P030.2.6a (1995)" if rulebook == METER else "DMM P050.2.5a (1997)"


def require_return(device: DeviceRecord, to: ReturnTo) -> None:
    """Whether a device is out, and goes to whom it may be given back.

    Raises:
        Refused: ``RETURNED_TO_NOBODY``, ``NOTHING_TO_HAND_BACK``.
    """
    if device.state not in WITH_LICENSEE | _RETURNED:
        raise NOTHING_TO_HAND_BACK.because(f"{device.serial} is {device.state}")
    if to is ReturnTo.POST_OFFICE and device.rulebook != METER:
        raise RETURNED_TO_NOBODY.because(f"{device.serial} is no meter")


def lease_clause(rulebook: str) -> str:
    """The clause under which devices are leased."""
    return LEASE_CLAUSES.get(rulebook, _LEASE_CLAUSE)


def ended_clause(rulebook: str, *, revoked: bool) -> str:
    """The clause under which the devices of an ended licence are removed."""
    if rulebook == METER:
        return f"39 CFR 501.22({'l' if revoked else 'm'}) (1995)"
    return f"39 CFR 502.21({'h' if revoked else 'i'}) (1997)"


def require_valid(licence: HeardLicence | None) -> HeardLicence:
    """Whether a licence was heard and is valid.

    Raises:
        Refused: ``LICENCE_NOT_VALID``.
    """
    if licence is None:
        raise LICENCE_NOT_VALID.because("the Postal Service has told of no such licence")
    if not licence.is_live:
        raise LICENCE_NOT_VALID.because(f"licence {licence.number} is {licence.status}")
    return licence


def signed_lease(
    lease_id: str, licence: HeardLicence | None, rulebook: str, signatures: Signatures, on: date
) -> Lease:
    """A lease under a valid licence, signed with its acknowledgment of deposit.

    Raises:
        Refused: ``LICENCE_NOT_VALID``, ``LEASE_UNSIGNED``.
    """
    held = require_valid(licence)
    if not signatures.signed_by.strip() or not signatures.acknowledged_by.strip():
        raise LEASE_UNSIGNED.because("the lease, or its acknowledgment of deposit, is not signed")
    if max(signatures.signed_on, signatures.acknowledged_on) > on:
        raise LEASE_UNSIGNED.because(f"it is to be signed after {on}")
    return Lease(
        id=lease_id,
        licence=held.number,
        licensee=held.licensee,
        rulebook=rulebook,
        signatures=signatures,
        begun_on=on,
    )


def require_in_force(lease: Lease, device: DeviceRecord) -> None:
    """Whether a device may be placed under a lease.

    Raises:
        Refused: ``LEASE_NOT_IN_FORCE``, ``RULEBOOK_OF_ANOTHER_LEASE``.
    """
    if lease.status is not LeaseStatus.IN_FORCE:
        raise LEASE_NOT_IN_FORCE.because(f"lease {lease.id} is {lease.status}: {lease.because}")
    if device.rulebook != lease.rulebook:
        raise RULEBOOK_OF_ANOTHER_LEASE.because(
            f"{device.serial} lives under {device.rulebook}, lease {lease.id} under"
            f" {lease.rulebook}"
        )


def closed(lease: Lease, status: LeaseStatus, *, clause: str, because: str, on: date) -> Lease:
    """The lease cancelled or ended on ``on``."""
    return replace(lease, status=status, clause=clause, because=because, ended_on=on)


def reinstated(lease: Lease) -> Lease:
    """The lease in force again: the revocation that cancelled it was set aside."""
    return replace(lease, status=LeaseStatus.IN_FORCE, clause="", because="", ended_on=None)


def sale_clause(component: Component, system: str, *, works_apart: bool) -> str:
    """The clause under which a component may be bought.

    ``works_apart``: the device works independently of it; where not, it is dead without the
    device. 502.8 lets a closed system's printing device be bought, P050.1.2 its software: both
    may, on the same condition.

    Raises:
        Refused: ``DEVICE_ONLY_LEASED``, ``COMPONENT_NOT_FOR_SALE``.
    """
    if component is Component.DEVICE:
        raise DEVICE_ONLY_LEASED.because("a device is available only by lease")
    if system == "open" and component is Component.SOFTWARE and works_apart:
        return "39 CFR 502.8 (1997)"
    if system == "closed" and not works_apart:
        printer = component is Component.PRINTER
        return "39 CFR 502.8 (1997)" if printer else "DMM P050.1.2 (1997)"
    apart = "works" if works_apart else "does not work"
    raise COMPONENT_NOT_FOR_SALE.because(f"{component} of an {system} system that {apart} apart")


def require_relocatable(
    device: DeviceRecord,
    old: HeardLicence | None,
    new: HeardLicence | None,
    replacement: str,
) -> HeardLicence:
    """Whether a licensee may move to another post office with a device (P030.3.2, P050.2.5f).

    1995: that meter, or another, is licensed at the new office. 1997: the device stays behind,
    and a replacement is issued.

    Raises:
        Refused: ``LICENCE_NOT_VALID``, ``SAME_POST_OFFICE``, ``NOT_CHECKED_OUT``,
            ``REPLACEMENT_NEEDED``.
    """
    held = require_valid(new)
    if old is not None and old.zip_code == held.zip_code:
        raise SAME_POST_OFFICE.because(f"both licences are of {held.zip_code}")
    if device.state in WITH_LICENSEE or device.state is DeviceState.CHECKED_IN:
        raise NOT_CHECKED_OUT.because(f"{device.serial} is {device.state}")
    if device.rulebook != METER and replacement in ("", device.serial):
        raise REPLACEMENT_NEEDED.because(f"{device.serial} may not go to the new post office")
    return held
