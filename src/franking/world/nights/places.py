"""The post offices of the made-up world: real ZIP Codes, and others that each office serves."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from franking.scans.places import miles_between

# One office in each of forty cities: its own ZIP Code and two more that it serves.
_TABLE: Final = """
10001 10002 10003  02108 02109 02110  19102 19103 19104  20001 20002 20003  21201 21202 21205
30303 30304 30305  33101 33122 33125  32801 32803 32804  37201 37203 37204  28202 28203 28204
40202 40203 40204  44114 44102 44103  48226 48201 48202  43215 43085 43201  46204 46201 46202
60601 60602 60603  53202 53203 53204  55401 55402 55403  63101 63102 63103  64106 64101 64102
70112 70113 70114  75201 75202 75203  77002 77003 77004  78205 78201 78202  87102 87101 87104
80202 80203 80204  84101 84102 84103  85004 85003 85006  89101 89102 89103  90012 90001 90002
94105 94102 94103  92101 92102 92103  97201 97202 97203  98101 98102 98103  83702 83703 83704
59101 59102 59105  68102 68104 68105  73102 73103 73104  72201 72202 72204  99501 99502 99503
"""
_EACH: Final = 3

ZIPS: Final[NDArray[np.int64]] = np.array(_TABLE.split(), np.int64).reshape(-1, _EACH)
"""One row an office: its own ZIP Code first."""
COUNT: Final = len(ZIPS)
FAR_MILES: Final = 500
"""Nothing that is so far away is there within the hour."""


@cache
def distances() -> NDArray[np.float64]:
    """Miles from each office to each other."""
    own = ZIPS[:, 0]
    return miles_between(np.repeat(own, COUNT), np.tile(own, COUNT)).reshape(COUNT, COUNT)


@cache
def far_from() -> tuple[NDArray[np.intp], ...]:
    """For each office those that are far away."""
    return tuple(np.flatnonzero(row > FAR_MILES) for row in distances())


def one_far_from(offices: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """Some office far away from each of these."""
    picks = random.random(len(offices))
    far = [far_from()[office] for office in offices.tolist()]
    chosen = [places[int(pick * len(places))] for places, pick in zip(far, picks, strict=True)]
    return np.array(chosen, np.int64)


def zip_texts() -> NDArray[np.str_]:
    """The ZIP Codes as they are written, laid out as ``ZIPS``."""
    return np.char.zfill(ZIPS.astype(str), 5)
