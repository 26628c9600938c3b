"""A fleet as a CSV file: each row read into a device's record, or said to be bad and why.

Refuses to know the books: which serials they hold already is ``importing``'s matter.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from franking.clock import parse_date
from franking.errors import Refusal, Refused
from franking.money import parse_dollars
from franking.provider.devices.decisions import require_serial
from franking.provider.devices.records import (
    LEASABLE,
    WITH_LICENSEE,
    DeviceRecord,
    DeviceState,
    Kind,
    Mechanism,
    Title,
)
from franking.rules import at

COLUMNS = (
    "serial",
    "kind",
    "rulebook",
    "model",
    "version",
    "mechanism",
    "remote",
    "state",
    "title",
    "licence",
    "lease",
    "licensee",
    "office",
    "place",
    "produced_on",
    "installed_on",
    "examined_on",
    "ascending",
    "descending",
)
_BEYOND = "beyond the columns"
CELL_MAX = 200
REQUIRED = ("serial", "kind", "rulebook", "model")
IMPORTABLE = LEASABLE | WITH_LICENSEE | {DeviceState.CHECKED_OUT, DeviceState.EXAMINED}
_ANSWERS = {"yes": True, "1": True, "true": True, "no": False, "0": False, "false": False}
_STATES, _KINDS = {each.value: each for each in DeviceState}, {each.value: each for each in Kind}
_MECHANISMS = {each.value: each for each in Mechanism}
_TITLES = {each.value: each for each in Title}
Choice = TypeVar("Choice", bound=StrEnum)

FLEET_UNREADABLE = Refusal(
    "FLEET_UNREADABLE",
    clause="policy",
    remedy="Give a CSV file in UTF-8 whose first line names at least serial, kind, rulebook and "
    "model; franking inventory columns lists all of them.",
    http_status=422,
)


@dataclass(frozen=True, slots=True)
class BadDevice:
    """A row that cannot be imported."""

    line: int
    serial: str
    reason: str


@dataclass(frozen=True, slots=True)
class FleetRow:
    """A row that can be: the device, and from when its service duties run."""

    line: int
    record: DeviceRecord
    duties_from: date


@dataclass(frozen=True, slots=True)
class FleetFile:
    """What a file holds, and what is wrong with it: every row, not the first."""

    digest: str
    rows: tuple[FleetRow, ...]
    bad: tuple[BadDevice, ...]


def read_fleet(
    path: Path, now: datetime, progress: Callable[[int], None] = lambda _: None
) -> FleetFile:
    """Read a file of devices, row by row.

    Raises:
        Refused: ``FLEET_UNREADABLE``.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FLEET_UNREADABLE.because(f"{path}: {error}") from error
    rows, bad, seen = list[FleetRow](), list[BadDevice](), dict[str, int]()
    for line, given in _lines(text):
        serial = given.get("serial", "")
        try:
            row = _row(line, given, now)
        except (Refused, ValueError) as error:
            bad.append(BadDevice(line, serial, _reason(error)))
            continue
        if (name := serial.upper()) in seen:
            bad.append(BadDevice(line, serial, _twice(rows[seen[name]], row)))
            continue
        seen[name] = len(rows)
        rows.append(row)
        progress(line)
    return FleetFile(hashlib.sha256(content).hexdigest(), tuple(rows), tuple(bad))


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    # Lines end where CSV ends them, not at every character that Unicode knows to end a line.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        _require_columns(names)
        for cells in reader:
            if cells:
                given = dict(zip(names, map(str.strip, cells), strict=False))
                yield reader.line_num, given | {_BEYOND: "".join(cells[len(names) :])}
    except csv.Error as error:
        raise FLEET_UNREADABLE.because(f"line {reader.line_num}: {error}") from error


