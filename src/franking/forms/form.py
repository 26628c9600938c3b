"""What every form is: a frozen record, read from and given as JSON, and drawn on paper.

Amounts are mills, dates ISO 8601. A form that lacks an answer is drawn with an empty cell, to be
filled in by hand; one with an answer of the wrong kind is refused.
"""

from __future__ import annotations

import re
from abc import ABCMeta, abstractmethod
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

import msgspec
from msgspec import Meta, StructMeta

from franking.errors import Refusal
from franking.forms.paper import Block, Field, Fields, Masthead, set_pages
from franking.marks.geometry import Drawing
from franking.marks.lettering import Face, font_file
from franking.money import format_dollars

FORM_UNREADABLE = Refusal(
    "FORM_UNREADABLE",
    clause="policy",
    remedy="Begin from an example, which `franking form NAME --example` prints, and fill it in.",
    http_status=422,
)

Words = Annotated[str, Meta(min_length=1, max_length=2000)]
"""An answer that must be there."""
Mills = Annotated[int, Meta(ge=0)]
Rulebook = Literal["meter-1995", "ibip-1997"]
ZipCode = Annotated[str, Meta(pattern=r"^\d{5}(-\d{4})?$")]


class _FormKind(StructMeta, ABCMeta):
    """Structures of which some parts are left to each form."""


class Form(
    msgspec.Struct, metaclass=_FormKind, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A form: its answers are its fields."""

    name: ClassVar[str]
    """By which a person asks for it, such as ``3601-a``."""
    rulebook: Rulebook = "ibip-1997"

    @property
    @abstractmethod
    def masthead(self) -> Masthead:
        """What stands at its head."""

    @abstractmethod
    def blocks(self) -> tuple[Block, ...]:
        """What stands below, from the top."""

    def pages(self) -> tuple[Drawing, ...]:
        """The form on letter paper.

        Raises:
            Refused: ``TEXT_UNPRINTABLE``, ``ANSWER_TOO_LONG``.
        """
        return set_pages(self.masthead, self.blocks())

    def as_json(self) -> dict[str, Any]:
        """The answers, for programs."""
        answers: dict[str, Any] = msgspec.to_builtins(self)
        return answers

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """Read the answers.

        Raises:
            Refused: ``FORM_UNREADABLE``, naming the answer that is wrong.
        """
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FORM_UNREADABLE.because(f"{cls.name}: {error}") from error


class Party(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person, firm or office with its address."""

    name: Words
    address: str = ""
    telephone: str = ""


class PostOfficePlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A post office. One includes its branches and stations (DMM P030.3.2 of 1995)."""

    city: str = ""
    state: str = ""
    zip_code: ZipCode

    @property
    def line(self) -> str:
        """As it stands on a form."""
        place = ", ".join(filter(None, (self.city, self.state)))
        return f"{place} {self.zip_code}".strip()


class Signed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who signed, and when."""

    name: Words
    on: date


_NOUNS = {
    "meter-1995": {"device": "meter", "provider": "manufacturer", "licence": "meter license"},
    "ibip-1997": {"device": "device", "provider": "provider", "licence": "license"},
}


def rulebook_named(name: str) -> Rulebook:
    """The rulebook of that name, if it is one that knows forms.

    Raises:
        Refused: ``FORM_UNREADABLE``.
    """
    match name:
        case "meter-1995" | "ibip-1997":
            return name
        case _:
            raise FORM_UNREADABLE.because(
                f"{name!r} is no rulebook of forms",
                remedy="Give meter-1995 for a meter, ibip-1997 for a postal security device.",
            )


def nouns(rulebook: Rulebook) -> dict[str, str]:
    """What a device, its provider and a licence are called under a rulebook."""
    return _NOUNS[rulebook]


def party_rows(title: str, party: Party) -> tuple[Fields, ...]:
    """The cells of a party."""
    return (
        Fields((Field(title, party.name, 2.0), Field("Telephone", party.telephone))),
        Fields((Field(f"Address of the {title[0].lower()}{title[1:]}", party.address),)),
    )


def day_text(day: date | None) -> str:
    """A day as people write it; nothing for none."""
    return f"{day:%B} {day.day}, {day.year}" if day else ""


def dollars_text(mills: int | None) -> str:
    """An amount as people write it; nothing for none."""
    return "" if mills is None else format_dollars(mills)


def legible(text: str) -> str:
    """Words of others as paper can hold them: what no face has stands as ``?``.

    One strange letter in a name must not keep a report, or all statements, from being drawn.
    """
    known = font_file(Face.REGULAR).widths
    return "".join(each if each in known else "?" for each in " ".join(text.split()))


def printed(text: str) -> str:
    """A sentence with its first letter in capitals and its spaces single."""
    plain = re.sub(r"\s+", " ", text).strip()
    return plain[:1].upper() + plain[1:]
