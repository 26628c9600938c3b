"""Rows about one of many: the many travel as one value, whatever their number.

A statement that names each of them apart is another statement for each number of them: it is
written, read and planned anew every time, which costs more than finding the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Dialect,
    Select,
    Table,
    Text,
    column,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import UserDefinedType


def among(of: ColumnElement[str], values: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column of text holds one of ``values``."""
    return _Among(of, *_bound([of], ((each,) for each in values)))


def pair_among(
    first: ColumnElement[Any], second: ColumnElement[Any], pairs: Iterable[tuple[str, str | int]]
) -> ColumnElement[bool]:
    """Whether a column of text and another one hold one of ``pairs`` together."""
    return tuple_(first, second).in_(select(*_given([first, second], pairs)))


def newest_among(
    table: Table, of: Sequence[str], ordinal: str, keys: Iterable[tuple[str, ...]], **same: Any
) -> Select[Any]:
    """The row with the highest ``ordinal`` for each key, a value for each column of ``of``.

    Only that row is read, however many there are: an index leads from ``of`` to ``ordinal``.
    ``same`` names what else the row must hold.
    """
    places, other = _given([table.c[name] for name in of], keys), table.alias()
    about = [other.c[name] == place for name, place in zip(of, places, strict=True)]
    about += [other.c[name] == value for name, value in same.items()]
    highest = select(func.max(other.c[ordinal])).where(*about).scalar_subquery()
    mine = [table.c[name] == place for name, place in zip(of, places, strict=True)]
    return select(table).where(*mine, table.c[ordinal] == highest)


class _Part(UserDefinedType[Sequence[tuple[str | int, ...]]]):
    """What keys have in one place: an array on PostgreSQL. On SQLite the keys, as JSON."""

    # No type that the driver knows: it would say there that this is text, and an array it is.
    cache_ok = True

    def __init__(self, place: int, kind: str) -> None:
        super().__init__()
        self.place = place
        self.kind = kind

    def get_col_spec(self, **_: object) -> str:
        return self.kind

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        if dialect.name == "postgresql":
            return lambda keys: array_text(key[self.place] for key in keys)
        return lambda keys: msgspec.json.encode(keys).decode()


def array_text(values: Iterable[str | int | None]) -> str:
    """Values as PostgreSQL reads an array: written here several times as fast as by the driver."""
    listed = list(values)
    if set(map(type, listed)) == {str}:
        plain = '","'.join(listed)  # type: ignore[arg-type]
        if "\\" not in plain and plain.count('"') == 2 * len(listed) - 2:
            return f'{{"{plain}"}}'
    return "{" + ",".join(map(_element, listed)) + "}"


def _element(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    if "\\" in value or '"' in value:
        value = value.replace("\\", r"\\").replace('"', r"\"")
    return f'"{value}"'


class _Among(FunctionElement[bool]):
    """A column and its values."""

    name = "among"
    inherit_cache = True
    type = Boolean()

    def self_group(self, against: OperatorType | None = None) -> _Among:
        # A database without booleans would be asked for ``… = 1``, and find no index for that.
        return self


class _Given(FunctionElement[Any]):
    """Keys of one or two parts as a table, with the columns ``first`` and ``second``."""

    name = "given"
    inherit_cache = True


def _given(
    of: Sequence[ColumnElement[Any]], keys: Iterable[tuple[str | int, ...]]
) -> Sequence[ColumnElement[Any]]:
    """The keys as columns of a table, a column for each of ``of``."""
    names = [column("first", Text), column("second", Text)][: len(of)]
    return list(_Given(*_bound(of, keys)).table_valued(*names).c)


def _bound(
    of: Sequence[ColumnElement[Any]], keys: Iterable[tuple[str | int, ...]]
) -> list[ColumnElement[Any]]:
    distinct = sorted(set(keys))
    kinds = ["bigint" if isinstance(each.type, BigInteger) else "text" for each in of]
    return [literal(distinct, _Part(place, kind)) for place, kind in enumerate(kinds)]


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    of, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{of} = ANY (CAST({values} AS text[]))"


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    of, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{of} IN (SELECT value ->> 0 FROM json_each({values}))"


@compiles(_Given, "postgresql")
def _given_on_postgresql(element: _Given, compiler: SQLCompiler, **options: Any) -> str:
    kind = compiler.dialect.type_compiler_instance
    parts = [
        f"CAST({compiler.process(each, **options)} AS {kind.process(each.type)}[])"
        for each in element.clauses
    ]
    names = ", ".join(("first", "second")[: len(parts)])
    return f"(SELECT * FROM unnest({', '.join(parts)}) AS given ({names}))"


@compiles(_Given, "sqlite")
def _given_on_sqlite(element: _Given, compiler: SQLCompiler, **options: Any) -> str:
    # Each part brings all of the keys here: one is enough.
    keys = compiler.process(next(iter(element.clauses)), **options)
    return f"(SELECT value ->> 0 AS first, value ->> 1 AS second FROM json_each({keys}))"
