"""``pgbench`` on a server of its own: the peer of what is measured on PostgreSQL."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from tools.postgresql_server import PostgresqlServer, binaries, start_server

CLIENTS = 8


@contextmanager
def pgbench_server(databases: Sequence[str]) -> Iterator[PostgresqlServer]:
    """A server that forgets nothing, in a folder that its own user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="franking-pg-"))
    folder.chmod(0o755)
    settings = ("max_connections=64", "shared_buffers=256MB")
    server = start_server(folder / "server", durable=True, settings=settings)
    try:
        with psycopg.connect(server.url, autocommit=True) as connection:
            for name in databases:
                connection.execute(f"CREATE DATABASE {name}".encode())
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def prepare_pgbench(server: PostgresqlServer, *, scale: int) -> None:
    """Fill the tables of TPC-B in the database ``bench``."""
    _run_pgbench(server, "-i", "-q", "-s", str(scale))


def pgbench(server: PostgresqlServer, seconds: float, *, clients: int = CLIENTS) -> float:
    """Transactions a second of its TPC-B, prepared."""
    words = ("-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(round(seconds)))
    found = re.search(r"tps = ([\d.]+)", _run_pgbench(server, *words))
    if found is None:
        raise RuntimeError("pgbench did not say its rate")
    return float(found[1])


def _run_pgbench(server: PostgresqlServer, *words: str) -> str:
    own = binaries() / "pgbench"
    program = str(own) if own.exists() else shutil.which("pgbench")
    if program is None:
        raise RuntimeError("pgbench is not installed (Debian: postgresql-contrib or postgresql)")
    command = [program, "-h", str(server.folder), "-U", "postgres", *words, "bench"]
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return done.stdout
