"""The treasury's oversight: lockboxes, assessments, suspensions, costs, the timetable, records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest

from franking.clock import instant_text
from franking.errors import Refused
from franking.messages.funds import (
    AccountRefundPaid,
    AccountRefundRequested,
    AcknowledgmentOfDeposit,
    CustomerAmount,
    Download,
    FinancialTransactions,
    FundsAdvanced,
    RevenueAllocation,
    ZipRevenue,
    parted,
)
from franking.postal.schema import LEDGER
from franking.postal.treasury import (
    assessing,
    chart,
    costs,
    deposits,
    inspecting,
    lockboxes,
    noting,
    oversight_tables,
    rows,
    supplying,
    suspending,
    views,
)
from franking.postal.treasury.assessing import Assessed
from franking.postal.treasury.inspecting import Visit
from franking.postal.treasury.oversight_records import (
    CONVERT,
    DECIDE_SUSPENSION,
    Assessment,
    AssessmentStatus,
    InspectionStatus,
)
from franking.postal.treasury.records import DifferenceStatus, Lockbox, LockboxStatus
from franking.provider.standing import commands as standing
from franking.provider.standing.records import LetterStatus, Supplies
from franking.provider.standing.standing import (
    lockbox_agreed,
    reports_wanted,
    require_resetting_open,
)
from franking.rules.permissions import Role
from franking.storage.export_check import check_export
from tests.fixtures_databases import DATABASES
from tests.fixtures_examinations import MAKER, RIVAL, at
from tests.fixtures_treasury import (
    ACCOUNT,
    BANK,
    DOLLAR,
    ROUTING,
    TERMS,
    Treasury,
    treasury_on,
)

DAY = "1996-01-17"


@pytest.fixture(params=DATABASES)
def treasury(request: pytest.FixtureRequest, tmp_path: Path) -> Treasury:
    return treasury_on(request.param, tmp_path)


# Lockboxes -----------------------------------------------------------------------------------


@pytest.mark.duty("R95-501.28(e)(1)-1")
@pytest.mark.duty("R95-501.28(e)(1)-2")
@pytest.mark.parametrize(
    ("title", "routing", "words"),
    [
        ("Franking Provider", "026009593", "it is in the name of 'Franking Provider'"),
        ("US Postal Service", "026009594", "'026009594' is no routing number"),
    ],
)
def test_a_lockbox_in_another_name_is_not_taken_up(
    treasury: Treasury, title: str, routing: str, words: str
) -> None:
    desk = treasury.provider()
    offer = {"bank": BANK, "account": "1", "routing": routing, "title": title}
    standing.offer_lockbox(desk.books, desk.signer, **offer, now=at(DAY))
    (outcome,) = treasury.offices.carry(DAY)
    assert outcome.startswith("LOCKBOX_NOT_POSTAL")
    assert words in outcome
    with pytest.raises(Refused, match="no account 1"):
        lockboxes.find_lockbox(treasury.books, routing=routing, account="1")


@pytest.mark.duty("R95-501.28(e)(1)-1")
def test_an_approved_lockbox_has_a_number_and_one_provider(treasury: Treasury) -> None:
    found = lockboxes.find_lockbox(treasury.books, routing=ROUTING[MAKER], account=ACCOUNT[MAKER])
    assert (found.status, found.approval) == (LockboxStatus.APPROVED, "LB-0001")
    desk = treasury.provider(RIVAL)
    offer = {"bank": BANK, "routing": ROUTING[MAKER], "account": ACCOUNT[MAKER]}
    standing.offer_lockbox(desk.books, desk.signer, **offer, title="Postal Service", now=at(DAY))
    (outcome,) = treasury.offices.carry(DAY)
    assert "serves another provider" in outcome


@pytest.mark.duty("R95-501.28(e)(2)-2")
@pytest.mark.duty("R95-501.28(e)(4)-3")
def test_each_provider_knows_its_banks_times_and_whom_to_ask(treasury: Treasury) -> None:
    with treasury.provider(RIVAL).books.reading() as reading:
        (terms,) = lockbox_agreed(reading)
    assert (terms.cutoff_time, terms.transmission_time) == ("14:00", "18:00")
    assert (terms.toll_free, terms.representative) == ("1-800-555-0100", "Grace Senior")
    mine = {"routing": ROUTING[MAKER], "account": ACCOUNT[MAKER]}
    earlier = replace(TERMS, cutoff_time="12:00", transmission_time="16:30")
    lockboxes.agree_terms(
        treasury.books, treasury.offices.signer, **mine, terms=earlier, now=at(DAY)
    )
    treasury.offices.carry(DAY)
    with treasury.provider(MAKER).books.reading() as reading:
        assert [each.cutoff_time for each in lockbox_agreed(reading)] == ["12:00"]
    with treasury.provider(RIVAL).books.reading() as reading:
        assert [each.cutoff_time for each in lockbox_agreed(reading)] == ["14:00"]


@pytest.mark.duty("R95-501.28(e)(4)-3")
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"toll_free": "312-555-0100"}, "toll-free number '312-555-0100'"),
        ({"representative": " "}, "no representative"),
        ({"cutoff_time": "25:00"}, "cutoff time '25:00'"),
        ({"transmission_time": "13:59"}, "sent before the cutoff"),
        ({"timezone": "Chicago"}, "time zone 'Chicago'"),
    ],
)
def test_terms_without_times_or_contacts_are_refused(
    treasury: Treasury, changed: dict[str, str], words: str
) -> None:
    mine = {"routing": ROUTING[MAKER], "account": ACCOUNT[MAKER]}
    with pytest.raises(Refused, match="LOCKBOX_TERMS_UNFIT") as refused:
        lockboxes.agree_terms(
            treasury.books,
            treasury.offices.signer,
            **mine,
            terms=replace(TERMS, **changed),
            now=at(DAY),
        )
    assert words in refused.value.detail


def test_who_is_no_treasury_officer_approves_nothing(treasury: Treasury) -> None:
    postmaster = treasury.offices.acting(Role.POSTMASTER)
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        lockboxes.decide_lockbox(
            postmaster,
            treasury.offices.signer,
            routing=ROUTING[MAKER],
            account=ACCOUNT[MAKER],
            approved=True,
            because="x",
            now=at(DAY),
        )


# Assessments and suspensions -----------------------------------------------------------------


def assess(treasury: Treasury, *findings: str, proposed: bool = False) -> Assessment:
    found = Assessed(
        provider=MAKER,
        rulebook="meter-1995",
        findings=findings,
        suspension_proposed=proposed,
    )
    done = assessing.assess_system(treasury.books, treasury.offices.signer, found, at(DAY))
    treasury.offices.carry(DAY)
    return done


def suspend(
    treasury: Treasury, number: int, *, on: str, effective: str = "", shorter: str = ""
) -> Assessment:
    done = suspending.notice_suspension(
        treasury.books,
        treasury.offices.signer,
        number=number,
        deficiency="resets without funds",
        effective_on=date.fromisoformat(effective) if effective else None,
        shorter_because=shorter,
        now=at(on),
    )
    treasury.offices.carry(on)
    return done


def may_reset(treasury: Treasury, on: str, name: str = MAKER) -> bool:
    with treasury.provider(name).books.reading() as reading:
        try:
            require_resetting_open(reading, date.fromisoformat(on))
        except Refused as refused:
            return refused.code != "RESETTING_SUSPENDED"
    return True


@pytest.mark.duty("R95-501.28(c)-1")
@pytest.mark.duty("R97-Pre-CMRSaudit")
@pytest.mark.parametrize(
    ("rulebook", "day", "what"),
    [("meter-1995", DAY, "assessment"), ("ibip-1997", "1997-06-03", "audit")],
)
def test_each_system_is_assessed_again_and_again(
    treasury: Treasury, rulebook: str, day: str, what: str
) -> None:
    signer, books = treasury.offices.signer, treasury.books
    assessing.plan_assessment(books, provider=MAKER, rulebook=rulebook, now=at(day))
    assert treasury.owed() == ["assessment of a resetting system"]
    clean = Assessed(provider=MAKER, rulebook=rulebook, findings=())
    done = assessing.assess_system(books, signer, clean, at(day))
    assert (done.what, done.status) == (what, AssessmentStatus.CLEAN)
    treasury.offices.carry(day)
    assert treasury.owed() == ["assessment of a resetting system"]
    (told,) = [
        each
        for each in standing.letters_view(treasury.provider().books)
        if each["kind"] == "assessment"
    ]
    assert told["status"] == LetterStatus.NOTED


def test_findings_are_corrected_and_accepted(treasury: Treasury) -> None:
    number = assess(treasury, "account lock can be lifted by one person").number
    desk = treasury.provider()
    standing.correct_deficiency(
        desk.books, desk.signer, assessment=number, correction="two people", now=at(DAY)
    )
    treasury.offices.carry(DAY)
    done = assessing.accept_correction(treasury.books, number=number, because="seen", now=at(DAY))
    assert (done.status, done.correction) == (AssessmentStatus.CLOSED, "two people")


@pytest.mark.duty("R95-501.28(c)-3")
def test_a_suspension_goes_by_notice_term_and_day(treasury: Treasury) -> None:
    number = assess(treasury, "grants are signed before the charge", proposed=True).number
    with pytest.raises(Refused, match="may be corrected until 1996-02-16"):
        suspend(treasury, number, on="1996-02-16")
    with pytest.raises(Refused, match="a defense may be presented until 1996-03-18"):
        suspend(treasury, number, on="1996-02-17", effective="1996-02-18")
    noticed = suspend(treasury, number, on="1996-02-17")
    assert noticed.effective_on == date(1996, 3, 18)
    assert may_reset(treasury, "1996-03-17")
    assert not may_reset(treasury, "1996-03-18")
    assert may_reset(treasury, "1996-03-18", RIVAL)


@pytest.mark.duty("R95-501.28(c)-3")
def test_a_serious_deficiency_can_stop_resets_the_same_day(treasury: Treasury) -> None:
    number = assess(treasury, "duplicate grants", proposed=True).number
    suspend(treasury, number, on=DAY, shorter="funds are being lost now")
    assert not may_reset(treasury, DAY)
    done = suspending.decide_suspension(
        treasury.books,
        treasury.offices.signer,
        number=number,
        suspended=False,
        because="fixed and tried",
        now=at("1996-01-20"),
    )
    treasury.offices.carry("1996-01-20")
    assert done.status is AssessmentStatus.CLOSED
    assert may_reset(treasury, "1996-01-20")


def test_a_defense_holds_a_suspension_up_until_it_is_decided(treasury: Treasury) -> None:
    number = assess(treasury, "duplicate grants", proposed=True).number
    suspend(treasury, number, on=DAY, effective="1996-01-24", shorter="large amounts")
    desk = treasury.provider()
    standing.defend_suspension(
        desk.books,
        desk.signer,
        assessment=number,
        defense="the grants are distinct",
        evidence=("journal export",),
        now=at("1996-01-22"),
    )
    treasury.offices.carry("1996-01-22")
    assert may_reset(treasury, "1996-01-25")
    suspending.decide_suspension(
        treasury.books,
        treasury.offices.signer,
        number=number,
        suspended=True,
        because="they are not",
        now=at("1996-01-26"),
    )
    treasury.offices.carry("1996-01-26")
    assert not may_reset(treasury, "1996-01-26")
    with pytest.raises(Refused, match="NOTHING_TO_DEFEND"):
        standing.defend_suspension(
            desk.books,
            desk.signer,
            assessment=number,
            defense="again",
            evidence=(),
            now=at("1996-01-26"),
        )
    owed = treasury.offices.owed(f"assessment:{number}")
    until = [each.due for each in owed if each.duty == DECIDE_SUSPENSION and each.is_outstanding]
    assert until == [date(1996, 4, 25)]
    suspending.extend_suspension(
        treasury.books, number=number, because="not solved", now=at("1996-04-25")
    )
    owed = treasury.offices.owed(f"assessment:{number}")
    until = [each.due for each in owed if each.duty == DECIDE_SUSPENSION and each.is_outstanding]
    assert until == [date(1996, 7, 24)]


@pytest.mark.duty("R95-501.28(c)-2")
def test_an_authority_is_revoked_when_requirements_are_not_met(treasury: Treasury) -> None:
    number = assess(treasury, "no separation of duties").number
    done = suspending.revoke_authority(
        treasury.books,
        treasury.offices.signer,
        number=number,
        requirements=["separation of duties"],
        now=at(DAY),
    )
    treasury.offices.carry(DAY)
    assert done.status is AssessmentStatus.REVOKED
    assert not may_reset(treasury, DAY)
    (hold,) = standing.standing_view(treasury.provider().books)["holds"]
    assert hold["deficiency"] == "separation of duties"


def test_what_was_not_assessed_is_neither_suspended_nor_revoked(treasury: Treasury) -> None:
    clean = assess(treasury).number
    with pytest.raises(Refused, match="ASSESSMENT_UNKNOWN"):
        suspend(treasury, 99, on=DAY)
    with pytest.raises(Refused, match="ASSESSMENT_MAY_NOT_MOVE"):
        suspend(treasury, clean, on=DAY, shorter="now")
    with pytest.raises(Refused, match="RULEBOOK_WITHOUT_ASSESSMENT"):
        assessing.plan_assessment(
            treasury.books, provider=MAKER, rulebook="refunds-2008", now=at(DAY)
        )
    assert may_reset(treasury, DAY)


# Deposits, acknowledgments, refunds of balances ----------------------------------------------


@pytest.mark.duty("R95-501.28(b)(5)-1")
def test_a_provider_gets_a_statement_of_its_deposit_after_each_change(treasury: Treasury) -> None:
    signer, books = treasury.offices.signer, treasury.books
    change = {"provider": MAKER, "because": "wire 17"}
    deposits.change_provider_deposit(
        books, signer, **change, change_mills=900 * DOLLAR, now=at(DAY)
    )
    treasury.offices.carry(DAY)
    moved = [
        ("provider deposit", "fund", "provider-deposit", 900 * DOLLAR),
        ("advance", "provider-deposit", "deposits", 600 * DOLLAR),
        ("advance", "owed", "provider-capital", 600 * DOLLAR),
    ]
    assert treasury.report(DAY, moved) == []
    assert treasury.differences() == []
    assert treasury.balance("fund-clearing") == 0
    assert treasury.balance("provider-deposit") == 300 * DOLLAR
    with pytest.raises(Refused, match="would be left for"):
        deposits.change_provider_deposit(
            books, signer, **change, change_mills=-290 * DOLLAR, now=at("1996-01-18")
        )
    done = deposits.change_provider_deposit(
        books, signer, **change, change_mills=-280 * DOLLAR, now=at("1996-01-18")
    )
    assert (done.number, done.balance_mills) == (2, 620 * DOLLAR)


@pytest.mark.parametrize(("mills", "because"), [(0, "wire"), (5, " ")])
def test_a_deposit_of_nothing_or_for_no_reason_is_refused(
    treasury: Treasury, mills: int, because: str
) -> None:
    with pytest.raises(Refused, match="DEPOSIT_UNFIT"):
        deposits.change_provider_deposit(
            treasury.books,
            treasury.offices.signer,
            provider=MAKER,
            change_mills=mills,
            because=because,
            now=at(DAY),
        )


@pytest.mark.duty("R95-501.28(f)-2")
@pytest.mark.parametrize(
    ("paid", "late"), [(at("1996-01-19", 9), False), (at("1996-01-19", 11), True)]
)
def test_a_balance_paid_back_late_is_reported_and_nothing_else(
    treasury: Treasury, paid: datetime, late: bool
) -> None:
    asked = instant_text(at(DAY, 10))
    named = {"device": "", "sender": MAKER, "issued_at": asked, "licence": "01101-000001"}
    request = AccountRefundRequested(
        **named,
        account="50112233",
        licensee="Acme Bolts",
        zip_code="01101",
        amount_mills=25 * DOLLAR,
        requested_at=asked,
    )
    assert treasury.send(request, DAY) == []
    done = AccountRefundPaid(
        **named,
        account="50112233",
        amount_mills=25 * DOLLAR,
        requested_at=asked,
        paid_at=instant_text(paid),
    )
    assert treasury.send(done, "1996-01-19") == []
    with treasury.books.reading() as reading:
        (refund,) = rows.refunds(reading)
    assert refund.late is late
    stranger = AccountRefundPaid(
        **{**named, "issued_at": instant_text(paid)},
        account="99",
        amount_mills=1,
        requested_at=asked,
        paid_at=instant_text(paid),
    )
    assert treasury.send(stranger, "1996-01-19")[0].startswith("BALANCE_NOT_ASKED")


@pytest.mark.duty("R95-501.28(b)(2)-3")
def test_an_acknowledgment_reaches_its_addressee(treasury: Treasury) -> None:
    signed = AcknowledgmentOfDeposit(
        device="",
        issued_at=instant_text(at(DAY)),
        sender=MAKER,
        licence="01101-000001",
        account="50112233",
        licensee="Acme Bolts",
        zip_code="01101",
        rulebook="meter-1995",
        signed_by="A. Bolt",
        signed_on=DAY,
        addressee="post office 01101",
        wording_digest="0" * 64,
    )
    assert treasury.send(signed, DAY) == []
    with treasury.books.reading() as reading:
        (found,) = rows.acknowledgments(reading, addressee="post office 01101")
        assert rows.acknowledgments(reading, addressee="post office 60601") == []
    assert (found.provider, found.signed_by) == (MAKER, "A. Bolt")


@pytest.mark.duty("R95-501.28(b)(1)")
def test_the_fund_is_shown_with_what_stands_behind_it(treasury: Treasury) -> None:
    data = views.overview(treasury.books, date.fromisoformat(DAY))
    assert "full faith and credit by the U.S. Treasury" in data["backing"]
    assert data["fund_mills"] == 0


# Costs and the timetable ---------------------------------------------------------------------


@pytest.mark.duty("R95-Pre-IV-6")
def test_disclosed_expenses_are_reviewed_and_nothing_is_owed_by_them(treasury: Treasury) -> None:
    signer, books, desk = treasury.offices.signer, treasury.books, treasury.provider()
    asked = costs.ask_costs(books, signer, provider=MAKER, now=at(DAY))
    treasury.offices.carry(DAY)
    with pytest.raises(Refused, match="COSTS_NOT_TOLD"):
        costs.review_costs(books, number=asked.number, review="?", now=at(DAY))

    def disclose(resetting_mills: int) -> None:
        standing.disclose_costs(
            desk.books,
            desk.signer,
            request=asked.number,
            resetting_mills=resetting_mills,
            conversion_mills=2_500_000,
            because="ledger",
            now=at(DAY),
        )

    with pytest.raises(Refused, match="COSTS_UNFIT"):
        disclose(-1)
    disclose(9_000_000)
    treasury.offices.carry(DAY)
    done = costs.review_costs(books, number=asked.number, review="plausible", now=at(DAY))
    assert (done.resetting_mills, done.conversion_mills) == (9_000_000, 2_500_000)
    with books.reading() as reading:
        owed = [LEDGER.total(reading, line.kind) for line in chart.CHART]
    assert owed == [0] * len(owed)


@pytest.mark.duty("R95-Pre-IV-4")
def test_every_provider_converts_by_the_same_day(treasury: Treasury) -> None:
    signer, books = treasury.offices.signer, treasury.books
    steps = {"lockbox": date(1996, 3, 1), "daily file": date(1996, 4, 1)}
    both = (MAKER, RIVAL)
    costs.schedule_conversion(books, signer, steps=steps, providers=both, now=at(DAY))
    treasury.offices.carry(DAY)
    due = {
        name: {
            (each["reference"], each["due_on"])
            for each in standing.letters_view(treasury.provider(name).books, waiting=True)
            if each["kind"] == "conversion timetable"
        }
        for name in both
    }
    assert (
        due[MAKER]
        == due[RIVAL]
        == {
            ("1: lockbox", "1996-03-01"),
            ("1: daily file", "1996-04-01"),
        }
    )
    desk = treasury.provider()
    standing.report_conversion_step(
        desk.books, desk.signer, step="lockbox", done_on=date(1996, 2, 20), now=at("1996-02-20")
    )
    treasury.offices.carry("1996-02-20")
    first, _ = costs.conversion_view(books, both)
    assert first["done"] == {MAKER: "1996-02-20", RIVAL: ""}
    owed = treasury.offices.owed(f"conversion:{chart.code_of(RIVAL)}/lockbox")
    assert [(each.duty, each.due) for each in owed if each.is_outstanding] == [
        (CONVERT, date(1996, 3, 1))
    ]


def test_a_later_edition_of_the_timetable_is_again_for_all(treasury: Treasury) -> None:
    signer, books = treasury.offices.signer, treasury.books
    both = (MAKER, RIVAL)
    for day in (date(1996, 3, 1), date(1996, 5, 1)):
        costs.schedule_conversion(
            books, signer, steps={"lockbox": day}, providers=both, now=at(DAY)
        )
        treasury.offices.carry(DAY)
    for name in both:
        waiting = standing.letters_view(treasury.provider(name).books, waiting=True)
        due = {each["due_on"] for each in waiting if each["kind"] == "conversion timetable"}
        assert due == {"1996-05-01"}


@pytest.mark.parametrize(
    ("steps", "providers"),
    [
        ({}, [MAKER]),
        ({"lockbox": date(1995, 12, 1)}, [MAKER]),
        ({"lockbox": date(1996, 3, 1)}, []),
        ({"lockbox": date(1996, 3, 1)}, [MAKER, MAKER]),
    ],
)
def test_a_timetable_for_nobody_or_the_past_is_refused(
    treasury: Treasury, steps: dict[str, date], providers: list[str]
) -> None:
    with pytest.raises(Refused, match="TIMETABLE_UNFIT"):
        costs.schedule_conversion(
            treasury.books,
            treasury.offices.signer,
            steps=steps,
            providers=providers,
            now=at(DAY),
        )


# Supplies ------------------------------------------------------------------------------------


def wanted(**changed: int) -> Supplies:
    given = {"tickets": 50, "envelopes": 50, **changed}
    return Supplies(
        account="50112233",
        licensee="Acme Bolts",
        address="12 Main St, Springfield MA",
        zip_code="01101",
        **given,
    )


@pytest.mark.duty("R95-Pre-IV-1")
@pytest.mark.duty("R95-Pre-IV-3")
def test_check_payers_get_tickets_and_envelopes_that_the_postal_service_pays(
    treasury: Treasury,
) -> None:
    signer, books, desk = treasury.offices.signer, treasury.books, treasury.provider()
    standing.want_supplies(desk.books, desk.signer, wanted(), at(DAY))
    treasury.offices.carry(DAY)
    owed = treasury.offices.owed("supplies:1")
    assert [(each.owed_by, each.due) for each in owed] == [("Postal Service", date(1996, 1, 24))]
    done = supplying.send_supplies(books, signer, number=1, cost_mills=7_500, now=at(DAY))
    treasury.offices.carry(DAY)
    assert (done.cost_mills, done.post_office_box) == (7_500, TERMS.post_office_box)
    (letter,) = [
        each
        for each in standing.letters_view(desk.books)
        if each["kind"] == "deposit tickets and envelopes"
    ]
    assert letter["status"] == "answered"
    with books.reading() as reading:
        assert not any(LEDGER.total(reading, line.kind) for line in chart.CHART)
    again = supplying.send_supplies(books, signer, number=1, cost_mills=9, now=at(DAY))
    assert again == done
    with pytest.raises(Refused, match="SUPPLIES_UNKNOWN"):
        supplying.send_supplies(books, signer, number=2, cost_mills=0, now=at(DAY))


@pytest.mark.duty("R95-Pre-IV-1")
def test_a_licensee_mails_to_the_nearest_of_several_locations() -> None:
    chicago = Lockbox(
        provider=MAKER,
        bank=BANK,
        routing="1",
        account="1",
        title="Postal Service",
        offered_on=date(1996, 1, 12),
        status=LockboxStatus.APPROVED,
        post_office_box="PO Box 1100, Chicago IL 60690",
    )
    boston = replace(chicago, account="2", post_office_box="PO Box 9, Boston MA 02205-0009")
    near = [
        supplying.nearest_lockbox([chicago, boston], each).account for each in ("01101", "63101")
    ]
    assert near == ["2", "1"]
    with pytest.raises(Refused, match="SUPPLIES_NOWHERE"):
        supplying.nearest_lockbox([replace(chicago, post_office_box="")], "01101")


@pytest.mark.parametrize(
    "changed", [{"tickets": -1}, {"tickets": 0, "envelopes": 0}, {"tickets": 501}]
)
def test_no_supplies_of_nothing_or_of_too_many(treasury: Treasury, changed: dict[str, int]) -> None:
    desk = treasury.provider()
    with pytest.raises(Refused, match="SUPPLIES_UNFIT"):
        standing.want_supplies(desk.books, desk.signer, wanted(**changed), at(DAY))


# Inspections and reports on request ----------------------------------------------------------


def visit(when: datetime, *, records: str = "resets of January") -> Visit:
    return Visit(
        provider=MAKER,
        representatives=("I. Spector",),
        at=when,
        facilities=("data center",),
        records=records,
        since=date(1996, 1, 1),
        until=date(1996, 1, 17),
    )


@pytest.mark.duty("R95-501.28(h)")
def test_records_are_laid_open_and_can_be_checked_without_the_books(
    treasury: Treasury, tmp_path: Path
) -> None:
    signer, books, desk = treasury.offices.signer, treasury.books, treasury.provider()
    one = inspecting.announce_inspection(books, signer, visit(at("1996-01-18", 10)), at(DAY))
    treasury.offices.carry(DAY)
    file = tmp_path / "records.jsonl"
    standing.produce_records(
        desk.books, desk.signer, inspection=one.number, file=file, now=at("1996-01-18")
    )
    treasury.offices.carry("1996-01-18")
    with books.reading() as reading:
        produced = oversight_tables.find_inspection(reading, one.number)
    assert produced is not None
    assert produced.status is InspectionStatus.PRODUCED
    with file.open(encoding="utf-8") as lines:
        checked = check_export(lines)
    assert not checked.faults
    done = inspecting.close_inspection(
        books, number=one.number, refused=False, finding="in order", now=at("1996-01-18")
    )
    assert done.status is InspectionStatus.DONE
    with pytest.raises(Refused, match="LETTER_ANSWERED"):
        standing.produce_records(
            desk.books, desk.signer, inspection=one.number, file=file, now=at("1996-01-18")
        )


@pytest.mark.duty("R95-501.28(h)")
@pytest.mark.parametrize(
    "when",
    [at("1996-01-18", 3), at("1996-01-20", 10), at("1996-02-19", 10), at("1996-01-16", 10)],
    ids=["at night", "on a Saturday", "on a holiday", "in the past"],
)
def test_no_inspection_at_an_unreasonable_time(treasury: Treasury, when: datetime) -> None:
    with pytest.raises(Refused, match="TIME_UNREASONABLE"):
        inspecting.announce_inspection(
            treasury.books, treasury.offices.signer, visit(when), at(DAY)
        )


def test_refused_access_stays_on_record(treasury: Treasury) -> None:
    signer, books = treasury.offices.signer, treasury.books
    one = inspecting.announce_inspection(books, signer, visit(at("1996-01-18", 10)), at(DAY))
    done = inspecting.close_inspection(
        books, number=one.number, refused=True, finding="door was locked", now=at("1996-01-18")
    )
    assert done.status is InspectionStatus.REFUSED
    owed = treasury.offices.owed(f"records-inspection:{one.number}")
    assert [each.is_outstanding for each in owed] == [True]


def test_reports_on_request_are_wanted_for_their_days_only(treasury: Treasury) -> None:
    inspecting.want_report(
        treasury.books,
        treasury.offices.signer,
        provider=MAKER,
        report="funds advanced",
        since=date(1996, 1, 18),
        until=date(1996, 1, 19),
        now=at(DAY),
    )
    treasury.offices.carry(DAY)
    with treasury.provider().books.reading() as reading:
        wanted = [reports_wanted(reading, date(1996, 1, day)) for day in (17, 18, 19, 20)]
    assert [set(each) for each in wanted] == [
        set(),
        {"funds advanced"},
        {"funds advanced"},
        set(),
    ]
    with pytest.raises(Refused, match="REPORT_NOT_ON_REQUEST"):
        inspecting.want_report(
            treasury.books,
            treasury.offices.signer,
            provider=MAKER,
            report="daily activity",
            since=date(1996, 1, 18),
            until=None,
            now=at(DAY),
        )


# Lists in parts, beside the daily report -----------------------------------------------------


def downloads(total_mills: int, count: int) -> list[FinancialTransactions]:
    lines = [
        Download(
            device=f"FK1A{number:010}",
            licence="01101-000001",
            account="50112233",
            zip_code="01101",
            sequence=1,
            amount_mills=DOLLAR,
            at=instant_text(at(DAY)),
            control_total_mills=0,
        )
        for number in range(count)
    ]
    return [
        FinancialTransactions(
            device="",
            issued_at=instant_text(at(DAY, 23)),
            sender=MAKER,
            day=DAY,
            lines=some,
            part=part,
            parts=parts,
            total_mills=total_mills,
        )
        for part, parts, some in parted(lines)
    ]


@pytest.mark.duty("R97-502.21(m)")
def test_downloads_add_up_to_the_grants_of_their_day(treasury: Treasury) -> None:
    moved = [
        ("deposit", "lockbox", "deposits", 900 * DOLLAR),
        ("grant", "deposits", "transit", 900 * DOLLAR),
    ]
    treasury.report(DAY, moved, deposits=[(DAY, 900 * DOLLAR)])
    parts = downloads(900 * DOLLAR, 900)
    assert len(parts) == 3
    assert [outcome for part in parts for outcome in treasury.send(part, DAY)] == []
    assert treasury.differences() == []
    (again,) = treasury.send(replace_issued(parts[0]), DAY)
    assert again.startswith("REPORT_DAY_CLOSED")


def test_a_missing_part_and_a_wrong_total_stay_visible(treasury: Treasury) -> None:
    treasury.report(DAY, [("grant", "deposits", "transit", 900 * DOLLAR)], deposits=())
    first, second, third = downloads(899 * DOLLAR, 899)
    treasury.send(first, DAY)
    treasury.send(third, DAY)
    found = views.reports_view(treasury.books, provider=MAKER, kind="FinancialTransactions")
    assert views.missing_parts(found) == [f"{DAY}, part 2 of 3"]
    assert "FinancialTransactions beside DailyActivity" not in whats(treasury)
    treasury.send(second, DAY)
    assert "FinancialTransactions beside DailyActivity" in whats(treasury)


def test_advances_and_revenue_are_compared_with_the_daily_reports(treasury: Treasury) -> None:
    moved = [
        ("provider deposit", "fund", "provider-deposit", 50 * DOLLAR),
        ("advance", "provider-deposit", "deposits", 50 * DOLLAR),
        ("advance", "owed", "provider-capital", 50 * DOLLAR),
        ("grant", "deposits", "transit", 50 * DOLLAR),
    ]
    treasury.report(DAY, moved)
    issued = instant_text(at(DAY, 23))
    line = CustomerAmount(customer="50112233", zip_code="01101", amount_mills=50 * DOLLAR)
    right = FundsAdvanced(
        device="",
        sender=MAKER,
        issued_at=issued,
        day=DAY,
        lines=[line],
        total_mills=50 * DOLLAR,
    )
    treasury.send(right, DAY)
    assert "FundsAdvanced beside DailyActivity" not in whats(treasury)
    revenue = RevenueAllocation(
        device="",
        sender=MAKER,
        issued_at=issued,
        period="1996-05",
        since="1996-01-06",
        until="1996-02-02",
        lines=[ZipRevenue(zip_code="01101", count=1, amount_mills=49 * DOLLAR)],
        total_mills=49 * DOLLAR,
    )
    treasury.send(revenue, "1996-02-05")
    assert "revenue of 1996-01-06 to 1996-02-02" in whats(treasury)


@pytest.mark.duty("R97-Pre-Recon")
def test_a_difference_stays_until_it_is_explained_and_settled(treasury: Treasury) -> None:
    treasury.report(DAY, [], device=5 * DOLLAR)
    desk, number = treasury.provider(), treasury.differences()[0].number
    standing.answer_difference(
        desk.books, desk.signer, number=number, answer="a typing error", now=at(DAY)
    )
    treasury.offices.carry(DAY)
    found = treasury.differences()[0]
    assert (found.status, found.answer) == (DifferenceStatus.ANSWERED, "a typing error")
    with pytest.raises(Refused, match="DIFFERENCE_UNEXPLAINED"):
        noting.settle_difference(treasury.books, number=number, because=" ", now=at(DAY))
    noting.settle_difference(treasury.books, number=number, because="corrected", now=at(DAY))
    with pytest.raises(Refused, match="DIFFERENCE_SETTLED"):
        noting.settle_difference(treasury.books, number=number, because="x", now=at(DAY))
    with pytest.raises(Refused, match="DIFFERENCE_UNKNOWN"):
        noting.settle_difference(treasury.books, number=999, because="x", now=at(DAY))
    rival = treasury.provider(RIVAL)
    with pytest.raises(Refused, match="LETTER_UNKNOWN"):
        standing.answer_difference(
            rival.books, rival.signer, number=number, answer="mine", now=at(DAY)
        )


def whats(treasury: Treasury) -> set[str]:
    return {each.what for each in treasury.differences()}


def replace_issued(report: FinancialTransactions) -> FinancialTransactions:
    """The same report as another message."""
    return msgspec.structs.replace(report, issued_at=instant_text(at(DAY, 22)))
