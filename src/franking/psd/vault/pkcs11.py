"""The PKCS#11 vault: keys are born, wrapped and used inside a token.

A key pair is made in the token as a session object and leaves it only wrapped (AES key wrap with
padding, RFC 5649) under the token's wrapping key; opening unwraps it inside the token as a
session object that can sign and nothing else. So a fleet needs no slot per device, and a
stolen store is worth nothing without the token. The wrapped key is sealed once more, with the
public key and the owner's name, under the token's sealing key.

Signatures are not deterministic here: a token draws its own nonce. Whoever must give the same
bytes twice keeps them (PSD-4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.constants import DEFAULT
from pkcs11.exceptions import PKCS11Error
from pkcs11.mechanisms import GCMParams
from pkcs11.util.ec import encode_named_curve_parameters

from franking.errors import InvariantBroken, Refused
from franking.indicium.signature import low_s
from franking.psd.vault.ecdsa import require_pairwise
from franking.psd.vault.port import (
    PUBLIC_KEY_BYTES,
    VAULT_CANNOT_OPEN,
    VAULT_PASSPHRASE_WRONG,
    VAULT_UNREADABLE,
    SealedKey,
)
from franking.psd.vault.sealing import Kind, kind_of, seal, seal_parcel, unseal, unseal_parcel
from franking.psd.vault.token import Token, TokenKeys

SOFTHSM_LIBRARIES = tuple(
    Path(path)
    for path in (
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
        "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    )
)
"""Where distributions put SoftHSM2, the token in software that the tests prove this vault on."""

_CURVE = encode_named_curve_parameters("secp256r1")
_TAG_BITS = 128
_WRAP = Mechanism.AES_KEY_WRAP_PAD
_SIGN_ONLY = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    **dict.fromkeys((Attribute.ENCRYPT, Attribute.VERIFY, Attribute.WRAP), DEFAULT),
}
"""A private key has no encrypt, verify or wrap attribute to set."""


def softhsm_library() -> Path:
    """The SoftHSM2 library of this machine.

    Raises:
        Refused: ``VAULT_UNREADABLE`` where there is none.
    """
    for path in SOFTHSM_LIBRARIES:
        if path.exists():
            return path
    raise VAULT_UNREADABLE.because("no SoftHSM2 library is installed")


class Pkcs11Signer:
    """A key unwrapped in the token."""

    def __init__(self, token: Token, *, name: str, public_key: bytes, wrapped: bytes) -> None:
        self._token = token
        self._wrapped: bytes | None = wrapped
        self._key: Any = None
        self._generation = -1
        self.name = name
        self.public_key = public_key

    def sign(self, data: bytes) -> bytes:
        """64 bytes ``r‖s``, low s.

        Raises:
            Refused: ``TOKEN_GONE``; nothing signed is handed out.
        """
        return self.sign_many((data,))[0]

    def sign_many(self, data: Iterable[bytes]) -> list[bytes]:
        """``sign`` each, in order, under one hold of the module's lock.

        Raises:
            Refused: ``TOKEN_GONE``; nothing signed is handed out.
        """
        digests = [hashlib.sha256(one).digest() for one in data]
        return self._token.use(lambda keys: self._signed(keys, digests))

    def forget(self) -> None:
        """Destroy the session object; signing afterwards is an error of the caller."""
        self._wrapped = None
        key, self._key = self._key, None
        if key is None:
            return
        try:
            self._token.use(lambda keys: self._destroyed(keys, key))
        except Refused:
            # The connection was given up, and every session object with it.
            return

    def _signed(self, keys: TokenKeys, digests: list[bytes]) -> list[bytes]:
        sign = self._present(keys).sign
        return [low_s(sign(one, mechanism=Mechanism.ECDSA)) for one in digests]

    def _present(self, keys: TokenKeys) -> Any:
        if self._wrapped is None:
            raise InvariantBroken(f"the key of {self.name} was given up")
        if self._generation != keys.generation:
            self._key = _unwrapped(keys, self._wrapped)
            self._generation = keys.generation
        return self._key

    def _destroyed(self, keys: TokenKeys, key: Any) -> None:
        if self._generation == keys.generation:
            key.destroy()


class Pkcs11Vault:
    """A ``KeyVault`` in one token."""

    def __init__(self, token: Token) -> None:
        self._token = token

    @classmethod
    def create(cls, library: Path, *, label: str, pin: str) -> Pkcs11Vault:
        """Make the vault's two keys in an initialised token (again changes nothing), and open it.

        Raises:
            Refused: ``VAULT_UNREADABLE``, ``VAULT_PASSPHRASE_WRONG``, ``TOKEN_GONE``.
        """
        Token(library, label=label, pin=pin).provision()
        return cls.load(library, label=label, pin=pin)

    @classmethod
    def load(cls, library: Path, *, label: str, pin: str) -> Pkcs11Vault:
        """Log in to the token and find the vault's keys.

        Raises:
            Refused: ``VAULT_UNREADABLE``, ``VAULT_PASSPHRASE_WRONG``, ``TOKEN_GONE``.
        """
        token = Token(library, label=label, pin=pin)
        token.require()
        return cls(token)

    def generate(self, name: str) -> SealedKey:
        """A new key pair for ``name``, made in the token.

        Raises:
            Refused: ``TOKEN_GONE``.
        """
        point, wrapped = self._token.use(_generated)
        signer = Pkcs11Signer(self._token, name=name, public_key=point, wrapped=wrapped)
        require_pairwise(point, signer.sign)
        signer.forget()
        return SealedKey(self._sealed(point + wrapped, Kind.KEY, name), point)

    def open(self, wrapped: bytes, name: str) -> Pkcs11Signer:
        """The key sealed for ``name``.

        Raises:
            Refused: ``VAULT_CANNOT_OPEN``, ``TOKEN_GONE``.
        """
        content = self._unsealed(wrapped, Kind.KEY, name)
        point, key = content[:PUBLIC_KEY_BYTES], content[PUBLIC_KEY_BYTES:]
        return Pkcs11Signer(self._token, name=name, public_key=point, wrapped=key)

    def seal_secret(self, secret: bytes, name: str) -> bytes:
        """Seal a small secret for ``name`` under the token's sealing key.

        Raises:
            Refused: ``TOKEN_GONE``.
        """
        return self._sealed(secret, Kind.SECRET, name)

    def open_secret(self, sealed: bytes, name: str) -> bytes:
        """What ``seal_secret`` sealed for ``name``.

        Raises:
            Refused: ``VAULT_CANNOT_OPEN``, ``TOKEN_GONE``.
        """
        return self._unsealed(sealed, Kind.SECRET, name)

    def seal_for_transport(self, sealed: bytes, name: str, passphrase: str) -> bytes:
        """What the token sealed, as a parcel that opens where the same token is.

        Raises:
            Refused: ``VAULT_CANNOT_OPEN``, ``TOKEN_GONE``.
        """
        self._unsealed(sealed, kind_of(sealed), name)
        return seal_parcel(
            sealed, kind=Kind.TOKEN, name=name, passphrase=passphrase, random=self._random
        )

    def open_from_transport(self, parcel: bytes, name: str, passphrase: str) -> bytes:
        """What the token sealed before.

        Raises:
            Refused: ``VAULT_PASSPHRASE_WRONG``, ``VAULT_CANNOT_OPEN`` (also for a key of a
                software vault: a token takes in no key from outside), ``TOKEN_GONE``.
        """
        kind, sealed = unseal_parcel(parcel, name=name, passphrase=passphrase)
        if kind is not Kind.TOKEN:
            raise VAULT_CANNOT_OPEN.because(f"the {kind.noun} of {name} was not born in a token")
        self._unsealed(sealed, kind_of(sealed), name)
        return sealed

    def change_passphrase(self, old: str | None, new: str | None) -> None:
        """Change the PIN of the token's user.

        Raises:
            Refused: ``VAULT_PASSPHRASE_WRONG`` (a token always has a PIN), ``TOKEN_GONE``.
        """
        if old is None or new is None:
            raise VAULT_PASSPHRASE_WRONG.because("a token has a PIN before and after")
        self._token.change_pin(old, new)

    def _sealed(self, content: bytes, kind: Kind, name: str) -> bytes:
        cipher = _TokenCipher(self._token)
        return seal(content, kind=kind, name=name, cipher=cipher, random=self._random)

    def _unsealed(self, sealed: bytes, kind: Kind, name: str) -> bytes:
        return unseal(sealed, kind=kind, name=name, cipher=_TokenCipher(self._token))

    def _random(self, count: int) -> bytes:
        return self._token.use(lambda keys: bytes(keys.session.generate_random(count * 8)))


class _TokenCipher:
    """AES-256-GCM under the token's sealing key."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        return self._token.use(lambda keys: _encrypted(keys, nonce, data, associated_data))

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        plain = self._token.use(lambda keys: _decrypted(keys, nonce, data, associated_data))
        if plain is None:
            raise InvalidTag
        return plain


