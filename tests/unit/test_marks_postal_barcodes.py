"""FIM, POSTNET and Intelligent Mail: what they encode, and how large they are on paper."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import zint

from franking.errors import Refused
from franking.marks.geometry import Bars, Drawing, Rectangle
from franking.marks.postal_barcodes import (
    FIM_PATTERNS,
    fim,
    intelligent_mail,
    intelligent_mail_bars,
    postnet,
    postnet_bars,
)
from tests.fixtures_marks import PRINTERS, Bar, Paper, bars_on, on_paper, png_dots, zpl_dots

VECTORS = Path(__file__).parents[1] / "vectors" / "intelligent-mail.csv"
POSTNET_VECTORS = {
    "20260": "10010111000001010110011000110001",
    "12345678901": "10001100101001100100101010011001000110010101001100000011010011",
}
POSTNET_VALUES = {
    "11000": "0", "00011": "1", "00101": "2", "00110": "3", "01001": "4",
    "01010": "5", "01100": "6", "10001": "7", "10010": "8", "10100": "9",
}  # fmt: skip


def intelligent_mail_vectors() -> list[list[str]]:
    lines = VECTORS.read_text(encoding="utf-8").splitlines()
    return list(csv.reader(line for line in lines if not line.startswith("#")))


def rectangles(drawing: Drawing) -> tuple[Rectangle, ...]:
    shape = drawing.parts[0].shapes[0]
    assert isinstance(shape, Bars)
    return shape.bars


def zint_rows(symbology: zint.Symbology, data: str) -> list[str]:
    symbol = zint.Symbol()
    symbol.symbology = symbology
    symbol.encode(data)
    packed = np.asarray(symbol.encoded_data)[: symbol.rows]
    rows = np.unpackbits(packed, axis=1, bitorder="little")[:, : symbol.width : 2]
    return ["".join(map(str, row)) for row in rows]


@pytest.mark.duty("R97-P050.4.2-3")
class TestFacingIdentificationMark:
    @pytest.mark.parametrize("letter", "ABCDE")
    def test_its_bars_are_those_of_another_encoder(self, letter: str) -> None:
        assert zint_rows(zint.Symbology.FIM, letter) == [FIM_PATTERNS[letter]]

    @pytest.mark.parametrize("letter", "ABCDE")
    def test_its_bars_have_the_dimensions_of_the_domestic_mail_manual(self, letter: str) -> None:
        for left, top, width, height in rectangles(fim(letter)):
            assert (top, width, height) == (0.0, 1 / 32, 5 / 8)
            assert left * 16 == round(left * 16)

    @pytest.mark.parametrize("dpi", PRINTERS)
    @pytest.mark.parametrize("letter", "ABCDE")
    @pytest.mark.parametrize("dots", [png_dots, zpl_dots])
    def test_it_is_read_back_within_tolerance_from_every_printer(
        self, letter: str, dpi: int, dots: Paper
    ) -> None:
        bars = bars_on(dots(on_paper(fim(letter)), dpi))
        assert fim_pattern(bars, dpi) == FIM_PATTERNS[letter]
        for bar in bars:
            assert bar.width / dpi == pytest.approx(1 / 32, abs=0.008)
            assert bar.height / dpi == pytest.approx(5 / 8, abs=1 / 8)
            pitches = (bar.left - bars[0].left) / dpi * 16
            assert pitches == pytest.approx(round(pitches), abs=16 / dpi)
        assert len({bar.width for bar in bars}) == 1

    def test_another_letter_is_refused(self) -> None:
        with pytest.raises(Refused, match="FIM_UNKNOWN"):
            fim("F")


def fim_pattern(bars: list[Bar], dpi: int) -> str:
    """Nine positions from bars on paper; every mark starts and ends with a bar."""
    places = {round((bar.left - bars[0].left) / dpi * 16) for bar in bars}
    return "".join("1" if place in places else "0" for place in range(9))


@pytest.mark.duty("R97-P050.4.2-4")
class TestPostnet:
    @pytest.mark.parametrize(("digits", "bars"), POSTNET_VECTORS.items())
    def test_its_bars_are_those_of_publication_25(self, digits: str, bars: str) -> None:
        assert postnet_bars(digits) == bars

    @pytest.mark.parametrize("digits", ["00000", "98765", "123456789", "999999999", "20260313100"])
    def test_its_bars_are_those_of_another_encoder(self, digits: str) -> None:
        assert postnet_bars(digits) == zint_rows(zint.Symbology.POSTNET, digits)[0]

    def test_hyphens_as_people_write_them_are_allowed(self) -> None:
        assert postnet_bars("20260-3131") == postnet_bars("202603131")

    @pytest.mark.parametrize("digits", ["", "2026", "202600", "2026A", "٢٠٢٦٠", "123456789012"])
    def test_other_lengths_and_letters_are_refused(self, digits: str) -> None:
        with pytest.raises(Refused, match="POSTNET_UNREADABLE"):
            postnet(digits)

    @pytest.mark.parametrize("dpi", PRINTERS)
    @pytest.mark.parametrize("dots", [png_dots, zpl_dots])
    def test_it_is_read_back_within_tolerance_from_every_printer(
        self, dpi: int, dots: Paper
    ) -> None:
        bars = bars_on(dots(on_paper(postnet("20260313199")), dpi))
        assert postnet_digits(bars, dpi) == "20260313199"
        for bar, after in pairwise(bars):
            assert bar.width / dpi == pytest.approx(0.020, abs=0.005)
            assert 0.012 <= (after.left - bar.left - bar.width) / dpi <= 0.040
        heights = {round(bar.height / dpi, 4) for bar in bars}
        assert len(heights) == 2
        assert min(heights) == pytest.approx(0.050, abs=0.010)
        assert max(heights) == pytest.approx(0.125, abs=0.010)
        assert 20 <= (len(bars) - 1) * dpi / (bars[-1].left - bars[0].left) <= 24

    def test_it_asks_for_clear_paper_around_it(self) -> None:
        drawing = postnet("20260")
        quiet = drawing.parts[0].quiet
        assert (quiet.left, quiet.right) == (0.125, 0.125)
        assert (quiet.top, quiet.bottom) == (0.040, 0.040)
        assert drawing.bounds.left == 0.125


def postnet_digits(bars: list[Bar], dpi: int) -> str:
    """The digits of bars on paper, frame bars and correction digit checked."""
    tall = "".join("1" if bar.height / dpi > 0.0875 else "0" for bar in bars)
    assert tall[0] == tall[-1] == "1"
    fives = [tall[at : at + 5] for at in range(1, len(tall) - 1, 5)]
    digits = "".join(POSTNET_VALUES[five] for five in fives)
    assert sum(map(int, digits)) % 10 == 0
    return digits[:-1]


class TestIntelligentMail:
    @pytest.mark.parametrize(("tracking", "routing", "bars"), intelligent_mail_vectors())
    def test_its_bars_are_those_of_the_postal_service(
        self, tracking: str, routing: str, bars: str
    ) -> None:
        assert intelligent_mail_bars(tracking, routing) == bars

    @pytest.mark.parametrize(
        ("tracking", "routing"),
        [
            ("05234567094987654321", ""),
            ("0123456709498765432", ""),
            ("012345670949876543210", ""),
            ("0123456709498765432A", ""),
            ("01234567094987654321", "0123"),
            ("01234567094987654321", "01234-567"),
            ("01234567094987654321", "012345678912"),
        ],
    )
    def test_codes_that_the_specification_excludes_are_refused(
        self, tracking: str, routing: str
    ) -> None:
        with pytest.raises(Refused, match="INTELLIGENT_MAIL_UNREADABLE"):
            intelligent_mail(tracking, routing)

    @pytest.mark.parametrize("dpi", PRINTERS)
    @pytest.mark.parametrize("dots", [png_dots, zpl_dots])
    @pytest.mark.parametrize(("tracking", "routing", "bars"), intelligent_mail_vectors()[:4])
    def test_it_is_read_back_from_every_printer(
        self, tracking: str, routing: str, bars: str, dpi: int, dots: Paper
    ) -> None:
        printed = bars_on(dots(on_paper(intelligent_mail(tracking, routing)), dpi))
        assert intelligent_mail_kinds(printed) == bars

    @pytest.mark.parametrize("dpi", PRINTERS)
    def test_its_bars_keep_the_tolerances_of_the_specification(self, dpi: int) -> None:
        bars = bars_on(png_dots(on_paper(intelligent_mail("01234567094987654321")), dpi))
        assert len(bars) == 65
        for bar in bars:
            assert 0.015 <= bar.width / dpi <= 0.025
            assert 0.039 <= bar.height / dpi <= 0.165
        heights = {bar.height / dpi for bar in bars}
        tracker, half, full = sorted(heights)
        assert 0.039 <= tracker <= 0.057
        assert 0.082 <= half <= 0.111
        assert 0.125 <= full <= 0.165
        assert 20 <= 64 * dpi / (bars[-1].left - bars[0].left) <= 24
        assert 2.667 <= (bars[-1].left + bars[-1].width - bars[0].left) / dpi <= 3.225

    def test_it_asks_for_clear_paper_around_it(self) -> None:
        quiet = intelligent_mail("01234567094987654321").parts[0].quiet
        assert (quiet.left, quiet.top) == (0.125, 0.028)


def intelligent_mail_kinds(bars: list[Bar]) -> str:
    """Each bar's kind, from whether it reaches the top and the bottom of the whole barcode."""
    top = min(bar.top for bar in bars)
    bottom = max(bar.top + bar.height for bar in bars)
    kinds = {(True, True): "F", (True, False): "A", (False, True): "D", (False, False): "T"}
    return "".join(
        kinds[(abs(bar.top - top) <= 1, abs(bar.top + bar.height - bottom) <= 1)] for bar in bars
    )
