"""Keys, dies, seals and setting equipment: what each is, who holds it, what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ArticleKind(StrEnum):
    """Parts and equipment that could be used to defraud the revenue (39 CFR 501.17, 1995)."""

    KEY = "key"
    DIE = "die"
    """A serially numbered postage-printing die."""
    SEAL = "seal"
    SETTING_EQUIPMENT = "setting equipment"


class ArticleState(StrEnum):
    """Where an article is."""

    IN_HAND = "in hand"
    ISSUED = "issued"
    """To a post office, or to a section of the provider that needs it."""
    ASSEMBLED = "assembled"
    """In, or on, a device."""
    REMOVED = "removed"
    """Taken out of a device: to be reassembled, or made useless."""
    LOST = "lost"
    STOLEN = "stolen"
    RECOVERED = "recovered"
    DESTROYED = "destroyed"
    """Mutilated so that it cannot be used, or destroyed completely."""


_S = ArticleState
_GONE: Final = frozenset({_S.LOST, _S.STOLEN})

ARTICLE_TRANSITIONS: Final[dict[ArticleState, frozenset[ArticleState]]] = {
    _S.IN_HAND: frozenset({_S.ISSUED, _S.ASSEMBLED, _S.DESTROYED}) | _GONE,
    _S.ISSUED: frozenset({_S.IN_HAND, _S.ASSEMBLED, _S.DESTROYED}) | _GONE,
    _S.ASSEMBLED: frozenset({_S.REMOVED}) | _GONE,
    _S.REMOVED: frozenset({_S.ASSEMBLED, _S.DESTROYED}) | _GONE,
    _S.LOST: frozenset({_S.RECOVERED}),
    _S.STOLEN: frozenset({_S.RECOVERED}),
    _S.RECOVERED: frozenset({_S.IN_HAND, _S.DESTROYED}) | _GONE,
    _S.DESTROYED: frozenset(),
}
"""What may follow what; the database guards it again."""

UNACCOUNTED: Final = frozenset({_S.IN_HAND, _S.REMOVED, _S.LOST, _S.STOLEN, _S.RECOVERED})
"""A die in one of these is neither in a meter nor destroyed."""


class HolderKind(StrEnum):
    """Who may hold keys and setting equipment (39 CFR 501.20, 501.22(n), 1995)."""

    POST_OFFICE = "post office"
    SECTION = "section"
    """A section of the provider in which the use of keys is essential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds an article: a post office by ZIP Code, or a section by name."""

    kind: HolderKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One numbered article."""

    kind: ArticleKind
    number: str
    state: ArticleState = ArticleState.IN_HAND
    source: str = ""
    """Who made it; of a seal, the Postal Service."""
    holder: str = ""
    """``post office 01101``, ``section service desk``; empty where nobody else holds it."""
    device: str = ""
    """The serial of the device that it is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleEvent:
    """What happened to an article: date, place and detail (501.22(n))."""

    kind: str
    article: str
    at: str
    before: str
    after: str
    holder: str
    device: str
    place: str
    detail: str
    receipt: str
    """The signed receipt card, where there is one."""
    witnesses: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleMove:
    """What is to happen to an article."""

    to: ArticleState
    place: str = ""
    detail: str = ""
    holder: Holder | None = None
    device: str = ""
    receipt: str = ""
