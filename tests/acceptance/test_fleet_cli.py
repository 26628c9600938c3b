"""A hosted fleet as a provider's officer runs it, and a restore that the anchors find."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from franking.cli.app import run_franking
from tests.fixtures_money import deposit_in_home

FIRST, SECOND = "FK1A0000000001", "FK1A0000000002"
DOCKET = ("docket", "--domain", "postal", "--duty", "end contradicted journal")


class Officer:
    """Runs the program in one home, and reads its answers."""

    def __init__(self, home: Path, output: pytest.CaptureFixture[str]) -> None:
        self.home, self._output = home, output

    def __call__(self, *words: str, status: int = 0) -> Any:
        self._output.readouterr()
        assert run_franking([*words, "--home", str(self.home), "--json"]) == status
        return json.loads(self._output.readouterr().out)


@pytest.fixture
def officer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Officer:
    run = Officer(tmp_path / "home", capsys)
    run("home", "create", "--simulated-clock")
    run("fleet", "create", "--zip", "62701", "--count", "2", "--now", "2025-09-02")
    deposit_in_home(run.home)
    run("device", "reset", FIRST, "--amount", "50.00")
    return run


def spend(run: Officer, name: str, *, status: int = 0) -> Any:
    return run(
        "fleet", "evidence", FIRST, "--postage", "0.78", "--request-id", name, "--pieces", "3",
        status=status,
    )  # fmt: skip


def test_hosted_devices_are_made_funded_and_evidence(officer: Officer) -> None:
    done = spend(officer, "a")
    assert [piece["ascending_mills"] for piece in done["pieces"]] == [780, 1560, 2340]
    assert spend(officer, "a") == done
    listed = officer("fleet", "list")
    assert [(each["device"], each["ascending_mills"]) for each in listed] == [
        (FIRST, 2340),
        (SECOND, 0),
    ]


def test_a_hosted_device_is_shown_and_its_life_is_told(officer: Officer) -> None:
    spend(officer, "a")
    shown = officer("device", "show", FIRST)
    assert (shown["device_id"], shown["ascending_mills"]) == (FIRST, 2340)
    assert shown["warnings"] == []
    told = officer("device", "history", FIRST)
    assert {line["source"] for line in told["history"]} >= {"signed"}
    (owed,) = officer("docket", "--duty", "anchor hosted journals")["obligations"]
    assert owed["due"] == "2025-09-09"


def test_a_device_that_is_not_hosted_is_said_so(officer: Officer) -> None:
    answer = officer(
        "fleet", "evidence", "FK1A0000000009", "--postage", "1", "--request-id", "x", status=2
    )
    assert answer["refused"]["code"] == "DEVICE_NOT_THERE"


def test_a_fleet_is_copied_restored_and_held_against_its_anchors(officer: Officer) -> None:
    spend(officer, "a")
    copy = str(officer.home.parent / "copy")
    copied = officer("books", "backup", copy)
    assert {"provider", "postal", "fleet"} <= {each["domain"] for each in copied}
    spend(officer, "b")
    officer("fleet", "anchor")
    shutil.rmtree(officer.home / "fleet")
    (restored,) = officer("books", "restore", copy, "--domain", "fleet")
    assert restored["domain"] == "fleet"
    found = officer("fleet", "reconcile", status=2)["differences"]
    assert [(each["device"], each["kind"]) for each in found] == [(FIRST, "rewound")]
    assert [each["ascending_mills"] for each in officer("fleet", "list")] == [2340, 0]


def test_a_restored_fleet_is_found_faulted_and_told_of(officer: Officer) -> None:
    spend(officer, "a")
    assert officer("fleet", "anchor") == {"anchored": 2}
    kept = officer.home.parent / "kept"
    shutil.copytree(officer.home / "fleet", kept)
    spend(officer, "b")
    assert officer("fleet", "anchor") == {"anchored": 1}
    assert officer("fleet", "reconcile")["differences"] == []

    shutil.rmtree(officer.home / "fleet")
    shutil.copytree(kept, officer.home / "fleet")
    found = officer("fleet", "reconcile", status=2)["differences"]
    assert [(each["device"], each["kind"]) for each in found] == [(FIRST, "rewound")]
    officer("fleet", "anchor")
    owed = officer(*DOCKET)
    assert [each["record"] for each in owed["obligations"]] == [f"device:{FIRST}"]
    officer("fleet", "reconcile", "--fault", status=2)
    assert spend(officer, "c", status=2)["refused"]["code"] == "DEVICE_FAULTED"
    officer("device", "examine", FIRST, "--examiner", "R. Moss", "--finding", "a restored copy")
    ended = officer(*DOCKET, "--status", "satisfied")["obligations"]
    assert [each["record"] for each in ended] == [f"device:{FIRST}"]
