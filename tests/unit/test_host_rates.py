"""What a piece owes: the published lists by date, class, shape and weight."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from franking.errors import Refused
from franking.host.rates import RateBook, price, published
from franking.host.rates.edition import read_edition
from franking.host.records import MailClass, Shape

FIRST, PRIORITY, EXPRESS = MailClass.FIRST_CLASS, MailClass.PRIORITY, MailClass.EXPRESS


@pytest.mark.duty("R97-P050.1.5")
@pytest.mark.parametrize(
    ("on", "mail_class", "shape", "ounces", "mills"),
    [
        (date(1995, 1, 1), FIRST, Shape.LETTER, "1", 320),
        (date(1995, 6, 30), FIRST, Shape.LETTER, "1.01", 550),
        (date(1995, 6, 30), FIRST, Shape.LETTER, "3", 780),
        (date(1997, 3, 28), FIRST, Shape.FLAT, "11", 2620),
        (date(1997, 3, 28), FIRST, Shape.CARD, "0.2", 200),
        (date(1997, 3, 28), PRIORITY, Shape.PARCEL, "32", 3000),
        (date(1997, 3, 28), EXPRESS, Shape.FLAT, "8", 10_750),
        (date(1999, 1, 9), FIRST, Shape.LETTER, "2", 550),
        (date(1999, 1, 10), FIRST, Shape.LETTER, "3", 770),
        (date(2006, 1, 8), FIRST, Shape.LETTER, "1", 390),
        (date(2007, 5, 14), FIRST, Shape.PARCEL, "1", 1130),
        (date(2008, 5, 11), FIRST, Shape.LETTER, "1", 410),
        (date(2008, 5, 12), FIRST, Shape.LETTER, "3.5", 930),
        (date(2008, 5, 12), FIRST, Shape.FLAT, "11", 2530),
        (date(2008, 5, 12), FIRST, Shape.PARCEL, "7", 2190),
        (date(2008, 5, 12), FIRST, Shape.PARCEL, "13", 3210),
        (date(2008, 5, 12), FIRST, Shape.CARD, "1", 270),
        (date(2008, 5, 12), PRIORITY, Shape.FLAT, "300", 4800),
        (date(2015, 5, 31), FIRST, Shape.LETTER, "1", 485),
        (date(2015, 5, 31), FIRST, Shape.LETTER, "3.5", 1145),
        (date(2015, 5, 31), FIRST, Shape.PARCEL, "2", 2540),
        (date(2025, 7, 13), FIRST, Shape.LETTER, "1", 740),
        (date(2025, 7, 13), FIRST, Shape.LETTER, "3.5", 1610),
        (date(2025, 7, 13), FIRST, Shape.FLAT, "2", 1900),
        (date(2025, 7, 13), FIRST, Shape.CARD, "1", 610),
    ],
)
def test_a_piece_owes_what_the_list_of_its_date_says(
    on: date, mail_class: MailClass, shape: Shape, ounces: str, mills: int
) -> None:
    found = price(on=on, mail_class=mail_class, shape=shape, weight_oz=Decimal(ounces))
    assert found.mills == mills
    assert found.source
    assert 0 < len(found.rate_category) <= 4


@pytest.mark.parametrize(
    "on",
    [date(1994, 12, 31), date(2001, 1, 7), date(2011, 4, 17), date(2016, 4, 10)],
)
def test_a_date_that_no_list_covers_is_refused_with_the_dates_that_are(on: date) -> None:
    with pytest.raises(Refused, match="RATE_NOT_PUBLISHED") as refused:
        price(on=on, mail_class=FIRST, shape=Shape.LETTER, weight_oz=Decimal(1))
    assert "1995-01-01 to 1999-01-09" in refused.value.detail


@pytest.mark.parametrize(
    ("on", "mail_class", "shape", "ounces"),
    [
        (date(1997, 7, 1), FIRST, Shape.LETTER, "11.1"),
        (date(1997, 7, 1), FIRST, Shape.FLAT, "1"),
        (date(1997, 7, 1), FIRST, Shape.CARD, "2"),
        (date(1997, 7, 1), MailClass.STANDARD, Shape.LETTER, "1"),
        (date(1997, 7, 1), EXPRESS, Shape.FLAT, "9"),
        (date(2008, 6, 1), FIRST, Shape.LETTER, "3.6"),
        (date(2008, 6, 1), PRIORITY, Shape.PARCEL, "16"),
        (date(2025, 8, 1), FIRST, Shape.FLAT, "3"),
        (date(2025, 8, 1), MailClass.INTERNATIONAL, Shape.LETTER, "1"),
    ],
)
def test_a_cell_that_no_source_gives_is_refused_not_guessed(
    on: date, mail_class: MailClass, shape: Shape, ounces: str
) -> None:
    with pytest.raises(Refused, match="RATE_CELL_MISSING"):
        price(on=on, mail_class=mail_class, shape=shape, weight_oz=Decimal(ounces))


@pytest.mark.parametrize("ounces", ["0", "-1", "NaN", "Infinity"])
def test_a_weight_that_is_none_is_refused(ounces: str) -> None:
    with pytest.raises(Refused, match="WEIGHT_NOT_POSITIVE"):
        price(on=date(1997, 7, 1), mail_class=FIRST, shape=Shape.LETTER, weight_oz=Decimal(ounces))


def test_a_nonmachinable_letter_owes_the_surcharge_where_it_is_known() -> None:
    letter = {"mail_class": FIRST, "shape": Shape.LETTER, "weight_oz": Decimal(1)}
    plain = price(on=date(2008, 6, 1), **letter)
    square = price(on=date(2008, 6, 1), nonmachinable=True, **letter)
    assert square.mills - plain.mills == 200
    with pytest.raises(Refused, match="RATE_CELL_MISSING"):
        price(on=date(1997, 7, 1), nonmachinable=True, **letter)


def test_the_lists_do_not_overlap_and_every_table_has_its_sources() -> None:
    editions = published().editions
    for one, next_one in pairwise(editions):
        assert one.effective_to is not None
        assert one.effective_to < next_one.effective_from
    assert all(table.sources for edition in editions for table in edition.tables)


def test_heavier_pieces_never_cost_less() -> None:
    for edition in published().editions:
        for table in edition.tables:
            assert [c.mills for c in table.cells] == sorted(c.mills for c in table.cells)


NEW_LIST = """
edition: "2030-01-13"
effective_from: 2030-01-13
effective_to: null
sources: {list: "a list the mailer was sent"}
absent: ""
tables:
  - {class: first-class, shapes: [letter], category: FCLM, sources: [list],
     first_ounce: "0.905", additional_ounce: "0.30", up_to_oz: "3.5"}
