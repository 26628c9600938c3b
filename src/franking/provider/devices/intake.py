"""Commands by which a device comes into the inventory, is inspected, and changes its owner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, select

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.provider.devices import notes, rows
from franking.provider.devices.decisions import require_serial
from franking.provider.devices.leaving import DEFECT
from franking.provider.devices.records import (
    DeviceRecord,
    DeviceState,
    Kind,
    Mechanism,
    Title,
)
from franking.provider.devices.tables import NEW_INSPECTIONS
from franking.provider.models.commands import require_approved
from franking.rules import at
from franking.rules.rulebooks import rulebook as named_rulebook
from franking.storage import Act, Books, Reading

_LIFE = "39 CFR 501.22(k) (1995)"
_INSPECTION = {Kind.METER: "39 CFR 501.19 (1995)", Kind.PSD: "39 CFR 502.19 (1997)"}
_TITLE = {Kind.METER: "39 CFR 501.22(a) (1995)", Kind.PSD: "39 CFR 502.21(a) (1997)"}
_TO_INSPECT = frozenset(
    {DeviceState.PRODUCED, DeviceState.KEY_INITIALIZED, DeviceState.REBUILT, DeviceState.UNLEASED}
)

SERIAL_TAKEN = Refusal(
    "SERIAL_TAKEN",
    clause=_LIFE,
    remedy="Check the serial on the device: one device has one record for its whole life.",
)
DEVICE_INCOMPLETE = Refusal(
    "DEVICE_INCOMPLETE",
    clause=_LIFE,
    remedy="Give serial, model and registers that are no less than nothing.",
    http_status=422,
)
INSPECTION_NOT_DUE = Refusal(
    "INSPECTION_NOT_DUE",
    clause="39 CFR 501.19 (1995)",
    remedy="Devices in use are inspected at their licensee's: franking examination inspect.",
)
NEW_INSPECTION_INCOMPLETE = Refusal(
    "NEW_INSPECTION_INCOMPLETE",
    clause="39 CFR 501.19 (1995)",
    remedy="Name the inspector and what was found.",
    http_status=422,
)
TITLE_STAYS = Refusal(
    "TITLE_STAYS",
    clause="39 CFR 501.22(a) (1995)",
    remedy="Lease the device: its title passes to nobody but the Postal Service.",
    http_status=403,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice:
    """A device as it comes from manufacture; registers in mills."""

    serial: str
    kind: Kind
    rulebook: str
    model: str
    version: str = ""
    mechanism: Mechanism = Mechanism.ELECTRONIC
    remote: bool = True
    ascending_mills: int = 0
    descending_mills: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInspection:
    """The inspection of a new or rebuilt device before it leaves (501.19; 502.19)."""

    serial: str
    inspector: str
    finding: str
    passed: bool


def take_in(books: Books, device: NewDevice, *, by: str, now: datetime) -> DeviceRecord:
    """Enter a device, as produced; its record runs from here until it is scrapped.

    Raises:
        Refused: ``SERIAL_TAKEN``, ``DEVICE_INCOMPLETE``, ``RULEBOOK_UNKNOWN``,
            ``RULEBOOK_NOT_OPEN``, ``MODEL_NOT_APPROVED``, ``MODEL_SUSPENDED``,
            ``FIELD_TEST_USED_UP``.
    """
    record = entered(device, now)
    name = record_id("device", record.serial)
    # The model as well: of a field test, only so many devices are taken in.
    model = record_id("model", f"{record.model}/{record.version}")
    with books.work(now, "take_in", on=(name, model)) as work:
        if rows.find(work, record.serial) is not None:
            raise SERIAL_TAKEN.because(f"{record.serial} is in the inventory already")
        units = rows.count_of(work, model=record.model, version=record.version)
        require_approved(work, record.model, record.version, now.date(), units_before=units)
        rows.add(work, record)
        rows.add_movement(work, notes.first_movement(record, now, by=by))
        work.record(
            Act(
                record=name,
                clauses=(_LIFE,),
                inputs={"model": device.model, "kind": str(device.kind), "by": by},
            )
        )
    return record


def entered(device: NewDevice, now: datetime) -> DeviceRecord:
    """The record of a device that is taken in.

    Raises:
        Refused: ``DEVICE_INCOMPLETE``, ``SERIAL_UNREADABLE``, ``RULEBOOK_UNKNOWN``,
            ``RULEBOOK_NOT_OPEN``.
    """
    named_rulebook(device.rulebook)
    at("provider", device.rulebook, now.date())
    if not device.serial.strip() or not device.model.strip():
        raise DEVICE_INCOMPLETE.because("it lacks its serial or its model")
    require_serial(device.serial.strip())
    if device.ascending_mills < 0 or device.descending_mills < 0:
        raise DEVICE_INCOMPLETE.because(f"{device.serial} has a register below nothing")
    return DeviceRecord(
        serial=device.serial.strip(),
        kind=device.kind,
        rulebook=device.rulebook,
        model=device.model.strip(),
        version=device.version,
        since=now.date(),
        mechanism=device.mechanism,
        remote=device.remote,
        place=device.place,
        produced_on=now.date(),
        ascending_mills=device.ascending_mills,
        descending_mills=device.descending_mills,
        read_on=now.date(),
    )


def inspect(books: Books, inspection: NewInspection, *, now: datetime) -> DeviceRecord:
    """Inspect a new or rebuilt device; one that fails stays where it is.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``INSPECTION_NOT_DUE``, ``NEW_INSPECTION_INCOMPLETE``.
    """
    serial = inspection.serial
    if not inspection.inspector.strip() or not inspection.finding.strip():
        raise NEW_INSPECTION_INCOMPLETE.because("it lacks the inspector or the finding")
    with books.work(now, "inspect_new_device", on=(record_id("device", serial),)) as work:
        record = notes.require(work, serial)
        if record.state not in _TO_INSPECT:
            raise INSPECTION_NOT_DUE.because(f"{serial} is {record.state}")
        work.write(
            insert(NEW_INSPECTIONS).values(
                serial=serial,
                at=instant_text(now),
                inspector=inspection.inspector,
                passed=int(inspection.passed),
                finding=inspection.finding,
            )
        )
        clause = _INSPECTION[record.kind]
        work.record(
            Act(
                record=record_id("device", serial),
                clauses=(clause,),
                inputs={"passed": inspection.passed, "finding": inspection.finding},
            )
        )
        if not inspection.passed:
            return record
        notes.lift_denial(work, serial, cause=DEFECT, now=now, because=inspection.finding)
        return notes.move(
            work,
            record,
            to=DeviceState.INSPECTED,
            now=now,
            because=inspection.finding,
            by=inspection.inspector,
            clause=clause,
        )


def is_uninspected(books: Books, serial: str) -> bool:
    """Whether a PSD's key was loaded, and the device not inspected since."""
    with books.reading() as reading:
        return notes.require(reading, serial).state is DeviceState.KEY_INITIALIZED


def transfer_title(books: Books, serial: str, *, to: str, now: datetime) -> DeviceRecord:
    """Sell a device to the Postal Service, the only buyer there may be.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``TITLE_STAYS``.
    """
    with books.work(now, "transfer_title", on=(record_id("device", serial),)) as work:
        record = notes.require(work, serial)
        if to != Title.POSTAL_SERVICE:
            raise TITLE_STAYS.because(f"{serial} cannot become the property of {to!r}")
        after = replace(record, title=Title.POSTAL_SERVICE)
        rows.change(work, record, after)
        work.record(
            Act(
                record=record_id("device", serial),
                clauses=(_TITLE[record.kind],),
                inputs={"to": to},
            )
        )
    return after


def inspections_of(books: Reading, serial: str) -> list[dict[str, object]]:
    """The inspections of a device as new or rebuilt, oldest first."""
    mine = select(NEW_INSPECTIONS).where(NEW_INSPECTIONS.c.serial == serial)
    return [dict(row._mapping) for row in books.rows(mine.order_by(NEW_INSPECTIONS.c.number))]
