"""The tables of one device in an SQLite file, and the guards that the file keeps by itself.

The guards repeat what the device decides, so that no other program that writes to the file, and
no fault of ours, can make a register fall, rewrite the journal or skip a state.
"""

from __future__ import annotations

from typing import Final

from franking.psd.records import TRANSITIONS

FORMAT: Final = 1
"""``user_version`` of the file."""
APPLICATION_ID: Final = 0x46524E4B
"""``FRNK``: so that ``file`` and others can tell."""

_REGISTERS = """
    status TEXT NOT NULL,
    ascending_mills INTEGER NOT NULL CHECK (ascending_mills >= 0),
    descending_mills INTEGER NOT NULL CHECK (descending_mills >= 0),
    control_total_mills INTEGER NOT NULL,
    piece_count INTEGER NOT NULL CHECK (piece_count >= 0),
    reset_sequence INTEGER NOT NULL CHECK (reset_sequence >= 0),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    head BLOB NOT NULL CHECK (length(head) = 32),
    latest_time TEXT NOT NULL,
    standing BLOB NOT NULL,
    mac BLOB NOT NULL,
    CHECK (ascending_mills + descending_mills = control_total_mills)
"""

_TABLES = """
CREATE TABLE transition (
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (before, after)
) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
    sequence INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    kind TEXT NOT NULL,
    ascending_mills INTEGER NOT NULL,
    descending_mills INTEGER NOT NULL,
    control_total_mills INTEGER NOT NULL,
    piece_count INTEGER NOT NULL,
    reset_sequence INTEGER NOT NULL,
    request_id TEXT,
    request_digest BLOB NOT NULL,
    content BLOB NOT NULL,
    signature BLOB NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_request ON entry (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX entry_message ON entry (request_digest) WHERE request_id IS NULL;

CREATE TABLE checkpoint (
    sequence INTEGER PRIMARY KEY,
    ascending_mills INTEGER NOT NULL,
    descending_mills INTEGER NOT NULL,
    control_total_mills INTEGER NOT NULL,
    piece_count INTEGER NOT NULL,
    reset_sequence INTEGER NOT NULL,
    head BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;

CREATE TABLE sealed_key (
    name TEXT PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT;

CREATE TABLE fault (
    number INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    finding TEXT NOT NULL
) STRICT;
"""

_APPEND_ONLY = """
CREATE TRIGGER {table}_not_changed BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'the {table} table is append-only'); END;
CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'the {table} table is append-only'); END;
"""

_REGISTER_GUARDS = """
CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'registers are never deleted'); END;
CREATE TRIGGER {table}_never_falls BEFORE UPDATE ON {table}
WHEN NEW.ascending_mills < OLD.ascending_mills OR NEW.piece_count < OLD.piece_count
    OR NEW.reset_sequence < OLD.reset_sequence OR NEW.sequence <= OLD.sequence
BEGIN SELECT RAISE(ABORT, 'a register that only rises would fall'); END;
CREATE TRIGGER {table}_transition BEFORE UPDATE ON {table}
WHEN NEW.status <> OLD.status AND NOT EXISTS (
    SELECT 1 FROM transition WHERE before = OLD.status AND after = NEW.status)
BEGIN SELECT RAISE(ABORT, 'no such transition'); END;
CREATE TRIGGER {table}_faulted BEFORE UPDATE ON {table}
WHEN EXISTS (SELECT 1 FROM fault)
BEGIN SELECT RAISE(ABORT, 'a faulted device is not written to'); END;
"""


def schema() -> str:
    """Every table, index and guard, as one script."""
    registers = [
        f"CREATE TABLE {table} (id INTEGER PRIMARY KEY CHECK (id = 1), {_REGISTERS}) STRICT;"
        for table in ("register", "register_copy")
    ]
    guards = [_REGISTER_GUARDS.format(table=table) for table in ("register", "register_copy")]
    append_only = [_APPEND_ONLY.format(table=table) for table in ("entry", "checkpoint", "fault")]
    return "\n".join([*registers, _TABLES, *guards, *append_only, _transitions()])


def _transitions() -> str:
    rows = [
        f"('{before}', '{after}')" for before, afters in TRANSITIONS.items() for after in afters
    ]
    return f"INSERT INTO transition VALUES {', '.join(sorted(rows))};"
