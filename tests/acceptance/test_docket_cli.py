"""``franking docket`` and ``franking explain``, as an officer uses them, on a clock that moves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from icalendar import Calendar

from tests.fixtures_cli import DEVICE, Program, program

__all__ = ["program"]

POSTAL = ("--domain", "postal")
DRILL = "root key drill"
ROOT = "authority:Postal Service of this home"


def test_the_drill_of_the_root_key_is_due_a_year_after_it_was_made(program: Program) -> None:
    told = program.json("docket", *POSTAL)
    (drill,) = [each for each in told["obligations"] if each["duty"] == DRILL]
    assert (drill["record"], drill["start"][:4], drill["due"][:4]) == (ROOT, "2027", "2028")
    assert drill["clause"] == "39 CFR 502.9(e) (1997)"
    shown = program.run("docket", *POSTAL)
    assert drill["due"] in shown.out
    assert "Try the backup of the root key" in shown.out


def test_what_is_past_due_is_swept_once_noted_and_explained(program: Program) -> None:
    late = ("--now", "2028-03-02T10:00")
    planned = program.json("docket", "sweep", "--dry-run", *POSTAL, *late)
    assert planned["missed"][DRILL] == 1
    assert program.json("docket", "sweep", *POSTAL, *late)["missed"][DRILL] == 1
    assert DRILL not in program.json("docket", "sweep", *POSTAL, *late)["missed"]
    program.json(
        *("docket", "note", ROOT, DRILL, "nobody was on duty", "--cost", "12.50", *POSTAL, *late)
    )
    told = program.json("explain", ROOT, *late)["postal"]
    (drill,) = [each for each in told["obligations"] if each["duty"] == DRILL]
    assert "12 months (key_drill_months, policy), counted from 2027-03-01" in drill["why_due"]
    assert [each["event"] for each in drill["events"]] == ["missed", "noted"]
    assert drill["events"][1]["cost_mills"] == 12_500
    shown = program.run("explain", ROOT, *late).out
    assert "nobody was on duty" in shown
    assert "Try the backup of the root key in a spare vault: missed" in shown


def test_a_lock_is_explained_by_its_order_and_its_clause(program: Program) -> None:
    program.json("device", "lock", DEVICE, "--cause", "audit", "--clause", "39 CFR 502.24 (1997)")
    serial = program.show()["device_id"]
    (lock,) = program.json("explain", serial)["provider"]["holds"]
    assert "audit" in lock["what"]
    assert lock["clause"] == "39 CFR 502.24 (1997)"
    assert lock["until"] == ""
    program.json("device", "unlock", DEVICE, "--cause", "audit")
    (lock,) = program.json("explain", serial)["provider"]["holds"]
    assert lock["until"] != ""


def test_a_refusal_and_a_duty_are_explained_by_name(program: Program) -> None:
    assert program.json("explain", "EXCEEDS_DESCENDING")["clause"] == "39 CFR 501.6(c) (1995)"
    assert program.json("explain", "R97-502.27-1")["kind"] == "duty"


def test_the_docket_goes_into_a_calendar_and_into_lines_of_json(
    program: Program, tmp_path: Path
) -> None:
    ics, lines = tmp_path / "docket.ics", tmp_path / "docket.jsonl"
    told = program.json("docket", *POSTAL, "--ics", ics, "--export", lines)
    assert told["files"] == [str(ics), str(lines)]
    events = Calendar.from_ical(ics.read_bytes()).walk("VEVENT")
    exported = [json.loads(line) for line in lines.read_text().splitlines()]
    assert len(events) == len(exported) >= 1
    assert DRILL in {each["duty"] for each in exported}


def test_the_page_can_be_turned(program: Program) -> None:
    first = program.json("docket", "--limit", "1", "--status", "all")
    if first["after"] is not None:
        second = program.json(
            "docket", "--limit", "1", "--status", "all", "--after", first["after"]
        )
        assert second["obligations"] != first["obligations"]
    assert len(first["obligations"]) <= 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("docket", "--status", "late"), "STATUS_UNKNOWN"),
        (("docket", "--clause", "of no document"), "DOCKET_CLAUSE_UNKNOWN"),
        (("docket", "--on", "tomorrow"), "TIME_UNREADABLE"),
        (("docket", "--after", "page two"), "PLACE_UNREADABLE"),
        (("docket", "--ics", "/nowhere/at/all.ics"), "DOCKET_NOT_WRITTEN"),
        (("docket", "--actor", "provider", "sweep"), "USAGE"),
        (("docket", "note", "device:X", DRILL, "why"), "OBLIGATION_UNKNOWN"),
        (("docket", "note", ROOT, DRILL, "  ", *POSTAL), "NOTE_EMPTY"),
        (("docket", "sweep", "--as", "mailer:Al Oh"), "NOT_PERMITTED"),
        (("docket", "sweep", "--now", "2050-01-01"), "CLOCK_JUMPED"),
        (("explain", "device:FK1A9999999999"), "RECORD_UNKNOWN"),
        (("explain", "gibberish"), "DEVICE_ID_UNREADABLE"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_swept(
    program: Program, given: tuple[str, ...], code: str
) -> None:
    program.json("docket", "sweep")
    assert program.refused(*given)["code"] == code
    assert program.json("docket", "--status", "missed", *POSTAL)["obligations"] == []
