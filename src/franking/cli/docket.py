"""``franking docket``: what is due and missed; sweep it, note why, take it as a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from franking.cli.answer import Answer
from franking.cli.command import Desk, command, without_a_name
from franking.cli.docket_pictures import page_picture, sweep_picture
from franking.cli.domains import DomainOption, Side, side
from franking.cli.options import gathered
from franking.cli.progress import shown_while_running
from franking.clock import parse_date
from franking.docket import Obligation, ObligationStatus, SweepReport
from franking.docket.calendar_feed import feed
from franking.docket.noting import note_duty
from franking.docket.records import OUTSTANDING
from franking.docket.sweeping import due_for_sweep
from franking.docket.tables import Position
from franking.docket.views import PAGE, Choice, counts, every, page
from franking.errors import Refusal
from franking.money import parse_dollars

app = typer.Typer(help="What is due, by whom, under which clause; and what was missed.")

STATUS_UNKNOWN = Refusal(
    "STATUS_UNKNOWN",
    clause="policy",
    remedy=f"Choose all, outstanding, {', '.join(ObligationStatus)}.",
    http_status=422,
)
PLACE_UNREADABLE = Refusal(
    "PLACE_UNREADABLE",
    clause="policy",
    remedy="Give --after what the page before said under 'after', or leave it out.",
    http_status=422,
)
DOCKET_NOT_WRITTEN = Refusal(
    "DOCKET_NOT_WRITTEN",
    clause="policy",
    remedy="Give a place that can be written, and ask again; the docket is as it was.",
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody wants to see of a docket."""

    actor: Annotated[
        str,
        typer.Option(
            help="Who owes it: provider, licensee (any), licensee:KEY, 'post office:ZIP'."
        ),
    ] = ""
    record: Annotated[str, typer.Option(help="About which record: device:FK1A0000000001.")] = ""
    clause: Annotated[str, typer.Option(help="A clause, or a part of one: 501.22(f).")] = ""
    duty: Annotated[str, typer.Option(help="The name of a duty.")] = ""
    status: Annotated[
        str, typer.Option(help="open, missed, satisfied, 'satisfied late', cancelled, or all.")
    ] = "outstanding"
    on: Annotated[str, typer.Option(help="Only what is due by this day.")] = ""
    domain: DomainOption = Side.PROVIDER
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many on a page.")] = PAGE
    after: Annotated[str, typer.Option(help="Where the page before this one ended.")] = ""
    ics: Annotated[
        Path | None, typer.Option(help="Write everything chosen as a calendar (iCalendar).")
    ] = None
    export: Annotated[
        Path | None, typer.Option(help="Write everything chosen as JSON, one a line.")
    ] = None


@without_a_name(app)
@gathered(Asked)
def docket(desk: Desk, asked: Asked) -> Answer:
    """Show what is due and what was missed, by due date; `franking docket sweep` applies it."""
    choice = _choice(asked)
    if asked.ics is not None or asked.export is not None:
        return _written(desk, asked, choice)
    place, today = side(desk, asked.domain), desk.home.now.date()
    with place.books.reading() as reading:
        found = page(reading, place.docket, choice, after=_position(asked.after), limit=asked.limit)
        totals = counts(reading, place.docket, today)
    after = None if found.after is None else _place(found.after)
    data = {
        "domain": str(asked.domain),
        "today": today.isoformat(),
        "counts": {name: getattr(totals, name) for name in type(totals).__dataclass_fields__},
        "obligations": [plain(each, today) for each in found.obligations],
        "after": after,
    }
    return Answer(data, page_picture(found, totals, today, after))


@command(app, "sweep")
def sweep(
    desk: Desk,
    domain: DomainOption = Side.PROVIDER,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be marked missed; change nothing.")
    ] = False,
    after_silence: Annotated[
        bool, typer.Option("--after-silence", help="Nobody swept for long; the clock is right.")
    ] = False,
) -> Answer:
    """Mark missed what is past due, and apply the consequence of each, exactly once."""
    place, now = side(desk, domain), desk.home.now
    if dry_run:
        report = due_for_sweep(place.books, place.docket, now)
    else:
        with shown_while_running(quiet=desk.as_json) as bars:

            def progress(done: int) -> None:
                bars.progress("missed", done, None)

            report = place.sweep(
                place.books, place.signer, now, progress, after_silence=after_silence
            )
        desk.carry()
    return Answer(_report(report, domain, dry_run=dry_run), sweep_picture(report, dry_run=dry_run))


