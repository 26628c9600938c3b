"""What a PSD signs and its provider answers, written into its record in the same unit of work.

``franking.provider.resetting`` calls these: one call for each thing that it believed. A device
that came to it without an intake is entered here, when its key is loaded: from then on the
rulebook of 1997 wants it tracked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from franking.clock import instant_text
from franking.identifiers import DeviceId, record_id
from franking.messages import kinds
from franking.provider.devices import notes, rows, service_duties
from franking.provider.devices.decisions import require_resettable
from franking.provider.devices.leaving import left_service
from franking.provider.devices.records import (
    TRANSITIONS,
    DeviceRecord,
    DeviceState,
    Kind,
    Occasion,
    RegisterReading,
    Source,
)
from franking.provider.devices.service_decisions import require_inspected
from franking.provider.schema import DOCKET
from franking.storage import Act, Reading, Work

_METERS = "meter-1995"
_AWAY = frozenset({DeviceState.MISSING, DeviceState.LOST, DeviceState.STOLEN})
_TRACKED = "39 CFR 502.9(e) (1997)"
_CHECK_IN = "DMM P050.3.1 (1997)"
_CHECK_OUT = "39 CFR 502.21(e) (1997)"


def key_loaded(work: Work, device_id: str, *, rulebook: str, now: datetime) -> None:
    """The device's key was made: tracking begins, or begins again after clearing."""
    record = rows.find(work, device_id) or _entered(work, device_id, rulebook, now)
    _move(work, record, DeviceState.KEY_INITIALIZED, now, "its key was loaded", _TRACKED)


def authorized(work: Work, device_id: str, *, licence: str, licensee: str, now: datetime) -> None:
    """The provider authorized the device for a licensee: that checks it in (DMM P050.3.1, 1997).

    Raises:
        Refused: ``DEVICE_NOT_INSPECTED``.
    """
    record = notes.require(work, device_id)
    require_inspected(record)
    bound = replace(record, licence=licence, licensee=record.licensee or licensee)
    if bound != record:
        rows.change(work, record, bound)
    _move(work, bound, DeviceState.CHECKED_IN, now, f"authorized for {licence}", _CHECK_IN)


def in_service(
    work: Work, device_id: str, registers: kinds.RegisterReading, *, office: str, now: datetime
) -> None:
    """The device signed that it took its authorization: it is in service."""
    record = notes.require(work, device_id)
    bound = replace(record, office=record.office or office, installed_on=now.date())
    if bound != record:
        rows.change(work, record, bound)
    reading = _reading(device_id, registers, Occasion.CHECK_IN, "order receipt", now)
    after = _move(
        work, bound, DeviceState.IN_SERVICE, now, "it signed its receipt", _CHECK_IN, reading
    )
    DOCKET.open_many(work, service_duties.service_duties(after, now.date()), now)


def require_grantable(books: Reading, device_id: str) -> None:
    """Whether the inventory lets the device have a reset.

    Raises:
        Refused: ``RESET_DENIED``, naming every denial and its clause.
    """
    require_resettable(device_id, rows.denials(books, device_id))


def read(
    work: Work, device_id: str, registers: kinds.RegisterReading, occasion: Occasion, now: datetime
) -> None:
    """Registers that the device signed on some occasion; a late report lowers nothing."""
    before = notes.require(work, device_id)
    if registers.ascending_mills >= before.ascending_mills:
        notes.record_reading(work, _reading(device_id, registers, occasion, str(occasion), now))


def read_many(
    work: Work,
    read: Sequence[tuple[str, kinds.RegisterReading]],
    occasion: Occasion,
    now: datetime,
) -> None:
    """Registers that many devices signed on some occasion; late reports lower nothing."""
    notes.record_readings(
        work,
        [_reading(device_id, shown, occasion, str(occasion), now) for device_id, shown in read],
    )


def checked_out(
    work: Work, device_id: str, registers: kinds.RegisterReading, now: datetime
) -> None:
    """The device signed its withdrawal: it is out of service."""
    record = _found_again(work, notes.require(work, device_id), now)
    reading = _reading(device_id, registers, Occasion.CHECK_OUT, "withdrawal statement", now)
    _move(
        work, record, DeviceState.CHECKED_OUT, now, "it signed its withdrawal", _CHECK_OUT, reading
    )
    left_service(work, device_id, now, because="checked out of service")


