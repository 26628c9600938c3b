"""Postage paid at post office counters: set into meters, used, due as residues and fees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.provider.devices import service
from franking.provider.devices.records import DeviceState
from franking.provider.devices.service_records import Facility, OnSitePlace, Setting
from franking.provider.funds import chart
from franking.provider.schema import LEDGER
from franking.rules import at
from tests.fixtures_databases import DATABASES
from tests.fixtures_inventory import LICENCE, METER, OFFICE, Fleet, fleet_on

FEE = 27_500


@pytest.fixture(params=DATABASES)
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Fleet:
    return fleet_on(request.param, tmp_path)


def holds(fleet: Fleet, name: str) -> int:
    """What an account of the ledger holds, in mills."""
    with fleet.books.reading() as reading:
        return LEDGER.balance(reading, name).balance_mills


def set_postage(fleet: Fleet, postage_mills: int, **given: object) -> None:
    """Postal staff set a meter that is read as the test says."""
    known: dict[str, object] = {
        "serial": METER,
        "postage_mills": postage_mills,
        "ascending_mills": 0,
        "descending_mills": 0,
        "by": "P. Clerk",
        "office": OFFICE,
        "payment": "check",
        "paid_mills": postage_mills,
    }
    setting = Setting(**{**known, **given})  # type: ignore[arg-type]
    service.set_postage(fleet.books, setting, now=fleet.later())


@pytest.mark.duty("R95-P030.3.6-1")
@pytest.mark.parametrize("payment", ["cash", "check", "money order", "advance deposit"])
def test_postage_is_paid_when_the_meter_is_set(fleet: Fleet, payment: str) -> None:
    fleet.in_service()
    assert payment in at("provider", "meter-1995", fleet.now.date()).choices("setting_payments")
    for wrong in ({"payment": "credit card"}, {"paid_mills": 49_999}, {"payment": ""}):
        with pytest.raises(Refused, match="PAYMENT_UNSUITABLE"):
            set_postage(fleet, 50_000, **{"payment": payment, **wrong})
    assert holds(fleet, chart.device(METER)) == 0
    set_postage(fleet, 50_000, payment=payment)
    assert holds(fleet, chart.device(METER)) == 50_000
    assert holds(fleet, chart.COUNTER) == -50_000


def test_what_fell_between_readings_was_used(fleet: Fleet) -> None:
    fleet.in_service()
    set_postage(fleet, 50_000)
    set_postage(fleet, 20_000, ascending_mills=36_000, descending_mills=14_000)
    assert holds(fleet, chart.device(METER)) == 34_000
    assert holds(fleet, chart.USED) == 36_000
    fleet.check_out(ascending_mills=70_000, descending_mills=0)
    assert (holds(fleet, chart.device(METER)), holds(fleet, chart.USED)) == (0, 70_000)


def test_a_residue_is_in_the_meter_and_due_until_it_is_paid(fleet: Fleet) -> None:
    fleet.take_in(descending_mills=740)
    fleet.inspect()
    fleet.lease()
    fleet.check_in()
    assert holds(fleet, chart.device(METER)) == 740
    assert holds(fleet, chart.charges(METER)) == -740
    set_postage(fleet, 50_000, descending_mills=740, paid_mills=50_740)
    assert holds(fleet, chart.charges(METER)) == 0
    assert holds(fleet, chart.device(METER)) == 50_740
    assert holds(fleet, chart.COUNTER) == -50_740


def test_a_residue_can_be_paid_without_a_setting(fleet: Fleet) -> None:
    fleet.take_in(descending_mills=740)
    fleet.inspect()
    fleet.lease()
    fleet.check_in()
    with pytest.raises(Refused, match="PAYMENT_UNSUITABLE"):
        service.pay_charges(fleet.books, METER, paid_mills=739, payment="cash", now=fleet.now)
    service.pay_charges(fleet.books, METER, paid_mills=740, payment="cash", now=fleet.now)
    assert (holds(fleet, chart.charges(METER)), holds(fleet, chart.COUNTER)) == (0, -740)


def test_an_on_site_fee_is_paid_with_the_setting(fleet: Fleet) -> None:
    fleet.in_service()
    place = OnSitePlace(
        name="Acme works",
        facility=Facility.LICENSEE,
        office=OFFICE,
        licence=LICENCE,
        staffed=False,
        meters=frozenset({METER}),
    )
    service.register_on_site_place(fleet.books, place, now=fleet.later())
    there = {"facility": Facility.LICENSEE, "site": "Acme works"}
    set_postage(fleet, 50_000, paid_mills=50_000 + FEE, **there)
    assert holds(fleet, chart.ON_SITE_FEES) == FEE
    assert holds(fleet, chart.charges(METER)) == 0
    assert holds(fleet, chart.COUNTER) == -50_000 - FEE


def test_what_a_meter_held_before_the_ledger_is_opened_once(fleet: Fleet) -> None:
    fleet.in_service()
    set_postage(fleet, 10_000, ascending_mills=0, descending_mills=5_000)
    assert holds(fleet, chart.OPENING) == -5_000
    assert holds(fleet, chart.device(METER)) == 15_000


@pytest.mark.duty("R95-P030.3.9-2")
def test_a_remote_meter_is_checked_in_first_at_its_office_or_at_the_makers(fleet: Fleet) -> None:
    fleet.take_in(remote=True)
    fleet.inspect()
    fleet.lease()
    with pytest.raises(Refused, match="PRESENTED_ELSEWHERE"):
        fleet.check_in(office="62701")
    unsigned = fleet.check()
    unsigned = replace(unsigned, form=replace(unsigned.form, signed_by=" "))
    with pytest.raises(Refused, match="INSTALLATION_FORM_INCOMPLETE"):
        service.check_in(fleet.books, unsigned, now=fleet.later())
    branch = OnSitePlace(
        name="branch", facility=Facility.BRANCH, office="62701", licence="", staffed=True
    )
    service.register_on_site_place(fleet.books, branch, now=fleet.later())
    at_the_makers = fleet.check_in(facility=Facility.BRANCH, site="branch", office="62701")
    assert at_the_makers.state is DeviceState.CHECKED_IN
