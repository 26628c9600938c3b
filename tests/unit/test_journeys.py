"""Which scans of one piece a journey can explain, case by case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from franking.scans.journeys import Pace, impossible
from franking.scans.operations import Operation
from franking.scans.records import EXAMINED

PACE = Pace.at("ibip-1997", date(1997, 11, 21))
EVENING = datetime(1997, 11, 20, 20, tzinfo=UTC)
BOSTON, CAMBRIDGE, NEW_YORK, CHICAGO, NOWHERE = 2109, 2139, 10001, 60601, 99_998
ACCEPTANCE, ORIGIN, TRANSIT = Operation.ACCEPTANCE, Operation.ORIGIN, Operation.TRANSIT
DESTINATION, DELIVERY = Operation.DESTINATION, Operation.DELIVERY
FORWARDED, RETURNED = Operation.FORWARDED, Operation.RETURNED

Scan = tuple[float | None, int | None, int | None]
"""Hours after the evening, the place, the operation."""

_SCHEMA = pa.schema([EXAMINED.field(name) for name in (
    "device", "ascending", "content", "scanned_at", "place", "operation"
)])  # fmt: skip


def scans_of(*pieces: Sequence[Scan]) -> pa.Table:
    """Scans, sorted as the journeys are judged."""
    rows = [
        {
            "device": 7,
            "ascending": number,
            "content": 11,
            "scanned_at": None if hours is None else EVENING + timedelta(hours=hours),
            "place": place,
            "operation": operation,
        }
        for number, scans in enumerate(pieces)
        for hours, place, operation in in_time(scans)
    ]
    return pa.Table.from_pylist(rows, _SCHEMA)


def in_time(scans: Sequence[Scan]) -> list[Scan]:
    """The scans as they are judged: by time, unknown times last."""
    return sorted(scans, key=lambda scan: (scan[0] is None, scan[0] or 0))


def copied(*scans: Scan) -> list[bool]:
    return [bool(flag) for flag in impossible(scans_of(scans), PACE)]


@pytest.mark.duty("R95-Pre-I.A-3")
@pytest.mark.parametrize(
    "scans",
    [
        [(0, BOSTON, ORIGIN)],
        [(-5, CAMBRIDGE, ACCEPTANCE), (0, BOSTON, ORIGIN), (3, NEW_YORK, TRANSIT),
         (10, CHICAGO, DESTINATION), (16, CHICAGO, DELIVERY)],
        [(0, BOSTON, ORIGIN), (0.5, BOSTON, ORIGIN), (1, BOSTON, ORIGIN)],
        [(0, BOSTON, ORIGIN), (20, BOSTON, TRANSIT), (24, BOSTON, ORIGIN)],
        [(0, BOSTON, ORIGIN), (3, NEW_YORK, TRANSIT), (9, CHICAGO, TRANSIT)],
        [(0, BOSTON, ORIGIN), (9, CHICAGO, DESTINATION), (15, CHICAGO, FORWARDED),
         (60, NEW_YORK, DESTINATION)],
        [(0, BOSTON, ORIGIN), (9, CHICAGO, DESTINATION), (15, CHICAGO, RETURNED),
         (40, CHICAGO, ORIGIN), (60, BOSTON, DESTINATION)],
        [(0, BOSTON, ORIGIN), (9, CHICAGO, DESTINATION), (30, NEW_YORK, DESTINATION)],
        [(0.1, BOSTON, ORIGIN), (0, CAMBRIDGE, TRANSIT)],
        [(0, BOSTON, ORIGIN), (0.1, NOWHERE, TRANSIT), (5, None, DESTINATION)],
        [(0, BOSTON, None), (9, CHICAGO, None), (30, BOSTON, None)],
        [(0, BOSTON, ORIGIN), (None, CHICAGO, DESTINATION), (None, BOSTON, ORIGIN)],
        [(None, CHICAGO, FORWARDED), (0, BOSTON, ORIGIN), (9, CHICAGO, DESTINATION),
         (90, NEW_YORK, DESTINATION), (99, CHICAGO, DESTINATION)],
        [(0, BOSTON, ORIGIN), (9, CHICAGO, TRANSIT), (24 * 60, NEW_YORK, RETURNED),
         (24 * 61, BOSTON, DESTINATION)],
        [(12 * leg + step / 9, CHICAGO, TRANSIT if step else FORWARDED)
         for leg in range(3) for step in range(9)],
        [(step / 9, CHICAGO, None) for step in range(20)],
    ],
)  # fmt: skip
def test_scans_of_a_possible_journey_are_of_one_piece(scans: list[Scan]) -> None:
    assert not any(copied(*scans))


@pytest.mark.duty("R95-Pre-I.A-3")
@pytest.mark.parametrize(
    ("scans", "flagged"),
    [
        ([(0, BOSTON, ORIGIN), (0.3, CHICAGO, ORIGIN)], [True, True]),
        ([(0, BOSTON, ORIGIN), (30, CHICAGO, ORIGIN)], [True, True]),
        ([(0, BOSTON, ORIGIN), (500, BOSTON, ORIGIN)], [True, True]),
        ([(0, BOSTON, ORIGIN), (0.5, CHICAGO, DESTINATION)], [True, True]),
        ([(0, BOSTON, ORIGIN), (9, CHICAGO, DESTINATION), (12, NEW_YORK, DESTINATION)],
         [False, True, True]),
        ([(0, BOSTON, ORIGIN), (9, CHICAGO, DESTINATION), (750, CHICAGO, DESTINATION)],
         [False, True, True]),
        ([(0, BOSTON, ORIGIN), (9, CHICAGO, DESTINATION), (200, BOSTON, ORIGIN)],
         [True, True, True]),
        ([(0, BOSTON, ORIGIN), (24 * 31, CHICAGO, DESTINATION)], [True, True]),
        ([(0, BOSTON, ORIGIN), (None, CHICAGO, ORIGIN)], [True, True]),
        ([(0, BOSTON, None), (24 * 31, CHICAGO, None)], [True, True]),
        ([(step / 100, BOSTON, ORIGIN) for step in range(13)], [True] * 13),
        ([(step, BOSTON, FORWARDED) for step in range(13)], [True] * 13),
        ([(step, BOSTON, None) for step in range(61)], [True] * 61),
    ],
)  # fmt: skip
def test_scans_that_no_journey_explains_are_of_copies(
    scans: list[Scan], flagged: list[bool]
) -> None:
    assert copied(*scans) == flagged


def test_scans_of_different_pieces_have_nothing_to_do_with_each_other() -> None:
    alone = [(0.0, BOSTON, ORIGIN), (0.1, CHICAGO, ORIGIN), (0.2, NEW_YORK, ORIGIN)]
    assert not impossible(scans_of(*([scan] for scan in alone)), PACE).any()
    assert impossible(scans_of(alone[:1], alone), PACE).tolist() == [False, True, True, True]


def test_no_scans_are_no_copies() -> None:
    assert impossible(scans_of(), PACE).tolist() == []
