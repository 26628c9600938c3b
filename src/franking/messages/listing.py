"""The messages about lists of devices that cross between a provider and the Postal Service.

The quarterly list of meters in service is a file that goes on tape, diskette or a line; the
message says which file it is, by its digest. Dates are ISO 8601, money is integer mills, ``device``
of the message is empty. Long lists of lines go in parts, as ``franking.messages.funds`` cuts them.
"""

from __future__ import annotations

import msgspec

from franking.messages.kinds import Whole
from franking.messages.receiving import Dispatched


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a list."""


# Provider → Postal Service -------------------------------------------------------------------


class InServiceListed(Dispatched, frozen=True, kw_only=True):
    """All meters in service at the close of a postal quarter (39 CFR 501.22(j), 1995)."""

    quarter: str
    """Such as ``1997-Q3``."""
    closed_on: str
    """The last day of the quarter, at whose close of business the list stands."""
    devices: Whole
    digest: str
    """SHA-256 of the file in hex."""


class Disposition(_Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the provider settled one difference between the two records."""

    number: Whole
    device: str
    disposition: str
    """A ``DispositionKind``."""
    through: str
    """The branch or dealer that asked the licensing post office; empty: headquarters itself."""
    because: str


class DifferencesDisposed(Dispatched, frozen=True, kw_only=True):
    """The provider's dispositions of differences in a quarter's list (39 CFR 501.22(j))."""

    quarter: str
    lines: list[Disposition]


class MissingDevice(_Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One device that is lost or stolen, or was recovered in the month."""

    device: str
    model: str
    licence: str
    licensee: str
    zip_code: str
    state: str
    """``lost``, ``stolen`` or ``recovered``."""
    since: str
    ascending_mills: Whole
    """As last read."""
    descending_mills: Whole
    in_device_mills: Whole
    """What the ledger has in the device: postage that whoever has it could still use."""
    in_transit_mills: Whole
    """Granted, and not known to have arrived."""


class MissingDevicesListed(Dispatched, frozen=True, kw_only=True):
    """The monthly file of lost and stolen devices (39 CFR 501.22(p), 502.21(k)).

    It goes to the Information Systems Service Center under 1995, to RSE under 1997.
    """

    month: str
    """The month reported on, such as ``1997-06``."""
    addressee: str
    lines: list[MissingDevice]
    part: Whole = 1
    parts: Whole = 1
    total_mills: Whole
    """What the ledger has in the devices of all parts that are still missing."""


# Postal Service → provider -------------------------------------------------------------------


class ListDifference(_Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One device on which the provider's list and the Postal Service's record differ."""

    number: Whole
    """Counts the differences of a quarter, from 1."""
    device: str
    what: str
    """``not in postal records``, ``not in the list``, or which field differs."""
    listed: str
    """What the list says; empty where it says nothing."""
    held: str
    """What the Postal Service's record says."""


class InServiceCompared(Dispatched, frozen=True, kw_only=True):
    """What the Postal Service misses in a quarter's list, and what it did not know."""

    quarter: str
    digest: str
    """Of the file compared."""
    lines: list[ListDifference]
    part: Whole = 1
    parts: Whole = 1
    total: Whole
    """Differences in all parts."""
