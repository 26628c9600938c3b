"""Prints beside mail: test prints, the offset sheet, the ``.00`` imprint, corrections, labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.clock import parse_date
from franking.home import prints
from franking.home.mailings import template_of
from franking.home.prints import Print, inches
from franking.host.device_labels import caution_label, serial_label
from franking.host.records import Symbology
from franking.host.stocks import stock_names
from franking.marks.symbols import DPI_DEFAULT
from franking.money import format_dollars, parse_dollars
from franking.psd.records import EvidenceRequest

label = typer.Typer(help="Draw the labels of a device (39 CFR 501.22(r)).", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="DEVICE", help="The device's name in this home.")]
Sole = Annotated[str | None, typer.Option(help="The device; needed where there are several.")]
Out = Annotated[Path, typer.Option(help="The file to write: .pdf, .png, .svg or .zpl.")]
Stock = Annotated[str, typer.Option(help=f"What it is printed on: {', '.join(stock_names())}.")]
Symbol = Annotated[Symbology, typer.Option(help="The 2D symbol.")]
Dots = Annotated[int, typer.Option(help="The printer's dots per inch.")]
Side = Annotated[str, typer.Option(help="Of the paper, in inches.")]
LabelSide = Annotated[str | None, typer.Option(help="In inches; else the least allowed.")]
Request = Annotated[
    str, typer.Option(help="Your name for this print: the same id gives the same bytes.")
]


def void_print(
    desk: Desk,
    out: Out,
    device: Sole = None,
    stock: Stock = "no10",
    symbology: Symbol = Symbology.DATA_MATRIX,
    dpi: Dots = DPI_DEFAULT,
) -> Answer:
    """Draw a VOID indicium where the real one will stand: no postage, no verdict."""
    done = prints.void_print(desk.home, device, _wanted(out, stock, symbology, dpi))
    return _answer(done, "VOID test print")


def offset_sheet(
    desk: Desk, out: Out, width: Side = "8.5", height: Side = "11", dpi: Dots = DPI_DEFAULT
) -> Answer:
    """Draw a sheet to measure how far a printer's image is off; give that in the job template.

    The frame should be 1 inch from the left and top edges: ``offset: {right_in: , down_in: }`` is
    1 less what you measure.
    """
    size = {"width_in": inches(width), "height_in": inches(height)}
    return _answer(prints.printer_offset_sheet(out, **size, dpi=dpi), "Offset sheet")


def inspection_imprint(
    desk: Desk, name: Name, request_id: Request, out: Out, stock: Stock = "no10"
) -> Answer:
    """Draw the .00 imprint that an inspector asks for; journalled, not debited."""
    done = prints.inspection(desk.home, name, request_id, _wanted(out, stock))
    return _answer(done, "Inspection imprint .00")


def redate(
    desk: Desk,
    name: Name,
    date: Annotated[str, typer.Option(help="The actual date of mailing: today or soon.")],
    out: Out,
    stock: Stock = "no10",
) -> Answer:
    """Draw a date correction for the other side of a piece: REDATE, no postage (DMM P050.4.8)."""
    done = prints.redate(desk.home, name, parse_date(date), _wanted(out, stock))
    return _answer(done, f"REDATE {done['date']}")


def correct(
    desk: Desk,
    name: Name,
    postage: Annotated[str, typer.Option(help="The additional dollars, such as 0.29.")],
    request_id: Request,
    out: Out,
    destination: Annotated[str, typer.Option(help="ZIP Code of 5, 9 or 11 digits.")] = "",
    stock: Stock = "no10",
    symbology: Symbol = Symbology.DATA_MATRIX,
    dpi: Dots = DPI_DEFAULT,
) -> Answer:
    """Evidence additional postage for the other side of a short-paid piece (DMM P050.4.9)."""
    request = EvidenceRequest(
        request_id=request_id,
        postage_mills=parse_dollars(postage),
        destination=destination.replace("-", ""),
    )
    done = prints.correct(desk.home, name, request, _wanted(out, stock, symbology, dpi))
    title = f"Additional postage {format_dollars(done['postage_mills'])}"
    return _answer(done, f"{title}; descending {format_dollars(done['descending_mills'])}")


@command(label, "caution")
def caution(
    desk: Desk,
    manufacturer: Annotated[str, typer.Option(help="Whose property the meter is.")],
    telephone: Annotated[str, typer.Option(help="Whom to call to move or return it.")],
    out: Out,
    width: LabelSide = None,
    height: LabelSide = None,
    deviation: Annotated[
        str, typer.Option(help="The written approval of another format (501.22(r)(3)).")
    ] = "",
) -> Answer:
    """Draw the cautionary label of a meter (39 CFR 501.22(r)(1))."""
    drawing = caution_label(
        manufacturer=manufacturer,
        telephone=telephone,
        on=desk.home.now.date(),
        width_in=inches(width) if width else None,
        height_in=inches(height) if height else None,
        deviation_approval_id=deviation,
    )
    return _answer({"files": prints.saved(drawing, out)}, "Cautionary label")


@command(label, "serial")
def serial(
    desk: Desk,
    manufacturer_code: Annotated[str, typer.Option(help="Two digits.")],
    serial: Annotated[int, typer.Option(help="At most eight digits.")],
    out: Out,
    extra_digits: Annotated[str, typer.Option(help="The manufacturer's own, after these.")] = "",
    notice: Annotated[str, typer.Option(help="The notice that says what they mean.")] = "",
    dpi: Dots = DPI_DEFAULT,
) -> Answer:
    """Draw the barcoded serial label of a meter: Code 3 of 9 (39 CFR 501.22(r)(2))."""
    drawing = serial_label(
        manufacturer_code=manufacturer_code,
        serial=serial,
        on=desk.home.now.date(),
        extra_digits=extra_digits,
        notice_id=notice,
        dpi=dpi,
    )
    return _answer({"files": prints.saved(drawing, out, dpi=dpi)}, "Serial label")


def _wanted(
    out: Path,
    stock: str,
    symbology: Symbology = Symbology.DATA_MATRIX,
    dpi: int = DPI_DEFAULT,
) -> Print:
    return Print(out=out, look=template_of(None, stock=stock, symbology=symbology, dpi=dpi))


def _answer(done: dict[str, Any], title: str) -> Answer:
    return Answer(done, f"{title}: {', '.join(done['files'])}")
