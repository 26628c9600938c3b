"""X.509 as the authority signs it: certificates (RFC 5280) and the revocation list.

Validity is whole days: from midnight UTC of the first day to the last second of the last day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from franking.errors import InvariantBroken
from franking.postal.certificates.decisions import CertificateDraft
from franking.postal.certificates.records import Certificate, CertificateKind
from franking.psd.vault.certification import certificate_key
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner
from franking.verification.trust_list import EndReason

_LAST_SECOND = time(23, 59, 59, tzinfo=UTC)
_MIDNIGHT = time(tzinfo=UTC)
_REASONS = {
    EndReason.ROLLOVER: x509.ReasonFlags.superseded,
    EndReason.WITHDRAWN: x509.ReasonFlags.cessation_of_operation,
    EndReason.FAULTED: x509.ReasonFlags.cessation_of_operation,
    EndReason.LOST: x509.ReasonFlags.certificate_hold,
    EndReason.STOLEN: x509.ReasonFlags.certificate_hold,
    EndReason.COMPROMISE: x509.ReasonFlags.key_compromise,
}


def sign_certificate(draft: CertificateDraft, signer: VaultSigner) -> bytes:
    """The certificate in DER, signed by the authority that ``signer`` is the key of."""
    subject_key = public_key_object(draft.public_key)
    issuer_key = public_key_object(signer.public_key)
    root = draft.kind is CertificateKind.ROOT
    builder = (
        x509.CertificateBuilder()
        .serial_number(draft.serial)
        .subject_name(_name(draft.subject))
        .issuer_name(_name(signer.name))
        .not_valid_before(datetime.combine(draft.first_day, _MIDNIGHT))
        .not_valid_after(datetime.combine(draft.last_day, _LAST_SECOND))
        .public_key(subject_key)
        .add_extension(
            x509.BasicConstraints(ca=root, path_length=0 if root else None), critical=True
        )
        .add_extension(_usage(authority=root), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(subject_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )
    return builder.sign(certificate_key(signer), SHA256()).public_bytes(Encoding.DER)


def sign_revocation_list(
    ended: Iterable[Certificate],
    signer: VaultSigner,
    *,
    number: int,
    issued: datetime,
    next_issue: datetime,
) -> bytes:
    """The revocation list in DER: every certificate that ended or was reported."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(_name(signer.name))
        .last_update(issued)
        .next_update(next_issue)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for certificate in ended:
        builder = builder.add_revoked_certificate(_revoked(certificate))
    return builder.sign(certificate_key(signer), SHA256()).public_bytes(Encoding.DER)


def _revoked(certificate: Certificate) -> x509.RevokedCertificate:
    if certificate.ending is None:
        raise InvariantBroken(f"certificate {certificate.serial} is revoked without an ending")
    return (
        x509.RevokedCertificateBuilder()
        .serial_number(certificate.serial)
        .revocation_date(_midnight(certificate.ending.on))
        .add_extension(x509.CRLReason(_REASONS[certificate.ending.reason]), critical=False)
        .build()
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, _MIDNIGHT)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
