"""What a case lacks, what speaks against it, and what may be done with it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from franking.errors import Refusal
from franking.money import format_dollars
from franking.provider.refunds.records import (
    TRANSITIONS,
    Case,
    CaseStatus,
    FiledItem,
    Ruling,
    Span,
)
from franking.refunds import navigator
from franking.refunds.eligibility import judge_all
from franking.refunds.records import (
    Decider,
    Evidence,
    EvidenceKind,
    Item,
    Manner,
    Payout,
    Reason,
    Requester,
    Route,
    RouteKind,
)

REFUND_REQUEST_UNKNOWN = Refusal(
    "REFUND_REQUEST_UNKNOWN",
    clause="DMM 604.9.2.8 (2008)",
    remedy="List the requests: franking refund list.",
    http_status=404,
)
REFUND_FILED_ELSEWHERE = Refusal(
    "REFUND_FILED_ELSEWHERE",
    clause="DMM 604.9.2.8 (2008)",
    remedy="Submit it to whom it goes: franking refund advise says where, with what, by when.",
)
REFUND_NOT_ENTITLED = Refusal(
    "REFUND_NOT_ENTITLED",
    clause="DMM 604.9.3.3a (2008)",
    remedy="Have the authorized user of the system ask for it.",
    http_status=403,
)
REFUND_ASKED_BEFORE = Refusal(
    "REFUND_ASKED_BEFORE",
    clause="DMM 604.9.3.1 (2008)",
    remedy="See what became of the earlier request: franking refund show CASE.",
)
REFUND_EMPTY = Refusal(
    "REFUND_EMPTY",
    clause="DMM 604.9.3 (2008)",
    remedy="Name the items, or the system whose value is asked for.",
    http_status=422,
)
REFUND_ITEMS_TOO_MANY = Refusal(
    "REFUND_ITEMS_TOO_MANY",
    clause="policy",
    remedy="Ask for them in several requests.",
    http_status=422,
)
REFUND_STEP_UNSUITABLE = Refusal(
    "REFUND_STEP_UNSUITABLE",
    clause="DMM 604.9.2.8 (2008)",
    remedy="See where the request stands: franking refund show CASE.",
)
REFUND_MANNER_UNSUITABLE = Refusal(
    "REFUND_MANNER_UNSUITABLE",
    clause="DMM 604.9.3.3b (2008); 604.9.3.3c (2008)",
    remedy="Ask electronically for postage with a PIC; send the items for postage without one.",
)
REFUND_EVIDENCE_MISSING = Refusal(
    "REFUND_EVIDENCE_MISSING",
    clause="DMM 604.9.3 (2008)",
    remedy="Add what is missing: franking refund evidence CASE KIND.",
)
REFUND_CAUSE_UNREPORTED = Refusal(
    "REFUND_CAUSE_UNREPORTED",
    clause="DMM 604.9.3.1 (2008)",
    remedy="Report the cause first: franking refund cause CASE; the Postal Service then decides.",
)
REFUND_UNREASONED = Refusal(
    "REFUND_UNREASONED",
    clause="DMM 604.9.2.8 (2008)",
    remedy="Say in words why.",
    http_status=422,
)
TARGET_UNSUITABLE = Refusal(
    "REFUND_TARGET_UNSUITABLE",
    clause="DMM P030.3.7 (1995); P030.3.10 (1995)",
    remedy="Name another system of the same licence, so of the same licensee and post office.",
)

_FOUND_BY_BOOKS = frozenset({EvidenceKind.EXAMINATION, EvidenceKind.CAUSE_REPORT})
"""Evidence that is not handed in: the provider's own books hold it."""


def require_filed_here(route: Route) -> None:
    """Whether a request goes through the provider.

    Raises:
        Refused: ``REFUND_FILED_ELSEWHERE``.
    """
    elsewhere = {RouteKind.DATED_METERED, RouteKind.UNDATED_METERED, RouteKind.BALANCE}
    if route.kind in elsewhere:
        raise REFUND_FILED_ELSEWHERE.because(
            f"{route.kind.value} goes to {route.submit_to}; the {route.decider.value} decides"
        )


def require_requester(route: Route, requester: Requester) -> None:
    """Whether somebody may ask by this route.

    Raises:
        Refused: ``REFUND_NOT_ENTITLED``.
    """
    if requester not in route.requesters:
        may = " or the ".join(each.value for each in route.requesters)
        raise REFUND_NOT_ENTITLED.because(f"only the {may} may ask, not {requester.value}")


def require_manner(route: Route, manner: Manner | None) -> None:
    """Whether a request may be submitted so: with a PIC electronically only, without one not.

    Raises:
        Refused: ``REFUND_MANNER_UNSUITABLE``.
    """
    if manner is not None and manner is not route.manner:
        raise REFUND_MANNER_UNSUITABLE.because(
            f"{route.kind.value} is asked for by {route.manner.value} request, not {manner.value}"
        )


def judged(
    items: Sequence[Item],
    route: Route,
    *,
    rulebook: str,
    filed_on: date,
    manner: Manner,
) -> tuple[FiledItem, ...]:
    """Every item, with every reason against it on the day of filing."""
    found = judge_all(items, route, rulebook=rulebook, filed_on=filed_on, manner=manner)
    return tuple(
        FiledItem(ordinal=ordinal, item=each.item, reasons=each.reasons)
        for ordinal, each in enumerate(found, 1)
    )


