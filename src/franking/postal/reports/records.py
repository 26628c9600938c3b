"""The Postal Service's own record of devices in service, and lists held against it. Frozen.

Every record carries its provider's name: two providers may have meters of one serial number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

FIELDS: Final = ("model", "user", "address", "in_service_on", "office_zip")
"""What a list says of a meter beside its serial number (39 CFR 501.22(j), 1995)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMeter:
    """One meter as a list, or our record, has it."""

    serial: str
    model: str
    user: str
    address: str
    in_service_on: str
    """ISO 8601, or empty."""
    office_zip: str
    """ZIP Code or finance number of the licensing post office."""


class Held(StrEnum):
    """Whether our record has a meter in service."""

    IN_SERVICE = "in service"
    LEFT = "left"


HELD_TRANSITIONS: Final[dict[Held, frozenset[Held]]] = {
    Held.IN_SERVICE: frozenset({Held.LEFT}),
    Held.LEFT: frozenset({Held.IN_SERVICE}),
}


class What(StrEnum):
    """In what a list and our record differ about a meter."""

    NOT_HELD = "not in postal records"
    NOT_LISTED = "not in the list"
    FIELDS = "the records differ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One meter on which a list and our record differ."""

    serial: str
    what: What
    listed: ListedMeter | None
    held: ListedMeter | None

    def words(self, meter: ListedMeter | None) -> str:
        """What one side says: all of it, or the fields that differ."""
        if meter is None:
            return ""
        names = FIELDS if self.listed is None or self.held is None else self._differing()
        return ", ".join(f"{name} {getattr(meter, name) or '–'}" for name in names)

    def _differing(self) -> tuple[str, ...]:
        return tuple(
            name for name in FIELDS if getattr(self.listed, name) != getattr(self.held, name)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardList:
    """A list that a provider announced, and what came of it."""

    provider: str
    quarter: str
    closed_on: date
    devices: int
    digest: str
    heard_on: date
    taken_on: date | None = None
    differences: int = 0
