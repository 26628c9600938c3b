"""The lease of a meter or device, with its acknowledgment of the deposit requirement.

39 CFR 501.22(c), 501.28(b)(2)-(3) of 1995; 39 CFR 502.8, 502.26(b) and DMM P050.2.5j of 1997. The
1995 text prescribes the words of the acknowledgment; that of 1997 refers to a specification that
is not printed in it, so the words of 1995 stand in both.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from franking.forms.form import (
    Form,
    Party,
    PostOfficePlace,
    Signed,
    Words,
    day_text,
    nouns,
    party_rows,
)
from franking.forms.paper import (
    Block,
    Field,
    Fields,
    Gap,
    Heading,
    Masthead,
    Paragraph,
    Signature,
    Signatures,
)

_CLAUSES = {
    "meter-1995": "39 CFR 501.22(c), 501.28(b)(3) (1995)",
    "ibip-1997": "39 CFR 502.21(c), 502.26(b)(2) (1997)",
}
_TITLES = {"meter-1995": "Meter Rental Agreement", "ibip-1997": "Device Lease Agreement"}
_SENT_TO = {
    "meter-1995": "the licensing post office",
    "ibip-1997": "the Minneapolis Accounting Service Center",
}
_AGREEMENTS = {"meter-1995": "meter rental agreement", "ibip-1997": "product/device lease"}


class LeaseForm(Form, frozen=True, kw_only=True):
    """The lease of one device to one licensee."""

    name: ClassVar[str] = "lease"

    lease: Words
    lessor: Party
    lessee: Party
    licence: Words
    post_office: PostOfficePlace
    serial: str = ""
    model: str = ""
    begins_on: date
    remote_setting: bool = True
    """Whether postage is set from afar, so that a deposit is required."""
    lockbox: str = ""
    """Where deposits are sent, as the provider says."""
    lessor_signed: Signed | None = None
    lessee_signed: Signed | None = None
    acknowledged: Signed | None = None
    """The licensee's signature under the acknowledgment."""

    @property
    def masthead(self) -> Masthead:
        """The documents prescribe no form."""
        return Masthead(
            about=self.lease,
            number="Lease",
            title=_TITLES[self.rulebook],
            authority=_CLAUSES[self.rulebook],
        )

    def blocks(self) -> tuple[Block, ...]:
        """The parties and the device, the terms, the acknowledgment, and the signatures."""
        return (*self._parties(), *self._terms(), *self._acknowledgment())

    def _parties(self) -> tuple[Block, ...]:
        return (
            Fields(
                (
                    Field("Lease", self.lease),
                    Field("License number", self.licence),
                    Field("Begins on", day_text(self.begins_on)),
                )
            ),
            *party_rows("Lessor", self.lessor),
            *party_rows("Licensee", self.lessee),
            Fields(
                (
                    Field("Serial number", self.serial),
                    Field("Model", self.model),
                    Field("Licensing post office", self.post_office.line, 1.4),
                )
            ),
        )

    def _terms(self) -> tuple[Block, ...]:
        signatures = Signatures(
            (
                _signature("For the lessor", self.lessor_signed),
                _signature("Licensee", self.lessee_signed),
            )
        )
        told = (
            Paragraph(f"{at}. {text}", size_pt=9.0) for at, text in enumerate(self._clauses(), 1)
        )
        return Heading("Terms"), Gap(0.06), *told, signatures

    def _clauses(self) -> tuple[str, ...]:
        device, provider = nouns(self.rulebook)["device"], nouns(self.rulebook)["provider"]
        return (
            f"The {device} remains the property of the {provider}; it is leased and never sold.",
            f"The lease stands only while the license stands. When the license is revoked or "
            f"cancelled, the lease ends and the {provider} removes the {device}.",
            f"The licensee keeps the {device} in custody, presents it and its records for "
            "examination and audit, and lets the Postal Service and the "
            f"{provider} inspect it.",
            f"A misregistering or otherwise defective {device} is reported to the {provider} and "
            "is not used.",
        )

    def _acknowledgment(self) -> tuple[Block, ...]:
        if not self.remote_setting:
            return ()
        return (
            Heading("Acknowledgment of Deposit Requirement"),
            Gap(0.06),
            Paragraph(acknowledgment_wording(self), size_pt=9.0),
            Paragraph(
                "The licensee agrees to transfer funds to the Postal Service through a lockbox "
                "bank, as specified by the "
                f"{nouns(self.rulebook)['provider']}, for the prepayment of postage. This "
                f"document is sent to {_SENT_TO[self.rulebook]}.",
                size_pt=9.0,
            ),
            Fields((Field("Lockbox", self.lockbox),)),
            Signatures((_signature("Licensee", self.acknowledged),)),
        )


def acknowledgment_wording(lease: LeaseForm) -> str:
    """The words that 39 CFR 501.28(b)(3) of 1995 prescribes for the agreement."""
    agreement = _AGREEMENTS[lease.rulebook]
    return (
        f"By signing this {agreement}, you represent that you have read the Acknowledgment of "
        "Deposit Requirement and are familiar with its terms. You agree that, upon execution of "
        f"this Agreement with {lease.lessor.name}, you will also be bound by all terms and "
        "conditions of the Acknowledgment of Deposit Requirement, as it may be amended from time "
        "to time."
    )


def _signature(role: str, signed: Signed | None) -> Signature:
    return Signature(role, signed.name if signed else "", day_text(signed.on) if signed else "")
