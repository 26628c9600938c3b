"""Messages on defective devices and postage adjustments, between a provider and the Postal Service.

Dates are ISO 8601, money is integer mills; an adjustment above zero is credited to the licensee,
one below zero is collected. Refuses to know who decides what, and when.
"""

from __future__ import annotations

import msgspec

from franking.messages.kinds import Whole
from franking.messages.receiving import Dispatched


class MemoryReadout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one redundant memory of the registers says."""

    memory: str
    ascending_mills: Whole
    descending_mills: Whole


class Estimate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the recent mailing history says was used in the days of the malfunction."""

    method: str
    history_from: str
    history_to: str
    spans: Whole
    """How many spans of the same length were compared."""
    span_days: Whole
    used_mills: Whole
    low_mills: Whole
    high_mills: Whole
    """Between them lies the middle part of the spans."""


# Provider → Postal Service -------------------------------------------------------------------


class DefectNoticed(Dispatched, frozen=True, kw_only=True):
    """A licensee reported a device defective; it is being retrieved (P030.2.8, P050.2.7)."""

    licence: str
    zip_code: str
    rulebook: str
    defect: str
    reported_on: str
    retrieve_by: str


class MalfunctionReported(Dispatched, frozen=True, kw_only=True):
    """The report on a malfunction, with its documents and a recommendation (501.22(h), (o)).

    It goes to the licensing post office under 1995, to Retail Systems and Equipment under 1997.
    """

    report: str
    """Its number in the provider's books."""
    licence: str
    licensee: str
    zip_code: str
    rulebook: str
    mechanism: str
    addressee: str
    examiner: str
    examined_on: str
    fault: str
    """What caused the wrong registration; empty where it could not be determined."""
    readouts: list[MemoryReadout]
    conclusive: bool
    """Whether the redundant memories say by themselves what was used."""
    documents: dict[str, str]
    """Kind of document and which one it is."""
    registered_mills: Whole
    """What the device registered as used in the days of the malfunction."""
    estimate: Estimate | None
    recommended_mills: int
    basis: str
    submitted_on: str
    """From here the licensee's sixty days to appeal run."""


# Postal Service → provider ---------------------------------------------------------------------


class AdjustmentDecided(Dispatched, frozen=True, kw_only=True):
    """What is adjusted; an appeal's decision replaces the one before it."""

    report: str
    amount_mills: int
    because: str
    clause: str
    decided_by: str
    decided_on: str
    on_appeal: bool
