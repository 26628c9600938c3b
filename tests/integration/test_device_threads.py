"""Many callers of one device: no piece lost or doubled, and a commit shared by those who wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.psd.commit_queue import CommitQueue
from franking.psd.records import Evidence, EvidenceRequest
from franking.psd.store import STORE_FULL, Commit
from tests.fixtures_psd import NOON, Bench, operational
from tests.fixtures_stores import EVERY_PLACE, PlaceKind


@EVERY_PLACE
@pytest.mark.law("PSD-1", "PSD-4")
def test_callers_side_by_side_get_a_debit_each(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=300_000)

    def evidence(number: int) -> Evidence:
        return bench.device.evidence(EvidenceRequest(f"p{number}", 10), NOON)

    with ThreadPoolExecutor(16) as callers:
        pieces = list(callers.map(evidence, [*range(300), *range(300)]))
    assert pieces[:300] == pieces[300:]
    ascending = sorted(piece.content.ascending_mills for piece in pieces[:300])
    assert ascending == list(range(10, 3_010, 10))
    assert bench.device.registers.piece_count == 300
    assert bench.device.check(NOON) == ()


def queue_of(bench: Bench) -> CommitQueue:
    """Where the callers of a device that shares its commits with no other wait."""
    queue = bench.device._queue
    assert isinstance(queue, CommitQueue)
    return queue


def held_up(bench: Bench, callers: int) -> tuple[list[int], Callable[[], None]]:
    """Counts the pieces of each commit; the first waits until every caller has come."""
    append, sizes = bench.store.append, list[int]()
    come, waiting = threading.Event(), queue_of(bench)._waiting

    def counted(commit: Commit) -> None:
        sizes.append(len(commit.entries))
        if len(sizes) == 1:
            come.wait(10)
        append(commit)

    def let_go() -> None:
        while len(waiting) < callers - 1:
            threading.Event().wait(0.001)
        come.set()

    bench.store.append = counted  # type: ignore[method-assign]
    return sizes, let_go


@EVERY_PLACE
def test_callers_who_wait_share_a_commit(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    sizes, let_go = held_up(bench, callers=8)
    with ThreadPoolExecutor(8) as callers:
        pieces = [
            callers.submit(bench.device.evidence, EvidenceRequest(f"p{number}", 1), NOON)
            for number in range(8)
        ]
        let_go()
        assert len({piece.result().sequence for piece in pieces}) == 8
    assert sizes == [1, 7]


@EVERY_PLACE
@pytest.mark.law("PSD-6")
def test_callers_who_overlap_have_no_order_in_time(kind: PlaceKind, tmp_path: Path) -> None:
    """Each gives the moment it came; who is served first decides nothing."""
    bench = operational(kind(tmp_path).create())
    sizes, let_go = held_up(bench, callers=6)
    with ThreadPoolExecutor(6) as callers:
        pieces = [
            callers.submit(
                bench.device.evidence,
                EvidenceRequest(f"p{number}", 1),
                NOON + timedelta(microseconds=6 - number),
            )
            for number in range(6)
        ]
        let_go()
        assert sum(piece.result().content.postage_mills for piece in pieces) == 6
    assert sum(sizes) == 6
    times = [entry.time for entry in bench.device.journal()]
    assert times == sorted(times)


@EVERY_PLACE
@pytest.mark.law("PSD-3")
def test_callers_who_share_a_commit_that_fails_are_all_refused(
    kind: PlaceKind, tmp_path: Path
) -> None:
    bench = operational(kind(tmp_path).create())
    sizes, let_go = held_up(bench, callers=5)
    counted = bench.store.append

    def fails_second(commit: Commit) -> None:
        if len(sizes) == 1:
            sizes.append(len(commit.entries))
            raise STORE_FULL.because("no space")
        counted(commit)

    bench.store.append = fails_second  # type: ignore[method-assign]
    with ThreadPoolExecutor(5) as callers:
        asked = [
            callers.submit(bench.device.evidence_many, [EvidenceRequest(f"p{number}", 1)], NOON)
            for number in range(5)
        ]
        let_go()
        outcomes = [one.result()[0] for one in asked]
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert [one.code for one in refused] == ["STORE_FULL"] * 4
    assert bench.device.registers.piece_count == 1


@EVERY_PLACE
def test_resets_and_evidence_side_by_side_keep_the_control_total(
    kind: PlaceKind, tmp_path: Path
) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=1_000)
    stop = threading.Event()

    def evidencing(caller: int) -> int:
        spent = 0
        while not stop.is_set():
            [outcome] = bench.device.evidence_many([EvidenceRequest(f"{caller}-{spent}", 1)], NOON)
            spent += isinstance(outcome, Evidence)
        return spent

    with ThreadPoolExecutor(4) as callers:
        spending = [callers.submit(evidencing, caller) for caller in range(4)]
        for number in range(20):
            bench.reset(50, NOON, f"r{number}")
        stop.set()
        spent = sum(one.result() for one in spending)
    registers = bench.device.registers
    assert (registers.ascending_mills, registers.control_total_mills) == (spent, 2_000)
    assert bench.device.check(NOON) == ()


@EVERY_PLACE
def test_a_caller_who_is_interrupted_holds_nobody_up(
    kind: PlaceKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it waited or had just been told to lead, the others go on."""
    bench = operational(kind(tmp_path).create())
    queue = queue_of(bench)
    for where in ("_next_jobs", "_serve"):

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as once:
            once.setattr(queue, where, interrupted)
            with pytest.raises(KeyboardInterrupt):
                bench.piece(f"lost-{where}", NOON)
        with ThreadPoolExecutor(4) as callers:
            asked = [callers.submit(bench.piece, f"{where}{at}", NOON) for at in range(8)]
            assert {one.result(timeout=10).content.postage_mills for one in asked} == {320}
    assert not queue._waiting
    assert bench.device.registers.piece_count == 16


@EVERY_PLACE
def test_a_caller_who_stops_waiting_is_passed_over(
    kind: PlaceKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = operational(kind(tmp_path).create())
    sizes, let_go = held_up(bench, callers=3)

    class Impatient(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if threading.current_thread().name.startswith("impatient"):
                raise KeyboardInterrupt
            return super().wait(timeout)

    with ThreadPoolExecutor(1) as first:
        leading = first.submit(bench.piece, "first", NOON)
        while not sizes:
            threading.Event().wait(0.001)
        with monkeypatch.context() as hasty:
            hasty.setattr("franking.psd.commit_queue.threading.Event", Impatient)
            second = ThreadPoolExecutor(1, thread_name_prefix="impatient")
            with second, pytest.raises(KeyboardInterrupt):
                second.submit(bench.piece, "second", NOON).result(timeout=10)
        with ThreadPoolExecutor(2) as others:
            patient = [others.submit(bench.piece, f"p{at}", NOON) for at in range(2)]
            let_go()
            assert len({one.result(timeout=10).sequence for one in [leading, *patient]}) == 3
    assert bench.device.registers.piece_count == 3
