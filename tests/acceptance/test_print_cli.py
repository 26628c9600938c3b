"""``franking print`` and ``franking notices`` as a person uses them."""

from __future__ import annotations

import os
from pathlib import Path

import pypdfium2
import pytest

from franking.cli.progress import shown_while_running
from franking.home.cautions import operating_system_user
from franking.home.watching import watched
from tests.fixtures_home import FUNDED, Program, franking, funded_home

__all__ = ["franking", "funded_home"]

MIXED = """\
name,street,city,state,zip,shape,weight,stock,courtesy reply
Ann,2 Main St,Chicago,IL,60601,,0.8,,
Bo,3 Main St,Chicago,IL,60601,flat,1.8,9x12,
,,,,,,0.8,,yes
"""
MIXED_MILLS = 740 + 1_900 + 740


@pytest.fixture
def mixed(franking: Program) -> Path:
    """A list with a letter, a flat and a courtesy reply, in the folder of the person."""
    path = Path("mixed.csv")
    path.write_text(MIXED)
    return path


def descending(franking: Program) -> int:
    """What the device holds, in mills."""
    return int(franking("device", "show", "office", "--json").data["descending_mills"])


def test_a_mixed_list_is_rehearsed_printed_and_reprinted(franking: Program, mixed: Path) -> None:
    rehearsed = franking("print", mixed, "--dry-run", "--json").data
    assert [each["stock"] for each in rehearsed["prices"]] == ["no10", "9x12", "no10"]
    assert (rehearsed["total_mills"], descending(franking)) == (MIXED_MILLS, FUNDED)
    done = franking("print", mixed, "--confirm", "--json").data
    assert (done["status"], done["pieces"], done["files"]) == ("confirmed", 3, ["mixed.pdf"])
    first = Path("mixed.pdf").read_bytes()
    assert [page.get_size() for page in pypdfium2.PdfDocument(first)][1] == (864, 648)
    assert franking("print", mixed, "--json").refusal == "JOB_CONFIRMED"
    assert franking("print", mixed, "--reprint", "jammed", "--out", "again.pdf").status == 0
    assert Path("again.pdf").read_bytes() == first
    assert descending(franking) == FUNDED - MIXED_MILLS


def test_the_file_of_one_piece_is_drawn_again_for_another_printer_at_no_cost(
    franking: Program, mixed: Path
) -> None:
    assert franking("print", mixed).status == 0
    assert franking("print", mixed, "--dpi=203", "--lines=2", "--out=one.png").status == 0
    assert descending(franking) == FUNDED - MIXED_MILLS
    assert [each["verdict"] for each in franking("verify", "one.png", "--json").data] == [
        "authentic"
    ]


@pytest.mark.duty("R97-Pre-Caution")
def test_the_first_print_shows_the_caution_once_and_logs_who_saw_it(
    franking: Program, mixed: Path
) -> None:
    assert franking("notices", "--json").data[0]["acknowledged"] == []
    assert "by nobody yet" in franking("notices").out
    assert "CAUTION" not in franking("print", mixed, "--dry-run").err
    assert "CAUTION: THIS DEVICE PRINTS POSTAGE" in franking("print", mixed).err
    assert "CAUTION" not in franking("print", mixed).err
    log = franking("notices", "--json").data[0]["acknowledged"]
    assert [each["person"] for each in log] == [operating_system_user()]
    assert "federal offences" in franking("notices").out


def test_a_program_finds_the_caution_in_its_answer(franking: Program, mixed: Path) -> None:
    told = [franking("print", mixed, "--json").data["notices"] for _ in range(2)]
    assert [len(notices) for notices in told] == [1, 0]


