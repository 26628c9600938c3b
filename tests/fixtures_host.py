"""A mailer for the host's tests: addresses, pieces, and a device that keeps the laws it needs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from franking.errors import Refused
from franking.host.addresses import clean
from franking.host.books import open_mailer_books
from franking.host.layouts import IntelligentMail, LayoutSettings
from franking.host.mailpiece import Practice, compose, destination_digits
from franking.host.notices import acknowledge
from franking.host.printing.planning import Mailing
from franking.host.printing.records import JobTemplate
from franking.host.records import (
    Address,
    CleanAddress,
    MailClass,
    Mailpiece,
    Shape,
    Symbology,
    System,
)
from franking.host.stocks import stock
from franking.identifiers import DeviceId
from franking.indicium.content import ALGORITHM_ES256, VERSION, IndiciumContent, pack
from franking.marks.town_circle import licensing_office
from franking.psd.records import SOFTWARE_ID, Evidence, EvidenceRequest, Registers
from franking.psd.registers import debit
from franking.storage.books import Books

ON = date(1997, 7, 1)
NOW = datetime(1997, 7, 1, 14, 30, tzinfo=UTC)
DEVICE_ID = DeviceId.parse("FK1A0000000001")
TOWN = licensing_office(city="Springfield", state="IL", zip_code="62701")
IMB = IntelligentMail(prefix="00300123456")

ADDRESSED = [
    ("no10", Shape.LETTER),
    ("6x9", Shape.LETTER),
    ("card", Shape.CARD),
    ("9x12", Shape.FLAT),
    ("label-4x6", Shape.FLAT),
    ("label-4x6", Shape.PARCEL),
    ("label-4x3", Shape.FLAT),
    ("label-4x3", Shape.PARCEL),
]
"""Stocks that have room for an address, with a shape that is printed on them."""

HEADING = "Name,Address 1,City,State,Zip,Cost centre\n"
GOOD_ROW = "Ann Lee,{line} Main St,Chicago,IL,60601,Sales\n"


def delivery_address() -> CleanAddress:
    """Somebody in Washington, to the delivery point."""
    return clean(
        Address(
            name="Manager, Retail Systems",
            company="US Postal Service",
            street="475 L'Enfant Plaza SW, Room 1234",
            city="Washington",
            state="DC",
            zip_code="20260-6807-75",
        )
    )


def return_address() -> CleanAddress:
    """The mailer in Springfield."""
    return clean(
        Address(
            company="Example Mailing Company",
            street="1200 Elm Street, Suite 5",
            city="Springfield",
            state="Illinois",
            zip_code="62701-1234",
        )
    )


def a_piece(
    shape: Shape = Shape.LETTER, *, system: System = System.OPEN, on: date = ON
) -> Mailpiece:
    """A First-Class piece of the shape, addressed unless the system is closed."""
    heavy = shape in {Shape.FLAT, Shape.PARCEL}
    is_open = system is System.OPEN
    return compose(
        practice=Practice(system=system),
        on=on,
        mail_class=MailClass.FIRST_CLASS,
        shape=shape,
        weight_oz=Decimal(2 if heavy else 1),
        destination=delivery_address() if is_open else None,
        return_address=return_address() if is_open else None,
        barcoded=is_open,
    )


def settings(name: str, symbology: Symbology, *, system: System = System.OPEN) -> LayoutSettings:
    """The mailer's settings on a stock."""
    return LayoutSettings(stock=stock(name), town=TOWN, symbology=symbology, system=system)


def indicium_for(piece: Mailpiece, *, system: System = System.OPEN, ascending: int = 1) -> bytes:
    """113 bytes of which only the content means something."""
    content = IndiciumContent(
        version=VERSION,
        algorithm=ALGORITHM_ES256,
        certificate_serial=7,
        device_id=DEVICE_ID,
        ascending_mills=ascending + piece.price.mills,
        postage_mills=piece.price.mills,
        date_of_mailing=piece.date_of_mailing,
        licensing_zip="62701",
        destination=destination_digits(piece, system),
        software_id=SOFTWARE_ID,
        descending_mills=0,
        rate_category=piece.price.rate_category,
    )
    return _with_signature(pack(content))


class FakeDevice:
    """Keeps PSD-1 and PSD-4: one request id is one indicium; the same again, the same bytes."""

    def __init__(self, descending_mills: int = 500_000) -> None:
        self.registers = Registers(
            descending_mills=descending_mills, control_total_mills=descending_mills
        )
        self.given: dict[str, tuple[EvidenceRequest, Evidence]] = {}
        self.refuse: dict[str, Refused] = {}
        self.crash_after: int | None = None
        self.asked = 0

    def evidence_many(
        self, requests: Sequence[EvidenceRequest], now: datetime
    ) -> list[Evidence | Refused]:
        """An answer each; dies after ``crash_after`` answers, having debited for them."""
        return [self._answer(request) for request in requests]

    def _answer(self, request: EvidenceRequest) -> Evidence | Refused:
        if self.crash_after is not None:
            if self.crash_after == 0:
                raise PowerCut
            self.crash_after -= 1
        self.asked += 1
        if request.request_id in self.refuse:
            return self.refuse[request.request_id]
        if request.request_id not in self.given:
            self.given[request.request_id] = (request, self._debited(request))
        first, evidence = self.given[request.request_id]
        assert first == request
        return evidence

    def _debited(self, request: EvidenceRequest) -> Evidence:
        self.registers = debit(self.registers, postage_mills=request.postage_mills)
        content = IndiciumContent(
            version=VERSION,
            algorithm=ALGORITHM_ES256,
            certificate_serial=7,
            device_id=DEVICE_ID,
            ascending_mills=self.registers.ascending_mills,
            postage_mills=request.postage_mills,
            date_of_mailing=request.date_of_mailing or ON,
            licensing_zip="62701",
            destination=request.destination,
            software_id=SOFTWARE_ID,
            descending_mills=self.registers.descending_mills,
            rate_category=request.rate_category,
        )
        return Evidence(
            request_id=request.request_id,
            indicium=_with_signature(pack(content)),
            registers=self.registers,
            sequence=len(self.given) + 1,
        )


class PowerCut(Exception):
    """The machine stopped in the middle."""


@contextmanager
def mailer_books(folder: Path, *, ready: bool = True) -> Iterator[Books]:
    """The books of a mailer who has read the caution, unless not ``ready``."""
    books = open_mailer_books(folder)
    try:
        if ready:
            acknowledge(books, person="Ann Lee", now=NOW)
        yield books
    finally:
        books.close()


def mailing(job_id: str = "june-bills", template: JobTemplate | None = None) -> Mailing:
    """A mailing of 1 July 1997."""
    return Mailing(
        job_id=job_id, template=template or JobTemplate(), on=ON, town=TOWN, device_id=DEVICE_ID
    )


def mailing_list(path: Path, *, rows: int) -> Path:
    """A list with so many good rows; their lines are 2 and up."""
    lines = "".join(GOOD_ROW.format(line=number + 2) for number in range(rows))
    path.write_text(HEADING + lines, encoding="utf-8")
    return path


def _with_signature(content: bytes) -> bytes:
    return content + hashlib.sha512(content).digest()
