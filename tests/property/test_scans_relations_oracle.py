"""The relations that one sort finds are those that looking at every pair of scans finds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures_examined import Scan, examined, relations_of

DAYS_AHEAD = 30
ODDLY = st.integers(0, 9).map(lambda chance: chance == 0)


@st.composite
def scans(draw: st.DrawFn) -> tuple[list[Scan], list[Scan]]:
    """Pieces of some devices that mostly behave, in tonight's files and in the history.

    Equal contents say equal things, as what a device signs does.
    """
    tonight: list[Scan] = []
    history: list[Scan] = []
    for _ in range(draw(st.integers(1, 60))):
        turn = draw(st.integers(1, 9))
        ascending = 320 * turn + (draw(st.integers(-400, 400)) if draw(ODDLY) else 0)
        day = turn + (draw(st.integers(-60, 60)) if draw(ODDLY) else 0)
        postage = draw(st.sampled_from([320, 320, 320, 0, 1000]))
        scan = examined(
            max(ascending, 1),
            serial=draw(st.integers(1, 6)),
            postage=postage,
            dated=date(1997, 10, 1) + timedelta(days=day),
            content=(turn * 2000 + postage) * 1000 + day,
            signed=not draw(ODDLY),
            scanned_at=None,
        )
        (tonight if draw(st.booleans()) else history).append(scan)
    return tonight, history


def by_pairs(scan: Scan, others: Sequence[Scan]) -> list[str]:
    """What the definitions say of one scan beside each of the others."""
    same_device = [other for other in others if other["device"] == scan["device"]]
    found = []
    if any(_overlaps(scan, other) for other in same_device):
        found.append("OVERLAP")
    if any(
        other["ascending"] > scan["ascending"] and other["dated"] + DAYS_AHEAD < scan["dated"]
        for other in same_device
    ):
        found.append("ROLLED_BACK")
    return found


def _overlaps(one: Scan, other: Scan) -> bool:
    if one["ascending"] == other["ascending"]:
        return bool(one["content"] != other["content"])
    low = max(one["ascending"] - one["postage"], other["ascending"] - other["postage"])
    return bool(low < min(one["ascending"], other["ascending"]))


def _speaks(scan: Scan) -> bool:
    return bool(scan["signed"] and scan["postage"] > 0)


@given(scans())
@settings(max_examples=12, deadline=None)
def test_one_sort_finds_what_all_pairs_find(given_scans: tuple[list[Scan], list[Scan]]) -> None:
    tonight, history = given_scans
    if not tonight:
        return
    telling = [scan for scan in (*tonight, *history) if _speaks(scan)]
    expected = {
        row: reasons
        for row, scan in enumerate(tonight)
        if _speaks(scan) and (reasons := by_pairs(scan, telling))
    }
    with TemporaryDirectory() as folder:
        assert relations_of(Path(folder), tonight, history) == expected
