"""What the licensing desk hears from providers, and what it does at once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.licensing import (
    ApplicationFiled,
    DeviceRemoved,
    LicenceDataChanged,
    LicenceGivenUp,
)
from franking.messages.receiving import Hearer
from franking.messages.signing import Signer
from franking.postal.licences import rows
from franking.postal.licences.changing import changed
from franking.postal.licences.commands import require_licence, take_application
from franking.postal.licences.issuing import note
from franking.postal.licences.records import METER
from franking.postal.licences.revoking import REMOVE_ALL, REMOVE_NAMED, cancelled, removal_record
from franking.postal.schema import DOCKET
from franking.storage import Reading, Work

LICENCE_OF_ANOTHER_PROVIDER = Refusal(
    "LICENCE_OF_ANOTHER_PROVIDER",
    clause="DMM P050.2.5e (1997)",
    remedy="Apply on behalf of the licensee first: the licence is then extended to your devices.",
    http_status=403,
)
LICENCE_OF_SEVERAL_PROVIDERS = Refusal(
    "LICENCE_OF_SEVERAL_PROVIDERS",
    clause="DMM P050.2.1 (1997)",
    remedy="Ask the licensing desk: devices of other providers are licensed by it as well.",
)


def _take_change(work: Work, message: LicenceDataChanged, signer: Signer, now: datetime) -> None:
    _require_of(work, message.licence, message.sender)
    because = f"transmitted by {message.sender}"
    changed(work, signer, message.licence, message.application, because, message.sender, now)


def _take_given_up(work: Work, message: LicenceGivenUp, signer: Signer, now: datetime) -> None:
    _require_of(work, message.licence, message.sender)
    licence = require_licence(work, message.licence)
    if set(licence.providers) != {message.sender}:
        raise LICENCE_OF_SEVERAL_PROVIDERS.because(
            f"licence {licence.number} covers devices of {', '.join(licence.providers)}"
        )
    cancelled(work, signer, message.licence, message.because, message.sender, now)


def _take_removal(work: Work, message: DeviceRemoved, _: Signer, now: datetime) -> None:
    _require_of(work, message.licence, message.sender)
    because = f"{message.device or 'nothing'} removed on {message.removed_on}"
    if message.remaining == 0:
        record = removal_record(message.licence, message.sender)
        DOCKET.satisfy(work, REMOVE_ALL, record=record, now=now, because=because)
    if message.device:
        _settle_order(work, message, because, now)
    licence = require_licence(work, message.licence)
    clause = "39 CFR 501.22(l) (1995)" if licence.rulebook == METER else "39 CFR 502.21(h) (1997)"
    record = record_id("licence", message.licence)
    note(work, record, "device removed", clause, because, message.sender, now)


def _settle_order(work: Work, message: DeviceRemoved, because: str, now: datetime) -> None:
    for order in rows.removal_orders(work, message.device):
        if order.provider == message.sender and order.removed_on is None:
            rows.settle_removal_order(work, order, date.fromisoformat(message.removed_on))
            record = record_id("device", message.device)
            DOCKET.satisfy(work, REMOVE_NAMED, record=record, now=now, because=because)


def _require_of(books: Reading, number: str, provider: str) -> None:
    if provider not in require_licence(books, number).providers:
        raise LICENCE_OF_ANOTHER_PROVIDER.because(
            f"licence {number} was never told to {provider!r}"
        )


HEARERS: Final = (
    Hearer(
        ApplicationFiled,
        lambda told: record_id("application", f"{told.sender}/{told.number}"),
        take_application,
        alone=True,  # It decides upon the licence that the applicant may have there already.
    ),
    Hearer(LicenceDataChanged, lambda told: record_id("licence", told.licence), _take_change),
    Hearer(LicenceGivenUp, lambda told: record_id("licence", told.licence), _take_given_up),
    Hearer(DeviceRemoved, lambda told: record_id("licence", told.licence), _take_removal),
)
