"""Where and when made-up pieces are scanned: honest journeys, and readers and clocks as they are.

A letter is taken in on the evening of its day, now and then scanned again at once, is at its
destination the next mornings, and may be forwarded or returned. Times are microseconds since
1970-01-01; those of a scan are true ones, beside the error of the scanner's clock.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from franking.scans.operations import Operation
from franking.world.nights import places
from franking.world.nights.mail import Pieces, Random
from franking.world.nights.plan import Plan
from franking.world.nights.records import Trouble

SCANNED: Final = np.dtype(
    [
        ("piece", "i8"),  # its place among the pieces
        ("at", "i8"),
        ("place", "i8"),  # an office
        ("operation", "i1"),
        ("lane", "i8"),
        ("clock", "i8"),  # how far the scanner's clock is off
        ("looks", "i4"),  # 0: not said
        ("quality", "i4"),
        ("misread", "?"),
        ("smudged", "?"),
        ("copy", "?"),  # of another print than the first
        ("troubles", "i4"),
    ]
)
Scans = NDArray[np.void]
Flags = NDArray[np.bool_]

MINUTE: Final = 60_000_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
YEAR: Final = 365 * DAY
_LANES_MAX, _PIECES_A_LANE = 12, 4_000
_CLOCK_ERROR = 90 * 1_000_000
_ADRIFT: Final = (-5 * DAY, -2 * DAY, -8 * HOUR, -3 * HOUR, 3 * HOUR, 8 * HOUR, 2 * DAY, 5 * DAY)
_FLIGHT_MILES_AN_HOUR = 300
_HUB = 8
_BITS: Final = {trouble: 1 << place for place, trouble in enumerate(Trouble)}


def trouble_bit(trouble: Trouble) -> int:
    """The bit of a trouble in a set of them."""
    return _BITS[trouble]


def lanes_of(plan: Plan) -> int:
    """How many scanners each office has."""
    return max(1, min(_LANES_MAX, plan.pieces // _PIECES_A_LANE))


def clock_errors(plan: Plan) -> NDArray[np.int64]:
    """How far the clock of each scanner is off, by office and lane: a little, or much more."""
    random = np.random.default_rng([plan.seed, 0xC10C])
    shape = places.COUNT, lanes_of(plan)
    errors = random.integers(-_CLOCK_ERROR, _CLOCK_ERROR, shape)
    wrong = random.random(shape) < plan.share(Trouble.WRONG_CLOCK)
    errors += np.where(wrong, random.choice((-YEAR, YEAR), shape), 0)
    adrift = ~wrong & (random.random(shape) < plan.share(Trouble.CLOCK_ADRIFT))
    return errors + np.where(adrift, random.choice(_ADRIFT, shape), 0)


def journeys(pieces: Pieces, plan: Plan, random: Random) -> Scans:
    """Every scan of these pieces, as honest mail goes."""
    start = np.where(pieces["away"] >= 0, pieces["away"], pieces["office"])
    evening = pieces["mailed"] * DAY + _between(18, 24, pieces, random)
    legs = [
        _rows(_some(0.05, pieces, random), evening - 5 * HOUR, start, Operation.ACCEPTANCE),
        _rows(_some(1, pieces, random), evening, start, Operation.ORIGIN),
        _again(pieces, evening, start, plan, random),
        *_away(pieces, evening, start, plan, random),
    ]
    return np.concatenate(legs)


def _again(
    pieces: Pieces, evening: NDArray[np.int64], start: NDArray[np.int64], plan: Plan, random: Random
) -> Scans:
    """Run through the same plant once more."""
    which = _some(plan.share(Trouble.RESCANNED), pieces, random)
    _note(pieces, which, Trouble.RESCANNED)
    later = evening + random.integers(5 * MINUTE, 40 * MINUTE, len(pieces))
    return _rows(which, later, start, Operation.ORIGIN)


def _away(
    pieces: Pieces, evening: NDArray[np.int64], start: NDArray[np.int64], plan: Plan, random: Random
) -> list[Scans]:
    """On the way, at the destination, and from there on."""
    to = pieces["to"]
    forwarded, returned, missent = _fates(pieces, plan, random)
    astray = np.where(missent, random.integers(0, places.COUNT, len(pieces)), to)
    first = _arrival(pieces["mailed"] + 1, places.distances()[start, astray], pieces, random)
    later = _arrival(first // DAY + 1, places.distances()[astray, to], pieces, random)
    arrival = np.where(missent, later, first)
    seen = _some(0.85, pieces, random) | forwarded | returned
    delivered = _some(0.08, pieces, random) & seen & ~forwarded & ~returned
    return [
        _flown(pieces, evening, start, missent, random),
        _rows(missent, first, astray, Operation.DESTINATION),
        _rows(seen, arrival, to, Operation.DESTINATION),
        _rows(delivered, arrival + _between(5, 9, pieces, random), to, Operation.DELIVERY),
        *_sent_on(pieces, arrival, start, (forwarded, returned), random),
    ]


def _flown(
    pieces: Pieces,
    evening: NDArray[np.int64],
    start: NDArray[np.int64],
    missent: Flags,
    random: Random,
) -> Scans:
    """Some of the mail that goes far passes the hub in the night."""
    far = places.distances()[start, pieces["to"]] > places.FAR_MILES
    flight = places.distances()[start, _HUB] / _FLIGHT_MILES_AN_HOUR * HOUR
    at = evening + 3 * HOUR + flight.astype(np.int64)
    which = _some(0.15, pieces, random) & far & ~missent
    return _rows(which, at, np.full(len(pieces), _HUB), Operation.TRANSIT)


def _sent_on(
    pieces: Pieces,
    arrival: NDArray[np.int64],
    start: NDArray[np.int64],
    fates: tuple[Flags, Flags],
    random: Random,
) -> list[Scans]:
    """Forwarded to a new address, or returned to where it came from."""
    forwarded, returned = fates
    to = pieces["to"]
    new_to = np.where(returned, start, random.integers(0, places.COUNT, len(pieces)))
    onward = arrival + _between(4, 8, pieces, random)
    again = _arrival(onward // DAY + 2, places.distances()[to, new_to], pieces, random)
    return [
        _rows(forwarded, onward, to, Operation.FORWARDED),
        _rows(returned, onward, to, Operation.RETURNED),
        _rows(forwarded | returned, again, new_to, Operation.DESTINATION),
    ]


def _fates(pieces: Pieces, plan: Plan, random: Random) -> tuple[Flags, Flags, Flags]:
    """Which pieces are forwarded, which returned, which missent; each is one of these at most."""
    draw = random.random(len(pieces))
    fates, below = list[Flags](), 0.0
    for trouble in (Trouble.FORWARDED, Trouble.RETURNED, Trouble.MISSENT):
        share = plan.share(trouble)
        fates.append((below <= draw) & (draw < below + share))
        _note(pieces, fates[-1], trouble)
        below += share
    return fates[0], fates[1], fates[2]


def _arrival(
    first: NDArray[np.int64], miles: NDArray[np.float64], pieces: Pieces, random: Random
) -> NDArray[np.int64]:
    """Early on the first morning that mail comes in over so many miles."""
    days = first + (miles > places.FAR_MILES) + (miles > 3 * places.FAR_MILES)
    return days.astype(np.int64) * DAY + _between(3, 7, pieces, random)


def _some(share: float, pieces: Pieces, random: Random) -> Flags:
    return random.random(len(pieces)) < share


def _between(low: int, high: int, pieces: Pieces, random: Random) -> NDArray[np.int64]:
    return random.integers(low * HOUR, high * HOUR, len(pieces))


def _note(pieces: Pieces, which: Flags, trouble: Trouble) -> None:
    pieces["troubles"][which] |= _BITS[trouble]


def _rows(
    which: Flags, at: NDArray[np.int64], place: NDArray[np.int64], operation: Operation
) -> Scans:
    scans = np.zeros(int(which.sum()), SCANNED)
    scans["piece"] = np.flatnonzero(which)
    scans["at"], scans["place"], scans["operation"] = at[which], place[which], operation
    return scans


def read(scans: Scans, plan: Plan, random: Random) -> None:
    """Let scanners read them: by which one, with what clock, from how many looks, or not at all."""
    count = len(scans)
    scans["lane"] = random.integers(0, lanes_of(plan), count)
    scans["clock"] = clock_errors(plan)[scans["place"], scans["lane"]]
    scans["looks"] = random.choice((2, 3, 1, 0), count, p=(0.7, 0.15, 0.1, 0.05))
    scans["quality"] = random.integers(40, 101, count)
    scans["misread"] = random.random(count) < plan.share(Trouble.MISREAD)
    scans["smudged"] = random.random(count) < plan.share(Trouble.SMUDGED)
    scans["misread"] &= ~scans["smudged"]
    scans["looks"][scans["misread"]] = random.integers(0, 2, int(scans["misread"].sum()))
    scans["quality"][scans["misread"] | scans["smudged"]] = 0
    off = np.abs(scans["clock"])
    for which, trouble in (
        (off > YEAR / 2, Trouble.WRONG_CLOCK),
        ((off > _CLOCK_ERROR) & (off < YEAR / 2), Trouble.CLOCK_ADRIFT),
        (scans["misread"], Trouble.MISREAD),
        (scans["smudged"], Trouble.SMUDGED),
    ):
        scans["troubles"][which] |= _BITS[trouble]
