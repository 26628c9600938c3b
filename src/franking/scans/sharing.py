"""How the work of a night is shared out among processes: runs of rows, groups of buckets.

Pure sums over the sizes of things; nothing is read or written but folders for what is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from franking.scans.history import History, Part
from franking.scans.intake import Chunk
from franking.scans.night import Job, numbers_before, numbers_kept
from franking.scans.relating import Related, Task, part_of
from franking.scans.running import Ending, ExaminedRun, Run

_RUN_CHUNKS: Final = 8
_RUNS_A_SHARE: Final = 3
"""What is left is shared out in at least so many runs for each process: the runs get shorter
towards the end, so that no process waits long for another."""
_GROUP_ROWS: Final = 6 << 20
"""So many scans are related at once in the memory of one process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A night, and among how many processes of how much memory it is shared out."""

    job: Job
    history: History | None
    shares: int
    memory_bytes: int

    def runs(self) -> list[Run]:
        """Every row of the night once, in order."""
        folder = self._folder("examined")
        chunks = self.job.files.chunks()
        return [
            Run(chunks=run, folder=folder, number=number, context=self.job.context)
            for number, run in enumerate(_neighbours(chunks, self.shares * _RUNS_A_SHARE))
        ]

    def tasks(self, examined: Sequence[ExaminedRun]) -> list[Task]:
        """Every bucket once, in groups of like size."""
        buckets = self.job.context.buckets
        rows = sum((run.by_bucket for run in examined), np.zeros(buckets, np.int64))
        paths = tuple(path for run in examined for path in run.paths)
        groups = _groups(rows + _rows_of(self.history, buckets), self.shares)
        return [self._task(first, last, paths) for first, last in groups]

    def endings(self, examined: Sequence[ExaminedRun], related: Sequence[Related]) -> list[Ending]:
        """Every part that was examined once, in order."""
        folder = self._folder("verdicts")
        marked = tuple(each.marked for each in related if each.marked_rows)
        return [
            Ending(
                examined=path,
                marked=marked,
                verdicts=folder / path.name,
                context=self.job.context,
                memory_bytes=self.memory_bytes,
            )
            for run in examined
            for path in run.paths
        ]

    def parts(self, tasks: Sequence[Task], related: Sequence[Related]) -> tuple[Part, ...]:
        """What was written for the history."""
        if self.history is None:
            return ()
        folder = self.history.folder
        made = (part_of(task, folder, each) for task, each in zip(tasks, related, strict=True))
        return tuple(part for part in made if part is not None)

    def _task(self, first: int, last: int, tonight: tuple[Path, ...]) -> Task:
        files, history = self.job.files, self.history
        return Task(
            first_bucket=first,
            last_bucket=last,
            tonight=tonight,
            history=() if history is None else history.paths(range(first, last + 1)),
            again=tuple(numbers_before(files, history).values()),
            numbers=tuple(numbers_kept(files, history).items()),
            keep_at=self._part(first, last),
            out=self._folder("related") / f"{first:03d}",
            context=self.job.context,
            memory_bytes=self.memory_bytes,
        )

    def _part(self, first: int, last: int) -> Path | None:
        if self.history is None or not self.job.keep:
            return None
        night = self.job.files.night.isoformat()
        return self.history.new_part(night, first_bucket=first, last_bucket=last)

    def _folder(self, name: str) -> Path:
        folder = self.job.scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _neighbours(chunks: Sequence[Chunk], runs_left: int) -> Iterator[tuple[Chunk, ...]]:
    """Runs of chunks of one row group, which is then decoded by one process."""
    left = len(chunks)
    for _, group in groupby(chunks, key=lambda chunk: (chunk.file, chunk.row_group)):
        rest = tuple(group)
        while rest:
            long = max(1, min(_RUN_CHUNKS, left // runs_left))
            yield rest[:long]
            left, rest = left - len(rest[:long]), rest[long:]


def _groups(rows: NDArray[np.int64], shares: int) -> list[tuple[int, int]]:
    """Buckets as (first, last), of like many rows: one for each process, or what memory takes."""
    count = max(shares, -(-int(rows.sum()) // _GROUP_ROWS))
    before = np.cumsum(rows) - rows
    wanted = before * min(count, len(rows)) // max(int(rows.sum()), 1)
    firsts = [0, *(np.flatnonzero(np.diff(wanted)) + 1).tolist()]
    return [
        (first, after - 1) for first, after in zip(firsts, [*firsts[1:], len(rows)], strict=True)
    ]


def _rows_of(history: History | None, buckets: int) -> NDArray[np.int64]:
    """About how many scans of each bucket the history holds."""
    rows = np.zeros(buckets, np.int64)
    for part in () if history is None else history.parts:
        span = part.last_bucket - part.first_bucket + 1
        rows[part.first_bucket : part.last_bucket + 1] += part.rows // span
    return rows
