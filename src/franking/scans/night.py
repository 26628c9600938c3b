"""A night of scans from files to verdicts, whichever engine does the work.

``verify_night`` has the engine judge the files that were taken in, writes one file of verdicts with
a row for every row that is judged, and adds the night to the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from franking.scans.context import Context
from franking.scans.intake import NightFiles, Progress, unwatched
from franking.scans.suspicions import NightEvidence
from franking.verification.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be verified, by what, and where the result goes."""

    files: NightFiles
    context: Context
    out: Path
    """The Parquet file of verdicts, in the order of files and rows."""
    scratch: Path
    """A folder for interim files, as large as the scans; the caller removes it."""
    history: Path | None = None
    """The folder of the history: compared with, and grown by this night, where it is given."""
    keep: bool = True
    """Whether the night is added to the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What an engine leaves in the scratch folder, and what it found."""

    verdicts: tuple[Path, ...]
    """Parquet parts of ``VERDICT`` rows: one after another they are in order of file and row."""
    evidence: tuple[Path, ...]
    """Parquet parts of ``relations.EVIDENCE``."""
    parts: tuple[Path, ...]
    """Parts for the history, written at ``History.new_part``; none where it is not grown."""
    seconds: dict[str, float]
    """How long each stage took."""


class Engine(Protocol):
    """What judges a night: on this machine, or on many."""

    @property
    def name(self) -> str:
        """``duckdb`` or ``spark``."""

    def judge(self, job: Job, watch: Progress) -> Judged:
        """Judge every scan of the job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport:
    """What came of a night."""

    night: date
    rows: int
    """Rows judged, which is rows of ``Job.out``."""
    verdicts: dict[Verdict, int]
    """How many scans of each; they add up to ``rows``."""
    evidence: NightEvidence
    seconds: dict[str, float]
    """How long each stage took."""
    history_rows: int = 0
    """Signed scans that were added to the history."""
    known_before: dict[int, date]
    """Files whose very bytes were taken in on an earlier night: not compared with themselves,
    and not added to the history again."""


def verify_night(job: Job, engine: Engine, watch: Progress = unwatched) -> NightReport:
    """Verify every scan of a night.

    The file of verdicts is there whole or not at all.

    Raises:
        Refused: ``HISTORY_UNREADABLE``, ``HISTORY_CHANGED``, and as ``examine``; never for what
            the scans hold.
    """
    raise NotImplementedError(f"{job.files.night} by {engine.name} watched by {watch}")
