"""Messages on refunds, between a provider and the Postal Service (DMM 604.9 of 2008).

Money is integer mills, dates are ISO 8601, a case is a number of its sender's own books. Refuses
to know who decides what, and when.
"""

from __future__ import annotations

import msgspec

from franking.messages.kinds import Whole
from franking.messages.receiving import Dispatched


class RefundedPiece(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One unused piece: its device and ascending register name it, in the whole chain."""

    device: str
    ascending_mills: Whole
    """After the piece, as in its indicium."""
    postage_mills: Whole
    date_shown: str = ""
    """Empty where the indicium shows none."""
    pic: str = ""
    """Its Product Identification Code; empty without."""


class ClaimEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that a provider refunded for the Postal Service, and wants back once."""

    key: str
    """``piece:DEVICE:ASCENDING`` or ``value:DEVICE:CASE``: the same thing always has the same."""
    case: str
    amount_mills: Whole
    """What the customer got."""
    paid_on: str
    documents: list[str]
    """What proves it: names of evidence, at least one."""


class AnsweredEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of one entry of a claim."""

    key: str
    reimbursed: bool
    because: str
    """Why not; empty where it is reimbursed."""


# Provider → Postal Service -------------------------------------------------------------------


class RefundForwarded(Dispatched, frozen=True, kw_only=True):
    """Unused value of a withdrawn, examined system: the Postal Service pays it (9.3.1a).

    ``device`` is the system. Where it was withdrawn as faulty, the provider's report of the cause
    is in ``cause``, and the Postal Service determines whether and how much (9.3.1).
    """

    case: str
    licence: str
    licensee: str
    zip_code: str
    rulebook: str
    """Of the device: the refund is judged under 2008."""
    withdrawn_because: str
    """``ordinary``, ``faulty`` or ``disaster``."""
    amount_mills: Whole
    basis: str
    """``exact`` or ``approximate``."""
    payout: str
    """``check``, ``credit`` or ``transfer``: how the authorized user wants it."""
    examined_on: str
    examiner: str
    finding: str
    cause: str
    """The provider's report of the cause of a fault or damage; empty where nothing was wrong."""
    caused_by_user: bool
    documents: list[str]


class RefundDecided(Dispatched, frozen=True, kw_only=True):
    """The provider's ruling on PC Postage indicia, under Postal Service criteria (9.2.8d).

    What is granted here counts as refunded: a scan of such a piece opens a case.
    """

    case: str
    licence: str
    licensee: str
    zip_code: str
    route: str
    """Of ``franking.refunds.records.RouteKind``."""
    granted: bool
    amount_mills: Whole
    because: str
    clause: str
    criteria: str
    """The edition of the criteria that it was decided by."""
    decided_by: str
    decided_on: str
    pieces: list[RefundedPiece]
    """Those granted, or, where nothing is, all that were asked for."""


class ReimbursementClaimed(Dispatched, frozen=True, kw_only=True):
    """What a provider refunded on behalf of the Postal Service (9.3.1b; 73 FR 26353)."""

    claim: str
    entries: list[ClaimEntry]
    total_mills: Whole


# Postal Service → provider -------------------------------------------------------------------


class RefundRuled(Dispatched, frozen=True, kw_only=True):
    """The Postal Service's ruling on a case of a provider: forwarded, or appealed.

    An appeal's is final. What is granted below the floor of checks comes with ``payout`` credit.
    """

    case: str
    granted: bool
    amount_mills: Whole
    payout: str
    """``check``: the Postal Service pays; ``credit``, ``transfer`` or ``provider``: the provider
    does; empty where nothing is granted."""
    because: str
    clause: str
    decided_by: str
    decided_on: str
    on_appeal: bool
    pieces: list[RefundedPiece] = msgspec.field(default_factory=list)
    """Of indicia, those granted; where none is named, all of the case."""


class RefundCheckIssued(Dispatched, frozen=True, kw_only=True):
    """The Postal Service has issued a check to the authorized user."""

    case: str
    check: str
    """Its number."""
    amount_mills: Whole
    issued_on: str


class ReimbursementAnswered(Dispatched, frozen=True, kw_only=True):
    """Which entries of a claim are reimbursed, each once, and which are not."""

    claim: str
    entries: list[AnsweredEntry]
    reimbursed_mills: Whole
    answered_on: str


class PiecesRefunded(Dispatched, frozen=True, kw_only=True):
    """Pieces that the Postal Service itself refunded: no provider refunds them again."""

    case: str
    """Of the Postal Service's own books."""
    pieces: list[RefundedPiece]
    refunded_on: str
