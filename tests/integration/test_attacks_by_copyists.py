"""Attacks by licensees and copyists: cloned devices, tampered stores, ends of keys cut short."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from franking.errors import Refused
from franking.messages.kinds import AuditReceipt, Examination, RegisterReading
from franking.messages.signing import unverified
from franking.postal.certificates.commands import publish_trust_list, take_revocation
from franking.postal.certificates.records import Certificate
from franking.provider.resetting import enrolment, ordering
from franking.provider.resetting.answering import examine_device
from franking.provider.resetting.commands import grant_reset, receive_audit
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import EvidenceRequest
from franking.psd.vault.ecdsa import public_key_object
from franking.verification.payload import verify_payload
from franking.verification.trust_list import EndReason, TrustList
from franking.verification.verdict import Verdict
from tests.fixtures_three_domains import DEVICE, ThreeDomains, three_domains

FOUND = RegisterReading(
    ascending_mills=320,
    descending_mills=49_680,
    control_total_mills=50_000,
    piece_count=1,
    reset_sequence=1,
)


@pytest.fixture
def world(tmp_path: Path) -> ThreeDomains:
    """A device in service with $50.00."""
    made = three_domains(tmp_path)
    made.enrol()
    made.reset(50_000, "first")
    return made


def audited(world: ThreeDomains, device: PostalSecurityDevice) -> None:
    report = device.audit(world.later())
    receipt = receive_audit(world.provider, world.provider_signer, report, world.later())
    device.apply_audit_receipt(receipt, world.later())


def made_longer(world: ThreeDomains, clone: PostalSecurityDevice) -> None:
    """So that neither its journal nor its registers look rewound."""
    clone.evidence(EvidenceRequest("piece-of-the-clone", 330), world.later())
    for _ in range(5):
        clone.audit(world.later())


def examined(world: ThreeDomains, registers: RegisterReading) -> RegisterReading:
    statement = examine_device(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        examiner="A. Smith",
        finding="register copies disagree",
        registers=registers,
        now=world.later(),
    )
    return unverified(statement, Examination).registers


# Clones ------------------------------------------------------------------------------------------


@pytest.mark.law("PSD-6")
def test_a_clone_is_not_audited_beside_the_device_however_long_its_journal_is(
    world: ThreeDomains,
) -> None:
    clone = world.opened(world.copy_device().name)
    world.evidence()
    audited(world, world.device)
    made_longer(world, clone)
    with pytest.raises(Refused, match="JOURNAL_NOT_ACKNOWLEDGED"):
        audited(world, clone)


def test_a_clone_is_not_reset_beside_the_device(world: ThreeDomains) -> None:
    clone = world.opened(world.copy_device().name)
    world.evidence()
    audited(world, world.device)
    made_longer(world, clone)
    request = clone.request_reset(10_000, "of-the-clone", world.later())
    grant = grant_reset(world.provider, world.provider_signer, request, world.later())
    with pytest.raises(Refused, match="JOURNAL_NOT_ACKNOWLEDGED"):
        clone.apply_grant(grant, world.later())
    assert clone.registers.control_total_mills == 50_000


def test_a_receipt_lost_on_its_way_costs_a_device_nothing(world: ThreeDomains) -> None:
    world.evidence()
    lost = receive_audit(
        world.provider, world.provider_signer, world.device.audit(world.later()), world.later()
    )
    world.evidence()
    report = world.device.audit(world.later())
    again = receive_audit(world.provider, world.provider_signer, report, world.later())
    known = [unverified(one, AuditReceipt).acknowledged for one in (lost, again)]
    assert known[0] == known[1]
    world.device.apply_audit_receipt(again, world.later())
    world.reset(10_000, "second")
    audited(world, world.device)
    assert world.device.registers.control_total_mills == 60_000


# Examinations ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lie",
    [
        {"descending_mills": 500_000, "control_total_mills": 500_320},
        {"ascending_mills": 0, "descending_mills": 50_000},
        {"ascending_mills": -1_000, "descending_mills": 51_000},
        {"ascending_mills": 51_000, "descending_mills": -1_000},
        {"piece_count": 0},
        {"reset_sequence": 0},
    ],
    ids=repr,
)
def test_a_tampered_store_is_not_stated_to_hold_what_it_shows(
    world: ThreeDomains, lie: dict[str, int]
) -> None:
    world.evidence()
    audited(world, world.device)
    with pytest.raises(Refused, match="EXAMINATION_IMPLAUSIBLE"):
        examined(world, replace(FOUND, **lie))
    assert examined(world, FOUND) == FOUND


@pytest.mark.parametrize("rolled_over", [False, True])
@pytest.mark.law("PSD-7")
def test_a_device_examined_amid_a_rollover_ends_both_its_keys(
    world: ThreeDomains, tmp_path: Path, rolled_over: bool
) -> None:
    """Nobody knows whether it changed keys: its receipt may be lost, so both may have signed."""
    genuine = [world.device.evidence(EvidenceRequest("before", 320), world.later()).indicium]
    wanted = enrolment.request_rollover_certificate(
        world.provider,
        world.provider_signer,
        world.device.request_rollover(world.later()),
        world.later(),
    )
    order = ordering.authorize_rollover(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        certificate=world.certificate(wanted),
        now=world.later(),
    )
    clone = world.opened(world.copy_device().name)
    if rolled_over:
        world.device.apply_rollover(order, world.later())
        clone.apply_rollover(order, world.later())
        genuine += [world.device.evidence(EvidenceRequest("after", 320), world.later()).indicium]
    used = world.device.registers
    examined(world, RegisterReading(**{n: getattr(used, n) for n in used.__struct_fields__}))
    ends = [_told(world, "faulted") for _ in range(3)]
    assert [end.serial for end in ends] == [ends[0].serial, ends[1].serial, ends[1].serial]
    assert ends[0].serial != ends[1].serial
    assert {end.ending.reason for end in ends if end.ending} == {EndReason.FAULTED}

    trust = _published(world, tmp_path)
    for piece in genuine:
        assert verify_payload(piece, trust, world.now).verdict is Verdict.AUTHENTIC
    later = EvidenceRequest("of-a-surviving-copy-of-the-key", used.ascending_mills + 320)
    forged = clone.evidence(later, world.later()).indicium
    assert verify_payload(forged, trust, world.now).verdict is Verdict.NOT_AUTHENTIC


def _told(world: ThreeDomains, reason: str) -> Certificate:
    report = enrolment.report_key_end(
        world.provider, world.provider_signer, device_id=DEVICE, reason=reason, now=world.now
    )
    return take_revocation(world.postal, report, world.now)


def _published(world: ThreeDomains, folder: Path) -> TrustList:
    listed = folder / "trust.list"
    publish_trust_list(world.postal, world.postal_signer, listed, world.later())
    return TrustList.open(listed, public_key_object(world.postal_signer.public_key))
