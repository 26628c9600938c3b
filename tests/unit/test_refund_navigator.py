"""Which way each refund goes: the clock, the decider, the evidence, the last day, the payout."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from franking.errors import Refused
from franking.refunds import navigator, payout
from franking.refunds.citations import current
from franking.refunds.records import (
    RULEBOOK,
    Advice,
    Clock,
    Decider,
    EvidenceKind,
    Manner,
    Payout,
    Question,
    Requester,
    RouteKind,
    System,
    Thing,
    Withdrawal,
)

TODAY = date(2009, 2, 2)
FLOOR = 25_000


def asked(thing: Thing = Thing.INDICIA, *, on: date = TODAY, **facts: object) -> Advice:
    return navigator.advise(Question(thing=thing, **facts), on)  # type: ignore[arg-type]


def evidence(advice: Advice) -> set[EvidenceKind]:
    return {each.kind for each in advice.evidence if each.required}


def can_be_paid(advice: Advice) -> set[Payout]:
    return {each.payout for each in advice.payouts if each.possible}


def codes(advice: Advice) -> set[str]:
    return {each.code for each in advice.obstacles}


@pytest.mark.duty("R08-9.2.8-0", "R08-9.2.8b-1", "R08-9.2.8c-1", "R08-9.2.8d-1")
@pytest.mark.parametrize(
    ("facts", "route", "decider"),
    [
        ({}, RouteKind.DATED_METERED, Decider.POSTMASTER),
        ({"dated": False}, RouteKind.UNDATED_METERED, Decider.BUSINESS_MAIL_ENTRY),
        ({"system": System.PC_POSTAGE}, RouteKind.PC_PHYSICAL, Decider.PROVIDER),
        ({"system": System.PC_POSTAGE, "dated": False}, RouteKind.UNDATED_PC, Decider.PROVIDER),
        (
            {"system": System.PC_POSTAGE, "pic": "Express Mail"},
            RouteKind.PC_ELECTRONIC,
            Decider.PROVIDER,
        ),
        ({"thing": Thing.VALUE}, RouteKind.METER_VALUE, Decider.PROVIDER),
        (
            {"thing": Thing.VALUE, "withdrawal": Withdrawal.FAULTY},
            RouteKind.FAULTY_VALUE,
            Decider.HEADQUARTERS,
        ),
        ({"thing": Thing.BALANCE}, RouteKind.BALANCE, Decider.LOCKBOX_BANK),
    ],
)
def test_who_decides_depends_on_the_kind_of_postage(
    facts: dict[str, object], route: RouteKind, decider: Decider
) -> None:
    advice = asked(**{"thing": Thing.INDICIA, **facts})  # type: ignore[arg-type]
    assert (advice.route.kind, advice.route.decider) == (route, decider)


@pytest.mark.duty("R08-9.2.8b-2", "R08-9.2.8b-3")
@pytest.mark.parametrize(
    ("on", "through", "to"),
    [
        (date(2009, 5, 31), "nobody else", "manager of Postage Technology Management"),
        (date(2009, 6, 1), "postmaster", "manager of the Pricing and Classification Service"),
    ],
)
def test_an_appeal_on_dated_metered_postage_goes_to_another_officer_from_june_2009(
    on: date, through: str, to: str
) -> None:
    appeal = asked(on=on, date_shown=on).appeal
    assert appeal is not None
    assert (appeal.days, appeal.through, appeal.originals) == (30, through, True)
    assert appeal.to.startswith(to)


@pytest.mark.duty("R08-9.2.8c-2", "R08-9.2.8d-2")
def test_other_appeals_go_to_the_officer_that_the_clause_names() -> None:
    undated = asked(dated=False).appeal
    pc = asked(system=System.PC_POSTAGE, date_shown=TODAY).appeal
    assert undated is not None
    assert pc is not None
    assert undated.through.startswith("manager, business mail entry")
    assert undated.to == "manager of the Pricing and Classification Service Center"
    assert pc.to == "manager of Postage Technology Management"


@pytest.mark.duty("R08-9.3.2c", "R08-9.3.3c-2")
@pytest.mark.parametrize("system", list(System))
@pytest.mark.parametrize(("passed", "late"), [(60, False), (61, True)])
def test_physical_items_count_sixty_days_from_the_date_shown(
    system: System, passed: int, late: bool
) -> None:
    shown = TODAY - timedelta(days=passed)
    advice = asked(system=system, date_shown=shown, printed_on=TODAY)
    assert advice.route.clock is Clock.DATE_SHOWN
    assert advice.last_day == shown + timedelta(days=60)
    assert ("REFUND_TOO_LATE" in codes(advice)) is late


@pytest.mark.duty("R08-9.3.3b-2")
@pytest.mark.parametrize(("passed", "late"), [(10, False), (11, True)])
def test_electronic_requests_count_ten_days_from_printing(passed: int, late: bool) -> None:
    printed = TODAY - timedelta(days=passed)
    later_date = TODAY + timedelta(days=20)
    advice = asked(
        system=System.PC_POSTAGE, pic="Confirm", printed_on=printed, date_shown=later_date
    )
    assert advice.route.manner is Manner.ELECTRONIC
    assert ("REFUND_TOO_LATE" in codes(advice)) is late


@pytest.mark.duty("R08-9.3.3b-1")
def test_a_code_of_another_service_is_no_valid_pic() -> None:
    with pytest.raises(Refused, match="REFUND_QUESTION_UNCLEAR"):
        asked(system=System.PC_POSTAGE, pic="Certified Mail")


@pytest.mark.duty("R08-9.3.5-1", "R08-9.3.5-2")
def test_undated_pc_postage_is_not_normally_refunded_but_can_be_argued_for() -> None:
    advice = asked(system=System.PC_POSTAGE, dated=False)
    assert codes(advice) == {"REFUND_NOT_NORMALLY_GIVEN"}
    assert EvidenceKind.NARRATIVE in evidence(advice)
    assert advice.route.manner is Manner.PHYSICAL


@pytest.mark.duty("R08-9.3.4a-1", "R08-9.3.4a-2", "R08-9.3.4c-1")
def test_a_preparer_may_ask_for_undated_metered_postage_only() -> None:
    undated = asked(dated=False, requester=Requester.COMMERCIAL_PREPARER)
    dated = asked(date_shown=TODAY, requester=Requester.COMMERCIAL_PREPARER)
    anybody = asked(dated=False, requester=Requester.OTHER)
    assert undated.is_open
    assert EvidenceKind.SIGNED_LETTER in evidence(undated)
    assert "business mail entry" in undated.route.submit_to
    assert codes(dated) == codes(anybody) == {"REFUND_NOT_ENTITLED"}


@pytest.mark.duty("R08-9.3.3a")
def test_only_the_authorized_user_asks_for_pc_postage_and_asks_the_provider() -> None:
    advice = asked(system=System.PC_POSTAGE, date_shown=TODAY, requester=Requester.OTHER)
    assert codes(advice) == {"REFUND_NOT_ENTITLED"}
    assert "your provider" in advice.route.submit_to


@pytest.mark.duty("R08-9.3.2a-1", "R08-9.3.2b-1")
def test_dated_metered_items_go_to_the_local_office_with_proof_and_items() -> None:
    advice = asked(date_shown=TODAY)
    assert advice.route.submit_to == "the local post office"
    assert evidence(advice) == {EvidenceKind.PROOF_OF_USER, EvidenceKind.ITEMS}


@pytest.mark.duty("R08-9.3.1a-5", "R08-Pre-Min", "R08-Pre-Def", "R08-9.3.1b-2")
@pytest.mark.parametrize("system", list(System))
@pytest.mark.parametrize(
    ("mills", "check"), [(FLOOR - 1, False), (FLOOR, True), (FLOOR + 1, True), (1, False)]
)
def test_a_check_below_twenty_five_dollars_is_not_issued(
    system: System, mills: int, check: bool
) -> None:
    advice = asked(Thing.VALUE, system=system, amount_mills=mills)
    assert (Payout.CHECK in can_be_paid(advice)) is check


@pytest.mark.duty("R08-Pre-Credit", "R08-Pre-PCmodel")
@pytest.mark.parametrize("mills", [1, FLOOR - 1, FLOOR])
def test_no_other_payout_has_a_floor(mills: int) -> None:
    meter = asked(Thing.VALUE, amount_mills=mills)
    pc = asked(Thing.VALUE, system=System.PC_POSTAGE, amount_mills=mills)
    assert can_be_paid(meter) >= {Payout.CREDIT, Payout.TRANSFER}
    assert can_be_paid(pc) >= {Payout.CREDIT, Payout.PROVIDER}


def test_the_draft_of_2007_had_a_floor_of_five_dollars_and_earlier_texts_none() -> None:
    draft, on = date(2007, 9, 12), Question(thing=Thing.VALUE, amount_mills=4_999)
    assert Payout.CHECK not in can_be_paid(navigator.advise(on, draft, rulebook="refunds-2007"))
    early = Question(thing=Thing.VALUE, amount_mills=1, rulebook="ibip-1997")
    assert Payout.CHECK in can_be_paid(navigator.advise(early, date(1997, 6, 2)))


def test_a_check_below_the_floor_is_refused_with_what_can_be_done() -> None:
    route = asked(Thing.VALUE).route
    with pytest.raises(Refused) as refused:
        payout.require_payout(route, Payout.CHECK, FLOOR - 1, RULEBOOK, TODAY)
    assert refused.value.code == "REFUND_CHECK_BELOW_FLOOR"
    assert "$24.999 is less than $25.00" in refused.value.detail
    assert "credit" in refused.value.remedy
    with pytest.raises(Refused, match="REFUND_AMOUNT_NOT_POSITIVE"):
        payout.require_payout(route, Payout.CREDIT, 0, RULEBOOK, TODAY)
    with pytest.raises(Refused, match="REFUND_PAYOUT_UNSUITABLE"):
        payout.require_payout(route, Payout.BANK, 1, RULEBOOK, TODAY)


@pytest.mark.duty("R08-9.3.1-4", "R08-9.3.1-5")
@pytest.mark.parametrize(
    ("returned", "legible", "examined", "documents"),
    [(True, True, True, False), (True, False, True, True), (False, False, False, True)],
)
def test_what_a_damaged_system_needs_depends_on_what_is_left_of_it(
    returned: bool, legible: bool, examined: bool, documents: bool
) -> None:
    advice = asked(Thing.VALUE, withdrawal=Withdrawal.DISASTER, returned=returned, legible=legible)
    assert (EvidenceKind.EXAMINATION in evidence(advice)) is examined
    assert (EvidenceKind.RECONSTRUCTION in evidence(advice)) is documents


@pytest.mark.duty("R08-9.3.1-6")
def test_after_a_disaster_the_user_states_the_cause_and_that_nobody_else_pays() -> None:
    advice = asked(Thing.VALUE, withdrawal=Withdrawal.DISASTER)
    assert evidence(advice) >= {EvidenceKind.STATEMENT_OF_CAUSE, EvidenceKind.NO_INSURANCE}


@pytest.mark.duty("R08-9.3.1-2")
def test_a_faulty_system_waits_for_the_report_of_its_cause() -> None:
    advice = asked(Thing.VALUE, withdrawal=Withdrawal.FAULTY)
    assert EvidenceKind.CAUSE_REPORT in evidence(advice)
    assert advice.route.decider is Decider.HEADQUARTERS


@pytest.mark.duty("R97-P050.3.3-2", "R97-P050.3.3-3", "R97-502.28-2", "R97-Pre-Refund")
def test_in_1997_three_things_come_with_the_request_and_the_postal_service_pays() -> None:
    on = date(1997, 6, 2)
    advice = navigator.advise(Question(thing=Thing.VALUE, rulebook="ibip-1997"), on)
    assert evidence(advice) == {
        EvidenceKind.WRITTEN_REQUEST,
        EvidenceKind.DEVICE,
        EvidenceKind.REGISTER_RECORD,
    }
    assert advice.route.decider is Decider.HEADQUARTERS
    assert "Provider" in advice.route.submit_to


@pytest.mark.duty("R95-P030.3.7-2", "R95-P030.3.7-3", "R95-P030.3.13-1", "R95-501.28(f)-1")
def test_in_1995_the_meter_is_examined_and_a_register_log_supports_the_request() -> None:
    on = date(1996, 3, 4)
    advice = navigator.advise(Question(thing=Thing.VALUE, rulebook="meter-1995"), on)
    assert evidence(advice) == {EvidenceKind.EXAMINATION}
    assert EvidenceKind.REGISTER_RECORD in {each.kind for each in advice.evidence}
    assert Payout.CHECK in can_be_paid(advice)


@pytest.mark.duty("R95-P030.3.13-2", "R97-P050.3.3-4", "R97-502.28-3")
@pytest.mark.parametrize(
    ("rulebook", "on"), [("meter-1995", date(1996, 3, 4)), ("ibip-1997", date(1997, 6, 2))]
)
def test_an_account_balance_comes_back_through_the_lockbox_bank(rulebook: str, on: date) -> None:
    advice = navigator.advise(Question(thing=Thing.BALANCE, rulebook=rulebook), on)
    assert advice.route.decider is Decider.LOCKBOX_BANK
    assert can_be_paid(advice) == {Payout.BANK}


def test_before_2008_nothing_is_known_of_unused_indicia() -> None:
    with pytest.raises(Refused, match="REFUND_NOT_IN_RULEBOOK"):
        navigator.advise(Question(thing=Thing.INDICIA, rulebook="ibip-1997"), date(1997, 6, 2))


def test_the_charge_is_a_tenth_and_above_a_line_by_the_hour() -> None:
    low = asked(date_shown=TODAY, amount_mills=350_000)
    high = asked(date_shown=TODAY, amount_mills=350_001)
    later = asked(on=date(2014, 7, 28), date_shown=date(2014, 7, 28), amount_mills=500_001)
    assert (low.charge_mills, low.refund_mills) == (35_000, 315_000)
    assert high.charge_mills == 35_000
    assert later.charge_mills == 50_000
    assert payout.charge(low.route, 400_000, RULEBOOK, TODAY, hours=3) == 105_000


@pytest.mark.duty("R08-9.3.1a-3")
@pytest.mark.parametrize(
    ("ascending", "outcome", "amount", "difference"),
    [
        (60_000, payout.Outcome.REFUND, 40_000, 0),
        (100_000, payout.Outcome.NOTHING, 0, -40_000),
        (101_500, payout.Outcome.COLLECT, 1_500, -41_500),
    ],
)
def test_an_examined_system_is_settled_in_one_of_three_ways(
    ascending: int, outcome: payout.Outcome, amount: int, difference: int
) -> None:
    found = payout.settle(granted_mills=100_000, ascending_mills=ascending, recorded_mills=40_000)
    assert (found.outcome, found.amount_mills) == (outcome, amount)
    assert found.difference_mills == difference


@pytest.mark.duty("R08-9.3-renum")
@pytest.mark.parametrize(
    ("before", "since"),
    [
        ("DMM 604.9.3.5d", "DMM 604.9.3.6d"),
        ("9.3.7", "9.3.8"),
        ("DMM 604.9.3.4 (2007)", "DMM 604.9.3.4 (2007)"),
        ("39 CFR 501.28(f)", "39 CFR 501.28(f)"),
    ],
)
def test_an_old_citation_leads_to_the_section_of_today(before: str, since: str) -> None:
    assert current(before) == since


@pytest.mark.parametrize("mills", [-1, -25_000])
def test_a_negative_amount_is_refused(mills: int) -> None:
    with pytest.raises(Refused, match="REFUND_AMOUNT_NOT_POSITIVE"):
        asked(Thing.VALUE, amount_mills=mills)
