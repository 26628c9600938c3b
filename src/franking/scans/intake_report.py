"""What was found while the files of a night were taken in: every row, every oddity, counted.

Pure values. Nothing that is odd in a file stops a night or drops a row: it is said here. The rows
of the files add up: those judged, and those of files that were given twice and are judged once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from franking.clock import instant_text


class ColumnReport(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a file that is not as it should be."""

    name: str
    note: str = ""
    """What is to be said of its type, in words."""
    unusable: int = 0
    """Values that were given and cannot be used; they count as unknown."""
    damaged: int = 0
    """Rows of which this column cannot be read; it counts as unknown there."""

    def cautions(self) -> Iterator[str]:
        """What a person has to be told of it, a line each."""
        if self.note:
            yield f"column {self.name}: {self.note}"
        if self.unusable:
            yield f"column {self.name}: {self.unusable:,} values cannot be used"
        if self.damaged and self.name != "payload":
            yield f"column {self.name}: damaged in {self.damaged:,} rows"


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a night; ``number`` is that of the column ``file`` of every table."""

    number: int
    name: str
    format: str
    """``parquet`` or ``csv``; empty where the file cannot be read at all."""
    sha256: str
    rows: int
    same_as: int | None = None
    """The number of the earlier file of this night with the same bytes."""
    fault: str = ""
    """Why nothing of it can be read; empty where it can."""
    damaged_rows: int = 0
    """Rows that the file says it has and that cannot be read; each is judged illegible."""
    columns: tuple[ColumnReport, ...] = ()
    missing: tuple[str, ...] = ()
    """Columns of scans that it does not have; they count as unknown. Only a payload is needed."""
    extra: tuple[str, ...] = ()
    """Columns that no step knows; they are passed over."""

    @property
    def is_judged(self) -> bool:
        """Whether its rows are judged: it can be read, and is not the same as one before."""
        return not self.fault and self.same_as is None

    @property
    def is_whole(self) -> bool:
        """Whether every row of it could be read."""
        return not self.fault and not self.damaged_rows and "payload" not in self.missing

    @property
    def is_repeated(self) -> bool:
        """Whether the same bytes came in before, this night."""
        return self.same_as is not None

    def cautions(self) -> Iterator[str]:
        """What a person has to be told of it, a line each."""
        if self.is_repeated:
            yield f"the same file as number {self.same_as}; its {self.rows:,} rows count once"
        if self.fault:
            yield f"nothing of it can be read: {self.fault}"
        if "payload" in self.missing:
            yield f"it has no column payload: all {self.rows:,} rows are illegible"
        if self.damaged_rows:
            yield f"{self.damaged_rows:,} rows are damaged and count as illegible"
        yield from (line for column in self.columns for line in column.cautions())
        if self.extra:
            yield f"columns passed over: {', '.join(self.extra)}"


class ScannerClock(msgspec.Struct, frozen=True, kw_only=True):
    """A scanner whose clock is plainly wrong: its times count as unknown."""

    scanner: str
    scans: int
    median: datetime
    offset_hours: float
    """How far its median is from that of the night; later is positive."""


class IntakeReport(msgspec.Struct, frozen=True, kw_only=True):
    """All files of a night, and the scanners with wrong clocks."""

    files: tuple[FileReport, ...]
    wrong_clocks: tuple[ScannerClock, ...] = ()
    middle: datetime | None = None
    """The median instant of the scanners that agree; ``None`` where no scan says its time."""
    strange_times: int = 0
    """Scans that say a time far from that of the night, those of wrong clocks among them."""

    @property
    def rows(self) -> int:
        """Every row that came in."""
        return sum(each.rows for each in self.files)

    @property
    def rows_judged(self) -> int:
        """The rows that have a verdict each."""
        return sum(each.rows for each in self.files if each.is_judged)

    @property
    def rows_repeated(self) -> int:
        """The rows of files that were given more than once; they are judged once."""
        return sum(each.rows for each in self.files if each.is_repeated)

    @property
    def is_whole(self) -> bool:
        """Whether every file could be read from end to end."""
        return all(each.is_whole for each in self.files)

    def cautions(self) -> Iterator[str]:
        """What a person has to be told of all of it, a line each."""
        for file in self.files:
            yield from (f"{file.name}: {line}" for line in file.cautions())
        for clock in self.wrong_clocks:
            yield (
                f"scanner {clock.scanner}: its clock is {_offset(clock.offset_hours)}; "
                f"the times of its {clock.scans:,} scans count as unknown"
            )
        if self.strange_times:
            yield f"the times of {self.strange_times:,} scans in all are far off, and not believed"

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        counts = {"rows": self.rows, "rows_judged": self.rows_judged}
        middle = None if self.middle is None else instant_text(self.middle)
        return counts | {"rows_repeated": self.rows_repeated} | found | {"middle": middle}


def _offset(hours: float) -> str:
    """How far a clock is off, for a person: ``365 days ahead``."""
    way = "ahead" if hours > 0 else "behind"
    return f"{abs(timedelta(hours=hours)).days:,} days {way}"
