"""Licences revoked by notice and at once, stayed, kept, cancelled; leases cancelled."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from franking.docket.records import ObligationStatus
from franking.errors import Refused
from franking.postal.licences import appealing, changing, revoking, rows, views
from franking.postal.licences.records import Facts, Ground, Licence, Revocation
from franking.provider.devices import notes
from franking.provider.devices.records import DeviceState
from franking.provider.licensing import applying, removing
from franking.provider.licensing import rows as provider_rows
from franking.provider.licensing.records import Lease
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import (
    FIRST,
    METER,
    POSTMASTER,
    PSD,
    RUTH,
    SECOND,
    LicensingWorld,
    heard,
    licensing_world,
    moved,
)

CARELESS = Facts(told="the device stood open in the yard")
SERIALS = {METER: "0100000001", PSD: "FK1A0000000001"}


@pytest.fixture(params=[METER, PSD])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> LicensingWorld:
    return licensing_world("sqlite", tmp_path, request.param)


@pytest.fixture
def meters(tmp_path: Path) -> LicensingWorld:
    return licensing_world("sqlite", tmp_path, METER)


@pytest.fixture
def psds(tmp_path: Path) -> LicensingWorld:
    return licensing_world("sqlite", tmp_path, PSD)


def notice(
    world: LicensingWorld, number: str, ground: Ground = Ground.POOR_CONTROL, **facts: object
) -> Revocation:
    given = Facts(told="the device stood open in the yard", **facts)  # type: ignore[arg-type]
    found = revoking.notice_revocation(world.desk, world.signer, number, ground, given, world.now)
    world.carry()
    return found


def appeal(world: LicensingWorld, number: str) -> str:
    found = appealing.appeal_revocation(
        world.desk, world.signer, number, letter="We closed it.", filed_by="Joe", now=world.now
    )
    world.carry()
    return found.id


def decide(world: LicensingWorld, appeal_id: str, *, sustain: bool) -> None:
    appealing.decide_appeal(
        world.manager, world.signer, appeal_id, sustain=sustain, reason="heard", now=world.now
    )
    world.carry()


def lease_of(world: LicensingWorld, lease: Lease) -> Lease:
    with world.first.service.reading() as reading:
        found = provider_rows.find_lease(reading, lease.id)
    assert found is not None
    return found


def with_device(world: LicensingWorld) -> tuple[Licence, Lease, str]:
    licence = world.licensed()
    lease, serial = world.leased(licence), SERIALS[world.rulebook]
    world.installed(lease, serial)
    return licence, lease, serial


@pytest.mark.duty(
    "R95-P030.2.4-1", "R95-P030.2.4-2", "R95-P030.2.4-3", "R97-P050.2.3-1", "R95-P030.2.4c"
)
@pytest.mark.duty("R95-501.22(l)-1", "R95-501.22(l)-2", "R97-502.21(h)", "R97-P050.2.3c")
@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_a_revocation_takes_effect_after_ten_days_and_the_device_goes(
    database: str, rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world(database, tmp_path, rulebook)
    licence, lease, serial = with_device(world)
    noticed = notice(world, licence.number)
    assert noticed.facts == CARELESS.told
    assert notice(world, licence.number) == noticed
    assert heard(world.first, licence.number) == "revocation noticed"
    received = world.now.date() + timedelta(days=2)
    world.later(days=2)
    revoking.prove_notice_received(world.desk, licence.number, received, world.now)
    world.later(days=10)
    world.sweep()
    assert world.licence(licence.number).status == "revocation noticed"
    world.later(days=1)
    world.sweep()
    world.sweep()
    assert world.licence(licence.number).status == "revoked"
    assert world.history(f"licence:{licence.number}").count("revoked") == 1
    _removed_within_15_days(world, licence, lease, serial)


def _removed_within_15_days(
    world: LicensingWorld, licence: Licence, lease: Lease, serial: str
) -> None:
    ended = lease_of(world, lease)
    letter = {METER: "39 CFR 501.22(l) (1995)", PSD: "39 CFR 502.21(h) (1997)"}
    assert (ended.status, ended.clause) == ("cancelled", letter[world.rulebook])
    assert world.first.device(serial).state is DeviceState.RETRIEVING
    (owed,) = [each for each in world.first.standing(f"device:{serial}") if each.is_outstanding]
    last = world.now.date() + timedelta(days=15)
    assert owed.due == last
    record = revoking.removal_record(licence.number, FIRST)
    (expected,) = world.standing(record)
    assert (expected.owed_by, expected.due) == (f"provider:{FIRST}", last)
    with pytest.raises(Refused, match="NOT_CHECKED_OUT"):
        removing.release_device(world.first.books, world.first.signer, serial, world.now)
    world.later(days=15)
    moved(world.first, serial, DeviceState.CHECKED_OUT, world.now)
    assert removing.to_be_released(world.first.books) == [serial]
    for _ in range(2):
        removing.release_device(world.first.books, world.first.signer, serial, world.now)
    world.carry()
    assert removing.to_be_released(world.first.books) == []
    assert world.first.device(serial).lease == ""
    assert world.standing(record)[0].status is ObligationStatus.SATISFIED


def test_without_proof_of_receipt_the_days_run_from_the_notice_and_its_mail_days(
    world: LicensingWorld,
) -> None:
    number = world.licensed().number
    notice(world, number)
    world.later(days=13)
    world.sweep()
    assert world.licence(number).status == "revocation noticed"
    world.later(days=1)
    world.sweep()
    assert world.licence(number).status == "revoked"


def test_a_device_not_removed_in_time_is_late_on_both_dockets(psds: LicensingWorld) -> None:
    licence, _, _ = with_device(psds)
    notice(psds, licence.number)
    psds.later(days=14)
    psds.sweep()
    psds.later(days=16)
    psds.sweep()
    (owed,) = psds.standing(revoking.removal_record(licence.number, FIRST))
    assert owed.status is ObligationStatus.MISSED


@pytest.mark.duty("R95-P030.2.4-3", "R97-P050.2.3-1", "R95-P030.2.5-1", "R97-P050.2.4-1")
@pytest.mark.parametrize("database", DATABASES)
def test_an_appeal_stays_the_revocation_until_it_is_decided(database: str, tmp_path: Path) -> None:
    world = licensing_world(database, tmp_path, PSD)
    licence, lease, serial = with_device(world)
    notice(world, licence.number)
    world.later(days=13)
    filed = appeal(world, licence.number)
    assert heard(world.first, licence.number) == "stayed"
    world.later(days=90)
    world.sweep()
    assert world.licence(licence.number).status == "stayed"
    decide(world, filed, sustain=False)
    assert world.licence(licence.number).status == "revoked"
    _removed_within_15_days(world, licence, lease, serial)


def test_a_sustained_appeal_keeps_the_licence(world: LicensingWorld) -> None:
    licence, lease, serial = with_device(world)
    notice(world, licence.number)
    decide(world, appeal(world, licence.number), sustain=True)
    world.later(days=30)
    world.sweep()
    assert world.licence(licence.number).status == "issued"
    assert heard(world.first, licence.number) == "issued"
    assert lease_of(world, lease).status == "in force"
    assert world.first.device(serial).state is DeviceState.IN_SERVICE


@pytest.mark.duty("R95-P030.2.2-1", "R95-P030.2.4a")
@pytest.mark.parametrize("database", DATABASES)
def test_a_meter_licence_is_revoked_at_once_on_a_ground_of_the_agreement(
    database: str, tmp_path: Path
) -> None:
    world = licensing_world(database, tmp_path, METER)
    licence, lease, serial = with_device(world)
    facts = Facts(told="indicia were sold on the street")
    given = (world.desk, world.signer, licence.number)
    with pytest.raises(Refused, match=r"NO_IMMEDIATE_REVOCATION.*reason why"):
        revoking.revoke_at_once(*given, Ground.UNLAWFUL_USE, facts, "", world.now)
    wrong = Facts(told="mail at Holyoke", deposited_at="01040")
    with pytest.raises(Refused, match=r"NO_IMMEDIATE_REVOCATION.*no ground of the agreement"):
        revoking.revoke_at_once(*given, Ground.WRONG_OFFICE, wrong, "now", world.now)
    reason = "the scheme goes on"
    after = revoking.revoke_at_once(*given, Ground.UNLAWFUL_USE, facts, reason, world.now)
    assert after.status == "revoked"
    assert revoking.revoke_at_once(*given, Ground.UNLAWFUL_USE, facts, reason, world.now) == after
    world.carry()
    (found,) = views.licence_view(world.desk, licence.number, world.now)["revocations"]
    assert (found["immediate"], found["clause"]) == (True, "DMM P030.2.2 (1995)")
    assert reason in str(views.licence_view(world.desk, licence.number, world.now)["history"])
    _removed_within_15_days(world, licence, lease, serial)


def test_an_appeal_against_a_revocation_in_effect_does_not_stay_it(meters: LicensingWorld) -> None:
    licence, lease, serial = with_device(meters)
    facts = Facts(told="indicia were sold on the street")
    revoking.revoke_at_once(
        meters.desk, meters.signer, licence.number, Ground.UNLAWFUL_USE, facts, "now", meters.now
    )
    meters.carry()
    filed = appeal(meters, licence.number)
    assert meters.licence(licence.number).status == "revoked"
    assert meters.first.device(serial).state is DeviceState.RETRIEVING
    decide(meters, filed, sustain=True)
    assert meters.licence(licence.number).status == "issued"
    assert lease_of(meters, lease).status == "in force"
    assert meters.first.device(serial).state is DeviceState.IN_SERVICE
    with meters.first.service.reading() as reading:
        assert notes.denials(reading, serial) == []


def test_a_device_of_1997_is_never_revoked_at_once(psds: LicensingWorld) -> None:
    number = psds.licensed().number
    with pytest.raises(Refused, match=r"NO_IMMEDIATE_REVOCATION.*by notice only"):
        revoking.revoke_at_once(
            psds.desk, psds.signer, number, Ground.UNLAWFUL_USE, CARELESS, "now", psds.now
        )
    assert psds.licence(number).status == "issued"


@pytest.mark.duty("R95-P030.2.4b", "R97-P050.2.3b")
@pytest.mark.parametrize(("rulebook", "months"), [(METER, 12), (PSD, 3)])
def test_inactivity_is_counted_from_the_last_use_or_audit(
    rulebook: str, months: int, tmp_path: Path
) -> None:
    world = licensing_world("sqlite", tmp_path, rulebook)
    number, last = world.licensed().number, world.now.date()
    with pytest.raises(Refused, match="needs the day of the last use"):
        notice(world, number, Ground.INACTIVITY)
    world.now = world.now.replace(
        year=last.year + (last.month + months - 1) // 12, month=(last.month + months - 1) % 12 + 1
    )
    with pytest.raises(Refused, match="GROUND_NOT_MADE_OUT: last active"):
        notice(world, number, Ground.INACTIVITY, last_active_on=last)
    world.later(days=1)
    assert notice(world, number, Ground.INACTIVITY, last_active_on=last).clause.endswith(
        "2.4b (1995)" if rulebook == METER else "2.3b (1997)"
    )


@pytest.mark.duty("R95-P030.2.2-2", "R95-Pre-III.A", "R95-P030.2.4d", "R97-P050.2.3d")
@pytest.mark.parametrize("rulebook", [METER, PSD])
@pytest.mark.parametrize("basis", ["government", "military", "other"])
def test_a_device_abroad_needs_the_written_permission_of_the_manager(
    rulebook: str, basis: str, tmp_path: Path
) -> None:
    world = licensing_world("sqlite", tmp_path, rulebook)
    number, serial = world.licensed().number, SERIALS[rulebook]
    given = {"device": serial, "basis": basis, "place": "Ramstein", "now": world.now}
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        changing.permit_export(world.desk, number, letter="may", **given)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="PERMISSION_NOT_WRITTEN"):
        changing.permit_export(world.manager, number, letter=" ", **given)  # type: ignore[arg-type]
    until = world.now.date() + timedelta(days=30)
    granted = changing.permit_export(
        world.manager,
        number,
        letter="may be taken",
        until=until,
        **given,  # type: ignore[arg-type]
    )
    assert (granted.granted_by, granted.basis) == (RUTH.name, basis)
    with pytest.raises(Refused, match=f"permitted it to be in Ramstein .{basis}."):
        notice(world, number, Ground.ABROAD, device=serial)
    world.later(days=31)
    assert notice(world, number, Ground.ABROAD, device=serial).ground is Ground.ABROAD


@pytest.mark.duty("R95-P030.2.4e", "R97-P050.2.3e", "R95-P030.3.2-3")
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_mail_at_the_wrong_office_is_a_ground_and_a_branch_is_no_other_office(
    rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world("sqlite", tmp_path, rulebook)
    number = world.licensed().number
    changing.name_branch(world.desk, zip_code="01109", office_zip="01101", now=world.now)
    for same in ("01101", "01109"):
        with pytest.raises(Refused, match="is not at another office"):
            notice(world, number, Ground.WRONG_OFFICE, deposited_at=same)
    assert notice(world, number, Ground.WRONG_OFFICE, deposited_at="01040").ordinal == 1


@pytest.mark.duty("R97-P050.2.3a", "R97-P050.2.3f")
def test_the_grounds_are_those_of_the_rulebook(tmp_path: Path) -> None:
    old, new = (licensing_world("sqlite", tmp_path, book) for book in (METER, PSD))
    for ground, clause in (
        (Ground.PROBABLE_CAUSE, "DMM P050.2.3a (1997)"),
        (Ground.NO_QUALITY_PIECES, "DMM P050.2.3f (1997)"),
    ):
        with pytest.raises(Refused, match="GROUND_UNKNOWN"):
            notice(old, old.licensed().number, ground)
        number = new.licensed(zip_code=f"0{1000 + len(ground)}").number
        assert notice(new, number, ground).clause == clause
    with pytest.raises(Refused, match="GROUND_UNKNOWN"):
        notice(new, new.licensed().number, Ground.NOT_EXAMINED)


@pytest.mark.duty("R95-501.22(m)-1", "R97-502.21(i)")
@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_a_device_that_the_postal_service_names_is_removed_promptly(
    database: str, rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world(database, tmp_path, rulebook)
    licence, lease, serial = with_device(world)
    given = {
        "device": serial,
        "licence": licence.number,
        "clause": removing.removal_clause(rulebook),
        "because": "its seal is broken",
        "now": world.now,
    }
    postmaster = world.service.acting(POSTMASTER)
    with pytest.raises(Refused, match="NOT_A_PROVIDER"):
        revoking.order_removal(postmaster, world.signer, provider=SECOND, **given)  # type: ignore[arg-type]
    for _ in range(2):
        revoking.order_removal(postmaster, world.signer, provider=FIRST, **given)  # type: ignore[arg-type]
    world.carry()
    assert world.first.device(serial).state is DeviceState.RETRIEVING
    assert lease_of(world, lease).status == "in force"
    (owed,) = world.standing(f"device:{serial}")
    assert (owed.owed_by, (owed.due - world.now.date()).days) == (f"provider:{FIRST}", 5)
    moved(world.first, serial, DeviceState.CHECKED_OUT, world.now)
    removing.release_device(world.first.books, world.first.signer, serial, world.now)
    world.carry()
    assert world.standing(f"device:{serial}")[0].status is ObligationStatus.SATISFIED
    with world.service.reading() as reading:
        (order,) = rows.removal_orders(reading, serial)
    assert order.removed_on == world.now.date()


@pytest.mark.duty("R95-501.22(m)-2", "R97-502.21(i)")
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_cancelling_a_licence_takes_every_device_of_it_out_of_service(
    rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world("sqlite", tmp_path, rulebook)
    licence, lease, serial = with_device(world)
    other = f"{serial[:-1]}2"
    world.installed(lease, other)
    with pytest.raises(Refused, match="DEVICES_STILL_OUT"):
        applying.give_up_licence(
            world.first.books, world.first.signer, licence.number, "moved", world.now
        )
    revoking.cancel_licence(world.desk, world.signer, licence.number, "died", world.now)
    world.carry()
    states = {world.first.device(each).state for each in (serial, other)}
    assert states == {DeviceState.RETRIEVING}
    assert lease_of(world, lease).clause.endswith(
        "(m) (1995)" if rulebook == METER else "(i) (1997)"
    )
    record = revoking.removal_record(licence.number, FIRST)
    for each, left in ((serial, True), (other, False)):
        moved(world.first, each, DeviceState.CHECKED_OUT, world.now)
        removing.release_device(world.first.books, world.first.signer, each, world.now)
        world.carry()
        assert world.standing(record)[0].is_outstanding is left


def test_a_licence_without_devices_is_given_up_and_cancelled(world: LicensingWorld) -> None:
    number = world.licensed().number
    applying.give_up_licence(world.first.books, world.first.signer, number, "moved", world.now)
    assert world.carry() == []
    assert world.licence(number).status == "cancelled"
    (owed,) = world.standing(revoking.removal_record(number, FIRST))
    assert owed.status is ObligationStatus.SATISFIED
    assert world.licensed().number == "01101-000002"


def test_one_provider_does_not_speak_for_a_licence_of_another(world: LicensingWorld) -> None:
    number = world.licensed().number
    world.transmit(SECOND)
    applying.give_up_licence(world.first.books, world.first.signer, number, "moved", world.now)
    assert "LICENCE_OF_SEVERAL_PROVIDERS" in world.carry()[0]
    assert world.licence(number).status == "issued"


def test_revoking_twice_or_appealing_nothing_is_refused(world: LicensingWorld) -> None:
    number = world.licensed().number
    with pytest.raises(Refused, match="NOTHING_TO_APPEAL"):
        appeal(world, number)
    notice(world, number)
    with pytest.raises(Refused, match="LICENCE_NOT_LIVE"):
        notice(world, number, Ground.WRONG_OFFICE, deposited_at="01040")
    world.later(days=14)
    with pytest.raises(Refused, match="APPEAL_TOO_LATE"):
        appeal(world, number)
    world.sweep()
    with pytest.raises(Refused, match="LICENCE_NOT_LIVE"):
        revoking.cancel_licence(world.desk, world.signer, number, "x", world.now)
    with pytest.raises(Refused, match="LICENCE_NOT_LIVE"):
        revoking.prove_notice_received(world.desk, number, date(1997, 6, 3), world.now)


def test_a_kept_licence_may_be_noticed_and_appealed_again(world: LicensingWorld) -> None:
    number = world.licensed().number
    notice(world, number)
    decide(world, appeal(world, number), sustain=True)
    world.later(days=1)
    notice(world, number)
    second = appeal(world, number)
    assert second.endswith("/2")
    decide(world, second, sustain=False)
    assert world.licence(number).status == "revoked"
