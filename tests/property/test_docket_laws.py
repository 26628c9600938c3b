"""Laws of the docket: due dates that exist, sweeps that apply once, obligations that never fork."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from franking.docket import Obligation, Swept
from franking.docket.decisions import opened
from franking.rules.calendars import FEDERAL
from franking.storage import Act, Work
from tests.fixtures_docket import (
    DOCKET,
    EXAMINATION,
    RETRIEVAL,
    at,
    books,
    opening,
    put,
    standing,
    swept,
)

DAYS = st.dates(date(1995, 7, 1), date(2040, 12, 31))


@given(DAYS)
@example(date(1995, 11, 30))
@example(date(1996, 2, 29))
@example(date(1999, 11, 29))
def test_three_months_end_on_the_same_day_or_the_last_of_a_month_too_short(start: date) -> None:
    due = opened(opening("device:A", start), None, at(start)).due
    assert (due.year * 12 + due.month) - (start.year * 12 + start.month) == 3
    assert due.day == start.day or (due.day < start.day and (due + timedelta(days=1)).day == 1)


@given(DAYS)
@example(date(1996, 12, 24))
@example(date(1997, 7, 3))
@example(date(1996, 2, 28))
def test_a_device_is_retrieved_on_a_business_day_the_third_that_counts(start: date) -> None:
    due = opened(opening("device:A", start, duty=RETRIEVAL), None, at(start)).due
    between = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
    assert FEDERAL.is_business_day(due)
    assert sum(FEDERAL.is_business_day(day) for day in between) == 3


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["open", "satisfy", "cancel", "sweep", "sweep"]),
        st.sampled_from(["device:A", "device:B", "device:C"]),
        st.integers(0, 70),
    ),
    max_size=25,
)


@settings(max_examples=settings().max_examples // 3)
@given(STEPS)
def test_whatever_happens_one_is_open_at_most_and_each_is_missed_once(
    steps: list[tuple[str, str, int]],
) -> None:
    applied = Counter[str]()

    def count(work: Work, obligations: Sequence[Obligation], swept: Swept) -> None:
        applied.update(each.id for each in obligations)

    with tempfile.TemporaryDirectory() as folder:
        kept, day = books("sqlite", Path(folder)), date(1996, 1, 1)
        for step, record, days in steps:
            day += timedelta(days=days)
            if step == "sweep":
                swept(kept, day, then=count)
            elif step == "open":
                put(kept, opening(record, day))
            else:
                close = DOCKET.satisfy if step == "satisfy" else DOCKET.cancel
                with kept.work(at(day), step) as work:
                    close(work, EXAMINATION, record=record, now=at(day), because="so")
                    work.record(Act(record=record))
        found = [each for name in "ABC" for each in standing(kept, f"device:{name}")]
        kept.close()
    assert set(applied.values()) <= {1}
    assert {each.id for each in found if each.missed_on} == set(applied)
    for name in ("device:A", "device:B", "device:C"):
        mine = [each for each in found if each.record == name]
        assert sum(each.status == "open" for each in mine) <= 1
        assert sorted(each.ordinal for each in mine) == list(range(1, len(mine) + 1))
    for each in found:
        late = each.closed_on is not None and each.closed_on > each.due
        assert each.status != "satisfied" or not late
        assert each.missed_on is None or each.missed_on > each.due
