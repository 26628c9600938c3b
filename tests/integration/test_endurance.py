"""The endurance test of a meter, shortened; the whole of it is a benchmark."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.endurance import endure


@pytest.mark.duty("R95-501.16-1", "R95-501.16(a)", "R95-501.16(c)")
@pytest.mark.law("PSD-1")
def test_a_meter_endures_cycles_and_locks_out_before_between_and_after(tmp_path: Path) -> None:
    record = endure(tmp_path / "meter", cycles=5_000, interval=2_000)
    assert record.errors == []
    assert record.cycles == 5_000
    assert record.lock_outs == 4
