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
_MORE_COMPONENTS = 0x20


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
    def cap_height(self) -> int:
        """How high a capital letter is: the top of the outline of ``H``."""
        return int(struct.unpack_from(">h", self.outline(self.glyph_of[ord("H")]), 8)[0])

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
    def outline_starts(self) -> tuple[int, ...]:
        """Where the outline of each glyph starts in the table ``glyf``, and where the last ends."""
        count = len(self.advances) + 1
        is_long = struct.unpack_from(">h", self.tables["head"], 50)[0]
        if is_long:
            return struct.unpack_from(f">{count}I", self.tables["loca"])
        return tuple(2 * at for at in struct.unpack_from(f">{count}H", self.tables["loca"]))

    def outline(self, glyph: int) -> bytes:
        """The outline of a glyph; none for a space."""
        starts = self.outline_starts
        return self.tables["glyf"][starts[glyph] : starts[glyph + 1]]

    def components(self, glyph: int) -> set[int]:
        """The other glyphs that a glyph such as ``é`` is put together from."""
        outline = self.outline(glyph)
        if not outline or struct.unpack_from(">h", outline)[0] >= 0:
            return set()
        found, at, more = set(), 10, True
        while more:
            flags, part = struct.unpack_from(">HH", outline, at)
            found |= {part} | self.components(part)
            at += 4 + _component_size(flags)
            more = bool(flags & _MORE_COMPONENTS)
        return found

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
    return FontFile(resources.files("reportlab").joinpath("fonts", face.value).read_bytes())


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


def _component_size(flags: int) -> int:
    """Bytes of a component after its number: two offsets, then its scale."""
    scale = 2 if flags & 0x08 else 4 if flags & 0x40 else 8 if flags & 0x80 else 0
    return (4 if flags & 0x01 else 2) + scale


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
