"""What was found while the files of a night were taken in: every row, every oddity, counted.

Pure values. Nothing that is odd in a file stops a night or drops a row: it is said here. The rows
of the files add up: those judged, and those of files that were given twice and are judged once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from franking.clock import instant_text


class ColumnReport(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a file that is not as it should be."""

    name: str
    note: str
    """In words: missing, another type and what was made of it, damaged."""
    unusable: int = 0
    """Values that were given and cannot be used; they count as unknown."""


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
    extra: tuple[str, ...] = ()
    """Columns that no step knows; they are passed over."""

    @property
    def is_judged(self) -> bool:
        """Whether its rows are judged: it can be read, and is not the same as one before."""
        return not self.fault and self.same_as is None

    @property
    def is_whole(self) -> bool:
        """Whether every row of it could be read."""
        return not self.fault and not self.damaged_rows


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
        return sum(each.rows for each in self.files if each.same_as is not None)

    @property
    def is_whole(self) -> bool:
        """Whether every file could be read from end to end."""
        return all(each.is_whole for each in self.files)

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        counts = {"rows": self.rows, "rows_judged": self.rows_judged}
        middle = None if self.middle is None else instant_text(self.middle)
        return counts | {"rows_repeated": self.rows_repeated} | found | {"middle": middle}
