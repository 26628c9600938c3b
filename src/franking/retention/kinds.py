"""The kinds of records, read from ``kinds.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from franking.errors import InvariantBroken
from franking.retention.records import Kind, Term


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of record, by name."""
    text = files("franking.retention").joinpath("kinds.yaml").read_text("utf-8")
    table: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return MappingProxyType({name: _kind(name, entry) for name, entry in table.items()})


def term_of(kind: str, rulebook: str) -> Term:
    """How long ``rulebook`` keeps a kind of record.

    Raises:
        InvariantBroken: there is no such kind, or the rulebook says nothing of it.
    """
    found = kinds().get(kind)
    if found is None or rulebook not in found.terms:
        raise InvariantBroken(f"{rulebook} knows no term for a {kind!r}")
    return found.terms[rulebook]


def _kind(name: str, entry: dict[str, Any]) -> Kind:
    terms = {rulebook: Term(**each) for rulebook, each in entry["terms"].items()}
    return Kind(name=name, title=entry["title"], ends=entry["ends"], terms=MappingProxyType(terms))
