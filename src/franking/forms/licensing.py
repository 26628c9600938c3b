"""PS Form 3601-A, the application, and PS Form 3601-B, the license.

39 CFR 501.22(b) and DMM P030.2.1 of 1995; 39 CFR 502.21(b) and DMM P050.2.1 of 1997. Part B, the
business profile, asks for the yearly metered postage in steps that show use above the high-volume
line (60 FR 30714, preamble). A statement on penalties for false statements is left out, as the
final rule of 1995 deleted it.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import ClassVar

from franking import rules
from franking.forms.form import (
    Form,
    Mills,
    Party,
    PostOfficePlace,
    Rulebook,
    Signed,
    Words,
    day_text,
    nouns,
    party_rows,
)
from franking.forms.paper import (
    Block,
    Choices,
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
from franking.money import MILLS_PER_DOLLAR

_CLAUSES = {"meter-1995": "DMM P030.2.1 (1995)", "ibip-1997": "DMM P050.2.1 (1997)"}


class ApplicationForm(Form, frozen=True, kw_only=True):
    """PS Form 3601-A: who asks for a license, at which post office, for how much postage."""

    name: ClassVar[str] = "3601-a"

    applicant: Party
    post_office: PostOfficePlace
    """Where the mail will be deposited; another office needs another application."""
    kept_at: str = ""
    """Where the meters or devices will be."""
    provider: str = ""
    """Who transmits it on the applicant's behalf."""
    application_number: str = ""
    filed_on: date
    business: str = ""
    industrial_code: str = ""
    """Standard Industrial Code, by which third-party mailers are found."""
    yearly_postage_above_mills: Mills | None = None
    """The lower end of the step in which part B estimates it."""
    present_licence: str = ""
    """A license that the applicant holds already."""
    revoked_on: date | None = None
    """When a license of the applicant was revoked last."""
    signed: Signed | None = None

    @property
    def masthead(self) -> Masthead:
        """The title is that of both documents."""
        return Masthead(
            about=self.applicant.name,
            number="PS Form 3601-A",
            title="Application for a License to Lease and Use Postage Meters",
            authority=_CLAUSES[self.rulebook],
        )

    def blocks(self) -> tuple[Block, ...]:
        """Part A, part B, and what the applicant signs."""
        return (*self._part_a(), *self._part_b(), *self._agreement())

    def _part_a(self) -> tuple[Block, ...]:
        office = Field("Post office where the mail will be deposited", self.post_office.line, 2.0)
        return (
            Fields(
                (
                    Field("Application number", self.application_number),
                    Field("Filed on", day_text(self.filed_on)),
                    Field(f"Transmitted by the {nouns(self.rulebook)['provider']}", self.provider),
                )
            ),
            Heading("Part A. Applicant"),
            *party_rows("Applicant", self.applicant),
            Fields((office, Field("Present license, if any", self.present_licence))),
            Fields((Field("Where the devices will be kept", self.kept_at),)),
        )

    def _part_b(self) -> tuple[Block, ...]:
        return (
            Heading("Part B. Business profile"),
            Fields(
                (
                    Field("Kind of business", self.business, 2.0),
                    Field("Standard Industrial Code", self.industrial_code),
                )
            ),
            Choices("Estimated metered postage a year", *self._steps()),
            Fields((Field("Last revocation of a license, if any", day_text(self.revoked_on)),)),
        )

    def _steps(self) -> tuple[tuple[str, ...], str]:
        steps = postage_steps(self.rulebook, self.filed_on)
        above = self.yearly_postage_above_mills
        return tuple(steps.values()), "" if above is None else steps.get(above, "")

    def _agreement(self) -> tuple[Block, ...]:
        signed = self.signed
        line = Signature(
            "Signature of the applicant",
            signed.name if signed else "",
            day_text(signed.on) if signed else "",
        )
        return (
            Heading("Agreement"),
            Gap(0.06),
            Paragraph(_AGREEMENTS[self.rulebook], size_pt=8.5),
            Signatures((line,)),
        )


def postage_steps(rulebook: Rulebook, on: date) -> dict[int, str]:
    """The steps of part B, by their lower ends in mills.

    One of them begins at the high-volume line (39 CFR 501.25(a); 60 FR 30714, preamble I.B).
    """
    said = rules.at("provider", rulebook, on).choices("application_steps_dollars")
    floors = [int(dollars) for dollars in said]
    words = [f"${low:,} to ${high:,}" for low, high in pairwise(floors)]
    words.append(f"more than ${floors[-1]:,}")
    return {low * MILLS_PER_DOLLAR: text for low, text in zip(floors, words, strict=True)}


