"""The software vault: keys wrapped with AES-256-GCM under one master key in a file.

The file is either the bare master key, guarded by its permissions (0600), or the master key
sealed under a passphrase. Signatures are deterministic (RFC 6979), so that the same content
signed twice gives the same bytes (PSD-4).

What it refuses to promise: a software vault resists nobody who can read the memory or the
files of its own process. ``franking.psd.vault.pkcs11`` keeps keys in a token.
"""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypeGuard

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from franking.errors import InvariantBroken, Refusal
from franking.psd.vault.ecdsa import ORDER, raw_from_der, require_pairwise
from franking.psd.vault.port import (
    PUBLIC_KEY_BYTES,
    VAULT_CANNOT_OPEN,
    VAULT_PASSPHRASE_WRONG,
    VAULT_UNREADABLE,
    SealedKey,
)
from franking.psd.vault.sealing import (
    KEY_BYTES,
    Kind,
    RandomBytes,
    kind_of,
    seal,
    seal_parcel,
    unseal,
    unseal_parcel,
)

_FORMAT = "franking software vault 1"
_SCALAR_BYTES = 32
_SEED_BYTES = 40
"""64 bits more than the order, so that the reduction is unbiased (FIPS 186-5, A.2.1)."""
_DETERMINISTIC: Final = ec.ECDSA(SHA256(), deterministic_signing=True)

VAULT_FILE_EXPOSED = Refusal(
    "VAULT_FILE_EXPOSED",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Make the vault file readable by its owner alone (chmod 600), and ask whether the "
    "keys in it should be replaced.",
)
VAULT_EXISTS = Refusal(
    "VAULT_EXISTS",
    clause="policy",
    remedy="Open the vault that is there, or choose another place.",
)


class SoftwareSigner:
    """An opened key in this process's memory."""

    __slots__ = ("_key", "name", "public_key")

    def __init__(self, key: ec.EllipticCurvePrivateKey, *, name: str, public_key: bytes) -> None:
        self._key: ec.EllipticCurvePrivateKey | None = key
        self.name = name
        self.public_key = public_key

    def sign(self, data: bytes) -> bytes:
        """64 bytes ``r‖s``, low s, deterministic (RFC 6979)."""
        return raw_from_der(self._present().sign(data, _DETERMINISTIC))

    def sign_many(self, data: Iterable[bytes]) -> list[bytes]:
        """``sign`` each, in order."""
        sign, raw = self._present().sign, raw_from_der
        return [raw(sign(one, _DETERMINISTIC)) for one in data]

    def forget(self) -> None:
        """Give the key up; signing afterwards is an error of the caller."""
        self._key = None

    def _present(self) -> ec.EllipticCurvePrivateKey:
        if self._key is None:
            raise InvariantBroken(f"the key of {self.name} was given up")
        return self._key


