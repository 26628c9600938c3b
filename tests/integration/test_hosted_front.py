"""Coroutines of one event loop ask a hosted fleet: each gets its own, and they share commits."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from franking.errors import Refused
from franking.psd.hosted_front import HostedFront
from franking.psd.hosted_lane import Lane, Move
from franking.psd.records import Evidence, EvidenceRequest
from franking.psd.store import STORE_FAILING
from tests.fixtures_databases import DATABASES
from tests.fixtures_fleet import FUNDED_MILLS, FleetBench, new_fleet
from tests.fixtures_psd import NOON

EITHER = pytest.mark.parametrize("database", DATABASES)


class Counting:
    """A lane that notes how many devices each commit holds, and fails when it is told to."""

    def __init__(self, lane: Lane) -> None:
        self.lane, self.sizes = lane, list[int]()
        self.failing: list[BaseException] = []

    def commit(self, moves: Sequence[Move]) -> frozenset[str]:
        self.sizes.append(len(moves))
        if self.failing:
            raise self.failing.pop()
        return self.lane.commit(moves)

    def close(self) -> None:
        self.lane.close()


def counted(bench: FleetBench) -> Counting:
    commits = bench.fleet._commits
    counting = Counting(commits._lanes[0])
    commits._lanes, commits._free = (counting,), [counting]
    return counting


def asked(bench: FleetBench, pieces: Sequence[tuple[str, str]]) -> list[Evidence | Refused]:
    """What each coroutine got, in order; a refusal where it was refused."""

    async def all_of_them() -> list[Evidence | BaseException]:
        front = HostedFront(bench.fleet)
        try:
            return await asyncio.gather(
                *(_piece(front, name, request_id) for name, request_id in pieces),
                return_exceptions=True,
            )
        finally:
            front.close()

    outcomes = asyncio.run(all_of_them())
    assert all(isinstance(one, Evidence | Refused) for one in outcomes), outcomes
    return [one for one in outcomes if isinstance(one, Evidence | Refused)]


def _piece(front: HostedFront, name: str, request_id: str) -> Coroutine[Any, Any, Evidence]:
    return front.evidence(name, EvidenceRequest(request_id, 10), NOON)


@EITHER
def test_coroutines_get_a_debit_each_and_share_a_commit(database: str, tmp_path: Path) -> None:
    bench = new_fleet(database, tmp_path)
    counting = counted(bench)

    outcomes = asked(bench, [(name, f"p{at}") for name in bench.names for at in range(4)])

    got = [one.request_id for one in outcomes if isinstance(one, Evidence)]
    assert got == [f"p{at}" for _ in bench.names for at in range(4)]
    assert counting.sizes == [len(bench.names)]
    for name in bench.names:
        with bench.fleet.device(name, NOON) as device:
            assert device.registers.descending_mills == FUNDED_MILLS - 40


@EITHER
def test_a_refused_one_stops_none_of_the_others(database: str, tmp_path: Path) -> None:
    bench = new_fleet(database, tmp_path)

    first, missing, bad, again = asked(
        bench,
        [(bench.names[0], "p1"), ("FK1A9999999999", "p2"), (bench.names[1], "a b"),
         (bench.names[0], "p1")],
    )  # fmt: skip

    assert isinstance(first, Evidence)
    assert first == again
    assert isinstance(missing, Refused)
    assert missing.code == "DEVICE_NOT_THERE"
    assert isinstance(bad, Refused)
    assert bad.code == "REQUEST_UNREADABLE"


@EITHER
def test_a_device_that_another_program_had_is_taken_back(database: str, tmp_path: Path) -> None:
    bench = new_fleet(database, tmp_path)
    other = bench.another()
    other.evidence(bench.names[0], EvidenceRequest("theirs", 10), NOON)
    other.close()

    outcomes = asked(bench, [(name, "mine") for name in bench.names])

    assert all(isinstance(one, Evidence) for one in outcomes)
    with bench.fleet.device(bench.names[0], NOON) as device:
        assert device.registers.descending_mills == FUNDED_MILLS - 20


@EITHER
def test_a_commit_in_doubt_releases_nothing_and_is_asked_again(
    database: str, tmp_path: Path
) -> None:
    bench = new_fleet(database, tmp_path)
    counted(bench).failing.append(STORE_FAILING.because("the cable was pulled"))
    pieces = [(name, "p1") for name in bench.names]

    refused = asked(bench, pieces)
    outcomes = asked(bench, pieces)

    assert {one.code for one in refused if isinstance(one, Refused)} == {"STORE_FAILING"}
    assert len(refused) == len(pieces)
    assert all(isinstance(one, Evidence) for one in outcomes)
