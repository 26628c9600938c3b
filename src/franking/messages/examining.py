"""Messages on examinations, suspect devices and quality, between a provider and the Postal Service.

Dates are ISO 8601, money is integer mills. Refuses to know who may send what, and when.
"""

from __future__ import annotations

from franking.messages.kinds import Whole
from franking.messages.receiving import Dispatched

# Provider → Postal Service -------------------------------------------------------------------


class ExaminationDue(Dispatched, frozen=True, kw_only=True):
    """A device was not reset in its quarter, or is due for its yearly examination (501.22(f))."""

    licence: str
    zip_code: str
    rulebook: str
    ground: str
    """``not reset in the quarter`` or ``due for the yearly examination``."""
    due_on: str
    """By when the licensee was told to bring it in."""


class ExaminationIgnored(Dispatched, frozen=True, kw_only=True):
    """Nobody answered; removal and revocation are the Postal Service's to start (501.22(f))."""

    licence: str
    zip_code: str
    rulebook: str
    ground: str
    noticed_on: str
    approached_on: str
    """Of the second approach; empty where the rulebook knows none."""
    approached_how: str
    last_active_on: str
    """The day from which the quarter or year ran: the last reset, audit or examination."""


class ExaminationSettled(Dispatched, frozen=True, kw_only=True):
    """A device that was reported is in order again, or gone."""

    how: str
    """``audited``, ``examined`` or ``removed``."""
    on: str


class InspectionIrregular(Dispatched, frozen=True, kw_only=True):
    """An inspection found an irregularity, or signs of improper use (501.25(b)(8))."""

    licence: str
    zip_code: str
    inspector: str
    inspected_on: str
    irregularities: list[str]


class QualityDeficient(Dispatched, frozen=True, kw_only=True):
    """A licensee's mailpiece was evaluated and falls short (39 CFR 502.27, 1997)."""

    licence: str
    zip_code: str
    received_on: str
    deficiencies: list[str]


class QualityIgnored(Dispatched, frozen=True, kw_only=True):
    """A licensee sent no acceptable mailpiece; its resets are denied (39 CFR 502.27, 1997)."""

    licence: str
    zip_code: str
    ground: str
    due_on: str


class AuditCopy(Dispatched, frozen=True, kw_only=True):
    """A device's own signed audit message, for a remote examination (DMM P050.3.4, 1997)."""

    report: str
    """The ``AuditReport`` as the device signed it."""


# Postal Service → provider -------------------------------------------------------------------


class ExaminationReport(Dispatched, frozen=True, kw_only=True):
    """A postal employee examined a device (DMM P030.3.11, 1995; P050.3.4, 1997)."""

    examiner: str
    examined_on: str
    ascending_mills: Whole
    descending_mills: Whole
    log_brought: bool
    findings: list[str]
    """What is wrong; empty where nothing is."""


class ExaminationRemoval(Dispatched, frozen=True, kw_only=True):
    """Remove a device from the licensee's place and check it out (39 CFR 501.22(f), 1995)."""

    licence: str
    ground: str
    notified_on: str
    """When the licensee was told."""


class RemoteExaminationWanted(Dispatched, frozen=True, kw_only=True):
    """The Postal Service joins in the next audit of a device (DMM P050.3.4, 1997)."""

    reason: str


class InspectionAhead(Dispatched, frozen=True, kw_only=True):
    """Advance notice to the provider that inspectors will examine a device (DMM P030.2.7)."""

    licence: str
    on: str


class DeviceSeized(Dispatched, frozen=True, kw_only=True):
    """A copy of the inspector's receipt for a device withdrawn for tests (DMM P030.2.7)."""

    licence: str
    receipt: str
    """Its number."""
    inspector: str
    withdrawn_on: str
    reason: str
    ascending_mills: Whole
    descending_mills: Whole
    fraud_suspected: bool
    """Whether it may have been fraudulently set with postage: then its value stays with it."""
    replacement_wanted: bool
