"""Rows of a mailing list from a CSV file, whatever is wrong with it.

Reads line by line, so that a long line costs no memory. A file that is no list at all, or too large
for one job, is refused; a line that cannot be read is reported as a ``BadRow`` with its number and
reason, and the lines after it are read as if nothing had happened.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from franking.errors import Refusal, Refused

CSV_UNREADABLE = Refusal(
    "CSV_UNREADABLE",
    clause="policy",
    remedy="Give the path of a CSV file that this account may read.",
    http_status=422,
)
CSV_EMPTY = Refusal(
    "CSV_EMPTY",
    clause="policy",
    remedy="Give a file with a line of column names and at least one row.",
    http_status=422,
)
CSV_NOT_TEXT = Refusal(
    "CSV_NOT_TEXT",
    clause="policy",
    remedy="Save the list as CSV (UTF-8) from the spreadsheet or database, and give that file.",
    http_status=422,
)
CSV_ROW_UNREADABLE = Refusal(
    "CSV_ROW_UNREADABLE",
    clause="policy",
    remedy="Correct the row and print it in a job of its own.",
    http_status=422,
)
CSV_COLUMNS_MISSING = Refusal(
    "CSV_COLUMNS_MISSING",
    clause="policy",
    remedy="Name the columns as the template does, or map them: street=Address 1.",
    http_status=422,
)
CSV_COLUMN_TWICE = Refusal(
    "CSV_COLUMN_TWICE",
    clause="policy",
    remedy="Give every column its own name.",
    http_status=422,
)

CSV_TOO_LARGE = Refusal(
    "CSV_TOO_LARGE",
    clause="policy",
    remedy="Split the list; each part is a job of its own, and can be resumed by itself.",
    http_status=422,
)

FILE_BYTES_MAX = 32 * 2**20
"""A job of so many rows would take hours; a list of 100,000 rows is a third of it."""
ROW_LENGTH_MAX = 65_536
_PROBE_BYTES = 8_192
_LINES_IN_ROW_MAX = 8
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\r\n\f")
_ODD_BYTES_IN = 50  # one control byte in so many makes a file binary
_NAMES_SHOWN_MAX, _NAME_SHOWN_MAX = 20, 40
_DELIMITERS = ",;\t|"

FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "recipient", "full name", "contact", "addressee"),
    "company": ("company", "firm", "organization", "organisation"),
    "street": ("street", "address", "address 1", "address1", "street address", "address line 1"),
    "unit": ("unit", "address 2", "address2", "apt", "suite", "address line 2"),
    "city": ("city", "town"),
    "state": ("state", "st", "province"),
    "zip_code": ("zip code", "zip", "zipcode", "postal code", "zip+4", "postcode"),
    "weight_oz": ("weight oz", "weight", "ounces", "oz"),
    "mail_class": ("mail class", "class"),
    "shape": ("shape",),
    "services": ("services", "service"),
    "stock": ("stock", "print on"),
    "courtesy_reply": ("courtesy reply",),
    "return_name": ("return name", "sender"),
    "return_company": ("return company", "sender company"),
    "return_street": ("return street", "return address", "sender street"),
    "return_unit": ("return unit",),
    "return_city": ("return city", "sender city"),
    "return_state": ("return state", "sender state"),
    "return_zip_code": ("return zip code", "return zip", "sender zip"),
    "cost_centre": ("cost centre", "cost center", "department"),
    "reference": ("reference", "ref", "id"),
}
"""What a row may say, and the column names that say it unless the template maps others."""
REQUIRED = ("street", "city", "state", "zip_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One readable row: its line in the file, and its fields by our names."""

    line: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that nothing was charged for: where it is, what is wrong, what to do."""

    line: int
    code: str
    clause: str
    detail: str
    remedy: str

    @classmethod
    def of(cls, line: int, refused: Refused) -> BadRow:
        """The row that was refused."""
        return cls(line=line, **refused.as_json())

    def __str__(self) -> str:
        return f"line {self.line}: {self.detail}. {self.remedy}"


def read_rows(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Row | BadRow]:
    """The rows of the file in order; ``mapping`` names the column of a field.

    Raises:
        Refused: ``CSV_UNREADABLE``, ``CSV_TOO_LARGE``, ``CSV_EMPTY``, ``CSV_NOT_TEXT``,
            ``CSV_COLUMNS_MISSING`` or ``CSV_COLUMN_TWICE``, when the first row is asked for.
    """
    try:
        _require_list(path)
        with _opened(path) as file:
            yield from _rows(path, file, mapping or {})
    except OSError as error:
        raise CSV_UNREADABLE.because(f"{path}: {error.strerror or error}") from error


def list_digest(path: Path) -> str:
    """SHA-256 in hex of the file, to tell one list from another.

    Raises:
        Refused: ``CSV_UNREADABLE``, ``CSV_TOO_LARGE``.
    """
    try:
        _require_list(path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CSV_UNREADABLE.because(f"{path}: {error.strerror or error}") from error


def _require_list(path: Path) -> None:
    size = path.stat().st_size
    if not path.is_file():
        raise CSV_UNREADABLE.because(f"{path} is not a file")
    if size > FILE_BYTES_MAX:
        raise CSV_TOO_LARGE.because(
            f"{path} has {size:,} bytes; a list has at most {FILE_BYTES_MAX:,}"
        )


def _opened(path: Path) -> TextIO:
    encoding = _encoding(path)
    errors = "surrogateescape" if encoding == "utf-8-sig" else "replace"
    return path.open("r", encoding=encoding, errors=errors, newline="")


def _encoding(path: Path) -> str:
    """The encoding by the first bytes; a file that is no text is refused."""
    with path.open("rb") as file:
        start = file.read(_PROBE_BYTES)
    if not start.strip():
        raise CSV_EMPTY.because(f"{path} is empty")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    odd = sum(byte in _CONTROLS for byte in start)
    if odd * _ODD_BYTES_IN > len(start) or b"\0" in start.splitlines()[0]:
        raise CSV_NOT_TEXT.because(f"{path} is not a text file")
    return "utf-8-sig"


def _rows(path: Path, file: TextIO, mapping: Mapping[str, str]) -> Iterator[Row | BadRow]:
    heading = file.readline(ROW_LENGTH_MAX)
    delimiter = _delimiter(heading)
    names = _values([heading], delimiter) or []
    columns = _columns(path, names, mapping)
    found = False
    for line, values in _records(_bounded(file), delimiter, len(names)):
        if values is None:
            yield _bad(line, "too long, or its quotation marks do not close")
        elif any(value.strip() for value in values):
            yield _row(line, values, columns, len(names))
        else:
            continue
        found = True
    if not found:
        raise CSV_EMPTY.because(f"{path} has column names but no rows")


def _bounded(file: TextIO) -> Iterator[str]:
    """The lines of the file; an endless one is cut off, so that its row is refused."""
    while line := file.readline(ROW_LENGTH_MAX):
        ended = line.endswith("\n")
        while not ended and (rest := file.readline(ROW_LENGTH_MAX)):
            line, ended = "\0\n", rest.endswith("\n")
        yield line


def _records(
    lines: Iterator[str], delimiter: str, width: int
) -> Iterator[tuple[int, list[str] | None]]:
    """Line number and values of each row; ``None`` for a row that does not parse.

    A quoted value may run over a few lines. One that never closes costs its own line only.
    """
    ahead: deque[str] = deque()
    number = 1
    while ahead or _take(ahead, lines):
        taken, values = _record(ahead, lines, delimiter, width)
        for _ in range(taken):
            ahead.popleft()
        yield number + 1, values
        number += taken


def _record(
    ahead: deque[str], lines: Iterator[str], delimiter: str, width: int
) -> tuple[int, list[str] | None]:
    """How many lines the next row takes, and its values."""
    for count in range(1, _LINES_IN_ROW_MAX + 1):
        if len(ahead) < count and not _take(ahead, lines):
            return 1, None
        values = _values(list(ahead)[:count], delimiter)
        if values is not None and (count == 1 or len(values) <= width):
            return count, values
    return 1, None


def _take(ahead: deque[str], lines: Iterator[str]) -> bool:
    """Read one line more, if there is one."""
    line = next(lines, None)
    if line is not None:
        ahead.append(line)
    return line is not None


def _values(lines: list[str], delimiter: str) -> list[str] | None:
    """The values of one row, or ``None`` if its quotation marks do not close."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _row(line: int, values: list[str], columns: Mapping[str, int], width: int) -> Row | BadRow:
    if len(values) > width:
        return _bad(line, f"{len(values)} values under {width} column names")
    if values == ["\0"]:
        return _bad(line, f"longer than {ROW_LENGTH_MAX} characters")
    fields = {name: values[place].strip() for name, place in columns.items() if place < len(values)}
    wrong = [name for name, value in fields.items() if not _is_text(value)]
    if wrong:
        return _bad(line, f"the {wrong[0]} is not readable text (UTF-8)")
    return Row(line=line, fields=fields)


