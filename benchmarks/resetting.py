"""Whole resets with their signed messages: request verified, charged and granted, receipt taken.

Devices make their requests and take their grants outside of the time: what is measured is the
provider. Callers ask for one reset each, side by side, and share units of work
(``ResettingFront``); on PostgreSQL beside ``pgbench`` on the same server, in turns, on SQLite
beside a bare durable transaction of two rows. One caller alone shows what sharing brings.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.limits import bare_commits
from benchmarks.measuring import Result, Target
from benchmarks.pgbench import CLIENTS, pgbench, pgbench_server, prepare_pgbench
from benchmarks.provider_desk import ProviderDesk, provider_desk
from benchmarks.setting import Setting
from franking.provider.resetting.front import ResettingFront
from franking.provider.schema import SCHEMA
from franking.storage import Database

CALLERS = (1, 8, 32, 128)
AMOUNT_MILLS = 1_000


@dataclass(frozen=True, slots=True)
class _Measured:
    """Whole resets a second, by the number of callers, and the peer's rate in the same run."""

    resets: dict[int, float]
    peer: float


def run(setting: Setting) -> Sequence[Result]:
    """Resets by one to 128 callers on either database, and its peer, in turns."""
    return [*_on_postgresql(setting), *_on_sqlite(setting)]


def _on_postgresql(setting: Setting) -> Iterator[Result]:
    with pgbench_server(("bench", "provider")) as server:
        prepare_pgbench(server, scale=setting.size(full=50, quick=10))
        where = Database(server.database_url("provider"), SCHEMA.domain)
        with _desk(setting, where) as desk:
            seconds = 2.0 if setting.pace.quick else 5.0
            found = _measured(setting, desk, lambda: pgbench(server, seconds))
    yield from _results(found, "PostgreSQL", f"pgbench -M prepared -c {CLIENTS}", 0.35)


def _on_sqlite(setting: Setting) -> Iterator[Result]:
    with _desk(setting, setting.folder / "provider.sqlite") as desk:
        bare = bare_commits(setting.folder / "bare", repeats=200)

        def peer() -> float:
            began = time.perf_counter()
            return bare() / (time.perf_counter() - began)

        found = _measured(setting, desk, peer)
    yield from _results(found, "SQLite", "a bare durable transaction of two rows", 0.12)


@contextmanager
def _desk(setting: Setting, where: Path | Database) -> Iterator[ProviderDesk]:
    folder = setting.folder / f"desk-{type(where).__name__}"
    folder.mkdir(parents=True)
    (setting.folder / "bare").mkdir(exist_ok=True)
    desk = provider_desk(folder, where, devices=setting.size(full=192, quick=128))
    try:
        yield desk
    finally:
        desk.close()
        shutil.rmtree(folder)


def _measured(setting: Setting, desk: ProviderDesk, peer: Callable[[], float]) -> _Measured:
    rates: dict[int, list[float]] = {count: [] for count in CALLERS}
    beside: list[float] = []
    fronts = {count: ResettingFront(desk.books, desk.signer, lambda: desk.now) for count in CALLERS}
    for _ in range(2 if setting.pace.quick else 5):
        for count in CALLERS:
            rates[count].append(_rate(desk, fronts[count], count))
        beside.append(peer())
    return _Measured(
        {count: statistics.median(each) for count, each in rates.items()},
        statistics.median(beside),
    )


def _rate(desk: ProviderDesk, front: ResettingFront, callers: int) -> float:
    """Whole resets a second: every device asks once, every receipt comes back once."""
    asked = desk.requests(AMOUNT_MILLS)
    with ThreadPoolExecutor(callers) as pool:
        began = time.perf_counter()
        grants = list(pool.map(front.grant, asked))
        granted = time.perf_counter() - began
        receipts = desk.receipts(grants)
        began = time.perf_counter()
        list(pool.map(front.take_receipt, receipts))
        taken = time.perf_counter() - began
    return len(asked) / (granted + taken)


def _results(found: _Measured, database: str, peer: str, ratio: float) -> Iterator[Result]:
    for count, rate in found.resets.items():
        yield Result(
            name=f"whole resets on {database}, {count} callers",
            figure=rate,
            unit="resets/s",
            beside=peer,
            beside_figure=found.peer,
            target=Target(kind="ratio at least", value=ratio) if count == max(CALLERS) else None,
        )
