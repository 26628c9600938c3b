"""Every device at the end of a day: what it last said, beside what the ledger has in it.

Three streams in the order of serials (the inventory, the ledger's ``device`` and ``transit``
accounts) are read side by side, so that memory does not grow with the fleet. A PSD says what it
signed last, a meter what was read last; either is held against the ledger of the same moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, select

from franking.clock import parse_instant
from franking.provider.closing.records import DevicePosition
from franking.provider.devices.tables import INVENTORY
from franking.provider.resetting.tables import DEVICES
from franking.provider.schema import LEDGER
from franking.storage import Reading

_END: Final = "\U0010ffff"
"""Sorts behind every serial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfDay:
    """The end of which day, and what to take back of what happened since."""

    day: date
    place: tzinfo
    """Where the provider is."""
    moved: Mapping[str, int]
    """What was added to each account since."""
    hosted: frozenset[str] = frozenset()


def positions(reading: Reading, end: EndOfDay) -> Iterator[DevicePosition]:
    """Every device of the inventory, and every one that only the ledger knows, by serial."""
    inside, coming = _Balances(reading, "device", end), _Balances(reading, "transit", end)
    for row in reading.stream(_DEVICES):
        yield from _strangers(row.serial, inside, coming, end)
        yield _position(row, inside.of(row.serial), coming.of(row.serial), end)
    yield from _strangers(_END, inside, coming, end)


def _position(row: Row[Any], inside: Value, coming: Value, end: EndOfDay) -> DevicePosition:
    signed = bool(row.heard_at)
    reported = _day(row.heard_at, end.place) if signed else row.read_on or ""
    return DevicePosition(
        serial=row.serial,
        licence=row.licence,
        office=row.office,
        reported_on=reported,
        signed=signed,
        age_days=max(0, (end.day - date.fromisoformat(reported)).days) if reported else -1,
        ascending_mills=row.shown_ascending_mills if signed else row.ascending_mills,
        descending_mills=_left(row) if signed else row.descending_mills,
        in_device_mills=inside.then_mills,
        in_transit_mills=coming.then_mills,
        held_mills=inside.now_mills,
        granted_mills=coming.now_mills,
        hosted=row.serial in end.hosted,
    )


def _left(row: Row[Any]) -> int:
    """What a device has left: as it signed last, less use that was read from it since."""
    return int(row.shown_descending_mills - max(0, row.posted_mills - row.shown_ascending_mills))


def _day(instant: str, place: tzinfo) -> str:
    return parse_instant(instant).astimezone(place).date().isoformat()


def _strangers(
    upto: str, inside: _Balances, coming: _Balances, end: EndOfDay
) -> Iterator[DevicePosition]:
    """Devices of the ledger, before ``upto``, that the inventory has not."""
    while (serial := min(inside.next, coming.next)) < upto:
        held, granted = inside.of(serial), coming.of(serial)
        yield DevicePosition(
            serial=serial,
            licence="",
            office="",
            reported_on="",
            age_days=-1,
            ascending_mills=0,
            descending_mills=0,
            in_device_mills=held.then_mills,
            in_transit_mills=granted.then_mills,
            held_mills=held.now_mills,
            granted_mills=granted.now_mills,
            hosted=serial in end.hosted,
        )


class Value(NamedTuple):
    """A balance as the day left it, and as it is now."""

    then_mills: int
    now_mills: int


class _Balances:
    """The balances of one kind of counted account, by the id."""

    def __init__(self, reading: Reading, kind: str, end: EndOfDay) -> None:
        self._kind, self._moved = kind, end.moved
        self._rows = self._streamed(reading)
        self.next, self._value = next(self._rows, _NO_MORE)

    def of(self, serial: str) -> Value:
        """The balance of a serial, which is no smaller than any asked for before."""
        if self.next != serial:
            return _NOTHING
        value = self._value
        self.next, self._value = next(self._rows, _NO_MORE)
        return value

    def _streamed(self, reading: Reading) -> Iterator[tuple[str, Value]]:
        table, first = LEDGER.tables.balances.c, len(self._kind) + 1
        mine = (table.account > f"{self._kind}:") & (table.account < f"{self._kind};")
        query = select(table.account, table.balance_mills).where(mine).order_by(table.account)
        for row in reading.stream(query):
            then = row.balance_mills - self._moved.get(row.account, 0)
            yield row.account[first:], Value(then, row.balance_mills)


_NOTHING: Final = Value(0, 0)
_NO_MORE: Final = (_END, _NOTHING)
_DEVICES: Final = (
    select(
        INVENTORY.c.serial,
        INVENTORY.c.licence,
        INVENTORY.c.office,
        INVENTORY.c.read_on,
        INVENTORY.c.ascending_mills,
        INVENTORY.c.descending_mills,
        DEVICES.c.heard_at,
        DEVICES.c.shown_ascending_mills,
        DEVICES.c.shown_descending_mills,
        DEVICES.c.posted_mills,
    )
    .join_from(INVENTORY, DEVICES, DEVICES.c.device_id == INVENTORY.c.serial, isouter=True)
    .order_by(INVENTORY.c.serial)
)
