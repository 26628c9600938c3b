"""Certificates and requests for them: asking with a key that stays in its vault, and reading.

``certificate_key`` shows an opened key to the X.509 builders of ``cryptography``, which only
need a public key and a signature. ``signing_request`` is the PKCS#10 request of a device;
``verified_request`` and ``verified_certificate`` are how either is believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from franking.errors import InvariantBroken, Refusal
from franking.indicium.signature import der_from_raw
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner

SIGNING_REQUEST_FALSE = Refusal(
    "SIGNING_REQUEST_FALSE",
    clause="39 CFR 502.9(e) (1997)",
    remedy="Have the device make its request again, and send it as the device made it.",
    http_status=422,
)
CERTIFICATE_FALSE = Refusal(
    "CERTIFICATE_FALSE",
    clause="39 CFR 502.9(e) (1997)",
    remedy="Ask the Postal Service for the certificate again; do not believe this one.",
    http_status=403,
)


def signing_request(signer: VaultSigner) -> bytes:
    """A PKCS#10 request (RFC 2986) in DER: the signer's name as common name, and its key."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, signer.name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return builder.sign(certificate_key(signer), SHA256()).public_bytes(Encoding.DER)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What a certificate says, once its signature was checked."""

    serial: int
    """Four bytes, as an indicium carries it."""
    subject: str
    """A device ID, or the name of a provider or an authority."""
    public_key: bytes
    """65 bytes: the uncompressed point of P-256."""
    first_day: date
    last_day: date
    """The last day it is valid on."""


def verified_request(der: bytes) -> tuple[str, bytes]:
    """The name and the 65-byte public key of a PKCS#10 request that its own key signed.

    Raises:
        Refused: ``SIGNING_REQUEST_FALSE``.
    """
    try:
        request = x509.load_der_x509_csr(der)
        if not request.is_signature_valid:
            raise SIGNING_REQUEST_FALSE.because("it is not signed by the key it presents")
        return _common_name(request.subject), _point(request.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SIGNING_REQUEST_FALSE.because(
            f"it is not a request for a P-256 key: {error}"
        ) from error


def verified_certificate(der: bytes, issuer_key: ec.EllipticCurvePublicKey) -> CertificateFacts:
    """What the certificate says, if the holder of ``issuer_key`` signed it.

    Whether it is in date or revoked is for the caller to ask.

    Raises:
        Refused: ``CERTIFICATE_FALSE``.
    """
    try:
        return certificate_facts(der, issuer_key)
    except InvalidSignature as error:
        raise CERTIFICATE_FALSE.because("it is not signed by the expected authority") from error
    except ValueError as error:
        raise CERTIFICATE_FALSE.because(
            f"it is not a certificate of a P-256 key: {error}"
        ) from error


def certificate_facts(der: bytes, issuer_key: ec.EllipticCurvePublicKey) -> CertificateFacts:
    """As ``verified_certificate``, for a room that refuses in its own words.

    Raises:
        InvalidSignature: the holder of ``issuer_key`` did not sign it.
        ValueError: it is no certificate of a P-256 key.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        issuer_key.verify(
            certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(SHA256())
        )
        return CertificateFacts(
            serial=certificate.serial_number,
            subject=_common_name(certificate.subject),
            public_key=_point(certificate.public_key()),
            first_day=certificate.not_valid_before_utc.date(),
            last_day=certificate.not_valid_after_utc.date(),
        )
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from error


def certificate_key(signer: VaultSigner) -> ec.EllipticCurvePrivateKey:
    """The signer as an X.509 builder sees a private key: it signs and gives nothing away."""
    return _VaultKey(signer)


class _VaultKey(ec.EllipticCurvePrivateKey):
    def __init__(self, signer: VaultSigner) -> None:
        self._signer = signer

    def sign(self, data: bytes | bytearray | memoryview, signature_algorithm: object) -> bytes:
        if not _is_ecdsa_sha256(signature_algorithm):
            raise InvariantBroken("a vault key signs with ECDSA over SHA-256 only")
        return der_from_raw(self._signer.sign(bytes(data)))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return public_key_object(self._signer.public_key)

    @property
    def curve(self) -> ec.EllipticCurve:
        return ec.SECP256R1()

    @property
    def key_size(self) -> int:
        return self.curve.key_size

    def exchange(self, algorithm: object, peer_public_key: object) -> NoReturn:
        raise InvariantBroken("a vault key agrees on no secrets")

    def private_numbers(self) -> NoReturn:
        raise InvariantBroken("a vault key stays in its vault")

    def private_bytes(self, *args: object) -> NoReturn:
        raise InvariantBroken("a vault key stays in its vault")

    def __copy__(self) -> ec.EllipticCurvePrivateKey:
        return self

    def __deepcopy__(self, memo: object) -> ec.EllipticCurvePrivateKey:
        return self


def _is_ecdsa_sha256(algorithm: object) -> bool:
    return isinstance(algorithm, ec.ECDSA) and isinstance(algorithm.algorithm, SHA256)


def _common_name(name: x509.Name) -> str:
    values = [str(part.value) for part in name.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if len(values) != 1:
        raise ValueError("it names nobody, or more than one")
    return values[0]


def _point(key: object) -> bytes:
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("its key is of another kind")
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
