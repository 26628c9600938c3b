"""Taking in the files of a night: Parquet or CSV in, numbered batches of one shape out.

Whatever a file holds, each of its rows comes out once, in order, numbered by file and row. Columns
that are missing or of another type are made fit or count as unknown; what could not be used is
counted in the ``IntakeReport``. What a payload means is not known here.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from msgspec.structs import replace as with_changes

from franking.errors import Refusal
from franking.rules import whole
from franking.scans.csv_scans import copied
from franking.scans.intake_report import ColumnReport, FileReport, IntakeReport
from franking.scans.records import NUMBERED, SCAN
from franking.scans.scan_files import (
    Group,
    Layout,
    Unreadable,
    is_parquet,
    layout_of,
    read_group,
    regrouped,
)
from franking.scans.scanner_clocks import (
    Times,
    believed_times,
    beyond,
    hours_in,
    middle_of,
    scanners_of,
    times_in,
    wrong_clocks,
)

SCANS_NOT_THERE = Refusal(
    "SCANS_NOT_THERE",
    clause="policy",
    remedy="Name files of scans in Parquet or CSV, or a folder with such files.",
    http_status=404,
)
_RULEBOOK = "ibip-1997"
"""How nights are kept is policy, the same under every rulebook."""
_PARQUET, _CSV = ".parquet", ".csv"
_READING = "taking in"
_HALF_A_DAY = timedelta(days=1) / 2
ROWS_A_CHUNK: Final = 65_536

Progress = Callable[[str, int, int | None], None]
"""Told how far a piece of work is: its name, how much is done, of how much (if known)."""


def unwatched(what: str, done: int, of: int | None) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A range of rows of one file: small and picklable, read wherever it is needed."""

    file: int
    path: Path
    row_group: int
    group_rows: int
    """Rows of the whole row group."""
    skip: int
    """Rows of the row group before the first of these."""
    first_row: int
    """The number, in the file that came in, of the first row."""
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NightFiles:
    """The files of a night, looked through once: what they are like, and how to read them."""

    report: IntakeReport
    night: date
    """The day on whose evening the night began, by its scans; else by ``now``."""
    groups: tuple[Chunk, ...]
    """Every row group of every file that is judged."""
    believed: tuple[datetime, datetime] | None = None
    """The times of scans that are believed: for ``Context.believed``."""

    @property
    def wrong_clocks(self) -> frozenset[str]:
        """The scanners whose times count as unknown: for ``Context.wrong_clocks``."""
        return frozenset(each.scanner for each in self.report.wrong_clocks)

    def chunks(self, rows: int = ROWS_A_CHUNK) -> tuple[Chunk, ...]:
        """All rows to be judged, in parts of at most ``rows``, by file and row.

        Parts that lie next to each other are read fastest by one process.
        """
        return tuple(part for group in self.groups for part in _parts(group, rows))

    def batches(self, rows: int = ROWS_A_CHUNK) -> Iterator[pa.RecordBatch]:
        """All rows to be judged as ``NUMBERED`` batches, by file and row."""
        return (read_chunk(chunk) for chunk in self.chunks(rows))


def take_in(
    paths: Sequence[Path], *, scratch: Path, now: datetime, progress: Progress = unwatched
) -> NightFiles:
    """Look through the files of a night; folders stand for the Parquet and CSV files in them.

    CSV files, and row groups too big to be shared out, are first copied into ``scratch`` as
    Parquet; it has to stay until the night is judged.

    Raises:
        Refused: ``SCANS_NOT_THERE`` where a path names nothing, or no scans are named at all.
            A file that is there and cannot be read is in the report.
    """
    files: list[_Looked] = []
    named = files_in(paths)
    for number, path in enumerate(named):
        progress(_READING, number, len(named))
        files.append(_look_through(number, path, scratch, files))
    progress(_READING, len(named), len(named))
    return _night(files, now)


def read_chunk(chunk: Chunk) -> pa.RecordBatch:
    """The rows of a chunk as one ``NUMBERED`` batch; never fewer or more than it says.

    What cannot be read of them any more is null, as the report of the night says.
    """
    scans = _scans(chunk.path, _version(chunk.path), chunk.row_group, chunk.group_rows)
    part = scans.slice(chunk.skip, chunk.rows)
    rows = pa.array(np.arange(chunk.first_row, chunk.first_row + chunk.rows, dtype=np.int64))
    files = pa.repeat(pa.scalar(chunk.file, pa.int32()), chunk.rows)
    return pa.RecordBatch.from_arrays([files, rows, *part.columns], schema=NUMBERED)


@lru_cache(maxsize=1)
def _scans(path: Path, version: tuple[int, int], row_group: int, rows: int) -> pa.RecordBatch:
    """The row group that this process read last, kept for its other chunks."""
    return read_group(path, row_group, rows).scans


def _version(path: Path) -> tuple[int, int]:
    """What changes when a file is written again under the same name."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _parts(group: Chunk, rows: int) -> Iterator[Chunk]:
    for skip in range(0, group.rows, rows):
        part = min(rows, group.rows - skip)
        yield replace(group, skip=skip, first_row=group.first_row + skip, rows=part)


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files that these paths stand for, in order: of a folder, the Parquet and CSV files.

    Raises:
        Refused: ``SCANS_NOT_THERE``.
    """
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise SCANS_NOT_THERE.because(f"there is no {', '.join(missing)}")
    found = [file for path in paths for file in (_within(path) if path.is_dir() else [path])]
    if not found:
        raise SCANS_NOT_THERE.because("there is no file of scans to take in")
    return found


