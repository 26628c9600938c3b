"""Two providers file their lists of meters; one has nothing to do with the other."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.postal.reports import commands, tables
from franking.postal.reports.records import Held, ListedMeter
from franking.provider.reports.in_service import last_closed_quarter
from franking.provider.reports.listing import dispose, file_list
from franking.provider.reports.tables import differences
from tests.fixtures_databases import DATABASES
from tests.fixtures_licensing import (
    FIRST,
    METER,
    POSTMASTER,
    SECOND,
    LicensingWorld,
    licensing_world,
)

SERIAL = "0100000001"


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> LicensingWorld:
    """Two providers without a meter, after a quarter has closed."""
    made = licensing_world(request.param, tmp_path, METER)
    made.later(days=90)
    return made


def listed(world: LicensingWorld, provider: str, path: Path) -> Path:
    """A provider's list of the last quarter, filed and told."""
    by = world.providers[provider]
    file_list(by.books, by.signer, last_closed_quarter(world.now.date()), path, world.now)
    assert world.carry() == []
    return path


def taken(world: LicensingWorld, path: Path) -> tuple[str, int]:
    """The Postal Service takes a list in: whose it was, and how many meters differ."""
    heard, differing = commands.take_list(world.desk, world.signer, path, world.now)
    assert world.carry() == []
    return heard.provider, len(differing)


def noted(world: LicensingWorld, provider: str, held: Held = Held.IN_SERVICE) -> None:
    """The licensing post office has a meter on its own papers."""
    meter = ListedMeter(
        serial=SERIAL, model="M1", user="Acme", address="", in_service_on="", office_zip="01101"
    )
    postmaster = world.service.acting(POSTMASTER)
    commands.note_at_office(postmaster, provider, meter, held=held, now=world.now)


def test_two_lists_that_read_alike_are_taken_in_one_each(
    world: LicensingWorld, tmp_path: Path
) -> None:
    paths = [listed(world, name, tmp_path / f"{name}.csv") for name in (FIRST, SECOND)]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert {taken(world, path) for path in paths} == {(FIRST, 0), (SECOND, 0)}


@pytest.mark.duty("R95-501.22(j)-3")
def test_a_meter_that_only_the_office_knows_is_the_matter_of_its_provider(
    world: LicensingWorld, tmp_path: Path
) -> None:
    noted(world, FIRST)
    for name in (FIRST, SECOND):
        taken(world, listed(world, name, tmp_path / f"{name}.csv"))
    for name, expected in ((FIRST, [SERIAL]), (SECOND, [])):
        with world.providers[name].books.reading() as reading:
            assert [each.device for each in differences(reading)] == expected
    by = world.first
    (settled,) = dispose(
        by.books,
        by.signer,
        quarter="1996-Q3",
        numbers=[1],
        disposition="removed from service",
        because="PS Form 3601-C of 2 March",
        through="Boston branch",
        now=world.now,
    )
    assert world.carry() == []
    assert settled.through == "Boston branch"
    with world.service.reading() as reading:
        found = tables.find_meter(reading, FIRST, SERIAL)
    assert found is not None
    assert found[1] is Held.LEFT


def test_a_list_that_nobody_announced_or_that_was_changed_is_not_taken(
    world: LicensingWorld, tmp_path: Path
) -> None:
    path = listed(world, FIRST, tmp_path / "list.csv")
    path.write_text(path.read_text("utf-8") + f"{SERIAL},M1,Acme,,,01101\n", encoding="utf-8")
    with pytest.raises(Refused, match="LIST_NOT_ANNOUNCED"):
        taken(world, path)


def test_a_quarter_that_goes_on_is_not_listed(world: LicensingWorld, tmp_path: Path) -> None:
    by, running = world.first, last_closed_quarter(world.now.date() + timedelta(days=120))
    with pytest.raises(Refused, match="QUARTER_NOT_CLOSED"):
        file_list(by.books, by.signer, running, tmp_path / "list.csv", world.now)


def test_a_list_that_can_not_be_written_is_not_filed(world: LicensingWorld, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="LIST_NOT_WRITTEN"):
        listed(world, FIRST, tmp_path / "nowhere" / "list.csv")
