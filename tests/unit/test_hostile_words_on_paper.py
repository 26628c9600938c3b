"""Words that somebody else chose, on paper and in CSV: drawn, the same every time, and harmless."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from franking.cli.form import draw
from franking.forms.form import Form, Party
from franking.forms.report import ReportColumn, ReportForm, ReportTable
from franking.forms.statement import StatementForm, StatementLine
from franking.provider.closing.statements import as_csv

HOSTILE = (
    '=HYPERLINK("x")',
    "a\x00b\x1b[31m",
    "one\u2028two\u2029three\r\nfour",
    "\u202egnikcab \u05d0\u05d1\u05d2",
    "\U0001f4a9 <b>&amp;</b>",
    "W" * 400,
)
DAY = date(1997, 5, 2)


def statement(words: str) -> StatementForm:
    """A statement to somebody of that name, about a deposit for that reason."""
    return StatementForm(
        rulebook="meter-1995",
        account="12345678",
        licence="01101-000001",
        licensee=Party(name=words),
        provider="Franking Provider",
        since=date(1997, 5, 1),
        until=date(1997, 5, 31),
        opening_mills=0,
        lines=(StatementLine(on=DAY, what=f"Deposit: {words}", amount_mills=10, balance_mills=10),),
    )


def report(words: str) -> ReportForm:
    """A report with a customer of that name."""
    table = ReportTable(
        heading="Customers", columns=(ReportColumn(label="Customer"),), rows=((words,),)
    )
    return ReportForm(
        title="Funds Advanced Report",
        clause="39 CFR 501.28(g) (1995)",
        period=DAY.isoformat(),
        provider="Franking Provider",
        closed_on=DAY,
        tables=(table,),
    )


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("form", [statement, report])
def test_any_words_are_drawn_and_always_alike(form: object, words: str, tmp_path: Path) -> None:
    drawn: Form = form(words)  # type: ignore[operator]
    first, again = tmp_path / "first.pdf", tmp_path / "again.pdf"
    draw(drawn, first)
    draw(drawn, again)
    assert first.read_bytes() == again.read_bytes()


@pytest.mark.parametrize("words", HOSTILE)
def test_no_cell_of_a_statement_is_a_formula_or_another_line(words: str) -> None:
    lines = list(csv.reader(as_csv(statement(words)).splitlines(keepends=True)))
    assert [len(line) for line in lines] == [4] * 4
    assert lines[2][1] == f"Deposit: {words}"
    assert not [cell for line in lines for cell in line[:2] if cell.startswith(("=", "+", "@"))]
