"""What resetting costs providers, and the timetable by which all convert (60 FR 30714, 1995).

Expenses are asked for and reviewed, and nothing becomes payable by it: the Postal Service rejects
the term compensation. One timetable holds for all, so that nobody gains by being late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from franking import rules
from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import (
    ConversionScheduled,
    ConversionStepDone,
    CostsDisclosed,
    CostsWanted,
)
from franking.messages.receiving import Dispatched
from franking.messages.signing import Signer
from franking.postal.schema import DISPATCHES, DOCKET
from franking.postal.treasury import chart
from franking.postal.treasury import oversight_tables as tables
from franking.postal.treasury.oversight_records import (
    CONVERT,
    DISCLOSE,
    ConversionStep,
    CostRequest,
    StepDone,
)
from franking.postal.treasury.records import treasury_record
from franking.rules.calendars import due
from franking.storage import Act, Books, Work

COSTS_UNKNOWN = Refusal(
    "COSTS_UNKNOWN",
    clause="60 FR 30714 (1995), preamble IV",
    remedy="See what was asked: franking treasury costs.",
    http_status=404,
)
COSTS_NOT_TOLD = Refusal(
    "COSTS_NOT_TOLD",
    clause="60 FR 30714 (1995), preamble IV",
    remedy="Wait until the provider has disclosed its expenses.",
)
COSTS_TOLD = Refusal(
    "COSTS_TOLD",
    clause="60 FR 30714 (1995), preamble IV",
    remedy="Ask again with a new request: what was told stays as it was told.",
)
TIMETABLE_UNFIT = Refusal(
    "TIMETABLE_UNFIT",
    clause="60 FR 30714 (1995), preamble IV",
    remedy="Name each step once, with a day to come, and all providers that convert.",
    http_status=422,
)
STEP_UNKNOWN = Refusal(
    "STEP_UNKNOWN",
    clause="60 FR 30714 (1995), preamble IV",
    remedy="See the timetable: franking treasury timetable.",
    http_status=404,
)
_CLAUSE = "60 FR 30714 (1995), preamble IV"
_METER = "meter-1995"
_NUMBERS = "cost requests:all"
TIMETABLE = "timetable:conversion"
"""The record of the one timetable."""


def ask_costs(books: Books, signer: Signer, *, provider: str, now: datetime) -> CostRequest:
    """Ask a provider what resetting and the conversion cost it."""
    record = treasury_record(provider)
    with books.work(now, "ask_costs", on=(record, _NUMBERS)) as work:
        term = rules.at("provider", _METER, now.date())["cost_disclosure_days"]
        request = CostRequest(
            number=tables.next_number(work, tables.COSTS),
            provider=provider,
            asked_on=now.date(),
            due_on=due(now.date(), term),
        )
        tables.put_cost_request(work, None, request)
        DOCKET.open(
            work,
            DISCLOSE,
            record=_record_of(request),
            owed_by=f"provider:{provider}",
            rulebook=_METER,
            start=now.date(),
            now=now,
            because="asked by the treasury",
        )
        wanted = CostsWanted(
            **_from(now), request=request.number, due_on=request.due_on.isoformat()
        )
        _send(work, signer, provider, wanted, now)
        work.record(Act(record=_record_of(request), clauses=(_CLAUSE,)))
    return request


def take_costs(work: Work, message: CostsDisclosed, _: Signer, now: datetime) -> None:
    """A provider tells its expenses. They are a record: no account and no payable is touched.

    Raises:
        Refused: ``COSTS_UNKNOWN``, ``COSTS_TOLD``.
    """
    before = tables.find_cost_request(work, message.request)
    if before is None or before.provider != message.sender:
        raise COSTS_UNKNOWN.because(f"{message.sender} was not asked under {message.request}")
    if before.told_on is not None:
        raise COSTS_TOLD.because(f"request {before.number} was answered on {before.told_on}")
    after = replace(
        before,
        resetting_mills=message.resetting_mills,
        conversion_mills=message.conversion_mills,
        told=message.because,
        told_on=now.date(),
    )
    tables.put_cost_request(work, before, after)
    record = _record_of(before)
    DOCKET.satisfy(work, DISCLOSE, record=record, now=now, because="disclosed")
    inputs: dict[str, object] = {
        "resetting_mills": message.resetting_mills,
        "conversion_mills": message.conversion_mills,
    }
    work.record(Act(command="take_costs", record=record, clauses=(_CLAUSE,), inputs=inputs))


def review_costs(books: Books, *, number: int, review: str, now: datetime) -> CostRequest:
    """Write down the review of disclosed expenses; nothing is owed by it.

    Raises:
        Refused: ``COSTS_UNKNOWN``, ``COSTS_NOT_TOLD``.
    """
    record = record_id("costs", number)
    with books.work(now, "review_costs", on=(record,)) as work:
        before = tables.find_cost_request(work, number)
        if before is None:
            raise COSTS_UNKNOWN.because(f"there is no request {number}")
        if before.told_on is None:
            raise COSTS_NOT_TOLD.because(f"{before.provider} has until {before.due_on}")
        after = replace(before, review=review, reviewed_by=books.by.name, reviewed_on=now.date())
        tables.put_cost_request(work, before, after)
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"review": review}))
    return after


def schedule_conversion(
    books: Books,
    signer: Signer,
    *,
    steps: Mapping[str, date],
    providers: Sequence[str],
    now: datetime,
) -> list[ConversionStep]:
    """Set the timetable of the conversion, one for all, and tell every provider the same day.

    A later edition takes the place of the one before: again for all.

    Raises:
        Refused: ``TIMETABLE_UNFIT``.
    """
    _require_fit(steps, providers, now.date())
    locks = (TIMETABLE, *map(treasury_record, providers))
    with books.work(now, "schedule_conversion", on=locks) as work:
        before = tables.steps(work)
        edition = before[0].edition + 1 if before else 1
        table = [ConversionStep(edition=edition, step=step, day=day) for step, day in steps.items()]
        tables.add_steps(work, table)
        for provider in providers:
            _on_docket(work, provider, before, table, now)
            told = ConversionScheduled(
                **_from(now),
                edition=edition,
                steps={each.step: each.day.isoformat() for each in table},
            )
            _send(work, signer, provider, told, now)
        inputs: dict[str, object] = {"edition": edition, "providers": list(providers)}
        work.record(Act(record=TIMETABLE, clauses=(_CLAUSE,), inputs=inputs))
    return table


def take_step(work: Work, message: ConversionStepDone, _: Signer, now: datetime) -> None:
    """A provider did a step of the timetable.

    Raises:
        Refused: ``STEP_UNKNOWN``.
    """
    if message.step not in {each.step for each in tables.steps(work)}:
        raise STEP_UNKNOWN.because(f"the timetable has no step {message.step!r}")
    known = {(each.provider, each.step) for each in tables.steps_done(work)}
    if (message.sender, message.step) not in known:
        done_on = date.fromisoformat(message.done_on)
        done = StepDone(provider=message.sender, step=message.step, done_on=done_on)
        tables.add_step_done(work, done)
    record = _step_record(message.sender, message.step)
    DOCKET.satisfy(work, CONVERT, record=record, now=now, because=f"done on {message.done_on}")
    inputs: dict[str, object] = {"step": message.step, "done_on": message.done_on}
    work.record(Act(command="take_step", record=record, clauses=(_CLAUSE,), inputs=inputs))


def conversion_view(books: Books, providers: Sequence[str]) -> list[dict[str, Any]]:
    """Each step with its day, and by provider when it was done, or that it waits."""
    with books.reading() as reading:
        table, done = tables.steps(reading), tables.steps_done(reading)
    when = {(each.provider, each.step): each.done_on.isoformat() for each in done}
    named = sorted({*providers, *(each.provider for each in done)})
    return [
        {
            "step": each.step,
            "day": each.day.isoformat(),
            "done": {one: when.get((one, each.step), "") for one in named},
        }
        for each in table
    ]


def _require_fit(steps: Mapping[str, date], providers: Sequence[str], today: date) -> None:
    wrong = [f"{step!r} is for {day}" for step, day in steps.items() if day < today]
    wrong += [] if steps else ["it has no step"]
    wrong += [] if providers else ["it is for no provider"]
    wrong += ["a provider is named twice"] if len(set(providers)) != len(providers) else []
    if wrong:
        raise TIMETABLE_UNFIT.because("; ".join(wrong))


def _on_docket(
    work: Work,
    provider: str,
    before: Sequence[ConversionStep],
    table: Sequence[ConversionStep],
    now: datetime,
) -> None:
    """The steps as obligations: the same day for each provider; those of before are void."""
    for old in before:
        record = _step_record(provider, old.step)
        DOCKET.cancel(work, CONVERT, record=record, now=now, because="a later edition")
    known = {each.step for each in tables.steps_done(work) if each.provider == provider}
    for each in table:
        if each.step not in known:
            DOCKET.open(
                work,
                CONVERT,
                record=_step_record(provider, each.step),
                owed_by=f"provider:{provider}",
                rulebook=_METER,
                start=now.date(),
                due=each.day,
                now=now,
                because=f"{each.step}, edition {each.edition}",
            )


def _record_of(request: CostRequest) -> str:
    return record_id("costs", request.number)


def _step_record(provider: str, step: str) -> str:
    return record_id("conversion", f"{chart.code_of(provider)}/{step}")


def _from(now: datetime) -> dict[str, Any]:
    return {"device": "", "issued_at": instant_text(now), "sender": POSTAL_SERVICE}


def _send(work: Work, signer: Signer, provider: str, message: Dispatched, now: datetime) -> None:
    record = treasury_record(provider)
    DISPATCHES.send(work, message, signer, recipient=provider, record=record, now=now)
