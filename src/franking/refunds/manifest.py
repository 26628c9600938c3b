"""The list that goes with unused items: sorted by device, then by value, in bundles. Pure.

``bundle_pieces`` identical items are faced and bundled where the quantity allows (9.3.2b); what is
left over of one kind lies at the end of that kind, not bundled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice

from franking import rules
from franking.refunds.records import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Identical items that lie together."""

    number: int
    """From 1, in the order in which they lie."""
    device: str
    postage_mills: int
    pieces: int
    is_full: bool
    """Whether it is bundled: as many as a bundle has."""
    first_date: date | None
    """The earliest date shown in it; its last day to be submitted counts from here."""

    @property
    def total_mills(self) -> int:
        """The postage in it."""
        return self.pieces * self.postage_mills


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything that is submitted, in the order in which it lies."""

    bundles: tuple[Bundle, ...]
    items: tuple[Item, ...]
    """In the order of the bundles."""

    @property
    def pieces(self) -> int:
        """How many items."""
        return len(self.items)

    @property
    def total_mills(self) -> int:
        """The postage of all."""
        return sum(item.postage_mills for item in self.items)


def manifest(items: Iterable[Item], rulebook: str, on: date) -> Manifest:
    """Sort and bundle the items of a request, as they have to be submitted (9.3.2b)."""
    size = rules.whole("refunds", rulebook, on, "bundle_pieces")
    alike: dict[tuple[str, int], list[Item]] = defaultdict(list)
    for item in items:
        alike[_kind(item)].append(item)
    ordered = tuple(item for key in sorted(alike) for item in sorted(alike[key], key=_within))
    return Manifest(bundles=tuple(_bundles(ordered, size)), items=ordered)


def _within(item: Item) -> tuple[date, int]:
    return item.date_shown or date.max, item.ascending_mills or 0


def _bundles(ordered: Iterable[Item], size: int) -> Iterator[Bundle]:
    number = 0
    for (device, postage_mills), same in groupby(ordered, key=_kind):
        while pile := tuple(islice(same, size)):
            number += 1
            yield Bundle(
                number=number,
                device=device,
                postage_mills=postage_mills,
                pieces=len(pile),
                is_full=len(pile) == size,
                first_date=pile[0].date_shown,
            )


def _kind(item: Item) -> tuple[str, int]:
    """What is identical: the system used, and the value shown."""
    return item.device, item.postage_mills
