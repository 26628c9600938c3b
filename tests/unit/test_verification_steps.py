"""What each step says, and the verdict that follows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.verification.facts import Facts, Sighting
from franking.verification.faults import NAMES
from franking.verification.payload import verify_payload
from franking.verification.trust_list import EndReason
from franking.verification.verdict import Outcome, Verdict
from tests.fixtures_verification import (
    NOW,
    OTHER_KEY,
    SERIAL,
    TODAY,
    codes,
    content,
    ended,
    entry,
    flipped,
    signed,
    step,
    trust,
    verified,
)

AUTHENTIC, FALSE, DOUBTFUL = Verdict.AUTHENTIC, Verdict.NOT_AUTHENTIC, Verdict.UNDETERMINED
ASCENDING = content().ascending_mills
ALL_KNOWN = Facts(
    control_totals_mills=(ASCENDING + content().descending_mills,),
    others=(Sighting(ascending_mills=ASCENDING - 320, postage_mills=320, where="piece 1"),),
    deposited_on=TODAY,
    deposit_zip="02139",
    address="606011234",
    amount_due_mills=320,
)


def test_a_true_indicium_is_authentic_and_every_step_says_why() -> None:
    found = verified(signed(), ALL_KNOWN)
    assert found.verdict is AUTHENTIC
    assert [one.step for one in found.steps] == list(range(1, 12))
    assert tuple(one.name for one in found.steps) == NAMES
    assert {one.outcome for one in found.steps} == {Outcome.PASSED}
    assert all(one.reason for one in found.steps)
    assert found.findings == ()


def test_off_line_it_lists_what_it_could_not_know_and_how_old_its_list_is() -> None:
    found = verified(signed())
    assert found.verdict is AUTHENTIC
    assert found.not_known == ("duplicate", "place", "amount")
    told = found.as_json()
    assert told["trust_list"]["age_hours"] == 24
    assert told["not_known"] == ["duplicate", "place", "amount"]
    assert set(told) >= {"file", "verdict", "steps", "findings", "indicium"}
    assert told["steps"][4] == {
        "step": 5,
        "name": "signature",
        "outcome": "passed",
        "reason": "true under the listed key",
    }


@pytest.mark.duty("R97-Pre-Key", "R97-502.9(b)")
@pytest.mark.parametrize(
    "payload", [signed(OTHER_KEY), flipped(signed(), 8 * 19), signed()[:49] + bytes(64)]
)
def test_a_signature_that_is_false_under_a_known_key_is_proof(payload: bytes) -> None:
    found = verified(payload)
    assert found.verdict is FALSE
    assert step(found, "signature").outcome is Outcome.FAILED


def test_an_unknown_certificate_leaves_it_undetermined() -> None:
    found = verified(signed(certificate_serial=SERIAL + 1))
    assert found.verdict is DOUBTFUL
    assert step(found, "certificate").reason == f"certificate {SERIAL + 1} is not on trust list 1"
    assert step(found, "signature").outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (b"", "0 bytes of no known profile"),
        (signed()[:49], "no signature: this shows no postage"),
        (signed()[:80], "truncated: 31 of 64 signature bytes"),
        (signed() + b"!", "1 bytes too many"),
        (b"https://example.org", "19 bytes of no known profile"),
    ],
)
def test_what_cannot_be_parsed_is_undetermined_and_never_authentic(
    payload: bytes, problem: str
) -> None:
    found = verified(payload)
    assert found.verdict is DOUBTFUL
    assert step(found, "parse").reason == problem
    assert len(found.steps) == 11


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (bytes.fromhex("0501") + bytes(87), "DSA with SHA-1"),
        (bytes.fromhex("ff471327") + bytes(16), "holder of the device's secret key"),
    ],
)
def test_a_profile_that_cannot_be_verified_is_undetermined(payload: bytes, reason: str) -> None:
    found = verified(payload)
    assert found.verdict is DOUBTFUL
    assert reason in step(found, "profile").reason


def test_the_inspection_imprint_of_no_postage_is_never_authentic() -> None:
    unsigned = signed(postage_mills=0)[:49]
    for payload in (unsigned, signed(postage_mills=0)):
        assert verified(payload).verdict is DOUBTFUL
    assert "NO_POSTAGE" in codes(verified(signed(postage_mills=0)))


def test_a_stale_list_leaves_a_true_signature_undetermined_and_a_false_one_proven() -> None:
    later = NOW + timedelta(days=30)
    assert verify_payload(signed(), trust(), later).verdict is DOUBTFUL
    assert verify_payload(signed(OTHER_KEY), trust(), later).verdict is FALSE
    earlier = NOW - timedelta(days=3)
    found = verify_payload(signed(date_of_mailing=earlier.date()), trust(), earlier)
    assert found.verdict is DOUBTFUL
    assert "after this clock" in step(found, "certificate").reason


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        (date(1997, 6, 1), AUTHENTIC),
        (date(1997, 11, 15), AUTHENTIC),
        (date(1997, 5, 31), FALSE),
        (date(1997, 11, 16), FALSE),
    ],
)
def test_a_key_is_good_only_for_dates_within_its_certificate(day: date, verdict: Verdict) -> None:
    certificate = entry(valid_to=date(1997, 11, 15))
    assert verified(signed(date_of_mailing=day), Facts(), certificate).verdict is verdict


def test_a_key_signs_for_its_own_device_only() -> None:
    found = verified(signed(device_id=DeviceId("FK", "1A", 2)))
    assert found.verdict is FALSE
    assert step(found, "certificate").reason == "it is that of FK1A0000000001"


@pytest.mark.duty("R97-Pre-Key")
@pytest.mark.parametrize("reason", [EndReason.ROLLOVER, EndReason.WITHDRAWN, EndReason.FAULTED])
@pytest.mark.parametrize(
    ("final", "verdict"), [(ASCENDING, AUTHENTIC), (ASCENDING - 1, FALSE), (None, DOUBTFUL)]
)
def test_above_the_final_ascending_value_nothing_is_authentic(
    reason: EndReason, final: int | None, verdict: Verdict
) -> None:
    certificate = entry(ending=ended(reason, final_mills=final))
    assert verified(signed(), Facts(), certificate).verdict is verdict


def test_a_piece_dated_before_an_end_at_an_unknown_value_stays_authentic() -> None:
    certificate = entry(ending=ended(EndReason.FAULTED, on=TODAY))
    assert verified(signed(), Facts(), certificate).verdict is AUTHENTIC


@pytest.mark.duty("R97-502.15(b)(2)-key")
@pytest.mark.parametrize(
    ("day", "final", "verdict"),
    [
        (date(1997, 11, 1), None, FALSE),
        (date(1997, 10, 31), None, DOUBTFUL),
        (date(1997, 10, 31), ASCENDING - 1, FALSE),
        (date(1997, 10, 31), ASCENDING, DOUBTFUL),
    ],
)
def test_a_compromised_key_proves_nothing_and_is_no_rollover(
    day: date, final: int | None, verdict: Verdict
) -> None:
    certificate = entry(ending=ended(EndReason.COMPROMISE, final_mills=final))
    found = verified(signed(date_of_mailing=day), Facts(), certificate)
    assert found.verdict is verdict
    late = day < date(1997, 11, 1)
    assert ("KEY_COMPROMISED_LATER" if late else "KEY_COMPROMISED") in codes(found)


@pytest.mark.parametrize("reason", [EndReason.LOST, EndReason.STOLEN])
def test_a_missing_device_is_a_finding_beside_the_verdict(reason: EndReason) -> None:
    found = verified(signed(), Facts(), entry(ending=ended(reason)))
    assert found.verdict is AUTHENTIC
    assert codes(found) == {f"DEVICE_{reason.upper()}"}


def test_what_a_false_signature_says_proves_nothing_more() -> None:
    certificate = entry(valid_to=date(1997, 11, 15))
    found = verified(signed(OTHER_KEY), Facts(), certificate)
    assert [one.name for one in found.steps if one.bearing == "proof"] == ["signature"]
    assert step(found, "certificate").outcome is Outcome.FAILED


@pytest.mark.duty("R97-P050.4.7-1")
@pytest.mark.parametrize(
    ("day", "code"),
    [
        (TODAY, set()),
        (TODAY - timedelta(days=1), set()),
        (TODAY - timedelta(days=2), {"DATE_IS_PAST"}),
        (TODAY + timedelta(days=2), {"DATE_AHEAD_OF_DEPOSIT"}),
        (TODAY + timedelta(days=30), {"DATE_AHEAD_OF_DEPOSIT"}),
        (TODAY + timedelta(days=31), {"DATE_TOO_FAR_AHEAD"}),
    ],
)
def test_the_date_is_that_of_deposit(day: date, code: set[str]) -> None:
    found = verified(signed(date_of_mailing=day), Facts(deposited_on=TODAY))
    assert found.verdict is AUTHENTIC
    assert codes(found) == code


@pytest.mark.duty("R97-P050.4.7-2")
@pytest.mark.parametrize(
    ("delayed", "code"),
    [(None, set()), (True, set()), (False, {"DATE_AHEAD_OF_DEPOSIT"})],
)
def test_where_no_schedule_is_known_the_next_day_of_collection_is_held_against_nobody(
    delayed: bool | None, code: set[str]
) -> None:
    """The evening before Thanksgiving, dated on the day after it."""
    known = Facts(deposited_on=date(1997, 11, 26), delayed=delayed)
    assert codes(verified(signed(date_of_mailing=date(1997, 11, 28)), known)) == code


@pytest.mark.duty("R97-P050.4.7-2")
def test_after_the_last_collection_the_date_of_the_next_one_is_right() -> None:
    monday = date(1997, 11, 24)
    known = Facts(deposited_on=TODAY, next_collection=monday)
    assert step(verified(signed(date_of_mailing=monday), known), "date").outcome is Outcome.PASSED
    tuesday = signed(date_of_mailing=date(1997, 11, 25))
    assert codes(verified(tuesday, known)) == {"DATE_AHEAD_OF_DEPOSIT"}


@pytest.mark.duty("R97-P050.1.5")
@pytest.mark.parametrize(
    ("due", "code"), [(320, set()), (321, {"SHORT_PAID"}), (319, {"OVERPAID"})]
)
def test_the_postage_is_exactly_the_amount_due(due: int, code: set[str]) -> None:
    found = verified(signed(), Facts(amount_due_mills=due))
    assert found.verdict is AUTHENTIC
    assert codes(found) == code


@pytest.mark.parametrize(
    ("changes", "facts", "code"),
    [
        ({"ascending_mills": 319}, Facts(), "REGISTERS_IMPOSSIBLE"),
        ({"descending_mills": 499_681}, Facts(), "DESCENDING_OVER_LIMIT"),
        ({}, Facts(limit_mills=56_219), "DESCENDING_OVER_LIMIT"),
        ({}, Facts(control_totals_mills=(1, 2)), "CONTROL_TOTAL_DIFFERS"),
    ],
)
def test_registers_that_a_sound_device_cannot_have_are_findings(
    changes: dict[str, int], facts: Facts, code: str
) -> None:
    found = verified(signed(**changes), facts)
    assert found.verdict is AUTHENTIC
    assert codes(found) == {code}


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({"descending_mills": 499_680}, Facts()),
        ({"descending_mills": 499_681}, Facts(rulebook="meter-1995")),
        ({}, Facts(limit_mills=56_220)),
        ({}, Facts(control_totals_mills=(1, ASCENDING + 55_900))),
    ],
)
def test_registers_that_a_sound_device_can_have_pass(changes: dict[str, int], facts: Facts) -> None:
    assert codes(verified(signed(**changes), facts)) == set()


@pytest.mark.duty("R95-Pre-I.A-3")
@pytest.mark.parametrize(
    ("ascending", "postage", "code"),
    [
        (ASCENDING, 320, {"DUPLICATE"}),
        (ASCENDING, 640, {"OVERLAP"}),
        (ASCENDING - 319, 1, {"OVERLAP"}),
        (ASCENDING + 100, 420, {"OVERLAP"}),
        (ASCENDING + 100, 1000, {"OVERLAP"}),
        (ASCENDING - 320, 320, set()),
        (ASCENDING + 320, 320, set()),
    ],
)
def test_two_pieces_never_share_value(ascending: int, postage: int, code: set[str]) -> None:
    other = Sighting(ascending_mills=ascending, postage_mills=postage, where="tray 4, piece 9")
    found = verified(signed(), Facts(others=(other,)))
    assert codes(found) == code
    assert found.verdict is (DOUBTFUL if code else AUTHENTIC)


def test_a_refunded_piece_is_a_finding() -> None:
    found = verified(signed(), Facts(refunded_on=date(1997, 11, 20)))
    assert (found.verdict, codes(found)) == (AUTHENTIC, {"REFUNDED"})


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Facts(deposit_zip="02139"), set()),
        (Facts(deposit_zip="02140"), {"WRONG_OFFICE"}),
        (Facts(address="60601"), set()),
        (Facts(address="60601123499"), set()),
        (Facts(address="606011235"), {"DESTINATION_DIFFERS"}),
        (Facts(deposit_zip="1", address="2"), {"WRONG_OFFICE", "DESTINATION_DIFFERS"}),
    ],
)
def test_office_and_address_are_compared(facts: Facts, code: set[str]) -> None:
    found = verified(signed(), facts)
    assert (found.verdict, codes(found)) == (AUTHENTIC, code)


def test_an_indicium_without_destination_goes_anywhere() -> None:
    assert codes(verified(signed(destination=""), Facts(address="60601"))) == set()


def test_all_faults_are_reported_not_the_first() -> None:
    facts = Facts(
        deposited_on=TODAY,
        deposit_zip="02140",
        address="90210",
        amount_due_mills=550,
        refunded_on=TODAY,
        others=(Sighting(ascending_mills=ASCENDING, postage_mills=320, where="piece 2"),),
        control_totals_mills=(7,),
    )
    found = verified(
        signed(OTHER_KEY, date_of_mailing=TODAY - timedelta(days=2)),
        facts,
        entry(ending=ended(EndReason.STOLEN)),
    )
    assert found.verdict is FALSE
    assert codes(found) == {
        "DEVICE_STOLEN",
        "DATE_IS_PAST",
        "CONTROL_TOTAL_DIFFERS",
        "REFUNDED",
        "DUPLICATE",
        "WRONG_OFFICE",
        "DESTINATION_DIFFERS",
        "SHORT_PAID",
    }


def test_a_rulebook_that_does_not_exist_is_refused_not_guessed() -> None:
    with pytest.raises(Refused) as refused:
        verified(signed(), Facts(rulebook="meter-1895"))
    assert refused.value.code == "RULEBOOK_UNKNOWN"
