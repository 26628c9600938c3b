"""A real cluster of Apache Spark on this machine: a standalone master and workers of their own.

Each is a process on the loopback interface, with ports that the system chose and little memory. A
worker is killed as a machine dies: with its executor and every Python process below it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
WORKERS = 2
_HOST = "127.0.0.1"
_PATIENCE_SECONDS = 120.0
"""How long a process may take to start on a machine that does much else."""
_GLANCE_SECONDS = 0.05
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"
_QUICK_JAVA = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
"""For programs that live for seconds."""
_QUICK_JOBS = {
    "spark.executor.memory": "512m",
    "spark.executor.cores": "1",
    "spark.executor.extraJavaOptions": " ".join(_QUICK_JAVA),
    "spark.driver.extraJavaOptions": " ".join(_QUICK_JAVA),
    "spark.driver.memory": "512m",
    "spark.driver.host": _HOST,
    "spark.driver.bindAddress": _HOST,
}
"""Settings of jobs that fit the workers of ``running_cluster``."""


@dataclass(frozen=True, slots=True)
class Started:
    """A process of the cluster and what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    def says(self, pattern: str) -> str:
        """Wait until a line of the log matches, and return its first group.

        Raises:
            RuntimeError: the process ended, or said nothing of the kind in time.
        """

        def found() -> str | None:
            match = re.search(pattern, self.log.read_text(errors="replace"))
            return match[1] if match else None

        said = awaited(found, while_true=lambda: self.process.poll() is None)
        if said is None:
            raise RuntimeError(f"no {pattern!r} in: {self.log.read_text(errors='replace')[-2000:]}")
        return said

    def kill(self) -> None:
        """Let it die at once, with every process below it."""
        for process in (*below(self.process.pid), self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A master and its workers."""

    address: str
    """``spark://host:port``, as drivers are told it."""
    master: Started
    workers: tuple[Started, ...]

    def stop(self) -> None:
        """End every process."""
        for started in (*self.workers, self.master):
            started.kill()


@contextmanager
def running_cluster(folder: Path, workers: int = WORKERS) -> Iterator[Cluster]:
    """A cluster with its files in ``folder``, gone at the end whatever happens.

    Raises:
        RuntimeError: it does not start, with what it said.
    """
    started: list[Started] = []
    try:
        started.append(_start(folder, "master", _MASTER, "--port", "0"))
        address = started[0].says(r"Starting Spark master at (\S+)")
        started.extend(_start_worker(folder, number, address) for number in range(workers))
        for worker in started[1:]:
            worker.says("(Successfully registered) with master")
        yield Cluster(address, started[0], tuple(started[1:]))
    finally:
        for each in reversed(started):
            each.kill()


def quick_jobs(folder: Path) -> Path:
    """A folder of settings for jobs on such a cluster, for ``SPARK_CONF_DIR``."""
    settings = folder / "settings"
    settings.mkdir()
    lines = "".join(f"{name} {value}\n" for name, value in _QUICK_JOBS.items())
    (settings / "spark-defaults.conf").write_text(lines)
    return settings


def _start_worker(folder: Path, number: int, address: str) -> Started:
    room = folder / f"worker-{number}"
    limits = ("--cores", "1", "--memory", "700m", "--work-dir", str(room))
    return _start(folder, room.name, _WORKER, "--port", "0", *limits, address)


def _start(folder: Path, name: str, program: str, *arguments: str) -> Started:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    # Killed with whoever started it, even where that one is killed: nothing is left over.
    mortal = ("setpriv", "--pdeathsig", "KILL")
    spark = (str(_spark_home() / "bin" / "spark-class"), program)
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*mortal, *spark, "--host", _HOST, "--webui-port", "0", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=_environment(folder),
            start_new_session=True,
        )
    return Started(process, log)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    return {
        **kept,
        "SPARK_HOME": str(_spark_home()),
        "SPARK_LOCAL_IP": _HOST,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": " ".join(_QUICK_JAVA),
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "PYSPARK_PYTHON": sys.executable,
    }


def _spark_home() -> Path:
    found = find_spec("pyspark")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("pyspark is not installed: make setup")
    return Path(found.submodule_search_locations[0])


def awaited(
    look: Callable[[], T | None], *, while_true: Callable[[], bool] = lambda: True
) -> T | None:
    """What ``look`` finds at last; nothing where it finds nothing in time or is told to stop."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (found := look()) is not None or not while_true():
            return found
        time.sleep(_GLANCE_SECONDS)
    return None


def below(process: int) -> list[int]:
    """The processes that a process started, and those that they started, deepest first."""
    found: list[int] = []
    for folder in Path("/proc").glob(f"{process}/task/*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in map(int, folder.read_text().split()):
                found += [*below(child), child]
    return found
