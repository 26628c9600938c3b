"""What is done to the mail on purpose, deed by deed, to the pieces of one shard.

Some deeds are done to honest pieces of the last night, some add pieces of their own, some have a
device of their own, so that what one deed leaves behind is not mistaken for another's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from franking.scans.operations import Operation
from franking.verification.trust_format import day_number
from franking.world.nights import places
from franking.world.nights.fleet import FIRST_CERTIFICATE, FORGER, INVENTED_CERTIFICATE
from franking.world.nights.journeys import DAY, HOUR, MINUTE, SCANNED, Scans
from franking.world.nights.mail import (
    OUNCES_MAX,
    Pieces,
    Random,
    first_ascending,
    mailed,
    prices,
    registered,
)
from franking.world.nights.plan import DEVICE_FRAUDS, PIECES_OF_A_DEED, Plan
from franking.world.nights.records import Fraud

FRAUDS: Final = tuple(Fraud)
_AHEAD_OF_DEPOSIT, _TOO_FAR_AHEAD = 5, 45
_PAST_DAYS = 10
_ROLLED_BACK_DAYS, _ROLLED_BACK_MILLS = 45, 400_000
_UNCOVERED_MILLS = 123_450
_ALTERED_BY_MILLS = 3_000
_KNOWN_SHARE = 0.9
_FEASIBLE_EVERY = 10
_REMAILED_DAYS_MIN = 3


@dataclass(slots=True)
class Shard:
    """Some of the honest devices and some of the deeds of a plan, and what came of them so far."""

    plan: Plan
    number: int
    random: Random
    honest: range
    deeds: Mapping[Fraud, int]
    """How often each fraud is done here."""
    devices: Mapping[Fraud, range]
    """The devices of the deeds that have one of their own."""
    pieces: Pieces
    """The honest pieces, in order by device."""
    added: list[Pieces] = field(default_factory=list)
    incidents: int = 0

    @property
    def tonight(self) -> int:
        """The day of the last night."""
        return day_number(self.plan.on)

    @property
    def first_day(self) -> int:
        """The day of the first night; the last one where it is the only one."""
        return day_number(self.plan.days[0])

    def new_incidents(self, count: int) -> NDArray[np.int64]:
        """Numbers for so many deeds, different from those of every other shard."""
        first = (self.number << 32) + self.incidents
        self.incidents += count
        return first + np.arange(count)


Deed = Callable[[Shard, Fraud], None]


def commit_deeds(shard: Shard) -> Pieces:
    """Do everything that the shard is to do; all its pieces, the added ones last."""
    for fraud, deed in _DEEDS.items():
        if shard.deeds[fraud]:
            deed(shard, fraud)
    return np.concatenate([shard.pieces, *shard.added])


def _taken(shard: Shard, fraud: Fraud, fits: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Places of honest pieces that fit, marked with the deed; as many as there are to be."""
    pieces = shard.pieces
    free = np.flatnonzero(fits & (pieces["fraud"] < 0) & (pieces["troubles"] == 0))
    chosen = shard.random.permutation(free)[: shard.deeds[fraud]]
    pieces["fraud"][chosen] = FRAUDS.index(fraud)
    pieces["incident"][chosen] = shard.new_incidents(len(chosen))
    return chosen


def _taken_tonight(shard: Shard, fraud: Fraud) -> NDArray[np.intp]:
    return _taken(shard, fraud, shard.pieces["mailed"] == shard.tonight)


