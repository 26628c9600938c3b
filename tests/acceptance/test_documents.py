"""Every command that the documents show is run, in the order shown, as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures_started import started_franking

__all__ = ["started_franking"]

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)(#[^)]*)?\)")
BY_THE_MAKEFILE = {"make demo", "make test", "make check", "make bench", "make docs", "make trace"}
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _commands(document: Path) -> str:
    lines = "\n".join(BLOCK.findall(document.read_text("utf-8"))).splitlines()
    return "\n".join(
        line for line in lines if line.split("#")[0].strip() not in BY_THE_MAKEFILE
    ).strip()


WITH_COMMANDS = [document for document in DOCUMENTS if _commands(document)]


@pytest.mark.parametrize("document", WITH_COMMANDS, ids=_name)
def test_every_command_shown_runs(document: Path, tmp_path: Path, started_franking: Path) -> None:
    programs = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", _commands(document)],
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": f"{started_franking}:{programs}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "FRANKING_HOME": str(tmp_path / "home"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def _program(document: Path) -> str:
    return "\n".join(PYTHON.findall(document.read_text("utf-8")))


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if _program(d)], ids=_name)
def test_every_program_shown_runs(document: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _program(document)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_targets_shown_stand_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert all(f"\n{command.split()[1]}:" in makefile for command in BY_THE_MAKEFILE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_link_leads_somewhere(document: Path) -> None:
    targets = [match[1] for match in LINK.finditer(document.read_text("utf-8"))]
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert not missing
