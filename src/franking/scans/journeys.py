"""Scans of one piece that one journey cannot explain: more than one print of it is in the mail.

A journey is operations in order, at places that a piece can reach in the time between, scanners'
clocks being a little off. A piece may be run again at a plant for some time; a journey begins anew
where it is forwarded or returned; one that reached a destination may have been sent on unseen. What
is not known of a scan (its time, place or operation) speaks for it. Everything by column, in a few
passes over sorted scans, however many a piece has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from franking import rules
from franking.scans.operations import Operation
from franking.scans.places import miles_between

Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]

_SECOND: Final = 1_000_000
_HOUR: Final = 3_600 * _SECOND
_DAY: Final = 24 * _HOUR
_BEGINNINGS: Final = (Operation.ACCEPTANCE, Operation.ORIGIN)
"""Done with a piece at one place only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast and how often a piece is seen on its way; times in microseconds."""

    miles_an_hour: int
    local_miles: int
    clocks: int
    """How far two clocks may be apart."""
    rerun: int
    reruns: int
    sent_on: int
    gap: int
    clock_off: int
    """A clock that is off by more is found without comparing pieces."""

    @classmethod
    def at(cls, rulebook: str, on: date) -> Pace:
        """As the rules stand on a day.

        Raises:
            Refused: ``RULEBOOK_UNKNOWN``, ``RULEBOOK_NOT_OPEN``.
        """
        said = rules.at("scans", rulebook, on)
        return cls(
            miles_an_hour=said.whole("journey_miles_an_hour_max"),
            local_miles=said.whole("journey_local_miles"),
            clocks=2 * said.whole("journey_clock_seconds") * _SECOND,
            rerun=said.whole("journey_rerun_hours") * _HOUR,
            reruns=said.whole("journey_reruns_max"),
            sent_on=said.whole("journey_sent_on_hours") * _HOUR,
            gap=said.whole("journey_gap_days_max") * _DAY,
            clock_off=said.whole("scanner_clock_off_hours") * _HOUR,
        )


def impossible(scans: pa.Table, pace: Pace) -> Flags:
    """For each scan, whether it cannot belong to one journey with another of its piece.

    ``scans`` has ``device``, ``ascending``, ``content``, ``scanned_at``, ``place`` and
    ``operation`` of ``EXAMINED``, sorted by piece (the first three) and time, unknown times last.
    """
    return judged_journeys(scans, pace).impossible


@dataclass(frozen=True, slots=True, kw_only=True)
class Journeys:
    """What the journeys of their pieces say of scans."""

    impossible: Flags
    """Whether each cannot belong to one journey with another of its piece."""
    beside: Whole
    """The row of an earlier scan that a clock is held against: one that contradicts it where there
    is one; -1 where there is none, and in pieces that contradict themselves at any times."""
    mistimed: Flags
    """Whether those two contradict each other by their times, as clocks that are off make them."""


def judged_journeys(scans: pa.Table, pace: Pace) -> Journeys:
    """What journeys say of scans as ``impossible`` takes them."""
    seen = _Seen.of(scans)
    often, repeated = _too_often(seen, pace), _repeated(seen, pace)
    pairs = _both(_both(_too_fast(seen, pace), _out_of_order(seen, pace)), repeated)
    found = often.copy()
    found[pairs.one] = found[pairs.other] = True
    alike = _groups(seen.piece, seen.at, seen.timed, seen.operation, seen.place)
    impossible = np.zeros(len(found), np.bool_)
    impossible[seen.row] = (np.bincount(alike, found) > 0)[alike]
    copied = often
    copied[repeated.one] |= _begun_apart(seen, repeated, pace)
    beside, mistimed = _beside(seen, pairs, copied, pace)
    return Journeys(impossible=impossible, beside=beside, mistimed=mistimed)


def _begun_apart(seen: _Seen, pairs: _Pairs, pace: Pace) -> Flags:
    """Which pairs no time at all would explain."""
    begun: Flags = np.isin(seen.operation[pairs.one], _BEGINNINGS) & _far(seen, pairs, pace)
    return begun


def _beside(seen: _Seen, pairs: _Pairs, copied: Flags, pace: Pace) -> tuple[Whole, Flags]:
    """``Journeys.beside`` and ``Journeys.mistimed``; pieces with a ``copied`` scan say nothing."""
    count = len(seen.row)
    off = seen.timed[pairs.one] & seen.timed[pairs.other]
    off &= _between(seen, pairs) <= pace.clock_off
    wrong, next_to = pairs.where(off), _neighbours(seen.timed, seen.piece)
    beside, mistimed = np.full(count, -1), np.zeros(count, np.bool_)
    for held in (next_to, wrong):
        beside[seen.row[held.other]] = seen.row[held.one]
    mistimed[seen.row[wrong.other]] = True
    silent = np.zeros(count, np.bool_)
    silent[seen.row] = (np.bincount(seen.piece, copied) > 0)[seen.piece]
    return np.where(silent, -1, beside), mistimed & ~silent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Scans in order of piece and time, as numbers; what is not known has a flag.

    Scans of one instant are in order of operation and place, not as they happened to be listed.
    """

    row: Whole
    """Where each stands in the table."""
    piece: Whole
    leg: Whole
    """Rises with every piece, and after each scan that may have sent one on; -1 where the order of
    scans does not tell."""
    at: Whole
    timed: Flags
    place: Whole
    """-1 where it is not known."""
    operation: Whole
    """0 where it is not known."""

    @classmethod
    def of(cls, scans: pa.Table) -> _Seen:
        piece = _groups(*(scans[name].to_numpy() for name in ("device", "ascending", "content")))
        timed = pc.is_valid(scans["scanned_at"]).to_numpy()
        at = _whole(scans, "scanned_at", 0)
        place, operation = _whole(scans, "place", -1), _whole(scans, "operation", 0)
        row = np.lexsort((place, operation, at, ~timed, piece))
        return cls(
            row=row,
            piece=piece[row],
            leg=_legs(piece[row], operation[row], timed[row]),
            at=at[row],
            timed=timed[row],
            place=place[row],
            operation=operation[row],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairs:
    """Two scans each, by their places in the table; the ``other`` is the later one."""

    one: Whole
    other: Whole

    def where(self, which: Flags) -> _Pairs:
        return _Pairs(one=self.one[which], other=self.other[which])


def _whole(scans: pa.Table, name: str, unknown: int) -> Whole:
    numbers = pc.fill_null(pc.cast(scans[name], pa.int64()), unknown)
    return np.asarray(numbers.to_numpy(), np.int64)


def _groups(*columns: NDArray[Any]) -> Whole:
    """A rising number for each run of rows that are the same in all columns."""
    differs = np.zeros(max(len(columns[0]) - 1, 0), np.bool_)
    for values in columns:
        differs |= values[1:] != values[:-1]
    return np.concatenate([np.zeros(min(len(columns[0]), 1), np.int64), np.cumsum(differs)])


def _legs(piece: Whole, operation: Whole, timed: Flags) -> Whole:
    """A number for each leg of a journey. A scan of no known operation may have been a new start.

    Where a piece has a new start and a scan of no known time, nobody can tell which comes first.
    """
    restarts = ~np.isin(operation, tuple(Operation)) | (operation >= Operation.FORWARDED)
    before: Whole = np.cumsum(restarts) - restarts
    pieces = int(piece[-1]) + 1 if len(piece) else 0
    confused = np.bincount(piece, restarts, pieces).astype(bool)
    confused &= np.bincount(piece, ~timed, pieces).astype(bool)
    return np.where(confused[piece], -1, piece + before)


def _too_often(seen: _Seen, pace: Pace) -> Flags:
    """More scans in one operation of one leg than any piece has, or more legs.

    Scans of no known operation may be of any of a leg.
    """
    within = (seen.leg >= 0) & (seen.operation > 0) & (seen.operation < Operation.FORWARDED)
    most = np.where(seen.operation > 0, pace.reruns, pace.reruns * int(Operation.DELIVERY))
    kind = np.where(within, 2 * seen.leg + 1, 2 * seen.piece) * (max(Operation) + 1)
    kind += np.clip(seen.operation, 0, max(Operation))
    times = np.bincount(kind) if len(kind) else kind
    return np.asarray(times[kind] > most, np.bool_)


def _too_fast(seen: _Seen, pace: Pace) -> _Pairs:
    """Further apart than the time between allows, or seen again after too long.

    Mail may be held, or abroad, for however long before it is sent on or back.
    """
    anywhere = _neighbours(seen.timed, seen.piece)
    sent_on = seen.operation[anywhere.other] >= Operation.FORWARDED
    late = anywhere.where((_between(seen, anywhere) > pace.gap) & ~sent_on)
    somewhere = _neighbours(seen.timed & (seen.place >= 0), seen.piece)
    miles = miles_between(seen.place[somewhere.one], seen.place[somewhere.other])
    hours = (_between(seen, somewhere) + pace.clocks) / _HOUR
    fast = somewhere.where((miles > pace.local_miles) & (miles > hours * pace.miles_an_hour))
    return _both(late, fast)


def _out_of_order(seen: _Seen, pace: Pace) -> _Pairs:
    """An earlier operation after a later one."""
    pairs = _neighbours(seen.timed & (seen.leg >= 0) & (seen.operation > 0), seen.leg)
    first, second = seen.operation[pairs.one], seen.operation[pairs.other]
    time, far = _between(seen, pairs), _far(seen, pairs, pace)
    backwards = (second < first) & (time > pace.clocks)
    rerun = ~far & (time <= pace.rerun)
    sent_on = (first >= Operation.DESTINATION) & (second >= Operation.TRANSIT)
    sent_on &= time >= pace.sent_on
    return pairs.where(backwards & ~rerun & ~sent_on)


def _repeated(seen: _Seen, pace: Pace) -> _Pairs:
    """Begun at two places or twice; or at two destinations, one too soon after the other."""
    once = (seen.leg >= 0) & (seen.operation > 0) & (seen.operation != Operation.TRANSIT)
    pairs = _neighbours(once, seen.leg * (max(Operation) + 1) + seen.operation)
    time, far = _between(seen, pairs), _far(seen, pairs, pace)
    timed = seen.timed[pairs.one] & seen.timed[pairs.other]
    begins = np.isin(seen.operation[pairs.one], _BEGINNINGS)
    soon = timed & (time < pace.sent_on)
    late = timed & (time > pace.rerun)
    return pairs.where(np.where(begins, far | late, far & soon))


def _neighbours(which: Flags, group: Whole) -> _Pairs:
    """Each two rows of ``which`` that follow each other within one group."""
    rows = np.flatnonzero(which)
    rows = rows[np.argsort(group[rows], kind="stable")]
    same = group[rows[1:]] == group[rows[:-1]]
    return _Pairs(one=rows[:-1][same], other=rows[1:][same])


def _between(seen: _Seen, pairs: _Pairs) -> Whole:
    """The time between the two of each pair."""
    return np.asarray(seen.at[pairs.other] - seen.at[pairs.one], np.int64)


def _far(seen: _Seen, pairs: _Pairs, pace: Pace) -> Flags:
    """Which pairs are surely of two places."""
    miles = miles_between(seen.place[pairs.one], seen.place[pairs.other])
    return np.asarray(miles > pace.local_miles, np.bool_)


def _both(some: _Pairs, more: _Pairs) -> _Pairs:
    return _Pairs(
        one=np.concatenate([some.one, more.one]), other=np.concatenate([some.other, more.other])
    )
