"""Taking a request at a post office's counter: only what belongs there, with all that must come.

What is against each item is found and written down at once, by the day of filing; who rules on
the request sees it, and can deny more, not less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from franking import rules
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.postal.refunds import rows
from franking.postal.refunds.decisions import missing_evidence
from franking.postal.refunds.records import RULE, CaseItem, Origin, RefundCase
from franking.postal.refunds.tables import CASES
from franking.postal.schema import DOCKET
from franking.refunds import eligibility, navigator
from franking.refunds.manifest import manifest
from franking.refunds.records import (
    Decider,
    EvidenceKind,
    Item,
    Judged,
    Question,
    Requester,
    Route,
    System,
    Thing,
)
from franking.storage import Act, Books, Work

REFUND_ELSEWHERE = Refusal(
    "REFUND_ELSEWHERE",
    clause="DMM 604.9.2.8 (2008)",
    remedy="Submit it where it belongs; franking refund advise says where.",
)
REFUND_ASKED_BY_STRANGER = Refusal(
    "REFUND_ASKED_BY_STRANGER",
    clause="DMM 604.9.3.4a (2008)",
    remedy="Have the authorized user ask, or, for undated items, who prepared the mailing.",
    http_status=403,
)
REFUND_INCOMPLETE = Refusal(
    "REFUND_INCOMPLETE",
    clause="DMM 604.9.3.2a (2008)",
    remedy="Bring what is missing, name it with --proof, --letter or --items, and file it again;"
    " nothing was taken.",
    http_status=422,
)
REFUND_MIXED = Refusal(
    "REFUND_MIXED",
    clause="DMM 604.9.2.8 (2008)",
    remedy="File dated and undated items separately: different officers rule on them.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRequest:
    """What somebody hands in at a post office."""

    requester: str
    capacity: Requester = Requester.AUTHORIZED_USER
    office: str
    """ZIP Code of the local post office."""
    district: str = ""
    licence: str = ""
    system: System = System.METER
    proof: str = ""
    """That he is the authorized user: ``lease``, ``rental agreement`` or ``contract``."""
    letter: str = ""
    """Signed: why the pieces were not mailed (undated items)."""
    items: tuple[Item, ...]


def file_at_counter(books: Books, request: CounterRequest, now: datetime) -> RefundCase:
    """Take a request for unused metered postage, with its items (9.3.2, 9.3.4).

    Raises:
        Refused: ``REFUND_INCOMPLETE``, ``REFUND_MIXED``, ``REFUND_ELSEWHERE``,
            ``REFUND_ASKED_BY_STRANGER``, ``REFUND_NOT_IN_RULEBOOK``.
    """
    with books.work(now, "file_at_counter") as work:
        route, rulebook = _route(request, now.date())
        _require_complete(request, route, rulebook, now.date())
        case = RefundCase(
            number=rows.next_number(work, CASES),
            origin=Origin.COUNTER,
            route=route.kind,
            rulebook=rulebook,
            licence=request.licence,
            requester=request.requester,
            capacity=request.capacity,
            office=request.office,
            district=request.district,
            filed_on=now.date(),
            asked_mills=sum(item.postage_mills for item in request.items),
            wanted=route.payouts[0],
            documents=_documents(request),
        )
        rows.add_case(work, case)
        rows.add_items(work, _items(case, route, request.items))
        owe_ruling(work, case, owed_by=route.decider.value, now=now)
        note(work, case, "filed", by=books.by.name, because=request.letter, now=now)
    return case


def owe_ruling(work: Work, case: RefundCase, *, owed_by: str, now: datetime) -> None:
    """Open the duty to rule on a request."""
    DOCKET.open(
        work,
        RULE,
        record=record_of(case),
        owed_by=owed_by,
        rulebook=case.rulebook,
        start=now.date(),
        now=now,
        because=f"{case.requester} asks for {case.route.value}",
    )


def note(
    work: Work,
    case: RefundCase,
    event: str,
    *,
    by: str,
    because: str,
    now: datetime,
    clause: str = "",
) -> None:
    """Write an event of a request, and the act of the journal."""
    cited = clause or case.clause or "DMM 604.9.2.8 (2008)"
    rows.add_event(work, case.number, event, by=by, because=because, clause=cited, now=now)
    inputs: dict[str, object] = {
        "event": event,
        "by": by,
        "granted_mills": case.granted_mills,
        "asked_mills": case.asked_mills,
    }
    work.record(Act(record=record_of(case), clauses=(cited,), inputs=inputs))


def record_of(case: RefundCase) -> str:
    """The name of a request in journal, docket and messages."""
    return record_id("refund", case.number)


def judged_items(case: RefundCase, judged: Sequence[Judged]) -> list[CaseItem]:
    """The items of a request as they are stored, numbered from 1."""
    return [
        CaseItem(case=case.number, line=line, item=each.item, reasons=each.reasons)
        for line, each in enumerate(judged, start=1)
    ]


def _items(case: RefundCase, route: Route, items: Sequence[Item]) -> list[CaseItem]:
    """In the order in which they lie: by meter, then by value (9.3.2b)."""
    ordered = manifest(items, case.rulebook, case.filed_on).items
    judged = eligibility.judge_all(ordered, route, rulebook=case.rulebook, filed_on=case.filed_on)
    return judged_items(case, judged)


def _route(request: CounterRequest, on: date) -> tuple[Route, str]:
    dated = {item.dated for item in request.items}
    if len(dated) > 1:
        raise REFUND_MIXED.because("some items show a date, and others none")
    question = Question(
        thing=Thing.INDICIA,
        system=request.system,
        dated=True in dated,
        requester=request.capacity,
    )
    route, rulebook = navigator.route_of(question, on), navigator.rulebook_on("", on)
    if route.decider not in (Decider.POSTMASTER, Decider.BUSINESS_MAIL_ENTRY):
        raise REFUND_ELSEWHERE.because(f"{route.kind.value} goes to {route.submit_to}")
    if request.capacity not in route.requesters:
        raise REFUND_ASKED_BY_STRANGER.because(
            f"{request.requester} asks as {request.capacity.value} for {route.kind.value}"
        )
    return route, rulebook


def _require_complete(request: CounterRequest, route: Route, rulebook: str, on: date) -> None:
    known = rules.at("refunds", rulebook, on).choices("proofs_of_user")
    given = {
        EvidenceKind.PROOF_OF_USER: request.proof in known,
        EvidenceKind.SIGNED_LETTER: bool(request.letter.strip()),
        EvidenceKind.ITEMS: bool(request.items),
    }
    there = [kind for kind, is_there in given.items() if is_there]
    if missing := missing_evidence(route, there):
        words = "; ".join(kind.value for kind in missing)
        raise REFUND_INCOMPLETE.because(f"there is no {words}")


def _documents(request: CounterRequest) -> tuple[str, ...]:
    letter = "signed letter" if request.letter.strip() else ""
    return tuple(each for each in (request.proof, letter) if each)
