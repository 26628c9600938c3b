"""PDF, PNG, SVG and ZPL of one drawing: the same ink, the same bytes, and no more than needed."""

from __future__ import annotations

import re
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from franking.host.render import pdf, png, svg, zpl
from franking.marks.evidence import indicium
from franking.marks.geometry import (
    Bars,
    Box,
    Drawing,
    Ink,
    Part,
    Picture,
    Ring,
    Text,
    frame,
    line_of_text,
)
from franking.marks.lettering import Face
from franking.marks.postal_barcodes import fim, intelligent_mail
from tests.fixtures_marks import (
    NUL_PAYLOAD,
    PAPERS,
    pdf_bytes,
    pdf_dots,
    png_dots,
    readable,
    symbols_on,
)

SVG = "{http://www.w3.org/2000/svg}"
ADDRESS = ("JOHN (JACK) DOE", "ACME \\ SONS", "123 MAIN ST APT 4", "SAN JUAN PR 00901-1234")


def envelope(payload: bytes = NUL_PAYLOAD, *, dpi: int = 600) -> Drawing:
    """A No. 10 envelope with all that a usual piece has on it."""
    lines = (
        line_of_text(line, x=4.0, y=2.1 + 0.18 * row, size_pt=11.0)
        for row, line in enumerate(ADDRESS)
    )
    page = Drawing(width_in=9.5, height_in=4.125)
    return page.with_parts(
        [
            *indicium(readable(), payload).placed(7.7, 0.25),
            *fim("D").placed(6.97, 0.05),
            *intelligent_mail("01234567094987654321", "01234567891").placed(5.4, 3.6),
            Part.of("address", *lines),
        ]
    )


def every_shape() -> Drawing:
    """One of each kind of shape, in every ink."""
    checks = bytes((x + y) % 2 for y in range(8) for x in range(8))
    art = Picture(left=2.0, top=0.5, width=0.8, height=0.8, columns=8, rows=8, dots=checks)
    parts = (
        Part.of("frame", frame(Box.sized(left=0.2, top=0.2, width=1.0, height=0.5), line=0.02)),
        Part.of("strip", Bars(bars=((0.2, 0.4, 1.0, 0.1),), ink=Ink.PAPER)),
        Part.of("ring", Ring(x=1.5, y=1.5, radius=0.3, line=0.02)),
        Part.of("art", art),
        Part.of(
            "turned",
            Text(x=3.0, y=1.5, text="AWRY", face=Face.BOLD, size_pt=20.0, angle=-30.0, ink=Ink.RED),
        ),
    )
    return Drawing(width_in=4.0, height_in=2.0, parts=parts)


@pytest.mark.parametrize("drawing", [envelope(), every_shape()], ids=["envelope", "every shape"])
def test_pdf_and_png_put_the_same_ink_on_paper(drawing: Drawing) -> None:
    ours, theirs = png_dots(drawing, 300), pdf_dots(drawing, 300)
    shape = np.minimum(ours.shape, theirs.shape)
    differ = np.abs(
        ours[: shape[0], : shape[1]].astype(int) - theirs[: shape[0], : shape[1]].astype(int)
    )
    assert (differ > 128).mean() < 0.004
    assert (ours < 128).sum() == pytest.approx((theirs < 128).sum(), rel=0.05)


@pytest.mark.parametrize("paper", PAPERS)
def test_a_whole_envelope_is_read_back_from_every_output(paper: str) -> None:
    assert symbols_on(PAPERS[paper](envelope(), 300)) == [NUL_PAYLOAD]


def test_the_same_drawing_gives_the_same_bytes() -> None:
    assert pdf_bytes(envelope(), every_shape()) == pdf_bytes(envelope(), every_shape())
    assert png(envelope(), 300) == png(envelope(), 300)
    assert svg(envelope()) == svg(envelope())
    assert zpl(envelope(), 300) == zpl(envelope(), 300)


