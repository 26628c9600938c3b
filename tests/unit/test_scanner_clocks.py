"""Scanners whose clocks are plainly wrong are told from the times of a night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from franking.scans.scanner_clocks import (
    Times,
    believed_times,
    beyond,
    middle_of,
    scanners_of,
    wrong_clocks,
)

EVENING = datetime(2026, 11, 21, 23, tzinfo=UTC)
NOW = EVENING + timedelta(hours=12)
TOLERANCE = timedelta(days=10)
YEAR = timedelta(days=365)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def times(scanner: str, at: datetime, scans: int = 10) -> Times:
    return Times(scanner, scans, int(at.timestamp() * 1_000_000))


def wrong(*scanners: Times) -> list[str]:
    middle = middle_of(scanners, tolerance=TOLERANCE, now=NOW)
    return [each.scanner for each in wrong_clocks(scanners, middle, tolerance=TOLERANCE)]


def test_a_scanner_a_year_off_is_told_either_way() -> None:
    fine = [times(f"s{number}", EVENING + timedelta(hours=number)) for number in range(5)]
    assert wrong(*fine, times("late", EVENING + YEAR), times("early", EVENING - YEAR)) == [
        "late",
        "early",
    ]


def test_one_scanner_that_saw_most_of_the_mail_does_not_make_the_others_wrong() -> None:
    fine = [times(f"s{number}", EVENING, scans=10) for number in range(3)]
    assert wrong(*fine, times("busy", EVENING - YEAR, scans=1_000_000)) == ["busy"]


def test_of_two_scanners_the_one_nearer_to_the_judging_is_right() -> None:
    assert wrong(times("right", EVENING), times("wrong", EVENING - YEAR)) == ["wrong"]
    assert wrong(times("wrong", EVENING + YEAR), times("right", EVENING)) == ["wrong"]


def test_a_scanner_where_mail_arrives_days_later_has_no_wrong_clock() -> None:
    assert wrong(times("origin", EVENING), times("delivery", EVENING + timedelta(days=6))) == []


def test_without_any_times_nothing_is_wrong() -> None:
    assert middle_of((), tolerance=TOLERANCE, now=NOW) is None
    assert wrong() == []


def test_times_far_from_the_night_are_not_believed() -> None:
    hour = (EVENING - EPOCH) // timedelta(hours=1)
    said = {hour: 5, hour + 24 * 9: 4, hour + 24 * 11: 2, hour - 24 * 365: 1}
    assert beyond(said, believed_times(EVENING, tolerance=TOLERANCE)) == 3
    assert beyond(said, None) == 0


@pytest.mark.parametrize(
    "end", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_a_night_at_the_end_of_the_calendar_has_believed_times(end: datetime) -> None:
    believed = believed_times(end, tolerance=TOLERANCE)
    assert believed is not None
    assert believed[1] - believed[0] >= TOLERANCE - timedelta(hours=2)


def test_parts_of_a_scanner_count_by_their_scans() -> None:
    parts = [
        times("a", EVENING, scans=90),
        times("a", EVENING + YEAR, scans=10),
        times("b", EVENING),
    ]
    assert scanners_of(parts) == (times("a", EVENING, scans=100), times("b", EVENING))


def test_how_far_a_clock_is_off_is_said_in_hours() -> None:
    scanners = [times("a", EVENING), times("b", EVENING), times("off", EVENING - YEAR)]
    (found,) = wrong_clocks(
        scanners, middle_of(scanners, tolerance=TOLERANCE, now=NOW), tolerance=TOLERANCE
    )
    assert found.offset_hours == -365 * 24
    assert found.median == EVENING - YEAR
