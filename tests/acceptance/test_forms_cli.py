"""Forms, the register record and the table of roles, as a person uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from franking.forms.specimens import FORMS
from tests.fixtures_cli import Program, program

__all__ = ["program"]

PDF, PNG = b"%PDF-", b"\x89PNG"


@pytest.mark.parametrize("name", sorted(FORMS))
def test_an_example_is_filled_in_and_drawn(program: Program, tmp_path: Path, name: str) -> None:
    answers, drawn = tmp_path / "answers.json", tmp_path / "form.pdf"
    answers.write_text(program.run("form", name, "--example").out)
    told = program.json("form", name, answers, "--pdf", drawn)
    assert told["files"] == [str(drawn)]
    assert drawn.read_bytes().startswith(PDF)
    assert program.json("form", name, answers) == json.loads(answers.read_text())


def test_the_forms_are_listed_with_their_numbers(program: Program) -> None:
    listed = program.json("form", "list")
    assert {each["number"] for each in listed} >= {
        "PS Form 3601-A", "PS Form 3601-B", "PS Form 3601-C", "PS Form 3602-A"
    }  # fmt: skip


def test_answers_that_are_wrong_or_missing_are_refused_in_words(
    program: Program,
    tmp_path: Path,
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"number": 5}')
    assert "number" in program.refused("form", "3601-b", bad)["detail"]
    assert program.refused("form", "3601-b", tmp_path / "none.json")["code"] == "FORM_UNREADABLE"
    assert program.refused("form", "3601-b")["code"] == "USAGE"
    unknown = program.refused("form", "3601-b", "--example", "--pdf", tmp_path / "a.doc")
    assert unknown["code"] == "OUTPUT_FORMAT_UNKNOWN"
    assert not (tmp_path / "a.doc").exists()


@pytest.mark.duty("R95-P030.2.6b-2")
@pytest.mark.duty("R97-P050.2.1-5")
def test_a_real_device_tells_its_days_of_operation(program: Program, tmp_path: Path) -> None:
    program.evidence("one", postage="1.25")
    program.evidence("two", "--now", "2027-03-04T16:00", postage="0.75")
    drawn = tmp_path / "report.png"
    told = program.json("register-record", "report", "office", "--pdf", drawn)
    assert [(each["on"], each["ascending_mills"], each["pieces"]) for each in told["lines"]] == [
        ("2027-03-01", 1_250, 1),
        ("2027-03-04", 2_000, 1),
    ]
    assert told["lines"][0]["set_mills"] == 50_000
    assert (told["first_day"], told["last_day"]) == ("2026-03-05", "2027-03-04")
    assert told["journal_head"] == program.show()["journal_head"]
    assert drawn.read_bytes().startswith(PNG)


@pytest.mark.duty("R95-P030.2.6b-1")
@pytest.mark.duty("R95-P030.2.1-6")
def test_a_mailer_keeps_the_record_by_hand_and_prints_it(program: Program, tmp_path: Path) -> None:
    keep = ("register-record", "keep", "0200001234", "--on", "2027-02-28")
    assert program.json("register-record", "show", "0200001234")["lines"] == []
    program.json(*keep, "--ascending", "12.00", "--descending", "88.00")
    again = program.refused(*keep, "--ascending", "13.00", "--descending", "87.00")
    assert "--correct" in again["remedy"]
    program.json(*keep, "--ascending", "13.00", "--descending", "87.00", "--correct", "misread")
    drawn = tmp_path / "3602-a.pdf"
    shown = program.json("register-record", "show", "0200001234", "--profile", "meter-1995",
                         "--pdf", drawn)  # fmt: skip
    assert shown["rulebook"] == "meter-1995"
    assert [each["ascending_mills"] for each in shown["lines"]] == [13_000]
    assert drawn.read_bytes().startswith(PDF)


def test_the_record_is_the_mailers_own(program: Program) -> None:
    given = ("--ascending", "1.00", "--descending", "2.00", "--as", "postmaster:Pat Doe")
    refused = program.refused("register-record", "keep", "office", *given)
    assert refused["code"] == "NOT_PERMITTED"
    unknown = program.refused("register-record", "show", "office", "--profile", "meter-1895")
    assert "meter-1895" in unknown["detail"]


def test_the_table_of_roles_is_shown_whole_and_in_parts(program: Program) -> None:
    whole = program.json("people", "show")
    counted = {each["role"]: each["commands"] for each in program.json("people", "roles")}
    for role, count in counted.items():
        assert count == sum(role in line["roles"] for line in whole)
    (line,) = program.json("people", "show", "--command", "keep_reading")
    assert line["roles"] == ["mailer"]
    assert line["clause"] == "DMM P050.2.5b (1997)"
    assert all("mailer" in each["roles"] for each in program.json("people", "show", "--role",
                                                                  "mailer"))  # fmt: skip
    assert program.refused("people", "show", "--role", "wizard")["code"] == "ROLE_UNKNOWN"
    assert program.refused("people", "show", "--command", "x")["code"] == "COMMAND_UNKNOWN"
