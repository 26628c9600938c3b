"""Stories from the command line: a meter's missed examination, a PSD's overdue mailpiece."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from franking.provider.books import open_books
from franking.provider.examinations.checklist import ITEMS
from franking.rules.permissions import Role
from franking.storage import Actor
from tests.fixtures_cli import DEVICE, Program, open_folder, program
from tests.fixtures_inventory import MODEL, approve

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
        "serial,kind,rulebook,model,remote,state,licence,lease,licensee,office,place,installed_on"
    )
    lines = [
        f"{serial},meter,meter-1995,{MODEL},yes,in service,{number},L-{serial},Acme Bolts,20260,"
        "12 Main St,2027-03-01"
        for serial in (METER, SPARE)
    ]
    fleet = program.home.parent / "fleet.csv"
    fleet.write_text("\n".join([head, *lines]) + "\n")
    imported = program.json("inventory", "import", fleet)
    assert imported["imported"] == 2
    return number


def sweep(program: Program, day: str) -> None:
    program.json("docket", "sweep", "--now", day)


def reset(program: Program, serial: str = METER) -> tuple[object, ...]:
    return (
        *("examination", "reset", serial, "--amount", "50.00"),
        *("--ascending", "10.00", "--descending", "0.00"),
    )


@pytest.mark.duty("R95-501.22(f)-3", "R95-501.22(f)-5", "R95-501.22(f)-6")
def test_a_missed_examination_is_escalated_until_the_meter_is_removed(
    program: Program, licence: str
) -> None:
    program.json(*reset(program, SPARE), "--now", "2027-05-20")
    ahead = program.json("examination", "notices", "--now", "2027-05-20")["ahead"]
    assert [each["serial"] for each in ahead] == [METER]
    sweep(program, "2027-06-02")
    (case,) = program.json("examination", "cases", "--status", "noticed")
    assert (case["serial"], case["status"], case["due_on"]) == (METER, "noticed", "2027-06-17")
    (expected,) = program.json("examination", "office", "--zip", "20260")["expected"]
    assert expected["serial"] == METER
    told = program.json("examination", "approach", METER, "--now", "2027-06-10")
    assert (told["approached_how"], told["due_on"]) == ("in person", "2027-06-25")
    sweep(program, "2027-06-18")
    refused = program.refused(*reset(program))
    assert refused["code"] == "RESET_DENIED"
    assert "39 CFR 501.22(f) (1995)" in refused["detail"]
    sweep(program, "2027-06-26")
    program.json("examination", "notices")
    matters = program.json("examination", "office")["referrals"]
    number = next(each["number"] for each in matters if each["serial"] == METER)
    program.json("examination", "remove", number)
    (standing,) = program.json("licence", "list")
    assert standing["licence"] == licence
    assert program.json("examination", "show", METER)["state"] == "retrieving"
    program.json(
        *("inventory", "check-out", METER, "--checked-by", "P. Clerk", "--signed-by", "Lee Park"),
        *("--ascending", "10.00", "--descending", "0", "--register-record", "copy 1"),
        *("--office", "20260", "--place", "12 Main St", "--now", "2027-07-05"),
    )
    removed = program.json("examination", "notices")["removed"]
    assert [(each["serial"], each["status"]) for each in removed] == [(METER, "removed")]
    left = program.json("examination", "office")["referrals"]
    assert METER not in [each["serial"] for each in left]


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


@pytest.mark.duty("R97-502.27-2", "R97-502.27-3")
def test_an_overdue_mailpiece_denies_resets_until_a_good_one_comes(program: Program) -> None:
    serial = program.show()["device_id"]
    program.json("device", "audit", DEVICE, "--now", "2027-05-25")
    piece = Path("piece.png").resolve()
    program.evidence("for-quality", "--out", piece)
    sweep(program, "2027-06-02")
    refused = program.refused("device", "reset", DEVICE, "--amount", "5.00")
    assert refused["code"] == "RESET_DENIED"
    assert "502.27" in refused["detail"]
    told = program.json("quality", "show", serial)
    assert told["notices"][0]["kind"] == "resets denied"
    referrals = program.json("examination", "office")["referrals"]
    assert "no quality mailpiece" in [each["ground"] for each in referrals]
    old = program.refused("quality", "receive", serial, piece)
    assert old["code"] == "TRUST_LIST_TOO_OLD"
    program.json("trust", "publish")
    graded = program.json("quality", "receive", serial, piece)
    assert graded["grade"] == "good", graded
    program.json("device", "reset", DEVICE, "--amount", "5.00")
    assert program.run("quality", "guidance").status == 0
    assert "not denied" in program.run("quality", "show", serial).out


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
