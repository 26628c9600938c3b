"""The indicium and the other imprints of a device: what stands on them and what must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from franking.errors import Refused
from franking.marks.evidence import (
    Form,
    Style,
    indicium,
    inspection_imprint,
    postage_correction,
    redate,
    void_test_print,
)
from franking.marks.geometry import Box, Drawing, Modules, Text, collisions
from franking.marks.symbols import Symbology
from franking.marks.town_circle import (
    OfficeUnit,
    Town,
    date_lines,
    licensing_office,
    local_branch,
    mailed_from,
    town_circle,
)
from tests.fixtures_marks import NUL_PAYLOAD, OFFICE, on_paper, png_dots, readable, symbols_on

MAILED_FROM = "Mailed From ZIP Code"
STYLES = [
    Style(form=form, symbology=symbology, dpi=dpi)
    for form in Form
    for symbology in Symbology
    for dpi in (203, 600)
    if (form, symbology) != (Form.COLUMN, Symbology.PDF417)
]
FIVE_ELEMENTS = {"town-circle", "amount", "device-id", "symbol"}


def words(drawing: Drawing, name: str) -> str:
    """What a part says: letters that go round a circle are joined, level lines are parted."""
    texts = [shape for shape in drawing.part(name).shapes if isinstance(shape, Text)]
    around = "".join(text.text for text in texts if text.angle)
    return " ".join(filter(None, [around, *(text.text for text in texts if not text.angle)]))


def has_symbol(drawing: Drawing) -> bool:
    return any(isinstance(shape, Modules) for part in drawing.parts for shape in part.shapes)


def smallest_type(drawing: Drawing) -> float:
    return min(
        shape.size_pt for part in drawing.parts for shape in part.shapes if isinstance(shape, Text)
    )


@pytest.mark.duty("R97-Pre-Five", "R97-P050.1.1-1", "R97-P050.4.5-1", "R97-502.9(c)")
@pytest.mark.parametrize("style", STYLES)
def test_an_indicium_shows_office_date_amount_device_and_symbol(style: Style) -> None:
    drawing = indicium(readable(), NUL_PAYLOAD, style)
    assert set(drawing.names()) >= FIVE_ELEMENTS
    assert words(drawing, "amount") == "$0.32"
    assert words(drawing, "device-id") == "FK1A0000000001"
    assert words(drawing, "town-circle") == "ARLINGTONVA 22202 JUN 03 1997"
    assert words(drawing, "marking") == "FIRST-CLASS"


@pytest.mark.duty("R97-P050.4.2-1")
@pytest.mark.parametrize("style", STYLES)
def test_no_element_of_an_indicium_overlaps_another(style: Style) -> None:
    for marking in ("", "FIRST-CLASS", "PRIORITY MAIL"):
        drawing = indicium(readable(marking=marking, postage_mills=1_109_490), NUL_PAYLOAD, style)
        assert [(a.name, b.name) for a, b in collisions(drawing.parts)] == []
        assert drawing.outside() == ()


@pytest.mark.duty("R97-P050.4.2-1")
@pytest.mark.parametrize("style", [style for style in STYLES if style.dpi == 600])
def test_everything_a_person_reads_is_legible(style: Style) -> None:
    assert smallest_type(indicium(readable(marking="PRIORITY MAIL"), NUL_PAYLOAD, style)) >= 5.0


@pytest.mark.duty("R97-P050.4.4-2")
@pytest.mark.parametrize("style", STYLES)
def test_the_symbol_lies_level_and_is_read_back_from_the_whole_imprint(style: Style) -> None:
    drawing = indicium(readable(), NUL_PAYLOAD, style)
    assert symbols_on(png_dots(on_paper(drawing), style.dpi)) == [NUL_PAYLOAD]
    symbol = drawing.part("symbol").bounds
    assert symbol.width >= symbol.height - 1e-9


def test_a_column_fits_between_the_facing_mark_and_the_edge_of_an_envelope() -> None:
    ink = indicium(readable(), NUL_PAYLOAD).bounds
    assert ink.width <= 1.5 + 1e-9
    assert ink.height <= 1.125


def test_the_gap_of_a_banner_can_hold_a_facing_mark() -> None:
    drawing = indicium(readable(), NUL_PAYLOAD, Style(form=Form.BANNER, gap_in=1.25))
    symbol, circle = drawing.part("symbol").bounds, drawing.part("town-circle").bounds
    gap = Box(left=symbol.right, top=0.0, right=symbol.right + 1.25, bottom=1.0)
    assert not any(gap.overlaps(part.bounds) for part in drawing.parts)
    assert circle.left == pytest.approx(gap.right)


def test_an_indicium_without_an_amount_is_refused() -> None:
    with pytest.raises(Refused, match="POSTAGE_NOT_SHOWN"):
        indicium(readable(postage_mills=0), NUL_PAYLOAD)


def test_tenths_of_a_cent_are_shown() -> None:
    assert words(indicium(readable(postage_mills=239), NUL_PAYLOAD), "amount") == "$0.239"


@pytest.mark.duty("R95-501.6(e)-1")
def test_every_imprint_carries_the_maker_and_serial_of_its_device() -> None:
    for drawing in (
        indicium(readable(), NUL_PAYLOAD),
        redate(readable(), word="REDATE"),
        inspection_imprint(readable()),
    ):
        assert words(drawing, "device-id") == str(readable().device_id)


class TestTownCircle:
    @pytest.mark.duty("R95-501.6(f)-1")
    def test_it_shows_city_state_zip_code_and_date(self) -> None:
        drawing = town_circle(OFFICE, date(1997, 6, 3))
        letters = "".join(
            shape.text for shape in drawing.parts[0].shapes if isinstance(shape, Text)
        )
        assert letters == "ARLINGTONVA 22202JUN 031997"
        assert drawing.width_in == pytest.approx(0.74)

    @pytest.mark.duty("R97-P050.4.6-2")
    def test_the_day_may_be_left_out(self) -> None:
        assert date_lines(date(1997, 6, 3)) == ("JUN 03", "1997")
        assert date_lines(date(1997, 6, 3), complete=False) == ("JUN", "1997")
        month = indicium(readable(complete_date=False), NUL_PAYLOAD)
        assert words(month, "town-circle").endswith("JUN 1997")

    @pytest.mark.duty("R97-P050.4.5-3")
    def test_the_words_mailed_from_zip_code_may_stand_in_place_of_the_city(self) -> None:
        town = mailed_from("20260", words=MAILED_FROM)
        assert town.words == "MAILED FROM ZIP CODE 20260"
        assert indicium(replace(readable(), town=town), NUL_PAYLOAD).part("town-circle")

    @pytest.mark.duty("R97-P050.4.5-2")
    def test_an_approved_classified_branch_may_be_named(self) -> None:
        town = local_branch(
            branch="Pentagon City",
            state="VA",
            zip_code="22202",
            unit=OfficeUnit.CLASSIFIED_BRANCH,
            approval_id="B-1",
        )
        assert town.words == "PENTAGON CITY VA 22202"

    @pytest.mark.duty("R97-P050.4.5-2")
    @pytest.mark.parametrize(
        ("unit", "approval_id"),
        [
            (OfficeUnit.CLASSIFIED_STATION, "B-1"),
            (OfficeUnit.CONTRACT_BRANCH, "B-1"),
            (OfficeUnit.CONTRACT_STATION, "B-1"),
            (OfficeUnit.CLASSIFIED_BRANCH, ""),
        ],
    )
    def test_stations_contract_units_and_unapproved_branches_may_not(
        self, unit: OfficeUnit, approval_id: str
    ) -> None:
        with pytest.raises(Refused, match="BRANCH_NOT_PERMITTED"):
            local_branch(
                branch="Crystal City",
                state="VA",
                zip_code="22202",
                unit=unit,
                approval_id=approval_id,
            )

    @pytest.mark.parametrize(
        ("city", "state", "zip_code"),
        [("", "VA", "22202"), ("Arlington", "Virginia", "22202"), ("Arlington", "VA", "222")],
    )
    def test_half_a_post_office_is_refused(self, city: str, state: str, zip_code: str) -> None:
        with pytest.raises(Refused, match="TOWN_UNREADABLE"):
            licensing_office(city=city, state=state, zip_code=zip_code)
        with pytest.raises(Refused, match="TOWN_UNREADABLE"):
            mailed_from("2220", words=MAILED_FROM)

    def test_long_names_go_round_in_smaller_letters_until_they_cannot(self) -> None:
        long = licensing_office(city="Rancho Santa Margarita", state="CA", zip_code="92688")
        sizes = {shape.size_pt for shape in letters_of(long)}
        assert 4.0 <= min(sizes) < 6.0
        endless = licensing_office(city="Llanfairpwllgwyngyllgogerychwyrndrobwll", state="PA",
                                   zip_code="19004")  # fmt: skip
        with pytest.raises(Refused, match="TOWN_NAME_TOO_LONG"):
            town_circle(endless, date(1997, 6, 3))

    def test_letters_stay_between_the_rings(self) -> None:
        drawing = town_circle(OFFICE, date(1997, 6, 3))
        ink = png_dots(drawing, 600) < 128
        ys, xs = ink.nonzero()
        from_centre = np.hypot(xs / 600 - 0.37, ys / 600 - 0.37)
        just_inside_the_ring = (from_centre > 0.342) & (from_centre < 0.356)
        assert not just_inside_the_ring.any()
        assert from_centre.max() < 0.37 + 2 / 600


def letters_of(town: Town) -> list[Text]:
    shapes = town_circle(town, date(1997, 6, 3)).parts[0].shapes
    return [shape for shape in shapes if isinstance(shape, Text) and shape.angle]


class TestCorrections:
    @pytest.mark.duty("R97-P050.4.8-1", "R97-P050.4.8-3")
    def test_a_date_correction_says_redate_and_bears_no_amount_no_fim_and_no_symbol(self) -> None:
        drawing = redate(readable(), word="REDATE")
        assert words(drawing, "amount") == "REDATE"
        assert words(drawing, "town-circle").endswith("JUN 03 1997")
        assert "fim" not in drawing.names()
        assert not has_symbol(drawing)
        assert symbols_on(png_dots(on_paper(drawing), 300)) == []

    @pytest.mark.duty("R97-P050.1.6", "R97-P050.4.9-2")
    def test_a_postage_correction_bears_every_element_but_the_fim(self) -> None:
        drawing = postage_correction(readable(postage_mills=230), NUL_PAYLOAD)
        assert set(drawing.names()) >= FIVE_ELEMENTS
        assert "fim" not in drawing.names()
        assert words(drawing, "amount") == "$0.23"
        assert words(drawing, "heading") == "ADDITIONAL POSTAGE"
        assert symbols_on(png_dots(on_paper(drawing), 300)) == [NUL_PAYLOAD]


@pytest.mark.duty("R97-P050.4.5-4")
def test_each_of_several_tapes_shows_the_post_office() -> None:
    tape = Style(form=Form.BANNER, dpi=203)
    tapes = [
        indicium(readable(postage_mills=mills), NUL_PAYLOAD, tape) for mills in (10_000, 5_000)
    ]
    assert [words(drawing, "amount") for drawing in tapes] == ["$10.00", "$5.00"]
    for drawing in tapes:
        assert words(drawing, "town-circle").startswith("ARLINGTON")


class TestPrintsOfNoValue:
    @pytest.mark.parametrize("style", STYLES)
    def test_void_stands_over_a_symbol_that_no_reader_accepts(self, style: Style) -> None:
        drawing = void_test_print(readable(), NUL_PAYLOAD, style)
        assert words(drawing, "symbol") == "VOID"
        assert words(drawing, "amount") == "$0.00"
        assert words(drawing, "heading") == "NO POSTAGE VALUE"
        assert symbols_on(png_dots(on_paper(drawing), style.dpi)) == []

    def test_an_inspection_imprint_shows_point_zero_zero_and_no_symbol(self) -> None:
        drawing = inspection_imprint(readable())
        assert words(drawing, "amount") == ".00"
        assert words(drawing, "heading") == "NO POSTAGE VALUE"
        assert not has_symbol(drawing)


def test_the_same_piece_is_drawn_the_same() -> None:
    assert indicium(readable(), NUL_PAYLOAD) == indicium(readable(), NUL_PAYLOAD)
