"""The auditor on journals that are not in order: every fault is found, with its row."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from franking.ledger import audit as program
from franking.ledger.audit import Audit, Fault, audit
from franking.postal.treasury.chart import CHART as POSTAL_CHART
from franking.provider.funds.chart import CHART, PLACES

A, S = "deposits:00000001", "FK1A0000000001"
FUNDED = ("deposit:1", "deposit", ["lockbox", A, 1_000])
GRANT = (f"grant:{S}:1", "grant", [A, f"transit:{S}", 600])
RECEIPT = (f"receipt:{S}:1", "receipt", [f"transit:{S}", f"device:{S}", 600])
USE = (f"use:{S}:100", "use", [f"device:{S}", "used", 100])

Act = dict[str, Any]


def posting(key: str, kind: str, *moves: list[object], command: str = "post", **more: Any) -> Act:
    inputs = {"key": key, "kind": kind, "transfers": list(moves), **more}
    return {"record": f"posting:{key}", "command": f"ledger_{command}", "inputs": inputs}


def about(command: str, **inputs: object) -> Act:
    return {"record": f"device:{S}", "command": command, "inputs": inputs}


def closing(verb: str, key: str) -> Act:
    inputs = {"key": key}
    return {"record": f"posting:{key}", "command": f"ledger_{verb}", "inputs": inputs}


def granted(amount: str = "$0.60", sequence: int = 1) -> Act:
    return about("grant_reset", sequence=sequence, amount=amount)


def shown(descending: int, ascending: int = 0) -> Act:
    return about("receive_audit", ascending_mills=ascending, descending_mills=descending)


def lines(*acts: Act, domain: str = "provider") -> Iterator[str]:
    """An export of these acts, with rows 1, 2, 3 …"""
    yield json.dumps({"journal": "franking journal", "domain": domain, "format": 1})
    for number, act in enumerate(acts, start=1):
        said = {"inputs": json.dumps(act["inputs"])} if "inputs" in act else {}
        yield json.dumps({"at": "1997-06-02T10:00:00Z", "sequence": number, **act, **said})
    yield json.dumps({"rows": len(acts)})


def found(*acts: Act, domain: str = "provider") -> Audit:
    return audit(lines(*acts, domain=domain))


def only_fault(*acts: Act, domain: str = "provider") -> Fault:
    (fault,) = found(*acts, domain=domain).faults
    return fault


def whole_reset() -> list[Act]:
    return [posting(*FUNDED), posting(*GRANT), granted(), posting(*RECEIPT), shown(600)]


def test_what_is_in_order_has_no_fault() -> None:
    told = found(*whole_reset(), posting(*USE), shown(500, 100))
    assert told.faults == []
    assert (told.rows, told.postings, told.resets, told.last_row) == (7, 4, 1, 7)
    assert told.totals() == {
        "deposits": 400,
        "device": 500,
        "lockbox": -1_000,
        "transit": 0,
        "used": 100,
    }
    assert told.places() == {"held": 900, "came in": -1_000, "spent": 100}
    assert told.as_json()["sum_mills"] == 0


@pytest.mark.law("LEDGER-2")
def test_an_account_that_passed_its_limit_for_a_moment_is_found() -> None:
    back = ("deposit:2", "deposit", ["lockbox", A, 500])
    taken = posting("refund:1", "balance refund", [A, "refunds:1", 1_200])
    told = only_fault(posting(*FUNDED), taken, posting(*back))
    assert told == Fault(2, "LEDGER-2", A, "-200 mills are available on it")


@pytest.mark.law("LEDGER-2")
def test_what_is_reserved_is_not_there_for_others() -> None:
    held = posting(
        "r", "wait", [A, "refunds:1", 700], command="reserve", until="1997-06-03T00:00:00Z"
    )
    spent = posting("refund:2", "balance refund", [A, "refunds:2", 400])
    assert only_fault(posting(*FUNDED), held, spent).law == "LEDGER-2"
    assert found(posting(*FUNDED), held).accounts[A].pending == 700
    assert found(posting(*FUNDED), held, closing("void", "r"), spent).faults == []
    settled = found(posting(*FUNDED), held, closing("settle", "r"))
    assert (settled.faults, settled.accounts["refunds:1"].balance) == ([], 700)


@pytest.mark.law("LEDGER-6")
def test_a_reservation_ends_once_and_not_before_its_term() -> None:
    held = posting(
        "r", "wait", [A, "refunds:1", 700], command="reserve", until="1997-06-03T00:00:00Z"
    )
    early = only_fault(posting(*FUNDED), held, closing("expire", "r"))
    assert (early.law, early.row) == ("LEDGER-6", 3)
    twice = only_fault(posting(*FUNDED), held, closing("void", "r"), closing("settle", "r"))
    assert twice == Fault(4, "", "posting:r", "nothing is reserved under r")


@pytest.mark.law("LEDGER-6")
def test_a_key_that_was_posted_twice_is_found() -> None:
    told = only_fault(posting(*FUNDED), posting(*FUNDED))
    assert told == Fault(2, "LEDGER-6", "deposit:1", "it was posted before")


@pytest.mark.law("LEDGER-3")
def test_money_goes_to_known_places_only() -> None:
    lost = posting("gift", "gift", ["lockbox", "pocket:1", 5])
    assert only_fault(lost).fault == "there is no such kind of account"
    mixed = posting("loan", "loan", ["owed:00000001", A, 5])
    assert only_fault(mixed).law == "LEDGER-3"
    advance = posting("advance:1", "advance", ["owed:1", "provider-capital", 5])
    assert found(advance).faults == []


@pytest.mark.law("LEDGER-4")
@pytest.mark.parametrize(
    ("acts", "fault"),
    [
        ([posting(*FUNDED), granted()], "it was not charged"),
        ([posting(*FUNDED), posting(*GRANT)], "it was charged, and not granted"),
        ([posting(*FUNDED), posting(*GRANT), granted("$0.70")], "its amounts differ"),
        (
            [
                *whole_reset(),
                posting("deposit:2", "deposit", ["lockbox", f"device:{S}", 600]),
                posting(f"unused:{S}:1", "grant returned", [f"device:{S}", A, 600]),
            ],
            "it was credited or returned 2 times",
        ),
    ],
)
def test_a_grant_has_one_charge_and_one_end(acts: list[Act], fault: str) -> None:
    told = [each for each in found(*acts).faults if each.about == f"reset 1 of {S}"]
    assert [(each.law, each.fault) for each in told] == [("LEDGER-4", fault)]


@pytest.mark.law("LEDGER-4")
def test_value_in_transit_is_always_of_a_reset() -> None:
    other = posting("deposit:3", "deposit", ["lockbox", f"transit:{S}", 5])
    assert only_fault(other).fault == "it moves value in transit, and is of no reset"
    by_hand = posting("correction:1", "correction", ["lockbox", f"transit:{S}", 5])
    assert found(by_hand).faults == []
    stolen = posting(f"receipt:{S}:1", "receipt", [f"transit:{S}", "device:FK1A0000000002", 600])
    told = found(posting(*FUNDED), posting(*GRANT), granted(), stolen).faults
    assert [(each.law, each.about) for each in told] == [("LEDGER-4", f"receipt:{S}:1")]


@pytest.mark.law("LEDGER-4")
def test_grants_of_before_the_ledger_were_charged_elsewhere() -> None:
    began = {"record": "books:ledger", "command": "begin_ledger", "inputs": {"devices": 0}}
    carried = posting(f"opening:{S}:2", "opening", ["opening", f"transit:{S}", 700])
    before = [granted(), granted("$0.70", 2), carried, began]
    assert found(*before).faults == []
    assert only_fault(*before, granted("$0.10", 3)).fault == "it was not charged"


@pytest.mark.law("LEDGER-5")
def test_a_report_that_shows_another_value_is_found() -> None:
    told = only_fault(*whole_reset(), posting(*USE), shown(501, 100))
    assert told == Fault(
        7, "LEDGER-5", f"device:{S}", "its account holds 500 mills, its descending register 501"
    )


@pytest.mark.law("LEDGER-5")
def test_a_report_older_than_the_last_reading_shows_nothing_now() -> None:
    assert found(*whole_reset(), posting(*USE), shown(600, 0)).faults == []


def test_what_people_read_off_a_meter_is_not_its_signed_report() -> None:
    read = about("note_examination", ascending_mills=0, descending_mills=50_000)
    assert found(read).faults == []


@pytest.mark.law("LEDGER-5")
def test_a_device_that_gave_its_value_up_shows_it_until_it_is_cleared() -> None:
    given = posting(f"withdrawn:{S}:1", "value withdrawn", [f"device:{S}", "refunds:1", 600])
    assert found(*whole_reset(), given, shown(600), shown(0)).faults == []
    assert only_fault(*whole_reset(), given, shown(1)).law == "LEDGER-5"


def test_the_postal_service_has_no_limits_and_its_own_kinds() -> None:
    moved = posting("x", "mirror", ["deposits:Franking", "used:Franking", 5])
    assert found(moved, domain="postal").faults == []
    own = posting("y", "mirror", ["owed:Franking", "used:Franking", 5])
    assert only_fault(own, domain="postal").about == "owed:Franking"


@pytest.mark.parametrize(
    "inputs",
    [
        {"kind": "x", "transfers": [["lockbox", A, 1]]},
        {"key": 1, "kind": "x", "transfers": [["lockbox", A, 1]]},
        {"key": "k", "transfers": [["lockbox", A, 1]]},
        {"key": "k", "kind": "x"},
        {"key": "k", "kind": "x", "transfers": []},
        {"key": "k", "kind": "x", "transfers": [["lockbox", A]]},
        {"key": "k", "kind": "x", "transfers": [["lockbox", A, 0]]},
        {"key": "k", "kind": "x", "transfers": [["lockbox", A, -1]]},
        {"key": "k", "kind": "x", "transfers": [["lockbox", A, 1.5]]},
        {"key": "k", "kind": "x", "transfers": [["lockbox", A, True]]},
        {"key": "k", "kind": "x", "transfers": [["lockbox", None, 1]]},
        {"key": "k", "kind": "x", "transfers": "all"},
    ],
)
def test_a_posting_that_says_nothing_clear_is_a_fault(inputs: object) -> None:
    act = {"record": "posting:k", "command": "ledger_post", "inputs": inputs}
    told = found(act)
    assert [(each.row, each.law) for each in told.faults] == [(1, "")]
    assert told.accounts == {}


def test_inputs_that_were_destroyed_are_missed() -> None:
    told = only_fault({"record": "posting:k", "command": "ledger_post"})
    assert "destroyed" in told.fault
    assert found({"record": f"device:{S}", "command": "accept_receipt"}).faults == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        (lambda text: text[:-1], "it ends before its end"),
        (lambda text: [*text[:-1], '{"rows": 9}'], "9 rows were exported, 2 are here"),
        (lambda text: text[1:], "no ledger is kept by the domain ''"),
        (lambda text: [text[0], text[2], text[1], text[3]], "it comes after row 2"),
        (lambda text: [*text, "{"], "it is unreadable"),
        (lambda text: [*text, "[1]"], "it is unreadable"),
        (lambda text: [*text, "[" * 100_000], "it is unreadable"),
        (lambda text: [*text, '{"sequence": ' + "9" * 5_000 + "}"], "it is unreadable"),
        (lambda text: ["", *text], "it is unreadable"),
    ],
)
def test_an_export_that_is_not_whole_is_a_fault(changed: Any, fault: str) -> None:
    text = list(lines(posting(*FUNDED), shown(0)))
    assert fault in [each.fault for each in audit(changed(text)).faults]


def test_its_table_of_kinds_is_that_of_the_charts() -> None:
    assert {line.kind: PLACES[line.kind].value for line in CHART} == program.PLACES
    assert {line.kind for line in CHART if line.floor_mills == 0} == program.LIMITED
    assert not [line for line in CHART if line.floor_mills not in (None, 0)]
    assert {line.kind for line in POSTAL_CHART} == program.POSTAL
    assert not [line for line in POSTAL_CHART if line.floor_mills is not None]


def test_it_runs_alone_with_the_standard_library_only(tmp_path: Path) -> None:
    export = tmp_path / "journal.jsonl"
    export.write_text("\n".join(lines(*whole_reset())))
    done = run(export)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 postings on 4 accounts in 5 rows; 0 faults" in done.stdout
    as_json = json.loads(run(export, "--json").stdout)
    assert (as_json["faults"], as_json["balances"][A]) == ([], 400)


def test_it_tells_faults_in_words_and_by_its_exit_status(tmp_path: Path) -> None:
    export = tmp_path / "journal.jsonl"
    export.write_text("\n".join(lines(*whole_reset(), shown(7))))
    done = run(export)
    assert done.returncode == 2
    assert f"row 6: LEDGER-5: device:{S}: its account holds 600 mills" in done.stdout


def test_a_file_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    done = run(tmp_path / "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("No such file or directory\n")
    assert run().returncode == 2


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The program, as a stranger would run it: isolated, without any package."""
    command = [sys.executable, "-I", "-S", str(program.__file__), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
