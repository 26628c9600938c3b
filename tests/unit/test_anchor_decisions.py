"""What a reported journal head tells against its anchor, and a copy against what is held."""

from __future__ import annotations

from dataclasses import replace

import pytest

from franking.messages.hosting import JournalHead
from franking.postal.anchors.decisions import contradiction, is_news
from franking.postal.anchors.records import Anchor, FindingKind
from franking.provider.hosting.decisions import differences, moved
from franking.provider.hosting.records import DifferenceKind

HELD = Anchor(
    provider="Alpha Postage",
    device="FK1A0000000001",
    sequence=10,
    ascending_mills=3_200,
    entry_hash="aa" * 32,
    said_at="2026-11-23T12:00:00.000000Z",
)
LATER = "2026-11-24T12:00:00.000000Z"


def said(**fields: object) -> Anchor:
    return replace(HELD, said_at=LATER, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (said(sequence=9, ascending_mills=2_880, entry_hash="bb" * 32), FindingKind.WENT_BACK),
        (said(entry_hash="bb" * 32), FindingKind.FORKED),
        (said(sequence=11, ascending_mills=3_199), FindingKind.ASCENDING_FELL),
    ],
)
def test_a_head_that_does_not_continue_its_anchor_is_found(head: Anchor, kind: FindingKind) -> None:
    found = contradiction(HELD, head, elsewhere=None)
    assert found is not None
    assert found[0] is kind


def test_a_head_that_went_back_says_what_is_missing_in_it() -> None:
    found = contradiction(HELD, said(sequence=9, ascending_mills=2_880), elsewhere=None)
    assert found is not None
    assert "$0.32 of evidence" in found[1]


def test_a_longer_journal_and_the_same_again_are_good() -> None:
    longer = said(sequence=11, entry_hash="cc" * 32)
    assert contradiction(HELD, longer, elsewhere=None) is None
    assert is_news(HELD, longer)
    assert contradiction(HELD, said(), elsewhere=None) is None
    assert not is_news(HELD, said())
    assert is_news(None, HELD)


def test_a_message_that_was_overtaken_tells_nothing() -> None:
    late = replace(HELD, sequence=5, said_at="2026-11-22T12:00:00.000000Z")
    assert contradiction(HELD, late, elsewhere=None) is None
    assert not is_news(HELD, late)


def test_a_device_of_two_providers_is_found() -> None:
    found = contradiction(None, HELD, elsewhere="Beta Postage")
    assert found is not None
    assert found[0] is FindingKind.OF_TWO_PROVIDERS


def head(device: str, sequence: int, entry_hash: str = "aa") -> JournalHead:
    return JournalHead(device=device, sequence=sequence, ascending_mills=0, entry_hash=entry_hash)


def test_a_restored_fleet_is_held_against_its_anchors() -> None:
    entries = {("A", 1): "a1", ("A", 5): "a5", ("B", 1): "b1", ("B", 5): "other", ("C", 1): "c1"}
    anchors = [head("A", 5, "a5"), head("B", 5, "b5"), head("C", 5, "c5"), head("D", 5, "d5")]
    found = differences(anchors, lambda device, sequence: entries.get((device, sequence)))
    assert [(each.anchor.device, each.kind) for each in found] == [
        ("B", DifferenceKind.FORKED),
        ("C", DifferenceKind.REWOUND),
        ("D", DifferenceKind.LOST),
    ]


def test_only_journals_that_moved_are_reported() -> None:
    heads = [head("A", 5), head("B", 5), head("C", 4)]
    assert moved(heads, {"A": 5, "C": 5}) == [head("B", 5), head("C", 4)]
