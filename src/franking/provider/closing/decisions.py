"""Holding the records of the same money against each other. Pure: records in, differences out.

Every difference is listed, not the first. Laws checked here every night: LEDGER-1 (Σ is zero),
LEDGER-2 (no account passes its limit), LEDGER-3 (what came in is held or spent), LEDGER-4 (each
grant has one charge), LEDGER-5 (a device holds what its descending register shows).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from franking.provider.closing.records import (
    DevicePosition,
    DevicesTotal,
    Difference,
    DifferenceKind,
    HostedReading,
    KindTotal,
    Resets,
)
from franking.provider.funds.chart import PLACES, Place

AGES: Final = (0, 1, 7, 31, 92, 366)
"""Report ages are counted up to so many days."""
TRANSIT: Final = "transit:"


def ledger_differences(
    totals: Sequence[KindTotal], held: Mapping[str, int]
) -> Iterator[Difference]:
    """Whether the accounts sum to zero, agree with their balances, and conserve what came in.

    ``held`` are the ledger's own balances by kind, as the day left them.
    """
    closing = {each.kind: each.closing_mills for each in totals}
    if found := sum(closing.values()):
        yield Difference(
            kind=DifferenceKind.NOT_ZERO, about="ledger", expected_mills=0, found_mills=found
        )
    for kind in sorted({*closing, *held}):
        if closing.get(kind, 0) != held.get(kind, 0):
            yield Difference(
                kind=DifferenceKind.CARRIED,
                about=f"account:{kind}",
                expected_mills=closing.get(kind, 0),
                found_mills=held.get(kind, 0),
            )
    yield from _conservation(closing)


def _conservation(closing: Mapping[str, int]) -> Iterator[Difference]:
    """LEDGER-3; the provider's own money balances by itself."""
    own = sum(mills for kind, mills in closing.items() if PLACES[kind] is Place.PROVIDER)
    came_in = -sum(mills for kind, mills in closing.items() if PLACES[kind] is Place.SOURCE)
    placed = sum(closing.values()) - own + came_in
    if came_in != placed:
        yield Difference(
            kind=DifferenceKind.CONSERVATION,
            about="ledger",
            expected_mills=came_in,
            found_mills=placed,
        )


def device_difference(
    at: DevicePosition, read: HostedReading | None = None
) -> Iterator[Difference]:
    """Whether a device holds what the ledger has in it (LEDGER-5), and none is below zero.

    A hosted device that was read just now is held against that reading, to the mill; it may have
    taken a grant whose receipt is on its way.
    """
    for mills, kind in ((at.in_device_mills, "device"), (at.in_transit_mills, "transit")):
        if mills < 0:
            yield Difference(
                kind=DifferenceKind.PAST_LIMIT,
                about=f"account:{kind}:{at.serial}",
                expected_mills=0,
                found_mills=mills,
            )
    yield from _unlike_reading(at, read) if read else _unlike_report(at)


def _unlike_report(at: DevicePosition) -> Iterator[Difference]:
    if at.held_mills != at.descending_mills:
        yield Difference(
            kind=DifferenceKind.REGISTERS,
            about=f"device:{at.serial}",
            expected_mills=at.held_mills,
            found_mills=at.descending_mills,
            detail=f"by its report of {at.reported_on or 'no day'}",
        )


def _unlike_reading(at: DevicePosition, read: HostedReading) -> Iterator[Difference]:
    if read.descending_mills not in (at.held_mills, at.held_mills + at.granted_mills):
        yield Difference(
            kind=DifferenceKind.HOSTED,
            about=f"device:{at.serial}",
            expected_mills=at.held_mills,
            found_mills=read.descending_mills,
            detail="read at the close",
        )


def transit_differences(
    coming: Mapping[str, int], expected: Mapping[str, int], moved: Mapping[str, int]
) -> Iterator[Difference]:
    """Whether each device's value in transit is what was granted to it and not settled.

    ``coming`` is by device as the day left it, ``moved`` by account what was added since: what is
    granted and not settled is known as of now only.
    """
    now = Counter(coming)
    now.update(
        {
            account.removeprefix(TRANSIT): mills
            for account, mills in moved.items()
            if account.startswith(TRANSIT)
        }
    )
    for serial in sorted({*now, *expected}):
        if now[serial] != expected.get(serial, 0):
            yield Difference(
                kind=DifferenceKind.TRANSIT,
                about=f"device:{serial}",
                expected_mills=expected.get(serial, 0),
                found_mills=now[serial],
            )


def are_alike(before: Resets, granted: Resets, charged: Resets) -> bool:
    """Whether what was granted since ``before`` is as much as was charged since (LEDGER-4)."""
    return (
        granted.count - before.count == charged.count
        and granted.amount_mills - before.amount_mills == charged.amount_mills
    )


@dataclass(slots=True)
class Tally:
    """All devices, counted as they pass."""

    differences: list[Difference] = field(default_factory=list)
    coming: dict[str, int] = field(default_factory=dict)
    """What is in transit, by device."""
    _devices: int = 0
    _holding: int = 0
    _inside: int = 0
    _oldest: str = ""
    _ages: Counter[int] = field(default_factory=Counter)
    _hosted: int = 0

    def take(self, at: DevicePosition, read: HostedReading | None = None) -> None:
        """Count one device, and hold its records against each other."""
        self._devices += 1
        self._inside += at.in_device_mills
        if at.in_device_mills:
            self._holding += 1
            if at.reported_on and (not self._oldest or at.reported_on < self._oldest):
                self._oldest = at.reported_on
            self._ages[bisect_left(AGES, at.age_days) if at.age_days >= 0 else -1] += 1
        if at.in_transit_mills:
            self.coming[at.serial] = at.in_transit_mills
        self.differences.extend(device_difference(at, read))
        self._hosted += read is not None

    def total(self) -> DevicesTotal:
        """The count."""
        return DevicesTotal(
            devices=self._devices,
            holding_value=self._holding,
            in_device_mills=self._inside,
            in_transit=len(self.coming),
            in_transit_mills=sum(self.coming.values()),
            oldest_report=self._oldest,
            ages=tuple((_age(place), self._ages[place]) for place in sorted(self._ages)),
            hosted=self._hosted,
        )


def _age(place: int) -> str:
    if place < 0:
        return "never"
    if place == len(AGES):
        return f"over {AGES[-1]} days"
    return "the same day" if place == 0 else f"within {AGES[place]} days"


def tally(positions: Iterable[DevicePosition], hosted: Mapping[str, HostedReading]) -> Tally:
    """Count all devices."""
    counted = Tally()
    for at in positions:
        counted.take(at, hosted.get(at.serial))
    return counted
