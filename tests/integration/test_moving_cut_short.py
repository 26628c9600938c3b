"""A move to another computer, cut short by the power: never two devices that evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from franking.errors import Refused
from franking.psd.device import PostalSecurityDevice
from franking.psd.mechanism import JOURNAL_KEY
from franking.psd.records import LOCK_MOVED, EvidenceRequest, Registers
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.vault.software import SoftwareVault
from tests.fixtures_psd import NOON, Bench, operational, refuses
from tests.fixtures_torture import memory_folder
from tests.memory_store import Disk, MemoryStore
from tests.power_loss_vfs import PowerCut, Tape, power_cuts, record
from tests.torture_profile import SURVIVALS

__all__ = ["memory_folder"]

PASSPHRASE = "from here to there"
PARCELLED = "parcelled"


class WatchedParcel(MemoryStore):
    """A parcel that notes on the tape when a device begins to be in it."""

    def __init__(self, tape: Tape) -> None:
        super().__init__(Disk())
        self._tape = tape

    def adopt(self, *contents: Any) -> None:
        self._tape.mark(PARCELLED)
        super().adopt(*contents)


@pytest.fixture
def bench(memory_folder: Path) -> Bench:
    """A device about to be moved; it is switched off."""
    folder = memory_folder / "here"
    folder.mkdir()
    bench = operational(SqliteDeviceStore.create(folder / "psd"))
    bench.piece("before", NOON)
    bench.device.close()
    return bench


@pytest.mark.law("PSD-3", "PSD-7")
def test_a_move_cut_short_leaves_one_device_or_none_that_evidences(
    bench: Bench, memory_folder: Path
) -> None:
    keys = signing_keys(memory_folder / "here" / "psd")
    with record(memory_folder / "here") as recording:
        path = memory_folder / "here" / "psd"
        device = bench.power_up(SqliteDeviceStore.open(path, vfs=recording.vfs), NOON)
        device.move_out(WatchedParcel(recording.tape), PASSPHRASE, NOON)
        recording.tape.mark("left")
        device.close()
    outcomes = set()
    for cut in power_cuts(recording.tape, seeds=SURVIVALS, step=2 if SURVIVALS == 1 else 1):
        if "left" in cut.marks:
            for content in cut.files.values():
                assert not [key for key in keys if key in content]
        outcomes.add(where_it_stands(bench, cut, memory_folder / "cut" / "psd"))
    assert outcomes == {"here", "on its way", "left"}


def where_it_stands(bench: Bench, cut: PowerCut, path: Path) -> str:
    """Whether the device evidences here; if not, whether it can be moved again."""
    device = bench.power_up(SqliteDeviceStore.open(cut.lay_out(path.parent) / path.name), NOON)
    before = device.registers
    try:
        bench.piece("after", NOON)
    except Refused as refused:
        return moved_again(device, before) if refused.code == "DEVICE_MOVED" else refused.code
    finally:
        device.close()
    return "here, and in a parcel" if PARCELLED in cut.marks else "here"


def moved_again(device: PostalSecurityDevice, before: Registers) -> str:
    """Finish a move: the device arrives with its registers, locked until it is audited."""
    parcel, vault = MemoryStore(Disk()), SoftwareVault.in_memory()
    try:
        device.move_out(parcel, PASSPHRASE, NOON)
    except Refused as refused:
        return "left" if refused.code == "DEVICE_MOVED" else refused.code
    there = MemoryStore(Disk())
    arrived = PostalSecurityDevice.move_in(parcel, PASSPHRASE, there, vault, NOON)
    assert arrived.registers == before
    assert arrived.state.standing.locks == (LOCK_MOVED,)
    with refuses("DEVICE_LOCKED"):
        arrived.evidence(EvidenceRequest("there", 320), NOON)
    return "on its way"


def signing_keys(path: Path) -> list[bytes]:
    store = SqliteDeviceStore.open(path)
    try:
        return [key for name, key in store.load().keys.items() if name != JOURNAL_KEY]
    finally:
        store.close()
