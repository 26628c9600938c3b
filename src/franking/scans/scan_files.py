"""Files of scans as they lie on the disk: what they are, how they are laid out, a group of rows.

Parquet is read by row group. A column that is damaged in a row group is unknown there, and the
other columns are not; a file of which nothing can be read says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from franking.scans.conforming import Fitted, fitted, type_note
from franking.scans.records import SCAN

GROUP_ROWS_MAX: Final = 1 << 20
GROUP_ROWS: Final = 1 << 17
"""So many rows has a row group that is written here."""
_GROUP_BYTES, _GROUP_BYTES_MAX = 1 << 26, 1 << 29
"""Of a row group that is written here, about; of one that is read as it came."""
_READ_BYTES = 1 << 20
_CLAIMED_ROWS_MAX = 1 << 26
_SMALL_GROUP_ROWS, _SMALL_GROUPS_MAX = 4096, 64
_MAGIC = b"PAR1"
BROKEN: Final = (pa.ArrowException, OSError, ValueError, ArithmeticError, MemoryError, LookupError)
"""What reading a damaged file may raise."""


class Unreadable(Exception):
    """Nothing of a file can be read; the text says why, for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a Parquet file says of itself."""

    groups: tuple[int, ...]
    """Rows of each row group."""
    names: Mapping[str, str]
    """Columns of ``SCAN`` that it has, with the names that it has for them."""
    notes: Mapping[str, str]
    """What is to be said of the types of these columns."""
    extra: tuple[str, ...]
    is_awkward: bool
    """Whether its row groups are too big to be shared out, or far too small."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Columns of ``SCAN`` that it does not have."""
        return tuple(name for name in SCAN.names if name not in self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A row group as scans."""

    scans: pa.RecordBatch
    """Of the schema ``SCAN``, with as many rows as the file says."""
    damaged: frozenset[str]
    """Columns that could not be read."""
    unusable: Mapping[str, int]
    """How many values could not be used, where any."""


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet from end to end.

    Raises:
        Unreadable: it is empty, cut short, or cannot be opened.
    """
    try:
        with path.open("rb") as file:
            first = file.read(len(_MAGIC))
            file.seek(-min(len(_MAGIC), file.seek(0, 2)), 2)
            last = file.read()
    except OSError as failure:
        raise Unreadable(f"it cannot be opened: {failure.strerror}") from failure
    if not first:
        raise Unreadable("it is empty")
    if first == _MAGIC and last != _MAGIC:
        raise Unreadable(
            "it is Parquet that was cut short: its end, which says where what is, is missing"
        )
    return first == _MAGIC


def layout_of(path: Path) -> Layout:
    """How a Parquet file is laid out.

    Raises:
        Unreadable: its description is damaged.
    """
    try:
        with pq.ParquetFile(path) as file:
            return _layout(file)
    except BROKEN as failure:
        told = str(failure).partition("\n")[0]
        raise Unreadable(f"it is Parquet that cannot be read: {told}") from failure


def read_group(path: Path, number: int, rows: int, *, threads: bool = False) -> Group:
    """A row group as scans; what cannot be read of it is null.

    ``threads`` reads its columns side by side: for whoever is alone at work.
    """
    given = _columns(path, number, threads=threads)
    tried = {name: _fitted(name, column, rows) for name, column in given.items()}
    found = {name: each for name, each in tried.items() if each is not None}
    arrays = [
        found[field.name].values if field.name in found else pa.nulls(rows, field.type)
        for field in SCAN
    ]
    return Group(
        scans=pa.RecordBatch.from_arrays(arrays, schema=SCAN),
        damaged=frozenset(tried.keys() - found.keys()),
        unusable={name: each.unusable for name, each in found.items() if each.unusable},
    )


def _fitted(name: str, column: pa.Array | None, rows: int) -> Fitted | None:
    """``None`` for a column that cannot be read as that many values."""
    if column is None or len(column) != rows:
        return None
    try:
        return fitted(name, column)
    except pa.ArrowException:
        return None


def regrouped(path: Path, layout: Layout, to: Path) -> bool:
    """Copy a Parquet file with row groups of a size to share out; whether every row came along."""
    try:
        with (
            pq.ParquetFile(path, pre_buffer=False, buffer_size=_READ_BYTES) as file,
            pq.ParquetWriter(to, _kept(file, layout)) as out,
        ):
            for batch in file.iter_batches(_rows_at_once(file), columns=[*layout.names.values()]):
                out.write_batch(batch)
        with pq.ParquetFile(to) as copy:
            return bool(copy.metadata.num_rows == sum(layout.groups))
    except BROKEN:
        return False


def _rows_at_once(file: pq.ParquetFile) -> int:
    """As many rows as a group is to have; fewer where rows are long: a group is held in memory."""
    numbers = range(file.metadata.num_row_groups)
    groups = [file.metadata.row_group(number) for number in numbers]
    longest = max((each.total_byte_size // max(1, each.num_rows) for each in groups), default=0)
    return max(1, min(GROUP_ROWS, _GROUP_BYTES // max(1, longest)))


def _kept(file: pq.ParquetFile, layout: Layout) -> pa.Schema:
    kept = set(layout.names.values())
    return pa.schema([field for field in file.schema_arrow if field.name in kept])


def _layout(file: pq.ParquetFile) -> Layout:
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    rows = tuple(group.num_rows for group in groups)
    if any(not 0 <= each <= _CLAIMED_ROWS_MAX for each in rows):
        raise ValueError(f"a row group says that it has {max(rows, key=abs):,} rows")
    names = _names(file.schema_arrow.names)
    types = {name: file.schema_arrow.field(given).type for name, given in names.items()}
    notes = {name: type_note(name, type_) for name, type_ in types.items()}
    known = set(names.values())
    return Layout(
        groups=rows,
        names=names,
        notes={name: note for name, note in notes.items() if note},
        extra=tuple(name for name in file.schema_arrow.names if name not in known),
        is_awkward=_is_awkward(rows, [group.total_byte_size for group in groups]),
    )


def _is_awkward(rows: tuple[int, ...], sizes: list[int]) -> bool:
    are_big = (
        any(each > GROUP_ROWS_MAX for each in rows) or max(sizes, default=0) > _GROUP_BYTES_MAX
    )
    return are_big or (len(rows) > _SMALL_GROUPS_MAX and sum(rows) < len(rows) * _SMALL_GROUP_ROWS)


def _names(given: list[str]) -> dict[str, str]:
    """Which column is which: by its very name, else by its name but for case and blanks."""
    loose = {name.strip().lower(): name for name in reversed(given) if given.count(name) == 1}
    found = {name: name if name in given else loose.get(name) for name in SCAN.names}
    return {name: column for name, column in found.items() if column and given.count(column) == 1}


def _columns(path: Path, number: int, *, threads: bool) -> dict[str, pa.Array | None]:
    """The known columns of a row group; ``None`` for one that is damaged."""
    try:
        with pq.ParquetFile(path, read_dictionary=_coded(path)) as file:
            names = _names(file.schema_arrow.names)
            return _whole(file, number, names, threads=threads) or {
                name: _single(file, number, column) for name, column in names.items()
            }
    except BROKEN:
        return dict.fromkeys(SCAN.names)


_CODED: Final = ("scanner", "place", "operation", "mail_class", "deposit_zip")
"""Columns of few different values: each of them is looked at once."""


def _coded(path: Path) -> list[str]:
    """The columns of words of a file that are read by their different values."""
    fields = {field.name: field.type for field in pq.read_schema(path)}
    words = (pa.string(), pa.binary())
    return [name for name in _CODED if fields.get(name) in words]


def _whole(
    file: pq.ParquetFile, number: int, names: Mapping[str, str], *, threads: bool
) -> dict[str, pa.Array | None] | None:
    """All columns at once; ``None`` where one of them is damaged."""
    try:
        table = file.read_row_group(number, columns=list(names.values()), use_threads=threads)
        return {name: _joined(table.column(column)) for name, column in names.items()}
    except BROKEN:
        return None


def _single(file: pq.ParquetFile, number: int, column: str) -> pa.Array | None:
    try:
        table = file.read_row_group(number, columns=[column], use_threads=False)
        return _joined(table.column(column))
    except BROKEN:
        return None


def _joined(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks()
    return joined if isinstance(joined, pa.Array) else pa.concat_arrays(joined.chunks)
