"""A device whose key lives in a token: the token may go and come back, the device loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.errors import Refused
from franking.indicium.content import CONTENT_BYTES
from franking.indicium.signature import verify_raw
from franking.psd.believing import public_key_of
from franking.psd.records import EvidenceRequest, Status
from franking.psd.sqlite_store import SqliteDeviceStore
from tests.fixtures_psd import NOON, Bench, operational, refuses
from tests.fixtures_softhsm import fresh_vault, tokens_carried_off


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A device with postage, its keys wrapped under a SoftHSM2 token."""
    return operational(SqliteDeviceStore.create(tmp_path / "psd"), vault=fresh_vault())


def reopened(bench: Bench, tmp_path: Path) -> Bench:
    bench.device.close()
    bench.power_up(SqliteDeviceStore.open(tmp_path / "psd"), NOON)
    return bench


@pytest.mark.law("PSD-3", "PSD-4")
def test_the_token_gone_while_evidencing_refuses_and_debits_nothing(bench: Bench) -> None:
    before = bench.piece("first", NOON).registers
    with tokens_carried_off():
        with refuses("TOKEN_GONE"):
            bench.piece("second", NOON)
        outcomes = bench.device.evidence_many(
            [EvidenceRequest(f"batch-{number}", 320) for number in range(5)], NOON
        )
        assert {outcome.code for outcome in outcomes if isinstance(outcome, Refused)} == {
            "TOKEN_GONE"
        }
        assert bench.device.registers == before
        assert bench.piece("first", NOON).registers == before
    second = bench.piece("second", NOON)
    assert second.registers.piece_count == 2
    signature = second.indicium[CONTENT_BYTES:]
    key = public_key_of(bench.device.state.standing.public_key)
    verify_raw(key, second.indicium[:CONTENT_BYTES], signature)


@pytest.mark.law("PSD-5")
def test_the_token_gone_at_power_up_is_no_fault_of_the_device(bench: Bench, tmp_path: Path) -> None:
    first = bench.piece("first", NOON)
    bench.device.close()
    with tokens_carried_off(), refuses("TOKEN_GONE"):
        bench.power_up(SqliteDeviceStore.open(tmp_path / "psd"), NOON)
    again = reopened(bench, tmp_path)
    assert again.device.status is Status.OPERATIONAL
    assert again.piece("first", NOON).indicium == first.indicium
    assert again.piece("second", NOON).registers.piece_count == 2


@pytest.mark.law("PSD-4")
def test_a_token_that_signs_differently_each_time_still_gives_the_same_bytes(
    bench: Bench, tmp_path: Path
) -> None:
    first = bench.piece("first", NOON)
    again = reopened(bench, tmp_path)
    again.roll_over(NOON)
    assert again.piece("first", NOON).indicium == first.indicium
