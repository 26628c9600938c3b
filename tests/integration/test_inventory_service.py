"""A meter's life in the inventory: taken in, inspected, checked in, in service, checked out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from franking.docket.records import ObligationStatus
from franking.errors import InvariantBroken, Refused
from franking.identifiers import record_id
from franking.provider.devices import intake, notes, removal, rows, service, service_rows
from franking.provider.devices.history import history, inspect_records
from franking.provider.devices.records import DeviceRecord, DeviceState, Kind, Source, Title
from franking.provider.devices.service_records import (
    Facility,
    FormAction,
    OnSitePlace,
    Party,
    Setting,
)
from franking.provider.licensing import relocating
from tests.fixtures_databases import DATABASES
from tests.fixtures_inventory import (
    AGENT,
    INSPECTOR,
    LICENCE,
    MAILER,
    METER,
    OFFICE,
    OFFICER,
    PSD_MODEL,
    SPARE,
    Fleet,
    approve,
    fleet_on,
)

ANOTHER_OFFICE = "62701"
FEE = 27_500


@pytest.fixture(params=DATABASES)
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Fleet:
    return fleet_on(request.param, tmp_path)


def refused(code: str, act: Callable[[], object]) -> Refused:
    """The refusal that an act ends in."""
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code == code, caught.value
    return caught.value


@pytest.mark.duty("R95-501.22(k)-1")
@pytest.mark.duty("R95-501.22(k)-2")
@pytest.mark.duty("R95-501.21-1")
def test_the_record_runs_from_production_to_scrap_with_every_movement(fleet: Fleet) -> None:
    fleet.in_service()
    removal.request_return(fleet.books, METER, by="Acme", because="unwanted", now=fleet.later())
    fleet.check_out(ascending_mills=41_000)
    removal.scrap(fleet.books, METER, by="Works", because="worn out", now=fleet.later())
    moves = fleet.movements()
    assert [str(move.after) for move in moves] == [
        "produced",
        "inspected",
        "checked in",
        "issued",
        "in service",
        "retrieving",
        "checked out",
        "scrapped",
    ]
    checked = {str(move.after): move.ascending_mills for move in moves}
    assert (checked["checked in"], checked["checked out"]) == (0, 41_000)
    assert fleet.record().scrapped_on == fleet.now.date()
    refused(
        "DEVICE_MOVE_UNSUITABLE",
        lambda: removal.scrap(fleet.books, METER, by="Works", because="x", now=fleet.later()),
    )


@pytest.mark.duty("R95-501.22(k)-3")
@pytest.mark.duty("R95-501.21-2")
@pytest.mark.duty("R97-502.20")
def test_the_records_are_open_to_postal_officials_and_the_look_is_journalled(fleet: Fleet) -> None:
    fleet.in_service()
    shown = inspect_records(fleet.acting(INSPECTOR), METER, now=fleet.later())
    assert shown["serial"] == METER
    assert len(shown["history"]) > 5  # type: ignore[arg-type]
    last = fleet.books.journal_rows()[-1]
    assert (last.command, last.by) == ("inspect_inventory_records", str(INSPECTOR))
    refused(
        "NOT_PERMITTED", lambda: inspect_records(fleet.acting(MAILER), METER, now=fleet.later())
    )


def test_a_serial_is_taken_in_once(fleet: Fleet) -> None:
    fleet.take_in()
    refused("SERIAL_TAKEN", fleet.take_in)
    refused("MODEL_NOT_APPROVED", lambda: fleet.take_in(SPARE, model="M9"))
    refused("DEVICE_INCOMPLETE", lambda: fleet.take_in("  "))
    refused("DEVICE_INCOMPLETE", lambda: fleet.take_in(SPARE, descending_mills=-1))
    refused("RULEBOOK_UNKNOWN", lambda: fleet.take_in(SPARE, rulebook="meter-1890"))
    refused("DEVICE_NOT_IN_INVENTORY", lambda: fleet.record(SPARE))


@pytest.mark.duty("R95-501.19")
def test_a_new_meter_is_inspected_before_it_leaves(fleet: Fleet) -> None:
    fleet.take_in()
    fleet.lease()
    assert "produced" in refused("DEVICE_NOT_INSPECTED", fleet.check_in).detail
    fleet.inspect(passed=False)
    refused("DEVICE_NOT_INSPECTED", fleet.check_in)
    fleet.inspect()
    assert fleet.check_in().state is DeviceState.CHECKED_IN
    refused("INSPECTION_NOT_DUE", fleet.inspect)


@pytest.mark.duty("R97-502.19")
def test_a_new_psd_is_inspected_before_it_leaves(fleet: Fleet) -> None:
    fleet.take_in(kind=Kind.PSD, rulebook="ibip-1997", model=PSD_MODEL, remote=True)
    fleet.lease()
    refused("DEVICE_NOT_INSPECTED", fleet.check_in)
    fleet.inspect()
    assert fleet.check_in().state is DeviceState.CHECKED_IN


def test_an_inspection_names_its_inspector_and_finding(fleet: Fleet) -> None:
    fleet.take_in()
    blank = intake.NewInspection(serial=METER, inspector=" ", finding="fine", passed=True)
    refused(
        "NEW_INSPECTION_INCOMPLETE",
        lambda: intake.inspect(fleet.books, blank, now=fleet.later()),
    )


@pytest.mark.duty("R95-501.22(a)")
def test_title_passes_to_nobody_but_the_postal_service(fleet: Fleet) -> None:
    fleet.in_service()
    books = fleet.acting(OFFICER)
    assert fleet.record().title is Title.PROVIDER
    told = refused(
        "TITLE_STAYS",
        lambda: intake.transfer_title(books, METER, to="Acme Bolts", now=fleet.later()),
    )
    assert "Acme Bolts" in told.detail
    after = intake.transfer_title(books, METER, to="Postal Service", now=fleet.later())
    assert after.title is Title.POSTAL_SERVICE


@pytest.mark.duty("R97-502.21(a)")
def test_a_leased_psd_stays_the_providers(fleet: Fleet) -> None:
    fleet.take_in(kind=Kind.PSD, rulebook="ibip-1997", model=PSD_MODEL, remote=True)
    fleet.lease()
    refused(
        "TITLE_STAYS",
        lambda: intake.transfer_title(
            fleet.acting(OFFICER), METER, to="Acme Bolts", now=fleet.later()
        ),
    )


def test_a_device_is_leased_to_one_licensee(fleet: Fleet) -> None:
    fleet.take_in()
    assert fleet.lease() == fleet.lease()
    assert "L1" in refused("DEVICE_LEASED", lambda: fleet.lease(lease="L2")).detail
    with fleet.books.reading() as reading:
        assert [one.serial for one in notes.devices_of(reading, licence=LICENCE)] == [METER]


@pytest.mark.duty("R95-501.22(e)(1)-1")
@pytest.mark.duty("R95-P030.3.1-1")
def test_a_meter_is_checked_in_by_the_post_office_before_it_is_delivered(fleet: Fleet) -> None:
    fleet.take_in()
    fleet.inspect()
    fleet.lease()

    def issue() -> DeviceRecord:
        return service.issue(fleet.books, METER, by="Lee Park", now=fleet.later())

    refused("DEVICE_MOVE_UNSUITABLE", issue)
    told = refused("CHECKED_BY_ANOTHER", lambda: fleet.check_in(party=Party.PROVIDER))
    assert "501.22(e)(1)" in told.detail
    refused("CHECKED_BY_ANOTHER", lambda: fleet.check_in(by=" "))
    fleet.check_in()
    assert issue().state is DeviceState.ISSUED


def test_a_psd_is_checked_in_by_its_provider(fleet: Fleet) -> None:
    fleet.take_in(kind=Kind.PSD, rulebook="ibip-1997", model=PSD_MODEL, remote=True)
    fleet.inspect()
    fleet.lease()
    refused("CHECKED_BY_ANOTHER", lambda: fleet.check_in(party=Party.POST_OFFICE))
    assert fleet.check_in().state is DeviceState.CHECKED_IN


def test_nobody_checks_in_a_device_that_is_leased_to_nobody(fleet: Fleet) -> None:
    fleet.take_in()
    fleet.inspect()
    refused("DEVICE_UNLEASED", fleet.check_in)


@pytest.mark.duty("R95-501.22(e)(1)-2")
def test_check_in_is_at_the_licensing_office(fleet: Fleet) -> None:
    fleet.take_in()
    fleet.inspect()
    fleet.lease()
    told = refused("PRESENTED_ELSEWHERE", lambda: fleet.check_in(office=ANOTHER_OFFICE))
    assert OFFICE in told.detail
    assert ANOTHER_OFFICE in told.detail
    assert fleet.check_in(office=OFFICE).state is DeviceState.CHECKED_IN


@pytest.mark.duty("R95-501.22(e)(2)")
@pytest.mark.duty("R95-P030.3.1-2")
def test_the_meter_comes_with_a_complete_form(fleet: Fleet) -> None:
    fleet.take_in()
    fleet.inspect()
    fleet.lease()
    code = "INSTALLATION_FORM_INCOMPLETE"
    refused(code, lambda: fleet.check_in(action=FormAction.WITHDRAWAL))
    form = fleet.check().form
    for wrong in ({"signed_by": ""}, {"serial": METER, "model": "M2"}, {"licence": "x"}):
        other = type(form)(**{**{n: getattr(form, n) for n in form.__slots__}, **wrong})
        with pytest.raises(Refused, match=code):
            fleet.check_in(form=other)
    fleet.check_in()
    with fleet.books.reading() as reading:
        assert [one.action for one in service_rows.forms_of(reading, METER)] == ["installation"]


@pytest.mark.duty("R95-501.22(e)(3)-1")
@pytest.mark.duty("R95-501.22(e)(3)-2")
def test_what_a_locked_out_meter_could_not_print_is_in_the_first_payment(fleet: Fleet) -> None:
    fleet.take_in(descending_mills=740)
    fleet.inspect()
    fleet.lease()
    fleet.check_in()
    with fleet.books.reading() as reading:
        (charge,) = service_rows.charges(reading, METER, unpaid=True)
    assert (charge.amount_mills, charge.clause) == (740, "39 CFR 501.22(e)(3) (1995)")
    assert "$50.74" in refused("PAYMENT_UNSUITABLE", lambda: set_postage(fleet, 50_000)).detail
    after = set_postage(fleet, 50_740, descending_mills=740)
    assert after.descending_mills == 50_740
    with fleet.books.reading() as reading:
        assert service_rows.charges(reading, METER, unpaid=True) == []


def test_a_zero_register_leaves_nothing_due(fleet: Fleet) -> None:
    fleet.in_service()
    with fleet.books.reading() as reading:
        assert service_rows.charges(reading, METER) == []


def set_postage(fleet: Fleet, paid_mills: int, **given: object) -> DeviceRecord:
    known: dict[str, object] = {
        "serial": METER,
        "postage_mills": 50_000,
        "ascending_mills": 0,
        "descending_mills": 0,
        "by": "P. Clerk",
        "office": OFFICE,
        "payment": "check",
        "paid_mills": paid_mills,
    }
    setting = Setting(**{**known, **given})  # type: ignore[arg-type]
    after = service.set_postage(fleet.books, setting, now=fleet.later())
    assert after.descending_mills == setting.descending_mills + 50_000
    return after


@pytest.mark.duty("R95-P030.3.3")
def test_ordinary_meters_are_set_at_the_licensing_office_only(fleet: Fleet) -> None:
    fleet.in_service()
    refused(
        "PRESENTED_ELSEWHERE",
        lambda: set_postage(fleet, 50_000, facility=Facility.CONTRACT_UNIT),
    )
    refused("PRESENTED_ELSEWHERE", lambda: set_postage(fleet, 50_000, office=ANOTHER_OFFICE))
    refused("PAYMENT_UNSUITABLE", lambda: set_postage(fleet, 50_000, payment="credit card"))
    set_postage(fleet, 50_000, payment="cash")
    fleet.take_in(SPARE, remote=True)
    fleet.inspect(SPARE)
    fleet.lease(SPARE)
    fleet.check_in(SPARE)
    refused("SET_REMOTELY", lambda: set_postage(fleet, 50_000, serial=SPARE))


def on_site(fleet: Fleet, **given: object) -> None:
    known: dict[str, object] = {
        "name": "Acme works",
        "facility": Facility.LICENSEE,
        "office": OFFICE,
        "licence": LICENCE,
        "staffed": False,
        "meters": frozenset({METER}),
    }
    place = OnSitePlace(**{**known, **given})  # type: ignore[arg-type]
    service.register_on_site_place(fleet.books, place, now=fleet.later())


@pytest.mark.duty("R95-P030.3.5-1")
def test_only_enrolled_meters_are_set_at_the_licensees_place(fleet: Fleet) -> None:
    fleet.in_service()
    there = {"facility": Facility.LICENSEE, "site": "Acme works"}
    refused("NOT_ON_SITE_PROGRAMME", lambda: set_postage(fleet, 50_000 + FEE, **there))
    on_site(fleet)
    refused("PLACE_ENROLLED", lambda: on_site(fleet))
    set_postage(fleet, 50_000 + FEE, **there)
    fleet.in_service(SPARE)
    told = refused(
        "NOT_ON_SITE_PROGRAMME", lambda: set_postage(fleet, 50_000 + FEE, serial=SPARE, **there)
    )
    assert "does not participate" in told.detail


def test_a_place_outside_the_offices_area_serves_no_meter_of_it(fleet: Fleet) -> None:
    fleet.in_service()
    on_site(fleet, office=ANOTHER_OFFICE)
    there = {"facility": Facility.LICENSEE, "site": "Acme works"}
    refused("PRESENTED_ELSEWHERE", lambda: set_postage(fleet, 50_000 + FEE, **there))


@pytest.mark.duty("R95-P030.3.5-2")
def test_a_branch_serves_meters_of_other_offices(fleet: Fleet) -> None:
    on_site(fleet, name="branch", facility=Facility.BRANCH, office=ANOTHER_OFFICE, licence="")
    fleet.take_in()
    fleet.inspect()
    fleet.lease()
    there: dict[str, object] = {
        "facility": Facility.BRANCH,
        "site": "branch",
        "office": ANOTHER_OFFICE,
        "payment": "check",
        "paid_mills": FEE,
    }
    assert fleet.check_in(**there).state is DeviceState.CHECKED_IN
    service.issue(fleet.books, METER, by="Lee Park", now=fleet.later())
    assert fleet.check_out(**there).state is DeviceState.CHECKED_OUT


@pytest.mark.duty("R95-P030.3.5-3")
def test_each_service_on_site_costs_its_fee_unless_a_clerk_is_posted_there(fleet: Fleet) -> None:
    fleet.in_service()
    on_site(fleet)
    there = {"facility": Facility.LICENSEE, "site": "Acme works"}
    assert (
        "$77.50"
        in refused("PAYMENT_UNSUITABLE", lambda: set_postage(fleet, 50_000, **there)).detail
    )
    set_postage(fleet, 50_000 + FEE, **there)
    with fleet.books.reading() as reading:
        (fee,) = service_rows.charges(reading, METER)
    assert (str(fee.kind), fee.amount_mills) == ("on-site fee", FEE)
    on_site(fleet, name="staffed", staffed=True)
    set_postage(fleet, 50_000, facility=Facility.LICENSEE, site="staffed", descending_mills=50_000)


@pytest.mark.duty("R95-P030.3.5-4")
def test_on_site_fees_and_postage_are_paid_by_check_or_advance_deposit(fleet: Fleet) -> None:
    fleet.in_service()
    on_site(fleet)
    there = {"facility": Facility.LICENSEE, "site": "Acme works"}
    refused("PAYMENT_UNSUITABLE", lambda: set_postage(fleet, 50_000 + FEE, payment="cash", **there))
    set_postage(fleet, 50_000 + FEE, payment="advance deposit", **there)


@pytest.mark.duty("R95-501.22(g)-1")
@pytest.mark.duty("R95-501.22(g)-2")
def test_a_withdrawal_carries_its_form_and_the_register_record(fleet: Fleet) -> None:
    fleet.in_service()
    removal.request_return(fleet.books, METER, by="Acme", because="unwanted", now=fleet.later())
    refused("REGISTER_RECORD_MISSING", lambda: fleet.check_out(register_record=""))
    refused("INSTALLATION_FORM_INCOMPLETE", lambda: fleet.check_out(action=FormAction.INSTALLATION))
    refused("PRESENTED_ELSEWHERE", lambda: fleet.check_out(office=ANOTHER_OFFICE))
    after = fleet.check_out(ascending_mills=12_000, descending_mills=3_000)
    assert (after.state, after.lease, after.licence) == (DeviceState.CHECKED_OUT, "", "")
    with fleet.books.reading() as reading:
        assert service_rows.register_records_of(reading, METER) == ["PS Form 3602-A, copy"]
        assert [str(form.action) for form in service_rows.forms_of(reading, METER)] == [
            "installation",
            "withdrawal",
        ]


@pytest.mark.duty("R95-P030.2.10-1")
def test_an_unwanted_meter_comes_back_to_be_checked_out(fleet: Fleet) -> None:
    fleet.in_service()
    books = fleet.acting(MAILER)
    returned = removal.request_return(
        books, METER, by="Acme", because="unwanted", now=fleet.later()
    )
    assert returned.state is DeviceState.RETRIEVING
    again = removal.request_return(books, METER, by="Acme", because="again", now=fleet.later())
    assert again == returned
    owed = fleet.duty("take in unwanted device")
    assert (owed.due, owed.status) == (date(1997, 6, 5), ObligationStatus.OPEN)
    fleet.check_out()
    assert fleet.duty("take in unwanted device").status is ObligationStatus.SATISFIED
    refused(
        "NOT_WITH_LICENSEE",
        lambda: removal.request_return(books, METER, by="Acme", because="x", now=fleet.later()),
    )


@pytest.mark.duty("R97-P050.2.9-1")
def test_an_unwanted_or_faulty_psd_goes_to_the_provider(fleet: Fleet) -> None:
    fleet.take_in(kind=Kind.PSD, rulebook="ibip-1997", model=PSD_MODEL, remote=True)
    fleet.inspect()
    fleet.lease()
    fleet.check_in()
    service.issue(fleet.books, METER, by="Lee Park", now=fleet.later())
    service.install(fleet.books, METER, place="12 Main St", by="Lee Park", now=fleet.later())
    removal.request_return(fleet.books, METER, by="Acme", because="unwanted", now=fleet.later())
    refused("CHECKED_BY_ANOTHER", lambda: fleet.check_out(party=Party.POST_OFFICE))
    assert fleet.check_out().state is DeviceState.CHECKED_OUT


@pytest.mark.duty("R95-501.22(h)-1")
def test_a_defective_meter_is_not_used_and_comes_back_in_three_business_days(fleet: Fleet) -> None:
    fleet.in_service()
    fleet.later(days=2)
    removal.report_defect(
        fleet.acting(MAILER), METER, by="Acme", defect="prints twice", now=fleet.now
    )
    record = fleet.record()
    assert record.state is DeviceState.DO_NOT_USE
    owed = fleet.duty("retrieve defective device")
    assert (fleet.now.date(), owed.due) == (date(1997, 6, 4), date(1997, 6, 9))
    refused("DEVICE_MOVE_UNSUITABLE", lambda: set_postage(fleet, 50_000))
    removal.report_defect(fleet.books, METER, by="Acme", defect="prints twice", now=fleet.later())
    removal.retrieve(fleet.books, METER, by="Lee Park", because="defective", now=fleet.later())
    fleet.later(days=2)
    fleet.check_out()
    assert fleet.duty("retrieve defective device").status is ObligationStatus.SATISFIED


@pytest.mark.duty("R97-502.21(f)-1")
def test_a_defective_psd_gets_no_reset_and_late_retrieval_shows(fleet: Fleet) -> None:
    fleet.take_in(kind=Kind.PSD, rulebook="ibip-1997", model=PSD_MODEL, remote=True)
    fleet.inspect()
    fleet.lease()
    fleet.check_in()
    service.issue(fleet.books, METER, by="Lee Park", now=fleet.later())
    service.install(fleet.books, METER, place="12 Main St", by="Lee Park", now=fleet.later())
    removal.report_defect(fleet.books, METER, by="Acme", defect="dead screen", now=fleet.later())
    with fleet.books.reading() as reading:
        (denial,) = notes.denials(reading, METER)
    assert (denial.cause, denial.clause) == ("defect", "39 CFR 502.21(f) (1997)")
    fleet.later(days=10)
    fleet.check_out()
    late = fleet.duty("retrieve defective device")
    assert (late.status, late.days_late(fleet.now.date())) == (ObligationStatus.SATISFIED_LATE, 7)


@pytest.mark.duty("R95-501.24")
@pytest.mark.duty("R97-502.23(a)")
def test_a_meter_is_replaced_before_it_breaks_down(fleet: Fleet) -> None:
    fleet.in_service()
    fleet.take_in(SPARE)

    def replace_it() -> object:
        return relocating.replace_device(
            fleet.books,
            METER,
            by_serial=SPARE,
            because="wear at 4,000,000 cycles",
            by="Lee Park",
            now=fleet.later(),
        )

    refused("DEVICE_NOT_INSPECTED", replace_it)
    fleet.inspect(SPARE)
    replace_it()
    new = fleet.record(SPARE)
    assert (new.licence, new.lease, new.office) == (LICENCE, "L1", OFFICE)
    assert fleet.record().state is DeviceState.RETRIEVING
    fleet.check_in(SPARE, action=FormAction.REPLACEMENT)
    fleet.check_out(action=FormAction.REPLACEMENT)
    assert fleet.record().lease == ""
    refused("NOT_WITH_LICENSEE", replace_it)


def test_a_device_in_use_replaces_nothing(fleet: Fleet) -> None:
    fleet.in_service()
    fleet.in_service(SPARE)
    refused(
        "REPLACEMENT_UNFIT",
        lambda: relocating.replace_device(
            fleet.books, METER, by_serial=SPARE, because="wear", by="Lee", now=fleet.later()
        ),
    )


@pytest.mark.duty("R95-501.27-1")
@pytest.mark.duty("R95-501.27-2")
def test_a_meter_is_opened_after_check_out_and_in_a_registered_shop_only(fleet: Fleet) -> None:
    fleet.in_service()

    def rebuild(shop: str = "Springfield works") -> object:
        return removal.rebuild(
            fleet.books, METER, shop=shop, repairs="new gears", by="S. Wright", now=fleet.later()
        )

    refused("DEVICE_NOT_CHECKED_OUT", rebuild)
    removal.retrieve(fleet.books, METER, by="Lee Park", because="repair", now=fleet.later())
    fleet.check_out()
    refused("REPAIR_SHOP_UNKNOWN", lambda: rebuild("corner garage"))
    removal.register_shop(
        fleet.acting(OFFICER), "Springfield works", control="our own factory", now=fleet.later()
    )
    refused(
        "SHOP_REGISTERED",
        lambda: removal.register_shop(
            fleet.acting(OFFICER), "Springfield works", control="x", now=fleet.later()
        ),
    )
    removal.examine_checked_out(
        fleet.books, METER, examiner="S. Wright", finding="worn gears", now=fleet.later()
    )
    rebuild()
    assert fleet.record().place == "Springfield works"
    fleet.lease(lease="L2")
    refused("DEVICE_NOT_INSPECTED", fleet.check_in)
    fleet.inspect()
    assert fleet.check_in().state is DeviceState.CHECKED_IN


@pytest.mark.duty("R97-502.23(b)")
def test_who_still_lacks_the_modification_of_a_rate_change_is_known(fleet: Fleet) -> None:
    fleet.in_service()
    fleet.in_service(SPARE)
    change = "rates of 10 January 1999"
    for _ in range(2):
        removal.supply_modification(
            fleet.books, METER, change=change, by="Lee Park", now=fleet.later()
        )
    lacking = removal.without_modification(fleet.books, change)
    assert [one.serial for one in lacking] == [SPARE]


def test_denials_name_their_clause_and_each_is_lifted_by_its_cause(fleet: Fleet) -> None:
    fleet.in_service()
    with fleet.books.work(fleet.later(), "retrieve_device") as work:
        for cause in ("quality", "examination", "quality"):
            notes.deny_resets(
                work, METER, cause=cause, clause=f"of {cause}", because="late", now=fleet.now
            )
    told = refused("RESET_DENIED", lambda: set_postage(fleet, 50_000))
    assert "of quality" in told.detail
    assert "of examination" in told.detail
    with fleet.books.work(fleet.later(), "retrieve_device") as work:
        notes.lift_denial(work, METER, cause="quality", now=fleet.now, because="a good piece")
        assert notes.lift_denial(work, METER, cause="none", now=fleet.now, because="") is None
    assert "of quality" not in refused("RESET_DENIED", lambda: set_postage(fleet, 50_000)).detail
    with fleet.books.reading() as reading:
        assert len(rows.denials(reading, METER, standing=False)) == 2


def test_a_removal_is_owed_within_fifteen_days_and_check_out_satisfies_it(fleet: Fleet) -> None:
    fleet.in_service()
    with fleet.books.work(fleet.later(), "retrieve_device") as work:
        notes.order_removal(work, METER, now=fleet.now, because="revoked", clause="501.22(l)")
    with fleet.books.work(fleet.later(), "retrieve_device") as work:
        notes.order_removal(work, METER, now=fleet.now, because="revoked", clause="501.22(l)")
    assert fleet.duty("remove device").due == date(1997, 6, 17)
    assert fleet.record().state is DeviceState.RETRIEVING
    fleet.check_out()
    assert fleet.duty("remove device").status is ObligationStatus.SATISFIED
    with fleet.books.reading() as reading:
        assert notes.denials(reading, METER) == []


def test_the_ascending_register_never_falls(fleet: Fleet) -> None:
    fleet.in_service()
    set_postage(fleet, 50_000, ascending_mills=9_000)
    told = refused("READING_FALLS", lambda: set_postage(fleet, 50_000, ascending_mills=8_999))
    assert "$9.00" in told.detail


def test_the_database_itself_refuses_a_move_that_no_rule_allows(fleet: Fleet) -> None:
    from sqlalchemy import delete, update

    from franking.provider.devices.tables import INVENTORY, MOVEMENTS

    fleet.take_in()
    for statement in (
        update(INVENTORY).values(state="in service"),
        update(MOVEMENTS).values(because="otherwise"),
        delete(MOVEMENTS),
    ):
        with pytest.raises(InvariantBroken), fleet.books.work(fleet.now, "retrieve_device") as work:
            work.write(statement)


def test_history_says_of_each_line_on_whose_word_it_stands(fleet: Fleet) -> None:
    fleet.in_service()
    record, lines = history(fleet.books, METER)
    assert record.state is DeviceState.IN_SERVICE
    assert {line.source for line in lines} == {str(Source.REPORTED)}
    assert [line.what for line in lines].count("movement") == 5
    assert any(line.what == "duty" for line in lines)
    assert lines == sorted(lines, key=lambda line: line.at)


def test_who_may_not_do_a_thing_changes_nothing(fleet: Fleet) -> None:
    fleet.take_in()
    before = len(fleet.books.journal_rows())
    device = intake.NewDevice(serial=SPARE, kind=Kind.METER, rulebook="meter-1995", model="M1")
    refused(
        "NOT_PERMITTED",
        lambda: intake.take_in(fleet.acting(MAILER), device, by="me", now=fleet.later()),
    )
    assert len(fleet.books.journal_rows()) == before
    assert fleet.acting(AGENT).check_journal().faults == ()
    assert record_id("device", METER) in {row.record for row in fleet.books.journal_rows()}


@pytest.mark.duty("R95-501.11(b)-1")
@pytest.mark.parametrize(("office", "code"), [("01101", ""), ("20260", "MEDIA_NOT_AT_OFFICE")])
def test_a_meter_is_installed_only_where_the_office_has_the_media_of_its_model(
    fleet: Fleet, office: str, code: str
) -> None:
    approve(fleet.books, "M2", "meter-1995", media_at=[office])
    fleet.take_in(model="M2")
    fleet.inspect()
    fleet.lease()
    fleet.check_in()
    service.issue(fleet.books, METER, by="Lee Park", now=fleet.later())

    def install() -> DeviceRecord:
        now = fleet.later()
        return service.install(fleet.books, METER, place="12 Main St", by="Lee Park", now=now)

    if code:
        refused(code, install)
        assert fleet.record().state is DeviceState.ISSUED
    else:
        assert install().state is DeviceState.IN_SERVICE
