"""What scans say of each other, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from franking.scans.relating import relate
from franking.verification.reasons import Reason, bit_of
from tests.fixtures_examined import (
    Scan,
    examined,
    later,
    number_of,
    relations_of,
    said_of,
    table_of,
    task_of,
)

OVERLAP, ROLLED_BACK, DUPLICATE = ["OVERLAP"], ["ROLLED_BACK"], ["DUPLICATE"]
DENVER = {"place": 80201, "scanner": "80201-1"}


def test_a_device_that_goes_on_evenly_is_in_no_doubt(tmp_path: Path) -> None:
    evenly = [examined(320 * turn) for turn in range(1, 50)]
    assert relations_of(tmp_path, evenly) == {}


def test_pieces_that_share_value_are_both_in_doubt_and_their_neighbours_are_not(
    tmp_path: Path,
) -> None:
    clones = [examined(320), examined(640), examined(700), examined(1020)]
    assert relations_of(tmp_path, clones) == {1: OVERLAP, 2: OVERLAP}


def test_a_large_piece_overlaps_every_piece_that_it_covers(tmp_path: Path) -> None:
    scans = [examined(320), examined(640), examined(960), examined(1280, postage=1000)]
    assert relations_of(tmp_path, scans) == {0: OVERLAP, 1: OVERLAP, 2: OVERLAP, 3: OVERLAP}


def test_other_content_at_the_same_ascending_value_is_a_clone(tmp_path: Path) -> None:
    scans = [examined(640, content=1), examined(640, content=2), examined(960)]
    assert relations_of(tmp_path, scans) == {0: OVERLAP, 1: OVERLAP}


def test_devices_do_not_share_registers(tmp_path: Path) -> None:
    assert relations_of(tmp_path, [examined(640), examined(700, serial=2)]) == {}


def test_a_clone_is_found_in_last_months_mail(tmp_path: Path) -> None:
    earlier = [examined(700, file=3)]
    assert relations_of(tmp_path, [examined(640)], earlier) == {0: OVERLAP}


def test_the_order_of_scans_says_nothing(tmp_path: Path) -> None:
    scans = [examined(320 * turn, dated=date(1997, 11, 1 + turn % 20)) for turn in range(1, 40)]
    scans += [examined(330, file=1), examined(6400, file=1)]
    Random(1).shuffle(scans)
    found = relations_of(tmp_path, scans)
    accused = {scans[row]["ascending"] for row, reasons in found.items() if reasons == OVERLAP}
    assert accused == {320, 330, 640}


@pytest.mark.parametrize(
    ("dated", "reasons"),
    [
        pytest.param(date(1997, 11, 20), {}, id="a day after the piece above it: post-dated"),
        pytest.param(date(1997, 12, 19), {}, id="as far ahead as a date may be"),
        pytest.param(date(1997, 12, 20), {0: ROLLED_BACK}, id="a day further than it may be"),
    ],
)
def test_a_date_may_fall_by_as_much_as_dates_may_be_ahead(
    tmp_path: Path, dated: date, reasons: dict[int, list[str]]
) -> None:
    scans = [examined(320, dated=dated), examined(99_840, dated=date(1997, 11, 19))]
    assert relations_of(tmp_path, scans) == reasons


def test_a_date_that_is_still_to_come_rolls_nothing_back(tmp_path: Path) -> None:
    ahead = {"dated": date(1998, 3, 1), "reasons": bit_of(Reason.DATE_TOO_FAR_AHEAD)}
    assert relations_of(tmp_path, [examined(320, **ahead), examined(640)]) == {}


def test_a_rolled_back_piece_has_its_witness_in_evidence(tmp_path: Path) -> None:
    tonight = [examined(320, dated=date(1997, 12, 20))]
    history = [examined(6400, dated=date(1997, 10, 1), file=5, row=77), examined(9600, file=5)]
    related = relate(task_of(tmp_path, table_of(tonight), table_of(history)))
    evidence = pq.read_table(related.evidence).sort_by("turn").to_pylist()
    assert [(row["ascending"], row["tonight"], row["row"]) for row in evidence] == [
        (6400, False, 77),
        (320, True, 0),
    ]


def test_a_copy_in_another_city_is_a_duplicate_and_a_journey_is_not(tmp_path: Path) -> None:
    journey = [examined(320), examined(320, scanned_at=later(30), operation=3)]
    copied = [examined(640), examined(640, scanned_at=later(5), **DENVER)]
    assert relations_of(tmp_path, journey + copied) == {2: DUPLICATE, 3: DUPLICATE}


def test_a_copy_of_last_months_piece_is_found_today(tmp_path: Path) -> None:
    months_ago = examined(320, scanned_at=later(-60 * 24 * 30), operation=5)
    assert relations_of(tmp_path, [examined(320)], [months_ago]) == {0: DUPLICATE}


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param({"signed": False}, id="not signed"),
        pytest.param({"postage": 0}, id="paid for nothing"),
        pytest.param(
            {"reasons": bit_of(Reason.CERTIFICATE_OF_ANOTHER)}, id="another's certificate"
        ),
        pytest.param({"reasons": bit_of(Reason.KEY_COMPROMISED)}, id="a stolen key"),
    ],
)
def test_what_the_device_did_not_sign_casts_no_doubt_on_its_mail(
    tmp_path: Path, stranger: Scan
) -> None:
    assert relations_of(tmp_path, [examined(640), examined(700, **stranger)]) == {}


def test_old_troubles_of_a_device_say_nothing_of_its_honest_piece_of_tonight(
    tmp_path: Path,
) -> None:
    history = [examined(640), examined(700)]
    related = relate(task_of(tmp_path, table_of([examined(6400)]), table_of(history)))
    assert (said_of(related), pq.read_table(related.evidence).num_rows) == ({}, 0)


def test_what_the_books_have_against_a_piece_is_said_of_it(tmp_path: Path) -> None:
    known = tmp_path / "known"
    known.mkdir()
    device = number_of()
    refunds = {"device": [device], "ascending": [320], "refunded": pa.array([10_000], pa.int32())}
    pq.write_table(pa.table(refunds), known / "refunds.parquet")
    totals = {"device": [device, device], "control_total": [500_320, 500_640]}
    pq.write_table(pa.table(totals), known / "totals.parquet")
    task = task_of(tmp_path, table_of([examined(320), examined(640), examined(960)]))
    task = replace(task, context=replace(task.context, known=known))
    assert said_of(relate(task)) == {0: ["REFUNDED"], 2: ["CONTROL_TOTAL_DIFFERS"]}


def test_one_payload_a_great_many_times_is_one_suspicion(tmp_path: Path) -> None:
    copies = [
        examined(320, scanned_at=later(turn), place=60601 + 19600 * (turn % 2))
        for turn in range(5_000)
    ]
    related = relate(task_of(tmp_path, table_of(copies)))
    evidence = pq.read_table(related.evidence).to_pylist()
    assert related.marked_rows == 5_000
    assert (len(evidence), {row["members"] for row in evidence}) == (64, {5_000})


def test_one_device_with_a_great_many_pieces_is_no_trouble(tmp_path: Path) -> None:
    count = 200_000
    many = table_of([examined(320)]).take(pa.array(np.zeros(count, np.int64)))
    numbers = pa.array(range(count))
    for name, values in (("ascending", pc.multiply(numbers, 320)), ("row", numbers)):
        many = many.set_column(many.schema.get_field_index(name), name, values)
    assert said_of(relate(task_of(tmp_path, many))) == {}
