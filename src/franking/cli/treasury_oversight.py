"""``franking treasury``, continued: assessments, suspensions, costs, the timetable, inspections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated

import typer
from rich.table import Table

from franking.cli.answer import Answer
from franking.cli.command import Desk, command
from franking.clock import parse_date
from franking.errors import Refusal
from franking.home.provider_office import NAME
from franking.money import format_dollars, parse_dollars
from franking.postal.treasury import assessing, costs, inspecting, supplying, suspending, views
from franking.postal.treasury import oversight_tables as tables
from franking.postal.treasury.assessing import Assessed
from franking.postal.treasury.inspecting import Visit
from franking.postal.treasury.oversight_records import Assessment
from franking.rules.permissions import Role

TIMETABLE_UNREADABLE = Refusal(
    "TIMETABLE_UNREADABLE",
    clause="60 FR 30714 (1995), preamble IV",
    remedy="Write each step as 'NAME=YYYY-MM-DD'.",
    http_status=422,
)
Provider = Annotated[str, typer.Option(help="Which provider.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Its number.")]
Because = Annotated[str, typer.Option(help="Facts and reasons.")]
Rulebook = Annotated[str, typer.Option(help="meter-1995: assessment; ibip-1997: audit.")]


def assess(
    desk: Desk,
    finding: Annotated[list[str] | None, typer.Option(help="What is wrong; repeatable.")] = None,
    rulebook: Rulebook = "meter-1995",
    answer_by: Annotated[str, typer.Option(help="By when it is to be corrected.")] = "",
    propose_suspension: Annotated[
        bool, typer.Option(help="Resetting is suspended unless it is corrected (501.12(b)).")
    ] = False,
    provider: Provider = NAME,
) -> Answer:
    """Assess the revenue protection of a resetting system, or audit it (501.28(c))."""
    found = Assessed(
        provider=provider,
        rulebook=rulebook,
        findings=tuple(finding or ()),
        answer_by=parse_date(answer_by) if answer_by else None,
        suspension_proposed=propose_suspension,
    )
    books, signer = desk.postal_books(Role.TREASURY_OFFICER), desk.home.postal.signer
    done = assessing.assess_system(books, signer, found, desk.home.now)
    desk.carry()
    return _assessment(done)


def plan(desk: Desk, rulebook: Rulebook = "meter-1995", provider: Provider = NAME) -> Answer:
    """Put the periodic assessment of a provider's system on the docket."""
    books = desk.postal_books(Role.TREASURY_OFFICER)
    assessing.plan_assessment(books, provider=provider, rulebook=rulebook, now=desk.home.now)
    what = assessing.WHAT[rulebook]
    return Answer({"provider": provider, "what": what}, f"The {what} is on the docket.")


def assessments(desk: Desk, provider: Provider = "") -> Answer:
    """List assessments and audits, and what followed from them."""
    with desk.postal_books(Role.TREASURY_OFFICER).reading() as reading:
        found = tables.assessments(reading, provider=provider)
    table = Table("No.", "Provider", "What", "On", "Standing", "Findings", box=None)
    for each in found:
        about = (each.provider, each.what, each.assessed_on.isoformat(), each.status.value)
        table.add_row(str(each.number), *about, "; ".join(each.findings) or "none")
    return Answer([views.as_json(each) for each in found], table if found else "None yet.")


def accept(desk: Desk, number: Number, because: Because) -> Answer:
    """Find a correction good: the assessment is closed."""
    books = desk.postal_books(Role.TREASURY_OFFICER)
    return _assessment(
        assessing.accept_correction(books, number=number, because=because, now=desk.home.now)
    )


def suspend(
    desk: Desk,
    number: Number,
    deficiency: Annotated[str, typer.Option(help="What is likely to lose funds.")],
    from_day: Annotated[str, typer.Option("--from", help="The day it takes effect.")] = "",
    shorter: Annotated[
        str, typer.Option(help="Why the days for a defense are fewer (501.12(c)).")
    ] = "",
) -> Answer:
    """Give notice that resetting is suspended for a serious deficiency (501.28(c), 501.12)."""
    done = suspending.notice_suspension(
        desk.postal_books(Role.TREASURY_OFFICER),
        desk.home.postal.signer,
        number=number,
        deficiency=deficiency,
        effective_on=parse_date(from_day) if from_day else None,
        shorter_because=shorter,
        now=desk.home.now,
    )
    desk.carry()
    return _assessment(done)


def decide(
    desk: Desk,
    number: Number,
    because: Because,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Withdraw it.")] = False,
) -> Answer:
    """Decide on a noticed or standing suspension: it stands, or is withdrawn (501.12(b), (d))."""
    done = suspending.decide_suspension(
        desk.postal_books(Role.TREASURY_OFFICER),
        desk.home.postal.signer,
        number=number,
        suspended=not withdraw,
        because=because,
        now=desk.home.now,
    )
    desk.carry()
    return _assessment(done)


