"""Rows that agree in some columns, so that what depends on those alone is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """The different combinations of values: one row of each, and which of them every row has."""

    rows: Whole
    combination: Whole

    def worked_out(
        self, function: Callable[..., int | None], *columns: NDArray[Any]
    ) -> tuple[Whole, NDArray[np.bool_]]:
        """What ``function`` says of every row, and of which it says anything.

        It is called once for each combination, with the values of the columns as Python's own.
        """
        picked = zip(*(column[self.rows].tolist() for column in columns), strict=True)
        answers = [function(*values) for values in picked]
        known = np.array([answer is not None for answer in answers], np.bool_)
        values = np.array([0 if answer is None else answer for answer in answers], np.int64)
        return values[self.combination], known[self.combination]


def distinct(*columns: NDArray[Any]) -> Distinct:
    """The different combinations of values in columns of one length, at least one column."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, places = np.unique(column, return_inverse=True)
        _, code = np.unique(code * len(values) + places, return_inverse=True)
    _, rows, combination = np.unique(code, return_index=True, return_inverse=True)
    return Distinct(rows=rows, combination=combination)
