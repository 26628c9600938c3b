"""Data Matrix and PDF417: any bytes survive paper, at every printer, in every output."""

from __future__ import annotations

import random

import numpy as np
import pytest

from franking.errors import Refused
from franking.host.render import zpl
from franking.marks.geometry import Modules
from franking.marks.symbols import Symbology, data_matrix, pdf417, symbol_of, whole_dots
from tests.fixtures_marks import NUL_PAYLOAD, PAPERS, PRINTERS, on_paper, png_dots, symbols_on

PAYLOADS = {
    "NUL in front": NUL_PAYLOAD,
    "all NUL": bytes(113),
    "all 0xFF": b"\xff" * 113,
    "digits only": b"1" * 113,
    "random": random.Random(1997).randbytes(113),
    "an IBI with 40-byte signature": random.Random(89).randbytes(89),
    "an IBI-Lite": random.Random(20).randbytes(20),
}


def modules(payload: bytes, symbology: Symbology, dpi: int) -> Modules:
    shape = symbol_of(payload, symbology, dpi=dpi).parts[0].shapes[0]
    assert isinstance(shape, Modules)
    return shape


@pytest.mark.parametrize("symbology", list(Symbology))
@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_any_bytes_are_read_back_exactly(payload: bytes, symbology: Symbology) -> None:
    assert symbols_on(png_dots(on_paper(symbol_of(payload, symbology)), 300)) == [payload]


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("dpi", PRINTERS)
@pytest.mark.parametrize("symbology", list(Symbology))
def test_every_output_at_every_resolution_is_read_back(
    symbology: Symbology, dpi: int, paper: str
) -> None:
    drawing = on_paper(symbol_of(NUL_PAYLOAD, symbology, dpi=dpi))
    assert symbols_on(PAPERS[paper](drawing, dpi)) == [NUL_PAYLOAD]


@pytest.mark.parametrize("symbology", list(Symbology))
def test_a_symbol_is_as_large_as_the_number_of_bytes_says_whatever_they_are(
    symbology: Symbology,
) -> None:
    sizes = {
        (shape.columns, shape.rows)
        for payload in PAYLOADS.values()
        if len(payload) == 113
        for shape in (modules(payload, symbology, 600),)
    }
    assert sizes == {(44, 44)} if symbology is Symbology.DATA_MATRIX else {(137, 33)}


@pytest.mark.parametrize("dpi", PRINTERS)
def test_a_module_is_whole_dots_and_large_enough(dpi: int) -> None:
    square = modules(NUL_PAYLOAD, Symbology.DATA_MATRIX, dpi)
    stacked = modules(NUL_PAYLOAD, Symbology.PDF417, dpi)
    for length in (square.module_width, stacked.module_width, stacked.module_height):
        assert length * dpi == pytest.approx(round(length * dpi))
    assert square.module_width == square.module_height >= 1 / 60
    assert stacked.module_width >= 1 / 75
    assert stacked.module_height == pytest.approx(3 * stacked.module_width)


@pytest.mark.parametrize(("dpi", "dots"), [(203, 4), (300, 5), (600, 10)])
def test_modules_come_out_as_equal_whole_dots(dpi: int, dots: int) -> None:
    image = png_dots(on_paper(data_matrix(NUL_PAYLOAD, dpi=dpi)), dpi)
    rows, columns = np.flatnonzero((image < 128).any(axis=1)), np.flatnonzero((image < 128).any(0))
    symbol = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert symbol.shape == (44 * dots, 44 * dots)
    assert set(np.unique(symbol)) == {0, 255}
    cells = symbol.reshape(44, dots, 44, dots)
    assert np.all(cells == cells[:, :1, :, :1])


@pytest.mark.parametrize("symbology", list(Symbology))
def test_two_modules_of_bare_paper_lie_around_a_symbol(symbology: Symbology) -> None:
    drawing = symbol_of(NUL_PAYLOAD, symbology)
    part = drawing.part("symbol")
    module = modules(NUL_PAYLOAD, symbology, 600).module_width
    assert part.clear_box.width == pytest.approx(part.bounds.width + 4 * module)
    assert part.clear_box.height == pytest.approx(part.bounds.height + 4 * module)
    assert drawing.width_in == pytest.approx(part.clear_box.width)


@pytest.mark.duty("R97-P050.4.2-2")
@pytest.mark.parametrize("symbology", list(Symbology))
def test_a_symbol_is_full_black_on_bare_paper(symbology: Symbology) -> None:
    image = png_dots(on_paper(symbol_of(NUL_PAYLOAD, symbology)), 600)
    assert set(np.unique(image)) == {0, 255}


def test_fewer_columns_make_a_narrower_and_higher_pdf417() -> None:
    narrow, wide = pdf417(NUL_PAYLOAD, columns=4), pdf417(NUL_PAYLOAD, columns=8)
    assert narrow.width_in < wide.width_in
    assert narrow.height_in > wide.height_in
    assert symbols_on(png_dots(on_paper(wide), 300)) == [NUL_PAYLOAD]


@pytest.mark.parametrize("symbology", list(Symbology))
def test_more_bytes_than_a_symbol_holds_are_refused(symbology: Symbology) -> None:
    with pytest.raises(Refused, match="SYMBOL_PAYLOAD_TOO_LONG"):
        symbol_of(bytes(5000), symbology)


def test_a_label_printer_refuses_a_symbol_drawn_for_another_resolution() -> None:
    with pytest.raises(Refused, match="RESOLUTION_UNSUITABLE") as refused:
        zpl(data_matrix(NUL_PAYLOAD, dpi=600), 203)
    assert "3.38 dots" in refused.value.detail


@pytest.mark.parametrize(("dpi", "module"), [(203, 4 / 203), (300, 5 / 300), (96, 2 / 96)])
def test_whole_dots_round_up_to_the_least_that_suffices(dpi: int, module: float) -> None:
    assert whole_dots(1 / 60, dpi) == pytest.approx(module)
