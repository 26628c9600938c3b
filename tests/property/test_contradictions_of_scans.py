"""What scans say against each other: only what is so, and never more than there are scans."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from franking.postal.irregularities.comparing import contradictions, in_order
from franking.scans.suspicions import Seen, SuspicionKind
from tests.fixtures_suspicions import DAY, EVENING, MORNING

TIMES = st.none() | st.datetimes(
    min_value=EVENING.replace(tzinfo=None), max_value=MORNING.replace(tzinfo=None)
).map(lambda at: at.replace(tzinfo=EVENING.tzinfo))


@st.composite
def scans(draw: st.DrawFn) -> Seen:
    postage = draw(st.integers(1, 500))
    return Seen(
        ascending_mills=postage + draw(st.integers(0, 2000)),
        postage_mills=postage,
        dated=DAY + timedelta(days=draw(st.integers(-60, 60))),
        content=draw(st.integers(0, 2)),
        scanned_at=draw(TIMES),
        place=draw(st.sampled_from(["", "00000", "10001", "60601", "90001"])),
    )


@given(st.sampled_from(list(SuspicionKind)), st.lists(scans(), max_size=20))
def test_pairs_are_of_scans_that_are_listed(kind: SuspicionKind, given: list[Seen]) -> None:
    ordered = in_order(kind, given)
    assert sorted(map(repr, ordered)) == sorted(map(repr, given)), "none is lost"
    found = contradictions(kind, ordered)
    assert len(found) <= max(0, len(ordered) - 1)
    assert all(1 <= each.first < each.second <= len(ordered) for each in found)
    for each in found:
        one, other = ordered[each.first - 1], ordered[each.second - 1]
        assert (each.hours is None) == (one.scanned_at is None or other.scanned_at is None)
        assert (each.miles is None) == ({one.place, other.place} & {"", "00000"} != set())


@given(st.lists(scans(), max_size=20))
def test_a_clone_is_shown_by_value_that_two_pieces_used(given: list[Seen]) -> None:
    ordered = in_order(SuspicionKind.CLONED, given)
    found = contradictions(SuspicionKind.CLONED, ordered)
    for each in found:
        one, other = ordered[each.first - 1], ordered[each.second - 1]
        assert (one.ascending_mills, one.content) != (other.ascending_mills, other.content)
        used = [
            set(range(s.ascending_mills - s.postage_mills, s.ascending_mills)) for s in (one, other)
        ]
        assert len(used[0] & used[1]) == each.shared_mills > 0
    named = {each.second for each in found}
    pieces: dict[tuple[int, int], Seen] = {}
    for place, scan in enumerate(ordered, start=1):
        key = (scan.ascending_mills, scan.content)
        overlaps = key not in pieces and any(
            scan.ascending_mills - scan.postage_mills < before.ascending_mills
            and before.ascending_mills - before.postage_mills < scan.ascending_mills
            for before in pieces.values()
        )
        assert (place in named) == overlaps
        pieces.setdefault(key, scan)


@given(st.lists(scans(), max_size=20))
def test_a_device_that_went_back_is_shown_by_its_dates(given: list[Seen]) -> None:
    ordered = in_order(SuspicionKind.ROLLED_BACK, given)
    for each in contradictions(SuspicionKind.ROLLED_BACK, ordered):
        one, other = ordered[each.first - 1], ordered[each.second - 1]
        assert one.ascending_mills <= other.ascending_mills
        assert (one.dated - other.dated).days == each.days_back > 0
