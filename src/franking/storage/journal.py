"""The journal of a domain's books: for every record a chain of what was done to it.

A row says when, who, which command, on which record, under which clauses, and a salted digest of
the inputs; it carries the hash of the row before it *of the same record*, so that writers on
different records never wait for one chain's end. A number across all rows gives their order;
signed checkpoints (``checkpoints``) hold the chains together. The salt and the inputs stand beside
the chain, in a table of their own: where the rules say that a record must be destroyed, they are
deleted, and the chain stays checkable and says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
    PrimaryKeyConstraint,
    Row,
    Select,
    Table,
    UniqueConstraint,
    and_,
    select,
)

from franking.clock import instant_text
from franking.storage.among import newest_among
from franking.storage.bulk import write_many
from franking.storage.columns import WHOLE, data, guard_append_only, text, whole
from franking.storage.tree import Frontier, leaf

GENESIS = "00" * 32
"""The hash before the first row of a record."""
SALT_BYTES = 16
_ROWS_AT_ONCE = 1000


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
    """The root of the tree over all rows (RFC 6962), in hexadecimal digits."""
    faults: tuple[str, ...]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the hash of a row is over, as canonical JSON."""

    record: str
    number: int
    """Which row of its record, from 1."""
    at: str
    by: str
    command: str
    clauses: str
    digest: str
    before: str


@dataclass(frozen=True, slots=True)
class JournalTables:
    """The tables of a journal, in one domain's metadata."""

    journal: Table
    inputs: Table
    checkpoints: Table

    @classmethod
    def within(cls, metadata: MetaData) -> JournalTables:
        """Define the tables."""
        journal = Table(
            "journal",
            metadata,
            Column("sequence", WHOLE, primary_key=True, autoincrement=True),
            text("record"),
            whole("number"),
            text("at"),
            text("by"),
            text("command"),
            text("clauses"),
            text("digest"),
            text("before"),
            text("hash"),
            UniqueConstraint("record", "number"),
            CheckConstraint("sequence > 0 AND number > 0"),
            CheckConstraint("length(hash) = 64 AND length(before) = 64 AND length(digest) = 64"),
            sqlite_strict=True,
        )
        guard_append_only(journal, permanent=True)
        inputs = Table(
            "journal_inputs",
            metadata,
            text("record"),
            whole("number"),
            data("salt"),
            text("inputs"),
            PrimaryKeyConstraint("record", "number"),
            sqlite_strict=True,
        )
        inputs.append_constraint(_belongs_to(journal))
        return cls(journal, inputs, _checkpoints(metadata))


def append(
    connection: Connection,
    tables: JournalTables,
    acts: Sequence[Act],
    *,
    now: datetime,
    by: str,
    salt: Callable[[int], bytes],
) -> None:
    """Write a row for each of ``acts``, each after the last one of its record."""
    heads = _heads(connection, tables, {act.record for act in acts})
    at = instant_text(now)
    rows: list[dict[str, object]] = []
    beside: list[dict[str, object]] = []
    for act in acts:
        number, before = heads.get(act.record, (0, GENESIS))
        grain, inputs = salt(SALT_BYTES), _canonical(act.inputs).decode()
        entry = Entry(
            record=act.record,
            number=number + 1,
            at=at,
            by=by,
            command=act.command,
            clauses="; ".join(act.clauses),
            digest=_digest(grain, inputs),
            before=before,
        )
        mark = _hash(entry)
        heads[act.record] = number + 1, mark
        rows.append({**msgspec.structs.asdict(entry), "hash": mark})
        beside.append({"record": act.record, "number": number + 1, "salt": grain, "inputs": inputs})
    write_many(connection, tables.journal, rows)
    write_many(connection, tables.inputs, beside)


def check(connection: Connection, tables: JournalTables) -> JournalCheck:
    """Read the whole journal and list everything wrong with it; memory does not grow with it."""
    journal = tables.journal.c
    faults: list[str] = []
    record, number, before = "", 0, GENESIS
    for row in _stream(connection, _beside(tables).order_by(journal.record, journal.number)):
        if row.record != record:
            record, number, before = row.record, 0, GENESIS
        faults += _faults(row, number + 1, before)
        number, before = row.number, row.hash
    frontier = Frontier()
    for row in _stream(connection, in_order(tables)):
        frontier = frontier.grown(leaf(row.sequence, row.hash))
    return JournalCheck(entries=frontier.size, head=frontier.root().hex(), faults=tuple(faults))


def read(connection: Connection, tables: JournalTables) -> Sequence[Row[Any]]:
    """Every row, oldest first."""
    return connection.execute(select(tables.journal).order_by(tables.journal.c.sequence)).all()


def in_order(tables: JournalTables, *, after: int = 0) -> Select[Any]:
    """The sequence and hash of every row after ``after``, oldest first: the leaves of the tree."""
    journal = tables.journal.c
    query = select(journal.sequence, journal.hash).where(journal.sequence > after)
    return query.order_by(journal.sequence)


def _heads(
    connection: Connection, tables: JournalTables, records: Collection[str]
) -> dict[str, tuple[int, str]]:
    journal = tables.journal
    last = newest_among(journal, ["record"], "number", ((each,) for each in records))
    query = last.with_only_columns(journal.c.record, journal.c.number, journal.c.hash)
    return {row.record: (row.number, row.hash) for row in connection.execute(query)}


def _stream(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    yield from connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})


def _beside(tables: JournalTables) -> Select[Any]:
    journal, inputs = tables.journal.c, tables.inputs.c
    same = and_(journal.record == inputs.record, journal.number == inputs.number)
    return select(tables.journal, inputs.salt, inputs.inputs).join_from(
        tables.journal, tables.inputs, same, isouter=True
    )


def _faults(row: Row[Any], expected: int, before: str) -> Iterator[str]:
    columns = row._mapping
    if row.number != expected:
        yield f"{row.record}: row {expected} is missing before row {row.number}"
    if columns["before"] != before:
        yield f"{row.record}: row {row.number} does not follow the row before it"
    entry = Entry(**{name: columns[name] for name in Entry.__struct_fields__})
    if columns["hash"] != _hash(entry):
        yield f"{row.record}: row {row.number} is not what was written"
    if row.salt is not None and row.digest != _digest(row.salt, row.inputs):
        yield f"{row.record}: the inputs of row {row.number} are not what was written"


def _hash(entry: Entry) -> str:
    return hashlib.sha256(_canonical(entry)).hexdigest()


def _digest(salt: bytes, inputs: str) -> str:
    return hashlib.sha256(salt + inputs.encode()).hexdigest()


def _canonical(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def _checkpoints(metadata: MetaData) -> Table:
    checkpoints = Table(
        "journal_checkpoints",
        metadata,
        whole("number", primary_key=True, autoincrement=False),
        whole("upto"),
        whole("size"),
        text("root"),
        text("frontier"),
        text("note"),
        CheckConstraint("number > 0 AND size > 0 AND upto >= size AND length(root) = 64"),
        sqlite_strict=True,
    )
    guard_append_only(checkpoints, permanent=True)
    return checkpoints


def _belongs_to(journal: Table) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["record", "number"], [journal.c.record, journal.c.number], name="inputs_of_a_row"
    )
