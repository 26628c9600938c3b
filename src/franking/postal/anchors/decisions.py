"""Whether a reported head continues what is anchored. Pure.

A journal only grows: the same sequence has the same entry for ever, and postage that was evidenced
stays so. What contradicts that is a finding against the provider's copy, never a correction.
"""

from __future__ import annotations

from franking.money import format_dollars
from franking.postal.anchors.records import Anchor, FindingKind

Contradiction = tuple[FindingKind, str]
"""What is wrong, and the facts."""


def contradiction(
    before: Anchor | None, said: Anchor, *, elsewhere: str | None
) -> Contradiction | None:
    """What ``said`` contradicts; ``elsewhere`` is another provider that anchored this device."""
    if elsewhere is not None:
        return FindingKind.OF_TWO_PROVIDERS, f"{elsewhere} anchors a device {said.device} too"
    if before is None or said.said_at < before.said_at:
        # A message that was overtaken on its way tells nothing new.
        return None
    if said.sequence < before.sequence:
        missed = format_dollars(max(0, before.ascending_mills - said.ascending_mills))
        return (
            FindingKind.WENT_BACK,
            f"it stands at entry {said.sequence}, and stood at {before.sequence} before;"
            f" at least {missed} of evidence are not in it",
        )
    if said.sequence == before.sequence and said.entry_hash != before.entry_hash:
        return FindingKind.FORKED, f"another entry {said.sequence} was anchored before"
    if said.ascending_mills < before.ascending_mills:
        return (
            FindingKind.ASCENDING_FELL,
            f"ascending fell from {format_dollars(before.ascending_mills)} to"
            f" {format_dollars(said.ascending_mills)}",
        )
    return None


def is_news(before: Anchor | None, said: Anchor) -> bool:
    """Whether there is something to keep: a journal that did not move is anchored already."""
    return before is None or said.sequence > before.sequence
