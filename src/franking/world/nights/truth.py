"""What is true of each made-up scan, and what of it can be seen from the scans at hand.

Told from how the scans were made and by comparing every two pieces of a cloned device, so that it
owes nothing to the programs that are tried on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from franking.scans.operations import Operation
from franking.verification.reasons import Reason, bits_of
from franking.verification.verdict import Verdict
from franking.world.nights.journeys import Scans, trouble_bit
from franking.world.nights.mail import Pieces
from franking.world.nights.records import Fraud, Trouble

VERDICTS: Final = (
    Verdict.AUTHENTIC,
    Verdict.UNDETERMINED,
    Verdict.NOT_AUTHENTIC,
    None,
)
"""The verdict that has to be given, by number; the last one is not said."""
_AUTHENTIC, _UNDETERMINED, _NOT_AUTHENTIC, _NOT_SAID = range(4)
_FACTS: Final = frozenset(
    {
        Reason.DATE_TOO_FAR_AHEAD,
        Reason.DATE_AHEAD_OF_DEPOSIT,
        Reason.DATE_IS_PAST,
        Reason.REGISTERS_IMPOSSIBLE,
        Reason.DESCENDING_OVER_LIMIT,
        Reason.CONTROL_TOTAL_DIFFERS,
        Reason.REFUNDED,
        Reason.WRONG_OFFICE,
        Reason.DESTINATION_DIFFERS,
        Reason.SHORT_PAID,
        Reason.OVERPAID,
    }
)
"""What may be said as well of content that nobody ought to believe."""
_ANY: Final = frozenset(Reason)
_LOOKS_MIN = 2
_DAYS_ALLOWED = 30
_NEVER: Final = 2**31


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to be found of a scan of a fraud, what may be, and the verdict."""

    reasons: frozenset[Reason]
    may: frozenset[Reason] = frozenset()
    verdict: int = _AUTHENTIC


def _found(
    *reasons: Reason, verdict: int = _AUTHENTIC, may: frozenset[Reason] = frozenset()
) -> Expected:
    return Expected(frozenset(reasons), may, verdict)


_NOTHING: Final = Expected(frozenset())
EXPECTED: Final[Mapping[Fraud, Expected]] = {
    Fraud.FORGED_SIGNATURE: _found(Reason.SIGNATURE_FALSE, may=_FACTS, verdict=_NOT_AUTHENTIC),
    Fraud.INVENTED_CERTIFICATE: _found(
        Reason.CERTIFICATE_UNKNOWN, may=_FACTS, verdict=_UNDETERMINED
    ),
    Fraud.ALTERED_VALUE: _found(Reason.SIGNATURE_FALSE, may=_FACTS, verdict=_NOT_AUTHENTIC),
    Fraud.COPY_SAME_NIGHT: _NOTHING,
    Fraud.COPY_EARLIER: _NOTHING,
    Fraud.CLONE: _NOTHING,
    Fraud.ROLLED_BACK: _NOTHING,
    Fraud.VALUE_NOT_COVERED: _found(Reason.CONTROL_TOTAL_DIFFERS),
    Fraud.SHORT_PAID: _found(Reason.SHORT_PAID),
    Fraud.WRONG_OFFICE: _found(Reason.WRONG_OFFICE),
    Fraud.DATED_AHEAD: _NOTHING,
    Fraud.DATED_PAST: _found(Reason.DATE_IS_PAST),
    Fraud.REFUNDED: _found(Reason.REFUNDED),
    Fraud.WITHDRAWN: _found(Reason.ABOVE_FINAL_ASCENDING, verdict=_NOT_AUTHENTIC),
    Fraud.REVOKED: _found(Reason.SERVICE_ENDED, verdict=_UNDETERMINED),
    Fraud.LOST: _found(Reason.DEVICE_LOST),
    Fraud.STOLEN: _found(Reason.DEVICE_STOLEN),
    Fraud.COMPROMISED_KEY: _found(Reason.KEY_COMPROMISED, verdict=_NOT_AUTHENTIC),
    Fraud.ANOTHER_CERTIFICATE: _found(
        Reason.CERTIFICATE_OF_ANOTHER, may=_FACTS, verdict=_NOT_AUTHENTIC
    ),
    Fraud.RANDOM_BYTES: _found(
        Reason.PROFILE_NOT_VERIFIABLE,
        may=frozenset({Reason.MALFORMED}),
        verdict=_UNDETERMINED,
    ),
    Fraud.ILLEGIBLE: _found(Reason.ILLEGIBLE, verdict=_UNDETERMINED),
}
"""Where it is the same for every scan; what depends on other scans is told below."""

