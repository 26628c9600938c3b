"""``franking form``: the forms of the documents, from answers in JSON to a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from franking.cli.answer import Answer, facts
from franking.cli.command import USAGE, Desk, command
from franking.forms.form import FORM_UNREADABLE, Form
from franking.forms.specimens import FORMS, SPECIMENS
from franking.home import imprints
from franking.home.papers import paper_of
from franking.host.render.to_file import require_format, save

app = typer.Typer(
    help="Forms: applications, licences, installations, inspections, notices, leases.",
    no_args_is_help=True,
    context_settings={"token_normalize_func": str.lower},  # 3601-B is printed with a capital
)
DOTS_PER_INCH = 200
Drawn = Annotated[
    Path | None,
    typer.Option("--pdf", metavar="FILE", help="Draw it into this file: .pdf, or .png and .svg."),
]


def draw(form: Form, path: Path | None) -> list[str]:
    """Draw a form into a file; the files written, none where no file is named.

    Raises:
        Refused: ``OUTPUT_FORMAT_UNKNOWN``, ``OUTPUT_NOT_WRITTEN``, ``TEXT_UNPRINTABLE``.
    """
    if path is None:
        return []
    require_format(path)
    return [str(file) for file in save(form.pages(), path, dpi=DOTS_PER_INCH)]


def require_drawable(path: Path | None) -> None:
    """Refuse a file that a form could not be drawn into, before anything is done.

    Raises:
        Refused: ``OUTPUT_FORMAT_UNKNOWN``, ``OUTPUT_NOT_WRITTEN``.
    """
    if path is not None:
        imprints.require_drawable(path)


def with_paper(answer: Answer, desk: Desk, form: str, record: str, path: Path | None) -> Answer:
    """The answer of a command, and its paper drawn from the books into ``path``, if one is named.

    Raises:
        Refused: as ``draw`` and ``paper_of``.
    """
    if path is None or not isinstance(answer.data, Mapping):
        return answer
    files = draw(paper_of(desk.home, form, record), path)
    shown = Group(answer.shown, drawn_words(files))
    return replace(answer, data={**answer.data, "files": files}, shown=shown)


def drawn_words(files: list[str]) -> str:
    """What a person is told of the files that were drawn."""
    return f"Drawn: {', '.join(files)}." if files else ""


@command(app, "list")
def list_forms(_: Desk) -> Answer:
    """List the forms by name."""
    data = [
        {"form": name, "number": head.number, "title": head.title, "clause": head.authority}
        for name, head in ((name, form.masthead) for name, form in SPECIMENS.items())
    ]
    rows = {each["form"]: f"{each['number']}: {each['title']} ({each['clause']})" for each in data}
    return Answer(data, facts("Forms", rows))


def _drawing(kind: type[Form]) -> Callable[..., Answer]:
    def drawn(
        desk: Desk,
        answers: Annotated[
            Path | None, typer.Argument(metavar="ANSWERS", help="A JSON file of its answers.")
        ] = None,
        pdf: Drawn = None,
        record: Annotated[
            str, typer.Option("--of", metavar="RECORD", help="Fill it in from the books.")
        ] = "",
        example: Annotated[
            bool, typer.Option("--example", help="Use the example: print it, or draw it.")
        ] = False,
    ) -> Answer:
        if [bool(record), example, answers is not None].count(True) != 1:
            raise USAGE.because("give a file of answers, --of RECORD, or --example")
        form = SPECIMENS[kind.name]
        if answers is not None:
            form = _read(kind, answers)
        if record:
            form = paper_of(desk.home, kind.name, record)
        files = draw(form, pdf)
        if not files:
            return Answer(form.as_json(), _as_it_is(form))
        return Answer({"form": kind.name, "files": files}, drawn_words(files))

    drawn.__doc__ = (kind.__doc__ or "").splitlines()[0]
    return drawn


def _read(kind: type[Form], path: Path) -> Form:
    try:
        return kind.from_json(path.read_bytes())
    except OSError as error:
        raise FORM_UNREADABLE.because(f"{path}: {error.strerror}") from error


def _as_it_is(form: Form) -> Text:
    """The answers as JSON, every line whole: they are meant to be put into a file."""
    words = json.dumps(form.as_json(), indent=2, ensure_ascii=False)
    return Text(words, no_wrap=True, overflow="ignore")


for _name, _kind in FORMS.items():
    command(app, _name)(_drawing(_kind))
