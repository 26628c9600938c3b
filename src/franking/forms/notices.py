"""Notices: letters that tell somebody what is due, what was decided, and what can be done.

The wording stands in ``notices.yaml``, by kind and rulebook; numbers of days in it come from the
rules in force on the day of the notice. A notice states its reason and the clauses it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import ClassVar

import msgspec
import yaml

from franking import rules
from franking.errors import InvariantBroken, Refusal
from franking.forms.form import Form, Party, Rulebook, Words, day_text, nouns, printed
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


class NoticeKind(StrEnum):
    """What a notice is for."""

    EXAMINATION_DUE = "examination due"
    SECOND_APPROACH = "second approach"
    APPLICATION_REFUSED = "application refused"
    REVOCATION = "revocation"
    REVOCATION_AT_ONCE = "immediate revocation"
    REMOVAL = "removal"
    """To the licensee; the order to the provider is ``REMOVAL_ORDER``."""
    RESET_DENIED = "resets denied"
    RESET_ALLOWED = "resets allowed again"
    REMOVAL_ORDER = "removal order"
    QUALITY_GRADING = "quality grading"
    QUALITY_OVERDUE = "quality mailpiece overdue"


NOTICE_UNKNOWN_THEN = Refusal(
    "NOTICE_UNKNOWN_THEN",
    clause="policy",
    remedy="Give the rulebook whose rules ask for this notice.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWording:
    """What a kind of notice says under one rulebook."""

    title: str
    clause: str
    says: str
    next_step: str


class Notice(Form, frozen=True, kw_only=True):
    """One letter."""

    name: ClassVar[str] = "notice"

    kind: NoticeKind
    number: str = ""
    sent_on: date
    sender: Party
    addressee: Party
    copies_to: tuple[str, ...] = ()
    licence: str = ""
    device: str = ""
    reason: Words
    """Why, in facts."""
    clauses: tuple[str, ...] = ()
    """On which the reason rests, beside the notice's own."""
    act_by: date | None = None
    """The last day to do what it asks; or on which it takes effect."""
    facts: dict[str, str] = msgspec.field(default_factory=dict)
    """More that the addressee needs, by label."""
    signed_by: str = ""

    @property
    def masthead(self) -> Masthead:
        """Its kind and clause.

        Raises:
            Refused: ``NOTICE_UNKNOWN_THEN``.
        """
        said = wording(self.kind, self.rulebook)
        return Masthead(
            about=self.device or self.licence,
            number="Notice",
            title=said.title,
            authority=said.clause,
        )

    def blocks(self) -> tuple[Block, ...]:
        """From whom to whom, about what, why, what is asked, and what can be done."""
        return (
            *self._letterhead(),
            *self._subject(),
            *self._message(),
            Gap(0.1),
            Signatures((Signature("Signed for the sender", self.signed_by, self._dated()),)),
            *self._copies(),
        )

    def _dated(self) -> str:
        return day_text(self.sent_on) if self.signed_by else ""

    def _letterhead(self) -> tuple[Block, ...]:
        return (
            Fields(
                (
                    Field("From", _address(self.sender)),
                    Field("To", _address(self.addressee)),
                )
            ),
            Fields(
                (
                    Field("Date of this notice", day_text(self.sent_on)),
                    Field("Number", self.number),
                )
            ),
        )

    def _subject(self) -> tuple[Block, ...]:
        cells = (
            Field("License", self.licence),
            Field("Device", self.device),
            Field(*self._last_day()),
        )
        known = tuple(cell for cell in cells if cell.value)
        return (*((Fields(known, strong=True),) if known else ()), Gap(0.18))

    def _last_day(self) -> tuple[str, str]:
        takes_effect = self.kind in (NoticeKind.REVOCATION, NoticeKind.RESET_DENIED)
        return ("Takes effect on" if takes_effect else "Act by", day_text(self.act_by))

    def _message(self) -> tuple[Block, ...]:
        said = wording(self.kind, self.rulebook)
        known = _Facts(self)
        rests_on = "; ".join(dict.fromkeys((said.clause, *self.clauses)))
        return (
            Paragraph(printed(said.says.format_map(known))),
            Heading("Reason"),
            Gap(0.06),
            Paragraph(self.reason),
            Paragraph(f"This rests on {rests_on}.", size_pt=8.0),
            *self._listed_facts(),
            Heading("What you can do"),
            Gap(0.06),
            Paragraph(printed(said.next_step.format_map(known))),
        )

    def _listed_facts(self) -> tuple[Block, ...]:
        rows = tuple(Field(label, value) for label, value in self.facts.items())
        pairs = tuple(Fields(rows[at : at + 2]) for at in range(0, len(rows), 2))
        return (Gap(0.04), *pairs, Gap(0.04))

    def _copies(self) -> tuple[Block, ...]:
        if not self.copies_to:
            return ()
        return (Gap(0.1), Paragraph(f"Copies to: {'; '.join(self.copies_to)}", size_pt=8.0))


def wording(kind: NoticeKind, rulebook: Rulebook) -> NoticeWording:
    """What a kind of notice says.

    Raises:
        Refused: ``NOTICE_UNKNOWN_THEN`` where the rulebook has no such notice.
    """
    found = _wordings()[kind].get(rulebook)
    if found is None:
        raise NOTICE_UNKNOWN_THEN.because(f"{rulebook} knows no notice of {kind}")
    return found


@cache
def _wordings() -> Mapping[NoticeKind, Mapping[str, NoticeWording]]:
    text = files("franking.forms").joinpath("notices.yaml").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            NoticeKind(kind): {book: NoticeWording(**said) for book, said in books.items()}
            for kind, books in yaml.safe_load(text).items()
        }
    )


class _Facts(dict[str, str]):
    """Fills a wording: nouns of the rulebook, the last day, and numbers of the rules by name."""

    def __init__(self, notice: Notice) -> None:
        by = f"by {day_text(notice.act_by)}" if notice.act_by else "at once"
        super().__init__(nouns(notice.rulebook), by=by)
        self._said = rules.at("provider", notice.rulebook, notice.sent_on)

    def __missing__(self, name: str) -> str:
        if not name.endswith(("_days", "_months", "_years")):
            raise InvariantBroken(f"a notice asks for {name}, which is no term of the rules")
        return str(self._said.whole(name))


def _address(party: Party) -> str:
    return "\n".join(filter(None, (party.name, party.address, party.telephone)))
