"""A whole night of made-up mail on all cores: files in, verdicts out, beside bare P-256 checks.

The night has every fraud and the usual troubles; ``--scans`` says how large it is (2,000,000 asked
for). Pieces are scanned more than once on their way: the rate is told by scans, and by different
payloads, of which each has to be checked at least once. Then the same night against one night of
history and against thirty.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import pyarrow.compute as pc
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from benchmarks.limits import bare_verifying
from benchmarks.measuring import Result, Target
from benchmarks.setting import Setting
from franking.scans.context import Context
from franking.scans.duckdb_engine import DuckdbEngine
from franking.scans.embedded import parquet, quoted, session
from franking.scans.history import History, NewFile, Part, hold
from franking.scans.intake import take_in
from franking.scans.night import Job, NightReport, verify_night
from franking.scans.records import EXAMINED
from franking.world.nights.plan import Plan
from franking.world.nights.records import Night
from franking.world.nights.synthesis import synthesize

ON, NOW = date(1997, 11, 21), datetime(1997, 11, 22, 18, tzinfo=UTC)
NATION, NIGHT_HOURS = 150_000_000, 8
_SCANS_A_PIECE = 2.1
_PIECES_A_DEVICE = 50
_BARE_CHECKS = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a night took."""

    report: NightReport
    seconds: float
    scans: int


def run(setting: Setting) -> Sequence[Result]:
    """Once without a history, then with one night of it, and with thirty."""
    cores = os.cpu_count() or 1
    wanted = setting.scans or setting.size(full=400_000, quick=60_000)
    night = _night(setting.folder / "night", int(wanted / _SCANS_A_PIECE), cores)
    before = bare_rate(cores)
    plain = verified(night, setting.folder / "plain", cores)
    bare = (before + bare_rate(cores)) / 2
    history = setting.folder / "history"
    one = _beside(night, setting.folder, cores, history, nights=1)
    thirty = _beside(night, setting.folder, cores, history, nights=30)
    different = _different(night.scans)
    hours = NATION / (plain.scans / plain.seconds / cores) / 3600
    return [
        Result(
            name=f"a night of {plain.scans:,} scans",
            figure=plain.scans / plain.seconds,
            unit="scans/s",
            beside=f"bare P-256 checks on {cores} cores",
            beside_figure=bare,
            target=Target(kind="ratio at least", value=0.8),
            note=f"{_stages(plain)}; 150 million scans in {NIGHT_HOURS} hours:"
            f" {hours / NIGHT_HOURS:.1f} cores of this kind",
        ),
        Result(
            name=f"the same, by its {different:,} different payloads",
            figure=different / plain.seconds,
            unit="payloads/s",
            beside=f"bare P-256 checks on {cores} cores",
            beside_figure=bare,
        ),
        Result(
            name="the same night against 30 nights of history",
            figure=thirty.seconds,
            unit="s",
            beside="against one",
            beside_figure=one.seconds,
            target=Target(kind="ratio at most", value=1.5),
            note=_stages(thirty),
        ),
    ]


def verified(night: Night, folder: Path, cores: int, history: Path | None = None) -> Taken:
    """The night, from its files to its verdicts, by processes on so many cores."""
    folder.mkdir()
    started = perf_counter()
    files = take_in([night.scans], scratch=folder, now=NOW)
    root = load_pem_public_key(night.root.read_bytes())
    context = Context(
        trust_list=night.trust,
        root_public_key=root.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        now=NOW,
        known=night.known,
        wrong_clocks=files.wrong_clocks,
    )
    job = Job(
        files=files,
        context=context,
        out=folder / "verdicts.parquet",
        scratch=folder / "work",
        history=history,
    )
    report = verify_night(job, DuckdbEngine(processes=cores))
    seconds = perf_counter() - started
    shutil.rmtree(folder)
    return Taken(report=report, seconds=seconds, scans=report.rows)


def bare_rate(cores: int) -> float:
    """Bare checks a second of so many processes side by side."""
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as workers:
        return sum(workers.map(_bare, range(cores)))


def _bare(_: int) -> float:
    work = bare_verifying(_BARE_CHECKS)
    started = perf_counter()
    return work() / (perf_counter() - started)


def _night(folder: Path, pieces: int, cores: int) -> Night:
    plan = Plan(pieces=pieces, devices=max(50, pieces // _PIECES_A_DEVICE), on=ON)
    return synthesize(plan, folder, processes=cores)


def _beside(night: Night, folder: Path, cores: int, history: Path, *, nights: int) -> Taken:
    """The night against a history of so many nights as large as itself."""
    grown = folder / f"history-{nights}"
    if not history.exists():
        verified(night, folder / "first", cores, history)
    _shift(history, grown, nights)
    return verified(night, folder / f"beside-{nights}", cores, grown)


def _shift(history: Path, grown: Path, nights: int) -> None:
    """A history of so many nights, each like the one of ``history`` with registers further on."""
    parts = History.open(history).parts
    for number in range(1, nights + 1):
        with hold(grown) as so_far:
            made = [_shifted(history / part.path, part, so_far, number) for part in parts]
            file = NewFile(name=f"night {number}", sha256=str(number), rows=0)
            so_far.add(ON, [file], made)


def _shifted(path: Path, part: Part, history: History, number: int) -> Part:
    span = {"first_bucket": part.first_bucket, "last_bucket": part.last_bucket}
    out = history.new_part(f"{number:02d}", **span)
    moved = {
        "file": str(history.number_next),
        "ascending": f"ascending + {number * (1 << 30)}",
        "content": f"content + {number}",
        "dated": f"dated + {60 * number}",
    }
    columns = ", ".join(f"{moved.get(name, name)} AS {name}" for name in EXAMINED.names)
    with session(history.folder) as tables:
        tables.execute(
            f"COPY (SELECT {columns} FROM {parquet([path])}) TO {quoted(out)} (FORMAT parquet)"
        )
    return Part(
        path=str(out.relative_to(history.folder)),
        files=(history.number_next,),
        rows=part.rows,
        **span,
    )


def _different(scans: Path) -> int:
    payloads = pq.read_table(scans, columns=["payload"]).column("payload")
    return int(pc.count_distinct(payloads).as_py())


def _stages(taken: Taken) -> str:
    stages = (f"{name} {seconds:.1f} s" for name, seconds in taken.report.seconds.items())
    return f"{taken.seconds:.1f} s: {', '.join(stages)}"
