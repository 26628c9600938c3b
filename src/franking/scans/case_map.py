"""A case as a picture: where its scans are on the map, and when they were, one above the other.

Places in grey are all ZIP Codes of the table, so that the land shows without any other map. Scans
are numbered as the signed record numbers them; a line joins those that contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib import dates
from matplotlib.figure import Figure

from franking.errors import Refusal
from franking.scans.places import every_point, name_of, point_of
from franking.scans.suspicions import Seen

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAP_NOT_WRITTEN = Refusal(
    "MAP_NOT_WRITTEN",
    clause="policy",
    remedy="Give a place that can be written, and ask again; the case is as it was.",
)
NOTHING_TO_DRAW = Refusal(
    "NOTHING_TO_DRAW",
    clause="policy",
    remedy="See the case in words: franking cases show NUMBER.",
)
_MAINLAND: Final = ((-125.0, -66.0), (24.0, 50.0))
"""Degrees of longitude and latitude; a scan beyond widens the map."""
_MARGIN: Final = 2.0
_BLUE, _RED, _GREY = "#1f4e79", "#b3261e", "#d0d4d9"
_PLACES_LISTED: Final = 12


def draw_case(
    out: Path, title: str, scans: Sequence[Seen], pairs: Sequence[tuple[int, int]]
) -> None:
    """Draw ``scans``, and a line for each of ``pairs``, places in the list from 1, as a PNG.

    Raises:
        Refused: ``NOTHING_TO_DRAW`` where no scan says where or when, ``MAP_NOT_WRITTEN``.
    """
    placed = {at: point for at, each in enumerate(scans, 1) if (point := point_of(each.place))}
    timed = {at: each for at, each in enumerate(scans, 1) if each.scanned_at is not None}
    if not placed and not timed:
        raise NOTHING_TO_DRAW.because("no scan of the case says where or when it was")
    figure = Figure(figsize=(9, 7.4), layout="constrained")
    figure.suptitle(title, fontsize=12)
    upper, lower = figure.subplots(2, 1, height_ratios=(3, 1))
    _draw_map(upper, placed, pairs)
    _draw_times(lower, timed, pairs)
    try:
        figure.savefig(out, dpi=110, format="png")
    except OSError as error:
        raise MAP_NOT_WRITTEN.because(f"{out}: {error.strerror or error}") from error


def _draw_map(
    axes: Axes, placed: dict[int, tuple[float, float]], pairs: Sequence[tuple[int, int]]
) -> None:
    north, east = every_point()
    axes.scatter(east, north, s=0.3, color=_GREY, linewidths=0, rasterized=True)
    for first, second in pairs:
        if first in placed and second in placed:
            (one, other) = placed[first], placed[second]
            axes.plot([one[1], other[1]], [one[0], other[0]], color=_RED, linewidth=1)
    for point, numbers in _together(placed).items():
        axes.plot(point[1], point[0], "o", color=_BLUE, markersize=6)
        where = (point[1], point[0])
        axes.annotate(numbers, where, xytext=(5, 5), textcoords="offset points", fontsize=9)
    _frame(axes, placed)


def _frame(axes: Axes, placed: dict[int, tuple[float, float]]) -> None:
    (west, east), (south, north) = _MAINLAND
    norths, easts = ([point[side] for point in placed.values()] for side in (0, 1))
    axes.set_xlim(min([west, *(each - _MARGIN for each in easts)]), max([east, *easts]))
    axes.set_ylim(min([south, *(each - _MARGIN for each in norths)]), max([north, *norths]))
    axes.set_aspect(1 / np.cos(np.radians(39)))
    axes.set_axis_off()


def _draw_times(axes: Axes, timed: dict[int, Seen], pairs: Sequence[tuple[int, int]]) -> None:
    """A row for each place, the first to see a piece on top."""
    places = list(dict.fromkeys(each.place for each in _by_time(timed)))[:_PLACES_LISTED]
    rows = {place: row for row, place in enumerate(places)}
    at = {
        number: (_time(each), rows[each.place])
        for number, each in timed.items()
        if each.place in rows
    }
    for first, second in pairs:
        if first in at and second in at:
            axes.plot(*zip(at[first], at[second], strict=True), color=_RED, linewidth=1)
    for number, point in at.items():
        axes.plot(*point, "o", color=_BLUE, markersize=6)
        axes.annotate(str(number), point, xytext=(5, 5), textcoords="offset points", fontsize=9)
    axes.set_yticks(range(len(places)), [name_of(each) or "not known" for each in places])
    axes.set_ylim(len(places) - 0.5, -0.6)
    locator = dates.AutoDateLocator(maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
    axes.margins(x=0.1)
    axes.set_xlabel("UTC")
    axes.spines[["top", "right"]].set_visible(False)


def _together(placed: dict[int, tuple[float, float]]) -> dict[tuple[float, float], str]:
    """The numbers of the scans at each point, ``1, 3``; many of them as ``1 … 40``."""
    found: dict[tuple[float, float], list[int]] = {}
    for number, point in placed.items():
        found.setdefault(point, []).append(number)
    return {point: _numbers(each) for point, each in found.items()}


def _numbers(numbers: list[int]) -> str:
    few = 5
    if len(numbers) > few:
        return f"{numbers[0]} … {numbers[-1]}"
    return ", ".join(map(str, numbers))


def _by_time(timed: dict[int, Seen]) -> list[Seen]:
    return sorted(timed.values(), key=_time)


def _time(seen: Seen) -> float:
    at: datetime | None = seen.scanned_at
    number: float = dates.date2num(at) if at else 0.0
    return number
