"""Commands on leases: signed, devices placed under them, components sold beside them, ended."""

from __future__ import annotations

from datetime import datetime

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.provider.devices import notes
from franking.provider.devices.records import WITH_LICENSEE, DeviceRecord
from franking.provider.funds import accounts
from franking.provider.licensing import rows
from franking.provider.licensing.decisions import (
    LEASE_NOT_IN_FORCE,
    closed,
    lease_clause,
    require_in_force,
    require_valid,
    sale_clause,
    signed_lease,
)
from franking.provider.licensing.records import (
    METER,
    Component,
    HeardLicence,
    Lease,
    LeaseStatus,
    Purchase,
    RegisterLog,
    Signatures,
)
from franking.rules import at
from franking.storage import Books, Reading, Work

LEASE_UNKNOWN = Refusal(
    "LEASE_UNKNOWN",
    clause="policy",
    remedy="List the leases with `franking lease list`.",
    http_status=404,
)
LEASE_HAS_DEVICES = Refusal(
    "LEASE_HAS_DEVICES",
    clause="39 CFR 501.22(g) (1995), 502.21(e) (1997)",
    remedy="Check its devices out of service and release them first.",
)


def sign_lease(
    books: Books, licence: str, rulebook: str, signatures: Signatures, now: datetime
) -> Lease:
    """Sign a lease with the holder of a valid licence, with the acknowledgment of deposit.

    With the acknowledgment the licensee's account on deposit opens, if it has none. The same
    lease signed again is that lease.

    Raises:
        Refused: ``LICENCE_NOT_VALID``, ``LEASE_UNSIGNED``.
    """
    at("provider", rulebook, now.date())
    with books.work(now, "sign_lease", on=(rows.licence_record(licence),)) as work:
        before = rows.leases(work, licence)
        for each in before:
            same = (each.signatures, each.rulebook) == (signatures, rulebook)
            if same and each.status is LeaseStatus.IN_FORCE:
                return each
        lease_id = f"{licence}/L{len(before) + 1}"
        held = rows.find_licence(work, licence)
        lease = signed_lease(lease_id, held, rulebook, signatures, now.date())
        rows.add_lease(work, lease)
        clause = lease_clause(rulebook)
        told = f"by {signatures.signed_by}; deposit acknowledged by {signatures.acknowledged_by}"
        record = record_id("lease", lease.id)
        rows.note(work, record, "signed", clause=clause, because=told, by=books.by.name, now=now)
        accounts.opened(work, lease, by=books.by.name, now=now)
    return lease


def lease_device(
    books: Books, lease_id: str, serial: str, now: datetime, *, log: RegisterLog | None = None
) -> DeviceRecord:
    """Place a device under a lease in force, with its log of daily register readings.

    Raises:
        Refused: ``LEASE_UNKNOWN``, ``LEASE_NOT_IN_FORCE``, ``LICENCE_NOT_VALID``,
            ``RULEBOOK_OF_ANOTHER_LEASE``, ``DEVICE_NOT_IN_INVENTORY``, ``DEVICE_LEASED``,
            ``DEVICE_MOVE_UNSUITABLE``.
    """
    with books.reading() as reading:
        licence = require_lease(reading, lease_id).licence
    on = (record_id("lease", lease_id), rows.licence_record(licence), record_id("device", serial))
    with books.work(now, "lease_device", on=on) as work:
        lease, device = require_lease(work, lease_id), notes.require(work, serial)
        require_in_force(lease, device)
        held = require_valid(rows.find_licence(work, lease.licence))
        if device.lease == lease_id:
            return device
        return placed(work, lease, held, serial, log, by=books.by.name, now=now)


def placed(
    work: Work,
    lease: Lease,
    licence: HeardLicence,
    serial: str,
    log: RegisterLog | None,
    *,
    by: str,
    now: datetime,
) -> DeviceRecord:
    """Place a device under a lease within a unit of work."""
    after = notes.place_with_lease(
        work,
        serial,
        lease=lease.id,
        licence=licence.number,
        licensee=licence.licensee,
        office=licence.zip_code,
        now=now,
    )
    note_placed(work, lease, serial, log, by=by, now=now)
    return after


