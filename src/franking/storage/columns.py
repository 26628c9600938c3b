"""Columns, and the guards that a database keeps whatever a program does.

A status column may hold only the states of its table of transitions, and may move only along
them: the same table that the decisions read is written into the database as a trigger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    Table,
    Text,
    event,
)

State = TypeVar("State", bound=StrEnum)

DESTROYING = "destroying"
"""The table that names the record being destroyed, within the unit of work that destroys it."""

WHOLE = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit integers; SQLite's STRICT tables know them as INTEGER."""


def text(name: str, **options: Any) -> Column[str]:
    """Text that is there."""
    return Column(name, Text, nullable=False, **options)


def optional_text(name: str, **options: Any) -> Column[str]:
    """Text, or nothing."""
    return Column(name, Text, nullable=True, **options)


def whole(name: str, **options: Any) -> Column[int]:
    """A whole number that is there: mills, counts, sequences."""
    return Column(name, WHOLE, nullable=False, **options)


def optional_whole(name: str, **options: Any) -> Column[int]:
    """A whole number, or nothing."""
    return Column(name, WHOLE, nullable=True, **options)


def data(name: str, **options: Any) -> Column[bytes]:
    """Bytes that are there."""
    return Column(name, LargeBinary, nullable=False, **options)


def never_negative(*columns: str) -> CheckConstraint:
    """None of these columns falls below zero."""
    return CheckConstraint(" AND ".join(f"{column} >= 0" for column in columns))


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """The column holds one of ``values``."""
    return CheckConstraint(f"{column} IN ({_quoted(values)})")


def guard_transitions(
    table: Table, transitions: Mapping[State, frozenset[State]], *, column: str = "status"
) -> None:
    """Have the database refuse every move of ``column`` that is not in ``transitions``."""
    moves = " OR ".join(
        f"(OLD.{column} = '{before}' AND NEW.{column} IN ({_quoted(after)}))"
        for before, after in transitions.items()
        if after
    )
    _on_sqlite(
        table,
        f"CREATE TRIGGER {table.name}_{column}_moves BEFORE UPDATE OF {column} ON {table.name} "
        f"WHEN OLD.{column} <> NEW.{column} AND NOT ({moves}) "
        f"BEGIN SELECT RAISE(ABORT, '{table.name}: {column} may not move so'); END",
    )


def guard_append_only(
    table: Table, *, columns: Iterable[str] = (), permanent: bool = False
) -> None:
    """Have the database refuse to change or delete rows of ``table`` (or only ``columns``).

    Rows go only while their record is being destroyed by rule (``storage.destroying``), and rows
    of a ``permanent`` table never do.
    """
    of = f" OF {', '.join(columns)}" if columns else ""
    stop = f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
    unless = "" if permanent else f"WHEN NOT EXISTS (SELECT 1 FROM {DESTROYING}) "
    _on_sqlite(table, f"CREATE TRIGGER {table.name}_kept BEFORE UPDATE{of} ON {table.name} {stop}")
    _on_sqlite(
        table, f"CREATE TRIGGER {table.name}_stays BEFORE DELETE ON {table.name} {unless}{stop}"
    )


def _on_sqlite(table: Table, statement: str) -> None:
    guard = DDL(statement)  # type: ignore[no-untyped-call]
    event.listen(table, "after_create", guard.execute_if(dialect="sqlite"))


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))
