"""Payloads decoded by column say what the decoder of single payloads says."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from franking.indicium.content import date_number, date_of
from franking.indicium.profiles import Decoded, decode
from franking.scans.calendar_days import days_of
from franking.scans.decoding import Contents, Payloads, contents_of
from franking.scans.devices import device_number, device_of
from franking.verification.trust_format import day_number
from tests.fixtures_verification import flipped, signed, signed_with_extension

ORDINARY = signed()
EXTENDED = signed_with_extension(b"customer 7")
DAY_ZERO = date(1970, 1, 1)


def near(payload: bytes) -> st.SearchStrategy[bytes]:
    """The payload with bytes changed, cut short or made longer."""
    changed = st.tuples(st.integers(0, len(payload) - 1), st.integers(0, 255)).map(
        lambda at: payload[: at[0]] + bytes([at[1]]) + payload[at[0] + 1 :]
    )
    cut = st.integers(0, len(payload)).map(lambda size: payload[:size])
    longer = st.binary(max_size=40).map(lambda more: payload + more)
    return st.one_of(changed, cut, longer)


PAYLOADS = st.lists(
    st.one_of(near(ORDINARY), near(EXTENDED), st.binary(max_size=150), st.none()), max_size=12
)


def said(found: Decoded) -> tuple[object, ...]:
    """What the content of one payload says, as the columns say it."""
    content = found.content
    if content is None:
        return ()
    return (
        not found.problems,
        content.certificate_serial,
        device_number(content.device_id),
        content.ascending_mills,
        content.postage_mills,
        content.descending_mills,
        day_number(content.date_of_mailing),
        int(content.licensing_zip),
        int(content.destination or 0),
        len(content.destination),
        content.rate_category.ljust(4).encode(),
    )


def row_of(contents: Contents, place: int) -> tuple[object, ...]:
    return (
        bool(contents.as_laid_out[place]),
        int(contents.certificate[place]),
        int(contents.device[place]),
        int(contents.ascending[place]),
        int(contents.postage[place]),
        int(contents.descending[place]),
        int(contents.dated[place]),
        int(contents.licensing_zip[place]),
        int(contents.destination[place]),
        int(contents.destination_digits[place]),
        int(contents.rate_category[place]).to_bytes(4),
    )


@given(PAYLOADS, st.integers(0, 4))
@example([flipped(ORDINARY, bit) for bit in range(8 * len(ORDINARY))], 0)
@example([flipped(EXTENDED, bit) for bit in range(8 * len(EXTENDED))], 0)
@example([signed(destination=to) for to in ("", "00000", "99999", "000000000", "99999999999")], 0)
@example([], 0)
@example([None], 0)
@example([b""], 0)
@settings(max_examples=300)
def test_columns_say_what_single_payloads_say(payloads: list[bytes | None], skipped: int) -> None:
    whole = pa.array(payloads, pa.binary())
    contents = contents_of(Payloads.of(whole.slice(skipped)))
    expected = [said(decode(one)) if one is not None else () for one in payloads[skipped:]]
    assert [row_of(contents, place) for place in range(len(contents.rows))] == [
        one for one in expected if one
    ]
    assert contents.rows.tolist() == [place for place, one in enumerate(expected) if one]


@given(st.integers(0, 2**32 - 1) | st.dates().map(date_number))
def test_a_number_is_a_date_by_column_as_it_is_alone(number: int) -> None:
    days, real = days_of(np.array([number]))
    if real[0]:
        assert DAY_ZERO + timedelta(days=int(days[0])) == date_of(number)
    else:
        assert date_of_none(number)


def date_of_none(number: int) -> bool:
    try:
        date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return True
    return False


@given(st.from_regex(r"[0-9A-Z]{4}", fullmatch=True), st.integers(0, 2**32 - 1))
def test_a_device_and_its_number_are_one(pair: str, serial: int) -> None:
    device = device_of(int.from_bytes(pair.encode() + serial.to_bytes(4, "little")))
    assert device_number(device) > 0
    assert device_of(device_number(device)) == device
