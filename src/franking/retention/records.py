"""A record whose subject has ended: how long it is kept, who holds it, who destroyed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class RetainedStatus(StrEnum):
    """What became of a retained record."""

    KEPT = "kept"
    PROPOSED = "proposed for destruction"
    DESTROYED = "destroyed"


TRANSITIONS: Final[Mapping[RetainedStatus, frozenset[RetainedStatus]]] = {
    RetainedStatus.KEPT: frozenset({RetainedStatus.PROPOSED}),
    RetainedStatus.PROPOSED: frozenset({RetainedStatus.KEPT, RetainedStatus.DESTROYED}),
    RetainedStatus.DESTROYED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long one rulebook keeps a kind of record."""

    clause: str
    keep: str = ""
    """The parameter of the floor."""
    destroy: str = ""
    """The parameter of the ceiling; empty where there is none."""
    permanent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of record, as ``kinds.yaml`` gives it."""

    name: str
    title: str
    ends: str
    """Which day the term counts from."""
    terms: Mapping[str, Term]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """A record whose subject has ended."""

    record: str
    kind: str
    rulebook: str
    clause: str
    ended_on: date
    keep_until: date | None
    """The floor: destroyed on this day at the earliest; ``None`` is never."""
    destroy_by: date | None
    """The ceiling: destroyed on this day at the latest; ``None`` is none."""
    status: RetainedStatus = RetainedStatus.KEPT
    proposed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold: the record is not destroyed, whatever its ceiling, until it is lifted."""

    number: int
    record: str
    because: str
    clause: str
    placed_by: str
    placed_at: str
    lifted_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Two people destroyed a record; nothing of what was in it stands here."""

    number: int
    record: str
    kind: str
    clause: str
    destroyed_at: str
    first: str
    second: str
    method: str
    rows: int
    """How many rows of the books went, journal inputs included."""
