"""The letters of the marks: TrueType faces, and how wide their glyphs are.

reportlab reads the font files. One reading serves the geometry (widths), the PDF (embedded subset)
and the raster (outlines through Pillow), so that all of them agree on where a line of text ends.
The faces are Bitstream Vera, as carried by reportlab under a permissive licence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property, lru_cache
from importlib import resources
from io import BytesIO

from reportlab.pdfbase.ttfonts import TTFont

from franking.errors import Refusal

POINTS_PER_INCH = 72
ENCODING = "cp1252"
"""The characters that a line of text may use."""

TEXT_UNPRINTABLE = Refusal(
    "TEXT_UNPRINTABLE",
    clause="DMM P050.4.2 (1997)",
    remedy="Write the text in letters, digits and punctuation of Western European languages.",
    http_status=422,
)

_PER_MILLE = 1000
# Where in a table of the font file a number stands.
_HHEA_ASCENT, _HHEA_DESCENT, _OUTLINE_TOP = 4, 6, 8


class Face(Enum):
    """A typeface by what it is used for."""

    REGULAR = "Vera.ttf"
    BOLD = "VeraBd.ttf"


@dataclass(frozen=True)
class FontFile:
    """A TrueType file, and the few values of it that placing text needs.

    Values are in font units, ``units_per_em`` to the em.
    """

    name: str
    data: bytes

    @cached_property
    def font(self) -> TTFont:
        """The file as reportlab reads it; it embeds no more than the letters that were used."""
        return TTFont(self.name, BytesIO(self.data), asciiReadable=False)

    @cached_property
    def units_per_em(self) -> int:
        """Font units in one em."""
        return int(self.font.face.unitsPerEm)

    @cached_property
    def ascent(self) -> int:
        """How far the tallest letters reach above the baseline."""
        return self._number("hhea", _HHEA_ASCENT)

    @cached_property
    def descent(self) -> int:
        """How far letters reach below the baseline; negative."""
        return self._number("hhea", _HHEA_DESCENT)

    @cached_property
    def cap_height(self) -> int:
        """How high a capital letter is: the top of the outline of ``H``."""
        face = self.font.face
        return self._number("glyf", face.glyphPos[face.charToGlyph[ord("H")]] + _OUTLINE_TOP)

    def _number(self, table: str, at: int) -> int:
        """A number of a table.

        reportlab's own ascent is that of a line of print, and these faces are older than the field
        from which it takes the height of capitals.
        """
        start, _ = self.font.face.get_table_pos(table)
        return int.from_bytes(self.data[start + at : start + at + 2], "big", signed=True)

    @cached_property
    def widths(self) -> dict[str, float]:
        """The width in ems of every character that may be printed."""
        face = self.font.face
        printable = bytes(range(32, 256)).decode(ENCODING, errors="ignore")
        return {
            letter: face.charWidths[ord(letter)] / _PER_MILLE
            for letter in printable
            if face.charToGlyph.get(ord(letter))
        }


@cache
def font_file(face: Face) -> FontFile:
    """The file of ``face``, read once."""
    data = resources.files("reportlab").joinpath("fonts", face.value).read_bytes()
    return FontFile(name=f"franking-{face.name}", data=data)


@lru_cache(maxsize=4096)
def width_in(text: str, face: Face, size_pt: float) -> float:
    """How wide ``text`` is, in inches.

    Raises:
        Refused: ``TEXT_UNPRINTABLE`` for a character that the face does not hold.
    """
    widths = font_file(face).widths
    try:
        ems = sum(widths[letter] for letter in text)
    except KeyError as missing:
        raise TEXT_UNPRINTABLE.because(f"{text!r} has the character {missing}") from None
    return ems * size_pt / POINTS_PER_INCH


def cap_height_in(face: Face, size_pt: float) -> float:
    """How high capitals and figures are, in inches."""
    font = font_file(face)
    return font.cap_height / font.units_per_em * size_pt / POINTS_PER_INCH


def size_to_fit(text: str, face: Face, *, width: float, largest_pt: float) -> float:
    """The largest size in points, up to ``largest_pt``, at which ``text`` is ``width`` inches."""
    widest = width_in(text, face, largest_pt)
    return largest_pt if widest <= width else largest_pt * width / widest
