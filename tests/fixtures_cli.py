"""The program itself, run in this process or in a child, on a home that is copied for each test."""

from __future__ import annotations

import atexit
import io
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from franking.cli.app import run_franking
from franking.home.devices import PASSPHRASE_VARIABLE
from tests.fixtures_money import deposit_in_home

TODAY = "2027-03-01T10:00"
DEVICE = "office"
FUNDED_MILLS = 50_000


@dataclass(frozen=True)
class Told:
    """What the program said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON answer; there is nothing but it."""
        return json.loads(self.out)


class Program:
    """``franking`` on one home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: object) -> Told:
        """Run a command; nothing it does may show a traceback."""
        given = [*map(str, arguments), "--home", str(self.home)]
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = run_franking(given)
        assert "Traceback" not in out.getvalue() + err.getvalue()
        return Told(status, out.getvalue(), err.getvalue())

    def json(self, *arguments: object, status: int = 0) -> Any:
        """Run a command with ``--json``; what it answered."""
        told = self.run(*arguments, "--json")
        assert told.status == status, told.out + told.err
        return told.data

    def refused(self, *arguments: object) -> dict[str, str]:
        """Run a command that is refused; what a program sees of it, which is complete."""
        told = self.json(*arguments, status=2)["refused"]
        assert set(told) == {"code", "clause", "detail", "remedy"}
        assert all(told.values())
        found: dict[str, str] = told
        return found

    def show(self, device: str = DEVICE) -> Any:
        """The display of a device."""
        return self.json("device", "show", device)

    def evidence(self, request_id: str, *more: object, postage: str = "1.00") -> Any:
        """Evidence a piece of the device."""
        asked = ("--postage", postage, "--request-id", request_id)
        return self.json("device", "evidence", DEVICE, *asked, *more)

    def folder(self, device: str = DEVICE) -> Path:
        """Where the device is kept."""
        return self.home / "devices" / device

    def store(self, device: str = DEVICE) -> Path:
        """The file that the device is kept in."""
        return self.folder(device) / "device.sqlite3"

    def forked(self, *arguments: object, before: Callable[[], object] = lambda: None) -> Told:
        """Run in a child process, after ``before`` in it."""
        reading, writing = os.pipe()
        child = self.start(*arguments, before=before, answer=writing)
        with os.fdopen(reading, "rb") as pipe:
            answer = pipe.read()
        _, status = os.waitpid(child, 0)
        assert os.WIFEXITED(status), status
        return Told(**json.loads(answer))

    def start(
        self, *arguments: object, before: Callable[[], object] = lambda: None, answer: int = -1
    ) -> int:
        """Start a child process that runs a command; its number."""
        child = os.fork()
        if child:
            if answer >= 0:
                os.close(answer)
            return child
        status = 1
        try:
            before()
            told = self.run(*arguments)
            status = told.status
            if answer >= 0:
                os.write(answer, json.dumps(vars(told)).encode())
        finally:
            os._exit(status)

    def killed(self, *arguments: object, after_seconds: float) -> bool:
        """Run in a child that is killed after a while; whether it was still at work."""
        child = self.start(*arguments)
        time.sleep(after_seconds)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)


@cache
def funded_home() -> Path:
    """A home with a simulated clock and one device with fifty dollars; to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="franking-cli-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = Program(folder / "home")
    program.json("home", "create", "--simulated-clock", program.home)
    program.json("device", "create", DEVICE, "--now", TODAY)
    program.json("device", "authorize", DEVICE, "--zip", "20260")
    deposit_in_home(program.home)
    program.json("device", "reset", DEVICE, "--amount", "50.00")
    return program.home


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program on a fresh copy of the funded home, in a fresh working folder."""
    monkeypatch.delenv(PASSPHRASE_VARIABLE, raising=False)
    monkeypatch.delenv("FRANKING_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "home"
    shutil.copytree(funded_home(), home)
    return Program(home)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder into which every user of this computer may look."""
    folder = Path(tempfile.mkdtemp(prefix="franking-open-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for each in [folder, *folder.rglob("*")]:
            each.chmod(0o755 if each.is_dir() else 0o644)
        shutil.rmtree(folder)
