"""What the provider hears from the Postal Service: one table of kinds, one way to hear them."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.receiving import Hearing, by_kind
from franking.provider.adjustments import settling as _adjustments
from franking.provider.examinations import hearing as _examinations
from franking.provider.funds import hearing as _funds
from franking.provider.hosting import commands as _hosting
from franking.provider.identity import require_identity
from franking.provider.licensing import hearing as _licensing
from franking.provider.models import hearing as _models
from franking.provider.refunds import hearing as _refunds
from franking.provider.reports import listing as _reports
from franking.provider.schema import DISPATCHES
from franking.provider.standing import hearing as _standing
from franking.storage import Reading


def _key_of(books: Reading, sender: str) -> EllipticCurvePublicKey | None:
    """The pinned root, for the Postal Service; the provider hears nobody else here."""
    return require_identity(books).postal if sender == POSTAL_SERVICE else None


HEARING = Hearing(
    DISPATCHES,
    by_kind(
        *_adjustments.HEARERS,
        *_hosting.HEARERS,
        *_licensing.HEARERS,
        *_models.HEARERS,
        *_examinations.HEARERS,
        *_funds.HEARERS,
        *_refunds.HEARERS,
        *_reports.HEARERS,
        *_standing.HEARERS,
    ),
    _key_of,
    lambda books: require_identity(books).name,
)
