"""Taking in the files of a night: Parquet or CSV in, numbered batches of one shape out.

Whatever a file holds, each of its rows comes out once, in order, numbered by file and row. Columns
that are missing or of another type are made fit or count as unknown; what could not be used is
counted in the ``IntakeReport``. What a payload means is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa

from franking.scans.intake_report import IntakeReport

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

    @property
    def wrong_clocks(self) -> frozenset[str]:
        """The scanners whose times count as unknown: for ``Context.wrong_clocks``."""
        return frozenset(each.scanner for each in self.report.wrong_clocks)

    def chunks(self, rows: int = ROWS_A_CHUNK) -> tuple[Chunk, ...]:
        """All rows to be judged, in parts of at most ``rows``, by file and row."""
        raise NotImplementedError

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
    raise NotImplementedError


def read_chunk(chunk: Chunk) -> pa.RecordBatch:
    """The rows of a chunk as one ``NUMBERED`` batch; never fewer or more than it says.

    What cannot be read of them any more is null, as the report of the night says.
    """
    raise NotImplementedError
