"""A lane into PostgreSQL: one statement a batch: one round trip, compared and durable.

Rows travel as literals of the tables' own row types: one text for a whole table, which costs
Python a tenth of what a parameter for every value does. The statement is prepared and run
through libpq itself, since a cursor costs more than it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from psycopg import Connection, Error, errors
from psycopg.pq import ExecStatus

from franking.psd.hosted_errors import FOREIGN, wrapped
from franking.psd.hosted_lane import Move, OwnConnection
from franking.psd.hosted_tables import ROW_FIELDS
from franking.psd.store import RegisterRow

_NEW = ", ".join(f"n_{name}" for name in (*ROW_FIELDS, "holder", "is_faulted"))
_BEFORE = ", ".join(f"b_{name}" for name in (*ROW_FIELDS, "holder", "is_faulted"))
_MOVED = ", ".join(f"{name} = n.n_{name}" for name in ROW_FIELDS)


def _agrees(table: str) -> str:
    stored = ", ".join(f"{table}.{name}" for name in ROW_FIELDS)
    return f"({stored}) = ({', '.join(f'n.b_{name}' for name in ROW_FIELDS)})"


_COMMIT = (
    "WITH n AS (SELECT * FROM unnest($1::hosted_registers[], $2::hosted_registers[],"
    f"  $3::hosted_standings[]) AS u(device, {_NEW}, b_device, {_BEFORE}, s_device, s_digest)),"
    f" moved AS (UPDATE hosted_registers r SET {_MOVED} FROM n"
    "  JOIN hosted_register_copies c ON c.device = n.device"
    "  JOIN hosted_standings s ON s.device = n.device"
    "  JOIN hosted_standing_copies t ON t.device = n.device"
    f"  WHERE r.device = n.device AND r.holder = n.b_holder AND {_agrees('r')} AND {_agrees('c')}"
    # What stands in the place of the standing is its digest.
    "   AND sha256(s.standing) = n.s_digest AND t.standing = s.standing RETURNING r.device),"
    f" copied AS (UPDATE hosted_register_copies c SET {_MOVED} FROM n, moved"
    "  WHERE c.device = n.device AND moved.device = n.device),"
    " put AS (INSERT INTO hosted_entries SELECT e.* FROM unnest($4::hosted_entries[]) e"
    "  WHERE e.device IN (SELECT device FROM moved)),"
    " marked AS (INSERT INTO hosted_checkpoints SELECT k.* FROM unnest($5::hosted_checkpoints[]) k"
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


_NAME = b"hosted_commit"


class PostgresqlLane(OwnConnection):
    """A lane into PostgreSQL."""

    def commit(self, moves: Sequence[Move]) -> frozenset[str]:
        """Make the moves durable, in one statement that is its own transaction."""
        try:
            found = self.driver().pgconn.exec_prepared(_NAME, _values(moves))
            if found.status != ExecStatus.TUPLES_OK:
                raise errors.error_from_result(found)
        except (*FOREIGN, Error) as error:
            self.close()
            raise wrapped(self.name, error) from error
        return frozenset([found.get_value(at, 0).decode() for at in range(found.ntuples)])

    def prepare(self, driver: Connection) -> None:
        """Durable at once, planned once."""
        driver.autocommit = True
        for setting in _SETTINGS:
            driver.execute(setting)
        prepared = driver.pgconn.prepare(_NAME, _COMMIT.encode())
        if prepared.status != ExecStatus.COMMAND_OK:
            raise errors.error_from_result(prepared)


def _values(moves: Sequence[Move]) -> list[bytes]:
    """The five parameters of the statement."""
    marks = [(move.device, move.commit.checkpoint) for move in moves]
    return [
        _array([_register_row(device, holder, commit.row) for device, holder, _, commit in moves]),
        _array([_register_row(device, holder, before) for device, holder, before, _ in moves]),
        _array([_standing_row(device, before.standing) for device, _, before, _ in moves]),
        _array([_entry_row(device, e) for device, _, _, commit in moves for e in commit.entries]),
        _array([_mark_row(device, mark) for device, mark in marks if mark is not None]),
    ]


def _array(rows: Sequence[str]) -> bytes:
    return f"{{{','.join(rows)}}}".encode()


def _field(name: str | None) -> str:
    """A request id as a field of a row in an array: quoted for both."""
    if name is None:
        return ""
    if name.isalnum():
        return name
    return '\\"' + name.replace("\\", "\\" * 4).replace('"', '\\\\\\"') + '\\"'


def _register_row(device: str, holder: int, row: RegisterRow) -> str:
    status, up, down, control, count, resets, sequence, head, time, _, mac = row
    return (
        f'"({device},{status},{up},{down},{control},{count},{resets},{sequence},'
        f'\\\\\\\\x{head.hex()},{time},\\\\\\\\x{mac.hex()},{holder},0)"'
    )


def _standing_row(device: str, standing: bytes) -> str:
    return f'"({device},\\\\\\\\x{sha256(standing).hexdigest()})"'


def _entry_row(device: str, entry: Sequence[Any]) -> str:
    (
        sequence, time, kind, up, down, control, count, resets, name,
        digest, content, signature, previous, hash_, mac,
    ) = entry  # fmt: skip
    return (
        f'"({device},{sequence},{time},{kind},{up},{down},{control},{count},{resets},'
        f"{_field(name)},"
        f"\\\\\\\\x{digest.hex()},\\\\\\\\x{content.hex()},\\\\\\\\x{signature.hex()},"
        f'\\\\\\\\x{previous.hex()},\\\\\\\\x{hash_.hex()},\\\\\\\\x{mac.hex()})"'
    )


def _mark_row(device: str, checkpoint: Sequence[Any]) -> str:
    *numbers, head, mac = checkpoint
    shown = ",".join(map(str, numbers))
    return f'"({device},{shown},\\\\\\\\x{head.hex()},\\\\\\\\x{mac.hex()})"'
