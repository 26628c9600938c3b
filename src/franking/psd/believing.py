"""What a device believes: messages of its provider, and certificates of the Postal Service.

A device believes only what is signed with the keys put into it when it was made, and only what is
meant for it.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from franking.errors import Refusal
from franking.messages import signing
from franking.messages.signing import Message
from franking.psd.records import DeviceCertificate, Standing

MESSAGE_FOR_ANOTHER_DEVICE = Refusal(
    "MESSAGE_FOR_ANOTHER_DEVICE",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Give the message to the device it names.",
)
CERTIFICATE_UNREADABLE = Refusal(
    "CERTIFICATE_UNREADABLE",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Ask the provider for the certificate again.",
    http_status=422,
)
CERTIFICATE_NOT_BELIEVED = Refusal(
    "CERTIFICATE_NOT_BELIEVED",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Ask the provider for a certificate that the Postal Service issued for this device.",
    http_status=403,
)

_SERIAL_MAX: Final = 2**32 - 1
"""An indicium names its certificate in four bytes."""

Kind = TypeVar("Kind", bound=Message)


def believe(text: str, kind: type[Kind], standing: Standing) -> Kind:
    """The provider's message, if it is signed by the provider and meant for this device.

    Raises:
        Refused: ``MESSAGE_UNREADABLE``, ``MESSAGE_OF_ANOTHER_KIND``, ``MESSAGE_SIGNATURE_FALSE``
            or ``MESSAGE_FOR_ANOTHER_DEVICE``.
    """
    message = signing.verify(text, kind, public_key_of(standing.provider_key))
    if message.device != standing.device_id:
        raise MESSAGE_FOR_ANOTHER_DEVICE.because(
            f"it is for {message.device}, this device is {standing.device_id}"
        )
    return message


def certified(
    certificate: str, standing: Standing, *, public_key: str, now: datetime
) -> DeviceCertificate:
    """What an indicium needs of a certificate (DER in base64) for this device and this key.

    Raises:
        Refused: ``CERTIFICATE_UNREADABLE`` or ``CERTIFICATE_NOT_BELIEVED``.
    """
    found = _certificate(certificate)
    if not _is_issued_by(found, public_key_of(standing.postal_key)):
        raise CERTIFICATE_NOT_BELIEVED.because("the Postal Service did not sign it")
    names = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if [name.value for name in names] != [standing.device_id]:
        raise CERTIFICATE_NOT_BELIEVED.because(
            f"it is for {found.subject.rfc4514_string()}, this device is {standing.device_id}"
        )
    if not _has_key(found, public_key):
        raise CERTIFICATE_NOT_BELIEVED.because("it certifies another key than this device's")
    if not 0 < found.serial_number <= _SERIAL_MAX:
        raise CERTIFICATE_NOT_BELIEVED.because("its serial number does not fit an indicium")
    if now > found.not_valid_after_utc:
        raise CERTIFICATE_NOT_BELIEVED.because(f"it ended on {found.not_valid_after_utc:%Y-%m-%d}")
    return DeviceCertificate(
        serial=found.serial_number,
        first_day=found.not_valid_before_utc.date(),
        last_day=found.not_valid_after_utc.date(),
    )


def public_key_of(point: str) -> EllipticCurvePublicKey:
    """The P-256 key of 65 bytes in hex."""
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), bytes.fromhex(point))


def point_of(public_key: EllipticCurvePublicKey) -> str:
    """65 bytes in hex of a P-256 key."""
    return public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()


def _certificate(text: str) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(b64decode(text, validate=True))
    except ValueError as error:
        raise CERTIFICATE_UNREADABLE.because(f"not a certificate: {error}") from error


def _is_issued_by(certificate: x509.Certificate, issuer: EllipticCurvePublicKey) -> bool:
    if not isinstance(certificate.signature_hash_algorithm, SHA256):
        return False
    try:
        issuer.verify(certificate.signature, certificate.tbs_certificate_bytes, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _has_key(certificate: x509.Certificate, public_key: str) -> bool:
    found = certificate.public_key()
    return isinstance(found, EllipticCurvePublicKey) and point_of(found) == public_key
