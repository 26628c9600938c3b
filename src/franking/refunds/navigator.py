"""Which way a refund goes, told before anything is filed. Pure.

One question has one route: by what is asked back, by the kind of system, and by whether the
indicium shows a date and a Product Identification Code. On an indicium with both, two clocks tick:
the physical one from the date shown, the electronic one from printing; the PIC decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from franking import rules
from franking.errors import Refusal
from franking.refunds import payout
from franking.refunds.records import (
    RULEBOOK,
    Advice,
    AppealRoute,
    Clock,
    Evidence,
    EvidenceKind,
    Obstacle,
    Question,
    Route,
    RouteKind,
    System,
    Thing,
    Withdrawal,
)
from franking.refunds.routes import RECONSTRUCTED, ROUTES
from franking.rules.calendars import due
from franking.rules.rulebooks import rulebook as named_rulebook

REFUND_NOT_IN_RULEBOOK = Refusal(
    "REFUND_NOT_IN_RULEBOOK",
    clause="73 FR 26353 (9 May 2008)",
    remedy="Ask the postmaster of the licensing post office: DMM P014 is not one of our documents.",
    http_status=404,
)
REFUND_QUESTION_UNCLEAR = Refusal(
    "REFUND_QUESTION_UNCLEAR",
    clause="DMM 604.9.3.3b (2008)",
    remedy="Name one of the services whose codes count, or leave the PIC out.",
    http_status=422,
)
_DAY_MISSING = "REFUND_DAY_UNKNOWN"


def rulebook_on(device_rulebook: str, on: date) -> str:
    """By which rules a refund is judged: 2008 once it is open, before it those of the device."""
    opened = named_rulebook(RULEBOOK).opens
    return RULEBOOK if on >= opened or not device_rulebook else device_rulebook


def kind_of(question: Question) -> RouteKind:
    """What kind of refund a question is about (9.2.8: by the type of postage)."""
    match question.thing:
        case Thing.BALANCE:
            return RouteKind.BALANCE
        case Thing.VALUE:
            return _value_kind(question)
        case Thing.INDICIA:
            return _indicia_kind(question)


def route_of(
    question: Question, on: date, *, rulebook: str = "", kind: RouteKind | None = None
) -> Route:
    """The one route of a question, under a rulebook or that of the day.

    ``kind`` is its kind, where that was found before.

    Raises:
        Refused: ``REFUND_NOT_IN_RULEBOOK``.
    """
    book = rulebook or rulebook_on(question.rulebook, on)
    kind = kind or kind_of(question)
    if kind is RouteKind.DISASTER_VALUE and kind not in ROUTES[book]:
        kind = RouteKind.METER_VALUE
    found = ROUTES.get(book, {}).get(kind)
    if found is None:
        raise REFUND_NOT_IN_RULEBOOK.because(f"{book} says nothing on {kind.value}")
    return found


def advise(question: Question, on: date, *, rulebook: str = "") -> Advice:
    """Which clock applies, who decides, what evidence, the last day, what is paid and how.

    Raises:
        Refused: ``REFUND_NOT_IN_RULEBOOK``, ``REFUND_QUESTION_UNCLEAR``,
            ``REFUND_AMOUNT_NOT_POSITIVE``.
    """
    book = rulebook or rulebook_on(question.rulebook, on)
    _require_clear(question, book, on)
    route = route_of(question, on, rulebook=book)
    last_day = last_day_of(route, book, on, question.date_shown, question.printed_on)
    return Advice(
        route=route,
        rulebook=book,
        on=on,
        last_day=last_day,
        evidence=evidence_for(route, question),
        payouts=payout.options(route, question.amount_mills, book, on),
        amount_mills=question.amount_mills,
        charge_mills=payout.charge(route, question.amount_mills, book, on),
        appeal=appeal_of(route, book, on),
        obstacles=tuple(_obstacles(route, question, on, last_day)),
    )


def last_day_of(
    route: Route, rulebook: str, on: date, date_shown: date | None, printed_on: date | None
) -> date | None:
    """The last day on which an indicium may be submitted; ``None`` where that is not known."""
    start = {Clock.NONE: None, Clock.DATE_SHOWN: date_shown, Clock.PRINTING: printed_on}
    day = start[route.clock]
    return None if day is None else due(day, rules.at("refunds", rulebook, on)[route.limit])


def evidence_for(route: Route, question: Question) -> tuple[Evidence, ...]:
    """What has to come with a request; for a damaged system, by what is left of it (9.3.1)."""
    if route.kind is not RouteKind.DISASTER_VALUE:
        return route.evidence
    if question.returned and question.legible:
        return route.evidence
    kept = tuple(
        each
        for each in route.evidence
        if question.returned or each.kind is not EvidenceKind.EXAMINATION
    )
    return (*kept, RECONSTRUCTED)


def appeal_of(route: Route, rulebook: str, on: date) -> AppealRoute | None:
    """How an adverse ruling on this route is appealed, as of a day; ``None`` where none is told."""
    if not route.appeal:
        return None
    said = rules.at("refunds", rulebook, on)
    through, to = said.choices(route.appeal)
    return AppealRoute(
        days=said.whole("refund_appeal_days"),
        through=through,
        to=to,
        clause=said[route.appeal].clause,
    )


def _value_kind(question: Question) -> RouteKind:
    if question.withdrawal is Withdrawal.FAULTY:
        return RouteKind.FAULTY_VALUE
    if question.withdrawal is Withdrawal.DISASTER:
        return RouteKind.DISASTER_VALUE
    is_pc = question.system is System.PC_POSTAGE
    return RouteKind.PC_VALUE if is_pc else RouteKind.METER_VALUE


def _indicia_kind(question: Question) -> RouteKind:
    if question.system is System.METER:
        return RouteKind.DATED_METERED if question.dated else RouteKind.UNDATED_METERED
    if question.pic:
        return RouteKind.PC_ELECTRONIC
    return RouteKind.PC_PHYSICAL if question.dated else RouteKind.UNDATED_PC


def _require_clear(question: Question, book: str, on: date) -> None:
    if question.amount_mills < 0:
        raise payout.AMOUNT_NOT_POSITIVE.because(f"{question.amount_mills} mills were asked for")
    if not question.pic or question.thing is not Thing.INDICIA:
        return
    said = rules.at("refunds", book, on)
    known = said.choices("pic_services") if "pic_services" in said else ()
    if question.pic not in known:
        raise REFUND_QUESTION_UNCLEAR.because(
            f"{question.pic!r} is none of {', '.join(known) or 'the services (there are none)'}"
        )


def _obstacles(
    route: Route, question: Question, on: date, last_day: date | None
) -> Iterator[Obstacle]:
    if question.requester not in route.requesters:
        may = " or the ".join(each.value for each in route.requesters)
        yield Obstacle(
            code="REFUND_NOT_ENTITLED",
            clause=route.clause,
            detail=f"only the {may} may ask, not {question.requester.value}",
        )
    if route.clock is not Clock.NONE and last_day is None:
        yield Obstacle(
            code=_DAY_MISSING,
            clause=route.clause,
            detail=f"the limit counts from {route.clock.value}, which is not told",
        )
    if last_day is not None and on > last_day:
        yield Obstacle(
            code="REFUND_TOO_LATE",
            clause=route.clause,
            detail=f"the last day was {last_day.isoformat()}, counted from {route.clock.value}",
        )
    if route.denied_by_default:
        yield Obstacle(
            code="REFUND_NOT_NORMALLY_GIVEN",
            clause=route.clause,
            detail="not normally refunded; describe the extraordinary circumstances in detail",
        )
