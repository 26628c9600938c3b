"""How the authority's records are stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Column, Row, Select, Table, func, insert, select, update

from franking.clock import instant_text
from franking.postal.certificates.records import (
    SERIAL_MAX,
    TRANSITIONS,
    Authority,
    Certificate,
    CertificateKind,
    CertificateStatus,
    KeyDrill,
    TrustListIssue,
)
from franking.postal.schema import METADATA
from franking.storage import Reading, Work
from franking.storage.columns import (
    WHOLE,
    data,
    guard_append_only,
    guard_transitions,
    one_of,
    optional_text,
    optional_whole,
    text,
    whole,
)
from franking.verification.trust_list import Ending, EndReason

AUTHORITY = Table(
    "authority",
    METADATA,
    Column("number", WHOLE, CheckConstraint("number = 1"), primary_key=True),
    text("name"),
    whole("serial"),
    data("public_key"),
    data("wrapped"),
    text("plan_version"),
    text("plan_digest"),
    CheckConstraint("length(public_key) = 65"),
    sqlite_strict=True,
)

CERTIFICATES = Table(
    "certificates",
    METADATA,
    Column("serial", WHOLE, primary_key=True, autoincrement=False),
    text("kind"),
    text("subject", index=True),
    text("provider"),
    data("public_key", unique=True),
    text("first_day"),
    text("last_day"),
    data("der"),
    text("request_digest", unique=True),
    text("status"),
    optional_text("end_reason"),
    optional_text("ended_on"),
    optional_whole("final_ascending_mills"),
    one_of("kind", CertificateKind),
    one_of("status", CertificateStatus),
    CheckConstraint(f"serial BETWEEN 1 AND {SERIAL_MAX}"),
    CheckConstraint("length(public_key) = 65"),
    CheckConstraint("first_day <= last_day"),
    CheckConstraint("(status = 'good') = (end_reason IS NULL)"),
    CheckConstraint("(end_reason IS NULL) = (ended_on IS NULL)"),
    CheckConstraint("final_ascending_mills IS NULL OR final_ascending_mills >= 0"),
    sqlite_strict=True,
)
guard_transitions(CERTIFICATES, TRANSITIONS)
guard_append_only(
    CERTIFICATES,
    columns=("serial", "kind", "subject", "provider", "public_key", "first_day", "last_day", "der"),
)

REVOCATIONS = Table(
    "revocations",
    METADATA,
    text("request_digest", primary_key=True),
    whole("serial"),
    text("request"),
    sqlite_strict=True,
)
guard_append_only(REVOCATIONS)

TRUST_LISTS = Table(
    "trust_lists",
    METADATA,
    Column("number", WHOLE, primary_key=True),
    whole("certificates"),
    text("issued_at"),
    text("next_issue_at"),
    text("digest"),
    CheckConstraint("issued_at < next_issue_at"),
    sqlite_strict=True,
)
guard_append_only(TRUST_LISTS)

REVOCATION_LISTS = Table(
    "revocation_lists",
    METADATA,
    Column("number", WHOLE, primary_key=True),
    text("issued_at"),
    data("der"),
    sqlite_strict=True,
)
guard_append_only(REVOCATION_LISTS)

KEY_DRILLS = Table(
    "key_drills",
    METADATA,
    Column("number", WHOLE, primary_key=True),
    text("at"),
    text("next_by"),
    sqlite_strict=True,
)
guard_append_only(KEY_DRILLS)

TABLES = (AUTHORITY, CERTIFICATES, REVOCATIONS, TRUST_LISTS, REVOCATION_LISTS, KEY_DRILLS)
_ENDED = CERTIFICATES.c.status != CertificateStatus.GOOD


def find_authority(books: Reading) -> Authority | None:
    """The authority of these books."""
    row = books.row(select(AUTHORITY))
    if row is None:
        return None
    return Authority(**{name: value for name, value in row._mapping.items() if name != "number"})


def add_authority(work: Work, authority: Authority) -> None:
    """Store the authority; there is one."""
    row = {name: getattr(authority, name) for name in Authority.__dataclass_fields__}
    work.write(insert(AUTHORITY).values(number=1, **row))


def change_authority(work: Work, **values: object) -> None:
    """Change what may change: the wrapped key after a restore, the plan after an adoption."""
    work.write_one(update(AUTHORITY).values(values))


def last_serial(books: Reading) -> int:
    """The highest serial given out, or 0."""
    row = books.row(select(func.max(CERTIFICATES.c.serial).label("last")))
    return 0 if row is None or row.last is None else int(row.last)


def add_certificate(work: Work, certificate: Certificate) -> None:
    """Store a new certificate."""
    work.write(
        insert(CERTIFICATES).values(
            serial=certificate.serial,
            kind=certificate.kind,
            subject=certificate.subject,
            provider=certificate.provider,
            public_key=certificate.public_key,
            first_day=certificate.first_day.isoformat(),
            last_day=certificate.last_day.isoformat(),
            der=certificate.der,
            request_digest=certificate.request_digest,
            **_standing(certificate),
        )
    )


def change_certificate(work: Work, before: Certificate, after: Certificate) -> None:
    """Store what became of a certificate, if it still is as decided on."""
    table = CERTIFICATES.c
    change = update(CERTIFICATES).where(
        table.serial == before.serial, table.status == before.status
    )
    work.write_one(change.values(_standing(after)))


def find_certificate(books: Reading, serial: int) -> Certificate | None:
    """The certificate of a serial."""
    return _one(books.row(select(CERTIFICATES).where(CERTIFICATES.c.serial == serial)))


def certificate_for_request(books: Reading, request_digest: str) -> Certificate | None:
    """The certificate that answered a request before."""
    table = CERTIFICATES.c
    return _one(books.row(select(CERTIFICATES).where(table.request_digest == request_digest)))


def certificate_of_key(books: Reading, public_key: bytes) -> Certificate | None:
    """The certificate of a key."""
    return _one(books.row(select(CERTIFICATES).where(CERTIFICATES.c.public_key == public_key)))


def certificates_of(books: Reading, subject: str) -> list[Certificate]:
    """Every certificate of a device, a provider or the root, oldest first."""
    return _many(books, select(CERTIFICATES).where(CERTIFICATES.c.subject == subject))


def ended_certificates(books: Reading) -> list[Certificate]:
    """Every certificate that is no longer simply good, by serial."""
    return _many(books, select(CERTIFICATES).where(_ENDED))


def device_certificates(books: Reading) -> Iterator[Certificate]:
    """Every device certificate, by serial."""
    query = select(CERTIFICATES).where(CERTIFICATES.c.kind == CertificateKind.DEVICE)
    return map(_certificate, books.stream(query.order_by(CERTIFICATES.c.serial)))


def revocation_done(books: Reading, request_digest: str) -> bool:
    """Whether this very message was taken before."""
    query = select(REVOCATIONS).where(REVOCATIONS.c.request_digest == request_digest)
    return books.row(query) is not None


def add_revocation(work: Work, *, request_digest: str, serial: int, request: str) -> None:
    """Keep a provider's report as it came."""
    row = {"request_digest": request_digest, "serial": serial, "request": request}
    work.write(insert(REVOCATIONS).values(row))