def _require_columns(names: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    if missing or unknown or len(set(names)) < len(names):
        raise FLEET_UNREADABLE.because(
            f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'};"
            f" {len(names)} columns in all, each wanted once"
        )


def _row(line: int, given: Mapping[str, str], now: datetime) -> FleetRow:
    today = now.date()
    _require_readable(given)
    for name in REQUIRED:
        if not given.get(name):
            raise ValueError(f"no {name}")
    rulebook = given["rulebook"]
    _require_open(rulebook, today)
    state = _chosen(_STATES, given.get("state") or "unleased", "state")
    record = DeviceRecord(
        serial=given["serial"],
        kind=_chosen(_KINDS, given["kind"], "kind"),
        rulebook=rulebook,
        model=given["model"],
        version=given.get("version", ""),
        state=state,
        since=today,
        mechanism=_chosen(_MECHANISMS, given.get("mechanism") or "electronic", "mechanism"),
        remote=_yes(given.get("remote") or "yes"),
        title=_chosen(_TITLES, given.get("title") or "provider", "title"),
        licence=given.get("licence", ""),
        lease=given.get("lease", ""),
        licensee=given.get("licensee", ""),
        office=given.get("office", ""),
        place=given.get("place", ""),
        produced_on=_day(given.get("produced_on", ""), today),
        installed_on=_day(given.get("installed_on", ""), today),
        ascending_mills=_amount(given.get("ascending", ""), "ascending"),
        descending_mills=_amount(given.get("descending", ""), "descending"),
        read_on=today,
    )
    _require_sound(record)
    return FleetRow(line, record, _day(given.get("examined_on", ""), today) or today)


def _require_readable(given: Mapping[str, str]) -> None:
    """Refuses what a person could not read back from a list: control signs, cells of a page."""
    if given[_BEYOND]:
        raise ValueError(f"more cells than columns: {given[_BEYOND]!r}; quote what has a comma")
    for name, cell in given.items():
        if not cell.isprintable():
            raise ValueError(f"the {name} has a sign that is not printed")
        if len(cell) > CELL_MAX:
            raise ValueError(f"the {name} is longer than {CELL_MAX} signs")
    if given.get("serial"):
        require_serial(given["serial"])


@lru_cache(maxsize=64)
def _require_open(rulebook: str, today: date) -> None:
    """Refuses an unknown rulebook, or one that is not open yet; asked once for many rows."""
    at("provider", rulebook, today)


def _require_sound(record: DeviceRecord) -> None:
    if record.state not in IMPORTABLE:
        raise ValueError(f"a device that is {record.state} is not imported")
    if record.lease and not record.licence:
        raise ValueError("leased without a licence")
    if record.state in WITH_LICENSEE and not (record.licence and record.office):
        raise ValueError(f"{record.state}, without its licence and post office")
    if record.state is DeviceState.IN_SERVICE and record.installed_on is None:
        raise ValueError("in service, without the day it was installed")


def _twice(first: FleetRow, second: FleetRow) -> str:
    leases = {first.record.lease, second.record.lease} - {""}
    if len(leases) > 1:
        return f"leased twice: under {' and '.join(sorted(leases))} (line {first.line})"
    return f"the serial stands in line {first.line} already"


def _chosen(choices: Mapping[str, Choice], text: str, name: str) -> Choice:
    found = choices.get(text)
    if found is None:
        raise ValueError(f"{name} {text!r} is none of {', '.join(choices)}")
    return found


def _yes(text: str) -> bool:
    if text.casefold() not in _ANSWERS:
        raise ValueError(f"remote is yes or no, not {text!r}")
    return _ANSWERS[text.casefold()]


def _day(text: str, today: date) -> date | None:
    if not text:
        return None
    day = parse_date(text)
    if day > today:
        raise ValueError(f"{day} is still to come")
    return day


def _amount(text: str, name: str) -> int:
    mills = parse_dollars(text) if text else 0
    if mills < 0:
        raise ValueError(f"the {name} register is below nothing")
    return mills


def _reason(error: Refused | ValueError) -> str:
    return error.detail if isinstance(error, Refused) else str(error)
