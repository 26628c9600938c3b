"""Resets, audits and orders between a real device and its provider."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from franking.errors import Refused
from franking.messages.kinds import (
    Authorization,
    Examination,
    LicenceIssued,
    OrderReceipt,
    RegisterReading,
    ResetGrant,
    ResetRequest,
    RevocationRequest,
)
from franking.messages.signing import digest, sign, unverified, verify
from franking.postal.certificates.commands import certificate, take_revocation
from franking.postal.certificates.records import CertificateStatus
from franking.provider.resetting.answering import (
    accept_clearing,
    accept_order_receipt,
    accept_withdrawal,
    examine_device,
    is_examined,
    scrap_examined,
)
from franking.provider.resetting.commands import (
    accept_closed,
    accept_receipt,
    grant_reset,
    receive_audit,
)
from franking.provider.resetting.enrolment import (
    enrol_device,
    report_key_end,
    request_rollover_certificate,
    take_licence,
)
from franking.provider.resetting.ordering import (
    authorize,
    authorize_rollover,
    order_clearing,
    order_lock,
    order_scrapping,
    order_unlock,
    order_withdrawal,
    outstanding_order,
)
from franking.provider.resetting.records import NOTHING_READ
from franking.provider.resetting.view import device_view, device_views
from franking.psd.records import EvidenceRequest
from franking.psd.vault.certification import signing_request
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.software import SoftwareVault
from tests.fixtures_three_domains import DEVICE, ThreeDomains, three_domains


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ThreeDomains]:
    made = three_domains(tmp_path)
    yield made
    made.device.close()


@pytest.fixture
def in_service(world: ThreeDomains) -> ThreeDomains:
    world.enrol()
    return world


def view(world: ThreeDomains) -> dict[str, object]:
    return device_view(world.provider, DEVICE)


def shown(world: ThreeDomains, *names: str) -> tuple[object, ...]:
    """What the provider and the device say of the same things; they must agree."""
    mine, its = view(world), world.device.show()
    assert [mine[name] for name in names] == [its[name] for name in names]
    return tuple(mine[name] for name in names)


# Coming into service -----------------------------------------------------------------------------


@pytest.mark.duty("R97-P050.3.1-1", "R97-Pre-Key")
def test_a_device_is_initialized_and_authorized_before_it_serves(world: ThreeDomains) -> None:
    with pytest.raises(Refused, match="DEVICE_UNKNOWN"):
        view(world)
    world.enrol()
    assert view(world)["status"] == "in service"
    assert shown(world, "certificate_serial", "limit_mills", "watchdog_date") == (
        3,
        500_000,
        "1997-09-02",
    )


@pytest.mark.duty("R97-Pre-Track")
def test_tracking_begins_when_the_key_is_loaded(world: ThreeDomains) -> None:
    der = world.device.certificate_signing_request(world.later())
    first = enrol(world, der)
    assert enrol(world, der) == first
    assert [one["status"] for one in device_views(world.provider)] == ["enrolled"]
    rows = world.provider.journal_rows()
    assert [row.command for row in rows].count("enrol_device") == 1


def enrol(world: ThreeDomains, der: bytes) -> str:
    return enrol_device(
        world.provider,
        world.provider_signer,
        signing_request=der,
        rulebook="ibip-1997",
        system="open",
        now=world.now,
    )


def order_authorization(world: ThreeDomains, certificate: bytes, **changed: object) -> str:
    given = {"licence": world.licence, "limit_mills": None, **changed}
    return authorize(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        certificate=certificate,
        now=world.now,
        **given,  # type: ignore[arg-type]
    )


@pytest.mark.duty("R97-P050.2.1-3")
def test_nobody_without_a_licence_gets_a_device(world: ThreeDomains) -> None:
    der = world.certificate(enrol(world, world.device.certificate_signing_request(world.later())))
    world.inspect()
    with pytest.raises(Refused, match="LICENCE_UNKNOWN"):
        order_authorization(world, der, licence="01101-999999")
    assert view(world)["status"] == "enrolled"
    with pytest.raises(Refused, match="LIMIT_ABOVE_RULE"):
        order_authorization(world, der, limit_mills=500_001)
    order = order_authorization(world, der, limit_mills=100_000)
    assert order_authorization(world, der, limit_mills=100_000) == order
    assert unverified(order, Authorization).city == "Springfield"


def test_a_licence_must_be_signed_by_the_postal_service(world: ThreeDomains) -> None:
    forger = SoftwareVault.in_memory()

    message = LicenceIssued(
        device="",
        issued_at="1997-06-02T00:00:00Z",
        licence="1",
        licensee="x",
        zip_code="01101",
        city="x",
        state="MA",
    )
    text = sign(message, forger.open(forger.generate("USPS").wrapped, "USPS"))
    with pytest.raises(Refused, match="MESSAGE_SIGNATURE_FALSE"):
        take_licence(world.provider, text, world.now)


def test_the_certificate_must_be_for_this_device_and_key(world: ThreeDomains) -> None:
    request = enrol(world, world.device.certificate_signing_request(world.later()))
    world.certificate(request)
    other = SoftwareVault.in_memory()
    key = other.open(other.generate("FK1A0000000002").wrapped, "FK1A0000000002")
    foreign = world.certificate(enrol(world, signing_request(key)))
    with pytest.raises(Refused, match="CERTIFICATE_OF_ANOTHER_KEY"):
        order_authorization(world, foreign)
    with pytest.raises(Refused, match="CERTIFICATE_FALSE"):
        order_authorization(world, b"not a certificate")


# Resets ------------------------------------------------------------------------------------------


@pytest.mark.law("PSD-2")
@pytest.mark.duty("R97-502.26(a)-1")
def test_a_reset_moves_value_once_and_both_sides_agree(in_service: ThreeDomains) -> None:
    world = in_service
    world.reset(100_000, "reset-1")
    for _ in range(3):
        world.evidence()
    world.reset(50_000, "reset-2")
    assert shown(
        world, "ascending_mills", "descending_mills", "control_total_mills", "reset_sequence"
    ) == (960, 149_040, 150_000, 2)
    assert view(world)["in_transit_mills"] == 0
    assert world.provider.check_journal().faults == ()


def test_the_same_request_gets_the_same_grant_for_ever(in_service: ThreeDomains) -> None:
    world = in_service
    request = world.device.request_reset(100_000, "reset-1", world.later())
    grant = grant_reset(world.provider, world.provider_signer, request, world.later())
    assert grant_reset(world.provider, world.provider_signer, request, world.later(days=9)) == grant
    receipt = world.device.apply_grant(grant, world.later())
    assert world.device.apply_grant(grant, world.later()) == receipt
    accept_receipt(world.provider, receipt, world.later())
    before = view(world)
    accept_receipt(world.provider, receipt, world.later())
    assert grant_reset(world.provider, world.provider_signer, request, world.later()) == grant
    assert view(world) == before
    assert unverified(grant, ResetGrant).request_digest == digest(request)


def test_many_callers_with_one_request_get_one_grant(in_service: ThreeDomains) -> None:
    world = in_service
    request = world.device.request_reset(100_000, "reset-1", world.later())

    def ask(_: int) -> str:
        return grant_reset(world.provider, world.provider_signer, request, world.now)

    with ThreadPoolExecutor(6) as pool:
        grants = set(pool.map(ask, range(12)))
    assert len(grants) == 1
    assert [row.command for row in world.provider.journal_rows()].count("grant_reset") == 1


@pytest.mark.duty("R97-P050.3.6-1")
def test_no_grant_lifts_the_balance_above_the_limit(in_service: ThreeDomains) -> None:
    world = in_service
    world.reset(450_000, "reset-1")
    request = forged_amount(world)
    with pytest.raises(Refused, match="RESET_EXCEEDS_LIMIT"):
        grant_reset(world.provider, world.provider_signer, request, world.later())
    assert view(world)["in_transit_mills"] == 0


def forged_amount(world: ThreeDomains) -> str:
    """A request that a sound device would not make, signed by its key all the same."""
    request = unverified(world.device.request_reset(50_000, "reset-2", world.later()), ResetRequest)
    return sign(replace(request, amount_mills=50_001), world.device._mechanism.signer)


def test_a_grant_in_transit_is_settled_before_the_next(in_service: ThreeDomains) -> None:
    world = in_service
    grant = world.grant(100_000, "reset-1")
    assert view(world)["in_transit_mills"] == 100_000
    receipt = world.device.apply_grant(grant, world.later())
    request = world.device.request_reset(50_000, "reset-2", world.later())
    with pytest.raises(Refused, match="RESET_UNSETTLED"):
        grant_reset(world.provider, world.provider_signer, request, world.later())
    accept_receipt(world.provider, receipt, world.later())
    again = grant_reset(world.provider, world.provider_signer, request, world.later())
    accept_receipt(world.provider, world.device.apply_grant(again, world.later()), world.later())
    assert view(world)["control_total_mills"] == 150_000


@pytest.mark.law("PSD-2")
def test_a_reset_that_closed_unused_frees_its_value_and_is_never_granted_again(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    request = world.device.request_reset(100_000, "reset-1", world.later())
    grant = grant_reset(world.provider, world.provider_signer, request, world.later())
    closed = world.device.close_reset(world.later())
    with pytest.raises(Refused):
        world.device.apply_grant(grant, world.later())
    accept_closed(world.provider, closed, world.later())
    accept_closed(world.provider, closed, world.later())
    assert shown(world, "control_total_mills", "reset_sequence") == (0, 1)
    assert view(world)["in_transit_mills"] == 0
    world.reset(20_000, "reset-2")
    assert shown(world, "control_total_mills", "reset_sequence") == (20_000, 2)


def test_a_request_whose_reset_was_closed_before_it_arrived_is_not_granted(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    request = world.device.request_reset(100_000, "reset-1", world.later())
    accept_closed(world.provider, world.device.close_reset(world.later()), world.later())
    with pytest.raises(Refused, match="RESET_ENDED"):
        grant_reset(world.provider, world.provider_signer, request, world.later())
    assert view(world)["suspicion"] == ""


def test_a_close_the_provider_never_heard_of_does_not_stop_the_next_reset(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    world.device.request_reset(100_000, "lost-on-the-way", world.later())
    world.device.close_reset(world.later())
    world.reset(20_000, "reset-2")
    assert shown(world, "control_total_mills", "reset_sequence") == (20_000, 2)


def test_a_reset_that_closed_while_the_receipt_of_the_last_is_on_its_way_is_in_order(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    receipt = world.device.apply_grant(world.grant(100_000, "reset-1"), world.later())
    world.device.request_reset(50_000, "reset-2", world.later())
    accept_closed(world.provider, world.device.close_reset(world.later()), world.later())
    accept_receipt(world.provider, receipt, world.later())
    assert shown(world, "control_total_mills", "reset_sequence") == (100_000, 2)


def test_a_reset_is_refused_to_a_device_that_is_locked_or_leaving(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    order = order_lock(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        cause="quality",
        clause="39 CFR 502.27 (1997)",
        now=world.now,
    )
    request = world.device.request_reset(100_000, "reset-1", world.later())
    with pytest.raises(Refused, match="RESET_BARRED: it is locked for: quality"):
        grant_reset(world.provider, world.provider_signer, request, world.later())
    accept_order_receipt(world.provider, world.device.lock(order, world.later()), world.later())
    lift = order_unlock(
        world.provider, world.provider_signer, device_id=DEVICE, cause="quality", now=world.now
    )
    accept_order_receipt(world.provider, world.device.unlock(lift, world.later()), world.later())
    grant_reset(world.provider, world.provider_signer, request, world.later())
    with pytest.raises(Refused, match="LOCK_NOT_ORDERED"):
        order_unlock(
            world.provider, world.provider_signer, device_id=DEVICE, cause="other", now=world.now
        )


def test_a_request_that_comes_after_later_reports_is_still_granted(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    world.reset(100_000, "reset-1")
    request = world.device.request_reset(50_000, "reset-2", world.later())
    for _ in range(2):
        world.evidence()
        report = world.device.audit(world.later())
        receipt = receive_audit(world.provider, world.provider_signer, report, world.later())
        world.device.apply_audit_receipt(receipt, world.later())
    grant = grant_reset(world.provider, world.provider_signer, request, world.later())
    accept_receipt(world.provider, world.device.apply_grant(grant, world.later()), world.later())
    assert shown(world, "control_total_mills", "ascending_mills") == (150_000, 640)
    assert view(world)["suspicion"] == ""


def test_a_late_request_whose_reset_has_ended_since_is_refused(in_service: ThreeDomains) -> None:
    world = in_service
    request = world.device.request_reset(100_000, "reset-1", world.later())
    world.device.close_reset(world.later())
    report = world.device.audit(world.later())
    receive_audit(world.provider, world.provider_signer, report, world.later())
    with pytest.raises(Refused, match="RESET_ENDED"):
        grant_reset(world.provider, world.provider_signer, request, world.later())
    assert view(world)["suspicion"] == ""


def test_a_request_that_arrives_after_the_next_reset_casts_no_suspicion(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    request = world.device.request_reset(100_000, "reset-1", world.later())
    world.device.close_reset(world.later())
    world.reset(20_000, "reset-2")
    with pytest.raises(Refused, match="RESET_ENDED"):
        grant_reset(world.provider, world.provider_signer, request, world.later())
    assert view(world)["suspicion"] == ""


def test_a_reset_renews_the_watchdog(in_service: ThreeDomains) -> None:
    world = in_service
    world.later(days=40)
    world.reset(100_000, "reset-1")
    assert shown(world, "watchdog_date") == ("1997-10-12",)


# Audits ------------------------------------------------------------------------------------------


@pytest.mark.law("PSD-6")
@pytest.mark.duty("R97-P050.3.4-1", "R97-502.24-2")
def test_an_audit_renews_the_watchdog_on_both_sides(in_service: ThreeDomains) -> None:
    world = in_service
    world.reset(100_000, "reset-1")
    world.later(days=100)
    with pytest.raises(Refused, match="WATCHDOG_EXPIRED"):
        world.evidence()
    report = world.device.audit(world.later())
    receipt = receive_audit(world.provider, world.provider_signer, report, world.later())
    again = receive_audit(world.provider, world.provider_signer, report, world.later())
    assert again == receipt
    world.device.apply_audit_receipt(receipt, world.later())
    world.evidence()
    assert shown(world, "watchdog_date") == ("1997-12-10",)


def test_a_late_report_is_overtaken_and_not_suspicious(in_service: ThreeDomains) -> None:
    world = in_service
    early = world.device.audit(world.later())
    later = world.device.audit(world.later())
    receive_audit(world.provider, world.provider_signer, later, world.later())
    with pytest.raises(Refused, match="REPORT_OVERTAKEN"):
        receive_audit(world.provider, world.provider_signer, early, world.later())
    assert view(world)["suspicion"] == ""
    assert date.fromisoformat(str(view(world)["watchdog_date"])) == date(1997, 9, 2)


# Restored, forked and cloned devices -------------------------------------------------------------


def test_a_device_restored_from_before_an_acknowledgement_gets_nothing_more(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    world.reset(100_000, "reset-1")
    copy = world.copy_device()
    world.evidence(40_000)
    world.reset(40_000, "reset-2")
    world.device.close()
    world.device = world.opened(copy.name)
    assert world.device.show()["descending_mills"] == 100_000
    request = world.device.request_reset(50_000, "reset-of-the-copy", world.later())
    with pytest.raises(Refused, match=r"DEVICE_FORKED|DEVICE_REWOUND"):
        grant_reset(world.provider, world.provider_signer, request, world.later())
    assert "DEVICE_" in str(view(world)["suspicion"])
    with pytest.raises(Refused, match="DEVICE_SUSPECT"):
        grant_reset(world.provider, world.provider_signer, request, world.later())
    with pytest.raises(Refused, match="DEVICE_SUSPECT"):
        receive_audit(
            world.provider, world.provider_signer, world.device.audit(world.later()), world.later()
        )
    row = world.provider.journal_rows()[-1]
    assert (row.command, row.record) == ("suspect_device", f"device:{DEVICE}")


def test_a_restored_device_is_found_out_by_its_next_audit(in_service: ThreeDomains) -> None:
    world = in_service
    world.reset(100_000, "reset-1")
    copy = world.copy_device()
    for _ in range(3):
        report = world.device.audit(world.later())
        receipt = receive_audit(world.provider, world.provider_signer, report, world.later())
        world.device.apply_audit_receipt(receipt, world.later())
    world.device.close()
    world.device = world.opened(copy.name)
    for _ in range(30):
        world.evidence()
    codes = []
    for _ in range(5):
        report = world.device.audit(world.later())
        with pytest.raises(Refused) as refused:
            receive_audit(world.provider, world.provider_signer, report, world.later())
        codes.append(refused.value.code)
    assert codes[-1] == "DEVICE_SUSPECT"
    assert "DEVICE_REWOUND" in str(view(world)["suspicion"])


def test_a_clone_that_shares_the_acknowledgement_is_found_out_when_it_makes_the_same_reset(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    world.reset(100_000, "reset-1")
    copy = world.copy_device()
    world.grant(50_000, "of-the-device")
    world.device.close()
    world.device = world.opened(copy.name)
    world.evidence()
    request = world.device.request_reset(60_000, "of-the-clone", world.later())
    with pytest.raises(Refused, match="DEVICE_FORKED"):
        grant_reset(world.provider, world.provider_signer, request, world.later())
    assert view(world)["in_transit_mills"] == 50_000


@pytest.fixture(params=[1, 2, 3])
def restored(in_service: ThreeDomains, request: pytest.FixtureRequest) -> ThreeDomains:
    """Restored from before its last pieces and an audit, in the very instant of those."""
    world = in_service
    world.reset(100_000, "reset-1")
    copy = world.copy_device()
    now = world.later()
    for number in range(request.param):
        world.device.evidence(EvidenceRequest(f"piece-{number}", 320), now)
    receipt = receive_audit(world.provider, world.provider_signer, world.device.audit(now), now)
    world.device.apply_audit_receipt(receipt, now)
    world.device.close()
    world.device = world.opened(copy.name)
    return world


def test_a_device_restored_within_one_instant_is_found_out_by_its_next_audit(
    restored: ThreeDomains,
) -> None:
    world = restored
    report = world.device.audit(world.now)
    with pytest.raises(Refused, match="DEVICE_REWOUND"):
        receive_audit(world.provider, world.provider_signer, report, world.now)
    assert "DEVICE_REWOUND" in str(view(world)["suspicion"])


def test_a_device_restored_within_one_instant_is_granted_nothing(restored: ThreeDomains) -> None:
    """The request alone may be a late one: that is neither believed nor held against the device."""
    world = restored
    request = world.device.request_reset(50_000, "of-the-copy", world.now)
    with pytest.raises(Refused, match="REPORT_OVERTAKEN"):
        grant_reset(world.provider, world.provider_signer, request, world.now)
    assert (view(world)["in_transit_mills"], view(world)["suspicion"]) == (0, "")
    report = world.device.audit(world.now)
    with pytest.raises(Refused, match=r"DEVICE_FORKED|DEVICE_REWOUND"):
        receive_audit(world.provider, world.provider_signer, report, world.now)
    with pytest.raises(Refused, match="DEVICE_SUSPECT"):
        grant_reset(world.provider, world.provider_signer, request, world.now)


def test_a_device_that_forgot_its_audit_and_what_it_printed_since_is_found_out(
    in_service: ThreeDomains,
) -> None:
    """It knows every acknowledgement; but it has sent a message from this entry before."""
    world = in_service
    world.reset(100_000, "reset-1")
    copy = world.copy_device()
    report = world.device.audit(world.later())
    receipt = receive_audit(world.provider, world.provider_signer, report, world.later())
    world.device.apply_audit_receipt(receipt, world.later())
    world.evidence(90_000)
    world.device.close()
    world.device = world.opened(copy.name)
    request = world.device.request_reset(50_000, "of-the-copy", world.later())
    with pytest.raises(Refused, match="DEVICE_FORKED: it sent another message from that entry"):
        grant_reset(world.provider, world.provider_signer, request, world.later())


def test_a_request_that_was_overtaken_in_its_very_instant_is_no_ground_for_suspicion(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    now = world.later()
    request = world.device.request_reset(50_000, "late", now)
    receive_audit(world.provider, world.provider_signer, world.device.audit(now), now)
    with pytest.raises(Refused, match="REPORT_OVERTAKEN") as refused:
        grant_reset(world.provider, world.provider_signer, request, now)
    assert "close the reset unused" in refused.value.remedy
    assert view(world)["suspicion"] == ""
    accept_closed(world.provider, world.device.close_reset(now), now)
    request = world.device.request_reset(50_000, "anew", now)
    grant = grant_reset(world.provider, world.provider_signer, request, now)
    receive_audit(world.provider, world.provider_signer, world.device.audit(now), now)
    assert grant_reset(world.provider, world.provider_signer, request, now) == grant
    accept_receipt(world.provider, world.device.apply_grant(grant, now), now)
    assert shown(world, "control_total_mills") == (50_000,)


@pytest.mark.duty("R97-P050.3.5b")
def test_a_stranger_cannot_put_a_device_under_suspicion(in_service: ThreeDomains) -> None:
    world = in_service
    request = unverified(world.device.request_reset(50_000, "reset-1", world.later()), ResetRequest)
    forger = SoftwareVault.in_memory()
    key = forger.open(forger.generate(DEVICE).wrapped, DEVICE)
    false = sign(replace(request, acknowledged=request.journal), key)
    with pytest.raises(Refused, match="MESSAGE_SIGNATURE_FALSE"):
        grant_reset(world.provider, world.provider_signer, false, world.later())
    assert view(world)["suspicion"] == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("control_total_mills", 999),
        ("descending_mills", 10**6),
        ("ascending_mills", -1),
        ("reset_sequence", 9),
    ],
)
def test_registers_that_are_not_what_was_given_stop_the_reset(
    in_service: ThreeDomains, name: str, value: int
) -> None:
    world = in_service
    request = unverified(world.device.request_reset(50_000, "reset-1", world.later()), ResetRequest)
    false = replace(request, registers=replace(request.registers, **{name: value}))
    text = sign(false, world.device._mechanism.signer)
    with pytest.raises(Refused, match="REGISTERS_DISAGREE"):
        grant_reset(world.provider, world.provider_signer, text, world.later())
    assert "REGISTERS_DISAGREE" in str(view(world)["suspicion"])


# Leaving service ---------------------------------------------------------------------------------


def withdraw(world: ThreeDomains) -> None:
    order = order_withdrawal(
        world.provider, world.provider_signer, device_id=DEVICE, reason="not wanted", now=world.now
    )
    accept_withdrawal(
        world.provider,
        world.provider_signer,
        world.device.withdraw(order, world.later()),
        world.later(),
    )


def clear(world: ThreeDomains) -> None:
    order = order_clearing(
        world.provider, world.provider_signer, device_id=DEVICE, examiner="A. Smith", now=world.now
    )
    accept_clearing(world.provider, world.device.clear(order, world.later()), world.later())


@pytest.mark.law("PSD-7")
@pytest.mark.duty("R97-Pre-Key")
def test_a_withdrawn_device_gives_up_its_value_and_its_key_ends_at_its_last_value(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    world.reset(100_000, "reset-1")
    world.evidence(41_230)
    withdraw(world)
    assert view(world)["status"] == "withdrawn"
    clear(world)
    assert shown(world, "ascending_mills", "descending_mills", "control_total_mills") == (
        41_230,
        0,
        41_230,
    )
    told = report_key_end(
        world.provider, world.provider_signer, device_id=DEVICE, reason="withdrawn", now=world.now
    )
    again = report_key_end(
        world.provider, world.provider_signer, device_id=DEVICE, reason="withdrawn", now=world.now
    )
    assert again == told
    ended = take_revocation(world.postal, told, world.now)
    assert ended.status is CertificateStatus.ENDED
    assert ended.ending is not None
    assert ended.ending.final_ascending_mills == 41_230


def test_a_cleared_device_serves_again_with_a_new_key_and_keeps_what_it_ever_printed(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    world.reset(100_000, "reset-1")
    world.evidence(41_230)
    withdraw(world)
    clear(world)
    world.enrol()
    world.reset(10_000, "reset-2")
    assert shown(world, "ascending_mills", "descending_mills", "control_total_mills") == (
        41_230,
        10_000,
        51_230,
    )


def test_a_scrapped_device_is_gone(in_service: ThreeDomains) -> None:
    world = in_service
    withdraw(world)
    clear(world)
    order = order_scrapping(
        world.provider, world.provider_signer, device_id=DEVICE, reason="worn", now=world.now
    )
    world.device.scrap(order, world.later())
    assert shown(world, "status") == ("scrapped",)
    with pytest.raises(Refused, match="STATUS_UNSUITABLE"):
        withdraw(world)


def test_a_device_is_not_cleared_while_value_is_in_transit(in_service: ThreeDomains) -> None:
    world = in_service
    world.grant(100_000, "reset-1")
    withdraw(world)
    with pytest.raises(Refused, match="VALUE_IN_TRANSIT"):
        clear(world)
    accept_closed(world.provider, world.device.close_reset(world.later()), world.later())
    clear(world)
    assert shown(world, "status") == ("cleared",)


def test_orders_go_one_at_a_time_and_can_be_sent_again(in_service: ThreeDomains) -> None:
    world = in_service
    order = order_withdrawal(
        world.provider, world.provider_signer, device_id=DEVICE, reason="moved", now=world.now
    )
    assert outstanding_order(world.provider, DEVICE) == order
    again = order_withdrawal(
        world.provider, world.provider_signer, device_id=DEVICE, reason="moved", now=world.later()
    )
    assert again == order
    with pytest.raises(Refused, match="ORDER_OUTSTANDING"):
        order_withdrawal(
            world.provider, world.provider_signer, device_id=DEVICE, reason="other", now=world.now
        )
    request = world.device.request_reset(1000, "late-wish", world.later())
    with pytest.raises(Refused, match="RESET_BARRED"):
        grant_reset(world.provider, world.provider_signer, request, world.later())
    statement = world.device.withdraw(order, world.later())
    with pytest.raises(Refused, match="MESSAGE_OF_ANOTHER_KIND"):
        accept_order_receipt(world.provider, statement, world.later())
    accept_withdrawal(world.provider, world.provider_signer, statement, world.later())
    accept_withdrawal(world.provider, world.provider_signer, statement, world.later())
    assert outstanding_order(world.provider, DEVICE) is None


@pytest.mark.parametrize("cause", ["", "Quality", "watchdog", "moved", "x" * 41])
def test_a_lock_that_the_device_would_refuse_is_not_ordered(
    in_service: ThreeDomains, cause: str
) -> None:
    world = in_service
    with pytest.raises(Refused, match="LOCK_CAUSE_UNREADABLE"):
        order_lock(
            world.provider,
            world.provider_signer,
            device_id=DEVICE,
            cause=cause,
            clause="policy",
            now=world.now,
        )
    assert outstanding_order(world.provider, DEVICE) is None


def test_an_answer_to_another_order_is_refused(in_service: ThreeDomains) -> None:
    world = in_service

    def lock(cause: str) -> str:
        return order_lock(
            world.provider,
            world.provider_signer,
            device_id=DEVICE,
            cause=cause,
            clause="policy",
            now=world.now,
        )

    first = world.device.lock(lock("one"), world.later())
    accept_order_receipt(world.provider, first, world.later())
    lock("two")
    stale = replace(unverified(first, OrderReceipt), issued_at="1997-06-03T00:00:00Z")
    text = sign(stale, world.device._mechanism.signer)
    with pytest.raises(Refused, match="ANSWER_TO_ANOTHER_ORDER"):
        accept_order_receipt(world.provider, text, world.later())


# Keys --------------------------------------------------------------------------------------------


@pytest.mark.duty("R97-Pre-Key", "R97-502.9(e)")
def test_a_key_rolls_over_and_the_former_certificate_ends_where_it_changed(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    world.reset(100_000, "reset-1")
    world.evidence(12_340)
    former = view(world)["certificate_serial"]
    roll_over(world)
    assert shown(world, "certificate_serial") == (4,)
    told = report_key_end(
        world.provider, world.provider_signer, device_id=DEVICE, reason="rollover", now=world.now
    )
    assert unverified(told, RevocationRequest).final_ascending_mills == 12_340
    take_revocation(world.postal, told, world.now)
    assert certificate(world.postal, int(str(former))).status is CertificateStatus.ENDED
    world.reset(10_000, "reset-2")
    assert shown(world, "control_total_mills") == (110_000,)
    roll_over(world)
    assert shown(world, "certificate_serial") == (5,)


def roll_over(world: ThreeDomains) -> None:
    request = world.device.request_rollover(world.later())
    asked = request_rollover_certificate(
        world.provider, world.provider_signer, request, world.later()
    )
    repeated = request_rollover_certificate(
        world.provider, world.provider_signer, request, world.later()
    )
    assert repeated == asked
    order = authorize_rollover(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        certificate=world.certificate(asked),
        now=world.now,
    )
    receipt = world.device.apply_rollover(order, world.later())
    accept_order_receipt(world.provider, receipt, world.later())


def test_a_rollover_overtaken_by_an_order_is_asked_for_again_with_the_same_key(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    request = world.device.request_rollover(world.later())
    asked = request_rollover_certificate(
        world.provider, world.provider_signer, request, world.later()
    )
    der = world.certificate(asked)
    order = order_lock(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        cause="quality",
        clause="policy",
        now=world.now,
    )
    accept_order_receipt(world.provider, world.device.lock(order, world.later()), world.later())
    with pytest.raises(Refused, match="ROLLOVER_OVERTAKEN"):
        authorize_rollover(
            world.provider,
            world.provider_signer,
            device_id=DEVICE,
            certificate=der,
            now=world.now,
        )
    roll_over(world)
    assert shown(world, "certificate_serial") == (4,)


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("lost", CertificateStatus.REPORTED),
        ("stolen", CertificateStatus.REPORTED),
        ("compromise", CertificateStatus.COMPROMISED),
    ],
)
def test_a_missing_device_is_reported_without_a_final_value(
    in_service: ThreeDomains, reason: str, status: CertificateStatus
) -> None:
    world = in_service
    told = report_key_end(
        world.provider, world.provider_signer, device_id=DEVICE, reason=reason, now=world.now
    )
    reported = take_revocation(world.postal, told, world.now)
    assert reported.status is status
    assert reported.ending is not None
    assert reported.ending.final_ascending_mills is None


def test_an_end_that_did_not_happen_cannot_be_reported(in_service: ThreeDomains) -> None:
    for reason in ("withdrawn", "rollover", "faulted", "bored"):
        with pytest.raises(Refused, match="KEY_END_UNKNOWN"):
            report_key_end(
                in_service.provider,
                in_service.provider_signer,
                device_id=DEVICE,
                reason=reason,
                now=in_service.now,
            )


# Devices that cannot speak -----------------------------------------------------------------------


@pytest.mark.law("PSD-5")
def test_an_examination_states_the_value_of_a_faulted_device_and_settles_its_grant(
    in_service: ThreeDomains,
) -> None:
    world = in_service
    world.reset(100_000, "reset-1")
    world.evidence(41_230)
    world.grant(20_000, "reset-2")
    found = RegisterReading(
        ascending_mills=41_230,
        descending_mills=58_770,
        control_total_mills=100_000,
        piece_count=1,
        reset_sequence=1,
    )

    def examine(registers: RegisterReading, examiner: str = "A. Smith") -> str:
        return examine_device(
            world.provider,
            world.provider_signer,
            device_id=DEVICE,
            examiner=examiner,
            finding="register copies disagree",
            registers=registers,
            now=world.later(),
        )

    with pytest.raises(Refused, match="EXAMINATION_INCOMPLETE"):
        examine(found, examiner=" ")
    with pytest.raises(Refused, match="EXAMINATION_INCOMPLETE"):
        examine(replace(found, ascending_mills=0))
    text = examine(found)
    stated = verify(text, Examination, public_key_object(world.provider_signer.public_key))
    assert stated.registers.descending_mills == 58_770
    seen = view(world)
    assert (seen["status"], seen["in_transit_mills"]) == ("faulted", 0)
    told = report_key_end(
        world.provider, world.provider_signer, device_id=DEVICE, reason="faulted", now=world.now
    )
    assert unverified(told, RevocationRequest).final_ascending_mills == 41_230
    with pytest.raises(Refused, match="STATUS_UNSUITABLE"):
        examine(found)


def test_an_examined_device_is_scrapped_in_the_books_alone(in_service: ThreeDomains) -> None:
    world = in_service

    def scrap() -> object:
        return scrap_examined(
            world.provider, device_id=DEVICE, reason="burnt", now=world.later()
        ).status

    with pytest.raises(Refused, match="STATUS_UNSUITABLE: it is in service, not faulted"):
        scrap()
    assert not is_examined(world.provider, DEVICE)
    examine_device(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        examiner="A. Smith",
        finding="burnt",
        registers=NOTHING_READ,
        now=world.later(),
    )
    assert is_examined(world.provider, DEVICE)
    with pytest.raises(Refused, match="STATUS_UNSUITABLE: it is faulted, not cleared"):
        order_scrapping(
            world.provider, world.provider_signer, device_id=DEVICE, reason="burnt", now=world.now
        )
    assert [scrap(), scrap()] == ["scrapped", "scrapped"]
    seen = view(world)
    assert (seen["status"], seen["orders"]) == ("scrapped", 1)
    commands = [row.command for row in world.provider.journal_rows()]
    assert commands.count("scrap_examined") == 1


def test_a_device_that_was_scrapped_by_order_was_not_examined(in_service: ThreeDomains) -> None:
    world = in_service
    withdraw(world)
    clear(world)
    order_scrapping(
        world.provider, world.provider_signer, device_id=DEVICE, reason="worn", now=world.now
    )
    with pytest.raises(Refused, match="STATUS_UNSUITABLE: it is scrapped"):
        scrap_examined(world.provider, device_id=DEVICE, reason="worn", now=world.now)


# The database ------------------------------------------------------------------------------------


def test_the_database_itself_keeps_grants_and_devices_straight(in_service: ThreeDomains) -> None:
    world = in_service
    world.reset(100_000, "reset-1")
    with sqlite3.connect(world.folder / "provider.sqlite") as raw:
        for change in (
            "UPDATE resets SET status = 'granted'",
            "UPDATE resets SET status = 'closed'",
            "UPDATE resets SET amount_mills = 1",
            "DELETE FROM resets",
            "INSERT INTO resets SELECT device_id, sequence, amount_mills, 'x', grant_text,"
            " grant_digest, 'granted', '' FROM resets",
            "UPDATE devices SET status = 'scrapped'",
            "UPDATE devices SET control_total_mills = -1",
            "UPDATE devices SET shown_descending_mills = 1",
            "UPDATE device_keys SET status = 'requested'",
            "UPDATE orders SET text = ''",
            "DELETE FROM device_messages",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                raw.execute(change)
