"""Columns that hold the same values, in the same order, on every database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Text

from franking.storage.guards import DESTROYING, guard_append_only, guard_transitions, quoted

__all__ = [
    "DESTROYING",
    "TEXT",
    "WHOLE",
    "data",
    "guard_append_only",
    "guard_transitions",
    "never_negative",
    "one_of",
    "optional_data",
    "optional_text",
    "optional_whole",
    "text",
    "whole",
]

WHOLE = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit integers; SQLite's STRICT tables know them as INTEGER."""
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by its code points, whatever the language of the database."""


def text(name: str, **options: Any) -> Column[str]:
    """Text that is there."""
    return Column(name, TEXT, nullable=False, **options)


def optional_text(name: str, **options: Any) -> Column[str]:
    """Text, or nothing."""
    return Column(name, TEXT, nullable=True, **options)


def whole(name: str, **options: Any) -> Column[int]:
    """A whole number that is there: mills, counts, sequences."""
    return Column(name, WHOLE, nullable=False, **options)


def optional_whole(name: str, **options: Any) -> Column[int]:
    """A whole number, or nothing."""
    return Column(name, WHOLE, nullable=True, **options)


def data(name: str, **options: Any) -> Column[bytes]:
    """Bytes that are there."""
    return Column(name, LargeBinary, nullable=False, **options)


def optional_data(name: str, **options: Any) -> Column[bytes]:
    """Bytes, or nothing."""
    return Column(name, LargeBinary, nullable=True, **options)


def never_negative(*columns: str) -> CheckConstraint:
    """None of these columns falls below zero."""
    return CheckConstraint(" AND ".join(f"{column} >= 0" for column in columns))


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """The column holds one of ``values``."""
    return CheckConstraint(f"{column} IN ({quoted(values)})")
