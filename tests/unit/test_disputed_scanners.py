"""Which scanners are wrong, told from what they and others saw of the same mail."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from franking.scans.disputes import DisputedScanner, Limits, disputed_among
from franking.scans.relating import relate
from franking.scans.relations import MET
from tests.fixtures_examined import Scan, examined, later, table_of, task_of

LIMITS = Limits(devices=10, percent=5)
CHICAGO, DENVER, MIAMI = (
    {"scanner": "chicago", "place": 60601},
    {"scanner": "denver", "place": 80201},
    {"scanner": "miami", "place": 33101},
)


def met(*rows: tuple[str, str | None, int, int]) -> pa.Table:
    """Scanner, the other, meetings, mistimed; each of these is of a device of its own."""
    names = ("scanner", "other", "meetings", "mistimed", "devices")
    return pa.Table.from_pylist(
        [dict(zip(names, (*row, row[-1]), strict=True)) for row in rows], MET
    )


def both(one: str, other: str, meetings: int, mistimed: int) -> list[tuple[str, str, int, int]]:
    return [(one, other, meetings, mistimed), (other, one, meetings, mistimed)]


def disputed(*rows: tuple[str, str | None, int, int]) -> list[str]:
    return [each.scanner for each in disputed_among(met(*rows), LIMITS)]


def test_nobody_is_wrong_where_nothing_was_seen_twice() -> None:
    assert disputed() == []


def test_whom_only_the_wrong_one_contradicts_is_right() -> None:
    """Though most that they saw together was mistimed, and with nobody else."""
    rows = [*both("off", "a", 50, 45), *both("off", "b", 50, 45), *both("a", "b", 40, 0)]
    assert disputed(*rows) == ["off"]


def test_what_stood_against_a_scanner_is_told_without_what_the_wrong_ones_said() -> None:
    rows = [*both("off", "too", 50, 45), *both("off", "a", 50, 45), *both("too", "a", 50, 20)]
    rows += both("a", "b", 200, 0)
    assert disputed_among(met(*rows), LIMITS) == (
        DisputedScanner(scanner="off", devices=90, mistimed=90, meetings=100),
        DisputedScanner(scanner="too", devices=20, mistimed=20, meetings=50),
    )


def test_two_that_only_contradict_each_other_are_both_not_believed() -> None:
    assert disputed(*both("one", "other", 30, 30)) == ["one", "other"]


def test_earlier_nights_speak_against_a_scanner_and_are_not_judged() -> None:
    assert disputed(("off", None, 30, 20)) == ["off"]


def test_a_few_devices_or_a_small_share_make_no_clock_wrong() -> None:
    assert disputed(("few", None, 9, 9)) == []
    assert disputed(("rare", None, 1_000, 49)) == []
    assert disputed(("rare", None, 1_000, 50)) == ["rare"]


def found(folder: Path, scans: list[Scan], history: list[Scan] | None = None) -> list[list[object]]:
    """What the relations count: scanner, other, meetings, mistimed, devices."""
    earlier = table_of(history) if history else None
    table = relate(task_of(folder, table_of(scans), earlier)).met.select(MET.names)
    return sorted((list(row.values()) for row in table.to_pylist()), key=str)


def seen(serial: int, minutes: int, operation: int, **scanner: object) -> Scan:
    return examined(320, serial=serial, scanned_at=later(minutes), operation=operation, **scanner)


def test_devices_are_counted_and_not_pieces(tmp_path: Path) -> None:
    """Each under one other scanner where devices are told, and under each where meetings are."""
    scans = [scan for serial in (1, 2) for scan in (
        seen(serial, 0, 3, **DENVER), seen(serial, 30, 2, **CHICAGO), seen(serial, 900, 4, **MIAMI)
    )]  # fmt: skip
    scans += [scan | {"ascending": 640, "content": 640} for scan in scans]
    assert found(tmp_path, scans) == [
        ["chicago", "denver", 2, 2, 2],
        ["chicago", "miami", 2, 0, 0],
        ["denver", "chicago", 2, 2, 2],
        ["miami", "chicago", 2, 0, 0],
    ]


def test_a_piece_begun_at_two_places_says_nothing_of_clocks(tmp_path: Path) -> None:
    assert found(tmp_path, [seen(1, 0, 2, **DENVER), seen(1, 30, 2, **CHICAGO)]) == []


def test_a_copy_long_after_is_no_clock_that_is_off(tmp_path: Path) -> None:
    """One that is off by so much is found by its median."""
    ago = [seen(1, -60 * 24 * 40, 2, **CHICAGO)]
    assert found(tmp_path, [seen(1, 0, 3, **DENVER)], ago) == [["denver", None, 1, 0, 0]]


def test_what_a_scanner_says_against_itself_does_not_count(tmp_path: Path) -> None:
    assert found(tmp_path, [seen(1, 0, 2), seen(1, 60 * 24 * 4, 2)]) == []
