"""Which scans a suspicion lists, where there are more than it lists: both sides are there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from franking.scans.relating import relate
from franking.scans.suspicions import SuspicionKind
from franking.verification.reasons import Reason, bit_of
from tests.fixtures_examined import Scan, examined, later, table_of, task_of

LISTED, DENVER = 64, {"place": 80201, "scanner": "80201-1"}


def evidence_of(
    folder: Path, kind: SuspicionKind, tonight: Sequence[Scan], history: Sequence[Scan] = ()
) -> list[dict[str, Any]]:
    earlier = table_of(history) if history else None
    related = relate(task_of(folder, table_of(tonight), earlier))
    rows = pq.read_table(related.evidence).sort_by("turn").to_pylist()
    return [row for row in rows if row["kind"] == list(SuspicionKind).index(kind)]


def overlap(one: Scan, other: Scan) -> bool:
    low = max(one["ascending"] - one["postage"], other["ascending"] - other["postage"])
    return bool(low < min(one["ascending"], other["ascending"]))


def test_each_of_many_set_back_pieces_stands_beside_its_witness(tmp_path: Path) -> None:
    day = date(1997, 1, 1)
    history = [examined(320 * turn, dated=day + timedelta(days=turn)) for turn in range(1, 301)]
    tonight = [examined(320 * turn + 100, postage=50) for turn in range(1, 201)]
    found = evidence_of(tmp_path, SuspicionKind.ROLLED_BACK, tonight, history)
    assert [row["tonight"] for row in found] == [False, True] * (LISTED // 2)
    witness, accused = found[:2]
    assert witness["ascending"] > accused["ascending"]
    assert witness["dated"] + 30 < accused["dated"]


def test_a_clone_that_covers_a_great_many_pieces_is_listed_with_them(tmp_path: Path) -> None:
    many = [examined(320 * turn) for turn in range(1, 201)]
    clone = examined(64_007, postage=64_000)
    found = evidence_of(tmp_path, SuspicionKind.CLONED, [*many, clone])
    assert overlap(*found[:2])
    assert 64_007 in {row["ascending"] for row in found}


def test_a_clone_is_listed_beside_a_piece_that_was_scanned_a_great_many_times(
    tmp_path: Path,
) -> None:
    found = evidence_of(
        tmp_path,
        SuspicionKind.CLONED,
        [*(examined(320, content=1) for _ in range(200)), examined(320, content=2)],
    )
    assert [row["content"] for row in found[:2]] == [1, 2]
    assert {row["pieces"] for row in found} == {2}


def test_tonights_clone_comes_before_those_of_earlier_nights(tmp_path: Path) -> None:
    history = [examined(320 * turn + part) for turn in range(1, 201) for part in (0, 100)]
    history.append(examined(320_000))
    found = evidence_of(tmp_path, SuspicionKind.CLONED, [examined(319_900)], history)
    assert [row["ascending"] for row in found[:2]] == [319_900, 320_000]


def test_a_copy_of_tonight_is_listed_beside_a_great_many_earlier_ones(tmp_path: Path) -> None:
    history = [examined(320, scanned_at=later(turn - 999)) for turn in range(100)]
    tonight = [examined(320, scanned_at=later(5), **DENVER)]
    found = evidence_of(tmp_path, SuspicionKind.COPIED, tonight, history)
    assert [row["tonight"] for row in found[:2]] == [False, True]


@pytest.mark.parametrize("reason", [Reason.SHORT_PAID, Reason.DESCENDING_OVER_LIMIT])
def test_what_a_stolen_key_signed_is_held_against_the_key_alone(
    tmp_path: Path, reason: Reason
) -> None:
    stolen = examined(320, reasons=bit_of(Reason.KEY_COMPROMISED) | bit_of(reason), bearing=2)
    related = relate(task_of(tmp_path, table_of([stolen])))
    kinds = pq.read_table(related.evidence)["kind"].to_pylist()
    assert kinds == [list(SuspicionKind).index(SuspicionKind.DEVICE_ENDED)]
