"""An anchor, and what can be wrong with the next one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """What a reported head tells against the anchors before it."""

    WENT_BACK = "went back"
    """The journal stands before its anchor: a restored copy speaks."""
    FORKED = "forked"
    """Another entry stands at the anchored sequence: two copies went on apart."""
    ASCENDING_FELL = "ascending fell"
    """A longer journal with less postage ever evidenced: not the same device's."""
    OF_TWO_PROVIDERS = "of two providers"
    """Another provider anchored a device of this identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Where a provider said that a hosted journal stood."""

    provider: str
    device: str
    sequence: int
    ascending_mills: int
    entry_hash: str
    said_at: str
    """When the provider issued the message (UTC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A head that contradicts an anchor; it is kept, and the anchor stays as it is."""

    kind: FindingKind
    provider: str
    device: str
    detail: str
    found_at: str
