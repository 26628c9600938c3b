"""What the regulations say: dated, cited parameters, read by subject, rulebook and date.

Every number and deadline of the documents is an entry in ``parameters/*.yaml``; no such number
stands in code. What no document gives is an entry too, with the clause ``policy``. Refuses to
know which rulebook a caller follows: callers name it, or ask the deployment's ``Register``.

    >>> from datetime import date
    >>> whole("device", "ibip-1997", date(1997, 6, 1), "descending_limit")
    500000
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from franking.rules.adoption import Register, adopt, choose, read_register
from franking.rules.explaining import books, explain, listing
from franking.rules.reading import parameters
from franking.rules.records import LASTING, Parameter, RuleSet, Standing, Subject, Value
from franking.rules.rulebooks import rulebook as named_rulebook

__all__ = [
    "Parameter",
    "Register",
    "RuleSet",
    "Standing",
    "Subject",
    "Value",
    "adopt",
    "at",
    "books",
    "choose",
    "explain",
    "length",
    "listing",
    "read_register",
    "term",
    "value",
    "whole",
]

_AS_PUBLISHED = Register()


@lru_cache(maxsize=4096)
def at(subject: Subject, rulebook: str, on: date, register: Register = _AS_PUBLISHED) -> RuleSet:
    """What ``rulebook`` says on ``subject`` on the day ``on``. Cached; resolve once per batch.

    ``register`` holds what the deployment adopted; it changes the standing shown, not the values.

    Raises:
        Refused: ``RULEBOOK_UNKNOWN``, ``RULEBOOK_NOT_OPEN``.
    """
    standing = register.standing(rulebook, on).status
    found = {
        entry.name: entry if entry.status in LASTING else replace(entry, status=standing)
        for entry in parameters(subject, rulebook)
        if entry.in_force(on)
    }
    return RuleSet(subject, rulebook, on, MappingProxyType(found))


def value(subject: Subject, rulebook: str, on: date, name: str) -> Value:
    """The value of one parameter; its type follows its unit (see ``records.Value``)."""
    return at(subject, rulebook, on)[name].value


def whole(subject: Subject, rulebook: str, on: date, name: str) -> int:
    """The value of a counted parameter: mills, days, months, seconds, pieces."""
    return at(subject, rulebook, on).whole(name)


def length(subject: Subject, rulebook: str, on: date, name: str) -> Decimal:
    """The value of a measured parameter, in inches, feet or millimetres as its entry says."""
    return at(subject, rulebook, on).length(name)


def term(rulebook: str, party: str) -> str:
    """The word a rulebook uses for ``provider``, ``customer``, ``office`` or ``device``."""
    return named_rulebook(rulebook).term(party)
