"""Reads the parameter files into values, once.

Shape of an entry: ``name: {unit, meaning, <rulebook>: [{value, clause, duty, from, to}]}``;
``every`` stands for all rulebooks that treat the subject. Refuses to know what a value is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, get_args

import yaml

from franking.errors import InvariantBroken
from franking.rules.records import POLICY, Parameter, Standing, Subject, Value
from franking.rules.rulebooks import Rulebook, rulebooks

EVERY = "every"
_MEASURED = frozenset({"inches", "millimetres", "feet"})
_WORDED = frozenset({"text", "time of day"})
_LISTED = "names"


@cache
def parameters(subject: Subject, rulebook: str) -> tuple[Parameter, ...]:
    """Every value, past and future ones included, that a rulebook gives on a subject."""
    path = resources.files("franking.rules").joinpath("parameters", f"{subject}.yaml")
    entries = yaml.safe_load(path.read_text("utf-8"))
    book = rulebooks()[rulebook]
    if subject not in book.subjects:
        return ()
    return tuple(found for name in entries for found in _values(name, entries[name], book))


def subjects() -> tuple[Subject, ...]:
    """The subjects, in the order in which they are shown."""
    return get_args(Subject)


def _values(name: str, entry: dict[str, Any], book: Rulebook) -> Iterator[Parameter]:
    for value in entry.get(book.name, entry.get(EVERY, ())):
        yield Parameter(
            name=name,
            value=_typed(name, value["value"], entry["unit"]),
            unit=entry["unit"],
            clause=value["clause"],
            effective_from=value.get("from", book.opens),
            effective_to=value.get("to"),
            status=_standing(value["clause"], book),
            meaning=entry["meaning"],
            duty=value.get("duty", ""),
        )


def _standing(clause: str, book: Rulebook) -> Standing:
    """Of a value by its citation; what the text itself says stands as the text last did."""
    if clause == POLICY:
        return Standing.POLICY
    return book.stands[-1].status if clause.startswith(book.cited_as) else Standing.REFERENCE


def _typed(name: str, value: object, unit: str) -> Value:
    """The value in the type of its unit; floats are refused, they have no place here."""
    match value:
        case str() if unit in _MEASURED:
            return Decimal(value)
        case str() if unit in _WORDED:
            return value
        case list() if unit == _LISTED:
            return tuple(str(item) for item in value)
        case int() if unit not in _MEASURED and unit not in _WORDED and unit != _LISTED:
            return value
    raise InvariantBroken(f"parameter {name}: {value!r} is not a value in {unit}")
