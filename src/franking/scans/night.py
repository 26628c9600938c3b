"""A night of scans from files to verdicts, whichever engine does the work.

``verify_night`` has the engine judge the files that were taken in, writes one file of verdicts with
a row for every row that is judged, and adds the night to the history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from franking.scans.accusing import files_named, suspicions_in
from franking.scans.context import Context
from franking.scans.disputes import DisputedScanner
from franking.scans.examining import bench_of
from franking.scans.history import History, NewFile, Part, hold
from franking.scans.intake import NightFiles, Progress, unwatched
from franking.scans.records import VERDICT, WORDS
from franking.scans.suspicions import NightEvidence, NightFile
from franking.verification.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be verified, by what, and where the result goes."""

    files: NightFiles
    context: Context
    out: Path
    """The Parquet file of verdicts, in the order of files and rows."""
    scratch: Path
    """An empty folder for interim files, as large as the scans; the caller removes it."""
    history: Path | None = None
    """The folder of the history: compared with, and grown by this night, where it is given."""
    keep: bool = True
    """Whether the night is added to the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What an engine leaves in the scratch folder, and what it found."""

    verdicts: Iterator[Path]
    """Parquet parts of ``VERDICT`` rows in order of file and row, each as soon as it is made."""
    evidence: tuple[Path, ...]
    """Parquet parts of ``relations.EVIDENCE``."""
    parts: tuple[Part, ...]
    """Parts for the history, written at ``History.new_part``; none where it is not grown."""
    disputed: tuple[DisputedScanner, ...]
    """Scanners whose times were found not to be believed, and were not."""
    seconds: dict[str, float]
    """How long each stage took; of the last one when all verdicts were taken."""


class Engine(Protocol):
    """What judges a night: on this machine, or on many."""

    @property
    def name(self) -> str:
        """``duckdb`` or ``spark``."""

    def judge(self, job: Job, history: History | None, watch: Progress) -> Judged:
        """Judge every scan of the job, beside the history as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport:
    """What came of a night."""

    night: date
    rows: int
    """Rows judged, which is rows of ``Job.out``."""
    verdicts: dict[Verdict, int]
    """How many scans of each; they add up to ``rows``."""
    evidence: NightEvidence
    disputed: tuple[DisputedScanner, ...]
    """Scanners whose times contradict everybody else's: they counted as unknown."""
    seconds: dict[str, float]
    """How long each stage took."""
    history_rows: int
    """Signed scans that were added to the history."""
    known_before: dict[int, date]
    """Files whose very bytes were taken in on an earlier night: not compared with themselves,
    and not added to the history again."""


def verify_night(job: Job, engine: Engine, watch: Progress = unwatched) -> NightReport:
    """Verify every scan of a night.

    The file of verdicts is there whole or not at all. A history takes the night in last of all, so
    that a night that was broken off can be verified again.

    Raises:
        Refused: ``HISTORY_UNREADABLE``, ``HISTORY_BUSY``, and as ``examine``; never for what
            the scans hold.
    """
    job = replace(job, context=replace(job.context, believed=job.files.believed))
    with _held(job) as history:
        job = _dealt_as(history, job)
        judged = engine.judge(job, history, watch)
        verdicts = _assembled(judged.verdicts, job.out)
        evidence = _evidence(job, history, judged)
        if history is not None and job.keep:
            history.add(job.files.night, new_files(job.files, history), judged.parts)
    return NightReport(
        night=job.files.night,
        rows=sum(verdicts.values()),
        verdicts=verdicts,
        evidence=evidence,
        disputed=judged.disputed,
        seconds=dict(judged.seconds),
        history_rows=sum(part.rows for part in judged.parts),
        known_before={
            number: history.night_of(before)
            for number, before in numbers_before(job.files, history).items()
            if history is not None
        },
    )


def _dealt_as(history: History | None, job: Job) -> Job:
    """The same job, its devices dealt into the buckets that the history began with."""
    if history is None:
        return job
    return replace(job, context=replace(job.context, buckets=history.buckets))


def disbelieving(job: Job, disputed: Collection[DisputedScanner]) -> Job:
    """The same job, where the times of these scanners count as unknown, too."""
    wrong = job.context.wrong_clocks | {each.scanner for each in disputed}
    return replace(job, context=replace(job.context, wrong_clocks=wrong))


def numbers_kept(files: NightFiles, history: History | None) -> dict[int, int]:
    """The number in the history of each file that is new to it, by its number of tonight."""
    if history is None:
        return {}
    known = numbers_before(files, history)
    new = [each.number for each in files.report.files if each.is_judged]
    new = [number for number in new if number not in known]
    return dict(zip(new, range(history.number_next, history.number_next + len(new)), strict=True))


def numbers_before(files: NightFiles, history: History | None) -> dict[int, int]:
    """The number in the history of each file whose bytes it has already, by that of tonight."""
    if history is None:
        return {}
    judged = [each for each in files.report.files if each.is_judged]
    found = {each.number: history.taken(each.sha256) for each in judged}
    return {number: taken.number for number, taken in found.items() if taken is not None}


def new_files(files: NightFiles, history: History) -> tuple[NewFile, ...]:
    """The files that are new to the history, in the order of ``numbers_kept``."""
    kept = numbers_kept(files, history)
    return tuple(
        NewFile(name=each.name, sha256=each.sha256, rows=each.rows)
        for each in files.report.files
        if each.number in kept
    )


@contextmanager
def _held(job: Job) -> Iterator[History | None]:
    if job.history is None:
        yield None
    elif job.keep:
        with hold(job.history) as history:
            yield history
    else:
        yield History.open(job.history)


def _assembled(parts: Iterator[Path], out: Path) -> dict[Verdict, int]:
    """One file of the parts, in its place when it is whole; how many there are of each verdict."""
    counts = dict.fromkeys(Verdict, 0)
    beside = out.with_name(f"{out.name}.new")
    with pq.ParquetWriter(beside, VERDICT, compression="zstd", use_dictionary=WORDS) as writer:
        for part in parts:
            verdicts = pq.read_table(part, schema=VERDICT)
            writer.write_table(verdicts)
            for verdict, count in _counted(verdicts).items():
                counts[verdict] += count
            part.unlink()
    beside.replace(out)
    return counts


def _counted(verdicts: pa.Table) -> dict[Verdict, int]:
    counts = pc.value_counts(verdicts.column("verdict")).to_pylist()
    return {Verdict(each["values"]): each["counts"] for each in counts}


def _evidence(job: Job, history: History | None, judged: Judged) -> NightEvidence:
    issue = bench_of(job.context).trust.issue
    tonight = tuple(
        NightFile(number=each.number, name=each.name, sha256=each.sha256)
        for each in job.files.report.files
    )
    count = len(tonight)
    suspicions = suspicions_in(judged.evidence, job.files.night, history, files=count)
    return NightEvidence(
        night=job.files.night.isoformat(),
        judged_at=job.context.now,
        trust_list=issue.number,
        trust_issued=issue.issued,
        rulebook=job.context.rulebook,
        files=tonight + files_named(suspicions, history, files=count),
        suspicions=suspicions,
    )
