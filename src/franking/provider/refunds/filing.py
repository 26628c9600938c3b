"""Taking a request for a refund, and what comes with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from franking import rules
from franking.docket.records import Opening
from franking.identifiers import record_id
from franking.provider.devices import notes
from franking.provider.devices import rows as device_rows
from franking.provider.devices.records import DeviceRecord, DeviceState
from franking.provider.licensing import rows as licensed
from franking.provider.licensing.records import HeardLicence
from franking.provider.refunds import decisions, rows, tenure
from franking.provider.refunds.records import (
    DECIDE,
    ENDED,
    REPORT_CAUSE,
    Case,
    CaseStatus,
    FiledItem,
    Filing,
    HeldEvidence,
    case_number,
)
from franking.provider.resetting import rows as resetting_rows
from franking.provider.resetting.lifecycle import LICENCE_UNKNOWN
from franking.provider.schema import DOCKET
from franking.refunds import navigator, payout
from franking.refunds.records import (
    EvidenceKind,
    Manner,
    Payout,
    Question,
    Route,
    RouteKind,
    System,
    Thing,
)
from franking.storage import Books, Reading, Work

NUMBERS = record_id("refund", "numbers")
"""The record that commands share which number a case."""
_TAKES_VALUE = frozenset({DeviceState.CHECKED_IN, DeviceState.ISSUED, DeviceState.IN_SERVICE})
"""Where a system stands to which value is transferred."""
_OPEN_SYSTEM = "open"
"""A system that prints with anybody's printer: PC Postage."""


def file_refund(books: Books, filing: Filing, now: datetime) -> Case:
    """Take a request, judge its items as of today, and say who decides by when.

    A system's value is asked for once; while that request is not denied, it is that one.

    Raises:
        Refused: ``REFUND_NOT_IN_RULEBOOK``, ``REFUND_FILED_ELSEWHERE``, ``REFUND_NOT_ENTITLED``,
            ``REFUND_MANNER_UNSUITABLE``, ``REFUND_EMPTY``, ``REFUND_ITEMS_TOO_MANY``,
            ``REFUND_ASKED_BEFORE``, ``REFUND_PAYOUT_UNSUITABLE``, ``REFUND_TARGET_UNSUITABLE``,
            ``LICENCE_UNKNOWN``.
    """
    today = now.date()
    book = navigator.rulebook_on(filing.question.rulebook, today)
    route = navigator.route_of(filing.question, today, rulebook=book)
    decisions.require_filed_here(route)
    decisions.require_requester(route, filing.question.requester)
    decisions.require_manner(route, filing.manner)
    _require_something(filing)
    _require_few(filing, book, today)
    with books.work(now, "file_refund", on=(NUMBERS,)) as work:
        licence = _require_licence(work, filing.licence)
        _require_user(work, filing)
        if filing.question.thing is Thing.VALUE:
            _require_first(work, filing.device)
        _require_payable(work, filing, route, book, today)
        case = _case(work, filing, route, book, licence, by=books.by.name, on=today)
        items = _judged(filing, route, case)
        rows.add_case(work, case)
        rows.add_items(work, case.number, items)
        rows.add_evidence(work, case.number, (*_of_itself(case), *filing.evidence))
        said = f"{case.route.value}; {len(items)} items" if items else f"{case.route.value}"
        rows.note(work, case, "filed", clause=route.clause, because=said, by=case.filed_by, now=now)
        _owe(work, case, now)
    return case


def add_evidence(
    books: Books, case: str, kind: EvidenceKind, *, document: str, digest: str = "", now: datetime
) -> Case:
    """Keep something that came for a case.

    Raises:
        Refused: ``REFUND_REQUEST_UNKNOWN``, ``REFUND_UNREASONED``, ``REFUND_STEP_UNSUITABLE``.
    """
    with books.reading() as reading:
        record = require_case(reading, case).record
    with books.work(now, "add_refund_evidence", on=(record,)) as work:
        found = require_case(work, case)
        if found.status not in (CaseStatus.FILED, CaseStatus.AWAITING_CAUSE):
            raise decisions.REFUND_STEP_UNSUITABLE.because(f"{found.id} is {found.status.value}")
        if not document.strip():
            raise decisions.REFUND_UNREASONED.because(f"nothing is said of the {kind.value}")
        came = HeldEvidence(
            kind=kind, document=document, digest=digest, on=now.date(), by=books.by.name
        )
        rows.add_evidence(work, found.number, [came])
        clause = decisions.route_of(found).clause
        told = f"{kind.value}: {document}"
        rows.note(work, found, "evidence", clause=clause, because=told, by=books.by.name, now=now)
    return found


def require_case(books: Reading, case: str) -> Case:
    """A case by its id.

    Raises:
        Refused: ``REFUND_REQUEST_UNKNOWN``.
    """
    number = case_number(case)
    found = None if number is None else rows.find_case(books, number)
    if found is None:
        raise decisions.REFUND_REQUEST_UNKNOWN.because(f"there is no request {case!r}")
    return found


def question_of_device(books: Reading, serial: str) -> Question:
    """What the books know of a system, as a question to the navigator.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``.
    """
    record = notes.require(books, serial)
    return Question(thing=Thing.VALUE, system=system_of(books, record), rulebook=record.rulebook)


def system_of(books: Reading, record: DeviceRecord) -> System:
    """Whether a device is part of a PC Postage system: an open one."""
    device = resetting_rows.find_device(books, record.serial)
    is_open = device is not None and device.system == _OPEN_SYSTEM
    return System.PC_POSTAGE if is_open else System.METER


