"""Opening the Postal Service's books, with the tables of every room in them."""

from __future__ import annotations

from franking.postal.adjustments import tables as _adjustments
from franking.postal.anchors import tables as _anchors
from franking.postal.certificates import tables as _certificates
from franking.postal.examinations import tables as _examinations
from franking.postal.irregularities import tables as _irregularities
from franking.postal.licences import tables as _licences
from franking.postal.models import tables as _models
from franking.postal.pieces import online_tables as _online
from franking.postal.pieces import tables as _pieces
from franking.postal.refunds import tables as _refunds
from franking.postal.reports import tables as _reports
from franking.postal.schema import SCHEMA
from franking.postal.treasury import oversight_tables as _oversight
from franking.postal.treasury import tables as _treasury
from franking.rules.permissions import Role
from franking.storage import Actor, Books, Where

TABLES = (
    *_adjustments.TABLES,
    *_anchors.TABLES,
    *_certificates.TABLES,
    *_examinations.TABLES,
    *_irregularities.TABLES,
    *_licences.TABLES,
    *_models.TABLES,
    *_online.TABLES,
    *_pieces.TABLES,
    *_refunds.TABLES,
    *_reports.TABLES,
    *_treasury.TABLES,
    *_oversight.TABLES,
)

SERVICE = Actor("Postal Service", Role.POSTAL_SERVICE)
"""The program that answers messages for the domain."""


def open_books(where: Where, *, by: Actor = SERVICE) -> Books:
    """The books at ``where``, made where there are none; ``by`` is who acts.

    Raises:
        Refused: as ``Books.open``.
    """
    return Books.open(where, SCHEMA, by=by)
