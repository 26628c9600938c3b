"""Reports as filed, and differences between our list of devices and the Postal Service's record.

Frozen; money in mills, days postal. A report is kept by its digest: it can be made again from the
books at any time, and is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class ReportKind(StrEnum):
    """The reports that the documents ask of a provider."""

    DAILY_ACTIVITY = "daily activity"
    """39 CFR 501.28(g) (1995)."""
    FINANCIAL_TRANSACTIONS = "financial transactions"
    """39 CFR 502.21(m) (1997)."""
    REVENUE_ALLOCATION = "revenue allocation"
    POSTAGE_REFUNDS = "postage refunds"
    """By request only."""
    FUNDS_ADVANCED = "funds advanced"
    """By request only."""
    IN_SERVICE = "in-service list"
    """39 CFR 501.22(j) (1995)."""
    MISSING_DEVICES = "missing devices"
    """39 CFR 501.22(p) (1995), 502.21(k) (1997)."""
    STATEMENTS = "statements"
    """39 CFR 501.28(e)(3) (1995); DMM P050.3.5c (1997)."""


ON_REQUEST: Final = frozenset({ReportKind.POSTAGE_REFUNDS, ReportKind.FUNDS_ADVANCED})


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledReport:
    """One report, as it was filed."""

    kind: ReportKind
    period: str
    """A day, month, quarter or accounting period: ``1997-06-02``, ``1997-06``, ``1997-Q3``."""
    since: date
    until: date
    filed_at: str
    filed_by: str
    lines: int
    total_mills: int
    digest: str
    """SHA-256 in hex of the file, or of the lines as they were sent."""


class DispositionKind(StrEnum):
    """How a difference between two records of one device can be settled."""

    OUR_ERROR = "our record corrected"
    THEIR_ERROR = "postal record to be corrected"
    REMOVED = "removed from service"
    PLACED = "placed in service"
    MISSING = "device is missing"
    """Its loss is reported (501.22(i))."""
    MOVED = "licensing post office changed"


class ListStatus(StrEnum):
    """Whether a difference is settled."""

    OPEN = "open"
    DISPOSED = "disposed"


LIST_TRANSITIONS: Final[dict[ListStatus, frozenset[ListStatus]]] = {
    ListStatus.OPEN: frozenset({ListStatus.DISPOSED}),
    ListStatus.DISPOSED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDifference:
    """One device on which our list and the Postal Service's record differ."""

    quarter: str
    number: int
    device: str
    what: str
    listed: str
    held: str
    status: ListStatus = ListStatus.OPEN
    disposition: str = ""
    through: str = ""
    """The branch or dealer that asked the licensing post office."""
    because: str = ""
    disposed_on: date | None = None