def _within(folder: Path) -> list[Path]:
    files = (each for each in folder.rglob("*") if each.suffix.lower() in (_PARQUET, _CSV))
    return sorted(each for each in files if each.is_file())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """A file that was looked through."""

    report: FileReport
    groups: tuple[Chunk, ...] = ()
    times: tuple[Times, ...] = ()
    hours: Mapping[int, int] = field(default_factory=dict)
    """How many scans say a time in each hour."""


def _look_through(number: int, path: Path, scratch: Path, before: Sequence[_Looked]) -> _Looked:
    report = FileReport(number=number, name=str(path), format="", sha256="", rows=0)
    try:
        report = _opened(report, path)
        for each in before:
            if each.report.sha256 == report.sha256:
                return _Looked(report=_again(report, each.report))
        return _read_through(report, path.resolve(), scratch.resolve())
    except Unreadable as reason:
        return _Looked(report=with_changes(report, fault=str(reason)))


def _opened(report: FileReport, path: Path) -> FileReport:
    """Of which format a file is, and its digest.

    Raises:
        Unreadable: of none.
    """
    is_csv = not is_parquet(path)
    if is_csv and path.suffix.lower() != _CSV:
        raise Unreadable("it is neither Parquet nor, by its name, CSV")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return with_changes(report, format="csv" if is_csv else "parquet", sha256=digest)


def _again(report: FileReport, first: FileReport) -> FileReport:
    return with_changes(report, rows=first.rows, same_as=first.number, fault=first.fault)


def _read_through(report: FileReport, path: Path, scratch: Path) -> _Looked:
    """Read a file from end to end, and say what it is like.

    Raises:
        Unreadable: its description is damaged.
    """
    unfit = 0
    if report.format == "csv":
        copy = scratch / f"scans-{report.number}-csv.parquet"
        unfit, path = copied(path, copy), copy
    layout = layout_of(path)
    at, groups = _shared_out(path, layout, scratch / f"scans-{report.number}.parquet")
    seen = _Seen()
    chunks = tuple(_group_chunks(report.number, at, groups))
    for chunk in chunks:
        seen.add(read_group(at, chunk.row_group, chunk.rows, threads=True))
    report = with_changes(
        report,
        rows=sum(groups),
        damaged_rows=unfit + seen.damaged["payload"],
        missing=layout.missing,
        extra=layout.extra,
        columns=seen.columns({} if report.format == "csv" else layout.notes),
    )
    return _Looked(report=report, groups=chunks, times=tuple(seen.times), hours=seen.hours)


def _shared_out(path: Path, layout: Layout, copy: Path) -> tuple[Path, tuple[int, ...]]:
    """Where to read the rows, in groups of a size to share out where that can be had."""
    if layout.is_awkward and regrouped(path, layout, copy):
        return copy, layout_of(copy).groups
    return path, layout.groups


def _group_chunks(file: int, path: Path, groups: Sequence[int]) -> Iterator[Chunk]:
    first = 0
    for number, rows in enumerate(groups):
        yield Chunk(
            file=file,
            path=path,
            row_group=number,
            group_rows=rows,
            skip=0,
            first_row=first,
            rows=rows,
        )
        first += rows


class _Seen:
    """What the row groups of a file hold together."""

    def __init__(self) -> None:
        self.damaged: Counter[str] = Counter()
        self.unusable: Counter[str] = Counter()
        self.times: list[Times] = []
        self.hours: Counter[int] = Counter()

    def add(self, group: Group) -> None:
        """Count a row group in."""
        is_lost = "payload" in group.damaged
        lost = {"payload"} if is_lost else group.damaged
        self.damaged.update(dict.fromkeys(lost, group.scans.num_rows))
        self.unusable.update(group.unusable)
        self.times += times_in(group.scans)
        self.hours += hours_in(group.scans)

    def columns(self, notes: Mapping[str, str]) -> tuple[ColumnReport, ...]:
        """The columns that something is to be said of."""
        odd = [name for name in SCAN.names if name in {*notes, *self.damaged, *self.unusable}]
        return tuple(
            ColumnReport(
                name=name,
                note=notes.get(name, ""),
                unusable=self.unusable[name],
                damaged=self.damaged[name],
            )
            for name in odd
        )


def _night(files: Sequence[_Looked], now: datetime) -> NightFiles:
    hours = whole("scans", _RULEBOOK, now.date(), "scanner_clock_off_hours")
    tolerance = timedelta(hours=hours)
    scanners = scanners_of(part for each in files for part in each.times)
    middle = middle_of(scanners, tolerance=tolerance, now=now)
    believed = believed_times(middle, tolerance=tolerance)
    report = IntakeReport(
        files=tuple(each.report for each in files),
        wrong_clocks=wrong_clocks(scanners, middle, tolerance=tolerance),
        middle=middle,
        strange_times=sum(beyond(each.hours, believed) for each in files),
    )
    began = (middle or now).astimezone(now.tzinfo) - _HALF_A_DAY
    groups = tuple(group for each in files for group in each.groups)
    return NightFiles(report=report, night=began.date(), groups=groups, believed=believed)
