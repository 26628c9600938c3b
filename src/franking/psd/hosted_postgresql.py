"""A lane into PostgreSQL: two statements a batch, each one round trip, the second durable.

Rows travel as literals of the tables' own row types: one text for a whole table, which costs
Python a tenth of what a parameter for every value does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from franking.psd.hosted_errors import FOREIGN, wrapped
from franking.psd.hosted_lane import Ahead, Asked, Move, OwnConnection, ahead_of, ahead_query
from franking.psd.hosted_tables import ROW_FIELDS

_MOVED = ", ".join(f"{name} = n.{name}" for name in ROW_FIELDS)
_AHEAD_POSTGRESQL = ahead_query(
    "SELECT * FROM unnest(%s::text[], %s::text[]) AS a(device, request_id)", "= ANY(%s::text[])"
)
_COMMIT_POSTGRESQL = (
    "WITH n AS (SELECT * FROM unnest(%s::hosted_registers[])),"
    f" moved AS (UPDATE hosted_registers r SET {_MOVED} FROM n"
    "  WHERE r.device = n.device AND r.holder = n.holder RETURNING r.device),"
    f" copied AS (UPDATE hosted_register_copies c SET {_MOVED} FROM n, moved"
    "  WHERE c.device = n.device AND moved.device = n.device),"
    " put AS (INSERT INTO hosted_entries SELECT e.* FROM unnest(%s::hosted_entries[]) e"
    "  WHERE e.device IN (SELECT device FROM moved)),"
    " marked AS (INSERT INTO hosted_checkpoints SELECT k.* FROM unnest(%s::hosted_checkpoints[]) k"
    "  WHERE k.device IN (SELECT device FROM moved)) "
    "SELECT device FROM moved"
)
_SETTINGS = (
    # What is acknowledged is on the disk, whatever the server's default.
    "SET synchronous_commit = on",
    # Planning costs more than running; and a plan made while tables are small must stay good.
    "SET plan_cache_mode = force_generic_plan",
    "SET enable_seqscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET jit = off",
)


class PostgresqlLane(OwnConnection):
    """A lane into PostgreSQL."""

    def ahead(self, asked: Sequence[Asked]) -> Mapping[str, Ahead]:
        """What is stored of each device."""
        pairs = [(device, name) for device, names in asked for name in names]
        rows = self._rows(
            _AHEAD_POSTGRESQL,
            _array([device for device, _ in pairs]),
            _array([_quoted(name) for _, name in pairs]),
            _array([device for device, _ in asked]),
        )
        return dict(map(ahead_of, rows))

    def commit(self, moves: Sequence[Move]) -> frozenset[str]:
        """Make the moves durable, in one statement that is its own transaction."""
        entries = [_entry_row(device, e) for device, _, commit in moves for e in commit.entries]
        marks = [
            _mark_row(device, commit.checkpoint)
            for device, _, commit in moves
            if commit.checkpoint is not None
        ]
        rows = self._rows(
            _COMMIT_POSTGRESQL,
            _array(list(map(_register_row, moves))),
            _array(entries),
            _array(marks),
        )
        return frozenset([device for (device,) in rows])

    def prepare(self, driver: Any) -> None:
        """Durable at once, prepared at once, planned once."""
        driver.autocommit = True
        driver.prepare_threshold = 0
        for setting in _SETTINGS:
            driver.execute(setting)

    def _rows(self, statement: str, *values: str) -> list[Any]:
        try:
            with self.driver().cursor(binary=True) as cursor:
                found: list[Any] = cursor.execute(statement, values).fetchall()
                return found
        except FOREIGN as error:
            self.close()
            raise wrapped(self.name, error) from error


def _array(rows: Sequence[str]) -> str:
    return f"{{{','.join(rows)}}}"


def _quoted(name: str) -> str:
    """A request id as an element of an array, and as a field of a row in one."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _field(name: str | None) -> str:
    if name is None:
        return ""
    if name.isalnum():
        return name
    return _quoted(name).replace("\\", "\\\\").replace('"', '\\"')


def _register_row(move: Move) -> str:
    device, holder, commit = move
    status, up, down, control, count, resets, sequence, head, time, _, mac = commit.row
    return (
        f'"({device},{status},{up},{down},{control},{count},{resets},{sequence},'
        f'\\\\\\\\x{head.hex()},{time},\\\\\\\\x{mac.hex()},{holder},0)"'
    )


def _entry_row(device: str, entry: Sequence[Any]) -> str:
    (
        sequence, time, kind, up, down, control, count, resets, name,
        digest, content, signature, previous, hash_, mac,
    ) = entry  # fmt: skip
    return (
        f'"({device},{sequence},{time},{kind},{up},{down},{control},{count},{resets},{_field(name)},'
        f"\\\\\\\\x{digest.hex()},\\\\\\\\x{content.hex()},\\\\\\\\x{signature.hex()},"
        f'\\\\\\\\x{previous.hex()},\\\\\\\\x{hash_.hex()},\\\\\\\\x{mac.hex()})"'
    )


def _mark_row(device: str, checkpoint: Sequence[Any]) -> str:
    *numbers, head, mac = checkpoint
    shown = ",".join(map(str, numbers))
    return f'"({device},{shown},\\\\\\\\x{head.hex()},\\\\\\\\x{mac.hex()})"'
