"""Shapes, their bounds, and which of them collide."""

from __future__ import annotations

from io import BytesIO
from math import isclose

import pytest
from PIL import ImageFont

from franking.errors import Refused
from franking.marks.geometry import (
    Anchor,
    Bars,
    Box,
    Drawing,
    Margins,
    Part,
    Ring,
    Text,
    collisions,
    fitted,
    frame,
    line_of_text,
)
from franking.marks.lettering import Face, cap_height_in, font_file, size_to_fit, width_in


def square(name: str, *, at: float, quiet: float = 0.0) -> Part:
    return Part.of(name, Bars(bars=((at, 0.0, 1.0, 1.0),)), quiet=Margins.all_round(quiet))


def test_parts_collide_where_ink_meets_the_clear_paper_of_another() -> None:
    apart = [square("a", at=0.0), square("b", at=1.0)]
    crowded = [square("a", at=0.0, quiet=0.1), square("b", at=1.05)]
    assert list(collisions(apart)) == []
    assert [(one.name, other.name) for one, other in collisions(crowded)] == [("a", "b")]


def test_quiet_zones_may_share_the_same_paper() -> None:
    assert list(collisions([square("a", at=0.0, quiet=0.1), square("b", at=1.1, quiet=0.1)])) == []


def test_a_drawing_placed_on_a_page_moves_all_its_parts_and_shares_their_shapes() -> None:
    mark = Drawing(width_in=2.0, height_in=1.0, parts=(square("a", at=0.5),))
    moved = mark.placed(3.0, 2.0)[0]
    assert moved.bounds == Box(left=3.5, top=2.0, right=4.5, bottom=3.0)
    assert moved.shapes is mark.part("a").shapes


def test_a_fitted_drawing_is_as_large_as_ink_and_quiet_zone() -> None:
    drawing = fitted(square("a", at=5.0, quiet=0.25))
    assert (drawing.width_in, drawing.height_in) == (1.5, 1.5)
    assert drawing.bounds == Box(left=0.25, top=0.25, right=1.25, bottom=1.25)
    assert drawing.names() == ("a",)


def test_a_part_over_the_edge_is_named() -> None:
    page = Drawing(width_in=1.0, height_in=1.0, parts=(square("in", at=0.0), square("out", at=0.5)))
    assert [part.name for part in page.outside()] == ["out"]


def test_asking_for_a_part_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="fim"):
        Drawing(width_in=1.0, height_in=1.0).part("fim")


def test_a_frame_lies_within_its_box() -> None:
    box = Box(left=1.0, top=1.0, right=3.0, bottom=2.0)
    assert Part.of("frame", frame(box, line=0.1)).bounds == box


def test_a_ring_reaches_to_the_outside_of_its_line() -> None:
    part = Part.of("ring", Ring(x=1.0, y=1.0, radius=0.45, line=0.1))
    assert part.bounds == Box(left=0.5, top=0.5, right=1.5, bottom=1.5)


def test_text_turned_upright_is_as_high_as_it_was_wide() -> None:
    level = Text(x=0.0, y=0.0, text="POSTAGE", face=Face.BOLD, size_pt=12.0)
    upright = Text(x=0.0, y=0.0, text="POSTAGE", face=Face.BOLD, size_pt=12.0, angle=90.0)
    lying, standing = Part.of("t", level).bounds, Part.of("t", upright).bounds
    assert isclose(standing.height, lying.width)
    assert isclose(standing.width, lying.height)


@pytest.mark.parametrize("face", list(Face))
def test_letters_are_as_wide_and_as_high_as_another_reader_of_the_font_says(face: Face) -> None:
    file = font_file(face)
    em = file.units_per_em
    other = ImageFont.truetype(BytesIO(file.data), em, layout_engine=ImageFont.Layout.BASIC)
    text = "Arlington, VA 22202 (é) – $0.32"
    wide = sum(other.getlength(letter) for letter in text)
    assert isclose(width_in(text, face, 11.0), wide / em * 11.0 / 72)
    assert (file.ascent, -file.descent) == other.getmetrics()
    assert cap_height_in(face, 72.0) == -other.getbbox("H", anchor="ls")[1] / em


def test_anchored_text_starts_where_its_width_says() -> None:
    text = "TOTAL"
    wide = width_in(text, Face.REGULAR, 10.0)
    for anchor, start in (
        (Anchor.START, 5.0),
        (Anchor.MIDDLE, 5.0 - wide / 2),
        (Anchor.END, 5 - wide),
    ):
        assert isclose(line_of_text(text, x=5.0, y=0.0, size_pt=10.0, anchor=anchor).x, start)


def test_text_shrinks_to_fit_and_never_grows() -> None:
    assert size_to_fit("AB", Face.BOLD, width=100.0, largest_pt=12.0) == 12.0
    size = size_to_fit("A LONG LINE", Face.BOLD, width=0.5, largest_pt=12.0)
    assert isclose(width_in("A LONG LINE", Face.BOLD, size), 0.5)


def test_capitals_of_a_72_point_face_are_about_seven_tenths_of_an_inch() -> None:
    assert 0.70 < cap_height_in(Face.BOLD, 72.0) < 0.75


def test_letters_that_the_face_does_not_hold_are_refused() -> None:
    with pytest.raises(Refused, match="TEXT_UNPRINTABLE"):
        width_in("Łódź", Face.REGULAR, 10.0)
