"""People who sign as two, put days where they suit them, or say more than a message holds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from franking.cli.command import read_actor
from franking.errors import Refused
from franking.postal.licences import commands as desk
from franking.postal.licences.appealing import appeal_refusal, decide_appeal
from franking.postal.licences.changing import change_licence
from franking.postal.licences.records import Facts, Ground, RefusalGround
from franking.postal.licences.revoking import notice_revocation, prove_notice_received
from franking.postal.receiving import HEARING
from franking.provider.devices.articles import require_two
from franking.rules.permissions import Role
from franking.storage import Actor
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import METER, LicensingWorld, licensing_world

GROUND = RefusalGround.FALSE_INFORMATION
ANN_AGAIN = ["ann lee", "Ann  Lee", "Ann\u00a0Lee", "Ann Lee\u200b", "Ann. Lee", "Ánn Lee"]


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> LicensingWorld:
    return licensing_world(request.param, tmp_path, METER)


def refused_application(world: LicensingWorld) -> str:
    application = world.transmit()
    desk.refuse_application(world.desk, world.signer, application, GROUND, "false", world.now)
    return application


@pytest.mark.parametrize("name", ANN_AGAIN)
def test_nobody_hears_the_appeal_against_herself_under_another_spelling(
    tmp_path: Path, name: str
) -> None:
    world = licensing_world("sqlite", tmp_path, METER)
    appeal = appeal_refusal(
        world.desk, refused_application(world), letter="true", filed_by="Joe", now=world.now
    )
    herself = world.service.acting(Actor(name, Role.RSE_MANAGER))
    with pytest.raises(Refused) as met:
        decide_appeal(
            herself, world.signer, appeal.id, sustain=False, reason="false", now=world.now
        )
    assert met.value.code == "APPEAL_HEARD_BY_DECIDER"


@pytest.mark.parametrize("name", ANN_AGAIN)
def test_one_person_is_no_two_under_another_spelling(name: str) -> None:
    with pytest.raises(Refused) as met:
        require_two("Ann Lee", name)
    assert met.value.code == "TWO_PEOPLE_WANTED"


@pytest.mark.parametrize(
    "text", ["mailer:", ":Ann", "mailer:\u200b", "mailer:An\x1bn", "mailer:A\u202eB", "king:Ann"]
)
def test_who_acts_has_a_name_that_can_be_read(text: str) -> None:
    with pytest.raises(Refused) as met:
        read_actor(text)
    assert met.value.code == "ROLE_UNKNOWN"


def test_a_name_is_kept_in_one_spacing() -> None:
    assert read_actor(" licensing officer :  Ann   Lee ").name == "Ann Lee"


@pytest.mark.parametrize("days", [-1, 1, 700])
def test_no_letter_is_received_before_it_was_sent_or_after_today(
    world: LicensingWorld, days: int
) -> None:
    day = world.now.date() + timedelta(days=days)
    application, licence = refused_application(world), world.licensed(name="Bolt & Sons")
    facts = Facts(told="misused")
    notice_revocation(
        world.desk, world.signer, licence.number, Ground.UNLAWFUL_USE, facts, world.now
    )
    for prove in (
        lambda: desk.prove_refusal_received(world.desk, application, day, world.now),
        lambda: prove_notice_received(world.desk, licence.number, day, world.now),
    ):
        with pytest.raises(Refused) as met:
            prove()
        assert met.value.code == "RECEIPT_NOT_POSSIBLE"


def test_a_licence_does_not_change_into_that_of_its_neighbour(world: LicensingWorld) -> None:
    world.licensed(name="A Firm")
    other = world.licensed(name="B Firm")
    data = msgspec.structs.replace(other.data, name="A. Firm")
    with pytest.raises(Refused) as met:
        change_licence(world.desk, world.signer, other.number, data, "renamed", world.now)
    assert met.value.code == "LICENSED_THERE_ALREADY"


def test_what_is_too_long_to_be_heard_is_not_sent_and_holds_nothing_up(
    world: LicensingWorld,
) -> None:
    with pytest.raises(Refused) as met:
        world.transmit(name="A" * 100_000)
    assert met.value.code == "MESSAGE_TOO_LONG"
    assert world.carry() == []
    assert world.transmit()


@pytest.mark.parametrize("text", ["", "x.y.z", "A" * 200_000, "\ud800", "\0"])
def test_what_nobody_can_read_is_noted_and_what_follows_is_heard(
    world: LicensingWorld, text: str
) -> None:
    heard = HEARING.receive(world.service, world.signer, text, world.now)
    assert heard.startswith("MESSAGE_UNREADABLE: ")
    assert HEARING.receive(world.service, world.signer, text, world.now) == heard
    assert world.licensed().status == "issued"
