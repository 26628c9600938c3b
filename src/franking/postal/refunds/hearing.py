"""What providers send of refunds: value to be paid, rulings on PC Postage, claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.receiving import Dispatched, Hearer
from franking.messages.refunding import (
    RefundDecided,
    RefundedPiece,
    RefundForwarded,
    ReimbursementClaimed,
)
from franking.messages.signing import Signer
from franking.postal.refunds import rows
from franking.postal.refunds.claiming import take_claim, whose_else
from franking.postal.refunds.decisions import receipt_day, route_of
from franking.postal.refunds.filing import note, owe_ruling, record_of
from franking.postal.refunds.records import (
    APPEAL,
    CaseItem,
    CaseStatus,
    Origin,
    RefundCase,
)
from franking.postal.refunds.ruling import refund_pieces
from franking.postal.refunds.tables import CASES
from franking.postal.schema import DOCKET
from franking.refunds.navigator import rulebook_on
from franking.refunds.records import Item, Payout, Reason, RouteKind
from franking.storage import Work

REFUND_TOLD_BEFORE = Refusal(
    "REFUND_TOLD_BEFORE",
    clause="DMM 604.9.3.1 (2008)",
    remedy="A case is sent once; send what is new as a case of its own.",
)
REFUND_MESSAGE_UNFIT = Refusal(
    "REFUND_MESSAGE_UNFIT",
    clause="DMM 604.9.2.8 (2008)",
    remedy="Send a case of a kind that goes this way, with an amount and what it is about.",
    http_status=422,
)

_VALUE: Final = {
    "ordinary": RouteKind.METER_VALUE,
    "faulty": RouteKind.FAULTY_VALUE,
    "disaster": RouteKind.DISASTER_VALUE,
}
_RULED_BY_PROVIDERS: Final = frozenset(
    {RouteKind.PC_ELECTRONIC, RouteKind.PC_PHYSICAL, RouteKind.UNDATED_PC}
)


def take_forwarded(work: Work, message: RefundForwarded, _: Signer, now: datetime) -> None:
    """Value of a withdrawn system: to be ruled on, or held until its cause is reported (9.3.1).

    Sent again with the cause that was missing, the case is held no longer.

    Raises:
        Refused: ``REFUND_TOLD_BEFORE``, ``REFUND_MESSAGE_UNFIT``.
    """
    _require_own(work, message.sender, [message.device])
    before = rows.case_of(work, message.sender, message.case)
    if before is None:
        _open_value(work, message, now)
    elif before.status is CaseStatus.AWAITING_CAUSE and message.cause.strip():
        caused = message.caused_by_user
        filed = CaseStatus.FILED
        after = replace(before, status=filed, cause=message.cause, caused_by_user=caused)
        rows.change_case(work, before, after)
        owe_ruling(work, after, owed_by=route_of(after).decider.value, now=now)
        note(work, after, "cause reported", by=message.sender, because=message.cause, now=now)
    else:
        raise REFUND_TOLD_BEFORE.because(f"{message.case} of {message.sender} is {before.status}")


def take_decided(work: Work, message: RefundDecided, _: Signer, now: datetime) -> None:
    """A provider's ruling on PC Postage: granted pieces are refunded, denied ones appealable.

    A piece that was mailed, or refunded by anybody, opens a case and counts as not granted.

    Raises:
        Refused: ``REFUND_TOLD_BEFORE``, ``REFUND_MESSAGE_UNFIT``.
    """
    if rows.case_of(work, message.sender, message.case) is not None:
        raise REFUND_TOLD_BEFORE.because(f"{message.case} of {message.sender} is here")
    _require_own(work, message.sender, [piece.device for piece in message.pieces])
    case = _ruled_case(work, message)
    items = refund_pieces(work, case, _items(case, message), now)
    granted = sum(each.item.postage_mills for each in items if each.granted)
    case = replace(case, granted_mills=granted)
    rows.add_case(work, case)
    rows.add_items(work, items)
    if not message.granted:
        _open_appeal(work, case, now)
    event = "granted by its provider" if message.granted else "denied by its provider"
    note(work, case, event, by=message.decided_by, because=message.because, now=now)


def _require_own(work: Work, provider: str, devices: Iterable[str]) -> None:
    """A provider refunds nothing of another provider's devices."""
    for device in sorted(set(devices)):
        if whose := whose_else(work, device, provider):
            raise REFUND_MESSAGE_UNFIT.because(whose)


