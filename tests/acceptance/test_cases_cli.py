"""Cases as an inspector, a mailer and a court see them, on both databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.jwk import ECKey
from joserfc.jws import deserialize_compact
from PIL import Image

from franking.messages.signing import verify
from franking.postal.irregularities.signed import IrregularityRecord
from franking.scans.suspicions import Seen, SuspicionKind, written
from franking.verification.reasons import Reason
from tests.fixtures_cli import Program
from tests.fixtures_databases import DATABASES
from tests.fixtures_stories import on, owed, prepared, with_a_device
from tests.fixtures_suspicions import DAY, copied, evidence, seen, suspicion

MAILER = ("--as", "mailer:Ann Mailer")
REASON = Reason.SIGNATURE_FALSE
POSTAL = ("--domain", "postal")
INSPECTOR = ("--as", "postal inspector:Ida Noyes")


@pytest.fixture(params=DATABASES)
def home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """A home on the morning after a night, with a certified device."""
    program = prepared(with_a_device, request.param).copied(tmp_path, monkeypatch)
    on(program, "1997-06-03")
    return program


@pytest.fixture
def night(home: Program, tmp_path: Path) -> Path:
    """What a night makes suspect: a copy of the home's device, and a clone of nobody's."""
    device = home.json("device", "show", "office")["device_id"]
    clone = suspicion(
        SuspicionKind.CLONED,
        Reason.OVERLAP,
        seen(),
        seen(3300, hours=2, place="60601", row=4),
        device="ZZZZ0000000009",
    )
    stray = suspicion(SuspicionKind.SHORT_PAID, Reason.SHORT_PAID)
    file = tmp_path / "night.suspicions.json"
    file.write_bytes(written(evidence(copied(device=device), clone, stray)))
    return file


def test_an_inspector_takes_a_night_in_and_looks_at_its_cases(home: Program, night: Path) -> None:
    taken = home.run("cases", "take", night)
    assert "3 suspicions" in taken.out
    assert "2 cases opened (cases 1 to 2)" in taken.out
    assert "1 too small for a case" in taken.out

    listed = home.run("cases").out
    assert "1 copied, 1 cloned" in listed
    assert "2,448 miles and 1.0 hours apart" in listed

    shown = home.run("cases", "show", 1).out
    assert "10001 New York, NY" in shown
    assert "90001 Los Angeles, CA" in shown
    assert "62 % to spare, 2 looks" in shown
    assert "trust list 12, 30 hours old" in shown
    assert "until 1997-07-03, by licensee:" in shown
    assert "franking examination suspect ZZZZ0000000009" in home.run("cases", "show", 2).out


def test_what_nobody_signed_is_called_so(home: Program, night: Path, tmp_path: Path) -> None:
    whose = "postal inspector: Ida Noyes, by a file that nobody signed"
    taken = home.run("cases", "take", night, *INSPECTOR)
    assert "nobody signed this file" in taken.err
    assert "on the word of somebody else" in home.run("cases").out
    assert whose in home.run("cases", "show", 1).out
    home.json("cases", "evidence", 1, "--out", tmp_path / "court")
    (file,) = (tmp_path / "court").glob("*.jws")
    key = ECKey.import_key((tmp_path / "court" / "root.pem").read_bytes())
    said = json.loads(deserialize_compact(file.read_text(), key, ["ES256"]).payload)
    assert said["told_by"].startswith(whose)


def test_a_file_does_not_say_whose_word_it_is(home: Program, night: Path) -> None:
    forged = json.loads(night.read_bytes()) | {"told_by": "the Postmaster General"}
    night.write_text(json.dumps(forged))
    home.json("cases", "take", night, *INSPECTOR)
    assert "Postmaster General" not in home.run("cases", "show", 1).out


def test_the_same_night_again_opens_nothing(home: Program, night: Path) -> None:
    first = home.json("cases", "take", night)
    assert (first["cases"], first["findings_only"]) == ([1, 2], 1)
    again = home.json("cases", "take", night)
    assert (again["cases"], again["known"]) == ([], 2)


def test_a_licensee_contests_and_the_inspector_answers(home: Program, night: Path) -> None:
    home.json("cases", "take", night)
    said = ("--party", "licensee", "--grounds", "one was printed for our files")
    assert home.json("cases", "contest", 1, *said, *MAILER)["status"] == "contested"
    assert owed(home, "case:1", *POSTAL)["answer a contested irregularity"][0] == "open"
    refused = home.refused("cases", "close", 1, "--finding", "x", *MAILER)
    assert refused["code"] == "NOT_PERMITTED"
    closed = home.json("cases", "close", 1, "--unfounded", "--finding", "so it was", *INSPECTOR)
    assert (closed["status"], closed["outcome"]) == ("closed", "unfounded")
    assert "contested by the licensee" in home.run("cases", "show", 1).out.lower()
    assert [each["number"] for each in home.json("cases")] == [2]
    assert [each["number"] for each in home.json("cases", "list", "--all")] == [1, 2]
    done = owed(home, "case:1", *POSTAL, "--status", "all")
    assert {standing for standing, _ in done.values()} == {"satisfied"}


def test_nobody_contests_for_an_invented_device(home: Program, night: Path) -> None:
    home.json("cases", "take", night)
    said = ("--party", "provider", "--grounds", "not ours")
    assert home.refused("cases", "contest", 2, *said, *MAILER)["code"] == "CONTEST_NOT_YOURS"


def test_a_court_checks_the_records_with_the_key_beside_them(
    home: Program, night: Path, tmp_path: Path
) -> None:
    home.json("cases", "take", night)
    told = home.json("cases", "evidence", 1, "--out", tmp_path / "court")
    folder = Path(told["folder"])
    assert sorted(told["files"]) == sorted(each.name for each in folder.iterdir())
    key = load_pem_public_key((folder / "root.pem").read_bytes())
    assert isinstance(key, EllipticCurvePublicKey)
    (record,) = folder.glob("*.jws")
    said = verify(record.read_text(), IrregularityRecord, key)
    assert [scan.place for scan in said.scans] == ["10001", "90001"]
    assert said.contradictions[0].miles == pytest.approx(2448, abs=1)


def test_a_case_is_drawn_as_a_map(home: Program, night: Path, tmp_path: Path) -> None:
    home.json("cases", "take", night)
    picture = tmp_path / "case.png"
    assert home.json("cases", "map", 1, "--out", picture)["scans"] == 2
    with Image.open(picture) as image:
        assert image.format == "PNG"
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or []}
    assert (179, 38, 30) in colours, "the line between two scans that contradict each other"
    nowhere = tmp_path / "nowhere" / "case.png"
    assert home.refused("cases", "map", 1, "--out", nowhere)["code"] == "MAP_NOT_WRITTEN"


def test_a_case_without_place_and_time_is_not_drawn(home: Program, tmp_path: Path) -> None:
    file = tmp_path / "night.json"
    blank = Seen(ascending_mills=3200, postage_mills=320, dated=DAY)
    file.write_bytes(written(evidence(suspicion(SuspicionKind.FORGED, REASON, blank))))
    home.json("cases", "take", file)
    refused = home.refused("cases", "map", 1, "--out", tmp_path / "case.png")
    assert refused["code"] == "NOTHING_TO_DRAW"
    assert "not known" in home.run("cases", "show", 1).out


def test_cases_are_chosen_by_kind_and_device(home: Program, night: Path) -> None:
    home.json("cases", "take", night)
    (clone,) = home.json("cases", "list", "--kind", "cloned")
    assert clone["subject"] == "ZZZZ0000000009"
    assert home.json("cases", "list", "--device", "zzzz 0000000009") == [clone]
    assert (
        home.run("cases", "list", "--limit", 1)
        .out.rstrip()
        .endswith("and 1 more: --limit, --kind or --device")
    )


def test_a_narrow_screen_shows_facts_and_scans_whole(
    home: Program, night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("franking.cli.answer._WIDTH_IN_A_PIPE", 80)
    home.json("cases", "take", night)
    register, shown = home.run("cases", "list").out, home.run("cases", "show", 1).out
    assert "2 scans of 1 piece; 2,448 miles and 1.0 hours apart" in register
    assert "10001 New York, NY" in shown
    assert max(map(len, (register + shown).splitlines())) <= 80


def test_only_a_case_of_a_refund_is_closed_as_never_mailed(home: Program, night: Path) -> None:
    home.json("cases", "take", night)
    refused = home.refused("cases", "close", 1, "--finding", "A test.", "--never-mailed")
    assert refused["code"] == "CASE_NOT_OF_A_REFUND"
    assert home.json("cases", "show", 1)["line"]["status"] == "open"


def test_what_has_been_done_stands_with_the_case(home: Program, night: Path) -> None:
    home.json("cases", "take", night)
    told = home.run("explain", "case:1").out
    assert "copied" in told
    assert "DMM P050.5.4 (1997)" in told


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", 9), "CASE_UNKNOWN"),
        (("close", 9, "--finding", "x"), "CASE_UNKNOWN"),
        (("contest", 9, "--party", "provider", "--grounds", "x"), "CASE_UNKNOWN"),
        (("evidence", 9, "--out", "nowhere"), "CASE_UNKNOWN"),
        (("list", "--kind", "odd"), "CASE_KIND_UNKNOWN"),
        (("take", "no-such-file.json"), "CASE_FILE_UNREADABLE"),
    ],
)
def test_what_is_not_there_says_what_to_do(
    home: Program, arguments: tuple[object, ...], code: str
) -> None:
    assert home.refused("cases", *arguments)["code"] == code


@pytest.mark.parametrize("content", [b"", b"PAR1", b"{}", b'{"night": 3}', b"[1]" * 9, b"\xff"])
def test_a_file_of_something_else_changes_nothing(
    home: Program, tmp_path: Path, content: bytes
) -> None:
    odd = tmp_path / "odd.json"
    odd.write_bytes(content)
    assert home.refused("cases", "take", odd)["code"] == "EVIDENCE_UNREADABLE"
    assert home.json("cases") == []


@pytest.mark.parametrize(
    ("where", "odd"),
    [
        ("device", "../../office"),
        ("device", ""),
        ("count", -1),
        ("count", 2**70),
        ("kind", "odd"),
        ("reasons", ["NO_SUCH_REASON"]),
        ("members", [{"ascending_mills": 1, "postage_mills": 1, "dated": "no day"}]),
    ],
)
def test_a_suspicion_of_nonsense_changes_nothing(
    home: Program, night: Path, where: str, odd: object
) -> None:
    told = json.loads(night.read_text())
    told["suspicions"][0][where] = odd
    night.write_text(json.dumps(told))
    assert home.refused("cases", "take", night)["code"] == "EVIDENCE_UNREADABLE"
    assert home.json("cases") == []


@pytest.mark.parametrize("name", ["../../elsewhere", "a night\n", "x" * 60])
def test_a_night_names_no_file_elsewhere(home: Program, night: Path, name: str) -> None:
    told = json.loads(night.read_text())
    told["night"] = name
    night.write_text(json.dumps(told))
    assert home.refused("cases", "take", night)["code"] == "EVIDENCE_UNREADABLE"


def test_a_file_of_another_night_says_whose_it_is(home: Program, night: Path) -> None:
    told = json.loads(night.read_text())
    told["night"] = "1997-06-09"
    night.write_text(json.dumps(told))
    assert "Night 1997-06-09" in home.run("cases", "take", night).out
