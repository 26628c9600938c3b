"""Judging a night on a cluster of Apache Spark: the functions and the SQL of one machine on many.

Workers read the scans, examine them and conclude by the functions that one machine uses; between,
Spark runs the statements of ``franking.scans.relations``. A worker that dies is Spark's to replace,
and what it wrote halfway does not count: only the files of tasks that ended are kept (by Spark's
own committer). Scratch, history, scans and trust list lie where every worker sees them under the
same path.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from franking import __version__
from franking.scans import relations
from franking.scans.concluding import conclude
from franking.scans.context import Context
from franking.scans.disputes import ROUNDS_MAX, DisputedScanner, disputed_in
from franking.scans.examining import examine
from franking.scans.history import ORDER, History, Part
from franking.scans.intake import Chunk, Progress, read_chunk
from franking.scans.journeys import Pace
from franking.scans.night import Job, Judged, disbelieving, numbers_before, numbers_kept
from franking.scans.records import EXAMINED, KNOWN_REFUNDS, KNOWN_TOTALS, NUMBERED, VERDICT
from franking.scans.spark_session import (
    CLUSTER_FAILED,
    cause_of,
    see_that_it_can_start,
    spark_session,
    sql_types,
)
from franking.scans.spark_watching import await_worker, watched

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Batches = Iterable[pa.RecordBatch]

_ROWS_A_PART: Final = 250_000
_OF_SMALL_NIGHTS: Final = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""Plans and programs that pay for big tables cost more than all of a small one."""
_TASKS_A_CORE: Final = 4
_CHUNKS_A_TASK: Final = 4
_PATTERN: Final = re.compile(r"[][{}*?\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkEngine:
    """Judges on the cluster at ``master``."""

    master: str
    patience_seconds: float = 300.0
    """How long a cluster may take to give the night its first worker."""
    name: str = "spark"

    def judge(self, job: Job, history: History | None, watch: Progress) -> Judged:
        """Judge every scan of the job, beside the history as it stands.

        What Spark says lies beside the verdicts where the night comes to nothing.

        Raises:
            Refused: as ``spark_session``, ``await_worker`` and ``examine``; ``CLUSTER_FAILED``
                where the cluster gave the work up.
        """
        see_that_it_can_start(self.master)
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        job = _anywhere(job)
        examine(_no_scans(), job.context)  # what cannot be opened at all is said here, plainly
        log = job.out.with_suffix(".spark.log")
        with spark_session(self.master, log) as spark:
            await_worker(spark, watch, self.patience_seconds)
            try:
                judged = _Night(spark=spark, job=job, history=history, watch=watch).judged()
            except (PySparkException, Py4JError) as failed:
                raise CLUSTER_FAILED.because(f"{cause_of(failed)}; see {log}") from failed
        log.unlink(missing_ok=True)
        return judged


@dataclass(frozen=True, slots=True, kw_only=True)
class _Night:
    spark: SparkSession
    job: Job
    history: History | None
    watch: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    def judged(self) -> Judged:
        """Examine, relate, conclude; what is between them lies in files or can be made again."""
        self._prepare()
        self._examine()
        night = self
        disputed: tuple[DisputedScanner, ...] = ()
        for turn in range(ROUNDS_MAX):
            new = night._disputed("relating" if not turn else f"relating again {turn}")
            if not new:
                break
            disputed += new
            night = replace(self, job=disbelieving(self.job, disputed))
        else:
            night._relate()
        return night._ended(disputed)

    def _disputed(self, stage: str) -> tuple[DisputedScanner, ...]:
        """Relate the scans; whose times that shows not to be believed."""
        self._relate()
        met = self._written(self.spark.table("met"), stage)
        tables = [pq.read_table(path, schema=relations.MET) for path in met]
        return disputed_in(pa.concat_tables(tables), self.job.context) if tables else ()

    def _ended(self, disputed: tuple[DisputedScanner, ...]) -> Judged:
        """What comes of the relations as they stand."""
        evidence = self._written(self.spark.table("evidence"), "accusing")
        verdicts, parts = self._conclude(), self._keep()
        return Judged(
            verdicts=iter(verdicts),
            evidence=evidence,
            parts=parts,
            disputed=disputed,
            seconds=self.seconds,
        )

    def _prepare(self) -> None:
        """Plan for as many rows as there are, where those who run the cluster did not say how."""
        cluster = self.spark.sparkContext
        rows = self.job.files.report.rows_judged + (self.history.rows if self.history else 0)
        parts = max(cluster.defaultParallelism, rows // _ROWS_A_PART)
        settings = {"spark.sql.shuffle.partitions": str(parts)}
        settings |= _OF_SMALL_NIGHTS if rows < _ROWS_A_PART else {}
        for name, value in settings.items():
            if not cluster.getConf().contains(name):
                self.spark.conf.set(name, value)

    def _examine(self) -> None:
        """Every scan that was taken in, examined where a worker is free."""
        chunks = self.job.files.chunks()
        tasks = _tasks(len(chunks), cores=self.spark.sparkContext.defaultParallelism)
        numbers = self.spark.range(0, len(chunks), 1, tasks)
        examined = numbers.mapInArrow(examining(chunks, self.job.context), sql_types(EXAMINED))
        self._written(examined, "examining")

    def _provide(self) -> None:
        """The tables that the statements read."""
        self._table("tonight", self._tonight())
        self._table("history", self._earlier())
        for name, schema in (("refunds", KNOWN_REFUNDS), ("totals", KNOWN_TOTALS)):
            paths = self.job.context.known_file(f"{name}.parquet")
            self._table(name, self._read(schema, paths))
        numbers = [*numbers_kept(self.job.files, self.history).items()]
        self._table("numbers", self.spark.createDataFrame(numbers, sql_types(relations.NUMBERS)))

    def _tonight(self) -> DataFrame:
        """What was examined, without times of clocks that are wrong, some found out since."""
        from pyspark.sql.functions import when

        rows = self._read(EXAMINED, (self.job.scratch / "examining",))
        wrong = rows["scanner"].isin(*sorted(self.job.context.wrong_clocks))
        believed = rows["scanner"].isNull() | ~wrong
        return rows.withColumn("scanned_at", when(believed, rows["scanned_at"]))

    def _earlier(self) -> DataFrame:
        """The history without the files that come again tonight: no scan is its own copy."""
        paths = () if self.history is None else self.history.paths()
        rows = self._read(EXAMINED, paths)
        again = tuple(numbers_before(self.job.files, self.history).values())
        return rows.where(~rows["file"].isin(*again)) if again else rows

    def _relate(self) -> None:
        """The statements in order; of ``clashing``, the journeys make ``judged``."""
        self._provide()
        context = self.job.context
        for name in relations.STATEMENTS:
            if name == "marked":
                self._table("judged", self._judged(), held=True)
            sql = relations.statement(name, rulebook=context.rulebook, now=context.now)
            self._table(name, self.spark.sql(sql), held=name not in relations.VIEWS)

    def _judged(self) -> DataFrame:
        """All scans of a piece come to one worker, in order."""
        clashing = self.spark.table("clashing").repartition("device", "ascending")
        order = [clashing[name].asc_nulls_last() for name in relations.JOURNEY_ORDER]
        ordered = clashing.sortWithinPartitions(*order)
        context = self.job.context
        judging = journeying(Pace.at(context.rulebook, context.now.date()))
        return ordered.mapInArrow(judging, sql_types(relations.JUDGED))

    def _conclude(self) -> tuple[Path, ...]:
        ordered = self.spark.table("complete").orderBy("file", "row")
        return self._written(ordered.mapInArrow(concluding, sql_types(VERDICT)), "concluding")

    def _keep(self) -> tuple[Part, ...]:
        """The signed scans of new files: whole buckets, numbered and sorted as the history's."""
        if self.history is None or not self.job.keep:
            return ()
        kept = self.spark.table("kept").repartitionByRange("bucket")
        written = self._written(kept.sortWithinPartitions(*ORDER), "keeping")
        files = tuple(numbers_kept(self.job.files, self.history).values())
        brought = (_brought(path, self.history, self.job.files.night, files) for path in written)
        return tuple(part for part in brought if part is not None)

    def _table(self, name: str, rows: DataFrame, *, held: bool = False) -> None:
        from pyspark import StorageLevel

        if held:
            rows = rows.persist(StorageLevel.DISK_ONLY)
        rows.createOrReplaceTempView(name)

    def _read(self, schema: pa.Schema, paths: Sequence[Path]) -> DataFrame:
        if not paths:
            return self.spark.createDataFrame([], sql_types(schema))
        return self.spark.read.schema(sql_types(schema)).parquet(*map(_only, paths))

    def _written(self, rows: DataFrame, stage: str) -> tuple[Path, ...]:
        """The Parquet files that rows were written into; their names are in the order of rows."""
        folder, began = self.job.scratch / stage, perf_counter()
        watched(self.spark, lambda: rows.write.parquet(_address(folder)), stage, self.watch)
        self.seconds[stage] = perf_counter() - began
        return tuple(sorted(folder.glob("*.parquet")))


def examining(chunks: Sequence[Chunk], context: Context) -> Callable[[Batches], Batches]:
    """What a worker does with the numbers of ``chunks``: it reads and examines each."""
    version = __version__

    def examined(numbers: Batches) -> Iterator[pa.RecordBatch]:
        _agree_on(version)
        for batch in numbers:
            for number in batch.column(0).to_pylist():
                yield examine(read_chunk(chunks[number]), context)

    return examined


def _agree_on(version: str) -> None:
    """Two versions may judge differently; one night is judged by one."""
    if __version__ != version:
        raise RuntimeError(f"a worker has Franking {__version__}, and not {version}")


def journeying(pace: Pace) -> Callable[[Batches], Batches]:
    """What a worker does with scans in ``JOURNEY_ORDER``."""

    def judged(clashing: Batches) -> Iterator[pa.RecordBatch]:
        return relations.journeyed(clashing, pace)

    return judged


def concluding(batches: Batches) -> Iterator[pa.RecordBatch]:
    """``conclude`` of each batch."""
    return map(conclude, batches)


def _anywhere(job: Job) -> Job:
    """The same job with paths that do not depend on the folder that somebody is in."""
    context = job.context
    known = context.known.absolute() if context.known else None
    trust_list = context.trust_list.absolute()
    groups = tuple(replace(each, path=each.path.absolute()) for each in job.files.groups)
    return replace(
        job,
        files=replace(job.files, groups=groups),
        context=replace(context, trust_list=trust_list, known=known),
    )


def _address(path: Path) -> str:
    """A path as Spark is told it: of a file, whatever the cluster takes by default."""
    return f"file://{path.absolute()}"


def _only(path: Path) -> str:
    """The address of what is read: there Spark takes some characters for patterns."""
    return _PATTERN.sub(r"\\\g<0>", _address(path))


def _tasks(chunks: int, *, cores: int) -> int:
    """Chunks that lie side by side are read best by one task, yet every core wants several."""
    return max(min(chunks, max(cores * _TASKS_A_CORE, chunks // _CHUNKS_A_TASK)), 1)


def _no_scans() -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], NUMBERED)


def _brought(path: Path, history: History, night: date, files: tuple[int, ...]) -> Part | None:
    """Bring a part to where the history has its own; nothing where no scan is in it."""
    about = pq.read_metadata(path)
    if not about.num_rows:
        return None
    first, last = _range_of(about, EXAMINED.get_field_index("bucket"))
    place = history.new_part(night.isoformat(), first_bucket=first, last_bucket=last)
    shutil.move(path, place)
    relative = str(place.relative_to(history.folder))
    rows = about.num_rows
    return Part(path=relative, first_bucket=first, last_bucket=last, files=files, rows=rows)


def _range_of(about: pq.FileMetaData, column: int) -> tuple[int, int]:
    """The least and the greatest value of a column."""
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    found = [group.column(column).statistics for group in groups]
    return min(each.min for each in found), max(each.max for each in found)
