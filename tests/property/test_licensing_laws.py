"""Laws of licensing: when revocations take effect, and how long a violation stands against one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.errors import Refused
from franking.messages.applications import ApplicationData
from franking.postal.licences.decisions import appeal_by, earlier_violation, received
from franking.postal.licences.grounds import immediate_clause, last_day
from franking.postal.licences.records import (
    GROUNDS,
    IMMEDIATE_GROUNDS,
    LICENCE_TRANSITIONS,
    LIVE,
    METER,
    PSD,
    Application,
    Ground,
    LicenceStatus,
    Revocation,
    RevocationStatus,
)
from franking.rules import RuleSet, at
from franking.rules.calendars import years

RULEBOOKS = st.sampled_from([METER, PSD])
DAYS = st.dates(date(1997, 4, 1), date(2030, 12, 31))


def rules(rulebook: str, on: date) -> RuleSet:
    return at("provider", rulebook, on)


def revocation(rulebook: str, ground: Ground, noticed: date, **given: object) -> Revocation:
    return Revocation(
        licence="01101-000001",
        ordinal=1,
        rulebook=rulebook,
        ground=ground,
        clause=GROUNDS[rulebook][ground],
        facts="found",
        immediate=False,
        noticed_on=noticed,
        noticed_by="Ann Lee",
        **given,  # type: ignore[arg-type]
    )


def application(rulebook: str, filed_on: date) -> Application:
    return Application(
        id="x/A-000001",
        provider="x",
        number="A-000001",
        rulebook=rulebook,
        data=ApplicationData(name="A", address="B", zip_code="01101", signed_by="A", signed_on=""),
        applicant_key="A | B",
        filed_on=filed_on,
    )


@given(rulebook=RULEBOOKS, noticed=DAYS, after=st.integers(0, 20))
def test_ten_days_always_pass_after_receipt_and_the_appeal_has_all_of_them(
    rulebook: str, noticed: date, after: int
) -> None:
    receipt = noticed + timedelta(days=after)
    given = revocation(rulebook, Ground.POOR_CONTROL, noticed, received_on=receipt)
    book = rules(rulebook, noticed)
    assert last_day(given, book) == receipt + timedelta(days=10)
    assert appeal_by(receipt, book) == last_day(given, book)


@given(rulebook=RULEBOOKS, noticed=DAYS)
def test_without_proof_receipt_is_never_before_the_notice(rulebook: str, noticed: date) -> None:
    book = rules(rulebook, noticed)
    assert received(noticed, None, book) >= noticed
    assert received(noticed, noticed, book) == noticed


@given(rulebook=RULEBOOKS, filed=DAYS, before=st.integers(0, 3000))
def test_a_violation_stands_for_five_years_to_the_day(
    rulebook: str, filed: date, before: int
) -> None:
    ended = filed - timedelta(days=before)
    given = revocation(
        rulebook,
        Ground.POOR_CONTROL,
        ended,
        status=RevocationStatus.EFFECTIVE,
        effective_on=ended,
    )
    found = earlier_violation(application(rulebook, filed), [given], rules(rulebook, filed))
    assert (found is not None) is (years(filed, -5) <= ended)


@given(filed=DAYS)
def test_1995_looks_back_at_meters_only_and_1997_at_both(filed: date) -> None:
    lost = revocation(
        PSD,
        Ground.POOR_CONTROL,
        filed,
        status=RevocationStatus.EFFECTIVE,
        effective_on=filed,
    )
    meter = revocation(
        METER,
        Ground.POOR_CONTROL,
        filed,
        status=RevocationStatus.EFFECTIVE,
        effective_on=filed,
    )
    old, new = application(METER, filed), application(PSD, filed)
    assert earlier_violation(old, [lost], rules(METER, filed)) is None
    assert earlier_violation(old, [meter], rules(METER, filed)) == meter
    assert earlier_violation(new, [meter], rules(PSD, filed)) == meter
    assert earlier_violation(new, [lost], rules(PSD, filed)) == lost


@pytest.mark.parametrize("leap", [date(2000, 2, 29), date(2004, 2, 29)])
def test_an_application_of_29_february_looks_back_to_28_february(leap: date) -> None:
    given = revocation(
        METER,
        Ground.POOR_CONTROL,
        date(leap.year - 5, 2, 28),
        status=RevocationStatus.EFFECTIVE,
        effective_on=date(leap.year - 5, 2, 28),
    )
    assert earlier_violation(application(METER, leap), [given], rules(METER, leap)) == given


@given(ground=st.sampled_from(list(Ground)), reason=st.sampled_from(["", " ", "it goes on"]))
def test_at_once_only_by_the_agreement_of_1995_with_a_reason(ground: Ground, reason: str) -> None:
    with pytest.raises(Refused, match="NO_IMMEDIATE_REVOCATION"):
        immediate_clause(PSD, ground, reason)
    if ground in IMMEDIATE_GROUNDS and reason.strip():
        assert immediate_clause(METER, ground, reason) == "DMM P030.2.2 (1995)"
    else:
        with pytest.raises(Refused, match="NO_IMMEDIATE_REVOCATION"):
            immediate_clause(METER, ground, reason)


def test_only_a_sustained_appeal_leads_out_of_an_ended_licence() -> None:
    ended = set(LicenceStatus) - LIVE
    ways = {status: LICENCE_TRANSITIONS[status] for status in ended}
    assert ways == {
        LicenceStatus.REVOKED: frozenset({LicenceStatus.ISSUED}),
        LicenceStatus.CANCELLED: frozenset(),
    }
