"""Evidence of hosted devices on PostgreSQL, callers sharing commits, beside pgbench's own clients.

Every caller asks for one piece at a time, of any device, and waits for it; ``pgbench`` runs its
TPC-B on the same server, in turns with them. A service on the Internet has its callers as
coroutines of one event loop, which hands over what they ask (``HostedFront``): those are measured
against ``pgbench``. A program whose callers are threads pays for waking each of them.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tools.postgresql_server import PostgresqlServer

from benchmarks.measuring import Result, Target
from benchmarks.one_provider import LIMITS, NOW, OneProvider, Rulebook, fund
from benchmarks.pgbench import CLIENTS, pgbench, pgbench_server, prepare_pgbench
from benchmarks.setting import Setting
from franking.identifiers import DeviceId
from franking.psd.hosted_fleet import HostedFleet
from franking.psd.hosted_front import HostedFront
from franking.psd.records import DeviceProfile, EvidenceRequest
from franking.psd.vault.software import SoftwareVault
from franking.storage import Database

CALLERS = (1, 8, 32)
PIECE_MILLS = 1
RULEBOOK: Rulebook = "ibip-1997"


def run(setting: Setting) -> Sequence[Result]:
    """One, 8 and 32 callers of either kind, and 8 clients of pgbench, in turns."""
    seconds = 2.0 if setting.pace.quick else 5.0
    rounds = 2 if setting.pace.quick else 5
    with (
        pgbench_server(("bench", "fleet")) as server,
        _fleet(server, setting.size(full=500, quick=100)) as (fleet, names),
    ):
        prepare_pgbench(server, scale=setting.size(full=50, quick=10))
        works: dict[str, Callable[[], float]] = {}
        for count in CALLERS:
            works[f"{count} callers"] = _front(fleet, names, count, seconds)
            works[f"{count} threads"] = _threads(fleet, names, count, seconds)
        works["pgbench"] = lambda: pgbench(server, seconds)
        found = _medians(works, rounds)
    return [*_results(found), Result(name="pgbench", figure=found["pgbench"], unit="tps")]


def _results(found: dict[str, float]) -> Iterator[Result]:
    for kind in ("callers", "threads"):
        for count in CALLERS:
            yield _beside_pgbench(found, count, kind)
    for kind in ("callers", "threads"):
        yield Result(
            name=f"32 {kind} beside {CLIENTS}",
            figure=found[f"32 {kind}"],
            unit="pieces/s",
            beside=f"{CLIENTS} {kind}",
            beside_figure=found[f"{CLIENTS} {kind}"],
            target=Target(kind="ratio at least", value=1.0),
        )


def _beside_pgbench(found: dict[str, float], count: int, kind: str) -> Result:
    return Result(
        name=f"evidence, {count} {kind}, many devices",
        figure=found[f"{count} {kind}"],
        unit="pieces/s",
        beside=f"pgbench -M prepared -c {CLIENTS}",
        beside_figure=found["pgbench"],
        target=Target(kind="ratio at least", value=1.0) if count >= CLIENTS else None,
    )


def _medians(works: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(work())
    return {name: statistics.median(rates) for name, rates in taken.items()}


def _front(
    fleet: HostedFleet, names: Sequence[str], count: int, seconds: float
) -> Callable[[], float]:
    """So many coroutines of one event loop."""

    async def work() -> float:
        front = HostedFront(fleet)
        started = time.perf_counter()

        async def caller(place: int) -> int:
            chosen, done = random.Random(place), 0
            while time.perf_counter() < started + seconds:
                await front.evidence(chosen.choice(names), _request(), NOW)
                done += 1
            return done

        done = await asyncio.gather(*(caller(place) for place in range(count)))
        front.close()
        return sum(done) / (time.perf_counter() - started)

    return lambda: asyncio.run(work())


def _threads(
    fleet: HostedFleet, names: Sequence[str], count: int, seconds: float
) -> Callable[[], float]:
    """So many threads."""

    def work() -> float:
        started = time.perf_counter()

        def caller(place: int) -> int:
            chosen, done = random.Random(place), 0
            while time.perf_counter() < started + seconds:
                fleet.evidence(chosen.choice(names), _request(), NOW)
                done += 1
            return done

        with ThreadPoolExecutor(count) as pool:
            done = list(pool.map(caller, range(count)))
        return sum(done) / (time.perf_counter() - started)

    return work


def _request() -> EvidenceRequest:
    return EvidenceRequest(f"p{next(_NUMBERS)}", PIECE_MILLS, destination="60601123499")


_NUMBERS = itertools.count(1)


@contextmanager
def _fleet(server: PostgresqlServer, devices: int) -> Iterator[tuple[HostedFleet, list[str]]]:
    where = Database(server.database_url("fleet"), "fleet")
    fleet = HostedFleet.open(where, SoftwareVault.in_memory())
    one = OneProvider.new()
    try:
        yield fleet, [_funded(fleet, one, number + 1) for number in range(devices)]
    finally:
        fleet.close()


def _funded(fleet: HostedFleet, one: OneProvider, serial: int) -> str:
    """A device of the fleet with all the postage that it may hold."""
    device_id = DeviceId("FK", "1A", serial)
    profile = DeviceProfile(rulebook=RULEBOOK)
    device = fleet.create(device_id, profile, one.anchors, NOW)
    limit = LIMITS[RULEBOOK]
    request = device.certificate_signing_request(NOW)
    device.authorize(one.authorization(request, limit_mills=limit, device=device_id), NOW)
    fund(device, one, amount_mills=limit)
    return str(device_id)
