"""Kill the real process at every write: a child that sends itself SIGKILL, and what it had said.

``run_and_kill`` forks a child, which does its work through a VFS that counts what reaches the
operating system: the first half of a write, the whole write, a truncate, a sync, an unlink, and
``os.fsync``, ``os.replace`` and ``os.unlink`` outside SQLite. After the n-th it kills itself, with
no chance to tidy up. What it acknowledged until then came through a pipe.

Refuses to know what a device is.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import apsw

VFS_NAME = "killing"

Acknowledge = Callable[[str], None]
Work = Callable[[str, Acknowledge], None]
"""What the child does, given the name of the VFS to use and how to acknowledge."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the child ended: killed at its n-th step or come to its end, and what it had said."""

    killed: bool
    acknowledged: tuple[str, ...]


@dataclass(slots=True)
class _Countdown:
    """Steps left to live."""

    left: int

    def step(self) -> None:
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


class _KilledFile(apsw.VFSFile):
    """A file that may be half written when its process dies."""

    def __init__(self, countdown: _Countdown, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._countdown = countdown

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        half = len(data) // 2
        super().xWrite(data[:half], offset)
        self._countdown.step()
        super().xWrite(data[half:], offset + half)
        self._countdown.step()

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._countdown.step()

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._countdown.step()


class _KillingVFS(apsw.VFS):
    """The real file system, on which every change costs one step of life."""

    def __init__(self, countdown: _Countdown) -> None:
        self._countdown = countdown
        super().__init__(VFS_NAME, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _KilledFile(self._countdown, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self._countdown.step()


def run_and_kill(work: Work, *, at: int) -> Ending:
    """Do ``work`` in a child process that dies at its ``at``-th step, counted from 1.

    No connection to a store may be open in this process. Fails if the child fails.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _live(work, _Countdown(at), writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode().splitlines()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        raise AssertionError(f"the child failed: {said}")
    return Ending(killed=status != 0, acknowledged=tuple(said))


def every_ending(work: Work, *, lay_out: Callable[[], None], step: int = 1) -> Iterator[Ending]:
    """Kill at step 1, then at each ``step``-th after it, until the child lives to its end.

    ``lay_out`` makes the scene anew before each.
    """
    for at in itertools.count(1, step):
        lay_out()
        ending = run_and_kill(work, at=at)
        yield ending
        if not ending.killed:
            return


def _live(work: Work, countdown: _Countdown, writer: int) -> None:
    """The child's whole life; never returns."""
    status = 1

    def acknowledge(text: str) -> None:
        os.write(writer, text.encode() + b"\n")

    try:
        vfs = _KillingVFS(countdown)
        for call in ("fsync", "fdatasync", "replace", "rename", "unlink"):
            _cost_a_step(call, countdown)
        work(VFS_NAME, acknowledge)
        vfs.unregister()
        status = 0
    except BaseException as error:  # the parent reports it: a child may not run the parent's tests
        acknowledge(f"{type(error).__name__}: {error}")
    finally:
        sys.stdout.flush()
        os._exit(status)


def _cost_a_step(call: str, countdown: _Countdown) -> None:
    real = getattr(os, call)

    def counted(*args: Any, **named: Any) -> Any:
        result = real(*args, **named)
        countdown.step()
        return result

    setattr(os, call, counted)
