"""Every layout, printed at the printer's dots and read back with a barcode reader."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from franking.host.corrections import correction_face, redate_face
from franking.host.layouts import LayoutSettings, face_of
from franking.host.records import Shape, Symbology, System
from franking.host.render import png
from franking.host.sheets import Offset, sheet, sheet_pages, shifted
from franking.host.test_prints import (
    inspection_face,
    offset_from,
    offset_sheet,
    void_face,
)
from franking.indicium.content import CONTENT_BYTES
from franking.marks.geometry import Drawing
from tests.fixtures_host import ADDRESSED, DEVICE_ID, IMB, ON, a_piece, indicium_for, settings

DPI = 300


def symbols_on(drawing: Drawing) -> list[bytes]:
    """The payloads of the two-dimensional symbols on a page."""
    image = np.asarray(Image.open(io.BytesIO(png(drawing, DPI))).convert("L"))
    wanted = (zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.PDF417)
    return [found.bytes for found in zxingcpp.read_barcodes(image, formats=wanted)]


def at_dpi(used: LayoutSettings) -> LayoutSettings:
    """The settings for the printer of these tests."""
    return replace(used, dpi=DPI, intelligent_mail=IMB)


@pytest.mark.duty("R97-P050.4.2-1")
@pytest.mark.parametrize("symbology", Symbology)
@pytest.mark.parametrize(("name", "shape"), ADDRESSED)
def test_the_symbol_of_every_layout_reads_back_exactly(
    name: str, shape: Shape, symbology: Symbology
) -> None:
    piece = a_piece(shape)
    payload = indicium_for(piece)
    face = face_of(piece, payload, at_dpi(settings(name, symbology)))
    assert symbols_on(face.drawing()) == [payload]


@pytest.mark.parametrize("symbology", Symbology)
def test_the_symbol_on_tape_reads_back_exactly(symbology: Symbology) -> None:
    piece = a_piece(system=System.CLOSED)
    payload = indicium_for(piece, system=System.CLOSED)
    used = at_dpi(settings("tape-7", symbology, system=System.CLOSED))
    assert symbols_on(face_of(piece, payload, used).drawing()) == [payload]


def test_a_sheet_carries_every_label_and_skips_the_used_ones() -> None:
    pieces = [a_piece(Shape.FLAT) for _ in range(7)]
    payloads = [indicium_for(piece, ascending=n) for n, piece in enumerate(pieces, start=1)]
    used = at_dpi(settings("label-4x3", Symbology.DATA_MATRIX))
    faces = [face_of(piece, p, used) for piece, p in zip(pieces, payloads, strict=True)]
    pages = list(sheet_pages(faces, sheet("letter-6"), skip=2))
    read = [set(symbols_on(page)) for page in pages]
    assert [len(found) for found in read] == [4, 3]
    assert set().union(*read) == set(payloads)


@pytest.mark.duty("R97-P050.1.6", "R97-P050.4.9-2", "R97-P050.4.9-3")
@pytest.mark.parametrize("symbology", Symbology)
@pytest.mark.parametrize("name", ["no10", "6x9", "label-4x6"])
def test_a_postage_correction_has_every_element_but_the_facing_mark(
    name: str, symbology: Symbology
) -> None:
    payload = indicium_for(a_piece())
    face = correction_face(payload, at_dpi(settings(name, symbology)))
    assert symbols_on(face.drawing()) == [payload]
    names = set(face.drawing().names())
    assert {"symbol", "amount", "town-circle", "device-id"} <= names
    assert "fim" not in names


@pytest.mark.duty("R97-P050.4.8-1", "R97-P050.4.8-3")
def test_a_date_correction_shows_neither_facing_mark_nor_barcode() -> None:
    face = redate_face(DEVICE_ID, ON, at_dpi(settings("no10", Symbology.DATA_MATRIX)))
    assert symbols_on(face.drawing()) == []
    assert not {"symbol", "fim"} & set(face.drawing().names())


@pytest.mark.parametrize("symbology", Symbology)
@pytest.mark.parametrize("name", ["no10", "label-4x6"])
def test_a_test_print_gives_a_reader_nothing_to_verify(name: str, symbology: Symbology) -> None:
    face = void_face(DEVICE_ID, ON, at_dpi(settings(name, symbology)))
    assert symbols_on(face.drawing()) == []


def test_an_inspection_imprint_bears_no_symbol() -> None:
    content = indicium_for(a_piece())[:CONTENT_BYTES]
    face = inspection_face(content, at_dpi(settings("no10", Symbology.DATA_MATRIX)))
    assert symbols_on(face.drawing()) == []


def test_the_offset_that_was_measured_moves_the_frame_back() -> None:
    page = offset_sheet(8.5, 11.0)
    printed = shifted(page, Offset(right_in=0.05, down_in=-0.02))
    off = printed.part("frame").bounds
    assert (round(off.left, 3), round(off.top, 3)) == (1.05, 0.98)
    correction = offset_from(left_in=_inches(off.left), top_in=_inches(off.top))
    again = shifted(printed, correction).part("frame").bounds
    assert (round(again.left, 3), round(again.top, 3)) == (1.0, 1.0)


def _inches(value: float) -> Decimal:
    return Decimal(str(round(value, 3)))
