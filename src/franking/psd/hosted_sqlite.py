"""A lane into SQLite: one write transaction a batch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from franking.psd.hosted_errors import FOREIGN, wrapped
from franking.psd.hosted_lane import Ahead, Asked, Move, OwnConnection, ahead_of, ahead_query
from franking.psd.hosted_tables import CHECKPOINTS, ENTRIES, ROW_FIELDS
from franking.psd.store import RegisterRow

_AHEAD = ahead_query(
    "SELECT value ->> 0 AS device, value ->> 1 AS request_id FROM json_each(?)",
    "IN (SELECT value FROM json_each(?))",
)
_SET = ", ".join(f"{name} = ?" for name in ROW_FIELDS)
_MOVE = f"UPDATE hosted_registers SET {_SET} WHERE device = ? AND holder = ?"
_COPY = f"UPDATE hosted_register_copies SET {_SET} WHERE device = ?"
_ENTRY = f"INSERT INTO hosted_entries VALUES ({', '.join('?' * len(ENTRIES.columns))})"
_MARK = f"INSERT INTO hosted_checkpoints VALUES ({', '.join('?' * len(CHECKPOINTS.columns))})"


class SqliteLane(OwnConnection):
    """A lane into SQLite."""

    def ahead(self, asked: Sequence[Asked]) -> Mapping[str, Ahead]:
        """What is stored of each device."""
        pairs = [(device, name) for device, names in asked for name in names]
        devices = [device for device, _ in asked]
        try:
            found = self.driver().execute(_AHEAD, (json.dumps(pairs), json.dumps(devices)))
            return dict(map(ahead_of, found.fetchall()))
        except FOREIGN as error:
            self.close()
            raise wrapped(self.name, error) from error

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
    """Write one device's part; whether it was still held."""
    device, holder, commit = move
    values = _without_standing(commit.row)
    if driver.execute(_MOVE, (*values, device, holder)).rowcount != 1:
        return False
    driver.execute(_COPY, (*values, device))
    driver.executemany(_ENTRY, [(device, *entry) for entry in commit.entries])
    if commit.checkpoint is not None:
        driver.execute(_MARK, (device, *commit.checkpoint))
    return True


def _without_standing(row: RegisterRow) -> tuple[Any, ...]:
    *fields, _, mac = row
    return (*fields, mac)
