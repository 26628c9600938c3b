"""Merkle trees as RFC 6962 defines them: one head for any number of rows, and short proofs.

Pure. Only the frontier of a tree is kept (the heads of its full subtrees), so that a tree over
every row of a journal grows with no more memory than its height.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

EMPTY = hashlib.sha256(b"").digest()
"""The head of a tree without leaves (RFC 6962 section 2.1)."""

Span = tuple[int, int]
"""The leaves of a subtree: from the first, up to but without the last."""


def leaf(sequence: int, row_hash: str) -> bytes:
    """The leaf hash of a row of a journal: its place in the order, and its own hash."""
    return leaf_hash(sequence.to_bytes(8, "big") + bytes.fromhex(row_hash))


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree so far: how many leaves it has, and the heads of its full subtrees, largest first."""

    size: int = 0
    heads: tuple[bytes, ...] = field(default=())

    def grown(self, leaf: bytes) -> Frontier:
        """The tree with one more leaf, given by its hash."""
        heads, size = [*self.heads, leaf], self.size
        while size & 1:
            right = heads.pop()
            heads.append(node_hash(heads.pop(), right))
            size >>= 1
        return Frontier(self.size + 1, tuple(heads))

    def root(self) -> bytes:
        """The head of the tree."""
        if not self.heads:
            return EMPTY
        root, *rest = reversed(self.heads)
        for head in rest:
            root = node_hash(head, root)
        return root


def head_of(leaves: Iterable[bytes]) -> bytes:
    """The head of the tree over these leaf hashes."""
    tree = Frontier()
    for one in leaves:
        tree = tree.grown(one)
    return tree.root()


def consistency_spans(old: int, new: int) -> list[Span]:
    """The subtrees whose heads prove that a tree of ``new`` leaves began as one of ``old``."""
    return _consistency(old, (0, new), whole=True) if 0 < old < new else []


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The subtrees whose heads prove that the leaf at ``index`` is in a tree of ``size`` leaves."""
    return _inclusion(index, (0, size))


def is_consistent(
    *, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether ``proof`` shows that the new tree has the old one as its beginning.

    The proof is rebuilt into both heads from its spans: those before ``old`` make the old head,
    all of them the new one.
    """
    if old in {0, new}:
        return not proof and (old == 0 or old_root == new_root)
    spans = consistency_spans(old, new)
    if not spans or len(spans) != len(proof):
        return False
    known = dict(zip(spans, proof, strict=True))
    if old & (old - 1) == 0:
        # A full subtree is its own head: who checks has it already, so the proof leaves it out.
        known[0, old] = old_root
    return _head((0, old), known) == old_root and _head((0, new), known) == new_root


def is_included(*, leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that a leaf hash stands at ``index`` of the tree."""
    spans = inclusion_spans(index, size) if 0 <= index < size else []
    if len(spans) != len(proof) or not 0 <= index < size:
        return False
    known = {**dict(zip(spans, proof, strict=True)), (index, index + 1): leaf}
    return _head((0, size), known) == root


def _split(span: Span) -> int:
    """Where a subtree divides: the largest power of two below its size."""
    return span[0] + (1 << (span[1] - span[0] - 1).bit_length() - 1)


def _inclusion(index: int, span: Span) -> list[Span]:
    if span[1] - span[0] == 1:
        return []
    middle = _split(span)
    left, right = (span[0], middle), (middle, span[1])
    if index < middle:
        return [*_inclusion(index, left), right]
    return [*_inclusion(index, right), left]


def _consistency(old: int, span: Span, *, whole: bool) -> list[Span]:
    if old == span[1]:
        return [] if whole else [span]
    middle = _split(span)
    left, right = (span[0], middle), (middle, span[1])
    if old <= middle:
        return [*_consistency(old, left, whole=whole), right]
    return [*_consistency(old, right, whole=False), left]


def _head(span: Span, known: dict[Span, bytes]) -> bytes | None:
    if span in known:
        return known[span]
    if span[1] - span[0] == 1:
        return None
    middle = _split(span)
    left, right = _head((span[0], middle), known), _head((middle, span[1]), known)
    return None if left is None or right is None else node_hash(left, right)
