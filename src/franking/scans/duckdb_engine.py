"""Judging a night on one machine: independent processes, and DuckDB for what scans say together.

Three stages, each shared out in parts that do not know of each other. Scans are examined in runs of
rows; related in groups of buckets, in which all scans of a device lie (once more, where that shows
that some scanner's times cannot be believed); and concluded in the runs that they were examined in,
so that verdicts come in the order of the rows. Between the stages
everything is on disk, and a process holds one part at a time: memory does not grow with the night.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import active_children, get_context
from time import perf_counter
from typing import Final, TypeVar

import pyarrow as pa

from franking.errors import Refusal
from franking.scans.disputes import ROUNDS_MAX, DisputedScanner, disputed_in
from franking.scans.history import History
from franking.scans.intake import Progress
from franking.scans.night import Job, Judged, disbelieving
from franking.scans.orphans import leave_no_orphan
from franking.scans.relating import again, relate
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
        with ExitStack() as opened:
            return self._judged(job, history, watch, opened)

    def _judged(
        self, job: Job, history: History | None, watch: Progress, opened: ExitStack
    ) -> Judged:
        processes = self._processes(job.files.report.rows_judged)
        stages = _Stages(watch)
        plan = Plan(
            job=job, history=history, shares=processes, memory_bytes=self.memory_bytes // processes
        )
        workers = opened.enter_context(_workers(processes))
        examined = stages.run(workers, "examining", examine_run, plan.runs())
        tasks = plan.tasks(examined)
        related = stages.run(workers, "relating", relate, tasks)
        disputed: tuple[DisputedScanner, ...] = ()
        for _ in range(ROUNDS_MAX):
            new = disputed_in(pa.concat_tables(each.met for each in related), job.context)
            if not new:
                break
            disputed += new
            plan = replace(plan, job=disbelieving(job, disputed))
            tasks = [again(task, plan.job.context) for task in tasks]
            related = stages.run(workers, "relating again", relate, tasks)
        ends = plan.endings(examined, related)
        return Judged(
            verdicts=_until_closed(
                opened.pop_all(), stages.each(workers, "concluding", conclude_run, ends)
            ),
            evidence=tuple(each.evidence for each in related),
            parts=plan.parts(tasks, related),
            disputed=disputed,
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
        return list(self.each(workers, name, work, tasks))

    def each(
        self,
        workers: Executor | None,
        name: str,
        work: Callable[[Given], Made],
        tasks: Sequence[Given],
    ) -> Iterator[Made]:
        """The same, one after another, as soon as it and those before it are made."""
        started = perf_counter()
        made: dict[int, Made] = {}
        turn = 0
        self.watch(name, 0, len(tasks))
        for done, (place, result) in enumerate(_as_done(workers, work, tasks), start=1):
            made[place] = result
            self.watch(name, done, len(tasks))
            while turn in made:
                yield made.pop(turn)
                turn += 1
        self.seconds[name] = perf_counter() - started


@contextmanager
def _workers(processes: int) -> Iterator[Executor | None]:
    """Processes that share nothing with this one; none, where it works alone.

    They start afresh: a copy of a process that runs the threads of other libraries may hang. They
    end with this one, however it ends.
    """
    if processes == 1:
        yield None
        return
    others = set(active_children())
    workers = ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=leave_no_orphan
    )
    try:
        yield workers
    except BrokenProcessPool as error:
        # One that was just starting when another was killed would be waited for without end.
        for left in set(active_children()) - others:
            left.kill()
        raise NIGHT_BROKEN_OFF.because("a process that shared the work was ended") from error
    finally:
        workers.shutdown(cancel_futures=True)


def _until_closed(opened: ExitStack, made: Iterator[Made]) -> Iterator[Made]:
    """What is made while that is open, which is closed at the end."""
    with opened:
        yield from made


def _as_done(
    workers: Executor | None, work: Callable[[Given], Made], tasks: Sequence[Given]
) -> Iterator[tuple[int, Made]]:
    if workers is None:
        yield from ((place, work(task)) for place, task in enumerate(tasks))
        return
    places = {workers.submit(work, task): place for place, task in enumerate(tasks)}
    for future in as_completed(places):
        yield places[future], future.result()
