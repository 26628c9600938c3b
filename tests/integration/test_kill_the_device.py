"""The real process is killed at every write, sync, truncate and unlink of everything it does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fixtures_torture import memory_folder
from tests.kill_shim import Acknowledge, Ending, every_ending
from tests.power_loss_vfs import power_cuts, record
from tests.torture_profile import COMBINED_STEP, SURVIVALS
from tests.torture_scenarios import SCENARIOS, Scenario, Scene, check_after_crash, set_scene

__all__ = ["memory_folder"]

COMBINED = [scenario for scenario in SCENARIOS if scenario.name in ("pieces one by one", "reset")]
_SPLIT = "="


def said_by(ending: Ending) -> dict[str, str]:
    return dict(line.split(_SPLIT, 1) for line in ending.acknowledged)


@pytest.mark.law("PSD-2", "PSD-3", "PSD-4", "PSD-5", "PSD-7")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_kill_loses_nothing_acknowledged_and_doubles_nothing(
    scenario: Scenario, memory_folder: Path
) -> None:
    scene = set_scene(scenario, memory_folder / "scene", memory_folder / "rehearsal")
    path = memory_folder / "killed" / "device"

    def lay_out() -> None:
        shutil.rmtree(path.parent, ignore_errors=True)
        shutil.copytree(scene.folder, path.parent)

    def work(vfs: str, acknowledge: Acknowledge) -> None:
        device = scene.switched_on(path, vfs=vfs)
        for label, answer in scene.act(device):
            acknowledge(f"{label}{_SPLIT}{answer}")
        device.close()

    ends = []
    for ending in every_ending(work, lay_out=lay_out):
        ends.append(check_after_crash(scene, path, said_by(ending)))
    assert len(ends) > 10
    assert ends[-1] == scene.end


@pytest.mark.law("PSD-3", "PSD-4")
@pytest.mark.parametrize("scenario", COMBINED, ids=lambda scenario: scenario.name)
def test_what_is_released_after_a_kill_survives_a_power_cut(
    scenario: Scenario, memory_folder: Path
) -> None:
    """The next process may find a commit that was never synced; it must not speak of it first."""
    scene = set_scene(scenario, memory_folder / "scene", memory_folder / "rehearsal")
    with record(scene.folder) as recording:
        device = scene.switched_on(scene.folder / "device", vfs=recording.vfs)
        for _ in scene.act(device):
            pass
        device.close()
    for instant in range(0, len(recording.tape.events), COMBINED_STEP):
        folder = memory_folder / "killed"
        killed = recording.tape.killed_before(instant, folder)
        with record(folder, tape=killed) as again:
            say_what_is_there(scene, folder / "device", again.vfs, again.tape.mark)
        for cut in power_cuts(again.tape, seeds=SURVIVALS, after="found"):
            said = dict(mark.split(_SPLIT, 1) for mark in cut.marks if _SPLIT in mark)
            check_after_crash(scene, cut.lay_out(memory_folder / "cut") / "device", said)


def say_what_is_there(scene: Scene, path: Path, vfs: str, mark: Acknowledge) -> None:
    """Ask for everything again, and note each answer."""
    device = scene.switched_on(path, vfs=vfs)
    mark("found")
    for label, answer in scene.act(device):
        mark(f"{label}{_SPLIT}{answer}")
    device.close()