"""


@pytest.mark.duty("R97-Pre-Rates")
def test_a_new_list_takes_effect_at_the_start_of_its_day_all_at_once() -> None:
    book = published().with_editions([read_edition(NEW_LIST)])
    first_day = date(2030, 1, 13)
    before = letter_mills(book, first_day - timedelta(days=1))
    assert (before, letter_mills(book, first_day)) == (740, 905)


def letter_mills(book: RateBook, on: date) -> int:
    """The postage of a one-ounce letter."""
    return book.price(on=on, mail_class=FIRST, shape=Shape.LETTER, weight_oz=Decimal(1)).mills


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1",
        "edition: x",
        NEW_LIST.replace("sources: [list]", "sources: [hearsay]"),
        NEW_LIST.replace("0.905", "ninety"),
        NEW_LIST.replace("FCLM", "TOOLONG"),
        "{",
        NEW_LIST.replace("2030-01-13\neffective_to", "soon\neffective_to"),
        NEW_LIST.replace('"0.905"', "0.905"),
    ],
)
def test_a_price_list_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="RATE_FILE_UNREADABLE"):
        read_edition(text)


def test_a_list_past_its_confirmation_says_so() -> None:
    assert published().warnings(date(2026, 6, 30)) == ()
    assert "Notice 123" in published().warnings(date(2026, 11, 21))[0]
