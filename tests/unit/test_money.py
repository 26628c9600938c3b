"""Amounts as people write them are read exactly, or refused."""

from __future__ import annotations

import pytest

from franking.errors import Refused
from franking.money import AMOUNT_UNREADABLE, format_dollars, parse_dollars


@pytest.mark.parametrize(
    ("text", "mills"),
    [
        ("0.32", 320),
        ("$0.485", 485),
        (".239", 239),
        (" 50 ", 50_000),
        ("-1", -1000),
        ("$1,250.00", 1_250_000),
        ("16,777.215", 16_777_215),
        ("1,000,000", 1_000_000_000),
    ],
)
def test_dollars_are_read_to_the_mill(text: str, mills: int) -> None:
    assert parse_dollars(text) == mills


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "0.0001",
        "1e3",
        "NaN",
        "0,485",
        "0,50",
        "12,50",
        "1,25.00",
        "١.٠٠",
        "1_000",
        "--1",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    """A decimal comma above all: ``0,485`` must not become $485."""
    with pytest.raises(Refused) as refused:
        parse_dollars(text)
    assert refused.value.refusal is AMOUNT_UNREADABLE


@pytest.mark.parametrize("mills", [0, 1, 10, 485, 50_000, 1_109_490, -1000, 16_777_215])
def test_what_is_written_is_read_back(mills: int) -> None:
    assert parse_dollars(format_dollars(mills)) == mills