class SoftwareVault:
    """A ``KeyVault`` whose master key is in memory while it is open.

    ``random`` gives key material; a world that must replay from a seed passes its own.
    """

    def __init__(
        self,
        master_key: bytes,
        *,
        path: Path | None = None,
        random: RandomBytes = secrets.token_bytes,
    ) -> None:
        self._master_key = master_key
        self._cipher = AESGCM(master_key)
        self._path = path
        self._random = random

    @classmethod
    def in_memory(cls, random: RandomBytes = secrets.token_bytes) -> SoftwareVault:
        """A vault that is gone with the process."""
        return cls(random(KEY_BYTES), random=random)

    @classmethod
    def create(cls, path: Path, passphrase: str | None = None) -> SoftwareVault:
        """A new vault file, mode 0600, durable when this returns.

        Raises:
            Refused: ``VAULT_EXISTS``, ``VAULT_UNREADABLE`` where the place cannot be written.
        """
        if path.exists():
            raise VAULT_EXISTS.because(f"{path} is a vault already")
        vault = cls(secrets.token_bytes(KEY_BYTES), path=path)
        fresh = _written(path, _content(vault._master_key, passphrase))
        try:
            # Unlike a renaming, a link replaces nothing: of two who create at once, one is told.
            os.link(fresh, path)
            _sync_folder(path.parent)
        except FileExistsError:
            raise VAULT_EXISTS.because(f"{path} is a vault already") from None
        except OSError as error:
            raise VAULT_UNREADABLE.because(f"{path} cannot be written: {error}") from error
        finally:
            fresh.unlink(missing_ok=True)
        return vault

    @classmethod
    def load(cls, path: Path, passphrase: str | None = None) -> SoftwareVault:
        """Open a vault file.

        Raises:
            Refused: ``VAULT_UNREADABLE``, ``VAULT_FILE_EXPOSED``, ``VAULT_PASSPHRASE_WRONG``.
        """
        return cls(_master_key(_read(path), passphrase), path=path)

    def generate(self, name: str) -> SealedKey:
        """A new key pair for ``name``."""
        seed = int.from_bytes(self._random(_SEED_BYTES))
        key = ec.derive_private_key(seed % (ORDER - 1) + 1, ec.SECP256R1())
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        require_pairwise(point, SoftwareSigner(key, name=name, public_key=point).sign)
        scalar = key.private_numbers().private_value.to_bytes(_SCALAR_BYTES)
        return SealedKey(self._seal(scalar + point, Kind.KEY, name), point)

    def open(self, wrapped: bytes, name: str) -> SoftwareSigner:
        """The key sealed for ``name``.

        Raises:
            Refused: ``VAULT_CANNOT_OPEN``.
        """
        content = unseal(wrapped, kind=Kind.KEY, name=name, cipher=self._cipher)
        scalar, point = content[:_SCALAR_BYTES], content[_SCALAR_BYTES:]
        if len(point) != PUBLIC_KEY_BYTES:
            raise VAULT_CANNOT_OPEN.because(f"the sealed key of {name} has a wrong length")
        key = ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1())
        return SoftwareSigner(key, name=name, public_key=point)

    def seal_secret(self, secret: bytes, name: str) -> bytes:
        """Seal a small secret for ``name``."""
        return self._seal(secret, Kind.SECRET, name)

    def open_secret(self, sealed: bytes, name: str) -> bytes:
        """What ``seal_secret`` sealed for ``name``.

        Raises:
            Refused: ``VAULT_CANNOT_OPEN``.
        """
        return unseal(sealed, kind=Kind.SECRET, name=name, cipher=self._cipher)

    def seal_for_transport(self, sealed: bytes, name: str, passphrase: str) -> bytes:
        """The key or secret itself, re-sealed under ``passphrase``.

        Raises:
            Refused: ``VAULT_CANNOT_OPEN``.
        """
        kind = kind_of(sealed)
        content = unseal(sealed, kind=kind, name=name, cipher=self._cipher)
        return seal_parcel(
            content, kind=kind, name=name, passphrase=passphrase, random=self._random
        )

    def open_from_transport(self, parcel: bytes, name: str, passphrase: str) -> bytes:
        """The parcel's key or secret, sealed under this vault.

        Raises:
            Refused: ``VAULT_PASSPHRASE_WRONG``, ``VAULT_CANNOT_OPEN``.
        """
        kind, content = unseal_parcel(parcel, name=name, passphrase=passphrase)
        if kind is Kind.TOKEN:
            raise VAULT_CANNOT_OPEN.because(f"the key of {name} lives in a token, not in a file")
        return self._seal(content, kind, name)

    def change_passphrase(self, old: str | None, new: str | None) -> None:
        """Rewrite the vault file under ``new``; a crash leaves the old file or the new one.

        Raises:
            Refused: ``VAULT_PASSPHRASE_WRONG``, ``VAULT_UNREADABLE``.
        """
        if self._path is None:
            raise VAULT_UNREADABLE.because("this vault has no file")
        fresh = _written(self._path, _content(_master_key(_read(self._path), old), new))
        try:
            fresh.rename(self._path)
            # A creation that was killed may have left its file, under the protection of that day.
            for leftover in self._path.parent.glob(f"{self._path.name}.*.new"):
                leftover.unlink(missing_ok=True)
            _sync_folder(self._path.parent)
        except OSError as error:
            raise VAULT_UNREADABLE.because(f"{self._path} cannot be written: {error}") from error

    def _seal(self, content: bytes, kind: Kind, name: str) -> bytes:
        return seal(content, kind=kind, name=name, cipher=self._cipher, random=self._random)


def _content(master_key: bytes, passphrase: str | None) -> dict[str, str]:
    if passphrase is None:
        return {"format": _FORMAT, "master_key": b64encode(master_key).decode()}
    parcel = seal_parcel(
        master_key,
        kind=Kind.MASTER,
        name=_FORMAT,
        passphrase=passphrase,
        random=secrets.token_bytes,
    )
    return {"format": _FORMAT, "parcel": b64encode(parcel).decode()}


def _master_key(content: dict[str, str], passphrase: str | None) -> bytes:
    try:
        key = _opened(content, passphrase)
    except ValueError as error:
        raise VAULT_UNREADABLE.because(f"the vault file is damaged: {error}") from error
    if len(key) != KEY_BYTES:
        raise VAULT_UNREADABLE.because("the vault file is damaged: its key has a wrong length")
    return key


def _opened(content: dict[str, str], passphrase: str | None) -> bytes:
    if (parcel := content.get("parcel")) is None:
        if passphrase is not None:
            raise VAULT_PASSPHRASE_WRONG.because("this vault has no passphrase")
        return b64decode(content.get("master_key", ""))
    if passphrase is None:
        raise VAULT_PASSPHRASE_WRONG.because("this vault has a passphrase, and none was given")
    return unseal_parcel(b64decode(parcel), name=_FORMAT, passphrase=passphrase)[1]


def _read(path: Path) -> dict[str, str]:
    try:
        mode, content = path.stat().st_mode, json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise VAULT_UNREADABLE.because(f"{path} cannot be read: {error}") from error
    if mode & 0o077:
        raise VAULT_FILE_EXPOSED.because(f"others may read {path} (mode {mode & 0o777:o})")
    if not _is_vault(content):
        raise VAULT_UNREADABLE.because(f"{path} is not a software vault")
    return content


def _is_vault(content: object) -> TypeGuard[dict[str, str]]:
    return (
        isinstance(content, dict)
        and content.get("format") == _FORMAT
        and len(content) == 2
        and all(isinstance(value, str) for value in content.values())
    )


def _written(path: Path, content: dict[str, str]) -> Path:
    """A new file beside ``path``, for its owner alone, durable; never one that was there before."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(content).encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise VAULT_UNREADABLE.because(f"{path} cannot be written: {error}") from error
    return fresh


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
