"""A home's history of nights learns what its desks saw on-line since it last did."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from franking.postal.pieces.online_learning import (
    ROWS_AT_ONCE,
    examined_sightings,
    last_sighting,
)
from franking.scans.history import History, NewFile, Part, hold
from franking.storage import Books
from franking.verification.trust_format import instant_of

_NAME: Final = "on-line through "


def learn_online(books: Books, folder: Path) -> int:
    """Take the new on-line sightings into the history in ``folder``; how many they were.

    Raises:
        Refused: ``HISTORY_BUSY``, ``HISTORY_UNREADABLE``, or what the books refuse.
    """
    last, learnt = last_sighting(books), 0
    if not last:
        return 0
    with hold(folder) as history:
        for after in range(_learnt_through(history), last, ROWS_AT_ONCE):
            through = min(after + ROWS_AT_ONCE, last)
            seen = examined_sightings(
                books,
                after=after,
                through=through,
                file=history.number_next,
                buckets=history.buckets,
            )
            if seen.num_rows:
                history = _added(history, seen, through)
                learnt += seen.num_rows
    return learnt


def _learnt_through(history: History) -> int:
    """The last sighting that it learnt; once all of it was let go, old ones come and go again."""
    names = [each.name for each in history.files if each.name.startswith(_NAME)]
    return max((int(name.removeprefix(_NAME)) for name in names), default=0)


def _added(history: History, seen: pa.Table, through: int) -> History:
    newest = max(seen["scanned_at"].cast(pa.int64()).to_pylist())
    night = instant_of(newest).date()
    last_bucket = history.buckets - 1
    path = history.new_part(night.isoformat(), first_bucket=0, last_bucket=last_bucket)
    pq.write_table(seen, path, compression="zstd")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    part = Part(
        path=str(path.relative_to(history.folder)),
        first_bucket=0,
        last_bucket=last_bucket,
        files=(history.number_next,),
        rows=seen.num_rows,
    )
    file = NewFile(name=f"{_NAME}{through}", sha256=digest, rows=seen.num_rows)
    return history.add(night, [file], [part])
