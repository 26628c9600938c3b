"""The history of seen pieces: it grows by night, whole nights only, and lets old ones go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from franking.errors import Refused
from franking.scans.history import HISTORY_BUSY, HISTORY_UNREADABLE, History, NewFile, hold
from franking.scans.history_keeping import compact, forget, kept_from, seen
from franking.scans.relating import part_of, relate
from tests.fixtures_examined import Scan, examined, later, number_of, table_of, task_of

OCTOBER, NOVEMBER = date(1997, 10, 3), date(1997, 11, 21)


def night_of(folder: Path, night: date, scans: Sequence[Scan], name: str = "") -> History:
    """The history with these scans as a file of that night."""
    with hold(folder) as history:
        number = history.number_next
        path = history.new_part(night.isoformat(), first_bucket=0, last_bucket=63)
        work = folder.parent / f"work-{number}"
        task = task_of(work, table_of(scans), keep_at=path, numbers=((0, number),))
        part = part_of(task, folder, relate(task))
        assert part is not None
        file = NewFile(name=name or f"{night}.parquet", sha256=f"digest {number}", rows=len(scans))
        return history.add(night, [file], [part])


def ascendings(history: History) -> list[int]:
    """What it holds, piece by piece."""
    tables = [pq.read_table(path, columns=["ascending"]) for path in history.paths()]
    return sorted(value for table in tables for value in table.column("ascending").to_pylist())


@pytest.fixture
def two_months(tmp_path: Path) -> Path:
    """A history of two nights in October and one in November."""
    folder = tmp_path / "history"
    night_of(folder, OCTOBER, [examined(320), examined(640, serial=2)])
    night_of(folder, date(1997, 10, 7), [examined(960)])
    night_of(folder, NOVEMBER, [examined(1280), examined(1600)])
    return folder


def test_a_folder_that_is_not_there_is_an_empty_history(tmp_path: Path) -> None:
    history = History.open(tmp_path / "nothing")
    assert (history.nights, history.paths(), history.rows) == ((), (), 0)


def test_parts_whose_description_is_lost_are_not_swept_away(two_months: Path) -> None:
    (two_months / "history.json").unlink()
    parts = sorted(two_months.glob("night=*/*.parquet"))
    with pytest.raises(Refused) as refused, hold(two_months):
        pass
    assert refused.value.code == HISTORY_UNREADABLE.code
    with pytest.raises(Refused):
        History.open(two_months)
    assert sorted(two_months.glob("night=*/*.parquet")) == parts


def test_a_first_night_that_was_broken_off_is_begun_again(tmp_path: Path) -> None:
    with hold(tmp_path) as history:
        left = history.new_part("1997-10-03", first_bucket=0, last_bucket=63)
        left.write_bytes(b"half of a part")
    assert ascendings(night_of(tmp_path, OCTOBER, [examined(320)])) == [320]


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ('"buckets":64', '"buckets":16'),
        ('"buckets":64', '"buckets":0'),
        ('"path":"night=1997-10-03', '"path":"../elsewhere'),
        ('"path":"night=1997-10-03', '"path":"night=1997-10-03/..'),
    ],
)
def test_a_description_that_cannot_be_is_refused(two_months: Path, said: str, instead: str) -> None:
    path = two_months / "history.json"
    assert said in path.read_text()
    path.write_text(path.read_text().replace(said, instead))
    with pytest.raises(Refused) as refused:
        History.open(two_months)
    assert refused.value.code == HISTORY_UNREADABLE.code


def test_nights_add_up_and_each_file_is_known_by_its_digest(two_months: Path) -> None:
    history = History.open(two_months)
    assert history.nights == (OCTOBER, date(1997, 10, 7), NOVEMBER)
    assert ascendings(history) == [320, 640, 960, 1280, 1600]
    taken = history.taken("digest 1")
    assert taken is not None
    assert (taken.number, taken.night, taken.rows) == (1, date(1997, 10, 7), 1)
    assert history.taken("digest 9") is None


def test_no_part_of_an_earlier_night_is_written_anew(two_months: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in History.open(two_months).paths()}
    history = night_of(two_months, date(1997, 11, 22), [examined(1920)])
    after = {path: path.stat().st_mtime_ns for path in history.paths()}
    assert before.items() < after.items()


def test_only_what_a_device_signed_is_kept(tmp_path: Path) -> None:
    scans = [examined(320), examined(640, signed=False), examined(960, postage=0)]
    assert ascendings(night_of(tmp_path / "history", NOVEMBER, scans)) == [320]


def test_a_night_that_broke_off_before_the_end_left_nothing(two_months: Path) -> None:
    with hold(two_months) as history:
        lost = history.new_part("1997-11-22", first_bucket=0, last_bucket=63)
        lost.write_bytes(b"half of a part")
    assert ascendings(History.open(two_months)) == [320, 640, 960, 1280, 1600]
    with hold(two_months):
        assert not lost.exists()
        assert not lost.parent.exists()


def test_one_program_at_a_time_grows_it(two_months: Path) -> None:
    with hold(two_months), pytest.raises(Refused) as refused, hold(two_months):
        pass
    assert refused.value.refusal is HISTORY_BUSY


@pytest.mark.parametrize("text", ["", "{", '{"version": 2}', '{"files": 7}'])
def test_a_damaged_description_is_said(two_months: Path, text: str) -> None:
    (two_months / "history.json").write_text(text)
    with pytest.raises(Refused) as refused:
        History.open(two_months)
    assert refused.value.refusal is HISTORY_UNREADABLE


def test_a_part_that_went_missing_is_said(two_months: Path) -> None:
    History.open(two_months).paths()[0].unlink()
    with pytest.raises(Refused) as refused:
        seen(two_months, [(number_of(), 320)])
    assert refused.value.refusal is HISTORY_UNREADABLE


def test_a_piece_is_looked_up_with_every_scan_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "history"
    night_of(folder, OCTOBER, [examined(320), examined(640)])
    night_of(folder, NOVEMBER, [examined(320, scanned_at=later(90), place=2101, operation=5)])
    found = seen(folder, [(number_of(), 320), (number_of(), 9_999), (number_of(7), 640)])
    assert list(found) == [(number_of(), 320)]
    assert [(each.night, each.place, each.operation) for each in found[number_of(), 320]] == [
        ("1997-10-03", "60601", "origin"),
        ("1997-11-21", "02101", "delivery"),
    ]


def test_nothing_is_found_where_nothing_was_asked_or_seen(tmp_path: Path) -> None:
    assert seen(tmp_path / "history", [(number_of(), 320)]) == {}
    assert seen(tmp_path / "history", []) == {}


def test_months_that_ended_are_put_together_and_nothing_is_lost(two_months: Path) -> None:
    with hold(two_months) as history:
        history = compact(history, NOVEMBER)
    assert len(history.parts) == 2
    assert ascendings(history) == [320, 640, 960, 1280, 1600]
    assert History.open(two_months) == history
    assert set(two_months.glob("night=*/*")) == set(history.paths())
    assert seen(two_months, [(number_of(), 960)])[number_of(), 960][0].night == "1997-10-07"


def test_old_nights_are_let_go_out_of_months_too(two_months: Path) -> None:
    with hold(two_months) as history:
        history = forget(compact(history, NOVEMBER), date(1997, 10, 5))
    assert history.nights == (date(1997, 10, 7), NOVEMBER)
    assert ascendings(history) == [960, 1280, 1600]
    assert history.taken("digest 0") is None


def test_no_number_of_a_file_is_given_twice(two_months: Path) -> None:
    with hold(two_months) as history:
        assert forget(history, date(1998, 1, 1)).number_next == 3
    assert (History.open(two_months).nights, list(two_months.glob("night=*"))) == ((), [])


def test_policy_says_how_long_nights_are_kept() -> None:
    assert kept_from("ibip-1997", datetime(1997, 11, 21, tzinfo=UTC)) == date(1996, 9, 21)
