"""Drawing whole No. 10 faces into one PDF, from address and evidence to bytes on the disk."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Result, Target
from benchmarks.setting import Setting

DRAW = """
import io, sys, time
from pathlib import Path
from benchmarks.pieces import faces, new_keys
from franking.host.render import pdf

count, path = int(sys.argv[1]), Path(sys.argv[2])
keys = new_keys()
pdf(faces(keys, 20), io.BytesIO())
started = time.perf_counter()
with path.open("wb") as out:
    pages = pdf(faces(keys, count), out)
elapsed = time.perf_counter() - started
assert pages == count
status = Path("/proc/self/status").read_text()
peak_kb = int(status.split("VmHWM:")[1].split()[0])
print(pages / elapsed, peak_kb / 1024)
"""


def run(setting: Setting) -> Sequence[Result]:
    """Address cleaned, postage priced, face composed, checked and drawn; fonts embedded."""
    few = setting.size(full=500, quick=100)
    many = setting.size(full=10_000, quick=1_000)
    path = setting.folder / "job.pdf"
    _, small = _drawn(few, path)
    rate, large = _drawn(many, path)
    return [
        Result(
            name=f"job of {many:,} one-piece pages",
            figure=rate,
            unit="pages/s",
            target=Target(kind="at least", value=250, unit="pages/s"),
        ),
        Result(
            name="memory of that job at its peak",
            figure=large,
            unit="MB",
            beside=f"job of {few:,}",
            beside_figure=small,
            target=Target(kind="at most", value=200, unit="MB"),
        ),
        Result(
            name="growth of memory",
            figure=max(0.0, (large - small) * 1024 / (many - few)),
            unit="kB/piece",
            target=Target(kind="at most", value=10, unit="kB/piece"),
        ),
        Result(name="size of the file", figure=path.stat().st_size / many / 1024, unit="kB/page"),
    ]


def _drawn(count: int, path: Path) -> tuple[float, float]:
    """Pages a second and peak memory in MB of a fresh process that draws ``count`` pages."""
    told = subprocess.run(
        [sys.executable, "-c", DRAW, str(count), path], capture_output=True, text=True, check=True
    )
    rate, memory = told.stdout.split()
    return float(rate), float(memory)
