"""The signed Acknowledgment of Deposit, sent to its addressee (501.28(b)(2); 502.26(b)(1)).

The licensing post office under 1995, the Minneapolis Accounting Service Center under 1997.
"""

from __future__ import annotations

from datetime import datetime

from franking.clock import instant_text
from franking.errors import Refusal
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import AcknowledgmentOfDeposit
from franking.messages.signing import Signer
from franking.provider.funds import rows
from franking.provider.funds.accounts import ACKNOWLEDGMENT, require_account
from franking.provider.funds.records import FundsAccount
from franking.provider.identity import require_identity
from franking.provider.licensing import rows as licensed
from franking.provider.licensing.records import Lease
from franking.provider.schema import DISPATCHES, DOCKET
from franking.rules import at
from franking.storage import Books, Reading, Work

_CLAUSE = "39 CFR 501.28(b)(2) (1995); 502.26(b)(1) (1997)"
_SENT = "acknowledgment sent"
_POST_OFFICE = "licensing post office"

ACKNOWLEDGMENT_UNSIGNED = Refusal(
    "ACKNOWLEDGMENT_UNSIGNED",
    clause=_CLAUSE,
    remedy="Have the licensee sign the Acknowledgment of Deposit with the lease.",
)


def addressee_of(account: FundsAccount, now: datetime) -> str:
    """To whom the acknowledgment goes, as a line of address."""
    rules = at("funds", account.rulebook, now.date())
    (named,) = rules.choices("acknowledgment_addressee")
    return f"{named} {account.zip_code}" if named == _POST_OFFICE else named


def send_acknowledgment(
    books: Books, signer: Signer, number: str, *, digest: str, now: datetime
) -> str:
    """Send the signed acknowledgment of an account on; to whom. Sent once, it is not sent again.

    ``digest`` is the SHA-256, in hex, of the wording that was signed.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``, ``ACKNOWLEDGMENT_UNSIGNED``.
    """
    with books.reading() as reading:
        record = require_account(reading, number).record
    with books.work(now, "send_acknowledgment", on=(record,)) as work:
        account = require_account(work, number)
        addressee = addressee_of(account, now)
        lease = signed_lease(work, account)
        if _is_sent(work, account, lease):
            return addressee
        message = _message(work, account, lease, addressee=addressee, digest=digest, now=now)
        DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)
        because = f"to {addressee}, for lease {lease.id}"
        DOCKET.satisfy(work, ACKNOWLEDGMENT, record=record, now=now, because=because)
        rows.note(work, record, _SENT, clause=_CLAUSE, because=because, by=books.by.name, now=now)
    return addressee


def unsent(books: Reading) -> list[FundsAccount]:
    """The accounts whose signed acknowledgment is still to be sent."""
    return [each for each in rows.accounts(books) if _owes(books, each)]


def signed_lease(books: Reading, account: FundsAccount) -> Lease:
    """The newest lease of an account's licence, with the signature under its acknowledgment.

    Raises:
        Refused: ``ACKNOWLEDGMENT_UNSIGNED``.
    """
    leases = licensed.leases(books, account.licence)
    if not leases:
        raise ACKNOWLEDGMENT_UNSIGNED.because(f"licence {account.licence} has no lease")
    return max(leases, key=lambda each: (each.begun_on, each.id))


def _owes(books: Reading, account: FundsAccount) -> bool:
    standing = DOCKET.standing(books, record=account.record)
    return any(each.duty == ACKNOWLEDGMENT and each.is_outstanding for each in standing)


def _is_sent(work: Work, account: FundsAccount, lease: Lease) -> bool:
    events = rows.events_of(work, account.record)
    return any(each["event"] == _SENT and lease.id in each["because"] for each in events)


def _message(
    work: Work,
    account: FundsAccount,
    lease: Lease,
    *,
    addressee: str,
    digest: str,
    now: datetime,
) -> AcknowledgmentOfDeposit:
    return AcknowledgmentOfDeposit(
        device="",
        issued_at=instant_text(now),
        sender=require_identity(work).name,
        licence=account.licence,
        account=account.number,
        licensee=account.licensee,
        zip_code=account.zip_code,
        rulebook=account.rulebook,
        signed_by=lease.signatures.acknowledged_by,
        signed_on=lease.signatures.acknowledged_on.isoformat(),
        addressee=addressee,
        wording_digest=digest,
    )
