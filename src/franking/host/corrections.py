"""Corrections on the other side of a piece: the true date, and additional postage.

Both stand on the non-address side, at least 20 mm above the bottom edge; the correction of
postage never on a flap (DMM P050.4.8 and 4.9). Neither bears a facing mark. On an approved label or
tape, where it goes is up to the person who puts it there.
"""

from __future__ import annotations

from datetime import date

from franking import rules
from franking.errors import Refusal
from franking.host.designs import Mark, require_design
from franking.host.face import Face, Role, Side
from franking.host.layouts import LayoutSettings, placed_drawing
from franking.host.placement import require_well_placed, zones
from franking.host.records import Symbology
from franking.host.stocks import StockKind, require_approved
from franking.identifiers import DeviceId
from franking.indicium.content import CONTENT_BYTES, unpack
from franking.marks.evidence import Form, Readable, Style, postage_correction, redate
from franking.marks.geometry import Drawing

REDATE_OUT_OF_RANGE = Refusal(
    "REDATE_OUT_OF_RANGE",
    clause="DMM P050.4.7 (1997)",
    remedy="Give the day on which the piece will be deposited: today or soon.",
    http_status=422,
)


def require_redate_day(day: date, *, today: date, rulebook: str) -> None:
    """Refuse a date of mailing that is past, or further ahead than an indicium may be.

    Raises:
        Refused: ``REDATE_OUT_OF_RANGE``.
    """
    ahead = rules.at("device", rulebook, today).whole("date_ahead_days_max")
    if not 0 <= (day - today).days <= ahead:
        raise REDATE_OUT_OF_RANGE.because(f"{day} is not within {ahead} days from {today}")


def redate_face(
    device_id: DeviceId, day: date, settings: LayoutSettings, *, side: Side = Side.OTHER
) -> Face:
    """The date correction: the actual date of mailing, and REDATE in place of the amount.

    No postage is spent and no register moves.

    Raises:
        Refused: ``PLACEMENT_WRONG``, ``STOCK_NOT_APPROVED`` or ``DESIGN_NOT_APPROVED``.
    """
    require_design(Mark.REDATE, device_id)
    readable = Readable(town=settings.town, device_id=device_id, day=day)
    word = rules.at("indicium", settings.rulebook, day).text("redate_word")
    return _back(redate(readable, word=word), settings, day, side)


def correction_face(
    indicium_bytes: bytes, settings: LayoutSettings, *, side: Side = Side.OTHER
) -> Face:
    """The correction of postage: every element of an indicium but the facing mark.

    Raises:
        Refused: ``PLACEMENT_WRONG``, ``STOCK_NOT_APPROVED`` or ``DESIGN_NOT_APPROVED``.
    """
    content = unpack(indicium_bytes[:CONTENT_BYTES])
    readable = Readable(
        town=settings.town,
        device_id=content.device_id,
        day=content.date_of_mailing,
        postage_mills=content.postage_mills,
    )
    style = style_for(settings)
    require_design(Mark.CORRECTION, content.device_id, style)
    drawing = postage_correction(readable, indicium_bytes, style)
    return _back(drawing, settings, content.date_of_mailing, side)


def style_for(settings: LayoutSettings) -> Style:
    """How a symbol is printed where no facing mark stands in its way."""
    narrow = settings.symbology is Symbology.DATA_MATRIX
    form = Form.COLUMN if narrow else Form.BANNER
    return Style(symbology=settings.symbology, form=form, dpi=settings.dpi)


def _back(drawing: Drawing, settings: LayoutSettings, day: date, side: Side) -> Face:
    used, zone = settings.stock, zones(settings.rulebook, day)
    require_approved(used)
    on = side if used.kind is StockKind.ENVELOPE else Side.APPLIED
    face = Face(width_in=used.width_in, height_in=used.height_in, side=on)
    parts = placed_drawing(drawing, right=face.width_in - zone.edge_right, top=zone.edge_top)
    face = face.with_element(Role.CORRECTION, parts)
    require_well_placed(face, zone)
    return face
