"""A misregistering meter from the licensee's word to the last mill, as people run it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.fixtures_cli import Program
from tests.fixtures_databases import DATABASES
from tests.fixtures_stories import (
    DESK,
    LICENCE,
    MANAGER,
    METER,
    checked_out,
    on,
    owed,
    prepared,
    state,
    with_a_meter,
)

POSTMASTER = ("--as", "postmaster:Pat Moore")
PAPERS = (
    "--document=PS Form 3610=copy of 4 March",
    "--document=letter of instruction explaining the summary=attached",
)
DOUBTED = ("--began=1996-05-20", "--ended=1996-05-24", "--registered=60.00")


@pytest.fixture(params=DATABASES)
def meters(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """On 24 May 1996 the licensee of a meter in service reports that it registers twice."""
    program = prepared(with_a_meter, request.param).copied(tmp_path, monkeypatch)
    on(program, "1996-05-24")
    return program


def examined(program: Program) -> None:
    """The meter is reported, retrieved, checked out at $60.00, and examined."""
    told = program.json("adjustment", "defect", METER, "--defect=registers twice", "--by=Joe Acme")
    assert told["state"] == "do not use"
    program.json("inventory", "retrieve", METER)
    on(program, "1996-05-30")
    checked_out(program, METER)
    program.json("inventory", "examine", METER, "--examiner=R. Moss", "--finding=a worn pawl")


@pytest.mark.duty("R95-P030.2.8-1", "R95-P030.2.8-3", "R95-P030.3.8-2", "R95-P030.3.8-5")
def test_a_misregistering_meter_is_reported_adjusted_and_appealed(meters: Program) -> None:
    noted = ("--defect=registers twice", f"--licence={LICENCE}", "--zip=01101")
    meters.json("adjustment", "defect-at-office", METER, *noted, *POSTMASTER)
    examined(meters)
    assert state(meters, METER) == "examined"
    memories = ("--memory=A=40.00/60.00", "--memory=B=40.00/60.00")
    asked = ("adjustment", "report", METER, *DOUBTED, "--fault=a worn pawl", *memories)
    refused = meters.refused(*asked)
    assert refused["code"] == "MALFUNCTION_REPORT_INCOMPLETE"
    assert "PS Form 3610" in refused["detail"]
    seen = meters.json(*asked, *PAPERS, "--dry-run")
    assert (seen["amount_mills"], seen["conclusive"]) == (20_000, True)
    assert meters.json("adjustment", "list") == []
    sent = meters.json(*asked, *PAPERS)
    assert (sent["name"], sent["addressee"]) == ("M-000001", "licensing post office")
    before = meters.json("adjustment", "desk", "--zip=01101")
    assert len(before["defects"]) == 2
    assert before["adjustments"][0]["recommended_mills"] == 20_000
    because = ("--because", "as much as the log shows")
    meters.json("adjustment", "decide", 1, "--amount=15.00", *because, "--as", DESK)
    settled = meters.json("adjustment", "show", 1)
    assert (settled["status"], settled["settled_mills"]) == ("settled", 15_000)
    appeal = ("adjustment", "appeal", 1, "--letter", "The memories agree.", "--by=Joe Acme")
    meters.json(*appeal, "--as", DESK)
    meters.json("adjustment", "hear", 1, "--amount=20.00", "--because=they do", "--as", MANAGER)
    assert meters.json("adjustment", "show", 1)["settled_mills"] == 20_000
    assert "M-000001" in meters.run("adjustment", "list").out
    assert owed(meters, "malfunction:M-000001") == {}


@pytest.mark.duty("R95-P030.3.8-3", "R95-501.22(h)(2)-2")
def test_a_log_gives_the_history_where_the_memories_cannot_be_read(
    meters: Program, tmp_path: Path
) -> None:
    examined(meters)
    log = tmp_path / "log.csv"
    days = [date(1996, 3, 5) + timedelta(days=number) for number in range(49)]
    readings = [f"{day},{number}.00" for number, day in enumerate(days)]
    log.write_text("\n".join(["day,ascending", *readings]))
    assert meters.json("adjustment", "history", METER, log)["new_days"] == 49
    assert meters.json("adjustment", "history", METER, log)["new_days"] == 0
    asked = (METER, *DOUBTED)
    needed = meters.json("adjustment", "papers", *asked)
    assert [each["missing"] for each in needed] == [True, True, True, False]
    papers = (
        "--document=refund request=letter",
        "--document=PS Form 3610=copy",
        "--document=PS Form 3602-A=copy",
    )
    sent = meters.json("adjustment", "report", *asked, *papers)
    estimate = sent["estimate"]
    assert estimate["span_days"] == 5
    assert 4_000 < estimate["low_mills"] <= estimate["used_mills"] <= estimate["high_mills"] < 8_000
    assert sent["recommended_mills"] == 60_000 - estimate["used_mills"]


@pytest.mark.parametrize(
    "lines", ["1996-04-01,-1.00", "1996-02-30,1.00", "1996-04-01", "1996-04-01,1.0001", "x,y,z"]
)
def test_a_log_with_a_bad_line_is_not_taken(meters: Program, tmp_path: Path, lines: str) -> None:
    log = tmp_path / "log.csv"
    log.write_text(f"day,ascending\n{lines}\n")
    code = meters.refused("adjustment", "history", METER, log)["code"]
    assert code in ("MALFUNCTION_UNREADABLE", "MALFUNCTION_UNCLEAR")


def test_what_cannot_be_read_or_is_not_there_is_told_in_words(meters: Program) -> None:
    report = ("adjustment", "report", METER, *DOUBTED)
    for wrong in ("--memory=A", "--memory=A=1.00", "--document=poem=x", "--document=PS Form 3610"):
        assert meters.refused(*report, wrong)["code"] == "MALFUNCTION_UNREADABLE"
    assert meters.refused(*report)["code"] == "NOT_EXAMINED_YET"
    assert meters.refused("adjustment", "show", 9)["code"] == "MALFUNCTION_REPORT_UNKNOWN"
    decide = ("adjustment", "decide", 9, "--amount=1.00", "--because=x")
    assert meters.refused(*decide)["code"] == "ADJUSTMENT_UNKNOWN"
    assert meters.run("adjustment", "list").out.strip() == "No malfunction was reported."
