"""A verifier without a Postal Service of its own: it pins the root, updates, and is told limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fixtures_cli import DEVICE, TODAY, Program, program

__all__ = ["program"]


def _later(days: int) -> str:
    return (datetime.fromisoformat(TODAY) + timedelta(days=days)).isoformat()


@pytest.fixture
def verifier(program: Program, tmp_path: Path) -> Program:
    """Somebody else's home, which was brought the first list."""
    elsewhere = Program(tmp_path / "elsewhere")
    program.json("trust", "publish", "--to", "published")
    elsewhere.json("trust", "show", "--simulated-clock", "--now", TODAY, status=2)
    elsewhere.json("trust", "update", "published", "--root", _root(program))
    return elsewhere


def _root(program: Program) -> Path:
    return program.home / "postal" / "root.pem"


def _piece(program: Program) -> Path:
    program.evidence("a-letter", "--out", "a-letter.png")
    return Path("a-letter.png")


def test_the_first_update_has_to_pin_a_root(program: Program, tmp_path: Path) -> None:
    program.json("trust", "publish", "--to", "published")
    elsewhere = Program(tmp_path / "elsewhere")
    assert elsewhere.refused("trust", "update", "published")["code"] == "ROOT_KEY_NOT_PINNED"


@pytest.mark.duty("R97-502.9(b)")
def test_a_brought_list_verifies_with_no_network_and_says_when_it_is_stale(
    program: Program, verifier: Program
) -> None:
    letter = _piece(program)
    (found,) = verifier.json("verify", letter)
    assert (found["verdict"], found["trust_list"]["age_hours"]) == ("authentic", 0)
    shown = verifier.json("trust", "show", "--now", _later(8))
    assert (shown["stale"], shown["age_hours"]) == (True, 8 * 24)
    assert "no piece is called authentic" in shown["limits"]
    (stale,) = verifier.json("verify", letter, status=4)
    assert (stale["verdict"], stale["reasons"]) == ("undetermined", ["TRUST_LIST_STALE"])


def test_a_stolen_device_reaches_the_verifier_by_the_status_set_and_by_a_delta(
    program: Program, verifier: Program
) -> None:
    letter = _piece(program)
    program.json("device", "report", DEVICE, "--reason", "stolen")
    program.json("trust", "publish", "--to", "published")
    for way, *how in (("status set", "--status-only"), ("delta",)):
        done = verifier.json("trust", "update", "published", *how)
        assert (done["way"], done["reported"]) == (way, 1)
        assert (done["keys_of_list"] is not None) == bool(how)
        (found,) = verifier.json("verify", letter)
        assert (found["verdict"], found["reasons"]) == ("authentic", ["DEVICE_STOLEN"])
    assert verifier.json("trust", "update", "published")["way"] == "nothing new"


def test_an_older_list_and_another_root_are_refused(
    program: Program, verifier: Program, tmp_path: Path
) -> None:
    Path("published").rename("kept")
    program.json("trust", "publish", "--to", "published")
    verifier.json("trust", "update", "published")
    assert verifier.refused("trust", "update", "kept")["code"] == "TRUST_LIST_OLDER"
    stranger = Program(tmp_path / "stranger")
    stranger.json("device", "create", "a", "--simulated-clock", "--now", TODAY)
    told = verifier.refused("trust", "update", "published", "--root", _root(stranger))
    assert told["code"] == "ROOT_KEY_PINNED_OTHERWISE"
    told = stranger.refused("trust", "update", "published", "--root", _root(program))
    assert told["code"] == "ROOT_KEY_PINNED_OTHERWISE"


def test_places_and_folders_that_cannot_be_are_refused(program: Program) -> None:
    Path("file").write_text("no folder")
    assert program.refused("trust", "publish", "--to", "file")["code"] == "TRUST_LIST_NOT_WRITTEN"
    assert program.refused("trust", "update", "nowhere")["code"] == "TRUST_SOURCE_UNREACHABLE"
    assert program.refused("trust", "update", "ftp://a/b")["code"] == "TRUST_SOURCE_UNFIT"


def test_an_update_asks_where_the_last_list_came_from(
    program: Program, verifier: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = program.json("trust", "publish", "--to", "published")
    assert (told["deltas_from"], told["list_bytes"] > 0) == ([told["number"] - 1], True)
    monkeypatch.chdir(verifier.home)
    assert verifier.json("trust", "update")["number"] == told["number"]
    assert program.refused("trust", "update")["code"] == "TRUST_SOURCE_NOT_NAMED"


def test_of_ones_own_lists_the_newer_is_believed(program: Program) -> None:
    program.json("trust", "publish", "--to", "published")
    program.json("trust", "update", "published")
    brought = program.json("trust", "show")["number"]
    program.json("trust", "publish")
    assert program.json("trust", "show")["number"] == brought + 1
