"""The quarterly list of meters in service, as a file (39 CFR 501.22(j), 1995).

Each record has what the rule names: serial number, model number, the user's name and address, the
date placed in service, the ZIP Code of the licensing post office. The list stands as it was at the
close of business of the quarter's last day, whenever it is made, and is streamed: memory does not
grow with it. The rule is of meters; 1997 asks it of no device.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, TextIO

from sqlalchemy import ColumnElement, Row, func, select

from franking.errors import Refusal
from franking.provider.devices.records import DeviceState
from franking.provider.devices.tables import INVENTORY, MOVEMENTS
from franking.provider.licensing.tables import LEASES, PLACEMENTS
from franking.rules.calendars import Period, postal_quarter
from franking.storage import Reading

COLUMNS: Final = ("serial", "model", "user", "address", "in_service_on", "office_zip")
RULEBOOK: Final = "meter-1995"
CLAUSE: Final = "39 CFR 501.22(j) (1995)"
_IN_SERVICE: Final = frozenset(
    {DeviceState.IN_SERVICE, DeviceState.DO_NOT_USE, DeviceState.RETRIEVING}
)
"""With the licensee, and placed in service: a faulty meter still is, until it is checked out."""

QUARTER_NOT_CLOSED = Refusal(
    "QUARTER_NOT_CLOSED",
    clause=CLAUSE,
    remedy="List the meters when the quarter has closed, or name a quarter that has.",
)
LIST_NOT_WRITTEN = Refusal(
    "LIST_NOT_WRITTEN",
    clause="policy",
    remedy="Give a file that can be written; nothing was filed.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """A list that was written."""

    quarter: str
    closed_on: date
    devices: int
    digest: str
    """SHA-256 of the file in hex."""


def quarter_name(quarter: Period) -> str:
    """A postal quarter as reports name it: ``1997-Q3``."""
    return f"{quarter.year}-Q{quarter.number}"


def last_closed_quarter(on: date) -> Period:
    """The newest postal quarter whose last day is before ``on``.

    Raises:
        Refused: ``CALENDAR_SILENT``.
    """
    first = postal_quarter(on).first
    return postal_quarter(date.fromordinal(first.toordinal() - 1))


def require_closed(quarter: Period, today: date) -> None:
    """Refuse a quarter that still runs.

    Raises:
        Refused: ``QUARTER_NOT_CLOSED``.
    """
    if quarter.last >= today:
        raise QUARTER_NOT_CLOSED.because(f"{quarter_name(quarter)} closes on {quarter.last}")


def write_list(reading: Reading, quarter: Period, path: Path) -> ListFile:
    """Write the list of a quarter as CSV, one line a meter, by serial.

    Raises:
        Refused: ``LIST_NOT_WRITTEN``.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            hashed = _Hashed(file)
            writer = csv.writer(hashed, lineterminator="\n")
            writer.writerow(COLUMNS)
            devices = 0
            for row in listed(reading, quarter.last):
                writer.writerow(row)
                devices += 1
    except OSError as error:
        raise LIST_NOT_WRITTEN.because(f"{path}: {error.strerror}") from error
    return ListFile(
        quarter=quarter_name(quarter),
        closed_on=quarter.last,
        devices=devices,
        digest=hashed.digest,
    )


def listed(reading: Reading, on: date) -> Iterator[tuple[str, ...]]:
    """The meters in service at the close of ``on``, by serial, as the file has them."""
    day, moved = on.isoformat(), _before_moving(reading, on)
    for row in reading.stream(_QUERY.where(_may_have_been(day))):
        if row[_SINCE] <= day:
            yield tuple(row[:_SINCE])
        elif moved.get(row[0], "") in _IN_SERVICE:
            yield _as_it_was(reading, row)


def _may_have_been(day: str) -> ColumnElement[bool]:
    """In service now, or moved since: what it was then, its movements tell."""
    return INVENTORY.c.state.in_(sorted(_IN_SERVICE)) | (INVENTORY.c.since > day)


def _before_moving(reading: Reading, on: date) -> dict[str, str]:
    """The state, at the close of ``on``, of every device that has moved since."""
    table = MOVEMENTS.c
    first = select(func.min(table.number)).where(table.day > on.isoformat()).group_by(table.serial)
    query = select(table.serial, table.before).where(table.number.in_(first))
    return {row.serial: row.before for row in reading.stream(query)}


def _as_it_was(reading: Reading, row: Row[Any]) -> tuple[str, ...]:
    """A meter that has moved since; where its lease has ended, the lease says whose it was."""
    serial, model, user, *rest = row[:_SINCE]
    return (serial, model, user or _last_licensee(reading, serial), *rest)


def _last_licensee(reading: Reading, serial: str) -> str:
    placed = PLACEMENTS.c
    query = (
        select(LEASES.c.licensee)
        .join(PLACEMENTS, placed.lease == LEASES.c.id)
        .where(placed.device == serial)
        .order_by(placed.placed_on.desc(), placed.lease.desc())
        .limit(1)
    )
    row = reading.row(query)
    return "" if row is None else str(row.licensee)


_SINCE: Final = len(COLUMNS)
_QUERY: Final = (
    select(
        INVENTORY.c.serial,
        INVENTORY.c.model,
        INVENTORY.c.licensee,
        INVENTORY.c.place,
        func.coalesce(INVENTORY.c.installed_on, ""),
        INVENTORY.c.office,
        INVENTORY.c.since,
    )
    .where(INVENTORY.c.rulebook == RULEBOOK)
    .order_by(INVENTORY.c.serial)
)


class _Hashed:
    """A text file that knows the digest of what was written to it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def write(self, text: str) -> int:
        """Write on."""
        self._hash.update(text.encode())
        return self._file.write(text)

    @property
    def digest(self) -> str:
        """SHA-256 in hex of everything written."""
        return self._hash.hexdigest()