def next_number(books: Reading, table: Table) -> int:
    """The number of the next list."""
    row = books.row(select(func.max(table.c.number).label("last")))
    return 1 if row is None or row.last is None else int(row.last) + 1


def add_trust_list(work: Work, issue: TrustListIssue) -> None:
    """Note a trust list as published."""
    work.write(
        insert(TRUST_LISTS).values(
            number=issue.number,
            certificates=issue.certificates,
            issued_at=instant_text(issue.issued_at),
            next_issue_at=instant_text(issue.next_issue_at),
            digest=issue.digest,
        )
    )


def add_revocation_list(work: Work, *, number: int, issued_at: str, der: bytes) -> None:
    """Keep a revocation list as signed."""
    row = {"number": number, "issued_at": issued_at, "der": der}
    work.write(insert(REVOCATION_LISTS).values(row))


def add_drill(work: Work, drill: KeyDrill) -> None:
    """Note a drill."""
    row = {"at": instant_text(drill.at), "next_by": drill.next_by.isoformat()}
    work.write(insert(KEY_DRILLS).values(row))


def _standing(certificate: Certificate) -> dict[str, object]:
    ending = certificate.ending
    return {
        "status": certificate.status,
        "end_reason": ending.reason if ending else None,
        "ended_on": ending.on.isoformat() if ending else None,
        "final_ascending_mills": ending.final_ascending_mills if ending else None,
    }


def _many(books: Reading, query: Select[Any]) -> list[Certificate]:
    return [_certificate(row) for row in books.rows(query.order_by(CERTIFICATES.c.serial))]


def _one(row: Row[Any] | None) -> Certificate | None:
    return None if row is None else _certificate(row)


def _certificate(row: Row[Any]) -> Certificate:
    return Certificate(
        serial=row.serial,
        kind=CertificateKind(row.kind),
        subject=row.subject,
        provider=row.provider,
        public_key=row.public_key,
        first_day=date.fromisoformat(row.first_day),
        last_day=date.fromisoformat(row.last_day),
        der=row.der,
        request_digest=row.request_digest,
        status=CertificateStatus(row.status),
        ending=_ending(row),
    )


def _ending(row: Row[Any]) -> Ending | None:
    if row.end_reason is None:
        return None
    return Ending(
        reason=EndReason(row.end_reason),
        on=date.fromisoformat(row.ended_on),
        final_ascending_mills=row.final_ascending_mills,
    )
