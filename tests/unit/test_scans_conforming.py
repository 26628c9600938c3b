"""Columns of any type are made fit for the table of scans, or count as unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from franking.scans.conforming import fitted, type_note
from franking.scans.records import SCAN

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "given", "fit", "unusable"),
    [
        ("payload", pa.array([b"\x00", None, b""]), [b"\x00", None, b""], 0),
        ("payload", pa.array([b"ab"], pa.large_binary()), [b"ab"], 0),
        ("payload", pa.array([b"ab"], pa.binary(2)), [b"ab"], 0),
        ("payload", pa.array(["00fF", "0", "zz", None]), [b"\x00\xff", None, None, None], 2),
        ("payload", pa.array([1, 2]), [None, None], 2),
        ("payload", pa.array([{"a": 1}, None]), [None, None], 1),
        ("payload", pa.array([[1], None]), [None, None], 1),
        ("payload", pa.nulls(2), [None, None], 0),
        ("scanner", pa.array(["a", "", " b "]), ["a", None, " b "], 1),
        ("scanner", pa.array([b"a", b"\xff\xfe"]), ["a", None], 1),
        ("scanner", pa.array([7, 8]), ["7", "8"], 0),
        ("scanner", pa.array([True, None]), [None, None], 1),
        ("scanner", pa.array([1.5]), [None], 1),
        ("place", pa.array(["10001", "10001-1234", "100011234"]), ["10001"] * 3, 0),
        ("place", pa.array([10001, 2139, -1, 1234567]), ["10001", "02139", None, None], 2),
        ("place", pa.array([" 94105 ", "New York", "１０００１"]), ["94105", None, None], 2),
        ("place", pa.array(["10001", "x"]).dictionary_encode(), ["10001", None], 1),
        ("operation", pa.array(["origin", "ORIGIN ", "lost"]), ["origin", "origin", None], 1),
        ("operation", pa.array([1]), [None], 1),
        ("scanned_at", pa.array(["2026-01-01T00:00:00Z", "soon"]), [NEW_YEAR, None], 1),
        ("scanned_at", pa.array([NEW_YEAR.replace(tzinfo=None)]), [NEW_YEAR], 0),
        ("scanned_at", pa.array([2**62], pa.timestamp("us", "UTC")), [None], 1),
        ("scanned_at", pa.array([2**62], pa.timestamp("s")), [None], 1),
        ("scanned_at", pa.array([1, 2]), [None, None], 2),
        ("looks", pa.array([1, 0, 2**40]), [1, None, None], 2),
        ("looks", pa.array([2.0, 2.5, float("nan")]), [2, None, None], 2),
        ("looks", pa.array(["3", "x"]), [3, None], 1),
        ("quality", pa.array([0, 100, 101, -1]), [0, 100, None, None], 2),
        ("weight_ounces", pa.array([1, 0, -1]), [1.0, None, None], 2),
        ("weight_ounces", pa.array([Decimal("1.5")]), [1.5], 0),
        ("weight_ounces", pa.array(["nan", "inf", "2.5"]), [None, None, 2.5], 2),
        ("amount_due_mills", pa.array([2**64 - 1, 5], pa.uint64()), [None, 5], 1),
        ("address", pa.array(["20260-1234", "2026", "x"]), ["202601234", None, None], 2),
        ("address", pa.array([2139, 12345678901]), ["02139", "12345678901"], 0),
        ("deposited_on", pa.array([NEW_YEAR]), [date(2026, 1, 1)], 0),
        ("deposited_on", pa.array(["2026-01-01", "2026-02-30"]), [date(2026, 1, 1), None], 1),
        ("deposited_on", pa.array([2**31 - 1], pa.date32()), [None], 1),
    ],
)
def test_values_are_made_fit_or_counted(
    name: str, given: pa.Array, fit: list[Any], unusable: int
) -> None:
    found = fitted(name, given)
    assert found.values.to_pylist() == fit
    assert found.unusable == unusable
    assert found.values.type == SCAN.field(name).type


def test_nulls_that_were_there_are_not_counted() -> None:
    coded = pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), pa.array(["10001", None]))
    found = fitted("place", coded)
    assert found.values.to_pylist() == ["10001", None, None]
    assert found.unusable == 0


def test_text_that_is_not_utf_8_is_unknown_value_by_value() -> None:
    offsets, data = pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")
    broken = pa.Array.from_buffers(pa.string(), 2, [None, offsets, data])
    assert fitted("scanner", broken).values.to_pylist() == ["a", None]


@pytest.mark.parametrize(
    ("name", "type_", "said"),
    [
        ("payload", pa.binary(), ""),
        ("payload", pa.large_binary(), ""),
        ("payload", pa.string(), "is string, where binary is expected"),
        ("place", pa.dictionary(pa.int32(), pa.string()), ""),
        ("place", pa.int64(), "is int64, where string is expected"),
        ("looks", pa.int8(), ""),
        ("mail_class", pa.null(), "holds nothing"),
        ("scanned_at", pa.timestamp("ms", "UTC"), ""),
        ("scanned_at", pa.timestamp("ns"), "its times name no zone and are taken for UTC"),
    ],
)
def test_what_is_said_of_a_type(name: str, type_: pa.DataType, said: str) -> None:
    assert type_note(name, type_) == said
