"""From a night's scans to the inspector's desk: each fraud its case, and nobody else's mail."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from franking.messages.signing import verify
from franking.postal.irregularities import commands
from franking.postal.irregularities.opening import Opened, open_cases
from franking.postal.irregularities.signed import IrregularityRecord
from franking.psd.vault.ecdsa import public_key_object
from franking.scans.context import Context
from franking.scans.duckdb_engine import DuckdbEngine
from franking.scans.intake import take_in
from franking.scans.night import Job, verify_night
from franking.scans.suspicions import NightEvidence, read, written
from franking.world.nights.records import Night
from tests.fixtures_nights import NIGHT_NOW, small_night
from tests.fixtures_postal import PostalWorld, postal_world


def judged(night: Night, folder: Path, *, times: int = 1) -> NightEvidence:
    """What the night makes suspect; the last of as many ``times`` as it is verified."""
    key = load_pem_public_key(night.root.read_bytes())
    assert isinstance(key, EllipticCurvePublicKey)
    context = Context(
        trust_list=night.trust,
        root_public_key=key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        now=NIGHT_NOW,
        known=night.known,
    )
    for place in range(times):
        scratch, intake = folder / f"scratch{place}", folder / f"intake{place}"
        scratch.mkdir(parents=True)
        intake.mkdir()
        job = Job(
            files=take_in([night.scans], scratch=intake, now=NIGHT_NOW),
            context=context,
            out=folder / "verdicts.parquet",
            scratch=scratch,
            history=folder / "history",
        )
        report = verify_night(job, DuckdbEngine(processes=1))
    return report.evidence


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return small_night(tmp_path_factory.mktemp("night") / "night")


@pytest.fixture(scope="module")
def evidence(night: Night, tmp_path_factory: pytest.TempPathFactory) -> NightEvidence:
    return judged(night, tmp_path_factory.mktemp("judged"))


@pytest.fixture
def world(tmp_path: Path) -> PostalWorld:
    return postal_world(tmp_path)


def take(world: PostalWorld, evidence: NightEvidence) -> Opened:
    return open_cases(world.books, evidence, world.signer, NIGHT_NOW)


def records(world: PostalWorld) -> list[IrregularityRecord]:
    key = public_key_object(world.signer.public_key)
    return [
        verify(kept.record, IrregularityRecord, key)
        for line in commands.list_cases(world.books)
        for kept in commands.signed_records(world.books, line.number)
    ]


def test_each_fraud_of_a_night_opens_its_case(world: PostalWorld, evidence: NightEvidence) -> None:
    opened = take(world, evidence)
    kinds = [each.kind for each in commands.list_cases(world.books)]
    assert sorted(set(kinds)) == [
        "cloned",
        "copied",
        "device ended",
        "device missing",
        "forged",
        "refunded yet mailed",
        "rolled back",
        "value not covered",
    ]
    assert opened.findings_only == 4, "short-paid, dates and another office, by ones and twos"


def test_no_honest_piece_stands_in_any_record(
    world: PostalWorld, night: Night, evidence: NightEvidence
) -> None:
    take(world, evidence)
    truth = {row["row"]: row for row in pq.read_table(night.truth).to_pylist()}
    named = {scan.row for record in records(world) for scan in record.scans}
    assert named
    assert [row for row in named if truth[row]["fraud"] is None] == []


def test_a_copy_says_how_far_and_how_soon(world: PostalWorld, evidence: NightEvidence) -> None:
    take(world, evidence)
    (copy,) = [each for each in records(world) if each.kind == "copied"]
    (apart,) = copy.contradictions
    assert apart.miles == pytest.approx(2565, rel=0.02), "from New York to San Francisco"
    assert apart.hours == pytest.approx(1 / 3, abs=0.01)


def test_the_night_verified_again_opens_nothing_twice(
    world: PostalWorld, night: Night, evidence: NightEvidence, tmp_path: Path
) -> None:
    first = take(world, evidence)
    again = take(world, judged(night, tmp_path / "again", times=2))
    assert (again.cases, again.borne_out) == ([], [])
    assert again.known == len(first.cases)
    assert again.suspicions == first.suspicions


def test_evidence_is_taken_along_as_a_file(evidence: NightEvidence) -> None:
    assert read(written(evidence)) == evidence
