"""Every row of every file comes out once, in order, whatever the file is like."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from franking.errors import Refused
from franking.scans import scan_files
from franking.scans.intake import NightFiles, read_chunk, take_in
from franking.scans.records import NUMBERED, SCAN

NOW = datetime(2026, 11, 22, 11, tzinfo=UTC)
EVENING = datetime(2026, 11, 21, 23, tzinfo=UTC)


def scans(rows: int, **more: Any) -> pa.Table:
    """So many scans, each with a payload of its own."""
    usual = {
        "payload": [f"piece {row}".encode() for row in range(rows)],
        "scanner": ["s1"] * rows,
        "scanned_at": [EVENING] * rows,
    }
    columns = {name: usual.get(name, [None] * rows) for name in SCAN.names} | more
    return pa.table(columns, SCAN)


def taken(folder: Path, *paths: Path) -> NightFiles:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return take_in(paths, scratch=scratch, now=NOW)


def rows_of(files: NightFiles, rows: int = 1000) -> list[dict[str, Any]]:
    batches = list(files.batches(rows))
    assert all(batch.schema == NUMBERED for batch in batches)
    return [row for batch in batches for row in batch.to_pylist()]


def numbers(files: NightFiles, rows: int = 1000) -> list[tuple[int, int]]:
    return [(row["file"], row["row"]) for row in rows_of(files, rows)]


def test_rows_are_numbered_by_file_and_row(tmp_path: Path) -> None:
    pq.write_table(scans(25), tmp_path / "a.parquet", row_group_size=10)
    pq.write_table(scans(3, scanner=["x", None, "y"]), tmp_path / "b.parquet")
    files = taken(tmp_path, tmp_path / "a.parquet", tmp_path / "b.parquet")
    expected = [(0, row) for row in range(25)] + [(1, row) for row in range(3)]
    assert numbers(files, rows=4) == expected
    assert [row["payload"] for row in rows_of(files)][24] == b"piece 24"
    assert files.report.rows == files.report.rows_judged == 28
    assert list(files.report.cautions()) == []
    assert files.night == date(2026, 11, 21)


def test_chunks_travel_to_other_processes(tmp_path: Path) -> None:
    pq.write_table(scans(10), tmp_path / "a.parquet")
    chunk = taken(tmp_path, tmp_path / "a.parquet").chunks(4)[1]
    assert read_chunk(pickle.loads(pickle.dumps(chunk)))["row"].to_pylist() == [4, 5, 6, 7]


def test_a_folder_stands_for_the_files_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    folder.mkdir()
    pq.write_table(scans(2), folder / "part-1.parquet")
    (folder / "part-0.csv").write_text("payload\n00ff\n")
    (folder / "readme.txt").write_text("not scans")
    files = taken(tmp_path, folder)
    assert [Path(each.name).name for each in files.report.files] == ["part-0.csv", "part-1.parquet"]
    assert files.report.rows == 3


def test_a_file_given_twice_is_judged_once_and_counted(tmp_path: Path) -> None:
    for name in ("a.parquet", "again.parquet"):
        pq.write_table(scans(5), tmp_path / name)
    files = taken(tmp_path, tmp_path / "a.parquet", tmp_path / "again.parquet")
    assert numbers(files) == [(0, row) for row in range(5)]
    assert (files.report.rows, files.report.rows_judged, files.report.rows_repeated) == (10, 5, 5)
    assert "the same file as number 0" in "".join(files.report.cautions())


def test_a_file_written_anew_under_its_name_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for rows in (3, 5):
        pq.write_table(scans(rows), path)
        assert len(rows_of(taken(tmp_path, path))) == rows


def test_columns_are_found_by_name_whatever_the_case(tmp_path: Path) -> None:
    table = pa.table({" Payload": [b"a"], "SCANNER": ["s"], "colour": ["red"]})
    pq.write_table(table, tmp_path / "a.parquet")
    files = taken(tmp_path, tmp_path / "a.parquet")
    (row,) = rows_of(files)
    assert (row["payload"], row["scanner"]) == (b"a", "s")
    assert files.report.files[0].extra == ("colour",)


def test_row_groups_too_big_or_too_small_are_copied_into_handy_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_files, "GROUP_ROWS_MAX", 10)
    monkeypatch.setattr(scan_files, "GROUP_ROWS", 8)
    pq.write_table(scans(30), tmp_path / "big.parquet")
    files = taken(tmp_path, tmp_path / "big.parquet")
    assert [group.rows for group in files.groups] == [8, 8, 8, 6]
    assert files.groups[0].path.parent == tmp_path / "scratch"
    assert [row["payload"] for row in rows_of(files)] == [b"piece %d" % row for row in range(30)]

    pq.write_table(scans(100), tmp_path / "small.parquet", row_group_size=1)
    files = taken(tmp_path, tmp_path / "small.parquet")
    assert len(files.groups) == 13
    assert numbers(files) == [(0, row) for row in range(100)]


def test_a_damaged_row_group_costs_its_own_rows_only(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(scans(30), path, row_group_size=10, compression="none", use_dictionary=False)
    _damage(path, group=1, column="payload")
    files = taken(tmp_path, path)
    found = rows_of(files)
    assert len(found) == 30
    assert [row["payload"] is None for row in found] == [False] * 10 + [True] * 10 + [False] * 10
    assert files.report.files[0].damaged_rows == 10
    assert not files.report.is_whole


def test_a_damaged_column_is_unknown_and_the_rest_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(scans(10), path, compression="none", use_dictionary=False)
    _damage(path, group=0, column="scanner")
    files = taken(tmp_path, path)
    (row, *_) = rows_of(files)
    assert (row["payload"], row["scanner"]) == (b"piece 0", None)
    assert files.report.is_whole
    assert "column scanner: damaged in 10 rows" in "".join(files.report.cautions())


def test_lines_of_csv_that_do_not_fit_keep_their_place(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"payload,scanner\n00,a\n01,b,c\n\n02\n03,d\xff\n04,e\n05")
    files = taken(tmp_path, path)
    found = [(row["row"], row["payload"], row["scanner"]) for row in rows_of(files)]
    assert found == [
        (0, b"\x00", "a"),
        (1, None, None),
        (2, None, None),
        (3, None, None),
        (4, b"\x03", "dÿ"),
        (5, b"\x04", "e"),
        (6, None, None),
    ]
    assert files.report.files[0].damaged_rows == 3


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.parquet", b"", "it is empty"),
        ("letter.txt", b"Dear sir", "neither Parquet nor, by its name, CSV"),
        ("short.parquet", b"PAR1 and no more", "cut short"),
        ("odd.parquet", b"PAR1" + b"\0" * 40 + b"PAR1", "Parquet that cannot be read"),
        ("noise.csv", bytes(range(256)) * 4, "names none of the columns"),
        ("empty.csv", b"", "it is empty"),
    ],
)
def test_a_file_of_which_nothing_can_be_read_says_why(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)
    pq.write_table(scans(2), tmp_path / "fine.parquet")
    files = taken(tmp_path, tmp_path / name, tmp_path / "fine.parquet")
    assert said in files.report.files[0].fault
    assert numbers(files) == [(1, 0), (1, 1)]
    assert not files.report.is_whole


def test_paths_that_name_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="SCANS_NOT_THERE"):
        taken(tmp_path, tmp_path / "nothing.parquet")
    with pytest.raises(Refused, match="SCANS_NOT_THERE"):
        taken(tmp_path, tmp_path / "scratch")


def _damage(path: Path, *, group: int, column: str) -> None:
    """Overwrite the first page of a column of a row group."""
    about = pq.ParquetFile(path).metadata.row_group(group)
    places = {about.column(each).path_in_schema: each for each in range(about.num_columns)}
    start = about.column(places[column]).data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + 60] = b"\xff" * 60
    path.write_bytes(data)
