"""Which form is filled in from which record of a home's books."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from franking.forms.form import Form
from franking.home.home import Home
from franking.home.papers import funds, postal, provider, refund_desk, refunding, resetting
from franking.home.papers.unknown import PAPER_UNKNOWN
from franking.home.provider_office import NAME

Paper = Callable[[Home, str], Form]

NOTICES: Final[Mapping[str, Paper]] = MappingProxyType(
    {
        "refusal": lambda home, id: postal.refusal_notice(home.postal.books, id),
        "revocation": lambda home, id: postal.revocation_notice(home.postal.books, id),
        "removal": lambda home, id: postal.removal_order(home.postal.books, id),
        "examination": lambda home, id: provider.examination_notice(home.provider.books, NAME, id),
        "quality": lambda home, id: provider.quality_notice(home.provider.books, NAME, id),
        "denial": lambda home, id: provider.denial_notice(home.provider.books, NAME, id),
    }
)
"""Notices by what they are about."""


def _notice(home: Home, about: str) -> Form:
    """A notice of ``KIND:NUMBER``.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    kind, _, id = about.partition(":")
    if kind not in NOTICES:
        known = ", ".join(f"{each}:NUMBER" for each in NOTICES)
        raise PAPER_UNKNOWN.because(f"{about!r} names no notice; there are {known}")
    return NOTICES[kind](home, id)


def _destruction(home: Home, about: str) -> Form:
    """The certificate of destroyed items of refunds, ``items:D-000001``, or of a record."""
    kind, _, number = about.partition(":")
    if kind == "items":
        return refund_desk.items_certificate(home.postal.books, number)
    return provider.destruction_certificate(home.provider.books, NAME, about)


PAPERS: Final[Mapping[str, Paper]] = MappingProxyType(
    {
        "3601-a": lambda home, id: postal.application_form(home.postal.books, id),
        "3601-b": lambda home, id: postal.licence_form(home.postal.books, id),
        "3601-c": lambda home, id: provider.installation_form(home.provider.books, NAME, id),
        "3603": lambda home, id: resetting.setting_receipt(
            home.provider.books, NAME, id, place=home.now.tzinfo
        ),
        "inspection": lambda home, id: provider.inspection_form(home.provider.books, id),
        "notice": _notice,
        "lease": lambda home, id: provider.lease_form(home.provider.books, NAME, id),
        "acknowledgment": lambda home, id: funds.acknowledgment_form(
            home.provider.books, NAME, id, now=home.now
        ),
        "deposit-ticket": lambda home, id: funds.deposit_ticket(
            home.provider.books, id, now=home.now
        ),
        "destruction": _destruction,
        "refund-request": lambda home, id: refunding.refund_request(home.provider.books, id),
        "refund-manifest": lambda home, id: refunding.refund_manifest(home.provider.books, id),
        "seizure-receipt": lambda home, id: provider.seizure_receipt(home.provider.books, NAME, id),
    }
)
"""What each form is filled in from, by the name of the form; 3602-A has commands of its own."""


def paper_of(home: Home, form: str, record: str) -> Form:
    """A form filled in from the books.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    if form not in PAPERS:
        raise PAPER_UNKNOWN.because(
            f"{form} is not filled in from a record",
            remedy="Use franking register-record show, or report.",
        )
    return PAPERS[form](home, record)
