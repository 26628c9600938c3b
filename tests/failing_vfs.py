"""A disk that fails: full, or broken, at its n-th change, once or from then on.

Reading goes on working. Refuses to know what a device is.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apsw

_numbers = itertools.count(1)


@dataclass(slots=True)
class Failure:
    """``error`` is raised instead of the ``at``-th change, and of all after it if ``lasting``."""

    error: type[apsw.Error]
    at: int
    lasting: bool
    changes: int = 0
    switched_on: bool = True

    def instead(self) -> None:
        """Count one change, and fail in its place if its turn has come."""
        self.changes += 1
        due = self.changes >= self.at if self.lasting else self.changes == self.at
        if due and self.switched_on:
            raise self.error("the disk of the test failed")

    @property
    def happened(self) -> bool:
        """Whether it came to that."""
        return self.changes >= self.at


class _FailingFile(apsw.VFSFile):
    def __init__(self, failure: Failure, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._failure = failure

    def excepthook(self, etype: Any, evalue: Any, etraceback: Any) -> bool:
        """SQLite gets the error code; nothing is printed."""
        return True

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._failure.instead()
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._failure.instead()
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._failure.instead()
        super().xSync(flags)


class _FailingVFS(apsw.VFS):
    def __init__(self, name: str, failure: Failure) -> None:
        self._failure = failure
        super().__init__(name, "")

    def excepthook(self, etype: Any, evalue: Any, etraceback: Any) -> bool:
        """SQLite gets the error code; nothing is printed."""
        return True

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _FailingFile(self._failure, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self._failure.instead()
        super().xDelete(filename, syncdir)


@contextlib.contextmanager
def failing(failure: Failure) -> Iterator[str]:
    """The name of a VFS that fails so."""
    name = f"failing-{next(_numbers)}"
    vfs = _FailingVFS(name, failure)
    try:
        yield name
    finally:
        vfs.unregister()
