"""Two people at once, on both databases: one decides, the other is refused or comes to the same."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.postal.licences import commands as desk
from franking.postal.licences.appealing import appeal_refusal, decide_appeal
from franking.postal.licences.records import RefusalGround
from franking.postal.licences.revoking import cancel_licence
from franking.provider.devices.records import DeviceState
from franking.provider.licensing.leasing import lease_device
from franking.provider.licensing.removing import release_device
from franking.rules.permissions import Role
from franking.storage import Actor
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import (
    FIRST,
    METER,
    SECOND,
    LicensingWorld,
    licensing_world,
    moved,
    stock,
)

TIMES = 6
BOB = Actor("Bob Roe", Role.LICENSING_OFFICER)
SAUL = Actor("Saul Kerr", Role.RSE_MANAGER)
GROUND = RefusalGround.FALSE_INFORMATION


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> LicensingWorld:
    return licensing_world(request.param, tmp_path, METER)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Carry the acts out in threads that start together; ``done``, or the code of the refusal."""
    outcomes: list[str] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
            outcomes.append("done")
        except Refused as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(acts), "an act ended in something that is no refusal"
    return sorted(outcomes)


def test_of_two_devices_that_leave_at_once_one_is_told_as_the_last(world: LicensingWorld) -> None:
    """Else the Postal Service waits for ever for the removal of all devices (501.22(m))."""
    for number in range(TIMES):
        licence = world.licensed(name=f"Firm {number}")
        lease, serials = world.leased(licence), (f"MA{number}", f"MB{number}")
        for serial in serials:
            world.installed(lease, serial)
        cancel_licence(world.desk, world.signer, licence.number, "given up", world.now)
        world.carry()
        for serial in serials:
            moved(world.first, serial, DeviceState.CHECKED_OUT, world.now)
        books, signer, now = world.first.books, world.first.signer, world.now
        one, other = serials
        outcomes = at_once(
            partial(release_device, books, signer, one, now),
            partial(release_device, books, signer, other, now),
        )
        assert outcomes == ["done", "done"]
        world.carry()
        (owed,) = world.standing(f"licence:{licence.number}/{FIRST}")
        assert str(owed.status) == "satisfied"


def test_a_device_is_leased_to_one_of_two_at_once(world: LicensingWorld) -> None:
    leases = [world.leased(world.licensed(name=name)).id for name in ("Acme", "Zenith")]
    books, now = world.first.books, world.now
    for number in range(TIMES):
        serial = f"M{number}"
        stock(world.first, serial, METER, now)
        one, other = leases
        outcomes = at_once(
            partial(lease_device, books, one, serial, now),
            partial(lease_device, books, other, serial, now),
        )
        assert outcomes == ["DEVICE_LEASED", "done"]


def test_an_application_is_granted_or_refused_and_never_both(world: LicensingWorld) -> None:
    now, signer = world.now, world.signer
    met: Counter[str] = Counter()
    for number in range(TIMES):
        name = f"Firm {number}"
        mine, theirs = world.transmit(name=name), world.transmit(SECOND, name=name)
        bob = world.service.acting(BOB)
        met.update(
            at_once(
                partial(desk.issue_application, world.desk, signer, mine, now),
                partial(desk.issue_application, bob, signer, theirs, now),
                partial(desk.refuse_application, bob, signer, mine, GROUND, "false", now),
            )
        )
        world.carry()
        with world.service.reading() as reading:
            application = desk.require_application(reading, mine)
        assert bool(application.licence) == (application.status == "issued")
    assert set(met) <= {"done", "APPLICATION_DECIDED"}
    assert met["APPLICATION_DECIDED"] == TIMES


def test_an_appeal_is_decided_by_one_of_two(world: LicensingWorld) -> None:
    for number in range(TIMES):
        application = world.transmit(name=f"Firm {number}")
        desk.refuse_application(world.desk, world.signer, application, GROUND, "false", world.now)
        appeal = appeal_refusal(
            world.desk, application, letter="it is true", filed_by="Joe", now=world.now
        ).id
        ruth, saul = world.manager, world.service.acting(SAUL)
        outcomes = at_once(
            partial(
                decide_appeal,
                ruth,
                world.signer,
                appeal,
                sustain=True,
                reason="it is true",
                now=world.now,
            ),
            partial(
                decide_appeal,
                saul,
                world.signer,
                appeal,
                sustain=False,
                reason="it is false",
                now=world.now,
            ),
        )
        assert outcomes == ["APPEAL_DECIDED", "done"]


def test_a_refused_application_is_not_granted_because_the_applicant_is_licensed_since(
    world: LicensingWorld,
) -> None:
    mine, theirs = world.transmit(), world.transmit(SECOND)
    desk.refuse_application(world.desk, world.signer, mine, GROUND, "false", world.now)
    desk.issue_application(world.desk, world.signer, theirs, world.now)
    with pytest.raises(Refused) as met:
        desk.issue_application(world.desk, world.signer, mine, world.now)
    assert met.value.code == "APPLICATION_DECIDED"