def cleared(work: Work, device_id: str, registers: kinds.RegisterReading, now: datetime) -> None:
    """The device was examined and signed that it gave up its value and key."""
    record = notes.require(work, device_id)
    reading = _reading(device_id, registers, Occasion.CLEARING, "clearing statement", now)
    _move(work, record, DeviceState.EXAMINED, now, "examined and cleared", _CHECK_OUT, reading)
    notes.end_lease(work, device_id, now=now, because="cleared")


def examined(
    work: Work,
    device_id: str,
    registers: kinds.RegisterReading,
    *,
    examiner: str,
    finding: str,
    now: datetime,
) -> None:
    """An examiner stated the registers of a device that cannot speak for itself."""
    record = _found_again(work, notes.require(work, device_id), now)
    reading = replace(
        _reading(device_id, registers, Occasion.EXAMINATION, examiner, now),
        source=Source.REPORTED,
        ascending_mills=max(registers.ascending_mills, record.ascending_mills),
    )
    if DeviceState.EXAMINED not in TRANSITIONS[record.state]:
        record = notes.move(
            work,
            record,
            to=DeviceState.CHECKED_OUT,
            now=now,
            because="taken out of service for examination",
            by=examiner,
            clause=_CHECK_OUT,
            reading=replace(reading, occasion=Occasion.CHECK_OUT),
        )
        left_service(work, device_id, now, because="examined out of service")
        record = notes.require(work, device_id)
    notes.move(
        work,
        record,
        to=DeviceState.EXAMINED,
        now=now,
        because=finding,
        by=examiner,
        clause="39 CFR 502.21(j) (1997)",
        reading=reading,
    )


def scrapped(work: Work, device_id: str, *, reason: str, now: datetime) -> None:
    """The device was ordered scrapped, or was scrapped in the books after its examination."""
    record = notes.require(work, device_id)
    _move(work, record, DeviceState.SCRAPPED, now, reason, _CHECK_OUT)


def missing(work: Work, device_id: str, reason: str, now: datetime) -> None:
    """The device was reported lost or stolen; any other end of a key moves no device."""
    wanted = {"lost": DeviceState.LOST, "stolen": DeviceState.STOLEN}.get(reason)
    record = rows.find(work, device_id)
    if record is None or wanted is None or wanted not in TRANSITIONS[record.state]:
        return
    notes.move(work, record, to=wanted, now=now, because=f"reported {reason}")


def _found_again(work: Work, record: DeviceRecord, now: datetime) -> DeviceRecord:
    """A device that was reported missing, lost or stolen, and is heard from, is recovered."""
    if record.state not in _AWAY:
        return record
    because = f"heard from after it was {record.state}"
    return notes.move(
        work, record, to=DeviceState.RECOVERED, now=now, because=because, clause=_TRACKED
    )


def _entered(work: Work, device_id: str, rulebook: str, now: datetime) -> DeviceRecord:
    record = DeviceRecord(
        serial=device_id,
        # A software device may live under the rules of meters; its readings are signed still.
        kind=Kind.METER if rulebook == _METERS else Kind.PSD,
        rulebook=rulebook,
        model=DeviceId.parse(device_id).model,
        since=now.date(),
        produced_on=now.date(),
        reading_source=Source.SIGNED,
    )
    rows.add(work, record)
    rows.add_movement(work, notes.first_movement(record, now, source=Source.SIGNED))
    work.record(Act(command="take_in", record=record_id("device", device_id), clauses=(_TRACKED,)))
    return record


def _move(
    work: Work,
    record: DeviceRecord,
    to: DeviceState,
    now: datetime,
    because: str,
    clause: str,
    reading: RegisterReading | None = None,
) -> DeviceRecord:
    if record.state is to:
        return record
    # What it is ordered stands on the provider's word until it has answered.
    signed = reading is not None or to is DeviceState.KEY_INITIALIZED
    return notes.move(
        work,
        record,
        to=to,
        now=now,
        because=because,
        by=record.serial if signed else "provider",
        clause=clause,
        source=Source.SIGNED if signed else Source.REPORTED,
        reading=reading,
    )


def _reading(
    device_id: str, registers: kinds.RegisterReading, occasion: Occasion, by: str, now: datetime
) -> RegisterReading:
    return RegisterReading(
        serial=device_id,
        at=instant_text(now),
        ascending_mills=registers.ascending_mills,
        descending_mills=registers.descending_mills,
        piece_count=registers.piece_count,
        source=Source.SIGNED,
        occasion=occasion,
        by=by,
    )
