"""The clause catalogue, the windows of single clauses, and old citations."""

from __future__ import annotations

import re
from datetime import date

import pytest

from franking.errors import Refused
from franking.rules.clauses import GROUP_TITLES, clause, clauses
from franking.rules.windows import carried_to, require_form_edition, window

DUTIES = 697


def test_the_catalogue_holds_every_duty_once() -> None:
    assert len(clauses()) == DUTIES
    assert {entry.group for entry in clauses().values()} == GROUP_TITLES.keys()


def test_every_duty_can_be_looked_up_in_its_document() -> None:
    cited = re.compile(r"39 CFR (part )?50[12]|DMM (P0[35]0|604\.9)|\d\d FR \d+|all four documents")
    unread = [entry.id for entry in clauses().values() if not cited.match(entry.citation)]
    assert unread == []


def test_a_duty_names_clause_year_and_group() -> None:
    duty = clause("R97-P050.3.4-1")
    assert duty.citation == "DMM P050.3.4 (1997)"
    assert duty.group_title == "Postal security device"
    assert "atchdog" in duty.requirement


def test_an_unknown_duty_is_refused() -> None:
    with pytest.raises(Refused, match="CLAUSE_UNKNOWN"):
        clause("R97-P050.99")


@pytest.mark.duty("R95-Pre-EffDate-1")
@pytest.mark.parametrize(
    ("duty", "opens"),
    [
        ("R95-501.22(d)", date(1995, 6, 30)),
        ("R95-501.22(b)", date(1996, 1, 2)),
        ("R95-501.22(e)(2)", date(1996, 1, 2)),
        ("R97-P050.3.6-1", date(1997, 3, 28)),
    ],
)
def test_a_clause_binds_from_its_rulebook_s_day_or_its_own(duty: str, opens: date) -> None:
    assert window(duty).opens == opens
    assert window(duty).is_open(opens)
    assert not window(duty).is_open(opens.replace(year=opens.year - 1))


@pytest.mark.duty("R95-Pre-EffDate-2")
def test_electronic_filing_and_revised_forms_begin_on_the_later_date() -> None:
    assert window("R95-P030.2.1-2").opens == date(1996, 1, 2)
    require_form_edition("PS Form 3601-A", date(1996, 1, 2))
    with pytest.raises(Refused, match="FORM_EDITION_NOT_VALID"):
        require_form_edition("PS Form 3601-A", date(1996, 1, 1))
    with pytest.raises(Refused, match="FORM_EDITION_NOT_VALID"):
        require_form_edition("PS Form 3601-C", date(1995, 12, 31))


def test_a_form_without_a_revised_edition_is_always_valid() -> None:
    require_form_edition("PS Form 3602-A", date(1995, 7, 1))


@pytest.mark.duty("R95-Pre-EffDate-3")
def test_new_seals_bind_from_the_effective_date_but_only_once_delivered() -> None:
    seals = window("R95-501.20-3")
    assert not seals.is_open(date(1995, 9, 1))
    assert not seals.is_open(date(1995, 9, 1), available_since=date(1995, 9, 2))
    assert seals.is_open(date(1995, 9, 2), available_since=date(1995, 9, 2))
    assert not seals.is_open(date(1995, 6, 29), available_since=date(1995, 1, 1))


@pytest.mark.duty("R95-Pre-Rev-DMMT")
def test_old_citations_lead_to_the_section_that_took_them_over() -> None:
    assert carried_to("144.92") == "39 CFR 501.6 (1995)"
    assert carried_to("144.913") == "39 CFR 501.5, 501.12 (1995)"
    with pytest.raises(Refused, match="CITATION_NOT_CARRIED"):
        carried_to("144.67")


@pytest.mark.duty("R97-P050.6.0", "R95-P030.6.0")
def test_the_mailing_standards_lead_to_the_part_on_manufacture() -> None:
    assert clause("R97-P050.6.0").requirement.endswith("part 502")
    assert clause("R95-P030.6.0").requirement.endswith("part 501")
    assert any(entry.citation.startswith("39 CFR 502") for entry in clauses().values())
