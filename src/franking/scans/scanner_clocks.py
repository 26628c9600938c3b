"""Scanners whose clocks are plainly wrong, told from the times of a night alone.

A scanner is far off where its median is far from where the scanners of the night agree. What it
saw stays seen; only its times count as unknown. So does any other time that is as far off: a clock
may jump in the middle of a night.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from franking.scans.intake_report import ScannerClock

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR_MICROSECONDS = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Times:
    """Some scans of one scanner."""

    scanner: str
    scans: int
    median: int
    """Microseconds since 1970."""


def times_in(batch: pa.RecordBatch) -> tuple[Times, ...]:
    """The scanners of a batch of scans that say their times, each with its median."""
    given = pa.table(
        {
            "scanner": batch["scanner"],
            "at": pc.cast(batch["scanned_at"], pa.int64()),
        }
    ).drop_null()
    found = given.group_by("scanner").aggregate([("at", "approximate_median"), ("at", "count")])
    return tuple(
        Times(row["scanner"], row["at_count"], round(row["at_approximate_median"]))
        for row in found.to_pylist()
    )


def hours_in(batch: pa.RecordBatch) -> Counter[int]:
    """How many scans of a batch say a time in each hour, hours since 1970."""
    times = batch["scanned_at"].drop_null().cast(pa.int64()).to_numpy(zero_copy_only=False)
    counts = pc.value_counts(pa.array(times // _HOUR_MICROSECONDS)).to_pylist()
    return Counter({each["values"]: each["counts"] for each in counts})


def believed_times(
    middle: datetime | None, *, tolerance: timedelta
) -> tuple[datetime, datetime] | None:
    """The whole hours within ``tolerance`` of the middle of a night: the first, and their end."""
    if middle is None:
        return None
    reach = tolerance // timedelta(microseconds=1)
    first = (_microseconds(middle) - reach) // _HOUR_MICROSECONDS
    last = (_microseconds(middle) + reach) // _HOUR_MICROSECONDS
    return _whole_hour(first), _whole_hour(last + 1)


def beyond(hours: Mapping[int, int], believed: tuple[datetime, datetime] | None) -> int:
    """How many of the scans of ``hours_in`` say a time that is not believed."""
    if believed is None:
        return 0
    first, end = (_microseconds(each) // _HOUR_MICROSECONDS for each in believed)
    return sum(count for hour, count in hours.items() if not first <= hour < end)


def scanners_of(parts: Iterable[Times]) -> tuple[Times, ...]:
    """The same by scanner: the median of the medians of its parts, each counted by its scans."""
    by_scanner: dict[str, list[Times]] = defaultdict(list)
    for part in parts:
        by_scanner[part.scanner].append(part)
    return tuple(
        Times(scanner, sum(part.scans for part in its), _middle(its))
        for scanner, its in sorted(by_scanner.items())
    )


def middle_of(scanners: Sequence[Times], *, tolerance: timedelta, now: datetime) -> datetime | None:
    """The median of the scanners that agree, within ``tolerance`` to either side.

    Those agree that are the most scanners; of as many, those nearest to ``now``: two scanners
    apart by a year cannot say which is right, but a night is judged soon after it.
    """
    if not scanners:
        return None
    by_time = sorted(scanners, key=lambda each: each.median)
    reach, judged = 2 * (tolerance // timedelta(microseconds=1)), _microseconds(now)
    agreeing = max(
        _windows(by_time, reach), key=lambda some: (len(some), -abs(_middle(some) - judged))
    )
    return _instant(_middle(agreeing))


def wrong_clocks(
    scanners: Sequence[Times], middle: datetime | None, *, tolerance: timedelta
) -> tuple[ScannerClock, ...]:
    """The scanners that are further from the middle of the night than ``tolerance``."""
    if middle is None:
        return ()
    at, most = _microseconds(middle), tolerance // timedelta(microseconds=1)
    return tuple(
        ScannerClock(
            scanner=each.scanner,
            scans=each.scans,
            median=_instant(each.median),
            offset_hours=round((each.median - at) / _HOUR_MICROSECONDS, 1),
        )
        for each in scanners
        if abs(each.median - at) > most
    )


def _windows(by_time: Sequence[Times], reach: int) -> Iterable[Sequence[Times]]:
    """For each scanner, it and those after it within reach."""
    end = 0
    for start, first in enumerate(by_time):
        while end < len(by_time) and by_time[end].median - first.median <= reach:
            end += 1
        yield by_time[start:end]


def _middle(some: Sequence[Times]) -> int:
    """The median, each counted by its scans."""
    half, passed = sum(each.scans for each in some) / 2, 0
    for each in sorted(some, key=lambda part: part.median):
        passed += each.scans
        if passed >= half:
            break
    return each.median


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _whole_hour(hour: int) -> datetime:
    """The calendar ends where ``datetime`` does."""
    ends = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    first, last = (_microseconds(each) // _HOUR_MICROSECONDS for each in ends)
    return _instant(min(max(hour, first), last) * _HOUR_MICROSECONDS)


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