def note_placed(
    work: Work, lease: Lease, serial: str, log: RegisterLog | None, *, by: str, now: datetime
) -> None:
    """Write down that a device is under a lease now, and how its registers are logged."""
    kept = log or (RegisterLog.FORM if lease.rulebook == METER else RegisterLog.SYSTEM)
    rows.add_placement(work, lease.id, serial, kept, now.date())
    record, told = record_id("lease", lease.id), f"{serial}; registers logged by {kept}"
    clause = lease_clause(lease.rulebook)
    rows.note(work, record, "device placed", clause=clause, because=told, by=by, now=now)


def end_lease(books: Books, lease_id: str, because: str, now: datetime) -> Lease:
    """End a lease whose devices have all left the licensee.

    Raises:
        Refused: ``LEASE_UNKNOWN``, ``LEASE_NOT_IN_FORCE``, ``LEASE_HAS_DEVICES``.
    """
    record = record_id("lease", lease_id)
    with books.work(now, "end_lease", on=(record,)) as work:
        before = require_lease(work, lease_id)
        if before.status is LeaseStatus.ENDED:
            return before
        out = [one.serial for one in devices_of(work, before) if one.state in WITH_LICENSEE]
        if out:
            raise LEASE_HAS_DEVICES.because(", ".join(out))
        for one in devices_of(work, before):
            notes.end_lease(work, one.serial, now=now, because=because)
        clause = lease_clause(before.rulebook)
        after = closed(before, LeaseStatus.ENDED, clause=clause, because=because, on=now.date())
        rows.change_lease(work, before, after)
        rows.note(work, record, "ended", clause=clause, because=because, by=books.by.name, now=now)
    return after


def sell_component(
    books: Books,
    licence: str,
    component: Component,
    *,
    system: str,
    works_apart: bool,
    basis: str,
    now: datetime,
) -> Purchase:
    """Sell software or a printing device to a licensee; the device itself is leased only.

    ``works_apart``: the device works independently of the component; else it is dead without it.

    Raises:
        Refused: ``DEVICE_ONLY_LEASED``, ``COMPONENT_NOT_FOR_SALE``, ``LICENCE_NOT_VALID``.
    """
    clause = sale_clause(component, system, works_apart=works_apart)
    record = rows.licence_record(licence)
    with books.work(now, "sell_component", on=(record,)) as work:
        require_valid(rows.find_licence(work, licence))
        purchase = Purchase(
            licence=licence,
            ordinal=len(rows.purchases(work, licence)) + 1,
            component=component,
            system=system,
            clause=clause,
            basis=basis,
            sold_on=now.date(),
        )
        rows.add_purchase(work, purchase)
        told = f"{component} of a {system} system: {basis}"
        rows.note(work, record, "sold", clause=clause, because=told, by=books.by.name, now=now)
    return purchase


def require_lease(books: Reading, lease_id: str) -> Lease:
    """A lease.

    Raises:
        Refused: ``LEASE_UNKNOWN``.
    """
    found = rows.find_lease(books, lease_id)
    if found is None:
        raise LEASE_UNKNOWN.because(f"there is no lease {lease_id!r}")
    return found


def require_possession(books: Books, serial: str) -> Lease:
    """Whether the licensee may have a device: a valid licence, a lease, and check-in (P030.1.3).

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``LEASE_UNKNOWN``, ``LEASE_NOT_IN_FORCE``,
            ``LICENCE_NOT_VALID``.
    """
    with books.reading() as reading:
        device = notes.require(reading, serial)
        lease = require_lease(reading, device.lease)
        if lease.status is not LeaseStatus.IN_FORCE:
            raise LEASE_NOT_IN_FORCE.because(f"lease {lease.id} is {lease.status}")
        require_valid(rows.find_licence(reading, lease.licence))
        notes.require_settable(reading, device)
    return lease


def devices_of(books: Reading, lease: Lease) -> list[DeviceRecord]:
    """The devices under a lease now."""
    held = notes.devices_of(books, licence=lease.licence)
    return [one for one in held if one.lease == lease.id]
