"""The real process is killed at every write, sync, truncate and unlink of everything it does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from franking.psd.records import Evidence, EvidenceRequest
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.vault.software import SoftwareVault
from tests.fixtures_psd import NOON, operational
from tests.fixtures_torture import memory_folder
from tests.kill_shim import Acknowledge, Ending, every_ending
from tests.power_loss_vfs import power_cuts, record
from tests.torture_profile import COMBINED_STEP, SURVIVALS
from tests.torture_scenarios import (
    SCENARIOS,
    Scenario,
    Scene,
    check_after_crash,
    request,
    set_scene,
)

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


@pytest.mark.law("PSD-3", "PSD-4")
def test_callers_who_share_a_commit_are_killed_together(memory_folder: Path) -> None:
    """Four callers at once, killed at a step of a shared commit: all of it, or none."""
    scene = set_scene(SCENARIOS[0], memory_folder / "scene", memory_folder / "rehearsal")
    path = memory_folder / "killed" / "device"
    names = [f"caller-{number}" for number in range(24)]

    def lay_out() -> None:
        shutil.rmtree(path.parent, ignore_errors=True)
        shutil.copytree(scene.folder, path.parent)

    def work(vfs: str, acknowledge: Acknowledge) -> None:
        device = scene.switched_on(path, vfs=vfs)

        def call(name: str) -> None:
            acknowledge(f"{name}{_SPLIT}{device.evidence(request(name), NOON).indicium.hex()}")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(call, names))

    for ending in every_ending(work, lay_out=lay_out, step=COMBINED_STEP):
        said = said_by(ending)
        with scene.switched_on(path) as device:
            assert device.registers.piece_count >= len(said)
            again = {name: device.evidence(request(name), NOON).indicium.hex() for name in names}
            assert {name: again[name] for name in said} == said
            assert device.registers.piece_count == len(names) == len(set(again.values()))
            assert device.check(NOON) == ()


PROGRAM = """
import sys
from pathlib import Path
from franking.clock import parse_instant
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import EvidenceRequest
from franking.psd.sqlite_store import SqliteDeviceStore
from franking.psd.vault.software import SoftwareVault

folder, now, run = Path(sys.argv[1]), parse_instant(sys.argv[2]), sys.argv[3]
device = PostalSecurityDevice.open(
    SqliteDeviceStore.open(folder / "psd"), SoftwareVault.load(folder / "vault"), now
)
for number in range(1_000_000):
    name = f"{run}-{number}"
    print(name, device.evidence(EvidenceRequest(name, 1), now).indicium.hex(), flush=True)
"""


@pytest.mark.law("PSD-3", "PSD-4")
def test_a_program_killed_from_outside_has_lost_nothing_it_printed(tmp_path: Path) -> None:
    vault = SoftwareVault.create(tmp_path / "vault")
    bench = operational(SqliteDeviceStore.create(tmp_path / "psd"), vault=vault)
    bench.device.close()
    printed: dict[str, str] = {}
    for run in range(3):
        printed |= printed_until_killed(tmp_path, run=run, lines=40 + 60 * run)
    device = bench.power_up(SqliteDeviceStore.open(tmp_path / "psd"), NOON)
    assert device.check(NOON) == ()
    assert device.registers.piece_count >= len(printed) > 200
    again = device.evidence_many([EvidenceRequest(name, 1) for name in printed], NOON)
    for asked, outcome in zip(printed, again, strict=True):
        assert isinstance(outcome, Evidence)
        assert outcome.indicium.hex() == printed[asked]


def printed_until_killed(folder: Path, *, run: int, lines: int) -> dict[str, str]:
    """What a program of its own printed before it was killed: a name and bytes a line."""
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, folder, NOON.isoformat(), f"run{run}"],
        stdout=subprocess.PIPE,
        text=True,
    )
    with program:
        assert program.stdout is not None
        said = [program.stdout.readline() for _ in range(lines)]
        program.kill()
        said += program.stdout.readlines()
    return dict(line.split() for line in said if line.endswith("\n"))
