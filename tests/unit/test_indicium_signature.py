"""The one form of a signature."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from franking.errors import Refused
from franking.indicium.signature import (
    der_from_raw,
    is_low_s,
    low_s,
    raw_from_der,
    verify_raw,
)
from tests.fixtures_verification import DEVICE_KEY, OTHER_KEY

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
DATA = b"forty-nine bytes, or any other number of them"
PUBLIC = DEVICE_KEY.private_key.public_key()


def with_high_s(raw: bytes) -> bytes:
    return raw[:32] + (ORDER - int.from_bytes(raw[32:])).to_bytes(32)


@pytest.mark.duty("R97-502.9(b)")
def test_a_true_signature_is_accepted_and_no_other() -> None:
    verify_raw(PUBLIC, DATA, DEVICE_KEY.sign(DATA))
    for raw in (OTHER_KEY.sign(DATA), DEVICE_KEY.sign(DATA + b"."), bytes(64), b"\xff" * 64):
        with pytest.raises(Refused) as refused:
            verify_raw(PUBLIC, DATA, raw)
        assert refused.value.code == "INDICIUM_SIGNATURE_FALSE"


def test_the_second_form_of_a_true_signature_is_refused() -> None:
    raw = DEVICE_KEY.sign(DATA)
    second = with_high_s(raw)
    assert is_low_s(raw)
    assert not is_low_s(second)
    with pytest.raises(Refused):
        verify_raw(PUBLIC, DATA, second)
    verify_raw(PUBLIC, DATA, low_s(second))


@pytest.mark.parametrize("length", [0, 32, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(Refused):
        verify_raw(PUBLIC, DATA, (DEVICE_KEY.sign(DATA) + b"\0")[:length])


@pytest.mark.parametrize(
    ("r", "s"),
    [
        (1, 1),
        (0x7F, 0x80),
        (2**248, 2**250),
        (2**255, 2**248),
        (ORDER - 1, ORDER // 2),
        (5, 2**248),
    ],
)
def test_raw_and_der_say_the_same_number(r: int, s: int) -> None:
    raw = r.to_bytes(32) + s.to_bytes(32)
    assert der_from_raw(raw) == encode_dss_signature(r, s)
    assert raw_from_der(der_from_raw(raw)) == raw


def test_a_high_s_in_der_comes_out_low() -> None:
    assert raw_from_der(encode_dss_signature(5, ORDER - 7)) == (5).to_bytes(32) + (7).to_bytes(32)
