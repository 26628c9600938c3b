"""How hand-kept readings are stored: every one for good, the latest of a day counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, insert, select

from franking.clock import instant_text
from franking.host.books import REGISTER_READINGS
from franking.host.register_record.records import DayReading
from franking.storage.books import Reading, Work

_C = REGISTER_READINGS.c


def readings(
    reading: Reading, device: str, *, first_day: date, last_day: date
) -> Sequence[DayReading]:
    """The reading that counts of each day of a span, in order."""
    latest = (
        select(func.max(_C.number))
        .where(_C.device == device, _C.day.between(first_day.isoformat(), last_day.isoformat()))
        .group_by(_C.day)
    )
    found = reading.rows(
        select(REGISTER_READINGS).where(_C.device == device, _C.number.in_(latest)).order_by(_C.day)
    )
    return [_reading(row) for row in found]


def reading_of(reading: Reading, device: str, day: date) -> DayReading | None:
    """The reading that counts of one day."""
    found = readings(reading, device, first_day=day, last_day=day)
    return found[0] if found else None


def neighbours(
    reading: Reading, device: str, day: date
) -> tuple[DayReading | None, DayReading | None]:
    """The readings of the days with one before ``day`` and after it."""
    text = day.isoformat()
    days = (
        select(func.max(_C.day)).where(_C.device == device, _C.day < text),
        select(func.min(_C.day)).where(_C.device == device, _C.day > text),
    )
    before, after = (reading.rows(each)[0][0] for each in days)
    return tuple(  # type: ignore[return-value]
        reading_of(reading, device, date.fromisoformat(each)) if each else None
        for each in (before, after)
    )


def write_reading(work: Work, kept: DayReading, now: datetime) -> None:
    """Add a reading after all others of the device."""
    last = work.rows(select(func.max(_C.number)).where(_C.device == kept.device))[0][0] or 0
    work.write(
        insert(REGISTER_READINGS).values(
            device=kept.device,
            number=last + 1,
            day=kept.on.isoformat(),
            ascending_mills=kept.ascending_mills,
            descending_mills=kept.descending_mills,
            note=kept.note,
            correction=kept.correction,
            kept_at=instant_text(now),
        )
    )


def _reading(row: Row[Any]) -> DayReading:
    return DayReading(
        device=row.device,
        on=date.fromisoformat(row.day),
        ascending_mills=row.ascending_mills,
        descending_mills=row.descending_mills,
        note=row.note,
        correction=row.correction,
    )
