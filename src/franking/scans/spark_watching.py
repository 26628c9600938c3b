"""Telling whoever watches how far a cluster is, and stopping it when nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from franking.errors import Refusal
from franking.scans.intake import Progress

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

CLUSTER_HAS_NO_ROOM: Final = Refusal(
    "CLUSTER_HAS_NO_ROOM",
    clause="policy",
    remedy="See that workers run, and have the memory and cores that spark-defaults.conf asks for,"
    " free of other jobs; then ask again.",
    http_status=503,
)
_GLANCE_SECONDS: Final = 0.25
_DRIVER_AND_ONE: Final = 2


def await_worker(spark: SparkSession, watch: Progress, patience_seconds: float) -> None:
    """Wait until a worker has taken up work for this session.

    Spark itself would wait without an end, and say so in its log only.

    Raises:
        Refused: ``CLUSTER_HAS_NO_ROOM``.
    """
    cluster = spark.sparkContext
    if cluster.master.startswith("local"):
        return
    patience = monotonic() + patience_seconds
    while cluster._jsc.sc().getExecutorMemoryStatus().size() < _DRIVER_AND_ONE:
        if monotonic() > patience:
            raise CLUSTER_HAS_NO_ROOM.because(
                f"no worker of {cluster.master} took up work in {patience_seconds:.0f} seconds"
            )
        watch("waiting for a worker", 0, None)
        sleep(_GLANCE_SECONDS)


def watched(spark: SparkSession, action: Callable[[], None], stage: str, watch: Progress) -> None:
    """Have the cluster do something, and tell how many tasks of it are done.

    How many there are is known only of what has begun, so the end moves.
    """
    with ThreadPoolExecutor(max_workers=1) as waiting:
        done = waiting.submit(action)
        try:
            _glance(spark.sparkContext, done, stage, watch)
        except BaseException:
            spark.sparkContext.cancelAllJobs()
            raise
        done.result()


def _glance(cluster: SparkContext, done: Future[None], stage: str, watch: Progress) -> None:
    while wait((done,), timeout=_GLANCE_SECONDS).not_done:
        tasks, ended = _tasks(cluster)
        watch(stage, ended, tasks or None)


def _tasks(cluster: SparkContext) -> tuple[int, int]:
    """The tasks of the stages at work, and how many of them have ended."""
    told = cluster.statusTracker()
    stages = [told.getStageInfo(number) for number in told.getActiveStageIds()]
    known = [each for each in stages if each is not None]
    return sum(each.numTasks for each in known), sum(each.numCompletedTasks for each in known)
