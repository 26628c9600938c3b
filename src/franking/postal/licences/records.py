"""Applications, licences and what becomes of them: values, and the tables of what may follow what.

Every licence is of one applicant at one post office, and covers the devices of every provider
there. Refuses to know the devices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from franking.messages.applications import ApplicationData

METER, PSD = "meter-1995", "ibip-1997"
"""The two rulebooks that know licences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who wants to use a device."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """Where the applicant's mail will be deposited."""

    zip_code: str
    """Five digits."""
    city: str
    """May stay unsaid, with the state."""
    state: str
    """Two letters."""


class ApplicationStatus(StrEnum):
    """Where an application stands."""

    APPLIED = "applied"
    REFUSED = "refused"
    APPEALED = "appealed"
    ISSUED = "issued"


APPLICATION_TRANSITIONS: Final[dict[ApplicationStatus, frozenset[ApplicationStatus]]] = {
    ApplicationStatus.APPLIED: frozenset({ApplicationStatus.REFUSED, ApplicationStatus.ISSUED}),
    ApplicationStatus.REFUSED: frozenset({ApplicationStatus.APPEALED}),
    ApplicationStatus.APPEALED: frozenset({ApplicationStatus.REFUSED, ApplicationStatus.ISSUED}),
    ApplicationStatus.ISSUED: frozenset(),
}
"""What may follow what; the database guards it again."""


class LicenceStatus(StrEnum):
    """Where a licence stands."""

    ISSUED = "issued"
    NOTICED = "revocation noticed"
    STAYED = "stayed"
    REVOKED = "revoked"
    CANCELLED = "cancelled"


LICENCE_TRANSITIONS: Final[dict[LicenceStatus, frozenset[LicenceStatus]]] = {
    LicenceStatus.ISSUED: frozenset(
        {LicenceStatus.NOTICED, LicenceStatus.REVOKED, LicenceStatus.CANCELLED}
    ),
    LicenceStatus.NOTICED: frozenset(
        {LicenceStatus.STAYED, LicenceStatus.REVOKED, LicenceStatus.ISSUED, LicenceStatus.CANCELLED}
    ),
    LicenceStatus.STAYED: frozenset(
        {LicenceStatus.REVOKED, LicenceStatus.ISSUED, LicenceStatus.CANCELLED}
    ),
    # An appeal against a revocation that is in effect may be sustained.
    LicenceStatus.REVOKED: frozenset({LicenceStatus.ISSUED}),
    LicenceStatus.CANCELLED: frozenset(),
}
"""What may follow what; the database guards it again."""

LIVE: Final = frozenset({LicenceStatus.ISSUED, LicenceStatus.NOTICED, LicenceStatus.STAYED})
"""A licence is valid until a revocation takes effect."""


class RefusalGround(StrEnum):
    """Why an application may be refused (DMM P030.2.3, P050.2.2): for no other reason."""

    FALSE_INFORMATION = "false information"
    EARLIER_REVOCATION = "earlier revocation"
    EXPECTED_MISUSE = "expected misuse"


REFUSAL_CLAUSES: Final[Mapping[str, str]] = {
    METER: "DMM P030.2.3 (1995)",
    PSD: "DMM P050.2.2 (1997)",
}


class Ground(StrEnum):
    """Why a licence may be revoked."""

    UNLAWFUL_USE = "unlawful use"
    PROBABLE_CAUSE = "probable cause"
    INACTIVITY = "inactivity"
    """Unused (1995), not reset or audited (1997), for the time that the rules give."""
    POOR_CONTROL = "poor control"
    ABROAD = "abroad"
    WRONG_OFFICE = "wrong office"
    NO_QUALITY_PIECES = "no quality mailpieces"
    NOT_EXAMINED = "not presented for examination"


GROUNDS: Final[Mapping[str, Mapping[Ground, str]]] = {
    METER: {
        Ground.UNLAWFUL_USE: "DMM P030.2.4a (1995)",
        Ground.INACTIVITY: "DMM P030.2.4b (1995)",
        Ground.POOR_CONTROL: "DMM P030.2.4c (1995)",
        Ground.ABROAD: "DMM P030.2.4d (1995)",
        Ground.WRONG_OFFICE: "DMM P030.2.4e (1995)",
        Ground.NOT_EXAMINED: "DMM P030.2.6d (1995)",
    },
    PSD: {
        Ground.UNLAWFUL_USE: "DMM P050.2.3a (1997)",
        Ground.PROBABLE_CAUSE: "DMM P050.2.3a (1997)",
        Ground.INACTIVITY: "DMM P050.2.3b (1997)",
        Ground.POOR_CONTROL: "DMM P050.2.3c (1997)",
        Ground.ABROAD: "DMM P050.2.3d (1997)",
        Ground.WRONG_OFFICE: "DMM P050.2.3e (1997)",
        Ground.NO_QUALITY_PIECES: "DMM P050.2.3f (1997)",
    },
}
"""The grounds of each rulebook, with their clauses."""

