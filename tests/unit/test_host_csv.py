"""Mailing lists as people send them: what is refused whole, what is named by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.errors import Refused
from franking.host.csv_rows import ROW_LENGTH_MAX, BadRow, Row, read_rows

HEADING = b"Name,Address 1,City,State,Zip\n"
ROW = b"Ann,1 Main St,Chicago,IL,60601\n"


def rows_of(tmp_path: Path, content: bytes) -> list[Row | BadRow]:
    """The rows of a file with this content."""
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    return list(read_rows(path))


def good(rows: list[Row | BadRow]) -> list[int]:
    """The lines of the good rows."""
    return [row.line for row in rows if isinstance(row, Row)]


def bad(rows: list[Row | BadRow]) -> list[int]:
    """The lines of the bad rows."""
    return [row.line for row in rows if isinstance(row, BadRow)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "CSV_EMPTY"),
        (b"\n \n", "CSV_EMPTY"),
        (HEADING, "CSV_EMPTY"),
        (HEADING + b"\n\n,,,,\n", "CSV_EMPTY"),
        (b"PK\x03\x04" + bytes(range(256)) * 4, "CSV_NOT_TEXT"),
        (bytes(range(256)) * 40, "CSV_NOT_TEXT"),
        (b"a,b\n1,2\n", "CSV_COLUMNS_MISSING"),
        (b"Street,City,State,Zip,zip\n", "CSV_COLUMN_TWICE"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rows_of(tmp_path, content)
    assert refused.value.code == code


def test_what_cannot_be_opened_is_refused_with_its_path(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.csv"):
        with pytest.raises(Refused, match="CSV_UNREADABLE") as refused:
            list(read_rows(path))
        assert str(path) in refused.value.detail


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_usual_forms_of_csv_are_read(
    tmp_path: Path, encoding: str, delimiter: str, newline: str
) -> None:
    lines = ["Name,Address_1,City,State,ZIP Code", "José,1 Main St,Chicago,IL,60601", ""]
    content = newline.join(lines).replace(",", delimiter).encode(encoding)
    rows = rows_of(tmp_path, content)
    assert good(rows) == [2]
    assert isinstance(rows[0], Row)
    assert rows[0].fields["name"] == "José"


@pytest.mark.parametrize(
    "line",
    [
        b"Jos\xe9,1 Main St,Chicago,IL,60601\n",
        b"A,1 Main St,Chicago,IL,60601,extra\n",
        b'"A,1 Main St,Chicago,IL,60601\n',
        b"A\0,1 Main St,Chicago,IL,60601\n",
        b"A" * (3 * ROW_LENGTH_MAX) + b",1 Main St,Chicago,IL,60601\n",
    ],
)
def test_a_bad_line_costs_only_itself(tmp_path: Path, line: bytes) -> None:
    rows = rows_of(tmp_path, HEADING + ROW + line + ROW + ROW)
    assert (good(rows), bad(rows)) == ([2, 4, 5], [3])
    named = next(row for row in rows if isinstance(row, BadRow))
    assert "line 3" in str(named)
    assert named.remedy


def test_a_quoted_value_may_run_over_lines(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, HEADING + b'"Ann\nLee",1 Main St,Chicago,IL,60601\n' + ROW)
    assert good(rows) == [2, 4]


def test_empty_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    assert good(rows_of(tmp_path, HEADING + b"\n" + ROW + b"\n\n" + ROW)) == [3, 6]


def test_a_mapped_column_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(HEADING + ROW)
    with pytest.raises(Refused, match="CSV_COLUMNS_MISSING"):
        list(read_rows(path, {"reference": "Order"}))
