"""The cautionary label and the serial label that every device bears."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
import zxingcpp

from franking.errors import Refused
from franking.host.device_labels import caution_label, caution_wording, serial_digits, serial_label
from franking.host.render.raster import dots_of
from franking.marks import labels
from franking.marks.geometry import Drawing, Ink, Modules, Text
from tests.fixtures_marks import PAPERS, PRINTERS, on_paper, png_dots

IN_FORCE = date(1995, 6, 30)
RULE_TEXT = (
    "POSTAL SERVICE RENTED POSTAGE METER--NOT FOR SALE PROPERTY OF FRANKING WORKS "
    "Use of this meter is permissible only under U.S. Postal Service license. "
    "Call Franking Works at (800) 555-0123 to relocate/return this meter. "
    "WARNING! METER TAMPERING IS A FEDERAL OFFENSE. IF YOU SUSPECT METER TAMPERING, "
    "CALL POSTAL INSPECTORS AT 1-800-654-8896 OR (202) 484-5480. "
    "REWARD UP TO $50,000 for information leading to the conviction of any person who "
    "misuses postage meters resulting in the Postal Service not receiving correct postage "
    "payments."
)
"""39 CFR 501.22(r)(1), with the erratum MEMBER read as METER."""


def label(
    width: str | None = None, height: str | None = None, deviation_approval_id: str = ""
) -> Drawing:
    return caution_label(
        manufacturer="Franking Works",
        telephone="(800) 555-0123",
        on=IN_FORCE,
        width_in=Decimal(width) if width else None,
        height_in=Decimal(height) if height else None,
        deviation_approval_id=deviation_approval_id,
    )


def texts(drawing: Drawing) -> list[Text]:
    return [shape for part in drawing.parts for shape in part.shapes if isinstance(shape, Text)]


class TestCautionaryLabel:
    @pytest.mark.duty("R95-501.22(r)-1", "R95-501.22(r)(1)-3")
    def test_it_carries_the_wording_of_the_rule(self) -> None:
        wording = caution_wording(
            manufacturer="Franking Works", telephone="(800) 555-0123", on=IN_FORCE
        )
        assert " ".join(wording) == RULE_TEXT
        printed = " ".join(text.text for text in texts(label()))
        assert printed.replace("\N{EM DASH}", "--") == RULE_TEXT

    @pytest.mark.duty("R95-501.22(r)(1)-2")
    def test_it_is_as_large_as_the_rule_asks(self) -> None:
        drawing = label()
        assert (drawing.width_in, drawing.height_in) == (3.25, 1.75)
        assert dots_of(drawing, 300).shape[:2] == (525, 975)
        assert drawing.outside() == ()

    @pytest.mark.duty("R95-501.22(r)(1)-2")
    @pytest.mark.parametrize(("width", "height"), [("3.24", "1.75"), ("3.25", "1.74")])
    def test_a_smaller_one_is_refused(self, width: str, height: str) -> None:
        with pytest.raises(Refused, match="LABEL_TOO_SMALL"):
            label(width, height)

    @pytest.mark.duty("R95-501.22(r)(3)")
    def test_a_deviation_approved_in_writing_is_drawn(self) -> None:
        assert label("3.0", "1.75", deviation_approval_id="D-1").width_in == 3.0

    @pytest.mark.duty("R95-501.22(r)(1)-1")
    def test_words_in_capitals_are_red_and_others_are_black(self) -> None:
        for text in texts(label()):
            has_small_letters = any(letter.islower() for letter in text.text)
            capitals = (
                not has_small_letters and text.text != "U.S." and text.text != "(800) 555-0123"
            )
            assert (text.ink is Ink.RED) == capitals, text.text
        assert "$50,000" in [text.text for text in texts(label()) if text.ink is Ink.RED]

    def test_red_is_red_on_the_picture_and_ink_on_a_thermal_printer(self) -> None:
        picture = dots_of(label(), 203)
        assert picture.shape[2] == 3
        red = (picture[:, :, 0] > 150) & (picture[:, :, 1] < 60)
        assert red.sum() > 1000
        assert (PAPERS["zpl"](on_paper(label()), 203) < 128).sum() > red.sum()

    def test_the_type_grows_with_the_label_and_stays_legible(self) -> None:
        small, large = texts(label()), texts(label("4.5", "3.0"))
        assert min(text.size_pt for text in small) >= 5.0
        assert max(text.size_pt for text in large) > max(text.size_pt for text in small)

    def test_lines_stay_within_the_border(self) -> None:
        border = label().part("border").bounds
        for text in texts(label()):
            assert all(border.holds(box) for box in text.boxes()), text.text

    def test_wording_that_does_not_fit_is_refused(self) -> None:
        with pytest.raises(Refused, match="LABEL_TEXT_TOO_LONG"):
            labels.caution_label(["WARNING " * 200], width_in=3.25, height_in=1.75)


@pytest.mark.duty("R95-501.22(r)-1", "R95-501.22(r)(2)-2")
class TestSerialLabel:
    @pytest.mark.parametrize("paper", PAPERS)
    @pytest.mark.parametrize("dpi", PRINTERS)
    def test_it_is_ten_digits_in_code_3_of_9_on_every_printer(self, dpi: int, paper: str) -> None:
        drawing = on_paper(serial_label(manufacturer_code="01", serial=4711, on=IN_FORCE, dpi=dpi))
        (found,) = zxingcpp.read_barcodes(PAPERS[paper](drawing, dpi))
        assert (found.format, found.text) == (zxingcpp.BarcodeFormat.Code39, "0100004711")

    def test_the_digits_stand_below_the_bars_too(self) -> None:
        drawing = serial_label(manufacturer_code="02", serial=99999999, on=IN_FORCE)
        assert "0299999999" in [text.text for text in texts(drawing)]

    @pytest.mark.parametrize(
        ("code", "serial"), [("1", 1), ("001", 1), ("FK", 1), ("01", 100000000), ("01", -1)]
    )
    def test_other_codes_and_longer_serials_are_refused(self, code: str, serial: int) -> None:
        with pytest.raises(Refused, match="SERIAL_OUT_OF_RANGE"):
            serial_digits(manufacturer_code=code, serial=serial, on=IN_FORCE)

    def test_bars_are_whole_dots_with_ten_modules_of_clear_paper(self) -> None:
        drawing = serial_label(manufacturer_code="01", serial=1, on=IN_FORCE, dpi=300)
        part = drawing.part("code-39")
        shape = part.shapes[0]
        assert isinstance(shape, Modules)
        assert shape.module_width * 300 == pytest.approx(3)
        assert part.quiet.left == pytest.approx(10 * shape.module_width)
        ink = png_dots(drawing, 300) < 128
        assert np.flatnonzero(ink.any(axis=0))[0] >= 30

    def test_text_that_code_39_cannot_hold_is_refused(self) -> None:
        with pytest.raises(Refused, match="SERIAL_LABEL_UNREADABLE"):
            labels.serial_label("é1")


@pytest.mark.duty("R95-501.22(r)(2)-3")
class TestExtraDigits:
    def test_they_are_printed_once_the_postal_service_knows_their_meaning(self) -> None:
        drawing = serial_label(
            manufacturer_code="01", serial=1, on=IN_FORCE, extra_digits="77", notice_id="N-1"
        )
        assert "010000000177" in [text.text for text in texts(drawing)]

    def test_they_are_refused_before(self) -> None:
        with pytest.raises(Refused, match="EXTRA_DIGITS_UNANNOUNCED"):
            serial_label(manufacturer_code="01", serial=1, on=IN_FORCE, extra_digits="77")

    def test_letters_are_not_digits(self) -> None:
        with pytest.raises(Refused, match="SERIAL_OUT_OF_RANGE"):
            serial_label(
                manufacturer_code="01", serial=1, on=IN_FORCE, extra_digits="A", notice_id="N-1"
            )
