"""How our record of meters in service, the lists heard, and what is missing are stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import PrimaryKeyConstraint, Row, Table, func, insert, select, update

from franking.messages.listing import Disposition, MissingDevicesListed
from franking.postal.reports.records import (
    HELD_TRANSITIONS,
    Disagreement,
    HeardList,
    Held,
    ListedMeter,
    What,
)
from franking.postal.schema import METADATA
from franking.storage import Reading, Work
from franking.storage.columns import (
    guard_append_only,
    guard_transitions,
    one_of,
    optional_text,
    text,
    whole,
)

METERS = Table(
    "in_service_records",
    METADATA,
    text("provider"),
    text("serial"),
    text("model"),
    text("user"),
    text("address"),
    text("in_service_on"),
    text("office_zip"),
    text("held"),
    text("noted_on"),
    text("source"),
    PrimaryKeyConstraint("provider", "serial"),
    one_of("held", Held),
    sqlite_strict=True,
)
guard_transitions(METERS, HELD_TRANSITIONS, column="held")
guard_append_only(METERS, columns=("provider", "serial"))

LISTS = Table(
    "in_service_lists",
    METADATA,
    text("provider"),
    text("quarter"),
    text("closed_on"),
    whole("devices"),
    text("digest"),
    text("heard_on"),
    optional_text("taken_on"),
    whole("differences"),
    PrimaryKeyConstraint("provider", "quarter"),
    sqlite_strict=True,
)
guard_append_only(
    LISTS, columns=("provider", "quarter", "closed_on", "devices", "digest", "heard_on")
)

DIFFERENCES = Table(
    "in_service_differences",
    METADATA,
    text("provider"),
    text("quarter"),
    whole("number"),
    text("serial"),
    text("what"),
    text("listed"),
    text("held"),
    text("disposition"),
    text("through"),
    text("because"),
    optional_text("disposed_on"),
    PrimaryKeyConstraint("provider", "quarter", "number"),
    one_of("what", What),
    sqlite_strict=True,
)
guard_append_only(
    DIFFERENCES, columns=("provider", "quarter", "number", "serial", "what", "listed", "held")
)

MISSING = Table(
    "missing_device_lists",
    METADATA,
    text("provider"),
    text("month"),
    text("addressee"),
    whole("part"),
    whole("parts"),
    whole("total_mills"),
    text("heard_on"),
    text("lines"),
    PrimaryKeyConstraint("provider", "month", "addressee", "part"),
    sqlite_strict=True,
)
guard_append_only(MISSING)

TABLES = (METERS, LISTS, DIFFERENCES, MISSING)


# Meters --------------------------------------------------------------------------------------


def held_by(books: Reading, provider: str) -> Iterator[ListedMeter]:
    """The meters of a provider that our record has in service, by serial, streamed."""
    table = METERS.c
    query = select(
        table.serial,
        table.model,
        table.user,
        table.address,
        table.in_service_on,
        table.office_zip,
    ).where(table.provider == provider, table.held == Held.IN_SERVICE.value)
    for row in books.stream(query.order_by(table.serial)):
        yield ListedMeter(**row._mapping)


def knows(books: Reading, provider: str) -> bool:
    """Whether our record has any meter of a provider."""
    query = select(func.count(METERS.c.serial)).where(METERS.c.provider == provider)
    return bool(books.rows(query)[0][0])


def add_meters(
    work: Work, provider: str, meters: Iterable[ListedMeter], *, on: date, source: str
) -> int:
    """Enter meters that our record does not have; how many."""
    common = {"held": Held.IN_SERVICE.value, "noted_on": on.isoformat(), "source": source}
    return work.write_many(
        METERS, ({"provider": provider, **asdict(each), **common} for each in meters)
    )


def put_meter(
    work: Work, provider: str, meter: ListedMeter, *, held: Held, on: date, source: str
) -> None:
    """Write how our record has a meter from now on."""
    row = asdict(meter) | {"held": held.value, "noted_on": on.isoformat(), "source": source}
    mine = (METERS.c.provider == provider) & (METERS.c.serial == row.pop("serial"))
    if not work.write(update(METERS).where(mine).values(row)):
        work.write(insert(METERS).values(provider=provider, serial=meter.serial, **row))


def find_meter(books: Reading, provider: str, serial: str) -> tuple[ListedMeter, Held] | None:
    """A meter as our record has it, and whether it is in service."""
    mine = (METERS.c.provider == provider) & (METERS.c.serial == serial)
    row = books.row(select(METERS).where(mine))
    return None if row is None else (_meter(row), Held(row.held))


# Lists ---------------------------------------------------------------------------------------


def add_list(work: Work, heard: HeardList) -> None:
    """Keep that a list was announced."""
    names = heard.__dataclass_fields__
    work.write(insert(LISTS).values({name: _column(getattr(heard, name)) for name in names}))


def find_list(books: Reading, provider: str, quarter: str) -> HeardList | None:
    """The list of a quarter, where it was announced."""
    mine = (LISTS.c.provider == provider) & (LISTS.c.quarter == quarter)
    row = books.row(select(LISTS).where(mine))
    return None if row is None else _list(row)


def lists(books: Reading) -> list[HeardList]:
    """Every list announced, by provider and quarter."""
    query = select(LISTS).order_by(LISTS.c.provider, LISTS.c.quarter)
    return [_list(row) for row in books.rows(query)]


def list_of_digest(books: Reading, digest: str) -> HeardList | None:
    """The list that was announced with this digest; of several alike, one not taken in yet."""
    rows = books.rows(select(LISTS).where(LISTS.c.digest == digest))
    found = sorted(map(_list, rows), key=lambda each: (each.taken_on is not None, each.provider))
    return found[0] if found else None


def take_list(work: Work, heard: HeardList, *, differences: int, on: date) -> None:
    """Write that the file of a list was taken in, once."""
    mine = (LISTS.c.provider == heard.provider) & (LISTS.c.quarter == heard.quarter)
    fresh = LISTS.c.taken_on.is_(None)
    values = {"taken_on": on.isoformat(), "differences": differences}
    work.write_one(update(LISTS).where(mine & fresh).values(values))


# Differences ---------------------------------------------------------------------------------


def add_differences(work: Work, heard: HeardList, found: Iterable[tuple[int, Disagreement]]) -> int:
    """Keep where a list differs from our record."""
    return work.write_many(
        DIFFERENCES,
        (
            {
                "provider": heard.provider,
                "quarter": heard.quarter,
                "number": number,
                "serial": each.serial,
                "what": each.what.value,
                "listed": _json(each.listed),
                "held": _json(each.held),
                "disposition": "",
                "through": "",
                "because": "",
                "disposed_on": None,
            }
            for number, each in found
        ),
    )


def differences(books: Reading, provider: str, quarter: str) -> list[dict[str, Any]]:
    """Where a quarter's list differed from our record, and how each was settled, by number."""
    mine = (DIFFERENCES.c.provider == provider) & (DIFFERENCES.c.quarter == quarter)
    query = select(DIFFERENCES).where(mine).order_by(DIFFERENCES.c.number)
    return [dict(row._mapping) for row in books.rows(query)]


