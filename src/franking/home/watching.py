"""Who follows a long command while it runs: nobody, or a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Watcher(Protocol):
    """What a command tells while it runs; it never answers back."""

    def notice(self, text: str) -> None:
        """A caution that must be read before postage is printed."""

    def progress(self, what: str, done: int, of: int | None) -> None:
        """How far ``what`` is; ``of`` is ``None`` where nobody knows how long it will be."""


class Nobody:
    """Watches nothing."""

    def notice(self, text: str) -> None:
        """Pass over it; the command's result has it too."""

    def progress(self, what: str, done: int, of: int | None) -> None:
        """Pass over it."""


NOBODY = Nobody()


def watched(
    items: Iterable[Item], watcher: Watcher, what: str, of: int | None = None
) -> Iterator[Item]:
    """The same items; the watcher is told as each has been dealt with."""
    done = 0
    watcher.progress(what, done, of)
    for done, item in enumerate(items, start=1):
        yield item
        watcher.progress(what, done, of)
