"""Commands on certificates: certify providers and devices, take reports, publish the lists."""

from __future__ import annotations

import contextlib
import hashlib
import os
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from franking.clock import instant_text
from franking.errors import Refusal, Refused
from franking.identifiers import DeviceId, record_id
from franking.messages.kinds import CertificateRequest, RevocationRequest
from franking.messages.signing import Kind, digest, unverified, verify
from franking.postal.certificates import tables
from franking.postal.certificates.authority import CLAUSES, key_rules, require_authority
from franking.postal.certificates.decisions import (
    CERTIFICATE_UNKNOWN,
    KEY_CERTIFIED_BEFORE,
    PROVIDER_NOT_CERTIFIED,
    SUBJECT_WRONG,
    CertificateDraft,
    draft,
    end,
    next_serial,
    require_certifiable_device,
)
from franking.postal.certificates.issuing import sign_certificate, sign_revocation_list
from franking.postal.certificates.records import (
    Certificate,
    CertificateKind,
    CertificateStatus,
    TrustListIssue,
)
from franking.postal.schema import DOCKET
from franking.psd.vault.certification import SIGNING_REQUEST_FALSE, verified_request
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner
from franking.storage import Act, Books, Reading, Work
from franking.verification.trust_list import TrustEntry, write

CONTRADICTED = "end contradicted journal"
"""Owed where the journal of a hosted device contradicts its anchor: a key that ended settles it."""
TRUST_LIST_NOT_WRITTEN = Refusal(
    "TRUST_LIST_NOT_WRITTEN",
    clause="policy",
    remedy="Give a place that can be written, then publish again; nothing was published.",
)


def certify_provider(
    books: Books, signer: VaultSigner, *, name: str, signing_request: bytes, now: datetime
) -> Certificate:
    """Certify the key of an authorized provider; the same request gets the same certificate.

    Whether the provider is authorized (39 CFR 502.1) was decided by whoever gives this command.

    Raises:
        Refused: ``SIGNING_REQUEST_FALSE``, ``SUBJECT_WRONG``, ``KEY_CERTIFIED_BEFORE``,
            ``SERIALS_EXHAUSTED``, ``AUTHORITY_MISSING``.
    """
    subject, public_key = verified_request(signing_request)
    if subject != name:
        raise SUBJECT_WRONG.because(f"the request names {subject!r}, not {name!r}")
    request_digest = hashlib.sha256(signing_request).hexdigest()
    with books.work(now, "certify_provider") as work:
        if (before := tables.certificate_for_request(work, request_digest)) is not None:
            return before
        certificate = _issued(
            work,
            signer,
            _draft(work, CertificateKind.PROVIDER, name, name, public_key, now),
            request_digest,
        )
        work.record(_act("certify_provider", certificate))
    return certificate


def certify_device(books: Books, signer: VaultSigner, request: str, now: datetime) -> Certificate:
    """Answer a provider's ``CertificateRequest``; the same request gets the same certificate.

    Raises:
        Refused: ``PROVIDER_NOT_CERTIFIED``, ``MESSAGE_SIGNATURE_FALSE`` and the like,
            ``SIGNING_REQUEST_FALSE``, ``SUBJECT_WRONG``, ``DEVICE_OF_ANOTHER_PROVIDER``,
            ``ROLLOVER_UNFINISHED``, ``KEY_CERTIFIED_BEFORE``, ``SERIALS_EXHAUSTED``.
    """
    with books.work(now, "certify_device") as work:
        provider = unverified(request, CertificateRequest).provider
        message = _believed(work, request, CertificateRequest, provider, now)
        if (before := tables.certificate_for_request(work, digest(request))) is not None:
            return before
        subject, public_key = verified_request(_der(message.signing_request))
        require_certifiable_device(
            device=message.device,
            subject=subject,
            provider=provider,
            before=tables.certificates_of(work, message.device),
        )
        certificate = _issued(
            work,
            signer,
            _draft(work, CertificateKind.DEVICE, subject, provider, public_key, now),
            digest(request),
        )
        work.record(_act("certify_device", certificate))
    return certificate


def take_revocation(books: Books, request: str, now: datetime) -> Certificate:
    """Take a provider's report that a key ended, or that its device is missing.

    The same message again changes nothing.

    Raises:
        Refused: ``PROVIDER_NOT_CERTIFIED``, ``MESSAGE_SIGNATURE_FALSE`` and the like,
            ``CERTIFICATE_UNKNOWN``, and as ``decisions.end``.
    """
    with books.work(now, "take_revocation") as work:
        provider = unverified(request, RevocationRequest).provider
        message = _believed(work, request, RevocationRequest, provider, now)
        before = _require(work, message.certificate_serial)
        if tables.revocation_done(work, digest(request)):
            return before
        after = end(before, message, on=now.date())
        tables.change_certificate(work, before, after)
        tables.add_revocation(
            work, request_digest=digest(request), serial=before.serial, request=request
        )
        device, because = record_id("device", after.subject), f"its key ended: {message.reason}"
        DOCKET.satisfy(work, CONTRADICTED, record=device, now=now, because=because)
        work.record(_act("take_revocation", after, reason=message.reason))
    return after


