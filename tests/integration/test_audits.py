"""Quarterly audits of a real PSD by its signed messages (39 CFR 502.24, DMM P050.3.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from franking.docket import ObligationStatus
from franking.errors import Refused
from franking.identifiers import record_id
from franking.postal import receiving as postal_side
from franking.postal.examinations import commands as postal
from franking.postal.examinations.records import ReferralGround, ReferralStatus
from franking.postal.schema import DISPATCHES as POSTAL_DISPATCHES
from franking.provider import receiving as provider_side
from franking.provider import sweeping
from franking.provider.devices import notes
from franking.provider.examinations import rows
from franking.provider.examinations.records import AUDIT, DENIED, CaseStatus, NoticeKind
from franking.provider.resetting.commands import receive_audit
from franking.provider.schema import DISPATCHES, DOCKET
from franking.rules.permissions import Role
from franking.storage import Actor
from tests.fixtures_postal import PROVIDER
from tests.fixtures_three_domains import DEVICE, START, ThreeDomains, three_domains


@pytest.fixture
def world(tmp_path: Path) -> ThreeDomains:
    made = three_domains(tmp_path)
    made.enrol()
    return made


def audit(world: ThreeDomains) -> None:
    report = world.device.audit(world.later())
    receipt = receive_audit(world.provider, world.provider_signer, report, world.later())
    world.device.apply_audit_receipt(receipt, world.later())


def owed(world: ThreeDomains) -> tuple[ObligationStatus, datetime]:
    with world.provider.reading() as reading:
        known = DOCKET.standing(reading, record=record_id("device", DEVICE))
    newest = max((one for one in known if one.duty == AUDIT), key=lambda one: one.ordinal)
    return newest.status, datetime.combine(newest.start, START.timetz())


def sweep(world: ThreeDomains) -> None:
    signer = world.provider_signer
    sweeping.sweep_docket(world.provider, signer, world.now, after_silence=True)


def carry(world: ThreeDomains) -> list[str]:
    """The refusals on the way, both ways."""
    outcomes = []
    with world.postal.reading() as reading:
        down = POSTAL_DISPATCHES.undelivered(reading)
    for each in down:
        hearing = provider_side.HEARING
        outcomes.append(
            hearing.receive(world.provider, world.provider_signer, each.text, world.now)
        )
    with world.provider.reading() as reading:
        up = DISPATCHES.undelivered(reading)
    for each in up:
        outcomes.append(
            postal_side.HEARING.receive(world.postal, world.postal_signer, each.text, world.now)
        )
    return [outcome for outcome in outcomes if outcome != "taken"]


def denied(world: ThreeDomains) -> set[str]:
    with world.provider.reading() as reading:
        return {denial.cause for denial in notes.denials(reading, DEVICE)}


@pytest.mark.duty("R97-502.24-1", "R97-P050.3.4-2", "R97-P050.2.5d", "R97-Pre-Audit")
@pytest.mark.parametrize("how", ["reset", "audited"])
def test_a_reset_or_an_audit_each_quarter_is_enough(world: ThreeDomains, how: str) -> None:
    world.later(days=80)
    if how == "reset":
        world.reset(10_000, "reset-1")
    else:
        audit(world)
    status, start = owed(world)
    assert (status, start.date()) == (ObligationStatus.OPEN, world.now.date())
    world.later(days=60)
    sweep(world)
    assert DENIED not in denied(world)


@pytest.mark.duty("R97-502.24-1", "R97-P050.3.4-2")
def test_an_unaudited_device_gets_no_reset_until_its_audit(world: ThreeDomains) -> None:
    world.later(days=95)
    sweep(world)
    assert denied(world) >= {DENIED}
    with pytest.raises(Refused, match="neither reset nor audited"):
        world.grant(10_000, "too-late")
    audit(world)
    assert DENIED not in denied(world)
    with world.provider.reading() as reading:
        (case,) = rows.cases_of(reading, DEVICE)
        told = [notice.kind for notice in rows.notices_of(reading, DEVICE)]
    assert (case.status, told) == (CaseStatus.EXAMINED, [NoticeKind.AUDIT_OVERDUE])
    assert owed(world)[0] is ObligationStatus.OPEN


def test_the_postal_service_hears_of_an_unaudited_device_and_of_its_audit(
    world: ThreeDomains,
) -> None:
    world.later(days=95)
    sweep(world)
    assert carry(world) == []
    first = next(
        each
        for each in postal.open_matters(world.postal)["referrals"]
        if each["ground"] == ReferralGround.NOT_AUDITED
    )
    audit(world)
    assert carry(world) == []
    assert isinstance(first["number"], int)
    after = postal.find_referral(world.postal, first["number"])
    assert (after.status, after.closed_how) == (ReferralStatus.CLOSED, "audited")


@pytest.mark.duty("R97-P050.3.4-3", "R97-Pre-Audit")
def test_the_postal_service_can_join_in_an_audit(world: ThreeDomains) -> None:
    inspector = world.postal.acting(Actor("I. Spector", Role.POSTAL_INSPECTOR))
    postal.want_remote_examination(
        inspector,
        world.postal_signer,
        provider=PROVIDER,
        serial=DEVICE,
        reason="spot check",
        now=world.now,
    )
    assert carry(world) == []
    world.reset(10_000, "reset-1")
    world.evidence(320)
    audit(world)
    assert carry(world) == []
    audit(world)
    assert carry(world) == []
    (report,) = postal.device_reports(world.postal, provider=PROVIDER, serial=DEVICE)
    assert report["kind"] == "remote examination"
    assert "ascending 320 mills, descending 9680 mills (signed)" in str(report["facts"])


def test_an_audit_the_day_after_the_quarter_is_late_and_nothing_worse(
    world: ThreeDomains,
) -> None:
    world.now = START + timedelta(days=93)
    audit(world)
    sweep(world)
    assert DENIED not in denied(world)
