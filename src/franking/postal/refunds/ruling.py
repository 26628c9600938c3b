"""Ruling on requests: item by item at the post office, by amount for a withdrawn system.

What is granted of a piece that can be named is refunded in the same unit of work, once in the
whole chain; a piece that was mailed or refunded before is denied here, with the case about it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from franking.clock import instant_text
from franking.docket import Obligation, Swept
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.refunding import PiecesRefunded, RefundedPiece, RefundRuled
from franking.messages.signing import Signer
from franking.money import format_dollars
from franking.postal.certificates.tables import certificates_of
from franking.postal.pieces.decisions import Met
from franking.postal.pieces.marking import PIECE_LAW, mark_refunded, refusable
from franking.postal.pieces.records import Piece
from franking.postal.refunds import rows
from franking.postal.refunds.claiming import value_refunded
from franking.postal.refunds.decisions import (
    REFUND_CASE_UNKNOWN,
    is_value,
    receipt_day,
    require_decider,
    require_open,
    require_reason,
    ruled_on_items,
    ruled_on_value,
    weighed,
)
from franking.postal.refunds.filing import note, record_of
from franking.postal.refunds.records import (
    APPEAL,
    DESTROY,
    RULE,
    RULED,
    CaseItem,
    CaseStatus,
    Origin,
    RefundCase,
)
from franking.postal.schema import DISPATCHES, DOCKET
from franking.refunds.records import Item, Reason
from franking.storage import Books, Reading, Work

RECEIPT_UNFIT = Refusal(
    "RECEIPT_UNFIT",
    clause="DMM 604.9.2.8 (2008)",
    remedy="Give the day on which the ruling was received: not before it, and not in the future.",
    http_status=422,
)
NOT_BY_ITEMS = Refusal(
    "NOT_BY_ITEMS",
    clause="DMM 604.9.3.1 (2008)",
    remedy="Rule on value with franking refund-desk decide-value, on items with decide.",
    http_status=422,
)
VALUE_REFUNDED_BEFORE = Refusal(
    "VALUE_REFUNDED_BEFORE",
    clause="DMM 604.9.3.1 (2008)",
    remedy="Deny it: the value of a system is refunded once in its life.",
)
LINE_UNKNOWN = Refusal(
    "LINE_UNKNOWN",
    clause="policy",
    remedy="See the lines of its items: franking refund-desk show NUMBER.",
    http_status=422,
)
_PIECES_IN_MESSAGE = 250
"""So many fit into one message, whatever they say."""


def rule_on_items(
    books: Books,
    signer: Signer,
    number: int,
    *,
    because: str,
    now: datetime,
    deny: Mapping[int, str] | None = None,
    hours: int = 1,
) -> RefundCase:
    """Grant every item that nothing is against, and deny the others; ``deny``: lines and why.

    ``hours`` is what processing took, where the charge is by the hour.

    Raises:
        Refused: ``REFUND_CASE_UNKNOWN``, ``NOT_THE_DECIDER``, ``REFUND_RULED``, ``NOT_BY_ITEMS``,
            ``RULING_WITHOUT_REASON``, ``LINE_UNKNOWN``.
    """
    record = record_id("refund", number)
    with books.work(now, "rule_on_items", on=(record,)) as work:
        before = require_case(work, number)
        right = _require_right(work, books, before, now)
        if is_value(before):
            raise NOT_BY_ITEMS.because(f"case {number} is about the value of {before.device}")
        require_reason(because)
        items = rows.items_of(work, number)
        items = weighed(items, _denied(items, deny or {}, because))
        items = refund_pieces(work, before, items, now)
        after = ruled_on_items(
            before, items, by=books.by.name, because=because, on=now.date(), hours=hours
        )
        after = _settled(after)
        rows.judge_items(work, items)
        rows.change_case(work, before, after)
        DOCKET.satisfy(work, RULE, record=record, now=now, because=str(after.status))
        _open_what_follows(work, after, now)
        tell_pieces(work, signer, after, items, now)
        note(work, after, f"ruled: {_words(after)}", by=books.by.name, because=right, now=now)
    return after


def preview_items(
    books: Books, number: int, *, deny: Mapping[int, str] | None = None
) -> list[CaseItem]:
    """What a ruling would grant and deny, item by item, with nothing written.

    Raises:
        Refused: ``REFUND_CASE_UNKNOWN``, ``AWAITING_CAUSE_REPORT``, ``REFUND_RULED``,
            ``LINE_UNKNOWN``.
    """
    with books.reading() as reading:
        require_open(require_case(reading, number))
        items = rows.items_of(reading, number)
        found = weighed(items, _denied(items, deny or {}, "denied"))
        wanted = [piece for each in found if each.granted and (piece := piece_of(each.item))]
        against = refusable(reading, wanted)
    return [
        replace(each, granted=False, reasons=(*each.reasons, _against(against[piece])))
        if each.granted and (piece := piece_of(each.item)) in against
        else each
        for each in found
    ]


def rule_on_value(
    books: Books, signer: Signer, number: int, *, granted_mills: int, because: str, now: datetime
) -> RefundCase:
    """Decide whether and how much of a withdrawn system's value is refunded; tell its provider.

    Raises:
        Refused: ``REFUND_CASE_UNKNOWN``, ``AWAITING_CAUSE_REPORT``, ``NOT_THE_DECIDER``,
            ``REFUND_RULED``, ``NOT_BY_ITEMS``, ``FAULT_CAUSED_BY_USER``,
            ``REFUND_EXCEEDS_REQUEST``, ``RULING_WITHOUT_REASON``, ``VALUE_REFUNDED_BEFORE``.
    """
    record = record_id("refund", number)
    with books.work(now, "rule_on_value") as work:
        before = require_case(work, number)
        right = _require_right(work, books, before, now)
        if not is_value(before):
            raise NOT_BY_ITEMS.because(f"case {number} is about items")
        require_reason(because)
        if granted_mills and (already := value_refunded(work, before.device)):
            raise VALUE_REFUNDED_BEFORE.because(f"{before.device}: {already}")
        after = ruled_on_value(
            before,
            granted_mills=granted_mills,
            by=books.by.name,
            because=because,
            on=now.date(),
        )
        rows.change_case(work, before, after)
        DOCKET.satisfy(work, RULE, record=record, now=now, because="ruled on")
        tell_ruling(work, signer, after, now, on_appeal=False)
        note(work, after, f"ruled: {_words(after)}", by=books.by.name, because=right, now=now)
    return after


def note_receipt(books: Books, number: int, *, received_on: date, now: datetime) -> RefundCase:
    """Note when a requester received the ruling: the days to appeal run from then.

    Raises:
        Refused: ``REFUND_CASE_UNKNOWN``, ``RECEIPT_UNFIT``.
    """
    record = record_id("refund", number)
    with books.work(now, "note_ruling_receipt", on=(record,)) as work:
        before = require_case(work, number)
        if before.status not in RULED or before.ruled_on is None:
            raise RECEIPT_UNFIT.because(f"case {number} is {before.status}")
        if not before.ruled_on <= received_on <= now.date():
            raise RECEIPT_UNFIT.because(f"{received_on} is not since the ruling, or not yet")
        if before.received_on not in (None, received_on):
            raise RECEIPT_UNFIT.because(f"it was received on {before.received_on}")
        after = replace(before, received_on=received_on)
        rows.change_case(work, before, after)
        DOCKET.cancel(work, APPEAL, record=record, now=now, because="its receipt is known")
        _open_appeal(work, after, now)
        note(work, after, "ruling received", by=books.by.name, because=str(received_on), now=now)
    return after


def ruling_final(work: Work, missed: Sequence[Obligation], swept: Swept) -> None:
    """Nobody appealed in time: the rulings are final."""
    for obligation in missed:
        number = int(obligation.record.removeprefix("refund:"))
        before = require_case(work, number)
        if before.status in RULED:
            after = replace(before, status=CaseStatus.FINAL, final_on=swept.now.date())
            rows.change_case(work, before, after)
            owe_destruction(work, after, swept.now)
            note(work, after, "final", by="", because="not appealed in time", now=swept.now)


def require_case(books: Reading, number: int) -> RefundCase:
    """A request.

    Raises:
        Refused: ``REFUND_CASE_UNKNOWN``.
    """
    found = rows.find_case(books, number)
    if found is None:
        raise REFUND_CASE_UNKNOWN.because(f"there is no refund case {number}")
    return found


def refund_pieces(
    work: Work, case: RefundCase, items: Sequence[CaseItem], now: datetime
) -> list[CaseItem]:
    """Mark what is granted and can be named as refunded; what that meets is not granted."""
    items = _each_once(items)
    wanted = {piece: each for each in items if each.granted and (piece := piece_of(each.item))}
    marked = mark_refunded(
        work, list(wanted), source=source_of(case), provider=case.provider, now=now
    )
    against = {
        wanted[piece].line: Reason(
            code=found.kind.name, clause=PIECE_LAW, detail=f"case {found.number}: {found.detail}"
        )
        for piece, found in marked.refused.items()
    }
    return [
        replace(each, granted=False, reasons=(*each.reasons, against[each.line]))
        if each.line in against
        else each
        for each in items
    ]


def _each_once(items: Sequence[CaseItem]) -> list[CaseItem]:
    """The items, a piece that is among them twice granted in its first line only."""
    found: list[CaseItem] = []
    seen: set[Piece] = set()
    for each in items:
        piece = piece_of(each.item) if each.granted else None
        if piece in seen:
            twice = Reason(code="TWICE", clause=PIECE_LAW, detail=f"{piece.name} is here twice")
            found.append(replace(each, granted=False, reasons=(*each.reasons, twice)))
        else:
            found.append(each)
            seen |= {piece} if piece else set()
    return found


def source_of(case: RefundCase) -> str:
    """The record that gives pieces their fate: the case, or the provider's ruling."""
    if case.origin is Origin.PROVIDER:
        return record_id("ruling", f"{case.provider}/{case.provider_case}")
    return record_of(case)