@command(app, "note")
def note(
    desk: Desk,
    record: Annotated[str, typer.Argument(help="device:FK1A0000000001")],
    duty: Annotated[str, typer.Argument(help="The name of the duty.")],
    words: Annotated[str, typer.Argument(help="Why it was missed, what was done.")],
    cost: Annotated[str, typer.Option(help="What missing it cost, in dollars.")] = "",
    domain: DomainOption = Side.PROVIDER,
) -> Answer:
    """Note on the newest obligation of a duty why it was missed, and what that cost."""
    place, cost_mills = side(desk, domain), parse_dollars(cost) if cost else None
    found = note_duty(
        place.books,
        place.docket,
        record=record,
        duty=duty,
        words=words,
        now=desk.home.now,
        cost_mills=cost_mills,
    )
    data = {**plain(found, desk.home.now.date()), "noted": words, "cost_mills": cost_mills}
    return Answer(data, f"Noted on {duty!r} about {record}, due {found.due}.")


def plain(of: Obligation, today: date) -> dict[str, Any]:
    """An obligation for programs."""
    return {
        "record": of.record,
        "duty": of.duty,
        "ordinal": of.ordinal,
        "status": str(of.status),
        "owed_by": of.owed_by,
        "clause": of.clause,
        "rulebook": of.rulebook,
        "start": of.start.isoformat(),
        "due": of.due.isoformat(),
        "days_late": of.days_late(today),
        "missed_on": of.missed_on and of.missed_on.isoformat(),
        "closed_on": of.closed_on and of.closed_on.isoformat(),
        "because": of.because,
    }


def _written(desk: Desk, asked: Asked, choice: Choice) -> Answer:
    """Everything chosen into files; each file appears whole or not at all."""
    place, now = side(desk, asked.domain), desk.home.now
    files: list[str] = []
    with place.books.reading() as reading:
        if asked.ics is not None:
            chosen = every(reading, place.docket, choice)
            name = f"Docket of the {asked.domain} domain"
            _write(asked.ics, feed(chosen, name=name, now=now))
            files.append(str(asked.ics))
        if asked.export is not None:
            lines = every(reading, place.docket, choice)
            _write(
                asked.export,
                (msgspec.json.encode(plain(each, now.date())) + b"\n" for each in lines),
            )
            files.append(str(asked.export))
    return Answer({"files": files}, f"Wrote {', '.join(files)}.")


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    fresh = path.with_name(path.name + ".new")
    try:
        with fresh.open("wb") as file:
            file.writelines(pieces)
        fresh.replace(path)
    except OSError as error:
        raise DOCKET_NOT_WRITTEN.because(f"{path}: {error.strerror}") from error


def _choice(asked: Asked) -> Choice:
    return Choice(
        owed_by=_actor(asked),
        record=asked.record,
        clause=asked.clause,
        duty=asked.duty,
        statuses=_statuses(asked.status),
        due_to=parse_date(asked.on) if asked.on else None,
    )


def _actor(asked: Asked) -> str:
    """Who owes it; the name of a kind of which these books know several means any of them."""
    kinds = {"licensee", "post office"} | ({"provider"} if asked.domain is Side.POSTAL else set())
    return f"{asked.actor}:" if asked.actor in kinds else asked.actor


def _statuses(named: str) -> tuple[ObligationStatus, ...]:
    if named in ("all", "outstanding"):
        return tuple(ObligationStatus) if named == "all" else OUTSTANDING
    if named not in set(ObligationStatus):
        raise STATUS_UNKNOWN.because(f"{named!r} is no status of an obligation")
    return (ObligationStatus(named),)


def _place(after: Position) -> str:
    due, record, duty, ordinal = after
    return f"{due}|{ordinal}|{duty}|{record}"


def _position(after: str) -> Position | None:
    if not after:
        return None
    parts = after.split("|", 3)
    if len(parts) != 4 or not (parts[1].isascii() and parts[1].isdigit()):
        raise PLACE_UNREADABLE.because(f"{after!r} is no place in the docket")
    due, ordinal, duty, record = parts
    return due, record, duty, int(ordinal)


def _report(report: SweepReport, domain: Side, *, dry_run: bool) -> dict[str, Any]:
    return {
        "domain": str(domain),
        "on": report.on.isoformat(),
        "dry_run": dry_run,
        "total": report.total,
        "missed": dict(report.missed),
        "stuck": [
            {"obligation": each.obligation.id, "code": each.code, "detail": each.detail}
            for each in report.stuck
        ],
    }
