"""Whatever a file holds, however it was damaged: rows in are rows out, and nothing is raised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from franking.scans.intake import NightFiles, take_in
from franking.scans.records import NUMBERED, SCAN

NOW = datetime(2026, 11, 22, 11, tzinfo=UTC)
ROWS = 7
VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.binary(): st.binary(max_size=120),
    pa.string(): st.text(max_size=12),
    pa.int8(): st.integers(-(2**7), 2**7 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(),
    pa.bool_(): st.booleans(),
    pa.date32(): st.dates(),
    pa.decimal128(12, 3): st.decimals(-(10**6), 10**6, places=3),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("s", "America/New_York"): st.datetimes(timezones=st.just(UTC)),
    pa.list_(pa.int8()): st.lists(st.integers(-9, 9), max_size=2),
    pa.struct([("a", pa.int8())]): st.fixed_dictionaries({"a": st.integers(0, 9)}),
}
NAMES = st.sampled_from([*SCAN.names, "Payload", " place ", "colour"])


@st.composite
def columns(draw: st.DrawFn) -> pa.Array:
    """A column of any type, some of it null, perhaps coded."""
    type_ = draw(st.sampled_from(list(VALUES)))
    values = draw(st.lists(st.none() | VALUES[type_], min_size=ROWS, max_size=ROWS))
    column = pa.array(values, type_)
    is_plain = pa.types.is_nested(type_) or draw(st.booleans())
    return column if is_plain else column.dictionary_encode()


@settings(max_examples=120, deadline=None)
@given(given_columns=st.dictionaries(NAMES, columns(), min_size=1, max_size=6))
def test_columns_of_any_type_keep_every_row(given_columns: dict[str, pa.Array]) -> None:
    data = BytesIO()
    pq.write_table(pa.table(given_columns), data, row_group_size=3)
    for files in _taken(data.getvalue(), "night.parquet"):
        assert files.report.rows_judged == ROWS
        _keeps_every_row(files)


@settings(max_examples=120, deadline=None)
@given(
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12),
    at_the_end=st.booleans(),
    lost=st.sampled_from([0, 0, 0, 1, 400]),
)
def test_damaged_parquet_keeps_the_rows_it_says_it_has(
    flips: list[tuple[float, int]], at_the_end: bool, lost: int
) -> None:
    data = bytearray(_sound())
    first = len(data) - 1200 if at_the_end else 0
    for place, value in flips:
        data[first + int(place * (len(data) - 1 - first))] = value
    for files in _taken(bytes(data[: len(data) - lost]), "night.parquet"):
        _keeps_every_row(files)


@settings(max_examples=120, deadline=None)
@given(lines=st.lists(st.binary(max_size=20), max_size=8))
def test_csv_of_any_bytes_keeps_every_row(lines: list[bytes]) -> None:
    for files in _taken(b"payload,scanner\n" + b"\n".join(lines), "night.csv"):
        _keeps_every_row(files)


def _taken(data: bytes, name: str) -> Iterator[NightFiles]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield take_in([path], scratch=Path(folder), now=NOW)


def _keeps_every_row(files: NightFiles) -> None:
    report = files.report
    rows = []
    for batch in files.batches(2):
        batch.validate(full=True)
        assert batch.schema == NUMBERED
        rows += batch.to_pylist()
    assert [row["row"] for row in rows] == list(range(report.rows_judged))
    assert all(isinstance(caution, str) for caution in report.cautions())
    assert report.as_json()["rows"] == report.rows


def _sound() -> bytes:
    data = BytesIO()
    rows = [
        {
            "payload": bytes([row]) * 20,
            "scanner": f"s{row}",
            "place": "10001",
            "scanned_at": NOW,
            "operation": "origin",
            "looks": row + 1,
            "address": "20260",
        }
        for row in range(ROWS)
    ]
    whole = [dict.fromkeys(SCAN.names) | row for row in rows]
    pq.write_table(pa.Table.from_pylist(whole, SCAN), data, row_group_size=3)
    return data.getvalue()