def piece_of(item: Item) -> Piece | None:
    """The piece that an item is, where its indicium shows the ascending register."""
    if item.ascending_mills is None:
        return None
    return Piece(
        device=item.device,
        ascending_mills=item.ascending_mills,
        postage_mills=item.postage_mills,
    )


def tell_ruling(
    work: Work,
    signer: Signer,
    case: RefundCase,
    now: datetime,
    *,
    on_appeal: bool,
    items: Iterable[CaseItem] = (),
) -> None:
    """Tell a provider what was ruled on a case of its own; of indicia, which are granted."""
    message = RefundRuled(
        device=case.device,
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        case=case.provider_case,
        granted=case.granted_mills > 0,
        amount_mills=case.granted_mills,
        payout=case.payout,
        because=case.because,
        clause=case.clause,
        decided_by=case.ruled_by,
        decided_on=now.date().isoformat(),
        on_appeal=on_appeal,
        pieces=[_refunded(each.item) for each in items if each.granted],
    )
    DISPATCHES.send(work, message, signer, recipient=case.provider, record=record_of(case), now=now)


def tell_pieces(
    work: Work, signer: Signer, case: RefundCase, items: Iterable[CaseItem], now: datetime
) -> None:
    """Tell the providers of the devices which pieces the Postal Service refunded itself."""
    by_provider: dict[str, list[RefundedPiece]] = defaultdict(list)
    for each in items:
        if each.granted and each.item.ascending_mills is not None:
            for provider in _providers_of(work, each.item.device):
                by_provider[provider].append(_refunded(each.item))
    for provider, pieces in sorted(by_provider.items()):
        for start in range(0, len(pieces), _PIECES_IN_MESSAGE):
            some = pieces[start : start + _PIECES_IN_MESSAGE]
            _tell_some(work, signer, case, provider, some, now)


