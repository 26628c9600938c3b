"""Callers side by side share a unit of work: who comes while nobody is at work leads a batch.

Who comes meanwhile waits; the leader's batch done, another leads with all who wait by then, and a
moment's more. So a busy service reads, charges and commits once for many, and an idle one answers
at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from franking.errors import InvariantBroken, Refused
from franking.messages.signing import Signer
from franking.provider.resetting.batches import BATCH_MAX, accept_receipts, grant_resets
from franking.storage import Books

PATIENCE_SECONDS = 0.003
"""A leader waits no longer than this for as many callers as were served together last."""
BESIDE_MIN = 16
"""A batch goes beside another only with so many callers: two small ones would wait twice."""
Batch = Callable[[Sequence[str]], "list[str | Refused]"]


@dataclass(slots=True, eq=False)
class _Asked:
    """One caller's message, and what became of it."""

    text: str
    done: threading.Event = field(default_factory=threading.Event)
    answer: str | Refused | BaseException | None = None
    isleading: bool = False


class _Counter:
    """Where callers with one kind of message wait."""

    def __init__(self, carry_out: Batch, *, lanes: int) -> None:
        self._carry_out = carry_out
        self._mutex = threading.Lock()
        self._came = threading.Condition(self._mutex)
        self._free = self._lanes = lanes
        self._waiting: list[_Asked] = []
        self._lately = 0
        """How many were served together last: so many may be about to come again."""

    def ask(self, text: str) -> str:
        """Wait for the answer, leading a batch where it is this caller's turn.

        Raises:
            Refused: as the message is refused.
        """
        mine = _Asked(text)
        with self._mutex:
            self._waiting.append(mine)
            if len(self._waiting) >= self._lately:
                self._came.notify_all()
            self._appoint()
        while True:
            if mine.isleading:
                self._lead()
            mine.done.wait()
            if mine.answer is not None:
                break
        if isinstance(mine.answer, BaseException):
            raise mine.answer
        return mine.answer

    def _appoint(self) -> None:
        """Have the first who waits lead, where a lane is free; under the mutex."""
        heir = next((each for each in self._waiting if not each.isleading), None)
        isalone = self._free == self._lanes
        if self._free and heir is not None and (isalone or len(self._waiting) >= BESIDE_MIN):
            self._free -= 1
            heir.isleading = True
            heir.done.set()

    def _lead(self) -> None:
        with self._mutex:
            # Who leads the first of many who come back together would make the others wait twice.
            self._came.wait_for(lambda: len(self._waiting) >= self._lately, PATIENCE_SECONDS)
            batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
            self._lately = max(len(batch), self._lately // 2)
        answers: Sequence[str | BaseException]
        try:
            answers = self._carry_out([each.text for each in batch])
        except BaseException as error:
            broken = error if isinstance(error, Exception) else InvariantBroken("interrupted")
            answers = [broken] * len(batch)
            if not isinstance(error, Exception):
                raise
        finally:
            with self._mutex:
                self._free += 1
                self._appoint()
            for each, answer in zip(batch, answers, strict=True):
                each.answer = answer
                each.done.set()


class ResettingFront:
    """The resetting system as many callers use it at once; threads may share it.

    ``lanes`` is how many batches go side by side. One is best where the program, and not the disk,
    is what everybody waits for; on SQLite, which has one writer, more would only wait.
    """

    def __init__(
        self, books: Books, signer: Signer, clock: Callable[[], datetime], *, lanes: int = 1
    ) -> None:
        def granting(some: Sequence[str]) -> list[str | Refused]:
            return grant_resets(books, signer, some, clock())

        def taking(some: Sequence[str]) -> list[str | Refused]:
            return accept_receipts(books, some, clock())

        self._grants = _Counter(granting, lanes=lanes)
        self._receipts = _Counter(taking, lanes=lanes)

    def grant(self, request: str) -> str:
        """Answer a ``ResetRequest``, as ``commands.grant_reset``.

        Raises:
            Refused: as ``commands.grant_reset``.
        """
        return self._grants.ask(request)

    def take_receipt(self, receipt: str) -> None:
        """Take a ``ResetReceipt``, as ``commands.accept_receipt``.

        Raises:
            Refused: as ``commands.accept_receipt``.
        """
        self._receipts.ask(receipt)
