"""Callers of one device, side by side, share a commit.

Whoever finds the device free serves everyone who waits, in one commit; who comes meanwhile waits
for the next one. With one caller it costs a lock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from franking.psd.evidencing import Job, Outcome
from franking.psd.store import STORE_FAILING

COMMIT_PIECES_MAX: Final = 1000
"""Pieces in one commit, so that memory and the loss of a power cut stay bounded."""


class CommitQueue:
    """Jobs that wait, and the lock of the device they wait for."""

    def __init__(self, turn: threading.RLock, serve: Callable[[Sequence[Job]], None]) -> None:
        self._turn = turn
        self._serve = serve
        self._waiting: deque[Job] = deque()

    def outcomes(self, job: Job) -> list[Outcome]:
        """Wait until the job is done; its outcomes.

        Raises:
            Refused: as serving it raised.
        """
        self._waiting.append(job)
        with self._turn:
            while not job.isdone:
                self._serve_some()
        if job.error is not None:
            raise job.error
        return job.outcomes

    def _serve_some(self) -> None:
        jobs = [self._waiting.popleft()]
        pieces = len(jobs[0].requests)
        while self._waiting and pieces + len(self._waiting[0].requests) <= COMMIT_PIECES_MAX:
            jobs.append(self._waiting.popleft())
            pieces += len(jobs[-1].requests)
        try:
            self._serve(jobs)
        except Exception as error:
            for job in jobs:
                job.error = error
        except BaseException:
            for job in jobs:
                job.error = STORE_FAILING.because("the program was interrupted")
            raise
        finally:
            for job in jobs:
                job.isdone = True
