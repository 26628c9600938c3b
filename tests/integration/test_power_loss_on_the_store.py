"""The device's store under power cuts: commits whole, creation durable, keys gone when said so."""

from __future__ import annotations

from pathlib import Path

import pytest

from franking.psd.records import EntryKind, Registers, Status
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.store import Commit, Entry, RegisterRow
from tests.power_loss_vfs import PowerCut, Tape, power_cuts, record
from tests.torture_profile import SURVIVALS

WRAPPED = b"the wrapped key of the device under test" * 3
COMMITS = 12


def commit(sequence: int, *, keys: dict[str, bytes] | None = None) -> Commit:
    registers = Registers(
        ascending_mills=320 * sequence,
        descending_mills=500_000 - 320 * sequence,
        control_total_mills=500_000,
        piece_count=sequence,
    )
    numbers = (
        registers.ascending_mills,
        registers.descending_mills,
        registers.control_total_mills,
        registers.piece_count,
        registers.reset_sequence,
    )
    head, time = bytes([sequence]) * 32, "2026-11-21T09:00:00.000000Z"
    entry = Entry(
        sequence, time, EntryKind.EVIDENCE, *numbers, f"piece-{sequence}", b"", b"", b"", head,
        head, b"",
    )  # fmt: skip
    row = RegisterRow(Status.MANUFACTURED, *numbers, sequence, head, time, b"{}", b"")
    return Commit(row=row, entries=[entry], keys=keys or {})


def recorded(folder: Path) -> Tape:
    """A store's whole life: made, written, its keys destroyed, closed."""
    with record(folder) as recording:
        SqliteDeviceStore.create(folder / "device", vfs=recording.vfs).close()
        recording.tape.mark("created")
        store = SqliteDeviceStore.open(folder / "device", vfs=recording.vfs)
        for sequence in range(1, COMMITS + 1):
            store.append(commit(sequence, keys={"key": WRAPPED} if sequence == 1 else None))
            recording.tape.mark(f"commit {sequence}")
        store.destroy_keys(keep=())
        recording.tape.mark("destroyed")
        store.append(commit(COMMITS + 1))
        recording.tape.mark(f"commit {COMMITS + 1}")
        store.close()
    return recording.tape


@pytest.fixture
def tape(tmp_path: Path) -> Tape:
    folder = tmp_path / "store"
    folder.mkdir()
    return recorded(folder)


def committed(cut: PowerCut) -> int:
    return sum(mark.startswith("commit") for mark in cut.marks)


def check_store(cut: PowerCut, folder: Path) -> None:
    store = SqliteDeviceStore.open(cut.lay_out(folder) / "device")
    try:
        stored = store.load()
        assert stored.row == stored.copy
        assert committed(cut) <= stored.last_sequence <= committed(cut) + 1
        assert (stored.row.sequence if stored.row else 0) == stored.last_sequence
        assert [entry.sequence for entry in store.entries()] == [
            *range(1, stored.last_sequence + 1)
        ]
        if "destroyed" in cut.marks:
            assert not stored.keys
        elif committed(cut) and committed(cut) < COMMITS:
            assert stored.keys == {"key": WRAPPED}
    finally:
        store.close()


@pytest.mark.law("PSD-3")
def test_a_commit_is_whole_and_durable_or_not_there(tape: Tape, tmp_path: Path) -> None:
    cuts = 0
    for cut in power_cuts(tape, seeds=3 * SURVIVALS, after="created"):
        check_store(cut, tmp_path / "cut")
        cuts += 1
    assert cuts > 200


def test_a_creation_cut_short_can_be_done_again(tape: Tape, tmp_path: Path) -> None:
    for cut in power_cuts(tape, seeds=2 * SURVIVALS):
        if "created" in cut.marks:
            return
        SqliteDeviceStore.create(cut.lay_out(tmp_path / "cut") / "device").close()


@pytest.mark.law("PSD-7")
def test_a_destroyed_key_is_on_no_part_of_the_disk(tape: Tape) -> None:
    for cut in power_cuts(tape, seeds=6 * SURVIVALS, after="destroyed"):
        for name, content in cut.files.items():
            assert WRAPPED[:40] not in content, (name, cut.instant, cut.seed)


@pytest.mark.law("PSD-3")
def test_what_is_read_after_a_kill_survives_a_power_cut(tape: Tape, tmp_path: Path) -> None:
    """A commit that a killed process had not synced may be read by the next: then it must stay."""
    at_risk = 0
    for instant in range(len(tape.events)):
        if "created" not in [event.name for event in tape.events[:instant]]:
            continue
        killed = tape.killed_before(instant, tmp_path / "killed")
        with record(tmp_path / "killed", tape=killed) as recording:
            store = SqliteDeviceStore.open(tmp_path / "killed" / "device", vfs=recording.vfs)
            read = store.load().last_sequence
            recording.tape.mark("read")
            end = len(recording.tape.events)
            store.close()
        for cut in power_cuts(recording.tape, seeds=2 * SURVIVALS, after="read"):
            if cut.instant > end:
                break
            found = SqliteDeviceStore.open(cut.lay_out(tmp_path / "cut") / "device")
            assert found.load().last_sequence >= read
            found.close()
            at_risk += 1
    assert at_risk > 100