IMMEDIATE_CLAUSE: Final = "DMM P030.2.2 (1995)"
IMMEDIATE_GROUNDS: Final = frozenset(
    {Ground.UNLAWFUL_USE, Ground.INACTIVITY, Ground.POOR_CONTROL, Ground.ABROAD}
)
"""What every applicant of 1995 agreed to be revoked for at once."""


class RevocationStatus(StrEnum):
    """What became of a revocation."""

    PENDING = "pending"
    STAYED = "stayed"
    EFFECTIVE = "effective"
    SET_ASIDE = "set aside"


REVOCATION_TRANSITIONS: Final[dict[RevocationStatus, frozenset[RevocationStatus]]] = {
    RevocationStatus.PENDING: frozenset(
        {RevocationStatus.STAYED, RevocationStatus.EFFECTIVE, RevocationStatus.SET_ASIDE}
    ),
    RevocationStatus.STAYED: frozenset({RevocationStatus.EFFECTIVE, RevocationStatus.SET_ASIDE}),
    RevocationStatus.EFFECTIVE: frozenset({RevocationStatus.SET_ASIDE}),
    RevocationStatus.SET_ASIDE: frozenset(),
}


class AppealKind(StrEnum):
    """What an appeal to the manager of Retail Systems and Equipment is against."""

    REFUSAL = "refusal"
    REVOCATION = "revocation"
    ADJUSTMENT = "postage adjustment"


class AppealStatus(StrEnum):
    """What became of an appeal. No rule says by when it is decided (60 FR 30714, II.C)."""

    FILED = "filed"
    SUSTAINED = "sustained"
    DENIED = "denied"


APPEAL_TRANSITIONS: Final[dict[AppealStatus, frozenset[AppealStatus]]] = {
    AppealStatus.FILED: frozenset({AppealStatus.SUSTAINED, AppealStatus.DENIED}),
    AppealStatus.SUSTAINED: frozenset(),
    AppealStatus.DENIED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application (PS Form 3601-A), and its decision."""

    id: str
    """Whoever filed it, and their number: ``Acme Meters/A-000001``, ``01101/A-000001``."""
    provider: str
    """Who filed it on behalf of the applicant; empty where it was filed at the post office."""
    number: str
    rulebook: str
    data: ApplicationData
    applicant_key: str
    filed_on: date
    status: ApplicationStatus = ApplicationStatus.APPLIED
    decided_by: str = ""
    decided_on: date | None = None
    received_on: date | None = None
    """When the applicant received a refusal, where that is proven."""
    ground: str = ""
    reason: str = ""
    licence: str = ""
    """The licence it led to, or that covered it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A licence (PS Form 3601-B): all devices of one applicant at one post office."""

    number: str
    applicant: Applicant
    office: PostOffice
    issued_on: date
    message: str
    """``LicenceIssued`` as it was signed and told to the provider."""
    data: ApplicationData
    application: str
    rulebook: str = PSD
    status: LicenceStatus = LicenceStatus.ISSUED
    version: int = 1
    """Counts the changed licences; the earlier ones are kept."""
    providers: tuple[str, ...] = field(default=())
    """Who is told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A revocation of a licence: noticed, then stayed, in effect or set aside."""

    licence: str
    ordinal: int
    rulebook: str
    ground: Ground
    clause: str
    facts: str
    immediate: bool
    noticed_on: date
    noticed_by: str
    received_on: date | None = None
    status: RevocationStatus = RevocationStatus.PENDING
    effective_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """A written appeal to the manager of Retail Systems and Equipment."""

    id: str
    kind: AppealKind
    record: str
    """The application, licence or device, as ``record_id`` names it."""
    rulebook: str
    filed_on: date
    filed_by: str
    letter: str
    against: str
    """Who decided what is appealed: somebody else hears it."""
    status: AppealStatus = AppealStatus.FILED
    heard_by: str = ""
    decided_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an officer found; which of it a ground needs, ``decisions`` says."""

    told: str
    """In words; goes into the notice."""
    device: str = ""
    last_active_on: date | None = None
    """Last use (1995); last reset or audit (1997)."""
    deposited_at: str = ""
    """The ZIP Code where mail was deposited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPermission:
    """Written permission to take a device abroad (DMM P030.2.2, P050.2.3d)."""

    licence: str
    ordinal: int
    device: str
    basis: str
    """``government``, ``military`` or ``other``."""
    place: str
    letter: str
    granted_by: str
    granted_on: date
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeSetting:
    """A meter of one post office's licence that another post office sets (DMM P030.3.4)."""

    device: str
    licence: str
    zip_code: str
    """Of the post office that sets it."""
    postmaster: str
    permitted_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalOrder:
    """An order to a provider to remove a device (39 CFR 501.22(m), 502.21(i))."""

    device: str
    ordinal: int
    provider: str
    licence: str
    clause: str
    because: str
    ordered_on: date
    removed_on: date | None = None
