"""The kinds of duties, read from ``duties/<room>.yaml``, and when one of them is due.

Shape of an entry, by the name that code uses::

    root key drill:
      title: Try the backup of the root key in a spare vault
      owed_by: Postal Service
      about: authority
      warn_days: 30
      consequence: ""
      terms:
        every: {term: device.key_drill_months, clause: 39 CFR 502.9(e) (1997)}

``terms`` gives, by rulebook or for ``every``, the parameter that counts the days; ``clause`` is
left out where the parameter's own clause is that of the duty. ``term: stated`` means that whoever
opens the obligation states the due date, and then ``clause`` must be given. ``warn_days`` and
``consequence`` may be left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, cast

import yaml

from franking.docket.records import Duty, Term
from franking.errors import InvariantBroken
from franking.rules import Subject, at
from franking.rules.calendars import due
from franking.rules.reading import parameters
from franking.rules.rulebooks import rulebooks

EVERY, STATED = "every", "stated"


def duty(name: str) -> Duty:
    """The duty of that name.

    Raises:
        InvariantBroken: no room's file has it.
    """
    found = duties().get(name)
    if found is None:
        raise InvariantBroken(f"no duty is called {name!r}")
    return found


@cache
def duties() -> Mapping[str, Duty]:
    """Every duty of every room, by name."""
    table: dict[str, Duty] = {}
    for file in sorted(files("franking.docket").joinpath("duties").iterdir(), key=lambda f: f.name):
        room = file.name.removesuffix(".yaml")
        for name, entry in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items():
            if name in table:
                raise InvariantBroken(f"{name!r} stands in {table[name].room} and in {room}")
            table[name] = _duty(name, room, entry)
    return MappingProxyType(table)


@lru_cache(maxsize=4096)
def clause_and_due(name: str, rulebook: str, start: date) -> tuple[str, date | None]:
    """The clause of a duty that starts on ``start``, and its last day in time (or stated).

    Raises:
        Refused: ``RULEBOOK_NOT_OPEN``, ``PARAMETER_UNKNOWN``.
    """
    term = term_of(name, rulebook)
    if not term.parameter:
        return term.clause, None
    parameter = at(term.subject, rulebook, start)[term.parameter]
    return term.clause or parameter.clause, due(start, parameter)


def term_of(name: str, rulebook: str) -> Term:
    """Where ``rulebook`` gives the term of a duty.

    Raises:
        InvariantBroken: it gives none.
    """
    terms = duty(name).terms
    found = terms.get(rulebook) or terms.get(EVERY)
    if found is None:
        raise InvariantBroken(f"{rulebook} knows no duty {name!r}")
    return found


@cache
def every_clause() -> tuple[str, ...]:
    """Every clause that an obligation can rest on, in order."""
    found = {
        clause
        for each in duties().values()
        for book, term in each.terms.items()
        for clause in _clauses(term, book)
    }
    return tuple(sorted(found))


def clauses_with(part: str) -> tuple[str, ...]:
    """The clauses that have ``part`` in them, capitals or not."""
    return tuple(each for each in every_clause() if part.casefold() in each.casefold())


def _clauses(term: Term, book: str) -> Iterator[str]:
    if term.clause:
        yield term.clause
        return
    named = [one for one in rulebooks() if book in (one, EVERY)]
    for parameter in (one for name in named for one in parameters(term.subject, name)):
        if parameter.name == term.parameter:
            yield parameter.clause


def _duty(name: str, room: str, entry: dict[str, Any]) -> Duty:
    return Duty(
        name=name,
        room=room,
        title=entry["title"],
        owed_by=entry["owed_by"],
        about=entry["about"],
        terms=MappingProxyType({book: _term(name, each) for book, each in entry["terms"].items()}),
        warn_days=entry.get("warn_days", 0),
        consequence=entry.get("consequence", ""),
    )


def _term(name: str, entry: dict[str, str]) -> Term:
    subject, _, parameter = entry["term"].partition(".")
    clause = entry.get("clause", "")
    if subject == STATED:
        subject = "provider"
        if not clause:
            raise InvariantBroken(f"{name}: a stated term needs its clause")
    return Term(subject=cast(Subject, subject), parameter=parameter, clause=clause)
