"""Opening the provider's books, with the tables of every room in them."""

from __future__ import annotations

from franking.provider import identity as _identity
from franking.provider.adjustments import tables as _adjustments
from franking.provider.closing import tables as _closing
from franking.provider.devices import article_tables as _articles
from franking.provider.devices import shipping_tables as _shipping
from franking.provider.devices import tables as _devices
from franking.provider.examinations import tables as _examinations
from franking.provider.funds import bank_tables as _bank_files
from franking.provider.funds import tables as _funds
from franking.provider.hosting import tables as _hosting
from franking.provider.licensing import tables as _licensing
from franking.provider.models import tables as _models
from franking.provider.quality import tables as _quality
from franking.provider.refunds import tables as _refunds
from franking.provider.reports import tables as _reports
from franking.provider.resetting import tables as _resetting
from franking.provider.schema import SCHEMA
from franking.provider.standing import tables as _standing
from franking.provider.telephone import tables as _telephone
from franking.rules.permissions import Role
from franking.storage import Actor, Books, Where

TABLES = (
    _identity.IDENTITY,
    *_adjustments.TABLES,
    *_devices.TABLES,
    *_articles.TABLES,
    *_shipping.TABLES,
    *_examinations.TABLES,
    *_quality.TABLES,
    *_closing.TABLES,
    *_reports.TABLES,
    *_funds.TABLES,
    *_bank_files.TABLES,
    *_hosting.TABLES,
    *_licensing.TABLES,
    *_models.TABLES,
    *_refunds.TABLES,
    *_resetting.TABLES,
    *_standing.TABLES,
    *_telephone.TABLES,
)

SERVICE = Actor("Provider", Role.PROVIDER_SERVICE)
"""The program that answers messages for the domain."""


def open_books(where: Where, *, by: Actor = SERVICE) -> Books:
    """The books at ``where``, made where there are none; ``by`` is who acts.

    Raises:
        Refused: as ``Books.open``.
    """
    return Books.open(where, SCHEMA, by=by)
