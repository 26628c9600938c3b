"""The rulebooks: which texts there are, from when each is open, and how far it binds.

A proposal stays a proposal until a deployment adopts it by an explicit, recorded act
(39 CFR 502.31 (1997)): see ``franking.rules.adoption``. Refuses to know any number of a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

from franking.errors import Refusal
from franking.rules.records import POLICY, Standing

RULEBOOK_UNKNOWN = Refusal(
    "RULEBOOK_UNKNOWN",
    clause=POLICY,
    remedy="Choose one of the rulebooks that `franking rules list` names.",
    http_status=404,
)
RULEBOOK_NOT_OPEN = Refusal(
    "RULEBOOK_NOT_OPEN",
    clause="60 FR 30714 (1995), effective date",
    remedy="Ask for a day on or after the rulebook opens, or choose an earlier rulebook.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """From this day on the text has this standing, on the authority of ``clause``."""

    status: Standing
    since: date
    clause: str
    duty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """One text: title, source, how its standing went, and the words it uses for the parties."""

    name: str
    title: str
    source: str
    stands: tuple[Stand, ...]
    comments_until: date | None
    supersedes: str
    leads_to: str
    cited_as: tuple[str, ...]
    subjects: tuple[str, ...]
    terms: Mapping[str, str]

    @property
    def opens(self) -> date:
        """The first day on which the text can be asked."""
        return self.stands[0].since

    def standing(self, on: date) -> Stand:
        """How far the text binds on a day, as published.

        Raises:
            Refused: ``RULEBOOK_NOT_OPEN`` before the text was published or in force.
        """
        if on < self.opens:
            raise RULEBOOK_NOT_OPEN.because(f"{self.name} opens on {self.opens}, after {on}")
        return [stand for stand in self.stands if stand.since <= on][-1]

    def term(self, party: str) -> str:
        """The word this text uses for ``provider``, ``customer``, ``office`` or ``device``."""
        return self.terms[party]


@cache
def rulebooks() -> Mapping[str, Rulebook]:
    """Every rulebook by name."""
    text = resources.files("franking.rules").joinpath("rulebooks.yaml").read_text("utf-8")
    return {name: _rulebook(name, entry) for name, entry in yaml.safe_load(text).items()}


def rulebook(name: str) -> Rulebook:
    """The rulebook of that name.

    Raises:
        Refused: ``RULEBOOK_UNKNOWN``.
    """
    found = rulebooks().get(name)
    if found is None:
        raise RULEBOOK_UNKNOWN.because(f"there is no rulebook {name!r}")
    return found


def _rulebook(name: str, entry: dict[str, Any]) -> Rulebook:
    return Rulebook(
        name=name,
        title=entry["title"],
        source=entry["source"],
        stands=tuple(_stand(stand) for stand in entry["standing"]),
        comments_until=entry.get("comments_until"),
        supersedes=entry.get("supersedes", ""),
        leads_to=entry.get("leads_to", ""),
        cited_as=tuple(entry["cited_as"]),
        subjects=tuple(entry["subjects"]),
        terms=entry["terms"],
    )


def _stand(entry: dict[str, Any]) -> Stand:
    return Stand(
        status=Standing(entry["status"]),
        since=entry["from"],
        clause=entry["clause"],
        duty=entry.get("duty", ""),
    )