def extend(desk: Desk, number: Number, because: Because) -> Answer:
    """Let a suspension go on after its days (501.12(b)(4)(i))."""
    books = desk.postal_books(Role.TREASURY_OFFICER)
    return _assessment(
        suspending.extend_suspension(books, number=number, because=because, now=desk.home.now)
    )


def revoke(
    desk: Desk,
    number: Number,
    requirement: Annotated[list[str], typer.Option(help="What is not met; repeatable.")],
) -> Answer:
    """Revoke the authorization to reset: requirements are not met (501.28(c))."""
    books, signer = desk.postal_books(Role.TREASURY_OFFICER), desk.home.postal.signer
    done = suspending.revoke_authority(
        books, signer, number=number, requirements=requirement, now=desk.home.now
    )
    desk.carry()
    return _assessment(done)


def ask_costs(desk: Desk, provider: Provider = NAME) -> Answer:
    """Ask a provider what resetting and conversion cost it; nothing becomes payable by it."""
    books, signer = desk.postal_books(Role.TREASURY_OFFICER), desk.home.postal.signer
    asked = costs.ask_costs(books, signer, provider=provider, now=desk.home.now)
    desk.carry()
    return Answer(views.as_json(asked), f"Request {asked.number}: due on {asked.due_on}.")


def list_costs(desk: Desk) -> Answer:
    """List what providers said of their expenses, and the reviews."""
    with desk.postal_books(Role.TREASURY_OFFICER).reading() as reading:
        found = tables.cost_requests(reading)
    table = Table("No.", "Provider", "Resetting", "Conversion", "Review", box=None)
    for each in found:
        told = [
            "not told" if mills is None else format_dollars(mills)
            for mills in (each.resetting_mills, each.conversion_mills)
        ]
        table.add_row(str(each.number), each.provider, *told, each.review)
    return Answer([views.as_json(each) for each in found], table if found else "None asked.")


def review_costs(
    desk: Desk, number: Number, review: Annotated[str, typer.Option(help="What was found.")]
) -> Answer:
    """Write down the review of disclosed expenses."""
    books = desk.postal_books(Role.TREASURY_OFFICER)
    done = costs.review_costs(books, number=number, review=review, now=desk.home.now)
    return Answer(views.as_json(done), f"Request {number} is reviewed; nothing is owed by it.")


def convert(
    desk: Desk,
    step: Annotated[list[str], typer.Option(help="NAME=DAY; repeatable.")],
    provider: Annotated[list[str] | None, typer.Option(help="All that convert.")] = None,
) -> Answer:
    """Set the timetable of the conversion: one for all, so that nobody gains by being late."""
    steps = {}
    for each in step:
        name, equals, day = each.partition("=")
        if not equals or not name.strip():
            raise TIMETABLE_UNREADABLE.because(f"{each!r} has no day")
        steps[name.strip()] = parse_date(day)
    costs.schedule_conversion(
        desk.postal_books(Role.TREASURY_OFFICER),
        desk.home.postal.signer,
        steps=steps,
        providers=provider or [NAME],
        now=desk.home.now,
    )
    desk.carry()
    return timetable(desk)


def timetable(desk: Desk) -> Answer:
    """Show the timetable, and which provider did which step when."""
    data = costs.conversion_view(desk.postal_books(Role.TREASURY_OFFICER), [NAME])
    table = Table("Step", "Day", "Done", box=None)
    for each in data:
        done = ", ".join(f"{one}: {day or 'not yet'}" for one, day in each["done"].items())
        table.add_row(each["step"], each["day"], done)
    return Answer(data, table if data else "There is no timetable.")


def inspect(
    desk: Desk,
    at: Annotated[str, typer.Option(help="When: a day and time, 1997-06-10T10:00.")],
    representative: Annotated[list[str], typer.Option(help="Who comes; repeatable.")],
    since: Annotated[str, typer.Option(help="The first day of the records.")],
    until: Annotated[str, typer.Option(help="The last day of the records.")],
    records: Annotated[str, typer.Option(help="Which records.")] = "all records of resetting",
    facility: Annotated[list[str] | None, typer.Option(help="Which; repeatable.")] = None,
    provider: Provider = NAME,
) -> Answer:
    """Announce an inspection of records and facilities at a reasonable time (501.28(h))."""
    visit = Visit(
        provider=provider,
        representatives=tuple(representative),
        at=_local(at, desk.home.now),
        facilities=tuple(facility or ()),
        records=records,
        since=parse_date(since),
        until=parse_date(until),
    )
    books, signer = desk.postal_books(Role.POSTAL_INSPECTOR), desk.home.postal.signer
    done = inspecting.announce_inspection(books, signer, visit, desk.home.now)
    desk.carry()
    return Answer(views.as_json(done), f"Inspection {done.number} is announced to {provider}.")


