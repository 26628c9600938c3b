"""Inspections of meters in use, the schedule for them, and suspect devices (501.25, P030.2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from franking.docket import ObligationStatus
from franking.errors import Refused
from franking.postal.examinations import commands as postal
from franking.postal.examinations import suspects
from franking.postal.examinations.suspects import Withdrawal
from franking.postal.licences.records import Licence
from franking.provider.devices.records import DeviceState
from franking.provider.devices.service_duties import INSPECTION
from franking.provider.examinations import checklist, commands
from franking.provider.examinations.checklist import ITEMS, Condition, InspectionReport
from franking.provider.examinations.records import (
    DENIED_IRREGULAR,
    REPLACE_IRREGULAR,
    REPLACE_SEIZED,
    MailerProfile,
)
from franking.rules import at as rules_at
from franking.rules.permissions import Role
from tests.fixtures_databases import DATABASES
from tests.fixtures_examinations import (
    MAKER,
    METER,
    OTHER_METER,
    RIVAL,
    START,
    Offices,
    at,
    licensed,
    offices_on,
    sound_sheet,
)

TODAY = "1996-03-01"
_RULES = rules_at("provider", "meter-1995", START)


@pytest.fixture(params=DATABASES)
def offices(request: pytest.FixtureRequest, tmp_path: Path) -> Offices:
    return offices_on(request.param, tmp_path)


@pytest.fixture
def licence(offices: Offices) -> Licence:
    found = licensed(offices)
    offices.maker.add_meter(METER, found)
    return found


def judged(**changed: object) -> tuple[str, ...]:
    """What is irregular on a sheet that is sound but for what is changed."""
    sheet = sound_sheet(**changed)  # type: ignore[arg-type]
    report = checklist.judge(sheet, serial_on_record=METER, today=START)
    return report.irregularities


def looked(**conditions: Condition) -> Mapping[str, Condition]:
    named = {name.replace("_", " "): condition for name, condition in conditions.items()}
    return {**dict.fromkeys(ITEMS, Condition.SOUND), **named}


def inspect(offices: Offices, day: str = TODAY, **changed: object) -> InspectionReport:
    maker, sheet = offices.maker, sound_sheet(**changed)  # type: ignore[arg-type]
    return commands.inspect_meter(maker.books, maker.signer, serial=METER, sheet=sheet, now=at(day))


class TestTheSheet:
    @pytest.mark.duty("R95-501.25(b)")
    def test_a_clean_working_meter_has_nothing_irregular(self) -> None:
        assert judged() == ()
        (found,) = judged(items=looked(condition=Condition.IRREGULAR))
        assert "condition" in found

    @pytest.mark.duty("R95-501.25(b)(1)")
    def test_another_serial_than_the_records_have(self) -> None:
        (found,) = judged(serial="0199999999")
        assert "the meter bears 0199999999, the records 0112345678" in found

    @pytest.mark.duty("R95-501.25(b)(2)")
    def test_registers_total_and_seal_are_recorded(self) -> None:
        shown = checklist.judge(sound_sheet(), serial_on_record=METER, today=START).as_json()
        assert (shown["ascending_mills"], shown["descending_mills"]) == (700_000, 300_000)
        assert (shown["control_total_mills"], shown["seal_number"]) == (1_000_000, "S-17")
        with pytest.raises(Refused, match="INSPECTION_INCOMPLETE"):
            judged(seal_number="")

    @pytest.mark.duty("R95-501.25(b)(3)")
    def test_the_control_total_is_that_of_the_latest_setting_receipt(self) -> None:
        (found,) = judged(receipt_control_total_mills=1_000_500)
        assert "(b)(3)" in found
        assert "$1,000.00" in found
        assert "no register log" in judged(log_seen=False)[0]

    @pytest.mark.duty("R95-501.25(b)(4)")
    def test_a_zero_stamp_moves_no_register_and_values_are_true(self) -> None:
        (moved,) = judged(ascending_after_zero_stamp_mills=700_010)
        assert "(b)(4)" in moved
        (untrue,) = judged(items=looked(value_selection=Condition.IRREGULAR))
        assert "(b)(4): value selection" in untrue

    @pytest.mark.duty("R95-501.25(b)(5)")
    def test_the_seal_is_that_of_the_last_resetting_and_tight(self) -> None:
        (other,) = judged(receipt_seal_number="S-16")
        assert "the seal is S-17, at the last resetting it was S-16" in other
        (loose,) = judged(items=looked(seal=Condition.IRREGULAR))
        assert "(b)(5): seal" in loose

    @pytest.mark.duty(
        "R95-501.25(b)(6)",
        "R95-501.25(b)(7)(i)",
        "R95-501.25(b)(7)(ii)",
        "R95-501.25(b)(7)(iii)",
        "R95-501.25(b)(7)(iv)",
        "R95-501.25(b)(7)(v)",
        "R95-501.25(b)(7)(vi)",
        "R95-501.25(b)(7)(vii)",
        "R95-501.25(b)(7)(viii)",
        "R95-501.25(b)(7)(ix)",
    )
    @pytest.mark.parametrize(
        ("clause", "item"),
        [
            ("(6)", "lock cover"),
            ("(7)(i)", "base"),
            ("(7)(ii)", "breakoff screws"),
            ("(7)(iii)", "dater and plates"),
            ("(7)(iv)", "printing wheels"),
            ("(7)(v)", "register door"),
            ("(7)(vi)", "drum"),
            ("(7)(vii)", "cover"),
            ("(7)(viii)", "stamp die"),
            ("(7)(ix)", "windows"),
        ],
    )
    def test_each_part_is_looked_at_and_reported_under_its_clause(
        self, clause: str, item: str
    ) -> None:
        sound = dict.fromkeys(ITEMS, Condition.SOUND)
        (found,) = judged(items={**sound, item: Condition.IRREGULAR})
        assert found == f"39 CFR 501.25(b){clause}: {item} is irregular"
        left_out = {name: value for name, value in sound.items() if name != item}
        with pytest.raises(Refused, match=f"lacks: {item}"):
            judged(items=left_out)

    def test_only_parts_that_a_model_may_lack_are_not_applicable(self) -> None:
        assert judged(items=looked(base=Condition.NOT_APPLICABLE)) == ()
        with pytest.raises(Refused, match="lacks: seal"):
            judged(items=looked(seal=Condition.NOT_APPLICABLE))

    @pytest.mark.duty("R95-501.25(b)(7)(x)")
    def test_without_the_licensees_signature_it_has_not_taken_place(self) -> None:
        with pytest.raises(Refused) as refused:
            judged(licensee_signature=" ")
        assert refused.value.code == "INSPECTION_UNSIGNED"

    def test_every_irregularity_is_found_not_the_first(self) -> None:
        found = judged(serial="x", log_seen=False, items=looked(drum=Condition.IRREGULAR))
        assert len(found) == 3

    @pytest.mark.parametrize("text", ["", "{}", "[1]", '{"serial": 3}', b"\xff\xfe"])
    def test_what_is_no_sheet_is_refused(self, text: str | bytes) -> None:
        with pytest.raises(Refused, match="INSPECTION_UNREADABLE"):
            checklist.read_sheet(text)


class TestTheSchedule:
    @pytest.mark.duty("R95-501.25(a)-1")
    @pytest.mark.usefixtures("licence")
    def test_every_meter_in_service_is_due_by_the_table(self, offices: Offices) -> None:
        due = offices.maker.owed(INSPECTION)
        months = _RULES.whole("inspection_months_remote")
        assert (due.due.year, due.due.month) == (1996 + months // 12, 1 + months % 12)
        assert _RULES["inspection_months_remote"].clause == "policy"
        inspect(offices)
        assert offices.maker.owed(INSPECTION).start.isoformat() == TODAY

    @pytest.mark.duty("R95-501.25(a)-2")
    @pytest.mark.parametrize(("above", "often"), [(0, False), (1, True)])
    def test_high_volume_is_in_excess_of_the_line(
        self, offices: Offices, licence: Licence, above: int, *, often: bool
    ) -> None:
        line = _RULES.whole("high_volume_yearly_mills")
        before = offices.maker.owed(INSPECTION).due
        profile = MailerProfile(licence=licence.number, yearly_postage_mills=line + above)
        commands.describe_mailer(offices.maker.books, profile, at(TODAY))
        assert (offices.maker.owed(INSPECTION).due < before) is often

    @pytest.mark.duty("R95-Pre-I.B-2")
    @pytest.mark.parametrize(
        ("code", "risky"), [("7331", False), ("9999-own-code", True), ("", True)]
    )
    def test_industry_codes_and_own_records_tell_high_risk(
        self, offices: Offices, licence: Licence, code: str, *, risky: bool
    ) -> None:
        before = offices.maker.owed(INSPECTION).due
        profile = MailerProfile(
            licence=licence.number,
            yearly_postage_mills=1,
            industry_code=code,
            high_risk=risky,
            source="maker's own records",
        )
        commands.describe_mailer(offices.maker.books, profile, at(TODAY))
        assert offices.maker.owed(INSPECTION).due < before


@pytest.mark.usefixtures("licence")
class TestAnIrregularMeter:
    @pytest.mark.duty("R95-501.25(b)(8)")
    def test_the_postmaster_is_told_and_the_meter_is_to_be_replaced(self, offices: Offices) -> None:
        report = inspect(offices, receipt_seal_number="S-16")
        assert report.irregularities
        assert offices.carry(TODAY) == []
        (told,) = postal.device_reports(offices.service, provider=MAKER, serial=METER)
        assert (told["kind"], told["zip_code"]) == ("irregular on inspection", "01101")
        assert "S-16" in str(told["facts"])
        maker = offices.maker
        assert maker.device().state is DeviceState.DO_NOT_USE
        assert maker.denied_for() == {DENIED_IRREGULAR}
        assert maker.owed(REPLACE_IRREGULAR).status is ObligationStatus.OPEN
        assert not postal.device_reports(offices.service, provider=RIVAL, serial=METER)

    def test_a_sound_one_stays_in_service(self, offices: Offices) -> None:
        inspect(offices)
        assert offices.maker.device().state is DeviceState.IN_SERVICE
        shown = commands.examination_view(offices.maker.service, METER)
        assert isinstance(shown["inspections"], list)
        (kept,) = shown["inspections"]
        assert kept["licensee_signature"] == "A. Bolt"

    def test_a_register_that_went_back_is_refused_whole(self, offices: Offices) -> None:
        inspect(offices)
        with pytest.raises(Refused, match="READING_FALLS"):
            inspect(offices, "1996-03-02", ascending_mills=1, descending_mills=999_999)
        shown = commands.examination_view(offices.maker.service, METER)
        assert len(shown["inspections"]) == 1  # type: ignore[arg-type]


class TestSuspects:
    def _suspect(self, offices: Offices, licence: Licence) -> int:
        inspector = offices.acting(Role.POSTAL_INSPECTOR)
        opened = suspects.suspect_device(
            inspector,
            provider=MAKER,
            serial=METER,
            licence=licence.number,
            suspicion="more mail than postage",
            now=at(TODAY),
        )
        return opened.number

    def _withdraw(
        self, offices: Offices, number: int, *, fraud: bool = False, unannounced: str = ""
    ) -> str:
        withdrawal = Withdrawal(
            ascending_mills=700_000,
            descending_mills=300_000,
            fraud_suspected=fraud,
            replacement_wanted=True,
        )
        seized = suspects.withdraw_suspect(
            offices.acting(Role.POSTAL_INSPECTOR, "I. Spector"),
            offices.signer,
            number=number,
            withdrawal=withdrawal,
            unannounced_because=unannounced,
            now=at(TODAY),
        )
        assert offices.carry(TODAY) == []
        return seized.receipt

    @pytest.mark.duty("R95-P030.2.7-1", "R97-P050.2.6-1")
    def test_an_inspector_examines_on_suspicion_only_and_tells_no_licensee(
        self, offices: Offices, licence: Licence
    ) -> None:
        inspector = offices.acting(Role.POSTAL_INSPECTOR)
        with pytest.raises(Refused, match="SUSPICION_MISSING"):
            suspects.suspect_device(
                inspector, provider=MAKER, serial=METER, licence="1", suspicion=" ", now=at(TODAY)
            )
        number = self._suspect(offices, licence)
        done = suspects.clear_suspect(
            inspector,
            number=number,
            finding="sound",
            unannounced_because="no time",
            now=at(TODAY),
        )
        assert (done.finding, offices.carry(TODAY)) == ("sound", [])
        assert commands.examination_view(offices.maker.service, METER)["notices"] == []
        with pytest.raises(Refused, match="SUSPECT_SETTLED"):
            self._withdraw(offices, number)

    def test_only_inspectors_do(self, offices: Offices, licence: Licence) -> None:
        with pytest.raises(Refused, match="NOT_PERMITTED"):
            suspects.suspect_device(
                offices.acting(Role.POSTMASTER),
                provider=MAKER,
                serial=METER,
                licence=licence.number,
                suspicion="odd",
                now=at(TODAY),
            )

    @pytest.mark.duty("R95-P030.2.7-3")
    def test_the_provider_is_told_ahead_or_it_is_said_why_not(
        self, offices: Offices, licence: Licence
    ) -> None:
        number = self._suspect(offices, licence)
        with pytest.raises(Refused, match="was not told ahead"):
            self._withdraw(offices, number)
        inspector = offices.acting(Role.POSTAL_INSPECTOR)
        suspects.announce_inspection(
            inspector, offices.signer, number=number, on=at("1996-03-02").date(), now=at(TODAY)
        )
        assert offices.carry(TODAY) == []
        shown = commands.examination_view(offices.maker.service, METER)
        assert shown["inspectors_announced"] == ["1996-03-02"]
        assert self._withdraw(offices, number)

    @pytest.mark.duty("R95-P030.2.7-2", "R97-P050.2.6-2")
    def test_the_provider_has_a_copy_of_the_receipt_and_owes_a_replacement(
        self, offices: Offices, licence: Licence
    ) -> None:
        receipt = self._withdraw(offices, self._suspect(offices, licence), unannounced="no time")
        maker = offices.maker
        receipts = commands.examination_view(maker.service, METER)["receipts"]
        assert isinstance(receipts, list)
        (kept,) = receipts
        assert (kept["receipt"], kept["inspector"]) == (receipt, "I. Spector")
        assert maker.device().state is DeviceState.SEIZED
        assert maker.owed(REPLACE_SEIZED).status is ObligationStatus.OPEN

    @pytest.mark.duty("R95-P030.2.7-4", "R97-P050.2.6-3")
    @pytest.mark.parametrize(("fraud", "moved"), [(False, 300_000), (True, 0)])
    def test_postage_moves_unless_it_may_have_been_set_by_fraud(
        self, offices: Offices, licence: Licence, moved: int, *, fraud: bool
    ) -> None:
        number = self._suspect(offices, licence)
        receipt = self._withdraw(offices, number, fraud=fraud, unannounced="no time")
        maker = offices.maker
        maker.add_meter(OTHER_METER, licence, at(TODAY).date())
        done = commands.replace_withdrawn(
            maker.books, receipt=receipt, replacement=OTHER_METER, now=at(TODAY)
        )
        assert (done.replacement, done.moved_mills) == (OTHER_METER, moved)
        assert maker.owed(REPLACE_SEIZED).status is ObligationStatus.SATISFIED
        with pytest.raises(Refused, match="REPLACED_ALREADY"):
            commands.replace_withdrawn(
                maker.books, receipt=receipt, replacement=OTHER_METER, now=at(TODAY)
            )

    def test_nothing_replaces_what_was_never_withdrawn(self, offices: Offices) -> None:
        with pytest.raises(Refused, match="RECEIPT_UNKNOWN"):
            commands.replace_withdrawn(
                offices.maker.books, receipt="S-9", replacement=METER, now=at(TODAY)
            )
