"""A licensee gets another device, or moves: check-out, a licence there, then a device there.

1995: the device, or another, is licensed at the new office before it is set (P030.3.2). 1997: the
device stays behind, and the provider issues a replacement (P050.2.5f).
"""

from __future__ import annotations

from datetime import datetime

from franking.identifiers import record_id
from franking.provider.devices import notes
from franking.provider.devices.records import DeviceRecord
from franking.provider.devices.removal import replaced
from franking.provider.licensing import rows
from franking.provider.licensing.decisions import require_in_force, require_relocatable
from franking.provider.licensing.leasing import note_placed, placed, require_lease
from franking.provider.licensing.records import METER
from franking.storage import Books

_CLAUSES = {METER: "DMM P030.3.2 (1995)"}


def replace_device(
    books: Books, serial: str, *, by_serial: str, because: str, by: str, now: datetime
) -> DeviceRecord:
    """Give a licensee another device, under the same lease; this one is retrieved (501.24).

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_WITH_LICENSEE``, ``REPLACEMENT_UNFIT``.
    """
    on = (record_id("device", serial), record_id("device", by_serial))
    with books.work(now, "replace_device", on=on) as work:
        new = replaced(work, serial, by_serial=by_serial, because=because, by=by, now=now)
        lease = rows.find_lease(work, new.lease)
        # A fleet that was imported has devices whose leases were signed before these books.
        if lease is not None:
            note_placed(work, lease, by_serial, None, by=books.by.name, now=now)
    return new


def relocate(
    books: Books, serial: str, *, lease_id: str, now: datetime, replacement: str = ""
) -> DeviceRecord:
    """Place a licensee's device, or its replacement, under a lease at the new post office.

    ``lease_id`` is the lease under the new licence. The device that goes there is then checked in
    there like any other. The same relocation again changes nothing.

    Raises:
        Refused: ``LEASE_UNKNOWN``, ``LEASE_NOT_IN_FORCE``, ``LICENCE_NOT_VALID``,
            ``SAME_POST_OFFICE``, ``NOT_CHECKED_OUT``, ``REPLACEMENT_NEEDED``,
            ``DEVICE_NOT_IN_INVENTORY``, ``DEVICE_LEASED``, ``DEVICE_MOVE_UNSUITABLE``.
    """
    goes = replacement or serial
    with books.reading() as reading:
        licence = rows.licence_record(require_lease(reading, lease_id).licence)
    on = {record_id("device", serial), record_id("device", goes), record_id("lease", lease_id)}
    on.add(licence)
    with books.work(now, "relocate_licensee", on=sorted(on)) as work:
        lease, device = require_lease(work, lease_id), notes.require(work, serial)
        moving = notes.require(work, goes)
        if moving.lease == lease_id:
            return moving
        old = rows.find_licence(work, device.licence)
        new = rows.find_licence(work, lease.licence)
        held = require_relocatable(device, old, new, replacement)
        require_in_force(lease, moving)
        because = f"moved to {held.zip_code}"
        if device.lease or device.licence:
            notes.end_lease(work, serial, now=now, because=because)
        record, clause = record_id("device", serial), _CLAUSES.get(device.rulebook, _PSD)
        rows.note(
            work, record, "relocated", clause=clause, because=because, by=books.by.name, now=now
        )
        return placed(work, lease, held, goes, None, by=books.by.name, now=now)


_PSD = "DMM P050.2.5f (1997)"