_FRAUDS: Final = tuple(Fraud)
_AT_INTAKE: Final = frozenset({Fraud.SHORT_PAID, Fraud.WRONG_OFFICE, Fraud.DATED_PAST})
_UNSIGNED: Final = frozenset({Fraud.FORGED_SIGNATURE, Fraud.ALTERED_VALUE})
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Truth:
    """What is true of each scan, by column; reasons as bits of ``verification.reasons``."""

    reasons: NDArray[np.int64]
    may: NDArray[np.int64]
    verdict: NDArray[np.int8]

    def expect(self, which: Flags, expected: Expected) -> None:
        """Let this be expected of these scans."""
        self.reasons[which] = bits_of(expected.reasons)
        self.may[which] = bits_of(expected.may)
        self.verdict[which] = expected.verdict


def is_known(pieces: Pieces, scans: Scans) -> Flags:
    """Whether the scan says what was seen of the piece where it was taken in."""
    taken_in = np.isin(scans["operation"], (Operation.ACCEPTANCE, Operation.ORIGIN))
    known: Flags = pieces["known"][scans["piece"]] & taken_in
    return known


def truth_of(pieces: Pieces, scans: Scans, nights: NDArray[np.int64], last: int) -> Truth:
    """The truth of ``scans``, each of the night beside it; deeds come to light in the ``last``."""
    count = len(scans)
    truth = Truth(np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int8))
    fraud = pieces["fraud"][scans["piece"]]
    whole = ~(scans["misread"] | scans["smudged"])
    known = is_known(pieces, scans)
    for place, each in enumerate(_FRAUDS):
        of_it = (fraud == place) & whole
        truth.expect(of_it & (known | (each not in _AT_INTAKE)), EXPECTED[each])
        if each in _UNSIGNED:
            truth.verdict[of_it & (scans["looks"] < _LOOKS_MIN)] = _UNDETERMINED
    _dated_ahead(truth, pieces, scans, whole, known)
    _copied(truth, pieces, scans, whole, nights == last)
    _cloned(truth, pieces, scans, whole, nights)
    _rolled_back(truth, pieces, scans, whole, nights)
    _damaged(truth, scans)
    return truth


def _of(fraud: Fraud, pieces: Pieces, scans: Scans) -> Flags:
    is_it: Flags = pieces["fraud"][scans["piece"]] == _FRAUDS.index(fraud)
    return is_it


def _dated_ahead(truth: Truth, pieces: Pieces, scans: Scans, whole: Flags, known: Flags) -> None:
    """Far ahead is seen on any scan; a little, only where the day of deposit is known.

    Far ahead it is also far after every later piece of its device, which stands higher.
    """
    of_it = _of(Fraud.DATED_AHEAD, pieces, scans) & whole
    those = pieces[scans["piece"]]
    far = those["dated"] - those["mailed"] > _DAYS_ALLOWED
    may = frozenset({Reason.ROLLED_BACK})
    truth.expect(of_it & far, _found(Reason.DATE_TOO_FAR_AHEAD, may=may, verdict=_NOT_SAID))
    truth.expect(of_it & ~far & known, _found(Reason.DATE_AHEAD_OF_DEPOSIT))


def _copied(truth: Truth, pieces: Pieces, scans: Scans, whole: Flags, tonight: Flags) -> None:
    """A copy is seen where a scan of the first print stands, both by clocks that are right.

    The other scans of the piece may be found to clash with the copy, or not.
    """
    may = frozenset({Reason.DUPLICATE, Reason.DATE_IS_PAST, Reason.WRONG_OFFICE})
    those = (
        _of(Fraud.COPY_SAME_NIGHT, pieces, scans) | _of(Fraud.COPY_EARLIER, pieces, scans)
    ) & whole
    truth.expect(those & tonight, Expected(frozenset(), may, _NOT_SAID))
    clocks = trouble_bit(Trouble.WRONG_CLOCK) | trouble_bit(Trouble.CLOCK_ADRIFT)
    off = scans["troubles"] & clocks != 0
    sound = those & ~off & ~_may_be_sent_on(pieces, scans, off)
    at_intake = scans["operation"] == Operation.ORIGIN
    first = np.full(len(pieces), -1)
    firsts = np.flatnonzero(sound & ~scans["copy"] & at_intake)
    first[scans["piece"][firsts[::-1]]] = firsts[::-1]
    clashes = np.flatnonzero(sound & scans["copy"])
    others = first[scans["piece"][clashes]]
    seen = (others >= 0) & (scans["place"][clashes] != scans["place"][others])
    found = np.zeros(len(scans), bool)
    found[clashes[seen]] = True
    truth.expect(found, _found(Reason.DUPLICATE, may=may, verdict=_UNDETERMINED))


