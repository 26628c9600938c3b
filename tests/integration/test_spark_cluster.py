"""A night judged on a real cluster: the verdicts of one machine, row for row, whatever dies."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from franking.scans.context import Context
from franking.scans.duckdb_engine import DuckdbEngine
from franking.scans.history import History
from franking.scans.intake import Progress, take_in, unwatched
from franking.scans.night import Engine, Job, NightReport, verify_night
from franking.scans.spark_engine import SparkEngine
from franking.scans.suspicions import NightEvidence, read
from franking.world.nights.plan import Plan, judged_at
from franking.world.nights.records import Fraud, Night
from franking.world.nights.synthesis import synthesize
from tests.fixtures_spark import Cluster, quick_jobs, running_cluster

_PLAN = Plan(pieces=2_000, devices=40, on=date(1997, 11, 21), nights=(35, 1, 0))
"""A night with every fraud, and two before it."""
_ADRIFT = "37201-0"
"""A scanner whose clock is off by hours: the one that sees mail of all devices in the night."""
_GROUP_ROWS = 300
"""Small parts, so that a small night is shared out like a big one."""
_KILLED_AT = {"examining": 2, "relating": 3}
"""How often tasks of a stage are seen at work before a worker dies."""
_IN_ORDER = [(name, "ascending") for name in ("device", "ascending", "file", "row")]


@dataclass(frozen=True)
class Judged:
    """What came of the last night."""

    verdicts: pa.Table
    evidence: NightEvidence
    history: pa.Table


@dataclass(frozen=True)
class Plant:
    """A folder with nights of scans and the history of all but the last."""

    folder: Path
    night: Night

    def judged(self, engine: Engine, name: str, watch: Progress = unwatched) -> Judged:
        """Have an engine judge the last night, with a history of its own."""
        history = self.history_for(name)
        report = self.verify(engine, self.night.scans, _PLAN.on, history, watch)
        return self.found(name, report.evidence)

    def history_for(self, name: str) -> Path:
        """A copy of the history as it stood before the last night."""
        return Path(shutil.copytree(self.folder / "history", self.folder / name / "history"))

    def found(self, name: str, evidence: NightEvidence) -> Judged:
        """What lies in a folder, by the name that was given to it."""
        verdicts = pq.read_table(self.folder / name / "verdicts.parquet")
        history = History.open(self.folder / name / "history")
        kept = pq.read_table([*history.paths()], partitioning=None)
        return Judged(verdicts, evidence, kept.sort_by(_IN_ORDER))

    def verify(
        self,
        engine: Engine,
        scans: Path,
        day: date,
        history: Path,
        watch: Progress = unwatched,
    ) -> NightReport:
        """Verify one night; its verdicts lie beside the history."""
        folder, now = history.parent, judged_at(day)
        scratch = folder / f"scratch [{day}]"
        scratch.mkdir(parents=True)
        files = take_in([scans], scratch=scratch / "taken", now=now)
        context = Context(
            trust_list=self.night.trust,
            root_public_key=_point_of(self.night.root),
            now=now,
            known=self.night.known,
            wrong_clocks=files.wrong_clocks,
        )
        job = Job(
            files=files,
            context=context,
            out=folder / "verdicts.parquet",
            scratch=scratch / "judged",
            history=history,
        )
        job.scratch.mkdir()
        return verify_night(job, engine, watch)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    folder = tmp_path_factory.mktemp("plant")
    night = synthesize(_PLAN, folder / "night")
    for path in (night.scans, *night.earlier):
        pq.write_table(_adrift(pq.read_table(path)), path, row_group_size=_GROUP_ROWS)
    made = Plant(folder, night)
    for scans, day in zip(night.earlier, _PLAN.days, strict=False):
        made.verify(DuckdbEngine(), scans, day, folder / "history")
    return made


@pytest.fixture(scope="module")
def on_one_machine(plant: Plant) -> Judged:
    return plant.judged(DuckdbEngine(), "one machine")


@pytest.fixture
def cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Cluster]:
    """One with a spare worker for each that a test kills."""
    monkeypatch.setenv("SPARK_CONF_DIR", str(quick_jobs(tmp_path)))
    with running_cluster(tmp_path / "cluster", workers=request.param) as running:
        yield running


@pytest.mark.parametrize("cluster", [2], indirect=True, ids=["two workers"])
def test_a_cluster_says_of_every_scan_what_one_machine_says(
    plant: Plant, on_one_machine: Judged, cluster: Cluster
) -> None:
    """By the command, as a person gives it; Spark's own words are kept from the person."""
    folder, night = plant.history_for("cluster").parent, plant.night
    asked = [
        ("scans", "verify", night.scans, "--out", folder / "verdicts.parquet"),
        ("--history", folder / "history", "--known", night.known),
        ("--trust", night.trust, "--root", night.root, "--home", plant.folder / "home"),
        ("--engine", "spark", "--master", cluster.address),
        ("--simulated-clock", "--now", judged_at(_PLAN.on).isoformat()),
    ]
    command = [Path(sys.executable).with_name("franking"), *chain(*asked), "--json"]
    told = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, ""), told.stdout
    answer = json.loads(told.stdout)
    assert answer["rows"] == on_one_machine.verdicts.num_rows
    assert [each["scanner"] for each in answer["disputed_scanners"]] == [_ADRIFT]
    evidence = read((folder / "verdicts.suspicions.json").read_bytes())
    _are_equal(plant.found("cluster", evidence), on_one_machine)
    assert sorted(path.name for path in folder.iterdir()) == [
        "history",
        "verdicts.parquet",
        "verdicts.suspicions.json",
    ]


@pytest.mark.parametrize("cluster", [3], indirect=True, ids=["three workers"])
def test_workers_killed_at_work_change_nothing(
    plant: Plant, on_one_machine: Judged, cluster: Cluster
) -> None:
    """One dies while it examines; another while scans are related, with what was on its disk."""
    glances: Counter[str] = Counter()
    killed: list[str] = []

    def kill(stage: str, done: int, of: int | None) -> None:
        glances[stage] += of is not None
        if glances[stage] == _KILLED_AT.get(stage) and stage not in killed:
            cluster.workers[len(killed)].kill()
            killed.append(stage)

    judged = plant.judged(SparkEngine(master=cluster.address), "killed", kill)
    assert killed == ["examining", "relating"]
    _are_equal(judged, on_one_machine)


def test_the_night_that_is_compared_has_every_fraud_in_it(on_one_machine: Judged) -> None:
    reasons = set(on_one_machine.verdicts["reasons"].combine_chunks().flatten().to_pylist())
    assert {"SIGNATURE_FALSE", "DUPLICATE", "OVERLAP", "ROLLED_BACK", "REFUNDED"} <= reasons
    assert len(_PLAN.frauds) == len(Fraud)


def _are_equal(judged: Judged, expected: Judged) -> None:
    assert judged.verdicts.equals(expected.verdicts)
    assert judged.evidence == expected.evidence
    assert judged.history.equals(expected.history)


def _adrift(scans: pa.Table) -> pa.Table:
    """The scans, where one scanner tells them eight hours too early."""
    column = scans.schema.get_field_index("scanned_at")
    at = scans["scanned_at"]
    off = pc.subtract(at, pa.scalar(timedelta(hours=8), pa.duration("us")))
    told = pc.if_else(pc.equal(scans["scanner"], _ADRIFT), off, at)
    return scans.set_column(column, scans.schema.field(column), told)


def _point_of(pem: Path) -> bytes:
    key = load_pem_public_key(pem.read_bytes())
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
