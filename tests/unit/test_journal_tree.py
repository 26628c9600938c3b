"""Merkle trees against the definition in RFC 6962 and the vectors of its first implementation."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franking.storage.tree import (
    Frontier,
    consistency_spans,
    head_of,
    inclusion_spans,
    is_consistent,
    is_included,
    leaf_hash,
)

LEAVES = [
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""Leaves and heads of the certificate-transparency project's reference tests."""


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def heads(leaves: list[bytes], spans: list[tuple[int, int]]) -> list[bytes]:
    return [by_definition(leaves[start:end]) for start, end in spans]


def some(count: int) -> list[bytes]:
    return [count.to_bytes(2, "big") for count in range(count)]


@pytest.mark.parametrize("size", ROOTS)
def test_the_known_trees_have_the_known_heads(size: int) -> None:
    assert head_of(map(leaf_hash, LEAVES[:size])).hex() == ROOTS[size]


@given(st.integers(0, 70))
def test_a_tree_that_grows_has_the_head_of_the_definition(size: int) -> None:
    tree = Frontier()
    for one in some(size):
        tree = tree.grown(leaf_hash(one))
    assert tree.root() == by_definition(some(size))
    assert len(tree.heads) == size.bit_count()


@given(st.integers(0, 40), st.integers(0, 40), st.data())
def test_a_proof_of_consistency_proves_its_two_trees_and_no_others(
    one: int, other: int, data: st.DataObject
) -> None:
    old, new = sorted((one, other))
    leaves = some(new)
    proof = heads(leaves, consistency_spans(old, new))
    roots = by_definition(leaves[:old]), by_definition(leaves)

    def proves(old_root: bytes, new_root: bytes, proof: list[bytes]) -> bool:
        return is_consistent(old=old, new=new, old_root=old_root, new_root=new_root, proof=proof)

    assert proves(*roots, proof)
    if old:
        assert not proves(b"x" * 32, roots[1], proof)
        assert not proves(roots[0], b"x" * 32, proof)
        assert not proves(*roots, [*proof, b"x" * 32])
    if proof:
        altered = list(proof)
        altered[data.draw(st.integers(0, len(proof) - 1))] = b"x" * 32
        assert not proves(*roots, altered)
        assert not proves(*roots, proof[:-1])
    assert len(proof) <= 7


@given(st.integers(1, 40), st.data())
def test_a_proof_of_inclusion_proves_its_leaf_at_its_place(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = some(size)
    proof = heads(leaves, inclusion_spans(index, size))
    root, mine = by_definition(leaves), leaf_hash(leaves[index])
    assert is_included(leaf=mine, index=index, size=size, root=root, proof=proof)
    assert not is_included(leaf=leaf_hash(b"?"), index=index, size=size, root=root, proof=proof)
    assert not is_included(leaf=mine, index=size, size=size, root=root, proof=proof)
    if size > 1:
        other = (index + 1) % size
        assert not is_included(leaf=mine, index=other, size=size, root=root, proof=proof)
