"""A device leaves its licensee: everything that its leaving ends, in one unit of work.

People check a meter out; a PSD signs its withdrawal, or is examined because it cannot. Each way
the lease lets go of it, an order of removal is carried out, an overdue examination is over, and
the Postal Service is told of what it waits for.
"""

from __future__ import annotations

from datetime import datetime

from franking.identifiers import record_id
from franking.messages.signing import Signer
from franking.provider.devices import service
from franking.provider.devices.records import DeviceRecord
from franking.provider.devices.service_records import Check
from franking.provider.examinations import standing
from franking.provider.licensing.removing import released
from franking.storage import Books, Work


def check_out(books: Books, signer: Signer, check: Check, *, now: datetime) -> DeviceRecord:
    """Check a device out of service, with its 3601-C and a copy of its register record.

    What had the device retrieved is satisfied; what its service owed is void; its lease ends, and
    the Postal Service is told where it ordered a removal (39 CFR 501.22(g) and (l), 1995).

    Raises:
        Refused: what ``service.checked_out`` refuses.
    """
    serial = check.form.serial
    with books.work(now, "check_out", on=(record_id("device", serial),)) as work:
        service.checked_out(work, check, now=now)
        return departed(work, signer, serial, by=books.by.name, now=now)


def departed(work: Work, signer: Signer, serial: str, *, by: str, now: datetime) -> DeviceRecord:
    """Within the unit of work in which a device left service: its lease, its case, its order.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_CHECKED_OUT``.
    """
    device = released(work, signer, serial, by=by, now=now)
    standing.close_removed(work, signer, device, now)
    return device