def _encrypted(keys: TokenKeys, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
    parameters = GCMParams(nonce, associated_data, _TAG_BITS)
    return bytes(
        keys.sealing.encrypt(data, mechanism=Mechanism.AES_GCM, mechanism_param=parameters)
    )


def _decrypted(keys: TokenKeys, nonce: bytes, data: bytes, associated_data: bytes) -> bytes | None:
    """``None`` where it does not authenticate: tokens differ in the error they give for that.

    An absent token gives an error too, but then ``Token.use`` finds it absent afterwards.
    """
    parameters = GCMParams(nonce, associated_data, _TAG_BITS)
    try:
        return bytes(
            keys.sealing.decrypt(data, mechanism=Mechanism.AES_GCM, mechanism_param=parameters)
        )
    except PKCS11Error:
        return None


def _generated(keys: TokenKeys) -> tuple[bytes, bytes]:
    parameters = keys.session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: _CURVE}, local=True
    )
    public, private = parameters.generate_keypair(
        store=False,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: True},
    )
    try:
        return _point(public), bytes(keys.wrapping.wrap_key(private, mechanism=_WRAP))
    finally:
        private.destroy()
        public.destroy()


def _unwrapped(keys: TokenKeys, wrapped: bytes) -> Any:
    return keys.wrapping.unwrap_key(
        ObjectClass.PRIVATE_KEY,
        KeyType.EC,
        wrapped,
        mechanism=_WRAP,
        store=False,
        capabilities=MechanismFlag.SIGN,
        template=_SIGN_ONLY,
    )


def _point(public: Any) -> bytes:
    """The uncompressed point; PKCS#11 gives it inside a DER octet string."""
    encoded = bytes(public[Attribute.EC_POINT])
    if len(encoded) != PUBLIC_KEY_BYTES + 2 or encoded[:2] != bytes((0x04, PUBLIC_KEY_BYTES)):
        raise InvariantBroken("the token gave a public key in an unknown encoding")
    return encoded[2:]
