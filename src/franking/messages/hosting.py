"""The messages about hosted devices that cross between a provider and the Postal Service.

A provider that hosts devices holds their journals and its own books in one hand: one restore would
rewind both. So it reports the heads of the journals, and the Postal Service keeps them. Hashes are
SHA-256 in hex; ``device`` of the message is empty, since it is about many.
"""

from __future__ import annotations

import msgspec

from franking.messages.kinds import Whole
from franking.messages.receiving import Dispatched


class JournalHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the journal of one hosted device stands."""

    device: str
    sequence: Whole
    ascending_mills: Whole
    entry_hash: str
    """Of the journal entry of that sequence."""


class HostedHeads(Dispatched, frozen=True, kw_only=True):
    """Provider → Postal Service: the devices whose journals moved since the last such message."""

    heads: list[JournalHead]


class AnchorsWanted(Dispatched, frozen=True, kw_only=True):
    """Provider → Postal Service: say what is anchored of my devices; asked after a restore."""

    token: str
    """Chosen by who asks: asked again in the same instant, it is another question."""


class AnchorsHeld(Dispatched, frozen=True, kw_only=True):
    """Postal Service → provider: the latest anchor of each device; many devices, many messages."""

    heads: list[JournalHead]
