"""Papers of refunds: the request, with what the user attests, and the manifest of its items.

DMM 604.9.3 of 2008 prescribes no form; these hold what it asks for. The manifest lists items as
they have to lie: by system used, then by postage value, in bundles (9.3.2b).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from franking.forms.form import (
    Form,
    Mills,
    Party,
    Signed,
    Words,
    day_text,
    dollars_text,
    party_rows,
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

_AUTHORITY = "DMM 604.9.3 (2008)"
Pieces = Annotated[int, Meta(ge=1)]


class EnclosedEvidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that comes with a request."""

    what: Words
    clause: str = ""
    document: str = ""
    """What came; empty where it is to come still."""


class RefundRequestForm(Form, frozen=True, kw_only=True):
    """A request for a refund: what for, to whom, with what, and what the user attests."""

    name: ClassVar[str] = "refund-request"

    number: str = ""
    filed_on: date
    user: Party
    licence: str = ""
    route: Words
    """What is asked back, in words."""
    clause: Words
    submit_to: Words
    decider: Words
    last_day: date | None = None
    device: str = ""
    amount_mills: Mills | None = None
    payout: str = ""
    evidence: tuple[EnclosedEvidence, ...] = ()
    statement: str = ""
    """The cause of the damage, or why pieces were not mailed."""
    attests_no_insurance: bool = False
    appeal: str = ""
    signed: Signed | None = None

    @property
    def masthead(self) -> Masthead:
        """The documents prescribe no form."""
        return Masthead(
            about=self.number,
            number="Request",
            title="Request for a Refund of Postage",
            authority=_AUTHORITY,
        )

    def blocks(self) -> tuple[Block, ...]:
        """Who asks, for what, of whom; what is enclosed; what is attested."""
        return (*self._asked(), *self._enclosed(), *self._attested())

    def _asked(self) -> tuple[Block, ...]:
        return (
            Fields(
                (
                    Field("Request", self.number),
                    Field("Submitted on", day_text(self.filed_on)),
                    Field("Last day", day_text(self.last_day)),
                )
            ),
            *party_rows("Authorized user", self.user),
            Fields(
                (
                    Field("License number", self.licence),
                    Field("System", self.device),
                    Field("Amount", dollars_text(self.amount_mills)),
                    Field("Paid by", self.payout),
                )
            ),
            Fields((Field("Asked for", self.route, _WIDE), Field("Under", self.clause))),
            Fields((Field("Submit to", self.submit_to), Field("Decided by", self.decider))),
        )

    def _enclosed(self) -> tuple[Block, ...]:
        if not self.evidence:
            return ()
        rows = tuple((each.what, each.clause, each.document) for each in self.evidence)
        return (Heading("Enclosed"), Listing(_EVIDENCE, rows))

    def _attested(self) -> tuple[Block, ...]:
        told = [Paragraph(self.statement)] if self.statement else []
        if self.attests_no_insurance:
            told.append(Paragraph(_NO_INSURANCE))
        told.append(Paragraph("The postage asked for was not used, and was not refunded before."))
        if self.appeal:
            told.append(Paragraph(self.appeal))
        by = self.signed
        line = Signature("Authorized user", by.name if by else "", day_text(by.on if by else None))
        return (_CLEAR, *told, Signatures((line,)))


class BundleLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Identical items that lie together."""

    device: Words
    postage_mills: Mills
    pieces: Pieces
    bundled: bool = True
    first_date: date | None = None


class RefundManifestForm(Form, frozen=True, kw_only=True):
    """What is submitted: by system, then by value, in bundles, with the totals."""

    name: ClassVar[str] = "refund-manifest"

    number: str = ""
    on: date
    user: Party
    submit_to: str = ""
    bundles: Annotated[tuple[BundleLine, ...], Meta(min_length=1)]

    @property
    def masthead(self) -> Masthead:
        """The documents prescribe no form."""
        return Masthead(
            about=self.number,
            number="Manifest",
            title="Manifest of Unused Postage",
            authority="DMM 604.9.3.2b (2008)",
        )

    def blocks(self) -> tuple[Block, ...]:
        """Whose they are; the bundles in the order in which they lie; the totals."""
        pieces = sum(each.pieces for each in self.bundles)
        total = sum(each.pieces * each.postage_mills for each in self.bundles)
        return (
            Fields(
                (
                    Field("Request", self.number),
                    Field("Drawn up on", day_text(self.on)),
                    Field("Items", f"{pieces:,}"),
                    Field("Postage", dollars_text(total)),
                )
            ),
            *party_rows("Authorized user", self.user),
            Fields((Field("Submitted to", self.submit_to),)),
            Heading("As the items lie: by system, then by postage value"),
            Listing(_BUNDLES, tuple(map(_row, enumerate(self.bundles, 1)))),
            _CLEAR,
            Paragraph(_PRESENTED),
        )


def _row(numbered: tuple[int, BundleLine]) -> tuple[str, ...]:
    number, each = numbered
    return (
        str(number),
        each.device,
        dollars_text(each.postage_mills),
        f"{each.pieces:,}",
        "bundled" if each.bundled else "loose",
        day_text(each.first_date),
        dollars_text(each.pieces * each.postage_mills),
    )


_WIDE = 1.4
"""What is asked for is longer than the clause beside it."""
_CLEAR = Gap(0.12)
_EVIDENCE = (Column("What", 2.6), Column("Under", 1.8), Column("Enclosed as", 2.6))
_BUNDLES = (
    Column("No.", 0.5),
    Column("System", 1.7),
    Column("Value", 0.8),
    Column("Items", 0.7),
    Column("How", 0.8),
    Column("First date", 1.5),
    Column("Postage", 1.0),
)
_NO_INSURANCE = (
    "I have not been reimbursed by insurance or otherwise for the postage asked for, and will not "
    "seek such reimbursement."
)
_PRESENTED = (
    "Postage on a mailpiece comes with the entire envelope or wrapper, postage on a large "
    "container with enough of it to show that it was never mailed. Loose labels and tapes are "
    "neither stapled nor attached; self-adhesive labels without backing may be on plain paper."
)
