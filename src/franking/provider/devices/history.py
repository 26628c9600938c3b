"""One device's whole life as a list of lines, and the records shown to postal officials.

Each line says on whose word it stands: reported by a person, or signed by the device.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.money import format_dollars
from franking.provider.devices import intake, notes, rows, service_rows, shipping
from franking.provider.devices.records import DeviceRecord
from franking.provider.schema import DOCKET
from franking.storage import Act, Books, Reading

_OPEN_TO_INSPECTION = ("39 CFR 501.21 (1995)", "39 CFR 501.22(k) (1995)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened to a device."""

    at: str
    what: str
    """movement, reading, denial, lifted, inspection, form, charge, shipment, duty."""
    text: str
    source: str
    clause: str = ""
    by: str = ""


def history(books: Books, serial: str) -> tuple[DeviceRecord, list[Line]]:
    """The device, and everything that happened to it in order.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``.
    """
    with books.reading() as reading:
        record = notes.require(reading, serial)
        lines = [line for part in _PARTS for line in part(reading, serial)]
    return record, sorted(lines, key=lambda line: line.at)


def inspect_records(books: Books, serial: str, *, now: datetime) -> dict[str, object]:
    """Show a device's whole record to a postal official; that it was looked into is journalled.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_PERMITTED``.
    """
    record = record_id("device", serial)
    with books.work(now, "inspect_inventory_records", on=(record,)) as work:
        notes.require(work, serial)
        work.record(Act(record=record, clauses=_OPEN_TO_INSPECTION, inputs={"shown": serial}))
    return as_json(*history(books, serial))


def as_json(record: DeviceRecord, lines: list[Line]) -> dict[str, object]:
    """A device and its life as JSON values."""
    return {**rows.columns(record), "history": [asdict(line) for line in lines]}


def _movements(books: Reading, serial: str) -> Iterator[Line]:
    for one in rows.movements(books, serial):
        read = "" if one.ascending_mills is None else f", at {format_dollars(one.ascending_mills)}"
        moved = f"{one.before} → {one.after}" if one.before else str(one.after)
        yield Line(
            at=one.at,
            what="movement",
            text=f"{moved}: {one.because}{read}",
            source=str(one.source),
            clause=one.clause,
            by=one.by,
        )


def _readings(books: Reading, serial: str) -> Iterator[Line]:
    for one in rows.readings(books, serial):
        ascending = format_dollars(one.ascending_mills)
        yield Line(
            at=one.at,
            what="reading",
            text=f"{one.occasion}: ascending {ascending},"
            f" descending {format_dollars(one.descending_mills)}",
            source=str(one.source),
            by=one.by,
        )


def _denials(books: Reading, serial: str) -> Iterator[Line]:
    for one in rows.denials(books, serial, standing=False):
        text = f"resets denied, {one.cause}: {one.because}"
        yield Line(at=one.since, what="denial", text=text, source="reported", clause=one.clause)
        if one.lifted_at:
            ended = f"denial lifted, {one.cause}: {one.lifted_because}"
            yield Line(at=one.lifted_at, what="lifted", text=ended, source="reported")


def _inspections(books: Reading, serial: str) -> Iterator[Line]:
    for one in intake.inspections_of(books, serial):
        outcome = "passed" if one["passed"] else "failed"
        yield Line(
            at=str(one["at"]),
            what="inspection",
            text=f"{outcome}: {one['finding']}",
            source="reported",
            by=str(one["inspector"]),
        )


def _charges(books: Reading, serial: str) -> Iterator[Line]:
    for one in service_rows.charges(books, serial):
        paid = f"paid by {one.payment}" if one.paid_at else "unpaid"
        yield Line(
            at=one.due_since,
            what="charge",
            text=f"{one.kind} {format_dollars(one.amount_mills)}, {paid}",
            source="reported",
            clause=one.clause,
        )


def _shipments(books: Reading, serial: str) -> Iterator[Line]:
    for one in shipping.shipments_of(books, serial):
        yield Line(
            at=str(one["sent_at"]),
            what="shipment",
            text=f"{one['service']} {one['tracking']}: {one['sender']} to {one['recipient']}",
            source="reported",
            clause=str(one["clause"]),
        )


def _duties(books: Reading, serial: str) -> Iterator[Line]:
    for one in DOCKET.standing(books, record=record_id("device", serial)):
        yield Line(
            at=instant_text(one.opened_at),
            what="duty",
            text=f"{one.duty}, owed by {one.owed_by}, due {one.due}: {one.status}",
            source="reported",
            clause=one.clause,
        )


_PARTS = (_movements, _readings, _denials, _inspections, _charges, _shipments, _duties)
