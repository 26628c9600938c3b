"""Whole No. 10 faces printed, worn, scanned and verified: how many are found authentic.

A is turned by 5 degrees, blurred by a pixel, noisy and a tenth paler (B is A at 200 dpi); C is
turned the other way, smeared, noisier, a third paler, and saved as a poor JPEG. None that is true
may ever be called not authentic; C at 200 dpi is beyond what the symbols bear and has no target.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.measuring import Result, Target
from benchmarks.pieces import NOW, Keys, faces, new_keys, write_trust_list
from benchmarks.setting import Setting
from franking.host.render.raster import dots_of
from franking.marks.geometry import Drawing
from franking.marks.symbols import Symbology
from franking.verification.pages import Grey, Page
from franking.verification.trust_list import TrustList
from franking.verification.verdict import Verdict
from franking.verification.verify import verify_page
from franking.world.scanner import PALE_AND_SMEARED, TURNED_AND_NOISY, Condition, scan

PRINT_DPI = 600
SHARE = Target(kind="ratio at least", value=0.95)


@dataclass(frozen=True, slots=True)
class Case:
    """One condition at one resolution, and the share that has to be authentic, if any."""

    condition: Condition
    scan_dpi: int
    target: Target | None = SHARE


CASES = (
    Case(TURNED_AND_NOISY, 300),
    Case(TURNED_AND_NOISY, 200),
    Case(PALE_AND_SMEARED, 300),
    Case(PALE_AND_SMEARED, 200, None),
)


def run(setting: Setting) -> Sequence[Result]:
    """Each seed has a face of its own, both symbologies, every condition."""
    keys, path = new_keys(), setting.folder / "trust.list"
    write_trust_list(path, keys, devices=1000)
    trust = TrustList.open(path, keys.root_public_key)
    seeds = setting.size(full=20, quick=3)
    return [
        _result(case, symbology, sheets, trust)
        for symbology in Symbology
        for sheets in [sheets_of(keys, seeds, symbology)]
        for case in CASES
    ]


def sheets_of(keys: Keys, seeds: int, symbology: Symbology) -> list[Grey]:
    """So many faces as a printer puts them on paper."""
    return [_dots(face) for face in faces(keys, seeds, symbology)]


def _dots(face: Drawing) -> Grey:
    dots = dots_of(face, PRINT_DPI)
    return dots if dots.ndim == 2 else np.asarray(cv2.cvtColor(dots, cv2.COLOR_RGB2GRAY), np.uint8)


def _result(case: Case, symbology: Symbology, sheets: Sequence[Grey], trust: TrustList) -> Result:
    verdicts: Counter[Verdict] = Counter()
    seconds = 0.0
    for seed, sheet in enumerate(sheets):
        pixels = scan(sheet, case.condition, print_dpi=PRINT_DPI, scan_dpi=case.scan_dpi, seed=seed)
        started = time.perf_counter()
        verdicts[verdict_on(pixels, trust)] += 1
        seconds += time.perf_counter() - started
    if verdicts[Verdict.NOT_AUTHENTIC]:
        raise AssertionError(f"a true print was called false: {symbology.value}, {case}")
    return Result(
        name=f"{symbology.value}, {case.condition.name}, {case.scan_dpi} dpi: authentic",
        figure=verdicts[Verdict.AUTHENTIC],
        unit="scans",
        beside="scans of true prints",
        beside_figure=len(sheets),
        target=case.target,
        note=f"None not authentic; {1000 * seconds / len(sheets):.0f} ms a scan.",
    )


def verdict_on(pixels: Grey, trust: TrustList) -> Verdict:
    """The verdict on the one indicium of a face; undetermined where there is not one."""
    found = verify_page(Page(number=1, pixels=pixels, inches=None), trust, NOW)
    return found[0].verdict if len(found) == 1 else Verdict.UNDETERMINED
