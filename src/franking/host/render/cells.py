"""The dark cells of a symbol or picture as level runs, which the vector outputs draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Runs = NDArray[np.intp]
"""One row a run: column, row, length."""


def dark_runs(cells: bytes, *, columns: int, rows: int) -> Runs:
    """Runs of dark cells, row by row; rows that repeat each other are not joined."""
    dark = np.zeros((rows, columns + 2), dtype=np.int8)
    dark[:, 1:-1] = np.frombuffer(cells, dtype=np.uint8).reshape(rows, columns)
    edges = np.diff(dark, axis=1)
    row, start = np.nonzero(edges == 1)
    end = np.nonzero(edges == -1)[1]
    return np.column_stack((start, row, end - start))
