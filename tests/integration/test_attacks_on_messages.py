"""Attacks on the messages between device, provider and Postal Service: by those who carry them.

A carrier holds no key. It may keep, repeat, delay and rewrite what it carries; what it can reach
by that is that a message is refused.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from franking.errors import Refused
from franking.messages.kinds import JournalPosition, ResetRequest
from franking.messages.signing import Message, digest, kind_of, sign, unverified
from franking.provider.resetting import ordering
from franking.provider.resetting.answering import accept_order_receipt
from franking.provider.resetting.commands import accept_receipt, grant_reset, receive_audit
from franking.provider.resetting.view import device_view
from franking.psd.vault.ecdsa import ORDER
from franking.psd.vault.software import SoftwareVault
from tests.fixtures_three_domains import DEVICE, ThreeDomains, three_domains


@pytest.fixture
def world(tmp_path: Path) -> ThreeDomains:
    """A device in service with $50.00."""
    made = three_domains(tmp_path)
    made.enrol()
    made.reset(50_000, "first")
    return made


def rewritten(message: str) -> str:
    """The message under the other true signature: ``(r, n - s)`` signs whatever ``(r, s)`` does."""
    signed, _, signature = message.rpartition(".")
    raw = urlsafe_b64decode(signature + "==")
    other = raw[:32] + (ORDER - int.from_bytes(raw[32:])).to_bytes(32)
    return f"{signed}.{_part(other)}"


def test_a_carrier_cannot_make_a_second_request_of_a_first(world: ThreeDomains) -> None:
    """Else the true one would look like a fork of the device, which would get nothing more."""
    request = world.device.request_reset(20_000, "second", world.later())
    with pytest.raises(Refused, match="MESSAGE_SIGNATURE_FALSE"):
        grant_reset(world.provider, world.provider_signer, rewritten(request), world.later())
    grant = grant_reset(world.provider, world.provider_signer, request, world.later())
    receipt = world.device.apply_grant(grant, world.later())
    for changed in (rewritten(request), rewritten(receipt)):
        with pytest.raises(Refused, match="MESSAGE_"):
            accept_receipt(world.provider, changed, world.later())
    accept_receipt(world.provider, receipt, world.later())
    assert device_view(world.provider, DEVICE)["suspicion"] == ""
    assert world.device.registers.control_total_mills == 70_000


def test_a_carrier_cannot_make_the_device_answer_another_order_than_was_given(
    world: ThreeDomains,
) -> None:
    """Else the provider would wait for ever for the answer to the order that it issued."""
    order = ordering.order_lock(
        world.provider,
        world.provider_signer,
        device_id=DEVICE,
        cause="examination",
        clause="policy",
        now=world.later(),
    )
    with pytest.raises(Refused, match="MESSAGE_SIGNATURE_FALSE"):
        world.device.lock(rewritten(order), world.later())
    accept_order_receipt(world.provider, world.device.lock(order, world.later()), world.later())
    assert device_view(world.provider, DEVICE)["order_outstanding"] is None


def test_a_carrier_cannot_spoil_an_audit(world: ThreeDomains) -> None:
    report = world.device.audit(world.later())
    with pytest.raises(Refused, match="MESSAGE_SIGNATURE_FALSE"):
        receive_audit(world.provider, world.provider_signer, rewritten(report), world.later())
    receipt = receive_audit(world.provider, world.provider_signer, report, world.later())
    with pytest.raises(Refused, match="MESSAGE_SIGNATURE_FALSE"):
        world.device.apply_audit_receipt(rewritten(receipt), world.later())
    world.device.apply_audit_receipt(receipt, world.later())


RUBBISH_HEADERS: list[object] = [
    [],
    ["alg"],
    "the alg of it",
    5,
    None,
    {"alg": 1},
    {"alg": ["ES256"]},
    {"alg": "none"},
    {"alg": "HS256"},
    {"alg": "ES256", "crit": ["exp"]},
    {"alg": "ES256", "crit": 5},
    {"alg": "ES256", "b64": False, "crit": ["b64"]},
    {"alg": "ES256", "jwk": {}},
    {"alg": "ES256", "typ": {}},
    {"alg": "ES256", "typ": "franking/ResetGrant"},
]


def test_rubbish_is_refused_and_breaks_nothing(world: ThreeDomains) -> None:
    for header in RUBBISH_HEADERS:
        typed = {"typ": kind_of(ResetRequest), **header} if isinstance(header, dict) else header
        for payload in (b"", b"{}", b"[" * 100_000, b"\xff"):
            head = _part(json.dumps(typed).encode())
            _everybody_refuses(world, f"{head}.{_part(payload)}.{_part(bytes(64))}")


def test_what_is_no_message_at_all_is_refused(world: ThreeDomains) -> None:
    for text in ("", ".", "..", "...", "\ud800", "é.é.é", "\0.\0.\0", "a" * 10**6):
        _everybody_refuses(world, text)


def test_keys_cannot_be_confused_by_a_header(world: ThreeDomains) -> None:
    """Who signs is decided by the reader: the key named in a header, or its ID, counts nothing."""
    vault = SoftwareVault.in_memory()
    forger = vault.open(vault.generate(DEVICE).wrapped, DEVICE)
    request = unverified(world.device.request_reset(10_000, "r", world.later()), ResetRequest)
    with pytest.raises(Refused, match="MESSAGE_SIGNATURE_FALSE"):
        grant_reset(world.provider, world.provider_signer, sign(request, forger), world.later())


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 2**63},
        {"sequence": -1},
        {"sequence": 2**53},
        {"amount_mills": 2**64},
        {"amount_mills": -(2**53)},
        {"journal": JournalPosition(sequence=2**70, entry_hash="0" * 64)},
        {"journal": JournalPosition(sequence=-5, entry_hash="0" * 64)},
        {"acknowledged": JournalPosition(sequence=2**70, entry_hash="0" * 64)},
        {"acknowledged": JournalPosition(sequence=0, entry_hash="'; DROP TABLE devices; --")},
        {"issued_at": "'; DROP TABLE devices; --"},
    ],
    ids=repr,
)
def test_a_licensee_who_got_at_his_key_can_say_nothing_that_breaks_the_provider(
    world: ThreeDomains, change: dict[str, object]
) -> None:
    """He signs what he likes; it is refused, and the same device without the lie gets nothing."""
    request = unverified(world.device.request_reset(10_000, "r", world.later()), ResetRequest)
    lie = sign(replace(request, **change), world.device._mechanism.signer)
    before = device_view(world.provider, DEVICE)["control_total_mills"]
    if "issued_at" in change:
        grant_reset(world.provider, world.provider_signer, lie, world.later())
    else:
        with pytest.raises(Refused):
            grant_reset(world.provider, world.provider_signer, lie, world.later())
    assert device_view(world.provider, DEVICE)["control_total_mills"] == before


def _everybody_refuses(world: ThreeDomains, text: str) -> None:
    readers: tuple[Callable[[], object], ...] = (
        lambda: grant_reset(world.provider, world.provider_signer, text, world.now),
        lambda: accept_order_receipt(world.provider, text, world.now),
        lambda: world.device.apply_grant(text, world.now),
        lambda: world.device.withdraw(text, world.now),
        lambda: unverified(text, Message),
    )
    for reader in readers:
        with pytest.raises(Refused, match="MESSAGE_"):
            reader()
    assert len(digest(text)) == 64
    assert world.device.registers.control_total_mills == 50_000


def _part(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
