"""The import of a fleet, beside the driver's plain ``executemany`` of every row that it writes.

A CSV file of meters and PSDs in service is read, checked against the books and the approved models,
and written in one unit of work: device, movement, reading, duties, journal. The peer inserts the
same rows, ready made, into the same tables of empty books, with the same guards, in one
transaction of the bare driver.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
from pysqlite3 import dbapi2
from sqlalchemy import Table, func, select
from tools.postgresql_server import PostgresqlServer

from benchmarks.fleet import start
from benchmarks.measuring import Result, Target, seconds
from benchmarks.setting import Setting
from franking.identifiers import record_id
from franking.provider.books import open_books
from franking.provider.devices.importing import import_fleet
from franking.provider.models import tables as models
from franking.provider.models.records import Leave, OwnModel
from franking.provider.schema import METADATA
from franking.storage import Act, Books, Database, Where

NOW = datetime(1997, 6, 2, 9, 30, tzinfo=UTC)
_TARGET = Target(kind="ratio at least", value=0.5)
Rows = dict[Table, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class _Place:
    """One database, its empty books for the import, and for the peer."""

    name: str
    imported: Where
    plain: Where


def run(setting: Setting) -> Sequence[Result]:
    """The import on SQLite and on PostgreSQL."""
    devices = setting.size(full=100_000, quick=2_000)
    path = setting.folder / "fleet.csv"
    path.write_text("\n".join(_lines(devices)) + "\n", encoding="utf-8")
    server = start(setting.folder / "pg")
    try:
        return [_result(place, path, devices) for place in _places(setting.folder, server)]
    finally:
        server.stop()


def _places(folder: Path, server: PostgresqlServer) -> Iterator[_Place]:
    yield _Place("SQLite", folder / "imported.sqlite3", folder / "plain.sqlite3")
    with psycopg.connect(server.url, autocommit=True) as connection:
        for name in ("imported", "plain"):
            connection.execute(f"CREATE DATABASE {name}".encode())
    imported, plain = (
        Database(server.database_url(name), "provider") for name in ("imported", "plain")
    )
    yield _Place("PostgreSQL", imported, plain)


def _result(place: _Place, path: Path, devices: int) -> Result:
    books = _books(place.imported)
    before = {table: _count(books, table) for table in METADATA.tables.values()}
    took = seconds(lambda: import_fleet(books, path, by="a benchmark", now=NOW))
    written = _written(books, before)
    rows = sum(map(len, written.values()))
    books.close()
    plain = _plain(place.plain, written)
    return Result(
        name=f"import of {devices:,} devices, {place.name}",
        figure=devices / took,
        unit="devices/s",
        beside="executemany of its rows",
        beside_figure=devices / plain,
        target=_TARGET,
        note=f"{rows:,} rows; {took:.1f} s in all, {plain:.1f} s for the peer.",
    )


def _books(where: Where) -> Books:
    books = open_books(where)
    for model, rulebook in (("M1", "meter-1995"), ("P1", "ibip-1997")):
        own = OwnModel(
            model=model,
            version="",
            rulebook=rulebook,
            leave=Leave.APPROVED,
            design="0" * 64,
            system="closed",
            submitted_on=date(1996, 1, 2),
        )
        with books.work(NOW, "hear_ModelApproved") as work:
            models.add_model(work, own)
            work.record(Act(record=record_id("model", own.name)))
    return books


def _lines(devices: int) -> Iterator[str]:
    yield "serial,kind,rulebook,model,state,licence,lease,office,installed_on,ascending,descending"
    draw = random.Random(1997)
    for number in range(devices):
        licence = f"{draw.randrange(501, 99950):05d}-{number // 3:06d}"
        used = f"{draw.randrange(10**6)}.{draw.randrange(1000):03d}"
        kind = "PSD,ibip-1997,P1" if number % 10 == 0 else "meter,meter-1995,M1"
        yield (
            f"01{number:08d},{kind},in service,{licence},L{number},{licence[:5]},1997-05-01,"
            f"{used},{draw.randrange(500)}"
        )


def _count(books: Books, table: Table) -> int:
    with books.reading() as reading:
        row = reading.row(select(func.count().label("rows")).select_from(table))
    return int(row.rows) if row else 0


def _written(books: Books, before: dict[Table, int]) -> Rows:
    """Every row that the import added, by table in the order in which they can be inserted."""
    found: Rows = {}
    with books.reading() as reading:
        for table in METADATA.sorted_tables:
            if _count(books, table) > before[table]:
                found[table] = [tuple(row) for row in reading.rows(select(table))]
    return found


def _plain(where: Where, written: Rows) -> float:
    open_books(where).close()
    if isinstance(where, Database):
        with closing(psycopg.connect(where.url)) as connection:
            connection.execute(f"SET search_path TO {where.schema}".encode())
            return _inserted(connection, written, mark="%s")
    with closing(dbapi2.connect(str(where))) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        return _inserted(connection, written, mark="?")


def _inserted(connection: Any, written: Rows, *, mark: str) -> float:
    statements = {
        table: f'INSERT INTO "{table.name}" VALUES ({", ".join([mark] * len(table.c))})'
        for table in written
    }

    def insert() -> None:
        with closing(connection.cursor()) as cursor:
            for table, rows in written.items():
                cursor.executemany(statements[table], rows)
        connection.commit()

    return seconds(insert)
