"""A night of scans is judged as its pieces would be, one by one, by somebody who sees them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools.make_vectors import ROOT_KEY

from franking.scans.context import Context
from franking.scans.duckdb_engine import DuckdbEngine
from franking.scans.intake import take_in
from franking.scans.night import Job, verify_night
from tests.fixtures_batches import Clerk, Scan, nights, trust_list, write_known, write_scans
from tests.fixtures_verification import NOW

Said = list[tuple[str, set[str]]]
"""Verdict and reasons of each scan."""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder = tmp_path_factory.mktemp("batches")
    (folder / "trust.list").write_bytes(trust_list())
    return Context(
        trust_list=folder / "trust.list",
        root_public_key=ROOT_KEY.public_key,
        now=NOW,
        known=write_known(folder),
    )


@pytest.fixture(scope="module")
def desk() -> Iterator[Path]:
    folder = Path(mkdtemp(prefix="franking-nights-"))
    yield folder
    rmtree(folder)


@settings(max_examples=settings().max_examples // 3)
@given(nights(1), st.sampled_from((NOW, NOW, NOW + timedelta(days=30))))
def test_a_night_says_of_each_scan_what_one_who_looks_at_it_alone_says(
    context: Context, desk: Path, scans: list[list[Scan]], now: datetime
) -> None:
    """Under a good trust list, and under one that is stale."""
    (tonight,) = scans
    assert by_night(replace(context, now=now), desk, scans) == by_clerk(tonight, tonight, now)


@settings(max_examples=settings().max_examples // 8)
@given(nights(2))
def test_a_night_is_compared_with_those_before_it(
    context: Context, desk: Path, scans: list[list[Scan]]
) -> None:
    before, tonight = scans
    assert by_night(context, desk, scans) == by_clerk(tonight, before + tonight)


def by_clerk(tonight: list[Scan], seen: list[Scan], now: datetime = NOW) -> Said:
    clerk = Clerk(seen, now)
    verified = [clerk.verify(scan) for scan in tonight]
    return [(one.verdict.value, {reason.value for reason in one.reasons}) for one in verified]


def by_night(context: Context, desk: Path, scans: list[list[Scan]]) -> Said:
    """What is said of the last of some nights, all of them verified with one history."""
    folder = Path(mkdtemp(dir=desk))
    rows: list[dict[str, Any]] = []
    for tonight in scans:
        place = folder / str(tonight[0].night)
        (place / "scratch").mkdir(parents=True)
        job = Job(
            files=take_in(
                [write_scans(place / "scans.parquet", tonight)],
                scratch=place / "scratch",
                now=context.now,
            ),
            context=context,
            out=place / "verdicts.parquet",
            scratch=place / "scratch",
            history=folder / "history" if len(scans) > 1 else None,
        )
        verify_night(job, DuckdbEngine())
        rows = pq.read_table(job.out).to_pylist()
    rmtree(folder)
    return [(row["verdict"], set(row["reasons"])) for row in rows]
