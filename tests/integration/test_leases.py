"""Leases, changes of licences, relocation, alternative settings and what may be sold."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.postal.licences import changing, revoking, views
from franking.provider.devices import rows as device_rows
from franking.provider.devices.intake import transfer_title
from franking.provider.devices.records import DeviceState, Title
from franking.provider.licensing import applying, leasing, relocating, removing
from franking.provider.licensing import rows as provider_rows
from franking.provider.licensing.records import Component, RegisterLog, ReturnTo, Signatures
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import (
    METER,
    POSTMASTER,
    PSD,
    SECOND,
    LicensingWorld,
    licensing_world,
    moved,
    signatures,
    stock,
)

SERIALS = {METER: "0100000001", PSD: "FK1A0000000001"}
OTHERS = {METER: "0100000002", PSD: "FK1A0000000002"}


@pytest.fixture(params=[METER, PSD])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> LicensingWorld:
    return licensing_world("sqlite", tmp_path, request.param)


@pytest.fixture
def meters(tmp_path: Path) -> LicensingWorld:
    return licensing_world("sqlite", tmp_path, METER)


@pytest.fixture
def psds(tmp_path: Path) -> LicensingWorld:
    return licensing_world("sqlite", tmp_path, PSD)


@pytest.mark.duty("R95-501.22(c)", "R97-502.21(c)", "R97-P050.1.3")
@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_devices_are_leased_to_holders_of_a_valid_licence_only(
    database: str, rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world(database, tmp_path, rulebook)
    by, serial = world.first, SERIALS[rulebook]
    signed = signatures(world.now.date())
    with pytest.raises(Refused, match="LICENCE_NOT_VALID: the Postal Service has told"):
        leasing.sign_lease(by.books, "01101-000009", rulebook, signed, world.now)
    licence = world.licensed()
    lease = world.leased(licence)
    assert world.leased(licence) == lease
    stock(by, serial, rulebook, world.now)
    placed = leasing.lease_device(by.books, lease.id, serial, world.now)
    assert (placed.lease, placed.licensee, placed.office) == (lease.id, "Acme Bolts", "01101")
    assert leasing.lease_device(by.books, lease.id, serial, world.now) == placed
    _cancelled(world, licence.number)
    stock(by, OTHERS[rulebook], rulebook, world.now)
    with pytest.raises(Refused, match="LEASE_NOT_IN_FORCE"):
        leasing.lease_device(by.books, lease.id, OTHERS[rulebook], world.now)
    with pytest.raises(Refused, match=r"LICENCE_NOT_VALID: licence .* is cancelled"):
        world.leased(licence)


def _cancelled(world: LicensingWorld, number: str) -> None:
    revoking.cancel_licence(world.desk, world.signer, number, "given up", world.now)
    world.carry()


@pytest.mark.duty("R97-P050.2.5j")
def test_a_lease_is_signed_with_its_agreement_on_funds(world: LicensingWorld) -> None:
    licence, today = world.licensed(), world.now.date()
    for missing in (
        Signatures(signed_by="", signed_on=today, acknowledged_by="Joe", acknowledged_on=today),
        Signatures(signed_by="Joe", signed_on=today, acknowledged_by="", acknowledged_on=today),
        signatures(today + timedelta(days=1)),
    ):
        with pytest.raises(Refused, match="LEASE_UNSIGNED"):
            leasing.sign_lease(
                world.first.books, licence.number, world.rulebook, missing, world.now
            )
    assert world.leased(licence).signatures.acknowledged_by == "Joe Acme"


def test_a_device_is_never_leased_twice(world: LicensingWorld) -> None:
    licence, serial = world.licensed(), SERIALS[world.rulebook]
    lease = world.leased(licence)
    world.installed(lease, serial)
    other = world.leased(world.licensed(zip_code="01040", city="Holyoke"))
    with pytest.raises(Refused, match="DEVICE_LEASED"):
        leasing.lease_device(world.first.books, other.id, serial, world.now)


def test_a_device_of_1997_is_not_placed_under_a_meter_lease(psds: LicensingWorld) -> None:
    licence = psds.licensed()
    lease = leasing.sign_lease(
        psds.first.books, licence.number, METER, signatures(psds.now.date()), psds.now
    )
    stock(psds.first, SERIALS[PSD], PSD, psds.now)
    with pytest.raises(Refused, match="RULEBOOK_OF_ANOTHER_LEASE"):
        leasing.lease_device(psds.first.books, lease.id, SERIALS[PSD], psds.now)


@pytest.mark.duty("R95-P030.2.1-5", "R95-P030.2.1-6", "R97-P050.2.1-5")
def test_each_device_comes_with_a_log_of_its_daily_registers(world: LicensingWorld) -> None:
    licence = world.licensed()
    lease = world.leased(licence)
    for serial in (SERIALS[world.rulebook], OTHERS[world.rulebook]):
        world.installed(lease, serial)
    with world.first.service.reading() as reading:
        placed = provider_rows.placements(reading, lease.id)
    log = RegisterLog.FORM if world.rulebook == METER else RegisterLog.SYSTEM
    assert [each["register_log"] for each in placed] == [log, log]
    shown = views.licence_view(world.desk, licence.number, world.now)
    assert shown["form"] == "PS Form 3601-B"
    kept = "voluntary" if world.rulebook == METER else "each day of operation"
    assert kept in shown["register_log"]["kept"]


@pytest.mark.duty("R95-P030.1.3-1")
def test_a_meter_is_held_only_with_licence_lease_and_check_in(meters: LicensingWorld) -> None:
    lease, serial = meters.leased(meters.licensed()), SERIALS[METER]
    stock(meters.first, serial, METER, meters.now)
    with pytest.raises(Refused, match="LEASE_UNKNOWN"):
        leasing.require_possession(meters.first.books, serial)
    leasing.lease_device(meters.first.books, lease.id, serial, meters.now)
    with pytest.raises(Refused, match="DEVICE_MOVE_UNSUITABLE"):
        leasing.require_possession(meters.first.books, serial)
    moved(meters.first, serial, DeviceState.CHECKED_IN, meters.now)
    assert leasing.require_possession(meters.first.books, serial) == lease


@pytest.mark.duty("R97-502.8", "R97-P050.1.2")
@pytest.mark.parametrize(
    ("component", "system", "works_apart", "outcome"),
    [
        (Component.SOFTWARE, "open", True, "39 CFR 502.8 (1997)"),
        (Component.SOFTWARE, "open", False, "COMPONENT_NOT_FOR_SALE"),
        (Component.PRINTER, "closed", False, "39 CFR 502.8 (1997)"),
        (Component.PRINTER, "closed", True, "COMPONENT_NOT_FOR_SALE"),
        (Component.SOFTWARE, "closed", False, "DMM P050.1.2 (1997)"),
        (Component.DEVICE, "open", True, "DEVICE_ONLY_LEASED"),
        (Component.DEVICE, "closed", False, "DEVICE_ONLY_LEASED"),
    ],
)
def test_what_may_be_bought_and_what_only_leased(
    psds: LicensingWorld, component: Component, system: str, works_apart: bool, outcome: str
) -> None:
    number = psds.licensed().number

    def sell() -> str:
        return leasing.sell_component(
            psds.first.books,
            number,
            component,
            system=system,
            works_apart=works_apart,
            basis="as approved",
            now=psds.now,
        ).clause

    if "_" in outcome:
        with pytest.raises(Refused, match=outcome):
            sell()
    else:
        assert sell() == outcome


@pytest.mark.duty("R97-Pre-Lease")
def test_a_leased_device_is_the_providers_and_never_the_postal_services(
    psds: LicensingWorld,
) -> None:
    lease, serial = psds.leased(psds.licensed()), SERIALS[PSD]
    assert psds.installed(lease, serial).title is Title.PROVIDER
    assert transfer_title.__doc__


@pytest.mark.duty("R95-P030.2.6e-1", "R95-P030.2.6e-2", "R97-P050.2.5e", "R97-P050.2.5f-1")
@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_a_change_goes_to_the_desk_at_once_and_a_changed_licence_comes_back(
    database: str, rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world(database, tmp_path, rulebook)
    number = world.licensed().number
    world.transmit(SECOND)
    data = world.application(name="Acme Bolts and Nuts", address="9 Elm St")
    applying.report_change(world.first.books, world.first.signer, number, data, rulebook, world.now)
    assert world.carry() == []
    shown = views.licence_view(world.desk, number, world.now)
    assert (shown["licensee"], shown["version"]) == ("Acme Bolts and Nuts", 2)
    assert [each["data"]["name"] for each in shown["versions"]] == [
        "Acme Bolts",
        "Acme Bolts and Nuts",
    ]
    for each in (world.first, world.second):
        with each.service.reading() as reading:
            told = provider_rows.find_licence(reading, number)
        assert told is not None
        assert (told.licensee, told.version) == ("Acme Bolts and Nuts", 2)


def test_a_meter_licensee_may_tell_the_post_office_itself(meters: LicensingWorld) -> None:
    number, postmaster = meters.licensed().number, meters.service.acting(POSTMASTER)
    data = meters.application(telephone="413 555 0199")
    after = changing.change_licence(
        postmaster, meters.signer, number, data, "told at the counter", meters.now
    )
    assert after.version == 2


def test_another_post_office_is_no_change_but_a_new_licence(world: LicensingWorld) -> None:
    number = world.licensed().number
    data = world.application(zip_code="01040", city="Holyoke")
    with pytest.raises(Refused, match="OFFICE_CHANGE_IS_RELICENSING"):
        changing.change_licence(world.desk, world.signer, number, data, "moved", world.now)


@pytest.mark.duty("R95-P030.2.6e-3", "R97-P050.2.5f-1")
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_licence_data_is_verified_every_year_and_after_an_event(
    rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world("sqlite", tmp_path, rulebook)
    number = world.licensed().number
    record = f"licence:{number}"
    (yearly,) = world.standing(record)
    assert yearly.due == world.now.date().replace(year=world.now.year + 1)
    changing.ask_verification(world.desk, number, "a bill came back", world.now)
    again = next(each for each in world.standing(record) if each.duty.endswith("again"))
    assert (again.because, (again.due - world.now.date()).days) == ("a bill came back", 15)
    world.later(days=9)
    applying.report_change(
        world.first.books, world.first.signer, number, world.application(), rulebook, world.now
    )
    world.carry()
    assert world.licence(number).version == 1
    (open_one,) = [each for each in world.standing(record) if each.is_outstanding]
    assert open_one.start == world.now.date()


@pytest.mark.duty("R95-P030.3.2-1", "R95-P030.3.2-2")
@pytest.mark.parametrize("database", DATABASES)
def test_a_meter_moves_to_another_post_office_by_check_out_and_a_licence_there(
    database: str, tmp_path: Path
) -> None:
    world = licensing_world(database, tmp_path, METER)
    old = world.licensed()
    serial, by = SERIALS[METER], world.first
    world.installed(world.leased(old), serial)
    new = world.licensed(zip_code="01040", city="Holyoke")
    there = world.leased(new)
    with pytest.raises(Refused, match="NOT_CHECKED_OUT"):
        relocating.relocate(by.books, serial, lease_id=there.id, now=world.now)
    moved(by, serial, DeviceState.CHECKED_OUT, world.now)
    moved(by, serial, DeviceState.UNLEASED, world.now)
    after = relocating.relocate(by.books, serial, lease_id=there.id, now=world.now)
    assert (after.licence, after.office) == (new.number, "01040")
    assert relocating.relocate(by.books, serial, lease_id=there.id, now=world.now) == after
    with pytest.raises(Refused, match="DEVICE_MOVE_UNSUITABLE"):
        leasing.require_possession(by.books, serial)
    applying.give_up_licence(by.books, by.signer, old.number, "moved to Holyoke", world.now)
    world.carry()
    assert world.licence(old.number).status == "cancelled"


@pytest.mark.duty("R97-P050.2.5f-2")
@pytest.mark.parametrize("database", DATABASES)
def test_a_licensee_of_1997_moves_by_check_out_new_licence_and_replacement(
    database: str, tmp_path: Path
) -> None:
    world = licensing_world(database, tmp_path, PSD)
    serial, other, by = SERIALS[PSD], OTHERS[PSD], world.first
    world.installed(world.leased(world.licensed()), serial)
    moved(by, serial, DeviceState.CHECKED_OUT, world.now)
    there = world.leased(world.licensed(zip_code="01040", city="Holyoke"))
    stock(by, other, PSD, world.now)
    with pytest.raises(Refused, match="REPLACEMENT_NEEDED"):
        relocating.relocate(by.books, serial, lease_id=there.id, now=world.now)
    after = relocating.relocate(
        by.books, serial, lease_id=there.id, replacement=other, now=world.now
    )
    assert (after.serial, after.office) == (other, "01040")
    assert by.device(serial).lease == ""


def test_nobody_relocates_to_the_same_post_office(meters: LicensingWorld) -> None:
    lease, serial = meters.leased(meters.licensed()), SERIALS[METER]
    meters.installed(lease, serial)
    moved(meters.first, serial, DeviceState.CHECKED_OUT, meters.now)
    other = leasing.sign_lease(
        meters.first.books,
        lease.licence,
        METER,
        Signatures(
            signed_by="Eve",
            signed_on=date(1996, 3, 4),
            acknowledged_by="Eve",
            acknowledged_on=date(1996, 3, 4),
        ),
        meters.now,
    )
    with pytest.raises(Refused, match="SAME_POST_OFFICE"):
        relocating.relocate(meters.first.books, serial, lease_id=other.id, now=meters.now)


@pytest.mark.duty("R95-P030.3.4a", "R95-P030.3.4b", "R95-P030.3.4c")
def test_a_meter_is_set_elsewhere_under_the_licence_of_the_office_of_mailing(
    meters: LicensingWorld,
) -> None:
    entry = meters.licensed(zip_code="01040", city="Holyoke")
    postmaster, serial = meters.service.acting(POSTMASTER), SERIALS[METER]
    given = {"device": serial, "setting_zip": "01101", "now": meters.now}
    with pytest.raises(Refused, match="NOT_LICENSED_AT_ENTRY_OFFICE"):
        changing.permit_alternative_setting(postmaster, "01040-000009", **given)  # type: ignore[arg-type]
    for _ in range(2):
        setting = changing.permit_alternative_setting(postmaster, entry.number, **given)  # type: ignore[arg-type]
    assert (setting.zip_code, setting.postmaster) == ("01101", POSTMASTER.name)
    assert changing.postmark_office(meters.desk, serial).city == "Holyoke"
    other = meters.licensed(zip_code="01020", city="Chicopee")
    with pytest.raises(Refused, match="METER_OF_ANOTHER_OFFICE"):
        changing.permit_alternative_setting(postmaster, other.number, **given)  # type: ignore[arg-type]


@pytest.mark.duty("R95-P030.3.4e")
def test_a_meter_no_longer_used_is_released_only_after_check_out(meters: LicensingWorld) -> None:
    lease, serial = meters.leased(meters.licensed()), SERIALS[METER]
    meters.installed(lease, serial)
    with pytest.raises(Refused, match="LEASE_HAS_DEVICES"):
        leasing.end_lease(meters.first.books, lease.id, "no longer wanted", meters.now)
    with pytest.raises(Refused, match="NOT_CHECKED_OUT"):
        removing.release_device(meters.first.books, meters.first.signer, serial, meters.now)
    moved(meters.first, serial, DeviceState.CHECKED_OUT, meters.now)
    released = removing.release_device(meters.first.books, meters.first.signer, serial, meters.now)
    assert released.licence == ""
    ended = leasing.end_lease(meters.first.books, lease.id, "no longer wanted", meters.now)
    assert ended.status == "ended"


@pytest.mark.duty("R95-P030.2.6c", "R97-P050.2.5c")
def test_everything_on_a_licence_can_be_handed_over_at_once(world: LicensingWorld) -> None:
    licence = world.licensed()
    bundle = views.audit_bundle(world.desk, licence.number, world.now)
    assert bundle["licence"] == licence.number
    assert [each["event"] for each in bundle["history"]] == ["issued"]
    assert bundle["fields"]["address"] == "12 Main St, Springfield MA 01101"


@pytest.mark.duty("R95-P030.2.6a", "R97-P050.2.5a")
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_a_device_leaves_the_licensees_custody_for_provider_or_post_office_only(
    rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world("sqlite", tmp_path, rulebook)
    serial = SERIALS[rulebook]
    world.installed(world.leased(world.licensed()), serial)
    given = {"holder": "Acme Bolts", "now": world.now}
    office = ReturnTo.POST_OFFICE
    if rulebook == METER:
        back = removing.hand_back(world.first.books, serial, to=office, **given)  # type: ignore[arg-type]
    else:
        with pytest.raises(Refused, match="RETURNED_TO_NOBODY"):
            removing.hand_back(world.first.books, serial, to=office, **given)  # type: ignore[arg-type]
        back = removing.hand_back(world.first.books, serial, to=ReturnTo.PROVIDER, **given)  # type: ignore[arg-type]
    assert back.state is DeviceState.RETRIEVING
    moved(world.first, serial, DeviceState.CHECKED_OUT, world.now)
    with pytest.raises(Refused, match="NOTHING_TO_HAND_BACK"):
        removing.hand_back(world.first.books, serial, to=ReturnTo.PROVIDER, **given)  # type: ignore[arg-type]


@pytest.mark.duty("R95-P030.1.3-2")
def test_whoever_else_holds_a_meter_surrenders_it(meters: LicensingWorld) -> None:
    serial, by = SERIALS[METER], meters.first
    meters.installed(meters.leased(meters.licensed()), serial)
    moved(by, serial, DeviceState.MISSING, meters.now)
    for _ in range(2):
        found = removing.hand_back(
            by.books, serial, holder="a pawnshop", to=ReturnTo.PROVIDER, now=meters.now
        )
    assert found.state is DeviceState.RECOVERED
    with by.service.reading() as reading:
        (event,) = device_rows.movements(reading, serial)
    assert event.because == "surrendered: a pawnshop holds no licence for it"
    assert event.clause == "DMM P030.1.3 (1995)"
