"""Callers side by side share a unit of work: who comes while nobody is at work leads a batch.

Who comes meanwhile waits; the leader's batch done, another leads with all who wait by then, and a
moment's more. So a busy service reads, decides and commits once for many, and an idle one answers
at once. Each caller gets his own answer, or his own refusal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from franking.errors import InvariantBroken, Refused

PATIENCE_SECONDS: Final = 0.003
"""A leader waits no longer than this for as many callers as were served together last."""
BESIDE_MIN: Final = 16
"""A batch goes beside another only with so many callers: two small ones would wait twice."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass(slots=True, eq=False)
class _Caller(Generic[Asked, Answer]):
    """What one caller asked, and what became of it."""

    asked: Asked
    called: threading.Event = field(default_factory=threading.Event)
    """To lead, or because there is an answer."""
    answered: threading.Event = field(default_factory=threading.Event)
    answer: Answer | None = None
    error: BaseException | None = None
    isleading: bool = False

    def take(self, answer: Answer | BaseException) -> None:
        """Take the answer, and go on."""
        if isinstance(answer, BaseException):
            self.error = answer
        else:
            self.answer = answer
        self.answered.set()
        self.called.set()


class SharedWork(Generic[Asked, Answer]):
    """Where callers wait who ask the same of the books; threads may share it.

    ``carry_out`` answers a batch in one unit of work: an answer or a refusal for each, in order.
    ``lanes`` is how many batches go side by side. One is best where the program, and not the disk,
    is what everybody waits for; on SQLite, which has one writer, more would only wait.
    """

    def __init__(
        self,
        carry_out: Callable[[Sequence[Asked]], Sequence[Answer | Refused]],
        *,
        batch_max: int,
        lanes: int = 1,
    ) -> None:
        self._carry_out = carry_out
        self._batch_max = batch_max
        self._mutex = threading.Lock()
        self._came = threading.Condition(self._mutex)
        self._free = self._lanes = lanes
        self._waiting: list[_Caller[Asked, Answer]] = []
        self._lately = 0
        """How many were served together last: so many may be about to come again."""

    def ask(self, asked: Asked) -> Answer:
        """Wait for the answer, leading a batch where it is this caller's turn.

        Raises:
            Refused: as what was asked is refused.
        """
        mine: _Caller[Asked, Answer] = _Caller(asked)
        with self._mutex:
            self._waiting.append(mine)
            if len(self._waiting) >= self._lately:
                self._came.notify_all()
            self._appoint()
        mine.called.wait()
        if mine.isleading:
            self._lead()
        mine.answered.wait()
        if mine.error is not None:
            raise mine.error
        if mine.answer is None:
            raise InvariantBroken("a batch left a caller without an answer")
        return mine.answer

    def _appoint(self) -> None:
        """Have the first who waits lead, where a lane is free; under the mutex."""
        heir = next((each for each in self._waiting if not each.isleading), None)
        isalone = self._free == self._lanes
        if self._free and heir is not None and (isalone or len(self._waiting) >= BESIDE_MIN):
            self._free -= 1
            heir.isleading = True
            heir.called.set()

    def _lead(self) -> None:
        batch = self._gathered()
        answers: Sequence[Answer | BaseException] = [InvariantBroken("interrupted")] * len(batch)
        try:
            if batch:
                answers = self._carry_out([each.asked for each in batch])
        except Exception as error:
            answers = [error] * len(batch)
        finally:
            with self._mutex:
                self._free += 1
                self._appoint()
            for each, answer in zip(batch, answers, strict=True):
                each.take(answer)

    def _gathered(self) -> list[_Caller[Asked, Answer]]:
        """Who is served now: all who wait, and who comes back in a moment."""
        with self._mutex:
            # Who leads the first of many who come back together would make the others wait twice.
            self._came.wait_for(lambda: len(self._waiting) >= self._lately, PATIENCE_SECONDS)
            batch, self._waiting = (
                self._waiting[: self._batch_max],
                self._waiting[self._batch_max :],
            )
            self._lately = max(len(batch), self._lately // 2)
        return batch
