"""``franking print``: a mailing list in, evidenced and drawn mailpieces out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk
from franking.cli.progress import shown_while
from franking.errors import EXIT_DONE, EXIT_REFUSED
from franking.home import mailings
from franking.home.mailings import Mailing, Printed
from franking.host.csv_rows import BadRow
from franking.host.printing.records import ReprintReason
from franking.host.records import Symbology
from franking.money import format_dollars


def print_csv(
    desk: Desk,
    csv: Annotated[Path, typer.Argument(help="The mailing list, with a line of column names.")],
    device: Annotated[
        str | None, typer.Option(help="The device; needed where the home has several.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help=".pdf, .png, .svg or .zpl; else the list's name as .pdf.")
    ] = None,
    job: Annotated[
        str | None, typer.Option(help="The job's id: the same job resumes; else from the list.")
    ] = None,
    template: Annotated[
        Path | None, typer.Option(help="A YAML file of these options, for a kind of mailing.")
    ] = None,
    stock: Annotated[str | None, typer.Option(help="no10, 6x9, 4x6, tape …")] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Print on sheets of labels of this name.")
    ] = None,
    symbology: Annotated[Symbology | None, typer.Option(help="The 2D symbol.")] = None,
    dpi: Annotated[int | None, typer.Option(help="The printer's dots per inch.")] = None,
    date: Annotated[str | None, typer.Option(help="Date of mailing; else today.")] = None,
    columns: Annotated[
        list[str] | None, typer.Option("--map", help="field=column, such as street='Address 1'.")
    ] = None,
    cost_centre: Annotated[str | None, typer.Option(help="Where a row names none.")] = None,
    lines: Annotated[
        str | None, typer.Option(help="Only these lines of the list, such as 2,5.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Price and lay out every piece; charge nothing.")
    ] = False,
    confirm: Annotated[
        bool,
        typer.Option("--confirm", help="Say that the print is good; later ones need a reason."),
    ] = False,
    reprint: Annotated[
        ReprintReason | None, typer.Option(help="Print a confirmed job again, and record why.")
    ] = None,
    note: Annotated[str, typer.Option(help="More about the reprint's reason.")] = "",
) -> Answer:
    """Price, evidence and draw every piece of a mailing list.

    Bad rows are named and cost nothing; the others are printed. The total is held against the
    descending register before the first debit. The same job again redraws the same pieces and
    debits nothing. Exits with 2 when a row was refused.
    """
    mailing = Mailing(
        list_path=csv,
        device=device,
        job_id=job,
        date_of_mailing=date,
        template=mailings.template_of(
            template,
            stock=stock,
            sheet=sheet,
            symbology=symbology,
            dpi=dpi,
            cost_centre=cost_centre,
            columns=mailings.columns_of(columns or ()),
        ),
    )
    place, wanted = desk.home, mailings.lines_of(lines)
    target = out or Path(csv.with_suffix(".pdf").name)
    with shown_while("Printing", quiet=desk.as_json):
        if dry_run:
            return _answer(mailings.rehearse(place, mailing))
        if reprint is not None:
            why = mailings.Reprint(reason=reprint, note=note)
            return _answer(mailings.reprint(place, mailing, target, why, lines=wanted))
        return _answer(mailings.print_list(place, mailing, target, lines=wanted, confirm=confirm))


def _answer(done: Printed) -> Answer:
    refused = (*done.bad_rows, *done.refused)
    shown = Group(
        facts(f"Job {done.job_id}", _summary(done)),
        *([_prices(done)] if done.prices else []),
        *map(_bad_row, refused),
    )
    status = EXIT_REFUSED if refused else EXIT_DONE
    return Answer(done.as_json(), shown, status, warnings=done.warnings)


def _summary(done: Printed) -> dict[str, object]:
    centres = {f"  {name or 'no cost centre'}": format_dollars(mills)
               for name, mills in done.by_cost_centre.items()}  # fmt: skip
    return {
        "status": done.status,
        "pieces": done.pieces,
        "postage": format_dollars(done.total_mills),
        **(centres if len(centres) > 1 else {}),
        "descending": format_dollars(done.descending_mills),
        "bad rows": len(done.bad_rows),
        "files": ", ".join(map(str, done.files)) or "none",
    }


def _prices(done: Printed) -> Table:
    table = Table("Line", "Piece", "Postage", "Price list", box=None)
    for price in done.prices:
        table.add_row(
            str(price.line), price.title, format_dollars(price.postage_mills), price.edition
        )
    return table


def _bad_row(row: BadRow) -> Text:
    return Text(f"! {row}", style="yellow")
