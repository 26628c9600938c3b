"""A report of a provider on paper: what it is of, a table, and what the table comes to.

39 CFR 501.28(g) of 1995 wants the daily activity by facsimile, refunds and advances on paper.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from franking.forms.form import Form, Words, day_text, legible
from franking.forms.paper import (
    Block,
    Column,
    Field,
    Fields,
    Gap,
    Heading,
    Listing,
    Masthead,
)
from franking.marks.geometry import Anchor


class ReportColumn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column of a table."""

    label: Words
    share: float = 1.0
    is_amount: bool = False
    """Amounts stand at the right edge."""


class ReportTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a report, as it is printed."""

    heading: Words
    columns: Annotated[tuple[ReportColumn, ...], Meta(min_length=1)]
    rows: tuple[tuple[str, ...], ...] = ()


class ReportForm(Form, frozen=True, kw_only=True):
    """One report of a provider to the Postal Service."""

    name: ClassVar[str] = "report"

    title: Words
    clause: Words
    period: Words
    provider: Words
    closed_on: date
    facts: tuple[tuple[str, str], ...] = ()
    """What is told beside the tables: a name and a value each."""
    tables: tuple[ReportTable, ...] = ()

    @property
    def masthead(self) -> Masthead:
        """The documents name the reports, and prescribe no form."""
        return Masthead(
            about=f"{self.provider}, {self.period}",
            number="Report",
            title=self.title,
            authority=self.clause,
        )

    def blocks(self) -> tuple[Block, ...]:
        """Whose, of when; facts; every table."""
        head = Fields(
            (
                Field("Provider", self.provider, 1.6),
                Field("Period", self.period),
                Field("As of", day_text(self.closed_on)),
            )
        )
        told = tuple(
            Fields(tuple(Field(name, value) for name, value in self.facts[at : at + 3]))
            for at in range(0, len(self.facts), 3)
        )
        return head, *told, *(block for table in self.tables for block in _blocks(table))


def _blocks(table: ReportTable) -> tuple[Block, ...]:
    columns = tuple(
        Column(each.label, each.share, Anchor.END if each.is_amount else Anchor.START)
        for each in table.columns
    )
    rows = tuple(tuple(map(legible, row)) for row in table.rows)
    rows = rows or (("none", *("",) * (len(columns) - 1)),)
    return Gap(0.08), Heading(table.heading), Listing(columns, rows)
