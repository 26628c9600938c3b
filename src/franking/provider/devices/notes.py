"""What other rooms read of a device's record, and write into it in their own units of work.

Each function here also records its act. The unit of work names the device among the records it
decides upon: ``on=(record_id("device", serial),)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from franking.clock import instant_text, parse_instant
from franking.identifiers import record_id
from franking.provider.devices import decisions, rows
from franking.provider.devices.decisions import DEVICE_MOVE_UNSUITABLE, DEVICE_NOT_IN_INVENTORY
from franking.provider.devices.records import (
    RESETTABLE,
    TRANSITIONS,
    Denial,
    DeviceRecord,
    DeviceState,
    RegisterReading,
    Source,
)
from franking.provider.schema import DOCKET, RETENTION
from franking.retention.retention import LIFE
from franking.storage import Act, Reading, Work

REMOVAL = "removal"
"""The cause under which a device that must be removed gets no reset."""
REMOVE = "remove device"
"""The duty of the docket that follows from an order of removal."""
_LIFE = "39 CFR 501.22(k) (1995)"


def require(books: Reading, serial: str) -> DeviceRecord:
    """A device of the inventory.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``.
    """
    record = rows.find(books, serial)
    if record is None:
        raise DEVICE_NOT_IN_INVENTORY.because(f"there is no device {serial!r}")
    return record


def devices_of(books: Reading, *, licence: str) -> list[DeviceRecord]:
    """Every device leased under a licence, by serial."""
    return rows.of_licence(books, licence)


def denials(books: Reading, serial: str) -> list[Denial]:
    """What denies the device its resets now."""
    return rows.denials(books, serial)


def require_settable(books: Reading, record: DeviceRecord) -> None:
    """Whether a device may be set or reset: checked in, and denied by nothing.

    Raises:
        Refused: ``DEVICE_MOVE_UNSUITABLE``, ``RESET_DENIED``.
    """
    if record.state not in RESETTABLE:
        raise DEVICE_MOVE_UNSUITABLE.because(f"{record.serial} is {record.state}: it is not set")
    decisions.require_resettable(record.serial, denials(books, record.serial))


def deny_resets(
    work: Work, serial: str, *, cause: str, clause: str, because: str, now: datetime
) -> Denial:
    """Deny the device its resets for a cause, until that cause is lifted.

    Denied for that cause already, nothing changes.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``.
    """
    require(work, serial)
    deny_many(work, [serial], cause=cause, clause=clause, because=because, now=now)
    return rows.denied_for(work, [serial], cause)[serial]


def deny_many(
    work: Work, serials: Sequence[str], *, cause: str, clause: str, because: str, now: datetime
) -> None:
    """Deny many devices of the inventory their resets, as ``deny_resets`` does one by one."""
    standing = rows.denied_for(work, serials, cause)
    fresh = [serial for serial in dict.fromkeys(serials) if serial not in standing]
    since = instant_text(now)
    rows.add_denials(work, fresh, cause=cause, clause=clause, because=because, since=since)
    for serial in fresh:
        work.record(_act("deny_resets", serial, clause, {"cause": cause, "because": because}))


def lift_denial(
    work: Work, serial: str, *, cause: str, now: datetime, because: str
) -> Denial | None:
    """End the denial of that cause, and no other; ``None`` where none stood."""
    standing = _of_cause(work, serial, cause)
    if standing is None:
        return None
    lifted_at = instant_text(now)
    rows.lift(work, standing, lifted_at=lifted_at, because=because)
    ended: dict[str, object] = {"cause": cause, "because": because}
    work.record(_act("lift_denial", serial, standing.clause, ended))
    return replace(standing, lifted_at=lifted_at, lifted_because=because)


def record_reading(work: Work, reading: RegisterReading) -> DeviceRecord:
    """Write a reading of the registers into the device's record.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``READING_FALLS``.
    """
    before = require(work, reading.serial)
    after = decisions.read(before, reading, on=parse_instant(reading.at).date())
    rows.add_reading(work, reading)
    rows.change(work, before, after)
    work.record(_act("record_reading", reading.serial, _LIFE, _read_inputs(reading)))
    return after


def record_readings(work: Work, readings: Sequence[RegisterReading]) -> None:
    """Write signed readings of many devices into their records; a late one lowers nothing.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``.
    """
    known = rows.of_serials(work, [reading.serial for reading in readings])
    taken, after = [], []
    for reading in readings:
        before = known.get(reading.serial) or require(work, reading.serial)
        if reading.ascending_mills < before.ascending_mills:
            continue
        taken.append(reading)
        after.append(decisions.read(before, reading, on=parse_instant(reading.at).date()))
        work.record(_act("record_reading", reading.serial, _LIFE, _read_inputs(reading)))
    rows.add_readings(work, taken)
    rows.keep_read(work, after)


def _read_inputs(reading: RegisterReading) -> dict[str, object]:
    return {
        "ascending_mills": reading.ascending_mills,
        "descending_mills": reading.descending_mills,
        "source": str(reading.source),
        "occasion": str(reading.occasion),
    }


def move(
    work: Work,
    record: DeviceRecord,
    *,
    to: DeviceState,
    now: datetime,
    because: str,
    by: str = "",
    clause: str = _LIFE,
    source: Source = Source.REPORTED,
    reading: RegisterReading | None = None,
    place: str | None = None,
) -> DeviceRecord:
    """Bring a device into another state, and write the movement with the reading taken at it.

    ``place`` is where it stands from then on, if elsewhere; ``by`` is who reported or did it.

    Raises:
        Refused: ``DEVICE_MOVE_UNSUITABLE``, ``READING_FALLS``.
    """
    today = now.date()
    after = decisions.moved(record, to=to, on=today)
    after = after if place is None else replace(after, place=place)
    if reading is not None:
        after = decisions.read(after, reading, on=today)
        rows.add_reading(work, reading)
    rows.change(work, record, after)
    if to is DeviceState.SCRAPPED:
        _retain_life(work, after, now)
    movement = _movement(after, now, before=str(record.state), because=because, by=by)
    ascending = reading.ascending_mills if reading else None
    told = {"clause": clause, "source": str(source), "ascending_mills": ascending}
    rows.add_movement(work, {**movement, **told})
    inputs: dict[str, object] = {"to": str(to), "because": because, "by": by}
    work.record(_act("move_device", record.serial, clause, inputs))
    return after


def _retain_life(work: Work, record: DeviceRecord, now: datetime) -> None:
    """From its scrapping on the record of a device's life has a term (39 CFR 501.22(k))."""
    name, today = record_id("device", record.serial), now.date()
    RETENTION.retain(work, LIFE, record=name, rulebook=record.rulebook, ended_on=today, now=now)


