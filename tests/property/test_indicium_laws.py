"""Laws of the indicium that hold for every value: one form, and nothing false is authentic."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.indicium.content import (
    ALGORITHM_ES256,
    CONTENT_BYTES,
    VERSION,
    IndiciumContent,
    pack,
    unpack,
)
from franking.indicium.profiles import PAYLOAD_BYTES, Profile, decode
from franking.indicium.signature import SIGNATURE_BYTES, der_from_raw, low_s, raw_from_der
from franking.verification.payload import verify_payload
from franking.verification.verdict import Verdict
from tests.fixtures_verification import (
    NOW,
    content,
    flipped,
    signed,
    signed_with_extension,
    trust,
)

TRUST = trust()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

uppercase = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2)
devices = st.builds(DeviceId, uppercase, uppercase, st.integers(0, 2**32 - 1))
digits = st.sampled_from([0, 5, 9, 11]).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length)
)
contents = st.builds(
    IndiciumContent,
    version=st.just(VERSION),
    algorithm=st.just(ALGORITHM_ES256),
    certificate_serial=st.integers(0, 2**32 - 1),
    device_id=devices,
    ascending_mills=st.integers(0, 2**40 - 1),
    postage_mills=st.integers(0, 2**24 - 1),
    date_of_mailing=st.dates(),
    licensing_zip=st.text("0123456789", min_size=5, max_size=5),
    destination=digits,
    software_id=st.binary(min_size=6, max_size=6),
    descending_mills=st.integers(0, 2**32 - 1),
    rate_category=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=4),
)
own_fields: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "ascending_mills": st.integers(10_000, 10**9),
        "postage_mills": st.integers(1, 10_000),
        "date_of_mailing": st.dates(date(1997, 6, 1), date(1997, 11, 21)),
        "destination": digits,
        "descending_mills": st.integers(0, 400_000),
    }
)
rubbish = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=160).map(lambda tail: b"\xf1\x10" + tail),
    st.binary(max_size=160).map(lambda tail: b"\xf2\x10" + tail),
    st.binary(max_size=160).map(lambda tail: b"\x05\x01" + tail),
    st.binary(max_size=19).map(lambda tail: b"\xff" + tail),
    st.binary(min_size=PAYLOAD_BYTES - 1, max_size=PAYLOAD_BYTES - 1).map(b"\xf1".__add__),
    st.integers(0, PAYLOAD_BYTES).map(lambda length: signed()[:length]),
)


@pytest.mark.duty("R97-502.9(a)")
@given(contents)
def test_every_content_comes_back_from_its_bytes(piece: IndiciumContent) -> None:
    assert unpack(pack(piece)) == piece


@given(st.one_of(st.binary(min_size=49, max_size=49), contents.map(pack)))
def test_bytes_have_one_meaning_or_none(data: bytes) -> None:
    try:
        piece = unpack(data)
    except Refused:
        return
    assert pack(piece) == data


@given(st.integers(0, CONTENT_BYTES * 8 - 1), st.sampled_from([content(), content(destination="")]))
def test_a_changed_bit_changes_the_meaning(bit: int, piece: IndiciumContent) -> None:
    changed = decode(flipped(pack(piece), bit))
    assert changed.content != piece


@given(rubbish)
def test_decoding_never_raises_and_keeps_the_bytes(payload: bytes) -> None:
    decoded = decode(payload)
    assert decoded.payload == payload
    assert isinstance(decoded.fields, dict)
    assert decoded.signature_present <= decoded.signature_expected
    assert decoded.profile is not Profile.UNKNOWN or decoded.problems


@given(rubbish)
def test_rubbish_is_never_authentic(payload: bytes) -> None:
    found = verify_payload(payload, TRUST, NOW)
    assert found.verdict is not Verdict.AUTHENTIC or payload == signed()
    assert len(found.steps) == 11
    assert found.as_json()["verdict"] == found.verdict.value


@given(own_fields)
def test_what_the_device_signed_is_authentic(fields: dict[str, Any]) -> None:
    assert verify_payload(signed(**fields), TRUST, NOW).verdict is Verdict.AUTHENTIC


@pytest.mark.duty("R97-502.9(b)")
@given(own_fields, st.integers(0, PAYLOAD_BYTES * 8 - 1))
def test_one_changed_bit_is_never_authentic(fields: dict[str, Any], bit: int) -> None:
    found = verify_payload(flipped(signed(**fields), bit), TRUST, NOW)
    assert found.verdict is not Verdict.AUTHENTIC


@pytest.mark.parametrize("payload", [signed(), signed_with_extension(b"order 4711")])
def test_no_bit_of_one_indicium_can_be_changed(payload: bytes) -> None:
    verdicts = [
        verify_payload(flipped(payload, bit), TRUST, NOW).verdict for bit in range(len(payload) * 8)
    ]
    assert Verdict.AUTHENTIC not in verdicts
    assert set(verdicts[-SIGNATURE_BYTES * 8 :]) == {Verdict.NOT_AUTHENTIC}


@given(st.binary(min_size=64, max_size=64))
def test_a_signature_out_of_thin_air_is_not_authentic(signature: bytes) -> None:
    found = verify_payload(pack(content()) + signature, TRUST, NOW)
    assert found.verdict is Verdict.NOT_AUTHENTIC


@given(st.integers(1, ORDER - 1), st.integers(1, ORDER - 1))
def test_raw_and_der_are_two_ways_to_write_one_signature(r: int, s: int) -> None:
    raw = low_s(r.to_bytes(32) + s.to_bytes(32))
    assert raw_from_der(der_from_raw(raw)) == raw
