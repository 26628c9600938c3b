"""Records of fixed columns: a layout reads a line by one pattern, and says what is wrong column by
column where that fails; it writes a line and refuses what has no room.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cached_property

from franking.bank_files.faults import BANK_FILE_UNWRITABLE, Faults

_PIVOT_YEAR = 70
"""Two digits of a year from here on are of the last century."""
_PRINTABLE = re.compile(r"[ -~]*", re.ASCII)


class Kind(Enum):
    """What may stand in a column, as the pattern that reads it."""

    DIGITS = r"\d"
    """Digits, as they stand: routing numbers, dates, traces."""
    NUMBER = r"[0-9]"
    """A whole number with leading zeros: cents, counts."""
    TEXT = r"[ -~]"
    """Letters at the left, blanks to fill; what is too long is refused."""
    NAME = r"[ -\x7e]"
    """As ``TEXT``, but names for people to read: in ASCII as near as it gets, cut if too long."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, how wide, and what stands there; a constant stands as it is."""

    name: str
    width: int
    kind: Kind = Kind.TEXT
    constant: str = ""

    @property
    def pattern(self) -> str:
        """What reads it."""
        inside = re.escape(self.constant) if self.constant else f"{self.kind.value}{{{self.width}}}"
        return f"({inside})"

    def write(self, value: object) -> str:
        """The column with a value in it.

        Raises:
            Refused: ``BANK_FILE_UNWRITABLE``.
        """
        if self.constant:
            return self.constant
        text = str(value).rstrip() if self.kind in (Kind.TEXT, Kind.NAME) else str(value)
        if self.kind is Kind.NAME:
            text = plain(text)[: self.width].rstrip()
        written = self._filled(text)
        if len(written) != self.width or re.fullmatch(self.pattern, written, re.ASCII) is None:
            raise BANK_FILE_UNWRITABLE.because(f"{self.name} {text!r} has {self.width} columns")
        return written

    def _filled(self, text: str) -> str:
        match self.kind:
            case Kind.NUMBER:
                return text.rjust(self.width, "0")
            case Kind.TEXT | Kind.NAME:
                return text.ljust(self.width)
            case Kind.DIGITS:
                return text


def constant(text: str, name: str = "constant") -> Column:
    """A column in which the same always stands."""
    return Column(name, len(text), constant=text)


def reserved(width: int) -> Column:
    """Columns that nobody reads, written blank."""
    return Column("reserved", width)


@dataclass(frozen=True)
class Layout:
    """A record: its columns, in their order."""

    title: str
    columns: tuple[Column, ...]

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile("".join(each.pattern for each in self.columns), re.ASCII)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in the order of ``read``."""
        return tuple(each.name for each in self.columns)

    def split(self, line: str) -> tuple[str, ...] | None:
        """The columns as they stand; ``None`` where any holds what it may not (``explain``)."""
        found = self._whole.fullmatch(line)
        return None if found is None else found.groups()

    def read(self, line: str, number: int, faults: Faults) -> dict[str, str]:
        """The columns by name, text without trailing blanks; empty where there are faults."""
        parts = self.split(line)
        if parts is None:
            self.explain(line, number, faults)
            return {}
        return dict(zip(self.names, (part.rstrip() for part in parts), strict=True))

    def explain(self, line: str, number: int, faults: Faults) -> None:
        """Say what is wrong in which column."""
        for column, first, text in self._cut(line):
            if re.fullmatch(column.pattern, text, re.ASCII) is None:
                last = first + column.width - 1
                wanted = repr(column.constant) if column.constant else _WANTED[column.kind]
                detail = f"columns {first}-{last} ({self.title}, {column.name}) hold {text!r}"
                faults.add(number, "COLUMN", f"{detail}, not {wanted}")

    def write(self, values: Mapping[str, object]) -> str:
        """The record with these values; reserved columns and those not named are blank.

        Raises:
            Refused: ``BANK_FILE_UNWRITABLE``.
        """
        return "".join(each.write(values.get(each.name, "")) for each in self.columns)

    def _cut(self, line: str) -> Iterator[tuple[Column, int, str]]:
        first = 1
        for column in self.columns:
            yield column, first, line[first - 1 : first - 1 + column.width]
            first += column.width


_WANTED: Mapping[Kind, str] = {
    Kind.DIGITS: "digits",
    Kind.NUMBER: "digits",
    Kind.TEXT: "printable ASCII",
    Kind.NAME: "printable ASCII",
}


def text_of(data: bytes, faults: Faults) -> str:
    """The file as text; what is no ASCII is a fault of its line."""
    if not data:
        faults.add(0, "EMPTY", "there is nothing in it")
    try:
        return data.decode("ascii")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.add(line, "NOT_ASCII", f"byte 0x{data[error.start]:02x} is not ASCII")
        return data.decode("ascii", errors="replace")


def fixed_lines(data: bytes, width: int, faults: Faults) -> Sequence[str]:
    """The lines of a file of fixed records, by LF or CRLF; one of another width is a fault.

    A line of another width comes back empty, so that line numbers stay.
    """
    text = text_of(data, faults)
    lines = text.replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    elif lines and data:
        faults.add(len(lines), "CUT_SHORT", "the last line has no end")
    for number, line in enumerate(lines, 1):
        if len(line) != width:
            faults.add(number, "WIDTH", f"it has {len(line)} columns, not {width}")
            lines[number - 1] = ""
    return lines


def read_day(text: str, what: str, number: int, faults: Faults) -> date:
    """A date of six digits, ``YYMMDD``; a fault and 1970 where it is none."""
    try:
        year = int(text[:2])
        return date((1900 if year >= _PIVOT_YEAR else 2000) + year, int(text[2:4]), int(text[4:6]))
    except ValueError:
        faults.add(number, "DATE", f"{what} {text!r} is no date (YYMMDD)")
        return date(1970, 1, 1)


def read_moment(day: str, clock: str, what: str, number: int, faults: Faults) -> datetime:
    """A date and four digits of a clock, ``HHMM``."""
    on = read_day(day, what, number, faults)
    try:
        return datetime(on.year, on.month, on.day, int(clock[:2]), int(clock[2:4]))  # noqa: DTZ001
    except ValueError:
        faults.add(number, "TIME", f"{what} {clock!r} is no time (HHMM)")
        return datetime(1970, 1, 1)  # noqa: DTZ001


def day_text(day: date) -> str:
    """``YYMMDD``.

    Raises:
        Refused: ``BANK_FILE_UNWRITABLE`` for a year that two digits do not tell.
    """
    if not 1900 + _PIVOT_YEAR <= day.year < 2000 + _PIVOT_YEAR:
        raise BANK_FILE_UNWRITABLE.because(f"two digits do not tell the year {day.year}")
    return f"{day:%y%m%d}"


def clock_text(moment: datetime) -> str:
    """``HHMM``."""
    return f"{moment:%H%M}"


def plain(text: str) -> str:
    """A name as files of banks can hold it: letters without their accents, ``?`` for the rest."""
    letters = unicodedata.normalize("NFKD", text)
    kept = (each for each in letters if not unicodedata.combining(each))
    return "".join(each if _PRINTABLE.fullmatch(each) else "?" for each in kept)


def is_printable(text: str) -> bool:
    """Whether a text can stand in a file."""
    return _PRINTABLE.fullmatch(text) is not None
