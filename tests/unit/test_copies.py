"""Pieces that share value, among those that were verified together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.make_vectors import VectorKey

from franking.verification.copies import copies_noted
from franking.verification.payload import verify_payload
from franking.verification.verdict import Verdict
from tests.fixtures_verification import NOW, OTHER_KEY, codes, signed, step, trust

TRUST = trust()
AUTHENTIC, FALSE, DOUBTFUL = Verdict.AUTHENTIC, Verdict.NOT_AUTHENTIC, Verdict.UNDETERMINED


def pieces(*values: tuple[int, int], key: VectorKey | None = None) -> list[bytes]:
    """Payloads of these (ascending, postage)."""
    keys = (key,) if key else ()
    return [signed(*keys, ascending_mills=high, postage_mills=paid) for high, paid in values]


def judged(payloads: list[bytes]) -> list[tuple[Verdict, set[str]]]:
    found = [
        verify_payload(payload, TRUST, NOW, file=f"scan {place}")
        for place, payload in enumerate(payloads)
    ]
    return [(one.verdict, codes(one)) for one in copies_noted(found)]


@pytest.mark.duty("R95-Pre-I.A-3")
def test_pieces_one_after_another_share_nothing() -> None:
    assert judged(pieces((320, 320), (640, 320), (1190, 550))) == [(AUTHENTIC, set())] * 3


def test_copies_of_a_print_are_all_in_doubt() -> None:
    assert judged(pieces((320, 320), (640, 320), (320, 320))) == [
        (DOUBTFUL, {"DUPLICATE"}),
        (AUTHENTIC, set()),
        (DOUBTFUL, {"DUPLICATE"}),
    ]


def test_pieces_of_a_forked_device_are_all_in_doubt() -> None:
    assert judged(pieces((1000, 1000), (300, 100), (700, 200), (1500, 500))) == [
        (DOUBTFUL, {"OVERLAP"}),
        (DOUBTFUL, {"OVERLAP"}),
        (DOUBTFUL, {"OVERLAP"}),
        (AUTHENTIC, set()),
    ]


def test_it_is_said_which_piece_shares_the_value() -> None:
    found = [
        verify_payload(payload, TRUST, NOW, file=f"scan {place}")
        for place, payload in enumerate(pieces((1000, 1000), (300, 100)))
    ]
    first, second = copies_noted(found)
    assert step(first, "duplicate").reason == "shares value with the piece in scan 1"
    assert step(second, "duplicate").reason == "shares value with the piece in scan 0"


def test_a_forged_print_casts_no_doubt_on_the_true_one() -> None:
    payloads = pieces((320, 320)) + pieces((320, 320), key=OTHER_KEY)
    assert judged(payloads) == [(AUTHENTIC, set()), (FALSE, set())]


@given(st.lists(st.tuples(st.integers(30, 60), st.integers(1, 30)), max_size=8))
def test_every_piece_that_shares_value_is_in_doubt_and_no_other(
    values: list[tuple[int, int]],
) -> None:
    def shares(one: int, other: int) -> bool:
        (high, paid), (other_high, other_paid) = values[one], values[other]
        low = max(high - paid, other_high - other_paid)
        return one != other and low < min(high, other_high)

    wanted = [any(shares(one, other) for other in range(len(values))) for one in range(len(values))]
    assert [verdict is DOUBTFUL for verdict, _ in judged(pieces(*values))] == wanted
