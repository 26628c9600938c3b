"""A device's life as a person leads it from the command line, from its making to its end."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from franking.home.devices import PASSPHRASE_VARIABLE
from tests.fixtures_cli import DEVICE, FUNDED_MILLS, Program, Told, program
from tests.fixtures_money import deposit_in_home
from tests.fixtures_softhsm import PIN, fresh_token, tokens_carried_off

__all__ = ["program"]

SHOWN = {
    "status",
    "locks",
    "profile",
    "limit_mills",
    "ascending_mills",
    "descending_mills",
    "control_total_mills",
    "piece_count",
    "sequence",
    "journal_head",
    "watchdog_date",
}
EVIDENCED = {"indicium_hex", "ascending_mills", "descending_mills"}


def drawn(program: Program, request_id: str) -> Path:
    """A piece of the device, drawn."""
    file = Path(f"{request_id}.png")
    program.evidence(request_id, "--out", file)
    return file


def verdicts(program: Program, *files: Path, status: int = 0) -> list[str]:
    """What verification says of each file."""
    found = program.json("verify", *files, status=status)
    return [each["verdict"] for each in found]


def findings(program: Program, *files: Path, status: int = 0) -> list[list[str]]:
    """The codes of what verification found beside each verdict."""
    found = program.json("verify", *files, status=status)
    return [[finding["code"] for finding in each["findings"]] for each in found]


# What every program may rely on -------------------------------------------------------------


def test_the_program_as_it_is_installed(program: Program) -> None:
    """Through real processes; ``--home`` goes before ``FRANKING_HOME``."""

    def franking(*arguments: str) -> Told:
        done = subprocess.run(
            [Path(sys.executable).parent / "franking", *arguments, "--json"],
            env={**os.environ, "FRANKING_HOME": str(program.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return Told(done.returncode, done.stdout, done.stderr)

    asked = ("--postage", "0.78", "--destination", "20500", "--request-id", "letter-1")
    done = franking("device", "evidence", DEVICE, *asked, "--out", "letter-1.png").data
    assert set(done) >= EVIDENCED
    assert franking("verify", "letter-1.png").data[0]["verdict"] == "authentic"
    elsewhere = franking("device", "show", DEVICE, "--home", "elsewhere")
    assert (elsewhere.status, elsewhere.data["refused"]["code"]) == (2, "DEVICE_NOT_THERE")


def test_what_a_device_shows(program: Program) -> None:
    shown = program.show()
    assert set(shown) >= SHOWN
    assert (shown["status"], shown["locks"]) == ("operational", [])
    assert (shown["profile"], shown["limit_mills"]) == ("ibip-1997", 500_000)
    program.json("device", "create", "meter", "--profile", "meter-1995", "--system", "closed")
    assert program.show("meter")["profile"] == "meter-1995"


def test_only_a_simulated_clock_can_be_moved(program: Program) -> None:
    other = Program(program.home.parent / "real")
    assert other.refused("home", "show", "--now", "2027-06-01")["code"] == "CLOCK_NOT_SIMULATED"
    other.json("home", "create", other.home)  # the refusal made none
    assert other.refused("home", "show", "--now", "2027-06-01")["code"] == "CLOCK_NOT_SIMULATED"
    assert other.refused("home", "create", other.home)["code"] == "HOME_EXISTS"
    third = Program(program.home.parent / "simulated")
    made = third.json("device", "create", "a", "--simulated-clock", "--now", "2030-01-02")
    assert made["latest_time"] == "2030-01-02T14:00:00.000000Z"
    assert third.json("home", "show")["now"] == "2030-01-02T09:00:00-05:00"


def test_every_answer_of_a_device_is_json_and_words(program: Program) -> None:
    program.evidence("letter")
    for command in ("show", "check", "journal", "audit", "lock", "unlock", "roll-over"):
        assert program.json("device", command, DEVICE)
    for command in ("show", "check", "journal", "audit", "lock", "unlock", "roll-over"):
        told = program.run("device", command, DEVICE)
        assert (told.status, told.err) == (0, "")
        assert told.out
    others = ["device list", "licence list", "home show", "trust show", "trust publish",
              "rules list", "version"]  # fmt: skip
    for other in others:
        assert program.json(*other.split())
        assert program.run(*other.split()).out


def test_a_preview_debits_nothing(program: Program) -> None:
    asked = ("--postage", "0.239", "--request-id", "maybe", "--dry-run")
    told = program.json("device", "evidence", DEVICE, *asked)
    assert told["descending_after_mills"] == FUNDED_MILLS - 239
    assert program.show()["descending_mills"] == FUNDED_MILLS


@pytest.mark.duty("R95-501.6(i)(2)", "R95-501.6(c)-1")
def test_the_journal_tells_every_debit(program: Program) -> None:
    program.evidence("first", postage="0.239")
    program.evidence("second", postage="0.78")
    entries = program.json("device", "journal", DEVICE)
    assert [each["sequence"] for each in entries] == list(range(1, len(entries) + 1))
    assert [each["request_id"] for each in entries[-2:]] == ["first", "second"]
    assert entries[-1]["ascending_mills"] == 239 + 780
    assert entries[-1]["hash"] == program.show()["journal_head"]
    assert all(one["hash"] == two["previous_hash"] for one, two in pairwise(entries))
    some = program.json("device", "journal", DEVICE, "--after", "2", "--limit", "3")
    assert some == entries[2:5]
    assert program.json("device", "journal", DEVICE, "--after", "1000") == []


# Resets -------------------------------------------------------------------------------------


def test_a_reset_of_one_name_credits_once(program: Program) -> None:
    asked = ("device", "reset", DEVICE, "--amount", "10", "--request-id", "march")
    first = program.json(*asked)
    assert program.json(*asked) == first
    assert program.show()["descending_mills"] == FUNDED_MILLS + 10_000
    other = ("device", "reset", DEVICE, "--amount", "11", "--request-id", "march")
    assert program.refused(*other)["code"] == "REQUEST_ID_USED"
    assert program.json("device", "reset", DEVICE, "--amount", "11")["sequence"] == 3


# Watchdog and clock -------------------------------------------------------------------------


@pytest.mark.duty("R97-P050.3.4-1")
def test_a_passed_watchdog_locks_until_the_audit(program: Program) -> None:
    assert program.show()["watchdog_date"] == "2027-06-01"
    program.json("home", "show", "--now", "2027-06-01T23:00")
    program.evidence("on-the-day")
    program.json("home", "show", "--now", "2027-06-02T00:01")
    assert program.show()["locks"] == ["watchdog"]
    asked = ("device", "evidence", DEVICE, "--postage", "1", "--request-id", "late")
    told = program.refused(*asked)
    assert (told["code"], told["clause"]) == ("WATCHDOG_EXPIRED", "DMM P050.3.4 (1997)")
    assert program.json("device", "audit", DEVICE)["watchdog_date"] == "2027-09-02"
    assert program.show()["locks"] == []
    assert program.evidence("late")["descending_mills"] == FUNDED_MILLS - 2000


def test_a_clock_set_back_evidences_nothing(program: Program) -> None:
    program.evidence("today")
    back = ("--now", "2027-02-26")
    asked = ("device", "evidence", DEVICE, "--postage", "1", "--request-id", "earlier")
    assert program.refused(*asked, *back)["code"] == "CLOCK_BEHIND"
    assert program.refused("device", "reset", DEVICE, "--amount", "1")["code"] == "CLOCK_BEHIND"
    assert program.evidence("today")["piece_count"] == 1
    assert program.show()["descending_mills"] == FUNDED_MILLS - 1000
    program.json("home", "show", "--now", "2027-03-02")
    assert program.evidence("earlier")["descending_mills"] == FUNDED_MILLS - 2000


# Orders and the end -------------------------------------------------------------------------


@pytest.mark.duty("R97-502.21(e)-1", "R97-502.21(i)")
def test_lock_unlock_withdraw_clear_scrap(program: Program) -> None:
    asked = ("device", "evidence", DEVICE, "--postage", "1", "--request-id", "x")
    for cause in ("ordered", "revoked"):
        program.json("device", "lock", DEVICE, "--cause", cause)
    assert program.refused(*asked)["code"] == "DEVICE_LOCKED"
    program.json("device", "unlock", DEVICE)
    assert program.show()["locks"] == ["revoked"]
    assert program.refused(*asked)["code"] == "DEVICE_LOCKED"
    program.json("device", "unlock", DEVICE, "--cause", "revoked")
    piece = drawn(program, "x")
    for _ in range(2):
        assert program.json("device", "withdraw", DEVICE)["status"] == "withdrawn"
    for refused in ((*asked[:-1], "y"), ("device", "reset", DEVICE, "--amount", "1")):
        assert program.refused(*refused)["clause"]
    cleared = program.json("device", "clear", DEVICE, "--examiner", "A. Clerk")
    assert cleared["withdrawn_mills"] == FUNDED_MILLS - 1000
    assert (cleared["descending_mills"], cleared["ascending_mills"]) == (0, 1000)
    again = program.json("device", "clear", DEVICE, "--examiner", "A. Clerk")
    assert again["withdrawn_mills"] == 0
    assert program.json("device", "scrap", DEVICE, "--reason", "old")["status"] == "scrapped"
    assert program.show()["status"] == "scrapped"
    assert program.json("device", "check", DEVICE)["findings"] == []
    assert verdicts(program, piece) == ["authentic"]


def test_after_a_rollover_both_keys_are_believed(program: Program) -> None:
    before = drawn(program, "before")
    serials = {program.show()["certificate_serial"]}
    serials.add(program.json("device", "roll-over", DEVICE)["certificate_serial"])
    between = drawn(program, "between")
    serials.add(program.json("device", "roll-over", DEVICE)["certificate_serial"])
    after = drawn(program, "after")
    assert len(serials) == 3
    assert verdicts(program, before, between, after) == ["authentic"] * 3
    program.json("device", "reset", DEVICE, "--amount", "5")


@pytest.mark.parametrize("reason", ["lost", "stolen"])
def test_a_missing_device_is_known_to_every_verifier(program: Program, reason: str) -> None:
    piece = drawn(program, "piece")
    program.json("device", "report", DEVICE, "--reason", reason)
    assert verdicts(program, piece) == ["authentic"]
    assert findings(program, piece) == [[f"DEVICE_{reason.upper()}"]]


def test_nothing_of_a_compromised_key_is_believed(program: Program) -> None:
    piece = drawn(program, "piece")
    program.json("device", "report", DEVICE, "--reason", "compromise")
    assert verdicts(program, piece, status=3) == ["not authentic"]


@pytest.mark.duty("R97-502.21(j)")
def test_a_faulted_device_is_examined_and_its_value_stated(program: Program) -> None:
    piece = drawn(program, "before")
    tampered(program)
    assert program.show()["status"] == "operational"
    told = program.json("device", "check", DEVICE, status=1)
    assert told["status"] == "faulted"
    assert told["findings"]
    asked = ("device", "evidence", DEVICE, "--postage", "1", "--request-id", "x")
    assert program.refused(*asked)["code"] == "DEVICE_FAULTED"
    assert program.show()["status"] == "faulted"
    examination = ("--examiner", "A. Clerk", "--finding", "copies disagree")
    done = program.json("device", "examine", DEVICE, *examination)
    assert (done["ascending_mills"], done["descending_mills"]) == (1000, FUNDED_MILLS - 1000)
    assert done["examination"].count(".") == 2
    assert program.refused("device", "examine", DEVICE, *examination)["code"] == "STATUS_UNSUITABLE"
    assert verdicts(program, piece) == ["authentic"]


@pytest.mark.duty("R97-502.21(j)")
@pytest.mark.parametrize("iscompromised", [False, True])
def test_a_faulted_device_is_scrapped_once_it_was_examined(
    program: Program, iscompromised: bool
) -> None:
    """It can take no order: the provider's books end it, and the device stays as it was found."""
    piece = drawn(program, "before")
    if iscompromised:
        program.json("device", "report", DEVICE, "--reason", "compromise")
    tampered(program)
    program.json("device", "check", DEVICE, status=1)
    scrap = ("device", "scrap", DEVICE, "--reason", "faulted")
    assert program.refused(*scrap)["code"] == "STATUS_UNSUITABLE"
    program.json("device", "examine", DEVICE, "--examiner", "A. Clerk", "--finding", "copies")
    for _ in range(2):
        done = program.json(*scrap)
        assert (done["status"], done["ascending_mills"]) == ("scrapped", 1000)
    assert program.show()["status"] == "faulted"
    examine = ("device", "examine", DEVICE, "--examiner", "A. Clerk", "--finding", "again")
    assert program.refused(*examine)["code"] == "STATUS_UNSUITABLE"
    if iscompromised:
        assert verdicts(program, piece, status=3) == ["not authentic"]
    else:
        assert verdicts(program, piece) == ["authentic"]


