"""A disk that is full or broken at any change: refused in words, nothing lost, nothing doubled."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from franking.errors import Refused
from tests.failing_vfs import Failure, failing
from tests.fixtures_torture import memory_folder
from tests.torture_scenarios import SCENARIOS, Scenario, Scene, check_after_crash, set_scene

__all__ = ["memory_folder"]

WORDS = {
    apsw.FullError: {"STORE_FULL"},
    apsw.IOError: {"STORE_FAILING", "DEVICE_FAULTED"},
}


@pytest.mark.law("PSD-3", "PSD-4")
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
@pytest.mark.parametrize("error", list(WORDS), ids=["full", "broken"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_failing_disk_refuses_and_loses_nothing(
    scenario: Scenario, error: type[apsw.Error], lasting: bool, memory_folder: Path
) -> None:
    scene = set_scene(scenario, memory_folder / "scene", memory_folder / "rehearsal")
    path = memory_folder / "failing" / "device"
    for at in itertools.count(1):
        shutil.rmtree(path.parent, ignore_errors=True)
        shutil.copytree(scene.folder, path.parent)
        failure = Failure(error, at, lasting)
        said = said_on_a_failing_disk(scene, path, failure)
        try:
            check_after_crash(scene, path, said)
        except BaseException as problem:
            problem.add_note(f"the disk failed at change {at}")
            raise
        if not failure.happened:
            return


def said_on_a_failing_disk(scene: Scene, path: Path, failure: Failure) -> dict[str, str]:
    """What the device answered, asked twice in the process whose disk fails."""
    said: dict[str, str] = {}
    with failing(failure) as vfs, refused_in_words(failure):
        device = scene.switched_on(path, vfs=vfs)
        for _ in range(2):
            with refused_in_words(failure):
                for label, answer in scene.act(device):
                    assert said.setdefault(label, answer) == answer
        device.close()
    return said


@contextlib.contextmanager
def refused_in_words(failure: Failure) -> Iterator[None]:
    """Nothing but a refusal that fits the failure may come out."""
    try:
        yield
    except Refused as refused:
        if not failure.happened or refused.code not in WORDS[failure.error]:
            raise
