"""What a verifier knows of a piece beside its symbol. Everything may be unknown.

Pure values. Off-line all of it is unknown; at acceptance the clerk knows the day, the office and
the weight; the provider's books know the registers and the other pieces of the device.
"""

from __future__ import annotations

from datetime import date

import msgspec


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """Another piece of the same device: it used up (ascending - postage, ascending], in mills."""

    ascending_mills: int
    postage_mills: int
    where: str
    """Which piece or scan, in words a person can follow up."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one piece; ``None`` where it is not known. Amounts in mills."""

    rulebook: str = "ibip-1997"
    """The rulebook that the device stands under."""
    limit_mills: int | None = None
    """The device's own limit, where it is below that of its rulebook."""
    control_totals_mills: tuple[int, ...] | None = None
    """Every control total (ascending + descending) that the provider knows of the device."""
    others: tuple[Sighting, ...] | None = None
    """The other pieces of this device that were seen; never this piece itself."""
    refunded_on: date | None = None
    deposited_on: date | None = None
    next_collection: date | None = None
    """The date of the next scheduled collection, after the last one of ``deposited_on``."""
    deposit_zip: str | None = None
    """A five-digit ZIP Code of the office at which it was deposited."""
    address: str | None = None
    """The delivery point on the piece: 5, 9 or 11 digits."""
    amount_due_mills: int | None = None


NOTHING_KNOWN = Facts()
