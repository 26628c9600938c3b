"""Commands of many writers on PostgreSQL: each on its own record, beside one chain for all.

Each writer is a process that runs small commands on a record of its own. Where every row of the
journal follows the one before it, a command has to have the whole books for itself, which is what
a unit of work without named records does: that is the peer. A checkpoint and a bulk import stand
beside the bare loop that they can not beat.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

import psycopg
from sqlalchemy import MetaData
from tools.postgresql_server import start_server

from benchmarks.measuring import Result, Target
from benchmarks.setting import Setting
from franking.storage import Act, Actor, Books, Database, Schema
from franking.storage.checkpoints import take_checkpoint
from franking.storage.journal import check
from franking.storage.tree import leaf_hash

SCHEMA = Schema("writers", 1, MetaData())
NOW = datetime(1997, 6, 2, 9, 30, tzinfo=UTC)
CLERK = Actor("a writer", "clerk")
WRITERS = (1, 8, 32)


class NoKey:
    """Signs nothing: what a checkpoint costs without its one signature."""

    name = "nobody"

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        return leaf_hash(data) * 2


def run(setting: Setting) -> Sequence[Result]:
    """Writers in turns, then a bulk command and a checkpoint over its rows."""
    folder = setting.folder
    folder.chmod(0o755)
    server = start_server(folder / "pg", durable=True, settings=("max_connections=100",))
    try:
        where = Database(server.url, SCHEMA.domain)
        Books.open(where, SCHEMA, by=CLERK).close()
        rounds = setting.size(full=5, quick=1)
        seconds = setting.size(full=3, quick=1)
        found = [_compared(where, count, rounds, seconds) for count in WRITERS]
        return [*found, *_bulk(where, setting.size(full=100_000, quick=5_000))]
    finally:
        server.stop()


def _compared(where: Database, writers: int, rounds: int, seconds: int) -> Result:
    own, all_ = [], []
    for _ in range(rounds):
        own.append(_rate(where, writers, seconds, named=True))
        all_.append(_rate(where, writers, seconds, named=False))
    return Result(
        name=f"{writers} writers, each on its own record",
        figure=statistics.median(own),
        unit="commands/s",
        beside="one chain: each has the books for itself",
        beside_figure=statistics.median(all_),
        target=Target(kind="ratio at least", value=1.5) if writers == 8 else None,
    )


def _rate(where: Database, writers: int, seconds: int, *, named: bool) -> float:
    spawn = multiprocessing.get_context("fork")
    together, pipes, children = spawn.Barrier(writers), [], []
    for number in range(writers):
        mine, its = spawn.Pipe(duplex=False)
        child = spawn.Process(target=_write, args=(where, number, seconds, named, together, its))
        child.start()
        pipes.append(mine)
        children.append(child)
    done = sum(pipe.recv() for pipe in pipes)
    for child in children:
        child.join()
    return float(done) / seconds


def _write(
    where: Database, number: int, seconds: int, named: bool, together: Barrier, told: Connection
) -> None:
    books = Books.open(where, SCHEMA, by=CLERK)
    record, done = f"writer:{number}", 0
    together.wait()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with books.work(NOW, "write", on=(record,) if named else ()) as work:
            work.record(Act(record=record, clauses=("policy",), inputs={"n": done}))
        done += 1
    told.send(done)
    books.close()


def _bulk(where: Database, rows: int) -> list[Result]:
    books = Books.open(where, SCHEMA, by=CLERK)
    began = time.perf_counter()
    with books.work(NOW, "import") as work:
        for number in range(rows):
            work.record(Act(record=f"thing:{number}", inputs={"n": number}))
    imported = rows / (time.perf_counter() - began)
    peer = _executemany(where, rows)
    began = time.perf_counter()
    taken = take_checkpoint(books, NoKey(), NOW)
    headed = taken.size / (time.perf_counter() - began)
    began = time.perf_counter()
    with books.reading() as reading:
        checked = check(reading.connection, SCHEMA.journal)
    verified = checked.entries / (time.perf_counter() - began)
    books.close()
    return [
        Result(
            name=f"a command that tells of {rows:,} records",
            figure=imported,
            unit="records/s",
            beside="the driver's executemany of the same two rows each",
            beside_figure=peer,
            target=Target(kind="ratio at least", value=0.5),
        ),
        Result(name="a checkpoint over new rows", figure=headed, unit="rows/s"),
        Result(name="a full check of the journal", figure=verified, unit="rows/s"),
    ]


def _executemany(where: Database, rows: int) -> float:
    """The same rows in bare tables of the same shape, as the driver writes many."""
    columns = "record, number, at, by, command, clauses, digest, before, hash"
    row = ("import", "1997-06-02T09:30:00.000000Z", "clerk", "import", "", *["0" * 64] * 3)
    journal = [(f"bare:{n}", 1, *row[1:]) for n in range(rows)]
    beside = [(f"bare:{n}", 1, b"0" * 16, '{"n":1}') for n in range(rows)]
    with psycopg.connect(where.url) as connection:
        connection.execute(f"SET search_path TO {where.schema}".encode())
        began = time.perf_counter()
        with connection.cursor() as cursor:
            places = ", ".join(["%s"] * 9)
            cursor.executemany(
                f"INSERT INTO journal ({columns}) VALUES ({places})".encode(), journal
            )
            cursor.executemany(b"INSERT INTO journal_inputs VALUES (%s, %s, %s, %s)", beside)
        connection.commit()
        took = time.perf_counter() - began
    return rows / took
