"""The daily close over a million transactions, and the quarterly list of the country's meters.

A day of a quarter of a million devices, each with a deposit, a reset, its receipt and use: four
postings a device, with the grants, payments, bank file and registers that they have to agree with.
The close reads every posting, holds the three records against each other, and sends the day's
activity and each download in signed messages. The list is of 1,500,000 meters in service (62 FR
1001, January 1997). Each runs in a process of its own; its memory is the most that it ever had.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import psycopg
from tools.postgresql_server import PostgresqlServer

from benchmarks.closing_day import DAY, fill_day, fill_meters
from benchmarks.fleet import start
from benchmarks.measuring import Result, Target, seconds
from benchmarks.setting import Setting
from franking.provider.books import open_books
from franking.provider.closing.commands import close_day
from franking.provider.identity import establish_provider
from franking.provider.reports.in_service import write_list
from franking.psd.vault.software import SoftwareVault
from franking.rules.calendars import postal_quarter
from franking.storage import Database, Where

_MORNING = datetime(DAY.year, DAY.month, DAY.day, 6, tzinfo=timezone(timedelta(hours=-4)))
_FACTOR = 4
"""By how much the large day is larger than the small one."""


class Run(NamedTuple):
    """How long something took, on the clock and of the processor, and the most memory ever had."""

    seconds: float
    processor_seconds: float
    megabytes: float


def run(setting: Setting) -> Sequence[Result]:
    """The close on both databases, and the list on the larger one."""
    transactions = setting.size(full=1_000_000, quick=40_000)
    meters = setting.size(full=1_500_000, quick=30_000)
    server = start(setting.folder / "pg")
    try:
        places: dict[str, Callable[[str], Where]] = {
            "PostgreSQL": lambda name: _database(server, name),
            "SQLite": lambda name: setting.folder / f"{name}.sqlite3",
        }
        closes = [
            each for name, place in places.items() for each in _closes(name, place, transactions)
        ]
        return [*closes, *_lists(server, setting.folder, meters)]
    finally:
        server.stop()


def _closes(name: str, place: Callable[[str], Where], count: int) -> Iterator[Result]:
    small, large = (_closed(place(f"close{size}"), size) for size in (count // _FACTOR, count))
    title = f"daily close of {count:,} transactions, {name}"
    yield Result(
        name=title,
        figure=large.seconds,
        unit="s",
        target=Target(kind="at most", value=120, unit="s"),
        note=f"{large.seconds / count * 1e6:.0f} µs a transaction, reports sent.",
    )
    yield Result(
        name=f"processor time a transaction, {name}",
        figure=large.processor_seconds / count * 1e6,
        unit="µs",
        beside=f"of {count // _FACTOR:,}",
        beside_figure=small.processor_seconds / (count // _FACTOR) * 1e6,
        target=Target(kind="ratio at most", value=1.25),
    )
    yield Result(
        name=f"peak memory of that close, {name}",
        figure=large.megabytes,
        unit="MB",
        beside=f"of {count // _FACTOR:,}",
        beside_figure=small.megabytes,
        target=Target(kind="at most", value=500, unit="MB"),
    )


def _lists(server: PostgresqlServer, folder: Path, count: int) -> Iterator[Result]:
    small, large = (
        _listed(_database(server, f"list{size}"), folder / f"{size}.csv", size)
        for size in (count // 10, count)
    )
    yield Result(
        name=f"quarterly list of {count:,} meters",
        figure=large.seconds,
        unit="s",
        target=Target(kind="at most", value=30, unit="s"),
    )
    yield Result(
        name="peak memory of that list",
        figure=large.megabytes,
        unit="MB",
        beside=f"of {count // 10:,}",
        beside_figure=small.megabytes,
        target=Target(kind="ratio at most", value=1.2),
    )


def _closed(where: Where, transactions: int) -> Run:
    books = open_books(where)
    fill_day(books, transactions)
    books.close()
    return _apart(close_apart, where, transactions)


def _listed(where: Database, path: Path, meters: int) -> Run:
    books = open_books(where)
    fill_meters(books, meters)
    books.close()
    return _apart(list_apart, where, path, meters)


def close_apart(where: Where, transactions: int) -> Run:
    """Close the day, in a process of its own.

    Raises:
        AssertionError: the day did not close without a difference.
    """
    books, vault = open_books(where), SoftwareVault.in_memory()
    own = establish_provider(books, vault, name="Provider", postal_key=b"\4" * 65, now=_MORNING)
    signer, now = vault.open(own.wrapped, "Provider"), _MORNING + timedelta(days=1)
    found: list[Any] = []
    before = process_time()
    took = seconds(lambda: found.append(close_day(books, signer, now, day=DAY)))
    (close,) = found
    if close.differences or close.postings != transactions:
        raise AssertionError(f"{close.postings} postings, {close.differences[:3]}")
    return Run(took, process_time() - before, _peak_megabytes())


def list_apart(where: Where, path: Path, meters: int) -> Run:
    """Write the list, in a process of its own.

    Raises:
        AssertionError: not every meter is in it.
    """
    books, written, before = open_books(where), [], process_time()
    with books.reading() as reading:
        took = seconds(lambda: written.append(write_list(reading, postal_quarter(DAY), path)))
    if written[0].devices != meters:
        raise AssertionError(f"{written[0].devices} meters are listed")
    return Run(took, process_time() - before, _peak_megabytes())


def _apart(work: Callable[..., Run], *given: object) -> Run:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        return apart.submit(work, *given).result()


def _peak_megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


def _database(server: PostgresqlServer, name: str) -> Database:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return Database(server.database_url(name), "provider")
