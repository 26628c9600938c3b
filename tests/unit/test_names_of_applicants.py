"""Whose name it is, however it is spelled: a revoked applicant does not come back by a comma."""

from __future__ import annotations

import pytest

from franking.messages.applications import one_spelling, same_name


@pytest.mark.parametrize(
    "spelled",
    [
        "Acme Bolts",
        "ACME  BOLTS, INC.",
        "The Acme Bolts Company",
        "Ácme Bolts, L.L.C.",
        "acme\u00a0bolts ltd",
        "\uff21cme Bolts Co., Inc.",
    ],
)
def test_one_firm_has_one_name(spelled: str) -> None:
    assert same_name(spelled) == "ACME BOLTS"


@pytest.mark.parametrize("other", ["Acme Nuts", "Acme", "Bolts Acme", "Acme Bolts West"])
def test_another_firm_has_another(other: str) -> None:
    assert same_name(other) != same_name("Acme Bolts")


def test_a_name_that_is_a_legal_form_only_stays_a_name() -> None:
    assert same_name("Company") == "COMPANY"


def test_punctuation_tells_no_two_addresses_apart() -> None:
    assert one_spelling("12 Main St., Apt. #4") == one_spelling("12  main st apt 4")
    assert one_spelling("Bolt & Sons") == one_spelling("bolt and sons")
