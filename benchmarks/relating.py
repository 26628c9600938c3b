"""Duplicates, overlaps and rolled-back devices among many scans, in processes side by side.

Made-up scans that were examined already (``--scans``: 50,000,000 asked for, 2,000,000 unless told):
each device goes on evenly, and some pieces are planted that are copied, overlap, or are dated late.
"""

from __future__ import annotations

import resource
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measuring import Result, Target
from benchmarks.setting import Setting
from franking.identifiers import DeviceId
from franking.scans.context import BUCKETS, Context
from franking.scans.devices import buckets_of, device_number
from franking.scans.records import EXAMINED
from franking.scans.relating import Related, Task, relate

PIECES_A_DEVICE: Final = 133
PLANTED: Final = 1_000
"""So many copies, overlaps and late dates each, in every part."""
PROCESSES: Final = 2
_PART: Final = 1_000_000
_DAY: Final = 10_000
_POSTAGE: Final = 320
_NOW: Final = datetime(1997, 11, 22, 6, tzinfo=UTC)


def run(setting: Setting) -> Sequence[Result]:
    """All buckets, in groups as a night has them."""
    count = setting.scans or setting.size(full=2_000_000, quick=200_000)
    parts = scans(setting.folder / "examined", count)
    seconds, memory, found = related(setting.folder, parts, count)
    wanted = len(parts) * PLANTED
    if found < 3 * wanted:
        raise AssertionError(f"{found} scans were found though {3 * wanted} were planted")
    return [
        Result(
            name=f"duplicates and overlaps among {count:,} scans",
            figure=seconds,
            unit="s",
            target=Target(kind="at most", value=60 * max(count / 50_000_000, 0.05), unit="s"),
            note=f"{found:,} scans in doubt found; {PROCESSES} processes",
        ),
        Result(
            name="memory of the largest process times processes",
            figure=memory * PROCESSES / 1e9,
            unit="GB",
            target=Target(kind="at most", value=2, unit="GB"),
        ),
    ]


def related(folder: Path, parts: Sequence[Path], count: int) -> tuple[float, int, int]:
    """Seconds, bytes of the largest process, and scans that were found to be in doubt."""
    groups = max(PROCESSES, count // 6_000_000 + 1)
    edges = np.linspace(0, BUCKETS, groups + 1).astype(int).tolist()
    tasks = [_task(folder, parts, *span) for span in pairwise(edges)]
    started = perf_counter()
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as workers:
        done = list(workers.map(_related, tasks))
    seconds = perf_counter() - started
    return seconds, max(memory for _, memory in done), sum(each.marked_rows for each, _ in done)


def _related(task: Task) -> tuple[Related, int]:
    done = relate(task)
    return done, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _task(folder: Path, parts: Sequence[Path], first: int, after: int) -> Task:
    return Task(
        first_bucket=first,
        last_bucket=after - 1,
        tonight=tuple(parts),
        history=(),
        again=(),
        numbers=(),
        keep_at=None,
        out=folder / f"related-{first:02d}",
        context=Context(trust_list=folder, root_public_key=b"", now=_NOW),
        memory_bytes=600_000_000,
    )


def scans(folder: Path, count: int) -> tuple[Path, ...]:
    """Parts of examined scans in no order but that of buckets, as a night leaves them."""
    folder.mkdir()
    return tuple(
        _part(
            folder / f"{number:04d}.parquet", number, range(start, min(start + _PART, count)), count
        )
        for number, start in enumerate(range(0, count, _PART))
    )


def _part(path: Path, number: int, pieces_of: range, count: int) -> Path:
    """These pieces; the devices take turns, so that each of them is in all parts."""
    devices = count // PIECES_A_DEVICE + 1
    pieces = np.arange(pieces_of.start, pieces_of.stop)
    device, turn = pieces % devices, pieces // devices
    start = pieces_of.start
    ascending = (turn + 1) * _POSTAGE
    dated = _DAY + turn // 10
    planted = np.arange(PLANTED) * (len(pieces) // PLANTED)
    again = np.concatenate([pieces - start, planted])
    ascending, dated, device = ascending[again], dated[again], device[again]
    dated[3:PLANTED] += 60
    ascending[PLANTED : 2 * PLANTED] += 10
    write(path, number, device, ascending, dated)
    return path


def write(
    path: Path, number: int, device: np.ndarray, ascending: np.ndarray, dated: np.ndarray
) -> None:
    """Examined scans of these devices, sorted by bucket, signed and without a fault."""
    count = len(device)
    numbers = device_number(DeviceId("FK", "1A", 0)) + (device << 8)
    bucket = buckets_of(numbers, BUCKETS)
    row = np.random.default_rng(number).permutation(count)
    columns = {
        "file": np.full(count, number, np.int32),
        "row": row,
        "bucket": bucket,
        "device": numbers,
        "ascending": ascending,
        "postage": np.full(count, _POSTAGE),
        "descending": np.full(count, 100_000),
        "dated": dated.astype(np.int32),
        "certificate": device,
        "content": numbers * 1_000_003 + ascending,
        "signed": np.ones(count, np.bool_),
        "bearing": np.zeros(count, np.int8),
        "reasons": np.zeros(count, np.int64),
    }
    table = pa.table(
        {
            field.name: columns[field.name]
            if field.name in columns
            else pa.nulls(count, field.type)
            for field in EXAMINED
        },
        schema=EXAMINED,
    ).take(pa.array(np.argsort(bucket, kind="stable")))
    pq.write_table(table, path, compression="lz4", row_group_size=16_384)
