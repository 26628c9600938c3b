"""Power fails at every instant of everything a device does; then the laws are checked.

Each instant is tried with several states in which the disk may come back.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures_torture import memory_folder
from tests.power_loss_vfs import PowerCut, Tape, power_cuts, record
from tests.torture_profile import SURVIVALS
from tests.torture_scenarios import (
    SCENARIOS,
    End,
    Scenario,
    Scene,
    check_after_crash,
    set_scene,
)

__all__ = ["memory_folder"]

_SPLIT = "="


def recorded(scene: Scene) -> Tape:
    """The act, on tape, with a mark at every acknowledgement."""
    with record(scene.folder) as recording:
        device = scene.switched_on(scene.folder / "device", vfs=recording.vfs)
        for label, answer in scene.act(device):
            recording.tape.mark(f"{label}{_SPLIT}{answer}")
        device.close()
    return recording.tape


def said_before(cut: PowerCut) -> dict[str, str]:
    """What the device had acknowledged when the power failed."""
    return dict(mark.split(_SPLIT, 1) for mark in cut.marks)


def ends_after(cut: PowerCut, scene: Scene, folder: Path) -> End:
    try:
        return check_after_crash(scene, cut.lay_out(folder) / "device", said_before(cut))
    except BaseException as error:
        error.add_note(f"power cut at instant {cut.instant}, survival {cut.seed}: {error!r}")
        raise


@pytest.mark.law("PSD-2", "PSD-3", "PSD-4", "PSD-5", "PSD-7")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_power_cut_loses_nothing_acknowledged_and_doubles_nothing(
    scenario: Scenario, memory_folder: Path
) -> None:
    scene = set_scene(scenario, memory_folder / "scene", memory_folder / "rehearsal")
    tape = recorded(scene)
    ends = [
        ends_after(cut, scene, memory_folder / "cut")
        for cut in power_cuts(tape, seeds=4 * SURVIVALS)
    ]
    assert len(ends) > 60
    assert len(set(map(repr, ends))) > 1, "no cut was early and none late"