def _open_value(work: Work, message: RefundForwarded, now: datetime) -> None:
    route = _VALUE.get(message.withdrawn_because)
    if route is None or message.amount_mills == 0 or not message.device:
        raise REFUND_MESSAGE_UNFIT.because(
            f"{message.amount_mills} mills of {message.device!r}, {message.withdrawn_because}"
        )
    waits = route is RouteKind.FAULTY_VALUE and not message.cause.strip()
    case = RefundCase(
        number=rows.next_number(work, CASES),
        origin=Origin.FORWARDED,
        route=route,
        rulebook=rulebook_on(message.rulebook, now.date()),
        provider=message.sender,
        provider_case=message.case,
        device=message.device,
        licence=message.licence,
        requester=message.licensee,
        office=message.zip_code,
        filed_on=now.date(),
        asked_mills=message.amount_mills,
        wanted=Payout(message.payout),
        basis=message.basis,
        cause=message.cause,
        caused_by_user=message.caused_by_user,
        documents=(*message.documents, _examination(message)),
        status=CaseStatus.AWAITING_CAUSE if waits else CaseStatus.FILED,
    )
    rows.add_case(work, case)
    if not waits:
        owe_ruling(work, case, owed_by=route_of(case).decider.value, now=now)
    event = "forwarded, without the cause" if waits else "forwarded"
    note(work, case, event, by=message.sender, because=message.finding, now=now)


def _examination(message: RefundForwarded) -> str:
    return f"examined on {message.examined_on} by {message.examiner}: {message.finding}"


def _ruled_case(work: Work, message: RefundDecided) -> RefundCase:
    route = RouteKind(message.route)
    if route not in _RULED_BY_PROVIDERS or not message.pieces:
        raise REFUND_MESSAGE_UNFIT.because(f"{message.case}: {len(message.pieces)} of {route}")
    decided_on = date.fromisoformat(message.decided_on)
    return RefundCase(
        number=rows.next_number(work, CASES),
        origin=Origin.PROVIDER,
        route=route,
        rulebook=rulebook_on("", decided_on),
        provider=message.sender,
        provider_case=message.case,
        licence=message.licence,
        requester=message.licensee,
        office=message.zip_code,
        filed_on=decided_on,
        asked_mills=sum(piece.postage_mills for piece in message.pieces),
        wanted=Payout.PROVIDER,
        documents=(f"criteria {message.criteria}",),
        status=CaseStatus.GRANTED if message.granted else CaseStatus.DENIED,
        payout=Payout.PROVIDER.value if message.granted else "",
        because=message.because,
        clause=message.clause,
        ruled_by=message.decided_by,
        ruled_on=decided_on,
    )


def _items(case: RefundCase, message: RefundDecided) -> list[CaseItem]:
    denied = Reason(code="DENIED", clause=message.clause, detail=message.because)
    reasons = () if message.granted else (denied,)
    return [
        CaseItem(
            case=case.number,
            line=line,
            item=_item(piece),
            reasons=reasons,
            granted=message.granted,
        )
        for line, piece in enumerate(message.pieces, start=1)
    ]


def _item(piece: RefundedPiece) -> Item:
    return Item(
        device=piece.device,
        postage_mills=piece.postage_mills,
        ascending_mills=piece.ascending_mills,
        date_shown=date.fromisoformat(piece.date_shown) if piece.date_shown else None,
        pic=piece.pic,
    )


def _open_appeal(work: Work, case: RefundCase, now: datetime) -> None:
    DOCKET.open(
        work,
        APPEAL,
        record=record_of(case),
        owed_by=case.requester,
        rulebook=case.rulebook,
        start=receipt_day(case),
        now=now,
        because=case.because,
    )


def _about(message: RefundForwarded | RefundDecided) -> str:
    return record_id("ruling", f"{message.sender}/{message.case}")


def _claim(message: Dispatched) -> str:
    return record_id("provider", message.sender)


# Cases are numbered one after the other, and pieces are of many devices: nobody else meanwhile.
HEARERS = (
    Hearer(RefundForwarded, _about, take_forwarded, alone=True),
    Hearer(RefundDecided, _about, take_decided, alone=True),
    Hearer(ReimbursementClaimed, _claim, take_claim, alone=True),
)
