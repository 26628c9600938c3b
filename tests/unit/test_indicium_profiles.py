"""What decoding says of ours, of the historical indicia, and of rubbish."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.errors import Refused
from franking.indicium.content import VERSION_EXTENDED, pack, pack_extended
from franking.indicium.profiles import Profile, decode
from franking.marks.symbols import data_matrix
from franking.verification.verdict import Verdict
from tests.fixtures_verification import (
    DEVICE_KEY,
    content,
    signed,
    signed_with_extension,
    step,
    verified,
)

VECTORS = Path(__file__).parents[1] / "vectors"


def printed(name: str) -> tuple[bytes, dict[str, str]]:
    """The bytes and the values of a vector file from the outside world."""
    lines = (VECTORS / name).read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line and not line.startswith("#")]
    payload = bytes.fromhex("".join(line for line in told if "=" not in line))
    values = dict(line.split(" = ") for line in told if "=" in line)
    return payload, values


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("printed-ibi-pdf417.txt", Profile.IBI_DSA),
        ("printed-ibi-lite.txt", Profile.IBI_LITE),
    ],
)
def test_real_prints_decode_to_what_their_labels_show(name: str, profile: Profile) -> None:
    payload, values = printed(name)
    decoded = decode(payload)
    assert decoded.profile is profile
    assert {field: str(value) for field, value in decoded.fields.items()} == values


def test_the_published_dump_that_stops_inside_the_signature_says_so() -> None:
    payload, _ = printed("printed-ibi-pdf417.txt")
    decoded = decode(payload)
    assert (decoded.signature_present, decoded.signature_expected) == (37, 40)
    assert decoded.problems == ("truncated: 37 of 40 signature bytes",)


def test_what_follows_a_historical_signature_is_unsigned_reserve() -> None:
    payload, _ = printed("printed-ibi-pdf417.txt")
    decoded = decode(payload + bytes(3) + b"vendor's")
    assert decoded.problems == ()
    assert decoded.reserve == b"vendor's"


def test_the_older_ibi_lite_has_no_digest() -> None:
    payload, values = printed("printed-ibi-lite.txt")
    decoded = decode(payload[:14])
    assert (decoded.profile, decoded.signature_expected) == (Profile.IBI_LITE, 0)
    assert len(decoded.fields) == len(values)


def test_ours_decodes_whole() -> None:
    decoded = decode(signed())
    assert decoded.content == content()
    assert decoded.problems == ()
    assert decoded.fields["destination"] == "60601123499"
    assert decoded.fields["postage_mills"] == 320


@pytest.mark.parametrize(
    ("length", "problem", "fields"),
    [
        (0, "0 bytes of no known profile", 0),
        (1, "truncated: 1 of 113 bytes, algorithm and what follows it missing", 1),
        (21, "truncated: 21 of 113 bytes, postage_mills and what follows it missing", 5),
        (49, "no signature: this shows no postage", 12),
        (112, "truncated: 63 of 64 signature bytes", 12),
    ],
)
def test_what_is_cut_short_is_decoded_as_far_as_it_goes(
    length: int, problem: str, fields: int
) -> None:
    decoded = decode(signed()[:length])
    assert decoded.problems == (problem,)
    assert len(decoded.fields) == fields


def test_more_bytes_than_signed_are_a_problem() -> None:
    assert decode(signed() + b"\0").problems == ("1 bytes too many",)


def test_a_field_without_meaning_is_shown_in_hex_and_named() -> None:
    payload = signed()
    decoded = decode(payload[:22] + b"\xff\xff\xff\xff" + payload[26:])
    assert decoded.content is None
    assert decoded.fields["date_of_mailing"] == "ffffffff"
    assert decoded.problems == ("date_of_mailing: 4294967295 is not a date YYYYMMDD",)


def test_another_algorithm_is_named() -> None:
    payload = signed()
    decoded = decode(payload[:1] + b"\x02" + payload[2:])
    assert decoded.problems == ("algorithm 0x02 (unknown) does not belong to this profile",)


@pytest.mark.duty("R97-Pre-VAS")
@pytest.mark.parametrize("extension", [b"\0", b"order 4711", bytes(range(28))])
def test_an_extension_of_the_customer_is_signed_with_the_content(extension: bytes) -> None:
    payload = signed_with_extension(extension)
    decoded = decode(payload)
    assert (decoded.profile, decoded.problems) == (Profile.FRANKING_EXTENDED, ())
    assert decoded.extension == extension
    assert decoded.fields["extension"] == extension.hex()
    assert decoded.fields["postage_mills"] == 320
    assert verified(payload).verdict is Verdict.AUTHENTIC
    for changed in (payload[:-65] + b"?" + payload[-64:], payload[:50] + b"?" + payload[51:]):
        assert verified(changed).verdict is not Verdict.AUTHENTIC


@pytest.mark.duty("R97-Pre-VAS")
@pytest.mark.parametrize("extension", [b"", bytes(29)])
def test_an_extension_has_a_limit_and_is_not_empty(extension: bytes) -> None:
    with pytest.raises(Refused) as refused:
        signed_with_extension(extension)
    assert refused.value.code == "INDICIUM_FIELD_OUT_OF_RANGE"
    data = pack(content(version=VERSION_EXTENDED)) + bytes((len(extension),)) + extension
    found = verified(data + DEVICE_KEY.sign(data))
    assert found.verdict is Verdict.UNDETERMINED
    assert "an extension of" in step(found, "parse").reason


def test_the_ordinary_version_has_no_extension() -> None:
    with pytest.raises(Refused):
        pack_extended(content(), b"x")
    assert decode(signed()).extension == b""


@pytest.mark.duty("R97-Pre-VAS")
def test_the_longest_extension_fits_the_symbol_of_an_ordinary_indicium() -> None:
    sizes = {
        data_matrix(payload).width_in for payload in (signed(), signed_with_extension(bytes(28)))
    }
    assert len(sizes) == 1
