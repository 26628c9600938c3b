"""Worn prints and poor scans of whole No. 10 faces still prove themselves authentic.

The conditions are those under which the readers were compared: A is turned by 5 degrees, blurred
by a pixel, noisy and a tenth paler; B is A at 200 dpi; C is turned the other way, smeared, noisier,
a third paler, and saved as a poor JPEG. `python -m benchmarks degraded_prints` runs many more.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from franking.marks.symbols import Symbology
from franking.verification.verdict import Verdict
from franking.world.scanner import CLEAN, PALE_AND_SMEARED, TURNED_AND_NOISY, Condition
from tests.fixtures_prints import face, payload_of, scanned, verified_page

TURNED_BACK = replace(TURNED_AND_NOISY, degrees=-TURNED_AND_NOISY.degrees)
SEEDS = range(3)
SCANS = [
    pytest.param(CLEAN, 300, id="clean"),
    pytest.param(CLEAN, 200, id="clean at 200 dpi"),
    pytest.param(TURNED_AND_NOISY, 300, id="A"),
    pytest.param(TURNED_AND_NOISY, 200, id="B"),
    pytest.param(TURNED_BACK, 300, id="A turned the other way"),
    pytest.param(TURNED_BACK, 200, id="B turned the other way"),
    pytest.param(PALE_AND_SMEARED, 300, id="C"),
]


@pytest.mark.duty("R97-P050.4.2-1")
@pytest.mark.parametrize("symbology", Symbology)
@pytest.mark.parametrize(("condition", "dpi"), SCANS)
def test_a_poor_scan_of_a_true_print_is_authentic(
    condition: Condition, dpi: int, symbology: Symbology
) -> None:
    for seed in SEEDS:
        payload = payload_of(seed)
        found = verified_page(scanned(face(payload, symbology), condition, dpi=dpi, seed=seed))
        assert [one.verdict for one in found] == [Verdict.AUTHENTIC]
        assert found[0].indicium is not None
        assert found[0].indicium.payload == payload


@pytest.mark.duty("R97-P050.4.2-1")
@pytest.mark.parametrize("symbology", Symbology)
def test_a_scan_too_poor_to_read_is_never_called_false(symbology: Symbology) -> None:
    for seed in SEEDS:
        drawing = face(payload_of(seed), symbology)
        found = verified_page(scanned(drawing, PALE_AND_SMEARED, dpi=200, seed=seed))
        assert Verdict.NOT_AUTHENTIC not in {one.verdict for one in found}