def find_difference(
    books: Reading, provider: str, quarter: str, number: int
) -> tuple[Disagreement, bool] | None:
    """A difference by its number, and whether it is settled."""
    table = DIFFERENCES.c
    mine = (table.provider == provider) & (table.quarter == quarter) & (table.number == number)
    row = books.row(select(DIFFERENCES).where(mine))
    if row is None:
        return None
    found = Disagreement(
        serial=row.serial,
        what=What(row.what),
        listed=_read(row.listed),
        held=_read(row.held),
    )
    return found, row.disposed_on is not None


def dispose(work: Work, provider: str, quarter: str, line: Disposition, on: date) -> None:
    """Write how the provider settled a difference."""
    table = DIFFERENCES.c
    mine = (table.provider == provider) & (table.quarter == quarter)
    values = {
        "disposition": line.disposition,
        "through": line.through,
        "because": line.because,
        "disposed_on": on.isoformat(),
    }
    fresh = (table.number == line.number) & table.disposed_on.is_(None)
    work.write_one(update(DIFFERENCES).where(mine & fresh).values(values))


# Missing devices -----------------------------------------------------------------------------


def add_missing(work: Work, message: MissingDevicesListed, on: date) -> None:
    """Keep a part of a month's file of lost and stolen devices."""
    row = {
        "provider": message.sender,
        "month": message.month,
        "addressee": message.addressee,
        "part": message.part,
        "parts": message.parts,
        "total_mills": message.total_mills,
        "heard_on": on.isoformat(),
        "lines": msgspec.json.encode(message.lines).decode(),
    }
    work.write(insert(MISSING).values(row))


def missing(books: Reading, month: str) -> list[dict[str, Any]]:
    """The lost and stolen devices of a month, of every provider, by provider and device."""
    query = select(MISSING).where(MISSING.c.month == month)
    order = (MISSING.c.provider, MISSING.c.addressee, MISSING.c.part)
    return [
        {"provider": row.provider, "addressee": row.addressee, **line}
        for row in books.rows(query.order_by(*order))
        for line in msgspec.json.decode(row.lines)
    ]


def _meter(row: Row[Any]) -> ListedMeter:
    return ListedMeter(**{name: row._mapping[name] for name in ListedMeter.__dataclass_fields__})


def _list(row: Row[Any]) -> HeardList:
    given = dict(row._mapping)
    for name in ("closed_on", "heard_on", "taken_on"):
        given[name] = date.fromisoformat(given[name]) if given[name] else None
    return HeardList(**given)


def _json(meter: ListedMeter | None) -> str:
    return "" if meter is None else msgspec.json.encode(meter).decode()


def _read(text: str) -> ListedMeter | None:
    return msgspec.json.decode(text, type=ListedMeter) if text else None


def _column(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