def tampered(program: Program) -> None:
    """The copy of the registers says something else, as after a fault of the disk."""
    with sqlite3.connect(program.store()) as file:
        triggers = file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            file.execute(f"DROP TRIGGER {name}")
        file.execute("UPDATE register_copy SET piece_count = 7")
    file.close()


# Moves and passphrases ----------------------------------------------------------------------


def secret(text: str, name: str) -> Path:
    """A file with a passphrase."""
    file = Path(name)
    file.write_text(f"{text}\n")
    return file


def test_a_device_moves_to_another_place(program: Program) -> None:
    piece = drawn(program, "before")
    words = ("--passphrase-file", secret("correct horse", "right"))
    program.json("device", "move-out", DEVICE, "--to", "parcel", *words)
    asked = ("--postage", "1", "--request-id", "after")
    assert program.refused("device", "evidence", DEVICE, *asked)["code"] == "DEVICE_MOVED"
    assert program.refused("device", "reset", DEVICE, "--amount", "1")["code"] == "DEVICE_MOVED"
    assert program.show()["moved_to"]
    wrong = ("--from", "parcel", "--passphrase-file", secret("battery staple", "wrong"))
    assert program.refused("device", "move-in", "new", *wrong)["code"] == "VAULT_PASSPHRASE_WRONG"
    assert [each["device"] for each in program.json("device", "list")] == [DEVICE]
    for nothing in ("nowhere", "right", program.home / "provider" / "books.sqlite3"):
        told = program.refused("device", "move-in", "new", "--from", nothing, *words)
        assert told["code"] in {"DEVICE_NOT_THERE", "STORE_DAMAGED"}
    assert program.refused("device", "move-in", DEVICE, "--from", "parcel", *words)["code"] == (
        "DEVICE_EXISTS"
    )
    assert program.json("device", "move-in", "new", "--from", "parcel", *words)["locks"] == [
        "moved"
    ]
    assert program.refused("device", "evidence", "new", *asked)["code"] == "DEVICE_LOCKED"
    assert program.json("device", "audit", "new")["locks"] == []
    program.json("device", "evidence", "new", *asked, "--out", "after.png")
    assert verdicts(program, piece, Path("after.png")) == ["authentic"] * 2


