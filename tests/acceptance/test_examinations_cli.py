"""Examinations from the command line: at the post office, at the licensee's, by an inspector."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from franking.provider.books import open_books
from franking.provider.examinations.checklist import ITEMS
from franking.rules.permissions import Role
from franking.storage import Actor
from tests.fixtures_cli import Program, open_folder, program
from tests.fixtures_inventory import MODEL, approve
from tests.fixtures_money import account_in_home

__all__ = ["open_folder", "program"]

METER, SPARE = "0112345678", "0112345679"


@pytest.fixture
def licence(program: Program) -> str:
    """The licence of a home in which two meters are in service since 1 March 2027."""
    (found,) = program.json("licence", "list")
    number: str = found["licence"]
    books = program.home / "provider" / "books.sqlite3"
    opened = open_books(books, by=Actor("Lee Park", Role.PROVIDER_AGENT))
    approve(opened, MODEL, "meter-1995")
    opened.close()
    head = (
        "serial,kind,rulebook,model,remote,state,licence,lease,licensee,office,place,installed_on,"
        "ascending"
    )
    lines = [
        f"{serial},meter,meter-1995,{MODEL},yes,in service,{number},L-{serial},Acme Bolts,20260,"
        "12 Main St,2027-03-01,10.00"
        for serial in (METER, SPARE)
    ]
    fleet = program.home.parent / "fleet.csv"
    fleet.write_text("\n".join([head, *lines]) + "\n")
    imported = program.json("inventory", "import", fleet)
    assert imported["imported"] == 2
    program.json("telephone-reset", "enrol", METER)
    return number


def sweep(program: Program, day: str) -> None:
    program.json("docket", "sweep", "--now", day)


def reset(program: Program, serial: str = METER) -> tuple[object, ...]:
    return (
        *("telephone-reset", "call", serial, "--amount", "50.00"),
        *("--account", account_in_home(program.home)),
        *("--ascending", "10.00", "--descending", "0.00"),
    )


@pytest.mark.usefixtures("licence")
def test_an_examination_at_the_post_office_lets_the_meter_go_on(program: Program) -> None:
    sweep(program, "2027-06-02")
    sweep(program, "2027-06-18")
    program.refused(*reset(program))
    examined = ("examination", "at-office", METER, "--licence", "1")
    shown = ("--ascending", "10.00", "--descending", "0")
    program.json(*examined, *shown)
    program.json(*reset(program))
    told = program.run("examination", "show", METER)
    assert "examined" in told.out
    (found,) = program.json("examination", "reports", METER)
    assert found["kind"] == "examination at the office"
    assert found["facts"].startswith("ascending $10.00, descending $0.00; by ")


@pytest.mark.usefixtures("licence")
def test_an_irregular_meter_is_inspected_and_stopped(program: Program) -> None:
    sheet = program.json("examination", "sheet", METER, "--inspector", "Ines Pector")
    assert set(sheet["items"]) == set(ITEMS)
    empty = Path("empty.json")
    empty.write_text(json.dumps(sheet))
    assert program.refused("examination", "inspect", METER, "--sheet", empty)["code"] == (
        "INSPECTION_UNREADABLE"
    )
    filled = {
        **{name: 0 for name in sheet if name.endswith("_mills")},
        **dict.fromkeys(("ascending_mills", "receipt_control_total_mills"), 10_000),
        "serial": METER,
        "inspector": "Ines Pector",
        "log_seen": True,
        "remarks": "",
        "seal_number": "S-1",
        "receipt_seal_number": "S-1",
        "licensee_signature": "A. Bolt",
        "items": dict.fromkeys(ITEMS, "sound") | {"cover": "irregular"},
    }
    signed = Path("signed.json")
    signed.write_text(json.dumps(filled))
    told = program.run("examination", "inspect", METER, "--sheet", signed)
    assert "501.25(b)(7)(vii): cover is irregular" in told.out
    assert program.json("examination", "reports", METER)[0]["kind"] == "irregular on inspection"
    missing = program.refused("examination", "inspect", METER, "--sheet", "no.json")
    assert missing["code"] == "SHEET_NOT_READ"


def test_an_inspector_withdraws_and_the_postage_moves(program: Program, licence: str) -> None:
    inspector = ("--as", "postal inspector:I. Spector")
    opened = program.json(
        *("examination", "suspect", METER, "--licence", licence, "--suspicion", "odd"), *inspector
    )
    shown = ("--ascending", "10.00", "--descending", "7.50")
    withdraw = ("examination", "withdraw", opened["number"], *shown, *inspector)
    assert program.refused(*withdraw)["code"] == "SUSPICION_MISSING"
    receipt = program.json(*withdraw, "--unannounced", "no time")["receipt"]
    moved = program.json("examination", "replace", receipt, "--by", SPARE)
    assert moved["moved_mills"] == 7_500
    assert program.json("examination", "show", METER)["state"] == "seized"


def test_commands_are_for_their_roles(program: Program, licence: str) -> None:
    mailer = ("--as", "mailer:Acme")
    for asked in (
        ("examination", "notices"),
        ("examination", "remove", 1),
        ("examination", "suspect", METER, "--licence", licence, "--suspicion", "odd"),
    ):
        refused = program.refused(*asked, *mailer)["code"]
        assert refused in ("NOT_PERMITTED", "REFERRAL_UNKNOWN")


@pytest.mark.usefixtures("licence")
def test_everybody_can_have_a_missed_examination_explained(program: Program) -> None:
    for day in ("2027-06-02", "2027-06-18", "2027-07-04"):
        sweep(program, day)
    program.json("examination", "notices")
    told = program.run("explain", f"device:{METER}").out
    assert "examination missed: referred" in told
    assert "501.22(f)" in told
    assert "referred by Provider of this home" in told
