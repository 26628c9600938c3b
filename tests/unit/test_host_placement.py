"""Every rule of placement: a face that keeps it, and one that breaks it and is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from franking.errors import Refused
from franking.host.face import Element, Face, Role, Side
from franking.host.layouts import face_of
from franking.host.placement import require_well_placed, violations, zones
from franking.host.records import Shape, Symbology, System
from franking.host.stocks import STOCKS, Stock, StockKind, require_approved, stock
from franking.marks.geometry import Bars, Box, Part
from tests.fixtures_host import ADDRESSED, ON, a_piece, indicium_for, settings

ZONE = zones("ibip-1997", ON)


def ink(role: Role, *, left: float, top: float, width: float, height: float) -> Element:
    """An element that is one filled rectangle."""
    return Element(role=role, parts=(Part.of(str(role), Bars(bars=((left, top, width, height),))),))


def no10(*elements: Element, side: Side = Side.ADDRESS) -> Face:
    """A bare No. 10 envelope with these elements."""
    return Face(width_in=9.5, height_in=4.125, elements=elements, side=side, letter_zones=True)


def codes(face: Face) -> set[str]:
    """The rules that the face breaks."""
    return {violation.code for violation in violations(face, ZONE)}


@pytest.mark.duty(
    "R97-P050.4.2-1",
    "R97-P050.4.4-1",
    "R97-P050.4.4-2",
    "R97-502.9(c)",
    "R95-501.6(f)-2",
    "R97-502.7(a)-2",
)
@pytest.mark.parametrize("symbology", Symbology)
@pytest.mark.parametrize(("name", "shape"), ADDRESSED)
def test_every_stock_has_a_lawful_layout_in_both_symbologies(
    name: str, shape: Shape, symbology: Symbology
) -> None:
    piece = a_piece(shape)
    face = face_of(piece, indicium_for(piece), settings(name, symbology))
    assert violations(face, ZONE) == ()
    assert {Role.SYMBOL, Role.LEGEND, Role.ADDRESS, Role.DELIVERY_BARCODE} <= {
        element.role for element in face.elements
    }
    assert "town-circle" in face.drawing().names()
    assert bool(face.of(Role.FIM)) is (shape is not Shape.PARCEL)


@pytest.mark.duty("R97-P050.4.13-1", "R97-502.7(b)-1")
@pytest.mark.parametrize("symbology", Symbology)
def test_tape_of_a_closed_system_bears_the_indicium_and_no_address(symbology: Symbology) -> None:
    piece = a_piece(system=System.CLOSED)
    used = settings("tape-7", symbology, system=System.CLOSED)
    face = face_of(piece, indicium_for(piece, system=System.CLOSED), used)
    assert {element.role for element in face.elements} == {Role.SYMBOL, Role.LEGEND, Role.FIM}


@pytest.mark.duty("R97-P050.4.5-4")
def test_each_of_several_tapes_shows_the_post_office() -> None:
    used = settings("tape-7", Symbology.DATA_MATRIX, system=System.CLOSED)
    piece = a_piece(system=System.CLOSED)
    for ascending in (1, 2):
        indicium = indicium_for(piece, system=System.CLOSED, ascending=ascending)
        names = face_of(piece, indicium, used).drawing().names()
        assert "town-circle" in names


@pytest.mark.duty("R97-P050.4.4-1")
@pytest.mark.parametrize(
    ("left", "top", "code"),
    [
        (7.6, 0.3, "EDGE_RIGHT"),
        (7.4, 0.2, "EDGE_TOP"),
        (0.3, 0.3, "NOT_UPPER_RIGHT"),
        (7.4, 3.0, "NOT_UPPER_RIGHT"),
    ],
)
def test_the_indicium_stands_in_the_upper_right_corner(left: float, top: float, code: str) -> None:
    face = no10(ink(Role.SYMBOL, left=left, top=top, width=1.7, height=0.8))
    assert code in codes(face)


def test_exactly_a_quarter_inch_from_both_edges_is_enough() -> None:
    face = no10(ink(Role.SYMBOL, left=8.25, top=0.25, width=1.0, height=0.9))
    assert codes(face) == set()


@pytest.mark.duty("R97-P050.4.4-2")
def test_an_upright_barcode_is_named() -> None:
    piece = a_piece()
    face = face_of(piece, indicium_for(piece), settings("no10", Symbology.PDF417))
    symbol = face.of(Role.SYMBOL)[0].parts[0]
    tall = replace(symbol, extent=Box(left=0.0, top=0.0, right=symbol.extent.height, bottom=3.0))
    assert "BARCODE_UPRIGHT" in codes(no10(Element(role=Role.SYMBOL, parts=(tall,))))


@pytest.mark.duty("R97-P050.4.4-2")
@pytest.mark.parametrize(
    ("element", "code"),
    [
        (ink(Role.SYMBOL, left=6.9, top=0.3, width=0.5, height=0.2), "FIM_ZONE"),
        (ink(Role.SYMBOL, left=8.0, top=1.2, width=0.8, height=0.8), "OCR_AREA"),
        (ink(Role.ADVERTISING, left=5.0, top=1.5, width=1.0, height=0.5), "OCR_AREA"),
        (ink(Role.NOTE, left=6.0, top=3.6, width=1.0, height=0.3), "BARCODE_ZONE"),
        (ink(Role.ADDRESS, left=0.2, top=2.0, width=2.0, height=0.5), "ADDRESS_PLACE"),
        (ink(Role.DELIVERY_BARCODE, left=4.5, top=3.7, width=2.8, height=0.14), "BARCODE_POSITION"),
        (ink(Role.DELIVERY_BARCODE, left=5.5, top=3.9, width=2.8, height=0.14), "BARCODE_POSITION"),
        (ink(Role.RETURN_ADDRESS, left=9.0, top=4.0, width=1.0, height=0.5), "OFF_FACE"),
    ],
)
def test_nothing_stands_in_a_zone_that_is_not_its_own(element: Element, code: str) -> None:
    mark = ink(Role.FIM, left=6.96875, top=0.0, width=0.53125, height=0.625)
    assert code in codes(no10(element, mark))


@pytest.mark.duty("R97-P050.4.2-3")
@pytest.mark.parametrize(
    ("left", "top", "well"),
    [
        (6.96875, 0.0, True),
        (7.08, 0.1, True),
        (7.2, 0.0, False),
        (6.7, 0.0, False),
        (6.96875, 0.2, False),
    ],
)
def test_the_facing_mark_stands_two_inches_from_the_right(
    left: float, top: float, well: bool
) -> None:
    mark = ink(Role.FIM, left=left, top=top, width=0.53125, height=0.625)
    assert ("FIM_POSITION" not in codes(no10(mark))) is well


@pytest.mark.duty("R97-P050.4.2-1")
def test_parts_that_overlap_are_named() -> None:
    one = ink(Role.SYMBOL, left=8.25, top=0.25, width=1.0, height=0.9)
    other = ink(Role.LEGEND, left=8.0, top=0.5, width=0.5, height=0.3)
    assert "OVERLAP" in codes(no10(one, other))


@pytest.mark.duty("R97-P050.4.4-2")
@pytest.mark.parametrize(("left", "clear"), [(5.0, False), (4.6, True)])
def test_half_an_inch_left_of_the_indicium_stays_clear(left: float, clear: bool) -> None:
    symbol = ink(Role.SYMBOL, left=7.2, top=0.25, width=2.0, height=0.9)
    advertising = ink(Role.ADVERTISING, left=left, top=0.3, width=2.0, height=0.5)
    face = Face(width_in=9.5, height_in=4.125, elements=(symbol, advertising))
    assert ("CLEAR_ZONE" not in codes(face)) is clear


def test_every_violation_is_listed_not_the_first() -> None:
    face = no10(ink(Role.SYMBOL, left=0.1, top=0.1, width=9.3, height=3.9))
    assert {"EDGE_RIGHT", "EDGE_TOP", "OCR_AREA", "BARCODE_ZONE"} <= codes(face)
    with pytest.raises(Refused, match="PLACEMENT_WRONG") as refused:
        require_well_placed(face, ZONE)
    assert refused.value.detail.count(";") >= 3


@pytest.mark.duty("R97-P050.4.8-2", "R97-P050.4.9-1")
@pytest.mark.parametrize(
    ("side", "bottom", "found"),
    [
        (Side.OTHER, 4.125 - 20 / 25.4, set()),
        (Side.OTHER, 4.125 - 19.9 / 25.4, {"CORRECTION_LOW"}),
        (Side.FLAP, 1.0, {"CORRECTION_ON_FLAP"}),
    ],
)
def test_a_correction_stands_twenty_millimetres_up_and_not_on_a_flap(
    side: Side, bottom: float, found: set[str]
) -> None:
    mark = ink(Role.CORRECTION, left=7.0, top=bottom - 0.5, width=2.0, height=0.5)
    assert codes(no10(mark, side=side)) == found


@pytest.mark.duty("R97-P050.4.3")
def test_tape_and_labels_need_an_approval() -> None:
    for known in STOCKS:
        require_approved(known)
    unapproved = Stock(
        name="own", title="Own label", kind=StockKind.LABEL, width_in=4.0, height_in=6.0
    )
    with pytest.raises(Refused, match="STOCK_NOT_APPROVED"):
        require_approved(unapproved)
    piece = a_piece(Shape.PARCEL)
    used = replace(settings("label-4x6", Symbology.DATA_MATRIX), stock=unapproved)
    with pytest.raises(Refused, match="STOCK_NOT_APPROVED"):
        face_of(piece, indicium_for(piece), used)


def test_an_unknown_stock_names_those_there_are() -> None:
    with pytest.raises(Refused, match="no10"):
        stock("papyrus")


def test_a_line_that_does_not_fit_is_refused_not_cut() -> None:
    piece = a_piece()
    assert piece.destination is not None
    long_name = replace(piece.destination, recipients=("X" * 90,))
    with pytest.raises(Refused, match="ADDRESS_TOO_WIDE"):
        face_of(
            replace(piece, destination=long_name),
            indicium_for(piece),
            settings("no10", Symbology.DATA_MATRIX),
        )


@pytest.mark.duty("R97-P050.1.5")
@pytest.mark.parametrize(
    ("name", "shape", "allowed"),
    [
        ("no10", Shape.LETTER, True),
        ("no10", Shape.CARD, False),
        ("card", Shape.CARD, True),
        ("card", Shape.LETTER, True),
        ("9x12", Shape.LETTER, False),
        ("9x12", Shape.FLAT, True),
    ],
)
def test_a_shape_that_the_stock_cannot_be_is_refused(
    name: str, shape: Shape, allowed: bool
) -> None:
    piece = a_piece(shape)
    used = settings(name, Symbology.DATA_MATRIX)
    if allowed:
        assert face_of(piece, indicium_for(piece), used).width_in == used.stock.width_in
        return
    with pytest.raises(Refused, match="SHAPE_NOT_OF_STOCK"):
        face_of(piece, indicium_for(piece), used)
