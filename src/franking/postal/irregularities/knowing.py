"""What the Postal Service's books know beside the scans of a night, for those who verify it.

Totals are those that providers reported with each download of postage (39 CFR 502.21(m)); of a
device whose provider has not reported through the night's day none is told, for a reset of that day
would look like value that nothing covers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec
from sqlalchemy import func, select

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.postal.licences.rows import offices as branches
from franking.postal.pieces.records import Fate
from franking.postal.pieces.tables import PIECES
from franking.postal.treasury.comparing import DOWNLOADS
from franking.postal.treasury.tables import REPORTS
from franking.storage import Reading


class _Download(msgspec.Struct, frozen=True):
    device: str
    amount_mills: int
    control_total_mills: int


class _Downloads(msgspec.Struct, frozen=True):
    lines: list[_Download]


def control_totals(reading: Reading, through: date) -> Iterator[tuple[DeviceId, int]]:
    """Every control total of each device, from downloads reported ``through`` that day or later.

    Both what a device had been credited when it asked and what it has with the download: between
    the two a reset may end unused. So most totals are told twice; nothing is kept in memory.
    """
    current = reporting(reading, through)
    table = REPORTS.c
    query = select(table.provider, table.content).where(table.kind == DOWNLOADS)
    for row in reading.stream(query.order_by(table.number)):
        if row.provider in current:
            yield from _totals(row.content)


def reporting(reading: Reading, through: date) -> frozenset[str]:
    """The providers whose downloads are reported through that day."""
    table = REPORTS.c
    last = func.max(table.day).label("last")
    query = select(table.provider, last).where(table.kind == DOWNLOADS).group_by(table.provider)
    return frozenset(row.provider for row in reading.rows(query) if row.last >= through.isoformat())


def refunded(reading: Reading) -> Iterator[tuple[DeviceId, int, date]]:
    """Every piece whose postage was refunded: device, ascending register, day of the refund."""
    table = PIECES.c
    query = select(table.device, table.ascending_mills, table.day)
    query = query.where(table.fate == Fate.REFUNDED.value)
    for row in reading.stream(query.order_by(table.device, table.ascending_mills)):
        if (device := _device(row.device)) is not None:
            yield device, row.ascending_mills, date.fromisoformat(row.day)


def offices(reading: Reading) -> Iterator[tuple[str, str]]:
    """The post office of each branch and station, by ZIP Code; every other is its own."""
    yield from sorted(branches(reading).items())


def _totals(content: str) -> Iterator[tuple[DeviceId, int]]:
    for line in msgspec.json.decode(content, type=_Downloads).lines:
        if (device := _device(line.device)) is not None:
            yield device, line.control_total_mills
            yield device, line.control_total_mills + line.amount_mills


def _device(text: str) -> DeviceId | None:
    """A meter of 1995 has a serial number of another form, and makes no indicia."""
    try:
        return DeviceId.parse(text)
    except Refused:
        return None
