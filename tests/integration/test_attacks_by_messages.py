"""Messages that are signed and wrong: nothing is taken from them, and they hold up nobody behind.

A provider may say nonsense, send one number twice, or speak of what is another's; whoever carries
messages may swap them, repeat them, or bring them to somebody else.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from franking.clock import instant_text
from franking.messages import approving, examining, hosting, licensing
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.receiving import Dispatched
from franking.messages.signing import Signer, sign
from franking.postal.licences.commands import issue_application
from franking.postal.licences.records import Facts, Ground
from franking.postal.licences.revoking import cancel_licence, notice_revocation
from franking.postal.receiving import HEARING as POSTAL_HEARING
from franking.postal.schema import DISPATCHES as POSTAL_DISPATCHES
from franking.provider.licensing import rows
from franking.provider.licensing.records import HeardLicence
from franking.provider.receiving import HEARING as PROVIDER_HEARING
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import (
    FIRST,
    METER,
    SECOND,
    LicensingWorld,
    heard,
    licensing_world,
)

LICENCE = "01101-000001"
Say = Callable[[LicensingWorld], list[Dispatched]]


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> LicensingWorld:
    """One licence of Acme Bolts, told to the first provider, with one device in service."""
    found = licensing_world(request.param, tmp_path, METER)
    licence = found.licensed()
    found.installed(found.leased(licence), "M1")
    return found


def head(world: LicensingWorld, device: str = "", sender: str = FIRST) -> dict[str, Any]:
    return {"device": device, "issued_at": instant_text(world.now), "sender": sender}


def tell_postal(world: LicensingWorld, message: Dispatched, signer: Signer | None = None) -> str:
    key = signer or world.providers[message.sender].signer
    text = sign(message, key, recipient=POSTAL_SERVICE)
    return POSTAL_HEARING.receive(world.service, world.signer, text, world.now)


def tell_provider(world: LicensingWorld, message: Dispatched, to: str = FIRST) -> str:
    text = sign(message, world.signer, recipient=FIRST)
    by = world.providers[to]
    return PROVIDER_HEARING.receive(by.service, by.signer, text, world.now)


def filed(world: LicensingWorld, zip_code: str) -> Dispatched:
    application = world.application(zip_code=zip_code, name="Bolt & Sons")
    return licensing.ApplicationFiled(
        **head(world), number="P-1", rulebook=METER, application=application
    )


def ignored(world: LicensingWorld, last_active_on: str) -> Dispatched:
    return examining.ExaminationIgnored(
        **head(world, "M1"),
        licence=LICENCE,
        zip_code="01101",
        rulebook=METER,
        ground="not reset in the quarter",
        noticed_on="1996-02-01",
        approached_on="",
        approached_how="",
        last_active_on=last_active_on,
    )


def heads(world: LicensingWorld, **changed: Any) -> Dispatched:
    known = {"device": "FK1A0000000001", "sequence": 1, "ascending_mills": 0, "entry_hash": "0"}
    return hosting.HostedHeads(**head(world), heads=[hosting.JournalHead(**{**known, **changed})])


def standing(world: LicensingWorld, status: str) -> Dispatched:
    return licensing.LicenceStanding(
        **head(world, sender=POSTAL_SERVICE),
        licence=LICENCE,
        status=status,
        clause="policy",
        reason="",
        effective_on="",
    )


def granted(world: LicensingWorld, version: int) -> Dispatched:
    return licensing.LicenceGranted(
        **head(world, sender=POSTAL_SERVICE),
        application="",
        licence="01101-000077",
        version=version,
        rulebook=METER,
        data=world.application(),
    )


def examined(world: LicensingWorld, ascending_mills: int) -> Dispatched:
    return examining.ExaminationReport(
        **head(world, "M1", POSTAL_SERVICE),
        examiner="Pat Moore",
        examined_on="1996-03-04",
        ascending_mills=ascending_mills,
        descending_mills=0,
        log_brought=True,
        findings=[],
    )


def demand(world: LicensingWorld, content: object) -> Dispatched:
    return approving.ModelFiled(
        **head(world),
        model="M9",
        version="1",
        item="demand answer",
        title="an answer",
        digest="",
        content={"demand": content},
    )


def submitted(world: LicensingWorld) -> Dispatched:
    described = approving.ModelDescription(
        title="a meter",
        electronic=True,
        remote=True,
        denominations="multi",
        cycles_per_minute=60,
    )
    return approving.ModelSubmitted(
        **head(world),
        model="M9",
        version="1",
        rulebook=METER,
        design="0" * 64,
        description=described,
    )


TO_POSTAL: dict[str, Say] = {
    "one number for two applications": lambda w: [filed(w, "01101"), filed(w, "01103")],
    "a day that is none": lambda w: [ignored(w, "never")],
    "a day before all days": lambda w: [ignored(w, "0000-00-00")],
    "a register below nothing": lambda w: [heads(w, ascending_mills=-5)],
    "a demand that is a list": lambda w: [submitted(w), demand(w, [1])],
}
TO_PROVIDER: dict[str, Say] = {
    "a standing that is none": lambda w: [standing(w, "splendid")],
    "a version below nothing": lambda w: [granted(w, -1)],
    "an examined register below nothing": lambda w: [examined(w, -1)],
}


@pytest.mark.parametrize("case", TO_POSTAL)
def test_a_provider_that_says_nonsense_is_refused_and_what_follows_is_heard(
    world: LicensingWorld, case: str
) -> None:
    *_, outcome = [tell_postal(world, message) for message in TO_POSTAL[case](world)]
    assert outcome.startswith("MESSAGE_UNFIT: ")
    assert tell_postal(world, heads(world)) == "taken"


@pytest.mark.parametrize("case", TO_PROVIDER)
def test_nonsense_from_the_postal_service_is_refused_and_noted_once(
    world: LicensingWorld, case: str
) -> None:
    (message,) = TO_PROVIDER[case](world)
    outcomes = {tell_provider(world, message), tell_provider(world, message)}
    assert {outcome.partition(":")[0] for outcome in outcomes} == {"MESSAGE_UNFIT"}
    assert heard(world.first, LICENCE) == "issued"


def test_a_message_nested_beyond_all_reason_is_unreadable(world: LicensingWorld) -> None:
    nested: object = []
    for _ in range(900):
        nested = [nested]
    assert tell_postal(world, demand(world, nested)).partition(":")[0] != "taken"
    deep = sign(demand(world, 0), world.first.signer, recipient=POSTAL_SERVICE)
    body = "W1td" * 20_000
    first, _, last = deep.split(".")
    assert POSTAL_HEARING.receive(
        world.service, world.signer, f"{first}.{body}.{last}", world.now
    ).startswith("MESSAGE_UNREADABLE")


def test_a_message_for_one_provider_is_nothing_to_another(world: LicensingWorld) -> None:
    """A licence told to one provider covers no device of another one (DMM P050.2.5e)."""
    message = granted(world, 1)
    assert tell_provider(world, message, to=SECOND).startswith("MESSAGE_FOR_ANOTHER: ")
    assert heard(world.second, "01101-000077") == "unheard"
    assert tell_provider(world, message) == "taken"


def test_a_message_for_nobody_is_not_heard(world: LicensingWorld) -> None:
    text = sign(granted(world, 1), world.signer)
    by = world.first
    outcome = PROVIDER_HEARING.receive(by.service, by.signer, text, world.now)
    assert outcome.startswith("MESSAGE_FOR_ANOTHER: ")


def test_a_provider_signs_for_no_other_one(world: LicensingWorld) -> None:
    message = licensing.LicenceGivenUp(
        **head(world, sender=FIRST), licence=LICENCE, because="they said so"
    )
    outcome = tell_postal(world, message, signer=world.second.signer)
    assert outcome.startswith("MESSAGE_SIGNATURE_FALSE")
    assert world.licence(LICENCE).status == "issued"


def test_a_provider_gives_up_no_licence_of_another_one(world: LicensingWorld) -> None:
    message = licensing.LicenceGivenUp(
        **head(world, sender=SECOND), licence=LICENCE, because="they said so"
    )
    assert tell_postal(world, message).startswith("LICENCE_OF_ANOTHER_PROVIDER")
    assert world.licence(LICENCE).status == "issued"


def waiting(world: LicensingWorld) -> list[str]:
    """What the Postal Service has told the first provider and nobody carried."""
    with world.service.reading() as reading:
        found = POSTAL_DISPATCHES.undelivered(reading)
    return [each.text for each in found if each.recipient == FIRST]


def hear(world: LicensingWorld, text: str) -> str:
    by = world.first
    return PROVIDER_HEARING.receive(by.service, by.signer, text, world.now)


def known(world: LicensingWorld, number: str) -> HeardLicence | None:
    with world.first.service.reading() as reading:
        return rows.find_licence(reading, number)


def test_a_notice_that_is_overtaken_by_the_end_does_not_bring_a_licence_back(
    world: LicensingWorld,
) -> None:
    facts = Facts(told="mailed false statements")
    notice_revocation(
        world.desk, world.signer, LICENCE, Ground.UNLAWFUL_USE, facts, world.later(hours=1)
    )
    cancel_licence(world.desk, world.signer, LICENCE, "given up", world.later(hours=1))
    notice, end = waiting(world)
    assert (hear(world, end), hear(world, notice)) == ("taken", "taken")
    assert heard(world.first, LICENCE) == "cancelled"


def test_a_licence_told_after_its_end_is_not_valid(world: LicensingWorld) -> None:
    application = world.transmit(name="Bolt & Sons")
    number = world_issues(world, application)
    cancel_licence(world.desk, world.signer, number, "given up", world.later(hours=1))
    told, end = waiting(world)
    assert (hear(world, end), hear(world, told)) == ("taken", "taken")
    found = known(world, number)
    assert found is not None
    assert (found.status, found.licensee, found.is_live) == ("cancelled", "Bolt & Sons", False)


def world_issues(world: LicensingWorld, application: str) -> str:
    return issue_application(
        world.desk, world.signer, application, world.later(hours=1), despite=""
    ).number


def test_older_data_do_not_replace_newer(world: LicensingWorld) -> None:
    newer, older = granted(world, 2), granted(world, 1)
    assert (tell_provider(world, newer), tell_provider(world, older)) == ("taken", "taken")
    found = known(world, "01101-000077")
    assert found is not None
    assert found.version == 2
