"""Advertising artwork: what the register keeps of a piece of art, and how it moves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ArtworkStatus(StrEnum):
    """Where artwork stands: only approved artwork may be printed (DMM P050.4.10)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"


ARTWORK_TRANSITIONS: Final[dict[ArtworkStatus, frozenset[ArtworkStatus]]] = {
    ArtworkStatus.DRAFT: frozenset({ArtworkStatus.SUBMITTED}),
    ArtworkStatus.SUBMITTED: frozenset({ArtworkStatus.APPROVED, ArtworkStatus.REFUSED}),
    ArtworkStatus.APPROVED: frozenset({ArtworkStatus.REFUSED}),
    ArtworkStatus.REFUSED: frozenset(),
}
"""An approval may be taken back; a refusal stands, and other art is other artwork."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredArtwork:
    """Art in the register. ``approval_id`` is empty until it is approved."""

    artwork_id: str
    title: str
    mailer_name: str
    lines: tuple[str, ...]
    digest: str
    """SHA-256 in hex of name and lines: what was approved is what is printed."""
    supplied_by: str
    """The provider that supplied the content."""
    status: ArtworkStatus = ArtworkStatus.DRAFT
    approval_id: str = ""
    decided_at: str = ""
    reason: str = ""
