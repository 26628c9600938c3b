"""What is asked of one piece is answered alike for a column of pieces."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.verification import predicates
from franking.verification.reasons import KINDS, Reason, bearing_of, bits_of, reasons_in
from franking.verification.verdict import Bearing

_BEARINGS = (Bearing.NONE, Bearing.DOUBT, Bearing.PROOF)
ASKED: dict[str, Callable[..., Any]] = {
    name: function
    for name, function in vars(predicates).items()
    if inspect.isfunction(function) and function.__module__ == predicates.__name__
}
NUMBERS = st.integers(0, 12) | st.integers(0, 2**40)
DIGITS = {"digits", "address_digits"}


@pytest.mark.parametrize("name", sorted(ASKED))
@given(data=st.data())
def test_one_piece_and_many_are_asked_the_same(name: str, data: st.DataObject) -> None:
    names = list(inspect.signature(ASKED[name]).parameters)
    row = st.tuples(*(st.integers(0, 11) if each in DIGITS else NUMBERS for each in names))
    rows = data.draw(st.lists(row, min_size=1, max_size=8))
    columns = [np.array(column, np.int64) for column in zip(*rows, strict=True)]
    assert ASKED[name](*columns).tolist() == [ASKED[name](*row) for row in rows]


@given(st.sets(st.sampled_from(tuple(Reason))))
def test_a_set_of_reasons_is_one_number(reasons: set[Reason]) -> None:
    assert set(reasons_in(bits_of(reasons))) == reasons
    assert bits_of(reasons) < 2**63


@given(st.sets(st.sampled_from(tuple(Reason))), st.booleans(), st.booleans())
def test_proof_needs_a_true_signature_or_one_that_is_surely_false(
    reasons: set[Reason], signed: bool, sure: bool
) -> None:
    if signed:
        reasons = reasons - {Reason.SIGNATURE_FALSE}
    false = Reason.SIGNATURE_FALSE in reasons
    heavy = {KINDS[reason].bearing for reason in reasons - {Reason.SIGNATURE_FALSE}}
    if (signed and Bearing.PROOF in heavy) or (false and sure):
        wanted = Bearing.PROOF
    else:
        wanted = Bearing.DOUBT if false or Bearing.DOUBT in heavy else Bearing.NONE
    bits = bits_of(reasons)
    column = bearing_of(np.array([bits]), np.array([signed]), np.array([sure]))
    assert _BEARINGS[int(bearing_of(bits, signed, sure))] is wanted
    assert np.asarray(column).tolist() == [_BEARINGS.index(wanted)]


@given(st.integers(0, 60), st.integers(0, 30), st.integers(0, 60), st.integers(0, 30))
def test_two_pieces_share_value_where_a_mill_lies_in_both(
    high: int, paid: int, other: int, other_paid: int
) -> None:
    mills = set(range(high - paid + 1, high + 1)) & set(range(other - other_paid + 1, other + 1))
    assert predicates.shares_value(high, paid, other, other_paid) == bool(mills)
    assert predicates.shares_value(other, other_paid, high, paid) == bool(mills)


@given(st.text("0123456789", max_size=11), st.text("0123456789", max_size=11))
def test_delivery_points_agree_where_one_begins_the_other(one: str, other: str) -> None:
    differs = predicates.destination_differs(int(one or 0), len(one), int(other or 0), len(other))
    assert differs != (one.startswith(other) or other.startswith(one))
