"""Lockbox accounts: approved or not, and what is agreed with their banks (501.28(e), 1995)."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from franking.bank_files.routing import is_routing_number
from franking.clock import instant_text
from franking.errors import Refusal
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import LockboxAgreed, LockboxDecided, LockboxOffered
from franking.messages.receiving import Dispatched
from franking.messages.signing import Signer
from franking.postal.schema import DISPATCHES, DOCKET
from franking.postal.treasury import rows
from franking.postal.treasury.records import (
    DECIDE_LOCKBOX,
    Lockbox,
    LockboxStatus,
    Terms,
    treasury_record,
)
from franking.storage import Act, Books, Reading, Work

LOCKBOX_UNKNOWN = Refusal(
    "LOCKBOX_UNKNOWN",
    clause="39 CFR 501.28(e)(1) (1995)",
    remedy="See the lockbox accounts: franking treasury lockboxes.",
    http_status=404,
)
LOCKBOX_MAY_NOT_MOVE = Refusal(
    "LOCKBOX_MAY_NOT_MOVE",
    clause="39 CFR 501.28(e)(1) (1995)",
    remedy="See where it stands: franking treasury lockboxes.",
)
LOCKBOX_NOT_POSTAL = Refusal(
    "LOCKBOX_NOT_POSTAL",
    clause="39 CFR 501.28(e)(1) (1995)",
    remedy="Have the account opened in the name of the Postal Service, and offer it again.",
    http_status=422,
)
LOCKBOX_TERMS_UNFIT = Refusal(
    "LOCKBOX_TERMS_UNFIT",
    clause="39 CFR 501.28(e)(2), (4) (1995)",
    remedy="Give times as HH:MM, the bank's time zone, a toll-free number and a representative.",
    http_status=422,
)
_APPROVAL = "39 CFR 501.28(e)(1) (1995)"
_TERMS = "39 CFR 501.28(e)(2), (4), (6) (1995)"
_METER = "meter-1995"
_APPROVALS = "lockboxes:approvals"
"""The record whose lock gives approvals their numbers one by one."""
_TOLL_FREE: Final = re.compile(r"(?:1-)?8(?:00|22|33|44|55|66|77|88)-\d{3}-\d{4}", re.ASCII)
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def take_offer(work: Work, message: LockboxOffered, _: Signer, now: datetime) -> None:
    """A provider put a lockbox account up for approval; the same one again changes nothing.

    Raises:
        Refused: ``LOCKBOX_NOT_POSTAL`` where it is in another name, its routing number is none, or
            the bank does not say each banking day what it received.
    """
    _require_postal(message)
    offered = Lockbox(
        provider=message.sender,
        bank=message.bank,
        routing=message.routing,
        account=message.account,
        title=message.title,
        offered_on=now.date(),
    )
    before = rows.find_lockbox(work, routing=message.routing, account=message.account)
    if before is not None and before.provider != message.sender:
        raise LOCKBOX_NOT_POSTAL.because(f"account {message.account} serves another provider")
    if before is None or before.status in (LockboxStatus.REFUSED, LockboxStatus.WITHDRAWN):
        rows.put_lockbox(work, before, offered)
        DOCKET.open(
            work,
            DECIDE_LOCKBOX,
            record=treasury_record(message.sender),
            owed_by="Postal Service",
            rulebook=_METER,
            start=now.date(),
            now=now,
            because=f"{message.bank}, account {message.account}",
        )
    _record(work, offered, "offer_lockbox_heard", _APPROVAL, bank=message.bank)


def decide_lockbox(
    books: Books,
    signer: Signer,
    *,
    routing: str,
    account: str,
    approved: bool,
    because: str,
    now: datetime,
) -> Lockbox:
    """Approve a lockbox account, or refuse it; the provider is told (501.28(e)(1)).

    Raises:
        Refused: ``LOCKBOX_UNKNOWN``, ``LOCKBOX_MAY_NOT_MOVE``.
    """
    to = LockboxStatus.APPROVED if approved else LockboxStatus.REFUSED
    provider = find_lockbox(books, routing=routing, account=account).provider
    with books.work(now, "decide_lockbox", on=(treasury_record(provider), _APPROVALS)) as work:
        before = _require(work, routing, account)
        if before.status is not LockboxStatus.OFFERED:
            raise LOCKBOX_MAY_NOT_MOVE.because(f"account {account} is {before.status.value}")
        after = replace(
            before,
            status=to,
            approval=_next_approval(work) if approved else "",
            decided_by=books.by.name,
            decided_on=now.date(),
            because=because,
        )
        rows.put_lockbox(work, before, after)
        record = treasury_record(provider)
        DOCKET.satisfy(work, DECIDE_LOCKBOX, record=record, now=now, because=to.value)
        _send(work, signer, after, _decided(after, now), now)
        _record(work, after, "decide_lockbox", _APPROVAL, status=to.value, because=because)
    return after


def agree_terms(
    books: Books, signer: Signer, *, routing: str, account: str, terms: Terms, now: datetime
) -> Lockbox:
    """Set down the bank's times with a provider, and its contacts; the provider is told.

    Raises:
        Refused: ``LOCKBOX_UNKNOWN``, ``LOCKBOX_MAY_NOT_MOVE``, ``LOCKBOX_TERMS_UNFIT``.
    """
    _require_fit(terms)
    provider = find_lockbox(books, routing=routing, account=account).provider
    with books.work(now, "agree_terms", on=(treasury_record(provider),)) as work:
        before = _require(work, routing, account)
        if before.status is not LockboxStatus.APPROVED:
            raise LOCKBOX_MAY_NOT_MOVE.because(f"account {account} is {before.status.value}")
        after = replace(before, **asdict(terms), agreed_on=now.date())
        rows.put_lockbox(work, before, after)
        _send(work, signer, after, _agreed(after, now), now)
        _record(work, after, "agree_terms", _TERMS, terms=asdict(terms))
    return after


def find_lockbox(books: Books, *, routing: str, account: str) -> Lockbox:
    """A lockbox account.

    Raises:
        Refused: ``LOCKBOX_UNKNOWN``.
    """
    with books.reading() as reading:
        return _require(reading, routing, account)


def _require_postal(offered: LockboxOffered) -> None:
    wrong = []
    if POSTAL_SERVICE.casefold() not in offered.title.casefold():
        wrong.append(f"it is in the name of {offered.title!r}")
    if not is_routing_number(offered.routing):
        wrong.append(f"{offered.routing!r} is no routing number")
    if not offered.reports_each_banking_day:
        wrong.append("the bank does not say each banking day what it received")
    if wrong:
        raise LOCKBOX_NOT_POSTAL.because("; ".join(wrong))


def _require_fit(terms: Terms) -> None:
    clocks = {"cutoff": terms.cutoff_time, "transmission": terms.transmission_time}
    wrong = [f"{name} time {at!r}" for name, at in clocks.items() if not _CLOCK.fullmatch(at)]
    if not wrong and time.fromisoformat(terms.transmission_time) <= time.fromisoformat(
        terms.cutoff_time
    ):
        wrong.append("the file is sent before the cutoff")
    if not _is_zone(terms.timezone):
        wrong.append(f"time zone {terms.timezone!r}")
    if not _TOLL_FREE.fullmatch(terms.toll_free):
        wrong.append(f"toll-free number {terms.toll_free!r}")
    wrong += [
        f"no {name.replace('_', ' ')}"
        for name in ("representative", "post_office_box")
        if not getattr(terms, name).strip()
    ]
    if wrong:
        raise LOCKBOX_TERMS_UNFIT.because("; ".join(wrong))


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _require(reading: Reading, routing: str, account: str) -> Lockbox:
    found = rows.find_lockbox(reading, routing=routing, account=account)
    if found is None:
        raise LOCKBOX_UNKNOWN.because(f"no account {account} at {routing} was offered")
    return found


def _next_approval(work: Work) -> str:
    given = [each for each in rows.lockboxes(work) if each.approval]
    return f"LB-{len(given) + 1:04}"


def _decided(lockbox: Lockbox, now: datetime) -> LockboxDecided:
    return LockboxDecided(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        approval=lockbox.approval,
        bank=lockbox.bank,
        routing=lockbox.routing,
        account=lockbox.account,
        because=lockbox.because,
    )


def _agreed(lockbox: Lockbox, now: datetime) -> LockboxAgreed:
    return LockboxAgreed(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        bank=lockbox.bank,
        routing=lockbox.routing,
        timezone=lockbox.timezone,
        cutoff_time=lockbox.cutoff_time,
        transmission_time=lockbox.transmission_time,
        post_office_box=lockbox.post_office_box,
        toll_free=lockbox.toll_free,
        representative=lockbox.representative,
        since=now.date().isoformat(),
    )


def _send(work: Work, signer: Signer, lockbox: Lockbox, message: Dispatched, now: datetime) -> None:
    record = treasury_record(lockbox.provider)
    DISPATCHES.send(work, message, signer, recipient=lockbox.provider, record=record, now=now)


def _record(work: Work, lockbox: Lockbox, command: str, clause: str, **inputs: object) -> None:
    given: dict[str, object] = {"lockbox": lockbox.name, **inputs}
    record = treasury_record(lockbox.provider)
    work.record(Act(command=command, record=record, clauses=(clause,), inputs=given))
