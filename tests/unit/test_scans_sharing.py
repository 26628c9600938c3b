"""How a night is shared out: every row and every bucket once, whatever the sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.scans.intake import Chunk
from franking.scans.sharing import _groups, _neighbours


def chunks_of(*groups: int) -> list[Chunk]:
    """Chunks of row groups that have so many each."""
    return [
        Chunk(
            file=0,
            path=Path("x"),
            row_group=group,
            group_rows=count,
            skip=place,
            first_row=place,
            rows=1,
        )
        for group, count in enumerate(groups)
        for place in range(count)
    ]


@given(st.lists(st.integers(1, 20), max_size=8), st.integers(1, 12))
def test_every_chunk_is_in_one_run_and_runs_stay_in_their_row_group(
    groups: list[int], runs: int
) -> None:
    chunks = chunks_of(*groups)
    shared = list(_neighbours(chunks, runs))
    assert [chunk for run in shared for chunk in run] == chunks
    assert all(len({chunk.row_group for chunk in run}) == 1 for run in shared)


def test_runs_get_shorter_towards_the_end() -> None:
    lengths = [len(run) for run in _neighbours(chunks_of(40), 6)]
    assert lengths == sorted(lengths, reverse=True)
    assert (lengths[0], lengths[-1]) == (6, 1)


@given(st.lists(st.integers(0, 50_000_000), min_size=64, max_size=64), st.integers(1, 16))
def test_every_bucket_is_in_one_group(rows: list[int], shares: int) -> None:
    groups = _groups(np.array(rows, np.int64), shares)
    assert [bucket for first, last in groups for bucket in range(first, last + 1)] == [*range(64)]


@pytest.mark.parametrize(("rows", "count"), [(0, 1), (1_000, 2), (20_000_000, 4)])
def test_groups_are_as_many_as_processes_or_as_memory_needs(rows: int, count: int) -> None:
    assert len(_groups(np.full(64, rows // 64, np.int64), 2)) == count
