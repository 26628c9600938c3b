"""The demo does the whole job, as a person sees it and as a program reads it."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from franking.cli.app import run_franking
from franking.errors import EXIT_DONE, EXIT_REFUSED


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "franking-demo"


@pytest.fixture(scope="module")
def scenes(folder: Path) -> list[dict[str, Any]]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert run_franking(["demo", "--dir", str(folder), "--json"]) == EXIT_DONE
    found: list[dict[str, Any]] = json.loads(said.getvalue())["scenes"]
    return found


def _verdicts(scenes: list[dict[str, Any]], title: str) -> list[str]:
    scene = next(scene for scene in scenes if title in scene["title"])
    return [each["verdict"] for each in scene["verifications"]]


def test_all_ten_prints_are_read_back_and_authentic(scenes: list[dict[str, Any]]) -> None:
    assert _verdicts(scenes, "read back") == ["authentic"] * 10


def test_a_copy_cannot_be_told_from_its_original(scenes: list[dict[str, Any]]) -> None:
    assert _verdicts(scenes, "copied") == ["undetermined", "undetermined"]


def test_an_altered_piece_and_one_of_a_revoked_key_are_not_authentic(
    scenes: list[dict[str, Any]],
) -> None:
    assert _verdicts(scenes, "altered") == ["not authentic"]
    assert _verdicts(scenes, "revoked") == ["not authentic"]


def test_the_registers_add_up_to_what_was_credited(scenes: list[dict[str, Any]]) -> None:
    registers = scenes[-1]["facts"]
    assert registers["ascending"] == "$10.585"
    assert registers["descending"] == "$39.415"
    assert registers["control total"].startswith("$50.00")


def test_the_files_named_are_there(scenes: list[dict[str, Any]], folder: Path) -> None:
    names = ("envelopes.pdf", "parcel-label.pdf", "parcel-label.zpl", "one-piece.png")
    assert all((folder / name).stat().st_size > 0 for name in names)
    assert scenes


def test_a_former_demo_is_replaced_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("not a demo")
    assert run_franking(["demo", "--dir", str(tmp_path / "letters")]) == EXIT_REFUSED
    assert (tmp_path / "letters" / "dear.txt").exists()
    assert run_franking(["demo", "--dir", str(folder)]) == EXIT_DONE
