"""What a night makes suspect, and by which scans: from the engines to those who look into it.

A suspicion is about one device, or one piece that was copied or refunded; it counts every scan that
it rests on and holds the first of them as its members, those of earlier nights included. It names
reasons and refuses to judge: whether a case opens is decided by the Postal Service's own books.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec

from franking.errors import Refusal
from franking.scans.operations import word_of
from franking.verification.reasons import Reason
from franking.verification.trust_format import day_of

EVIDENCE_UNREADABLE = Refusal(
    "EVIDENCE_UNREADABLE",
    clause="policy",
    remedy="Give the file of suspicions that franking scans verify wrote beside its verdicts.",
    http_status=422,
)


class SuspicionKind(StrEnum):
    """What the scans together make suspect."""

    FORGED = "forged"
    """Proven not authentic: a false signature, another's certificate, a key not valid for it."""
    COPIED = "copied"
    """Scans of one piece that cannot belong to one journey."""
    CLONED = "cloned"
    """Two different pieces of one device used up the same value."""
    ROLLED_BACK = "rolled back"
    """The printed date falls by more than permitted post-dating as ascending rises."""
    VALUE_NOT_COVERED = "value not covered"
    """Registers that no reset accounts for."""
    REFUNDED = "refunded yet mailed"
    DEVICE_ENDED = "device ended"
    """Revoked or withdrawn, or with a compromised key, and still mailing."""
    DEVICE_MISSING = "device missing"
    """Lost or stolen, and still mailing."""
    SHORT_PAID = "short paid"
    OUTSIDE_DATE = "date outside its window"
    WRONG_OFFICE = "wrong post office"


KIND_OF: Final[Mapping[Reason, SuspicionKind]] = {
    Reason.SIGNATURE_FALSE: SuspicionKind.FORGED,
    Reason.CERTIFICATE_OF_ANOTHER: SuspicionKind.FORGED,
    Reason.CERTIFICATE_OUT_OF_DATE: SuspicionKind.FORGED,
    Reason.ABOVE_FINAL_ASCENDING: SuspicionKind.DEVICE_ENDED,
    Reason.SERVICE_ENDED: SuspicionKind.DEVICE_ENDED,
    Reason.KEY_COMPROMISED: SuspicionKind.DEVICE_ENDED,
    Reason.DEVICE_LOST: SuspicionKind.DEVICE_MISSING,
    Reason.DEVICE_STOLEN: SuspicionKind.DEVICE_MISSING,
    Reason.DUPLICATE: SuspicionKind.COPIED,
    Reason.OVERLAP: SuspicionKind.CLONED,
    Reason.ROLLED_BACK: SuspicionKind.ROLLED_BACK,
    Reason.CONTROL_TOTAL_DIFFERS: SuspicionKind.VALUE_NOT_COVERED,
    Reason.REGISTERS_IMPOSSIBLE: SuspicionKind.VALUE_NOT_COVERED,
    Reason.DESCENDING_OVER_LIMIT: SuspicionKind.VALUE_NOT_COVERED,
    Reason.REFUNDED: SuspicionKind.REFUNDED,
    Reason.SHORT_PAID: SuspicionKind.SHORT_PAID,
    Reason.DATE_TOO_FAR_AHEAD: SuspicionKind.OUTSIDE_DATE,
    Reason.DATE_AHEAD_OF_DEPOSIT: SuspicionKind.OUTSIDE_DATE,
    Reason.DATE_IS_PAST: SuspicionKind.OUTSIDE_DATE,
    Reason.WRONG_OFFICE: SuspicionKind.WRONG_OFFICE,
}
"""Which reasons make what suspect; a reason that is not here makes nothing suspect by itself.

A key that was compromised after the date of a piece is none: that piece may well be honest.
"""
BY_PIECE: Final = frozenset({SuspicionKind.COPIED, SuspicionKind.REFUNDED})
"""Kinds with one suspicion for each piece; the others have one for each device of a night."""
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
"""What every database holds, and no device reaches."""
Night = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z-]{0,40}\Z")]
"""It names files: no other sign is taken from elsewhere."""
Device = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Z]{4}[0-9]{10}\Z")]
_ZIP_DIGITS = 5


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One scan of a piece, as the file that it came in said it; what it did not say is ``None``."""

    ascending_mills: Count
    postage_mills: Count
    dated: date
    """The day that the indicium shows."""
    descending_mills: Count | None = None
    certificate: int = 0
    """The serial number of the certificate that the indicium names."""
    content: int = 0
    """Digest of what the device signed: two contents at one ascending value are two pieces."""
    scanned_at: Instant | None = None
    place: str = ""
    """The ZIP Code where it was scanned; empty where it is not known."""
    operation: str = ""
    """The word of an ``Operation``."""
    scanner: str = ""
    quality: int | None = None
    """Error correction that the reader had left, per cent."""
    looks: int | None = None
    """Different looks at the print that gave the same bytes."""
    night: Night = ""
    """The night whose files it came with."""
    file: int = 0
    row: int = 0


class Suspicion(msgspec.Struct, frozen=True, kw_only=True):
    """What a night's scans, with those of the nights before, make suspect of a device or piece."""

    kind: SuspicionKind
    device: Device
    """The device ID as printed; of a forgery, the one that it claims."""
    members: tuple[Seen, ...]
    """By piece and time, at most as many as the policy ``irregularities/scans_listed_max``."""
    count: Count
    """Every scan that it rests on."""
    reasons: tuple[Reason, ...]
    pieces: Count = 0
    """How many different pieces they are of; 0 where that was not counted."""

    @property
    def subject(self) -> str:
        """What it is about: a device, or one piece of it, ``FK1A0000000001/320``."""
        if self.kind in BY_PIECE and self.members:
            return f"{self.device}/{self.members[0].ascending_mills}"
        return self.device


class NightFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of scans, of this night or of an earlier one: its number here, its name, SHA-256."""

    number: int
    name: str
    sha256: str = ""


class NightEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that a night makes suspect, and what it was judged by."""

    night: Night
    """Its name, the same whenever its files are taken in again: ``2026-11-21``."""
    judged_at: Instant
    trust_list: Count
    """The number of the trust list."""
    trust_issued: Instant
    rulebook: str = "ibip-1997"
    files: tuple[NightFile, ...] = ()
    told_by: str = ""
    """Whose word it is, where it was judged elsewhere and nobody signed it; empty where the Postal
    Service judged the scans itself. What a file says of this is not believed."""
    suspicions: tuple[Suspicion, ...] = ()


def seen_in(row: Mapping[str, Any], night: str) -> Seen:
    """A scan from a row of ``records.EXAMINED`` as Python values, of a night of that name."""
    place, operation = row["place"], row["operation"]
    return Seen(
        ascending_mills=row["ascending"],
        postage_mills=row["postage"],
        dated=day_of(row["dated"]),
        descending_mills=row["descending"],
        certificate=row["certificate"] or 0,
        content=row["content"] or 0,
        scanned_at=_in_utc(row["scanned_at"]),
        place="" if place is None else f"{place:0{_ZIP_DIGITS}d}",
        operation=word_of(operation),
        scanner=row["scanner"] or "",
        quality=row["quality"],
        looks=row["looks"],
        night=night,
        file=row["file"],
        row=row["row"],
    )


def written(evidence: NightEvidence) -> bytes:
    """The evidence of a night as JSON, to be taken along to where cases are opened."""
    return msgspec.json.encode(evidence, order="sorted")


def read(data: bytes) -> NightEvidence:
    """What ``written`` wrote.

    Raises:
        Refused: ``EVIDENCE_UNREADABLE``.
    """
    try:
        return msgspec.json.decode(data, type=NightEvidence)
    except (msgspec.DecodeError, ValueError) as error:
        raise EVIDENCE_UNREADABLE.because(str(error)) from error


def told(data: bytes, *, by: str) -> NightEvidence:
    """What ``written`` wrote, as the word of whoever gives it, since nobody signed it.

    Raises:
        Refused: ``EVIDENCE_UNREADABLE``.
    """
    digest = hashlib.sha256(data).hexdigest()
    whose = f"{by}, by a file that nobody signed (SHA-256 {digest})"
    return msgspec.structs.replace(read(data), told_by=whose)


def _in_utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)
