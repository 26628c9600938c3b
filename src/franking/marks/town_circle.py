"""The town circle: which post office licensed the device, and the date of mailing.

A ring with the place around the date, as on a postmark (DMM P050.4.5 to 4.7 of 1997; 39 CFR
501.6(f) of 1995).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from math import cos, degrees, pi, sin

from franking.errors import Refusal
from franking.marks.geometry import Anchor, Drawing, Part, Ring, Text, fitted, line_of_text
from franking.marks.lettering import POINTS_PER_INCH, Face, cap_height_in, size_to_fit, width_in

TOWN_UNREADABLE = Refusal(
    "TOWN_UNREADABLE",
    clause="DMM P050.4.5 (1997)",
    remedy="Give the city, the two-letter state and the 5-digit ZIP Code of the licensing office.",
    http_status=422,
)
TOWN_NAME_TOO_LONG = Refusal(
    "TOWN_NAME_TOO_LONG",
    clause="DMM P050.4.2 (1997)",
    remedy="Use the abbreviation of the city that the Postal Service accepts.",
    http_status=422,
)
BRANCH_NOT_PERMITTED = Refusal(
    "BRANCH_NOT_PERMITTED",
    clause="DMM P050.4.5 (1997)",
    remedy="Show the licensing post office, or get its approval for a local classified branch.",
)

DIAMETER_DEFAULT = 0.74

_STATE = re.compile(r"[A-Z]{2}", re.ASCII)
_ZIP = re.compile(r"[0-9]{5}", re.ASCII)
_LETTER_PT, _LETTER_PT_MIN = 6.0, 4.0
_RING_LINE, _INNER_LINE = 0.011, 0.006
_BAND_CLEAR = 0.022  # paper between letters and rings
_ARC_GAP = 0.16  # radians between the words above and the words below, at each side
_ARC_SPACING = 0.06  # ems
_DATE_PT = 9.0
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


class OfficeUnit(Enum):
    """What kind of place a branch or station of a post office is."""

    CLASSIFIED_BRANCH = "classified branch"
    CLASSIFIED_STATION = "classified station"
    CONTRACT_BRANCH = "contract branch"
    CONTRACT_STATION = "contract station"


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The words of a town circle: those above the date and those below it."""

    above: str
    below: str

    @property
    def words(self) -> str:
        """Both, as a person would say them."""
        return f"{self.above} {self.below}"


def licensing_office(*, city: str, state: str, zip_code: str) -> Town:
    """The post office that licensed the device: city, state, 5-digit ZIP Code.

    Raises:
        Refused: ``TOWN_UNREADABLE``.
    """
    name, area = city.strip().upper(), state.strip().upper()
    if not name or _STATE.fullmatch(area) is None or _ZIP.fullmatch(zip_code) is None:
        raise TOWN_UNREADABLE.because(f"{city!r}, {state!r}, {zip_code!r} is not a post office")
    return Town(above=name, below=f"{area} {zip_code}")


def local_branch(
    *, branch: str, state: str, zip_code: str, unit: OfficeUnit, approval_id: str
) -> Town:
    """A local classified branch in place of the licensing office, which has approved it.

    Raises:
        Refused: ``BRANCH_NOT_PERMITTED`` for stations and contract units, or without approval.
    """
    if unit is not OfficeUnit.CLASSIFIED_BRANCH:
        raise BRANCH_NOT_PERMITTED.because(f"{branch} is a {unit.value}")
    if not approval_id:
        raise BRANCH_NOT_PERMITTED.because(f"the licensing post office has not approved {branch}")
    return licensing_office(city=branch, state=state, zip_code=zip_code)


def mailed_from(zip_code: str, *, words: str) -> Town:
    """The words "Mailed From ZIP Code" and the mailer's own ZIP Code in place of city and state.

    Raises:
        Refused: ``TOWN_UNREADABLE``.
    """
    if _ZIP.fullmatch(zip_code) is None:
        raise TOWN_UNREADABLE.because(f"{zip_code!r} is not a 5-digit ZIP Code")
    return Town(above=words.upper(), below=zip_code)


def date_lines(day: date, *, complete: bool = True) -> tuple[str, str]:
    """The date as two lines; without the day where ``complete`` is false (DMM P050.4.6)."""
    month = _MONTHS[day.month - 1]
    return (f"{month} {day.day:02d}" if complete else month, f"{day.year:04d}")


