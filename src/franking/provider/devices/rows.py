"""Reading and writing the rows of the inventory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from franking.provider.devices.records import (
    Denial,
    DeviceRecord,
    DeviceState,
    Kind,
    Mechanism,
    Movement,
    RegisterReading,
    Source,
    Title,
)
from franking.provider.devices.tables import DENIALS, INVENTORY, MOVEMENTS, READINGS
from franking.storage import Reading, Work
from franking.storage.among import among
from franking.storage.changing import change_many

_DATES = ("produced_on", "installed_on", "scrapped_on", "read_on")


def find(books: Reading, serial: str) -> DeviceRecord | None:
    """The device of that serial."""
    row = books.row(select(INVENTORY).where(INVENTORY.c.serial == serial))
    return None if row is None else _record(row)


def known_serials(books: Reading, serials: Sequence[str]) -> set[str]:
    """Which of these serials stand in the inventory."""
    query = select(INVENTORY.c.serial).where(INVENTORY.c.serial.in_(serials))
    return {row.serial for row in books.rows(query)}


def count_of(books: Reading, *, model: str, version: str) -> int:
    """How many devices of a version of a model were ever taken in."""
    table = INVENTORY.c
    query = select(func.count().label("units")).where(
        table.model == model, table.version == version
    )
    row = books.row(query)
    return int(row.units) if row else 0


def of_serials(books: Reading, serials: Sequence[str]) -> dict[str, DeviceRecord]:
    """The devices of these serials that there are, by serial."""
    rows = books.rows(select(INVENTORY).where(among(INVENTORY.c.serial, serials)))
    return {row.serial: _record(row) for row in rows}


def of_licence(books: Reading, licence: str) -> list[DeviceRecord]:
    """The devices leased under a licence, by serial."""
    query = select(INVENTORY).where(INVENTORY.c.licence == licence)
    return [_record(row) for row in books.rows(query.order_by(INVENTORY.c.serial))]


def searched(
    books: Reading, *, state: DeviceState | None, licence: str, office: str, after: str, limit: int
) -> list[DeviceRecord]:
    """Devices by serial, after one of them: a page of a fleet that need not fit in memory."""
    table = INVENTORY.c
    query = select(INVENTORY).where(table.serial > after).order_by(table.serial).limit(limit)
    for column, wanted in ((table.state, state), (table.licence, licence), (table.office, office)):
        query = query.where(column == str(wanted)) if wanted else query
    return [_record(row) for row in books.rows(query)]


def every(books: Reading) -> Iterator[DeviceRecord]:
    """The whole inventory by serial, streamed."""
    for row in books.stream(select(INVENTORY).order_by(INVENTORY.c.serial)):
        yield _record(row)


def add(work: Work, record: DeviceRecord) -> None:
    """Enter a device."""
    work.write(insert(INVENTORY).values(columns(record)))


def change(work: Work, before: DeviceRecord, after: DeviceRecord) -> None:
    """Write what changed of a device, from the state that was decided upon."""
    table, former = INVENTORY.c, columns(before)
    changed = {name: value for name, value in columns(after).items() if former[name] != value}
    if changed:
        mine = (table.serial == before.serial) & (table.state == str(before.state))
        work.write_one(update(INVENTORY).where(mine).values(changed))


def add_movement(work: Work, row: dict[str, object]) -> None:
    """Write a movement; its number is the next."""
    work.write(insert(MOVEMENTS).values(row))


def movements(books: Reading, serial: str) -> list[Movement]:
    """Every movement of a device, oldest first."""
    mine = select(MOVEMENTS).where(MOVEMENTS.c.serial == serial).order_by(MOVEMENTS.c.number)
    return [
        Movement(
            **{
                **row._mapping,
                "day": date.fromisoformat(row.day),
                "after": DeviceState(row.after),
                "source": Source(row.source),
            }
        )
        for row in books.rows(mine)
    ]


def add_reading(work: Work, reading: RegisterReading) -> None:
    """Write a reading."""
    work.write(insert(READINGS).values(asdict(reading)))


def readings(books: Reading, serial: str) -> list[RegisterReading]:
    """Every reading of a device, oldest first."""
    mine = select(READINGS).where(READINGS.c.serial == serial).order_by(READINGS.c.number)
    names = [field.name for field in fields(RegisterReading)]
    return [
        RegisterReading(**{name: row._mapping[name] for name in names}) for row in books.rows(mine)
    ]


def add_denials(
    work: Work, serials: Sequence[str], *, cause: str, clause: str, because: str, since: str
) -> None:
    """Write a denial of each device; one of a cause stands at a time."""
    common = {"cause": cause, "clause": clause, "because": because, "since": since}
    open_ = {"lifted_at": None, "lifted_because": ""}
    work.write_many(DENIALS, ({"serial": serial, **common, **open_} for serial in serials))


def denied_for(books: Reading, serials: Sequence[str], cause: str) -> dict[str, Denial]:
    """The denials of that cause that stand, by device."""
    standing = (DENIALS.c.cause == cause) & DENIALS.c.lifted_at.is_(None)
    rows = books.rows(select(DENIALS).where(standing, DENIALS.c.serial.in_(serials)))
    return {row.serial: Denial(**row._mapping) for row in rows}


def lift(work: Work, denial: Denial, *, lifted_at: str, because: str) -> None:
    """Write that a denial ended."""
    mine = (DENIALS.c.number == denial.number) & DENIALS.c.lifted_at.is_(None)
    ended = update(DENIALS).where(mine).values(lifted_at=lifted_at, lifted_because=because)
    work.write_one(ended)


def denials(books: Reading, serial: str, *, standing: bool = True) -> list[Denial]:
    """The denials of a device that stand, or all there ever were, oldest first."""
    query = select(DENIALS).where(DENIALS.c.serial == serial).order_by(DENIALS.c.number)
    query = query.where(DENIALS.c.lifted_at.is_(None)) if standing else query
    return [Denial(**row._mapping) for row in books.rows(query)]


def denials_of(books: Reading, serials: Sequence[str]) -> dict[str, list[Denial]]:
    """The denials of many devices that stand, by device; oldest first."""
    standing = DENIALS.c.lifted_at.is_(None) & among(DENIALS.c.serial, serials)
    found: dict[str, list[Denial]] = {}
    for row in books.rows(select(DENIALS).where(standing).order_by(DENIALS.c.number)):
        found.setdefault(row.serial, []).append(Denial(**row._mapping))
    return found


def add_readings(work: Work, readings: Sequence[RegisterReading]) -> None:
    """Write readings of many devices."""
    names = [each.name for each in fields(RegisterReading)]
    work.write_many(READINGS, ({name: getattr(each, name) for name in names} for each in readings))


def keep_read(work: Work, records: Sequence[DeviceRecord]) -> None:
    """Write what was last read of many devices, of which each is decided upon by its record."""
    names = ("ascending_mills", "descending_mills", "reading_source", "read_on")
    given = []
    for record in records:
        row = columns(record)
        given.append(({"serial": record.serial}, {name: row[name] for name in names}))
    change_many(work, INVENTORY, given)


def columns(record: DeviceRecord) -> dict[str, object]:
    """A device as its row. Named one by one: a generic copy costs more than storing the row."""
    return {
        "serial": record.serial,
        "kind": record.kind.value,
        "rulebook": record.rulebook,
        "model": record.model,
        "version": record.version,
        "state": record.state.value,
        "since": record.since.isoformat(),
        "mechanism": record.mechanism.value,
        "remote": int(record.remote),
        "title": record.title.value,
        "licence": record.licence,
        "lease": record.lease,
        "licensee": record.licensee,
        "office": record.office,
        "place": record.place,
        "produced_on": _text(record.produced_on),
        "installed_on": _text(record.installed_on),
        "scrapped_on": _text(record.scrapped_on),
        "ascending_mills": record.ascending_mills,
        "descending_mills": record.descending_mills,
        "reading_source": record.reading_source.value,
        "read_on": _text(record.read_on),
    }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _record(row: Row[Any]) -> DeviceRecord:
    given = dict(row._mapping)
    for name in _DATES:
        given[name] = date.fromisoformat(given[name]) if given[name] else None
    given |= {
        "since": date.fromisoformat(row.since),
        "remote": bool(row.remote),
        "kind": Kind(row.kind),
        "state": DeviceState(row.state),
        "mechanism": Mechanism(row.mechanism),
        "title": Title(row.title),
        "reading_source": Source(row.reading_source),
    }
    return DeviceRecord(**given)
