"""JWS with ES256: how a message is signed, and how it is believed.

A message is a compact JWS (RFC 7515) over canonical JSON. Its header names the kind and the
signer, and the recipient where a message goes to one of several; a reader says which kind and which
key it expects, and believes nothing else. A message has
one form only: answers name it by the digest of its text, so that who merely carries it must not be
able to write it differently.
"""

from __future__ import annotations

import hashlib
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from franking.errors import Refusal, Refused
from franking.indicium.signature import verify_raw

ALGORITHM = "ES256"
MESSAGE_SIGNS_MAX = 129_536
"""Readers take no longer one: what could not be heard is not sent."""
_SIGNS_MAX = (512, 128_000, 1024)
"""Of header, message and signature, so that nobody makes a reader work for nothing."""
_HEADER = frozenset({"alg", "kid", "typ", "aud"})
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_TO_URL = bytes.maketrans(b"+/", b"-_")

MESSAGE_UNREADABLE = Refusal(
    "MESSAGE_UNREADABLE",
    clause="policy",
    remedy="Ask the sender for the message again; nothing was taken from this one.",
    http_status=422,
)
MESSAGE_SIGNATURE_FALSE = Refusal(
    "MESSAGE_SIGNATURE_FALSE",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Ask the sender for the message again, and check whose it is.",
    http_status=403,
)
MESSAGE_TOO_LONG = Refusal(
    "MESSAGE_TOO_LONG",
    clause="policy",
    remedy="Say it in fewer words: nobody reads so long a message, and nothing was sent.",
    http_status=422,
)
MESSAGE_OF_ANOTHER_KIND = Refusal(
    "MESSAGE_OF_ANOTHER_KIND",
    clause="policy",
    remedy="Give the message that this step expects.",
    http_status=422,
)


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every message says: about which device, and when it was issued (UTC, ISO 8601)."""

    device: str
    issued_at: str


Kind = TypeVar("Kind", bound=Message)


class Signer(Protocol):
    """A P-256 key that signs, wherever it lives."""

    @property
    def name(self) -> str:
        """Who signs: a device ID, or a provider's or authority's name."""

    def sign(self, data: bytes) -> bytes:
        """ECDSA over SHA-256 of ``data``: 64 bytes ``r‖s``, big-endian, low s."""


def sign(message: Message, signer: Signer, *, recipient: str = "") -> str:
    """The message as a compact JWS signed by ``signer``, for ``recipient`` alone where named.

    Raises:
        Refused: ``MESSAGE_TOO_LONG``.
    """
    header = {"alg": ALGORITHM, "kid": signer.name, "typ": kind_of(type(message))}
    header |= {"aud": recipient} if recipient else {}
    signing_input = _encode(_canonical(header)) + b"." + _encode(_canonical(message))
    text = (signing_input + b"." + _encode(signer.sign(signing_input))).decode("ascii")
    if len(text) > MESSAGE_SIGNS_MAX:
        raise MESSAGE_TOO_LONG.because(f"{kind_of(type(message))} would have {len(text)} signs")
    return text


def verify(text: str, kind: type[Kind], public_key: EllipticCurvePublicKey) -> Kind:
    """The message, if it is of ``kind`` and signed by the holder of ``public_key``.

    Raises:
        Refused: ``MESSAGE_UNREADABLE``, ``MESSAGE_OF_ANOTHER_KIND`` or
            ``MESSAGE_SIGNATURE_FALSE``.
    """
    parts = _read(text)
    _require_kind(parts, kind)
    if not _HEADER.issuperset(parts.header) or parts.header.get("alg") != ALGORITHM:
        raise MESSAGE_SIGNATURE_FALSE.because(f"it is not signed by {ALGORITHM}, or says more")
    try:
        verify_raw(public_key, parts.signed, _decode(parts.signature))
    except (Refused, NotBase64) as error:
        raise MESSAGE_SIGNATURE_FALSE.because(
            f"the signature of the {kind_of(kind)} is not of the expected key"
        ) from error
    return _message(parts, kind)


def unverified(text: str, kind: type[Kind]) -> Kind:
    """What the message claims, to look up whose key it should be checked with. Never act on it.

    Raises:
        Refused: ``MESSAGE_UNREADABLE`` or ``MESSAGE_OF_ANOTHER_KIND``.
    """
    parts = _read(text)
    _require_kind(parts, kind)
    return _message(parts, kind)


def digest(text: str) -> str:
    """SHA-256 of a message as it crossed, in hex; how a reply names what it answers."""
    return digest_bytes(text).hex()


def digest_bytes(text: str) -> bytes:
    """``digest``, as 32 bytes; of any text, also of one that no message can be."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def kind_of(kind: type[Message]) -> str:
    """The name of a kind of message in the header: ``franking/ResetGrant``."""
    return f"franking/{kind.__name__}"


def public_key_pem(public_key: EllipticCurvePublicKey) -> bytes:
    """The key as SubjectPublicKeyInfo in PEM."""
    return public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def claimed_kind(text: str) -> str:
    """The kind that a message claims to be, such as ``franking/ResetGrant``; believe nothing yet.

    Raises:
        Refused: ``MESSAGE_UNREADABLE``.
    """
    return str(_read(text).header.get("typ"))


def claimed_recipient(text: str) -> str:
    """For whom a message claims to be; empty where it names nobody. Believe nothing yet.

    Raises:
        Refused: ``MESSAGE_UNREADABLE``.
    """
    return str(_read(text).header.get("aud", ""))


@dataclass(frozen=True, slots=True)
class _Parts:
    """A compact JWS, taken apart."""

    header: dict[str, object]
    payload: bytes
    signed: bytes
    """What the signature is over."""
    signature: bytes
    """As it is written, in base64url."""


def _read(text: str) -> _Parts:
    try:
        header, payload, signature = parts = text.encode("ascii").split(b".")
        if any(len(part) > most for part, most in zip(parts, _SIGNS_MAX, strict=True)):
            raise MESSAGE_UNREADABLE.because("not a signed message: a part of it is too long")
        return _Parts(
            header=msgspec.json.decode(_decode(header), type=dict[str, object]),
            payload=_decode(payload),
            signed=header + b"." + payload,
            signature=signature,
        )
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise MESSAGE_UNREADABLE.because(f"not a signed message: {error}") from error


def _message(parts: _Parts, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(parts.payload, type=kind)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise MESSAGE_UNREADABLE.because(f"not a {kind_of(kind)}: {error}") from error


def _require_kind(parts: _Parts, kind: type[Message]) -> None:
    claimed = str(parts.header.get("typ"))
    if claimed != kind_of(kind):
        raise MESSAGE_OF_ANOTHER_KIND.because(f"expected {kind_of(kind)}, this is {claimed!r}")


def _decode(part: bytes) -> bytes:
    """The bytes of base64url without padding (RFC 7515, 2), in the one form they are written in."""
    data = a2b_base64(part.translate(_FROM_URL) + b"==")
    if _encode(data) != part:
        raise NotBase64("it is not base64url as it is written")
    return data


def _canonical(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def _encode(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=")
