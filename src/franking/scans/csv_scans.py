"""Files of scans as comma-separated values: copied into Parquet once, line for line.

The first line names the columns; payloads are hexadecimal. A line that does not have as many
values as the first, an empty one among them, becomes a scan of which nothing is known, so that no
row is lost.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pa_compute
import pyarrow.csv as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from franking.scans.records import SCAN
from franking.scans.scan_files import BROKEN, Unreadable

_BLOCK_BYTES = 1 << 24
_FIRST_LINE = 2
"""The line after the one that names the columns."""


def copied(path: Path, to: Path) -> int:
    """Copy a CSV file into a Parquet file; how many lines did not fit their columns.

    Raises:
        Unreadable: no line of it names a column of scans, or a line is longer than can be read.
    """
    unfit: list[int] = []
    try:
        with _opened(path, unfit) as lines:
            if not {name.strip().lower() for name in lines.schema.names} & set(SCAN.names):
                raise Unreadable("its first line names none of the columns of scans")
            with pq.ParquetWriter(to, _worded(lines.schema)) as out:
                for batch in _in_place(lines, unfit):
                    out.write_batch(batch)
    except BROKEN as failure:
        told = str(failure).partition("\n")[0]
        raise Unreadable(f"it is CSV that cannot be read: {told}") from failure
    return len(unfit)


def _opened(path: Path, unfit: list[int]) -> Any:
    """A reader of columns of bytes; the numbers of lines that do not fit go to ``unfit``."""

    encoding = _encoding(path)

    def note(line: pc.InvalidRow) -> str:
        unfit.append(line.number)
        return "skip"

    def reading(names: list[str], skip: Callable[[pc.InvalidRow], str]) -> Any:
        return pc.open_csv(
            path,
            read_options=pc.ReadOptions(
                use_threads=False, block_size=_BLOCK_BYTES, encoding=encoding
            ),
            parse_options=pc.ParseOptions(invalid_row_handler=skip, ignore_empty_lines=False),
            convert_options=pc.ConvertOptions(
                check_utf8=False,
                strings_can_be_null=True,
                null_values=[""],
                column_types=dict.fromkeys(names, pa.binary()),
            ),
        )

    with reading([], lambda _: "skip") as first:
        names = first.schema.names
    return reading(names, note)


def _encoding(path: Path) -> str:
    """UTF-8, or Latin 1 where it is not that: any bytes can be read so, and no line is lost."""
    reading = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            for block in iter(partial(file.read, _BLOCK_BYTES), b""):
                reading.decode(block)
            reading.decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf8"


def _worded(schema: pa.Schema) -> pa.Schema:
    """The payload stands in words, which says that it is hexadecimal."""
    named = [name.strip().lower() == "payload" for name in schema.names]
    types = [pa.string() if is_payload else pa.binary() for is_payload in named]
    return pa.schema(list(zip(schema.names, types, strict=True)))


def _in_place(lines: Any, unfit: list[int]) -> Iterator[pa.RecordBatch]:
    """Each batch with empty rows where lines did not fit: row and line go together."""
    line, used, schema = _FIRST_LINE, 0, _worded(lines.schema)
    for batch in lines:
        places, line, used = _places(batch.num_rows, line, used, unfit)
        yield _filled(batch, places, schema)
    left = len(unfit) - used
    if left:
        yield _filled(lines.schema.empty_table(), np.full(left, -1), schema)


def _places(
    rows: int, line: int, used: int, unfit: list[int]
) -> tuple[NDArray[np.int64], int, int]:
    """For each line from ``line`` on, the row of the batch that it gave, or -1; where it ends."""
    pending = np.array(unfit[used:], np.int64)
    lines = np.arange(line, line + rows + len(pending))
    fit = lines[~np.isin(lines, pending)][:rows]
    end = int(fit[-1]) + 1 if rows else line
    places = np.full(end - line, -1)
    places[fit - line] = np.arange(rows)
    return places, end, used + int((pending < end).sum())


def _filled(batch: Any, places: NDArray[np.int64], schema: pa.Schema) -> pa.RecordBatch:
    indices = pa.array(places, mask=places < 0)
    arrays = [
        _in_words(column, field.type).take(indices)
        for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays([_one(each) for each in arrays], schema=schema)


def _in_words(column: Any, type_: pa.DataType) -> Any:
    return column.cast(options=pa_compute.CastOptions(type_, allow_invalid_utf8=True))


def _one(column: Any) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
