"""When a record must be kept, and when it may and must be destroyed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from franking import rules
from franking.errors import Refusal
from franking.messages.applications import one_spelling
from franking.retention.kinds import term_of
from franking.retention.records import Hold, Retained, RetainedStatus
from franking.rules.calendars import due

_LIFE = "39 CFR 501.22(k) (1995)"

RECORD_NOT_RETAINED = Refusal(
    "RECORD_NOT_RETAINED",
    clause=_LIFE,
    remedy="A record is retained from the end of its subject on; see `franking retention list`.",
    http_status=404,
)
RECORD_PERMANENT = Refusal(
    "RECORD_PERMANENT",
    clause="39 CFR 501.22(n) (1995)",
    remedy="Keep it: key records are permanent.",
)
RECORD_KEPT_STILL = Refusal(
    "RECORD_KEPT_STILL",
    clause=f"{_LIFE}; 39 CFR 502.21(e) (1997)",
    remedy="Wait for the day that is named.",
)
RECORD_HELD = Refusal(
    "RECORD_HELD",
    clause="policy",
    remedy="Have whoever placed the legal hold lift it: franking retention lift RECORD NUMBER.",
)
RECORD_DESTROYED = Refusal(
    "RECORD_DESTROYED",
    clause=_LIFE,
    remedy="See the certificate of its destruction: `franking retention show`.",
)
SECOND_PERSON_WANTED = Refusal(
    "SECOND_PERSON_WANTED",
    clause="policy",
    remedy="One person proposes the destruction, another one carries it out.",
    http_status=403,
)


def retained(record: str, kind: str, *, rulebook: str, ended_on: date) -> Retained:
    """How long a record is kept whose subject ended on a day.

    Raises:
        Refused: ``RULEBOOK_NOT_OPEN``, ``PARAMETER_UNKNOWN``.
    """
    term = term_of(kind, rulebook)
    at = rules.at("provider", rulebook, ended_on)
    return Retained(
        record=record,
        kind=kind,
        rulebook=rulebook,
        clause=term.clause,
        ended_on=ended_on,
        keep_until=due(ended_on, at[term.keep]) if term.keep else None,
        destroy_by=due(ended_on, at[term.destroy]) if term.destroy else None,
    )


def require_destroyable(kept: Retained, holds: Sequence[Hold], on: date) -> None:
    """Whether a record may be destroyed on a day.

    Raises:
        Refused: ``RECORD_DESTROYED``, ``RECORD_PERMANENT``, ``RECORD_KEPT_STILL``,
            ``RECORD_HELD``.
    """
    if kept.status is RetainedStatus.DESTROYED:
        raise RECORD_DESTROYED.because(f"{kept.record} was destroyed before")
    if kept.keep_until is None:
        raise RECORD_PERMANENT.because(f"{kept.record} is a {kept.kind} ({kept.clause})")
    if on < kept.keep_until:
        raise RECORD_KEPT_STILL.because(
            f"{kept.record}, a {kept.kind}, is kept until {kept.keep_until} ({kept.clause})"
        )
    if holds:
        named = "; ".join(f"{each.record}: {each.because} ({each.placed_by})" for each in holds)
        raise RECORD_HELD.because(f"{kept.record} is under legal hold: {named}")


def require_second(kept: Retained, person: str) -> None:
    """Whether ``person`` may carry out what another one proposed.

    Raises:
        Refused: ``SECOND_PERSON_WANTED``.
    """
    if kept.status is not RetainedStatus.PROPOSED:
        raise SECOND_PERSON_WANTED.because(f"nobody proposed to destroy {kept.record}")
    if one_spelling(kept.proposed_by) == one_spelling(person):
        raise SECOND_PERSON_WANTED.because(f"{person} proposed it, and can not carry it out alone")
