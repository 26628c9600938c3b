"""The table of duties: every one can be counted, cites a clause that exists, leads somewhere."""

from __future__ import annotations

from datetime import date

import pytest

from franking.docket.catalogue import (
    EVERY,
    clause_and_due,
    clauses_with,
    duties,
    every_clause,
    term_of,
)
from franking.docket.records import OUTSTANDING, TRANSITIONS, ObligationStatus
from franking.postal.sweeping import CONSEQUENCES as POSTAL
from franking.provider.sweeping import CONSEQUENCES as PROVIDER
from franking.rules.clauses import clauses
from franking.rules.rulebooks import rulebook, rulebooks

LATER = date(1998, 2, 28)


@pytest.mark.parametrize("name", sorted(duties()))
def test_every_duty_has_a_term_in_each_rulebook_that_it_names(name: str) -> None:
    for book in duties()[name].terms:
        for each in rulebooks() if book == EVERY else (book,):
            if term_of(name, each).subject not in rulebook(each).subjects:
                continue
            clause, due = clause_and_due(name, each, max(LATER, rulebook(each).opens))
            assert clause
            assert due is None or due >= LATER


def test_every_consequence_that_a_duty_names_is_registered_in_one_domain() -> None:
    named = {each.consequence for each in duties().values() if each.consequence}
    assert named - set(PROVIDER) - set(POSTAL) == set()


def test_every_clause_of_the_docket_is_policy_or_begins_one_of_the_catalogue() -> None:
    known = [each.citation for each in clauses().values()]
    for clause in every_clause():
        for part in clause.split("; "):
            stem = part.rsplit(" (", 1)[0]
            assert part == "policy" or any(stem in citation for citation in known), part


def test_a_clause_is_found_by_a_part_of_it() -> None:
    assert "DMM P030.3.11 (1995)" in clauses_with("p030.3.11")
    assert clauses_with("no such clause") == ()


def test_what_is_outstanding_can_still_move_and_what_is_closed_can_not() -> None:
    for status in ObligationStatus:
        assert bool(TRANSITIONS[status]) == (status in OUTSTANDING)
