"""What the scans of a suspicion say against each other: how far apart, how much value twice. Pure.

Scans are put in the order in which they contradict: by time where one piece was copied, by value
where two pieces overlap, by register where a device went back. No more pairs than scans come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby, pairwise

import msgspec

from franking.money import format_dollars
from franking.scans.suspicions import Seen, SuspicionKind

_HOUR = timedelta(hours=1)


class Contradiction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Two scans that cannot both be of honest mail, by their places in the list, from 1."""

    first: int
    second: int
    miles: float | None = None
    """Between the two places of scanning; ``None`` where one is not known."""
    hours: float | None = None
    """Between the two scans; ``None`` where a time is not known."""
    shared_mills: int = 0
    """Value that both used up."""
    days_back: int = 0
    """How many days the second, of the higher register, is dated before the first."""

    @property
    def words(self) -> str:
        """What contradicts, for a person."""
        said = [
            f"{format_dollars(self.shared_mills)} used twice" if self.shared_mills else "",
            f"dated {self.days_back} days back" if self.days_back else "",
            self._distance,
        ]
        return ", ".join(filter(None, said))

    @property
    def _distance(self) -> str:
        """Nothing of a device that went back: there it is the dates that contradict."""
        if self.days_back:
            return ""
        apart = "" if self.hours is None else f"{self.hours:,.1f} hours"
        if self.miles is not None and self.miles < 1:
            return f"in one place{f', {apart} apart' if apart else ''}"
        far = "" if self.miles is None else f"{self.miles:,.0f} miles"
        return f"{' and '.join(filter(None, (far, apart)))} apart" if far or apart else ""


def in_order(kind: SuspicionKind, members: Sequence[Seen]) -> list[Seen]:
    """The scans as a record lists them, so that those that contradict each other stand together."""
    if kind is SuspicionKind.ROLLED_BACK:
        return sorted(members, key=lambda each: (each.ascending_mills, each.dated))
    return sorted(members, key=lambda each: (each.ascending_mills, _when(each)))


def contradictions(kind: SuspicionKind, scans: Sequence[Seen]) -> list[Contradiction]:
    """What ``scans``, in their order, say against each other."""
    match kind:
        case SuspicionKind.COPIED:
            return _apart(scans)
        case SuspicionKind.CLONED:
            return _overlapping(scans)
        case SuspicionKind.ROLLED_BACK:
            return _going_back(scans)
        case _:
            return []


def _apart(scans: Sequence[Seen]) -> list[Contradiction]:
    """Each two scans of one piece that follow each other."""
    numbered = enumerate(scans, start=1)
    return [
        _between(first, second, one, other)
        for _, group in groupby(numbered, key=lambda each: each[1].ascending_mills)
        for (first, one), (second, other) in pairwise(group)
    ]


def _overlapping(scans: Sequence[Seen]) -> list[Contradiction]:
    """For each piece, the first other one that used up some of the same value."""
    found: list[Contradiction] = []
    pieces = _first_of_pieces(scans)
    for at, (second, other) in enumerate(pieces):
        for first, one in pieces[:at]:
            shared = min(one.ascending_mills, other.ascending_mills) - max(_low(one), _low(other))
            if shared > 0:
                said = _between(first, second, one, other)
                found.append(msgspec.structs.replace(said, shared_mills=shared))
                break
    return found


def _going_back(scans: Sequence[Seen]) -> list[Contradiction]:
    """For each piece dated before one of a lower register, the latest dated of the lower ones."""
    found: list[Contradiction] = []
    latest: tuple[int, Seen] | None = None
    for second, other in _first_of_pieces(scans):
        if latest is not None and other.dated < latest[1].dated:
            back = (latest[1].dated - other.dated).days
            said = _between(latest[0], second, latest[1], other)
            found.append(msgspec.structs.replace(said, days_back=back))
        if latest is None or other.dated > latest[1].dated:
            latest = (second, other)
    return found


def _first_of_pieces(scans: Sequence[Seen]) -> list[tuple[int, Seen]]:
    """The first scan of each piece, with its place."""
    pieces: dict[tuple[int, int], tuple[int, Seen]] = {}
    for place, scan in enumerate(scans, start=1):
        pieces.setdefault((scan.ascending_mills, scan.content), (place, scan))
    return list(pieces.values())


def _between(first: int, second: int, one: Seen, other: Seen) -> Contradiction:
    from franking.scans.places import miles_apart  # reads a table of every ZIP Code

    hours = None
    if one.scanned_at and other.scanned_at:
        hours = round(abs(other.scanned_at - one.scanned_at) / _HOUR, 2)
    miles = miles_apart(one.place, other.place)
    return Contradiction(
        first=first,
        second=second,
        miles=None if miles is None else round(miles, 1),
        hours=hours,
    )


def _when(seen: Seen) -> tuple[bool, float, int, int]:
    at = seen.scanned_at
    return at is None, at.timestamp() if at else 0.0, seen.file, seen.row


def _low(seen: Seen) -> int:
    return seen.ascending_mills - seen.postage_mills
