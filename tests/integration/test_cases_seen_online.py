"""What two counters see of one piece or device opens the same cases as a night of scans."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from franking.home.home import open_home
from franking.home.online_desk import verify_at_desk
from franking.postal.irregularities.opening import Opened, open_cases
from franking.postal.irregularities.records import IrregularityKind
from franking.postal.pieces.online import OnlineScan, OnlineVerifier
from franking.postal.pieces.online_evidence import evidence_of
from franking.verification.verdict import Verdict
from franking.verification.verify import payloads_in
from tests.fixtures_cli import Program, program
from tests.fixtures_postal import PostalWorld, postal_world
from tests.fixtures_verification import NOW, content, signed, trust

__all__ = ["program"]
NEW_YORK = OnlineScan(scanner="counter 3", place="10001")
CHICAGO = OnlineScan(scanner="counter 7", place="60601")
ASCENDING, POSTAGE = content().ascending_mills, content().postage_mills


@pytest.fixture
def world(tmp_path: Path) -> PostalWorld:
    return postal_world(tmp_path)


def looked(world: PostalWorld, payload: bytes, scan: OnlineScan, minutes: int = 0) -> Opened:
    at = NOW + timedelta(minutes=minutes)
    found = OnlineVerifier(world.books).look(payload, trust(), at, scan)
    return open_cases(world.books, evidence_of(found), world.signer, at)


def test_a_copy_that_two_counters_saw_is_one_case_with_both_scans(world: PostalWorld) -> None:
    assert not looked(world, signed(), NEW_YORK).cases
    (case,) = looked(world, signed(), CHICAGO, minutes=10).cases
    assert case.kind is IrregularityKind.COPIED
    assert case.subject.endswith(f"/{ASCENDING}")
    looked(world, signed(), CHICAGO, minutes=20)


def test_a_clone_that_two_counters_saw_is_a_case_of_the_device(world: PostalWorld) -> None:
    looked(world, signed(), NEW_YORK)
    (case,) = looked(world, signed(ascending_mills=ASCENDING + POSTAGE // 2), CHICAGO).cases
    assert case.kind is IrregularityKind.CLONED


def test_an_honest_piece_on_its_way_opens_nothing(world: PostalWorld) -> None:
    for minutes in (0, 1, 2):
        assert not looked(world, signed(), NEW_YORK, minutes=minutes).cases


def test_a_desk_of_a_home_is_told_at_once_and_the_inspector_has_the_case(program: Program) -> None:
    program.evidence("a-letter", "--out", "a-letter.png")
    (payload,) = payloads_in(Path("a-letter.png"))
    home = open_home(program.home)
    first = verify_at_desk(home, payload, NEW_YORK)
    assert (first.verification.verdict, first.opened) == (Verdict.AUTHENTIC, None)
    second = verify_at_desk(home, payload, CHICAGO)
    assert second.verification.verdict is Verdict.UNDETERMINED
    (case,) = program.json("cases", "list")
    assert case["kind"] == IrregularityKind.COPIED
