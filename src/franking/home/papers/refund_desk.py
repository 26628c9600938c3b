"""Papers of the refund desks: the certificate of refunded items that two people destroyed."""

from __future__ import annotations

from franking.errors import Refused
from franking.forms.custody import Destroyed, DestructionCertificate
from franking.forms.form import Party, Signed
from franking.home.papers.unknown import PAPER_UNKNOWN
from franking.money import format_dollars
from franking.postal.refunds import rows
from franking.postal.refunds.destroying import find_destruction
from franking.postal.refunds.ruling import require_case
from franking.storage import Books, Reading


def items_certificate(books: Books, certificate: str) -> DestructionCertificate:
    """The certificate of destroyed items: case by case how many, and of what value.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        try:
            done = find_destruction(reading, certificate)
        except Refused as refused:
            raise PAPER_UNKNOWN.because(refused.detail) from refused
        items = tuple(_destroyed(reading, case) for case in done.cases)
    return DestructionCertificate(
        number=done.certificate,
        owner=Party(name="U.S. Postal Service"),
        on=done.on,
        method=done.method,
        items=items,
        first=Signed(name=done.first, on=done.on),
        second=Signed(name=done.second, on=done.on),
    )


def _destroyed(books: Reading, number: int) -> Destroyed:
    case = require_case(books, number)
    granted = [each for each in rows.items_of(books, number) if each.granted]
    return Destroyed(
        what=f"{case.route.value}, refunded, {format_dollars(case.granted_mills)}",
        identity=f"refund case {number}",
        quantity=len(granted),
        clause=case.clause,
    )
