"""Amounts below nothing: no register, payment or setting is."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.errors import Refused
from franking.provider.devices.service_decisions import require_payment, require_setting
from franking.provider.devices.service_records import Facility, Setting
from franking.rules import at
from tests.fixtures_inventory import METER, Fleet, fleet_on


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    found = fleet_on("sqlite", tmp_path)
    found.take_in()
    found.inspect()
    found.lease()
    return found


def test_no_residue_is_below_nothing(fleet: Fleet) -> None:
    with pytest.raises(Refused) as met:
        fleet.check_in(METER, descending_mills=-5)
    assert met.value.code == "READING_FALLS"


def test_nobody_pays_less_than_nothing(fleet: Fleet) -> None:
    rules = at("provider", fleet.record().rulebook, fleet.now.date())
    with pytest.raises(Refused) as met:
        require_payment(
            due_mills=-1000, paid_mills=-1000, payment="check", on_site=False, rules=rules
        )
    assert met.value.code == "PAYMENT_UNSUITABLE"


def test_a_setting_takes_no_postage_out(fleet: Fleet) -> None:
    setting = Setting(
        serial=METER,
        facility=Facility.POST_OFFICE,
        office="01101",
        by="Pat",
        ascending_mills=0,
        descending_mills=5000,
        postage_mills=-1000,
        paid_mills=4000,
        payment="check",
    )
    with pytest.raises(Refused) as met:
        require_setting(fleet.record(), setting, None)
    assert met.value.code == "PAYMENT_UNSUITABLE"
