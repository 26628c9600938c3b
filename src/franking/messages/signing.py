"""JWS with ES256: how a message is signed, and how it is believed.

A message is a compact JWS (RFC 7515) over canonical JSON. Its header names the kind and the
signer, and the recipient where a message goes to one of several; a reader says which kind and which
key it expects, and believes nothing else. A message has
one form only: answers name it by the digest of its text, so that who merely carries it must not be
able to write it differently.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Protocol, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

from franking.errors import Refusal
from franking.indicium.signature import is_low_s

ALGORITHM = "ES256"
MESSAGE_SIGNS_MAX = 129_536
"""Readers take no longer one: what could not be heard is not sent."""
_HEADER = JWSRegistry({"aud": HeaderParameter("Recipient", "str")}, algorithms=[ALGORITHM])

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
    _require_kind(text, kind)
    try:
        checked = jws.deserialize_compact(text, ECKey(public_key, public_key), registry=_HEADER)
        _require_low_s(text)
        return msgspec.json.decode(checked.payload, type=kind)
    except JoseError as error:
        raise MESSAGE_SIGNATURE_FALSE.because(
            f"the signature of the {kind_of(kind)} is not of the expected key"
        ) from error
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise MESSAGE_UNREADABLE.because(f"not a {kind_of(kind)}: {error}") from error


def unverified(text: str, kind: type[Kind]) -> Kind:
    """What the message claims, to look up whose key it should be checked with. Never act on it.

    Raises:
        Refused: ``MESSAGE_UNREADABLE`` or ``MESSAGE_OF_ANOTHER_KIND``.
    """
    _require_kind(text, kind)
    try:
        return msgspec.json.decode(jws.extract_compact(text.encode()).payload, type=kind)
    except (JoseError, msgspec.DecodeError, RecursionError, ValueError) as error:
        raise MESSAGE_UNREADABLE.because(f"not a {kind_of(kind)}: {error}") from error


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
    return str(_header(text).get("typ"))


def claimed_recipient(text: str) -> str:
    """For whom a message claims to be; empty where it names nobody. Believe nothing yet.

    Raises:
        Refused: ``MESSAGE_UNREADABLE``.
    """
    return str(_header(text).get("aud", ""))


def _header(text: str) -> dict[str, object]:
    try:
        header: object = jws.extract_compact(text.encode()).protected
    except (JoseError, RecursionError, ValueError) as error:
        raise MESSAGE_UNREADABLE.because(f"not a signed message: {error}") from error
    if not isinstance(header, dict):
        raise MESSAGE_UNREADABLE.because("not a signed message: its header is no object")
    return header


def _require_kind(text: str, kind: type[Message]) -> None:
    claimed = claimed_kind(text)
    if claimed != kind_of(kind):
        raise MESSAGE_OF_ANOTHER_KIND.because(f"expected {kind_of(kind)}, this is {claimed!r}")


def _require_low_s(text: str) -> None:
    """Of the two true signatures that one gives, the other one is not believed."""
    if not is_low_s(urlsafe_b64decode(text.rpartition(".")[2] + "==")):
        raise MESSAGE_SIGNATURE_FALSE.because("it is not in the one form that signers write")


def _canonical(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def _encode(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")
