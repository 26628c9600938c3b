"""What a benchmark is given: where to work, how long, how much."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.measuring import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A folder of its own, a pace, and the sizes of long runs if they are given."""

    folder: Path = Path()
    pace: Pace
    cycles: int | None = None
    """Of endurance."""
    scans: int | None = None
    """Of a night, and of the relations alone."""

    def at(self, folder: Path) -> Setting:
        """The same in ``folder``."""
        return replace(self, folder=folder)

    def size(self, *, full: int, quick: int) -> int:
        """A quantity for this pace."""
        return quick if self.pace.quick else full
