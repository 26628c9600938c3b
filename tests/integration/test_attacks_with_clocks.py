"""Attacks and accidents with clocks: far ahead, at the end of the calendar, in another zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.postal.certificates.commands import publish_trust_list
from franking.provider.resetting.commands import receive_audit
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import EvidenceRequest
from franking.psd.vault.ecdsa import public_key_object
from franking.verification.payload import verify_payload
from franking.verification.trust_list import TrustList
from franking.verification.verdict import Verdict
from tests.fixtures_postal import EASTERN
from tests.fixtures_three_domains import ThreeDomains, three_domains

HONOLULU = timezone(timedelta(hours=-10))
YEARS_AHEAD = timedelta(days=365 * 80)


@pytest.fixture
def world(tmp_path: Path) -> ThreeDomains:
    """A device in service with $50.00."""
    made = three_domains(tmp_path)
    made.enrol()
    made.reset(50_000, "first")
    return made


def test_a_device_in_an_earlier_time_zone_makes_no_piece_before_its_certificate_begins(
    tmp_path: Path,
) -> None:
    """It is June 3 where the certificate is issued, and still June 2 where the device stands.

    A piece of June 2 would be paid for, and called not authentic.
    """
    world = three_domains(tmp_path)
    world.now = datetime(1997, 6, 3, 2, 0, tzinfo=EASTERN)
    world.enrol()
    world.now = world.now.astimezone(HONOLULU)
    world.reset(50_000, "first")
    piece = EvidenceRequest("piece", 320)
    with pytest.raises(Refused, match="CERTIFICATE_NOT_BEGUN"):
        world.device.evidence(piece, world.later())
    assert world.device.registers.descending_mills == 50_000
    dated = EvidenceRequest("dated", 320, date(1997, 6, 3))
    first = world.device.evidence(dated, world.later())
    second = world.device.evidence(piece, world.later(hours=24))
    listed = tmp_path / "trust.list"
    publish_trust_list(world.postal, world.postal_signer, listed, world.now)
    trust = TrustList.open(listed, public_key_object(world.postal_signer.public_key))
    for one in (first, second):
        assert verify_payload(one.indicium, trust, world.now).verdict is Verdict.AUTHENTIC


def test_an_offset_from_utc_opens_no_day_that_is_past(world: ThreeDomains) -> None:
    """The instant is what the device remembers, the offset gives only the day of the place."""
    noon = datetime(1997, 6, 10, 12, 0, tzinfo=UTC)
    world.device.evidence(EvidenceRequest("here", 320), noon)
    with pytest.raises(Refused, match="CLOCK_BEHIND"):
        world.device.evidence(
            EvidenceRequest("there", 320),
            (noon - timedelta(microseconds=1)).astimezone(timezone(timedelta(hours=14))),
        )


@pytest.mark.law("PSD-6")
@pytest.mark.parametrize(
    "meant_well",
    [
        lambda device, now: device.audit(now),
        lambda device, now: device.inspection_imprint("inspection", now),
        lambda device, now: device.request_reset(1_000, "reset", now),
        lambda device, now: device.request_rollover(now),
    ],
    ids=["audit", "inspection", "reset", "rollover"],
)
def test_a_clock_that_is_years_ahead_does_not_lock_the_device_for_years(
    world: ThreeDomains, meant_well: Callable[[PostalSecurityDevice, datetime], object]
) -> None:
    meant_well(world.device, world.now + YEARS_AHEAD)
    world.evidence()
    assert world.device.registers.piece_count == 1


@pytest.mark.law("PSD-6")
def test_an_audit_under_a_clock_years_ahead_ends_at_the_time_of_the_provider(
    world: ThreeDomains,
) -> None:
    report = world.device.audit(world.now + YEARS_AHEAD)
    receipt = receive_audit(world.provider, world.provider_signer, report, world.later())
    world.device.apply_audit_receipt(receipt, world.now + YEARS_AHEAD)
    with pytest.raises(Refused, match="WATCHDOG_EXPIRED"):
        world.device.evidence(EvidenceRequest("ahead", 320), world.now + YEARS_AHEAD)
    with pytest.raises(Refused, match="CLOCK_BEHIND"):
        world.device.evidence(EvidenceRequest("behind", 320), world.now - timedelta(minutes=5))
    world.evidence()


def test_a_device_that_was_long_away_is_audited_back_to_the_present(world: ThreeDomains) -> None:
    world.later(days=400)
    report = world.device.audit(world.now)
    receipt = receive_audit(world.provider, world.provider_signer, report, world.later())
    world.device.apply_audit_receipt(receipt, world.later())
    with pytest.raises(Refused, match="CLOCK_BEHIND"):
        world.device.evidence(EvidenceRequest("past", 320), world.now - timedelta(days=1))
    world.evidence()


@pytest.mark.parametrize(
    "moment",
    [
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=5))),
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
    ],
    ids=str,
)
def test_the_ends_of_the_calendar_are_refused(world: ThreeDomains, moment: datetime) -> None:
    piece = EvidenceRequest("piece", 320)
    for ask in (world.device.evidence, world.device.preview):
        with pytest.raises(Refused, match=r"TIME_UNREADABLE|CLOCK_BEHIND|WATCHDOG_EXPIRED"):
            ask(piece, moment)
    world.evidence()
