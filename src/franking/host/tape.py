"""An indicium by itself, with white all round: for a tape, or to look at and to check.

The layout of a whole piece is ``franking.host.layouts``; this is for who places it otherwise.
"""

from __future__ import annotations

from franking.host.records import Symbology
from franking.indicium.content import CONTENT_BYTES, unpack
from franking.marks.evidence import Form, Readable, Style, indicium
from franking.marks.geometry import Drawing
from franking.marks.symbols import DPI_DEFAULT
from franking.marks.town_circle import Town

_MARGIN = 0.25


def bare_indicium(
    indicium_bytes: bytes,
    town: Town,
    *,
    symbology: Symbology = Symbology.DATA_MATRIX,
    dpi: int = DPI_DEFAULT,
) -> Drawing:
    """The indicium of 113 bytes as a drawing of its own size, with 1/4 inch of white.

    Raises:
        Refused: as ``franking.marks.evidence.indicium``.
    """
    content = unpack(indicium_bytes[:CONTENT_BYTES])
    readable = Readable(
        town=town,
        device_id=content.device_id,
        day=content.date_of_mailing,
        postage_mills=content.postage_mills,
    )
    narrow = symbology is Symbology.DATA_MATRIX
    style = Style(symbology=symbology, form=Form.COLUMN if narrow else Form.BANNER, dpi=dpi)
    drawn = indicium(readable, indicium_bytes, style)
    box = drawn.bounds
    return Drawing(
        width_in=box.width + 2 * _MARGIN,
        height_in=box.height + 2 * _MARGIN,
        parts=drawn.placed(_MARGIN - box.left, _MARGIN - box.top),
    )
