"""One way into the database of a hosted fleet: what many devices debited, committed together.

A lane is a connection of its own; its callers share one round trip. In it the database compares
the rows that it holds with what each device remembers, and debits those that agree (PSD-5). Each
device's commit is whole or not there; one that does not agree, or lost its holder, stops none of
the others. Not thread-safe: one batch at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Engine

from franking.psd.store import Commit, RegisterRow


class Move(NamedTuple):
    """One device's part of a shared commit."""

    device: str
    holder: int
    before: RegisterRow
    """What register row, copy and standing must be, to the last field."""
    commit: Commit
    """Journal entries and the registers after them; the standing and the keys stay."""


class Lane(Protocol):
    """One way into the database."""

    def commit(self, moves: Sequence[Move]) -> frozenset[str]:
        """Make the moves durable; the devices that were as they had to be, and still held.

        Raises:
            Refused: ``STORE_FULL``, ``STORE_READ_ONLY``: surely nothing changed;
                ``STORE_FAILING``: not known.
            InvariantBroken: a guard of the database; nothing changed for any device.
        """

    def close(self) -> None:
        """Give the connection up."""


class OwnConnection:
    """A driver's connection outside every transaction, made again after it was lost."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self.name = engine, name
        self._opened: Any = None

    def driver(self) -> Any:
        """The driver's connection."""
        if self._opened is None:
            pooled = self._engine.raw_connection()
            self._opened = pooled.driver_connection
            # Never back to the pool: what is set here would surprise the next who takes it.
            pooled.detach()
            self.prepare(self._opened)
        return self._opened

    def prepare(self, driver: Any) -> None:
        """Set the connection up."""

    def close(self) -> None:
        """Give the connection up; the next use makes another."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()


class OneAtATime:
    """A lane that many devices use, each alone, and wait for each other."""

    def __init__(self, lane: Lane) -> None:
        self._lane, self._mutex = lane, threading.Lock()

    def commit(self, moves: Sequence[Move]) -> frozenset[str]:
        """As the lane's."""
        with self._mutex:
            return self._lane.commit(moves)

    def close(self) -> None:
        """As the lane's."""
        with self._mutex:
            self._lane.close()
