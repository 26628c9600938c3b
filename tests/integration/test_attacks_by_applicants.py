"""An applicant whose licence was revoked comes back: under another spelling, address or name."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from franking.errors import Refused
from franking.postal.licences import commands as desk
from franking.postal.licences.changing import changed
from franking.postal.licences.records import Facts, Ground, RefusalGround
from franking.postal.licences.revoking import revoke_at_once
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import METER, LicensingWorld, licensing_world


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> LicensingWorld:
    """Acme Bolts had a licence, which was renamed to Zenith Bolts, then revoked for misuse."""
    found = licensing_world(request.param, tmp_path, METER)
    licence = found.licensed()
    data = msgspec.structs.replace(licence.data, name="Zenith Bolts")
    with found.service.work(found.now, "hear_LicenceDataChanged") as work:
        changed(work, found.signer, licence.number, data, "renamed", "Alpha Meters", found.now)
    facts = Facts(told="the meter was altered")
    revoke_at_once(
        found.desk,
        found.signer,
        licence.number,
        Ground.UNLAWFUL_USE,
        facts,
        "the meter was altered",
        found.later(days=1),
    )
    found.carry()
    return found


AGAIN = [
    {"name": "Zenith Bolts"},
    {"name": "ZENITH BOLTS, INC."},
    {"name": "The Zenith Bolts Co."},
    {"name": "Zenith Bolts", "address": "99 Oak Ave, Springfield MA 01101"},
    {"name": "Zenith Bolts", "zip_code": "90210", "city": "Beverly Hills", "state": "CA"},
    # Its name when the licence was issued.
    {"name": "Acme Bolts"},
]


@pytest.mark.duty("R95-P030.2.3-2")
@pytest.mark.parametrize("spelled", AGAIN)
def test_a_revoked_applicant_is_known_four_years_on_however_it_is_spelled(
    world: LicensingWorld, spelled: dict[str, str]
) -> None:
    world.later(days=4 * 365)
    application = world.transmit(**spelled)
    with pytest.raises(Refused) as met:
        desk.issue_application(world.desk, world.signer, application, world.now)
    assert met.value.code == "EARLIER_REVOCATION"
    ground = RefusalGround.EARLIER_REVOCATION
    refused = desk.refuse_application(
        world.desk, world.signer, application, ground, "revoked before", world.now
    )
    assert refused.status == "refused"


def test_another_firm_of_that_name_is_licensed_with_the_reason_kept(world: LicensingWorld) -> None:
    application = world.transmit(name="Zenith Bolts", address="1 Elm St, Ware MA 01082")
    why = "another firm: its articles of 1951 were shown"
    licence = desk.issue_application(world.desk, world.signer, application, world.now, despite=why)
    assert licence.status == "issued"


def test_a_firm_of_another_name_is_not_held_up(world: LicensingWorld) -> None:
    application = world.transmit(name="Nadir Nuts")
    assert desk.issue_application(world.desk, world.signer, application, world.now)
