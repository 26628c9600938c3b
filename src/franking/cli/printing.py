"""``franking print``: a mailing list in, evidenced and drawn mailpieces out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk
from franking.cli.options import gathered
from franking.cli.progress import shown_while_running
from franking.errors import EXIT_DONE, EXIT_REFUSED
from franking.home import mailings
from franking.home.mailings import Mailing, Printed
from franking.host.csv_rows import BadRow
from franking.host.printing.records import ReprintReason
from franking.host.records import Symbology
from franking.host.stocks import stock_names
from franking.money import format_dollars


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintOptions:
    """What may be said of a print; a template says the same for a kind of mailing."""

    csv: Annotated[Path, typer.Argument(help="The mailing list, with a line of column names.")]
    device: Annotated[
        str | None, typer.Option(help="The device; needed where the home has several.")
    ] = None
    out: Annotated[
        Path | None, typer.Option(help=".pdf, .png, .svg or .zpl; else the list's name as .pdf.")
    ] = None
    job: Annotated[
        str | None, typer.Option(help="The job's id: the same job resumes; else from the list.")
    ] = None
    template: Annotated[
        Path | None, typer.Option(help="A YAML file of these options, for a kind of mailing.")
    ] = None
    stock: Annotated[
        str | None, typer.Option(help=f"Where a row names none: {', '.join(stock_names())}.")
    ] = None
    sheet: Annotated[str | None, typer.Option(help="Print on sheets of labels of this name.")] = (
        None
    )
    symbology: Annotated[Symbology | None, typer.Option(help="The 2D symbol.")] = None
    dpi: Annotated[int | None, typer.Option(help="The printer's dots per inch.")] = None
    date: Annotated[str | None, typer.Option(help="Date of mailing; else today.")] = None
    columns: Annotated[
        list[str] | None, typer.Option("--map", help="field=column, such as street='Address 1'.")
    ] = None
    cost_centre: Annotated[str | None, typer.Option(help="Where a row names none.")] = None
    lines: Annotated[
        str | None,
        typer.Option(help="Draw only these lines, such as 2,5; the whole list is evidenced."),
    ] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Price and lay out every piece; charge nothing.")
    ] = False
    confirm: Annotated[
        bool,
        typer.Option("--confirm", help="Say that the print is good; later ones need a reason."),
    ] = False
    reprint: Annotated[
        ReprintReason | None, typer.Option(help="Print a confirmed job again, and record why.")
    ] = None
    note: Annotated[str, typer.Option(help="More about the reprint's reason.")] = ""

    @property
    def mailing(self) -> Mailing:
        """The mailing that the options describe.

        Raises:
            Refused: ``TEMPLATE_UNREADABLE``, ``MAPPING_UNREADABLE``.
        """
        template = mailings.template_of(
            self.template,
            stock=self.stock,
            sheet=self.sheet,
            symbology=self.symbology,
            dpi=self.dpi,
            cost_centre=self.cost_centre,
            columns=mailings.columns_of(self.columns or ()),
        )
        return Mailing(
            list_path=self.csv,
            device=self.device,
            job_id=self.job,
            date_of_mailing=self.date,
            template=template,
        )


@gathered(PrintOptions)
def print_csv(desk: Desk, asked: PrintOptions) -> Answer:
    """Price, evidence and draw every piece of a mailing list.

    Bad rows are named and cost nothing; the others are printed. The total is held against the
    descending register before the first debit. The same job again redraws the same pieces and
    debits nothing. Exits with 2 when a row was refused.
    """
    place, mailing, lines = desk.home, asked.mailing, mailings.lines_of(asked.lines)
    out = asked.out or Path(f"{asked.csv.stem or 'print'}.pdf")
    with shown_while_running(quiet=desk.as_json) as watcher:
        if asked.dry_run:
            return _answer(mailings.rehearse(place, mailing, watcher=watcher))
        if asked.reprint is not None:
            why = mailings.Reprint(reason=asked.reprint, note=asked.note)
            return _answer(mailings.reprint(place, mailing, out, why, lines=lines, watcher=watcher))
        return _answer(
            mailings.print_list(
                place, mailing, out, lines=lines, confirm=asked.confirm, watcher=watcher
            )
        )


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
    table = Table("Line", "Piece", "Stock", "Postage", "Price list", box=None)
    for price in done.prices:
        postage = format_dollars(price.postage_mills)
        table.add_row(str(price.line), price.title, price.stock, postage, price.edition)
    return table


def _bad_row(row: BadRow) -> Text:
    return Text(f"! {row}", style="yellow")
