"""A version of a model on its way to approval, and everything filed about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from franking.messages.approving import ModelDescription


class ModelStatus(StrEnum):
    """Where the approval of a version stands."""

    SUBMITTED = "submitted"
    CHANGE_REQUESTED = "change requested"
    """A version that changes an approved one, before leave is given in writing."""
    TENTATIVE = "tentative"
    FIELD_TEST = "field test"
    TESTED = "tested"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REFUSED = "refused"


_S = ModelStatus
TRANSITIONS: Final[Mapping[ModelStatus, frozenset[ModelStatus]]] = {
    _S.SUBMITTED: frozenset({_S.TENTATIVE, _S.TESTED, _S.REFUSED}),
    _S.CHANGE_REQUESTED: frozenset({_S.TESTED, _S.APPROVED, _S.REFUSED}),
    _S.TENTATIVE: frozenset({_S.FIELD_TEST, _S.TESTED, _S.REFUSED}),
    _S.FIELD_TEST: frozenset({_S.TESTED, _S.REFUSED}),
    _S.TESTED: frozenset({_S.APPROVED, _S.REFUSED}),
    _S.APPROVED: frozenset({_S.SUSPENDED, _S.REVOKED}),
    _S.SUSPENDED: frozenset({_S.APPROVED, _S.REVOKED}),
    _S.REVOKED: frozenset(),
    _S.REFUSED: frozenset(),
}
"""Approval is never final: an approved version can be suspended and revoked (501.10, 502.12)."""


class ItemStatus(StrEnum):
    """What became of a filed item."""

    FILED = "filed"
    ACCEPTED = "accepted"
    RETURNED = "returned"


ITEM_TRANSITIONS: Final[Mapping[ItemStatus, frozenset[ItemStatus]]] = {
    ItemStatus.FILED: frozenset({ItemStatus.ACCEPTED, ItemStatus.RETURNED}),
    ItemStatus.ACCEPTED: frozenset(),
    ItemStatus.RETURNED: frozenset(),
}


class DemandKind(StrEnum):
    """What the Postal Service may ask for at any time, and need not say why."""

    TESTS = "additional tests"
    MODELS = "production models"
    UNITS = "additional units"
    DOCUMENTS = "documents"
    CHANGE = "change"


DEMAND_CLAUSES: Final[Mapping[str, Mapping[DemandKind, str]]] = {
    "meter-1995": {
        DemandKind.TESTS: "39 CFR 501.9 (1995)",
        DemandKind.MODELS: "39 CFR 501.11(a) (1995)",
        DemandKind.UNITS: "39 CFR 501.11(d) (1995)",
        DemandKind.DOCUMENTS: "39 CFR 501.11(c) (1995)",
        DemandKind.CHANGE: "39 CFR 501.10 (1995)",
    },
    "ibip-1997": {
        DemandKind.TESTS: "39 CFR 502.11 (1997)",
        DemandKind.MODELS: "39 CFR 502.13(a) (1997)",
        DemandKind.UNITS: "39 CFR 502.13(b) (1997)",
        DemandKind.DOCUMENTS: "39 CFR 502.13(a) (1997)",
        DemandKind.CHANGE: "39 CFR 502.12 (1997)",
    },
}
AT_PROVIDERS_COST: Final = frozenset({DemandKind.MODELS, DemandKind.UNITS})


class Occasion(StrEnum):
    """When a PSD is inspected in the hand; there is no other occasion (62 FR 14833)."""

    SUBMISSION = "submission"
    SUSPICION = "suspected security trouble"


@dataclass(frozen=True, slots=True, order=True)
class ModelKey:
    """Whose model, and which version of it."""

    provider: str
    model: str
    version: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}/{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """An item as it was filed and judged."""

    number: int
    item: str
    title: str
    digest: str
    content: Mapping[str, Any]
    filed_on: date
    status: ItemStatus
    judged_on: date | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """A version of a model, as the approval desk keeps it."""

    key: ModelKey
    rulebook: str
    status: ModelStatus
    design: str
    system: str
    description: ModelDescription
    submitted_on: date
    changes: str = ""
    affects: tuple[str, ...] = ()
    filings: tuple[Filing, ...] = ()
    inspected: tuple[Occasion, ...] = ()
    """Occasions on which a unit was inspected in the hand and found good."""

    def accepted(self, item: str) -> Filing | None:
        """The latest accepted filing of an item."""
        found = [
            each
            for each in self.filings
            if each.item == item and each.status is ItemStatus.ACCEPTED
        ]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Something that the Postal Service asked a provider for."""

    number: int
    key: ModelKey
    kind: DemandKind
    what: str
    clause: str
    demanded_on: date
    at_providers_cost: bool
    answered_on: date | None = None
    delivered: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTest:
    """An authorized preliminary field test: how many devices, until which day."""

    units: int
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEvent:
    """One step of a version's history."""

    at: str
    event: str
    status: ModelStatus
    by: str
    because: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """Open or closed, and by which words of 39 CFR 502.7."""

    system: str
    because: str
    peripheral: bool = field(default=False)
    """The unit counts as a peripheral of an open system, and is approved as such."""
