"""Reading a provider's list of meters: a line at a time, whole or not at all."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from franking.errors import Refusal
from franking.postal.reports.records import ListedMeter

COLUMNS: Final = ("serial", "model", "user", "address", "in_service_on", "office_zip")
_CLAUSE: Final = "39 CFR 501.22(j) (1995)"
_CHUNK = 1 << 20

LIST_UNREADABLE = Refusal(
    "LIST_UNREADABLE",
    clause=_CLAUSE,
    remedy="Have the provider write its list again; nothing was taken from this one.",
    http_status=422,
)


def digest_of(path: Path) -> str:
    """SHA-256 of the file in hex.

    Raises:
        Refused: ``LIST_UNREADABLE``.
    """
    hashed = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                hashed.update(chunk)
    except OSError as error:
        raise LIST_UNREADABLE.because(f"{path}: {error.strerror}") from error
    return hashed.hexdigest()


def meters_in(path: Path) -> Iterator[ListedMeter]:
    """The meters of a list, by serial.

    Raises:
        Refused: ``LIST_UNREADABLE``, naming the line.
    """
    before = ""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            if tuple(next(rows, ())) != COLUMNS:
                raise LIST_UNREADABLE.because(f"{path}: its first line is not {','.join(COLUMNS)}")
            for row in rows:
                if len(row) != len(COLUMNS) or row[0] <= before:
                    raise LIST_UNREADABLE.because(f"{path}: line {rows.line_num} is out of order")
                before = row[0]
                yield ListedMeter(
                    serial=row[0],
                    model=row[1],
                    user=row[2],
                    address=row[3],
                    in_service_on=row[4],
                    office_zip=row[5],
                )
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise LIST_UNREADABLE.because(f"{path}: {error}") from error
