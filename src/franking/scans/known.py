"""Writing what is known beside the scans: totals, refunds, devices and offices, as Parquet.

A verifier takes the folder along; it holds no names and no money of anybody, only registers and
post offices. Each file is put in place whole, and rows come as a stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from franking.errors import Refusal
from franking.identifiers import DeviceId
from franking.scans.devices import device_number
from franking.scans.records import KNOWN_OFFICES, KNOWN_REFUNDS, KNOWN_TOTALS
from franking.verification.trust_format import day_number

_ROWS_AT_ONCE: Final = 100_000
KNOWN_NOT_WRITTEN = Refusal(
    "KNOWN_NOT_WRITTEN",
    clause="policy",
    remedy="Give a folder that can be written, and ask again.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many rows each file has."""

    totals: int
    refunds: int
    offices: int


def write_known(
    folder: Path,
    *,
    totals: Iterable[tuple[DeviceId, int]],
    refunds: Iterable[tuple[DeviceId, int, date]],
    offices: Iterable[tuple[str, str]],
) -> Written:
    """Write the folder: control totals; refunds by device, ascending and day; offices by ZIP Code.

    Amounts are mills.

    Raises:
        Refused: ``KNOWN_NOT_WRITTEN``.
    """
    numbered = ((device_number(device), total) for device, total in totals)
    refunded = (
        (device_number(device), ascending, day_number(day)) for device, ascending, day in refunds
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Written(
            totals=_write(folder / "totals.parquet", KNOWN_TOTALS, numbered),
            refunds=_write(folder / "refunds.parquet", KNOWN_REFUNDS, refunded),
            offices=_write(folder / "offices.parquet", KNOWN_OFFICES, offices),
        )
    except OSError as error:
        raise KNOWN_NOT_WRITTEN.because(f"{folder}: {error.strerror or error}") from error


def _write(file: Path, schema: pa.Schema, rows: Iterable[tuple[Any, ...]]) -> int:
    fresh, count = file.with_name(f"{file.name}.new"), 0
    with pq.ParquetWriter(fresh, schema, compression="zstd") as writer:
        for some in _in_batches(rows):
            columns = [
                pa.array(values, each.type)
                for values, each in zip(zip(*some, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            count += len(some)
    fresh.replace(file)
    return count


def _in_batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    left = iter(rows)
    while some := list(islice(left, _ROWS_AT_ONCE)):
        yield some
