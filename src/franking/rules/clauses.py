"""The clause catalogue: every duty of the four documents, by id, in our own words.

An id names document and clause (``R97-P050.3.6-1``), a trailing part splits a clause. The text of
the documents is not here; the citation says where to read it. Refuses to know how a duty is kept.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from franking.errors import Refusal
from franking.rules.records import POLICY

CLAUSE_UNKNOWN = Refusal(
    "CLAUSE_UNKNOWN",
    clause=POLICY,
    remedy="Look the id up with `franking rules list`; ids look like R97-P050.3.6-1.",
    http_status=404,
)

GROUP_TITLES: Mapping[int, str] = MappingProxyType(
    {
        0: "Rulebook, effective dates and time arithmetic",
        1: "Licensing",
        2: "Device model approval",
        3: "Inventory and lifecycle",
        4: "Postal security device",
        5: "Indicium and marks",
        6: "Host, mailpiece, mailings and acceptance",
        7: "Remote resetting and funds",
        8: "Examinations, audits and inspections",
        9: "Quality assurance",
        10: "Defective and misregistering devices, adjustments",
        11: "Missing, lost and stolen",
        12: "Refunds",
        13: "Security-weakness reporting",
        14: "Enforcement proceedings",
        15: "Provider qualification and customer information",
        16: "Reports and files",
        17: "Record retention",
        18: "Labels",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One duty: id, where to read it, what it asks, and how later texts change it.

    ``kind`` contains ``physical-only`` where software can keep an attestation at most. ``change``
    is ``base`` (no counterpart), ``=97`` (the same in 1997), ``Δ97``, ``Δ08`` (changed by the text
    of 1997, 2008), ``new97``, ``drop97`` (only in 1997, only in 1995) or ``later text``.
    """

    id: str
    citation: str
    requirement: str
    group: int
    kind: str
    change: str

    @property
    def group_title(self) -> str:
        """The heading of the clause's group."""
        return GROUP_TITLES[self.group]


@cache
def clauses() -> Mapping[str, Clause]:
    """The whole catalogue by id, in its own order."""
    text = resources.files("franking.rules").joinpath("clauses.csv").read_text("utf-8")
    found = [_clause(row) for row in csv.DictReader(text.splitlines())]
    return MappingProxyType({clause.id: clause for clause in found})


def clause(clause_id: str) -> Clause:
    """The duty of that id.

    Raises:
        Refused: ``CLAUSE_UNKNOWN``.
    """
    found = clauses().get(clause_id)
    if found is None:
        raise CLAUSE_UNKNOWN.because(f"the catalogue has no duty {clause_id!r}")
    return found


def _clause(row: dict[str, str]) -> Clause:
    return Clause(
        id=row["id"],
        citation=row["citation"],
        requirement=row["requirement"],
        group=int(row["group"]),
        kind=row["kind"],
        change=row["change"],
    )
