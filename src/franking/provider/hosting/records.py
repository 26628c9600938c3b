"""What the Postal Service holds of a hosted journal, and how a copy differs from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from franking.messages.hosting import JournalHead

EntryHash = Callable[[str, int], str | None]
"""The hash of a device's journal entry in hex, where the fleet has such an entry."""


class DifferenceKind(StrEnum):
    """How the fleet's copy of a journal differs from what was anchored of it."""

    LOST = "lost"
    """The fleet knows no such device."""
    REWOUND = "rewound"
    """The journal ends before the anchor: later pieces are out in the mail."""
    FORKED = "forked"
    """Another entry stands where the anchor is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One journal that is not what was anchored of it."""

    kind: DifferenceKind
    anchor: JournalHead
    detail: str
