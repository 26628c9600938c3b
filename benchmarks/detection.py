"""Every fraud in a made-up night of a million pieces: what was found, and who was wronged.

Two nights five weeks apart, with honest journeys, wrong clocks, misread and smudged prints, and
each fraud done to one piece in 2,000. Found is a scan with the right reason and verdict; a truth
beside the scans says what can be seen of each. A third night has scanners that are off by hours or
days. Damaged prints are true ones, drawn, scratched, stained, scanned badly and read.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import cv2
import numpy as np

from benchmarks.degraded_prints import PRINT_DPI, sheets_of, verdict_on
from benchmarks.measuring import Result, Target
from benchmarks.pieces import new_keys, write_trust_list
from benchmarks.setting import Setting
from franking.marks.symbols import Symbology
from franking.psd.vault.ecdsa import public_key_object
from franking.scans.context import Context
from franking.scans.duckdb_engine import DuckdbEngine
from franking.scans.intake import take_in
from franking.scans.night import Job, verify_night
from franking.verification.pages import Grey
from franking.verification.trust_list import TrustList
from franking.verification.verdict import Verdict
from franking.world.nights.fleet import root_key
from franking.world.nights.plan import USUAL_TROUBLES, Plan, judged_at
from franking.world.nights.records import Fraud, Night, Trouble
from franking.world.nights.scoring import Score, score
from franking.world.nights.synthesis import synthesize
from franking.world.scanner import Condition, scan

ON = date(1997, 11, 20)
NIGHTS = (35, 0)
EVERY = Target(kind="ratio at least", value=1)
NONE = Target(kind="at most", value=0)
FEW = Target(kind="at most", value=200)
SCAN_DPI = 300


def run(setting: Setting) -> Sequence[Result]:
    """Make, verify and score both nights; then read damaged prints."""
    pieces = setting.size(full=1_000_000, quick=20_000)
    plan = Plan(pieces=pieces, devices=max(pieces // 100, 2), on=ON, nights=NIGHTS)
    night = synthesize(plan, setting.folder / "nights", processes=_processes())
    first, second = _scores(plan, night, setting.folder)
    prints = setting.size(full=60, quick=4)
    return [
        *_found(second),
        *_wronged(first, second),
        *_adrift(setting),
        *_damaged(setting, prints),
    ]


def _processes() -> int:
    return os.cpu_count() or 1


def _scores(plan: Plan, night: Night, folder: Path) -> tuple[Score, Score]:
    """Both nights verified one after the other, against one history."""
    (earlier,) = night.earlier
    places = (earlier.parent, night.scans.parent)
    first, second = (
        _score(plan, night, place, day, folder)
        for place, day in zip(places, plan.days, strict=True)
    )
    return first, second


def _score(plan: Plan, night: Night, place: Path, day: date, folder: Path) -> Score:
    scratch, out = folder / f"scratch-{day}", folder / f"verdicts-{day}.parquet"
    scratch.mkdir()
    files = take_in([place / "scans.parquet"], scratch=scratch, now=judged_at(day))
    context = Context(
        trust_list=night.trust,
        root_public_key=root_key(plan.seed).point,
        now=judged_at(day) + timedelta(hours=1),
        known=night.known,
        wrong_clocks=files.wrong_clocks,
    )
    job = Job(files=files, context=context, out=out, scratch=scratch, history=folder / "history")
    report = verify_night(job, DuckdbEngine())
    return score(place / "truth.parquet", out, report.evidence.suspicions)


def _found(night: Score) -> Iterator[Result]:
    for fraud in Fraud:
        tally = night.frauds[fraud]
        yield Result(
            name=f"{fraud}: found, with the right reason",
            figure=tally.found,
            unit="scans",
            beside="detectable",
            beside_figure=tally.detectable,
            target=EVERY,
            note=f"{tally.scans} scans in all.",
        )

    tallies = night.frauds.values()
    yield Result(
        name="scans of frauds that ought to be suspected, and are",
        figure=sum(tally.suspected for tally in tallies),
        unit="scans",
        beside="ought to be",
        beside_figure=sum(tally.suspicious for tally in tallies),
        target=EVERY,
    )


def _wronged(first: Score, second: Score) -> Iterator[Result]:
    nights = (first, second)
    genuine = sum(each.genuine for each in nights)
    for name, count in {
        "genuine pieces called not authentic": sum(each.falsely_accused for each in nights),
        "genuine pieces with a reason that is not true": sum(each.stray for each in nights),
        "wrong verdicts, of honest and other scans": sum(each.wrong_verdicts for each in nights),
        "suspicions all of whose scans are honest": sum(each.false_suspicions for each in nights),
    }.items():
        yield Result(
            name=name, figure=count, unit="", target=NONE, note=f"{genuine:,} genuine scans."
        )
    yield Result(
        name="genuine scans of which nothing could be said",
        figure=100 * sum(each.undetermined for each in nights) / genuine,
        unit="per cent",
        note="Smudged and misread ones, and those that a copy or a clone was made from.",
    )


def _adrift(setting: Setting) -> Iterator[Result]:
    """A night of its own, in which the clocks of some scanners are off by hours or days.

    A scanner that contradicts so few that it might be copies is still believed.
    """
    pieces, folder = setting.size(full=200_000, quick=20_000), setting.folder / "adrift"
    troubles = {**USUAL_TROUBLES, Trouble.CLOCK_ADRIFT: 0.02}
    plan = Plan(pieces=pieces, devices=pieces // 20, on=ON, troubles=troubles)
    night = synthesize(plan, folder, processes=_processes())
    found = _score(plan, night, folder, ON, folder)
    yield Result(
        name="one scanner in fifty off by hours or days: honest scans called copied, of a million",
        figure=1_000_000 * found.stray / found.genuine,
        unit="scans",
        target=FEW,
        note=f"{found.genuine:,} genuine scans, {found.falsely_accused} called not authentic.",
    )


def _damaged(setting: Setting, prints: int) -> Iterator[Result]:
    keys, path = new_keys(), setting.folder / "trust.list"
    write_trust_list(path, keys, devices=1000)
    trust = TrustList.open(path, public_key_object(keys.root.public_key))
    for symbology in Symbology:
        verdicts = Counter(
            verdict_on(_worn(sheet, seed), trust)
            for seed, sheet in enumerate(sheets_of(keys, prints, symbology))
        )
        yield Result(
            name=f"damaged true prints, {symbology.value}: called not authentic",
            figure=verdicts[Verdict.NOT_AUTHENTIC],
            unit="prints",
            target=NONE,
            note=f"{verdicts[Verdict.AUTHENTIC]} of {prints} authentic,"
            f" {100 * verdicts[Verdict.UNDETERMINED] / prints:.0f} per cent undetermined.",
        )


def _worn(sheet: Grey, seed: int) -> Grey:
    """Scratched and stained, then laid on a scanner askew: each print in a way of its own."""
    random = np.random.default_rng([1997, seed])
    worn, (height, width) = sheet.copy(), sheet.shape
    for _ in range(6):
        left, right = (int(each) for each in random.integers(0, height, 2))
        ink = int(random.choice((0, 255)))
        cv2.line(worn, (0, left), (width, right), ink, int(random.integers(2, 9)))
    for _ in range(12):
        spot = int(random.integers(0, width)), int(random.integers(0, height))
        cv2.circle(worn, spot, int(random.integers(5, 40)), 0, -1)
    condition = Condition(
        name="worn",
        degrees=float(random.uniform(-8, 8)),
        blur_pixels=float(random.uniform(0.5, 2)),
        noise=float(random.uniform(5, 35)),
        contrast=float(random.uniform(0.5, 1)),
        jpeg_quality=int(random.integers(30, 90)),
    )
    return scan(worn, condition, print_dpi=PRINT_DPI, scan_dpi=SCAN_DPI, seed=seed)
