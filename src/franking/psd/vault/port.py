"""What a key vault is: where the keys of devices, providers and authorities are born and used.

A private key never leaves its vault in the clear. The vault hands out the key *wrapped*, and
whoever owns the key stores those bytes; opening them gives a ``VaultSigner``, which signs. To
destroy a key is to destroy its wrapped bytes and to ``forget`` the signer.

Every sealed thing is bound to the name it was sealed under (a device ID, or the name of a
provider or an authority): it does not open under another name.

Two backends keep this port: ``franking.psd.vault.software`` and ``franking.psd.vault.pkcs11``.
Refuses to know what is signed, and when a key may be used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from franking.errors import Refusal

PUBLIC_KEY_BYTES = 65
"""An uncompressed point of P-256: 0x04, x, y."""
SIGNATURE_BYTES = 64
"""Raw ``r‖s``, 32 bytes each, big-endian."""

VAULT_CANNOT_OPEN = Refusal(
    "VAULT_CANNOT_OPEN",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Use the vault that sealed this key, under the name it was sealed for.",
    http_status=403,
)
VAULT_PASSPHRASE_WRONG = Refusal(
    "VAULT_PASSPHRASE_WRONG",
    clause="policy",
    remedy="Give the passphrase that the vault or the parcel was sealed with.",
    http_status=403,
)
VAULT_UNREADABLE = Refusal(
    "VAULT_UNREADABLE",
    clause="policy",
    remedy="Restore the vault from its backup; nothing was changed.",
)
TOKEN_GONE = Refusal(
    "TOKEN_GONE",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Connect the token again and repeat the request; nothing was released.",
    http_status=503,
)


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A key pair as its owner stores it."""

    wrapped: bytes
    """The private key, sealed; only the vault that made it can open it."""
    public_key: bytes
    """65 bytes: the uncompressed point of P-256."""


class VaultSigner(Protocol):
    """An opened P-256 key. Satisfies ``franking.messages.signing.Signer``; safe between threads."""

    @property
    def name(self) -> str:
        """Who signs."""

    @property
    def public_key(self) -> bytes:
        """65 bytes: the uncompressed point."""

    def sign(self, data: bytes) -> bytes:
        """ECDSA over SHA-256 of ``data``: 64 bytes ``r‖s``, low s.

        Raises:
            Refused: ``TOKEN_GONE`` where the key lives in a token that is not there.
        """

    def sign_many(self, data: Iterable[bytes]) -> list[bytes]:
        """``sign`` each, in order, with less overhead; all of them or none.

        Raises:
            Refused: ``TOKEN_GONE``.
        """

    def forget(self) -> None:
        """Give up the key in memory or in the token; the signer signs no more."""


class KeyVault(Protocol):
    """Generates keys and opens them for use; seals small secrets (journal MAC keys)."""

    def generate(self, name: str) -> SealedKey:
        """A new P-256 key pair for ``name``, proven once by a signature (pairwise check).

        Raises:
            Refused: ``TOKEN_GONE``.
        """

    def open(self, wrapped: bytes, name: str) -> VaultSigner:
        """The key sealed for ``name``, ready to sign.

        Raises:
            Refused: ``VAULT_CANNOT_OPEN`` (another vault, another name, or altered bytes),
                ``TOKEN_GONE``.
        """

    def seal_secret(self, secret: bytes, name: str) -> bytes:
        """Seal at most 64 KiB for ``name``."""

    def open_secret(self, sealed: bytes, name: str) -> bytes:
        """What ``seal_secret`` sealed for ``name``.

        Raises:
            Refused: ``VAULT_CANNOT_OPEN``, ``TOKEN_GONE``.
        """

    def seal_for_transport(self, sealed: bytes, name: str, passphrase: str) -> bytes:
        """A sealed key or secret as a parcel for another computer, under ``passphrase``.

        The software vault re-seals the key itself. A token's key never leaves the token: its
        parcel opens only where the same token is.

        Raises:
            Refused: ``VAULT_CANNOT_OPEN``, ``TOKEN_GONE``.
        """

    def open_from_transport(self, parcel: bytes, name: str, passphrase: str) -> bytes:
        """The parcel's key or secret, sealed anew under this vault.

        Raises:
            Refused: ``VAULT_PASSPHRASE_WRONG``, ``VAULT_CANNOT_OPEN``, ``TOKEN_GONE``.
        """

    def change_passphrase(self, old: str | None, new: str | None) -> None:
        """Protect the vault under another passphrase (its PIN, for a token).

        ``None`` is no passphrase, where the vault allows it. Sealed bytes stay valid.

        Raises:
            Refused: ``VAULT_PASSPHRASE_WRONG``.
        """
