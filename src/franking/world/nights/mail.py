"""The pieces of a made-up world, by column: what each device evidenced, in order, day by day.

A device is reset by whole amounts, whenever its descending register would fall below the postage of
the next piece; so its control totals are the multiples of that amount.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from franking.host.rates import price
from franking.host.records import MailClass, Shape
from franking.verification.trust_format import day_of
from franking.world.nights import places
from franking.world.nights.fleet import FIRST_ASCENDING, FIRST_CERTIFICATE

PIECE: Final = np.dtype(
    [
        ("device", "i8"),  # index of the device that the content names
        ("key", "i8"),  # index of the device whose key signs
        ("certificate", "i8"),
        ("ascending", "i8"),
        ("postage", "i8"),
        ("descending", "i8"),
        ("dated", "i8"),
        ("mailed", "i8"),  # the day of deposit
        ("office", "i8"),  # of the licence
        ("to", "i8"),  # the office of the destination
        ("destination", "i8"),  # 11 digits
        ("ounces", "i8"),
        ("due", "i8"),  # mills
        ("extension", "i8"),  # bytes of the customer's own that are signed too
        ("altered", "i8"),  # postage written over the signed one; 0: nothing
        ("nonsense", "?"),  # random bytes in the place of an indicium
        ("illegible", "?"),
        ("known", "?"),  # its day, office and weight are known where it was taken in
        ("away", "i8"),  # office of deposit where it is another; -1: its own
        ("fraud", "i1"),  # place in the list of frauds; -1: honest
        ("incident", "i8"),  # -1: none
        ("original", "?"),
        ("troubles", "i4"),  # bits by place in the list of troubles
    ]
)
RESET_MILLS: Final = 300_000
OUNCES_MAX: Final = 3
"""Every list of prices has letters so heavy."""
_KNOWN_SHARE: Final = 0.6
_ELEVEN_DIGITS: Final = 1_000_000
Pieces = NDArray[np.void]
Random = np.random.Generator


@cache
def prices(day: int) -> NDArray[np.int64]:
    """What First-Class letters of 1, 2, ... ounces owe on a day, in mills."""
    on: date = day_of(day)
    return np.array(
        [
            price(
                on=on,
                mail_class=MailClass.FIRST_CLASS,
                shape=Shape.LETTER,
                weight_oz=Decimal(ounces),
            ).mills
            for ounces in range(1, OUNCES_MAX + 1)
        ]
    )


def blank(count: int) -> Pieces:
    """So many honest pieces about which nothing is said."""
    pieces = np.zeros(count, PIECE)
    for name in ("away", "fraud", "incident"):
        pieces[name] = -1
    return pieces


def offices_of(devices: NDArray[np.int64]) -> NDArray[np.int64]:
    """The office that licensed each device: told by its index."""
    return devices % places.COUNT


def first_ascending(devices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the registers of each device begin: told by its index."""
    low, high = FIRST_ASCENDING
    mixed = (devices.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
    spread = mixed.astype(np.int64) % (high - low)
    return low + spread // 10 * 10


def mailed(devices: NDArray[np.int64], days: NDArray[np.int64], random: Random) -> Pieces:
    """One piece for each of ``devices``, mailed on the day beside it, in order of both."""
    order = np.lexsort((random.random(len(devices)), days, devices))
    pieces = blank(len(devices))
    pieces["device"], pieces["mailed"] = devices[order], days[order]
    pieces["dated"] = pieces["mailed"]
    pieces["key"] = pieces["device"]
    pieces["certificate"] = FIRST_CERTIFICATE + pieces["device"]
    pieces["office"] = offices_of(pieces["device"])
    pieces["ounces"] = random.choice(OUNCES_MAX, len(pieces), p=(0.8, 0.14, 0.06)) + 1
    pieces["known"] = random.random(len(pieces)) < _KNOWN_SHARE
    addressed(pieces, random)
    priced(pieces)
    return pieces


def addressed(pieces: Pieces, random: Random) -> None:
    """Give each a destination: one in four stays at home."""
    at_home = random.random(len(pieces)) < 0.25
    pieces["to"] = np.where(
        at_home, pieces["office"], random.integers(0, places.COUNT, len(pieces))
    )
    rest = random.integers(0, _ELEVEN_DIGITS, len(pieces))
    pieces["destination"] = places.ZIPS[pieces["to"], 0] * _ELEVEN_DIGITS + rest


def priced(pieces: Pieces) -> None:
    """Let each pay what it owes."""
    for day in np.unique(pieces["mailed"]).tolist():
        those = pieces["mailed"] == day
        pieces["due"][those] = prices(day)[pieces["ounces"][those] - 1]
    pieces["postage"] = pieces["due"]


def registered(pieces: Pieces, start: NDArray[np.int64] | None = None) -> None:
    """Let the registers run: ``pieces`` are in order by device; they ``start`` where it is said."""
    devices = pieces["device"]
    run = np.cumsum(pieces["postage"])
    begins = np.flatnonzero(np.diff(devices, prepend=-2))
    spent_before = (run - pieces["postage"])[begins]
    lengths = np.diff(np.append(begins, len(pieces)))
    first = first_ascending(devices[begins]) if start is None else start
    pieces["ascending"] = run + np.repeat(first - spent_before, lengths)
    pieces["descending"] = totals_at(pieces["ascending"]) - pieces["ascending"]


def totals_at(ascending: NDArray[np.int64]) -> NDArray[np.int64]:
    """The control total that a device has at this ascending value."""
    return -(-ascending // RESET_MILLS) * RESET_MILLS


def known_totals(pieces: Pieces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every control total of every device of these pieces: device indices, and totals."""
    devices, inverse = np.unique(pieces["device"], return_inverse=True)
    highest = np.zeros(len(devices), np.int64)
    np.maximum.at(highest, inverse, pieces["ascending"])
    first = totals_at(first_ascending(devices)) // RESET_MILLS
    counts = np.maximum(totals_at(highest) // RESET_MILLS - first, 0) + 1
    steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(devices, counts), (np.repeat(first, counts) + steps) * RESET_MILLS