def test_a_parcel_that_arrives_twice_is_found_out(program: Program) -> None:
    words = ("--passphrase-file", secret("correct horse", "right"))
    program.json("device", "move-out", DEVICE, "--to", "parcel", *words)
    for name in ("one", "two"):
        program.json("device", "move-in", name, "--from", "parcel", *words)
    program.json("device", "audit", "one")
    asked = ("--postage", "1", "--request-id", "x")
    program.json("device", "evidence", "one", *asked)
    told = program.refused("device", "audit", "two")
    assert told["code"] in {"DEVICE_FORKED", "DEVICE_REWOUND"}
    assert program.refused("device", "evidence", "two", *asked)["code"] == "DEVICE_LOCKED"


def test_a_passphrase_over_the_keys(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = secret("correct horse", "right"), secret("battery staple", "wrong")
    program.json("device", "passphrase", DEVICE, "--new-passphrase-file", right)
    asked = ("device", "evidence", DEVICE, "--postage", "1", "--request-id", "x")

    def given(file: Path | None) -> None:
        if file is None:
            monkeypatch.delenv(PASSPHRASE_VARIABLE)
        else:
            monkeypatch.setenv(PASSPHRASE_VARIABLE, str(file))

    assert program.refused(*asked)["code"] == "VAULT_PASSPHRASE_WRONG"
    given(wrong)
    assert program.refused(*asked)["code"] == "VAULT_PASSPHRASE_WRONG"
    for unreadable in (Path("nowhere"), Path(), secret("", "empty")):
        given(unreadable)
        assert program.refused(*asked)["code"] == "PASSPHRASE_UNREADABLE"
    assert program.show()["descending_mills"] == FUNDED_MILLS
    given(right)
    assert program.json(*asked)["descending_mills"] == FUNDED_MILLS - 1000
    change = ("device", "passphrase", DEVICE, "--new-passphrase-file", wrong)
    program.json(*change)
    assert program.refused(*change)["code"] == "VAULT_PASSPHRASE_WRONG"
    given(wrong)
    program.json("device", "passphrase", DEVICE, "--remove")
    given(None)
    program.evidence("y")


def test_keys_that_others_may_read_are_not_used(program: Program) -> None:
    (program.folder() / "vault.json").chmod(0o644)
    asked = ("device", "evidence", DEVICE, "--postage", "1", "--request-id", "x")
    assert program.refused(*asked)["code"] == "VAULT_FILE_EXPOSED"
    assert program.show()["descending_mills"] == FUNDED_MILLS


def test_a_device_in_a_token(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    label = fresh_token()
    create = ("device", "create", "safe", "--token", label)
    assert program.refused(*create)["code"] == "PIN_WANTED"
    monkeypatch.setenv(PASSPHRASE_VARIABLE, str(secret("000000", "wrong")))
    assert program.refused(*create)["code"] == "VAULT_PASSPHRASE_WRONG"
    assert [each["device"] for each in program.json("device", "list")] == [DEVICE]
    monkeypatch.setenv(PASSPHRASE_VARIABLE, str(secret(PIN, "pin")))
    program.json(*create)
    program.json("device", "authorize", "safe", "--zip", "20260")
    program.json("device", "reset", "safe", "--amount", "5")
    asked = ("device", "evidence", "safe", "--postage", "1", "--request-id", "x")
    piece = program.json(*asked, "--out", "x.png")
    assert verdicts(program, Path("x.png")) == ["authentic"]
    with tokens_carried_off():
        told = program.refused(*asked[:-1], "y")
        assert told["code"] == "TOKEN_GONE"
        assert program.show("safe")["descending_mills"] == 4000
    assert program.json(*asked)["indicium_hex"] == piece["indicium_hex"]
    assert program.json(*asked[:-1], "y")["descending_mills"] == 3000
    program.json("device", "passphrase", "safe", "--new-passphrase-file", secret("97531", "new"))
    monkeypatch.setenv(PASSPHRASE_VARIABLE, str(Path("new")))
    assert program.json(*asked[:-1], "z")["descending_mills"] == 2000
    missing = ("--token", label, "--token-library", "/nowhere.so")
    assert program.refused("device", "create", "b", *missing)["code"] == "VAULT_UNREADABLE"
    unnamed = program.refused("device", "create", "b", "--token", "no such token")
    assert unnamed["code"] == "TOKEN_GONE"


def test_what_a_refused_creation_left_is_no_device(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that did not open does not stand in the way of a device without one."""
    monkeypatch.setenv(PASSPHRASE_VARIABLE, str(secret("000000", "wrong")))
    program.refused("device", "create", "later", "--token", fresh_token())
    monkeypatch.delenv(PASSPHRASE_VARIABLE)
    program.json("device", "create", "later")
    assert program.json("device", "authorize", "later", "--zip", "20260")["status"] == "authorized"


def test_the_name_of_a_token_that_does_not_read(program: Program) -> None:
    (program.folder() / "token.json").write_text(json.dumps({"label": 3}))
    asked = ("device", "evidence", DEVICE, "--postage", "1", "--request-id", "x")
    assert program.refused(*asked)["code"] == "VAULT_UNREADABLE"


# More than one device -----------------------------------------------------------------------


def test_a_damaged_device_hides_no_other(program: Program) -> None:
    program.json("device", "create", "second")
    program.store().write_bytes(b"not a database at all" * 100)
    first, second = program.json("device", "list")
    assert first["refused"]["code"] == "STORE_DAMAGED"
    assert second["device_id"] == "FK1A0000000002"
    assert "STORE_DAMAGED" in program.run("device", "list").out
    assert program.json("device", "create", "third")["device_id"] == "FK1A0000000003"
    shutil.rmtree(program.folder("third"))
    assert program.json("device", "create", "fourth")["device_id"] == "FK1A0000000004"


def test_a_meter_is_made_under_the_rule_of_1995(tmp_path: Path) -> None:
    """The authority's own rules of keys are policy: they do not wait for the text of 1997."""
    program = Program(tmp_path / "home")
    clock = ("--simulated-clock", "--now", "1996-03-01")
    assert program.json("device", "create", "m", "--profile", "meter-1995", *clock)["status"]
    program.json("device", "authorize", "m", "--zip", "20260")
    deposit_in_home(program.home)
    program.json("device", "reset", "m", "--amount", "10")
    piece = program.json("device", "evidence", "m", "--postage", "0.32", "--request-id", "x")
    assert piece["descending_mills"] == 9680
    assert program.json("device", "provider-view", "m")["rulebook"] == "meter-1995"
