"""What a mailer asks of the daily record: to keep a reading, and to show what was kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from franking.host.register_record import tables
from franking.host.register_record.decisions import CLAUSE, is_kept_already, require_fit
from franking.host.register_record.records import DayReading
from franking.identifiers import record_id
from franking.storage.books import Books
from franking.storage.journal import Act


def keep_reading(books: Books, reading: DayReading, *, now: datetime) -> DayReading:
    """Keep the registers of a day; the same again changes nothing.

    Raises:
        Refused: ``RECORD_IMPOSSIBLE``, ``RECORD_TOO_EARLY``, ``RECORD_FALLS``,
            ``RECORD_ALREADY_KEPT``.
    """
    record = record_id("device", reading.device)
    with books.work(now, "keep_reading", on=(record,)) as work:
        kept = tables.reading_of(work, reading.device, reading.on)
        if kept is not None and is_kept_already(reading, kept):
            return kept
        before, after = tables.neighbours(work, reading.device, reading.on)
        require_fit(reading, before=before, after=after, today=now.date())
        tables.write_reading(work, reading, now)
        work.record(Act(record=record, clauses=(CLAUSE,), inputs=reading.as_json()))
    return reading


def kept_readings(
    books: Books, device: str, *, first_day: date, last_day: date
) -> Sequence[DayReading]:
    """The reading that counts of each day of a span, in order."""
    with books.reading() as reading:
        return tables.readings(reading, device, first_day=first_day, last_day=last_day)
