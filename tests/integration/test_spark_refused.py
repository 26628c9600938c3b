"""What a person is told where a night cannot be given to a cluster."""

from __future__ import annotations

import socket
from importlib.util import find_spec as found
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.scans import spark_session as opening
from franking.scans.intake import unwatched
from franking.scans.spark_session import cause_of, see_that_it_can_start, spark_session
from franking.scans.spark_watching import await_worker
from tests.fixtures_spark import quick_jobs, running_cluster


def _refused(master: str) -> Refused:
    with pytest.raises(Refused) as refused:
        see_that_it_can_start(master)
    return refused.value


def test_without_pyspark_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        opening, "find_spec", lambda name: None if name == "pyspark" else found(name)
    )
    refused = _refused("local[2]")
    assert refused.code == "SPARK_NOT_INSTALLED"
    assert "pip install 'franking[spark]'" in refused.remedy


def test_without_java_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    refused = _refused("local[2]")
    assert refused.code == "JAVA_NOT_INSTALLED"
    assert "openjdk-17" in refused.remedy


def test_a_java_home_without_java_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert _refused("local[2]").code == "JAVA_NOT_INSTALLED"


@pytest.mark.parametrize("master", ["", "cluster.example:7077", "hdfs://host"])
def test_what_is_no_cluster_is_asked_for(master: str) -> None:
    refused = _refused(master)
    assert refused.code == "CLUSTER_NOT_NAMED"
    assert "spark://host:7077" in refused.remedy


@pytest.mark.parametrize("master", ["spark://nowhere", "spark://127.0.0.1:99999999", "spark://"])
def test_an_address_that_is_none_is_told_at_once(master: str) -> None:
    assert _refused(master).code == "CLUSTER_NOT_REACHED"


def test_a_master_that_does_not_run_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    refused = _refused(f"spark://127.0.0.1:{port}")
    assert refused.code == "CLUSTER_NOT_REACHED"
    assert refused.is_passing


def test_of_several_masters_one_is_enough() -> None:
    with socket.create_server(("127.0.0.1", 0)) as running:
        see_that_it_can_start(f"spark://127.0.0.1:1,127.0.0.1:{running.getsockname()[1]}")


def test_a_cluster_without_workers_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_CONF_DIR", str(quick_jobs(tmp_path)))
    with (
        running_cluster(tmp_path / "cluster", workers=0) as cluster,
        spark_session(cluster.address, tmp_path / "spark.log") as spark,
        pytest.raises(Refused, match="no worker of spark://") as refused,
    ):
        await_worker(spark, unwatched, patience_seconds=0.5)
    assert refused.value.code == "CLUSTER_HAS_NO_ROOM"


_OF_A_WORKER = """An exception was thrown from the Python worker:
Traceback (most recent call last):
  File "x.py", line 1, in examined
ModuleNotFoundError: No module named 'franking'
"""
_OF_JAVA = """An error occurred while calling o12.parquet.
: java.io.IOException: Mkdirs failed to create file:/proc/x
\tat org.apache.spark.Elsewhere.run(Elsewhere.scala:1)
"""


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (_OF_A_WORKER, "ModuleNotFoundError: No module named 'franking'"),
        (_OF_JAVA, "java.io.IOException: Mkdirs failed to create file:/proc/x"),
        ("[PATH_NOT_FOUND] Path does not exist\nmore", "[PATH_NOT_FOUND] Path does not exist"),
        ("", "RuntimeError"),
    ],
)
def test_of_a_long_error_the_cause_is_told(said: str, cause: str) -> None:
    assert cause_of(RuntimeError(said)) == cause
