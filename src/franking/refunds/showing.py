"""An advice as JSON values and in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from franking.money import format_dollars
from franking.refunds.records import Advice, AppealRoute, Clock, Payout


def advice_json(advice: Advice) -> dict[str, object]:
    """Everything that a mailer is told before he files."""
    route = advice.route
    return {
        "route": route.kind.value,
        "clause": route.clause,
        "rulebook": advice.rulebook,
        "on": advice.on.isoformat(),
        "submit_to": route.submit_to,
        "manner": route.manner.value,
        "who_may_ask": [each.value for each in route.requesters],
        "decided_by": route.decider.value,
        "clock": route.clock.value,
        "last_day": advice.last_day.isoformat() if advice.last_day else None,
        "evidence": [
            {"kind": each.kind.value, "clause": each.clause, "required": each.required}
            for each in advice.evidence
        ],
        "amount_mills": advice.amount_mills,
        "charge_mills": advice.charge_mills,
        "refund_mills": advice.refund_mills,
        "payouts": [asdict(each) for each in advice.payouts],
        "appeal": asdict(advice.appeal) if advice.appeal else None,
        "obstacles": [asdict(each) for each in advice.obstacles],
        "open": advice.is_open,
    }


def advice_facts(advice: Advice) -> dict[str, object]:
    """The same in words, by what it is about."""
    route = advice.route
    told: dict[str, object] = {
        "What": f"{route.kind.value} ({route.clause})",
        "Submit to": f"{route.submit_to} ({route.manner.value})",
        "Who may ask": " or ".join(each.value for each in route.requesters),
        "Decided by": route.decider.value,
        "Last day": _last_day(advice),
        "Has to come": "\n".join(_evidence(advice)) or "nothing but the request",
    }
    if advice.amount_mills:
        told["Amount"] = _amount(advice)
    told["Paid by"] = "\n".join(_payouts(advice))
    if advice.appeal:
        told["Appeal"] = appeal_words(advice.appeal)
    if advice.obstacles:
        told["In the way"] = "\n".join(
            f"{each.detail} ({each.clause})" for each in advice.obstacles
        )
    return told


def appeal_words(appeal: AppealRoute) -> str:
    """How a ruling is appealed, in a sentence."""
    words = f"within {appeal.days} days of receipt of the ruling, "
    words += "" if appeal.through == "nobody else" else f"through the {appeal.through}, "
    words += f"to the {appeal.to}, whose decision is final"
    return f"{words}; with the original indicia" if appeal.originals else words


def _last_day(advice: Advice) -> str:
    if advice.route.clock is Clock.NONE:
        return "no limit of days"
    if advice.last_day is None:
        return f"counted from {advice.route.clock.value}"
    return f"{advice.last_day.isoformat()}, counted from {advice.route.clock.value}"


def _evidence(advice: Advice) -> Iterator[str]:
    for each in advice.evidence:
        optional = "" if each.required else ", if there is one"
        yield f"{each.kind.value}{optional} ({each.clause})"


def _amount(advice: Advice) -> str:
    words = format_dollars(advice.refund_mills)
    if advice.charge_mills:
        kept = format_dollars(advice.charge_mills)
        words += f" ({format_dollars(advice.amount_mills)} less {kept} for processing)"
    return words


def _payouts(advice: Advice) -> Iterator[str]:
    for each in advice.payouts:
        said = _WORDS[each.payout]
        yield said if each.possible else f"not {said}: {each.because} ({each.clause})"


_WORDS = {
    Payout.CHECK: "check of the Postal Service",
    Payout.CREDIT: "credit to the account",
    Payout.TRANSFER: "transfer to another system",
    Payout.PROVIDER: "payment by the provider",
    Payout.BANK: "the lockbox bank",
    Payout.POST_OFFICE: "the post office",
}
