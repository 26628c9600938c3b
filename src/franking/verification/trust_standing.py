"""How every certificate of a trust list stands, in its order: two bits each, and how it ended.

A list carries it beside its keys; a status set (``trust_status``) carries it alone, so that what
changes daily travels without what does not. Both are signed; here nothing is checked but form.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from franking.verification.trust_format import (
    ENDING,
    REASONS,
    STATUS_OF_REASON,
    UNKNOWN_ASCENDING,
    Ending,
    Status,
    day_of,
)

_STATUS_BITS: Final = np.array([0, 2, 4, 6], np.uint8)
_A_BYTE: Final = len(_STATUS_BITS)
"""Statuses in a byte, the first in its lowest two bits."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The status of each certificate by its place, and the endings of those that are not good."""

    statuses: NDArray[np.uint8]
    """A ``Status`` for each certificate."""
    places: NDArray[np.int64]
    """The places of those that are not good, ascending; the next three columns are theirs."""
    reasons: NDArray[np.uint8]
    days: NDArray[np.uint16]
    finals: NDArray[np.uint64]
    """Final ascending value in mills; all ones where it is not known."""

    @property
    def is_whole(self) -> bool:
        """Whether everything that is not good has its ending, with a reason that says as much."""
        return len(self.places) == len(self.reasons) and bool(
            np.array_equal(statuses_of(self.reasons), self.statuses[self.places])
        )

    def first(self, count: int) -> Standing:
        """How the first ``count`` certificates stand."""
        ended = int(self.places.searchsorted(count))
        return Standing(
            statuses=self.statuses[:count],
            places=self.places[:ended],
            reasons=self.reasons[:ended],
            days=self.days[:ended],
            finals=self.finals[:ended],
        )

    def ending(self, place: int) -> Ending | None:
        """How the certificate at ``place`` ended, or what is reported of its device."""
        if not self.statuses[place]:
            return None
        row = int(self.places.searchsorted(place))
        final = int(self.finals[row])
        return Ending(
            reason=REASONS[int(self.reasons[row])],
            on=day_of(int(self.days[row])),
            final_ascending_mills=None if final == UNKNOWN_ASCENDING else final,
        )


def standing_of(statuses: NDArray[np.uint8], endings: NDArray[np.void]) -> Standing:
    """The standing of these statuses, with a table of ``ENDING`` in the same order."""
    return Standing(
        statuses=statuses,
        places=np.flatnonzero(statuses),
        reasons=endings["reason"].copy(),
        days=endings["on"].copy(),
        finals=endings["final_ascending_mills"].copy(),
    )


def endings_of(standing: Standing, serials: NDArray[np.uint32]) -> NDArray[np.void]:
    """The table of ``ENDING`` of a standing, for certificates with these serials."""
    endings = np.zeros(len(standing.places), ENDING)
    endings["certificate_serial"] = serials[standing.places]
    endings["reason"], endings["on"] = standing.reasons, standing.days
    endings["final_ascending_mills"] = standing.finals
    return endings


def statuses_of(reasons: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The status that each reason code stands for; good for what is no reason."""
    return _STATUS_OF_CODE[reasons]


def packed(statuses: NDArray[np.uint8]) -> bytes:
    """Two bits a status."""
    padded = np.pad(statuses, (0, -len(statuses) % _A_BYTE)).reshape(-1, _A_BYTE)
    return bytes(np.bitwise_or.reduce(padded << _STATUS_BITS, axis=1).astype(np.uint8))


def unpacked(data: bytes, count: int) -> NDArray[np.uint8]:
    """The first ``count`` statuses of a ``packed``."""
    each = np.frombuffer(data, np.uint8)[:, np.newaxis] >> _STATUS_BITS
    return (each & np.uint8(3)).reshape(-1)[:count]


def _by_code() -> NDArray[np.uint8]:
    by_code = np.full(256, Status.GOOD, np.uint8)
    for code, reason in REASONS.items():
        by_code[code] = STATUS_OF_REASON[reason]
    return by_code


_STATUS_OF_CODE: Final = _by_code()
