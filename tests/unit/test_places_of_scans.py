"""Distances between ZIP Codes, as an atlas gives them."""

from __future__ import annotations

import numpy as np
import pytest

from franking.scans.places import miles_apart, miles_between, name_of, point_of


@pytest.mark.parametrize(
    ("one", "other", "miles"),
    [("10001", "90001", 2450), ("10001", "10001", 0), ("60601", "63101", 260)],
)
def test_cities_are_as_far_apart_as_an_atlas_says(one: str, other: str, miles: float) -> None:
    found = miles_apart(one, other)
    assert found == pytest.approx(miles, rel=0.02, abs=1)


def test_the_way_back_is_as_long() -> None:
    assert miles_apart("02108", "33101") == miles_apart("33101", "02108")


@pytest.mark.parametrize("unknown", ["00000", "99999", "", "ABCDE"])
def test_a_place_that_nobody_knows_is_at_no_distance(unknown: str) -> None:
    assert miles_apart("10001", unknown) is None
    assert point_of(unknown) is None
    assert name_of(unknown) == unknown


def test_columns_give_what_single_places_give() -> None:
    far, nowhere = miles_between(np.array([10001, 10001]), np.array([90001, 0]))
    assert far == miles_apart("10001", "90001")
    assert np.isnan(nowhere)


def test_a_number_out_of_range_is_no_place() -> None:
    assert np.isnan(miles_between(np.array([123_456_789]), np.array([10001])))[0]


def test_a_place_is_called_by_its_city() -> None:
    assert name_of("10001") == "10001 New York, NY"
