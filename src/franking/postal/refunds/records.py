"""What the Postal Service holds on refunds: values, and what may follow what.

Frozen; every record of a provider carries its name. Money in mills, dates postal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from franking.refunds.records import Item, Payout, Reason, Requester, RouteKind

RULE = "rule on a refund request"
APPEAL = "appeal a refund ruling"
HEAR = "decide a refund appeal"
DESTROY = "destroy refunded items"
"""The names of this room's duties in the docket."""


class Origin(StrEnum):
    """How a request came to the Postal Service."""

    COUNTER = "handed in at a post office"
    FORWARDED = "forwarded by a provider"
    PROVIDER = "ruled on by a provider"
    """Here for an appeal, and so that no piece is refunded twice."""


class CaseStatus(StrEnum):
    """Where a request stands."""

    AWAITING_CAUSE = "awaiting cause report"
    """A faulty system: withheld until its provider reports the cause (9.3.1)."""
    FILED = "filed"
    GRANTED = "granted"
    """In whole or in part; what is denied of it can be appealed."""
    DENIED = "denied"
    APPEALED = "appealed"
    FINAL = "final"


CASE_TRANSITIONS: Final[dict[CaseStatus, frozenset[CaseStatus]]] = {
    CaseStatus.AWAITING_CAUSE: frozenset({CaseStatus.FILED}),
    CaseStatus.FILED: frozenset({CaseStatus.GRANTED, CaseStatus.DENIED, CaseStatus.FINAL}),
    CaseStatus.GRANTED: frozenset({CaseStatus.APPEALED, CaseStatus.FINAL}),
    CaseStatus.DENIED: frozenset({CaseStatus.APPEALED, CaseStatus.FINAL}),
    CaseStatus.APPEALED: frozenset({CaseStatus.FINAL}),
    CaseStatus.FINAL: frozenset(),
}
"""What may follow what; the database guards it again."""
RULED: Final = frozenset({CaseStatus.GRANTED, CaseStatus.DENIED})
"""Ruled on, and open to appeal while the term runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundCase:
    """A request, the ruling on it, and what came of that."""

    number: int
    origin: Origin
    route: RouteKind
    rulebook: str
    """By which it is judged."""
    provider: str = ""
    provider_case: str = ""
    """Its number in the provider's books."""
    device: str = ""
    """The system whose value it is about; items name their own."""
    licence: str = ""
    requester: str
    capacity: Requester = Requester.AUTHORIZED_USER
    office: str
    """ZIP Code of the local post office."""
    district: str = ""
    filed_on: date
    asked_mills: int
    wanted: Payout = Payout.POST_OFFICE
    basis: str = "exact"
    cause: str = ""
    """The provider's report of the cause of a fault or damage."""
    caused_by_user: bool = False
    documents: tuple[str, ...] = ()
    status: CaseStatus = CaseStatus.FILED
    granted_mills: int = 0
    """Face value that is refunded."""
    charge_mills: int = 0
    """Kept of it for processing."""
    payout: str = ""
    """How it is paid, once granted; empty before and where nothing is."""
    because: str = ""
    clause: str = ""
    ruled_by: str = ""
    ruled_on: date | None = None
    received_on: date | None = None
    """When the requester received the ruling: the days to appeal run from it."""
    final_on: date | None = None

    @property
    def due_mills(self) -> int:
        """What is to be paid."""
        return max(0, self.granted_mills - self.charge_mills)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseItem:
    """One item of a request, every reason against it, and whether it was granted."""

    case: int
    line: int
    item: Item
    reasons: tuple[Reason, ...]
    granted: bool | None = None
    """``None`` before the ruling."""


class AppealStatus(StrEnum):
    """Where an appeal stands."""

    FILED = "filed"
    """With the officer through whom it goes, where there is one."""
    FORWARDED = "forwarded"
    DECIDED = "decided"


APPEAL_TRANSITIONS: Final[dict[AppealStatus, frozenset[AppealStatus]]] = {
    AppealStatus.FILED: frozenset({AppealStatus.FORWARDED, AppealStatus.DECIDED}),
    AppealStatus.FORWARDED: frozenset({AppealStatus.DECIDED}),
    AppealStatus.DECIDED: frozenset(),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAppeal:
    """An appeal against a ruling: one for a case, decided finally."""

    case: int
    filed_on: date
    filed_by: str
    letter: str
    originals: int
    """How many original indicia came with it."""
    through: str
    """The officer that it goes through; empty where it goes straight."""
    to: str
    """The officer who decides."""
    clause: str
    status: AppealStatus = AppealStatus.FILED
    forwarded_by: str = ""
    forwarded_on: date | None = None
    heard_by: str = ""
    decided_on: date | None = None
    sustained: bool = False
    granted_mills: int = 0
    """More than the ruling granted, in mills."""
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Designation:
    """Somebody whom a district's manager of business mail entry named in writing (9.2.8c)."""

    number: int
    district: str
    designee: str
    named_by: str
    letter: str
    """The writing: its date and reference."""
    since: date
    until: date | None = None

    def covers(self, district: str, on: date) -> bool:
        """Whether it holds for a district on a day."""
        return self.district == district and self.since <= on <= (self.until or on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What the Postal Service paid on a case: by check, or through the post office."""

    number: int
    case: int
    payee: str
    amount_mills: int
    issued_by: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reimbursed:
    """One thing that a provider was reimbursed for: never again, under whatever claim."""

    key: str
    """``piece:DEVICE:ASCENDING`` or ``value:DEVICE:CASE``."""
    provider: str
    claim: str
    case: str
    amount_mills: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Destruction:
    """Refunded items that two people destroyed, with its certificate."""

    number: int
    cases: tuple[int, ...]
    pieces: int
    amount_mills: int
    method: str
    first: str
    second: str
    on: date

    @property
    def certificate(self) -> str:
        """The number of the certificate."""
        return f"D-{self.number:06d}"