def _may_be_sent_on(pieces: Pieces, scans: Scans, off: Flags) -> Flags:
    """Whether what looks like a copy may be the piece itself, forwarded or returned before.

    So may one of another night; and any, where a clock that is off leaves the order open.
    """
    sent_on = trouble_bit(Trouble.FORWARDED) | trouble_bit(Trouble.RETURNED)
    open_order = np.zeros(len(pieces), bool)
    open_order[scans["piece"][off]] = True
    begins_anew = pieces["troubles"][scans["piece"]] & sent_on != 0
    may: Flags = begins_anew & (_of(Fraud.COPY_EARLIER, pieces, scans) | open_order[scans["piece"]])
    return may


def _cloned(
    truth: Truth, pieces: Pieces, scans: Scans, whole: Flags, nights: NDArray[np.int64]
) -> None:
    """Every scan of a piece that shares value with another that was scanned by that night.

    A second run long after the first one is also dated as that of a device set back.
    """
    of_it = _of(Fraud.CLONE, pieces, scans) & whole
    seen = _first_seen(len(pieces), scans["piece"][of_it], nights[of_it])
    known_from = np.full(len(pieces), _NEVER)
    for one, other in _sharing(pieces, np.flatnonzero(seen < _NEVER)):
        known_from[one] = min(known_from[one], seen[other])
        known_from[other] = min(known_from[other], seen[one])
    which = of_it & (known_from[scans["piece"]] <= nights)
    may = frozenset({Reason.ROLLED_BACK})
    truth.expect(which, _found(Reason.OVERLAP, may=may, verdict=_UNDETERMINED))


def _first_seen(
    count: int, pieces: NDArray[np.int64], nights: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The night in which each was scanned first."""
    seen = np.full(count, _NEVER)
    np.minimum.at(seen, pieces, nights)
    return seen


def _sharing(pieces: Pieces, seen: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Every two of these pieces that share value: all of a deed are compared."""
    by_deed: dict[int, list[int]] = {}
    for place in seen.tolist():
        by_deed.setdefault(int(pieces["incident"][place]), []).append(place)
    for places in by_deed.values():
        for one, other in combinations(places, 2):
            high = min(pieces["ascending"][one], pieces["ascending"][other])
            if max(_low(pieces, one), _low(pieces, other)) < high:
                yield one, other


def _low(pieces: Pieces, place: int) -> int:
    return int(pieces["ascending"][place] - pieces["postage"][place])


def _rolled_back(
    truth: Truth, pieces: Pieces, scans: Scans, whole: Flags, nights: NDArray[np.int64]
) -> None:
    """The pieces of tonight, where the one that stands higher and is dated long before was seen."""
    of_it = _of(Fraud.ROLLED_BACK, pieces, scans) & whole
    high = pieces["original"][scans["piece"]]
    incidents, deeds = np.unique(pieces["incident"], return_inverse=True)
    deed = deeds[scans["piece"]]
    seen = _first_seen(len(incidents), deed[of_it & high], nights[of_it & high])
    which = of_it & ~high & (seen[deed] <= nights)
    truth.expect(which, _found(Reason.ROLLED_BACK, verdict=_UNDETERMINED))


def _damaged(truth: Truth, scans: Scans) -> None:
    """What cannot be read is undetermined, and so is what is read wrong; never more than that."""
    truth.expect(
        scans["smudged"], Expected(frozenset(), frozenset({Reason.ILLEGIBLE}), _UNDETERMINED)
    )
    truth.expect(scans["misread"], Expected(frozenset(), _ANY, _UNDETERMINED))
