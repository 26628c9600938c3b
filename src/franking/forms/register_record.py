"""PS Form 3602-A: the registers of a meter or device, day by day.

Kept by hand, or taken from the device's own journal: then it is the system report that may take
the place of the form, of the preceding 12 months (DMM P030.2.6b of 1995, P050.2.5b of 1997).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from franking.forms.form import Form, Mills, Party, Words, day_text, dollars_text
from franking.forms.paper import (
    Block,
    Choices,
    Column,
    Field,
    Fields,
    Gap,
    Listing,
    Masthead,
    Paragraph,
)
from franking.marks.geometry import Anchor

Origin = Literal["kept by hand", "from the device's journal"]
_BLANK_LINES = 25
_CLAUSES = {"meter-1995": "DMM P030.2.6b (1995)", "ibip-1997": "DMM P050.2.5b (1997)"}
_TITLES = {
    "meter-1995": "Daily Record of Meter Register Readings",
    "ibip-1997": "Record of Register Readings",
}


class DayLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The registers at the end of one day of operation, in mills."""

    on: date
    ascending_mills: Mills
    descending_mills: Mills
    pieces: Annotated[int, Meta(ge=0)] | None = None
    """Pieces evidenced in the day, where it is known."""
    set_mills: Mills = 0
    """Postage set into it in the day."""
    note: str = ""

    @property
    def total_mills(self) -> int:
        """The control total: it moves when postage is set, and at no other time."""
        return self.ascending_mills + self.descending_mills


class RegisterRecordForm(Form, frozen=True, kw_only=True):
    """PS Form 3602-A, or the system report in its place."""

    name: ClassVar[str] = "3602-a"

    device: Words
    licence: str = ""
    licensee: Party
    origin: Origin
    first_day: date
    last_day: date
    lines: tuple[DayLine, ...] = ()
    journal_head: str = ""
    """Of a system report: the hash that the journal had, in hex."""

    @property
    def masthead(self) -> Masthead:
        """The form has another title in each document."""
        return Masthead(
            about=self.device,
            number="PS Form 3602-A",
            title=_TITLES[self.rulebook],
            authority=_CLAUSES[self.rulebook],
        )

    def blocks(self) -> tuple[Block, ...]:
        """Whose registers, of which days, and a line for each."""
        span = f"{day_text(self.first_day)} to {day_text(self.last_day)}"
        return (
            Fields(
                (
                    Field("Serial number", self.device, 1.2),
                    Field("License number", self.licence, 1.2),
                    Field("Days", span, 2.0),
                )
            ),
            Fields(
                (
                    Field("Licensee", self.licensee.name, 2.2),
                    Field("Address", self.licensee.address, 2.2),
                )
            ),
            Choices("This record is", ("kept by hand", "from the device's journal"), self.origin),
            Gap(0.1),
            Listing(_COLUMNS, tuple(map(_row, self.lines)), least_rows=self._least_rows()),
            *self._footing(),
        )

    def _least_rows(self) -> int:
        return _BLANK_LINES if self.origin == "kept by hand" else 0

    def _footing(self) -> tuple[Block, ...]:
        if not self.journal_head:
            return ()
        told = (
            "Every line was taken from the sealed journal of the device, whose head was "
            f"{self.journal_head}."
        )
        return Gap(0.1), Paragraph(told, size_pt=7.0)


_COLUMNS = (
    Column("Date", 1.3),
    Column("Ascending", 1.0, Anchor.END),
    Column("Descending", 1.0, Anchor.END),
    Column("Total", 1.0, Anchor.END),
    Column("Set in the day", 1.1, Anchor.END),
    Column("Pieces", 0.7, Anchor.END),
    Column("", 0.12),
    Column("Note", 1.4),
)


def _row(line: DayLine) -> tuple[str, ...]:
    return (
        day_text(line.on),
        dollars_text(line.ascending_mills),
        dollars_text(line.descending_mills),
        dollars_text(line.total_mills),
        dollars_text(line.set_mills) if line.set_mills else "",
        "" if line.pieces is None else f"{line.pieces:,}",
        "",
        line.note,
    )
