"""Reading the root key that a verifier pins."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from franking.errors import Refusal

ROOT_KEY_UNREADABLE = Refusal(
    "ROOT_KEY_UNREADABLE",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Give the Postal Service's root key in PEM with --root.",
    http_status=422,
)


def read_root_key(path: Path) -> EllipticCurvePublicKey:
    """The pinned root key in a PEM file.

    Raises:
        Refused: ``ROOT_KEY_UNREADABLE``.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise ROOT_KEY_UNREADABLE.because(f"{path} holds no public key") from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ROOT_KEY_UNREADABLE.because(f"the key in {path} is not one of P-256")
    return key
