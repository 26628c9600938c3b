"""The journal of a domain's books: one row for every command, chained by hashes.

A row says when, who, which command, on which record, under which clauses, and a salted digest of
the inputs; it carries the hash of the row before. The salt and the inputs stand beside the chain,
in a table of their own: where the rules say that a record must be destroyed, they are deleted,
and the chain stays checkable and says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKeyConstraint,
    MetaData,
    Row,
    Select,
    Table,
    insert,
    select,
)

from franking.clock import instant_text
from franking.storage.columns import WHOLE, data, guard_append_only, text, whole

GENESIS = "00" * 32
"""The hash before the first row."""
SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a command did, as the journal tells it."""

    record: str
    """Which record it was about, as ``record_id`` names it: ``device:FK1A0000000001``."""
    command: str = ""
    """What was done to it, where that is not the command of the whole unit of work."""
    clauses: tuple[str, ...] = ()
    inputs: Mapping[str, object] = field(default_factory=dict)
    """What it was given: JSON values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalCheck:
    """What a full reading of the journal found: every fault, not the first."""

    entries: int
    head: str
    faults: tuple[str, ...]


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the hash of a row is over, as canonical JSON."""

    sequence: int
    at: str
    by: str
    command: str
    record: str
    clauses: str
    digest: str
    before: str


@dataclass(frozen=True, slots=True)
class JournalTables:
    """The two tables of a journal, in one domain's metadata."""

    journal: Table
    inputs: Table

    @classmethod
    def within(cls, metadata: MetaData) -> JournalTables:
        """Define the tables."""
        journal = Table(
            "journal",
            metadata,
            Column("sequence", WHOLE, primary_key=True, autoincrement=False),
            text("at"),
            text("by"),
            text("command"),
            text("record"),
            text("clauses"),
            text("digest"),
            text("before", unique=True),
            text("hash", unique=True),
            CheckConstraint("sequence > 0"),
            CheckConstraint("length(hash) = 64 AND length(before) = 64 AND length(digest) = 64"),
            sqlite_strict=True,
        )
        guard_append_only(journal, permanent=True)
        inputs = Table(
            "journal_inputs",
            metadata,
            whole("sequence", primary_key=True, autoincrement=False),
            data("salt"),
            text("inputs"),
            sqlite_strict=True,
        )
        inputs.append_constraint(_belongs_to(journal))
        return cls(journal, inputs)


def append(
    connection: Connection,
    tables: JournalTables,
    act: Act,
    *,
    now: datetime,
    by: str,
    salt: bytes,
) -> None:
    """Write the row of ``act`` after the last one."""
    last = _last(connection, tables)
    inputs = msgspec.json.encode(act.inputs, order="sorted").decode()
    entry = _Entry(
        sequence=1 if last is None else last.sequence + 1,
        at=instant_text(now),
        by=by,
        command=act.command,
        record=act.record,
        clauses="; ".join(act.clauses),
        digest=_digest(salt, inputs),
        before=GENESIS if last is None else last.hash,
    )
    row = {**msgspec.structs.asdict(entry), "hash": _hash(entry)}
    connection.execute(insert(tables.journal).values(row))
    beside = {"sequence": entry.sequence, "salt": salt, "inputs": inputs}
    connection.execute(insert(tables.inputs).values(beside))


def check(connection: Connection, tables: JournalTables) -> JournalCheck:
    """Read the whole journal and list everything wrong with it."""
    beside = {
        row.sequence: row for row in connection.execute(select(tables.inputs)).yield_per(1000)
    }
    rows = connection.execute(select(tables.journal).order_by(tables.journal.c.sequence))
    faults: list[str] = []
    expected, before = 1, GENESIS
    for row in rows.yield_per(1000):
        faults += _faults(row, beside.get(row.sequence), expected=expected, before=before)
        expected, before = row.sequence + 1, row.hash
    return JournalCheck(entries=expected - 1, head=before, faults=tuple(faults))


def read(connection: Connection, tables: JournalTables) -> Sequence[Row[Any]]:
    """Every row, oldest first."""
    return connection.execute(select(tables.journal).order_by(tables.journal.c.sequence)).all()


def _last(connection: Connection, tables: JournalTables) -> Row[Any] | None:
    journal = tables.journal.c
    latest: Select[Any] = select(journal.sequence, journal.hash)
    return connection.execute(latest.order_by(journal.sequence.desc()).limit(1)).one_or_none()


def _faults(
    row: Row[Any],
    beside: Row[Any] | None,
    *,
    expected: int,
    before: str,
) -> Iterator[str]:
    columns = row._mapping
    if columns["sequence"] != expected:
        yield f"row {expected} is missing before row {columns['sequence']}"
    if columns["before"] != before:
        yield f"row {columns['sequence']} does not follow the row before it"
    entry = _Entry(**{name: columns[name] for name in _Entry.__struct_fields__})
    if columns["hash"] != _hash(entry):
        yield f"row {columns['sequence']} is not what was written"
    if beside is not None and columns["digest"] != _digest(beside.salt, beside.inputs):
        yield f"the inputs of row {columns['sequence']} are not what was written"


def _hash(entry: _Entry) -> str:
    return hashlib.sha256(msgspec.json.encode(entry, order="sorted")).hexdigest()


def _digest(salt: bytes, inputs: str) -> str:
    return hashlib.sha256(salt + inputs.encode()).hexdigest()


def _belongs_to(journal: Table) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["sequence"], [journal.c.sequence])
