"""DuckDB, as every room that asks tables with it opens it: bounded, alone, and off the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from franking.errors import Refusal

TABLES_UNREADABLE = Refusal(
    "TABLES_UNREADABLE",
    clause="policy",
    remedy="Give more memory or disk, or bring back the file that is named; nothing was written.",
    http_status=500,
)

PARQUET: Final = "FORMAT parquet, PARQUET_VERSION v2, COMPRESSION lz4_raw"
"""How tables are written: sorted numbers as their differences, which is smaller than zstd of all
of them and a quarter less work."""


@contextmanager
def session(
    scratch: Path, *, memory_bytes: int = 1 << 30, threads: int = 1
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session that holds at most so much memory and spills the rest into ``scratch``.

    Raises:
        Refused: ``TABLES_UNREADABLE`` for whatever DuckDB cannot do: a damaged file, a full disk,
            too little memory.
    """
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
    except duckdb.Error as error:
        raise TABLES_UNREADABLE.because(str(error).partition("\n")[0]) from error
    finally:
        connection.close()


def parquet(paths: Sequence[Path]) -> str:
    """The files as one table, for a ``FROM``; nothing is read out of their names."""
    names = ", ".join(quoted(path) for path in paths)
    return f"read_parquet([{names}], hive_partitioning = false)"


def quoted(path: Path) -> str:
    """A path as an SQL string."""
    return text(str(path))


def text(given: str) -> str:
    """Any text as an SQL string."""
    return "'" + given.replace("'", "''") + "'"
