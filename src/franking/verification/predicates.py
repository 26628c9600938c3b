"""What each step of verification asks, in operators only: one source for one piece and for columns.

Every function takes whole numbers of one piece, or numpy columns of many, or both (a limit beside a
column), and answers with a truth or a column of truths. Amounts are mills; days are days since
1970-01-01; a device ID is its 8 bytes as one big-endian number, a status and an end reason their
codes in the trust list. Refuses to know what is not known: a caller asks only where the values are
there, and in columns takes the answers for those rows alone. Words, bearing and clauses are
elsewhere (``steps``, ``reasons``).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from franking.verification.trust_format import REASON_CODES, EndReason, Status

Number = int | NDArray[np.int64]
Truth = bool | NDArray[np.bool_]

FINAL_UNKNOWN: Final = 2**63 - 1
"""The final ascending value of a certificate that has none, or none that is known: nothing is above
it."""
NEVER: Final = 2**31 - 1
"""The day on which a certificate that did not end, ended; also a collection that is not known."""

_COMPROMISED = int(Status.COMPROMISED)
_ENDED = int(Status.ENDED)
_LOST, _STOLEN = REASON_CODES[EndReason.LOST], REASON_CODES[EndReason.STOLEN]


# Step 4: the certificate.


def certificate_of_another(device: Number | bytes, certified: Number | bytes) -> Truth:
    """CERTIFICATE_OF_ANOTHER: it was issued to ``certified``, not to the device in the content.

    Device IDs as numbers, or both as their 8 bytes.
    """
    return device != certified


def certificate_out_of_date(dated: Number, valid_from: Number, valid_to: Number) -> Truth:
    """CERTIFICATE_OUT_OF_DATE: the date of mailing is outside its validity, ends included."""
    return (dated < valid_from) | (dated > valid_to)


def key_compromised(status: Number, dated: Number, ended: Number) -> Truth:
    """KEY_COMPROMISED: the piece is dated on the day of the revocation or after it."""
    return (status == _COMPROMISED) & (dated >= ended)


def key_compromised_later(status: Number, dated: Number, ended: Number) -> Truth:
    """KEY_COMPROMISED_LATER: dated earlier, which whoever holds a copy of the key could do."""
    return (status == _COMPROMISED) & (dated < ended)


def trust_list_stale(now: Number, issued: Number, next_issue: Number) -> Truth:
    """TRUST_LIST_STALE: past its next issue, or before its own. Instants in microseconds."""
    return (now < issued) | (now > next_issue)


# Step 6: the device.


def above_final_ascending(ascending: Number, final: Number) -> Truth:
    """ABOVE_FINAL_ASCENDING; ``final`` is ``FINAL_UNKNOWN`` where there is none."""
    return ascending > final


def service_ended(
    status: Number,
    ascending: Number,
    final: Number,
    dated: Number,
    ended: Number,
    ahead_days: Number,
) -> Truth:
    """SERVICE_ENDED: dated after the end, and nothing else says that it was made before.

    Where the final register value is known, a piece at or below it may be post-dated by
    ``ahead_days``; one dated later was made when the device stood there again.
    """
    known = final != FINAL_UNKNOWN
    return (status == _ENDED) & (ascending <= final) & (dated > ended + ahead_days * known)


def device_lost(end_reason: Number) -> Truth:
    """DEVICE_LOST: the list reports the device lost; 0 is no end at all."""
    return end_reason == _LOST


def device_stolen(end_reason: Number) -> Truth:
    """DEVICE_STOLEN: the list reports the device stolen; 0 is no end at all."""
    return end_reason == _STOLEN


# Step 7: the date. ``windows.window_of`` gives the days of a deposit.


def date_too_far_ahead(dated: Number, latest: Number) -> Truth:
    """DATE_TOO_FAR_AHEAD: later than post-dating reaches from the deposit, or else from today."""
    return dated > latest


def date_ahead_of_deposit(
    dated: Number, last: Number, next_collection: Number, latest: Number
) -> Truth:
    """DATE_AHEAD_OF_DEPOSIT (DMM P050.4.7): neither within the window nor the next collection's.

    ``last`` is the last day of the window of the deposit; ``next_collection`` is ``NEVER`` where it
    is not known. A date beyond ``latest`` is DATE_TOO_FAR_AHEAD alone.
    """
    return (dated > last) & (dated != next_collection) & (dated <= latest)


def date_is_past(dated: Number, earliest: Number) -> Truth:
    """DATE_IS_PAST (DMM P050.4.7): before the first day of the window of the deposit."""
    return dated < earliest


# Step 8: the registers.


def no_postage(postage: Number) -> Truth:
    """NO_POSTAGE: it pays for nothing, and uses up nothing."""
    return postage == 0


def registers_impossible(ascending: Number, postage: Number) -> Truth:
    """REGISTERS_IMPOSSIBLE: more postage than the device ever evidenced (39 CFR 501.6(c))."""
    return ascending < postage


def descending_over_limit(descending: Number, postage: Number, limit: Number) -> Truth:
    """DESCENDING_OVER_LIMIT (DMM P050.3.6): so much was in the device before this piece."""
    return descending + postage > limit


def control_total(ascending: Number, descending: Number) -> Number:
    """What the registers add up to; CONTROL_TOTAL_DIFFERS where it is none that was told."""
    return ascending + descending


# Step 9: two pieces of one device.


def shares_value(ascending: Number, postage: Number, other: Number, other_postage: Number) -> Truth:
    """Whether (ascending - postage, ascending] of two pieces have any value in common.

    Of two different pieces that is OVERLAP, also where they end at the same value; of one piece
    seen twice it is a journey or DUPLICATE. A piece without postage shares nothing.
    """
    return (
        (ascending - postage < other)
        & (other - other_postage < ascending)
        & (postage > 0)
        & (other_postage > 0)
    )


def rolled_back(
    ascending: Number, dated: Number, other: Number, other_dated: Number, ahead_days: Number
) -> Truth:
    """ROLLED_BACK: more than post-dating allows after a piece that stands higher in the registers.

    ``ahead_days`` is how far ahead a date may be. Said of the later-dated piece; pieces without
    postage are not asked about.
    """
    return (ascending < other) & (dated > other_dated + ahead_days)


# Step 10: the places.


def wrong_office(licensing_office: Number | str, deposit_office: Number | str) -> Truth:
    """WRONG_OFFICE (DMM P050.5.3): the office that serves the place of deposit did not license it.

    Either is the ZIP Code of the office that serves a ZIP Code, or that ZIP Code itself where no
    list of offices says more.
    """
    return licensing_office != deposit_office


def destination_differs(
    destination: Number, digits: Number, address: Number, address_digits: Number
) -> Truth:
    """DESTINATION_DIFFERS: neither delivery point says the beginning of the other.

    Each is its digits as a number and how many there are; no digits agree with everything.
    """
    longer = digits > address_digits
    common = digits - (digits - address_digits) * longer
    shorter: Truth = destination // 10 ** (digits - common) != address // 10 ** (
        address_digits - common
    )
    return shorter


# Step 11: the amount.


def short_paid(postage: Number, due: Number) -> Truth:
    """SHORT_PAID (DMM P050.1.5)."""
    return postage < due


def overpaid(postage: Number, due: Number) -> Truth:
    """OVERPAID (DMM P050.1.5)."""
    return postage > due
