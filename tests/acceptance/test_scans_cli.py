"""Nights of scans through the program: whatever comes in is judged, counted, and said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from franking.scans.records import SCAN
from franking.world.nights.records import Night
from tests.fixtures_cli import Program, program
from tests.fixtures_nights import EVENING, NIGHT_NOW, piece_of_night, small_night

__all__ = ["program"]

NOW = NIGHT_NOW.isoformat()
YEAR = timedelta(days=365)


@cache
def night() -> Night:
    """One small night for all the tests, which only read it."""
    return small_night(Path(mkdtemp(prefix="franking-night-")) / "night")


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A home that only verifies, in a fresh working folder."""
    monkeypatch.delenv("FRANKING_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    program = Program(tmp_path / "home")
    program.json("home", "create", "--simulated-clock", program.home)
    return program


def verified(plant: Program, *files: object, status: int = 0, more: Sequence[object] = ()) -> Any:
    """What ``franking scans verify`` told of these files, under the night's trust list."""
    under = ("--trust", night().trust, "--root", night().root, "--now", NOW)
    return plant.json("scans", "verify", *files, *under, *more, status=status)


def scans(path: Path, rows: Sequence[dict[str, Any]], schema: pa.Schema = SCAN) -> Path:
    """A file of scans."""
    whole = [dict.fromkeys(schema.names) | row for row in rows]
    pq.write_table(pa.Table.from_pylist(whole, schema), path)
    return path


def pieces(count: int, device: int = 1, **more: Any) -> list[dict[str, Any]]:
    """So many honest pieces of a device, each scanned once."""
    usual = {"scanner": "s1", "place": "10001", "scanned_at": EVENING, "operation": "origin"}
    return [
        {"payload": piece_of_night(device, ascending_mills=100_000 + 320 * number)} | usual | more
        for number in range(1, count + 1)
    ]


def adds_up(told: Any) -> None:
    """Every row that came in has a verdict, or is one of a file that was given twice."""
    intake, rows = told["intake"], told["rows"]
    assert intake["rows"] == rows + intake["rows_repeated"]
    assert sum(told["outcomes"].values()) == rows == told["summary"]["scans"]
    assert pq.read_metadata(told["verdicts"]).num_rows == rows


def reasons_by_row(verdicts: Path = Path("verdicts.parquet")) -> dict[tuple[int, int], set[str]]:
    """The reasons of each row, by file and row."""
    rows = pq.read_table(verdicts).to_pylist()
    return {(row["file"], row["row"]): set(row["reasons"]) for row in rows}


def test_a_night_is_judged_row_by_row_and_summed_up(plant: Program) -> None:
    told = verified(plant, night().scans, more=["--known", night().known, "--summary-png", "p.png"])
    adds_up(told)
    found = pq.read_table("verdicts.parquet").to_pylist()
    truth = pq.read_table(night().truth).to_pylist()
    assert [row["verdict"] for row in found] == [row["verdict"] for row in truth]
    with Image.open("p.png") as picture:
        assert picture.format == "PNG"
    assert len(json.loads(Path(told["suspicions_file"]).read_bytes())["suspicions"]) > 9
    assert [path.name for path in Path().glob(".night-*")] == []


def test_a_person_reads_outcomes_reasons_and_where_to_look(plant: Program) -> None:
    under = ("--trust", night().trust, "--root", night().root, "--now", NOW)
    said = plant.run("scans", "verify", night().scans, *under).out
    rows = pq.read_metadata(night().scans).num_rows
    for words in (
        f"{rows} rows came in",
        "By outcome",
        "SIGNATURE_FALSE",
        "FK1A0000000001",
        "cases",
    ):
        assert words in said
    shown = plant.run("scans", "show", "verdicts.parquet")
    assert shown.status == 0
    assert "By ZIP Code" in shown.out
    assert plant.json("scans", "show", "verdicts.parquet")["scans"] == rows


def test_help_is_folded_by_the_screen_alone(
    plant: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    said = plant.run("scans", "verify", "--help").out
    assert "Rows that cannot be read are judged illegible, never dropped." in said


def test_a_sample_and_a_score_fit_a_narrow_screen(
    plant: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified(plant, night().scans)
    monkeypatch.setattr("franking.cli.answer._WIDTH_IN_A_PIPE", 80)
    drawn = plant.run("scans", "sample", "verdicts.parquet", "--by", "device").out
    assert "FK1A0000000001 " in drawn
    scored = plant.run("scans", "score", night().truth, "verdicts.parquet").out
    assert max(map(len, (drawn + scored).splitlines())) <= 80


def test_the_scans_to_look_at_are_listed_the_most_adverse_first(plant: Program) -> None:
    verified(plant, night().scans)
    rows = pq.read_table("verdicts.parquet").to_pylist()
    adverse = plant.json("scans", "list", "verdicts.parquet", "--limit", len(rows))
    assert adverse["found"] == len(adverse["scans"]) < len(rows)
    assert adverse["scans"][0]["verdict"] == "not authentic"
    shared = plant.json("scans", "list", "verdicts.parquet", "--reason", "overlap")["scans"]
    assert {(row["file"], row["row"]) for row in shared} == {
        (row["file"], row["row"]) for row in rows if "OVERLAP" in row["reasons"]
    }
    device = shared[0]["device"]
    of_it = plant.json("scans", "list", "verdicts.parquet", "--device", device, "--limit", 1)
    assert of_it["found"] == sum(row["device"] == device for row in rows)
    said = plant.run("scans", "list", "verdicts.parquet", "--verdict", "not authentic").out
    assert "not authentic: SIGNATURE_FALSE" in said
    assert plant.refused("scans", "list", "night.csv")["code"] == "VERDICTS_UNREADABLE"


def test_files_of_every_odd_kind_are_reported_counted_and_lose_no_row(plant: Program) -> None:
    """Missing, null, wrong-typed and extra columns, zero rows, cut short, not Parquet, twice."""
    files = _odd_files(Path())
    told = verified(plant, *files, status=4)
    adds_up(told)
    by_name = {each["name"]: each for each in told["intake"]["files"]}
    assert {name: each["rows"] for name, each in by_name.items()} == {
        "fine.parquet": 4,
        "again.parquet": 4,
        "no-payload.parquet": 3,
        "only-payload.parquet": 2,
        "nulls.parquet": 2,
        "wrong-types.parquet": 3,
        "extra.parquet": 1,
        "zero.parquet": 0,
        "cut.parquet": 0,
        "letter.parquet": 0,
        "lines.csv": 3,
    }
    assert by_name["again.parquet"]["same_as"] == by_name["fine.parquet"]["number"]
    assert "payload" in by_name["no-payload.parquet"]["missing"]
    assert by_name["extra.parquet"]["extra"] == ["colour"]
    assert "cut short" in by_name["cut.parquet"]["fault"]
    assert "neither Parquet" in by_name["letter.parquet"]["fault"]
    unusable = {
        each["name"]: each["unusable"] for each in by_name["wrong-types.parquet"]["columns"]
    }
    assert unusable == {"scanner": 0, "scanned_at": 3, "quality": 2, "place": 0}
    assert told["summary"]["reasons"]["ILLEGIBLE"] == 3 + 2 + 1


def test_what_was_odd_is_said_to_a_person_too(plant: Program) -> None:
    under = ("--trust", night().trust, "--root", night().root, "--now", NOW)
    told = plant.run("scans", "verify", *_odd_files(Path()), *under, "--dry-run")
    assert told.status == 4
    for words in ("cut short", "has no column payload", "columns passed over: colour", "same file"):
        assert words in told.err
    assert "22 rows came in: 18 to be judged, 4 of files that were given twice" in told.out
    assert not Path("verdicts.parquet").exists()


def test_random_payloads_are_undetermined_and_the_rest_is_judged(plant: Program) -> None:
    rows = pieces(98)
    noise = [{"payload": bytes([number]) * length} for number, length in ((7, 113), (9, 0))]
    told = verified(plant, scans(Path("night.parquet"), [*rows, *noise]))
    adds_up(told)
    assert told["outcomes"] == {"authentic": 98, "undetermined": 2, "not authentic": 0}


def test_scanners_whose_clocks_are_wrong_by_a_year_are_told_and_accuse_nobody(
    plant: Program,
) -> None:
    rows = pieces(20)
    rescans = [
        row
        | {"scanner": "off", "place": "10002", "scanned_at": EVENING - YEAR, "operation": "transit"}
        for row in rows
    ]
    late = [row | {"scanner": "s2", "operation": "destination"} for row in rows]
    told = verified(plant, scans(Path("night.parquet"), [*rows, *rescans, *late]))
    adds_up(told)
    (clock,) = told["intake"]["wrong_clocks"]
    assert (clock["scanner"], clock["scans"], clock["offset_hours"]) == ("off", 20, -365 * 24)
    assert told["outcomes"]["authentic"] == 60
    assert told["suspicions"] == 0
    shown = pq.read_table("verdicts.parquet", columns=["scanner", "scanned_at"]).to_pylist()
    assert {row["scanned_at"] for row in shown if row["scanner"] == "off"} == {None}
    under = ("--trust", night().trust, "--root", night().root, "--now", NOW)
    said = plant.run("scans", "verify", "night.parquet", "--dry-run", *under).err
    assert "scanner off: its clock is 365 days behind" in said


def test_a_clock_that_jumps_a_year_in_the_night_is_told_and_accuses_nobody(plant: Program) -> None:
    rows = pieces(20)
    rescans = [
        row
        | {
            "scanner": "jumpy",
            "operation": "transit",
            "scanned_at": EVENING + timedelta(hours=1) + (YEAR if number > 12 else timedelta(0)),
        }
        for number, row in enumerate(rows)
    ]
    told = verified(plant, scans(Path("night.parquet"), [*rows, *rescans]))
    adds_up(told)
    assert (told["intake"]["wrong_clocks"], told["intake"]["strange_times"]) == ([], 7)
    assert told["outcomes"]["authentic"] == 40
    assert told["suspicions"] == 0


def test_one_payload_five_thousand_times_is_one_suspicion(plant: Program) -> None:
    start = datetime(1997, 11, 21, 20, tzinfo=UTC)
    (piece,) = pieces(1)
    copies = [
        piece | {"place": f"{10001 + 997 * (number % 80):05d}", "scanned_at": start}
        for number in range(5000)
    ]
    told = verified(plant, scans(Path("night.parquet"), copies))
    adds_up(told)
    suspicions = json.loads(Path(told["suspicions_file"]).read_bytes())["suspicions"]
    assert [(each["kind"], each["count"]) for each in suspicions] == [("copied", 5000)]


def test_the_same_file_on_another_night_is_told_and_not_taken_for_copies(plant: Program) -> None:
    keeping = ["--history", "history"]
    file = scans(Path("night.parquet"), pieces(10))
    first = verified(plant, file, more=keeping)
    second = verified(plant, file, more=[*keeping, "--night", "1997-11-22"])
    assert (
        first["outcomes"]
        == second["outcomes"]
        == {
            "authentic": 10,
            "undetermined": 0,
            "not authentic": 0,
        }
    )
    assert second["known_before"] == {"0": "1997-11-21"}
    assert plant.json("scans", "history", "show", "--history", "history")["scans"] == 10


def test_two_files_for_one_night_may_come_apart(plant: Program) -> None:
    keeping = ["--history", "history"]
    verified(plant, scans(Path("a.parquet"), pieces(5)), more=keeping)
    verified(plant, scans(Path("b.parquet"), pieces(5, device=2)), more=keeping)
    (told,) = plant.json("scans", "history", "show", "--history", "history")["nights"]
    assert told == {"night": "1997-11-21", "files": 2, "rows": 10}


def test_a_copy_of_last_months_piece_is_found_today_until_it_is_forgotten(plant: Program) -> None:
    keeping = ["--history", "history"]
    month = timedelta(days=25)
    old = [row | {"scanned_at": EVENING - month, "place": "94105"} for row in pieces(2)]
    told = verified(plant, scans(Path("old.parquet"), old), more=keeping)
    assert told["night"] == "1997-10-27"
    today = scans(Path("today.parquet"), pieces(1))
    verified(plant, today, more=[*keeping, "--no-keep"])
    assert reasons_by_row() == {(0, 0): {"DUPLICATE"}}

    history = ("--history", "history")
    assert plant.json("scans", "history", "compact", *history)["scans"] == 2
    verified(plant, today, more=[*keeping, "--no-keep"])
    assert reasons_by_row() == {(0, 0): {"DUPLICATE"}}

    gone = plant.json("scans", "history", "forget", *history, "--before", "1997-11-01")
    assert gone["forgotten"] == ["1997-10-27"]
    verified(plant, today, more=[*keeping, "--no-keep"])
    assert reasons_by_row() == {(0, 0): set()}


def test_a_stale_trust_list_is_said_and_calls_nothing_authentic(plant: Program) -> None:
    under = ("--trust", night().trust, "--root", night().root, "--now", "1998-11-22T11:00")
    file = scans(Path("night.parquet"), pieces(3))
    told = plant.run("scans", "verify", file, *under)
    assert "the trust list is stale" in told.err
    assert plant.json("scans", "show", "verdicts.parquet")["outcomes"]["authentic"] == 0


def test_samples_are_drawn_again_by_anybody(plant: Program) -> None:
    verified(plant, night().scans)
    asked = ("scans", "sample", "verdicts.parquet", "--size", 12)
    first = plant.json(*asked, "--out", "sample.parquet")
    again = plant.json(*asked, "--seed", first["asked"]["seed"])
    assert first == again
    assert len(first["rows"]) == pq.read_metadata("sample.parquet").num_rows == 12
    said = plant.run(*asked, "--by", "device", "--seed", 7).out
    for words in ("drawn with seed 7", "95 % interval", "By device"):
        assert words in said


def test_what_cannot_be_done_is_refused_and_changes_nothing(plant: Program) -> None:
    file = scans(Path("night.parquet"), pieces(2))
    under = ("--trust", night().trust, "--root", night().root)
    file_of_verdicts = Path("earlier") / "v.parquet"
    file_of_verdicts.parent.mkdir()
    verified(plant, file, more=("--out", file_of_verdicts))
    before, judged = file.read_bytes(), file_of_verdicts.read_bytes()
    for code, *arguments in (
        ("SCANS_NOT_THERE", "verify", "nothing.parquet", *under),
        ("OUTPUT_IS_INPUT", "verify", file, "--out", file, *under),
        ("OUTPUT_NOT_WRITABLE", "verify", file, "--out", "nowhere/v.parquet", *under),
        ("OUTPUT_NOT_WRITABLE", "verify", file, "--out", ".", *under),
        ("OUTPUT_IS_INPUT", "verify", ".", "--out", file, *under),
        ("OUTPUT_IS_INPUT", "verify", file, "--summary-png", file, *under),
        ("OUTPUT_IS_INPUT", "verify", file, "--summary-png", "verdicts.parquet", *under),
        ("OUTPUT_IS_INPUT", "show", file_of_verdicts, "--summary-png", file_of_verdicts),
        ("OUTPUT_NOT_WRITABLE", "verify", file, "--summary-png", "nowhere/s.png", *under),
        ("HISTORY_NOT_WRITABLE", "verify", file, "--history", file, *under),
        ("SAMPLE_OVER_VERDICTS", "sample", file_of_verdicts, "--out", file_of_verdicts),
        ("HISTORY_NOT_THERE", "history", "show", "--history", "nowhere"),
        ("HISTORY_NOT_THERE", "history", "compact", "--history", "nowhere"),
        ("HISTORY_NOT_THERE", "history", "forget", "--history", "."),
        ("FOLDER_NOT_MADE", "synthesize", "--out", file / "made"),
        ("FOLDER_NOT_EMPTY", "synthesize", "--out", "."),
        ("USAGE", "verify", file, *under, "--master", "spark://plant-1:7077"),
        ("NO_TRUST_LIST", "verify", file),
        ("NO_TRUST_LIST", "verify", file, "--trust", "nothing.list"),
        ("ROOT_KEY_UNREADABLE", "verify", file, "--trust", night().trust, "--root", file),
        ("RULEBOOK_UNKNOWN", "verify", file, *under, "--rulebook", "none"),
        ("KNOWN_NOT_THERE", "verify", file, *under, "--known", "nowhere"),
        ("CLUSTER_NOT_NAMED", "verify", file, *under, "--engine", "spark"),
        ("VERDICTS_UNREADABLE", "show", file),
        ("VERDICTS_UNREADABLE", "sample", file),
    ):
        assert plant.refused("scans", *arguments)["code"] == code
        assert file.read_bytes() == before
        assert file_of_verdicts.read_bytes() == judged
    assert not Path("nowhere").exists()
    assert not Path("verdicts.parquet").exists()
    assert [path.name for path in Path().glob(".night-*")] == []


def test_the_homes_own_night_opens_cases_and_grows_its_history(program: Program) -> None:
    """From the device to the case: a piece that was seen in two cities within the hour."""
    payloads = [program.evidence(f"r{number}")["indicium_hex"] for number in range(3)]
    at = datetime(2027, 3, 1, 23, tzinfo=UTC)
    lines = ["payload,scanner,place,scanned_at,operation,looks"]
    lines += [f"{payload},20260-1,20260,{at.isoformat()},origin,2" for payload in payloads]
    lines.append(f"{payloads[0]},94105-1,94105,{at.isoformat()},origin,2")
    Path("night.csv").write_text("\n".join(lines) + "\n")
    told = program.json("scans", "verify", "night.csv", "--now", "2027-03-02T08:00")
    adds_up(told)
    assert told["outcomes"] == {"authentic": 2, "undetermined": 2, "not authentic": 0}
    assert len(told["cases"]["opened"]) == 1
    assert told["history_rows"] == 4
    (case,) = program.json("cases", "list")
    assert case["kind"] == "copied"
    again = program.json("scans", "verify", "night.csv")
    assert again["cases"]["opened"] == []
    assert again["cases"]["known"] == 1


def _odd_files(folder: Path) -> list[Path]:
    """A night of files, every one odd in its own way but the first."""
    fine = pieces(4)
    cut = folder / "cut.parquet"
    whole = scans(folder / "whole.parquet", fine).read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    (folder / "again.parquet").write_bytes(whole)
    (folder / "whole.parquet").rename(folder / "fine.parquet")
    (folder / "letter.parquet").write_bytes(b"Dear sir, I enclose the scans of the night.")
    hexadecimal = fine[0]["payload"].hex()
    (folder / "lines.csv").write_text(f"payload,place\n{hexadecimal},10001\nab,c,d\n00,2139\n")
    return [
        folder / "fine.parquet",
        folder / "again.parquet",
        scans(folder / "no-payload.parquet", fine[:3], pa.schema([SCAN.field("scanner")])),
        scans(folder / "only-payload.parquet", pieces(2, 2), pa.schema([SCAN.field("payload")])),
        scans(folder / "nulls.parquet", [{}, {}]),
        _wrong_types(folder / "wrong-types.parquet"),
        scans(
            folder / "extra.parquet",
            pieces(1, 6, colour="red"),
            SCAN.append(pa.field("colour", pa.string())),
        ),
        scans(folder / "zero.parquet", []),
        cut,
        folder / "letter.parquet",
        folder / "lines.csv",
    ]


def _wrong_types(path: Path) -> Path:
    payloads = [row["payload"] for row in pieces(3, device=3)]
    table = pa.table(
        {
            "payload": pa.array(payloads, pa.large_binary()),
            "scanner": pa.array([1, 2, 3]),
            "scanned_at": pa.array([1, 2, 3]),
            "quality": pa.array([50.0, 0.5, 1e9]),
            "place": pa.array([10001, 2139, 501]),
        }
    )
    pq.write_table(table, path)
    return path
