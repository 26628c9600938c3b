"""Examined scans by the handful, and what they are found to say of each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from franking.identifiers import DeviceId
from franking.scans.context import BUCKETS, Context
from franking.scans.devices import buckets_of, device_number
from franking.scans.records import EXAMINED
from franking.scans.relating import Related, Task, relate
from franking.verification.reasons import reasons_in

MORNING = datetime(1997, 11, 22, 11, tzinfo=UTC)
EVENING = datetime(1997, 11, 21, 22, tzinfo=UTC)
FIRST, LAST = 0, BUCKETS - 1
Scan = dict[str, Any]


def number_of(serial: int = 1) -> int:
    """The number of one of our devices."""
    return device_number(DeviceId("FK", "1A", serial))


def examined(ascending: int, **changes: Any) -> Scan:
    """A genuine scan of a 32-cent piece of device 1, dated 21 November, at a plant in Chicago."""
    device = number_of(changes.pop("serial", 1))
    dated: date = changes.pop("dated", date(1997, 11, 21))
    scan: Scan = {
        "file": 0,
        "bucket": int(buckets_of(np.array([device], np.int64), BUCKETS)[0]),
        "device": device,
        "ascending": ascending,
        "postage": 320,
        "descending": 500_000,
        "dated": (dated - date(1970, 1, 1)).days,
        "certificate": 7,
        "content": ascending,
        "signed": True,
        "bearing": 0,
        "reasons": 0,
        "scanned_at": EVENING,
        "place": 60601,
        "operation": 2,
        "scanner": "60601-1",
    }
    return scan | changes


def later(minutes: int) -> datetime:
    """So long after the evening on which scans are made."""
    return EVENING + timedelta(minutes=minutes)


def table_of(scans: Iterable[Mapping[str, Any]]) -> pa.Table:
    """The scans as ``EXAMINED``, numbered by row where they are not."""
    rows = [{"row": row, **scan} for row, scan in enumerate(scans)]
    return pa.Table.from_pylist(rows, schema=EXAMINED)


def task_of(
    folder: Path, tonight: pa.Table, history: pa.Table | None = None, **changes: Any
) -> Task:
    """All buckets of these scans in one task."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(tonight, folder / "tonight.parquet")
    paths: tuple[Path, ...] = ()
    if history is not None:
        pq.write_table(history, folder / "history.parquet")
        paths = (folder / "history.parquet",)
    fields: dict[str, Any] = {
        "first_bucket": FIRST,
        "last_bucket": LAST,
        "tonight": (folder / "tonight.parquet",),
        "history": paths,
        "again": (),
        "numbers": (),
        "keep_at": None,
        "out": folder / "related",
        "context": Context(trust_list=folder, root_public_key=b"", now=MORNING),
        "memory_bytes": 1 << 28,
    }
    return Task(**(fields | changes))


def said_of(related: Related) -> dict[int, list[str]]:
    """The reasons that the relations gave, by row of tonight."""
    marked = pq.read_table(related.marked).to_pylist()
    said = {row["row"]: [each.value for each in reasons_in(row["related"])] for row in marked}
    return {row: reasons for row, reasons in sorted(said.items()) if reasons}


def relations_of(
    folder: Path, tonight: Sequence[Scan], history: Sequence[Scan] = ()
) -> dict[int, list[str]]:
    """What is said of the scans of tonight, by row."""
    earlier = table_of(history) if history else None
    return said_of(relate(task_of(folder, table_of(tonight), earlier)))
