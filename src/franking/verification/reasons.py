"""Everything that a step of verification can see in a piece, by name: one list for every verifier.

A single piece is judged with its reasons in words, a night of scans by column; both name what they
saw from here, with the same bearing on the verdict, and a set of reasons is one whole number of
64 bits where pieces are many.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec

from franking.verification.predicates import Number, Truth


class Reason(StrEnum):
    """What a step saw. The order is that of the bits and never changes; new ones come last."""

    ILLEGIBLE = "ILLEGIBLE"
    FILE_UNREADABLE = "FILE_UNREADABLE"
    MORE_THAN_ONE_INDICIUM = "MORE_THAN_ONE_INDICIUM"
    MALFORMED = "MALFORMED"
    PROFILE_NOT_VERIFIABLE = "PROFILE_NOT_VERIFIABLE"
    CERTIFICATE_UNKNOWN = "CERTIFICATE_UNKNOWN"
    CERTIFICATE_OF_ANOTHER = "CERTIFICATE_OF_ANOTHER"
    CERTIFICATE_OUT_OF_DATE = "CERTIFICATE_OUT_OF_DATE"
    TRUST_LIST_STALE = "TRUST_LIST_STALE"
    KEY_COMPROMISED = "KEY_COMPROMISED"
    KEY_COMPROMISED_LATER = "KEY_COMPROMISED_LATER"
    SIGNATURE_FALSE = "SIGNATURE_FALSE"
    ABOVE_FINAL_ASCENDING = "ABOVE_FINAL_ASCENDING"
    SERVICE_ENDED = "SERVICE_ENDED"
    DEVICE_LOST = "DEVICE_LOST"
    DEVICE_STOLEN = "DEVICE_STOLEN"
    DATE_TOO_FAR_AHEAD = "DATE_TOO_FAR_AHEAD"
    DATE_AHEAD_OF_DEPOSIT = "DATE_AHEAD_OF_DEPOSIT"
    DATE_IS_PAST = "DATE_IS_PAST"
    NO_POSTAGE = "NO_POSTAGE"
    REGISTERS_IMPOSSIBLE = "REGISTERS_IMPOSSIBLE"
    DESCENDING_OVER_LIMIT = "DESCENDING_OVER_LIMIT"
    CONTROL_TOTAL_DIFFERS = "CONTROL_TOTAL_DIFFERS"
    REFUNDED = "REFUNDED"
    DUPLICATE = "DUPLICATE"
    OVERLAP = "OVERLAP"
    ROLLED_BACK = "ROLLED_BACK"
    WRONG_OFFICE = "WRONG_OFFICE"
    DESTINATION_DIFFERS = "DESTINATION_DIFFERS"
    SHORT_PAID = "SHORT_PAID"
    OVERPAID = "OVERPAID"
    IMAGE_TOO_LARGE = "IMAGE_TOO_LARGE"


class Bearing(StrEnum):
    """What a step, or a reason, means for the verdict."""

    NONE = "none"
    DOUBT = "doubt"
    PROOF = "proof"
    """Proof that the indicium is not authentic."""


class Kind(msgspec.Struct, frozen=True):
    """What a reason means: the step that sees it, its bearing where proven, and its clause."""

    step: str
    bearing: Bearing
    clause: str = "policy"
    is_finding: bool = False
    """Whether a person has to look at it, whatever the verdict."""


_LEGIBILITY = "DMM P050.4.2 (1997)"
_COMPROMISE = "39 CFR 502.15(b)(2) (1997)"
_MISSING = "DMM P050.2.8 (1997)"
_DATE = "DMM P050.4.7 (1997)"
_EXACT = "DMM P050.1.5 (1997)"
_REGISTERS = "39 CFR 501.6(c) (1995)"
_CONTENT = "39 CFR 502.9(a) (1997)"
_NONE, _DOUBT, _PROOF = Bearing.NONE, Bearing.DOUBT, Bearing.PROOF

KINDS: Final[dict[Reason, Kind]] = {
    Reason.ILLEGIBLE: Kind("read", _DOUBT, _LEGIBILITY, True),
    Reason.FILE_UNREADABLE: Kind("read", _DOUBT, is_finding=True),
    Reason.MORE_THAN_ONE_INDICIUM: Kind("read", _NONE, is_finding=True),
    Reason.MALFORMED: Kind("parse", _DOUBT),
    Reason.PROFILE_NOT_VERIFIABLE: Kind("profile", _DOUBT),
    Reason.CERTIFICATE_UNKNOWN: Kind("certificate", _DOUBT),
    Reason.CERTIFICATE_OF_ANOTHER: Kind("certificate", _PROOF),
    Reason.CERTIFICATE_OUT_OF_DATE: Kind("certificate", _PROOF),
    Reason.TRUST_LIST_STALE: Kind("certificate", _DOUBT),
    Reason.KEY_COMPROMISED: Kind("certificate", _PROOF, _COMPROMISE, True),
    Reason.KEY_COMPROMISED_LATER: Kind("certificate", _DOUBT, _COMPROMISE, True),
    Reason.SIGNATURE_FALSE: Kind("signature", _PROOF),
    Reason.ABOVE_FINAL_ASCENDING: Kind("device", _PROOF),
    Reason.SERVICE_ENDED: Kind("device", _DOUBT),
    Reason.DEVICE_LOST: Kind("device", _NONE, _MISSING, True),
    Reason.DEVICE_STOLEN: Kind("device", _NONE, _MISSING, True),
    Reason.DATE_TOO_FAR_AHEAD: Kind("date", _NONE, is_finding=True),
    Reason.DATE_AHEAD_OF_DEPOSIT: Kind("date", _NONE, _DATE, True),
    Reason.DATE_IS_PAST: Kind("date", _NONE, _DATE, True),
    Reason.NO_POSTAGE: Kind("registers", _DOUBT, _EXACT, True),
    Reason.REGISTERS_IMPOSSIBLE: Kind("registers", _NONE, _REGISTERS, True),
    Reason.DESCENDING_OVER_LIMIT: Kind("registers", _NONE, "DMM P050.3.6 (1997)", True),
    Reason.CONTROL_TOTAL_DIFFERS: Kind("registers", _NONE, _REGISTERS, True),
    Reason.REFUNDED: Kind("duplicate", _NONE, "DMM 604.9.3 (2008)", True),
    Reason.DUPLICATE: Kind("duplicate", _DOUBT, is_finding=True),
    Reason.OVERLAP: Kind("duplicate", _DOUBT, is_finding=True),
    Reason.ROLLED_BACK: Kind("duplicate", _DOUBT, is_finding=True),
    Reason.WRONG_OFFICE: Kind("place", _NONE, "DMM P050.5.3 (1997)", True),
    Reason.DESTINATION_DIFFERS: Kind("place", _NONE, _CONTENT, True),
    Reason.SHORT_PAID: Kind("amount", _NONE, _EXACT, True),
    Reason.OVERPAID: Kind("amount", _NONE, _EXACT, True),
    Reason.IMAGE_TOO_LARGE: Kind("read", _DOUBT, is_finding=True),
}
"""What each reason means. Proof counts only where the signature is true, or false for sure."""

_ORDER = tuple(Reason)
_PLACES = {reason: place for place, reason in enumerate(_ORDER)}


def bit_of(reason: Reason) -> int:
    """The one bit that stands for ``reason`` in a set of reasons."""
    return 1 << _PLACES[reason]


def bits_of(reasons: Iterable[Reason]) -> int:
    """A set of reasons as one whole number."""
    bits = 0
    for reason in reasons:
        bits |= bit_of(reason)
    return bits


def reasons_in(bits: int) -> tuple[Reason, ...]:
    """The reasons of a ``bits_of``, in order."""
    return tuple(reason for place, reason in enumerate(_ORDER) if bits >> place & 1)


PROOF_BITS: Final = bits_of(
    reason
    for reason, kind in KINDS.items()
    if kind.bearing is _PROOF and reason is not Reason.SIGNATURE_FALSE
)
"""Reasons that prove a piece not authentic where its signature is true; else they say nothing."""
DOUBT_BITS: Final = bits_of(reason for reason, kind in KINDS.items() if kind.bearing is _DOUBT)
SIGNATURE_FALSE_BIT: Final = bit_of(Reason.SIGNATURE_FALSE)
LOOKS_SURE: Final = 2
"""From so many different looks that gave the same bytes, the bytes are those of the piece."""


def bearing_of(bits: Number, signed: Truth, sure: Truth) -> Number:
    """What sets of reasons mean together, for one piece or a column: 0 none, 1 doubt, 2 proof.

    ``signed`` is whether the signature is true; ``sure`` whether the bytes are those of the piece,
    ``LOOKS_SURE`` having given them: only then does a false signature prove anything.
    """
    false = (bits & SIGNATURE_FALSE_BIT) != 0
    proof = (((bits & PROOF_BITS) != 0) & signed) | (false & sure)
    doubt = ((bits & DOUBT_BITS) != 0) | false
    return proof * 1 + (proof | doubt) * 1
