"""Honest journeys are never taken for copies, whatever is lost of their scans."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from franking.scans.journeys import impossible
from franking.scans.operations import Operation
from franking.scans.places import miles_between
from tests.unit.test_journeys import (
    BOSTON,
    CAMBRIDGE,
    CHICAGO,
    NEW_YORK,
    PACE,
    Scan,
    copied,
    in_time,
    scans_of,
)

PLACES = (BOSTON, CAMBRIDGE, NEW_YORK, CHICAGO, 33101, 94105, 96813, 99501)
CLOCK_HOURS = PACE.clocks / timedelta(hours=1).total_seconds() / 1_000_000 / 2


@st.composite
def journeys(draw: st.DrawFn) -> list[Scan]:
    """Scans of one piece: legs between plants at no more than an airliner's pace, re-runs, clocks
    off by no more than allowed; then some scans or what they say are lost, the clocks' errors not.
    """
    hours, scans = draw(st.floats(0, 12)), list[Scan]()
    start = draw(st.sampled_from(PLACES))
    for leg in range(draw(st.integers(1, 3))):
        stops = draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3))
        operations = [Operation.TRANSIT] * (len(stops) - 1) + [Operation.DESTINATION]
        if leg == 0:
            stops, operations = [start, *stops], [Operation.ORIGIN, *operations]
        for place, operation in zip(stops, operations, strict=True):
            hours += _travel(start, place) + draw(st.floats(0.2, 20))
            for _ in range(draw(st.integers(1, 3))):
                scans.append((hours + draw(st.floats(-1, 1)) * CLOCK_HOURS, place, operation))
                hours += draw(st.floats(0, 8))
            start = place
        hours += 12
        ending = draw(st.sampled_from((Operation.FORWARDED, Operation.RETURNED)))
        scans.append((hours + draw(st.floats(-1, 1)) * CLOCK_HOURS, start, ending))
    return [_worn(scan, draw) for scan in scans if draw(st.integers(0, 5))]


def _travel(start: int, place: int) -> float:
    return float(miles_between(np.array([start]), np.array([place]))[0]) / PACE.miles_an_hour


def _worn(scan: Scan, draw: st.DrawFn) -> Scan:
    """The scan with something that is not known of it, now and then."""
    hours, place, operation = scan
    lost = draw(st.integers(0, 11))
    return (
        None if lost == 0 else hours,
        None if lost == 1 else place,
        None if lost == 2 else operation,
    )


@given(journeys())
def test_an_honest_journey_is_never_a_copy(scans: list[Scan]) -> None:
    assert not any(copied(*scans))


@given(st.lists(journeys(), min_size=2, max_size=4))
def test_each_piece_is_judged_as_if_it_were_alone(pieces: list[list[Scan]]) -> None:
    together = impossible(scans_of(*pieces), PACE).tolist()
    assert together == [flag for scans in pieces for flag in copied(*scans)]


@given(journeys(), journeys(), st.randoms(use_true_random=False))
def test_it_is_never_the_order_of_the_list_that_tells(
    scans: list[Scan], copies: list[Scan], random: Random
) -> None:
    """Scans of one instant may be listed in any order."""
    hasty = [(None if scan[0] is None else scan[0] // 9, *scan[1:]) for scan in scans + copies]
    shuffled = random.sample(hasty, len(hasty))

    def said(each: list[Scan]) -> Counter[tuple[Scan, bool]]:
        return Counter(zip(in_time(each), copied(*each), strict=True))

    assert said(hasty) == said(shuffled)


@given(st.sampled_from(PLACES), st.sampled_from(PLACES), st.floats(0, 700), st.booleans())
def test_a_second_print_taken_in_elsewhere_is_always_found(
    place: int, other: int, hours: float, timed: bool
) -> None:
    """However fast it came there, and whether or not its scanner knew the time."""
    scans: list[Scan] = [
        (0.0, place, Operation.ORIGIN),
        (hours if timed else None, other, Operation.ORIGIN),
    ]
    far = _travel(place, other) * PACE.miles_an_hour > PACE.local_miles
    late = timed and hours * 3.6e9 > PACE.rerun
    assert copied(*scans) == [far or late] * 2
