"""Judging a night on one machine: independent processes, and DuckDB for what scans say together.

Three stages, each shared out in parts that do not know of each other. Scans are examined in runs of
rows; related in groups of buckets, in which all scans of a device lie; and concluded in the runs
that they were examined in, so that verdicts come in the order of the rows. Between the stages
everything is on disk, and a process holds one part at a time: memory does not grow with the night.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from time import perf_counter
from typing import Final, TypeVar

from franking.errors import Refusal
from franking.scans.history import History
from franking.scans.intake import Progress
from franking.scans.night import Job, Judged
from franking.scans.relating import relate
from franking.scans.running import conclude_run, examine_run
from franking.scans.sharing import Plan

NIGHT_BROKEN_OFF = Refusal(
    "NIGHT_BROKEN_OFF",
    clause="policy",
    remedy="Verify the night again, with less memory or fewer processes if that was the cause;"
    " nothing was written.",
    http_status=500,
)

_ALONE_ROWS: Final = 30_000
"""A night so small is judged before another process would have started."""

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckdbEngine:
    """Judges on this machine, with so many processes and so much memory in all."""

    processes: int = 0
    """Where it is 0, as many as there are cores, or one for a night that is soon done."""
    memory_bytes: int = 3 << 29
    name: str = "duckdb"

    def judge(self, job: Job, history: History | None, watch: Progress) -> Judged:
        """Judge every scan of the job, beside the history as it stands.

        Raises:
            Refused: ``NIGHT_BROKEN_OFF`` where a process was ended from outside; as ``examine``.
        """
        processes = self._processes(job.files.report.rows_judged)
        stages = _Stages(watch)
        plan = Plan(
            job=job, history=history, shares=processes, memory_bytes=self.memory_bytes // processes
        )
        with _workers(processes) as workers:
            examined = stages.run(workers, "examining", examine_run, plan.runs())
            tasks = plan.tasks(examined)
            related = stages.run(workers, "relating", relate, tasks)
            ends = plan.endings(examined, related)
            verdicts = stages.run(workers, "concluding", conclude_run, ends)
        return Judged(
            verdicts=iter(verdicts),
            evidence=tuple(each.evidence for each in related),
            parts=plan.parts(tasks, related),
            seconds=stages.seconds,
        )

    def _processes(self, rows: int) -> int:
        cores = 1 if rows <= _ALONE_ROWS else os.cpu_count() or 1
        return self.processes or cores


class _Stages:
    """The stages of a night, watched and timed."""

    def __init__(self, watch: Progress) -> None:
        self.watch = watch
        self.seconds: dict[str, float] = {}

    def run(
        self,
        workers: Executor | None,
        name: str,
        work: Callable[[Given], Made],
        tasks: Sequence[Given],
    ) -> list[Made]:
        """What ``work`` makes of each task, in the order of the tasks."""
        started = perf_counter()
        made: dict[int, Made] = {}
        self.watch(name, 0, len(tasks))
        for place, done in _as_done(workers, work, tasks):
            made[place] = done
            self.watch(name, len(made), len(tasks))
        self.seconds[name] = perf_counter() - started
        return [made[place] for place in range(len(tasks))]


@contextmanager
def _workers(processes: int) -> Iterator[Executor | None]:
    """Processes that share nothing with this one; none, where it works alone.

    They start afresh: a copy of a process that runs the threads of other libraries may hang.
    """
    if processes == 1:
        yield None
        return
    workers = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    try:
        yield workers
    except BrokenProcessPool as error:
        raise NIGHT_BROKEN_OFF.because("a process that shared the work was ended") from error
    finally:
        workers.shutdown(cancel_futures=True)


def _as_done(
    workers: Executor | None, work: Callable[[Given], Made], tasks: Sequence[Given]
) -> Iterator[tuple[int, Made]]:
    if workers is None:
        yield from ((place, work(task)) for place, task in enumerate(tasks))
        return
    places = {workers.submit(work, task): place for place, task in enumerate(tasks)}
    for future in as_completed(places):
        yield places[future], future.result()
