"""Reading a request for evidence: its fields in range, its digest, its name.

A request that does not read could never have been accepted, so it is refused before anything is
looked up. The digest covers the fields as the caller gave them: a date left out stays left out,
so that asking again on another day is the same request (PSD-4).
"""

from __future__ import annotations

import hashlib
import re
import struct
from datetime import date
from typing import Final, NamedTuple

from franking.errors import Refusal
from franking.indicium.content import date_number, destination_number, rate_category_bytes
from franking.psd.records import EvidenceRequest

REQUEST_ID: Final = re.compile(r"[!-~]{1,64}", re.ASCII)

_FIELDS: Final = struct.Struct("<qIQ4s")
_sha256, _new = hashlib.sha256, tuple.__new__

_SHOWN_MAX = 80
"""Characters of a bad request id that a refusal repeats."""

REQUEST_UNREADABLE = Refusal(
    "REQUEST_UNREADABLE",
    clause="policy",
    remedy="Correct the field named, and ask again; nothing was charged.",
    http_status=422,
)
REQUEST_ID_USED = Refusal(
    "REQUEST_ID_USED",
    clause="policy",
    remedy="Ask with the fields of the first request to get its bytes again, or use a new "
    "request id for a new piece.",
)


class ReadRequest(NamedTuple):
    """A request in the numbers of an indicium."""

    request_id: str
    postage_mills: int
    date_number: int
    """0 where the caller gave no date."""
    destination_number: int
    rate_category: bytes
    digest: bytes


class RequestReader:
    """Reads the requests of one batch; the dates and rate categories of a batch repeat."""

    def __init__(self) -> None:
        self._learnt: dict[tuple[date | None, str], tuple[int, bytes]] = {}

    def read(self, request: EvidenceRequest) -> ReadRequest:
        """The request in numbers.

        Raises:
            Refused: ``REQUEST_UNREADABLE`` or ``INDICIUM_FIELD_OUT_OF_RANGE``.
        """
        name, postage = request.request_id, request.postage_mills
        day, rate_category = request.date_of_mailing, request.rate_category
        destination = request.destination
        try:
            learnt = self._learnt.get((day, rate_category))
            number, rate = learnt or self._learn(day, rate_category)
            delivery_point = destination_number(destination) if destination else 0
            if type(postage) is int and REQUEST_ID.fullmatch(name) is not None:
                fields = _FIELDS.pack(postage, number, delivery_point, rate)
                digest = _sha256(fields).digest()
                return _new(ReadRequest, (name, postage, number, delivery_point, rate, digest))
        except (TypeError, struct.error) as error:
            raise REQUEST_UNREADABLE.because(f"request {name!r} does not read: {error}") from error
        require_request_id(name)
        raise REQUEST_UNREADABLE.because(
            f"request {name}: postage {postage!r} is not a whole number of mills"
        )

    def _learn(self, day: date | None, rate_category: str) -> tuple[int, bytes]:
        if day is not None and type(day) is not date:
            raise TypeError("the date of mailing is not a date")
        number = 0 if day is None else date_number(day)
        learnt = self._learnt[day, rate_category] = number, rate_category_bytes(rate_category)
        return learnt


def require_request_id(request_id: str) -> None:
    """Refuse a name that is no request id.

    Raises:
        Refused: ``REQUEST_UNREADABLE``.
    """
    if not isinstance(request_id, str) or REQUEST_ID.fullmatch(request_id) is None:
        raise REQUEST_UNREADABLE.because(
            f"request id {str(request_id)[:_SHOWN_MAX]!r} is not 1 to 64 printable characters"
            " without spaces"
        )
