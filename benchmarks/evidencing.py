"""Evidence of postage, durable before it is released, beside bare signatures and bare commits."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.limits import bare_commits, bare_pieces, bare_signing
from benchmarks.measuring import Result, Target, Work, rates
from benchmarks.one_provider import LIMITS, NOW, OneProvider, fund, new_device
from benchmarks.setting import Setting
from franking.errors import Refused
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import EvidenceRequest
from franking.psd.vault.software import SoftwareVault

PIECE_MILLS = 32
BATCH = 1_000
CALLERS = 8


def run(setting: Setting) -> Sequence[Result]:
    """Batches of 1,000, lone pieces, and lone pieces of eight callers who share commits."""
    with _funded(setting.folder / "batches") as device:
        names = map(str, itertools.count(1))
        found = rates(setting.pace, batch=_batches(device, names), signing=bare_signing())
    with _funded(setting.folder / "lone") as device:
        found |= rates(
            setting.pace,
            lone=_lone(device, names),
            commits=bare_commits(setting.folder),
            pieces=bare_pieces(setting.folder),
            shared=_shared(device, names),
        )
    apart = 1 / (1 / found["commits"] + 1 / found["signing"])
    return [
        Result(
            name=f"evidence_many, batches of {BATCH:,}",
            figure=found["batch"],
            unit="pieces/s",
            beside="bare deterministic signing",
            beside_figure=found["signing"],
            target=Target(kind="ratio at least", value=0.6),
        ),
        Result(
            name="evidence, one by one",
            figure=found["lone"],
            unit="pieces/s",
            beside="one bare signature and one bare durable commit, in turns",
            beside_figure=found["pieces"],
            note="a lone piece compares both copies of the registers, looks its request id up and"
            " writes four pages (register row, its copy, journal entry, index of request ids)"
            " where the bare commit writes two. The slower the disk, the nearer to 1; on one that"
            " syncs in a tenth of a millisecond the processor decides: 0.56 to 0.78 in our runs.",
        ),
        Result(
            name="the same, strictly",
            figure=found["lone"],
            unit="pieces/s",
            beside="1 / (one commit + one signature), each in a loop of its own",
            beside_figure=apart,
            target=Target(kind="ratio at least", value=0.6),
            note="signatures and commits in loops of their own find warm caches, which no program"
            " that waits for the disk between two signatures does.",
        ),
        Result(
            name=f"evidence, {CALLERS} callers at once",
            figure=found["shared"],
            unit="pieces/s",
            beside="one by one",
            beside_figure=found["lone"],
        ),
        Result(name="bare durable commit", figure=found["commits"], unit="commits/s"),
    ]


def _funded(path: Path) -> PostalSecurityDevice:
    one = OneProvider.new()
    device = new_device(path, one, SoftwareVault.in_memory(), rulebook="meter-1995")
    fund(device, one, amount_mills=LIMITS["meter-1995"])
    return device


def _batches(device: PostalSecurityDevice, names: Iterator[str]) -> Work:
    def work() -> int:
        outcomes = device.evidence_many(_requests(names, BATCH), NOW)
        if any(isinstance(outcome, Refused) for outcome in outcomes):
            raise AssertionError(f"refused: {outcomes[-1]}")
        return BATCH

    return work


def _lone(device: PostalSecurityDevice, names: Iterator[str], repeats: int = 50) -> Work:
    def work() -> int:
        for request in _requests(names, repeats):
            device.evidence(request, NOW)
        return repeats

    return work


def _shared(device: PostalSecurityDevice, names: Iterator[str], each: int = 25) -> Work:
    pool, turn = ThreadPoolExecutor(CALLERS), threading.Lock()

    def caller() -> None:
        with turn:
            requests = _requests(names, each)
        for request in requests:
            device.evidence(request, NOW)

    def work() -> int:
        for done in [pool.submit(caller) for _ in range(CALLERS)]:
            done.result()
        return CALLERS * each

    return work


def _requests(names: Iterator[str], count: int) -> list[EvidenceRequest]:
    return [
        EvidenceRequest(name, PIECE_MILLS, destination="60601123499", rate_category="FCL")
        for name in itertools.islice(names, count)
    ]
