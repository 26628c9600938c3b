"""Scanners that too often contradict everybody else: their times are not believed, not the mail.

A clock that is off by hours or days makes honest pieces look like copies: they seem to be seen
later at the plant than at their destination. Where that happens to the mail of many devices, and to
far more of it than is ever copied, the scanner is wrong. Copies that no time at all would explain,
such as those begun at two places, do not count here, and are found whatever is believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from franking import rules
from franking.scans.context import Context

Counts = NDArray[np.int64]
_HUNDRED = 100


class DisputedScanner(msgspec.Struct, frozen=True, kw_only=True):
    """A scanner whose clock, or place, is wrong: its times count as unknown."""

    scanner: str
    devices: int
    """Devices of which it saw pieces that others saw too."""
    mistimed: int
    """Of these, those with a piece that it and another cannot both have seen when they say."""

    @property
    def caution(self) -> str:
        """What a person has to be told of it."""
        return (
            f"scanner {self.scanner}: its times contradict those of the others for the mail of "
            f"{self.mistimed:,} of {self.devices:,} devices, so its clock or its place is wrong; "
            "its times count as unknown, and what only they would show as copied is not judged"
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
    names = pa.chunked_array([*met["scanner"].chunks, *met["other"].chunks], pa.string())
    scanners = pc.unique(names.drop_null())
    met = met.filter(pc.is_valid(met["scanner"]))
    sides = _Sides(
        one=_numbered(met["scanner"], scanners),
        other=_numbered(met["other"], scanners),
        devices=met["devices"].to_numpy(),
        mistimed=met["mistimed"].to_numpy(),
        count=len(scanners),
    )
    found = _worst_first(sides, limits)
    told = zip(scanners.to_pylist(), found.devices.tolist(), found.mistimed.tolist(), strict=True)
    return tuple(
        DisputedScanner(scanner=scanner, devices=devices, mistimed=mistimed)
        for scanner, devices, mistimed in sorted(told)
        if mistimed
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """Rows of ``relations.MET``, scanners by number; the number after the last is of no scanner."""

    one: Counts
    other: Counts
    devices: Counts
    mistimed: Counts
    count: int

    def sums(self, believed: NDArray[np.bool_]) -> tuple[Counts, Counts]:
        """Devices, and those mistimed, of each scanner beside others that are believed."""
        those = believed[self.other]
        devices, mistimed = (
            np.bincount(self.one[those], counts[those], self.count).astype(np.int64)
            for counts in (self.devices, self.mistimed)
        )
        return devices, mistimed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Of each scanner that is not believed, what led to that; noughts for the others."""

    devices: Counts
    mistimed: Counts


def _worst_first(sides: _Sides, limits: Limits) -> _Found:
    believed = np.ones(sides.count + 1, np.bool_)
    none = np.zeros(sides.count, np.int64)
    found = _Found(devices=none, mistimed=none.copy())
    while True:
        devices, mistimed = sides.sums(believed)
        bad = believed[:-1] & (mistimed >= limits.devices)
        bad &= mistimed * _HUNDRED >= devices * limits.percent
        if not bad.any():
            return found
        share = np.where(bad, mistimed / np.maximum(devices, 1), 0)
        worst = share == share.max()
        found.devices[worst], found.mistimed[worst] = devices[worst], mistimed[worst]
        believed[:-1][worst] = False


def _numbered(names: pa.ChunkedArray, scanners: pa.Array) -> Counts:
    numbers: Counts = pc.fill_null(pc.index_in(names, scanners), len(scanners)).to_numpy()
    return numbers.astype(np.int64)
