"""Test prints, the offset sheet, the ``.00`` imprint, corrections and labels, by the program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from franking.host.stocks import stock
from tests.fixtures_home import FUNDED, Program, franking, funded_home

__all__ = ["franking", "funded_home"]

DPI = 300
ADDITIONAL = 290


def show(franking: Program) -> dict[str, int]:
    """The registers and the number of journal entries of the device."""
    told = franking("device", "show", "office", "--json").data
    return {name: told[name] for name in ("descending_mills", "ascending_mills", "sequence")}


def ink_box(path: Path, *, dpi: int) -> tuple[float, float, float, float]:
    """Where the ink of a picture is: left, top, right and bottom, in inches."""
    dark = np.asarray(Image.open(path).convert("L")) < 128
    columns, rows = np.flatnonzero(dark.any(axis=0)), np.flatnonzero(dark.any(axis=1))
    edges = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    left, top, right, bottom = (float(edge) / dpi for edge in edges)
    return left, top, right, bottom


def words_of(path: Path) -> str:
    """The words on the one page of a PDF, as a PDF reader finds them."""
    page = pypdfium2.PdfDocument(path)[0]
    return " ".join(str(page.get_textpage().get_text_bounded()).split())


def verdicts(franking: Program, path: str) -> list[str]:
    """What a verifier says of the symbols in a file."""
    return [str(each["verdict"]) for each in franking("verify", path, "--json").data]


@pytest.mark.parametrize("symbology", ["datamatrix", "pdf417"])
@pytest.mark.parametrize("name", ["no10", "label-4x6", "tape-7"])
def test_a_test_print_costs_nothing_and_verifies_as_nothing(
    franking: Program, name: str, symbology: str
) -> None:
    before = show(franking)
    look = (f"--stock={name}", f"--symbology={symbology}")
    assert franking("test-print", "--out=void.png", f"--dpi={DPI}", *look).status == 0
    assert franking("test-print", "--out=void.pdf", *look).status == 0
    assert show(franking) == before
    assert {"VOID", "$0.00", "VALUE"} <= set(words_of(Path("void.pdf")).split())
    assert set(verdicts(franking, "void.png")) == {"undetermined"}
    _, top, right, _ = ink_box(Path("void.png"), dpi=DPI)
    assert top == pytest.approx(0.25, abs=0.02)
    assert stock(name).width_in - right == pytest.approx(0.25, abs=0.02)


def test_the_frame_of_the_offset_sheet_is_an_inch_from_every_edge(franking: Program) -> None:
    wanted = ("offset-sheet", "--out=sheet.png", f"--dpi={DPI}", "--width=9.5", "--height=4.125")
    assert franking(*wanted).status == 0
    picture = Image.open("sheet.png")
    assert picture.size == (9.5 * DPI, 4.125 * DPI + 0.5)
    dark = np.asarray(picture.convert("L")) < 128
    assert np.flatnonzero(dark.mean(axis=0) > 0.5)[0] == DPI
    assert np.flatnonzero(dark.mean(axis=1) > 0.5)[0] == DPI
    assert "1 inch" in words_of(_pdf_of(franking, "offset-sheet"))


def test_an_inspection_imprint_is_journalled_and_debits_nothing(franking: Program) -> None:
    before = show(franking)
    wanted = ("inspection-imprint", "office", "--request-id=visit-1", "--out=insp.pdf")
    assert franking(*wanted).status == 0
    after = show(franking)
    assert after == {**before, "sequence": before["sequence"] + 1}
    assert ".00" in words_of(Path("insp.pdf"))
    first = Path("insp.pdf").read_bytes()
    assert franking(*wanted).status == 0
    assert Path("insp.pdf").read_bytes() == first
    assert show(franking) == after


@pytest.mark.duty("R97-P050.4.8-1", "R97-P050.4.8-2", "R97-P050.4.8-3")
def test_a_date_correction_shows_the_true_date_and_no_postage(franking: Program) -> None:
    before = show(franking)
    wanted = ("redate", "office", "--date=2025-09-04")
    assert franking(*wanted, "--out=redate.pdf").status == 0
    assert franking(*wanted, "--out=redate.png").status == 0
    words = words_of(Path("redate.pdf"))
    assert "REDATE" in words
    assert "SEP 04" in words
    assert "$" not in words
    assert show(franking) == before
    assert zxingcpp.read_barcodes(Image.open("redate.png").convert("L")) == []
    bottom = ink_box(Path("redate.png"), dpi=600)[3]
    assert 4.125 - bottom > 20 / 25.4


@pytest.mark.parametrize("day", ["2025-09-01", "2026-01-01"])
def test_a_date_on_which_nothing_can_be_mailed_is_refused(franking: Program, day: str) -> None:
    wanted = ("redate", "office", f"--date={day}", "--out=redate.png", "--json")
    assert franking(*wanted).refusal == "REDATE_OUT_OF_RANGE"
    assert not Path("redate.png").exists()


@pytest.mark.duty("R97-P050.1.6", "R97-P050.4.9-1", "R97-P050.4.9-2")
@pytest.mark.parametrize("symbology", ["datamatrix", "pdf417"])
def test_a_correction_of_postage_is_paid_once_and_authentic(
    franking: Program, symbology: str
) -> None:
    wanted = ("correct", "office", "--postage=0.29", "--request-id=short-1", "--dpi=300")
    look = (f"--symbology={symbology}", "--json")
    for _ in range(2):
        done = franking(*wanted, "--out=more.png", *look).data
        assert done["postage_mills"] == ADDITIONAL
    assert show(franking)["descending_mills"] == FUNDED - ADDITIONAL
    assert verdicts(franking, "more.png") == ["authentic"]
    assert franking(*wanted, "--out=more.pdf", *look).status == 0
    words = words_of(Path("more.pdf"))
    assert all(word in words for word in ("ADDITIONAL", "$0.29", "SEP 02", "FK1A0000000001"))
    bottom = ink_box(Path("more.png"), dpi=DPI)[3]
    assert 4.125 - bottom > 20 / 25.4


@pytest.mark.duty("R97-P050.4.9-3")
def test_a_correction_may_be_printed_on_tape(franking: Program) -> None:
    wanted = ("correct", "office", "--postage=0.29", "--request-id=short-1", "--stock=tape-7")
    assert franking(*wanted, "--dpi=300", "--out=tape.png").status == 0
    assert Image.open("tape.png").size == (7 * DPI, 2 * DPI)
    assert verdicts(franking, "tape.png") == ["authentic"]


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ("--out=more.doc", "OUTPUT_FORMAT_UNKNOWN"),
        ("--out=/proc/more.png", "OUTPUT_NOT_WRITTEN"),
        ("--stock=papyrus", "STOCK_UNKNOWN"),
        ("--dpi=0", "PRINTER_UNFIT"),
        ("--postage=free", "AMOUNT_UNREADABLE"),
        ("--postage=99.00", "EXCEEDS_DESCENDING"),
        ("--destination=606", "INDICIUM_FIELD_OUT_OF_RANGE"),
    ],
)
def test_a_correction_that_can_not_be_made_costs_nothing(
    franking: Program, option: str, code: str
) -> None:
    usual = ("--postage=0.29", "--request-id=short-1", "--out=more.png")
    refused = franking("correct", "office", *usual, option, "--json")
    assert refused.refusal == code
    assert show(franking)["descending_mills"] == FUNDED


@pytest.mark.duty("R95-501.22(r)-1", "R95-501.22(r)(1)-3")
def test_the_cautionary_label_is_drawn_with_the_wording_of_the_rule(franking: Program) -> None:
    maker = ("--manufacturer=Franking Works", "--telephone=(800) 555-0123")
    assert franking("label", "caution", *maker, "--out=caution.pdf").status == 0
    words = words_of(Path("caution.pdf"))
    assert "PROPERTY OF FRANKING WORKS" in words
    assert "METER TAMPERING IS A FEDERAL OFFENSE" in words
    size = pypdfium2.PdfDocument("caution.pdf")[0].get_size()
    assert size == (3.25 * 72, 1.75 * 72)
    small = franking("label", "caution", *maker, "--width=3", "--out=small.pdf", "--json")
    assert small.refusal == "LABEL_TOO_SMALL"
    for width in ("wide", "NaN", "0", "1e9"):
        odd = franking("label", "caution", *maker, f"--width={width}", "--out=x.pdf", "--json")
        assert odd.refusal == "LENGTH_UNREADABLE"


@pytest.mark.duty("R95-501.22(r)(2)-2")
def test_the_serial_label_reads_back_as_code_39(franking: Program) -> None:
    wanted = ("label", "serial", "--manufacturer-code=01", "--serial=1234")
    assert franking(*wanted, "--out=serial.png", "--dpi=300").status == 0
    page = Image.open("serial.png").convert("L")
    paper = Image.new("L", (page.width + 200, page.height + 200), 255)
    paper.paste(page, (100, 100))
    found = zxingcpp.read_barcodes(paper)
    assert [each.text for each in found] == ["0100001234"]
    assert franking(*wanted, "--extra-digits=9", "--out=x.png", "--json").refusal == (
        "EXTRA_DIGITS_UNANNOUNCED"
    )


def test_a_home_of_several_devices_wants_one_named(franking: Program, funded_home: Path) -> None:
    assert franking("device", "create", "second").status == 0
    assert franking("test-print", "--out=x.png", "--json").refusal == "DEVICE_NOT_NAMED"
    assert franking("test-print", "--device=second", "--out=x.png", "--json").refusal == (
        "DEVICE_UNLICENSED"
    )


def _pdf_of(franking: Program, command: str) -> Path:
    path = Path(f"{command}.pdf")
    assert franking(command, "--out", path).status == 0
    return path
