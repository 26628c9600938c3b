"""The front of a hosted fleet for a program that serves many connections on one event loop.

Callers are coroutines. What they ask in one turn of the loop is handed over together, and is one
batch: it takes one wake-up of a thread to start and one to end, however many callers it has. Who
asks while batches are under way waits for the next. Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final, NamedTuple

from franking.errors import Refused
from franking.psd.commit_queue import COMMIT_PIECES_MAX
from franking.psd.evidencing import Outcome
from franking.psd.hosted_fleet import HostedFleet
from franking.psd.records import Evidence, EvidenceRequest

BATCHES_MAX: Final = 2
"""Batches side by side: one is decided while the other is stored."""


class _Asked(NamedTuple):
    name: str
    request: EvidenceRequest
    now: datetime
    answer: asyncio.Future[Outcome]


class HostedFront:
    """Gathers what coroutines ask of a fleet. Use it within one running event loop."""

    def __init__(self, fleet: HostedFleet, *, batches_max: int = BATCHES_MAX) -> None:
        self._fleet, self._batches_max = fleet, batches_max
        self._threads = ThreadPoolExecutor(batches_max, "fleet")
        self._waiting: list[_Asked] = []
        self._under_way = 0
        self._is_starting = False

    async def evidence(self, name: str, request: EvidenceRequest, now: datetime) -> Evidence:
        """One indicium of the device called ``name``, in a commit shared with others.

        Raises:
            Refused: as ``HostedFleet.evidence``.
        """
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(name, request, now, answer))
        self._start_soon()
        outcome = await answer
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    def close(self) -> None:
        """Wait for what is under way, and ask no more; the fleet stays open."""
        self._threads.shutdown()

    def _start_soon(self) -> None:
        """Start a batch when everyone who can ask in this turn of the loop has done so."""
        if self._waiting and not self._is_starting and self._under_way < self._batches_max:
            self._is_starting = True
            asyncio.get_running_loop().call_soon(self._start)

    def _start(self) -> None:
        self._is_starting = False
        batch = self._waiting[:COMMIT_PIECES_MAX]
        del self._waiting[:COMMIT_PIECES_MAX]
        self._under_way += 1
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, self._outcomes, batch)
        work.add_done_callback(lambda done: self._end(batch, done))
        self._start_soon()

    def _outcomes(self, batch: Sequence[_Asked]) -> list[Outcome]:
        asked = [(one.name, one.request) for one in batch]
        return self._fleet.evidence_each(asked, batch[0].now)

    def _end(self, batch: Sequence[_Asked], done: asyncio.Future[list[Outcome]]) -> None:
        self._under_way -= 1
        error = done.exception()
        for at, one in enumerate(batch):
            if one.answer.cancelled():
                continue
            if error is not None:
                one.answer.set_exception(error)
            else:
                one.answer.set_result(done.result()[at])
        self._start_soon()
