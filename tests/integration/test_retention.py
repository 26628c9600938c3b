"""How long records are kept, and how two people destroy one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, Table, delete, insert, select

from franking.docket import ObligationStatus
from franking.errors import InvariantBroken, Refused
from franking.identifiers import record_id
from franking.provider.devices import removal
from franking.provider.devices.article_records import ArticleKind
from franking.provider.devices.article_tables import ARTICLE_EVENTS, ARTICLES
from franking.provider.devices.articles import register
from franking.provider.retention.contents import CONTENTS, FORM, KEPT, life_tables
from franking.provider.schema import DOCKET, METADATA, RETENTION, SCHEMA
from franking.retention import Certificate, RetainedStatus
from franking.retention.kinds import kinds
from franking.retention.retention import DESTROY, DESTROY_LATE, LIFE
from franking.storage import Act, Actor, Books, Reading, Where, Work
from tests.fixtures_databases import DATABASES, place_on
from tests.fixtures_inventory import (
    AGENT,
    METER,
    MODEL,
    OFFICER,
    SPARE,
    Fleet,
    approve,
    fleet_on,
)
from tests.fixtures_postal import EASTERN

RECORD = record_id("device", METER)
SCRAPPED = date(1997, 6, 2)
THE_DAY = datetime(2000, 6, 2, 10, 0, tzinfo=EASTERN)
WITNESS = Actor("Jo Second", AGENT.role)


def scrapped(fleet: Fleet, serial: str = METER) -> Fleet:
    """A meter that was in service, came back, and was scrapped on 2 June 1997."""
    fleet.checked_out(serial)
    removal.scrap(fleet.books, serial, by="Works", because="worn out", now=fleet.later())
    return fleet


@pytest.fixture(params=DATABASES)
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Fleet:
    """A fleet with one scrapped meter, on either database."""
    return scrapped(fleet_on(request.param, tmp_path))


@pytest.fixture
def lone(tmp_path: Path) -> Fleet:
    """A fleet with one scrapped meter, on SQLite."""
    return scrapped(fleet_on("sqlite", tmp_path))


def destroy(fleet: Fleet, *, on: datetime = THE_DAY, serial: str = METER) -> Certificate:
    """Two people destroy the life record of a device."""
    record = record_id("device", serial)
    RETENTION.propose_destruction(fleet.books, record, LIFE, on)
    second = fleet.acting(WITNESS)
    return RETENTION.destroy(second, record, LIFE, CONTENTS[LIFE], method="deleted", now=on)


def refused(act: Callable[[], object]) -> Refused:
    """The refusal in which an act ends."""
    with pytest.raises(Refused) as found:
        act()
    return found.value


def duties(fleet: Fleet) -> dict[str, tuple[str, date]]:
    """What is on the docket about the destruction: status and due date."""
    with fleet.books.reading() as reading:
        every = DOCKET.standing(reading, record=RECORD)
    mine = [each for each in every if each.duty in {DESTROY, DESTROY_LATE}]
    return {each.duty: (str(each.status), each.due) for each in mine}


def texts(books: Books, serial: str) -> Iterator[str]:
    """The tables of the books in which a serial number stands anywhere."""
    with books.reading() as reading:
        for table in METADATA.sorted_tables:
            for row in reading.rows(select(table)):
                if any(serial in str(value) for value in row):
                    yield table.name


@pytest.mark.duty("R95-501.22(k)-4")
def test_the_destruction_of_a_life_record_is_due_three_years_after_the_scrapping(
    fleet: Fleet,
) -> None:
    assert duties(fleet) == {DESTROY: ("open", date(2000, 6, 2))}
    kept, *_forms = RETENTION.listed(fleet.books)
    assert (kept.keep_until, kept.destroy_by) == (date(2000, 6, 2), date(2000, 6, 2))
    assert kept.clause == "39 CFR 501.22(k) (1995)"


@pytest.mark.duty("R95-501.22(k)-4")
def test_a_life_record_is_destroyed_by_two_people_and_the_journal_stays_checkable(
    fleet: Fleet,
) -> None:
    before = fleet.books.check_journal()
    forms = [kept for kept in RETENTION.listed(fleet.books) if kept.kind == FORM]
    certificate = destroy(fleet)
    assert (certificate.first, certificate.second) == (AGENT.name, WITNESS.name)
    assert certificate.rows > 20
    after = fleet.books.check_journal()
    assert after.faults == ()
    assert after.entries == before.entries + 2 + len(forms)
    assert RETENTION.listed(fleet.books) == []
    assert duties(fleet) == {DESTROY: ("satisfied", date(2000, 6, 2))}
    with fleet.books.reading() as reading:
        (kept,), _, (found,) = RETENTION.standing(reading, RECORD)
    assert kept.status is RetainedStatus.DESTROYED
    assert found == certificate


@pytest.mark.duty("R95-501.22(k)-4")
def test_nothing_of_a_destroyed_record_can_be_read_but_its_name_and_its_certificate(
    fleet: Fleet,
) -> None:
    assert "inventory_movements" in set(texts(fleet.books, METER))
    destroy(fleet)
    assert set(texts(fleet.books, METER)) == {
        "journal",
        "journal_inputs",  # of the destruction itself, which names no more than the record
        "obligations",
        "docket_events",
        "retained_records",
        "destruction_certificates",
    }
    with fleet.books.reading() as reading:
        beside = SCHEMA.journal.inputs
        told = reading.rows(select(beside.c.inputs).where(beside.c.record == RECORD))
    assert [row.inputs for row in told] == ['{"certificate":1}']


def test_only_the_record_named_is_destroyed(lone: Fleet) -> None:
    scrapped(lone, SPARE)
    before = len(list(texts(lone.books, SPARE)))
    destroy(lone)
    assert len(list(texts(lone.books, SPARE))) == before


@pytest.mark.duty("R95-501.22(k)-4", "R97-Pre-Records")
@pytest.mark.parametrize("on", [SCRAPPED, date(2000, 6, 1)])
def test_no_life_record_is_destroyed_before_its_day(lone: Fleet, on: date) -> None:
    early = datetime(on.year, on.month, on.day, 12, 0, tzinfo=EASTERN)
    found = refused(lambda: destroy(lone, on=early))
    assert found.code == "RECORD_KEPT_STILL"
    assert "until 2000-06-02 (39 CFR 501.22(k) (1995))" in found.detail
    assert "inventory" in set(texts(lone.books, METER))


def test_a_hold_on_a_form_holds_the_life_record_that_it_is_part_of(lone: Fleet) -> None:
    form = next(kept.record for kept in RETENTION.listed(lone.books) if kept.kind == FORM)
    officer = lone.acting(OFFICER)
    hold = RETENTION.place_hold(officer, form, because="case 7", clause="policy", now=THE_DAY)
    whole = counted(lone.books)
    found = refused(lambda: destroy(lone))
    assert found.code == "RECORD_HELD"
    assert f"{form}: case 7" in found.detail
    second = lone.acting(WITNESS)
    planned = refused(lambda: RETENTION.may_destroy(second, RECORD, LIFE, CONTENTS[LIFE], THE_DAY))
    assert planned.code == "RECORD_HELD"
    kept = counted(lone.books)
    assert kept["installation_forms"] == whole["installation_forms"]
    RETENTION.lift_hold(officer, form, hold.number, THE_DAY)
    assert destroy(lone).rows > 20


def test_one_person_alone_destroys_nothing(lone: Fleet) -> None:
    RETENTION.propose_destruction(lone.books, RECORD, LIFE, THE_DAY)
    again = Actor(AGENT.name.upper(), OFFICER.role)
    for books in (lone.books, lone.acting(again)):
        found = refused(lambda books=books: destruction_by(books))  # type: ignore[misc]
        assert found.code == "SECOND_PERSON_WANTED"
    assert lone.record().serial == METER


def destruction_by(books: Books) -> Certificate:
    """Carry out a destruction that was proposed."""
    return RETENTION.destroy(books, RECORD, LIFE, CONTENTS[LIFE], method="deleted", now=THE_DAY)


def test_nothing_is_destroyed_that_nobody_proposed(lone: Fleet) -> None:
    assert refused(lambda: destruction_by(lone.books)).code == "SECOND_PERSON_WANTED"


def test_what_is_destroyed_is_not_destroyed_again(lone: Fleet) -> None:
    destroy(lone)
    assert refused(lambda: destroy(lone)).code == "RECORD_DESTROYED"


def test_a_record_whose_subject_has_not_ended_is_not_destroyed(lone: Fleet) -> None:
    lone.in_service(SPARE)
    assert refused(lambda: destroy(lone, serial=SPARE)).code == "RECORD_NOT_RETAINED"


def test_a_legal_hold_overrides_the_ceiling_until_it_is_lifted(fleet: Fleet) -> None:
    officer = fleet.acting(OFFICER)
    hold = RETENTION.place_hold(
        officer, RECORD, because="case 12 of 1999", clause="policy", now=fleet.later()
    )
    assert duties(fleet)[DESTROY][0] == ObligationStatus.CANCELLED
    found = refused(lambda: destroy(fleet))
    assert found.code == "RECORD_HELD"
    assert "case 12 of 1999" in found.detail

    later = datetime(2001, 3, 1, 9, 0, tzinfo=EASTERN)
    lifted = RETENTION.lift_hold(officer, RECORD, hold.number, later)
    assert lifted.lifted_at.startswith("2001-03-01")
    assert duties(fleet)[DESTROY_LATE] == ("open", date(2001, 3, 31))
    destroy(fleet, on=later)
    assert duties(fleet)[DESTROY_LATE][0] == "satisfied"


def test_a_hold_that_is_lifted_in_time_puts_the_old_day_back(lone: Fleet) -> None:
    officer = lone.acting(OFFICER)
    for reason in ("one", "two"):
        RETENTION.place_hold(officer, RECORD, because=reason, clause="policy", now=lone.later())
    RETENTION.lift_hold(officer, RECORD, 1, lone.later())
    assert refused(lambda: destroy(lone)).code == "RECORD_HELD"
    RETENTION.lift_hold(officer, RECORD, 2, lone.later())
    with lone.books.reading() as reading:
        newest = DOCKET.standing(reading, record=RECORD)[-1]
    assert (newest.status, newest.due) == ("open", date(2000, 6, 2))
    unknown = refused(lambda: RETENTION.lift_hold(officer, RECORD, 2, lone.later()))
    assert unknown.code == "RECORD_HELD"


@pytest.mark.duty("R97-502.21(e)-2")
def test_a_withdrawn_devices_form_and_log_are_kept_a_year(lone: Fleet) -> None:
    for kind in ("installation form", "register log"):
        keep(lone, kind, "form:1", "ibip-1997", date(1997, 6, 2))
    before = datetime(1998, 6, 1, 12, 0, tzinfo=EASTERN)
    early = refused(
        lambda: RETENTION.propose_destruction(lone.books, "form:1", "installation form", before)
    )
    assert early.code == "RECORD_KEPT_STILL"
    assert "until 1998-06-02 (39 CFR 502.21(e) (1997))" in early.detail
    allowed = datetime(1998, 6, 2, 12, 0, tzinfo=EASTERN)
    RETENTION.propose_destruction(lone.books, "form:1", "installation form", allowed)


@pytest.mark.duty("R95-501.22(n)-3")
def test_key_records_are_permanent(lone: Fleet) -> None:
    kept = keep(lone, "key record", "key:K1", "meter-1995", date(1997, 6, 2))
    assert (kept.keep_until, kept.destroy_by) == (None, None)
    far = datetime(2090, 1, 1, 12, 0, tzinfo=EASTERN)
    found = refused(lambda: RETENTION.propose_destruction(lone.books, "key:K1", "key record", far))
    assert found.code == "RECORD_PERMANENT"
    assert {"articles", "article_events", "device_keys", "key_reports"} <= set(KEPT)


@pytest.mark.duty("R95-501.22(n)-3")
@pytest.mark.parametrize("database", DATABASES)
def test_the_registers_of_keys_let_nothing_go_even_while_a_record_is_destroyed(
    database: str, tmp_path: Path
) -> None:
    fleet = fleet_on(database, tmp_path)
    register(fleet.acting(OFFICER), ArticleKind.KEY, ["K1"], source="Works", now=fleet.later())
    for table in (ARTICLES, ARTICLE_EVENTS):
        with pytest.raises(InvariantBroken, match=f"{table.name} is append-only"):
            delete_within_destruction(fleet, table)


def delete_within_destruction(fleet: Fleet, table: Table) -> None:
    """What a program would do that wanted to destroy a key record."""
    with fleet.books.work(fleet.later(), "retrieve_device") as work:
        work.write(insert(SCHEMA.destroying).values(record=RECORD))
        work.write(delete(table))


@pytest.mark.duty("R97-Pre-Records")
def test_while_a_device_lives_no_row_of_its_record_can_go(lone: Fleet) -> None:
    lone.in_service(SPARE)
    for name in ("inventory_movements", "inventory_readings"):
        with pytest.raises(InvariantBroken, match=f"{name} is append-only"):
            delete_rows(lone, METADATA.tables[name])
    assert lone.movements(SPARE)[0].because == "taken in"


def delete_rows(fleet: Fleet, table: Table) -> None:
    """What a program would do that wanted to shorten a device's life record."""
    with fleet.books.work(fleet.later(), "retrieve_device") as work:
        work.write(delete(table))


@pytest.mark.duty("R97-Pre-Records")
def test_every_table_with_a_serial_number_is_of_the_life_record_or_kept_for_a_reason() -> None:
    of_life = {table.name for table, _ in life_tables()}
    bearing = {
        table.name
        for table in METADATA.tables.values()
        if any(name in table.c for name in ("serial", "device", "device_id"))
    }
    assert bearing - of_life == set(KEPT) & bearing
    assert {"inventory", "inventory_movements", "inventory_readings"} <= of_life
    assert all(KEPT.values())


@pytest.mark.duty("R97-502.21(e)-2", "R95-501.22(k)-4", "R95-501.22(n)-3")
def test_each_rulebook_has_a_floor_for_each_kind_or_keeps_it_for_good() -> None:
    for kind in kinds().values():
        for rulebook, term in kind.terms.items():
            assert term.permanent == (not term.keep), (kind.name, rulebook)
            assert term.clause


def test_a_guard_opens_for_the_unit_of_work_that_destroys_and_for_no_other(lone: Fleet) -> None:
    destroy(lone)
    with lone.books.reading() as reading:
        assert reading.rows(select(SCHEMA.destroying)) == []


# Killed in the middle ----------------------------------------------------------------------


@pytest.mark.parametrize("database", DATABASES)
def test_a_destruction_killed_at_any_write_destroyed_all_or_nothing(
    database: str, tmp_path: Path
) -> None:
    where = place_on(database, SCHEMA, tmp_path)
    books = Books.open(where, SCHEMA, by=AGENT)
    approve(books, MODEL, "meter-1995")
    fleet = scrapped(Fleet(books))
    RETENTION.propose_destruction(fleet.books, RECORD, LIFE, THE_DAY)
    whole = counted(fleet.books)
    fleet.books.close()
    at = 0
    while killed_at(at := at + 1, where):
        survivor = Books.open(where, SCHEMA, by=AGENT)
        assert counted(survivor) == whole
        assert survivor.check_journal().faults == ()
        survivor.close()
    assert at > len(life_tables())
    done = Books.open(where, SCHEMA, by=AGENT)
    assert done.check_journal().faults == ()
    with done.reading() as reading:
        _, _, certificates = RETENTION.standing(reading, RECORD)
    assert len(certificates) == 1


def killed_at(count: int, where: Where) -> bool:
    """Destroy in a child that kills itself before its ``count``-th write; whether it did."""
    child = os.fork()
    if child == 0:
        try:
            _die_before(count)
            destruction_by(Books.open(where, SCHEMA, by=WITNESS))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _die_before(count: int) -> None:
    left, write = [count], Work.write

    def dying(self: Work, statement: Executable) -> int:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return write(self, statement)

    Work.write = dying  # type: ignore[method-assign]


def counted(books: Books) -> dict[str, int]:
    """How many rows each table of the life record and the journal's inputs have."""

    def rows_of(reading: Reading, table: Any) -> int:
        return len(reading.rows(select(table)))

    with books.reading() as reading:
        tables = [*(table for table, _ in life_tables()), SCHEMA.journal.inputs]
        return {table.name: rows_of(reading, table) for table in tables}


def keep(fleet: Fleet, kind: str, record: str, rulebook: str, ended_on: date) -> Any:
    """Retain a record, as a room does when its subject ends."""
    with fleet.books.work(fleet.later(), "retrieve_device", on=(record,)) as work:
        kept = RETENTION.retain(
            work, kind, record=record, rulebook=rulebook, ended_on=ended_on, now=fleet.now
        )
        work.record(Act(record=record))
    return kept
