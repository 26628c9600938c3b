"""Authenticated sealing: AES-256-GCM bound to a name, and parcels under a passphrase.

Layouts, all big-endian. A sealed thing: ``FKS1``, kind (1 byte), nonce (12), ciphertext and tag;
the first five bytes and the name are authenticated too. A parcel: ``FKP1``, log2 of the scrypt
cost (1), salt (16), then a sealed thing under the key that scrypt gives (RFC 7914; r = 8, p = 1).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from franking.psd.vault.port import VAULT_CANNOT_OPEN, VAULT_PASSPHRASE_WRONG

KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12
SCRYPT_LOG2_COST = 15
_SCRYPT_LOG2_COST_MAX = 20
_SEAL = b"FKS1"
_PARCEL = b"FKP1"

RandomBytes = Callable[[int], bytes]


class Kind(Enum):
    """What a sealed thing is; one kind never opens as another."""

    KEY = b"K"
    SECRET = b"S"
    MASTER = b"M"
    TOKEN = b"T"
    """Something that a token has sealed already."""

    @property
    def noun(self) -> str:
        """The kind as a person reads it."""
        return self.name.lower()


class Cipher(Protocol):
    """AES-256-GCM under one key, in memory or in a token."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Plaintext; raises ``InvalidTag`` or ``ValueError`` where it does not authenticate."""


def seal(content: bytes, *, kind: Kind, name: str, cipher: Cipher, random: RandomBytes) -> bytes:
    """``content`` bound to ``kind`` and ``name``."""
    nonce, head = random(NONCE_BYTES), _SEAL + kind.value
    return head + nonce + cipher.encrypt(nonce, content, head + name.encode())


def unseal(sealed: bytes, *, kind: Kind, name: str, cipher: Cipher) -> bytes:
    """What ``seal`` sealed.

    Raises:
        Refused: ``VAULT_CANNOT_OPEN`` for another key, kind or name, or altered bytes.
    """
    found = kind_of(sealed)
    if found is not kind:
        raise VAULT_CANNOT_OPEN.because(f"expected a sealed {kind.noun}, found a {found.noun}")
    try:
        return _decrypted(sealed, name, cipher)
    except (InvalidTag, ValueError):
        raise VAULT_CANNOT_OPEN.because(
            f"the sealed {kind.noun} does not open for {name} in this vault"
        ) from None


def kind_of(sealed: bytes) -> Kind:
    """What ``sealed`` says it is.

    Raises:
        Refused: ``VAULT_CANNOT_OPEN`` for bytes that no vault of ours sealed.
    """
    try:
        if sealed[:4] == _SEAL:
            return Kind(sealed[4:5])
    except ValueError:
        pass
    raise VAULT_CANNOT_OPEN.because("these bytes were not sealed by a vault")


def passphrase_key(passphrase: str, salt: bytes, *, log2_cost: int = SCRYPT_LOG2_COST) -> bytes:
    """The 32-byte key of a passphrase (scrypt over its NFC form)."""
    kdf = Scrypt(salt=salt, length=KEY_BYTES, n=1 << log2_cost, r=8, p=1)
    return kdf.derive(unicodedata.normalize("NFC", passphrase).encode())


def seal_parcel(
    content: bytes, *, kind: Kind, name: str, passphrase: str, random: RandomBytes
) -> bytes:
    """``content`` as a parcel that only ``passphrase`` opens."""
    salt = random(SALT_BYTES)
    cipher = AESGCM(passphrase_key(passphrase, salt))
    sealed = seal(content, kind=kind, name=name, cipher=cipher, random=random)
    return _PARCEL + bytes([SCRYPT_LOG2_COST]) + salt + sealed


def unseal_parcel(parcel: bytes, *, name: str, passphrase: str) -> tuple[Kind, bytes]:
    """The kind and content of a parcel.

    Raises:
        Refused: ``VAULT_CANNOT_OPEN`` for bytes that are no parcel, ``VAULT_PASSPHRASE_WRONG``
            where the passphrase or the name does not open it.
    """
    log2_cost = parcel[4] if len(parcel) > 4 else 0
    if parcel[:4] != _PARCEL or not 1 <= log2_cost <= _SCRYPT_LOG2_COST_MAX:
        raise VAULT_CANNOT_OPEN.because("these bytes are not a sealed parcel")
    salt, sealed = parcel[5 : 5 + SALT_BYTES], parcel[5 + SALT_BYTES :]
    kind = kind_of(sealed)
    cipher = AESGCM(passphrase_key(passphrase, salt, log2_cost=log2_cost))
    try:
        return kind, _decrypted(sealed, name, cipher)
    except (InvalidTag, ValueError):
        raise VAULT_PASSPHRASE_WRONG.because(
            f"the parcel for {name} does not open with this passphrase"
        ) from None


def _decrypted(sealed: bytes, name: str, cipher: Cipher) -> bytes:
    head, nonce, ciphertext = sealed[:5], sealed[5 : 5 + NONCE_BYTES], sealed[5 + NONCE_BYTES :]
    return cipher.decrypt(nonce, ciphertext, head + name.encode())
