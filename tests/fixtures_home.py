"""A home with one funded device, and the program run in it as a person would."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from franking.cli.app import run_franking
from tests.fixtures_money import deposit_in_home

DAY = "2025-09-02"
FUNDED = 50_000
"""What the device of the home has, in mills."""


@dataclass(frozen=True)
class Told:
    """What one run of the program said: exit status, output, what stood beside it."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The answer of a run with ``--json``."""
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """The code of the refusal that a run with ``--json`` ended in."""
        assert self.status == 2, self.out + self.err
        return str(self.data["refused"]["code"])


Program = Callable[..., Told]


@pytest.fixture(scope="session")
def funded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in Springfield whose device ``office`` holds $50.00; copy it before use."""
    folder = tmp_path_factory.mktemp("franking") / "home"
    where = ["--home", str(folder)]
    for words in (
        ["home", "create", "--simulated-clock"],
        ["device", "create", "office", "--now", DAY],
        ["device", "authorize", "office", "--zip", "62701", "--city", "Springfield", "--state=IL"],
    ):
        assert run_franking([*words, *where]) == 0
    deposit_in_home(folder)
    assert run_franking(["device", "reset", "office", "--amount", "50.00", *where]) == 0
    return folder


@pytest.fixture
def franking(
    funded_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Program:
    """The program, in a copy of the funded home, with an empty folder to work in."""
    shutil.copytree(funded_home, tmp_path / "home")
    monkeypatch.setenv("FRANKING_HOME", str(tmp_path / "home"))
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")

    def run(*words: str | os.PathLike[str]) -> Told:
        capsys.readouterr()
        status = run_franking([str(word) for word in words])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Told(status=status, out=said.out, err=said.err)

    return run