def inspections(desk: Desk) -> Answer:
    """List the inspections of records and facilities."""
    with desk.postal_books(Role.POSTAL_INSPECTOR).reading() as reading:
        found = tables.inspections(reading)
    table = Table("No.", "Provider", "When", "Standing", "Handed over", "Finding", box=None)
    for each in found:
        when, over = f"{each.at:%Y-%m-%d %H:%M}", each.digest[:16] or "–"
        standing = each.status.value
        table.add_row(str(each.number), each.provider, when, standing, over, each.finding)
    return Answer([views.as_json(each) for each in found], table if found else "None.")


def close_inspection(
    desk: Desk,
    number: Number,
    finding: Annotated[str, typer.Option(help="What was found.")],
    refused: Annotated[bool, typer.Option("--refused", help="Access was refused.")] = False,
) -> Answer:
    """Write down what an inspection found, or that access was refused."""
    books = desk.postal_books(Role.POSTAL_INSPECTOR)
    done = inspecting.close_inspection(
        books, number=number, refused=refused, finding=finding, now=desk.home.now
    )
    return Answer(views.as_json(done), f"Inspection {number} is {done.status.value}.")


def want_report(
    desk: Desk,
    report: Annotated[str, typer.Argument(help="postage refunds, or funds advanced.")],
    since: Annotated[str, typer.Option(help="The first day.")],
    until: Annotated[str, typer.Option(help="The last day; else daily from then on.")] = "",
    provider: Provider = NAME,
) -> Answer:
    """Ask for a report that is given on request only (501.28(g))."""
    inspecting.want_report(
        desk.postal_books(Role.TREASURY_OFFICER),
        desk.home.postal.signer,
        provider=provider,
        report=report,
        since=parse_date(since),
        until=parse_date(until) if until else None,
        now=desk.home.now,
    )
    desk.carry()
    return Answer({"provider": provider, "report": report}, f"{provider} is asked.")


def supplies(desk: Desk) -> Answer:
    """List the deposit tickets and envelopes that are wanted, or were sent."""
    with desk.postal_books(Role.TREASURY_OFFICER).reading() as reading:
        found = tables.supplies(reading)
    table = Table("No.", "Account", "For", "Tickets", "Envelopes", "Sent", box=None)
    for each in found:
        counts = (str(each.tickets), str(each.envelopes))
        sent = each.sent_on.isoformat() if each.sent_on else "–"
        table.add_row(str(each.number), each.account, each.licensee, *counts, sent)
    return Answer([views.as_json(each) for each in found], table if found else "None wanted.")


def send_supplies(
    desk: Desk,
    number: Number,
    cost: Annotated[str, typer.Option(help="What they cost the Postal Service.")] = "0.00",
) -> Answer:
    """Send a licensee deposit tickets and envelopes, at the Postal Service's cost."""
    books, signer = desk.postal_books(Role.TREASURY_OFFICER), desk.home.postal.signer
    done = supplying.send_supplies(
        books, signer, number=number, cost_mills=parse_dollars(cost), now=desk.home.now
    )
    desk.carry()
    return Answer(views.as_json(done), f"Sent to {done.licensee}, for {done.post_office_box}.")


def _assessment(one: Assessment) -> Answer:
    words = f"Assessment {one.number} of {one.provider}: {one.status.value}."
    return Answer(views.as_json(one), words)


def _local(text: str, now: datetime) -> datetime:
    """A day and time on the clock of the place of ``now``."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise inspecting.TIME_UNREASONABLE.because(f"{text!r} is no time") from error
    return at if at.tzinfo else at.replace(tzinfo=now.tzinfo)


COMMANDS: Mapping[str, Callable[..., Answer]] = MappingProxyType(
    {
        "assess": assess,
        "plan": plan,
        "assessments": assessments,
        "accept": accept,
        "suspend": suspend,
        "decide": decide,
        "extend": extend,
        "revoke": revoke,
        "ask-costs": ask_costs,
        "costs": list_costs,
        "review-costs": review_costs,
        "convert": convert,
        "timetable": timetable,
        "inspect": inspect,
        "inspections": inspections,
        "close-inspection": close_inspection,
        "want-report": want_report,
        "supplies": supplies,
        "send-supplies": send_supplies,
    }
)
"""The commands of this module by name, in the order that ``--help`` shows."""


def register(app: typer.Typer) -> None:
    """Add the commands to ``franking treasury``."""
    for name, body in COMMANDS.items():
        command(app, name)(body)
