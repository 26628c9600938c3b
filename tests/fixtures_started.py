"""A folder for the path in which ``franking`` answers at once (``started_program``)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.started_program import ASKER

_SECONDS_TO_START = 60


@pytest.fixture(scope="session")
def started_franking() -> Iterator[Path]:
    """The folder; its ``franking`` is a process of its own for every command."""
    with tempfile.TemporaryDirectory(prefix="franking-started-") as folder:
        address = Path(folder) / "socket"
        asker = Path(folder) / "franking"
        asker.write_text(ASKER.format(python=sys.executable, address=str(address)))
        asker.chmod(0o755)
        started = subprocess.Popen(
            [sys.executable, "-m", "tests.started_program", str(address)],
            cwd=Path(__file__).parents[1],
        )
        try:
            _wait_for(address, started)
            yield Path(folder)
        finally:
            started.kill()
            started.wait()


def _wait_for(address: Path, started: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _SECONDS_TO_START
    while not address.exists():
        assert started.poll() is None, "the program does not start"
        assert time.monotonic() < until, "the program starts too slowly"
        time.sleep(0.02)
