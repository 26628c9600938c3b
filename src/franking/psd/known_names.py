"""Which request ids a device has certainly never met: a Bloom filter, some bits for each id.

It is asked before the database is: what it has not met need not be looked up. It may take a new
id for a known one, which costs a look; never a known one for a new one, which would cost a piece.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_BITS_EACH: Final = 16
"""With three probes one new id in 200 is looked up in vain when the filter is full."""
_ROOM_MIN: Final = 256
_SHIFTS: Final = (0, 20, 40)


class KnownNames:
    """The request ids of one device's journal. Not thread-safe."""

    def __init__(self, names: Iterable[str], *, count: int) -> None:
        # Room for as many again: a filter that is full is made anew from the journal.
        self.room = 2 * max(count, _ROOM_MIN)
        bits = 1 << (self.room * _BITS_EACH - 1).bit_length()
        self._mask = bits - 1
        self._bits = bytearray(bits >> 3)
        self.count = 0
        self.add(names)

    @property
    def isfull(self) -> bool:
        """Whether it should be made anew, with more room."""
        return self.count > self.room

    def add(self, names: Iterable[str]) -> None:
        """These ids are known from now on."""
        bits, mask = self._bits, self._mask
        for name in names:
            digest = hash(name)
            for shift in _SHIFTS:
                at = digest >> shift & mask
                bits[at >> 3] |= 1 << (at & 7)
            self.count += 1

    def perhaps(self, names: Iterable[str]) -> list[str]:
        """Those that may be known; all others are certainly not."""
        return [name for name in names if self._has(hash(name))]

    def _has(self, digest: int) -> bool:
        bits, mask = self._bits, self._mask
        for shift in _SHIFTS:
            at = digest >> shift & mask
            if not bits[at >> 3] & 1 << (at & 7):
                return False
        return True