def _mark(shard: Shard, pieces: Pieces, fraud: Fraud, each: int = 1) -> Pieces:
    """Added pieces of one deed after another, ``each`` of a deed."""
    pieces["fraud"] = FRAUDS.index(fraud)
    pieces["incident"] = np.repeat(shard.new_incidents(len(pieces) // each), each)
    shard.added.append(pieces)
    return pieces


def _strangers(shard: Shard, fraud: Fraud) -> Pieces:
    """Pieces mailed tonight that name honest devices, with registers that these might have."""
    devices = shard.random.choice(np.array(shard.honest), shard.deeds[fraud])
    pieces = _mailed_tonight(shard, devices)
    pieces["ascending"] = first_ascending(devices) + pieces["postage"]
    pieces["descending"] = shard.random.integers(1, 1000, len(pieces)) * 100
    return _mark(shard, pieces, fraud)


def _mailed_tonight(shard: Shard, devices: NDArray[np.int64]) -> Pieces:
    return mailed(devices, np.full(len(devices), shard.tonight), shard.random)


def _of_own_devices(shard: Shard, fraud: Fraud) -> Pieces:
    """What the devices of a fraud make in the night, each its few pieces."""
    devices = np.repeat(np.array(shard.devices[fraud]), PIECES_OF_A_DEED)
    pieces = _mailed_tonight(shard, devices)
    registered(pieces)
    return _mark(shard, pieces, fraud, PIECES_OF_A_DEED)


def _forge(shard: Shard, fraud: Fraud) -> None:
    _strangers(shard, fraud)["key"] = FORGER


def _invent(shard: Shard, fraud: Fraud) -> None:
    pieces = _strangers(shard, fraud)
    pieces["key"] = FORGER
    pieces["certificate"] = INVENTED_CERTIFICATE + shard.random.integers(0, 10**6, len(pieces))


def _borrow_certificate(shard: Shard, fraud: Fraud) -> None:
    """Sign as one device what names another, over value that the other did use."""
    pieces = _strangers(shard, fraud)
    tonight = shard.pieces[shard.pieces["mailed"] == shard.tonight]
    victims = tonight[shard.random.integers(0, len(tonight), len(pieces))]
    pieces["device"], pieces["office"] = victims["device"], victims["office"]
    pieces["ascending"] = victims["ascending"] - 10
    others = shard.plan.devices
    pieces["key"] = (pieces["device"] + 1 + shard.random.integers(0, others - 1)) % others
    pieces["certificate"] = FIRST_CERTIFICATE + pieces["key"]


def _talk_nonsense(shard: Shard, fraud: Fraud) -> None:
    _strangers(shard, fraud)["nonsense"] = True


def _blot(shard: Shard, fraud: Fraud) -> None:
    _strangers(shard, fraud)["illegible"] = True


def _alter(shard: Shard, fraud: Fraud) -> None:
    those = _taken_tonight(shard, fraud)
    shard.pieces["altered"][those] = shard.pieces["postage"][those] + _ALTERED_BY_MILLS


def _copy(shard: Shard, fraud: Fraud) -> None:
    """The copy itself is a scan more: see ``copies``."""
    _taken_tonight(shard, fraud)


def _copy_earlier(shard: Shard, fraud: Fraud) -> None:
    """Of a piece of an earlier night where there was one, else of one that no night saw."""
    days = shard.pieces["mailed"]
    earlier = [day_number(day) for day in shard.plan.days[:-1]]
    seen = [day for day in earlier if day <= shard.tonight - _REMAILED_DAYS_MIN]
    _taken(shard, fraud, np.isin(days, seen or earlier) if earlier else days < shard.tonight)


def _pay_short(shard: Shard, fraud: Fraud) -> None:
    tonight = shard.pieces["mailed"] == shard.tonight
    those = _taken(shard, fraud, tonight & (shard.pieces["ounces"] < OUNCES_MAX))
    shard.pieces["ounces"][those] += 1
    shard.pieces["due"][those] = prices(shard.tonight)[shard.pieces["ounces"][those] - 1]
    _know_more(shard, those)


def _mail_elsewhere(shard: Shard, fraud: Fraud) -> None:
    those = _taken_tonight(shard, fraud)
    offices = shard.pieces["office"][those]
    shard.pieces["away"][those] = places.one_far_from(offices, shard.random)
    _know_more(shard, those)


def _date_ahead(shard: Shard, fraud: Fraud) -> None:
    those = _taken_tonight(shard, fraud)
    days = np.where(np.arange(len(those)) % 2 == 0, _AHEAD_OF_DEPOSIT, _TOO_FAR_AHEAD)
    shard.pieces["dated"][those] += days
    _know_more(shard, those)


def _date_back(shard: Shard, fraud: Fraud) -> None:
    those = _taken_tonight(shard, fraud)
    shard.pieces["dated"][those] -= _PAST_DAYS
    _know_more(shard, those)


def _know_more(shard: Shard, those: NDArray[np.intp]) -> None:
    """Most pieces of a deed that only facts can tell are looked at where they are taken in."""
    shard.pieces["known"][those] = shard.random.random(len(those)) < _KNOWN_SHARE


def _refund(shard: Shard, fraud: Fraud) -> None:
    """Who was paid stands in the known refunds: see ``known``."""
    _taken_tonight(shard, fraud)


def _clone(shard: Shard, fraud: Fraud) -> None:
    """Two runs from the same state, with other amounts and addresses.

    Where there were nights before, the first run of every other device was mailed on the first.
    """
    first = _of_own_devices(shard, fraud)
    first["original"] = True
    early = np.arange(len(first)) // PIECES_OF_A_DEED % 2 == 1
    first["mailed"][early] = first["dated"][early] = shard.first_day
    second = _mailed_tonight(shard, first["device"])
    registered(second)
    second["fraud"], second["incident"] = first["fraud"], first["incident"]
    shard.added.append(second)


def _roll_back(shard: Shard, fraud: Fraud) -> None:
    """One piece dated long ago, above all that the device makes tonight.

    It was mailed on its date where there was a night so long ago, else it comes in late.
    """
    made = _of_own_devices(shard, fraud)
    high = made[::PIECES_OF_A_DEED].copy()
    long_ago = min(shard.tonight - _ROLLED_BACK_DAYS, shard.first_day)
    high["dated"] = long_ago
    high["mailed"] = np.where(long_ago == shard.first_day, long_ago, shard.tonight)
    high["known"] = False
    high["original"] = True
    registered(high, first_ascending(high["device"]) + _ROLLED_BACK_MILLS)
    shard.added.append(high)


def _load_value(shard: Shard, fraud: Fraud) -> None:
    _of_own_devices(shard, fraud)["descending"] += _UNCOVERED_MILLS


def _of_ended(shard: Shard, fraud: Fraud) -> None:
    """What such a device makes is wrong because of what the trust list says of it."""
    _of_own_devices(shard, fraud)


_DEEDS: Final[Mapping[Fraud, Deed]] = {
    Fraud.FORGED_SIGNATURE: _forge,
    Fraud.INVENTED_CERTIFICATE: _invent,
    Fraud.ALTERED_VALUE: _alter,
    Fraud.COPY_SAME_NIGHT: _copy,
    Fraud.COPY_EARLIER: _copy_earlier,
    Fraud.CLONE: _clone,
    Fraud.ROLLED_BACK: _roll_back,
    Fraud.VALUE_NOT_COVERED: _load_value,
    Fraud.SHORT_PAID: _pay_short,
    Fraud.WRONG_OFFICE: _mail_elsewhere,
    Fraud.DATED_AHEAD: _date_ahead,
    Fraud.DATED_PAST: _date_back,
    Fraud.REFUNDED: _refund,
    Fraud.WITHDRAWN: _of_ended,
    Fraud.REVOKED: _of_ended,
    Fraud.LOST: _of_ended,
    Fraud.STOLEN: _of_ended,
    Fraud.COMPROMISED_KEY: _of_ended,
    Fraud.ANOTHER_CERTIFICATE: _borrow_certificate,
    Fraud.RANDOM_BYTES: _talk_nonsense,
    Fraud.ILLEGIBLE: _blot,
}


def copies(shard: Shard, pieces: Pieces, scans: Scans) -> Scans:
    """The scans of second prints: far away within the hour, or long after the first."""
    firsts = scans[scans["operation"] == Operation.ORIGIN]
    firsts = firsts[np.unique(firsts["piece"], return_index=True)[1]]
    fraud = pieces["fraud"][firsts["piece"]]
    at_once = _copied_at_once(firsts[fraud == FRAUDS.index(Fraud.COPY_SAME_NIGHT)], shard.random)
    later = _copied_later(firsts[fraud == FRAUDS.index(Fraud.COPY_EARLIER)], shard)
    return np.concatenate([at_once, later])


def _copied_at_once(firsts: Scans, random: Random) -> Scans:
    """Every tenth at the same plant, where it might as well be the same piece again."""
    copied = _copied(firsts)
    feasible = np.arange(1, len(copied) + 1) % _FEASIBLE_EVERY == 0
    far = places.one_far_from(firsts["place"], random)
    copied["place"] = np.where(feasible, firsts["place"], far)
    copied["at"] += random.integers(5 * MINUTE, 30 * MINUTE, len(copied))
    return copied


def _copied_later(firsts: Scans, shard: Shard) -> Scans:
    copied = _copied(firsts)
    copied["place"] = places.one_far_from(firsts["place"], shard.random)
    copied["at"] = shard.tonight * DAY + shard.random.integers(18 * HOUR, 24 * HOUR, len(copied))
    return copied


def _copied(firsts: Scans) -> Scans:
    copied = np.zeros(len(firsts), SCANNED)
    for name in ("piece", "at", "operation"):
        copied[name] = firsts[name]
    copied["copy"] = True
    return copied


def deals(plan: Plan, shards: int, number: int) -> dict[Fraud, int]:
    """How often each fraud is done in the shard of that number, of so many."""
    return {fraud: len(dealt(range(plan.deeds(fraud)), shards, number)) for fraud in Fraud}


def dealt(whole: range, shards: int, number: int) -> range:
    """The part of a range that falls to the shard of that number."""
    count = len(whole)
    return whole[count * number // shards : count * (number + 1) // shards]


def own_devices(fleet: Mapping[Fraud, range], shards: int, number: int) -> dict[Fraud, range]:
    """The devices of the deeds of a shard."""
    return {fraud: dealt(fleet[fraud], shards, number) for fraud in DEVICE_FRAUDS}
