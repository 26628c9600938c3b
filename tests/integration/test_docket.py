"""The docket on both databases: what opens, closes, is missed once, and what one sees of it."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import Executable, insert, select, update

from franking.clock import instant_text
from franking.docket import Obligation, ObligationStatus, Opening, Swept, sweep
from franking.docket.calendar_feed import feed
from franking.docket.explaining import RECORD_UNKNOWN, Hold, explain
from franking.docket.noting import note_duty
from franking.docket.sweeping import OBLIGATIONS_AT_ONCE, due_for_sweep
from franking.docket.views import Choice, counts, every, page
from franking.errors import InvariantBroken, Refusal, Refused
from franking.storage import Act, Actor, Books, Where, Work
from tests.fixtures_databases import DATABASES
from tests.fixtures_docket import (
    DOCKET,
    DRILL,
    EXAMINATION,
    RETRIEVAL,
    SCHEMA,
    NoSigner,
    at,
    books,
    opening,
    put,
    satisfy,
    standing,
    swept,
)

METER = "device:0112345678"
NOT_TODAY = Refusal(
    "NOT_TODAY", clause="policy", remedy="Ask again when the office has opened its doors."
)


@pytest.fixture(params=DATABASES)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Books:
    """Fresh books on each database."""
    return books(request.param, tmp_path)


def statuses(kept: Books, record: str = METER) -> list[str]:
    return [str(each.status) for each in standing(kept, record)]


def forge(kept: Books, statement: Executable) -> None:
    with kept.work(at("1996-02-02"), "forge") as work:
        work.write(statement)
        work.record(Act(record=METER))


def events(kept: Books, record: str = METER) -> list[str]:
    with kept.reading() as reading:
        return [each.event for each in DOCKET.events(reading, record=record)]


# Opening and closing --------------------------------------------------------------------------


def test_an_obligation_says_who_owes_what_by_when_under_which_clause(kept: Books) -> None:
    (found,) = put(kept, opening(METER, "1996-01-31", owed_by="licensee:ACME"))
    assert (found.due, found.clause) == (date(1996, 4, 30), "DMM P030.3.11 (1995)")
    assert (found.owed_by, found.status, found.ordinal) == ("licensee:ACME", "open", 1)
    assert standing(kept, METER) == [found]


def test_the_same_opening_again_changes_nothing(kept: Books) -> None:
    first = put(kept, opening(METER, "1996-01-31"))
    assert put(kept, opening(METER, "1996-01-31")) == first
    assert put(kept, opening(METER, "1996-01-31"), opening(METER, "1996-01-31")) == first * 2


def test_while_one_is_open_a_newer_start_replaces_nothing(kept: Books) -> None:
    first = put(kept, opening(METER, "1996-01-31"))
    assert put(kept, opening(METER, "1996-03-01")) == first


def test_after_it_was_satisfied_the_next_begins_on_the_same_day_even(kept: Books) -> None:
    put(kept, opening(METER, "1996-01-31"))
    satisfy(kept, METER, "1996-01-31")
    (second,) = put(kept, opening(METER, "1996-01-31"))
    assert (second.ordinal, second.status) == (2, "open")
    assert statuses(kept) == ["satisfied", "open"]


def test_done_on_the_last_day_is_in_time_and_a_day_after_is_late(kept: Books) -> None:
    for record, day in (("device:A", "1996-04-30"), ("device:B", "1996-05-01")):
        put(kept, opening(record, "1996-01-31"))
        satisfy(kept, record, day)
    assert statuses(kept, "device:A") == ["satisfied"]
    assert statuses(kept, "device:B") == ["satisfied late"]
    assert standing(kept, "device:B")[0].days_late(date(1997, 1, 1)) == 1


def test_what_was_missed_can_still_be_done_late(kept: Books) -> None:
    put(kept, opening(METER, "1996-01-31"))
    swept(kept, "1996-05-01")
    done = satisfy(kept, METER, "1996-05-09")
    assert done is not None
    assert (done.status, done.missed_on, done.closed_on) == (
        "satisfied late",
        date(1996, 5, 1),
        date(1996, 5, 9),
    )
    assert events(kept) == ["missed", "satisfied late"]


def test_a_missed_one_stands_beside_the_next_and_both_are_satisfied_by_one_act(
    kept: Books,
) -> None:
    put(kept, opening(METER, "1996-01-31"))
    swept(kept, "1996-05-01")
    put(kept, opening(METER, "1996-05-01"))
    assert statuses(kept) == ["missed", "open"]
    done = satisfy(kept, METER, "1996-05-09")
    assert done is not None
    assert (done.ordinal, done.status) == (2, "satisfied")
    assert statuses(kept) == ["satisfied late", "satisfied"]


def test_a_missed_one_is_not_opened_again_from_the_same_start(kept: Books) -> None:
    put(kept, opening(METER, "1996-01-31"))
    swept(kept, "1996-05-01")
    (again,) = put(kept, opening(METER, "1996-01-31"))
    assert again.status == "missed"


def test_satisfying_what_nobody_owes_is_nothing(kept: Books) -> None:
    assert satisfy(kept, METER, "1996-05-09") is None


def test_a_cancelled_one_is_never_swept(kept: Books) -> None:
    put(kept, opening(METER, "1996-01-31"))
    with kept.work(at("1996-02-02"), "withdraw") as work:
        DOCKET.cancel(work, EXAMINATION, record=METER, now=at("1996-02-02"), because="withdrawn")
        work.record(Act(record=METER))
    assert swept(kept, "1997-01-01").total == 0
    assert statuses(kept) == ["cancelled"]


def test_two_obligations_of_one_duty_are_never_open_about_one_record(kept: Books) -> None:
    (first,) = put(kept, opening(METER, "1996-01-31"))
    table = DOCKET.tables.obligations
    with kept.reading() as reading:
        row = {**reading.rows(select(table))[0]._mapping, "ordinal": first.ordinal + 1}
    with pytest.raises(InvariantBroken):
        forge(kept, insert(table).values(row))


@pytest.mark.parametrize(
    "change", [{"due": "1999-01-01"}, {"status": "open", "closed_on": None}, {"clause": "none"}]
)
def test_the_database_refuses_to_rewrite_a_closed_obligation(
    kept: Books, change: dict[str, object]
) -> None:
    put(kept, opening(METER, "1996-01-31"))
    satisfy(kept, METER, "1996-02-01")
    with pytest.raises(InvariantBroken):
        forge(kept, update(DOCKET.tables.obligations).values(change))


def lease_on_a_sunday(kept: Books) -> None:
    with kept.work(at("1996-02-02"), "lease") as work:
        DOCKET.open_many(work, [opening(METER, "1996-01-31")], at("1996-02-02"))
        raise NOT_TODAY.because("it is a Sunday")


def test_a_refused_command_opens_nothing(kept: Books) -> None:
    with pytest.raises(Refused, match="NOT_TODAY"):
        lease_on_a_sunday(kept)
    assert standing(kept, METER) == []


def test_a_rulebook_that_does_not_know_the_duty_is_told_to_the_programmer(kept: Books) -> None:
    with pytest.raises(InvariantBroken, match="ibip-1997 knows no duty"):
        put(kept, opening(METER, "1998-01-31", rulebook="ibip-1997"))
    with pytest.raises(InvariantBroken, match="no duty is called"):
        put(kept, opening(METER, "1998-01-31", duty="walk the dog"))


def test_many_are_opened_at_once_as_one_after_the_other(kept: Books) -> None:
    wanted = [opening(f"device:{n:04d}", "1996-01-31") for n in range(1200)]
    assert len(put(kept, *wanted)) == 1200
    assert put(kept, *wanted) == put(kept, *wanted)
    assert statuses(kept, "device:1199") == ["open"]


# The sweep ------------------------------------------------------------------------------------


def deny(work: Work, obligations: Sequence[Obligation], swept: Swept) -> None:
    """A consequence that can be counted: each opens the retrieval of its device."""
    now = swept.now
    wanted = [
        Opening(
            duty=RETRIEVAL,
            record=each.record,
            owed_by="provider",
            rulebook=each.rulebook,
            start=now.date(),
            because=f"missed {each.duty}",
        )
        for each in obligations
    ]
    DOCKET.open_many(work, wanted, now)


def test_the_sweep_marks_what_is_past_due_and_applies_its_consequence(kept: Books) -> None:
    put(kept, opening("device:A", "1996-01-31"), opening("device:B", "1996-02-01"))
    assert swept(kept, "1996-04-30", then=deny).total == 0
    assert swept(kept, "1996-05-01", then=deny).missed == {EXAMINATION: 1}
    assert statuses(kept, "device:A") == ["missed", "open"]
    assert statuses(kept, "device:B") == ["open"]


def test_however_often_it_is_swept_each_is_missed_once(kept: Books) -> None:
    put(kept, *(opening(f"device:{n}", "1996-01-31") for n in range(7)))
    assert [swept(kept, "1996-05-01", then=deny).total for _ in range(3)] == [7, 0, 0]
    assert events(kept, "device:3") == ["missed"]
    assert kept.check_journal().faults == ()


def test_a_duty_without_consequence_is_marked_only(kept: Books) -> None:
    put(kept, opening("authority:root", "1998-01-31", duty=DRILL, rulebook="ibip-1997"))
    assert swept(kept, "1999-02-01", then=deny).missed == {DRILL: 1}
    assert statuses(kept, "authority:root") == ["missed"]


def test_a_consequence_that_nobody_registered_stops_the_sweep_and_marks_nothing(
    kept: Books,
) -> None:
    put(kept, opening(METER, "1996-01-31"))
    with pytest.raises(InvariantBroken, match="notice examination"):
        sweep(kept, DOCKET, {}, NoSigner(), at("1996-05-01"))
    assert statuses(kept) == ["open"]


def test_one_that_is_refused_stays_open_and_holds_up_nobody(kept: Books) -> None:
    def choosy(work: Work, obligations: Sequence[Obligation], swept: Swept) -> None:
        if any(each.record == "device:1" for each in obligations):
            raise NOT_TODAY.because("device:1 is at sea")
        deny(work, obligations, swept)

    put(kept, *(opening(f"device:{n}", "1996-01-31") for n in range(4)))
    report = swept(kept, "1996-05-01", then=choosy)
    assert report.total == 3
    assert [(each.obligation.record, each.code) for each in report.stuck] == [
        ("device:1", "NOT_TODAY")
    ]
    assert statuses(kept, "device:1") == ["open"]
    assert swept(kept, "1996-05-02", then=deny).total == 1


def test_what_a_consequence_opens_past_due_is_swept_in_the_same_run(kept: Books) -> None:
    def at_once(work: Work, obligations: Sequence[Obligation], swept: Swept) -> None:
        long_ago = [opening(each.record, each.due, duty=RETRIEVAL) for each in obligations]
        DOCKET.open_many(work, long_ago, swept.now)

    put(kept, opening(METER, "1996-01-31"))
    assert swept(kept, "1998-01-01", then=at_once).missed == {EXAMINATION: 1, RETRIEVAL: 1}


def test_a_dry_run_says_what_would_be_missed_and_changes_nothing(kept: Books) -> None:
    put(kept, *(opening(f"device:{n:03d}", "1996-01-31") for n in range(620)))
    assert due_for_sweep(kept, DOCKET, at("1996-05-01")).missed == {EXAMINATION: 620}
    assert statuses(kept, "device:001") == ["open"]


def test_two_sweeps_at_once_apply_each_consequence_once(kept: Books) -> None:
    put(kept, *(opening(f"device:{n:03d}", "1996-01-31") for n in range(600)))
    totals: list[int] = []
    threads = [
        threading.Thread(target=lambda: totals.append(swept(kept, "1996-05-01", then=deny).total))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(totals) == 600
    assert all(events(kept, f"device:{n:03d}") == ["missed"] for n in range(0, 600, 50))


def die_in_the_second_batch(where: Where, by: Actor) -> None:
    """Run in a child: the process ends without a word in the middle of a unit of work."""
    kept = Books.open(where, SCHEMA, by=by)
    batches = Counter[str]()

    def fatal(work: Work, obligations: Sequence[Obligation], swept: Swept) -> None:
        deny(work, obligations, swept)
        batches["seen"] += 1
        if batches["seen"] == 2:
            os._exit(9)

    swept(kept, "1996-05-01", then=fatal)


@pytest.mark.parametrize("database", DATABASES)
def test_a_sweep_that_was_killed_goes_on_where_it_stopped(database: str, tmp_path: Path) -> None:
    kept = books(database, tmp_path)
    count = 2 * OBLIGATIONS_AT_ONCE + 50
    put(kept, *(opening(f"device:{n:04d}", "1996-01-31") for n in range(count)))
    kept.close()
    child = multiprocessing.get_context("fork").Process(
        target=die_in_the_second_batch, args=(kept.where, kept.by)
    )
    child.start()
    child.join()
    assert child.exitcode == 9
    again = Books.open(kept.where, SCHEMA, by=kept.by)
    assert swept(again, "1996-05-01", then=deny).total == count - OBLIGATIONS_AT_ONCE
    for number in range(0, count, 40):
        assert statuses(again, f"device:{number:04d}") == ["missed", "open"]
        assert events(again, f"device:{number:04d}") == ["missed"]
    assert again.check_journal().faults == ()


def test_a_clock_that_went_back_or_jumped_marks_nothing(kept: Books) -> None:
    put(kept, opening(METER, "1996-01-31"))
    swept(kept, "1996-03-01")
    with pytest.raises(Refused, match="CLOCK_WENT_BACK"):
        swept(kept, "1996-02-01", after_silence=False)
    with pytest.raises(Refused, match="CLOCK_JUMPED"):
        swept(kept, "2036-02-07", after_silence=False)
    assert statuses(kept) == ["open"]
    assert swept(kept, "1999-03-01", after_silence=True).total == 1


# Views ----------------------------------------------------------------------------------------


def test_the_morning_page_is_in_order_of_due_date_and_can_be_turned(kept: Books) -> None:
    day = date(1996, 1, 1)
    put(kept, *(opening(f"device:{n:03d}", day + timedelta(days=n % 9)) for n in range(40)))
    swept(kept, "1996-04-03")
    seen: list[Obligation] = []
    after = None
    with kept.reading() as reading:
        while True:
            found = page(reading, DOCKET, Choice(), after=after, limit=7)
            seen += found.obligations
            if (after := found.after) is None:
                break
        assert seen == list(every(reading, DOCKET, Choice()))
    assert len({each.id for each in seen}) == 40
    assert [each.due for each in seen] == sorted(each.due for each in seen)
    assert {str(each.status) for each in seen} == {"open", "missed"}


def test_the_page_is_by_actor_record_clause_duty_status_and_day(kept: Books) -> None:
    put(
        kept,
        opening("device:A", "1996-01-31", owed_by="licensee:1"),
        opening("device:B", "1996-02-10", owed_by="licensee:2"),
        opening("device:B", "1996-02-10", duty=RETRIEVAL),
    )
    satisfy(kept, "device:A", "1996-02-01")

    def chosen(**wanted: object) -> list[tuple[str, str]]:
        with kept.reading() as reading:
            found = page(reading, DOCKET, Choice(**wanted))  # type: ignore[arg-type]
        return [(each.record, each.duty) for each in found.obligations]

    assert chosen(owed_by="licensee:2") == [("device:B", EXAMINATION)]
    assert chosen(record="device:A") == []
    assert chosen(statuses=tuple(ObligationStatus), record="device:A") == [
        ("device:A", EXAMINATION)
    ]
    assert chosen(clause="501.22(h)") == [("device:B", RETRIEVAL)]
    assert chosen(duty=RETRIEVAL) == [("device:B", RETRIEVAL)]
    assert chosen(due_to=date(1996, 3, 1)) == [("device:B", RETRIEVAL)]
    assert chosen(due_from=date(1996, 3, 1)) == [("device:B", EXAMINATION)]
    with pytest.raises(Refused, match="DOCKET_CLAUSE_UNKNOWN"):
        chosen(clause="of no document")


def test_the_counts_go_no_further_than_asked(kept: Books) -> None:
    put(kept, *(opening(f"device:{n}", date(1996, 1, 1 + n)) for n in range(12)))
    with kept.reading() as reading:
        found = counts(reading, DOCKET, date(1996, 4, 4), most=1000)
        assert (found.missed, found.overdue, found.due_today, found.due_this_week) == (0, 3, 1, 7)
        assert counts(reading, DOCKET, date(1996, 4, 4), most=2).overdue == 2


def test_a_calendar_program_reads_the_feed(kept: Books) -> None:
    put(kept, opening(METER, "1996-01-31", owed_by="licensee:Ö, & Søn;s", because="a\nb"))
    with kept.reading() as reading:
        pieces = feed(every(reading, DOCKET, Choice()), name="Docket", now=at("1996-02-01"))
        calendar = Calendar.from_ical(b"".join(pieces))
    (event,) = calendar.walk("VEVENT")
    assert event.decoded("dtstart") == date(1996, 4, 30)
    assert METER in str(event["summary"])
    assert "licensee:Ö, & Søn;s" in str(event["description"])
    assert len(event.walk("VALARM")) == 1


def test_the_same_obligation_keeps_its_place_in_a_calendar(kept: Books) -> None:
    put(kept, opening(METER, "1996-01-31"))

    def uids() -> list[str]:
        with kept.reading() as reading:
            pieces = b"".join(
                feed(every(reading, DOCKET, Choice()), name="D", now=at("1996-02-01"))
            )
        return [str(each["uid"]) for each in Calendar.from_ical(pieces).walk("VEVENT")]

    before = uids()
    swept(kept, "1996-05-01")
    assert uids() == before


# Notes and explanations -----------------------------------------------------------------------


def test_an_officer_notes_why_it_was_missed_and_what_that_cost(kept: Books) -> None:
    put(kept, opening(METER, "1996-01-31"))
    swept(kept, "1996-05-01")
    officer = kept.acting(Actor("Ann Lee", "provider agent"))
    note_duty(
        officer,
        DOCKET,
        record=METER,
        duty=EXAMINATION,
        words="the licensee was away",
        cost_mills=25_000,
        now=at("1996-05-02"),
    )
    with kept.reading() as reading:
        *_, noted = DOCKET.events(reading, record=METER)
    assert (noted.event, noted.by, noted.cost_mills) == (
        "noted",
        "provider agent: Ann Lee",
        25_000,
    )
    assert statuses(kept) == ["missed"]


@pytest.mark.parametrize(
    ("words", "cost", "record", "code"),
    [
        ("  ", None, METER, "NOTE_EMPTY"),
        ("why", -1, METER, "COST_NEGATIVE"),
        ("why", None, "device:OTHER", "OBLIGATION_UNKNOWN"),
    ],
)
def test_a_note_that_says_nothing_is_refused(
    kept: Books, words: str, cost: int | None, record: str, code: str
) -> None:
    put(kept, opening(METER, "1996-01-31"))
    with pytest.raises(Refused, match=code):
        note_duty(
            kept,
            DOCKET,
            record=record,
            duty=EXAMINATION,
            words=words,
            cost_mills=cost,
            now=at("1996-05-02"),
        )
    assert events(kept) == []


def test_a_due_date_is_explained_by_its_clause_and_the_facts(kept: Books) -> None:
    put(kept, opening(METER, "1996-01-31", because="reset at the post office"))
    swept(kept, "1996-05-01")

    def holds(_: object, record: str) -> list[Hold]:
        hold = Hold(what="resets denied", clause="C", since="1996-05-01", because=record)
        return [hold]

    with kept.reading() as reading:
        found = explain(reading, SCHEMA, DOCKET, METER, on=date(1996, 5, 4), explainers=(holds,))
        with pytest.raises(Refused, match=RECORD_UNKNOWN.code):
            explain(reading, SCHEMA, DOCKET, "device:NONE", on=date(1996, 5, 4))
    (told,) = found["obligations"]
    assert told["why_due"] == (
        "due 1996-04-30 under DMM P030.3.11 (1995): 3 months"
        " (examination_months, DMM P030.3.11 (1995)), counted from 1996-01-31"
    )
    assert (told["because"], told["days_late"]) == ("reset at the post office", 4)
    assert (told["consequence"], told["consequence_applied"]) == ("notice examination", True)
    assert [each["event"] for each in told["events"]] == ["missed"]
    assert found["holds"][0]["because"] == METER
    assert [row["command"] for row in found["journal"]] == ["lease", "miss_duty"]
    assert found["journal"][1]["clauses"] == ["DMM P030.3.11 (1995)"]
    assert found["journal"][1]["at"] == instant_text(at("1996-05-01"))
