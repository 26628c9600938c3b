"""Scanners that too often contradict everybody else: their times are not believed, not the mail.

A clock that is off by hours or days makes honest pieces look like copies: they seem to be seen
later at the plant than at their destination. Where that happens to the mail of many devices, and to
far more of it than is ever copied, the scanner is wrong. Copies that no time at all would explain,
such as those begun at two places, do not count here, and are found whatever is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from franking import rules
from franking.scans.context import Context

Counts = NDArray[np.int64]
ROUNDS_MAX: Final = 4
"""How often scans are related again without more times: where one wrong clock hid another."""
_HUNDRED = 100
_COUNTS = ("devices", "mistimed", "meetings")


class DisputedScanner(msgspec.Struct, frozen=True, kw_only=True):
    """A scanner whose clock, or place, is wrong: its times count as unknown."""

    scanner: str
    devices: int
    """Of so many devices it saw pieces that it and another cannot both have seen when they say."""
    mistimed: int
    """The same, counted with each other scanner."""
    meetings: int
    """How often it and another saw pieces of one device, be it at possible times or not."""

    @property
    def caution(self) -> str:
        """What a person has to be told of it."""
        return (
            f"scanner {self.scanner}: its times contradict those of others in {self.mistimed:,} of "
            f"{self.meetings:,} comparisons, for mail of {self.devices:,} devices, so its clock or "
            "its place is wrong; its times count as unknown, and what only they would show as "
            "copied is not judged"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is too often."""

    devices: int
    percent: int

    @classmethod
    def at(cls, rulebook: str, on: date) -> Limits:
        """As the rules stand on a day.

        Raises:
            Refused: ``RULEBOOK_UNKNOWN``, ``RULEBOOK_NOT_OPEN``.
        """
        said = rules.at("scans", rulebook, on)
        return cls(
            devices=said.whole("scanner_mistimed_devices_min"),
            percent=said.whole("scanner_mistimed_percent"),
        )


def disputed_in(met: pa.Table, context: Context) -> tuple[DisputedScanner, ...]:
    """The scanners of ``relations.MET`` rows whose times cannot be believed, by name."""
    return disputed_among(met, Limits.at(context.rulebook, context.now.date()))


def disputed_among(met: pa.Table, limits: Limits) -> tuple[DisputedScanner, ...]:
    """The same under these limits.

    The worst is taken first, with those as bad; what others had against it does not count against
    them any more.
    """
    scanners = pc.unique(met["scanner"])
    sides = _Sides(
        one=_numbered(met["scanner"], scanners),
        other=_numbered(met["other"], scanners),
        counts=tuple(met[name].to_numpy() for name in _COUNTS),
        believed=np.ones(len(scanners) + 1, np.bool_),
    )
    names = scanners.to_pylist()
    found = {names[number]: counts for number, counts in _worst_first(sides, limits)}
    return tuple(
        DisputedScanner(scanner=scanner, **dict(zip(_COUNTS, found[scanner], strict=True)))
        for scanner in sorted(found)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """Rows of ``relations.MET``, scanners by number; the number after the last is of no scanner."""

    one: Counts
    other: Counts
    counts: tuple[Counts, ...]
    """The columns of ``_COUNTS``."""
    believed: NDArray[np.bool_]

    def sums(self) -> Counts:
        """What stands against each scanner beside the others that are believed, a row a count."""
        those = self.believed[self.other]
        size = len(self.believed) - 1
        sums = [np.bincount(self.one[those], each[those], size) for each in self.counts]
        return np.array(sums, np.int64)


def _worst_first(sides: _Sides, limits: Limits) -> Iterator[tuple[int, list[int]]]:
    """Scanner after scanner that is not to be believed, and what stands against it."""
    while True:
        sums = sides.sums()
        devices, mistimed, meetings = sums
        bad = sides.believed[:-1] & (devices >= limits.devices)
        bad &= mistimed * _HUNDRED >= meetings * limits.percent
        if not bad.any():
            return
        share = np.where(bad, mistimed / np.maximum(meetings, 1), 0)
        for number in np.flatnonzero(share == share.max()).tolist():
            sides.believed[number] = False
            yield number, sums[:, number].tolist()


def _numbered(names: pa.ChunkedArray, scanners: pa.Array) -> Counts:
    numbers: Counts = pc.fill_null(pc.index_in(names, scanners), len(scanners)).to_numpy()
    return numbers.astype(np.int64)
