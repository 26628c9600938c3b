"""The 64 bytes of an ECDSA P-256 signature: raw ``r‖s``, big-endian, with low s.

One form only: of the two values of s that a signature allows, the lower one is written and
believed, so that nobody can make a second valid signature from a first. Refuses to know keys'
owners.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from franking.errors import Refusal

SIGNATURE_BYTES: Final = 64
_NUMBER_BYTES: Final = 8

# The order of the P-256 group (FIPS 186-5 and SP 800-186, 3.2.1.3).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_HALF_ORDER_BYTES = (_ORDER // 2).to_bytes(32)

# DER (X.690): a sequence of two integers; one that begins with the sign bit is led by a zero.
_SEQUENCE, _INTEGER, _SIGN_BIT = 0x30, 0x02, 0x80
_DER_LONG_R = bytes((_SEQUENCE, 69, _INTEGER, 33, 0))
_DER_SHORT_R = bytes((_SEQUENCE, 68, _INTEGER, 32))
_DER_S = bytes((_INTEGER, 32))

_ES256 = ECDSA(SHA256())
_ES256_OF_DIGEST = ECDSA(Prehashed(SHA256()))

INDICIUM_SIGNATURE_FALSE = Refusal(
    "INDICIUM_SIGNATURE_FALSE",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Keep the mailpiece and its scan as evidence; this key did not sign these bytes.",
    http_status=422,
)


def verify_raw(public_key: EllipticCurvePublicKey, data: bytes, raw: bytes) -> None:
    """Check that the holder of ``public_key`` signed ``data``.

    Raises:
        Refused: ``INDICIUM_SIGNATURE_FALSE``; also for a high s or a wrong length.
    """
    _verify(public_key, data, raw, _ES256)


def verify_raw_of_digest(public_key: EllipticCurvePublicKey, digest: bytes, raw: bytes) -> None:
    """As ``verify_raw``, of data whose SHA-256 is already at hand.

    Raises:
        Refused: ``INDICIUM_SIGNATURE_FALSE``; also for a high s or a wrong length.
    """
    _verify(public_key, digest, raw, _ES256_OF_DIGEST)


def digest_number(digest: bytes) -> int:
    """The beginning of a digest as a number of 64 bits, by which many contents are told apart."""
    return int.from_bytes(digest[:_NUMBER_BYTES], signed=True)


def _verify(public_key: EllipticCurvePublicKey, data: bytes, raw: bytes, how: ECDSA) -> None:
    if len(raw) != SIGNATURE_BYTES or not is_low_s(raw):
        raise INDICIUM_SIGNATURE_FALSE.because("it is not 64 bytes r‖s with low s")
    try:
        public_key.verify(der_from_raw(raw), data, how)
    except InvalidSignature as error:
        raise INDICIUM_SIGNATURE_FALSE.because("it is false under the key named") from error


def is_low_s(raw: bytes) -> bool:
    """Whether s is in the lower half of its range."""
    return raw[32:] <= _HALF_ORDER_BYTES


def raw_from_der(der: bytes) -> bytes:
    """The 64 bytes, with low s, of a signature as OpenSSL and X.509 write it."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(32) + min(s, _ORDER - s).to_bytes(32)


def low_s(raw: bytes) -> bytes:
    """The same signature with the lower of its two values of s."""
    if is_low_s(raw):
        return raw
    return raw[:32] + (_ORDER - int.from_bytes(raw[32:])).to_bytes(32)


def der_from_raw(raw: bytes) -> bytes:
    """The signature as OpenSSL and X.509 read it."""
    if 0 < raw[32] < _SIGN_BIT:  # all but a few: both integers of full length, put together at once
        if raw[0] >= _SIGN_BIT:
            return _DER_LONG_R + raw[:32] + _DER_S + raw[32:]
        if raw[0]:
            return _DER_SHORT_R + raw[:32] + _DER_S + raw[32:]
    r, s = _der_integer(raw[:32]), _der_integer(raw[32:])
    return bytes((_SEQUENCE, len(r) + len(s))) + r + s


def _der_integer(number: bytes) -> bytes:
    digits = number.lstrip(b"\0")
    if not digits or digits[0] & _SIGN_BIT:
        digits = b"\0" + digits
    return bytes((_INTEGER, len(digits))) + digits
