"""Whether the fleet still holds what was anchored of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from franking.messages.hosting import JournalHead
from franking.provider.hosting.records import Difference, DifferenceKind, EntryHash


def differences(anchors: Iterable[JournalHead], entry_hash: EntryHash) -> Iterator[Difference]:
    """Every journal that does not reach its anchor, or has another entry there."""
    for anchor in anchors:
        held = entry_hash(anchor.device, anchor.sequence)
        if held == anchor.entry_hash:
            continue
        if held is not None:
            detail = f"its entry {anchor.sequence} is not the one that was anchored"
            yield Difference(kind=DifferenceKind.FORKED, anchor=anchor, detail=detail)
        elif entry_hash(anchor.device, 1) is None:
            detail = f"no such device is in the fleet; it stood at entry {anchor.sequence}"
            yield Difference(kind=DifferenceKind.LOST, anchor=anchor, detail=detail)
        else:
            detail = f"its journal ends before entry {anchor.sequence}, which was anchored"
            yield Difference(kind=DifferenceKind.REWOUND, anchor=anchor, detail=detail)


def moved(heads: Iterable[JournalHead], reported: dict[str, int]) -> list[JournalHead]:
    """The heads that went on since they were last reported; ``reported`` is by device."""
    return [head for head in heads if head.sequence != reported.get(head.device)]
