"""What the rulebooks say, on which day, and what they do not say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from franking import rules
from franking.errors import Refused
from franking.rules.clauses import clauses
from franking.rules.reading import parameters, subjects
from franking.rules.rulebooks import rulebooks

IN_1996, IN_1998, IN_2026 = date(1996, 6, 3), date(1998, 6, 3), date(2026, 11, 21)

OUR_DOCUMENTS = ("39 CFR 501", "39 CFR 502", "DMM P0", "DMM 604.9")
"""How the citations of the four documents begin; a value may also cite what they refer to."""

ALL = [
    pytest.param(entry, book, id=f"{book.name}-{subject}-{entry.name}-{entry.effective_from}")
    for book in rulebooks().values()
    for subject in subjects()
    for entry in parameters(subject, book.name)
]


@pytest.mark.duty("R97-P050.3.6-1", "R97-Pre-500")
def test_the_limit_of_1997_is_five_hundred_dollars_in_mills() -> None:
    limit = rules.at("device", "ibip-1997", IN_1998)["descending_limit"]
    assert (limit.value, limit.unit) == (500 * 1000, "mills")
    assert limit.clause == "DMM P050.3.6 (1997)"
    assert limit.duty == "R97-P050.3.6-1"


def test_lengths_are_decimal_and_exact() -> None:
    edge = rules.length("indicium", "ibip-1997", IN_1998, "edge_right_inches")
    assert edge == Decimal(1) / 4


def test_choices_keep_the_order_of_the_clause() -> None:
    ranks = rules.at("funds", "ibip-1997", IN_1998).choices("payment_preference")
    assert ranks[:3] == ("ACH debit", "ACH credit", "wire transfer")


@pytest.mark.duty("R97-Pre-Status")
def test_before_a_text_is_published_it_cannot_be_asked() -> None:
    with pytest.raises(Refused) as refused:
        rules.at("device", "ibip-1997", IN_1996)
    assert refused.value.code == "RULEBOOK_NOT_OPEN"
    assert "1997-03-28" in refused.value.detail


def test_an_unknown_rulebook_is_refused() -> None:
    with pytest.raises(Refused, match="RULEBOOK_UNKNOWN"):
        rules.at("device", "meter-1895", IN_2026)


def test_the_listing_of_an_unknown_rulebook_is_refused() -> None:
    with pytest.raises(Refused, match="RULEBOOK_UNKNOWN"):
        rules.listing(IN_2026, rulebook="meter-1895")


def test_a_silent_rulebook_is_refused_by_name() -> None:
    with pytest.raises(Refused) as refused:
        rules.value("device", "ibip-1997", IN_2026, "speed_limit")
    assert refused.value.code == "PARAMETER_UNKNOWN"
    assert "device.speed_limit" in refused.value.detail


@pytest.mark.duty("R08-Pre-Status")
def test_the_check_floor_is_five_dollars_in_the_first_proposal_and_twenty_five_in_the_second() -> (
    None
):
    on = date(2008, 6, 1)
    assert rules.whole("refunds", "refunds-2007", on, "check_min_mills") == 5 * 1000
    assert rules.whole("refunds", "refunds-2008", on, "check_min_mills") == 25 * 1000
    assert rules.at("refunds", "refunds-2007", on)["check_min_mills"].status == "superseded"
    assert rules.at("refunds", "refunds-2008", on)["check_min_mills"].status == "proposed"


def test_a_value_gives_way_to_its_successor_on_the_day() -> None:
    before = rules.at("refunds", "refunds-2008", date(2009, 5, 31)).choices("refund_appeal_route")
    after = rules.at("refunds", "refunds-2008", date(2009, 6, 1)).choices("refund_appeal_route")
    assert before[-1] == "manager of Postage Technology Management"
    assert after[-1] == "manager of the Pricing and Classification Service Center"


def test_a_standard_that_the_text_refers_to_stands_by_itself() -> None:
    said = rules.at("indicium", "ibip-1997", IN_1998)
    assert said["fim_right_bar_inches"].clause == "DMM 202.8"
    assert said["fim_right_bar_inches"].status == "reference"
    assert said["edge_top_inches"].status == "proposed"
    assert said["clear_zone_inches"].status == "policy"


@pytest.mark.duty("R97-Pre-Term", "R08-Pre-Term")
def test_each_rulebook_names_the_parties_in_its_own_words() -> None:
    assert rules.term("meter-1995", "provider") == "manufacturer"
    assert rules.term("ibip-1997", "provider") == "Provider"
    assert rules.term("ibip-1997", "customer") == "licensee"
    assert rules.term("refunds-2008", "customer") == "authorized user"
    assert rules.term("refunds-2008", "office") == "local post office"


@pytest.mark.parametrize(("entry", "book"), ALL)
def test_every_value_has_a_citation_that_leads_to_its_duty(
    entry: rules.Parameter, book: object
) -> None:
    assert entry.clause
    assert entry.meaning.endswith(".")
    if entry.duty and entry.clause.startswith(OUR_DOCUMENTS):
        assert clauses()[entry.duty].citation.startswith(entry.clause)


def test_the_listing_is_plain_data_for_json() -> None:
    rows = rules.listing(IN_2026, subject="device", rulebook="ibip-1997")
    limit = next(row for row in rows if row["name"] == "descending_limit")
    assert limit["value"] == 500_000
    assert limit["status"] == "proposed"
    assert limit["effective_from"] == "1997-03-28"
    assert limit["effective_to"] == ""


def test_the_list_of_books_tells_which_are_not_open_yet() -> None:
    standing = {book["rulebook"]: book["status"] for book in rules.books(IN_1996)}
    assert standing["meter-1995"] == "adopted"
    assert standing["ibip-1997"] == "not open"


@pytest.mark.duty("R95-Pre-V")
def test_the_rule_of_1995_leads_to_the_proposal_that_carries_out_what_it_announced() -> None:
    books = {book["rulebook"]: book for book in rules.books(IN_1998)}
    assert books["meter-1995"]["leads_to"] == "ibip-1997"
    assert books["ibip-1997"]["comments_until"] == "1997-04-28"


def test_a_parameter_is_explained_under_every_rulebook_with_its_duties() -> None:
    told = rules.explain("device.descending_limit")
    values = told["values"]
    duties = told["duties"]
    assert isinstance(values, list)
    assert isinstance(duties, list)
    assert {row["rulebook"] for row in values} == {"meter-1995", "ibip-1997"}
    assert [duty["id"] for duty in duties] == ["R97-P050.3.6-1"]


def test_a_duty_is_explained_with_its_values() -> None:
    told = rules.explain("R97-P050.3.6-1")
    values = told["values"]
    assert isinstance(values, list)
    assert told["citation"] == "DMM P050.3.6 (1997)"
    assert [row["value"] for row in values] == [500_000]


def test_a_refusal_is_explained_with_the_duties_behind_its_clause() -> None:
    told = rules.explain("ALREADY_ADOPTED")
    duties = told["duties"]
    assert isinstance(duties, list)
    assert [duty["id"] for duty in duties] == ["R97-502.31"]


def test_a_name_that_is_nothing_is_refused() -> None:
    with pytest.raises(Refused, match="PARAMETER_UNKNOWN"):
        rules.explain("colour_of_the_truck")