def owe_destruction(work: Work, case: RefundCase, now: datetime) -> None:
    """What was refunded and cannot be appealed any more is to be destroyed, by two people."""
    if case.granted_mills and case.origin is Origin.COUNTER:
        DOCKET.open(
            work,
            DESTROY,
            record=record_of(case),
            owed_by="Postal Service",
            rulebook=case.rulebook,
            start=now.date(),
            now=now,
        )


def _tell_some(
    work: Work,
    signer: Signer,
    case: RefundCase,
    provider: str,
    pieces: list[RefundedPiece],
    now: datetime,
) -> None:
    message = PiecesRefunded(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        case=str(case.number),
        pieces=pieces,
        refunded_on=now.date().isoformat(),
    )
    record = record_of(case)
    DISPATCHES.send(work, message, signer, recipient=provider, record=record, now=now)


def _require_right(work: Work, books: Books, case: RefundCase, now: datetime) -> str:
    require_open(case)
    named = rows.designations(work, district=case.district)
    return require_decider(
        case, by=books.by.name, role=books.by.role, designations=named, on=now.date()
    )


def _against(found: Met) -> Reason:
    return Reason(code=found.kind.name, clause=PIECE_LAW, detail=found.detail)


def _denied(items: Sequence[CaseItem], deny: Mapping[int, str], because: str) -> dict[int, Reason]:
    lines = {each.line for each in items}
    if unknown := sorted(set(deny) - lines):
        raise LINE_UNKNOWN.because(f"there are no lines {', '.join(map(str, unknown))}")
    return {
        line: Reason(code="DENIED", clause="DMM 604.9.2.8 (2008)", detail=why or because)
        for line, why in deny.items()
    }


def _settled(case: RefundCase) -> RefundCase:
    """A request that was granted whole is final: nothing is left to appeal."""
    if case.granted_mills < case.asked_mills:
        return case
    return replace(case, status=CaseStatus.FINAL, final_on=case.ruled_on)


def _open_what_follows(work: Work, case: RefundCase, now: datetime) -> None:
    if case.status is CaseStatus.FINAL:
        owe_destruction(work, case, now)
    else:
        _open_appeal(work, case, now)


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


def _words(case: RefundCase) -> str:
    granted, asked = format_dollars(case.granted_mills), format_dollars(case.asked_mills)
    return f"{granted} of {asked} granted"


def _providers_of(books: Reading, device: str) -> list[str]:
    return sorted({each.provider for each in certificates_of(books, device) if each.provider})


def _refunded(item: Item) -> RefundedPiece:
    return RefundedPiece(
        device=item.device,
        ascending_mills=item.ascending_mills or 0,
        postage_mills=item.postage_mills,
        date_shown=item.date_shown.isoformat() if item.date_shown else "",
        pic=item.pic,
    )