def test_another_user_is_shown_the_caution_too(
    franking: Program, mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    franking("print", mixed)
    monkeypatch.setenv("LOGNAME", "somebody-else")
    assert "CAUTION" in franking("print", mixed).err
    log = franking("notices", "--json").data[0]["acknowledged"]
    assert [each["person"] for each in log][-1] == "somebody-else"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "CSV_EMPTY"),
        (b"street,city,state,zip\n", "CSV_EMPTY"),
        (os.urandom(4_096), "CSV_NOT_TEXT"),
        (MIXED.encode("utf-16-le"), "CSV_NOT_TEXT"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "CSV_COLUMNS_MISSING"),
        (b"street,street,city,state,zip\n", "CSV_COLUMN_TWICE"),
        (b"x" * (33 * 2**20), "CSV_TOO_LARGE"),
        (b"street,city,state,zip\n\xe9\xe9,Chicago,IL,60601\n", "JOB_EMPTY"),
    ],
)
def test_a_list_that_can_not_be_read_is_refused_cleanly(
    franking: Program, content: bytes, code: str
) -> None:
    Path("bad.csv").write_bytes(content)
    assert franking("print", "bad.csv", "--json").refusal == code
    assert descending(franking) == FUNDED


@pytest.mark.parametrize("name", ["no-such-file", ".", "/", "/dev/zero", "fifo", "a" * 300])
def test_what_is_no_file_is_refused_cleanly(franking: Program, name: str) -> None:
    os.mkfifo("fifo")
    assert franking("print", name, "--out=x.pdf", "--json").refusal == "CSV_UNREADABLE"


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ("--dpi=0", "PRINTER_UNFIT"),
        ("--dpi=-600", "PRINTER_UNFIT"),
        ("--stock=papyrus", "STOCK_UNKNOWN"),
        ("--sheet=papyrus", "SHEET_UNKNOWN"),
        ("--map=street", "MAPPING_UNREADABLE"),
        ("--map=street=road", "CSV_COLUMNS_MISSING"),
        ("--lines=one", "LINES_UNREADABLE"),
        ("--date=yesterday", "TIME_UNREADABLE"),
        ("--date=1980-01-01", "RATE_NOT_PUBLISHED"),
        ("--job=a/b", "JOB_ID_UNREADABLE"),
        ("--out=pieces.doc", "OUTPUT_FORMAT_UNKNOWN"),
        ("--out=/proc/pieces.pdf", "OUTPUT_NOT_WRITTEN"),
        ("--device=nobody", "DEVICE_NOT_THERE"),
        ("--reprint=spoiled", "JOB_UNKNOWN"),
        ("--template=mixed.csv", "TEMPLATE_UNREADABLE"),
        ("--template=misspelt.yaml", "TEMPLATE_UNREADABLE"),
        ("--template=.", "TEMPLATE_UNREADABLE"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_before_anything_is_paid(
    franking: Program, mixed: Path, option: str, code: str
) -> None:
    Path("misspelt.yaml").write_text("stok: no10\n")
    assert franking("print", mixed, option, "--json").refusal == code
    assert descending(franking) == FUNDED


def test_a_template_names_stock_and_sender_for_rows_that_do_not(
    franking: Program, mixed: Path
) -> None:
    Path("bills.yaml").write_text(
        "stock: 6x9\ndpi: 300\nweight_oz: 1.5\nreturn_address:\n"
        "  {company: Ours, street: 9 Elm St, city: Cambridge, state: MA, zip_code: 02139}\n"
    )
    done = franking("print", mixed, "--template=bills.yaml", "--dry-run", "--json").data
    assert [each["stock"] for each in done["prices"]] == ["6x9", "9x12", "6x9"]


def test_progress_is_drawn_for_people_only(
    franking: Program, mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = franking("print", mixed)
    assert "Evidencing" not in piped.out + piped.err
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("rich.console.Console.is_terminal", True)
    at_a_terminal = franking("print", mixed)
    assert "Drawing" in at_a_terminal.err
    assert "3/3" in at_a_terminal.err
    as_json = franking("print", mixed, "--json")
    assert as_json.err == ""


def test_progress_counts_each_item_once_it_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_while_running(quiet=True) as watcher:
        assert list(watched("abc", watcher, "Spelling", 3)) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""
