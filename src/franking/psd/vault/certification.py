"""Asking for a certificate with a key that stays in its vault.

``certificate_key`` shows an opened key to the X.509 builders of ``cryptography``, which only
need a public key and a signature; ``signing_request`` is the PKCS#10 request of a device.
"""

from __future__ import annotations

from typing import NoReturn

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from franking.errors import InvariantBroken
from franking.indicium.signature import der_from_raw
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner


def signing_request(signer: VaultSigner) -> bytes:
    """A PKCS#10 request (RFC 2986) in DER: the signer's name as common name, and its key."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, signer.name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return builder.sign(certificate_key(signer), SHA256()).public_bytes(Encoding.DER)


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
