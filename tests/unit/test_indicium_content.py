"""The 49 bytes, field by field."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.indicium.content import (
    CONTENT_BYTES,
    IndiciumContent,
    date_number,
    destination_number,
    destination_of,
    pack,
    pack_after,
    pack_prefix,
    rate_category_bytes,
    unpack,
    zip_number,
)
from tests.fixtures_verification import content


@pytest.mark.duty("R97-502.9(a)")
def test_every_field_stands_where_the_layout_says() -> None:
    data = pack(
        content(
            certificate_serial=0x04030201,
            device_id=DeviceId("FK", "1A", 0x0D0C0B0A),
            ascending_mills=0x15_14131211,
            postage_mills=0x222120,
            date_of_mailing=date(1997, 11, 21),
            licensing_zip="02139",
            destination="60601",
            software_id=b"SOFTID",
            descending_mills=0x44434241,
            rate_category="FCL",
        )
    )
    assert data.hex(" ", -1).split() == [
        *("f1", "10"),
        *("01", "02", "03", "04"),
        *(b"FK1A".hex(" ").split()),
        *("0a", "0b", "0c", "0d"),
        *("11", "12", "13", "14", "15"),
        *("20", "21", "22"),
        *(19971121).to_bytes(4, "little").hex(" ").split(),
        *(2139).to_bytes(4, "little").hex(" ").split(),
        *(60602).to_bytes(5, "little").hex(" ").split(),
        *(b"SOFTID".hex(" ").split()),
        *("41", "42", "43", "44"),
        *(b"FCL ".hex(" ").split()),
    ]
    assert len(data) == CONTENT_BYTES


@pytest.mark.parametrize(
    ("destination", "number"),
    [
        ("", 0),
        ("00000", 1),
        ("99999", 100_000),
        ("000000000", 100_001),
        ("999999999", 1_000_100_000),
        ("00000000000", 1_000_100_001),
        ("99999999999", 101_000_100_000),
    ],
)
def test_a_destination_keeps_its_length_and_its_zeros(destination: str, number: int) -> None:
    assert destination_number(destination) == number
    assert destination_of(number) == destination


@pytest.mark.parametrize(
    "changes",
    [
        {"postage_mills": 2**24},
        {"postage_mills": -1},
        {"ascending_mills": 2**40},
        {"ascending_mills": -1},
        {"descending_mills": 2**32},
        {"certificate_serial": 2**32},
        {"version": 256},
        {"licensing_zip": "2139"},
        {"licensing_zip": "0213A"},
        {"destination": "606011"},
        {"destination": "6060١"},
        {"software_id": b"SHORT"},
        {"software_id": b"TOOLONG"},
        {"rate_category": "FIRST"},
        {"rate_category": "F C"},
        {"rate_category": "é"},
    ],
)
def test_what_does_not_fit_is_refused_and_never_cut(changes: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        pack(content(**changes))
    assert refused.value.code == "INDICIUM_FIELD_OUT_OF_RANGE"


@pytest.mark.parametrize(
    ("offset", "field"),
    [
        (6, b"\xff"),
        (22, (19971131).to_bytes(4, "little")),
        (26, (100_000).to_bytes(4, "little")),
        (30, (101_000_100_001).to_bytes(5, "little")),
        (45, b"F\x00\x00\x00"),
        (45, b" FCL"),
    ],
    ids=["device", "30 February", "ZIP", "destination", "rate NUL", "rate space"],
)
def test_bytes_that_pack_never_writes_are_refused(offset: int, field: bytes) -> None:
    data = pack(content())
    with pytest.raises(Refused) as refused:
        unpack(data[:offset] + field + data[offset + len(field) :])
    assert refused.value.code == "INDICIUM_CONTENT_UNREADABLE"


@pytest.mark.parametrize("length", [0, 48, 50, 113])
def test_only_49_bytes_are_a_content(length: int) -> None:
    with pytest.raises(Refused):
        unpack(bytes(length))


def test_the_quick_way_writes_the_same_bytes() -> None:
    piece = content()
    prefix = pack_prefix(piece.version, piece.algorithm, piece.certificate_serial, piece.device_id)
    quick = pack_after(
        prefix,
        ascending_mills=piece.ascending_mills,
        postage_mills=piece.postage_mills,
        date_number=date_number(piece.date_of_mailing),
        zip_number=zip_number(piece.licensing_zip),
        destination_number=destination_number(piece.destination),
        software_id=piece.software_id,
        descending_mills=piece.descending_mills,
        rate_category=rate_category_bytes(piece.rate_category),
    )
    assert quick == pack(piece)


def test_a_content_cannot_be_changed_in_place() -> None:
    piece = content()
    with pytest.raises(AttributeError):
        piece.postage_mills = 1  # type: ignore[misc]
    assert msgspec.structs.replace(piece, postage_mills=1).postage_mills == 1
    assert isinstance(piece, IndiciumContent)
