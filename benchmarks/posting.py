"""Postings alone, each with its key, its limits and its journal row, beside ``pgbench``.

Callers post one transfer each from accounts of many licensees, side by side (``PostingFront``); a
batch of 100 is one unit of work. All go through the same two accounts that nobody counts. For
comparison every caller posts into one account that is counted, which a bank would call hot.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from pathlib import Path

from benchmarks.measuring import Result, Target
from benchmarks.pgbench import CLIENTS, pgbench, pgbench_server, prepare_pgbench
from benchmarks.provider_desk import START
from benchmarks.setting import Setting
from franking.ledger import Posting, Transfer
from franking.ledger.front import PostingFront
from franking.provider.books import open_books
from franking.provider.funds import chart
from franking.provider.schema import LEDGER, SCHEMA
from franking.storage import Books, Database

CALLERS = (1, 8, 32)
MANY = 100
_ACCOUNTS = 64
_COMMAND = "accept_receipt"
_numbers = count(1)


def run(setting: Setting) -> Sequence[Result]:
    """Postings a second by one to 32 callers and in batches, on either database."""
    return [*_on_postgresql(setting), *_on_sqlite(setting)]


def _on_postgresql(setting: Setting) -> Iterator[Result]:
    with pgbench_server(("bench", "provider")) as server:
        prepare_pgbench(server, scale=setting.size(full=50, quick=10))
        books = open_books(Database(server.database_url("provider"), SCHEMA.domain))
        seconds = 2.0 if setting.pace.quick else 5.0
        rates = _measured(setting, books, lambda: pgbench(server, seconds))
        books.close()
    yield from _results(rates, "PostgreSQL", f"pgbench -M prepared -c {CLIENTS}")


def _on_sqlite(setting: Setting) -> Iterator[Result]:
    books = open_books(Path(setting.folder) / "provider.sqlite")
    rates = _measured(setting, books, None)
    books.close()
    yield from _results(rates, "SQLite", "")


def _measured(setting: Setting, books: Books, peer: Callable[[], float] | None) -> dict[str, float]:
    front = PostingFront(books, LEDGER, lambda: START, command=_COMMAND)
    size = setting.size(full=2000, quick=400)
    found: dict[str, list[float]] = {}
    for _ in range(2 if setting.pace.quick else 5):
        for callers in CALLERS:
            rate = _by_callers(front, callers, size if callers > 1 else size // 8, hot=False)
            found.setdefault(f"{callers} callers", []).append(rate)
        rate = _by_callers(front, max(CALLERS), size, hot=True)
        found.setdefault(f"{max(CALLERS)} callers into one counted account", []).append(rate)
        found.setdefault(f"batches of {MANY}", []).append(_in_batches(books, size * 2))
        if peer is not None:
            found.setdefault("peer", []).append(peer())
    return {name: statistics.median(each) for name, each in found.items()}


def _by_callers(front: PostingFront, callers: int, size: int, *, hot: bool) -> float:
    postings = [_posting(hot=hot) for _ in range(size)]
    with ThreadPoolExecutor(callers) as pool:
        began = time.perf_counter()
        list(pool.map(front.post, postings))
        return size / (time.perf_counter() - began)


def _in_batches(books: Books, size: int, *, now: datetime = START) -> float:
    postings = [_posting(hot=False) for _ in range(size)]
    began = time.perf_counter()
    for start in range(0, size, MANY):
        with books.work(now, _COMMAND, on=("ledger:batch",)) as work:
            LEDGER.post_many(work, postings[start : start + MANY], now)
    return size / (time.perf_counter() - began)


def _posting(*, hot: bool) -> Posting:
    """A deposit: from the account that everybody posts from, into a licensee's or the hot one."""
    number = next(_numbers)
    into = chart.PROVIDER_DEPOSIT if hot else chart.deposits(f"{number % _ACCOUNTS:08}")
    moved = Transfer(debit=chart.LOCKBOX, credit=into, amount_mills=1_000)
    return Posting(
        key=f"benchmark:{number}", kind="deposit", transfers=(moved,), clause="benchmark"
    )


def _results(rates: dict[str, float], database: str, peer: str) -> Iterator[Result]:
    targets = {
        f"{CLIENTS} callers": Target(kind="ratio at least", value=0.60),
        f"{max(CALLERS)} callers": Target(kind="ratio at least", value=0.60),
    }
    single = rates[f"{CLIENTS} callers"]
    for name, rate in rates.items():
        if name == "peer":
            continue
        isbatch = name.startswith("batches")
        beside = (f"{CLIENTS} callers", single) if isbatch or not peer else (peer, rates["peer"])
        target = Target(kind="ratio at least", value=3.0) if isbatch else None
        yield Result(
            name=f"postings on {database}, {name}",
            figure=rate,
            unit="postings/s",
            beside=beside[0],
            beside_figure=beside[1],
            target=target or (targets.get(name) if peer else None),
        )
