"""A piece beside the others of its device: copies, clones, and devices that were set back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from franking.verification.facts import Facts, Sighting
from franking.verification.payload import Verification, verify_payload
from franking.verification.reasons import Reason
from franking.verification.verdict import Verdict
from tests.fixtures_verification import (
    NOW,
    OTHER_KEY,
    TODAY,
    codes,
    content,
    signed,
    step,
    trust,
    verified,
)

ASCENDING = content().ascending_mills
LONG_AGO = TODAY - timedelta(days=31)


def beside(other: dict[str, Any], **changes: Any) -> Verification:
    """An ordinary piece, with these changes, beside another one."""
    ordinary: dict[str, Any] = {
        "ascending_mills": ASCENDING,
        "postage_mills": 320,
        "where": "tray 4",
    }
    return verified(signed(**changes), Facts(others=(Sighting(**ordinary | other),)))


@pytest.mark.duty("R95-Pre-I.A-3")
@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({}, "DUPLICATE"),
        ({"dated": TODAY}, "DUPLICATE"),
        ({"same_content": True, "dated": LONG_AGO}, "DUPLICATE"),
        ({"same_content": False}, "OVERLAP"),
        ({"dated": TODAY - timedelta(days=1)}, "OVERLAP"),
        ({"postage_mills": 319}, "OVERLAP"),
    ],
)
def test_one_value_signed_twice_is_a_clone_and_no_copy(other: dict[str, Any], code: str) -> None:
    found = beside(other)
    assert (found.verdict, codes(found)) == (Verdict.UNDETERMINED, {code})


@pytest.mark.parametrize("postage", [0, 320])
def test_a_piece_that_pays_for_nothing_shares_nothing(postage: int) -> None:
    mine = 320 - postage
    for other in ({"postage_mills": postage}, {"postage_mills": postage, "same_content": True}):
        assert not {"DUPLICATE", "OVERLAP"} & codes(beside(other, postage_mills=mine))


@pytest.mark.parametrize(
    ("higher_by", "dated", "codes_wanted"),
    [
        (5_000, LONG_AGO, {"ROLLED_BACK"}),
        (5_000, LONG_AGO + timedelta(days=1), set()),
        (-5_000, LONG_AGO, set()),
        (5_000, TODAY, set()),
        (5_000, None, set()),
    ],
)
def test_a_date_that_falls_as_the_register_rises_is_a_device_set_back(
    higher_by: int, dated: date | None, codes_wanted: set[str]
) -> None:
    """Thirty days are what a device may post-date."""
    found = beside({"ascending_mills": ASCENDING + higher_by, "dated": dated})
    assert codes(found) == codes_wanted
    assert found.verdict is (Verdict.UNDETERMINED if codes_wanted else Verdict.AUTHENTIC)


def test_it_is_said_what_a_set_back_device_was_seen_to_have() -> None:
    found = beside({"ascending_mills": ASCENDING + 5_000, "dated": date(1997, 10, 1)})
    words = step(found, "duplicate").reason
    assert "1997-10-01 (tray 4)" in words
    assert f"on {TODAY}" in words


def test_a_date_that_is_still_to_come_does_not_say_that_a_device_was_set_back() -> None:
    other = {"ascending_mills": ASCENDING + 5_000, "dated": TODAY}
    found = beside(other, date_of_mailing=TODAY + timedelta(days=40))
    assert codes(found) == {"DATE_TOO_FAR_AHEAD"}


@pytest.mark.parametrize(
    ("deposit_zip", "code"), [("02139", set()), ("02141", set()), ("02142", {"WRONG_OFFICE"})]
)
def test_mail_goes_to_any_place_that_its_office_serves(deposit_zip: str, code: set[str]) -> None:
    offices = {"02139": "02138", "02141": "02138", "02142": "02142"}
    found = verified(signed(), Facts(deposit_zip=deposit_zip, offices=offices))
    assert codes(found) == code


def test_an_address_may_be_written_with_its_hyphen() -> None:
    assert codes(verified(signed(), Facts(address="60601-1234"))) == set()
    assert codes(verified(signed(), Facts(address="60601-1235"))) == {"DESTINATION_DIFFERS"}


@pytest.mark.parametrize("address", ["", "no number", "6060112349999", "६०६०१"])
def test_an_address_that_is_no_delivery_point_says_nothing(address: str) -> None:
    assert codes(verified(signed(), Facts(address=address))) == set()


def test_reasons_are_named_beside_the_words() -> None:
    found = verify_payload(signed(OTHER_KEY), trust(), NOW + timedelta(days=30))
    assert found.reasons == {Reason.SIGNATURE_FALSE, Reason.TRUST_LIST_STALE}
    told = found.as_json()
    assert told["reasons"] == ["TRUST_LIST_STALE", "SIGNATURE_FALSE"]
    assert told["trust_list"]["stale"] is True
    assert "whose key ended since then is not known" in step(found, "certificate").reason


def test_a_stale_list_is_said_of_unknown_certificates_too() -> None:
    found = verify_payload(signed(certificate_serial=99), trust(), NOW + timedelta(days=30))
    assert found.reasons == {Reason.CERTIFICATE_UNKNOWN, Reason.TRUST_LIST_STALE}
    assert found.verdict is Verdict.UNDETERMINED


def test_a_single_look_proves_nothing_by_a_false_signature_alone() -> None:
    for payload, verdict in (
        (signed(OTHER_KEY), Verdict.UNDETERMINED),
        (signed(date_of_mailing=date(2005, 1, 1)), Verdict.NOT_AUTHENTIC),
    ):
        assert verify_payload(payload, trust(), NOW, certain=False).verdict is verdict
