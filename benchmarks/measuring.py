"""Rounds of work, taken in turns, and the result beside its limit.

Refuses to know what is measured.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Work = Callable[[], int]
"""Does some work and says how many units it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long to measure: so many rounds, each of so many seconds."""

    rounds: int = 15
    seconds: float = 0.3
    quick: bool = False


QUICK = Pace(rounds=3, seconds=0.2, quick=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is aimed at, for a ratio or for the figure itself."""

    kind: Literal["ratio at least", "ratio at most", "at least", "at most"]
    value: float
    unit: str = ""

    def __str__(self) -> str:
        value = f"{self.value:.0%}" if self.kind == "ratio at least" else f"{self.value:,g}"
        return f"{self.kind} {value} {self.unit}".strip()

    def met_by(self, *, figure: float, ratio: float | None) -> bool:
        """Whether the result reaches it."""
        measured = ratio if self.kind.startswith("ratio") else figure
        if measured is None:
            return False
        return measured >= self.value if self.kind.endswith("least") else measured <= self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure, what stands beside it, and what was aimed at."""

    name: str
    figure: float
    unit: str
    beside: str = ""
    """What the machine, or a peer, does in the same run."""
    beside_figure: float | None = None
    target: Target | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure as a share of what stands beside it."""
        return self.figure / self.beside_figure if self.beside_figure else None

    @property
    def verdict(self) -> str:
        """``met``, ``missed``, or nothing where nothing was aimed at."""
        if self.target is None:
            return ""
        return "met" if self.target.met_by(figure=self.figure, ratio=self.ratio) else "missed"


def rates(pace: Pace, **works: Work) -> dict[str, float]:
    """Units a second of each work: the median of rounds taken in turns.

    In turns, so that what else the machine does falls on all of them alike. Each is warmed up
    once.
    """
    for work in works.values():
        work()
    rounds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(pace.rounds):
        for name, work in works.items():
            rounds[name].append(_rate(work, pace.seconds))
    return {name: statistics.median(taken) for name, taken in rounds.items()}


def durations(rounds: int, **works: Callable[[], object]) -> dict[str, float]:
    """The median seconds that each work takes, in rounds taken in turns."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(seconds(work))
    return {name: statistics.median(times) for name, times in taken.items()}


def seconds(work: Callable[[], object]) -> float:
    """How long one run of ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _rate(work: Work, seconds_min: float) -> float:
    started, done = time.perf_counter(), 0
    while True:
        done += work()
        elapsed = time.perf_counter() - started
        if elapsed >= seconds_min:
            return done / elapsed
