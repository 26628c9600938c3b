"""Kill a process at a statement of its books: on either database, before any of them or after.

What ``kill_shim`` does to the files of a device, this does to the statements of books: a child
process runs a command and kills itself at its n-th statement, commit or return from one.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

from sqlalchemy import Engine, event

SECONDS_MAX = 120
"""A child that lives longer hangs, which is a failure and not a death."""


def die_at(step: int) -> Callable[[], None]:
    """What a child does first: from then on it counts its statements, and dies at the n-th."""

    def count() -> None:
        signal.alarm(SECONDS_MAX)
        left = iter(range(step - 1, -1, -1))

        def one(*_: object) -> None:
            if next(left) == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(Engine, moment, one)

    return count


def was_killed(act: Callable[[], object], *, step: int) -> bool:
    """Run ``act`` in a child that dies at its n-th statement; whether it came so far."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            die_at(step)()
            act()
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    return died(ended)


def died(ended: int) -> bool:
    """Whether a child died as it was to, rather than coming to its end; it may not fail itself."""
    if os.WIFSIGNALED(ended):
        assert os.WTERMSIG(ended) == signal.SIGKILL, "the child hung"
        return True
    assert os.WEXITSTATUS(ended) == 0, "the child failed by itself"
    return False


def every_kill(act: Callable[[], object], *, every: int = 1) -> Iterator[int]:
    """Kill ``act`` at one statement after the other, until it comes to its end; the steps.

    Whoever iterates looks at the books after each.
    """
    step = 1
    while was_killed(act, step=step):
        yield step
        step += every
    assert step > 1, "the act never came to a statement"
