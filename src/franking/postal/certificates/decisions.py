"""Who gets a certificate, and what becomes of it. Pure: records and rules in, records out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from franking.errors import Refusal, Refused
from franking.identifiers import DeviceId
from franking.messages.kinds import RevocationRequest
from franking.postal.certificates.records import (
    KNOWS_ITS_FINAL,
    SERIAL_MAX,
    STATUS_AFTER,
    TRANSITIONS,
    Certificate,
    CertificateKind,
    CertificateStatus,
)
from franking.rules import RuleSet
from franking.rules.calendars import years
from franking.verification.trust_list import Ending, EndReason

_CLAUSE = "39 CFR 502.9(e) (1997)"
_VALIDITY = {
    CertificateKind.ROOT: "authority_years",
    CertificateKind.PROVIDER: "provider_certificate_years",
    CertificateKind.DEVICE: "certificate_years",
}
_GOOD_AT_ONCE_MAX = 2
"""The present certificate of a device and, while a rollover is under way, the next."""

KEY_CERTIFIED_BEFORE = Refusal(
    "KEY_CERTIFIED_BEFORE",
    clause=_CLAUSE,
    remedy="Generate a new key and ask for a certificate for that one.",
)
SUBJECT_WRONG = Refusal(
    "SUBJECT_WRONG",
    clause=_CLAUSE,
    remedy="Send the request that the device itself made, under its own device ID.",
    http_status=422,
)
DEVICE_OF_ANOTHER_PROVIDER = Refusal(
    "DEVICE_OF_ANOTHER_PROVIDER",
    clause="DMM P050.1.2 (1997)",
    remedy="Let the provider who is responsible for this device ask.",
    http_status=403,
)
ROLLOVER_UNFINISHED = Refusal(
    "ROLLOVER_UNFINISHED",
    clause=_CLAUSE,
    remedy="Report the end of the former certificate first.",
)
SERIALS_EXHAUSTED = Refusal(
    "SERIALS_EXHAUSTED",
    clause=_CLAUSE,
    remedy="Found a new authority: an indicium has four bytes for the certificate serial.",
)
CERTIFICATE_UNKNOWN = Refusal(
    "CERTIFICATE_UNKNOWN",
    clause=_CLAUSE,
    remedy="Check the serial number; this authority issued no such certificate.",
    http_status=404,
)
PROVIDER_NOT_CERTIFIED = Refusal(
    "PROVIDER_NOT_CERTIFIED",
    clause="39 CFR 502.1 (1997)",
    remedy="Have the Postal Service certify the provider's key before it sends messages.",
    http_status=403,
)
REVOCATION_REASON_UNKNOWN = Refusal(
    "REVOCATION_REASON_UNKNOWN",
    clause=_CLAUSE,
    remedy="Give rollover, withdrawn, faulted, lost, stolen or compromise.",
    http_status=422,
)
FINAL_ASCENDING_MISSING = Refusal(
    "FINAL_ASCENDING_MISSING",
    clause=_CLAUSE,
    remedy="Read the device, and give the ascending value its key ended at.",
    http_status=422,
)
CERTIFICATE_ENDED_BEFORE = Refusal(
    "CERTIFICATE_ENDED_BEFORE",
    clause=_CLAUSE,
    remedy="Nothing more is to be reported of this certificate but a compromise of its key.",
)
ROOT_DOES_NOT_END_SO = Refusal(
    "ROOT_DOES_NOT_END_SO",
    clause=_CLAUSE,
    remedy="Only certificates of devices and providers are revoked by message.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateDraft:
    """A certificate decided on, not signed yet."""

    serial: int
    kind: CertificateKind
    subject: str
    provider: str
    public_key: bytes
    first_day: date
    last_day: date


def next_serial(last: int) -> int:
    """The serial after ``last``.

    Raises:
        Refused: ``SERIALS_EXHAUSTED``.
    """
    if last >= SERIAL_MAX:
        raise SERIALS_EXHAUSTED.because("every serial of four bytes is taken")
    return last + 1


def draft(
    kind: CertificateKind,
    *,
    subject: str,
    provider: str,
    public_key: bytes,
    serial: int,
    rules: RuleSet,
) -> CertificateDraft:
    """A certificate that begins on the rules' day and lasts as they say for its kind."""
    return CertificateDraft(
        serial=serial,
        kind=kind,
        subject=subject,
        provider=provider,
        public_key=public_key,
        first_day=rules.on,
        last_day=years(rules.on, rules.whole(_VALIDITY[kind])),
    )