class TestPdf:
    def test_pages_have_the_size_of_their_drawings(self) -> None:
        document = pypdfium2.PdfDocument(pdf_bytes(envelope(), every_shape()))
        assert [page.get_size() for page in document] == [(684.0, 297.0), (288.0, 144.0)]

    def test_its_text_can_be_searched_and_copied(self) -> None:
        page = pypdfium2.PdfDocument(pdf_bytes(envelope()))[0]
        text = page.get_textpage().get_text_range()
        for line in (*ADDRESS, "$0.32", "FK1A0000000001", "FIRST-CLASS"):
            assert line in text

    def test_letters_are_embedded_and_only_those_used(self) -> None:
        data = pdf_bytes(envelope())
        assert data.count(b"/FontFile2") == 2
        assert re.search(rb"/BaseFont /[A-Z]{6}\+BitstreamVeraSans-Bold", data)
        assert b"Helvetica" not in data
        assert len(data) < 30_000

    def test_a_face_that_is_not_used_is_not_embedded(self) -> None:
        line = Part.of("line", line_of_text("plain", x=0.1, y=0.5, size_pt=10.0))
        data = pdf_bytes(Drawing(width_in=1.0, height_in=1.0, parts=(line,)))
        assert data.count(b"/FontFile2") == 1

    def test_the_viewer_is_told_not_to_scale(self) -> None:
        assert b"/PrintScaling /None" in pdf_bytes(envelope())

    def test_a_drawing_without_ink_is_a_blank_page(self) -> None:
        blank = Drawing(width_in=1.0, height_in=1.0)
        assert (pdf_dots(blank, 100) == 255).all()

    def test_a_file_of_no_pages_is_still_a_file(self) -> None:
        out = BytesIO()
        assert pdf([], out) == 0
        assert out.getvalue().endswith(b"%%EOF\n")

    def test_modules_are_one_path_so_that_no_seam_shows(self) -> None:
        content = page_code(pdf_bytes(envelope()))
        symbol = content[content.index(b" 1 re\n") :]
        assert symbol[: symbol.index(b"f\n")].count(b" 1 re\n") > 300

    def test_accents_of_western_europe_are_drawn(self) -> None:
        line = line_of_text("Peñuelas – Añasco", x=0.1, y=0.5, size_pt=14.0)
        drawing = Drawing(width_in=3.0, height_in=1.0, parts=(Part.of("line", line),))
        page = pypdfium2.PdfDocument(pdf_bytes(drawing))[0]
        assert page.get_textpage().get_text_range() == "Peñuelas – Añasco"

    def test_files_of_other_drawings_have_other_names(self) -> None:
        names = {
            re.findall(rb"<([0-9a-f]{32})>", pdf_bytes(drawing))[0]
            for drawing in (envelope(), envelope(bytes(113)), every_shape())
        }
        assert len(names) == 3

    def test_files_drawn_at_the_same_time_are_the_same(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            drawn = list(pool.map(pdf_bytes, [envelope(), every_shape()] * 8))
        assert set(drawn[::2]) == {pdf_bytes(envelope())}
        assert set(drawn[1::2]) == {pdf_bytes(every_shape())}

    def test_a_page_waits_in_few_bytes_for_the_end_of_a_long_run(self) -> None:
        peak_of_a_run_of(60)
        assert (peak_of_a_run_of(140) - peak_of_a_run_of(20)) / 120 < 10_000


def page_code(data: bytes) -> bytes:
    """What is drawn on the one page of a PDF."""
    streams = re.findall(rb"stream\n(.*?)endstream", data, re.DOTALL)
    (code,) = (text for text in map(zlib.decompress, streams) if text.startswith(b"72 0 0 -72"))
    return code


def peak_of_a_run_of(count: int) -> int:
    """The most bytes that are held while so many envelopes, each another, become a PDF."""

    class Nowhere(BytesIO):
        def write(self, data: object, /) -> int:
            return 0

    tracemalloc.start()
    pdf((envelope(number.to_bytes(113, "big")) for number in range(count)), Nowhere())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


class TestPng:
    def test_it_states_its_resolution(self) -> None:
        with Image.open(BytesIO(png(envelope(), 300))) as image:
            assert image.size == (2850, 1238)
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
            assert image.mode == "L"

    def test_colour_is_kept_only_where_there_is_some(self) -> None:
        with Image.open(BytesIO(png(every_shape(), 100))) as image:
            assert image.mode == "RGB"

    def test_ink_over_the_edge_falls_away(self) -> None:
        ring = Part.of("ring", Ring(x=0.0, y=0.0, radius=0.5, line=0.1))
        far = Part.of("far", line_of_text("far", x=5.0, y=5.0, size_pt=20.0))
        drawing = Drawing(width_in=1.0, height_in=1.0, parts=(ring, far))
        dots = png_dots(drawing, 100)
        assert dots.shape == (100, 100)
        assert dots[0, 50] < 128

    def test_a_preview_of_few_dots_still_has_even_modules(self) -> None:
        assert symbols_on(png_dots(envelope(), 150)) == [NUL_PAYLOAD]


class TestSvg:
    def test_it_has_one_named_group_a_part(self) -> None:
        root = ElementTree.fromstring(svg(envelope()))
        names = [group.get("data-part") for group in root.iter(f"{SVG}g")]
        assert names == list(envelope().names())
        assert (root.get("width"), root.get("height")) == ("9.5in", "4.125in")

    def test_its_symbol_is_read_back(self) -> None:
        group = next(
            group
            for group in ElementTree.fromstring(svg(envelope())).iter(f"{SVG}g")
            if group.get("data-part") == "symbol"
        )
        path = group.find(f"{SVG}path")
        assert path is not None
        assert symbols_on(painted(path.get("d", ""))) == [NUL_PAYLOAD]

    def test_lines_end_where_the_geometry_says(self) -> None:
        text = envelope().part("amount").shapes[0]
        assert isinstance(text, Text)
        assert f'textLength="{text.width:.5f}"'.rstrip('0"') in svg(envelope())

    def test_text_is_escaped(self) -> None:
        line = Part.of("<b>", line_of_text("R & D <x>", x=0.1, y=0.5, size_pt=10.0))
        root = ElementTree.fromstring(svg(Drawing(width_in=2.0, height_in=1.0, parts=(line,))))
        texts = [element.text for element in root.iter(f"{SVG}text")]
        assert texts == ["R & D <x>"]

    def test_every_kind_of_shape_is_drawn(self) -> None:
        root = ElementTree.fromstring(svg(every_shape()))
        assert len(list(root.iter(f"{SVG}circle"))) == 1
        assert [e.get("transform") for e in root.iter(f"{SVG}text")] == ["rotate(-30 3 1.5)"]
        assert [e.get("fill") for e in root.iter(f"{SVG}text")] == ["#c70f1a"]


def painted(
    path: str, *, scale: int = 4, margin: int = 16
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """The rectangles of a symbol's path as dots, by a reader of its own."""
    dots = np.full((44 * scale + 2 * margin, 44 * scale + 2 * margin), 255, dtype=np.uint8)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        top, left = margin + int(y) * scale, margin + int(x) * scale
        dots[top : top + scale, left : left + int(width) * scale] = 0
    return dots


class TestZpl:
    def test_a_label_has_the_size_of_the_drawing_in_dots(self) -> None:
        text = zpl(every_shape(), 203)
        assert text.startswith("^XA\n^PW812\n^LL406\n")
        assert text.endswith("^XZ\n")

    def test_bars_are_boxes_and_all_else_is_a_bitmap(self) -> None:
        text = zpl(fim("D").with_parts(every_shape().parts), 300)
        assert text.count("^GB") == 7 + 4
        assert text.count("^GFA") == 4

    def test_no_field_holds_more_than_a_printer_takes(self) -> None:
        wide = Part.of("wide", line_of_text("WIDE", x=0.0, y=2.5, size_pt=200.0, face=Face.BOLD))
        text = zpl(Drawing(width_in=8.0, height_in=3.0, parts=(wide,)), 600)
        sizes = [int(size) for size in re.findall(r"\^GFA,(\d+),", text)]
        assert len(sizes) > 1
        assert max(sizes) <= 24_000

    def test_its_short_form_is_short(self) -> None:
        assert len(zpl(envelope(), 300)) < 30_000
