"""Approval of models, and the keeping and destroying of records, as a person uses them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.fixtures_cli import Program
from tests.fixtures_models import METER, PSD

DAY = "1997-06-02T10:00"
Ask = Callable[..., Any]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A fresh home whose clock stands at 2 June 1997."""
    monkeypatch.delenv("FRANKING_HOME", raising=False)
    monkeypatch.delenv("FRANKING_AS", raising=False)
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path / "home")
    program.json("licence", "list", "--simulated-clock", "--now", DAY)
    return program


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """What a provider has in the drawer."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "drawings.pdf").write_bytes(b"drawings")
    (folder / "psd.json").write_bytes(msgspec.json.encode(PSD))
    (folder / "meter.json").write_bytes(msgspec.json.encode(METER))
    return folder


def submit(office: Program, papers: Path, *more: object) -> Any:
    """Submit a PSD."""
    drawn, described = papers / "drawings.pdf", papers / "psd.json"
    return office.json(
        "model", "submit", "FK1A", "1.0", "--design", drawn, "--description", described, *more
    )


@pytest.mark.duty("R95-501.8-3")
def test_a_device_of_a_model_that_nobody_approved_is_not_taken_in(office: Program) -> None:
    told = office.refused("inventory", "intake", "0100000001", "--model", "6500")
    assert told["code"] == "MODEL_NOT_APPROVED"
    office.json("model", "demonstrate", "6500", "1.0", "--rulebook", "meter-1995")
    taken = ("inventory", "intake", "0100000001", "--model", "6500", "--model-version", "1.0")
    assert office.json(*taken)["model"] == "6500"


@pytest.mark.duty("R97-Pre-Submit", "R97-502.10")
def test_a_submission_is_filed_and_judged_item_by_item(office: Program, papers: Path) -> None:
    submit(office, papers)
    model = ("FK1A", "1.0")
    office.json("model", "file", *model, "letter of intent", "--document", papers / "drawings.pdf")
    office.json("model", "judge", *model, "letter of intent")
    office.json("model", "file", *model, "product", "--document", papers / "drawings.pdf")
    office.json("model", "judge", *model, "product", "--return", "no unit came")
    shown = office.json("model", "show", *model)
    assert shown["status"] == "submitted"
    assert "letter of intent" not in shown["missing"]
    assert {"product", "laboratory certificate"} <= set(shown["missing"])
    assert [each["status"] for each in shown["filings"]] == ["accepted", "returned"]
    told = office.run("model", "show", *model).out
    assert "no unit came" in told
    refused = office.refused("model", "approve", *model)
    assert refused["code"] == "MODEL_MAY_NOT_MOVE"
    assert office.refused("model", "tested", *model)["code"] == "SUBMISSION_INCOMPLETE"


def test_the_items_of_a_submission_are_listed_with_clause_step_and_fields(
    office: Program, papers: Path
) -> None:
    listed = office.json("model", "items", "meter-1995", "--description", papers / "meter.json")
    found = {each["item"]: each for each in listed}
    assert found["test plan"]["clause"] == "39 CFR 501.7 (1995)"
    assert found["test plan"]["fields"] == ["tests", "instruments"]
    assert found["endurance record"]["needed_for"] == "tested"


@pytest.mark.duty("R95-501.9", "R95-501.11(c)-2")
def test_a_demand_waits_on_the_docket_until_it_is_answered(office: Program, papers: Path) -> None:
    submit(office, papers)
    model = ("FK1A", "1.0")
    asked = office.json("model", "demand", *model, "--kind", "documents", "--what", "sources")
    (due,) = office.json("docket", "--duty", "answer demand")["obligations"]
    assert due["record"] == f"demand:{asked['number']}"
    (papers / "answer.json").write_text(json.dumps({"demand": 1, "delivered": "on disc"}))
    office.json("model", "file", *model, "demand answer", "--content", papers / "answer.json")
    (answered,) = office.json("model", "demands")
    assert answered["answered_on"] == "1997-06-02"
    assert office.json("docket", "--duty", "answer demand")["obligations"] == []


@pytest.mark.duty("R95-501.10-1", "R97-502.12")
def test_a_suspended_model_is_explained_by_its_clause(office: Program) -> None:
    office.json("model", "demonstrate", "FK1A", "1.0")
    decided = ("--proceeding", "case:1", "--because", "keys may leak")
    office.json("model", "suspend", "FK1A", "1.0", *decided)
    assert "suspended keys may leak" in office.run("model", "list").out
    explained = office.run("explain", "model:FK1A/1.0").out
    assert "no device may be placed: suspended" in explained
    assert "39 CFR 502.14 (1997)" in explained
    office.json("model", "restore", "FK1A", "1.0", *decided)
    office.json("model", "revoke", "FK1A", "1.0", *decided)
    assert office.refused("model", "restore", "FK1A", "1.0", *decided)["code"] == (
        "MODEL_MAY_NOT_MOVE"
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("show FK1A 9.9", "MODEL_UNKNOWN"),
        ("judge FK1A 1.0 design", "ITEM_NOT_FILED"),
        ("file FK1A 1.0 design", "FILING_UNREADABLE"),
        ("file FK9Z 1.0 design --document psd.json", "MODEL_NOT_SUBMITTED"),
        ("file FK1A 1.0 design --document gone", "DOCUMENT_UNREADABLE"),
        ("file FK1A 1.0 product --document . ", "DOCUMENT_UNREADABLE"),
        ("file FK1A 1.0 'test report' --content list.json", "FILING_UNREADABLE"),
        ("file FK1A 1.0 'test report' --content no.json", "FILING_UNREADABLE"),
        ("approve FK1A 1.0 --field-test 3 --until soon", "TIME_UNREADABLE"),
        ("items rules-of-1066", "RULEBOOK_UNKNOWN"),
        ("demonstrate FK1A 1.0", "MODEL_SUBMITTED"),
    ],
)
def test_bad_input_is_refused_with_a_remedy(
    office: Program,
    papers: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    code: str,
) -> None:
    submit(office, papers)
    (papers / "list.json").write_text("[1]")
    (papers / "no.json").write_text("{")
    monkeypatch.chdir(papers)
    assert office.refused("model", *shlex.split(words))["code"] == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("show device:1", "RECORD_NOT_RETAINED"),
        ("propose device:1", "RECORD_NOT_RETAINED"),
        ("destroy device:1", "RECORD_NOT_RETAINED"),
        ("destroy device:1 --kind diary", "RECORD_NOT_RETAINED"),
        ("list --until soon", "TIME_UNREADABLE"),
        ("lift device:1 7", "RECORD_HELD"),
    ],
)
def test_what_is_not_retained_is_not_shown_lifted_or_destroyed(
    office: Program, words: str, code: str
) -> None:
    assert office.refused("retention", *shlex.split(words))["code"] == code


def test_placeholder_papers_are_refused_where_the_clock_is_real(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    program.json("home", "create")
    told = program.refused("model", "demonstrate", "FK1A", "1.0")
    assert told["code"] == "DEMONSTRATION_ONLY"


@pytest.mark.duty("R95-501.22(k)-4")
def test_three_years_after_its_scrapping_two_people_destroy_a_meters_record(
    office: Program, tmp_path: Path
) -> None:
    serial, record = "0100000001", "device:0100000001"
    office.json("model", "demonstrate", "6500", "1.0", "--rulebook", "meter-1995")
    taken = ("inventory", "intake", serial, "--model", "6500", "--model-version", "1.0")
    office.json(*taken)
    office.json("inventory", "scrap", serial, "--because", "dropped")
    (kept,) = office.json("retention", "list")
    assert kept["destroy_by"] == "2000-06-02"
    first, second = ("--as", "provider agent:Ann"), ("--as", "provider agent:Bea")
    early = office.refused("retention", "propose", record, *first)
    assert early["code"] == "RECORD_KEPT_STILL"

    office.json("retention", "propose", record, *first, "--now", "2000-06-02T09:00")
    alone = office.refused("retention", "destroy", record, *first)
    assert alone["code"] == "SECOND_PERSON_WANTED"
    dry = office.json("retention", "destroy", record, *second, "--dry-run")
    assert dry["status"] == "proposed for destruction"
    assert office.run("device", "history", serial).status == 0
    done = office.json("retention", "destroy", record, *second, "--pdf", tmp_path / "paper.pdf")
    assert (done["first"], done["second"]) == ("Ann", "Bea")
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")
    assert office.json("device", "history", serial)["history"] == []
    assert "certificate 1" in office.run("retention", "show", record).out
    office.json("journal", "export", tmp_path / "journal.jsonl", "--domain", "provider")
    assert office.json("journal", "verify", tmp_path / "journal.jsonl")["faults"] == []


def test_a_hold_is_placed_by_an_officer_and_explained(office: Program) -> None:
    serial, record = "0100000001", "device:0100000001"
    office.json("model", "demonstrate", "6500", "1.0", "--rulebook", "meter-1995")
    taken = ("inventory", "intake", serial, "--model", "6500", "--model-version", "1.0")
    office.json(*taken)
    clerk = ("--as", "provider agent:Ann")
    asked = ("retention", "hold", record, "--because", "case 12")
    assert office.refused(*asked, *clerk)["code"] == "NOT_PERMITTED"
    assert office.json(*asked)["number"] == 1
    assert "legal hold 1: not destroyed" in office.run("explain", record).out
    assert office.json("retention", "lift", record, "1")["lifted_at"].startswith("1997-06-02")
