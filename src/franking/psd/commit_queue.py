"""Callers of one device, side by side, share a commit.

Who comes while nobody leads, leads: it serves everyone who waits by then, in one commit. Who
comes meanwhile waits; when the commit is done, those who were served go their ways at once, and
the first of those who wait leads next. With one caller it costs a lock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from franking.psd.evidencing import Job, Outcome
from franking.psd.store import STORE_FAILING

COMMIT_PIECES_MAX: Final = 1000
"""Pieces in one commit, so that memory and the loss of a power cut stay bounded."""


class Queue(Protocol):
    """Where a device's callers wait for a commit."""

    def outcomes(self, job: Job) -> list[Outcome]:
        """Wait until the job is done; its outcomes.

        Raises:
            Refused: as serving it raised.
        """


class CommitQueue:
    """Jobs that wait, and the lock of the device they wait for."""

    def __init__(self, turn: threading.RLock, serve: Callable[[Sequence[Job]], None]) -> None:
        self._turn = turn
        self._serve = serve
        self._mutex = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._isled = False

    def outcomes(self, job: Job) -> list[Outcome]:
        """Wait until the job is done; its outcomes.

        Raises:
            Refused: as serving it raised.
        """
        with self._mutex:
            self._waiting.append(job)
            if self._isled:
                job.woken = threading.Event()
            self._isled = True
        try:
            if job.woken is not None:
                job.woken.wait()
            if not job.isdone:
                self._lead()
        except BaseException:
            self._leave(job)
            raise
        if job.error is not None:
            raise job.error
        return job.outcomes

    def _lead(self) -> None:
        """Serve those who wait, this caller's job first among them; then another leads."""
        jobs: list[Job] = []
        try:
            with self._turn:
                jobs = self._next_jobs()
                self._serve(jobs)
        except Exception as error:
            for job in jobs:
                job.error = error
        except BaseException:
            for job in jobs:
                job.error = STORE_FAILING.because("the program was interrupted")
            raise
        finally:
            if jobs:
                self._let_go(jobs)

    def _next_jobs(self) -> list[Job]:
        with self._mutex:
            jobs = [self._waiting.popleft()]
            pieces = len(jobs[0].requests)
            while self._waiting:
                pieces += len(self._waiting[0].requests)
                if pieces > COMMIT_PIECES_MAX:
                    break
                jobs.append(self._waiting.popleft())
        return jobs

    def _let_go(self, jobs: Sequence[Job]) -> None:
        """Wake the callers whose jobs are done, and one who waits, to lead."""
        with self._mutex:
            for job in jobs:
                job.isdone = True
                if job.woken is not None:
                    job.woken.set()
            self._isled = bool(self._waiting)
            if self._waiting and (heir := self._waiting[0]).woken is not None:
                heir.woken.set()

    def _leave(self, job: Job) -> None:
        """Wait no longer: a caller who was interrupted must not be appointed to lead."""
        with self._mutex:
            if job not in self._waiting:
                return
            isfirst = self._waiting[0] is job
            self._waiting.remove(job)
            leads = isfirst and (job.woken is None or job.woken.is_set())
        if leads:
            self._let_go([])
