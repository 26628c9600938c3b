"""What the rules room hands out: rulebooks, parameters and sets of them.

Pure values. Refuses to know how they are stored and which rulebook a deployment follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from franking.errors import InvariantBroken, Refusal

Subject = Literal[
    "device", "indicium", "host", "funds", "refunds", "provider", "irregularities", "scans"
]
"""What a parameter is about; one file of parameters each."""

Value = int | str | Decimal | date | tuple[str, ...]
"""Whole numbers are ``int``, lengths ``Decimal``, wording ``str``, choices tuples of ``str``."""

POLICY = "policy"
"""The clause of a value that no document gives."""

PARAMETER_UNKNOWN = Refusal(
    "PARAMETER_UNKNOWN",
    clause=POLICY,
    remedy="List what a rulebook says with `franking rules list`, or choose another rulebook.",
    http_status=404,
)


class Standing(StrEnum):
    """How far a value binds.

    As its text does: proposed, adopted, superseded. Or whatever becomes of the text: a reference
    (a public standard that the text refers to, a later fact), or our own policy.
    """

    PROPOSED = "proposed"
    ADOPTED = "adopted"
    SUPERSEDED = "superseded"
    REFERENCE = "reference"
    POLICY = "policy"


LASTING = frozenset({Standing.REFERENCE, Standing.POLICY})
"""Standings that do not follow the rulebook's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number, deadline or wording of a rulebook, in force between two dates.

    ``clause`` is a citation, or ``"policy"``; ``effective_to`` is the last day, ``None`` while
    open; ``duty`` is the id in the clause catalogue, empty for policy.
    """

    name: str
    value: Value
    unit: str
    clause: str
    effective_from: date
    effective_to: date | None
    status: Standing
    meaning: str
    duty: str = ""

    def in_force(self, on: date) -> bool:
        """Whether ``on`` lies in the window of this value."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What one rulebook says on one subject on one date."""

    subject: Subject
    rulebook: str
    on: date
    parameters: Mapping[str, Parameter]

    def __getitem__(self, name: str) -> Parameter:
        """The parameter of that name.

        Raises:
            Refused: ``PARAMETER_UNKNOWN`` where the rulebook is silent on that date.
        """
        found = self.parameters.get(name)
        if found is None:
            raise PARAMETER_UNKNOWN.because(
                f"{self.rulebook} says nothing on {self.subject}.{name} on {self.on}"
            )
        return found

    def __contains__(self, name: str) -> bool:
        return name in self.parameters

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters.values())

    def whole(self, name: str) -> int:
        """The value of a counted parameter: mills, days, months, seconds, pieces."""
        value = self[name].value
        if not isinstance(value, int):
            raise InvariantBroken(f"{self.subject}.{name} is not a whole number")
        return value

    def length(self, name: str) -> Decimal:
        """The value of a measured parameter, in the unit that its entry names."""
        value = self[name].value
        if not isinstance(value, Decimal):
            raise InvariantBroken(f"{self.subject}.{name} is not a length")
        return value

    def text(self, name: str) -> str:
        """The value of a worded parameter."""
        value = self[name].value
        if not isinstance(value, str):
            raise InvariantBroken(f"{self.subject}.{name} is not a text")
        return value

    def choices(self, name: str) -> tuple[str, ...]:
        """The value of a parameter that lists names, in the order of the clause."""
        value = self[name].value
        if not isinstance(value, tuple):
            raise InvariantBroken(f"{self.subject}.{name} is not a list")
        return value
