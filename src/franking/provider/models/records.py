"""A version of a model as the provider has submitted it, and the leave it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Leave(StrEnum):
    """How far a version may go, as the Postal Service last said."""

    SUBMITTED = "submitted"
    TENTATIVE = "tentative"
    FIELD_TEST = "field test"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REFUSED = "refused"


TRANSITIONS: Final[Mapping[Leave, frozenset[Leave]]] = {
    Leave.SUBMITTED: frozenset({Leave.TENTATIVE, Leave.APPROVED, Leave.REFUSED}),
    Leave.TENTATIVE: frozenset({Leave.FIELD_TEST, Leave.APPROVED, Leave.REFUSED}),
    Leave.FIELD_TEST: frozenset({Leave.APPROVED, Leave.REFUSED}),
    Leave.APPROVED: frozenset({Leave.SUSPENDED, Leave.REVOKED}),
    Leave.SUSPENDED: frozenset({Leave.APPROVED, Leave.REVOKED}),
    Leave.REVOKED: frozenset(),
    Leave.REFUSED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnModel:
    """A version of one of the provider's models."""

    model: str
    version: str
    rulebook: str
    leave: Leave
    design: str
    system: str
    """``open`` or ``closed``, once the Postal Service has said it."""
    submitted_on: date
    changes: str = ""
    units: int = 0
    """Of a field test: how many devices."""
    until: date | None = None
    """Of a field test or a suspension: its last day."""
    because: str = ""

    @property
    def name(self) -> str:
        """Model and version, as the record is named."""
        return f"{self.model}/{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFiling:
    """An item that the provider filed, and what was said of it."""

    number: int
    item: str
    title: str
    digest: str
    filed_on: date
    outcome: str
    """``filed``, ``accepted`` or ``returned``."""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDemand:
    """Something that the Postal Service asked for."""

    number: int
    model: str
    version: str
    kind: str
    what: str
    answered_on: date | None
