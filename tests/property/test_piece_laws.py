"""PIECE-1: a piece is mailed or refunded, once, whatever is scanned, refunded or freed when."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.postal.pieces.decisions import is_known, met
from franking.postal.pieces.records import CaseKind, Doing, Fate, KnownPiece, Piece
from tests.fixtures_verification import TODAY

DEVICE = "FK1A0000000001"
PIECES = st.builds(
    lambda low, postage: Piece(device=DEVICE, ascending_mills=low + postage, postage_mills=postage),
    st.integers(0, 40),
    st.integers(1, 12),
)
STEPS = st.lists(st.tuples(st.sampled_from(Doing), PIECES), max_size=40)


@dataclass
class Chain:
    """The pieces of one device as the books would keep them, and a ledger of every mill."""

    known: list[KnownPiece] = field(default_factory=list)
    cases: list[CaseKind] = field(default_factory=list)
    used: dict[int, tuple[Piece, Fate]] = field(default_factory=dict)
    """By mill of the register: to which piece it went, and that piece's fate."""

    def do(self, doing: Doing, piece: Piece) -> None:
        """Scan or refund a piece."""
        against = met(self.known, piece, doing)
        assert (against is None) == self._is_clear(doing, piece)
        if against is not None:
            self.cases.append(against.kind)
        elif is_known(self.known, piece) is None:
            fate = Fate.MAILED if doing is Doing.SCAN else Fate.REFUNDED
            self.known.append(KnownPiece(piece=piece, fate=fate, on=TODAY, source="x"))
            self.known.sort(key=lambda each: each.piece.ascending_mills)
            for mill in range(piece.low_mills, piece.ascending_mills):
                assert mill not in self.used
                self.used[mill] = (piece, fate)

    def _is_clear(self, doing: Doing, piece: Piece) -> bool:
        """Reckoned mill by mill: nobody else has any of it, and it is no other fate's."""
        held = {
            self.used[mill]
            for mill in range(piece.low_mills, piece.ascending_mills)
            if mill in self.used
        }
        if not held:
            return True
        return held == {(piece, Fate.MAILED)} and doing is Doing.SCAN


@pytest.mark.law("PIECE-1")
@given(STEPS)
def test_no_mill_of_a_device_has_two_fates(steps: list[tuple[Doing, Piece]]) -> None:
    chain = Chain()
    for doing, piece in steps:
        chain.do(doing, piece)
    fates: dict[Piece, Fate] = {}
    for known in chain.known:
        assert fates.setdefault(known.piece, known.fate) is known.fate
    spans = sorted((each.piece.low_mills, each.piece.ascending_mills) for each in chain.known)
    assert all(high <= low for (_, high), (low, _) in pairwise(spans))
    assert len(chain.known) + len(chain.cases) <= len(steps)