def required(case: Case) -> tuple[Evidence, ...]:
    """What has to be there before a case is decided."""
    route = route_of(case)
    every = navigator.evidence_for(route, case.question)
    return tuple(each for each in every if each.required)


def route_of(case: Case) -> Route:
    """The route of a case, under the rulebook by which it is judged."""
    return navigator.route_of(case.question, case.filed_on, rulebook=case.rulebook, kind=case.route)


def missing(case: Case, held: Collection[EvidenceKind]) -> tuple[Evidence, ...]:
    """What has to come still; what the books hold themselves is looked for there."""
    return tuple(
        each
        for each in required(case)
        if each.kind not in held and each.kind not in _FOUND_BY_BOOKS
    )


def unsupported(case: Case, held: Collection[EvidenceKind]) -> Reason | None:
    """Why the amount of a faulty system may be refused though nothing required is missing.

    Without a log of the registers, or documents instead, there is the user's word only (60 FR
    30714, preamble II.B); ``None`` where it is supported.
    """
    support = {EvidenceKind.REGISTER_RECORD, EvidenceKind.RECONSTRUCTION}
    if case.route is not RouteKind.FAULTY_VALUE or support & set(held):
        return None
    return Reason(
        code="NO_REGISTER_EVIDENCE",
        clause="60 FR 30714 (1995), preamble II.B",
        detail="no register record supports the amount, which may be refused for that",
    )


def require_evidence(case: Case, held: Collection[EvidenceKind]) -> None:
    """Whether everything has come.

    Raises:
        Refused: ``REFUND_EVIDENCE_MISSING``, naming all of it.
    """
    lacking = missing(case, held)
    if lacking:
        named = "; ".join(f"{each.kind.value} ({each.clause})" for each in lacking)
        raise REFUND_EVIDENCE_MISSING.because(f"{case.id} lacks {named}")


def require_open(case: Case) -> None:
    """Whether the provider may decide a case now.

    Raises:
        Refused: ``REFUND_CAUSE_UNREPORTED``, ``REFUND_STEP_UNSUITABLE``.
    """
    if case.status is CaseStatus.AWAITING_CAUSE:
        raise REFUND_CAUSE_UNREPORTED.because(f"{case.device} was withdrawn as faulty")
    if case.status is not CaseStatus.FILED:
        raise REFUND_STEP_UNSUITABLE.because(f"{case.id} is {case.status.value}")


def is_forwarded(case: Case) -> bool:
    """Whether the Postal Service decides or pays: by the route, or because a check is wanted."""
    decider = route_of(case).decider
    return decider is not Decider.PROVIDER or case.payout is Payout.CHECK


def moved(case: Case, to: CaseStatus) -> Case:
    """The case at another step.

    Raises:
        Refused: ``REFUND_STEP_UNSUITABLE``.
    """
    if to not in TRANSITIONS[case.status]:
        raise REFUND_STEP_UNSUITABLE.because(
            f"{case.id} is {case.status.value}, not to be {to.value} now"
        )
    return replace(case, status=to)


def ruled(case: Case, ruling: Ruling, to: CaseStatus) -> Case:
    """The case as it was ruled.

    Raises:
        Refused: ``REFUND_STEP_UNSUITABLE``, ``REFUND_UNREASONED``.
    """
    if not ruling.because.strip():
        raise REFUND_UNREASONED.because(f"nothing is said of {case.id}")
    return replace(
        moved(case, to),
        amount_mills=ruling.amount_mills,
        because=ruling.because,
        clause=ruling.clause,
        decider=ruling.decider.value,
        decided_by=ruling.decided_by,
        decided_on=ruling.decided_on,
    )


def settled(case: Case, on: date, *, reference: str = "") -> Case:
    """The case as it was paid."""
    return replace(moved(case, CaseStatus.PAID), settled_on=on, reference=reference)


def without(
    items: Iterable[FiledItem], refunded: Iterable[Span], reported: Mapping[str, int]
) -> tuple[list[FiledItem], list[str]]:
    """The items to be granted, and in words why each other one is not.

    ``refunded`` is what was refunded before, ``reported`` how far each device has said that its
    ascending register stands: a piece beyond that was never printed, as far as anybody knows.
    """
    taken, granted, against = list(refunded), [], []
    for each in items:
        why = _against(each, taken, reported.get(each.item.device, 0))
        if why:
            against.append(f"{each.item.device} at {each.item.ascending_mills}: {why}")
        else:
            granted.append(each)
            taken.append(each.span)
    return granted, against


def _against(filed: FiledItem, taken: Iterable[Span], reported_mills: int) -> str:
    if filed.reasons:
        return "; ".join(f"{reason.detail} ({reason.clause})" for reason in filed.reasons)
    span = filed.span
    if span.above_mills < 0 or span.up_to_mills > reported_mills:
        return "its device has not reported that it used this postage; audit the device first"
    shared = [each for each in taken if each.shares(span)]
    if not shared:
        return ""
    same = any(each.up_to_mills == span.up_to_mills and each.case for each in shared)
    return "it was refunded before" if same else "it shares value with another refunded piece"


def summary(granted: Sequence[FiledItem], against: Sequence[str]) -> str:
    """A ruling on items in words."""
    total = format_dollars(sum(each.item.postage_mills for each in granted))
    words = f"{len(granted)} of {len(granted) + len(against)} items refunded, {total}"
    return ". ".join((words, *against))
