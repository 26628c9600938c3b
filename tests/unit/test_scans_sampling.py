"""Random samples: the same for everybody, fair to every stratum, honest about their doubt."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.errors import Refused
from franking.scans.operations import Operation
from franking.scans.records import VERDICT
from franking.scans.sampling import Asked, Sample, draw_sample, interval, shared_out

SIZES = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 1000), min_size=1)


def verdicts(path: Path, count: int, **more: Any) -> Path:
    """So many verdicts: every tenth not authentic, devices of different sizes."""
    rows = [
        {
            "file": 0,
            "row": row,
            "verdict": "authentic" if row % 10 else "not authentic",
            "reasons": [] if row % 10 else ["SIGNATURE_FALSE"],
            "device": None if row % 50 == 49 else f"FK1A000000000{min(row % 7, 3)}",
            "place": "10001",
            "operation": "acceptance" if row % 2 else "destination",
        }
        | more
        for row in range(count)
    ]
    whole = [dict.fromkeys(VERDICT.names) | row for row in rows]
    pq.write_table(pa.Table.from_pylist(whole, VERDICT), path, row_group_size=100)
    return path


def drawn(path: Path, scans: int, **more: Any) -> tuple[Sample, list[int]]:
    asked = Asked(**{"scans": scans, "seed": 7, "confidence_percent": 95} | more)
    sample, rows = draw_sample(path, asked)
    assert rows.schema.names == VERDICT.names
    return sample, rows.column("row").to_pylist()


def test_the_same_seed_draws_the_same_sample_and_another_seed_another(tmp_path: Path) -> None:
    path = verdicts(tmp_path / "v.parquet", 1000)
    assert drawn(path, 50)[1] == drawn(path, 50)[1]
    assert drawn(path, 50)[1] != drawn(path, 50, seed=8)[1]


def test_a_sample_does_not_depend_on_the_order_of_the_rows(tmp_path: Path) -> None:
    path = verdicts(tmp_path / "v.parquet", 1000)
    table = pq.read_table(path)
    mixed = list(range(1000))
    random.Random(1).shuffle(mixed)
    pq.write_table(table.take(mixed), tmp_path / "mixed.parquet", row_group_size=33)
    assert drawn(path, 50)[1] == drawn(tmp_path / "mixed.parquet", 50)[1]


def test_a_larger_sample_holds_a_smaller_one(tmp_path: Path) -> None:
    path = verdicts(tmp_path / "v.parquet", 1000)
    assert set(drawn(path, 30)[1]) < set(drawn(path, 60)[1])


@pytest.mark.duty("R95-Pre-I.A-3")
def test_scans_at_destination_offices_are_sampled_by_device(tmp_path: Path) -> None:
    path = verdicts(tmp_path / "v.parquet", 1000, reasons=["SHORT_PAID"])
    sample, rows = drawn(path, 40, by="device", among=Operation.DESTINATION)
    assert all(row % 2 == 0 for row in rows)
    assert sample.population == 500
    assert len(rows) == sample.scans == sum(each.scans for each in sample.strata) == 40
    assert sum(each.population for each in sample.strata) == 500
    for stratum in sample.strata:
        short_paid = {each.name: each for each in stratum.estimates}["short paid"]
        assert (short_paid.found, short_paid.share) == (stratum.scans, 1.0)


@pytest.mark.duty("R95-Pre-I.A-2")
def test_scans_at_acceptance_in_the_plant_are_sampled(tmp_path: Path) -> None:
    path = verdicts(tmp_path / "v.parquet", 200)
    sample, rows = drawn(path, 20, among=Operation.ACCEPTANCE)
    assert all(row % 2 == 1 for row in rows)
    assert sample.as_json()["asked"]["among"] == "acceptance"


def test_scans_of_no_known_device_are_a_stratum_too(tmp_path: Path) -> None:
    sample, _ = drawn(verdicts(tmp_path / "v.parquet", 500), 30, by="device")
    assert "unknown" in {each.name for each in sample.strata}


def test_a_sample_of_everything_leaves_no_doubt(tmp_path: Path) -> None:
    sample, rows = drawn(verdicts(tmp_path / "v.parquet", 100), 1000)
    assert len(rows) == 100
    (share,) = [each for each in sample.estimates if each.name == "not authentic"]
    assert (share.found, share.share, share.low, share.high) == (10, 0.1, 0.1, 0.1)


@pytest.mark.parametrize("by", ["", "device"])
def test_the_intervals_hold_the_truth_as_often_as_they_say(tmp_path: Path, by: str) -> None:
    path = verdicts(tmp_path / "v.parquet", 2000)
    held = 0
    for seed in range(100):
        sample, _ = drawn(path, 100, seed=seed, by=by)
        (found,) = [each for each in sample.estimates if each.name == "not authentic"]
        held += found.low <= 0.1 <= found.high
    assert held >= 90


def test_strata_beyond_the_size_of_the_sample_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="SAMPLE_TOO_SMALL"):
        drawn(verdicts(tmp_path / "v.parquet", 100), 3, by="device")


def test_nothing_to_sample_is_refused(tmp_path: Path) -> None:
    path = verdicts(tmp_path / "v.parquet", 100)
    with pytest.raises(Refused, match="NOTHING_TO_SAMPLE"):
        drawn(path, 3, among=Operation.DELIVERY)
    with pytest.raises(Refused, match="NOTHING_TO_SAMPLE"):
        drawn(verdicts(tmp_path / "none.parquet", 0), 3)


def test_a_file_that_holds_no_verdicts_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"payload": [b"a"]}), tmp_path / "scans.parquet")
    (tmp_path / "letter.parquet").write_bytes(b"Dear sir")
    for name in ("scans.parquet", "letter.parquet", "nothing.parquet"):
        with pytest.raises(Refused, match="VERDICTS_UNREADABLE"):
            drawn(tmp_path / name, 3)


def test_an_interval_is_that_of_the_textbook() -> None:
    """0 of 10: Wilson gives 0 to 0.2775 (Brown, Cai, DasGupta 2001)."""
    assert interval(0.0, 10, 95) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert interval(0.5, 100, 95) == pytest.approx((0.4038, 0.5962), abs=1e-4)


@given(sizes=SIZES, more=st.integers(0, 5000))
def test_shares_add_up_and_leave_no_stratum_out(sizes: dict[str, int], more: int) -> None:
    scans = len(sizes) + more
    shares = shared_out(scans, sizes)
    assert sum(shares.values()) == min(scans, sum(sizes.values()))
    assert all(1 <= shares[name] <= size for name, size in sizes.items())
