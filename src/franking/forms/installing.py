"""PS Form 3601-C: a meter or device is installed, withdrawn or replaced.

39 CFR 501.22(e)(2) and (g), DMM P030.3.1 of 1995; 39 CFR 502.21(e) of 1997. The provider presents
it at each check-in and check-out, and keeps it.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

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
    nouns,
    party_rows,
)
from franking.forms.paper import (
    Block,
    Choices,
    Field,
    Fields,
    Gap,
    Heading,
    Masthead,
    Paragraph,
    Signature,
    Signatures,
)

Action = Literal["installation", "withdrawal", "replacement"]
Source = Literal["reported", "signed"]
"""Whether a reading was reported by a person or signed by the device itself."""
_CLAUSES = {"meter-1995": "39 CFR 501.22(e)(2), (g) (1995)", "ibip-1997": "39 CFR 502.21(e) (1997)"}
_SOURCES = {"reported": "read by a person", "signed": "signed by the device"}
_WIDE, _NARROW = 1.4, 0.8
"""Shares of a row, where a cell of usual width has 1."""


class DeviceReading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device and its registers, in mills, at the moment of the form."""

    serial: Words
    model: str = ""
    ascending_mills: Mills
    descending_mills: Mills
    source: Source
    seal: str = ""
    """Identification of the locking seal, of meters that have one."""

    @property
    def total_mills(self) -> int:
        """The control total."""
        return self.ascending_mills + self.descending_mills


class InstallationForm(Form, frozen=True, kw_only=True):
    """PS Form 3601-C."""

    name: ClassVar[str] = "3601-c"

    action: Action
    on: date
    licence: Words
    licensee: Party
    post_office: PostOfficePlace
    provider: Words
    installed: DeviceReading | None = None
    """What goes into service; of an installation or a replacement."""
    withdrawn: DeviceReading | None = None
    """What leaves service; of a withdrawal or a replacement."""
    reason: str = ""
    on_site: bool = False
    """Done at the licensee's or the provider's place under the on-site programme."""
    residue_mills: Mills = 0
    """What the first payment includes, as the descending register was not zero."""
    register_record_attached: bool = False
    """A copy of the 3602-A, or its equivalent, goes with it."""
    checked_by: Signed | None = None
    """Who checked it in or out: a post office in 1995, the provider in 1997."""
    presented_by: Signed | None = None

    @property
    def masthead(self) -> Masthead:
        """The title is that of both documents."""
        return Masthead(
            about=self.licence,
            number="PS Form 3601-C",
            title="Postage Meter Installation, Withdrawal, or Replacement",
            authority=_CLAUSES[self.rulebook],
        )

    def blocks(self) -> tuple[Block, ...]:
        """What is done for whom, the devices with their registers, and who signs."""
        return (
            *self._occasion(),
            *_device("Put into service", self.installed),
            *_device("Taken out of service", self.withdrawn),
            *self._remarks(),
            Gap(0.1),
            Signatures(self._signatures()),
        )

    def _occasion(self) -> tuple[Block, ...]:
        return (
            Choices("Action", ("installation", "withdrawal", "replacement"), self.action),
            Fields(
                (
                    Field("Date", day_text(self.on)),
                    Field("License number", self.licence),
                    Field(nouns(self.rulebook)["provider"].capitalize(), self.provider),
                )
            ),
            *party_rows("Licensee", self.licensee),
            Fields((Field("Licensing post office", self.post_office.line),)),
        )

    def _remarks(self) -> tuple[Block, ...]:
        attached = "yes" if self.register_record_attached else "no"
        where = "on site" if self.on_site else "at the regular place"
        remarks: list[Block] = [
            Heading("Remarks"),
            Fields((Field("Reason", self.reason),)),
            Choices("Served", ("at the regular place", "on site"), where),
            Choices("Register record (3602-A) attached", ("yes", "no"), attached),
        ]
        if self.residue_mills:
            amount = dollars_text(self.residue_mills)
            remarks.append(
                Paragraph(
                    f"The descending register was not zero at check-in: {amount} is added to the "
                    "first payment (39 CFR 501.22(e)(3) of 1995).",
                    after=0,
                )
            )
        return tuple(remarks)

    def _signatures(self) -> tuple[Signature, ...]:
        office = self.rulebook == "meter-1995"
        checker = "Checked by the Postal Service" if office else "Checked by the provider"
        presenter = f"Presented by the {nouns(self.rulebook)['provider']}"
        signers = ((presenter, self.presented_by), (checker, self.checked_by))
        return tuple(
            Signature(role, done.name if done else "", day_text(done.on) if done else "")
            for role, done in signers
        )


def _device(title: str, device: DeviceReading | None) -> tuple[Block, ...]:
    if device is None:
        return ()
    return (
        Heading(title),
        Fields(
            (
                Field("Serial number", device.serial, _WIDE),
                Field("Model", device.model),
                Field("Locking seal", device.seal, _NARROW),
                Field("Reading", _SOURCES[device.source]),
            )
        ),
        Fields(
            (
                Field("Ascending register", dollars_text(device.ascending_mills)),
                Field("Descending register", dollars_text(device.descending_mills)),
                Field("Total", dollars_text(device.total_mills)),
            ),
            strong=True,
        ),
    )
