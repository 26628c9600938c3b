"""PSD-2 over every store: a credit once per reset sequence, however often the grant arrives."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from franking.messages import signing
from franking.messages.kinds import ResetClosed, ResetReceipt, ResetRequest
from franking.psd.believing import public_key_of
from franking.psd.records import Status
from tests.fixtures_psd import (
    LIMIT_MILLS,
    NOON,
    Bench,
    authorized,
    new_signer,
    operational,
    position,
    refuses,
)
from tests.fixtures_stores import EVERY_PLACE, PlaceKind

LATER = NOON + timedelta(hours=1)


@EVERY_PLACE
@pytest.mark.law("PSD-2")
@pytest.mark.duty("R97-P050.1.1-2", "R97-Pre-Host", "R95-501.6(c)-4")
def test_the_first_grant_sets_postage_and_makes_the_device_operational(
    kind: PlaceKind, tmp_path: Path
) -> None:
    bench = authorized(kind(tmp_path).create())
    with refuses("DEVICE_NOT_OPERATIONAL"):
        bench.piece("too-early", NOON)
    request = bench.device.request_reset(50_000, "r1", NOON)
    key = public_key_of(bench.device.state.standing.public_key)
    asked = signing.verify(request, ResetRequest, key)
    assert (asked.sequence, asked.amount_mills, asked.request_id) == (1, 50_000, "r1")
    assert bench.device.registers.descending_mills == 0
    grant = bench.outside.grant(request, NOON)
    receipt = signing.verify(bench.device.apply_grant(grant, NOON), ResetReceipt, key)
    assert receipt.grant_digest == signing.digest(grant)
    assert (receipt.sequence, receipt.registers.descending_mills) == (1, 50_000)
    assert (bench.device.status, bench.device.registers.control_total_mills) == (
        Status.OPERATIONAL,
        50_000,
    )


@EVERY_PLACE
@pytest.mark.law("PSD-2")
@pytest.mark.parametrize("isrestarted", [False, True])
def test_the_same_grant_again_gives_the_stored_receipt_and_no_money(
    kind: PlaceKind, tmp_path: Path, isrestarted: bool
) -> None:
    place = kind(tmp_path)
    bench = authorized(place.create())
    grant = bench.outside.grant(bench.device.request_reset(50_000, "r1", NOON), NOON)
    receipt = bench.device.apply_grant(grant, NOON)
    bench.piece("spent", NOON)
    if isrestarted:
        bench.device.close()
        bench.power_up(place.open(), NOON)
    before = bench.device.state
    assert bench.device.apply_grant(grant, LATER) == receipt
    assert bench.device.state == before


@EVERY_PLACE
@pytest.mark.law("PSD-2")
def test_a_stored_receipt_is_given_after_withdrawal_and_clearing(
    kind: PlaceKind, tmp_path: Path
) -> None:
    bench = authorized(kind(tmp_path).create())
    grant = bench.outside.grant(bench.device.request_reset(50_000, "r1", NOON), NOON)
    receipt = bench.device.apply_grant(grant, NOON)
    bench.clear(NOON)
    assert bench.device.apply_grant(grant, LATER) == receipt


@EVERY_PLACE
@pytest.mark.law("PSD-2")
def test_the_same_reset_request_again_gives_the_same_bytes(kind: PlaceKind, tmp_path: Path) -> None:
    bench = authorized(kind(tmp_path).create())
    request = bench.device.request_reset(50_000, "r1", NOON)
    assert bench.device.request_reset(50_000, "r1", LATER) == request
    with refuses("REQUEST_ID_USED"):
        bench.device.request_reset(50_001, "r1", LATER)
    with refuses("RESET_PENDING"):
        bench.device.request_reset(50_000, "r2", LATER)
    bench.device.apply_grant(bench.outside.grant(request, LATER), LATER)
    assert bench.device.request_reset(50_000, "r1", LATER) == request
    with refuses("REQUEST_ID_USED"):
        bench.piece("r1", LATER)


@EVERY_PLACE
@pytest.mark.law("PSD-2")
def test_another_older_or_skipped_grant_is_refused(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=10_000)
    request = bench.device.request_reset(20_000, "r2", NOON)
    before = bench.device.registers
    outside = bench.outside
    another = bench.device.registers.reset_sequence + 1
    for code, grant in [
        ("GRANT_USED", outside.grant(request, NOON, sequence=another - 1)),
        ("GRANT_SKIPPED", outside.grant(request, NOON, sequence=another + 1)),
        ("GRANT_OF_ANOTHER_REQUEST", outside.grant(request, NOON, request_digest="00" * 32)),
        ("GRANT_OF_ANOTHER_REQUEST", outside.grant(request, NOON, amount_mills=20_001)),
        ("MESSAGE_FOR_ANOTHER_DEVICE", outside.grant(request, NOON, device="FK1A0000000002")),
        ("MESSAGE_SIGNATURE_FALSE", outside.grant(request, NOON, by=new_signer("thief"))),
        (
            "JOURNAL_NOT_ACKNOWLEDGED",
            outside.grant(request, NOON, acknowledged=position(3, "ab" * 32)),
        ),
        (
            "JOURNAL_NOT_ACKNOWLEDGED",
            outside.grant(request, NOON, acknowledged=position(9_999, "ab" * 32)),
        ),
    ]:
        with refuses(code):
            bench.device.apply_grant(grant, NOON)
        assert bench.device.registers == before
    bench.device.apply_grant(outside.grant(request, NOON), NOON)
    assert bench.device.registers.descending_mills == 30_000


@EVERY_PLACE
@pytest.mark.law("PSD-2")
def test_a_second_grant_for_a_credited_request_is_refused(kind: PlaceKind, tmp_path: Path) -> None:
    bench = authorized(kind(tmp_path).create())
    request = bench.device.request_reset(20_000, "r1", NOON)
    bench.device.apply_grant(bench.outside.grant(request, NOON), NOON)
    with refuses("GRANT_USED"):
        bench.device.apply_grant(bench.outside.grant(request, LATER), LATER)
    assert bench.device.registers.control_total_mills == 20_000


@EVERY_PLACE
@pytest.mark.law("PSD-2")
def test_a_grant_that_nobody_asked_for_is_refused(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    foreign = operational(kind(tmp_path / "other").create())
    request = foreign.device.request_reset(100, "r9", NOON)
    with refuses("GRANT_UNREQUESTED"):
        bench.device.apply_grant(bench.outside.grant(request, NOON), NOON)


@EVERY_PLACE
@pytest.mark.law("PSD-2")
def test_pieces_may_be_evidenced_between_request_and_grant(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=1_000)
    request = bench.device.request_reset(5_000, "r2", NOON)
    bench.piece("meanwhile", NOON, 600)
    bench.device.apply_grant(bench.outside.grant(request, NOON), NOON)
    assert bench.device.registers.descending_mills == 5_400
    assert bench.device.registers.control_total_mills == 6_000


@EVERY_PLACE
@pytest.mark.law("PSD-2")
def test_a_reset_closed_unused_takes_no_grant_any_more(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=1_000)
    with refuses("NO_RESET_PENDING"):
        bench.device.close_reset(NOON)
    request = bench.device.request_reset(5_000, "r2", NOON)
    grant = bench.outside.grant(request, NOON)
    statement = bench.device.close_reset(NOON)
    key = public_key_of(bench.device.state.standing.public_key)
    closed = signing.verify(statement, ResetClosed, key)
    assert (closed.sequence, closed.request_digest) == (2, signing.digest(request))
    assert closed.registers.reset_sequence == 2
    assert bench.device.close_reset(LATER) == statement
    with refuses("GRANT_USED"):
        bench.device.apply_grant(grant, NOON)
    assert bench.device.registers.control_total_mills == 1_000
    bench.reset(2_000, NOON, "r3")
    assert bench.device.registers.control_total_mills == 3_000
    with refuses("NO_RESET_PENDING"):
        bench.device.close_reset(NOON)


@EVERY_PLACE
@pytest.mark.law("PSD-2")
def test_a_grant_that_an_audit_overtook_is_credited(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=1_000)
    grant = bench.outside.grant(bench.device.request_reset(50, "r2", NOON), NOON)
    bench.audit(NOON)
    known = acknowledged_head(bench)
    bench.device.apply_grant(grant, NOON)
    assert bench.device.registers.descending_mills == 1_050
    assert acknowledged_head(bench) == known


@EVERY_PLACE
@pytest.mark.law("PSD-1")
@pytest.mark.duty("R97-P050.3.6-1", "R97-Pre-500")
def test_no_reset_goes_above_the_limit_in_force(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create(), amount_mills=LIMIT_MILLS - 1)
    with refuses("CREDIT_ABOVE_LIMIT", r"\$500\.00"):
        bench.device.request_reset(2, "r2", NOON)
    bench.reset(1, NOON)
    assert bench.device.registers.descending_mills == LIMIT_MILLS


@EVERY_PLACE
@pytest.mark.law("PSD-1")
def test_a_limit_of_the_authorization_below_the_rule_holds(kind: PlaceKind, tmp_path: Path) -> None:
    bench = authorized(kind(tmp_path).create(), limit_mills=10_000)
    with refuses("CREDIT_ABOVE_LIMIT", r"\$10\.00"):
        bench.device.request_reset(10_001, "r1", NOON)
    assert bench.device.show(NOON)["limit_mills"] == 10_000


@EVERY_PLACE
@pytest.mark.parametrize("amount", [0, -5])
def test_a_reset_of_nothing_is_refused(kind: PlaceKind, tmp_path: Path, amount: int) -> None:
    bench = authorized(kind(tmp_path).create())
    with refuses("AMOUNT_MUST_BE_POSITIVE"):
        bench.device.request_reset(amount, "r1", NOON)
    bench.device.request_reset(5, "r1", NOON)


@EVERY_PLACE
@pytest.mark.law("PSD-2")
@pytest.mark.duty("R97-502.24-2")
def test_a_request_carries_the_audit_data_and_our_acknowledged_entry(
    kind: PlaceKind, tmp_path: Path
) -> None:
    bench = authorized(kind(tmp_path).create())
    first = signing.unverified(bench.device.request_reset(1_000, "r1", NOON), ResetRequest)
    assert (first.acknowledged.sequence, first.acknowledged.entry_hash) == (0, "00" * 32)
    second_bench = operational(kind(tmp_path / "other").create(), amount_mills=1_000)
    head = acknowledged_head(second_bench)
    second = signing.unverified(second_bench.device.request_reset(10, "r2", NOON), ResetRequest)
    assert (second.acknowledged.sequence, second.acknowledged.entry_hash) == head
    assert second.journal.sequence == second_bench.device.state.sequence - 1
    assert second.registers.descending_mills == 1_000


def acknowledged_head(bench: Bench) -> tuple[int, str]:
    standing = bench.device.state.standing
    entry = bench.store.entry(standing.acknowledged_sequence)
    assert entry is not None
    return entry.sequence, entry.hash.hex()


@EVERY_PLACE
@pytest.mark.law("PSD-2")
def test_a_restored_device_is_told_apart_by_its_journal(kind: PlaceKind, tmp_path: Path) -> None:
    """A restore to before an acknowledged reset names another entry than the provider knows."""
    place = kind(tmp_path)
    bench = operational(place.create(), amount_mills=1_000)
    bench.device.close()
    restore = place.saved()
    bench.power_up(place.open(), NOON)
    bench.piece("before", NOON)
    bench.reset(1_000, NOON, "r2")
    known = acknowledged_head(bench)
    bench.device.close()
    restore()
    bench.power_up(place.open(), NOON)
    bench.piece("instead", NOON, 999)
    report = signing.unverified(bench.device.request_reset(50, "r2b", NOON), ResetRequest)
    assert (report.acknowledged.sequence, report.acknowledged.entry_hash) != known
    entry = bench.store.entry(known[0])
    assert entry is None or entry.hash.hex() != known[1]
