"""The letters of the marks: TrueType faces, and how wide their glyphs are.

One reader of the font files serves the geometry (widths), the PDF (embedded subset) and the raster
(outlines through Pillow), so that all of them agree on where a line of text ends. The faces are
Bitstream Vera, as carried by reportlab under a permissive licence.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property, lru_cache
from importlib import resources

from franking.errors import InvariantBroken, Refusal

POINTS_PER_INCH = 72
ENCODING = "cp1252"
"""The characters that a line of text may use; the PDF encodes them as WinAnsi."""

TEXT_UNPRINTABLE = Refusal(
    "TEXT_UNPRINTABLE",
    clause="DMM P050.4.2 (1997)",
    remedy="Write the text in letters, digits and punctuation of Western European languages.",
    http_status=422,
)

_CMAP_WINDOWS_UNICODE = (3, 1)
_CMAP_SEGMENTS = 4


class Face(Enum):
    """A typeface by what it is used for."""

    REGULAR = "Vera.ttf"
    BOLD = "VeraBd.ttf"


@dataclass(frozen=True)
class FontFile:
    """A TrueType file: its tables, and the few values that drawing text needs.

    Values are in font units, ``units_per_em`` to the em.
    """

    data: bytes

    @cached_property
    def tables(self) -> dict[str, bytes]:
        """The tables of the file by their four-letter tag."""
        count = struct.unpack_from(">H", self.data, 4)[0]
        directory = struct.iter_unpack(">4sIII", self.data[12 : 12 + 16 * count])
        return {tag.decode("ascii"): self.data[at : at + size] for tag, _, at, size in directory}

    @cached_property
    def units_per_em(self) -> int:
        """Font units in one em."""
        return int(struct.unpack_from(">H", self.tables["head"], 18)[0])

    @cached_property
    def ascent(self) -> int:
        """How far the tallest letters reach above the baseline."""
        return int(struct.unpack_from(">h", self.tables["hhea"], 4)[0])

    @cached_property
    def descent(self) -> int:
        """How far letters reach below the baseline; negative."""
        return int(struct.unpack_from(">h", self.tables["hhea"], 6)[0])

    @cached_property
    def glyph_of(self) -> dict[int, int]:
        """The glyph of each Unicode code point."""
        return _segment_mapping(self.tables["cmap"])

    @cached_property
    def advances(self) -> tuple[int, ...]:
        """The width of each glyph, by its number."""
        count: int = struct.unpack_from(">H", self.tables["hhea"], 34)[0]
        glyphs: int = struct.unpack_from(">H", self.tables["maxp"], 4)[0]
        widths: tuple[int, ...] = struct.unpack_from(f">{2 * count}H", self.tables["hmtx"])[::2]
        return widths + widths[-1:] * (glyphs - count)

    @cached_property
    def widths(self) -> dict[str, float]:
        """The width in ems of every character that may be printed."""
        printable = bytes(range(32, 256)).decode(ENCODING, errors="ignore")
        return {
            letter: self.advances[self.glyph_of[ord(letter)]] / self.units_per_em
            for letter in printable
            if ord(letter) in self.glyph_of
        }


@cache
def font_file(face: Face) -> FontFile:
    """The file of ``face``, read once."""
    return FontFile(font_path(face).read_bytes())


@cache
def font_path(face: Face) -> resources.abc.Traversable:
    """Where the file of ``face`` lies."""
    return resources.files("reportlab").joinpath("fonts", face.value)


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


def size_to_fit(text: str, face: Face, *, width: float, largest_pt: float) -> float:
    """The largest size in points, up to ``largest_pt``, at which ``text`` is ``width`` inches."""
    widest = width_in(text, face, largest_pt)
    return largest_pt if widest <= width else largest_pt * width / widest


def _segment_mapping(cmap: bytes) -> dict[int, int]:
    """Code points to glyphs from the Windows Unicode subtable (format 4) of a ``cmap``."""
    count = struct.unpack_from(">H", cmap, 2)[0]
    records = struct.iter_unpack(">HHI", cmap[4 : 4 + 8 * count])
    at = next((o for *where, o in records if tuple(where) == _CMAP_WINDOWS_UNICODE), None)
    if at is None or struct.unpack_from(">H", cmap, at)[0] != _CMAP_SEGMENTS:
        raise InvariantBroken("a font file without a Unicode character map of format 4")
    return _segments(cmap[at:])


def _segments(table: bytes) -> dict[int, int]:
    twice = struct.unpack_from(">H", table, 6)[0]
    count = twice // 2
    ends = struct.unpack_from(f">{count}H", table, 14)
    starts = struct.unpack_from(f">{count}H", table, 16 + twice)
    deltas = struct.unpack_from(f">{count}H", table, 16 + 2 * twice)
    offsets = struct.unpack_from(f">{count}H", table, 16 + 3 * twice)
    mapping: dict[int, int] = {}
    for number, (start, end, delta, offset) in enumerate(
        zip(starts, ends, deltas, offsets, strict=True)
    ):
        first = 16 + 3 * twice + 2 * number + offset
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code
            if offset:
                glyph = struct.unpack_from(">H", table, first + 2 * (code - start))[0]
            if glyph or not offset:
                mapping[code] = (glyph + delta) & 0xFFFF
    return mapping
