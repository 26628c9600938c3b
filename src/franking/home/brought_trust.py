"""The trust list that a home was brought from elsewhere: ``trust/`` in its folder.

A home that only verifies has no Postal Service of its own. It pins the root key that it is given
once, on paper or otherwise from somebody it knows, and from then on takes lists under that one
(``updating_trust``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from franking.home.postal_office import ROOT_KEY
from franking.home.root_reading import read_root_key
from franking.verification.trust_list import LIST, TrustList


class Place(Protocol):
    """What is asked of a home."""

    @property
    def trust_folder(self) -> Path: ...

    @property
    def own_trust_list(self) -> Path: ...

    @property
    def own_root_key(self) -> Path: ...


def latest_list(home: Place) -> Path:
    """The file of the list to verify under, where none is named."""
    brought, own = home.trust_folder / LIST, home.own_trust_list
    if not brought.exists():
        return own
    if not own.exists() or not _is_of_one_root(home):
        return brought
    root = read_root_key(home.own_root_key)
    lists = {path: TrustList.open(path, root).issue.number for path in (brought, own)}
    return own if lists[own] > lists[brought] else brought


def pinned_root(home: Place) -> Path:
    """The file of the root key to believe, where none is named."""
    pinned = home.trust_folder / ROOT_KEY
    return pinned if pinned.exists() else home.own_root_key


def _is_of_one_root(home: Place) -> bool:
    """Whether the list that was brought is of the home's own Postal Service."""
    pinned, own = home.trust_folder / ROOT_KEY, home.own_root_key
    return pinned.exists() and own.exists() and read_root_key(pinned) == read_root_key(own)
