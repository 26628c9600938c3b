"""Making a device, cut short by a kill or by the power: made anew, or gone on with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import Registers, Status
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.vault.software import SoftwareVault
from tests.fixtures_psd import NOON, authorized, operational
from tests.fixtures_torture import memory_folder
from tests.kill_shim import Acknowledge, every_ending
from tests.power_loss_vfs import power_cuts, record
from tests.torture_profile import SURVIVALS

__all__ = ["memory_folder"]

VALUE = 100_000
NOTHING = {"DEVICE_NOT_THERE", "STORE_DAMAGED"}
YOUNG = {Status.MANUFACTURED, Status.INITIALIZED, Status.AUTHORIZED}


def stage_after(path: Path, vault: SoftwareVault) -> str:
    """How far the device came; one that is not there is made anew."""
    try:
        device = PostalSecurityDevice.open(SqliteDeviceStore.open(path), vault, NOON)
    except Refused as refused:
        if refused.code not in NOTHING:
            raise
        return made_anew(path, vault)
    with device:
        assert device.check(NOON) == ()
        if device.status in YOUNG:
            assert device.registers == Registers()
        return device.status


def made_anew(path: Path, vault: SoftwareVault) -> str:
    with authorized(SqliteDeviceStore.create(path), vault=vault).device as device:
        assert device.status is Status.AUTHORIZED
    return "nothing"


@pytest.mark.law("PSD-3")
def test_a_birth_killed_at_any_step_is_gone_on_with_or_done_again(memory_folder: Path) -> None:
    vault, path = SoftwareVault.in_memory(), memory_folder / "psd" / "device"

    def lay_out() -> None:
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir()

    def work(vfs: str, acknowledge: Acknowledge) -> None:
        operational(SqliteDeviceStore.create(path, vfs=vfs), vault=vault, amount_mills=VALUE)
        acknowledge("funded")

    stages = []
    for ending in every_ending(work, lay_out=lay_out):
        stages.append(stage_after(path, vault))
        if "funded" in ending.acknowledged:
            assert stages[-1] == Status.OPERATIONAL
    assert set(stages) == {"nothing", Status.OPERATIONAL, *YOUNG}


@pytest.mark.law("PSD-3")
def test_a_birth_cut_short_by_the_power_is_gone_on_with_or_done_again(memory_folder: Path) -> None:
    """No value is ever in a device whose folder may forget it."""
    vault, folder = SoftwareVault.in_memory(), memory_folder / "psd"
    folder.mkdir()
    with record(folder) as recording:
        store = SqliteDeviceStore.create(folder / "device", vfs=recording.vfs)
        bench = authorized(store, vault=vault)
        recording.tape.mark("value may come")
        bench.reset(VALUE, NOON)
        bench.device.close()
    stages = set()
    for cut in power_cuts(recording.tape, seeds=3 * SURVIVALS):
        stage = stage_after(cut.lay_out(memory_folder / "cut") / "device", vault)
        stages.add(stage)
        if "value may come" in cut.marks:
            assert stage in (Status.AUTHORIZED, Status.OPERATIONAL)
    assert stages == {"nothing", Status.OPERATIONAL, *YOUNG}
