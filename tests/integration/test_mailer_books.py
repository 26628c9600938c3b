"""Artwork, address data and cautions in the mailer's books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.host.address_data import (
    install_address_data,
    newest_address_data,
    renew_by,
    require_current,
)
from franking.host.artwork import (
    approve_artwork,
    artwork,
    printable_artwork,
    refuse_artwork,
    register_artwork,
    submit_artwork,
)
from franking.host.artwork_records import ArtworkStatus
from franking.host.csv_rows import read_rows
from franking.host.face import Role
from franking.host.layouts import face_of
from franking.host.notices import (
    CAUTION,
    NoticeText,
    acknowledge,
    acknowledgements,
    require_acknowledged,
)
from franking.host.placement import violations, zones
from franking.host.printing import commands
from franking.host.printing.planning import plan_job
from franking.host.printing.records import JobTemplate
from franking.host.records import Symbology
from franking.marks.geometry import Drawing
from franking.marks.geometry import Text as TextShape
from franking.storage.books import Books
from tests.fixtures_host import (
    NOW,
    ON,
    TOWN,
    FakeDevice,
    a_piece,
    indicium_for,
    mailer_books,
    mailing,
    mailing_list,
    settings,
)

RULEBOOK = "ibip-1997"


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """The books of a mailer who has read the caution."""
    with mailer_books(tmp_path) as opened:
        yield opened


def register(books: Books, *, mailer: str = "Example Mailing Company") -> None:
    """A draft of autumn art."""
    register_artwork(
        books,
        artwork_id="autumn",
        title="Autumn sale",
        mailer_name=mailer,
        lines=("AUTUMN SALE",),
        supplied_by="Franking Provider",
        now=NOW,
    )


def approved(books: Books, *, mailer: str = "Example Mailing Company") -> Drawing:
    """Autumn art, approved, as it is printed."""
    register(books, mailer=mailer)
    submit_artwork(books, "autumn", now=NOW)
    approve_artwork(books, "autumn", approval_id="USPS-7", now=NOW)
    return printed(books)


def printed(books: Books) -> Drawing:
    """Autumn art as it is printed."""
    return printable_artwork(
        books, "autumn", width_in=2.0, height_in=1.0, rulebook=RULEBOOK, now=NOW
    )


def words_of(drawing: Drawing) -> list[str]:
    """The lines of text on a drawing."""
    return [s.text for part in drawing.parts for s in part.shapes if isinstance(s, TextShape)]


@pytest.mark.duty("R97-P050.4.10-3", "R97-502.21(d)", "R95-501.22(d)")
def test_artwork_is_printed_only_after_approval(books: Books) -> None:
    register(books)
    for step in (submit_artwork, None):
        with pytest.raises(Refused, match="ARTWORK_NOT_APPROVED"):
            printed(books)
        if step is not None:
            step(books, "autumn", now=NOW)
    with pytest.raises(Refused, match="ARTWORK_NOT_APPROVED"):
        approve_artwork(books, "autumn", approval_id=" ", now=NOW)
    approve_artwork(books, "autumn", approval_id="USPS-7", now=NOW)
    assert "AUTUMN SALE" in words_of(printed(books))


def test_an_approval_that_was_taken_back_holds_no_more(books: Books) -> None:
    approved(books)
    refuse_artwork(books, "autumn", reason="deceptive", now=NOW)
    assert artwork(books, "autumn").status is ArtworkStatus.REFUSED
    with pytest.raises(Refused, match="ARTWORK_NOT_APPROVED"):
        printed(books)
    with pytest.raises(Refused, match="ARTWORK_MOVE_NOT_ALLOWED"):
        approve_artwork(books, "autumn", approval_id="USPS-8", now=NOW)


def test_artwork_may_not_skip_its_submission(books: Books) -> None:
    register(books)
    with pytest.raises(Refused, match="ARTWORK_MOVE_NOT_ALLOWED"):
        approve_artwork(books, "autumn", approval_id="USPS-7", now=NOW)


@pytest.mark.duty("R97-P050.4.10-2")
def test_artwork_names_the_mailer_or_says_whose_message_it_is(books: Books) -> None:
    assert "Example Mailing Company" in words_of(approved(books))


@pytest.mark.duty("R97-P050.4.10-2")
def test_artwork_of_nobody_says_that_it_is_the_mailers_message(books: Books) -> None:
    assert "Mailer's Message" in words_of(approved(books, mailer=""))


@pytest.mark.duty("R97-P050.4.10-2")
def test_artwork_comes_from_the_provider(books: Books) -> None:
    with pytest.raises(Refused, match="ARTWORK_SOURCE_MISSING"):
        register_artwork(
            books,
            artwork_id="x",
            title="x",
            mailer_name="x",
            lines=("x",),
            supplied_by="",
            now=NOW,
        )


def test_other_art_under_the_same_id_is_refused(books: Books) -> None:
    register(books)
    register(books)
    with pytest.raises(Refused, match="ARTWORK_MOVE_NOT_ALLOWED"):
        register(books, mailer="Somebody Else")


@pytest.mark.duty("R97-P050.4.10-1", "R95-501.6(g)-1")
@pytest.mark.parametrize("symbology", [Symbology.DATA_MATRIX])
@pytest.mark.parametrize("name", ["no10", "6x9"])
def test_advertising_stands_left_of_the_indicium_and_covers_nothing(
    books: Books, name: str, symbology: Symbology
) -> None:
    piece = a_piece()
    face = face_of(
        piece, indicium_for(piece), settings(name, symbology), advertising=approved(books)
    )
    assert violations(face, zones(RULEBOOK, ON)) == ()
    art, symbol = face.of(Role.ADVERTISING)[0], face.of(Role.SYMBOL)[0]
    assert art.bounds.right < symbol.bounds.left
    assert face.of(Role.RETURN_ADDRESS)


def test_a_job_prints_its_artwork_and_can_be_printed_without_it(
    books: Books, tmp_path: Path
) -> None:
    art = approved(books)
    template = JobTemplate(artwork_id="autumn")
    job = mailing(template=template)
    rows = read_rows(mailing_list(tmp_path / "list.csv", rows=1))
    plan = plan_job(rows, job)
    commands.keep_plan(books, plan, template=template, town=TOWN, now=NOW)
    commands.evidence_job(books, plan.job_id, FakeDevice(), now=NOW)
    page = next(commands.draw_job(books, plan.job_id, now=NOW))
    assert set(art.names()) <= set(page.names())
    refuse_artwork(books, "autumn", reason="obscene", now=NOW)
    with pytest.raises(Refused, match="ARTWORK_NOT_APPROVED"):
        commands.draw_job(books, plan.job_id, now=NOW)
    bare = next(commands.draw_job(books, plan.job_id, now=NOW, with_artwork=False))
    assert not set(art.names()) & set(bare.names())


@pytest.mark.duty("R97-P050.2.5h")
def test_address_data_is_good_for_three_months_and_warns_before(books: Books) -> None:
    issue = install_address_data(books, name="AMS", dated=date(1997, 4, 1), now=NOW)
    assert newest_address_data(books) == issue
    last = renew_by(issue, RULEBOOK, ON)
    assert last == date(1997, 7, 1)
    assert require_current(issue, RULEBOOK, last - timedelta(days=30)) == ()
    assert "renewed by 1997-07-01" in require_current(issue, RULEBOOK, last)[0]
    with pytest.raises(Refused, match="ADDRESS_DATA_OUTDATED"):
        require_current(issue, RULEBOOK, last + timedelta(days=1))


def test_address_data_of_tomorrow_is_refused_and_none_is_said(books: Books) -> None:
    with pytest.raises(Refused, match="ADDRESS_DATA_OF_THE_FUTURE"):
        install_address_data(books, name="AMS", dated=ON + timedelta(days=1), now=NOW)
    assert newest_address_data(books) is None
    assert "no address data" in require_current(None, RULEBOOK, ON)[0]


@pytest.mark.duty("R97-Pre-Caution", "R95-P030.1.1-2")
def test_a_caution_is_acknowledged_by_name_and_anew_when_its_words_change(books: Books) -> None:
    assert "avoid paying postage" in CAUTION.words
    first = acknowledge(books, person="Bo", now=NOW)
    assert acknowledge(books, person="Bo", now=NOW + timedelta(days=9)) == first
    assert [done.person for done in acknowledgements(books)] == ["Ann Lee", "Bo"]
    require_acknowledged(books)
    changed = NoticeText(name=CAUTION.name, heading=CAUTION.heading, words="Other words.")
    with pytest.raises(Refused, match="NOTICE_NOT_ACKNOWLEDGED"):
        require_acknowledged(books, changed)
    with pytest.raises(Refused, match="NOTICE_NEEDS_A_PERSON"):
        acknowledge(books, person=" ", now=NOW)
    assert books.check_journal().faults == ()
