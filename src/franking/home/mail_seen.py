"""The history of nights beside the Postal Service's books: whoever refunds a piece asks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

from franking.errors import Refused
from franking.identifiers import DeviceId, record_id
from franking.postal.pieces.mail_seen import MailSeen, SeenPiece
from franking.postal.pieces.records import Piece

SCAN_HISTORY: Final = "scan-history"
"""The folder beside the postal books that keeps what nights of scans have seen."""


def mail_seen_in(folder: Path) -> MailSeen:
    """What the history in ``folder`` has seen; nothing, where there is none."""
    return MailSeen(lambda pieces: _seen(folder, pieces))


def _seen(folder: Path, pieces: Sequence[Piece]) -> Mapping[tuple[str, int], SeenPiece]:
    if not folder.exists():
        return {}
    # Read in only where there is a history: the engine of nights takes a second to start.
    from franking.scans.devices import device_number
    from franking.scans.history_keeping import seen

    names = {
        (device_number(device), piece.ascending_mills): piece
        for piece in pieces
        if (device := _device(piece.device)) is not None
    }
    return {
        (names[key].device, names[key].ascending_mills): SeenPiece(
            postage_mills=scans[0].postage_mills,
            on=date.fromisoformat(scans[0].night),
            source=record_id("night", scans[0].night),
            at=scans[0].scanned_at,
            place=scans[0].place,
        )
        for key, scans in seen(folder, names).items()
    }


def _device(name: str) -> DeviceId | None:
    """The device of an indicium; a meter's serial number names none, and no night sees one."""
    with suppress(Refused):
        return DeviceId.parse(name)
    return None
