"""Dates as numbers, by column: YYYYMMDD as an indicium has them, and days since 1970-01-01."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_YEAR_MAX, _MONTHS = 9999, 12
_YEAR_ZERO = 1970


def days_of(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The days of numbers YYYYMMDD, and which of them are dates; the day of no date is 0."""
    years, months, days = numbers // 10_000, numbers // 100 % 100, numbers % 100
    real = (years >= 1) & (years <= _YEAR_MAX) & (months >= 1) & (months <= _MONTHS) & (days >= 1)
    since = np.where(real, (years - _YEAR_ZERO) * _MONTHS + months - 1, 0)
    first = _first_days(since)
    real &= first + days <= _first_days(since + 1)
    return np.where(real, first + days - 1, 0), real


def _first_days(months: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first day of each month, months counted from January 1970."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
