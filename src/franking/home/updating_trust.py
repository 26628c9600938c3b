"""Bringing a home the newest trust list; read in by the command that asks for it, and no other."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking.errors import Refusal
from franking.home.brought_trust import Place, pinned_root
from franking.home.postal_office import ROOT_KEY
from franking.home.root_reading import read_root_key
from franking.messages.signing import public_key_pem
from franking.verification.trust_source import source_at
from franking.verification.trust_update import TrustStore, Updated

ROOT_KEY_NOT_PINNED = Refusal(
    "ROOT_KEY_NOT_PINNED",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Give the Postal Service's root key once, from a source you know: --root root.pem.",
    http_status=422,
)
TRUST_SOURCE_NOT_NAMED = Refusal(
    "TRUST_SOURCE_NOT_NAMED",
    clause="policy",
    remedy="Name the folder or web address of the lists once; later updates ask there again.",
    http_status=422,
)
ROOT_KEY_PINNED_OTHERWISE = Refusal(
    "ROOT_KEY_PINNED_OTHERWISE",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Ask the Postal Service which key is its own; verify another's mail in another home.",
    http_status=403,
)
_SOURCE = "source.txt"


def update_trust(
    home: Place, place: str = "", *, root: Path | None = None, status_only: bool = False
) -> Updated:
    """Bring the home the newest list that ``place`` (a folder or a web address) offers.

    Without a place, the one that the last list came from is asked again.

    The root key is pinned on the first update: ``root``, or that of the home's own Postal Service.

    Raises:
        Refused: ``ROOT_KEY_NOT_PINNED``, ``ROOT_KEY_PINNED_OTHERWISE``, ``ROOT_KEY_UNREADABLE``,
            ``TRUST_SOURCE_NOT_NAMED``, ``TRUST_SOURCE_UNFIT``, or as ``TrustStore.update``.
    """
    key, asked = _pin(home, root), place or _asked_before(home)
    done = TrustStore(home.trust_folder, key).update(source_at(asked), status_only=status_only)
    pinned = home.trust_folder / ROOT_KEY
    if not pinned.exists():
        _keep(pinned, public_key_pem(key))
    here = str(Path(asked).resolve()) if Path(asked).is_dir() else asked
    _keep(home.trust_folder / _SOURCE, here.encode())
    return done


def _asked_before(home: Place) -> str:
    known = home.trust_folder / _SOURCE
    if not known.exists():
        raise TRUST_SOURCE_NOT_NAMED.because("no list was brought here yet")
    return known.read_text()


def _pin(home: Place, root: Path | None) -> EllipticCurvePublicKey:
    pinned = pinned_root(home)
    if root is None and not pinned.exists():
        raise ROOT_KEY_NOT_PINNED.because("this home has no root key yet to check a list with")
    key = read_root_key(root or pinned)
    for standing in (home.trust_folder / ROOT_KEY, home.own_root_key):
        if standing.exists() and read_root_key(standing) != key:
            raise ROOT_KEY_PINNED_OTHERWISE.because(f"{root} is not the key in {standing}")
    return key


def _keep(file: Path, content: bytes) -> None:
    """Pin the key, or note the place, now that a list was taken under it and from there."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_bytes(content)
    fresh.replace(file)
