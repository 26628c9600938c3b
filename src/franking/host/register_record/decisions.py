"""Whether a reading may stand in the record, and what a journal tells of each day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, tzinfo
from itertools import groupby
from typing import Final

from franking.clock import parse_instant
from franking.errors import Refusal
from franking.host.register_record.records import DayReading, DayTold
from franking.money import format_dollars
from franking.psd.records import EntryKind
from franking.psd.store import Entry
from franking.rules import at
from franking.rules.calendars import calendar_days, months

CLAUSE = "DMM P050.2.5b (1997)"

RECORD_IMPOSSIBLE = Refusal(
    "RECORD_IMPOSSIBLE",
    clause=CLAUSE,
    remedy="Read both registers again and give what they show; neither is ever below zero.",
    http_status=422,
)
RECORD_TOO_EARLY = Refusal(
    "RECORD_TOO_EARLY",
    clause=CLAUSE,
    remedy="Record the registers on the day they are read, or a day that is past.",
    http_status=422,
)
RECORD_FALLS = Refusal(
    "RECORD_FALLS",
    clause="39 CFR 501.6(c) (1995)",
    remedy="Read the ascending register again. If it has really fallen the device is defective: "
    "report it to your provider and do not use it.",
)
RECORD_ALREADY_KEPT = Refusal(
    "RECORD_ALREADY_KEPT",
    clause=CLAUSE,
    remedy="Say why the earlier reading was wrong with --correct REASON; both stay in the books.",
)

_OPERATION: Final = frozenset(
    {EntryKind.EVIDENCE, EntryKind.CREDITED, EntryKind.WITHDRAWN, EntryKind.CLEARED}
)
"""Entries that make a day one of operation: postage moved, or the device left service."""


def require_fit(
    reading: DayReading, *, before: DayReading | None, after: DayReading | None, today: date
) -> None:
    """Whether the record may take a reading between those of the days around it.

    Raises:
        Refused: ``RECORD_IMPOSSIBLE``, ``RECORD_TOO_EARLY``, ``RECORD_FALLS``.
    """
    if reading.ascending_mills < 0 or reading.descending_mills < 0:
        raise RECORD_IMPOSSIBLE.because("a register can not be below zero")
    if reading.on > today:
        raise RECORD_TOO_EARLY.because(f"{reading.on} is to come; today is {today}")
    for earlier, later in ((before, reading), (reading, after)):
        if earlier and later and later.ascending_mills < earlier.ascending_mills:
            raise RECORD_FALLS.because(
                f"ascending {format_dollars(earlier.ascending_mills)} on {earlier.on}, "
                f"{format_dollars(later.ascending_mills)} on {later.on}"
            )


def is_kept_already(reading: DayReading, kept: DayReading | None) -> bool:
    """Whether the day has this very reading, so that nothing is to be done.

    Raises:
        Refused: ``RECORD_ALREADY_KEPT`` where it has another that is not being corrected.
    """
    if kept is None:
        return False
    if replace(kept, correction="") == replace(reading, correction=""):
        return True
    if not reading.correction.strip():
        raise RECORD_ALREADY_KEPT.because(
            f"{kept.on} has ascending {format_dollars(kept.ascending_mills)}, "
            f"descending {format_dollars(kept.descending_mills)}"
        )
    return False


def report_span(last_day: date) -> tuple[date, date]:
    """The days of a system report: the preceding 12 months (DMM P030.2.6b of 1995)."""
    span = at("provider", "meter-1995", last_day).whole("system_report_months")
    return calendar_days(months(last_day, -span), 1), last_day


def days_told(
    entries: Iterable[Entry], place: tzinfo, *, first_day: date, last_day: date
) -> Iterator[DayTold]:
    """Each day of operation within a span, from a whole journal, in constant memory."""
    pieces = total = 0
    for day, of_day in groupby(
        entries, lambda entry: parse_instant(entry.time).astimezone(place).date()
    ):
        pieces_before, set_mills, operated = pieces, 0, False
        for entry in of_day:
            if entry.kind is EntryKind.CREDITED:
                set_mills += entry.control_total_mills - total
            operated = operated or entry.kind in _OPERATION
            pieces, total = entry.piece_count, entry.control_total_mills
        if operated and first_day <= day <= last_day:
            yield DayTold(
                on=day,
                ascending_mills=entry.ascending_mills,
                descending_mills=entry.descending_mills,
                pieces=pieces - pieces_before,
                set_mills=set_mills,
            )
