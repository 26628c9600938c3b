"""What a verifier knows of a piece beside its symbol. Everything may be unknown.

Pure values. Off-line all of it is unknown; at acceptance the clerk knows the day, the office and
the weight; the provider's books know the registers and the other pieces of the device.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """Another piece of the same device: it used up (ascending - postage, ascending], in mills.

    Or the same one, seen where one journey cannot have taken it.
    """

    ascending_mills: int
    postage_mills: int
    where: str
    """Which piece or scan, in words a person can follow up."""
    dated: date | None = None
    """Its date of mailing, where it is known."""
    same_content: bool | None = None
    """Whether the very same bytes were signed; not known: postage and date decide."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one piece; ``None`` where it is not known. Amounts in mills."""

    rulebook: str = "ibip-1997"
    """The rulebook that the device stands under."""
    limit_mills: int | None = None
    """The device's own limit, where it is below that of its rulebook."""
    control_totals_mills: tuple[int, ...] | None = None
    """Every control total (ascending + descending) that the provider knows of the device."""
    others: tuple[Sighting, ...] | None = None
    """The other pieces of this device that were seen, and scans of this one that cannot belong to
    one journey with it; never scans that can."""
    refunded_on: date | None = None
    deposited_on: date | None = None
    next_collection: date | None = None
    """The date of the next scheduled collection, after the last one of ``deposited_on``."""
    delayed: bool | None = None
    """Whether it was deposited after the last collection or not collected as scheduled (P050.5.4),
    or found unavoidably delayed (P050.4.6). Only a piece known not to be is held to the day."""
    mail_class: str | None = None
    """The class of mail in lower case: ``standard`` may leave out the day (P050.4.6)."""
    deposit_zip: str | None = None
    """A five-digit ZIP Code of the office at which it was deposited."""
    offices: Mapping[str, str] | None = None
    """The licensing post office that serves a ZIP Code, by ZIP Code, each named by its own; one
    that is not in it stands for itself (P050.5.3)."""
    address: str | None = None
    """The delivery point on the piece: 5, 9 or 11 digits, hyphens aside; anything else says
    nothing."""
    amount_due_mills: int | None = None


NOTHING_KNOWN = Facts()
