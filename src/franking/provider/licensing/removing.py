"""Removals: of every device of a licence that ended, of one that the Postal Service names.

Ordered while a message is heard, done by checking the device out of service, then told.
"""

from __future__ import annotations

from datetime import datetime

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.licensing import DeviceRemoved
from franking.messages.signing import Signer
from franking.provider.devices import notes
from franking.provider.devices.leaving import DEFECT
from franking.provider.devices.notes import REMOVAL, REMOVE
from franking.provider.devices.records import WITH_LICENSEE, DeviceRecord, DeviceState
from franking.provider.licensing import rows
from franking.provider.licensing.decisions import (
    NOT_CHECKED_OUT,
    SURRENDER,
    custody_clause,
    ended_clause,
    require_return,
)
from franking.provider.licensing.records import METER, Removal, ReturnTo
from franking.provider.schema import DISPATCHES, DOCKET
from franking.storage import Books, Reading, Work

_OUT_OF_REACH = WITH_LICENSEE | {DeviceState.CHECKED_IN}


def order_removals(
    work: Work, number: str, *, revoked: bool, because: str, now: datetime
) -> list[DeviceRecord]:
    """Order every device of an ended licence removed, each within the term of its rulebook."""
    found = notes.devices_of(work, licence=number)
    for device in found:
        clause = ended_clause(device.rulebook, revoked=revoked)
        order_one(work, device, licence=number, clause=clause, because=because, now=now)
    return found


def order_one(
    work: Work, device: DeviceRecord, *, licence: str, clause: str, because: str, now: datetime
) -> None:
    """Order one device removed."""
    rows.add_removal(
        work, device.serial, licence=licence, clause=clause, because=because, on=now.date()
    )
    notes.order_removal(work, device.serial, now=now, because=because, clause=clause)


def call_off(work: Work, number: str, because: str, now: datetime) -> None:
    """Call the removals of a licence off: its revocation was set aside."""
    for removal in rows.outstanding_removals(work, number):
        serial, record = removal.device, record_id("device", removal.device)
        notes.lift_denial(work, serial, cause=REMOVAL, now=now, because=because)
        DOCKET.cancel(work, REMOVE, record=record, now=now, because=because)
        rows.settle_removal(work, removal, now.date())
        device = notes.require(work, serial)
        defective = any(each.cause == DEFECT for each in notes.denials(work, serial))
        if device.state is DeviceState.RETRIEVING and not defective:
            to = DeviceState.IN_SERVICE
            notes.move(work, device, to=to, now=now, because=because, clause=removal.clause)


def release_device(books: Books, signer: Signer, serial: str, now: datetime) -> DeviceRecord:
    """Take a device that left without a check-out from its lease, as one lost or seized.

    The Postal Service is told where its removal was ordered. Again, it changes nothing.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_CHECKED_OUT``.
    """
    with books.work(now, "release_device", on=(record_id("device", serial),)) as work:
        return released(work, signer, serial, by=books.by.name, now=now)


def released(work: Work, signer: Signer, serial: str, *, by: str, now: datetime) -> DeviceRecord:
    """Release a device within a unit of work, as ``release_device`` does.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_CHECKED_OUT``.
    """
    device = notes.require(work, serial)
    if device.state in _OUT_OF_REACH:
        raise NOT_CHECKED_OUT.because(f"{serial} is {device.state}")
    removal = rows.outstanding_removal(work, serial)
    because = removal.because if removal else "checked out of service"
    after = notes.end_lease(work, serial, now=now, because=because)
    if removal is not None:
        notes.lift_denial(work, serial, cause=REMOVAL, now=now, because=because)
        rows.settle_removal(work, removal, now.date())
        _tell(work, signer, removal, by, now)
    return after


def hand_back(
    books: Books, serial: str, *, holder: str, to: ReturnTo, now: datetime
) -> DeviceRecord:
    """A holder gives a device back: the licensee, or whoever else has it and must do so at once.

    A licensee keeps it in custody until it is with the provider, or (a meter) with the licensing
    post office. What was missing is recovered by it. Again, it changes nothing.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``RETURNED_TO_NOBODY``, ``NOTHING_TO_HAND_BACK``.
    """
    with books.work(now, "hand_back_device", on=(record_id("device", serial),)) as work:
        device = notes.require(work, serial)
        require_return(device, to)
        by, licensee = f"{holder}, to the {to}", holder == device.licensee
        clause = custody_clause(device.rulebook) if licensee else SURRENDER
        because = "returned" if licensee else f"surrendered: {holder} holds no licence for it"
        state = DeviceState.RETRIEVING if device.state in WITH_LICENSEE else DeviceState.RECOVERED
        if device.state is state:
            return device
        return notes.move(work, device, to=state, now=now, because=because, by=by, clause=clause)


def to_be_released(books: Books) -> list[str]:
    """Devices ordered removed that are checked out, and of which nobody was told yet."""
    with books.reading() as reading:
        ordered = [each.device for each in rows.outstanding_removals(reading)]
        return [serial for serial in ordered if _is_out(reading, serial)]


def tell_nothing_left(work: Work, signer: Signer, number: str, now: datetime) -> None:
    """Tell the Postal Service that no device is, or is left, under a licence that ended."""
    message = DeviceRemoved(
        device="",
        issued_at=instant_text(now),
        sender=signer.name,
        licence=number,
        removed_on=now.date().isoformat(),
        remaining=0,
    )
    record = rows.licence_record(number)
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)


def _tell(work: Work, signer: Signer, removal: Removal, by: str, now: datetime) -> None:
    # Of two devices that leave at once, one is the last: each waits to count what the other left.
    work.wait_for(record_id("removals", removal.licence))
    left = rows.outstanding_removals(work, removal.licence)
    message = DeviceRemoved(
        device=removal.device,
        issued_at=instant_text(now),
        sender=signer.name,
        licence=removal.licence,
        removed_on=now.date().isoformat(),
        remaining=len(left),
    )
    record = record_id("device", removal.device)
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)
    rows.note(
        work, record, "removed", clause=removal.clause, because=removal.because, by=by, now=now
    )


def removal_clause(rulebook: str) -> str:
    """The clause under which the Postal Service names a device to be removed."""
    return "39 CFR 501.22(m) (1995)" if rulebook == METER else "39 CFR 502.21(i) (1997)"


def _is_out(books: Reading, serial: str) -> bool:
    return notes.require(books, serial).state not in _OUT_OF_REACH
