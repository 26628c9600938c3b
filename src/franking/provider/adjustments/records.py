"""Malfunction reports and adjustments: values, and what may follow what. Money in mills.

An adjustment above zero is credited to the licensee, one below zero collected from him.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from franking.provider.devices.records import Mechanism

REPORT = "report a malfunction"
SETTLE = "settle a postage adjustment"
"""The names of this room's duties in the docket."""


class DocumentKind(StrEnum):
    """What accompanies a recommendation (39 CFR 501.22(h); DMM P030.3.8, P050.3.3)."""

    REFUND_REQUEST = "refund request"
    SETTING_RECORD = "PS Form 3610"
    """Record of Postage Meter Settings."""
    REGISTER_LOG = "PS Form 3602-A"
    SYSTEM_REGISTER = "system-generated register"
    """Kept instead of the log: a daily activity report, say."""
    MEMORY_SUMMARY = "summary of redundant memory readouts"
    LETTER = "letter of instruction explaining the summary"
    EXPLANATION = "explanation of the malfunction"
    MAILING_HISTORY = "analysis of recent mailing history"
    OTHER_EVIDENCE = "other reliable evidence"
    """Where the log was not completed (DMM P030.3.8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose device it was when it failed; it may have left its lease since."""

    licence: str
    licensee: str
    office: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """What one redundant memory of the registers says, in mills."""

    memory: str
    ascending_mills: int
    descending_mills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReading:
    """The ascending register at the end of a day, as the log or a report of the system has it."""

    day: date
    ascending_mills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEstimate:
    """What the licensee's recent mailings say was used in so many days."""

    method: str
    history_from: date
    history_to: date
    spans: int
    span_days: int
    used_mills: int
    low_mills: int
    high_mills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Malfunction:
    """What an examination found of a device withdrawn for wrong registration."""

    serial: str
    examiner: str
    examined_on: date
    fault: str
    """What caused it; empty where that could not be determined."""
    began_on: date
    """From when the registers are doubted."""
    ended_on: date
    registered_mills: int
    """What the device registered as used from then on."""
    readouts: tuple[Readout, ...] = ()
    documents: dict[DocumentKind, str] = field(default_factory=dict)
    """Which papers there are; those that this report itself makes are added."""


class ReportStatus(StrEnum):
    """Where a malfunction stands."""

    REPORTED = "reported"
    """With a recommendation on which the Postal Service decides."""
    CLOSED = "closed"
    """Nothing is to be adjusted: the fault alone was reported (501.22(o))."""
    DECIDED = "decided"
    SETTLED = "settled"


REPORT_TRANSITIONS: Final[dict[ReportStatus, frozenset[ReportStatus]]] = {
    ReportStatus.REPORTED: frozenset({ReportStatus.DECIDED}),
    ReportStatus.CLOSED: frozenset({ReportStatus.DECIDED}),
    ReportStatus.DECIDED: frozenset({ReportStatus.SETTLED}),
    # An appeal may be decided after the first decision was carried out.
    ReportStatus.SETTLED: frozenset({ReportStatus.DECIDED}),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MalfunctionReport:
    """A report as it was sent, and what became of it."""

    number: int
    serial: str
    licence: str
    licensee: str
    office: str
    rulebook: str
    mechanism: Mechanism
    addressee: str
    examiner: str
    examined_on: date
    fault: str
    readouts: tuple[Readout, ...]
    conclusive: bool
    documents: dict[DocumentKind, str]
    registered_mills: int
    estimate: UsageEstimate | None
    recommended_mills: int
    basis: str
    submitted_on: date
    status: ReportStatus
    decided_mills: int = 0
    settled_mills: int = 0
    """Posted so far."""
    decisions: int = 0
    """How many decisions were heard: the first, and that of an appeal."""
    because: str = ""
    clause: str = ""

    @property
    def name(self) -> str:
        """How people and messages name it."""
        return f"M-{self.number:06d}"


LICENSING_OFFICE: Final = "licensing post office"
RSE: Final = "Retail Systems and Equipment, USPS Headquarters"
ADDRESSEES: Final = {"meter-1995": LICENSING_OFFICE, "ibip-1997": RSE}
"""Who gets the report of a malfunction, by the rulebook of the device."""
