"""When a single clause or form starts to bind, and where old citations lead.

The rule of 1995 takes effect on one day but for listed clauses and forms, and carries an older
book over section by section. Refuses to know what a clause asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

from franking.errors import Refusal
from franking.rules.clauses import clause
from franking.rules.rulebooks import rulebook

FORM_EDITION_NOT_VALID = Refusal(
    "FORM_EDITION_NOT_VALID",
    clause="60 FR 30714 (1995), effective date",
    remedy="Use the edition of the form that was valid on that day.",
)
CITATION_NOT_CARRIED = Refusal(
    "CITATION_NOT_CARRIED",
    clause="60 FR 30714 (1995), preamble, Rev. H",
    remedy="The section was not carried into 39 CFR part 501: cite the Transition Book itself.",
    http_status=404,
)

_RULEBOOK_OF_PREFIX = {
    "R95": "meter-1995",
    "R97": "ibip-1997",
    "R08": "refunds-2008",
    "R": "provider-501.3",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when a clause binds, on what authority, and whether supply may delay it further."""

    opens: date
    clause: str
    subject_to_availability: bool = False

    def is_open(self, on: date, *, available_since: date | None = None) -> bool:
        """Whether the clause binds; a clause subject to supply waits for ``available_since``."""
        if self.subject_to_availability:
            return available_since is not None and max(self.opens, available_since) <= on
        return self.opens <= on


def window(clause_id: str) -> Window:
    """From when a duty binds: its own day, or the day its rulebook opens (60 FR 30714).

    Raises:
        Refused: ``CLAUSE_UNKNOWN``.
    """
    duty = clause(clause_id)
    for entry in _table()["windows"]:
        if duty.id in entry["duties"]:
            return Window(
                opens=entry["from"],
                clause=entry["clause"],
                subject_to_availability=entry.get("subject_to_availability", False),
            )
    first = rulebook(_RULEBOOK_OF_PREFIX[duty.id.split("-", 1)[0]]).stands[0]
    return Window(opens=first.since, clause=first.clause)


def require_form_edition(form: str, on: date) -> None:
    """Accept the revised edition of a form, or electronic filing on it, only from its day on.

    Raises:
        Refused: ``FORM_EDITION_NOT_VALID``.
    """
    entry = _table()["forms"].get(form)
    if entry is not None and on < entry["from"]:
        raise FORM_EDITION_NOT_VALID.because(
            f"the revised {form} is valid from {entry['from']}, not on {on}"
        )


def carried_to(section: str) -> str:
    """Where a section of the Transition Book stands in 39 CFR part 501 (``"144.91"``).

    Raises:
        Refused: ``CITATION_NOT_CARRIED`` for the sections left out, and for unknown ones.
    """
    found: str | None = _table()["moved"].get(section)
    if found is None:
        raise CITATION_NOT_CARRIED.because(f"Transition Book section {section}")
    return f"39 CFR {found} (1995)"


@cache
def _table() -> dict[str, Any]:
    text = resources.files("franking.rules").joinpath("windows.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table
