"""The tables of a hosted fleet: many devices as rows, and the guards that the database keeps.

They hold for every device what the file of a lone one holds (``franking.psd.sqlite_schema``), with
the same guards. The standing, which is long and seldom changes, stands beside the registers, so
that a piece writes short rows only. ``holder`` is the token of the program that has the device
switched on: who opens a device writes its own there, and nobody else's commit is taken any more.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import CheckConstraint, Column, Index, MetaData, Table

from franking.psd.records import TRANSITIONS
from franking.psd.store import Checkpoint, RegisterRow
from franking.rules.permissions import require_permitted
from franking.storage import Schema
from franking.storage.columns import (
    data,
    guard_append_only,
    guard_transitions,
    never_negative,
    optional_text,
    text,
    whole,
)
from franking.storage.guards import Guard

SCHEMA = Schema(
    "fleet", 1, MetaData(), require_permitted, migrations="franking.psd.hosted_migrations"
)
METADATA = SCHEMA.metadata

ROW_FIELDS: Final = tuple(name for name in RegisterRow._fields if name != "standing")
"""The register row without its standing, in the order of the columns."""
_RISING = ("ascending_mills", "piece_count", "reset_sequence")
_ROOM_FOR_UPDATES = {"fillfactor": "50"}
"""A register row is rewritten for every piece: with room in its page no index is touched."""


def _registers(name: str, *more: Column[Any]) -> Table:
    table = Table(
        name,
        METADATA,
        text("device", primary_key=True),
        text("status"),
        whole("ascending_mills"),
        whole("descending_mills"),
        whole("control_total_mills"),
        whole("piece_count"),
        whole("reset_sequence"),
        whole("sequence"),
        data("head"),
        text("latest_time"),
        data("mac"),
        *more,
        CheckConstraint("ascending_mills + descending_mills = control_total_mills"),
        CheckConstraint("length(head) = 32 AND sequence > 0"),
        never_negative("ascending_mills", "descending_mills", "piece_count", "reset_sequence"),
        sqlite_strict=True,
        postgresql_with=_ROOM_FOR_UPDATES,
    )
    guard_transitions(table, TRANSITIONS)
    fallen = " OR ".join(f"NEW.{column} < OLD.{column}" for column in _RISING)
    _guard(
        table,
        "never_falls",
        event=f"UPDATE OF {', '.join((*_RISING, 'sequence'))}",
        when=f"{fallen} OR NEW.sequence <= OLD.sequence",
        saying=f"{name}: a register that only rises would fall",
    )
    _guard(table, "stays", event="DELETE", saying=f"{name}: registers are never deleted")
    _guard(table, "whole", event="TRUNCATE", saying=f"{name}: registers are never deleted")
    return table


def _guard(table: Table, name: str, *, event: str, saying: str, when: str = "") -> None:
    guard = Guard(
        name=f"{table.name}_{name}", table=table.name, event=event, saying=saying, when=when
    )
    table.info.setdefault("guards", []).append(guard)


def _standings(name: str) -> Table:
    return Table(
        name, METADATA, text("device", primary_key=True), data("standing"), sqlite_strict=True
    )


REGISTERS = _registers("hosted_registers", whole("holder"), whole("is_faulted"))
REGISTER_COPIES = _registers("hosted_register_copies")
STANDINGS = _standings("hosted_standings")
STANDING_COPIES = _standings("hosted_standing_copies")
_guard(
    REGISTERS,
    "faulted",
    event="UPDATE OF sequence, is_faulted",
    when="OLD.is_faulted <> 0",
    saying="hosted_registers: a faulted device is not written to",
)

ENTRIES = Table(
    "hosted_entries",
    METADATA,
    text("device", primary_key=True),
    whole("sequence", primary_key=True, autoincrement=False),
    text("time"),
    text("kind"),
    whole("ascending_mills"),
    whole("descending_mills"),
    whole("control_total_mills"),
    whole("piece_count"),
    whole("reset_sequence"),
    optional_text("request_id"),
    data("request_digest"),
    data("content"),
    data("signature"),
    data("previous_hash"),
    data("hash"),
    data("mac"),
    sqlite_strict=True,
)
"""The journals of all devices: ``device``, then the fields of ``Entry`` in their order."""
_HAS_REQUEST = ENTRIES.c.request_id.is_not(None)
Index(
    "hosted_entry_request",
    ENTRIES.c.device,
    ENTRIES.c.request_id,
    unique=True,
    sqlite_where=_HAS_REQUEST,
    postgresql_where=_HAS_REQUEST,
)
_IS_MESSAGE = ENTRIES.c.request_id.is_(None)
Index(
    "hosted_entry_message",
    ENTRIES.c.device,
    ENTRIES.c.request_digest,
    sqlite_where=_IS_MESSAGE,
    postgresql_where=_IS_MESSAGE,
)

CHECKPOINTS = Table(
    "hosted_checkpoints",
    METADATA,
    text("device", primary_key=True),
    whole("sequence", primary_key=True, autoincrement=False),
    *(whole(name) for name in Checkpoint._fields[1:-2]),
    data("head"),
    data("mac"),
    sqlite_strict=True,
)
KEYS = Table(
    "hosted_keys",
    METADATA,
    text("device", primary_key=True),
    text("name", primary_key=True),
    data("wrapped"),
    sqlite_strict=True,
)
FAULTS = Table(
    "hosted_faults",
    METADATA,
    text("device", primary_key=True),
    whole("number", primary_key=True, autoincrement=False),
    text("time"),
    text("finding"),
    sqlite_strict=True,
)
for _table in (ENTRIES, CHECKPOINTS, FAULTS):
    guard_append_only(_table)

TABLES = (
    REGISTERS,
    REGISTER_COPIES,
    STANDINGS,
    STANDING_COPIES,
    ENTRIES,
    CHECKPOINTS,
    KEYS,
    FAULTS,
)