def _require_something(filing: Filing) -> None:
    is_of_value = filing.question.thing is Thing.VALUE
    if (is_of_value and not filing.device) or (not is_of_value and not filing.items):
        raise decisions.REFUND_EMPTY.because("neither a system nor any item is named")
    named = [(each.device, each.ascending_mills) for each in filing.items]
    if None in {ascending for _, ascending in named}:
        raise decisions.REFUND_EMPTY.because("an item does not say its ascending register")
    if len(set(named)) != len(named):
        raise decisions.REFUND_ASKED_BEFORE.because("an item is in the request twice")


def _require_few(filing: Filing, book: str, today: date) -> None:
    most = rules.whole("refunds", book, today, "refund_items_max")
    if len(filing.items) > most:
        raise decisions.REFUND_ITEMS_TOO_MANY.because(f"{len(filing.items)}, more than {most}")


def _require_licence(books: Reading, number: str) -> HeardLicence:
    found = licensed.find_licence(books, number)
    if found is None:
        raise LICENCE_UNKNOWN.because(f"the Postal Service has told of no licence {number!r}")
    return found


def _require_user(books: Reading, filing: Filing) -> None:
    """Only who has, or had, the system under his licence asks for what it holds or printed."""
    named = {each.device for each in filing.items} | {filing.device} - {""}
    for serial in sorted(named - tenure.leased_under(books, filing.licence)):
        record = device_rows.find(books, serial)
        holds = record is not None and record.licence == filing.licence
        if not holds and filing.licence not in tenure.authorized_for(books, serial):
            raise decisions.REFUND_NOT_ENTITLED.because(
                f"{serial} is not, and was not, under licence {filing.licence}"
            )


def _require_first(books: Reading, serial: str) -> None:
    """The value of a system is asked for once, unless an earlier request was denied or is done."""
    for each in rows.cases(books, device=serial):
        if each.status not in ENDED:
            raise decisions.REFUND_ASKED_BEFORE.because(f"{each.id} is {each.status.value}")


def _require_payable(books: Reading, filing: Filing, route: Route, book: str, today: date) -> None:
    """Whether the way of being paid is one of the route; the floor is for when the amount is known.

    Raises:
        Refused: ``REFUND_PAYOUT_UNSUITABLE``, ``REFUND_TARGET_UNSUITABLE``.
    """
    if filing.payout not in route.payouts:
        payout.require_payout(route, filing.payout, 1, book, today)
    if (filing.payout is Payout.TRANSFER) is not bool(filing.target):
        raise decisions.TARGET_UNSUITABLE.because("a transfer, and nothing else, names a system")
    if filing.target:
        target = device_rows.find(books, filing.target)
        if target is None or target.licence != filing.licence or target.serial == filing.device:
            raise decisions.TARGET_UNSUITABLE.because(
                f"{filing.target} is not another system of licence {filing.licence}"
            )
        if target.state not in _TAKES_VALUE:
            raise decisions.TARGET_UNSUITABLE.because(f"{target.serial} is {target.state.value}")


def _case(
    work: Work,
    filing: Filing,
    route: Route,
    book: str,
    licence: HeardLicence,
    *,
    by: str,
    on: date,
) -> Case:
    asked = filing.question
    faulty = route.kind is RouteKind.FAULTY_VALUE
    total = sum(max(0, each.postage_mills) for each in filing.items)
    return Case(
        number=rows.next_case(work),
        route=route.kind,
        rulebook=book,
        status=CaseStatus.AWAITING_CAUSE if faulty else CaseStatus.FILED,
        licence=licence.number,
        licensee=licence.licensee,
        zip_code=licence.zip_code,
        device=filing.device,
        device_rulebook=asked.rulebook,
        system=asked.system,
        withdrawal=asked.withdrawal,
        returned=asked.returned,
        legible=asked.legible,
        requester=asked.requester,
        manner=filing.manner or route.manner,
        payout=filing.payout,
        target=filing.target,
        filed_on=on,
        filed_by=by,
        asked_mills=total or asked.amount_mills,
    )


def _judged(filing: Filing, route: Route, case: Case) -> tuple[FiledItem, ...]:
    return decisions.judged(
        filing.items,
        route,
        rulebook=case.rulebook,
        filed_on=case.filed_on,
        manner=case.manner,
    )


def _of_itself(case: Case) -> Iterable[HeldEvidence]:
    """What a request is evidence of by being made: electronic, or with its items."""
    made = {
        Manner.ELECTRONIC: EvidenceKind.ELECTRONIC_REQUEST,
        Manner.PHYSICAL: EvidenceKind.ITEMS,
    }.get(case.manner)
    if made is not None:
        yield HeldEvidence(
            kind=made, document="with the request", digest="", on=case.filed_on, by=case.filed_by
        )


def _owe(work: Work, case: Case, now: datetime) -> None:
    """Who has to act next, and by when."""
    awaits = case.status is CaseStatus.AWAITING_CAUSE
    owed: Sequence[str] = (REPORT_CAUSE,) if awaits else (DECIDE,)
    DOCKET.open_many(
        work,
        [
            Opening(
                duty=duty,
                record=case.record,
                owed_by="provider",
                rulebook=case.rulebook,
                start=case.filed_on,
                because=case.route.value,
            )
            for duty in owed
        ],
        now,
    )