@lru_cache(maxsize=64)
def town_circle(
    town: Town, day: date, *, complete_date: bool = True, diameter: float = DIAMETER_DEFAULT
) -> Drawing:
    """The town circle as a drawing of its diameter; 30 January 1997 reads JAN 30 over 1997.

    Raises:
        Refused: ``TOWN_NAME_TOO_LONG``, ``TEXT_UNPRINTABLE``.
    """
    radius = diameter / 2
    outer = Ring(x=radius, y=radius, radius=radius - _RING_LINE / 2, line=_RING_LINE)
    letter_top = radius - _RING_LINE - _BAND_CLEAR
    size = _letter_size(town, letter_top)
    letter_foot = letter_top - cap_height_in(Face.BOLD, size)
    inner_radius = letter_foot - _BAND_CLEAR
    inner = Ring(x=radius, y=radius, radius=inner_radius, line=_INNER_LINE)
    letters = (
        *_arc_above(town.above, centre=radius, radius=letter_foot, size_pt=size),
        *_arc_below(town.below, centre=radius, radius=letter_top, size_pt=size),
    )
    dates = _date_text(date_lines(day, complete=complete_date), radius, inner_radius)
    return fitted(Part.of("town-circle", outer, inner, *letters, *dates))


def _letter_size(town: Town, letter_top: float) -> float:
    """The largest size at which the words above and below go round without meeting."""
    size = _LETTER_PT
    while size >= _LETTER_PT_MIN:
        foot = letter_top - cap_height_in(Face.BOLD, size)
        turn = _arc(town.above, foot, size) + _arc(town.below, letter_top, size) + 2 * _ARC_GAP
        if turn <= 2 * pi:
            return size
        size -= 0.1
    raise TOWN_NAME_TOO_LONG.because(f"{town.words!r} does not fit around the date")


def _letter_widths(text: str, size_pt: float) -> list[float]:
    extra = _ARC_SPACING * size_pt / POINTS_PER_INCH
    return [width_in(letter, Face.BOLD, size_pt) + extra for letter in text]


def _arc(text: str, radius: float, size_pt: float) -> float:
    """The angle, in radians, that a line of letters takes at ``radius``."""
    return sum(_letter_widths(text, size_pt)) / radius


def _arc_above(text: str, *, centre: float, radius: float, size_pt: float) -> list[Text]:
    """Letters clockwise over the top, their feet on ``radius``."""
    letters, along = [], -_arc(text, radius, size_pt) / 2
    for letter, width in zip(text, _letter_widths(text, size_pt), strict=True):
        middle = along + width / radius / 2
        letters.append(_letter(letter, width, centre, radius, middle, size_pt))
        along += width / radius
    return letters


def _arc_below(text: str, *, centre: float, radius: float, size_pt: float) -> list[Text]:
    """Letters anticlockwise along the bottom, read from left to right, feet on ``radius``."""
    letters, along = [], -_arc(text, radius, size_pt) / 2
    for letter, width in zip(text, _letter_widths(text, size_pt), strict=True):
        middle = along + width / radius / 2
        letters.append(_letter(letter, width, centre, -radius, -middle, size_pt))
        along += width / radius
    return letters


def _letter(
    letter: str, width: float, centre: float, radius: float, turn: float, size_pt: float
) -> Text:
    """One letter whose foot is centred on ``radius`` above the centre, turned by ``turn``."""
    half = (width - _ARC_SPACING * size_pt / POINTS_PER_INCH) / 2
    return Text(
        x=centre + radius * sin(turn) - half * cos(turn),
        y=centre - radius * cos(turn) - half * sin(turn),
        text=letter,
        face=Face.BOLD,
        size_pt=size_pt,
        angle=degrees(turn),
    )


def _date_text(lines: tuple[str, str], centre: float, inner_radius: float) -> list[Text]:
    room = 1.62 * inner_radius
    size = min(size_to_fit(line, Face.BOLD, width=room, largest_pt=_DATE_PT) for line in lines)
    gap = cap_height_in(Face.BOLD, size) * 0.28
    baselines = (centre - gap, centre + gap + cap_height_in(Face.BOLD, size))
    return [
        line_of_text(line, x=centre, y=y, size_pt=size, face=Face.BOLD, anchor=Anchor.MIDDLE)
        for line, y in zip(lines, baselines, strict=True)
    ]
