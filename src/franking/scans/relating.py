"""What the scans of some buckets say of each other, found by DuckDB in bounded memory.

A device lies in one bucket, so groups of buckets are independent of each other: any number of them
may be related at once, each in its own process.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from franking.scans import relations
from franking.scans.context import Context
from franking.scans.embedded import PARQUET, parquet, quoted, session, text
from franking.scans.history import ORDER, Part
from franking.scans.journeys import Pace
from franking.scans.records import EXAMINED, KNOWN_REFUNDS, KNOWN_TOTALS

_BATCH_ROWS: Final = 65_536
_KEPT_ORDER: Final = ", ".join(ORDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The scans of some buckets, and where what is found of them goes."""

    first_bucket: int
    last_bucket: int
    tonight: tuple[Path, ...]
    """Parts of ``EXAMINED``, which hold other buckets too."""
    history: tuple[Path, ...]
    again: tuple[int, ...]
    """Files of the history that were taken in again tonight: not compared with themselves."""
    numbers: tuple[tuple[int, int], ...]
    """The files of tonight that the history takes in, with the numbers it gives them."""
    keep_at: Path | None
    """Where the part for the history goes; ``None`` where it is not grown."""
    out: Path
    """An empty folder for what is found."""
    context: Context
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What was found of some buckets."""

    marked: Path
    marked_rows: int
    evidence: Path
    kept_rows: int
    met: pa.Table
    """``relations.MET`` of these buckets."""


def relate(task: Task) -> Related:
    """Find what the scans of the task's buckets say of each other."""
    task.out.mkdir(parents=True)
    with session(task.out, memory_bytes=task.memory_bytes) as tables:
        _provide(tables, task)
        for name in relations.STATEMENTS:
            if name == "marked":
                _judge_journeys(tables, task)
            make(tables, name, task.context)
        marked, evidence = task.out / "marked.parquet", task.out / "evidence.parquet"
        rows = _write(tables, "SELECT * FROM marked", marked)
        _write(tables, "SELECT * FROM evidence", evidence)
        kept_rows = _keep(tables, task)
        met = tables.sql("SELECT * FROM met").to_arrow_table().cast(relations.MET)
    return Related(marked=marked, marked_rows=rows, evidence=evidence, kept_rows=kept_rows, met=met)


def again(task: Task, context: Context) -> Task:
    """The same task in another context; what it wrote for the history is written over."""
    return replace(task, context=context, out=task.out.with_name(f"{task.out.name}-again"))


def provide_tonight(
    tables: duckdb.DuckDBPyConnection, paths: Iterable[Path], context: Context, where: str = "true"
) -> None:
    """Let ``tonight`` be those rows of the files, without times of clocks that are wrong.

    Some of these clocks were found out only when the scans had been examined.
    """
    provide(tables, "examined", paths, EXAMINED, where)
    wrong = ", ".join(text(scanner) for scanner in sorted(context.wrong_clocks))
    believed = f"CASE WHEN scanner IN ({wrong}) THEN NULL ELSE scanned_at END AS scanned_at"
    replaced = f"REPLACE ({believed})" if wrong else ""
    tables.execute(f"CREATE TEMP VIEW tonight AS SELECT * {replaced} FROM examined")


def provide(
    tables: duckdb.DuckDBPyConnection,
    name: str,
    paths: Iterable[Path],
    schema: pa.Schema,
    where: str = "true",
) -> None:
    """Let ``name`` be those rows of the files, or none where there are no files."""
    columns, paths = ", ".join(schema.names), list(paths)
    if not paths:
        tables.register(name, schema.empty_table())
        return
    tables.execute(f"CREATE VIEW {name} AS SELECT {columns} FROM {parquet(paths)} WHERE {where}")


def _provide(tables: duckdb.DuckDBPyConnection, task: Task) -> None:
    here = f"bucket BETWEEN {task.first_bucket} AND {task.last_bucket}"
    provide_tonight(tables, task.tonight, task.context, here)
    again = f"{here} AND file NOT IN {(*task.again, -1)}" if task.again else here
    provide(tables, "history", task.history, EXAMINED, again)
    for name, schema in (("refunds", KNOWN_REFUNDS), ("totals", KNOWN_TOTALS)):
        provide(tables, name, task.context.known_file(f"{name}.parquet"), schema)
    numbers = zip(*task.numbers, strict=True) if task.numbers else ([], [])
    tables.register("numbers", pa.table(list(map(list, numbers)), schema=relations.NUMBERS))


def make(tables: duckdb.DuckDBPyConnection, name: str, context: Context) -> None:
    """Make the table ``name`` by its statement."""
    kind = "VIEW" if name in relations.VIEWS else "TABLE"
    text = relations.statement(name, rulebook=context.rulebook, now=context.now)
    tables.execute(f"CREATE TEMP {kind} {name} AS {text}")


def _judge_journeys(tables: duckdb.DuckDBPyConnection, task: Task) -> None:
    """Make ``judged`` of ``clashing``, a batch of pieces at a time."""
    path = task.out / "judged.parquet"
    pace = Pace.at(task.context.rulebook, task.context.now.date())
    order = ", ".join(f"{name} NULLS LAST" for name in relations.JOURNEY_ORDER)
    clashing = tables.sql(f"SELECT * FROM clashing ORDER BY {order}")
    with pq.ParquetWriter(path, relations.JUDGED, compression="lz4") as writer:
        batches = (
            batch.cast(relations.CLASHING) for batch in clashing.to_arrow_reader(_BATCH_ROWS)
        )
        for batch in relations.journeyed(batches, pace):
            writer.write_batch(batch)
    provide(tables, "judged", [path], relations.JUDGED)


def _write(tables: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    made = tables.execute(f"COPY ({query}) TO {quoted(path)} ({PARQUET})").fetchone()
    return int(made[0]) if made else 0


def _keep(tables: duckdb.DuckDBPyConnection, task: Task) -> int:
    if task.keep_at is None:
        return 0
    columns = ", ".join(EXAMINED.names)
    return _write(tables, f"SELECT {columns} FROM kept ORDER BY {_KEPT_ORDER}", task.keep_at)


def part_of(task: Task, history: Path, related: Related) -> Part | None:
    """The part that the task wrote for the history, where it wrote any scans."""
    if task.keep_at is None or not related.kept_rows:
        return None
    return Part(
        path=str(task.keep_at.relative_to(history)),
        first_bucket=task.first_bucket,
        last_bucket=task.last_bucket,
        files=tuple(number for _, number in task.numbers),
        rows=related.kept_rows,
    )
