"""Runs of rows: examined before their relations are known, concluded when they are.

Both are work for a process of its own. What is examined is left on disk sorted by bucket, so that
a group of buckets is read without the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from franking.scans import relations
from franking.scans.concluding import conclude
from franking.scans.context import Context
from franking.scans.embedded import session
from franking.scans.examining import examine
from franking.scans.intake import Chunk, read_chunk
from franking.scans.records import VERDICT, WORDS
from franking.scans.relating import make, provide, provide_tonight

_ROW_GROUP: Final = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Rows that lie next to each other, and the folder that they go to when examined."""

    chunks: tuple[Chunk, ...]
    folder: Path
    number: int
    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedRun:
    """What was left of a run."""

    paths: tuple[Path, ...]
    """``EXAMINED``, a file a chunk, in the order of the rows."""
    by_bucket: NDArray[np.int64]
    """How many scans lie in each bucket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Examined scans whose relations are known, and where their verdicts go."""

    examined: Path
    marked: tuple[Path, ...]
    verdicts: Path
    context: Context
    memory_bytes: int


def examine_run(run: Run) -> ExaminedRun:
    """Examine every row of a run.

    Raises:
        Refused: as ``examine``.
    """
    by_bucket = np.zeros(run.context.buckets, np.int64)
    paths = []
    for place, chunk in enumerate(run.chunks):
        examined = examine(read_chunk(chunk), run.context)
        buckets = examined.column("bucket").to_numpy()
        by_bucket += np.bincount(buckets, minlength=len(by_bucket))
        paths.append(run.folder / f"{run.number:06d}-{place:04d}.parquet")
        _write(examined.take(pa.array(np.argsort(buckets, kind="stable"))), paths[-1])
    return ExaminedRun(paths=tuple(paths), by_bucket=by_bucket)


def conclude_run(ending: Ending) -> Path:
    """Say the last word on every row of a part."""
    with session(ending.verdicts.parent, memory_bytes=ending.memory_bytes) as tables:
        provide_tonight(tables, [ending.examined], ending.context)
        provide(tables, "marked", ending.marked, relations.MARKED)
        make(tables, "complete", ending.context)
        complete = tables.sql("SELECT * FROM complete ORDER BY file, row").to_arrow_table()
    with pq.ParquetWriter(
        ending.verdicts, VERDICT, compression="lz4", use_dictionary=WORDS
    ) as writer:
        for batch in complete.to_batches():
            writer.write_batch(conclude(batch))
    return ending.verdicts


def _write(batch: pa.RecordBatch, path: Path) -> None:
    table = pa.Table.from_batches([batch])
    pq.write_table(table, path, compression="lz4", row_group_size=_ROW_GROUP, use_dictionary=WORDS)