def issue_revocation_list(books: Books, signer: VaultSigner, now: datetime) -> bytes:
    """Sign the revocation list (RFC 5280) as the books stand, in DER.

    Raises:
        Refused: ``AUTHORITY_MISSING``, ``TOKEN_GONE``.
    """
    with books.work(now, "issue_revocation_list") as work:
        require_authority(work)
        number = tables.next_number(work, tables.REVOCATION_LISTS)
        der = sign_revocation_list(
            tables.ended_certificates(work),
            signer,
            number=number,
            issued=now,
            next_issue=_next_issue(now),
        )
        tables.add_revocation_list(work, number=number, issued_at=instant_text(now), der=der)
        work.record(
            Act(
                command="issue_revocation_list",
                record=record_id("revocation list", number),
                clauses=CLAUSES,
                inputs={"digest": hashlib.sha256(der).hexdigest()},
            )
        )
    return der


def publish_trust_list(
    books: Books, signer: VaultSigner, path: Path, now: datetime
) -> TrustListIssue:
    """Write the signed trust list as the books stand, and put it in place of the former one.

    The list is noted in the books before it is put in place: a list that is out is always in them.

    Raises:
        Refused: ``AUTHORITY_MISSING``, ``TRUST_LIST_NOT_WRITTEN``, ``TOKEN_GONE``.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        with books.work(now, "publish_trust_list") as work:
            require_authority(work)
            issue = _written(work, signer, fresh, now)
            tables.add_trust_list(work, issue)
            work.record(
                Act(
                    command="publish_trust_list",
                    record=record_id("trust list", issue.number),
                    clauses=CLAUSES,
                    inputs={"certificates": issue.certificates, "digest": issue.digest},
                )
            )
        fresh.replace(path)
    except OSError as error:
        raise TRUST_LIST_NOT_WRITTEN.because(f"{path}: {error.strerror}") from error
    return issue


def certificate(books: Books, serial: int) -> Certificate:
    """One certificate.

    Raises:
        Refused: ``CERTIFICATE_UNKNOWN``.
    """
    with books.reading() as reading:
        return _require(reading, serial)


def certificates_of(books: Books, subject: str) -> list[Certificate]:
    """Every certificate of a device, a provider or the root, oldest first."""
    with books.reading() as reading:
        return tables.certificates_of(reading, subject)


def _believed(work: Reading, text: str, kind: type[Kind], provider: str, now: datetime) -> Kind:
    keys = [
        one.public_key
        for one in tables.certificates_of(work, provider)
        if one.kind is CertificateKind.PROVIDER
        and one.status is CertificateStatus.GOOD
        and one.first_day <= now.date() <= one.last_day
    ]
    if not keys:
        raise PROVIDER_NOT_CERTIFIED.because(f"no good certificate of {provider!r}")
    for key in keys[:-1]:
        with contextlib.suppress(Refused):
            return verify(text, kind, public_key_object(key))
    return verify(text, kind, public_key_object(keys[-1]))


def _draft(
    work: Reading,
    kind: CertificateKind,
    subject: str,
    provider: str,
    public_key: bytes,
    now: datetime,
) -> CertificateDraft:
    if (other := tables.certificate_of_key(work, public_key)) is not None:
        raise KEY_CERTIFIED_BEFORE.because(f"certificate {other.serial} of {other.subject} has it")
    return draft(
        kind,
        subject=subject,
        provider=provider,
        public_key=public_key,
        serial=next_serial(tables.last_serial(work)),
        rules=key_rules(now),
    )


def _issued(
    work: Work, signer: VaultSigner, decided: CertificateDraft, request_digest: str
) -> Certificate:
    require_authority(work)
    certificate = Certificate(
        serial=decided.serial,
        kind=decided.kind,
        subject=decided.subject,
        provider=decided.provider,
        public_key=decided.public_key,
        first_day=decided.first_day,
        last_day=decided.last_day,
        der=sign_certificate(decided, signer),
        request_digest=request_digest,
    )
    tables.add_certificate(work, certificate)
    return certificate


def _written(work: Reading, signer: VaultSigner, path: Path, now: datetime) -> TrustListIssue:
    number, next_issue = tables.next_number(work, tables.TRUST_LISTS), _next_issue(now)
    count = 0

    def entries() -> Iterator[TrustEntry]:
        nonlocal count
        for one in tables.device_certificates(work):
            count += 1
            yield _entry(one)

    with path.open("w+b") as file:
        write(file, entries(), signer, issued=now, next_issue=next_issue, number=number)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        file_digest = hashlib.file_digest(file, "sha256").hexdigest()
    return TrustListIssue(
        number=number,
        certificates=count,
        issued_at=now,
        next_issue_at=next_issue,
        digest=file_digest,
    )


def _entry(one: Certificate) -> TrustEntry:
    return TrustEntry(
        certificate_serial=one.serial,
        device_id=DeviceId.parse(one.subject),
        public_key=one.public_key,
        valid_from=one.first_day,
        valid_to=one.last_day,
        ending=one.ending,
    )


def _require(books: Reading, serial: int) -> Certificate:
    found = tables.find_certificate(books, serial)
    if found is None:
        raise CERTIFICATE_UNKNOWN.because(f"there is no certificate {serial}")
    return found


def _next_issue(now: datetime) -> datetime:
    return now + timedelta(days=key_rules(now).whole("trust_list_days"))


def _der(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise SIGNING_REQUEST_FALSE.because("it is not base64") from error


def _act(command: str, certificate: Certificate, **inputs: object) -> Act:
    return Act(
        command=command,
        record=record_id("certificate", certificate.serial),
        clauses=CLAUSES,
        inputs={"subject": certificate.subject, "provider": certificate.provider, **inputs},
    )
