"""Where ZIP Codes are: their points on the globe, their names, and how far apart they are.

From the table that the package ``zipcodes`` carries; read once, on first use. A ZIP Code that is
not in it has no point, and every distance to it is not a number.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_MILES: Final = 3958.8
_ZIPS = 100_000
Numbers = NDArray[np.float64]


def points_of(zips: NDArray[Any]) -> tuple[Numbers, Numbers]:
    """Latitude and longitude in radians of each ZIP Code, a whole number; NaN where unknown."""
    latitudes, longitudes = _points()
    places = np.where((zips >= 0) & (zips < _ZIPS), zips, 0).astype(np.int64)
    return latitudes[places], longitudes[places]


def miles_between(one: NDArray[Any], other: NDArray[Any]) -> Numbers:
    """The great-circle distance of each two ZIP Codes in miles; NaN where one is unknown."""
    (north, east), (other_north, other_east) = points_of(one), points_of(other)
    half = np.sin((other_north - north) / 2) ** 2
    half += np.cos(north) * np.cos(other_north) * np.sin((other_east - east) / 2) ** 2
    distance: Numbers = 2 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return distance


def miles_apart(one: str, other: str) -> float | None:
    """The distance of two ZIP Codes as they are written; ``None`` where one is unknown."""
    if not (one.isdecimal() and other.isdecimal()):
        return None
    (distance,) = miles_between(np.array([int(one[:5])]), np.array([int(other[:5])]))
    return None if np.isnan(distance) else float(distance)


def point_of(zip_code: str) -> tuple[float, float] | None:
    """Latitude and longitude of a ZIP Code in degrees; ``None`` where it is unknown."""
    if not zip_code.isdecimal():
        return None
    (north,), (east,) = points_of(np.array([int(zip_code[:5])]))
    return None if np.isnan(north) else (float(np.degrees(north)), float(np.degrees(east)))


def every_point() -> tuple[Numbers, Numbers]:
    """Latitude and longitude in degrees of every ZIP Code that has a point, for drawing."""
    latitudes, longitudes = _points()
    known = ~np.isnan(latitudes)
    return np.degrees(latitudes[known]), np.degrees(longitudes[known])


def name_of(zip_code: str) -> str:
    """A ZIP Code with the name of its place, ``10001 New York, NY``; alone where it is unknown."""
    name = _names().get(zip_code[:5], "")
    return f"{zip_code} {name}" if name else zip_code


@cache
def _points() -> tuple[Numbers, Numbers]:
    latitudes, longitudes = np.full(_ZIPS, np.nan), np.full(_ZIPS, np.nan)
    for each in _table():
        place = int(each["zip_code"])
        latitudes[place], longitudes[place] = float(each["lat"]), float(each["long"])
    return np.radians(latitudes), np.radians(longitudes)


@cache
def _names() -> dict[str, str]:
    return {each["zip_code"]: f"{each['city']}, {each['state']}" for each in _table()}


def _table() -> list[dict[str, Any]]:
    import zipcodes

    return list(zipcodes.list_all())
