"""Imprints to test with, and readers that know nothing of how they were drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import numpy as np
import pypdfium2
import zplkit
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from franking.host.render import pdf, png, zpl
from franking.identifiers import DeviceId
from franking.marks.evidence import Readable
from franking.marks.geometry import Drawing
from franking.marks.town_circle import licensing_office

Grey = NDArray[np.uint8]
Paper = Callable[[Drawing, int], Grey]

PRINTERS = (203, 300, 600)
OFFICE = licensing_office(city="Arlington", state="VA", zip_code="22202")
NUL_PAYLOAD = b"\x00\x00" + bytes(range(255, 144, -1))
"""113 bytes with binary zeros in front, which careless readers take for the end."""


def readable(
    *,
    postage_mills: int = 320,
    marking: str = "FIRST-CLASS",
    complete_date: bool = True,
) -> Readable:
    return Readable(
        town=OFFICE,
        device_id=DeviceId("FK", "1A", 1),
        day=date(1997, 6, 3),
        postage_mills=postage_mills,
        marking=marking,
        complete_date=complete_date,
    )


def on_paper(drawing: Drawing, *, margin: float = 0.5) -> Drawing:
    """The drawing in the middle of a sheet, off the whole dots on purpose."""
    sheet = Drawing(
        width_in=drawing.width_in + 2 * margin, height_in=drawing.height_in + 2 * margin
    )
    return sheet.with_parts(drawing.placed(margin + 0.0013, margin - 0.0007))


def png_dots(drawing: Drawing, dpi: int) -> Grey:
    with Image.open(BytesIO(png(drawing, dpi))) as image:
        return np.asarray(image.convert("L"))


def pdf_bytes(*drawings: Drawing) -> bytes:
    out = BytesIO()
    pdf(drawings, out)
    return out.getvalue()


def pdf_dots(drawing: Drawing, dpi: int) -> Grey:
    page = pypdfium2.PdfDocument(pdf_bytes(drawing))[0]
    return np.asarray(page.render(scale=dpi / 72).to_pil().convert("L"))


def zpl_dots(drawing: Drawing, dpi: int) -> Grey:
    """The label as a printer's firmware would put it on paper, by an independent renderer."""
    size = {"width": round(drawing.width_in * dpi), "height": round(drawing.height_in * dpi)}
    document = zplkit.render(zpl(drawing, dpi), zplkit.Options(dpi=dpi, **size))
    with Image.open(BytesIO(document.labels[0].png())) as image:
        return np.asarray(image.convert("L"))


PAPERS: dict[str, Paper] = {
    "png": png_dots,
    "pdf": pdf_dots,
    "zpl": zpl_dots,
}


def symbols_on(dots: Grey) -> list[bytes]:
    """The bytes of every barcode that zxing-cpp finds."""
    return [bytes(found.bytes) for found in zxingcpp.read_barcodes(dots)]


@dataclass(frozen=True)
class Bar:
    """One printed bar in dots, as a scan shows it."""

    left: int
    width: int
    top: int
    height: int


def bars_on(dots: Grey) -> list[Bar]:
    """The upright bars of a scan that holds nothing else, from left to right."""
    inked = dots < 128
    columns = np.flatnonzero(inked.any(axis=0))
    groups = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    return [_bar(inked, group) for group in groups]


def _bar(inked: NDArray[np.bool_], columns: NDArray[np.intp]) -> Bar:
    rows = np.flatnonzero(inked[:, columns[0]])
    return Bar(
        left=int(columns[0]), width=len(columns), top=int(rows[0]), height=int(np.ptp(rows)) + 1
    )
