"""Account numbers that catch a slip, and advances that stay within what covers them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.errors import Refused
from franking.provider.funds.decisions import account_number, advanced, is_account_number
from franking.provider.funds.records import AdvanceDay, AdvanceTerms

DAY = date(1997, 6, 2)
ORDINALS = st.integers(1, 8_000_000)
AMOUNTS = st.integers(0, 10**9)


@given(ordinal=ORDINALS, place=st.integers(0, 7), digit=st.sampled_from("0123456789"))
def test_one_digit_misread_is_no_account_number(ordinal: int, place: int, digit: str) -> None:
    right = account_number(ordinal)
    wrong = right[:place] + digit + right[place + 1 :]
    assert is_account_number(right)
    assert is_account_number(wrong) is (wrong == right)


@given(ordinal=ORDINALS, place=st.integers(0, 6))
def test_two_neighbours_swapped_are_no_account_number(ordinal: int, place: int) -> None:
    right = account_number(ordinal)
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    # The one swap that modulus 10 can not see is of 0 and 9.
    if {right[place], right[place + 1]} != {"0", "9"}:
        assert is_account_number(swapped) is (swapped == right)


@given(cover=AMOUNTS, limit=AMOUNTS, needed=AMOUNTS, asked=st.lists(st.integers(1, 10**8)))
def test_a_days_advances_never_pass_cover_or_agreement(
    cover: int, limit: int, needed: int, asked: list[int]
) -> None:
    day = AdvanceDay(day=DAY, cover_mills=cover, advanced_mills=0)
    terms = AdvanceTerms(account="10000016", limit_mills=limit, agreed_by="Anna", agreed_on=DAY)
    for amount in asked:
        so_far = day.advanced_mills
        fits = so_far + amount <= min(cover, limit) and cover >= needed
        refuses: AbstractContextManager[object] = nullcontext() if fits else pytest.raises(Refused)
        with refuses:
            day = advanced(day, terms, amount_mills=amount, owed_mills=so_far, needed_mills=needed)
    assert day.advanced_mills <= min(cover, limit)
    assert cover >= needed or day.advanced_mills == 0
