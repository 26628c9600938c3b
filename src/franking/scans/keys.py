"""The certificates of the trust list by column, and their keys, loaded as they are needed.

What is said of a certificate is gathered for many pieces at once; a key is an object of the
cryptographic library, and as many of them are kept as a process can hold without noticing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from numpy.typing import NDArray

from franking.verification.predicates import FINAL_UNKNOWN, NEVER
from franking.verification.trust_format import UNKNOWN_ASCENDING, Status
from franking.verification.trust_list import TRUST_LIST_DAMAGED, TrustList

Whole = NDArray[np.int64]

_KEYS_KEPT = 65_536
"""About 2 KiB each."""
_UNCOMPRESSED = b"\x04"

_ROW: Final = np.dtype(
    [
        ("serial", "<u4"),
        ("device", ">i8"),
        ("public_key", "V64"),
        ("valid_from", "<u2"),
        ("valid_to", "<u2"),
    ]
)
"""``trust_format.ROW`` with the device as a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """What the list says of the certificate of each piece; days since 1970-01-01, mills."""

    device: Whole
    valid_from: Whole
    valid_to: Whole
    status: Whole
    end_reason: Whole
    """0 where it did not end."""
    ended: Whole
    """``NEVER`` where it did not end."""
    final_ascending: Whole
    """``FINAL_UNKNOWN`` where there is none, or none that is known."""


class Keys:
    """Every certificate of a trust list. The keys that were asked for last are kept."""

    def __init__(self, trust: TrustList) -> None:
        """Check and copy the whole list.

        Raises:
            Refused: ``TRUST_LIST_DAMAGED``.
        """
        columns = trust.columns()
        self._rows = columns.rows.view(_ROW)
        self._serials = np.ascontiguousarray(self._rows["serial"]).astype(np.int64)
        self._statuses = columns.statuses
        self._endings = columns.endings
        self._ending_of = np.full(len(self._rows), -1, np.int64)
        self._ending_of[self._places(self._endings["certificate_serial"].astype(np.int64))] = (
            np.arange(len(self._endings))
        )
        self._kept: dict[int, EllipticCurvePublicKey] = {}

    def places_of(self, serials: Whole) -> Whole:
        """Where each certificate stands in the list; -1 where it does not."""
        places = self._places(serials)
        listed = places < len(self._serials)
        listed[listed] = self._serials[places[listed]] == serials[listed]
        return np.where(listed, places, -1)

    def certificates_at(self, places: Whole) -> Certificates:
        """What the list says of the certificates at these places."""
        rows, ending = self._rows, self._ending_of[places]
        good = self._statuses[places] == Status.GOOD
        return Certificates(
            device=rows["device"][places].astype(np.int64),
            valid_from=rows["valid_from"][places].astype(np.int64),
            valid_to=rows["valid_to"][places].astype(np.int64),
            status=self._statuses[places].astype(np.int64),
            end_reason=self._ended("reason", ending, good, 0),
            ended=self._ended("on", ending, good, NEVER),
            final_ascending=self._finals(ending, good),
        )

    def key_at(self, place: int) -> EllipticCurvePublicKey:
        """The key of the certificate at a place.

        Raises:
            Refused: ``TRUST_LIST_DAMAGED``.
        """
        key = self._kept.get(place)
        if key is None:
            key = self._loaded(place)
            if len(self._kept) == _KEYS_KEPT:
                self._kept.clear()
            self._kept[place] = key
        return key

    def _loaded(self, place: int) -> EllipticCurvePublicKey:
        row = self._rows[place]
        try:
            return EllipticCurvePublicKey.from_encoded_point(
                SECP256R1(), _UNCOMPRESSED + row["public_key"].tobytes()
            )
        except ValueError as error:
            raise TRUST_LIST_DAMAGED.because(
                f"the key of certificate {row['serial']} is not on the curve"
            ) from error

    def _places(self, serials: Whole) -> Whole:
        return np.searchsorted(self._serials, serials)

    def _ended(self, name: str, ending: Whole, good: NDArray[np.bool_], otherwise: int) -> Whole:
        """A field of the endings; ``otherwise`` where the certificate did not end."""
        found = np.full(len(ending), otherwise, np.int64)
        found[~good] = self._endings[name][ending[~good]]
        return found

    def _finals(self, ending: Whole, good: NDArray[np.bool_]) -> Whole:
        finals = self._endings["final_ascending_mills"][ending[~good]]
        known = np.minimum(finals, np.uint64(FINAL_UNKNOWN - 1)).astype(np.int64)
        found = np.full(len(ending), FINAL_UNKNOWN, np.int64)
        found[~good] = np.where(finals == np.uint64(UNKNOWN_ASCENDING), FINAL_UNKNOWN, known)
        return found
