"""A drawing as a PNG picture of a printer's dots."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from franking.host.render.raster import dots_of
from franking.marks.geometry import Drawing


def png(drawing: Drawing, dpi: int) -> bytes:
    """The drawing at ``dpi`` dots per inch, grey, or in colour if it has any."""
    out = BytesIO()
    image = Image.fromarray(dots_of(drawing, dpi))
    image.save(out, "PNG", dpi=(dpi, dpi), compress_level=6)
    return out.getvalue()
