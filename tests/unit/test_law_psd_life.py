"""PSD-7 and the states over every store: from manufactured to scrapped, and back to work."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from franking.errors import Refused
from franking.messages import signing
from franking.messages.kinds import (
    AuditReport,
    ClearingStatement,
    OrderReceipt,
    RolloverRequest,
    WithdrawalStatement,
)
from franking.psd.believing import point_of, public_key_of
from franking.psd.records import EvidenceRequest, Status
from franking.psd.store import STORE_FAILING
from franking.psd.vault.port import TOKEN_GONE
from tests.fixtures_psd import (
    NOON,
    Bench,
    authorized,
    manufactured,
    new_signer,
    operational,
    refuses,
)
from tests.fixtures_stores import EVERY_PLACE, PlaceKind

LATER = NOON + timedelta(hours=1)


def device_key(bench: Bench) -> str:
    return bench.device.state.standing.public_key


@EVERY_PLACE
@pytest.mark.duty("R97-P050.3.1-1", "R97-Pre-Key")
def test_a_device_is_initialized_then_authorized_before_it_is_used(
    kind: PlaceKind, tmp_path: Path
) -> None:
    bench = manufactured(kind(tmp_path).create())
    device = bench.device
    assert device.show()["status"] == "manufactured"
    with refuses("DEVICE_NOT_OPERATIONAL"):
        bench.piece("p", NOON)
    with refuses("WRONG_STATUS", "manufactured"):
        device.request_reset(100, "r1", NOON)
    request = device.certificate_signing_request(NOON)
    assert device.status is Status.INITIALIZED
    assert device.certificate_signing_request(LATER) == request
    asked = x509.load_der_x509_csr(request)
    assert asked.is_signature_valid
    assert asked.subject.rfc4514_string() == f"CN={device.device_id}"
    with refuses("DEVICE_NOT_OPERATIONAL"):
        bench.piece("p", NOON)
    order = bench.outside.authorization(request, NOON)
    receipt = signing.verify(
        device.authorize(order, NOON), OrderReceipt, public_key_of(device_key(bench))
    )
    assert (receipt.order, receipt.order_digest) == (1, signing.digest(order))
    assert (receipt.status, receipt.locks, receipt.registers.control_total_mills) == (
        "authorized",
        [],
        0,
    )
    with refuses("WRONG_STATUS"):
        device.certificate_signing_request(NOON)


@EVERY_PLACE
@pytest.mark.law("PSD-7")
@pytest.mark.parametrize("isrestarted", [False, True])
def test_a_withdrawal_locks_for_good_and_states_the_registers(
    kind: PlaceKind, tmp_path: Path, isrestarted: bool
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create(), amount_mills=10_000)
    bench.piece("p", NOON, 4_000)
    order = bench.outside.withdrawal(LATER)
    text = bench.device.withdraw(order, LATER)
    if isrestarted:
        bench.device.close()
        bench.power_up(place.open(), LATER)
    device = bench.device
    statement = signing.verify(text, WithdrawalStatement, public_key_of(device_key(bench)))
    assert (statement.registers.ascending_mills, statement.registers.descending_mills) == (
        4_000,
        6_000,
    )
    assert device.status is Status.WITHDRAWN
    assert device.withdraw(order, LATER) == text
    asks: list[tuple[str, Callable[[], object]]] = [
        ("DEVICE_WITHDRAWN", lambda: bench.piece("q", LATER)),
        ("WRONG_STATUS", lambda: device.request_reset(100, "r2", LATER)),
        ("WRONG_STATUS", lambda: device.unlock(bench.outside.unlock(LATER, order=3), LATER)),
        ("WRONG_STATUS", lambda: device.request_rollover(LATER)),
        ("WRONG_STATUS", lambda: device.inspection_imprint("i", LATER)),
    ]
    for code, ask in asks:
        with refuses(code):
            ask()
    assert signing.unverified(device.audit(LATER), AuditReport).status == "withdrawn"


@EVERY_PLACE
@pytest.mark.law("PSD-7")
@pytest.mark.parametrize("isrestarted", [False, True])
def test_a_clearing_states_that_nothing_is_left_and_destroys_the_key(
    kind: PlaceKind, tmp_path: Path, isrestarted: bool
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create(), amount_mills=10_000)
    bench.piece("p", NOON, 4_000)
    key = public_key_of(device_key(bench))
    statement = bench.withdraw(LATER)
    order = bench.outside.clearing(statement, LATER)
    text = bench.device.clear(order, LATER)
    if isrestarted:
        bench.device.close()
        bench.power_up(place.open(), LATER)
    final = signing.verify(text, ClearingStatement, key)
    assert (final.withdrawn_mills, final.registers.descending_mills) == (6_000, 0)
    assert final.registers.ascending_mills == final.registers.control_total_mills == 4_000
    assert bench.device.status is Status.CLEARED
    assert set(bench.store.load().keys) == {"journal"}
    assert bench.device.clear(order, LATER) == text
    with refuses("WRONG_STATUS"):
        bench.device.audit(LATER)


@EVERY_PLACE
@pytest.mark.law("PSD-7")
def test_power_up_finishes_a_clearing_cut_short(
    kind: PlaceKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    statement = bench.withdraw(NOON)
    order = bench.outside.clearing(statement, NOON)

    def power_fails(**_: object) -> None:
        raise STORE_FAILING.because("the power went")

    monkeypatch.setattr(bench.store, "destroy_keys", power_fails)
    with refuses("STORE_FAILING"):
        bench.device.clear(order, NOON)
    assert "signing-1" in bench.store.load().keys
    bench.device.close()
    device = bench.power_up(place.open(), NOON)
    assert set(bench.store.load().keys) == {"journal"}
    assert device.status is Status.CLEARED
    final = signing.unverified(device.clear(order, NOON), ClearingStatement)
    assert final.registers.descending_mills == 0


@EVERY_PLACE
@pytest.mark.law("PSD-7")
def test_a_clearing_needs_the_statement_that_was_given(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    statement = bench.withdraw(NOON)
    other = bench.outside.clearing(statement, NOON, statement_digest="00" * 32)
    with refuses("CLEARING_OF_ANOTHER_STATEMENT"):
        bench.device.clear(other, NOON)
    assert bench.device.registers.descending_mills == 100_000


@EVERY_PLACE
@pytest.mark.law("PSD-2", "PSD-7")
def test_a_reset_in_transit_is_closed_before_the_key_goes(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=1_000)
    request = bench.device.request_reset(500, "r2", NOON)
    grant = bench.outside.grant(request, NOON)
    statement = bench.withdraw(NOON)
    with refuses("RESET_PENDING"):
        bench.device.clear(bench.outside.clearing(statement, NOON), NOON)
    with refuses("WRONG_STATUS"):
        bench.device.apply_grant(grant, NOON)
    bench.device.close_reset(NOON)
    order = bench.outside.clearing(statement, NOON, order=3)
    final = signing.unverified(bench.device.clear(order, NOON), ClearingStatement)
    assert (final.withdrawn_mills, final.registers.reset_sequence) == (1_000, 2)


@EVERY_PLACE
@pytest.mark.law("PSD-1", "PSD-7")
@pytest.mark.duty("R97-Pre-500")
def test_a_cleared_device_starts_again_with_a_new_key_and_its_ascending_register(
    kind: PlaceKind, tmp_path: Path
) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=10_000)
    first = bench.piece("p", NOON, 4_000)
    old_key = device_key(bench)
    bench.clear(NOON)
    request = bench.device.certificate_signing_request(LATER)
    bench.device.authorize(bench.outside.authorization(request, LATER), LATER)
    assert device_key(bench) != old_key
    assert bench.device.registers.ascending_mills == 4_000
    bench.reset(1_000, LATER)
    second = bench.piece("q", LATER, 300)
    assert (second.content.ascending_mills, second.content.descending_mills) == (4_300, 700)
    assert second.content.certificate_serial == first.content.certificate_serial + 1
    assert bench.piece("p", LATER, 4_000) == first
    assert bench.device.check(LATER) == ()


@EVERY_PLACE
def test_a_scrapped_device_does_nothing_any_more(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    with refuses("WRONG_STATUS"):
        bench.device.scrap(bench.outside.scrapping(NOON, order=2), NOON)
    bench.clear(NOON)
    order = bench.outside.scrapping(NOON)
    bench.device.scrap(order, NOON)
    bench.device.scrap(order, NOON)
    assert bench.device.status is Status.SCRAPPED
    asks: list[tuple[str, Callable[[], object]]] = [
        ("WRONG_STATUS", lambda: bench.device.certificate_signing_request(NOON)),
        ("DEVICE_WITHDRAWN", lambda: bench.piece("p", NOON)),
        ("ORDER_ANOTHER", lambda: bench.device.lock(bench.outside.lock(NOON, order=4), NOON)),
        ("WRONG_STATUS", lambda: bench.device.lock(bench.outside.lock(NOON, order=5), NOON)),
    ]
    for code, ask in asks:
        with refuses(code):
            ask()


@EVERY_PLACE
@pytest.mark.duty("R95-501.6(i)(5)")
def test_one_lock_is_released_by_its_own_cause_only(kind: PlaceKind, tmp_path: Path) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    device, outside = bench.device, bench.outside
    device.lock(outside.lock(NOON, "examination"), NOON)
    text = device.lock(outside.lock(NOON, "account"), NOON)
    assert signing.unverified(text, OrderReceipt).locks == ["examination", "account"]
    device.lock(outside.lock(NOON, "account"), NOON)
    with refuses("DEVICE_LOCKED", "examination, account"):
        bench.piece("p", NOON)
    device.unlock(outside.unlock(NOON, "account"), NOON)
    device.unlock(outside.unlock(NOON, "quality"), NOON)
    with refuses("DEVICE_LOCKED", "examination"):
        bench.piece("p", NOON)
    bench.audit(NOON)
    bench.reset(1_000, NOON)
    assert device.show(NOON)["locks"] == ["examination"]
    device.close()
    device = bench.power_up(place.open(), NOON)
    with refuses("DEVICE_LOCKED", "examination"):
        bench.piece("p", NOON)
    device.unlock(outside.unlock(NOON, "examination"), NOON)
    assert bench.piece("p", NOON).registers.piece_count == 1


@EVERY_PLACE
@pytest.mark.parametrize("cause", ["watchdog", "moved", "", "Examination", "x" * 41, "two\nlines"])
def test_no_order_locks_for_a_cause_of_the_devices_own(
    kind: PlaceKind, tmp_path: Path, cause: str
) -> None:
    bench = operational(kind(tmp_path).create())
    with refuses("LOCK_CAUSE_UNREADABLE"):
        bench.device.lock(bench.outside.lock(NOON, cause), NOON)


@EVERY_PLACE
@pytest.mark.law("PSD-4")
@pytest.mark.duty("R97-502.9(e)")
def test_a_rollover_changes_key_and_certificate_and_nothing_else(
    kind: PlaceKind, tmp_path: Path
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    first = bench.piece("p", NOON)
    old, registers = device_key(bench), bench.device.registers
    request = bench.device.request_rollover(NOON)
    assert bench.device.request_rollover(LATER) == request
    asked = signing.verify(request, RolloverRequest, public_key_of(old))
    assert asked.order == 2
    bench.piece("meanwhile", NOON)
    order = bench.outside.rollover(request, NOON)
    receipt = bench.device.apply_rollover(order, NOON)
    new = device_key(bench)
    assert new != old
    signing.verify(receipt, OrderReceipt, public_key_of(new))
    assert set(bench.store.load().keys) == {"journal", "signing-2"}
    bench.device.close()
    bench.power_up(place.open(), NOON)
    assert bench.device.apply_rollover(order, LATER) == receipt
    assert bench.device.registers.ascending_mills == registers.ascending_mills + 320
    assert bench.piece("q", NOON).content.certificate_serial == 2
    assert bench.piece("p", NOON) == first


@EVERY_PLACE
def test_a_rollover_overtaken_by_an_order_is_asked_for_again(
    kind: PlaceKind, tmp_path: Path
) -> None:
    bench = operational(kind(tmp_path).create())
    stale = bench.device.request_rollover(NOON)
    bench.device.lock(bench.outside.lock(NOON), NOON)
    with refuses("ORDER_ANOTHER"):
        bench.device.apply_rollover(bench.outside.rollover(stale, NOON, order=2), NOON)
    request = bench.device.request_rollover(NOON)
    with refuses("ROLLOVER_OF_ANOTHER_REQUEST"):
        bench.device.apply_rollover(bench.outside.rollover(stale, NOON, order=3), NOON)
    old, new = (signing.unverified(text, RolloverRequest) for text in (stale, request))
    assert (new.order, new.signing_request) == (3, old.signing_request)
    bench.device.apply_rollover(bench.outside.rollover(request, NOON, order=3), NOON)
    assert bench.device.show(NOON)["locks"] == ["examination"]


@EVERY_PLACE
@pytest.mark.law("PSD-7")
def test_withdrawal_destroys_a_next_key_that_was_waiting(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    bench.device.request_rollover(NOON)
    assert "signing-2" in bench.store.load().keys
    bench.withdraw(NOON)
    assert set(bench.store.load().keys) == {"journal", "signing-1"}


@EVERY_PLACE
def test_orders_are_carried_out_once_and_in_their_order(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    device, outside = bench.device, bench.outside
    second = outside.lock(NOON, "account")
    receipt = device.lock(second, NOON)
    device.unlock(outside.unlock(NOON, "account"), NOON)
    before = device.state
    for code, order in [
        ("ORDER_OLD", outside.lock(NOON, "quality", order=2)),
        ("ORDER_ANOTHER", outside.lock(NOON, "quality", order=3)),
        ("ORDER_SKIPPED", outside.lock(NOON, "quality", order=5)),
        ("ORDER_OLD", outside.lock(NOON, order=0)),
        ("MESSAGE_FOR_ANOTHER_DEVICE", outside.lock(NOON, order=4, device="FK1A0000000002")),
        ("MESSAGE_SIGNATURE_FALSE", outside.lock(NOON, order=4, by=new_signer("provider"))),
        ("MESSAGE_SIGNATURE_FALSE", outside.lock(NOON, order=4, by=outside.postal)),
        ("MESSAGE_OF_ANOTHER_KIND", outside.unlock(NOON, order=4)),
        ("MESSAGE_UNREADABLE", ""),
        ("MESSAGE_UNREADABLE", "a.b.c"),
    ]:
        with refuses(code):
            device.lock(order, NOON)
        assert device.state == before
    assert device.lock(second, LATER) == receipt
    assert device.state == before


@EVERY_PLACE
def test_an_order_that_was_altered_is_not_believed(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    head, body, signature = bench.outside.lock(NOON).split(".")
    other = bench.outside.lock(NOON, "account", order=2).split(".")[1]
    for text in (f"{head}.{other}.{signature}", f"{head}.{body}.{signature[:-4]}AAAA"):
        with refuses("MESSAGE_SIGNATURE_FALSE"):
            bench.device.lock(text, NOON)


@EVERY_PLACE
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"limit_mills": 500_001}, "LIMIT_NOT_ALLOWED"),
        ({"limit_mills": -1}, "LIMIT_NOT_ALLOWED"),
        ({"zip_code": "2026"}, "INDICIUM_FIELD_OUT_OF_RANGE"),
        ({"watchdog_date": "tomorrow"}, "TIME_UNREADABLE"),
        ({"certificate": "AAAA"}, "CERTIFICATE_UNREADABLE"),
        ({"certificate": "not base64!"}, "CERTIFICATE_UNREADABLE"),
        ({"order": 0}, "ORDER_ANOTHER"),
        ({"order": 2}, "ORDER_SKIPPED"),
    ],
)
def test_an_authorization_outside_the_rules_is_refused(
    kind: PlaceKind, tmp_path: Path, fields: dict[str, object], code: str
) -> None:
    bench = manufactured(kind(tmp_path).create())
    request = bench.device.certificate_signing_request(NOON)
    with refuses(code):
        bench.device.authorize(bench.outside.authorization(request, NOON, **fields), NOON)
    assert bench.device.status is Status.INITIALIZED


@EVERY_PLACE
@pytest.mark.duty("R97-502.9(b)")
def test_only_the_postal_services_certificate_for_this_key_is_taken(
    kind: PlaceKind, tmp_path: Path
) -> None:
    bench = manufactured(kind(tmp_path).create())
    outside = bench.outside
    request = bench.device.certificate_signing_request(NOON)
    other = manufactured(kind(tmp_path / "other").create())
    foreign = other.device.certificate_signing_request(NOON)
    for facts, certificate in [
        ("did not sign", outside.certificate(request, NOON, issuer=new_signer("postal"))),
        ("did not sign", outside.certificate(request, NOON, issuer=outside.provider)),
        ("is for", outside.certificate(request, NOON, name="FK1A0000000002")),
        ("another key", outside.certificate(foreign, NOON)),
        ("ended on", outside.certificate(request, NOON - timedelta(days=30), days=29)),
    ]:
        order = outside.authorization(request, NOON, order=1, certificate=certificate)
        with refuses("CERTIFICATE_NOT_BELIEVED", facts):
            bench.device.authorize(order, NOON)
    right = outside.certificate(request, NOON)
    der = b64decode(right)
    ecdsa_sha256, unheard_of = (bytes.fromhex(f"2a8648ce3d0403{n}") for n in ("02", "7f"))
    assert der.count(ecdsa_sha256) == 2
    odd = b64encode(der.replace(ecdsa_sha256, unheard_of)).decode()
    with refuses("CERTIFICATE_NOT_BELIEVED", "did not sign"):
        bench.device.authorize(outside.authorization(request, NOON, order=1, certificate=odd), NOON)
    bench.device.authorize(outside.authorization(request, NOON, order=1, certificate=right), NOON)


@EVERY_PLACE
@pytest.mark.duty("R95-501.6(i)(5)")
def test_an_inspection_imprint_is_worth_nothing(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    before = bench.device.registers
    imprint = bench.device.inspection_imprint("look", NOON)
    assert len(imprint.content) == 49
    assert bench.device.registers == before
    assert bench.device.inspection_imprint("look", LATER) == imprint
    with refuses("REQUEST_ID_USED"):
        bench.piece("look", NOON)
    bench.piece("piece", NOON)
    with refuses("REQUEST_ID_USED"):
        bench.device.inspection_imprint("piece", NOON)
    with refuses("REQUEST_UNREADABLE"):
        bench.device.inspection_imprint("two words", NOON)
    assert bench.device.check(NOON) == ()


@EVERY_PLACE
def test_the_trust_anchors_are_those_put_in_when_made(kind: PlaceKind, tmp_path: Path) -> None:
    bench = authorized(kind(tmp_path).create())
    standing = bench.device.state.standing
    assert standing.provider_key == point_of(bench.outside.provider.key.public_key())
    assert standing.postal_key == point_of(bench.outside.postal.key.public_key())


@EVERY_PLACE
def test_orders_are_carried_out_under_a_clock_that_is_behind(
    kind: PlaceKind, tmp_path: Path
) -> None:
    """An order takes away or gives back; a wrong clock is no reason to keep working."""
    bench = operational(kind(tmp_path).create())
    bench.piece("ahead", LATER)
    bench.device.lock(bench.outside.lock(NOON), NOON)
    with refuses("DEVICE_LOCKED"):
        bench.piece("p", LATER)
    assert bench.device.state.latest_time == "2026-11-23T13:00:00.000000Z"


@EVERY_PLACE
def test_a_device_is_made_once(kind: PlaceKind, tmp_path: Path) -> None:
    bench = manufactured(kind(tmp_path).create())
    with refuses("DEVICE_EXISTS"):
        manufactured(bench.store)


@EVERY_PLACE
def test_an_empty_store_is_no_device(kind: PlaceKind, tmp_path: Path) -> None:
    place = kind(tmp_path)
    bench = manufactured(kind(tmp_path / "other").create())
    with refuses("DEVICE_NOT_THERE"):
        bench.power_up(place.create(), NOON)


@EVERY_PLACE
def test_a_token_that_is_gone_refuses_and_debits_nothing(
    kind: PlaceKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = operational(kind(tmp_path).create())
    before = bench.device.registers

    def gone(*_: object) -> list[bytes]:
        raise TOKEN_GONE.because("it was pulled out")

    signer = bench.device._mechanism.signer
    with monkeypatch.context() as pulled:
        pulled.setattr(type(signer), "sign_many", gone)
        outcomes = bench.device.evidence_many([EvidenceRequest("p", 1)], NOON)
    assert [type(one) for one in outcomes] == [Refused]
    assert bench.device.registers == before
    assert bench.piece("p", NOON, 1).registers.piece_count == 1
