"""DuckDB, as every room that asks tables with it opens it: bounded, alone, and off the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb


@contextmanager
def session(
    scratch: Path, *, memory_bytes: int = 1 << 30, threads: int = 1
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session that holds at most so much memory and spills the rest into ``scratch``."""
    settings = {
        "memory_limit": f"{memory_bytes}B",
        "threads": threads,
        "temp_directory": str(scratch),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
    }
    connection = duckdb.connect(config=settings)
    try:
        connection.execute("SET enable_progress_bar = false")
        yield connection
    finally:
        connection.close()


def parquet(paths: Sequence[Path]) -> str:
    """The files as one table, for a ``FROM``; nothing is read out of their names."""
    names = ", ".join(quoted(path) for path in paths)
    return f"read_parquet([{names}], hive_partitioning = false)"


def quoted(path: Path) -> str:
    """A path as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"
