"""Papers of refunds that go through the provider: the request, and the manifest of its items."""

from __future__ import annotations

from datetime import date

from franking.errors import Refused
from franking.forms.form import Party, rulebook_named
from franking.forms.refunding import (
    BundleLine,
    EnclosedEvidence,
    RefundManifestForm,
    RefundRequestForm,
)
from franking.home.papers.unknown import PAPER_UNKNOWN, required
from franking.provider.refunds import decisions, rows, views
from franking.provider.refunds.filing import require_case
from franking.provider.refunds.records import Case, FiledItem, HeldEvidence
from franking.refunds import navigator
from franking.refunds.records import EvidenceKind
from franking.refunds.showing import appeal_words
from franking.storage import Books


def refund_request(books: Books, case: str) -> RefundRequestForm:
    """A request as it was filed, with what came and what has to come.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    found, held, items = _kept(books, case)
    route = decisions.route_of(found)
    appeal = navigator.appeal_of(route, found.rulebook, found.decided_on or found.filed_on)
    days = [_last_day(found, each) for each in items]
    return RefundRequestForm(
        rulebook=rulebook_named(found.device_rulebook or "ibip-1997"),
        number=found.id,
        filed_on=found.filed_on,
        user=Party(name=found.licensee),
        licence=found.licence,
        route=found.route.value,
        clause=route.clause,
        submit_to=route.submit_to,
        decider=route.decider.value,
        last_day=min((day for day in days if day is not None), default=None),
        device=found.device or ", ".join(sorted({each.item.device for each in items})),
        amount_mills=found.amount_mills or found.asked_mills or None,
        payout=found.payout.value,
        evidence=tuple(_enclosed(found, held)),
        statement=_statement(held),
        attests_no_insurance=any(each.kind is EvidenceKind.NO_INSURANCE for each in held),
        appeal=f"A ruling is appealed {appeal_words(appeal)}." if appeal else "",
    )


def refund_manifest(books: Books, case: str) -> RefundManifestForm:
    """The items of a request as they have to lie (9.3.2b).

    Raises:
        Refused: ``PAPER_UNKNOWN`` where there is no such request, or it has no items.
    """
    found, _, items = _kept(books, case)
    required(items or None, f"items of {case}")
    listed = views.manifest_of(books, found.id)
    return RefundManifestForm(
        rulebook=rulebook_named(found.device_rulebook or "ibip-1997"),
        number=found.id,
        on=found.filed_on,
        user=Party(name=found.licensee),
        submit_to=decisions.route_of(found).submit_to,
        bundles=tuple(
            BundleLine(
                device=each.device,
                postage_mills=max(0, each.postage_mills),
                pieces=each.pieces,
                bundled=each.is_full,
                first_date=each.first_date,
            )
            for each in listed.bundles
        ),
    )


def _kept(books: Books, case: str) -> tuple[Case, list[HeldEvidence], list[FiledItem]]:
    with books.reading() as reading:
        try:
            found = require_case(reading, case)
        except Refused as refused:
            raise PAPER_UNKNOWN.because(refused.detail) from refused
        evidence = rows.evidence_of(reading, found.number)
        return found, evidence, rows.items_of(reading, found.number)


def _last_day(case: Case, filed: FiledItem) -> date | None:
    item = filed.item
    route = decisions.route_of(case)
    return navigator.last_day_of(
        route, case.rulebook, case.filed_on, item.date_shown, item.printed_on
    )


def _enclosed(case: Case, held: list[HeldEvidence]) -> list[EnclosedEvidence]:
    """What is required, each with what came for it; then what came besides."""
    came = {each.kind: each.document for each in held}
    asked = decisions.required(case)
    named = {each.kind for each in asked}
    return [
        *(
            EnclosedEvidence(
                what=each.kind.value, clause=each.clause, document=came.get(each.kind, "")
            )
            for each in asked
        ),
        *(
            EnclosedEvidence(what=each.kind.value, document=each.document)
            for each in held
            if each.kind not in named
        ),
    ]


def _statement(held: list[HeldEvidence]) -> str:
    said = (EvidenceKind.STATEMENT_OF_CAUSE, EvidenceKind.NARRATIVE)
    return " ".join(each.document for each in held if each.kind in said)
