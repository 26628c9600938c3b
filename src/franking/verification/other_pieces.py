"""Step 9: the value of a piece beside that of the others of its device.

A piece is its device and ascending value, and uses up (ascending - postage, ascending]. Two pieces
that share part of it prove a copy of the print or of the device, whichever was scanned first; a
date that falls as the register rises proves that a device was set back. Pure, as every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from franking import rules
from franking.indicium.content import IndiciumContent
from franking.money import format_dollars
from franking.verification import predicates
from franking.verification.facts import Facts, Sighting
from franking.verification.faults import Fault, failed, not_taken, passed
from franking.verification.reasons import Reason
from franking.verification.trust_format import day_number
from franking.verification.verdict import Step
from franking.verification.windows import latest_date

_USE_UNKNOWN = not_taken("duplicate", "no record of other pieces was at hand")


def duplicate_step(content: IndiciumContent, facts: Facts, today: date) -> Step:
    """Step 9: was this value used before, or given back?"""
    faults = []
    if facts.refunded_on is not None:
        detail = f"its postage was refunded on {facts.refunded_on}"
        faults.append(Fault(Reason.REFUNDED, detail))
    if facts.others:
        faults += _clashes(content, facts, today)
    if faults:
        return failed("duplicate", faults)
    if facts.others is None:
        return _USE_UNKNOWN
    return passed("duplicate", f"shares no value with {len(facts.others)} other pieces")


def _clashes(content: IndiciumContent, facts: Facts, today: date) -> Iterator[Fault]:
    """A date that is still to come says nothing of the order in which pieces were made."""
    ahead = rules.whole("device", facts.rulebook, today, "date_ahead_days_max")
    latest = latest_date(facts.rulebook, today, facts.deposited_on or today)
    to_come = predicates.date_too_far_ahead(day_number(content.date_of_mailing), latest)
    for other in facts.others or ():
        yield from _shared(content, other)
        if not to_come:
            yield from _set_back(content, other, ahead)


def _shared(content: IndiciumContent, other: Sighting) -> Iterator[Fault]:
    ascending, postage = content.ascending_mills, content.postage_mills
    high, paid = other.ascending_mills, other.postage_mills
    if not predicates.shares_value(ascending, postage, high, paid):
        return
    if is_same_piece(content, other):
        yield Fault(Reason.DUPLICATE, f"the same device and ascending value as {other.where}")
        return
    detail = (
        f"overlaps {other.where}, which used {format_dollars(high - paid)} to"
        f" {format_dollars(high)}"
    )
    yield Fault(Reason.OVERLAP, detail)


def is_same_piece(content: IndiciumContent, other: Sighting) -> bool:
    """Whether it is this very piece: the same signed content, and not the same value used twice."""
    if other.ascending_mills != content.ascending_mills:
        return False
    if other.same_content is not None:
        return other.same_content
    dated = other.dated in (None, content.date_of_mailing)
    return dated and other.postage_mills == content.postage_mills


def _set_back(content: IndiciumContent, other: Sighting, ahead_days: int) -> Iterator[Fault]:
    if other.dated is None or not content.postage_mills or not other.postage_mills:
        return
    if predicates.rolled_back(
        content.ascending_mills,
        day_number(content.date_of_mailing),
        other.ascending_mills,
        day_number(other.dated),
        ahead_days,
    ):
        detail = (
            f"ascending {format_dollars(content.ascending_mills)} on {content.date_of_mailing},"
            f" below {format_dollars(other.ascending_mills)} on {other.dated} ({other.where})"
        )
        yield Fault(Reason.ROLLED_BACK, detail)
