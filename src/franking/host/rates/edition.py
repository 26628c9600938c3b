"""One price list: its window, its tables and the public document behind each."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from franking.errors import Refusal, Refused
from franking.host.records import MailClass, Shape
from franking.money import parse_dollars

RATE_FILE_UNREADABLE = Refusal(
    "RATE_FILE_UNREADABLE",
    clause="policy",
    remedy="Write the price list as the ones that come with Franking: docs/reference/host.md.",
    http_status=422,
)


_MALFORMED = (
    yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError, ArithmeticError
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """A price for every weight not over ``up_to_oz``."""

    up_to_oz: Decimal
    mills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The prices of one class and some shapes, by weight."""

    mail_class: MailClass
    shapes: tuple[Shape, ...]
    category: str
    sources: tuple[str, ...]
    over_oz: Decimal
    cells: tuple[Cell, ...]

    def cell(self, weight_oz: Decimal) -> Cell | None:
        """The first cell that the weight does not exceed, if the table has one."""
        if weight_oz <= self.over_oz:
            return None
        place = bisect_left(self.cells, weight_oz, key=lambda cell: cell.up_to_oz)
        return self.cells[place] if place < len(self.cells) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A price list in force from ``effective_from`` through ``effective_to``.

    ``confirmed_to`` is the last day for which a source says that the list still holds;
    ``absent`` says in words which cells no source gives.
    """

    name: str
    effective_from: date
    effective_to: date | None
    confirmed_to: date | None
    tables: tuple[Table, ...]
    sources: dict[str, str]
    absent: str
    nonmachinable_mills: int | None

    def in_force(self, on: date) -> bool:
        """Whether the list holds on a day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def table(self, mail_class: MailClass, shape: Shape) -> Table | None:
        """The table of a class and shape, if the list has one."""
        for table in self.tables:
            if table.mail_class is mail_class and shape in table.shapes:
                return table
        return None

    def cite(self, table: Table) -> str:
        """The public documents behind a table."""
        return "; ".join(self.sources[name] for name in table.sources)


def read_edition(text: str) -> Edition:
    """A price list from its YAML.

    Raises:
        Refused: ``RATE_FILE_UNREADABLE``, saying what is wrong.
    """
    try:
        return _edition(yaml.safe_load(text))
    except Refused as refused:
        raise RATE_FILE_UNREADABLE.because(refused.detail) from refused
    except _MALFORMED as error:
        raise RATE_FILE_UNREADABLE.because(f"not a price list: {error!r}") from error


def _edition(raw: dict[str, Any]) -> Edition:
    surcharge = raw.get("nonmachinable")
    tables = tuple(_table(entry) for entry in raw["tables"])
    _require_sources(tables, raw["sources"])
    return Edition(
        name=raw["edition"],
        effective_from=_day(raw["effective_from"]),
        effective_to=_day(raw["effective_to"]) if raw["effective_to"] else None,
        confirmed_to=_day(raw["confirmed_to"]) if raw.get("confirmed_to") else None,
        tables=tables,
        sources=raw["sources"],
        absent=raw["absent"],
        nonmachinable_mills=parse_dollars(surcharge["price"]) if surcharge else None,
    )


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError(f"{value!r} is not a date")
    return value


def _table(raw: dict[str, Any]) -> Table:
    over_oz = Decimal(raw.get("over_oz", "0"))
    cells = _given_cells(raw["cells"]) if "cells" in raw else _ounce_cells(raw)
    return Table(
        mail_class=MailClass(raw["class"]),
        shapes=tuple(Shape(shape) for shape in raw["shapes"]),
        category=_category(raw["category"]),
        sources=tuple(raw["sources"]),
        over_oz=over_oz,
        cells=tuple(cell for cell in cells if cell.up_to_oz > over_oz),
    )


def _given_cells(raw: dict[str, str]) -> list[Cell]:
    cells = [Cell(Decimal(ounces), parse_dollars(price)) for ounces, price in raw.items()]
    return sorted(cells, key=lambda cell: cell.up_to_oz)


def _ounce_cells(raw: dict[str, str]) -> list[Cell]:
    """A first ounce and equal further ounces, the last one cut off at the heaviest weight."""
    first, further = parse_dollars(raw["first_ounce"]), parse_dollars(raw["additional_ounce"])
    heaviest = Decimal(raw["up_to_oz"])
    whole = [Decimal(ounce) for ounce in range(1, int(heaviest) + 1)]
    limits = whole if heaviest == int(heaviest) else [*whole, heaviest]
    return [Cell(limit, first + index * further) for index, limit in enumerate(limits)]


def _category(text: str) -> str:
    if not (0 < len(text) <= 4 and text.isascii() and text.isalnum()):
        raise ValueError(f"rate category {text!r} does not fit an indicium")
    return text


def _require_sources(tables: tuple[Table, ...], sources: dict[str, str]) -> None:
    for table in tables:
        unknown = set(table.sources) - set(sources)
        if unknown or not table.sources:
            raise ValueError(f"a table of {table.category} without a known source")
