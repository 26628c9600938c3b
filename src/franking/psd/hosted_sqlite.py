"""A lane into SQLite: one write transaction a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from franking.psd.hosted_errors import FOREIGN, wrapped
from franking.psd.hosted_lane import Move, OwnConnection
from franking.psd.hosted_tables import CHECKPOINTS, ENTRIES, ROW_FIELDS
from franking.psd.store import RegisterRow

_ROW = (*ROW_FIELDS[:-1], "standing", "mac")


def _fields(registers: str, standings: str) -> str:
    return ", ".join(f"{standings if name == 'standing' else registers}.{name}" for name in _ROW)


_ROWS = (
    f"SELECT r.holder, {_fields('r', 's')}, ({_fields('r', 's')}) = ({_fields('c', 't')})"
    " FROM hosted_registers r"
    " JOIN hosted_standings s ON s.device = r.device"
    " JOIN hosted_register_copies c ON c.device = r.device"
    " JOIN hosted_standing_copies t ON t.device = r.device"
    " WHERE r.device = ?"
)
_SET = ", ".join(f"{name} = ?" for name in ROW_FIELDS)
_MOVE = f"UPDATE hosted_registers SET {_SET} WHERE device = ?"
_COPY = f"UPDATE hosted_register_copies SET {_SET} WHERE device = ?"
_ENTRY = f"INSERT INTO hosted_entries VALUES ({', '.join('?' * len(ENTRIES.columns))})"
_MARK = f"INSERT INTO hosted_checkpoints VALUES ({', '.join('?' * len(CHECKPOINTS.columns))})"


class SqliteLane(OwnConnection):
    """A lane into SQLite."""

    def commit(self, moves: Sequence[Move]) -> frozenset[str]:
        """Make the moves durable, in one transaction."""
        try:
            driver = self.driver()
            driver.execute("BEGIN IMMEDIATE")
            moved = frozenset([move.device for move in moves if _moved(driver, move)])
            driver.execute("COMMIT")
            return moved
        except FOREIGN as error:
            # To close the connection takes back what was not committed.
            self.close()
            raise wrapped(self.name, error) from error

    def prepare(self, driver: Any) -> None:
        """Begin transactions by our own word only."""
        driver.isolation_level = None


def _moved(driver: Any, move: Move) -> bool:
    """Write one device's part; whether it was as it had to be."""
    device, holder, before, commit = move
    if driver.execute(_ROWS, (device,)).fetchone() != (holder, *before, 1):
        return False
    values = _without_standing(commit.row)
    driver.execute(_MOVE, (*values, device))
    driver.execute(_COPY, (*values, device))
    driver.executemany(_ENTRY, [(device, *entry) for entry in commit.entries])
    if commit.checkpoint is not None:
        driver.execute(_MARK, (device, *commit.checkpoint))
    return True


def _without_standing(row: RegisterRow) -> tuple[Any, ...]:
    *fields, _, mac = row
    return (*fields, mac)
