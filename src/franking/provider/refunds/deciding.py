"""Granting, denying, forwarding: what the provider decides, and what it passes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from franking.docket.records import Opening
from franking.errors import Refusal
from franking.messages.signing import Signer
from franking.provider.devices import rows as device_rows
from franking.provider.refunds import decisions, examined, money, rows
from franking.provider.refunds.filing import NUMBERS, require_case
from franking.provider.refunds.records import (
    APPEAL,
    DECIDE,
    REPORT_CAUSE,
    Case,
    CaseStatus,
    FiledItem,
    Span,
)
from franking.provider.refunds.sitting import (
    Sitting,
    deny,
    expect_appeal,
    piece_of,
    tell_decided,
)
from franking.provider.refunds.valuing import decide_value, forward
from franking.provider.resetting import rows as resetting_rows
from franking.provider.schema import DOCKET
from franking.refunds.records import Decider
from franking.storage import Books

RECEIPT_DAY_IMPOSSIBLE = Refusal(
    "REFUND_RECEIPT_DAY_IMPOSSIBLE",
    clause="DMM 604.9.2.8d (2008)",
    remedy="Give the day on which the user received the ruling: not before it, not after today.",
    http_status=422,
)
_NOT_NORMALLY = "undated PC Postage is not normally refunded; no extraordinary circumstances"


class _Rehearsed(Exception):
    """Ends a unit of work that is only tried; nothing of it stays."""

    def __init__(self, case: Case) -> None:
        super().__init__(case.id)
        self.case = case


def decide_refund(
    books: Books,
    signer: Signer,
    case: str,
    *,
    now: datetime,
    denied: str = "",
    exceptionally: str = "",
    stated_mills: int | None = None,
    dry_run: bool = False,
) -> Case:
    """Decide a case by its criteria, or deny it for a reason in words.

    Items are granted or not one by one. ``exceptionally`` says why undated PC Postage is refunded
    all the same (9.3.5). ``stated_mills`` is the value of a system that cannot be read, as the
    provider determined it from documents (9.3.1). What the Postal Service decides or pays is
    forwarded to it. A dry run tells what would be decided, and leaves nothing.

    Raises:
        Refused: ``REFUND_REQUEST_UNKNOWN``, ``REFUND_STEP_UNSUITABLE``,
            ``REFUND_CAUSE_UNREPORTED``, ``REFUND_EVIDENCE_MISSING``,
            ``REFUND_SYSTEM_NOT_EXAMINED``, ``REFUND_CHECK_BELOW_FLOOR``,
            ``REFUND_VALUE_NOT_IN_BOOKS``.
    """
    on = (_record(books, case),)
    try:
        with books.work(now, "decide_refund", on=on) as work:
            sitting = Sitting(work, signer, books.by.name, now)
            found = require_case(work, case)
            decisions.require_open(found)
            after = _decided(sitting, found, denied, exceptionally, stated_mills)
            because = after.status.value
            DOCKET.satisfy(work, DECIDE, record=found.record, now=now, because=because)
            if dry_run:
                raise _Rehearsed(after)
    except _Rehearsed as rehearsed:
        return rehearsed.case
    return after


def report_cause(
    books: Books,
    signer: Signer,
    case: str,
    *,
    cause: str,
    caused_by_user: bool,
    now: datetime,
    recommended_mills: int | None = None,
) -> Case:
    """Report to the Postal Service why a system was faulty; it determines what is refunded (9.3.1).

    ``recommended_mills`` is given where the examined registers do not tell the amount.

    Raises:
        Refused: ``REFUND_REQUEST_UNKNOWN``, ``REFUND_STEP_UNSUITABLE``, ``REFUND_UNREASONED``,
            ``REFUND_SYSTEM_NOT_EXAMINED``, ``REFUND_EVIDENCE_MISSING``.
    """
    with books.work(now, "report_refund_cause", on=(_record(books, case),)) as work:
        found = require_case(work, case)
        if found.status is not CaseStatus.AWAITING_CAUSE:
            raise decisions.REFUND_STEP_UNSUITABLE.because(f"{found.id} is {found.status.value}")
        if not cause.strip():
            raise decisions.REFUND_UNREASONED.because("no cause is told")
        sitting = Sitting(work, signer, books.by.name, now)
        seen = examined.require_examined(work, found.device, licence=found.licence)
        decisions.require_evidence(found, sitting.held(found))
        amount = seen.unused_mills if recommended_mills is None else recommended_mills
        after = forward(sitting, found, seen, amount, cause=cause, caused_by_user=caused_by_user)
        because = "reported to the Postal Service"
        DOCKET.satisfy(work, REPORT_CAUSE, record=found.record, now=now, because=because)
    return after


def note_receipt(books: Books, case: str, *, received_on: date, now: datetime) -> Case:
    """Note the day on which the user received a ruling against him: his 30 days run from it.

    Raises:
        Refused: ``REFUND_REQUEST_UNKNOWN``, ``REFUND_STEP_UNSUITABLE``,
            ``REFUND_RECEIPT_DAY_IMPOSSIBLE``.
    """
    with books.work(now, "note_refund_receipt", on=(_record(books, case),)) as work:
        found = require_case(work, case)
        if found.status is not CaseStatus.DENIED or found.decided_on is None:
            raise decisions.REFUND_STEP_UNSUITABLE.because(f"{found.id} is {found.status.value}")
        if not found.decided_on <= received_on <= now.date():
            raise RECEIPT_DAY_IMPOSSIBLE.because(
                f"it was decided on {found.decided_on}, and today is {now.date()}"
            )
        because = f"received on {received_on.isoformat()}"
        DOCKET.cancel(work, APPEAL, record=found.record, now=now, because=because)
        owed = Opening(
            duty=APPEAL,
            record=found.record,
            owed_by=f"licensee:{found.licence}",
            rulebook=found.rulebook,
            start=received_on,
            because=because,
        )
        DOCKET.open_many(work, [owed], now)
        rows.note(
            work,
            found,
            "ruling received",
            clause=found.clause,
            because=because,
            by=books.by.name,
            now=now,
        )
    return found


def _record(books: Books, case: str) -> str:
    with books.reading() as reading:
        return require_case(reading, case).record


def _decided(
    sitting: Sitting, case: Case, denied: str, exceptionally: str, stated_mills: int | None
) -> Case:
    if denied.strip():
        return deny(sitting, case, denied)
    if case.is_of_value:
        return decide_value(sitting, case, stated_mills)
    if decisions.route_of(case).denied_by_default and not exceptionally.strip():
        return deny(sitting, case, _NOT_NORMALLY)
    decisions.require_evidence(case, sitting.held(case))
    return _decide_items(sitting, case, exceptionally)


def _decide_items(sitting: Sitting, case: Case, exceptionally: str) -> Case:
    """Refund what nothing speaks against; the rest becomes a request of its own, and is denied."""
    items = rows.items_of(sitting.work, case.number)
    sitting.wait_for_devices({each.item.device for each in items})
    granted, against = decisions.without(
        items, _refunded(sitting, items), _reported(sitting, items)
    )
    if not granted:
        return deny(sitting, case, decisions.summary(granted, against))
    because = ". ".join(filter(None, (exceptionally, decisions.summary(granted, against))))
    if against:
        _deny_rest(sitting, case, items, granted, ". ".join(against))
    return refund_items(sitting, case, granted, because)


def _refunded(sitting: Sitting, items: list[FiledItem]) -> list[Span]:
    """What was refunded of these devices, where these items may touch it."""
    spans = [each.span for each in items]
    return [
        span
        for device in sorted({each.device for each in spans})
        for span in rows.refunded_spans(
            sitting.work,
            device,
            above=min(each.above_mills for each in spans if each.device == device),
            up_to=max(each.up_to_mills for each in spans if each.device == device),
        )
    ]


def _reported(sitting: Sitting, items: list[FiledItem]) -> dict[str, int]:
    """How far each device has said that its ascending register stands."""
    found = {}
    for serial in {each.item.device for each in items}:
        device = resetting_rows.find_device(sitting.work, serial)
        record = device_rows.find(sitting.work, serial)
        read = record.ascending_mills if record else 0
        found[serial] = max(read, device.registers.ascending_mills if device else 0)
    return found


def refund_items(sitting: Sitting, case: Case, granted: list[FiledItem], because: str) -> Case:
    """Refund pieces: noted for good, paid, and told to the Postal Service unless it decided."""
    clause, today = decisions.route_of(case).clause, sitting.now.date()
    amount = sum(each.item.postage_mills for each in granted)
    ruling = sitting.ruling(granted=True, amount_mills=amount, because=because, clause=clause)
    after = replace(decisions.ruled(case, ruling, CaseStatus.PAID), settled_on=today)
    pieces = [piece_of(each) for each in granted]
    name = sitting.signer.name
    rows.note_refunded(sitting.work, pieces, case=case.id, by=name, on=today)
    money.take_postage(sitting.work, after, sitting.now)
    money.pay(sitting.work, after, after.payout, sitting.now)
    kept = sitting.keep(case, after, "refunded")
    if sitting.decider is Decider.PROVIDER:
        tell_decided(sitting, kept, granted)
    return kept


def _deny_rest(
    sitting: Sitting, case: Case, items: list[FiledItem], granted: list[FiledItem], because: str
) -> None:
    """The items not refunded, as a request of their own: so that they can be appealed."""
    sitting.work.wait_for(NUMBERS)
    taken = {each.ordinal for each in granted}
    rest = [each for each in items if each.ordinal not in taken]
    clause = decisions.route_of(case).clause
    ruling = sitting.ruling(granted=False, amount_mills=0, because=because, clause=clause)
    total = sum(max(0, each.item.postage_mills) for each in rest)
    part = replace(case, number=rows.next_case(sitting.work), asked_mills=total)
    denied = decisions.ruled(part, ruling, CaseStatus.DENIED)
    rows.add_case(sitting.work, denied)
    rows.add_items(sitting.work, denied.number, rest)
    said = f"the rest of {case.id}: {because}"
    rows.note(
        sitting.work, denied, "denied", clause=clause, because=said, by=sitting.by, now=sitting.now
    )
    tell_decided(sitting, denied, rest)
    expect_appeal(sitting, denied)
