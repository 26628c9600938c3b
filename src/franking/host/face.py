"""The face of a piece as roles: which parts are indicium, address, facing mark, and so on.

A layout puts elements on a ``Face``; ``franking.host.placement`` checks where they stand, and the
renderer draws them. An element knows what it is for; its parts know only their shapes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from franking.marks.geometry import Box, Drawing, Part, enclosing


class Role(StrEnum):
    """What an element of a face is for."""

    SYMBOL = "indicium barcode"
    LEGEND = "indicium text"
    FIM = "facing identification mark"
    ADDRESS = "delivery address"
    DELIVERY_BARCODE = "delivery barcode"
    RETURN_ADDRESS = "return address"
    MARKING = "postal marking"
    ADVERTISING = "advertising"
    CORRECTION = "correction"
    NOTE = "note"


INDICIUM = frozenset({Role.SYMBOL, Role.LEGEND})
POSTAL = INDICIUM | {Role.FIM, Role.MARKING}
"""What may stand in the clear zone of an indicium."""


class Side(StrEnum):
    """Which side of the piece a face is."""

    ADDRESS = "address side"
    OTHER = "non-address side"
    FLAP = "flap"
    APPLIED = "label or tape"
    """What is put on a piece by hand: the person who does so keeps the distance from its edge."""


@dataclass(frozen=True, kw_only=True)
class Element:
    """Some parts of a face that serve one role; where they are is reckoned once."""

    role: Role
    parts: tuple[Part, ...]

    @cached_property
    def bounds(self) -> Box:
        """Where its ink is."""
        return enclosing(part.bounds for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One side of a piece, label or tape: its size in inches and what stands on it."""

    width_in: float
    height_in: float
    elements: tuple[Element, ...] = ()
    side: Side = Side.ADDRESS
    letter_zones: bool = False
    """The zones that mail machines read on letter-size pieces apply."""

    def of(self, *roles: Role) -> tuple[Element, ...]:
        """The elements that serve one of the roles."""
        return tuple(element for element in self.elements if element.role in roles)

    def with_element(self, role: Role, parts: Iterable[Part]) -> Face:
        """This face with one element more; none for no parts."""
        held = tuple(parts)
        if not held:
            return self
        return replace(self, elements=(*self.elements, Element(role=role, parts=held)))

    def drawing(self) -> Drawing:
        """The face as the renderer draws it."""
        parts = tuple(part for element in self.elements for part in element.parts)
        return Drawing(width_in=self.width_in, height_in=self.height_in, parts=parts)
