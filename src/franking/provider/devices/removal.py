"""Commands by which a device leaves its licensee, is examined, rebuilt, stocked or scrapped."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.provider.devices import notes, rows, service_rows
from franking.provider.devices.articles import dies_in
from franking.provider.devices.leaving import DEFECT, RETRIEVE, TAKE_IN
from franking.provider.devices.records import (
    LEASABLE,
    WITH_LICENSEE,
    DeviceRecord,
    DeviceState,
    Kind,
)
from franking.provider.devices.service_decisions import require_inspected, require_openable
from franking.provider.devices.tables import MODIFICATIONS
from franking.provider.schema import DOCKET
from franking.storage import Act, Books, Reading, Work

_DEFECT = {Kind.METER: "39 CFR 501.22(h) (1995)", Kind.PSD: "39 CFR 502.21(f) (1997)"}
_RETURN = {Kind.METER: "DMM P030.2.10 (1995)", Kind.PSD: "DMM P050.2.9 (1997)"}
_REPLACEMENT = {Kind.METER: "39 CFR 501.24 (1995)", Kind.PSD: "39 CFR 502.23(a) (1997)"}
_EXAMINATION = {Kind.METER: "39 CFR 501.22(o) (1995)", Kind.PSD: "39 CFR 502.21(j) (1997)"}
_REPAIR = "39 CFR 501.27 (1995)"
_LIFE = "39 CFR 501.22(k) (1995)"
_RATES = "39 CFR 502.23(b) (1997)"

NOT_WITH_LICENSEE = Refusal(
    "NOT_WITH_LICENSEE",
    clause=_LIFE,
    remedy="See where the device stands: franking device history SERIAL.",
)
REPLACEMENT_UNFIT = Refusal(
    "REPLACEMENT_UNFIT",
    clause="39 CFR 501.24 (1995)",
    remedy="Choose an inspected device from stock that nobody leases.",
)
DIES_IN_DEVICE = Refusal(
    "DIES_IN_DEVICE",
    clause="39 CFR 501.17 (1995)",
    remedy="Take its printing dies out, and reassemble or destroy them, first.",
)
SHOP_REGISTERED = Refusal(
    "SHOP_REGISTERED",
    clause=_REPAIR,
    remedy="Use the repair department as it is registered.",
)


def request_return(
    books: Books, serial: str, *, by: str, because: str, now: datetime
) -> DeviceRecord:
    """A licensee no longer wants a device: the provider is to take it in and check it out.

    Told again while it is being retrieved, nothing changes.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_WITH_LICENSEE``.
    """
    with books.work(now, "request_return", on=(record_id("device", serial),)) as work:
        record = _with_licensee(work, serial)
        if record.state is DeviceState.RETRIEVING:
            return record
        _owe(work, TAKE_IN, record, because, now)
        return notes.move(
            work,
            record,
            to=DeviceState.RETRIEVING,
            now=now,
            because=because,
            by=by,
            clause=_RETURN[record.kind],
        )


def report_defect(
    books: Books, serial: str, *, by: str, defect: str, now: datetime
) -> DeviceRecord:
    """A licensee reports a device misregistering, faulty or defective: it may not be used.

    It gets no reset, and the provider owes its retrieval within the business days of its rulebook
    from the day of this notice. Told again, nothing changes.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_WITH_LICENSEE``.
    """
    with books.work(now, "report_defect", on=(record_id("device", serial),)) as work:
        record = _with_licensee(work, serial)
        clause = _DEFECT[record.kind]
        notes.deny_resets(work, serial, cause=DEFECT, clause=clause, because=defect, now=now)
        _owe(work, RETRIEVE, record, defect, now)
        if record.state in (DeviceState.DO_NOT_USE, DeviceState.RETRIEVING):
            work.record(Act(record=record_id("device", serial), clauses=(clause,)))
            return record
        return notes.move(
            work,
            record,
            to=DeviceState.DO_NOT_USE,
            now=now,
            because=defect,
            by=by,
            clause=clause,
        )


def retrieve(books: Books, serial: str, *, by: str, because: str, now: datetime) -> DeviceRecord:
    """Fetch a device from its licensee, to be checked out of service.

    While it is being retrieved already, nothing changes.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_WITH_LICENSEE``, ``DEVICE_MOVE_UNSUITABLE``.
    """
    with books.work(now, "retrieve_device", on=(record_id("device", serial),)) as work:
        record = _with_licensee(work, serial)
        if record.state is DeviceState.RETRIEVING:
            return record
        return notes.move(
            work,
            record,
            to=DeviceState.RETRIEVING,
            now=now,
            because=because,
            by=by,
            clause=_DEFECT[record.kind],
        )


def replaced(
    work: Work, serial: str, *, by_serial: str, because: str, by: str, now: datetime
) -> DeviceRecord:
    """Within a unit of work: give a licensee another device before this one breaks down.

    The new device, whose record comes back, takes over licence and lease, and is still to be
    checked in and installed; the former is retrieved.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_WITH_LICENSEE``, ``REPLACEMENT_UNFIT``.
    """
    former, new = _with_licensee(work, serial), notes.require(work, by_serial)
    _require_fit(former, new)
    leased = replace(
        new,
        licence=former.licence,
        lease=former.lease,
        licensee=former.licensee,
        office=former.office,
    )
    rows.change(work, new, leased)
    clause = _REPLACEMENT[former.kind]
    record = record_id("device", by_serial)
    inputs: dict[str, object] = {"replaces": serial, "because": because}
    work.record(Act(record=record, clauses=(clause,), inputs=inputs))
    if former.state is not DeviceState.RETRIEVING:
        _owe(work, TAKE_IN, former, because, now)
        notes.move(
            work,
            former,
            to=DeviceState.RETRIEVING,
            now=now,
            because=f"replaced by {by_serial}: {because}",
            by=by,
            clause=clause,
        )
    return leased


def examine_checked_out(
    books: Books, serial: str, *, examiner: str, finding: str, now: datetime
) -> DeviceRecord:
    """Examine a device that was checked out of service, and state what was found.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``DEVICE_MOVE_UNSUITABLE``.
    """
    return _moved(
        books,
        "examine_checked_out",
        serial,
        to=DeviceState.EXAMINED,
        by=examiner,
        because=finding,
        now=now,
    )


def register_shop(books: Books, name: str, *, control: str, now: datetime) -> None:
    """Register a factory or repair department under the provider's direct control.

    Raises:
        Refused: ``SHOP_REGISTERED``.
    """
    record = record_id("repair shop", name)
    with books.work(now, "register_repair_shop", on=(record,)) as work:
        if name in service_rows.shops(work):
            raise SHOP_REGISTERED.because(f"{name!r} is registered already")
        service_rows.add_shop(work, name, control=control, on=now.date())
        work.record(Act(record=record, clauses=(_REPAIR,), inputs={"control": control}))


def rebuild(
    books: Books, serial: str, *, shop: str, repairs: str, by: str, now: datetime
) -> DeviceRecord:
    """Open a device and repair its inside: only after check-out, only in a registered shop.

    It must be inspected before it leaves again.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``DEVICE_NOT_CHECKED_OUT``, ``REPAIR_SHOP_UNKNOWN``,
            ``DEVICE_MOVE_UNSUITABLE``.
    """
    with books.work(now, "rebuild_device", on=(record_id("device", serial),)) as work:
        record = notes.require(work, serial)
        require_openable(record, shop, service_rows.shops(work))
        return notes.move(
            work,
            record,
            to=DeviceState.REBUILT,
            place=shop,
            now=now,
            because=repairs,
            by=by,
            clause=_REPAIR,
        )


def return_to_stock(books: Books, serial: str, *, by: str, now: datetime) -> DeviceRecord:
    """Put a sound device that was checked out back into stock.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``DEVICE_MOVE_UNSUITABLE``.
    """
    return _moved(
        books,
        "return_to_stock",
        serial,
        to=DeviceState.UNLEASED,
        by=by,
        because="back in stock",
        now=now,
    )


def scrap(books: Books, serial: str, *, by: str, because: str, now: datetime) -> DeviceRecord:
    """Scrap a device: the end of its life, three years after which its record is destroyed.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``DIES_IN_DEVICE``, ``DEVICE_MOVE_UNSUITABLE``.
    """
    with books.work(now, "scrap_device", on=(record_id("device", serial),)) as work:
        record = notes.require(work, serial)
        if dies := dies_in(work, serial):
            raise DIES_IN_DEVICE.because(f"{serial} holds {', '.join(dies)}")
        return notes.move(
            work, record, to=DeviceState.SCRAPPED, now=now, because=because, by=by, clause=_LIFE
        )


def supply_modification(
    books: Books, serial: str, *, change: str, by: str, now: datetime
) -> DeviceRecord:
    """Note that a licensee got the modification that a rate change needs; again, nothing changes.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``.
    """
    with books.work(now, "supply_modification", on=(record_id("device", serial),)) as work:
        record = notes.require(work, serial)
        if serial not in _supplied(work, change):
            row = {"change": change, "serial": serial, "at": instant_text(now), "by": by}
            work.write(insert(MODIFICATIONS).values(row))
            inputs: dict[str, object] = {"change": change, "by": by}
            work.record(Act(record=record_id("device", serial), clauses=(_RATES,), inputs=inputs))
    return record


def without_modification(books: Books, change: str) -> list[DeviceRecord]:
    """The devices in service whose licensees still lack the modification of a rate change."""
    with books.reading() as reading:
        supplied = _supplied(reading, change)
        return [
            record
            for record in rows.every(reading)
            if record.state in WITH_LICENSEE and record.serial not in supplied
        ]


def _supplied(books: Reading, change: str) -> set[str]:
    query = select(MODIFICATIONS.c.serial).where(MODIFICATIONS.c.change == change)
    return {row.serial for row in books.rows(query)}


def _with_licensee(books: Reading, serial: str) -> DeviceRecord:
    record = notes.require(books, serial)
    if record.state not in WITH_LICENSEE:
        raise NOT_WITH_LICENSEE.because(f"{serial} is {record.state}")
    return record


def _require_fit(former: DeviceRecord, new: DeviceRecord) -> None:
    require_inspected(new)
    if new.lease or new.licence:
        raise REPLACEMENT_UNFIT.because(f"{new.serial} is leased under {new.licence}")
    if new.state not in LEASABLE or new.kind is not former.kind:
        raise REPLACEMENT_UNFIT.because(f"{new.serial} is a {new.kind}, {new.state}")


def _owe(work: Work, duty: str, record: DeviceRecord, because: str, now: datetime) -> None:
    DOCKET.open(
        work,
        duty,
        record=record_id("device", record.serial),
        owed_by="provider",
        rulebook=record.rulebook,
        start=now.date(),
        now=now,
        because=because,
    )


def _moved(
    books: Books,
    command: str,
    serial: str,
    *,
    to: DeviceState,
    by: str,
    because: str,
    now: datetime,
) -> DeviceRecord:
    with books.work(now, command, on=(record_id("device", serial),)) as work:
        record = notes.require(work, serial)
        clause = _EXAMINATION[record.kind] if to is DeviceState.EXAMINED else _LIFE
        return notes.move(work, record, to=to, now=now, because=because, by=by, clause=clause)