def _is_text(value: str) -> bool:
    if "\ufffd" in value or _CONTROLS & set(map(ord, value)):
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _bad(line: int, detail: str) -> BadRow:
    return BadRow.of(line, CSV_ROW_UNREADABLE.because(detail))


def _delimiter(heading: str) -> str:
    return max(_DELIMITERS, key=heading.count)


def _columns(path: Path, names: list[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """The place of each field among the columns."""
    places = {_plain(name): place for place, name in enumerate(names)}
    twice = {name for name in names if [_plain(n) for n in names].count(_plain(name)) > 1}
    if twice - {""}:
        raise CSV_COLUMN_TWICE.because(f"{path} has {sorted(twice)[0]!r} twice")
    columns: dict[str, int] = {}
    for field, usual in FIELDS.items():
        wanted = (mapping[field],) if field in mapping else usual
        found = next((places[_plain(n)] for n in wanted if _plain(n) in places), None)
        if found is not None:
            columns[field] = found
    missing = [f for f in (*REQUIRED, *mapping) if f not in columns]
    if missing:
        raise CSV_COLUMNS_MISSING.because(
            f"{path} has no column for {', '.join(dict.fromkeys(missing))}; it has {_shown(names)}"
        )
    return columns


def _shown(names: list[str]) -> str:
    """The column names, few and short enough to read."""
    shown = [repr(name[:_NAME_SHOWN_MAX]) for name in names[:_NAMES_SHOWN_MAX]]
    return ", ".join(shown) + (", …" if len(names) > len(shown) else "") or "none"


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())