def require_certifiable_device(
    *, device: str, subject: str, provider: str, before: Sequence[Certificate]
) -> None:
    """Whether ``provider`` may have a certificate for a key of ``device``.

    ``subject`` is what the signing request names, ``before`` are the device's certificates.

    Raises:
        Refused: ``SUBJECT_WRONG``, ``DEVICE_OF_ANOTHER_PROVIDER``, ``ROLLOVER_UNFINISHED``.
    """
    require_device_id(device)
    if subject != device:
        raise SUBJECT_WRONG.because(f"the request names {subject!r}, the message {device!r}")
    others = {one.provider for one in before} - {provider}
    if others:
        raise DEVICE_OF_ANOTHER_PROVIDER.because(f"{device} is a device of {min(others)}")
    good = [one.serial for one in before if one.status is CertificateStatus.GOOD]
    if len(good) >= _GOOD_AT_ONCE_MAX:
        raise ROLLOVER_UNFINISHED.because(f"certificates {good} of {device} are good")


def require_device_id(text: str) -> None:
    """Whether a subject is a device ID as printed.

    Raises:
        Refused: ``SUBJECT_WRONG``.
    """
    try:
        readable = str(DeviceId.parse(text)) == text
    except Refused:
        readable = False
    if not readable:
        raise SUBJECT_WRONG.because(f"{text!r} is not a device ID")


def end(certificate: Certificate, request: RevocationRequest, *, on: date) -> Certificate:
    """The certificate after a provider's report on it.

    A compromise may follow any other end, and keeps the final ascending value known before.

    Raises:
        Refused: ``ROOT_DOES_NOT_END_SO``, ``SUBJECT_WRONG``, ``DEVICE_OF_ANOTHER_PROVIDER``,
            ``REVOCATION_REASON_UNKNOWN``, ``FINAL_ASCENDING_MISSING``,
            ``CERTIFICATE_ENDED_BEFORE``.
    """
    _require_own(certificate, request)
    reason, final = _reason(request.reason), request.final_ascending_mills
    if reason in KNOWS_ITS_FINAL and final is None and certificate.kind is CertificateKind.DEVICE:
        raise FINAL_ASCENDING_MISSING.because(
            f"an end by {reason} states the final ascending value"
        )
    if final is not None and final < 0:
        raise FINAL_ASCENDING_MISSING.because(f"{final} mills is below zero")
    status = STATUS_AFTER[reason]
    if status not in TRANSITIONS[certificate.status]:
        raise CERTIFICATE_ENDED_BEFORE.because(
            f"certificate {certificate.serial} is {certificate.status} already"
        )
    known = certificate.ending.final_ascending_mills if certificate.ending else None
    ending = Ending(reason=reason, on=on, final_ascending_mills=known if final is None else final)
    return replace(certificate, status=status, ending=ending)


def _require_own(certificate: Certificate, request: RevocationRequest) -> None:
    if certificate.kind is CertificateKind.ROOT:
        raise ROOT_DOES_NOT_END_SO.because(f"certificate {certificate.serial} is the root's")
    if certificate.provider != request.provider:
        raise DEVICE_OF_ANOTHER_PROVIDER.because(
            f"certificate {certificate.serial} is of {certificate.provider}"
        )
    if certificate.kind is CertificateKind.DEVICE and certificate.subject != request.device:
        raise SUBJECT_WRONG.because(
            f"certificate {certificate.serial} is of {certificate.subject}, not {request.device}"
        )


def _reason(text: str) -> EndReason:
    try:
        return EndReason(text)
    except ValueError:
        raise REVOCATION_REASON_UNKNOWN.because(f"{text!r} is no reason to revoke") from None
