"""The hosted devices of a home: made, licensed, anchored, and held against their anchors.

A hosted device is called by its device ID. Once it is made, every command on a device of the home
works on it too: ``Home.device`` finds it in the fleet.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from franking.home import exchange
from franking.home.carrier import carry
from franking.home.home import Home
from franking.home.making import device_id_for, inspect_new, profile_of
from franking.messages.hosting import JournalHead
from franking.provider.hosting import commands
from franking.provider.hosting.records import Difference
from franking.provider.resetting import enrolment
from franking.psd.store import DEVICE_NOT_THERE
from franking.storage import Books

_TOKEN_BYTES = 8


def host_device(
    home: Home,
    applicant: exchange.Applicant,
    office: exchange.PostOffice,
    *,
    rulebook: str = "ibip-1997",
) -> dict[str, Any]:
    """Make a hosted device, enrol it, and authorize it for a licensee at a post office.

    Raises:
        Refused: ``PROFILE_UNKNOWN``, or as ``exchange.authorize``.
    """
    profile = profile_of(rulebook, "open")
    fleet, provider = home.fleet, home.provider
    device_id = device_id_for(home, "")
    name = str(device_id)
    if not fleet.has(name):
        fleet.create(device_id, profile, provider.anchors(home.postal), home.now)
    commands.expect_anchors(provider.books, provider.signer, home.now)
    with fleet.device(name, home.now) as device:
        enrolment.enrol_device(
            provider.books,
            provider.signer,
            signing_request=device.certificate_signing_request(home.now),
            rulebook=profile.rulebook,
            system=profile.system,
            now=home.now,
        )
        inspect_new(home, device)
    return exchange.authorize(home, name, applicant, office)


def list_hosted(home: Home) -> list[dict[str, Any]]:
    """Where every hosted device stands, by device ID."""
    return [
        {
            "device": head.device,
            "sequence": head.sequence,
            "ascending_mills": head.ascending_mills,
            "entry_hash": head.entry_hash,
        }
        for head in _heads(home)
    ]


def anchor(home: Home, books: Books) -> int:
    """Report the journals that moved to the Postal Service, and carry the report there.

    Raises:
        Refused: what the books refuse.
    """
    told = commands.anchor_heads(books, home.provider.signer, _heads(home), home.now)
    carry(home)
    return told


def reconcile(home: Home, books: Books, *, fault: bool) -> list[Difference]:
    """Hold the fleet against what the Postal Service holds of it, which is asked first.

    With ``fault`` the devices that differ are faulted: their keys are destroyed, and their value
    is for the provider's examination to state (PSD-5).

    Raises:
        Refused: what the books or the fleet refuse.
    """
    commands.ask_for_anchors(
        books, home.provider.signer, home.now, token=secrets.token_hex(_TOKEN_BYTES)
    )
    carry(home)
    found = commands.reconcile(books, home.fleet.entry_hash)
    for difference in found if fault else ():
        name = difference.anchor.device
        if home.fleet.has(name):
            home.fleet.condemn(name, difference.detail, home.now)
    return found


def require_hosted(home: Home, name: str) -> None:
    """Refuse a name that no hosted device has.

    Raises:
        Refused: ``DEVICE_NOT_THERE``.
    """
    if not home.fleet.has(name):
        raise DEVICE_NOT_THERE.because(
            f"the fleet has no device {name!r}",
            remedy="See the hosted devices: franking fleet list.",
        )


def _heads(home: Home) -> Iterator[JournalHead]:
    for head in home.fleet.heads():
        yield JournalHead(
            device=head.device,
            sequence=head.sequence,
            ascending_mills=head.ascending_mills,
            entry_hash=head.head.hex(),
        )
