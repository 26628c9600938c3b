"""Applications for licences: transmitted, decided within three grounds, appealed; two providers."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest

from franking.errors import Refused
from franking.messages.applications import PERSONAL_FIELDS, ApplicationData, publicly
from franking.postal.licences import appealing, changing, commands, revoking, views
from franking.postal.licences.records import (
    Application,
    ApplicationStatus,
    Facts,
    Ground,
    RefusalGround,
)
from franking.provider.licensing import applying, rows
from franking.provider.licensing.records import ApplicationStatus as Transmitted
from franking.rules import at
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import (
    FIRST,
    MAILER,
    METER,
    PSD,
    RUTH,
    SECOND,
    LicensingWorld,
    heard,
    licensing_world,
)
from tests.fixtures_postal import EASTERN


@pytest.fixture
def meters(tmp_path: Path) -> LicensingWorld:
    return licensing_world("sqlite", tmp_path, METER)


@pytest.fixture
def psds(tmp_path: Path) -> LicensingWorld:
    return licensing_world("sqlite", tmp_path, PSD)


@pytest.fixture(params=[METER, PSD])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> LicensingWorld:
    return licensing_world("sqlite", tmp_path, request.param)


def application_of(world: LicensingWorld, number: str) -> Application:
    with world.service.reading() as reading:
        return commands.require_application(reading, number)


def provider_application(world: LicensingWorld, number: str, provider: str = FIRST) -> str:
    with world.providers[provider].service.reading() as reading:
        found = rows.find_application(reading, number)
    assert found is not None
    return f"{found.status} {found.licence}".strip()


@pytest.mark.duty(
    "R95-P030.2.1-2",
    "R95-P030.2.1-7",
    "R95-501.22(b)",
    "R97-P050.2.1-1",
    "R97-P050.2.1-2",
    "R97-502.21(b)",
)
@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_an_application_is_transmitted_decided_and_the_provider_told(
    database: str, rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world(database, tmp_path, rulebook)
    filed = world.transmit()
    assert filed == "Alpha Meters/A-000001"
    taken = application_of(world, filed)
    assert (taken.provider, taken.data.zip_code) == (FIRST, "01101")
    assert provider_application(world, "A-000001") == "transmitted"
    licence = commands.issue_application(world.desk, world.signer, filed, world.now)
    assert licence.number == "01101-000001"
    world.carry()
    assert provider_application(world, "A-000001") == "licensed 01101-000001"
    assert heard(world.first, licence.number) == "issued"
    assert heard(world.second, licence.number) == "unheard"
    again = commands.issue_application(world.desk, world.signer, filed, world.now)
    assert again.number == licence.number


def test_transmitting_again_while_it_waits_is_the_same_application(world: LicensingWorld) -> None:
    assert world.transmit() == world.transmit(name="ACME  bolts")
    assert world.transmit(zip_code="01040", city="Holyoke").endswith("A-000002")


@pytest.mark.duty("R95-P030.2.1-3")
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_each_post_office_needs_its_own_application_and_gives_its_own_licence(
    rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world("sqlite", tmp_path, rulebook)
    here, there = world.licensed(), world.licensed(zip_code="01040", city="Holyoke")
    assert (here.number, there.number) == ("01101-000001", "01040-000001")


@pytest.mark.duty("R97-P050.2.1-4", "R95-P030.2.1-3")
def test_who_is_licensed_at_the_post_office_needs_no_second_licence(psds: LicensingWorld) -> None:
    licence = psds.licensed()
    filed = psds.transmit(SECOND)
    found = application_of(psds, filed)
    assert (found.status, found.licence) == (ApplicationStatus.ISSUED, licence.number)
    assert psds.licence(licence.number).providers == (FIRST, SECOND)
    assert heard(psds.second, licence.number) == "issued"
    assert [one.number for one in commands.licences(psds.desk)] == [licence.number]
    assert "extended" in psds.history(f"licence:{licence.number}")


@pytest.mark.duty("R95-P030.2.1-1")
def test_a_meter_applicant_may_file_at_the_post_office_with_a_signature(
    meters: LicensingWorld,
) -> None:
    counter = meters.service.acting(MAILER)
    unsigned = meters.application(signed_by=" ")
    with pytest.raises(Refused, match="APPLICATION_UNSIGNED"):
        commands.file_application(counter, unsigned, meters.now)
    filed = commands.file_application(counter, meters.application(), meters.now)
    assert (filed.id, filed.provider) == ("01101/A-000001", "")
    assert commands.file_application(counter, meters.application(), meters.now) == filed
    licence = commands.issue_application(meters.desk, meters.signer, filed.id, meters.now)
    assert meters.carry() == []
    assert licence.providers == ()


def test_electronic_filing_of_meter_applications_began_in_1996(meters: LicensingWorld) -> None:
    meters.now = datetime(1995, 12, 29, 9, 0, tzinfo=EASTERN)
    with pytest.raises(Refused, match="FORM_EDITION_NOT_VALID"):
        meters.transmit()
    early = commands.file_application(
        meters.service.acting(MAILER), meters.application(), meters.now
    )
    assert early.filed_on == date(1995, 12, 29)


@pytest.mark.duty("R95-P030.2.1-4", "R97-P050.2.1-6")
def test_applying_and_licensing_are_free(world: LicensingWorld) -> None:
    assert at("provider", world.rulebook, world.now.date()).whole("licence_fee_mills") == 0
    world.transmit()
    with world.first.service.reading() as reading:
        (event,) = rows.events_of(reading, "application:A-000001")
    assert event["because"].endswith("fee 0 mills")


@pytest.mark.duty("R95-Pre-I.B-1")
def test_part_b_asks_for_yearly_postage_in_steps_that_show_high_volume(
    meters: LicensingWorld,
) -> None:
    rules = at("provider", METER, meters.now.date())
    line = rules.whole("high_volume_yearly_mills")
    floors = views.steps(METER, meters.now)
    assert line in floors
    with pytest.raises(Refused, match="POSTAGE_STEP_UNKNOWN"):
        meters.transmit(yearly_postage_above_mills=line + 1)
    filed = meters.transmit(yearly_postage_above_mills=line)
    assert views.application_view(meters.desk, filed, meters.now)["high_volume"] is True
    below = max(floor for floor in floors if floor < line)
    small = meters.transmit(zip_code="01040", yearly_postage_above_mills=below)
    assert views.application_view(meters.desk, small, meters.now)["high_volume"] is False


@pytest.mark.duty("R95-Pre-II.C-2")
def test_a_list_of_applications_shows_no_personal_field(meters: LicensingWorld) -> None:
    meters.transmit()
    (shown,) = views.application_list(meters.desk)
    assert "Main St" not in str(shown)
    assert "413 555" not in str(shown)
    assert set(publicly(meters.application())).isdisjoint(PERSONAL_FIELDS)
    one = views.application_view(meters.desk, "Alpha Meters/A-000001", meters.now)
    assert "12 Main St" in str(one)


@pytest.mark.duty("R95-Pre-II.C-4", "R95-P030.2.1-2")
def test_the_format_of_electronic_filing_can_be_read_before_anything_is_filed(
    meters: LicensingWorld,
) -> None:
    told = views.filing_format()
    fields = told["schema"]["$defs"]["ApplicationData"]["properties"]
    assert set(fields) == set(ApplicationData.__struct_fields__)
    assert told["version"]
    assert told["valid_from"] == "1996-01-02"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"name": "x"}, ApplicationData)


@pytest.mark.duty(
    "R95-P030.2.3-1", "R95-P030.2.3-4", "R95-P030.2.3-5", "R97-P050.2.2-1", "R97-P050.2.2-2"
)
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_a_refusal_gives_its_reason_to_applicant_and_provider(
    rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world("sqlite", tmp_path, rulebook)
    filed, ground = world.transmit(), RefusalGround.FALSE_INFORMATION
    with pytest.raises(Refused, match=r"GROUND_NOT_MADE_OUT.*reason in words"):
        commands.refuse_application(world.desk, world.signer, filed, ground, " ", world.now)
    reason = "there is no 12 Main St"
    refused = commands.refuse_application(
        world.desk, world.signer, filed, ground, reason, world.now
    )
    again = commands.refuse_application(world.desk, world.signer, filed, ground, reason, world.now)
    assert again == refused
    world.carry()
    with world.first.service.reading() as reading:
        told = rows.find_application(reading, "A-000001")
    assert told is not None
    assert told.status is Transmitted.REFUSED
    assert told.reason == f"false information: {reason}"
    assert told.clause == ("DMM P030.2.3 (1995)" if rulebook == METER else "DMM P050.2.2 (1997)")
    notice = views.application_view(world.desk, filed, world.now)
    assert (notice["reason"], notice["appeal_by"]) == (reason, _days_after(world, 3 + 10))
    with pytest.raises(Refused, match="APPLICATION_DECIDED"):
        commands.issue_application(world.desk, world.signer, filed, world.now)


@pytest.mark.duty("R95-P030.2.3-3")
def test_expected_misuse_is_a_ground_and_needs_the_reason_to_expect_it(
    world: LicensingWorld,
) -> None:
    filed = world.transmit()
    reason = "the applicant asked how to print without postage"
    refused = commands.refuse_application(
        world.desk, world.signer, filed, RefusalGround.EXPECTED_MISUSE, reason, world.now
    )
    assert (refused.ground, refused.reason) == ("expected misuse", reason)


def _revoked(world: LicensingWorld, ground: Ground, facts: Facts) -> str:
    number = world.licensed().number
    revoking.notice_revocation(world.desk, world.signer, number, ground, facts, world.now)
    world.later(days=14)
    world.sweep()
    assert world.licence(number).status == "revoked"
    return number


@pytest.mark.duty("R95-P030.2.3-2", "R97-P050.2.2-1")
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_a_violation_that_led_to_revocation_stands_against_an_application_for_five_years(
    rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world("sqlite", tmp_path, rulebook)
    number = _revoked(world, Ground.POOR_CONTROL, Facts(told="the seal was broken twice"))
    world.later(days=365 * 4)
    filed = world.transmit()
    with pytest.raises(Refused, match=f"EARLIER_REVOCATION: licence {number}"):
        commands.issue_application(world.desk, world.signer, filed, world.now)
    ground = RefusalGround.EARLIER_REVOCATION
    refused = commands.refuse_application(
        world.desk, world.signer, filed, ground, "seal broken in 1996", world.now
    )
    assert refused.status is ApplicationStatus.REFUSED
    world.later(days=370)
    late = world.transmit()
    with pytest.raises(Refused, match="GROUND_NOT_MADE_OUT"):
        commands.refuse_application(world.desk, world.signer, late, ground, "long ago", world.now)
    assert commands.issue_application(world.desk, world.signer, late, world.now)


def test_an_earlier_revocation_may_be_passed_over_with_a_reason(world: LicensingWorld) -> None:
    _revoked(world, Ground.POOR_CONTROL, Facts(told="left unattended"))
    filed = world.transmit()
    licence = commands.issue_application(
        world.desk, world.signer, filed, world.now, despite="new management"
    )
    assert licence.number == "01101-000002"


def test_a_meter_lost_for_not_being_used_is_no_violation(meters: LicensingWorld) -> None:
    unused = Facts(told="no use since 1995", last_active_on=date(1995, 1, 2))
    _revoked(meters, Ground.INACTIVITY, unused)
    filed = meters.transmit()
    assert commands.issue_application(meters.desk, meters.signer, filed, meters.now)


@pytest.mark.duty("R95-P030.2.5-1", "R97-P050.2.4-1", "R95-P030.2.3-5", "R95-Pre-II.C-1")
@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_a_refusal_is_appealed_in_ten_days_of_receipt_and_heard_by_somebody_else(
    database: str, rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world(database, tmp_path, rulebook)
    filed = world.transmit()
    commands.refuse_application(
        world.desk, world.signer, filed, RefusalGround.EXPECTED_MISUSE, "a hunch", world.now
    )
    commands.prove_refusal_received(world.desk, filed, world.now.date(), world.now)
    world.later(days=10)
    given = {"letter": "We only mail bolts.", "filed_by": "Joe Acme"}
    mailer = world.service.acting(MAILER)
    appeal = appealing.appeal_refusal(mailer, filed, **given, now=world.now)
    assert appealing.appeal_refusal(mailer, filed, **given, now=world.now) == appeal
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        appealing.decide_appeal(
            world.desk, world.signer, appeal.id, sustain=True, reason="sound", now=world.now
        )
    world.later(days=200)
    assert appealing.days_open(appeal, world.now.date()) == 200
    decided = appealing.decide_appeal(
        world.manager, world.signer, appeal.id, sustain=True, reason="sound", now=world.now
    )
    assert decided.heard_by == RUTH.name
    world.carry()
    assert provider_application(world, "A-000001") == "licensed 01101-000001"


def test_an_appeal_that_comes_too_late_or_was_decided_is_refused(world: LicensingWorld) -> None:
    filed = world.transmit()
    commands.refuse_application(
        world.desk, world.signer, filed, RefusalGround.EXPECTED_MISUSE, "a hunch", world.now
    )
    given = {"letter": "No.", "filed_by": "Joe Acme"}
    world.later(days=13)
    appeal = appealing.appeal_refusal(world.desk, filed, **given, now=world.now)
    denied = appealing.decide_appeal(
        world.manager, world.signer, appeal.id, sustain=False, reason="no facts", now=world.now
    )
    assert denied.status == "denied"
    world.carry()
    assert provider_application(world, "A-000001") == "refused"
    with pytest.raises(Refused, match="APPEAL_DECIDED"):
        appealing.decide_appeal(
            world.manager, world.signer, appeal.id, sustain=True, reason="x", now=world.now
        )
    with pytest.raises(Refused, match="NOTHING_TO_APPEAL"):
        appealing.appeal_refusal(world.desk, filed, **given, now=world.now)
    other = world.transmit(zip_code="01040")
    commands.refuse_application(
        world.desk, world.signer, other, RefusalGround.EXPECTED_MISUSE, "a hunch", world.now
    )
    world.later(days=14)
    with pytest.raises(Refused, match="APPEAL_TOO_LATE"):
        appealing.appeal_refusal(world.desk, other, **given, now=world.now)


def test_who_refused_does_not_hear_the_appeal(world: LicensingWorld) -> None:
    filed = world.transmit()
    same = world.service.acting(type(RUTH)(RUTH.name, "licensing officer"))
    commands.refuse_application(
        same, world.signer, filed, RefusalGround.EXPECTED_MISUSE, "a hunch", world.now
    )
    appeal = appealing.appeal_refusal(
        world.desk, filed, letter="No.", filed_by="Joe", now=world.now
    )
    with pytest.raises(Refused, match="APPEAL_HEARD_BY_DECIDER"):
        appealing.decide_appeal(
            world.manager, world.signer, appeal.id, sustain=True, reason="x", now=world.now
        )


@pytest.mark.duty("R95-P030.2.5-2", "R97-P050.2.4-2")
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_a_postage_adjustment_is_appealed_in_sixty_days_to_the_same_official(
    rulebook: str, tmp_path: Path
) -> None:
    world = licensing_world("sqlite", tmp_path, rulebook)
    given = {
        "device": "0200000001",
        "rulebook": rulebook,
        "submitted_on": world.now.date(),
        "decided_by": "Pat Moore",
        "letter": "The meter took more.",
        "filed_by": "Joe Acme",
    }
    world.later(days=61)
    with pytest.raises(Refused, match="APPEAL_TOO_LATE"):
        appealing.appeal_adjustment(world.desk, **given, now=world.now)  # type: ignore[arg-type]
    world.later(days=-1)
    appeal = appealing.appeal_adjustment(world.desk, **given, now=world.now)  # type: ignore[arg-type]
    decided = appealing.decide_appeal(
        world.manager, world.signer, appeal.id, sustain=True, reason="agreed", now=world.now
    )
    assert (decided.status, decided.heard_by) == ("sustained", RUTH.name)


def test_two_officers_deciding_at_once_decide_once(world: LicensingWorld) -> None:
    filed = world.transmit()
    commands.issue_application(world.desk, world.signer, filed, world.now)
    with pytest.raises(Refused, match="APPLICATION_DECIDED"):
        commands.refuse_application(
            world.desk, world.signer, filed, RefusalGround.EXPECTED_MISUSE, "x", world.now
        )


def test_only_the_desk_decides(world: LicensingWorld) -> None:
    filed = world.transmit()
    for who in (MAILER, RUTH):
        with pytest.raises(Refused, match="NOT_PERMITTED"):
            commands.issue_application(world.service.acting(who), world.signer, filed, world.now)
    assert application_of(world, filed).status is ApplicationStatus.APPLIED


def test_a_branch_and_its_post_office_are_one_place(meters: LicensingWorld) -> None:
    changing.name_branch(meters.desk, zip_code="01109", office_zip="01101", now=meters.now)
    licence = meters.licensed()
    filed = meters.transmit(SECOND, zip_code="01109")
    assert application_of(meters, filed).licence == licence.number
    with pytest.raises(Refused, match="BRANCH_OF_ANOTHER_OFFICE"):
        changing.name_branch(meters.desk, zip_code="01109", office_zip="01040", now=meters.now)


def test_an_unknown_application_is_refused_and_named(world: LicensingWorld) -> None:
    with pytest.raises(Refused, match="APPLICATION_UNKNOWN: there is no application 'x'"):
        commands.issue_application(world.desk, world.signer, "x", world.now)
    with pytest.raises(Refused, match="APPEAL_UNKNOWN"):
        appealing.decide_appeal(
            world.manager, world.signer, "x", sustain=True, reason="x", now=world.now
        )
    with pytest.raises(Refused, match="LICENCE_NOT_VALID"):
        applying.give_up_licence(world.first.books, world.first.signer, "x", "moved", world.now)


def _days_after(world: LicensingWorld, days: int) -> str:
    return date.fromordinal(world.now.date().toordinal() + days).isoformat()
