"""A whole night on one machine, from files to verdicts, with real files, keys and processes."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from franking.errors import Refused
from franking.scans.context import Context
from franking.scans.duckdb_engine import NIGHT_BROKEN_OFF, DuckdbEngine
from franking.scans.embedded import TABLES_UNREADABLE
from franking.scans.history import History, hold
from franking.scans.intake import take_in
from franking.scans.night import Job, NightReport, verify_night
from franking.scans.records import SCAN
from franking.scans.suspicions import SuspicionKind
from franking.verification.verdict import Verdict
from franking.world.nights.records import Night
from tests.fixtures_nights import NIGHT_NOW, piece_of_night, small_night

Row = dict[str, Any]


@dataclass(frozen=True)
class Plant:
    """A folder with a small night, and what verifies nights there."""

    folder: Path
    night: Night
    runs: Iterator[int]

    def verify(self, *files: Path, engine: DuckdbEngine | None = None, **job: Any) -> NightReport:
        """Verify these files, the small night where none are named, with a history."""
        run = next(self.runs)
        scratch = self.folder / f"scratch-{run}"
        scratch.mkdir()
        taken = take_in(list(files) or [self.night.scans], scratch=scratch, now=NIGHT_NOW)
        fields: Row = {
            "files": taken,
            "context": replace(self.context, wrong_clocks=taken.wrong_clocks),
            "out": self.folder / "verdicts.parquet",
            "scratch": scratch / "work",
            "history": self.folder / "history",
        }
        return verify_night(Job(**(fields | job)), engine or DuckdbEngine())

    @property
    def context(self) -> Context:
        """What the night is judged with."""
        root = load_pem_public_key(self.night.root.read_bytes())
        point = root.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Context(
            trust_list=self.night.trust,
            root_public_key=point,
            now=NIGHT_NOW,
            known=self.night.known,
        )

    def said(self) -> list[Row]:
        """The verdicts that were written last."""
        rows: list[Row] = pq.read_table(self.folder / "verdicts.parquet").to_pylist()
        return rows

    def scans(self, name: str, rows: list[Row]) -> Path:
        """A file of these scans."""
        path = self.folder / name
        pq.write_table(pa.Table.from_pylist(rows, schema=SCAN), path)
        return path

    def half(self, name: str, offset: int, length: int | None = None) -> Path:
        """A file of some of the night's scans."""
        path = self.folder / name
        pq.write_table(pq.read_table(self.night.scans).slice(offset, length), path)
        return path


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """A plant without a history."""
    return Plant(tmp_path, small_night(tmp_path / "night"), count())


def test_every_scan_gets_the_verdict_and_reasons_that_are_true(plant: Plant) -> None:
    report = plant.verify()
    truth = pq.read_table(plant.night.truth).to_pylist()
    assert [(row["row"], row["verdict"], row["reasons"]) for row in plant.said()] == [
        (row["row"], row["verdict"], sorted(row["reasons"], key=row["reasons"].index))
        for row in truth
    ]
    assert sum(report.verdicts.values()) == report.rows == len(truth)


def test_processes_side_by_side_say_what_one_says(plant: Plant) -> None:
    alone = plant.verify(history=None), plant.said()
    together = plant.verify(history=None, engine=DuckdbEngine(processes=2)), plant.said()
    assert together[1] == alone[1]
    assert together[0].evidence == alone[0].evidence


def test_the_same_file_again_is_said_and_doubles_nothing(plant: Plant) -> None:
    plant.verify()
    first, history = plant.said(), History.open(plant.folder / "history")
    report = plant.verify()
    assert plant.said() == first
    assert (report.known_before, report.history_rows) == ({0: date(1997, 11, 21)}, 0)
    assert History.open(plant.folder / "history").rows == history.rows


def test_two_files_of_a_night_say_together_what_one_says(plant: Plant) -> None:
    whole = plant.verify(history=None), plant.said()
    halves = plant.half("early.parquet", 0, 36), plant.half("late.parquet", 36)
    plant.verify(*halves, history=None)
    told = [(row["verdict"], row["reasons"]) for row in plant.said()]
    assert told == [(row["verdict"], row["reasons"]) for row in whole[1]]


def test_a_second_file_for_a_night_is_compared_with_the_first(plant: Plant) -> None:
    plant.verify(plant.half("early.parquet", 0, 36))
    report = plant.verify(plant.half("late.parquet", 36))
    clones = [each for each in report.evidence.suspicions if each.kind is SuspicionKind.CLONED]
    assert [(each.count, [seen.night for seen in each.members]) for each in clones] == [
        (2, ["1997-11-21", "1997-11-21"])
    ]
    names = {each.number: Path(each.name).name for each in report.evidence.files}
    (clone,) = clones
    assert {names[seen.file] for seen in clone.members} == {"early.parquet", "late.parquet"}
    assert History.open(plant.folder / "history").nights == (date(1997, 11, 21),)


