"""PSD-5 over every store: any disagreement destroys the key and leaves the registers readable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from franking.psd import self_test
from franking.psd.believing import point_of
from franking.psd.device import PostalSecurityDevice
from franking.psd.journal import CHECKPOINT_INTERVAL
from franking.psd.records import EvidenceRequest, Status
from franking.psd.store import STORE_FAILING
from franking.psd.vault.software import SoftwareVault
from tests.fixtures_psd import NOON, Bench, operational, refuses
from tests.fixtures_stores import COPY, EVERY_PLACE, ROW, Place, PlaceKind

ASK = EvidenceRequest("known", 320)


def switched_off(place: Place, pieces: int = 3) -> Bench:
    """An operational device with some pieces, switched off."""
    bench = operational(place.create())
    bench.device.evidence(ASK, NOON)
    for number in range(pieces - 1):
        bench.piece(f"p{number}", NOON)
    bench.device.close()
    return bench


def assert_faulted(bench: Bench, place: Place, finding: str) -> None:
    """Faulted, key gone for good, registers and past still readable, and nothing new."""
    device = bench.device
    assert device.status is Status.FAULTED
    assert finding in " ".join(map(str, device.show(NOON)["faults"]))  # type: ignore[call-overload]
    assert set(bench.store.load().keys) <= {"journal"}
    with refuses("DEVICE_FAULTED", finding):
        bench.piece("new", NOON)
    with refuses("DEVICE_FAULTED"):
        device.audit(NOON)
    with refuses("DEVICE_FAULTED"):
        device.withdraw(bench.outside.withdrawal(NOON), NOON)
    shown = device.registers
    device.close()
    again = bench.power_up(place.open(), NOON)
    assert (again.status, again.registers) == (Status.FAULTED, shown)
    with refuses("DEVICE_FAULTED", finding):
        bench.piece("new", NOON)


@EVERY_PLACE
@pytest.mark.law("PSD-5")
@pytest.mark.duty("R95-501.6(i)(5)", "R95-501.6(i)(1)-2")
@pytest.mark.parametrize("which", [ROW, COPY])
@pytest.mark.parametrize(
    "fields",
    [
        {"descending_mills": 999_999, "control_total_mills": 1_000_959},
        {"ascending_mills": 0, "control_total_mills": 99_040},
        {"piece_count": 99},
        {"reset_sequence": 0},
        {"latest_time": "2020-01-01T00:00:00.000000Z"},
        {"status": "authorized"},
        {"mac": b"?" * 16},
        {"head": b"?" * 32},
    ],
)
def test_a_register_row_that_was_altered_faults_the_device_at_power_up(
    kind: PlaceKind, tmp_path: Path, which: int, fields: dict[str, Any]
) -> None:
    place = kind(tmp_path)
    bench = switched_off(place)
    place.alter_row(which, **fields)
    bench.power_up(place.open(), NOON)
    assert_faulted(bench, place, "was not sealed by this device")


@EVERY_PLACE
@pytest.mark.law("PSD-5")
@pytest.mark.parametrize("which", [ROW, COPY])
def test_a_lost_register_row_faults_the_device(kind: PlaceKind, tmp_path: Path, which: int) -> None:
    place = kind(tmp_path)
    bench = switched_off(place)
    place.remove_row(which)
    bench.power_up(place.open(), NOON)
    assert_faulted(bench, place, "is missing")
    assert bench.device.registers.ascending_mills == 960


@EVERY_PLACE
@pytest.mark.law("PSD-5")
def test_a_stale_copy_of_the_registers_faults_the_device(kind: PlaceKind, tmp_path: Path) -> None:
    """Both rows are sealed, but they are of different moments."""
    place = kind(tmp_path)
    bench = operational(place.create())
    row, _ = bench.store.copies()
    assert row is not None
    bench.piece("p1", NOON)
    bench.device.close()
    place.alter_row(COPY, **row._asdict())
    bench.power_up(place.open(), NOON)
    assert_faulted(bench, place, "disagree")


@EVERY_PLACE
@pytest.mark.law("PSD-5")
def test_registers_rolled_back_under_the_journal_fault_the_device(
    kind: PlaceKind, tmp_path: Path
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    row, _ = bench.store.copies()
    assert row is not None
    bench.piece("p1", NOON)
    bench.device.close()
    place.alter_row(ROW, **row._asdict())
    place.alter_row(COPY, **row._asdict())
    bench.power_up(place.open(), NOON)
    assert_faulted(bench, place, "the journal leads to entry")


@EVERY_PLACE
@pytest.mark.law("PSD-5")
@pytest.mark.parametrize("which", [ROW, COPY])
def test_registers_are_compared_before_each_debit(
    kind: PlaceKind, tmp_path: Path, which: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    known = bench.device.evidence(ASK, NOON)
    copies = list(bench.store.copies())
    altered = copies[which]
    assert altered is not None
    copies[which] = altered._replace(descending_mills=1)
    monkeypatch.setattr(bench.store, "copies", lambda: tuple(copies))
    with refuses("DEVICE_FAULTED", "disagree"):
        bench.piece("p1", NOON)
    assert bench.device.evidence(ASK, NOON) == known
    assert_faulted(bench, place, "disagree")


@EVERY_PLACE
@pytest.mark.law("PSD-5")
@pytest.mark.parametrize(
    ("fields", "finding"),
    [
        ({"ascending_mills": 0}, "does not have its hash"),
        ({"content": b"x" * 49}, "does not have its hash"),
        ({"signature": b"x" * 64}, "does not have its hash"),
        ({"request_id": "other"}, "does not have its hash"),
        ({"time": "2026-11-23T12:00:00.000001Z"}, "does not have its hash"),
        ({"mac": b"x" * 16}, "was not sealed by this device"),
        ({"previous_hash": b"x" * 32}, "does not follow"),
    ],
)
def test_a_journal_entry_that_was_altered_faults_the_device(
    kind: PlaceKind, tmp_path: Path, fields: dict[str, Any], finding: str
) -> None:
    place = kind(tmp_path)
    bench = switched_off(place)
    place.alter_entry(6, **fields)
    bench.power_up(place.open(), NOON)
    assert_faulted(bench, place, finding)


@EVERY_PLACE
@pytest.mark.law("PSD-5")
@pytest.mark.parametrize(("sequence", "finding"), [(6, "is missing"), (8, "leads to entry 7")])
def test_a_journal_entry_that_is_gone_faults_the_device(
    kind: PlaceKind, tmp_path: Path, sequence: int, finding: str
) -> None:
    place = kind(tmp_path)
    bench = switched_off(place)
    assert bench.device.state.sequence == 8
    place.remove_entry(sequence)
    bench.power_up(place.open(), NOON)
    assert_faulted(bench, place, finding)


@EVERY_PLACE
@pytest.mark.law("PSD-5")
def test_power_up_reads_from_the_last_checkpoint_and_a_check_reads_it_all(
    kind: PlaceKind, tmp_path: Path
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    batch = [EvidenceRequest(f"p{number}", 1) for number in range(CHECKPOINT_INTERVAL + 10)]
    bench.device.evidence_many(batch, NOON)
    bench.device.close()
    place.alter_entry(20, signature=b"x" * 64)
    device = bench.power_up(place.open(), NOON)
    assert device.status is Status.OPERATIONAL
    assert device.check(NOON) == ("journal entry 20 does not have its hash",)
    assert_faulted(bench, place, "journal entry 20")


@EVERY_PLACE
@pytest.mark.law("PSD-5")
def test_a_stored_indicium_that_was_altered_is_not_given_out(
    kind: PlaceKind, tmp_path: Path
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    bench.device.evidence(ASK, NOON)
    batch = [EvidenceRequest(f"p{number}", 1) for number in range(CHECKPOINT_INTERVAL)]
    bench.device.evidence_many(batch, NOON)
    bench.device.close()
    place.alter_entry(6, signature=b"x" * 64)
    bench.power_up(place.open(), NOON)
    with refuses("STORE_DAMAGED", "entry 6"):
        bench.device.evidence(ASK, NOON)


@EVERY_PLACE
@pytest.mark.law("PSD-5")
def test_an_altered_checkpoint_faults_the_device(kind: PlaceKind, tmp_path: Path) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    batch = [EvidenceRequest(f"p{number}", 1) for number in range(CHECKPOINT_INTERVAL)]
    bench.device.evidence_many(batch, NOON)
    bench.device.close()
    place.alter_checkpoint(ascending_mills=0)
    bench.power_up(place.open(), NOON)
    assert_faulted(bench, place, "the checkpoint at entry")


@EVERY_PLACE
@pytest.mark.law("PSD-5")
def test_a_lost_signing_key_faults_the_device(kind: PlaceKind, tmp_path: Path) -> None:
    place = kind(tmp_path)
    bench = switched_off(place)
    place.take_key("signing-1")
    bench.power_up(place.open(), NOON)
    assert_faulted(bench, place, "the signing key is missing")


@EVERY_PLACE
@pytest.mark.law("PSD-5")
@pytest.mark.parametrize("iswellmade", [False, True])
def test_another_signing_key_faults_the_device(
    kind: PlaceKind, tmp_path: Path, iswellmade: bool
) -> None:
    place = kind(tmp_path)
    bench = switched_off(place)
    name = str(bench.device.device_id)
    wrapped = bench.vault.generate(name).wrapped if iswellmade else b"not a key"
    place.take_key("signing-1")
    place.put_key("signing-1", wrapped)
    bench.power_up(place.open(), NOON)
    assert_faulted(bench, place, "not the one" if iswellmade else "does not open")


@EVERY_PLACE
@pytest.mark.law("PSD-5")
@pytest.mark.parametrize(
    ("constant", "finding"),
    [
        ("_KNOWN_SHA256", "SHA-256 gives a wrong answer"),
        ("_KNOWN_HMAC", "HMAC-SHA-256 gives a wrong answer"),
        ("_KNOWN_MESSAGE", "ECDSA over P-256 gives a wrong answer"),
    ],
)
def test_a_failed_known_answer_faults_the_device(
    kind: PlaceKind, tmp_path: Path, constant: str, finding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = kind(tmp_path)
    bench = switched_off(place)
    with monkeypatch.context() as wrong:
        wrong.setattr(self_test, constant, b"wrong")
        bench.power_up(place.open(), NOON)
    assert_faulted(bench, place, finding)


@EVERY_PLACE
@pytest.mark.law("PSD-5")
def test_a_wrong_vault_is_no_fault_of_the_device(kind: PlaceKind, tmp_path: Path) -> None:
    place = kind(tmp_path)
    bench = switched_off(place)
    store = place.open()
    with refuses("VAULT_CANNOT_OPEN"):
        PostalSecurityDevice.open(store, SoftwareVault.in_memory(), NOON)
    assert bench.power_up(place.open(), NOON).status is Status.OPERATIONAL
    bench.piece("still-good", NOON)


@EVERY_PLACE
@pytest.mark.law("PSD-5", "PSD-7")
def test_power_up_finishes_a_destruction_cut_short(
    kind: PlaceKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault was written, the key was not yet overwritten when the power went."""
    place = kind(tmp_path)
    bench = switched_off(place)
    place.alter_row(COPY, piece_count=99)
    store = place.open()

    def power_fails(**_: object) -> None:
        raise STORE_FAILING.because("the power went")

    with monkeypatch.context() as cut:
        cut.setattr(store, "destroy_keys", power_fails)
        bench.power_up(store, NOON)
    assert "signing-1" in store.load().keys
    bench.device.close()
    bench.power_up(place.open(), NOON)
    assert_faulted(bench, place, "was not sealed by this device")


@EVERY_PLACE
@pytest.mark.law("PSD-5")
def test_a_sound_device_passes_every_check(kind: PlaceKind, tmp_path: Path) -> None:
    place = kind(tmp_path)
    bench = switched_off(place, pieces=10)
    device = bench.power_up(place.open(), NOON)
    assert device.status is Status.OPERATIONAL
    assert device.check(NOON) == ()
    assert point_of(bench.outside.provider.key.public_key()) == device.state.standing.provider_key
