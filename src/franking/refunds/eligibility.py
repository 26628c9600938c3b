"""Whether an unused indicium is refunded: every reason against it, not the first. Pure.

Asks for nothing that needs eyes: what an examiner sees, and what a verifier found, comes with the
item. Whether it was mailed or refunded before is known by the books, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial

from franking.refunds.navigator import last_day_of
from franking.refunds.records import (
    Clock,
    Item,
    ItemForm,
    Judged,
    Manner,
    Reason,
    Route,
    RouteKind,
)

_CONDITIONS = {
    RouteKind.DATED_METERED: "DMM 604.9.3.2 (2008)",
    RouteKind.UNDATED_METERED: "DMM 604.9.3.4 (2008)",
}
_SHOWN = "DMM 604.9.3.3 (2008)"
_AFFIXED, _LOOSE = "DMM 604.9.3.2d (2008)", "DMM 604.9.3.2e (2008)"


def judge(
    item: Item, route: Route, *, rulebook: str, filed_on: date, manner: Manner | None = None
) -> Judged:
    """An item, and every reason why it is not refunded by this route.

    ``manner`` is how it was submitted, where that may not be the route's own.
    """
    how = manner or route.manner
    reasons = (
        *_of_the_print(item, route),
        *_of_the_route(item, route, how),
        *_of_the_day(item, route, rulebook, filed_on),
        *(_of_the_paper(item) if how is Manner.PHYSICAL else ()),
    )
    return Judged(item=item, reasons=reasons)


def judge_all(
    items: Iterable[Item],
    route: Route,
    *,
    rulebook: str,
    filed_on: date,
    manner: Manner | None = None,
) -> tuple[Judged, ...]:
    """Every item of a request."""
    one: Callable[[Item], Judged] = partial(
        judge, route=route, rulebook=rulebook, filed_on=filed_on, manner=manner
    )
    return tuple(map(one, items))


def _of_the_print(item: Item, route: Route) -> Iterator[Reason]:
    clause = _CONDITIONS.get(route.kind, _SHOWN)
    seen = (("complete", item.complete), ("legible", item.legible), ("valid", item.valid))
    for name, holds in seen:
        if not holds:
            yield Reason(code=f"NOT_{name.upper()}", clause=clause, detail=f"it is not {name}")
    if not item.local_office:
        yield Reason(
            code="NO_LOCAL_OFFICE",
            clause="DMM 604.9.3.6d (2008)",
            detail="it lacks the local post office or other required information",
        )
    if item.postage_mills <= 0:
        yield Reason(code="NO_POSTAGE", clause=clause, detail="it evidences no postage")


def _of_the_route(item: Item, route: Route, how: Manner) -> Iterator[Reason]:
    if item.pic and how is Manner.PHYSICAL:
        yield Reason(
            code="ELECTRONIC_ONLY",
            clause="DMM 604.9.3.3b (2008)",
            detail="postage with a PIC is refunded on electronic requests only",
        )
    if route.kind is RouteKind.PC_ELECTRONIC and not item.pic:
        yield Reason(
            code="WITHOUT_PIC",
            clause="DMM 604.9.3.3c (2008)",
            detail="it has no PIC: submit it to the provider physically",
        )
    if route.manner is Manner.PHYSICAL and how is Manner.ELECTRONIC:
        yield Reason(
            code="PHYSICAL_ONLY",
            clause=route.clause,
            detail="the items have to come with the request",
        )


def _of_the_day(item: Item, route: Route, rulebook: str, filed_on: date) -> Iterator[Reason]:
    if route.clock is Clock.NONE:
        return
    last = last_day_of(route, rulebook, filed_on, item.date_shown, item.printed_on)
    if last is None:
        detail = f"the limit counts from {route.clock.value}, which is not known"
        yield Reason(code="DAY_UNKNOWN", clause=route.clause, detail=detail)
    elif filed_on > last:
        detail = f"the last day was {last.isoformat()}, counted from {route.clock.value}"
        yield Reason(code="TOO_LATE", clause=route.clause, detail=detail)


def _of_the_paper(item: Item) -> Iterator[Reason]:
    if item.removed:
        yield Reason(
            code="REMOVED_FROM_PIECE",
            clause=_AFFIXED,
            detail="postage may not be removed from the mailpiece once applied",
        )
    if item.fastened and item.form is not ItemForm.PLAIN_PAPER:
        yield Reason(
            code="FASTENED",
            clause=_LOOSE,
            detail="loose labels and tapes may not be stapled or attached to anything",
        )
    if item.form is ItemForm.DATA:
        yield Reason(
            code="WITHOUT_THE_ITEM",
            clause=_AFFIXED,
            detail="the whole envelope, wrapper, label, or part of the container has to come",
        )
