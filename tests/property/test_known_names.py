"""A filter of request ids never takes a known id for a new one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from franking.psd.known_names import KnownNames

NAMES = st.lists(st.text(min_size=1, max_size=64))


@given(first=NAMES, later=NAMES)
def test_what_was_added_is_known(first: list[str], later: list[str]) -> None:
    known = KnownNames(first, count=len(first))
    known.add(later)
    assert known.perhaps([*first, *later]) == [*first, *later]


def test_few_new_ids_are_looked_up_in_vain() -> None:
    known = KnownNames([f"old-{n}" for n in range(5_000)], count=5_000)
    assert len(known.perhaps(f"new-{n}" for n in range(10_000))) < 100


def test_a_full_filter_says_so() -> None:
    known = KnownNames([], count=0)
    assert not known.isfull
    known.add(str(n) for n in range(known.room + 1))
    assert known.isfull
