"""Messages are compact JWS: another reader takes what we sign, and we take nothing it would not."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

from franking.errors import Refused
from franking.messages.signing import Message, sign, verify
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.software import SoftwareVault

VAULT = SoftwareVault.in_memory()
SIGNER = VAULT.open(VAULT.generate("provider").wrapped, "provider")
KEY = public_key_object(SIGNER.public_key)
BESIDE = JWSRegistry({"aud": HeaderParameter("Recipient", "str")}, algorithms=["ES256"])
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Note(Message, frozen=True, kw_only=True):
    """A message for these tests."""

    words: str = ""


def note(words: str) -> Note:
    return Note(device="FK1A0000000001", issued_at="2015-06-15T12:00:00Z", words=words)


def part(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def signed(header: bytes, payload: bytes) -> str:
    what = f"{part(header)}.{part(payload)}"
    return f"{what}.{part(SIGNER.sign(what.encode()))}"


def is_taken(text: str) -> bool:
    try:
        verify(text, Note, KEY)
    except Refused:
        return False
    return True


def is_taken_by_another(text: str) -> bool:
    try:
        jws.deserialize_compact(text, ECKey(KEY, KEY), registry=BESIDE)
    except (JoseError, ValueError):
        return False
    return True


@given(words=st.text(), recipient=st.sampled_from(["", "postal service"]))
def test_another_reader_takes_what_we_sign(words: str, recipient: str) -> None:
    text = sign(note(words), SIGNER, recipient=recipient)
    read = jws.deserialize_compact(text, ECKey(KEY, KEY), registry=BESIDE)
    assert msgspec.json.decode(read.payload or b"", type=Note) == note(words)
    assert verify(text, Note, KEY) == note(words)


@given(place=st.integers(0, 10**6), sign_=st.sampled_from("AQgw_-.=+/ \né"))
def test_no_other_text_is_taken_for_it(place: int, sign_: str) -> None:
    text = sign(note("postage"), SIGNER)
    place %= len(text)
    for other in (
        text[:place] + sign_ + text[place + 1 :],
        text[:place] + sign_ + text[place:],
        text[:place] + text[place + 1 :],
    ):
        assert other == text or not is_taken(other)


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"none","typ":"franking/Note"}',
        b'{"alg":"HS256","typ":"franking/Note"}',
        b'{"alg":["ES256"],"typ":"franking/Note"}',
        b'{"typ":"franking/Note"}',
        b'{"alg":"ES256","typ":"franking/Note","extra":1}',
        b'["ES256"]',
        b"[" * 400,
        b'{"alg":"ES256","typ":"franking/Note","kid":"' + b"k" * 600 + b'"}',
    ],
)
def test_a_header_of_another_kind_is_taken_by_nobody(header: bytes) -> None:
    text = signed(header, msgspec.json.encode(note("postage")))
    assert not is_taken(text)
    assert not is_taken_by_another(text)


def test_the_other_signature_that_one_gives_is_not_taken() -> None:
    text = sign(note("postage"), SIGNER)
    what = text.rpartition(".")[0]
    raw = SIGNER.sign(what.encode())
    high = raw[:32] + (ORDER - int.from_bytes(raw[32:])).to_bytes(32)
    assert is_taken(f"{what}.{part(raw)}")
    assert not is_taken(f"{what}.{part(high)}")
    assert is_taken_by_another(f"{what}.{part(high)}"), "true, but not in the form of signers"


def test_a_payload_is_read_in_one_way_only() -> None:
    header = b'{"alg":"ES256","typ":"franking/Note","crit":["b64"],"b64":false}'
    text = signed(header, msgspec.json.encode(note("postage")))
    assert is_taken_by_another(text), "RFC 7797 lets the signed bytes be the payload themselves"
    assert not is_taken(text)
