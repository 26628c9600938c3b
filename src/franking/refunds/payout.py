"""How much comes back, and how: the floor of checks, the charge, the settlement. Pure.

The floor holds for checks that the Postal Service issues for unused value in systems, and for
nothing else: credits, transfers and what providers pay have none (73 FR 26353).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from franking import rules
from franking.errors import Refusal
from franking.money import format_dollars
from franking.refunds.records import Payout, PayoutOption, Route
from franking.rules import RuleSet

AMOUNT_NOT_POSITIVE = Refusal(
    "REFUND_AMOUNT_NOT_POSITIVE",
    clause="policy",
    remedy="Ask for more than nothing.",
    http_status=422,
)
CHECK_BELOW_FLOOR = Refusal(
    "REFUND_CHECK_BELOW_FLOOR",
    clause="DMM 604.9.3.1a (2008)",
    remedy="Take a credit to the account, or a transfer to another system: they have no minimum.",
)
PAYOUT_UNSUITABLE = Refusal(
    "REFUND_PAYOUT_UNSUITABLE",
    clause="DMM 604.9.3 (2008)",
    remedy="See how this refund can be paid: franking refund advise.",
)
_FLOOR = "check_min_mills"
_PERCENT = 100


def options(route: Route, amount_mills: int, rulebook: str, on: date) -> tuple[PayoutOption, ...]:
    """Every payout of a route, and whether it is open for this amount (R08-Pre-Credit)."""
    said = rules.at("refunds", rulebook, on)
    return tuple(_option(payout, route, amount_mills, said) for payout in route.payouts)


def require_payout(
    route: Route, payout: Payout, amount_mills: int, rulebook: str, on: date
) -> None:
    """Whether an amount can be paid in this way.

    Raises:
        Refused: ``REFUND_AMOUNT_NOT_POSITIVE``, ``REFUND_PAYOUT_UNSUITABLE``,
            ``REFUND_CHECK_BELOW_FLOOR``.
    """
    if amount_mills <= 0:
        raise AMOUNT_NOT_POSITIVE.because(f"{format_dollars(amount_mills)} was asked for")
    for option in options(route, amount_mills, rulebook, on):
        if option.payout is payout:
            if not option.possible:
                raise CHECK_BELOW_FLOOR.because(option.because)
            return
    may = ", ".join(each.value for each in route.payouts)
    raise PAYOUT_UNSUITABLE.because(f"{route.kind.value} is paid by {may}, not by {payout.value}")


def charge(route: Route, amount_mills: int, rulebook: str, on: date, *, hours: int = 1) -> int:
    """What the Postal Service keeps for processing, in mills: a tenth, or by the hour above a line.

    Rounded down to the mill, in favour of the mailer.
    """
    said = rules.at("refunds", rulebook, on)
    if not route.charge or "refund_charge_percent" not in said:
        return 0
    if amount_mills <= said.whole("refund_charge_line_mills"):
        return amount_mills * said.whole("refund_charge_percent") // _PERCENT
    return min(amount_mills, max(1, hours) * said.whole("refund_charge_hourly_mills"))


class Outcome(StrEnum):
    """What an examination comes to."""

    REFUND = "refund or credit"
    NOTHING = "nothing to settle"
    COLLECT = "additional postage to be collected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The three ways in which an examined system is settled (9.3.1a)."""

    outcome: Outcome
    amount_mills: int
    """Never negative: what is refunded, or collected."""
    difference_mills: int
    """Verified less recorded: 0 where the books were right."""


def settle(*, granted_mills: int, ascending_mills: int, recorded_mills: int) -> Settlement:
    """What was granted to a system, less what its examined ascending register says was used.

    ``recorded_mills`` is what the books held it for. Less than nothing is left where more was used
    than was ever paid for: that is collected (R08-9.3.1a-3).
    """
    unused = granted_mills - ascending_mills
    outcome = Outcome.REFUND if unused > 0 else Outcome.COLLECT if unused else Outcome.NOTHING
    return Settlement(
        outcome=outcome, amount_mills=abs(unused), difference_mills=unused - recorded_mills
    )


def _option(payout: Payout, route: Route, amount_mills: int, said: RuleSet) -> PayoutOption:
    if payout is not Payout.CHECK or _FLOOR not in said:
        return PayoutOption(payout=payout, possible=True, clause=route.clause)
    floor = said[_FLOOR]
    least = said.whole(_FLOOR)
    below = amount_mills < least
    because = (
        f"{format_dollars(amount_mills)} is less than {format_dollars(least)}, below which the"
        " Postal Service issues no check"
        if below
        else ""
    )
    return PayoutOption(payout=payout, possible=not below, clause=floor.clause, because=because)