def test_a_trial_run_leaves_the_history_as_it_was(plant: Plant) -> None:
    report = plant.verify(keep=False)
    assert report.history_rows == 0
    assert History.open(plant.folder / "history").nights == ()


def test_a_copy_of_an_earlier_nights_piece_names_both_scans(plant: Plant) -> None:
    plant.verify()
    original = pq.read_table(plant.night.scans).to_pylist()[0]
    copy = plant.scans("copy.parquet", [original | {"place": "94101", "scanner": "94101-1"}])
    report = plant.verify(copy)
    assert [(row["verdict"], row["reasons"]) for row in plant.said()] == [
        ("undetermined", ["DUPLICATE"])
    ]
    (suspicion,) = report.evidence.suspicions
    assert suspicion.kind is SuspicionKind.COPIED
    assert {seen.place for seen in suspicion.members} >= {original["place"], "94101"}


def test_no_scans_are_no_verdicts(plant: Plant) -> None:
    report = plant.verify(plant.scans("none.parquet", []))
    assert (report.rows, plant.said()) == (0, [])


def test_a_payload_many_times_and_random_bytes_are_counted_to_the_last(plant: Plant) -> None:
    payload = piece_of_night(1, ascending_mills=900_000)
    rows: list[Row] = [{"payload": payload, "place": "10001"}] * 3_000
    rows += [{"payload": os.urandom(113)} for _ in range(60)] + [{"payload": None}] * 5
    report = plant.verify(plant.scans("many.parquet", rows), history=None)
    assert report.rows == 3_065
    assert Counter(row["verdict"] for row in plant.said()[3_000:]) == {"undetermined": 65}


def test_a_process_that_is_killed_leaves_no_verdicts_and_no_night(plant: Plant) -> None:
    def kill_one(stage: str, done: int, _whole: int | None) -> None:
        if (stage, done) == ("relating", 0):
            for process in multiprocessing.active_children():
                os.kill(process.pid or 0, signal.SIGKILL)

    scratch = plant.folder / "killed"
    scratch.mkdir()
    job = Job(
        files=take_in([plant.night.scans], scratch=scratch, now=NIGHT_NOW),
        context=plant.context,
        out=plant.folder / "verdicts.parquet",
        scratch=scratch / "work",
        history=plant.folder / "history",
    )
    with pytest.raises(Refused) as refused:
        verify_night(job, DuckdbEngine(processes=2), kill_one)
    assert refused.value.code == NIGHT_BROKEN_OFF.code
    assert not job.out.exists()
    assert History.open(plant.folder / "history").nights == ()


def test_a_history_dealt_into_other_buckets_says_the_same(plant: Plant) -> None:
    halves = plant.half("early.parquet", 0, 36), plant.half("late.parquet", 36)
    said = [(plant.verify(half), plant.said())[1] for half in halves]
    other = plant.folder / "other"
    with hold(other) as history:
        history.described(msgspec.structs.replace(history.about, buckets=7))
    assert [(plant.verify(half, history=other), plant.said())[1] for half in halves] == said
    (*_, path) = History.open(other).paths()
    assert set(pq.read_table(path).column("bucket").to_pylist()) <= set(range(7))


def test_a_damaged_history_is_said_and_nothing_is_written(plant: Plant) -> None:
    plant.verify()
    (plant.folder / "verdicts.parquet").unlink()
    for path in History.open(plant.folder / "history").paths():
        path.write_bytes(b"PAR1 but not for long")
    with pytest.raises(Refused) as refused:
        plant.verify(plant.half("late.parquet", 36))
    assert refused.value.code == TABLES_UNREADABLE.code
    assert not (plant.folder / "verdicts.parquet").exists()


def test_a_refusal_comes_whole_out_of_another_process(plant: Plant) -> None:
    refused = TABLES_UNREADABLE.because("a reason")
    again = pickle.loads(pickle.dumps(refused))
    assert (again.code, again.detail) == (refused.code, refused.detail)


def test_the_report_counts_by_verdict(plant: Plant) -> None:
    report = plant.verify(history=None)
    counted = Counter(row["verdict"] for row in plant.said())
    assert {verdict.value: n for verdict, n in report.verdicts.items()} == counted
    assert report.verdicts[Verdict.NOT_AUTHENTIC] == 5
