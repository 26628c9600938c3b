"""The import of a fleet from a file: all of it in one unit of work, or nothing of it."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select

from franking.clock import instant_text
from franking.docket import Opening
from franking.errors import Refusal, Refused
from franking.identifiers import record_id
from franking.provider.devices import notes, rows
from franking.provider.devices.fleet_file import BadDevice, FleetFile, FleetRow, read_fleet
from franking.provider.devices.records import DeviceState, Occasion, Source
from franking.provider.devices.service_duties import service_duties
from franking.provider.devices.tables import IMPORTS, INVENTORY, MOVEMENTS, READINGS
from franking.provider.models.commands import require_approved
from franking.provider.schema import DOCKET
from franking.storage import Act, Books, Reading, Work

_LIFE = "39 CFR 501.22(k) (1995)"
_SERIALS_AT_ONCE = 500
_IN_USE = frozenset({DeviceState.IN_SERVICE, DeviceState.DO_NOT_USE})
Progress = Callable[[str, int, int | None], None]
LiveLicences = Callable[[Reading, Sequence[str]], Collection[str]]
"""Which of some licence numbers are in force, as the Postal Service told."""

FLEET_HAS_BAD_ROWS = Refusal(
    "FLEET_HAS_BAD_ROWS",
    clause=_LIFE,
    remedy="Correct the rows of the report (--report FILE), and import the file again.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetReport:
    """What an import did, or would do."""

    digest: str
    found: int
    """Rows in the file, good and bad."""
    imported: int
    bad: tuple[BadDevice, ...]
    again: bool = False
    """This very file was imported before; nothing was changed."""


def _silent(_: str, __: int, ___: int | None) -> None:
    """Tell nobody how far it is."""


def _any_licence(_: Reading, numbers: Sequence[str]) -> Collection[str]:
    """Believe the file: for books that keep no licences."""
    return numbers


def check_fleet(
    books: Books,
    path: Path,
    *,
    now: datetime,
    live_licences: LiveLicences = _any_licence,
    progress: Progress = _silent,
) -> FleetReport:
    """Read a file and say of every row whether it can be imported; nothing is changed.

    Raises:
        Refused: ``FLEET_UNREADABLE``.
    """
    file = read_fleet(path, now, lambda line: progress("reading", line, None))
    with books.reading() as reading:
        bad = (*file.bad, *_unfit(reading, file.rows, live_licences, now))
        again = _is_imported(reading, file.digest)
    found = len(file.rows) + len(file.bad)
    return FleetReport(digest=file.digest, found=found, imported=0, bad=_in_order(bad), again=again)


def import_fleet(
    books: Books,
    path: Path,
    *,
    by: str,
    now: datetime,
    live_licences: LiveLicences = _any_licence,
    progress: Progress = _silent,
) -> FleetReport:
    """Import a whole file, or nothing of it; the same file again changes nothing.

    Raises:
        Refused: ``FLEET_UNREADABLE``, ``FLEET_HAS_BAD_ROWS``.
    """
    with _no_collection():
        return _imported(books, path, by, now, live_licences, progress)


def _imported(
    books: Books,
    path: Path,
    by: str,
    now: datetime,
    live_licences: LiveLicences,
    progress: Progress,
) -> FleetReport:
    file = read_fleet(path, now, lambda line: progress("reading", line, None))
    found = len(file.rows) + len(file.bad)
    with books.work(now, "import_fleet") as work:
        if _is_imported(work, file.digest):
            return FleetReport(digest=file.digest, found=found, imported=0, bad=(), again=True)
        bad = _in_order((*file.bad, *_unfit(work, file.rows, live_licences, now)))
        if bad:
            raise FLEET_HAS_BAD_ROWS.because(_told(bad, found))
        _write(work, file, by, now, progress)
    return FleetReport(digest=file.digest, found=found, imported=found, bad=())


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for garbage: an import makes millions of objects that stay, and no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write(work: Work, file: FleetFile, by: str, now: datetime, progress: Progress) -> None:
    count = len(file.rows)
    progress("writing", 0, count)
    work.write_many(INVENTORY, (rows.columns(row.record) for row in file.rows))
    work.write_many(MOVEMENTS, _movements(file.rows, by, now))
    work.write_many(READINGS, _readings(file.rows, by, now))
    DOCKET.open_many(work, _duties(file.rows), now)
    row = {"digest": file.digest, "at": instant_text(now), "devices": count}
    work.write(insert(IMPORTS).values(row))
    for each in file.rows:
        work.record(_act(each, file.digest))
    record = record_id("fleet import", file.digest)
    work.record(Act(record=record, clauses=(_LIFE,), inputs={"devices": count, "by": by}))
    progress("writing", count, count)


def _movements(found: Sequence[FleetRow], by: str, now: datetime) -> Iterator[dict[str, object]]:
    if not found:
        return
    # One is made as every other first movement is; the rest differ from it in a few columns only.
    like = {**notes.first_movement(found[0].record, now, by=by), "because": "imported"}
    for row in found:
        record = row.record
        yield {
            **like,
            "serial": record.serial,
            "after": record.state.value,
            "place": record.place,
            "ascending_mills": record.ascending_mills,
        }


def _readings(found: Sequence[FleetRow], by: str, now: datetime) -> Iterator[dict[str, object]]:
    at, intake, reported = instant_text(now), str(Occasion.INTAKE), str(Source.REPORTED)
    for row in found:
        yield {
            "serial": row.record.serial,
            "at": at,
            "ascending_mills": row.record.ascending_mills,
            "descending_mills": row.record.descending_mills,
            "piece_count": None,
            "source": reported,
            "occasion": intake,
            "by": by,
        }


def _duties(found: Sequence[FleetRow]) -> Iterator[Opening]:
    for row in found:
        if row.record.state in _IN_USE:
            yield from service_duties(row.record, row.duties_from)


def _act(row: FleetRow, digest: str) -> Act:
    return Act(
        command="import_fleet",
        record=f"device:{row.record.serial}",
        clauses=(_LIFE,),
        inputs={"file": digest, "line": row.line},
    )


def _unfit(
    books: Reading, found: Sequence[FleetRow], live_licences: LiveLicences, now: datetime
) -> Iterator[BadDevice]:
    """Rows that the books refuse: a serial that they hold, a model or licence they do not know."""
    yield from _taken(books, found)
    yield from _unlicensed(books, found, live_licences)
    units = Counter((row.record.model, row.record.version) for row in found)
    refused = {name: _unapproved(books, name, count, now) for name, count in units.items()}
    for row in found:
        if reason := refused[row.record.model, row.record.version]:
            yield BadDevice(row.line, row.record.serial, reason)


def _unapproved(books: Reading, name: tuple[str, str], count: int, now: datetime) -> str:
    """Why no device of a version may be taken in; empty where they may."""
    model, version = name
    before = rows.count_of(books, model=model, version=version)
    try:
        require_approved(books, model, version, now.date(), units_before=before + count - 1)
    except Refused as refused:
        return str(refused)
    return ""


def _taken(books: Reading, found: Sequence[FleetRow]) -> Iterator[BadDevice]:
    """Rows whose serial the inventory holds already."""
    for start in range(0, len(found), _SERIALS_AT_ONCE):
        some = found[start : start + _SERIALS_AT_ONCE]
        known = rows.known_serials(books, [row.record.serial for row in some])
        for row in some:
            if row.record.serial in known:
                yield BadDevice(row.line, row.record.serial, "it is in the inventory already")


def _unlicensed(
    books: Reading, found: Sequence[FleetRow], live_licences: LiveLicences
) -> Iterator[BadDevice]:
    """Rows of a licence that is not in force: a device is leased to licensees only."""
    named = sorted({row.record.licence for row in found if row.record.licence})
    live = set(live_licences(books, named))
    for row in found:
        licence = row.record.licence
        if licence and licence not in live:
            reason = f"licence {licence} is not one that the Postal Service told, or has ended"
            yield BadDevice(row.line, row.record.serial, reason)


def _is_imported(books: Reading, digest: str) -> bool:
    return books.row(select(IMPORTS.c.digest).where(IMPORTS.c.digest == digest)) is not None


def _in_order(bad: Iterable[BadDevice]) -> tuple[BadDevice, ...]:
    return tuple(sorted(bad, key=lambda row: row.line))


_TOLD_MAX = 5


def _told(bad: Sequence[BadDevice], found: int) -> str:
    first = "; ".join(f"line {row.line} ({row.serial}): {row.reason}" for row in bad[:_TOLD_MAX])
    more = f"; and {len(bad) - _TOLD_MAX} more" if len(bad) > _TOLD_MAX else ""
    return f"{len(bad)} of {found} rows: {first}{more}"
