"""Prints without value: a test print, the printer's offset sheet, the ``.00`` imprint.

None of them spends postage. A test print shows $0.00, bears VOID over its symbol and bytes that
no device signed, so that no verifier takes it for postage (DMM P050.4.2; 39 CFR 501.18 of 1995).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from franking.host.corrections import style_for
from franking.host.designs import Mark, require_design
from franking.host.face import Face, Role
from franking.host.layouts import LayoutSettings, placed_drawing
from franking.host.placement import require_well_placed, zones
from franking.host.sheets import Offset
from franking.identifiers import DeviceId
from franking.indicium.content import CONTENT_BYTES, unpack
from franking.marks.evidence import Readable, inspection_imprint, void_test_print
from franking.marks.geometry import Bars, Box, Drawing, Part, frame, line_of_text

_SPECIMEN_BYTES = 113
_TICKS = 9
_TICK_STEP = 0.05


def void_face(device_id: DeviceId, day: date, settings: LayoutSettings) -> Face:
    """A test print on the stock that will be used: where the indicium will stand, but void.

    Raises:
        Refused: ``PLACEMENT_WRONG`` or ``DESIGN_NOT_APPROVED``.
    """
    readable = Readable(town=settings.town, device_id=device_id, day=day)
    style = style_for(settings)
    require_design(Mark.VOID, device_id, style)
    drawing = void_test_print(readable, bytes(_SPECIMEN_BYTES), style)
    return _corner_face(drawing, settings, day)


def inspection_face(content_bytes: bytes, settings: LayoutSettings) -> Face:
    """The ``.00`` imprint of a device under inspection, without symbol and without value.

    ``content_bytes`` are the 49 bytes of the device's inspection imprint.

    Raises:
        Refused: ``PLACEMENT_WRONG`` or ``DESIGN_NOT_APPROVED``.
    """
    content = unpack(content_bytes[:CONTENT_BYTES])
    require_design(Mark.INSPECTION, content.device_id)
    readable = Readable(
        town=settings.town, device_id=content.device_id, day=content.date_of_mailing
    )
    return _corner_face(inspection_imprint(readable), settings, content.date_of_mailing)


def offset_sheet(width_in: float, height_in: float) -> Drawing:
    """A page with a frame and scales, to measure how far a printer's image is off.

    Each scale crosses an edge of the frame; its long tick belongs exactly one inch from the
    paper's edge. Read off the tick that is, and give the difference as the printer's offset.
    """
    inner = Box(left=1.0, top=1.0, right=width_in - 1.0, bottom=height_in - 1.0)
    title = line_of_text(
        "PRINTER OFFSET: measure from the paper's left and top edge to the frame; "
        "each should be 1 inch",
        x=1.1,
        y=1.35,
        size_pt=7.0,
    )
    across = _scale(inner.left, inner.top + 1.0, level=True)
    down = _scale(inner.left + 1.0, inner.top, level=False)
    parts = (
        Part.of("frame", frame(inner, line=0.01)),
        Part.of("title", title),
        Part.of("scale-across", across),
        Part.of("scale-down", down),
    )
    return Drawing(width_in=width_in, height_in=height_in, parts=parts)


def offset_from(*, left_in: Decimal, top_in: Decimal) -> Offset:
    """The offset that puts the frame of the offset sheet one inch from the left and top edge.

    ``left_in`` and ``top_in`` are what was measured on the paper.
    """
    return Offset(right_in=float(1 - left_in), down_in=float(1 - top_in))


def _scale(x: float, y: float, *, level: bool) -> Bars:
    ticks = []
    for index in range(_TICKS):
        along = (index - _TICKS // 2) * _TICK_STEP
        length = 0.4 if index == _TICKS // 2 else 0.2
        ticks.append(
            (x + along, y - length / 2, 0.005, length)
            if level
            else (x - length / 2, y + along, length, 0.005)
        )
    return Bars(bars=tuple(ticks))


def _corner_face(drawing: Drawing, settings: LayoutSettings, day: date) -> Face:
    zone = zones(settings.rulebook, day)
    face = Face(width_in=settings.stock.width_in, height_in=settings.stock.height_in)
    parts = placed_drawing(drawing, right=face.width_in - zone.edge_right, top=zone.edge_top)
    face = face.with_element(Role.NOTE, parts)
    require_well_placed(face, zone)
    return face
