"""Who rules on a refund, what may be granted, and how an appeal goes. Pure.

9.2.8 of DMM 604 (2008): the kind of postage decides who rules; an appeal goes to the officer that
the clause names, and nobody hears one against a ruling of his own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from franking import rules
from franking.errors import Refusal
from franking.messages.applications import one_spelling
from franking.money import format_dollars
from franking.postal.refunds.records import (
    RULED,
    AppealStatus,
    CaseItem,
    CaseStatus,
    Designation,
    Origin,
    RefundAppeal,
    RefundCase,
)
from franking.refunds import navigator, payout
from franking.refunds.records import (
    AppealRoute,
    Decider,
    EvidenceKind,
    Payout,
    Reason,
    Route,
)
from franking.refunds.routes import ROUTES
from franking.rules.calendars import due
from franking.rules.permissions import Role

REFUND_CASE_UNKNOWN = Refusal(
    "REFUND_CASE_UNKNOWN",
    clause="policy",
    remedy="List the cases: franking refund-desk list.",
    http_status=404,
)
REFUND_RULED = Refusal(
    "REFUND_RULED",
    clause="DMM 604.9.2.8 (2008)",
    remedy="A ruling stands until it is appealed: franking refund-desk show NUMBER.",
)
NOT_THE_DECIDER = Refusal(
    "NOT_THE_DECIDER",
    clause="DMM 604.9.2.8 (2008)",
    remedy="Have it decided by the officer named, or by a designee named in writing.",
    http_status=403,
)
AWAITING_CAUSE_REPORT = Refusal(
    "AWAITING_CAUSE_REPORT",
    clause="DMM 604.9.3.1 (2008)",
    remedy="Wait for the provider's report of the cause; the refund is withheld until then.",
)
FAULT_CAUSED_BY_USER = Refusal(
    "FAULT_CAUSED_BY_USER",
    clause="DMM 604.9.3.1 (2008)",
    remedy="Deny it: no refund is given for a fault that the authorized user caused.",
)
REFUND_EXCEEDS_REQUEST = Refusal(
    "REFUND_EXCEEDS_REQUEST",
    clause="DMM 604.9.3.1 (2008)",
    remedy="Grant at most what was asked for.",
    http_status=422,
)
RULING_WITHOUT_REASON = Refusal(
    "RULING_WITHOUT_REASON",
    clause="policy",
    remedy="Give the reason in words: the requester and an appeal depend on it.",
    http_status=422,
)
REFUND_APPEAL_UNKNOWN = Refusal(
    "REFUND_APPEAL_UNKNOWN",
    clause="DMM 604.9.2.8 (2008)",
    remedy="List the appeals: franking refund-desk appeals.",
    http_status=404,
)
REFUND_NOT_APPEALABLE = Refusal(
    "REFUND_NOT_APPEALABLE",
    clause="DMM 604.9.2.8 (2008)",
    remedy="Only an adverse ruling on indicia is appealed, once.",
)
REFUND_APPEAL_TOO_LATE = Refusal(
    "REFUND_APPEAL_TOO_LATE",
    clause="DMM 604.9.2.8 (2008)",
    remedy="The ruling is final: the right to appeal has lapsed.",
)
ORIGINALS_MISSING = Refusal(
    "ORIGINALS_MISSING",
    clause="DMM 604.9.2.8 (2008)",
    remedy="Submit the original indicia with the appeal.",
    http_status=422,
)
REFUND_APPEAL_DECIDED = Refusal(
    "REFUND_APPEAL_DECIDED",
    clause="DMM 604.9.2.8 (2008)",
    remedy="It is the final agency decision.",
)
APPEAL_NOT_FORWARDED = Refusal(
    "APPEAL_NOT_FORWARDED",
    clause="DMM 604.9.2.8 (2008)",
    remedy="Have the officer through whom it goes forward it first.",
)
HEARD_BY_ITS_RULER = Refusal(
    "HEARD_BY_ITS_RULER",
    clause="policy",
    remedy="Have another person hear the appeal.",
    http_status=403,
)

_PTM, _PCSC = Role.POSTAGE_TECHNOLOGY_MANAGER, Role.PRICING_AND_CLASSIFICATION_MANAGER
_BME = Role.BUSINESS_MAIL_ENTRY_MANAGER
OFFICERS: Final[Mapping[str, Role]] = MappingProxyType(
    {
        "manager of Postage Technology Management": _PTM,
        "manager of the Pricing and Classification Service Center": _PCSC,
        "postmaster": Role.POSTMASTER,
        "manager, business mail entry, or designee": _BME,
    }
)
"""The role of an officer, as the parameters of appeals name him."""
NOBODY_ELSE: Final = "nobody else"
HEADQUARTERS: Final = frozenset({_PTM, Role.RSE_MANAGER})
"""Who decides on faulty systems, and on value that providers forward."""


def route_of(case: RefundCase) -> Route:
    """The route of a request, as the rulebook of its day has it."""
    return ROUTES[case.rulebook][case.route]


def require_decider(
    case: RefundCase, *, by: str, role: str, designations: Iterable[Designation], on: date
) -> str:
    """Whether somebody may rule on a request; in what right he does.

    Raises:
        Refused: ``NOT_THE_DECIDER``.
    """
    decider = route_of(case).decider
    match decider:
        case Decider.POSTMASTER if role == Role.POSTMASTER:
            return decider.value
        case Decider.BUSINESS_MAIL_ENTRY if role == _BME:
            return "manager, business mail entry"
        case Decider.BUSINESS_MAIL_ENTRY:
            named = _designation(case, by, designations, on)
            if named is not None:
                return f"designee of {named.named_by}, named in writing: {named.letter}"
        case Decider.HEADQUARTERS | Decider.PROVIDER if role in HEADQUARTERS:
            return role
    raise NOT_THE_DECIDER.because(
        f"{case.route.value} is decided by the {decider.value}; {by} acts as {role}"
        + (f", and is not named in writing for {case.district!r}" if case.district else "")
    )


def require_open(case: RefundCase) -> None:
    """Whether a request waits for its ruling.

    Raises:
        Refused: ``AWAITING_CAUSE_REPORT``, ``REFUND_RULED``.
    """
    if case.status is CaseStatus.AWAITING_CAUSE:
        raise AWAITING_CAUSE_REPORT.because(
            f"{case.device} was withdrawn as faulty; {case.provider} has not reported the cause"
        )
    if case.status is not CaseStatus.FILED:
        raise REFUND_RULED.because(f"case {case.number} is {case.status}")


def require_reason(because: str) -> None:
    """A ruling says why.

    Raises:
        Refused: ``RULING_WITHOUT_REASON``.
    """
    if not because.strip():
        raise RULING_WITHOUT_REASON.because("nothing is said for it")


def weighed(items: Sequence[CaseItem], denied: Mapping[int, Reason]) -> list[CaseItem]:
    """Every item with what is found against it: granted where that is nothing."""
    found = []
    for each in items:
        more = (denied[each.line],) if each.line in denied else ()
        reasons = (*each.reasons, *more)
        found.append(replace(each, reasons=reasons, granted=not reasons))
    return found


def ruled_on_items(
    case: RefundCase, items: Sequence[CaseItem], *, by: str, because: str, on: date, hours: int
) -> RefundCase:
    """The request with what its items come to, less the charge for processing."""
    granted = sum(each.item.postage_mills for each in items if each.granted)
    route = route_of(case)
    kept = payout.charge(route, granted, case.rulebook, on, hours=hours) if granted else 0
    return replace(
        case,
        status=CaseStatus.GRANTED if granted else CaseStatus.DENIED,
        granted_mills=granted,
        charge_mills=kept,
        payout=case.wanted.value if granted else "",
        because=because,
        clause=route.clause,
        ruled_by=by,
        ruled_on=on,
    )


def ruled_on_value(
    case: RefundCase, *, granted_mills: int, by: str, because: str, on: date
) -> RefundCase:
    """A ruling on the value of a withdrawn system: final, and below the floor no check (9.3.1).

    Raises:
        Refused: ``FAULT_CAUSED_BY_USER``, ``REFUND_EXCEEDS_REQUEST``.
    """
    if granted_mills and case.caused_by_user:
        raise FAULT_CAUSED_BY_USER.because(f"{case.provider} reports: {case.cause}")
    if not 0 <= granted_mills <= case.asked_mills:
        raise REFUND_EXCEEDS_REQUEST.because(
            f"{format_dollars(granted_mills)} of {format_dollars(case.asked_mills)} asked for"
        )
    return replace(
        case,
        status=CaseStatus.FINAL,
        granted_mills=granted_mills,
        payout=payout_of(case, granted_mills, on).value if granted_mills else "",
        because=because,
        clause=route_of(case).clause,
        ruled_by=by,
        ruled_on=on,
        final_on=on,
    )


def payout_of(case: RefundCase, granted_mills: int, on: date) -> Payout:
    """As the user wants it; a check below the floor becomes a credit, which has none."""
    for option in payout.options(route_of(case), granted_mills, case.rulebook, on):
        if option.payout is case.wanted and not option.possible:
            return Payout.CREDIT
    return case.wanted


def appeal_route(case: RefundCase, on: date) -> AppealRoute:
    """How a ruling on this kind of postage is appealed.

    Raises:
        Refused: ``REFUND_NOT_APPEALABLE``.
    """
    found = navigator.appeal_of(route_of(case), case.rulebook, on)
    if found is None:
        raise REFUND_NOT_APPEALABLE.because(f"{case.route.value} has no appeal in 9.2.8")
    return found


def receipt_day(case: RefundCase) -> date:
    """When the ruling was received: as proven, else its date and the days of the mail."""
    ruled = case.ruled_on or case.filed_on
    if case.received_on is not None:
        return case.received_on
    mailing = rules.at("provider", "ibip-1997", ruled)["notice_mail_days"]
    return due(ruled, mailing)


def appeal_by(case: RefundCase) -> date:
    """The last day to appeal: so many days from receipt of the ruling (9.2.8)."""
    ruled = case.ruled_on or case.filed_on
    return due(receipt_day(case), rules.at("refunds", case.rulebook, ruled)["refund_appeal_days"])


def appealed(
    case: RefundCase, items: Sequence[CaseItem], *, letter: str, originals: int, by: str, on: date
) -> RefundAppeal:
    """An appeal against a ruling, in time, in writing, with the originals.

    Raises:
        Refused: ``REFUND_NOT_APPEALABLE``, ``REFUND_APPEAL_TOO_LATE``, ``ORIGINALS_MISSING``,
            ``RULING_WITHOUT_REASON``.
    """
    route = appeal_route(case, on)
    if case.status not in RULED or case.granted_mills >= case.asked_mills:
        raise REFUND_NOT_APPEALABLE.because(f"case {case.number} is {case.status}")
    if on > (last := appeal_by(case)):
        raise REFUND_APPEAL_TOO_LATE.because(
            f"the ruling was received on {receipt_day(case)}: the last day was {last}"
        )
    if originals < (wanted := _originals_wanted(items)):
        raise ORIGINALS_MISSING.because(f"{originals} of {wanted} original indicia came with it")
    require_reason(letter)
    through = "" if route.through == NOBODY_ELSE else route.through
    return RefundAppeal(
        case=case.number,
        filed_on=on,
        filed_by=by,
        letter=letter,
        originals=originals,
        through=through,
        to=route.to,
        clause=route.clause,
    )


def forwarded(appeal: RefundAppeal, *, by: str, role: str, on: date) -> RefundAppeal:
    """An appeal that the officer through whom it goes sent on.

    Raises:
        Refused: ``REFUND_APPEAL_DECIDED``, ``NOT_THE_DECIDER``.
    """
    if appeal.status is not AppealStatus.FILED:
        raise REFUND_APPEAL_DECIDED.because(f"it was {appeal.status} before")
    if not appeal.through or OFFICERS[appeal.through] != role:
        raise NOT_THE_DECIDER.because(f"it goes through {appeal.through or 'nobody else'}")
    return replace(appeal, status=AppealStatus.FORWARDED, forwarded_by=by, forwarded_on=on)


def heard(
    case: RefundCase,
    appeal: RefundAppeal,
    *,
    granted_mills: int,
    because: str,
    by: str,
    role: str,
    on: date,
) -> RefundAppeal:
    """The final agency decision on an appeal, by the right officer and another person.

    Raises:
        Refused: ``REFUND_APPEAL_DECIDED``, ``NOT_THE_DECIDER``, ``APPEAL_NOT_FORWARDED``,
            ``HEARD_BY_ITS_RULER``, ``REFUND_EXCEEDS_REQUEST``, ``RULING_WITHOUT_REASON``.
    """
    if appeal.status is AppealStatus.DECIDED:
        raise REFUND_APPEAL_DECIDED.because(f"{appeal.heard_by} decided on {appeal.decided_on}")
    if OFFICERS[appeal.to] != role:
        raise NOT_THE_DECIDER.because(f"it is decided by the {appeal.to}; {by} acts as {role}")
    if appeal.through and appeal.status is AppealStatus.FILED:
        raise APPEAL_NOT_FORWARDED.because(f"it goes through the {appeal.through}")
    parties = (case.ruled_by, case.requester, appeal.forwarded_by, appeal.filed_by)
    if one_spelling(by) in map(one_spelling, parties):
        raise HEARD_BY_ITS_RULER.because(f"{by} had to do with case {case.number} before")
    require_reason(because)
    if not 0 <= granted_mills <= case.asked_mills - case.granted_mills:
        raise REFUND_EXCEEDS_REQUEST.because(
            f"{format_dollars(granted_mills)} more; the ruling denied"
            f" {format_dollars(case.asked_mills - case.granted_mills)}"
        )
    return replace(
        appeal,
        status=AppealStatus.DECIDED,
        heard_by=by,
        decided_on=on,
        sustained=granted_mills > 0,
        granted_mills=granted_mills,
        because=because,
    )


def missing_evidence(route: Route, given: Iterable[EvidenceKind]) -> list[EvidenceKind]:
    """What a request has to come with, and does not."""
    there = frozenset(given)
    return [each.kind for each in route.evidence if each.required and each.kind not in there]


def is_value(case: RefundCase) -> bool:
    """Whether it is about what is left in a system, and not about items."""
    return case.origin is Origin.FORWARDED


def _designation(
    case: RefundCase, by: str, designations: Iterable[Designation], on: date
) -> Designation | None:
    name = one_spelling(by)
    mine = (each for each in designations if one_spelling(each.designee) == name)
    return next((each for each in mine if each.covers(case.district, on)), None)


def _originals_wanted(items: Sequence[CaseItem]) -> int:
    """The originals of what was denied; electronic requests for a PIC have none to submit."""
    return sum(not each.granted and not each.item.pic for each in items)
