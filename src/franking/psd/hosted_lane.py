"""One way into the database of a hosted fleet: read ahead for many devices, commit for many.

A lane is a connection of its own. What its callers share is a round trip: ``ahead`` reads what
every device of a batch needs before it may debit, ``commit`` makes what all of them debited
durable, together. Each device's commit is whole or not there; one that lost its holder stops none
of the others. Not thread-safe: one batch at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Engine

from franking.psd.hosted_tables import ROW_FIELDS
from franking.psd.store import Commit, RegisterRow

_new = tuple.__new__


class Asked(NamedTuple):
    """A device of a batch, and the request ids that it was asked for."""

    device: str
    request_ids: Sequence[str]


class Ahead(NamedTuple):
    """What is stored of a device, just before it debits."""

    holder: int
    row: RegisterRow
    copy: RegisterRow | None
    """``None`` where it is not the same as the row."""
    isknown: bool
    """Whether one of the request ids stands in the journal."""


class Move(NamedTuple):
    """One device's part of a shared commit: journal entries, and the registers after them."""

    device: str
    holder: int
    commit: Commit


class Lane(Protocol):
    """One way into the database."""

    def ahead(self, asked: Sequence[Asked]) -> Mapping[str, Ahead]:
        """What is stored of each device; one whose row or copy is lost is left out.

        Raises:
            Refused: ``STORE_FAILING``, ``STORE_DAMAGED``.
        """

    def commit(self, moves: Sequence[Move]) -> frozenset[str]:
        """Make the moves durable; the devices that were still held by who moves them.

        Raises:
            Refused: ``STORE_FULL``, ``STORE_READ_ONLY``: surely nothing changed;
                ``STORE_FAILING``: not known.
            InvariantBroken: a guard of the database; nothing changed for any device.
        """

    def close(self) -> None:
        """Give the connection up."""


_ROW = (*ROW_FIELDS[:-1], "standing", "mac")


def _fields(registers: str, standings: str) -> str:
    return ", ".join(f"{standings if name == 'standing' else registers}.{name}" for name in _ROW)


def ahead_query(asked: str, devices: str) -> str:
    """What ``Lane.ahead`` asks, given how this database reads an array of pairs and of names."""
    return (
        f"WITH asked AS ({asked}) "
        f"SELECT r.device, r.holder, {_fields('r', 's')},"
        f" ({_fields('r', 's')}) = ({_fields('c', 't')}),"
        " EXISTS (SELECT 1 FROM asked a JOIN hosted_entries e ON e.device = a.device"
        "  AND e.request_id = a.request_id WHERE a.device = r.device) "
        "FROM hosted_registers r"
        " JOIN hosted_standings s ON s.device = r.device"
        " JOIN hosted_register_copies c ON c.device = r.device"
        " JOIN hosted_standing_copies t ON t.device = r.device "
        f"WHERE r.device {devices}"
    )


def ahead_of(found: Any) -> tuple[str, Ahead]:
    """A row of ``ahead_query``."""
    device, holder, *fields, agrees, isknown = found
    row = _new(RegisterRow, fields)
    return device, Ahead(holder, row, row if agrees else None, bool(isknown))


class OwnConnection:
    """A driver's connection outside every transaction, made again after it was lost."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self.name = engine, name
        self._opened: Any = None

    def driver(self) -> Any:
        """The driver's connection."""
        if self._opened is None:
            self._opened = self._engine.raw_connection()
            self.prepare(self._opened.driver_connection)
        return self._opened.driver_connection

    def prepare(self, driver: Any) -> None:
        """Set the connection up."""

    def close(self) -> None:
        """Give the connection up; the next use makes another."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.invalidate()


class OneAtATime:
    """A lane that many devices use, each alone, and wait for each other."""

    def __init__(self, lane: Lane) -> None:
        self._lane, self._mutex = lane, threading.Lock()

    def ahead(self, asked: Sequence[Asked]) -> Mapping[str, Ahead]:
        """As the lane's."""
        with self._mutex:
            return self._lane.ahead(asked)

    def commit(self, moves: Sequence[Move]) -> frozenset[str]:
        """As the lane's."""
        with self._mutex:
            return self._lane.commit(moves)

    def close(self) -> None:
        """As the lane's."""
        with self._mutex:
            self._lane.close()
