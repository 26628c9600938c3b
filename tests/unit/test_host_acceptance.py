"""Dates, places and preparation as a post office looks at them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from franking.host.acceptance import (
    Deposit,
    Place,
    date_finding,
    documentation_finding,
    month_year_finding,
    payment_finding,
    place_finding,
    preparation_checklist,
    previous_date_excused,
    verify_mailing,
    weekday_collections,
)
from franking.host.records import MailClass

RULEBOOK = "ibip-1997"
TUESDAY = datetime(1997, 7, 1, 14, 0, tzinfo=UTC)
COLLECTIONS = weekday_collections(time(17, 0), saturday=time(12, 0))
LETTERS = Deposit(
    at=TUESDAY,
    place=Place.COLLECTION_BOX,
    served_by="62701",
    licensed_at="62701",
    mail_class=MailClass.FIRST_CLASS,
    pieces=500,
)


@pytest.mark.duty("R97-P050.4.7-1", "R97-P050.4.7-2")
@pytest.mark.parametrize(
    ("at", "shown", "right"),
    [
        (TUESDAY, date(1997, 7, 1), True),
        (TUESDAY, date(1997, 7, 2), False),
        (TUESDAY, date(1997, 6, 30), False),
        (TUESDAY.replace(hour=18), date(1997, 7, 2), True),
        (TUESDAY.replace(hour=18), date(1997, 7, 1), True),
        (TUESDAY.replace(hour=18), date(1997, 7, 3), False),
        (datetime(1997, 7, 5, 13, 0, tzinfo=UTC), date(1997, 7, 7), True),
        (datetime(1997, 7, 5, 13, 0, tzinfo=UTC), date(1997, 7, 6), False),
    ],
)
def test_the_date_is_that_of_deposit_or_of_the_next_collection(
    at: datetime, shown: date, right: bool
) -> None:
    finding = date_finding(shown, replace(LETTERS, at=at), COLLECTIONS)
    assert (finding is None) is right
    if finding is not None:
        assert "REDATE" in finding.remedy


def test_a_closed_day_has_no_collection() -> None:
    closed = replace(COLLECTIONS, closed=frozenset({date(1997, 7, 4)}))
    thursday_night = datetime(1997, 7, 3, 20, 0, tzinfo=UTC)
    assert date_finding(date(1997, 7, 5), replace(LETTERS, at=thursday_night), closed) is None


@pytest.mark.duty("R97-P050.5.4")
@pytest.mark.parametrize(
    ("shown", "collected", "excused"),
    [
        (date(1997, 6, 30), False, True),
        (date(1997, 6, 30), True, False),
        (date(1997, 6, 29), False, False),
        (date(1997, 7, 2), False, False),
        (date(1997, 7, 1), False, False),
    ],
)
def test_yesterdays_date_is_no_fault_of_a_piece_collected_late(
    shown: date, collected: bool, excused: bool
) -> None:
    assert previous_date_excused(shown, TUESDAY.date(), RULEBOOK, collected=collected) is excused


@pytest.mark.duty("R97-P050.4.6-3")
@pytest.mark.parametrize(
    ("on", "delayed", "accepted"),
    [
        (date(1997, 6, 1), False, True),
        (date(1997, 6, 30), False, True),
        (date(1997, 7, 1), False, False),
        (date(1997, 7, 3), True, True),
        (date(1997, 7, 4), True, False),
        (date(1997, 5, 31), True, False),
        (date(1998, 6, 2), True, False),
    ],
)
def test_a_month_and_year_hold_for_the_month_and_three_days_of_grace(
    on: date, delayed: bool, accepted: bool
) -> None:
    june = date(1997, 6, 15)
    finding = month_year_finding(june, on, RULEBOOK, unavoidably_delayed=delayed)
    assert (finding is None) is accepted


def test_december_runs_over_into_january() -> None:
    found = month_year_finding(
        date(1997, 12, 1), date(1998, 1, 3), RULEBOOK, unavoidably_delayed=True
    )
    assert found is None


@pytest.mark.duty("R97-P050.5.3-1", "R97-P050.5.3a", "R97-P050.5.3b")
@pytest.mark.parametrize(
    ("place", "served_by", "mail_class", "single", "pieces", "allowed"),
    [
        (Place.COLLECTION_BOX, "62701", MailClass.FIRST_CLASS, True, 500, True),
        (Place.OTHER_RECEPTACLE, "62701", MailClass.FIRST_CLASS, True, 500, True),
        (Place.COLLECTION_BOX, "62701", MailClass.STANDARD, True, 1, False),
        (Place.COLLECTION_BOX, "62701", MailClass.FIRST_CLASS, False, 500, False),
        (Place.ACCEPTANCE_UNIT, "62701", MailClass.STANDARD, False, 500, True),
        (Place.WINDOW, "62701", MailClass.EXPRESS, True, 1, True),
        (Place.DESIGNATED, "62701", MailClass.STANDARD, False, 9000, True),
        (Place.CARRIER, "62701", MailClass.FIRST_CLASS, True, 1, False),
        (Place.COLLECTION_BOX, "60601", MailClass.FIRST_CLASS, True, 20, True),
        (Place.WINDOW, "60601", MailClass.FIRST_CLASS, True, 21, False),
        (Place.WINDOW, "60601", MailClass.FIRST_CLASS, False, 1, False),
        (Place.ACCEPTANCE_UNIT, "60601", MailClass.STANDARD, True, 1, False),
    ],
)
def test_mail_is_deposited_where_the_licensing_office_says(
    place: Place, served_by: str, mail_class: MailClass, single: bool, pieces: int, allowed: bool
) -> None:
    deposit = replace(
        LETTERS,
        place=place,
        served_by=served_by,
        mail_class=mail_class,
        single_piece_price=single,
        pieces=pieces,
    )
    finding = place_finding(deposit, RULEBOOK)
    assert (finding is None) is allowed
    if finding is not None:
        assert "62701" in finding.remedy


@pytest.mark.duty("R97-P050.5.2")
@pytest.mark.parametrize(
    ("methods", "authorization", "allowed"),
    [
        (["indicia"], "", True),
        (["indicia", "indicia"], "", True),
        (["indicia", "permit imprint"], "", False),
        (["indicia", "permit imprint"], "AUTH-7", True),
    ],
)
def test_payment_is_mixed_only_with_leave(
    methods: list[str], authorization: str, allowed: bool
) -> None:
    assert (payment_finding(methods, authorization) is None) is allowed


@pytest.mark.duty("R95-P030.1.8-1")
@pytest.mark.parametrize(
    ("differ", "short", "documented", "accepted"),
    [
        (False, 0, False, True),
        (True, 0, False, False),
        (False, 3, False, False),
        (True, 3, True, True),
    ],
)
def test_unequal_or_short_paid_pieces_need_documentation(
    differ: bool, short: int, documented: bool, accepted: bool
) -> None:
    assert (documentation_finding(differ, short, documented) is None) is accepted


@pytest.mark.duty("R97-P050.5.1")
@pytest.mark.parametrize("mail_class", MailClass)
def test_every_class_has_a_checklist_of_preparation(mail_class: MailClass) -> None:
    lines = preparation_checklist(mail_class)
    assert any("exact amount" in line for line in lines)
    assert len(set(lines)) == len(lines)


@pytest.mark.duty("R95-Pre-I.A-2")
def test_verifying_a_mailing_lists_every_fault_and_accepts_a_good_one() -> None:
    bad = verify_mailing(
        replace(LETTERS, served_by="60601"),
        dates_shown=[date(1997, 6, 29), date(1997, 7, 1), date(1997, 7, 9)],
        collections=COLLECTIONS,
        methods=["indicia", "stamps"],
        weights_differ=True,
        rulebook=RULEBOOK,
    )
    assert [finding.code for finding in bad.findings] == [
        "PLACE_OF_DEPOSIT",
        "DATE_NOT_OF_DEPOSIT",
        "DATE_NOT_OF_DEPOSIT",
        "PAYMENT_MIXED",
        "DOCUMENTATION_MISSING",
    ]
    good = verify_mailing(
        LETTERS,
        dates_shown=[date(1997, 7, 1)],
        collections=COLLECTIONS,
        methods=["indicia"],
        rulebook=RULEBOOK,
    )
    assert (good.accepted, bad.accepted) == (True, False)