def first_movement(
    record: DeviceRecord, now: datetime, *, by: str = "", source: Source = Source.REPORTED
) -> dict[str, object]:
    """The row of a device's first movement: into the inventory."""
    row = _movement(record, now, before="", because="taken in", by=by)
    ascending = record.ascending_mills if record.read_on else None
    return {**row, "clause": _LIFE, "source": str(source), "ascending_mills": ascending}


def order_removal(
    work: Work, serial: str, *, now: datetime, because: str, clause: str
) -> DeviceRecord:
    """Order that a device be removed from its licensee; it gets no reset from now on.

    The provider owes its removal within the term of its rulebook, from today; being checked out
    satisfies that. A device that is with nobody, or whose removal runs already, only is denied
    its resets.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``.
    """
    record = require(work, serial)
    deny_resets(work, serial, cause=REMOVAL, clause=clause, because=because, now=now)
    if DeviceState.RETRIEVING not in TRANSITIONS[record.state]:
        return record
    DOCKET.open(
        work,
        REMOVE,
        record=record_id("device", serial),
        owed_by="provider",
        rulebook=record.rulebook,
        start=now.date(),
        now=now,
        because=because,
    )
    return move(work, record, to=DeviceState.RETRIEVING, now=now, because=because, clause=clause)


def place_with_lease(
    work: Work,
    serial: str,
    *,
    lease: str,
    licence: str,
    licensee: str,
    office: str,
    now: datetime,
) -> DeviceRecord:
    """Promise a device to a licensee under a lease; the device stays where it stands.

    ``office`` is the ZIP Code of the licensing post office. The same lease again changes nothing.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``DEVICE_LEASED``, ``DEVICE_MOVE_UNSUITABLE``.
    """
    before = require(work, serial)
    after = decisions.leased(before, lease=lease, licence=licence, licensee=licensee, office=office)
    if after != before:
        rows.change(work, before, after)
        inputs: dict[str, object] = {"lease": lease, "licence": licence, "at": instant_text(now)}
        work.record(_act("place_with_lease", serial, "39 CFR 501.22(c) (1995)", inputs))
    return after


def end_lease(work: Work, serial: str, *, now: datetime, because: str) -> DeviceRecord:
    """Take a device out of its lease, where it has left the licensee.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``.
    """
    before = require(work, serial)
    after = replace(before, lease="", licence="", licensee="", office="")
    if after != before:
        rows.change(work, before, after)
        inputs: dict[str, object] = {"because": because, "at": instant_text(now)}
        work.record(_act("end_lease", serial, "39 CFR 501.22(l) (1995)", inputs))
    return after


def _movement(
    record: DeviceRecord, now: datetime, *, before: str, because: str, by: str
) -> dict[str, object]:
    return {
        "serial": record.serial,
        "at": instant_text(now),
        "day": now.date().isoformat(),
        "before": before,
        "after": str(record.state),
        "place": record.place,
        "by": by,
        "because": because,
    }


def _of_cause(books: Reading, serial: str, cause: str) -> Denial | None:
    return rows.denied_for(books, [serial], cause).get(serial)


def _act(command: str, serial: str, clause: str, inputs: dict[str, object]) -> Act:
    return Act(
        command=command, record=record_id("device", serial), clauses=(clause,), inputs=inputs
    )
