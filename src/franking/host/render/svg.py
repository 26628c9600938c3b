"""A drawing as SVG, for screens: one group a part, named as the part is.

Lines of text state their length, so that they end where the geometry says in whatever face the
screen has.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final, assert_never

from franking.host.render.cells import dark_runs
from franking.marks.geometry import Bars, Drawing, Ink, Modules, Part, Picture, Ring, Shape, Text
from franking.marks.lettering import POINTS_PER_INCH, Face

_FAMILY = "'Bitstream Vera Sans','DejaVu Sans',Verdana,sans-serif"
_WEIGHTS: Final = {Face.REGULAR: "400", Face.BOLD: "700"}
_COLOURS: Final = {Ink.BLACK: "#000", Ink.RED: "#c70f1a", Ink.PAPER: "#fff"}


def svg(drawing: Drawing) -> str:
    """The drawing as an SVG document in inches, on white paper."""
    width, height = _number(drawing.width_in), _number(drawing.height_in)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}in" height="{height}in"'
        f' viewBox="0 0 {width} {height}" font-family="{_FAMILY}">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *(line for part in drawing.parts for line in _group(part)),
        "</svg>\n",
    ]
    return "\n".join(lines)


def _group(part: Part) -> Iterator[str]:
    at = f"translate({_number(part.x)} {_number(part.y)})"
    yield f'<g data-part="{escape(part.name)}" transform="{at}">'
    for shape in part.shapes:
        yield _element(shape)
    yield "</g>"


def _element(shape: Shape) -> str:
    match shape:
        case Bars():
            path = "".join(_rectangle(*map(_number, bar)) for bar in shape.bars)
            return f'<path fill="{_COLOURS[shape.ink]}" d="{path}"/>'
        case Modules():
            return _cells(shape, shape.cells, shape.module_width, shape.module_height)
        case Picture():
            width, height = shape.width / shape.columns, shape.height / shape.rows
            return _cells(shape, shape.dots, width, height)
        case Ring():
            return (
                f'<circle cx="{_number(shape.x)}" cy="{_number(shape.y)}"'
                f' r="{_number(shape.radius)}" fill="none" stroke="#000"'
                f' stroke-width="{_number(shape.line)}"/>'
            )
        case Text():
            return _text(shape)
        case _:
            assert_never(shape)


def _cells(shape: Modules | Picture, cells: bytes, width: float, height: float) -> str:
    """All runs as one path in units of cells, so that no seam shows between rows."""
    runs = dark_runs(cells, columns=shape.columns, rows=shape.rows).tolist()
    path = "".join(_rectangle(x, y, length, 1) for x, y, length in runs)
    place = f"translate({_number(shape.left)} {_number(shape.top)})"
    scale = f"scale({_number(width)} {_number(height)})"
    return f'<path shape-rendering="crispEdges" transform="{place} {scale}" d="{path}"/>'


def _rectangle(x: object, y: object, width: object, height: object) -> str:
    return f"M{x} {y}h{width}v{height}h-{width}z"


def _text(text: Text) -> str:
    x, y = _number(text.x), _number(text.y)
    turn = f' transform="rotate({_number(text.angle)} {x} {y})"' if text.angle else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{_number(text.size_pt / POINTS_PER_INCH)}"'
        f' font-weight="{_WEIGHTS[text.face]}" fill="{_COLOURS[text.ink]}"'
        f' textLength="{_number(text.width)}" lengthAdjust="spacingAndGlyphs"{turn}'
        f' xml:space="preserve">{escape(text.text)}</text>'
    )


def _number(value: float) -> str:
    return f"{value:.5f}".rstrip("0").rstrip(".")
