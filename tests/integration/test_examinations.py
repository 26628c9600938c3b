"""Missed examinations of meters: notice, approach, denial, referral, removal (501.22(f))."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from franking.docket import ObligationStatus
from franking.errors import Refused
from franking.postal.examinations import commands as postal
from franking.postal.examinations.records import PostalExamination, ReferralStatus
from franking.postal.licences.commands import require_licence
from franking.postal.licences.records import Licence, LicenceStatus
from franking.provider.devices import notes
from franking.provider.devices.records import DeviceState
from franking.provider.examinations import commands, rows
from franking.provider.examinations.decisions import step_due
from franking.provider.examinations.records import (
    ANSWER,
    APPROACH,
    BRING_IN,
    DENIED,
    QUARTERLY,
    YEARLY,
    Approach,
    Case,
    CaseStatus,
    Ground,
    NoticeKind,
)
from franking.provider.telephone import rows as telephone
from franking.provider.telephone.commands import enrol_meter, tell_setting
from franking.provider.telephone.records import Call
from franking.psd.vault.software import SoftwareVault
from franking.rules.permissions import Role
from tests.fixtures_databases import DATABASES
from tests.fixtures_examinations import (
    MAKER,
    METER,
    OTHER_METER,
    RIVAL,
    Offices,
    ProviderDesk,
    at,
    licensed,
    offices_on,
)
from tests.fixtures_money import deposit

VAULT = SoftwareVault.in_memory()
QUARTER_ENDS, FIRST_SWEEP = "1996-04-08", "1996-04-09"
FIRST_DUE, SECOND_SWEEP = "1996-04-24", "1996-04-25"
SECOND_DUE, THIRD_SWEEP = "1996-05-10", "1996-05-11"


@pytest.fixture(params=DATABASES)
def offices(request: pytest.FixtureRequest, tmp_path: Path) -> Offices:
    return offices_on(request.param, tmp_path)


@pytest.fixture
def licence(offices: Offices) -> Licence:
    found = licensed(offices)
    offices.maker.add_meter(METER, found)
    return found


def case_of(desk: ProviderDesk, serial: str = METER) -> Case:
    with desk.service.reading() as reading:
        return rows.cases_of(reading, serial)[-1]


def notices(desk: ProviderDesk, serial: str = METER) -> list[tuple[NoticeKind, str]]:
    with desk.service.reading() as reading:
        told = rows.notices_of(reading, serial)
    return [(notice.kind, notice.due_on.isoformat()) for notice in told]


def reset(desk: ProviderDesk, day: str) -> None:
    """The licensee telephones; everything that was set before is in the meter, and unused."""
    account = deposit(desk.books, desk.device().licence, at(day), payment=day)
    with desk.service.reading() as reading:
        meter, waiting = telephone.find_meter(reading, METER), telephone.outstanding(reading, METER)
    meter = meter or enrol_meter(desk.books, VAULT, METER, secret=bytes(32), now=at(day))
    call = Call(
        serial=METER,
        account=account.number,
        ascending_mills=desk.device().ascending_mills,
        descending_mills=meter.total_mills
        + (waiting.amount_mills if waiting else 0)
        - desk.device().ascending_mills,
        amount_mills=50_000,
        caller="A. Bolt",
    )
    tell_setting(desk.books, VAULT, desk.signer, call, at(day))


def examination(day: str, **changed: object) -> PostalExamination:
    given = PostalExamination(
        provider=MAKER,
        serial=METER,
        licence="1",
        examiner="P. Master",
        examined_on=at(day).date(),
        ascending_mills=10_000,
        descending_mills=50_000,
        log_brought=True,
        findings=(),
    )
    return replace(given, **changed)  # type: ignore[arg-type]


def examine(offices: Offices, day: str, **changed: object) -> None:
    books = offices.acting(Role.POSTMASTER)
    postal.examine_at_office(books, offices.signer, examination(day, **changed), at(day))
    if offices.providers[MAKER].device().serial == changed.get("serial", METER):
        assert offices.carry(day) == []


def escalate_to_postal(offices: Offices) -> int:
    """Three sweeps without an answer; the number of the referral."""
    for day in (FIRST_SWEEP, SECOND_SWEEP, THIRD_SWEEP):
        offices.maker.sweep(day)
        assert offices.carry(day) == []
    (referral,) = postal.open_matters(offices.service)["referrals"]
    number = referral["number"]
    assert isinstance(number, int)
    return number


@pytest.mark.usefixtures("licence")
class TestNotices:
    @pytest.mark.duty("R95-501.22(f)-1")
    def test_licensees_are_told_the_date_ahead_and_once(self, offices: Offices) -> None:
        maker = offices.maker
        early = commands.give_notices(maker.books, maker.signer, at("1996-03-01"))
        told = commands.give_notices(maker.books, maker.signer, at("1996-03-20"))
        again = commands.give_notices(maker.books, maker.signer, at("1996-03-21"))
        assert not early.ahead
        assert not again.ahead
        assert [notice.due_on.isoformat() for notice in told.ahead] == [QUARTER_ENDS]
        assert f"by {QUARTER_ENDS}" in told.ahead[0].text

    @pytest.mark.duty("R95-501.22(f)-2")
    def test_the_licensing_office_is_told_which_meters_to_expect(self, offices: Offices) -> None:
        offices.maker.sweep(FIRST_SWEEP)
        assert offices.carry(FIRST_SWEEP) == []
        (expected,) = postal.open_matters(offices.service, zip_code="01101")["expected"]
        assert (expected["provider"], expected["serial"]) == (MAKER, METER)
        assert expected["ground"] == "not reset in the quarter"
        assert expected["due_on"] == FIRST_DUE
        assert not postal.open_matters(offices.service, zip_code="20260")["expected"]

    @pytest.mark.duty("R95-P030.2.6d-1", "R95-P030.3.11-1", "R95-Pre-III.D")
    def test_a_meter_not_reset_for_three_months_is_to_be_brought_in(self, offices: Offices) -> None:
        offices.maker.sweep(QUARTER_ENDS)
        assert offices.maker.owed(QUARTERLY).status is ObligationStatus.OPEN
        offices.maker.sweep(FIRST_SWEEP)
        assert notices(offices.maker) == [(NoticeKind.EXAMINATION_DUE, FIRST_DUE)]
        assert offices.maker.owed(BRING_IN).due.isoformat() == FIRST_DUE
        assert case_of(offices.maker).ground is Ground.NOT_RESET

    @pytest.mark.duty("R95-P030.3.11-2")
    def test_the_notice_asks_for_meter_and_log(self, offices: Offices) -> None:
        offices.maker.sweep(FIRST_SWEEP)
        with offices.maker.service.reading() as reading:
            (notice,) = rows.notices_of(reading, METER)
        assert "register log" in notice.text
        assert "01101" in notice.text


@pytest.mark.usefixtures("licence")
class TestResets:
    def test_a_reset_renews_the_quarter(self, offices: Offices) -> None:
        reset(offices.maker, "1996-04-01")
        offices.maker.sweep(FIRST_SWEEP)
        assert offices.maker.owed(QUARTERLY).due.isoformat() == "1996-07-01"
        assert notices(offices.maker) == []

    @pytest.mark.duty("R95-P030.2.6d-2")
    def test_a_meter_reset_each_quarter_is_examined_yearly_only(self, offices: Offices) -> None:
        for day in ("1996-04-01", "1996-07-01", "1996-10-01", "1996-12-31"):
            reset(offices.maker, day)
            offices.maker.sweep(day)
        assert notices(offices.maker) == []
        offices.maker.sweep("1997-01-09")
        assert case_of(offices.maker).ground is Ground.YEARLY
        assert offices.maker.owed(YEARLY).status is ObligationStatus.MISSED

    @pytest.mark.duty("R95-501.22(f)-3", "R95-P030.3.11-3")
    def test_who_does_not_bring_it_in_by_the_due_date_gets_no_reset(self, offices: Offices) -> None:
        offices.maker.sweep(FIRST_SWEEP)
        offices.maker.sweep(FIRST_DUE)
        assert offices.maker.denied_for() == set()
        offices.maker.sweep(SECOND_SWEEP)
        with pytest.raises(Refused) as refused:
            reset(offices.maker, SECOND_SWEEP)
        assert refused.value.code == "RESET_DENIED"
        assert "501.22(f)" in refused.value.detail
        assert offices.maker.denied_for() == {DENIED}

    def test_a_reset_does_not_make_up_for_a_missed_quarter(self, offices: Offices) -> None:
        offices.maker.sweep(FIRST_SWEEP)
        reset(offices.maker, "1996-04-12")
        assert case_of(offices.maker).status is CaseStatus.NOTICED
        offices.maker.sweep(SECOND_SWEEP)
        assert offices.maker.denied_for() == {DENIED}


@pytest.mark.usefixtures("licence")
class TestSecondApproach:
    @pytest.mark.duty("R95-501.22(f)-4")
    def test_a_personal_approach_counts_its_own_fifteen_days(self, offices: Offices) -> None:
        maker = offices.maker
        maker.sweep(FIRST_SWEEP)
        day = at("1996-04-20")
        case = commands.approach_licensee(
            maker.books, serial=METER, how=Approach.IN_PERSON, now=day
        )
        assert case.due_on == step_due("meter-1995", day.date())
        assert maker.owed(APPROACH).status is ObligationStatus.SATISFIED
        maker.sweep(SECOND_SWEEP)
        assert (case_of(maker).approached_how, len(notices(maker))) == ("in person", 2)
        assert maker.denied_for() == {DENIED}

    @pytest.mark.duty("R95-501.22(f)-4")
    def test_who_was_not_visited_is_written_to_in_time(self, offices: Offices) -> None:
        maker = offices.maker
        maker.sweep(FIRST_SWEEP)
        given = commands.give_notices(maker.books, maker.signer, at(FIRST_DUE))
        assert [case.approached_how for case in given.approached] == ["in writing"]
        assert maker.owed(APPROACH).status is ObligationStatus.SATISFIED

    def test_a_forgotten_approach_is_made_by_the_sweep_and_counts_as_late(
        self, offices: Offices
    ) -> None:
        offices.maker.sweep(FIRST_SWEEP)
        offices.maker.sweep(SECOND_SWEEP)
        assert case_of(offices.maker).approached_how == "in writing"
        assert offices.maker.owed(APPROACH).status is ObligationStatus.SATISFIED_LATE
        assert offices.maker.owed(ANSWER).due.isoformat() == SECOND_DUE

    def test_nobody_is_approached_about_nothing_or_twice(self, offices: Offices) -> None:
        maker = offices.maker

        def approach() -> str:
            how, now = Approach.IN_PERSON, at(SECOND_SWEEP)
            with pytest.raises(Refused) as refused:
                commands.approach_licensee(maker.books, serial=METER, how=how, now=now)
            return refused.value.code

        assert approach() == "EXAMINATION_NOT_DUE"
        maker.sweep(FIRST_SWEEP)
        maker.sweep(SECOND_SWEEP)
        assert approach() == "EXAMINATION_STEP_UNSUITABLE"


class TestReferral:
    @pytest.mark.duty("R95-501.22(f)-5", "R95-P030.2.6d-3")
    def test_the_postal_service_notifies_removal_and_revokes_by_the_regular_procedure(
        self, offices: Offices, licence: Licence
    ) -> None:
        number = escalate_to_postal(offices)
        officer = offices.acting(Role.LICENSING_OFFICER)
        done = postal.notify_removal(officer, offices.signer, number=number, now=at(THIRD_SWEEP))
        again = postal.notify_removal(officer, offices.signer, number=number, now=at("1996-05-12"))
        assert done.status is ReferralStatus.NOTIFIED
        assert again == done
        with offices.service.reading() as reading:
            standing = require_licence(reading, licence.number)
        assert standing.status is LicenceStatus.NOTICED
        terms = {one.duty for one in offices.owed(f"licence:{licence.number}")}
        assert {"revocation takes effect", "appeal the revocation"} <= terms

    @pytest.mark.duty("R95-501.22(f)-6")
    def test_the_maker_is_told_to_remove_and_check_out_within_fifteen_days(
        self, offices: Offices, licence: Licence
    ) -> None:
        number = escalate_to_postal(offices)
        officer = offices.acting(Role.LICENSING_OFFICER)
        postal.notify_removal(officer, offices.signer, number=number, now=at(THIRD_SWEEP))
        assert offices.carry(THIRD_SWEEP) == []
        maker = offices.maker
        assert maker.device().state is DeviceState.RETRIEVING
        assert case_of(maker).status is CaseStatus.ORDERED
        assert case_of(maker).due_on.isoformat() == "1996-05-26"
        assert notices(maker)[-1] == (NoticeKind.REMOVAL, "1996-05-26")
        with maker.service.work(at("1996-05-20"), "check_out", on=(f"device:{METER}",)) as work:
            notes.move(
                work,
                notes.require(work, METER),
                to=DeviceState.CHECKED_OUT,
                now=at("1996-05-20"),
                because="presented to the licensing post office",
            )
        given = commands.give_notices(maker.books, maker.signer, at("1996-05-20"))
        assert [case.status for case in given.removed] == [CaseStatus.REMOVED]
        assert offices.carry("1996-05-20") == []
        assert postal.find_referral(offices.service, number).closed_how == "removed"

    @pytest.mark.usefixtures("licence")
    def test_it_is_the_postal_services_own_duty_to_act(self, offices: Offices) -> None:
        number = escalate_to_postal(offices)
        (owed,) = offices.owed(f"referral:{number}")
        assert (owed.owed_by, owed.status) == ("Postal Service", ObligationStatus.OPEN)
        facts = postal.find_referral(offices.service, number).facts
        assert "noticed on 1996-04-09, approached again in writing on 1996-04-25" in facts

    @pytest.mark.usefixtures("licence")
    def test_a_removal_is_not_confirmed_while_the_meter_is_with_its_licensee(
        self, offices: Offices
    ) -> None:
        offices.maker.sweep(FIRST_SWEEP)
        maker = offices.maker
        with pytest.raises(Refused) as refused:
            commands.close_removed(maker.books, maker.signer, serial=METER, now=at(FIRST_SWEEP))
        assert refused.value.code == "EXAMINATION_STEP_UNSUITABLE"


@pytest.mark.usefixtures("licence")
class TestExaminationAtTheOffice:
    def test_an_examination_ends_the_case_and_starts_everything_anew(
        self, offices: Offices
    ) -> None:
        number = escalate_to_postal(offices)
        examine(offices, "1996-05-13")
        assert case_of(offices.maker).status is CaseStatus.EXAMINED
        assert offices.maker.denied_for() == set()
        assert offices.maker.owed(QUARTERLY).due.isoformat() == "1996-08-13"
        assert offices.maker.owed(YEARLY).due.isoformat() == "1997-05-13"
        assert postal.find_referral(offices.service, number).status is ReferralStatus.CLOSED
        assert postal.open_matters(offices.service) == {"expected": [], "referrals": []}

    def test_what_was_found_defective_stays_without_resets(self, offices: Offices) -> None:
        offices.maker.sweep(FIRST_SWEEP)
        examine(offices, "1996-04-10", findings=("the seal is broken",))
        with pytest.raises(Refused, match="the seal is broken"):
            reset(offices.maker, "1996-04-11")

    def test_the_readings_are_reported_not_signed(self, offices: Offices) -> None:
        examine(offices, "1996-02-01")
        device = offices.maker.device()
        assert (device.ascending_mills, device.reading_source) == (10_000, "reported")

    def test_a_referral_that_ended_can_not_be_acted_on(self, offices: Offices) -> None:
        number = escalate_to_postal(offices)
        examine(offices, "1996-05-13")
        officer = offices.acting(Role.LICENSING_OFFICER)
        with pytest.raises(Refused) as refused:
            postal.notify_removal(officer, offices.signer, number=number, now=at("1996-05-14"))
        assert refused.value.code == "REFERRAL_CLOSED"


class TestOfficeSetMeters:
    @pytest.mark.duty("R95-P030.2.6d-1", "R95-P030.2.6d-3")
    def test_the_post_office_watches_the_meters_it_sets(
        self, offices: Offices, licence: Licence
    ) -> None:
        postmaster = offices.acting(Role.POSTMASTER)
        postal.record_setting(
            postmaster,
            provider=RIVAL,
            serial=OTHER_METER,
            licence=licence.number,
            zip_code="01101",
            now=at("1996-01-08"),
        )
        offices.sweep("1996-04-09")
        record = f"presentation:{RIVAL}/{OTHER_METER}"
        noticed = offices.owed(record)[-1]
        assert noticed.duty == "presentation after notice"
        assert noticed.due.isoformat() == "1996-04-24"
        examine(offices, "1996-04-20", provider=RIVAL, serial="0299999999")
        assert offices.owed(record)[-1].status is ObligationStatus.OPEN
        offices.sweep("1996-04-25")
        assert offices.owed(record)[-1].status is ObligationStatus.MISSED


def test_two_providers_meters_of_one_serial_are_kept_apart(tmp_path: Path) -> None:
    offices = offices_on("sqlite", tmp_path)
    found = licensed(offices)
    for desk in offices.providers.values():
        desk.add_meter(METER, found)
        for day in (FIRST_SWEEP, SECOND_SWEEP, THIRD_SWEEP):
            desk.sweep(day)
    assert offices.carry(THIRD_SWEEP) == []
    examine(offices, "1996-05-13")
    (left,) = postal.open_matters(offices.service)["referrals"]
    assert left["provider"] == RIVAL
    assert offices.rival.denied_for() == {DENIED}


def test_a_meter_out_of_service_is_not_escalated(tmp_path: Path) -> None:
    offices = offices_on("sqlite", tmp_path)
    offices.maker.add_meter(METER, licensed(offices))
    with offices.maker.service.work(at("1996-02-01"), "check_out") as work:
        notes.move(
            work,
            notes.require(work, METER),
            to=DeviceState.MISSING,
            now=at("1996-02-01"),
            because="not located",
        )
    offices.maker.sweep(FIRST_SWEEP)
    assert notices(offices.maker) == []
