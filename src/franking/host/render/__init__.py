"""One drawing, four outputs: PDF, PNG, SVG and ZPL.

Every renderer takes the same ``Drawing`` and gives the same bytes for it each time. None of them
decides what is printed or where.
"""

from franking.host.render.pdf import pdf
from franking.host.render.png import png
from franking.host.render.svg import svg
from franking.host.render.zpl import zpl

__all__ = ["pdf", "png", "svg", "zpl"]
