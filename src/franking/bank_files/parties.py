"""How a firm is named in the files of banks, and which format a file is in."""

from __future__ import annotations

import hashlib
from enum import Enum

_DIGITS = 9


class Format(Enum):
    """The formats that are read here."""

    NACHA = "NACHA"
    BAI2 = "BAI2"
    LOCKBOX = "80-column lockbox"


def company_id(name: str) -> str:
    """The ten characters that name a firm: ``9`` and nine digits that follow from its name.

    A real bank gives them out; both sides of a simulated one can work them out.
    """
    digest = hashlib.sha256(name.encode()).digest()
    return f"9{int.from_bytes(digest[:8], 'big') % 10**_DIGITS:09d}"


def format_of(data: bytes) -> Format | None:
    """The format that a file begins in; ``None`` where it is none of ours."""
    if data.startswith(b"01,"):
        return Format.BAI2
    first = data.split(b"\n", 1)[0].rstrip(b"\r")
    if not data.startswith(b"101"):
        return None
    return Format.NACHA if first[34:40] == b"094101" else Format.LOCKBOX
