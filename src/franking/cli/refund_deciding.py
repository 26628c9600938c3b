"""``franking refund decide|cause|received|claim|claims``: what a provider's officer does."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Group

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.licensing_options import day, many
from franking.cli.refund_showing import shown_case
from franking.money import format_dollars, parse_dollars
from franking.provider.refunds import claiming, deciding, views
from franking.rules.permissions import Role

Case = Annotated[str, typer.Argument(metavar="CASE", help="As `refund list` names it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would be done; do nothing.")]
_ENTRIES = ("key", "case", "amount", "outcome", "because")


def register(app: typer.Typer) -> None:
    """Add these commands to the group."""
    command(app, "decide")(decide)
    command(app, "cause")(cause)
    command(app, "received")(received)
    command(app, "claim")(claim)
    command(app, "claims")(claims)


def decide(
    desk: Desk,
    case: Case,
    deny: Annotated[str, typer.Option(metavar="WHY", help="Deny it, for this reason.")] = "",
    exceptionally: Annotated[
        str, typer.Option(metavar="WHY", help="Refund undated PC Postage all the same (9.3.5).")
    ] = "",
    stated: Annotated[
        str, typer.Option(metavar="AMOUNT", help="The value, determined from documents (9.3.1).")
    ] = "",
    dry_run: DryRun = False,
) -> Answer:
    """Decide a request by its criteria; what the Postal Service decides or pays goes to it."""
    after = deciding.decide_refund(
        desk.provider_books(Role.PROVIDER_AGENT),
        desk.home.provider.signer,
        case,
        now=desk.home.now,
        denied=deny,
        exceptionally=exceptionally,
        stated_mills=parse_dollars(stated) if stated else None,
        dry_run=dry_run,
    )
    if dry_run:
        told = {
            "It would be": after.status.value,
            "Amount": format_dollars(after.amount_mills),
            "Because": after.because,
        }
        return Answer(views.case_json(after), facts(f"Refund {after.id}, tried only", told))
    desk.carry()
    return shown_case(desk, case)


def cause(
    desk: Desk,
    case: Case,
    because: Annotated[str, typer.Argument(metavar="CAUSE", help="What was wrong with it.")],
    by_user: Annotated[
        bool, typer.Option("--by-user", help="The authorized user caused it.")
    ] = False,
    recommend: Annotated[
        str, typer.Option(metavar="AMOUNT", help="What to refund, where registers do not tell.")
    ] = "",
) -> Answer:
    """Report why a system was faulty; the Postal Service determines what is refunded (9.3.1)."""
    deciding.report_cause(
        desk.provider_books(Role.PROVIDER_AGENT),
        desk.home.provider.signer,
        case,
        cause=because,
        caused_by_user=by_user,
        recommended_mills=parse_dollars(recommend) if recommend else None,
        now=desk.home.now,
    )
    desk.carry()
    return shown_case(desk, case)


def received(
    desk: Desk,
    case: Case,
    on: Annotated[str, typer.Option(help="The day of receipt; else today.")] = "",
) -> Answer:
    """Note when the user received a ruling against him: his days to appeal run from then."""
    books, now = desk.provider_books(Role.PROVIDER_AGENT), desk.home.now
    deciding.note_receipt(books, case, received_on=day(on, now.date()), now=now)
    return shown_case(desk, case)


def claim(desk: Desk, dry_run: DryRun = False) -> Answer:
    """Claim from the Postal Service what the provider refunded on its behalf, each thing once."""
    books, signer = desk.provider_books(Role.PROVIDER_AGENT), desk.home.provider.signer
    made = claiming.claim_reimbursement(books, signer, desk.home.now, dry_run=dry_run)
    data = [
        {
            "claim": each.id,
            "total_mills": each.total_mills,
            "entries": [views.entry_json(one) for one in each.entries],
        }
        for each in made
    ]
    if not made:
        return Answer(data, "There is nothing to claim.")
    if not dry_run:
        desk.carry()
    said = "would be claimed" if dry_run else "claimed"
    lines = [
        f"{each.id}: {format_dollars(each.total_mills)} {said} for {_things(len(each.entries))}."
        for each in made
    ]
    return Answer(data, "\n".join(lines))


def claims(desk: Desk) -> Answer:
    """List the claims, and what became of each of their entries."""
    data = views.claims_view(desk.provider_books(Role.PROVIDER_AGENT))
    if not data:
        return Answer(data, "Nothing was claimed yet.")
    return Answer(data, Group(*(_picture(each) for each in data)))


def _things(count: int) -> str:
    return "one thing" if count == 1 else f"{count:,} things"


def _picture(claim: dict[str, object]) -> Group:
    entries = [
        {**each, "amount": format_dollars(each["amount_mills"])}
        for each in claim["entries"]  # type: ignore[attr-defined]
    ]
    total, paid = claim["total_mills"], claim["reimbursed_mills"]
    told = {
        "Sent on": claim["sent_on"],
        "Claimed": format_dollars(int(str(total))),
        "Reimbursed": format_dollars(int(str(paid))),
        "Answered on": claim["answered_on"] or "not yet",
    }
    return Group(facts(f"Claim {claim['claim']}", told), many("", entries, _ENTRIES).shown)