_AGREEMENTS = {
    "meter-1995": (
        "By submitting this application, the licensee agrees that the license may be revoked "
        "immediately and the meter removed by the manufacturer or the Postal Service where the "
        "meter is used in a fraudulent or unlawful scheme or enterprise; is unused during any "
        "consecutive 12-month period; is not sufficiently controlled, or the standards for its "
        "care or use are not complied with; or is taken outside the United States, its "
        "territories, or its possessions without written permission of the manager of Retail "
        "Systems and Equipment (DMM P030.2.2). There is no fee for this application and license."
    ),
    "ibip-1997": (
        "A single license covers all devices of one applicant at one post office; each other "
        "post office needs an application of its own. The licensee keeps the devices in custody, "
        "makes them and their records available for review, and reports any change of what "
        "stands here to the provider at once (DMM P050.2.1, P050.2.5). There is no fee for this "
        "application and license."
    ),
}


class LicenceForm(Form, frozen=True, kw_only=True):
    """PS Form 3601-B: the license of one licensee at one post office."""

    name: ClassVar[str] = "3601-b"

    number: Words
    licensee: Party
    post_office: PostOfficePlace
    provider: str = ""
    issued_on: date
    verified_on: date | None = None
    """When its data were verified last."""
    replaces: str = ""
    """The license, or the earlier state of this one, that it takes the place of."""
    devices: tuple[str, ...] = ()
    """Serial numbers in the licensee's hands on the day of issue."""
    officer: str = ""
    status: str = "issued"

    @property
    def masthead(self) -> Masthead:
        """The license is a postage meter license under both documents."""
        return Masthead(
            about=self.number,
            number="PS Form 3601-B",
            title="Postage Meter License",
            authority=_CLAUSES[self.rulebook],
        )

    def blocks(self) -> tuple[Block, ...]:
        """Who is licensed where, and under which conditions."""
        return (*self._licensed(), *self._covered(), *self._conditions())

    def _licensed(self) -> tuple[Block, ...]:
        return (
            Fields(
                (
                    Field("License number", self.number, 1.4),
                    Field("Issued on", day_text(self.issued_on)),
                    Field("Status", self.status, 0.8),
                ),
                strong=True,
            ),
            *party_rows("Licensee", self.licensee),
            Fields(
                (
                    Field("Licensing post office", self.post_office.line, 1.4),
                    Field(nouns(self.rulebook)["provider"].capitalize(), self.provider),
                )
            ),
            Fields(
                (
                    Field("Takes the place of", self.replaces),
                    Field("Data last verified on", day_text(self.verified_on)),
                )
            ),
        )

    def _covered(self) -> tuple[Block, ...]:
        if not self.devices:
            return ()
        columns = (Column("", 0.12), Column("Serial number"))
        rows = tuple((str(at), serial) for at, serial in enumerate(self.devices, start=1))
        return Heading("Devices under this license"), Listing(columns, rows)

    def _conditions(self) -> tuple[Block, ...]:
        told = (Paragraph(text, size_pt=8.5) for text in _CONDITIONS[self.rulebook])
        issued = Signature("Issued for the Postal Service by", self.officer)
        return Heading("Conditions"), Gap(0.06), *told, Gap(), Signatures((issued,))


_CONDITIONS = {
    "meter-1995": (
        "This license covers all meters licensed to the licensee by the post office named above, "
        "where metered mail is deposited (DMM P030.2.1).",
        "The licensee keeps each meter in custody until it is returned to the manufacturer or "
        "the licensing post office, makes meters and records available for review at once, "
        "presents meters for examination when due, and reports a defective meter and does not "
        "use it (DMM P030.2.6).",
        "Any change of name, address, telephone number or location is reported at once to the "
        "licensing post office and the manufacturer; a modified license is then issued.",
    ),
    "ibip-1997": (
        "This license covers all devices of the licensee at the post office named above, where "
        "the mail is deposited (DMM P050.2.1).",
        "The licensee keeps each device in custody until it is returned to the provider, makes "
        "device and records available for review at once, records both registers each day of "
        "operation, and reports a defective device and does not use it (DMM P050.2.5).",
        "Any change of what stands on the application is reported at once to the provider. A "
        "change of the post office of deposit needs a new license and a replacement device.",
    ),
}
