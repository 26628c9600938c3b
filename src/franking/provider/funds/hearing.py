"""What the Postal Service says of money: the provider's own deposit (39 CFR 501.28(b)(5), 1995)."""

from __future__ import annotations

from datetime import datetime

from franking.identifiers import record_id
from franking.ledger import account_record
from franking.messages.funds import ProviderDeposit
from franking.messages.receiving import Hearer
from franking.messages.signing import Signer
from franking.provider.funds import advances, chart
from franking.storage import Act, Work


def take_deposit(work: Work, message: ProviderDeposit, _: Signer, now: datetime) -> None:
    """Book what changed of the provider's deposit; each statement once.

    Raises:
        Refused: ``LIMIT_PASSED`` where more is withdrawn than advances have left.
    """
    advances.change_deposit(
        work,
        statement=str(message.number),
        change_mills=message.change_mills,
        because=message.because,
        now=now,
    )
    inputs: dict[str, object] = {"number": message.number, "change_mills": message.change_mills}
    record = record_id("statement", message.number)
    work.record(Act(record=record, clauses=(advances.CLAUSE,), inputs=inputs))


HEARERS = (Hearer(ProviderDeposit, lambda _: account_record(chart.PROVIDER_DEPOSIT), take_deposit),)
