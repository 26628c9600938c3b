"""The trust list that a home was brought from elsewhere: ``trust/`` in its folder.

A home that only verifies has no Postal Service of its own. It pins the root key that it is given
once, on paper or otherwise from somebody it knows, and from then on takes lists under that one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking.errors import Refusal
from franking.home.postal_office import ROOT_KEY
from franking.home.root_reading import read_root_key
from franking.messages.signing import public_key_pem
from franking.verification.trust_list import TrustList
from franking.verification.trust_source import source_at
from franking.verification.trust_update import LIST, TrustStore, Updated

ROOT_KEY_NOT_PINNED = Refusal(
    "ROOT_KEY_NOT_PINNED",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Give the Postal Service's root key once, from a source you know: --root root.pem.",
    http_status=422,
)
ROOT_KEY_PINNED_OTHERWISE = Refusal(
    "ROOT_KEY_PINNED_OTHERWISE",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Ask the Postal Service which key is its own; to change over, remove the folder trust/.",
    http_status=403,
)


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


def update_trust(
    home: Place, place: str, *, root: Path | None = None, status_only: bool = False
) -> Updated:
    """Bring the home the newest list that ``place`` (a folder or a web address) offers.

    The root key is pinned on the first update: ``root``, or that of the home's own Postal Service.

    Raises:
        Refused: ``ROOT_KEY_NOT_PINNED``, ``ROOT_KEY_PINNED_OTHERWISE``, ``ROOT_KEY_UNREADABLE``,
            ``TRUST_SOURCE_UNFIT``, or as ``TrustStore.update``.
    """
    key, source = _pin(home, root), source_at(place)
    done = TrustStore(home.trust_folder, key).update(source, status_only=status_only)
    _keep(home.trust_folder / ROOT_KEY, key)
    return done


def _pin(home: Place, root: Path | None) -> EllipticCurvePublicKey:
    pinned = pinned_root(home)
    if root is None and not pinned.exists():
        raise ROOT_KEY_NOT_PINNED.because("this home has no root key yet to check a list with")
    key = read_root_key(root or pinned)
    kept = home.trust_folder / ROOT_KEY
    if kept.exists() and read_root_key(kept) != key:
        raise ROOT_KEY_PINNED_OTHERWISE.because(f"{root} is not the key in {kept}")
    return key


def _keep(file: Path, key: EllipticCurvePublicKey) -> None:
    """Pin the key for good, now that a list was taken under it."""
    if not file.exists():
        fresh = file.with_name(f"{file.name}.new")
        fresh.write_bytes(public_key_pem(key))
        fresh.replace(file)


def _is_of_one_root(home: Place) -> bool:
    """Whether the list that was brought is of the home's own Postal Service."""
    pinned, own = home.trust_folder / ROOT_KEY, home.own_root_key
    return pinned.exists() and own.exists() and read_root_key(pinned) == read_root_key(own)
