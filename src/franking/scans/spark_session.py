"""A session on a cluster of Apache Spark: opened with what a night needs, and closed for sure.

Everything about the cluster itself (memory, cores, object storage, archives of Python) is said in
Spark's own ``spark-defaults.conf``, where those who run clusters look for it. What Spark says goes
into a log file, not to the person.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from franking.errors import Refusal

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SPARK_NOT_INSTALLED: Final = Refusal(
    "SPARK_NOT_INSTALLED",
    clause="policy",
    remedy="Install it with `pip install 'franking[spark]'`, or leave out `--engine spark`: the"
    " engine on this machine needs nothing more.",
)
JAVA_NOT_INSTALLED: Final = Refusal(
    "JAVA_NOT_INSTALLED",
    clause="policy",
    remedy="Install a Java 17 runtime (Debian: apt-get install openjdk-17-jre-headless) or set"
    " JAVA_HOME to one; or leave out `--engine spark`.",
)
CLUSTER_NOT_NAMED: Final = Refusal(
    "CLUSTER_NOT_NAMED",
    clause="policy",
    remedy="Name it with `--master`: spark://host:7077, yarn, k8s://https://host:port, or local[2]"
    " to try Spark on this machine alone.",
)
CLUSTER_NOT_REACHED: Final = Refusal(
    "CLUSTER_NOT_REACHED",
    clause="policy",
    remedy="See that the master runs, that its address is right, and that this machine may reach"
    " it; then ask again.",
    http_status=503,
)
CLUSTER_FAILED: Final = Refusal(
    "CLUSTER_FAILED",
    clause="policy",
    remedy="Nothing was written. See that every worker has this version of Franking and sees the"
    " scans, the trust list and the history under the same paths; then ask again.",
    http_status=503,
)

_PREFIXES: Final = ("spark://", "yarn", "k8s://", "local")
_STANDALONE: Final = "spark://"
_REACHED_SECONDS: Final = 5.0
_CAUSE: Final = re.compile(r"(?!pyspark\.)[A-Za-z_][\w.]*(Error|Refused|Exception): ")
_ALWAYS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.ui.showConsoleProgress": "false",
}
"""What the tables of a night take for granted."""
_SQL_TYPES: Final = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.string(): "string",
    pa.date32(): "date",
    pa.timestamp("us", tz="UTC"): "timestamp",
    pa.list_(pa.string()): "array<string>",
}


@contextmanager
def spark_session(master: str, log: Path) -> Iterator[SparkSession]:
    """A session on the cluster at ``master``; what Spark says goes to ``log``.

    Raises:
        Refused: ``SPARK_NOT_INSTALLED``, ``JAVA_NOT_INSTALLED``, ``CLUSTER_NOT_NAMED``,
            ``CLUSTER_NOT_REACHED``.
    """
    see_that_it_can_start(master)
    spark = _started(master, log)
    try:
        yield spark
    finally:
        with suppress(Exception):  # a cluster that is gone cannot be left in order
            spark.stop()


def see_that_it_can_start(master: str) -> None:
    """Refuse early what Spark would say late, at length, and in another language.

    Raises:
        Refused: as ``spark_session``.
    """
    if find_spec("pyspark") is None:
        raise SPARK_NOT_INSTALLED.because("the package pyspark is not there")
    if not _has_java():
        raise JAVA_NOT_INSTALLED.because("no program `java` was found")
    if not master.startswith(_PREFIXES):
        raise CLUSTER_NOT_NAMED.because(f"{master!r} is not the address of a cluster")
    if master.startswith(_STANDALONE):
        _reach(master)


def sql_types(schema: pa.Schema) -> str:
    """An Arrow schema in the words of Spark's SQL: ``file int, row bigint``."""
    return ", ".join(f"`{field.name}` {_SQL_TYPES[field.type]}" for field in schema)


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin" if home else None) is not None


def _reach(master: str) -> None:
    """Masters may be several, for one that takes over: ``spark://a:7077,b:7077``."""
    told = []
    for each in master.removeprefix(_STANDALONE).split(","):
        host, _, port = each.rpartition(":")
        try:
            socket.create_connection((host, int(port)), _REACHED_SECONDS).close()
        except (OSError, ValueError, OverflowError) as no:
            told.append(f"{each}: {no}")
        else:
            return
    raise CLUSTER_NOT_REACHED.because("; ".join(told))


def _started(master: str, log: Path) -> SparkSession:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    # What it would print with every error, by itself, is in the refusal already.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    # Else workers start whatever `python3` they find, which has no Franking.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("Franking: a night of scans")
    for name, value in _ALWAYS.items():
        builder = builder.config(name, value)
    try:
        with _standard_error_to(log):  # the Java program inherits it, and keeps it
            return builder.getOrCreate()
    except (PySparkException, Py4JError) as failed:
        raise CLUSTER_NOT_REACHED.because(f"{master}: {cause_of(failed)}; see {log}") from failed


def cause_of(failed: Exception) -> str:
    """What an error of Spark says, without where in anybody's program that was.

    Where a function of ours failed on a worker, that is the last line of what Python said there.
    """
    lines = [line.strip(": ") for line in str(failed).splitlines() if line.strip()]
    told = [line for line in lines if _CAUSE.match(line)]
    return (told or lines or [type(failed).__name__])[0]


@contextmanager
def _standard_error_to(log: Path) -> Iterator[None]:
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stderr.flush()
    usual = os.dup(2)
    try:
        with log.open("ab") as said:
            os.dup2(said.fileno(), 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(usual, 2)
        os.close(usual)
