"""The report of an inspection in use, with the 17 checks of 39 CFR 501.25(b) of 1995.

The paper says what was found under each; what makes an inspection whole, and what follows from an
irregularity, the provider's rooms decide.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import ClassVar, Final, Literal

import msgspec

from franking.forms.form import (
    Form,
    Mills,
    Party,
    PostOfficePlace,
    Signed,
    Words,
    day_text,
    dollars_text,
)
from franking.forms.paper import (
    Block,
    Column,
    Field,
    Fields,
    Gap,
    Heading,
    Listing,
    Masthead,
    Paragraph,
    Signature,
    Signatures,
)

Finding = Literal["in order", "irregular", "not applicable", ""]

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "501.25(b)(1)": "Serial number on the meter agrees with the manufacturer's records",
        "501.25(b)(2)": "Both registers recorded and totalled; locking-seal number recorded",
        "501.25(b)(3)": "Control total agrees with that after the last setting (3602-A, 3603)",
        "501.25(b)(4)": "Selection, display and printing wheels accurate by a .00 stamp",
        "501.25(b)(5)": "Locking seal in place, wire tight, number as at the last setting",
        "501.25(b)(6)": "Lock cover protects the lock; not loosened, bent or tampered with",
        "501.25(b)(7)(i)": "Meter fits properly on its base",
        "501.25(b)(7)(ii)": "No breakoff screw missing, loose or showing signs of removal",
        "501.25(b)(7)(iii)": "Dials operated; dater, postmark die and ad plate tested",
        "501.25(b)(7)(iv)": "Engraving of the denomination wheels aligned and sound",
        "501.25(b)(7)(v)": "Register door undamaged; can not be opened without unlocking",
        "501.25(b)(7)(vi)": "Drum free of damage, pry marks and scarring",
        "501.25(b)(7)(vii)": "Cover free of pry marks, scarring, holes and signs of entry",
        "501.25(b)(7)(viii)": "Stamp die free of wear, damage and scars; its screws all in place",
        "501.25(b)(7)(ix)": "Register, counter and display windows neither broken nor cloudy",
        "501.25(b)(7)(x)": "Signature of the licensee obtained",
        "501.25(b)(8)": "Irregularity or improper use reported at once; meter replaced or removed",
    }
)
"""What is checked, by clause, in the order of the clause."""


class Check(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found under one clause; an empty finding is filled in by hand."""

    clause: Words
    finding: Finding = ""
    note: str = ""


class InspectionForm(Form, frozen=True, kw_only=True):
    """An inspection of one meter at a licensee's place."""

    name: ClassVar[str] = "inspection"

    serial: Words
    model: str = ""
    licence: Words
    licensee: Party
    post_office: PostOfficePlace
    on: date
    inspector: Words
    ascending_mills: Mills
    descending_mills: Mills
    set_total_mills: Mills | None = None
    """The control total after the last setting, by the licensee's receipt (PS Form 3603)."""
    seal: str = ""
    checks: tuple[Check, ...] = ()
    remarks: str = ""
    licensee_signed: Signed | None = None

    @property
    def masthead(self) -> Masthead:
        """The documents give the report no form number."""
        return Masthead(
            about=self.serial,
            number="Inspection report",
            title="Inspection of a Meter in Use",
            authority="39 CFR 501.25(b) (1995)",
        )

    def blocks(self) -> tuple[Block, ...]:
        """The meter, its registers, the checks, and both signatures."""
        return (*self._meter(), *self._registers(), *self._checklist(), *self._signed())

    def _meter(self) -> tuple[Block, ...]:
        return (
            Fields(
                (
                    Field("Serial number", self.serial, 1.2),
                    Field("Model", self.model),
                    Field("License number", self.licence),
                    Field("Inspected on", day_text(self.on)),
                )
            ),
            Fields(
                (
                    Field("Licensee", self.licensee.name, 2.2),
                    Field("Licensing post office", self.post_office.line, 2.0),
                )
            ),
            Fields((Field("Address of the licensee", self.licensee.address),)),
        )

    def _registers(self) -> tuple[Block, ...]:
        total = self.ascending_mills + self.descending_mills
        return (
            Heading("Registers"),
            Fields(
                (
                    Field("Ascending", dollars_text(self.ascending_mills)),
                    Field("Descending", dollars_text(self.descending_mills)),
                    Field("Total", dollars_text(total)),
                    Field("Total after the last setting", dollars_text(self.set_total_mills)),
                    Field("Locking seal", self.seal),
                )
            ),
        )

    def _checklist(self) -> tuple[Block, ...]:
        found = {each.clause: each for each in self.checks}
        rows = tuple(
            (str(at), text, clause, *_told(found.get(clause)))
            for at, (clause, text) in enumerate(CHECKS.items(), start=1)
        )
        return Heading("Checklist"), Listing(_COLUMNS, rows, size_pt=7.5)

    def _signed(self) -> tuple[Block, ...]:
        licensee = self.licensee_signed
        lines = (
            Signature("Inspector", self.inspector, day_text(self.on)),
            Signature(
                "Licensee",
                licensee.name if licensee else "",
                day_text(licensee.on) if licensee else "",
            ),
        )
        remarks = (Gap(0.1), Paragraph(f"Remarks: {self.remarks}")) if self.remarks else ()
        return *remarks, Signatures(lines)


def checks_found(
    *, irregular: Mapping[str, str], not_applicable: Collection[str]
) -> tuple[Check, ...]:
    """The 17 checks of a finished inspection: irregular ones with their notes, by clause."""
    return tuple(
        Check(clause=clause, finding="irregular", note=irregular[clause])
        if clause in irregular
        else Check(
            clause=clause,
            finding="not applicable" if clause in not_applicable else "in order",
        )
        for clause in CHECKS
    )


def _told(check: Check | None) -> tuple[str, str]:
    return (check.finding, check.note) if check else ("", "")


_COLUMNS = (
    Column("", 0.22),
    Column("What is checked", 3.6),
    Column("39 CFR", 1.08),
    Column("Finding", 0.88),
    Column("Note", 1.3),
)
