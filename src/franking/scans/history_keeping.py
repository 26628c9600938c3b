"""Keeping a history in order: months put together, old nights let go, one piece looked up.

What is put together or let go is written anew beside what was, and changes hands with the
description of the history, as when a night is added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa

from franking import rules
from franking.rules.calendars import months
from franking.scans.devices import buckets_of
from franking.scans.embedded import PARQUET, parquet, quoted, session
from franking.scans.history import ORDER, WORK, History, Part
from franking.scans.records import EXAMINED
from franking.scans.suspicions import Seen, seen_in

Piece = tuple[int, int]
"""A device number and an ascending value in mills."""

_NIGHT: Final = "night="
_PART_ROWS: Final = 1 << 22
_COLUMNS: Final = ", ".join(EXAMINED.names)
_ORDER: Final = ", ".join(ORDER)


def kept_from(rulebook: str, now: datetime) -> date:
    """The first day whose nights are still kept, by the policy ``scans/history_months``."""
    return months(now.date(), -rules.whole("scans", rulebook, now.date(), "history_months"))


def seen(folder: Path, pieces: Iterable[Piece]) -> Mapping[Piece, tuple[Seen, ...]]:
    """The scans of these pieces that the history in ``folder`` holds, the earliest first.

    Pieces that were never seen are left out.

    Raises:
        Refused: ``HISTORY_UNREADABLE``, ``TABLES_UNREADABLE``.
    """
    asked, history = sorted(set(pieces)), History.open(folder)
    buckets = buckets_of(np.array([device for device, _ in asked], np.int64), history.buckets)
    paths = history.paths(set(buckets.tolist())) if asked else ()
    if not paths:
        return {}
    found: dict[Piece, list[Seen]] = defaultdict(list)
    nights = {each.number: each.night.isoformat() for each in history.files}
    for row in _rows(paths, asked).to_pylist():
        found[row["device"], row["ascending"]].append(seen_in(row, nights[row["file"]]))
    return {piece: tuple(found[piece]) for piece in asked if piece in found}


def compact(history: History, before: date) -> History:
    """Put the parts of each calendar month that ended before that day together; under ``hold``."""
    parts = history.parts
    for month, old in _by_month(history).items():
        if month < (before.year, before.month) and len(old) > 1:
            files = {number for part in old for number in part.files}
            new = _rewritten(history, old, files, f"{month[0]:04d}-{month[1]:02d}")
            parts = (*(part for part in parts if part not in old), *new)
    return history.described(msgspec.structs.replace(history.about, parts=parts)).swept()


def forget(history: History, before: date) -> History:
    """Let the nights before that day go, with every scan and file name of them; under ``hold``."""
    files = tuple(each for each in history.files if each.night >= before)
    kept = {each.number for each in files}
    parts: list[Part] = []
    for part in history.parts:
        still = kept.intersection(part.files)
        if len(still) == len(part.files):
            parts.append(part)
        elif still:
            parts += _rewritten(history, [part], still, Path(part.path).parent.name[len(_NIGHT) :])
    about = msgspec.structs.replace(history.about, files=files, parts=tuple(parts))
    return history.described(about).swept()


def _rows(paths: Sequence[Path], pieces: Sequence[Piece]) -> pa.Table:
    devices, ascendings = zip(*pieces, strict=True)
    asked = pa.table({"device": pa.array(devices), "ascending": pa.array(ascendings)})
    with TemporaryDirectory() as scratch, session(Path(scratch)) as tables:
        tables.register("asked", asked)
        return tables.sql(
            f"SELECT {_COLUMNS} FROM {parquet(paths)} SEMI JOIN asked USING (device, ascending)"
            " ORDER BY scanned_at, file, row"
        ).to_arrow_table()


def _by_month(history: History) -> dict[tuple[int, int], list[Part]]:
    nights = {each.number: each.night for each in history.files}
    months: dict[tuple[int, int], list[Part]] = defaultdict(list)
    for part in history.parts:
        first = min(nights[number] for number in part.files)
        months[first.year, first.month].append(part)
    return months


def _rewritten(
    history: History, parts: Sequence[Part], files: Collection[int], stem: str
) -> list[Part]:
    """New parts of what these parts hold of these files."""
    rows = sum(part.rows for part in parts)
    spans = _spans(history.buckets, max(1, -(-rows // _PART_ROWS)))
    written = (_written(history, parts, files, span, stem) for span in spans)
    return [part for part in written if part is not None]


def _spans(buckets: int, count: int) -> list[tuple[int, int]]:
    """So many groups of buckets, as (first, last)."""
    dealt = groupby(range(buckets), key=lambda bucket: bucket * count // buckets)
    groups = [list(group) for _, group in dealt]
    return [(group[0], group[-1]) for group in groups]


def _written(
    history: History,
    parts: Sequence[Part],
    files: Collection[int],
    span: tuple[int, int],
    stem: str,
) -> Part | None:
    path = history.new_part(stem, first_bucket=span[0], last_bucket=span[1])
    paths = [history.folder / part.path for part in parts]
    numbers = ", ".join(map(str, sorted(files)))
    with (
        TemporaryDirectory(dir=history.folder, prefix=WORK) as scratch,
        session(Path(scratch)) as tables,
    ):
        written = tables.execute(
            f"COPY (SELECT {_COLUMNS} FROM {parquet(paths)}"
            f" WHERE bucket BETWEEN {span[0]} AND {span[1]} AND file IN ({numbers})"
            f" ORDER BY {_ORDER})"
            f" TO {quoted(path)} ({PARQUET})"
        ).fetchone()
    if written is None or not written[0]:
        path.unlink(missing_ok=True)
        return None
    return Part(
        path=str(path.relative_to(history.folder)),
        first_bucket=span[0],
        last_bucket=span[1],
        files=tuple(sorted(files)),
        rows=written[0],
    )
