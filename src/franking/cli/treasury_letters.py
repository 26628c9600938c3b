"""``franking treasury``, continued: what a provider's officer answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.clock import parse_date
from franking.money import parse_dollars
from franking.provider.standing import commands
from franking.provider.standing.records import Letter, Supplies

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The treasury's number of it.")]


def letters(
    desk: Desk,
    waiting: Annotated[bool, typer.Option(help="Only what is to be answered.")] = False,
) -> Answer:
    """List what the treasury wrote to the provider, and what is still to be answered."""
    data = commands.letters_view(desk.provider_books(), waiting=waiting)
    table = Table("Told", "What", "Due", "Standing", "Answer", box=None)
    for each in data:
        what = f"{each['kind']} {each['reference']}"
        due = each["due_on"] or "–"
        table.add_row(each["told_on"], what, due, each["status"], each["answer"])
    return Answer(data, table if data else "The treasury wrote nothing.")


def standing(desk: Desk) -> Answer:
    """Show whether the provider may reset, and the terms with its lockbox bank."""
    data = commands.standing_view(desk.provider_books())
    shown = {
        f"suspension {each['assessment']}": f"{each['status']}, from {each['since']}"
        for each in data["holds"]
    }
    for each in data["lockboxes"]:
        shown |= {"bank": each["bank"], "checks to": each["post_office_box"]}
        shown |= {"inquiries": f"{each['toll_free']}, {each['representative']}"}
    return Answer(data, facts("Standing with the treasury", shown) if shown else "In order.")


def offer_lockbox(
    desk: Desk,
    bank: Annotated[str, typer.Option(help="The bank's name.")],
    routing: Annotated[str, typer.Option(help="Its routing number.")],
    account: Annotated[str, typer.Option(help="The account there.")],
    title: Annotated[str, typer.Option(help="In whose name it is.")],
) -> Answer:
    """Put a lockbox account in the Postal Service's name up for approval (501.28(e)(1))."""
    done = commands.offer_lockbox(
        desk.provider_books(),
        desk.home.provider.signer,
        bank=bank,
        routing=routing,
        account=account,
        title=title,
        now=desk.home.now,
    )
    desk.carry()
    return _answered(done)


def disclose_costs(
    desk: Desk,
    number: Number,
    resetting: Annotated[str, typer.Option(help="What resetting costs, in dollars.")],
    conversion: Annotated[str, typer.Option(help="What converting costs, in dollars.")],
    because: Annotated[str, typer.Option(help="What they are made of.")] = "",
) -> Answer:
    """Say what resetting and the conversion cost; nothing becomes payable by it."""
    done = commands.disclose_costs(
        desk.provider_books(),
        desk.home.provider.signer,
        request=number,
        resetting_mills=parse_dollars(resetting),
        conversion_mills=parse_dollars(conversion),
        because=because,
        now=desk.home.now,
    )
    desk.carry()
    return _answered(done)


def step_done(
    desk: Desk,
    step: Annotated[str, typer.Argument(help="A step of the timetable.")],
    on: Annotated[str, typer.Option(help="The day; else today.")] = "",
) -> Answer:
    """Say that a step of the conversion is done."""
    day = parse_date(on) if on else desk.home.now.date()
    books, signer = desk.provider_books(), desk.home.provider.signer
    done = commands.report_conversion_step(books, signer, step=step, done_on=day, now=desk.home.now)
    desk.carry()
    return _answered(done)


def correct(
    desk: Desk, number: Number, correction: Annotated[str, typer.Option(help="What was done.")]
) -> Answer:
    """Say what was done about the findings of an assessment or audit."""
    books, signer = desk.provider_books(), desk.home.provider.signer
    done = commands.correct_deficiency(
        books, signer, assessment=number, correction=correction, now=desk.home.now
    )
    desk.carry()
    return _answered(done)


def defend(
    desk: Desk,
    number: Number,
    defense: Annotated[str, typer.Option(help="Why it should not be imposed.")],
    evidence: Annotated[list[str] | None, typer.Option(help="What proves it.")] = None,
) -> Answer:
    """Present a written defense before a noticed suspension takes effect (501.12(c))."""
    commands.defend_suspension(
        desk.provider_books(),
        desk.home.provider.signer,
        assessment=number,
        defense=defense,
        evidence=tuple(evidence or ()),
        now=desk.home.now,
    )
    desk.carry()
    return Answer({"assessment": number}, "The defense is sent; resetting goes on until decided.")


def produce_records(
    desk: Desk,
    number: Number,
    file: Annotated[Path, typer.Argument(help="A new file for the journal.")],
) -> Answer:
    """Lay the records of the resetting system open: the journal, by its digest (501.28(h))."""
    books, signer = desk.provider_books(), desk.home.provider.signer
    done = commands.produce_records(books, signer, inspection=number, file=file, now=desk.home.now)
    desk.carry()
    return _answered(done)


def explain_difference(
    desk: Desk, number: Number, answer: Annotated[str, typer.Option(help="How it came about.")]
) -> Answer:
    """Explain a difference that the treasury found."""
    books, signer = desk.provider_books(), desk.home.provider.signer
    done = commands.answer_difference(
        books, signer, number=number, answer=answer, now=desk.home.now
    )
    desk.carry()
    return _answered(done)


def want_supplies(
    desk: Desk,
    account: Annotated[str, typer.Argument(help="The licensee's account on deposit.")],
    licensee: Annotated[str, typer.Option(help="To whom.")],
    address: Annotated[str, typer.Option(help="Where to.")],
    zip_code: Annotated[str, typer.Option("--zip", help="The ZIP Code there.")],
    tickets: Annotated[int, typer.Option(help="How many deposit tickets.")] = 50,
    envelopes: Annotated[int, typer.Option(help="How many envelopes.")] = 50,
) -> Answer:
    """Ask the Postal Service for deposit tickets and envelopes for a licensee (501.28(e)(6))."""
    wanted = Supplies(
        account=account,
        licensee=licensee,
        address=address,
        zip_code=zip_code,
        tickets=tickets,
        envelopes=envelopes,
    )
    books, signer = desk.provider_books(), desk.home.provider.signer
    done = commands.want_supplies(books, signer, wanted, desk.home.now)
    desk.carry()
    return _answered(done)


def _answered(letter: Letter) -> Answer:
    data = {"kind": letter.kind.value, "reference": letter.reference, "answer": letter.answer}
    told = {"status": letter.status.value, "content": msgspec.json.decode(letter.content)}
    return Answer({**data, **told}, f"{letter.name}: {letter.answer or letter.status.value}")


COMMANDS: Mapping[str, Callable[..., Answer]] = MappingProxyType(
    {
        "letters": letters,
        "standing": standing,
        "offer-lockbox": offer_lockbox,
        "disclose-costs": disclose_costs,
        "step-done": step_done,
        "correct": correct,
        "defend": defend,
        "produce-records": produce_records,
        "explain-difference": explain_difference,
        "want-supplies": want_supplies,
    }
)
"""The commands of this module by name, in the order that ``--help`` shows."""


def register(app: typer.Typer) -> None:
    """Add the commands to ``franking treasury``."""
    for name, body in COMMANDS.items():
        command(app, name)(body)
