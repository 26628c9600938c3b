"""Deposit tickets, envelopes and lockbox locations: the Postal Service pays for them.

60 FR 30714 (1995), preamble IV: it "agreed to pay for envelopes, deposit tickets, and multiple
lockbox bank locations". Refuses to know what a licensee deposits with them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import SuppliesSent, SuppliesWanted
from franking.messages.signing import Signer
from franking.postal.schema import DISPATCHES, DOCKET
from franking.postal.treasury import oversight_tables as tables
from franking.postal.treasury import rows
from franking.postal.treasury.oversight_records import SUPPLY, SuppliesOrder
from franking.postal.treasury.records import Lockbox, LockboxStatus, treasury_record
from franking.storage import Act, Books, Work

SUPPLIES_UNKNOWN = Refusal(
    "SUPPLIES_UNKNOWN",
    clause="60 FR 30714 (1995), preamble IV",
    remedy="See what is wanted: franking treasury supplies.",
    http_status=404,
)
SUPPLIES_NOWHERE = Refusal(
    "SUPPLIES_NOWHERE",
    clause="39 CFR 501.28(e)(6) (1995)",
    remedy="Agree the terms of a lockbox of this provider first: tickets name its post office box.",
)
_CLAUSE: Final = "60 FR 30714 (1995), preamble IV"
_METER: Final = "meter-1995"
_ZIP: Final = re.compile(r"(\d{5})(?:-\d{4})?\s*$", re.ASCII)
_ORDERS: Final = "supplies:all"


def take_wanted(work: Work, message: SuppliesWanted, _: Signer, now: datetime) -> None:
    """A provider asks for deposit tickets and envelopes for a licensee who pays by check."""
    order = SuppliesOrder(
        number=tables.next_number(work, tables.SUPPLIES),
        provider=message.sender,
        account=message.account,
        licensee=message.licensee,
        address=message.address,
        zip_code=message.zip_code,
        tickets=message.tickets,
        envelopes=message.envelopes,
        wanted_on=now.date(),
    )
    tables.put_supplies(work, None, order)
    DOCKET.open(
        work,
        SUPPLY,
        record=_record_of(order),
        owed_by="Postal Service",
        rulebook=_METER,
        start=now.date(),
        now=now,
        because=f"{order.tickets} tickets, {order.envelopes} envelopes for {order.licensee}",
    )
    _note(work, order, "take_supplies_wanted")


def send_supplies(
    books: Books, signer: Signer, *, number: int, cost_mills: int, now: datetime
) -> SuppliesOrder:
    """Send tickets and envelopes, for the nearest lockbox location; the cost is our own.

    Sent again, nothing changes.

    Raises:
        Refused: ``SUPPLIES_UNKNOWN``, ``SUPPLIES_NOWHERE``.
    """
    with books.work(now, "send_supplies", on=(_ORDERS,)) as work:
        before = next((each for each in tables.supplies(work) if each.number == number), None)
        if before is None:
            raise SUPPLIES_UNKNOWN.because(f"nobody asked under {number}")
        if before.sent_on is not None:
            return before
        mine = [each for each in rows.lockboxes(work) if each.provider == before.provider]
        box = nearest_lockbox(mine, before.zip_code).post_office_box
        after = replace(before, post_office_box=box, cost_mills=cost_mills, sent_on=now.date())
        tables.put_supplies(work, before, after)
        DOCKET.satisfy(work, SUPPLY, record=_record_of(after), now=now, because="sent")
        sent = SuppliesSent(
            device="",
            issued_at=instant_text(now),
            sender=POSTAL_SERVICE,
            account=after.account,
            tickets=after.tickets,
            envelopes=after.envelopes,
            post_office_box=box,
            sent_on=now.date().isoformat(),
        )
        record = treasury_record(after.provider)
        DISPATCHES.send(work, sent, signer, recipient=after.provider, record=record, now=now)
        _note(work, after, "")
    return after


def nearest_lockbox(lockboxes: Sequence[Lockbox], zip_code: str) -> Lockbox:
    """The location nearest to a licensee, so that checks travel the shortest way.

    Nearness is that of the ZIP Codes: areas are numbered from east to west.

    Raises:
        Refused: ``SUPPLIES_NOWHERE``.
    """
    open_now = [
        each for each in lockboxes if each.status is LockboxStatus.APPROVED and each.post_office_box
    ]
    if not open_now:
        raise SUPPLIES_NOWHERE.because("no approved lockbox has a post office box")
    return min(open_now, key=lambda each: (_distance(each.post_office_box, zip_code), each.name))


def _distance(post_office_box: str, zip_code: str) -> int:
    found = _ZIP.search(post_office_box)
    return abs(int(found[1]) - int(zip_code[:5])) if found and zip_code[:5].isdigit() else 10**5


def _record_of(order: SuppliesOrder) -> str:
    return record_id("supplies", order.number)


def _note(work: Work, order: SuppliesOrder, command: str) -> None:
    inputs: dict[str, object] = {"provider": order.provider, "account": order.account}
    work.record(Act(command=command, record=_record_of(order), clauses=(_CLAUSE,), inputs=inputs))
