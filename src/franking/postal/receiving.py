"""What the Postal Service hears from providers: one table of kinds, one way to hear them."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.receiving import Hearing, by_kind
from franking.postal.adjustments import hearing as _adjustments
from franking.postal.anchors import hearing as _anchors
from franking.postal.certificates.records import CertificateKind, CertificateStatus
from franking.postal.certificates.tables import certificates_of
from franking.postal.examinations import hearing as _examinations
from franking.postal.licences import hearing as _licences
from franking.postal.models import hearing as _models
from franking.postal.refunds import hearing as _refunds
from franking.postal.reports import hearing as _reports
from franking.postal.schema import DISPATCHES
from franking.postal.treasury import hearing as _treasury
from franking.psd.vault.ecdsa import public_key_object
from franking.storage import Reading


def _key_of(books: Reading, sender: str) -> EllipticCurvePublicKey | None:
    """The key of a provider that the Postal Service certified, and still believes."""
    for certificate in certificates_of(books, sender):
        good = certificate.status is CertificateStatus.GOOD
        if certificate.kind is CertificateKind.PROVIDER and good:
            return public_key_object(certificate.public_key)
    return None


HEARING = Hearing(
    DISPATCHES,
    by_kind(
        *_adjustments.HEARERS,
        *_anchors.HEARERS,
        *_examinations.HEARERS,
        *_licences.HEARERS,
        *_models.HEARERS,
        *_refunds.HEARERS,
        *_reports.HEARERS,
        *_treasury.HEARERS,
    ),
    _key_of,
    lambda _: POSTAL_SERVICE,
)
