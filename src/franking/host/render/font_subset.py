"""A TrueType file with the outlines of a few letters only, for embedding in a PDF.

Glyphs keep their numbers, so that the character map and widths stay as they are; the outlines of
unused glyphs are emptied, and tables that a PDF does not need are left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

from franking.marks.lettering import FontFile

_KEPT: Final = ("cmap", "cvt ", "fpgm", "head", "hhea", "hmtx", "maxp", "prep")
_NOT_DEFINED = 0
_CHECKSUM_OF_FONT = 0xB1B0AFBA
_CHECKSUM_AT = 8  # in the table ``head``


def subset(font: FontFile, letters: Iterable[str]) -> bytes:
    """The file of ``font`` with the outlines of ``letters`` only."""
    wanted = {_NOT_DEFINED, *(font.glyph_of[ord(letter)] for letter in letters)}
    for glyph in tuple(wanted):
        wanted.update(font.components(glyph))
    outlines = [font.outline(n) if n in wanted else b"" for n in range(len(font.advances))]
    tables = {tag: font.tables[tag] for tag in _KEPT if tag in font.tables}
    return _file(tables | _outline_tables(outlines) | {"head": _head(tables["head"])})


def _outline_tables(outlines: list[bytes]) -> dict[str, bytes]:
    starts, at = [0], 0
    for outline in outlines:
        at += len(outline)
        starts.append(at)
    loca = struct.pack(f">{len(starts)}I", *starts)
    return {"glyf": b"".join(outlines), "loca": loca}


def _head(head: bytes) -> bytes:
    """``head`` without a checksum and with long offsets to the outlines."""
    changed = bytearray(head)
    struct.pack_into(">I", changed, _CHECKSUM_AT, 0)
    struct.pack_into(">h", changed, 50, 1)
    return bytes(changed)


def _file(tables: dict[str, bytes]) -> bytes:
    count = len(tables)
    power = count.bit_length() - 1
    head = struct.pack(">IHHHH", 0x00010000, count, 16 << power, power, 16 * (count - (1 << power)))
    at = len(head) + 16 * count
    directory, body, head_at = b"", b"", 0
    for tag, table in sorted(tables.items()):
        if tag == "head":
            head_at = at + len(body)
        directory += struct.pack(
            ">4sIII", tag.encode(), _checksum(table), at + len(body), len(table)
        )
        body += table + bytes(-len(table) % 4)
    whole = bytearray(head + directory + body)
    whole_sum = (_CHECKSUM_OF_FONT - _checksum(bytes(whole))) & 0xFFFFFFFF
    struct.pack_into(">I", whole, head_at + _CHECKSUM_AT, whole_sum)
    return bytes(whole)


def _checksum(table: bytes) -> int:
    padded = table + bytes(-len(table) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF
