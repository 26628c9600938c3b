"""Test impressions: what was printed in testing is collected and destroyed each day.

39 CFR 501.18 of 1995, 502.18 of 1997. A site that printed owes the destruction that same day.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, insert, select

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.provider.devices.article_tables import TEST_PRINT_DESTRUCTIONS, TEST_PRINTS
from franking.provider.devices.articles import require_two
from franking.provider.schema import DOCKET
from franking.storage import Act, Books, Reading

DUTY = "destroy test impressions"
_CLAUSE = "39 CFR 501.18 (1995)"

IMPRESSIONS_UNCOUNTED = Refusal(
    "IMPRESSIONS_UNCOUNTED",
    clause=_CLAUSE,
    remedy="Count them: every impression logged that day is collected and destroyed.",
    http_status=422,
)
IMPRESSIONS_DESTROYED = Refusal(
    "IMPRESSIONS_DESTROYED",
    clause=_CLAUSE,
    remedy="Log what was printed afterwards under its own site, and destroy that too.",
)


def log_test_prints(
    books: Books,
    *,
    site: str,
    serial: str,
    impressions: int,
    by: str,
    rulebook: str,
    now: datetime,
) -> None:
    """Log test impressions as they are made; their destruction is due the same day.

    Raises:
        Refused: ``IMPRESSIONS_UNCOUNTED``, ``IMPRESSIONS_DESTROYED``.
    """
    if impressions < 1:
        raise IMPRESSIONS_UNCOUNTED.because(f"{impressions} impressions")
    record, today = _record(site, now.date()), now.date()
    with books.work(now, "log_test_prints", on=(record,)) as work:
        if _destroyed(work, site, today):
            raise IMPRESSIONS_DESTROYED.because(f"those of {site} on {today}")
        row = {"site": site, "day": today.isoformat(), "serial": serial}
        work.write(insert(TEST_PRINTS).values(**row, impressions=impressions, by=by))
        DOCKET.open(
            work,
            DUTY,
            record=record,
            owed_by="provider",
            rulebook=rulebook,
            start=today,
            now=now,
            because=f"test impressions at {site}",
        )
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"impressions": impressions}))


def destroy_test_prints(
    books: Books,
    *,
    site: str,
    day: date,
    impressions: int,
    destroyed_by: str,
    witnessed_by: str,
    now: datetime,
) -> None:
    """Collect and destroy the test impressions of a site and day, counted, before a witness.

    Raises:
        Refused: ``TWO_PEOPLE_WANTED``, ``IMPRESSIONS_UNCOUNTED``, ``IMPRESSIONS_DESTROYED``.
    """
    require_two(destroyed_by, witnessed_by)
    record = _record(site, day)
    with books.work(now, "destroy_test_prints", on=(record,)) as work:
        if _destroyed(work, site, day):
            raise IMPRESSIONS_DESTROYED.because(f"those of {site} on {day}")
        logged = impressions_of(work, site, day)
        if impressions != logged or not logged:
            raise IMPRESSIONS_UNCOUNTED.because(
                f"{logged} were logged at {site} on {day}, {impressions} are destroyed"
            )
        work.write(
            insert(TEST_PRINT_DESTRUCTIONS).values(
                site=site,
                day=day.isoformat(),
                at=instant_text(now),
                impressions=impressions,
                destroyed_by=destroyed_by,
                witnessed_by=witnessed_by,
            )
        )
        because = f"destroyed by {destroyed_by}, watched by {witnessed_by}"
        DOCKET.satisfy(work, DUTY, record=record, now=now, because=because)
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"impressions": impressions}))


def impressions_of(books: Reading, site: str, day: date) -> int:
    """How many test impressions were logged at a site on a day."""
    table = TEST_PRINTS.c
    query = select(func.sum(table.impressions).label("made")).where(
        table.site == site, table.day == day.isoformat()
    )
    row = books.row(query)
    return int(row.made or 0) if row else 0


def _destroyed(books: Reading, site: str, day: date) -> bool:
    table = TEST_PRINT_DESTRUCTIONS.c
    query = select(table.site).where(table.site == site, table.day == day.isoformat())
    return books.row(query) is not None


def _record(site: str, day: date) -> str:
    return record_id("test prints", f"{site} {day}")
