"""What a device believes: messages of its provider, and certificates of the Postal Service.

A device believes only what is signed with the keys put into it when it was made, and only what is
meant for it.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime, time
from typing import Final, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from franking.errors import Refusal
from franking.messages import signing
from franking.messages.signing import Message
from franking.psd.records import DeviceCertificate, Standing
from franking.psd.vault.certification import CertificateFacts, certificate_facts

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
    found = _facts(certificate, public_key_of(standing.postal_key))
    if found.subject != standing.device_id:
        raise CERTIFICATE_NOT_BELIEVED.because(
            f"it is for {found.subject}, this device is {standing.device_id}"
        )
    if found.public_key.hex() != public_key:
        raise CERTIFICATE_NOT_BELIEVED.because("it certifies another key than this device's")
    if not 0 < found.serial <= _SERIAL_MAX:
        raise CERTIFICATE_NOT_BELIEVED.because("its serial number does not fit an indicium")
    if now > datetime.combine(found.last_day, time.max, UTC):
        raise CERTIFICATE_NOT_BELIEVED.because(f"it ended on {found.last_day}")
    return DeviceCertificate(
        serial=found.serial, first_day=found.first_day, last_day=found.last_day
    )


def public_key_of(point: str) -> EllipticCurvePublicKey:
    """The P-256 key of 65 bytes in hex."""
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), bytes.fromhex(point))


def point_of(public_key: EllipticCurvePublicKey) -> str:
    """65 bytes in hex of a P-256 key."""
    return public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()


def _facts(certificate: str, postal_key: EllipticCurvePublicKey) -> CertificateFacts:
    try:
        return certificate_facts(b64decode(certificate, validate=True), postal_key)
    except InvalidSignature as error:
        raise CERTIFICATE_NOT_BELIEVED.because("the Postal Service did not sign it") from error
    except ValueError as error:
        raise CERTIFICATE_UNREADABLE.because(f"not a certificate of a key: {error}") from error
