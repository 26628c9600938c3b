"""What the Postal Service holds on examinations: values, and what may follow what.

Frozen; every record carries its provider. Money in mills, dates postal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

ACT_ON_REFERRAL = "removal notice to a licensee"
PRESENT = "presentation of a meter"
PRESENT_NOTICED = "presentation after notice"
"""The names of this room's duties in the docket."""


class ReferralStatus(StrEnum):
    """What the Postal Service did about a device that a provider reported."""

    RECEIVED = "received"
    NOTIFIED = "notified"
    """The licensee was told of removal and revocation, the provider to remove (501.22(f))."""
    CLOSED = "closed"


REFERRAL_TRANSITIONS: Final[dict[ReferralStatus, frozenset[ReferralStatus]]] = {
    ReferralStatus.RECEIVED: frozenset({ReferralStatus.NOTIFIED, ReferralStatus.CLOSED}),
    ReferralStatus.NOTIFIED: frozenset({ReferralStatus.CLOSED}),
    ReferralStatus.CLOSED: frozenset(),
}
"""What may follow what; the database guards it again."""


class ReferralGround(StrEnum):
    """Why a provider reported a device."""

    NOT_EXAMINED = "not examined"
    """1995: nobody answered (501.22(f), P030.2.6d)."""
    NOT_AUDITED = "not audited"
    """1997: neither reset nor audited in its quarter (P050.2.3b)."""
    NO_QUALITY_PIECE = "no quality mailpiece"
    """1997: no acceptable mailpiece came (502.27, P050.2.3f)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """A device that a provider reported, because its licensee did not do what he owes."""

    number: int
    provider: str
    serial: str
    licence: str
    zip_code: str
    rulebook: str
    ground: ReferralGround
    facts: str
    last_active_on: date
    received_on: date
    status: ReferralStatus = ReferralStatus.RECEIVED
    notified_on: date | None = None
    closed_on: date | None = None
    closed_how: str = ""


class SuspectStatus(StrEnum):
    """What inspectors did about a suspect device (DMM P030.2.7, P050.2.6)."""

    SUSPECTED = "suspected"
    EXAMINED = "examined on site"
    """Found sound, it stays with the licensee."""
    WITHDRAWN = "withdrawn"
    """Taken for physical or laboratory tests, against a receipt."""


SUSPECT_TRANSITIONS: Final[dict[SuspectStatus, frozenset[SuspectStatus]]] = {
    SuspectStatus.SUSPECTED: frozenset({SuspectStatus.EXAMINED, SuspectStatus.WITHDRAWN}),
    SuspectStatus.EXAMINED: frozenset(),
    SuspectStatus.WITHDRAWN: frozenset(),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A device that inspectors suspect of being manipulated or defective."""

    number: int
    provider: str
    serial: str
    licence: str
    suspicion: str
    """Why it is reasonably suspected."""
    opened_by: str
    opened_on: date
    status: SuspectStatus = SuspectStatus.SUSPECTED
    announced_on: date | None = None
    """When the provider, never the licensee, was told ahead."""
    unannounced_because: str = ""
    """Why that was not possible."""
    closed_on: date | None = None
    finding: str = ""
    receipt: str = ""


class PresentationStatus(StrEnum):
    """Where a meter that postal staff set stands with its examination (DMM P030.2.6d, 1995)."""

    CURRENT = "current"
    NOTIFIED = "notified"
    IGNORED = "ignored"
    """The notice was not answered: a ground to revoke."""


PRESENTATION_TRANSITIONS: Final[dict[PresentationStatus, frozenset[PresentationStatus]]] = {
    PresentationStatus.CURRENT: frozenset({PresentationStatus.NOTIFIED}),
    PresentationStatus.NOTIFIED: frozenset(
        {PresentationStatus.CURRENT, PresentationStatus.IGNORED}
    ),
    PresentationStatus.IGNORED: frozenset({PresentationStatus.CURRENT}),
}
"""What may follow what; the database guards it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """A meter that is set at its post office, as that office knows it."""

    provider: str
    serial: str
    licence: str
    zip_code: str
    last_seen_on: date
    """When it was last set or examined."""
    status: PresentationStatus = PresentationStatus.CURRENT
    notified_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalExamination:
    """An examination by a postal employee."""

    provider: str
    serial: str
    licence: str
    examiner: str
    examined_on: date
    ascending_mills: int
    descending_mills: int
    log_brought: bool
    findings: tuple[str, ...]
