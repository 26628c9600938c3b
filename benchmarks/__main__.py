"""``python -m benchmarks [name ...] [--quick] [--write] [--cycles N] [--scans N]``."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import QUICK, Pace
from benchmarks.report import Section, page, table
from benchmarks.setting import Setting

NAMES = (
    "evidencing",
    "hosted",
    "verifying",
    "online",
    "examining",
    "relating",
    "night",
    "drawing",
    "power_up",
    "trust_list",
    "reading",
    "bank_files",
    "degraded_prints",
    "detection",
    "docket",
    "closing",
    "writers",
    "fleet_import",
    "posting",
    "resetting",
    "endurance",
)
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main(arguments: list[str]) -> int:
    """Run the benchmarks named, print their tables, and write the page if asked to."""
    asked = _parser().parse_args(arguments)
    sections = []
    for name in asked.names or NAMES:
        sections.append(_run(name, _setting(asked)))
        print(f"\n{name}\n{table(sections[-1][2])}", flush=True)
    if asked.write:
        earlier = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        PAGE.write_text(page(sections, earlier=earlier, order=NAMES), encoding="utf-8")
        print(f"\nwritten to {PAGE}")
    return 0


def _run(name: str, setting: Setting) -> Section:
    module = importlib.import_module(f"benchmarks.{name}")
    with tempfile.TemporaryDirectory(prefix="franking-benchmark-") as folder:
        return name, (module.__doc__ or "").strip(), module.run(setting.at(Path(folder)))


def _setting(asked: argparse.Namespace) -> Setting:
    return Setting(pace=QUICK if asked.quick else Pace(), cycles=asked.cycles, scans=asked.scans)


def _name(asked: str) -> str:
    return asked.replace("-", "_")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", type=_name, choices=[[], *NAMES], metavar="name")
    parser.add_argument("--quick", action="store_true", help="few short rounds, small sizes")
    parser.add_argument(
        "--write", action="store_true", help="write the results into docs/benchmarks.md"
    )
    parser.add_argument("--cycles", type=int, default=None, help="of endurance (4,000,000)")
    parser.add_argument("--scans", type=int, default=None, help="of night and relating (2,000,000)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
