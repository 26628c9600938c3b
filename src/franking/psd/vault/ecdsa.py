"""P-256 as vaults use it: signatures made quickly into raw ``r‖s``, points into keys.

``franking.indicium.signature`` says why s is low, and checks signatures of others.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from franking.errors import InvariantBroken
from franking.indicium.signature import der_from_raw

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the base point of P-256 (FIPS 186-5)."""
_HALF = ORDER >> 1
_PAIRWISE = b"franking: pairwise consistency of a new key"


def raw_from_der(der: bytes) -> bytes:
    """64 bytes with low s from a signature we just made, so without looking for bad encodings.

    On the path of every indicium: a third of the time of the checking decoder.
    """
    r_end = 4 + der[3]
    s = int.from_bytes(der[r_end + 2 :])
    if s > _HALF:
        s = ORDER - s
    return (int.from_bytes(der[4:r_end]) << 256 | s).to_bytes(64)


def public_key_object(point: bytes) -> ec.EllipticCurvePublicKey:
    """The key of 65 uncompressed bytes.

    Raises:
        ValueError: for a point that is not on the curve.
    """
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def require_pairwise(point: bytes, signature_of: Callable[[bytes], bytes]) -> None:
    """Prove that a new private key belongs to its public key (FIPS 140 pairwise check).

    Raises:
        InvariantBroken: the signature does not verify.
    """
    signature = der_from_raw(signature_of(_PAIRWISE))
    try:
        public_key_object(point).verify(signature, _PAIRWISE, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise InvariantBroken("a new key fails its pairwise consistency check") from None
