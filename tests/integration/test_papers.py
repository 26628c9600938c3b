"""Forms filled in from the books: each tells what the room that keeps the record knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.forms.form import Form
from franking.home.papers import postal, provider
from franking.identifiers import record_id
from franking.marks.geometry import Text
from franking.messages.examining import DeviceSeized
from franking.postal.licences import commands as desk
from franking.postal.licences import revoking
from franking.postal.licences.records import Facts, Ground, RefusalGround
from franking.provider.devices import notes
from franking.provider.examinations import commands as examining
from franking.provider.examinations import rows as examination_rows
from franking.provider.examinations.checklist import Condition
from franking.provider.examinations.records import Notice, NoticeKind
from franking.storage.journal import Act
from tests.fixtures_databases import DATABASES
from tests.fixtures_examinations import METER, Offices, at, licensed, offices_on, sound_sheet
from tests.fixtures_inventory import METER as FLEET_METER
from tests.fixtures_inventory import Fleet, fleet_on
from tests.fixtures_licensing import LicensingWorld, licensing_world

MAKER_NAME = "Acme Meters"


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> LicensingWorld:
    return licensing_world(request.param, tmp_path, "ibip-1997")


@pytest.fixture
def offices(tmp_path: Path) -> Offices:
    return offices_on("sqlite", tmp_path)


def words(form: Form) -> str:
    """All that a drawn form says."""
    return " ".join(
        shape.text
        for page in form.pages()
        for part in page.parts
        for shape in part.shapes
        if isinstance(shape, Text)
    )


def unknown(draw: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        draw()
    assert refused.value.code == "PAPER_UNKNOWN"
    return refused.value.detail


def test_an_application_and_its_license(world: LicensingWorld) -> None:
    licence = world.licensed()
    applied = words(postal.application_form(world.desk, licence.application))
    issued = words(postal.licence_form(world.desk, licence.number))
    for told in ("Acme Bolts", "12 Main St, Springfield MA 01101", "Springfield, MA 01101"):
        assert told in applied
        assert told in issued
    assert "Joe Acme" in applied
    assert world.first.name in issued


@pytest.mark.duty("R95-P030.2.3-4")
def test_a_refusal_in_writing_has_its_reason_and_goes_to_the_provider_too(
    world: LicensingWorld,
) -> None:
    filed = world.transmit()
    ground = RefusalGround.EXPECTED_MISUSE
    desk.refuse_application(
        world.desk, world.signer, filed, ground, "seen at the counter", world.now
    )
    said = words(postal.refusal_notice(world.desk, filed))
    for told in ("seen at the counter", "10 calendar days", f"Copies to: {world.first.name}"):
        assert told in said


@pytest.mark.duty("R97-P050.2.3-1")
def test_a_revocation_in_writing_has_its_reasons_and_goes_to_the_providers(
    world: LicensingWorld,
) -> None:
    licence = world.licensed()
    revoking.notice_revocation(
        world.desk,
        world.signer,
        licence.number,
        Ground.POOR_CONTROL,
        Facts(told="the device stood in an open hall"),
        world.now,
    )
    notice = postal.revocation_notice(world.desk, licence.number)
    assert notice.act_by is None, "its receipt is not proven yet"
    said = words(notice)
    for told in ("open hall", "DMM P050.2.3c (1997)", "10 days", "Copies to", world.first.name):
        assert told in said
    received = world.later(days=2).date()
    revoking.prove_notice_received(world.desk, licence.number, received, world.now)
    assert (postal.revocation_notice(world.desk, licence.number).act_by or received) > received


@pytest.mark.duty("R97-P050.2.5j")
def test_a_lease_bears_the_signature_under_its_acknowledgment(world: LicensingWorld) -> None:
    lease = world.leased(world.licensed())
    said = words(provider.lease_form(world.first.books, world.first.name, lease.id))
    assert "Acknowledgment of Deposit Requirement" in said
    assert said.count("Joe Acme") == 2
    assert f"Agreement with {world.first.name}" in said


@pytest.mark.duty("R95-501.22(g)-2")
def test_a_withdrawal_has_its_3601_c_with_the_register_record(tmp_path: Path) -> None:
    fleet: Fleet = fleet_on("sqlite", tmp_path)
    fleet.in_service()
    installed = provider.installation_form(fleet.books, MAKER_NAME, FLEET_METER)
    assert (installed.action, installed.withdrawn) == ("installation", None)
    assert installed.checked_by is not None
    assert installed.checked_by.name in words(installed)
    fleet.check_out(ascending_mills=41_000)
    withdrawn = provider.installation_form(fleet.books, MAKER_NAME, FLEET_METER)
    assert withdrawn.action == "withdrawal"
    assert withdrawn.register_record_attached
    assert "$41.00" in words(withdrawn)


def test_an_inspection_shows_every_check_with_what_was_found(offices: Offices) -> None:
    maker = offices.maker
    maker.add_meter(METER, licensed(offices))
    sheet = sound_sheet()
    items = {**sheet.items, "base": Condition.NOT_APPLICABLE, "drum": Condition.IRREGULAR}
    examining.inspect_meter(
        maker.books,
        maker.signer,
        serial=METER,
        sheet=sound_sheet(items=items),
        now=at("1996-02-01"),
    )
    form = provider.inspection_form(maker.books, METER)
    found = {each.clause: each.finding for each in form.checks}
    assert found.pop("501.25(b)(7)(i)") == "not applicable"
    assert found.pop("501.25(b)(7)(vi)") == "irregular"
    assert set(found.values()) == {"in order"}
    assert len(found) == 15
    assert "A. Bolt" in words(form)


def test_a_notice_of_examination_tells_by_when(offices: Offices) -> None:
    maker = offices.maker
    meter = maker.add_meter(METER, licensed(offices))
    for kind in NoticeKind:
        told = Notice(
            serial=METER,
            licence=meter.licence,
            kind=kind,
            given_on=at("1996-03-01").date(),
            due_on=at("1996-03-16").date(),
            clause="39 CFR 501.22(f) (1995)",
            text="It was not reset for three months.",
        )
        with maker.service.work(at("1996-03-01"), "give_examination_notices") as work:
            examination_rows.add_notice(work, told)
            work.record(Act(record=record_id("device", METER)))
        said = words(provider.examination_notice(maker.books, MAKER_NAME, METER))
        assert "March 16, 1996" in said
        assert "It was not reset for three months." in said


def test_a_denial_names_every_cause_and_clause(offices: Offices) -> None:
    maker = offices.maker
    maker.add_meter(METER, licensed(offices))
    assert METER in unknown(lambda: provider.denial_notice(maker.books, MAKER_NAME, METER))
    for cause, clause in (("examination", "39 CFR 501.22(f) (1995)"), ("removal", "policy")):
        with maker.books.work(at("1996-03-01"), "give_examination_notices") as work:
            notes.deny_resets(
                work, METER, cause=cause, clause=clause, because="overdue", now=at("1996-03-01")
            )
    said = words(provider.denial_notice(maker.books, MAKER_NAME, METER))
    assert "Examination: overdue. Removal: overdue." in said
    assert "39 CFR 501.22(f) (1995); policy" in said


def test_the_providers_copy_of_a_receipt(offices: Offices) -> None:
    maker = offices.maker
    meter = maker.add_meter(METER, licensed(offices))
    seized = DeviceSeized(
        device=METER,
        issued_at="1996-03-01T15:00:00.000000Z",
        sender="Postal Service",
        licence=meter.licence,
        receipt="S-000001",
        inspector="Lee Marsh",
        withdrawn_on="1996-03-01",
        reason="prints without debit",
        ascending_mills=700_000,
        descending_mills=300_000,
        fraud_suspected=True,
        replacement_wanted=False,
    )
    with maker.service.work(at("1996-03-01"), "hear_DeviceSeized") as work:
        examination_rows.add_receipt(work, seized)
        work.record(Act(record=record_id("device", METER)))
    said = words(provider.seizure_receipt(maker.books, MAKER_NAME, "S-000001"))
    for told in ("Lee Marsh", "prints without debit", "$700.00", "is held", MAKER_NAME):
        assert told in said


def test_what_the_books_do_not_hold_is_refused(world: LicensingWorld) -> None:
    books = world.first.books
    assert "L-9" in unknown(lambda: provider.lease_form(books, "x", "L-9"))
    for draw in (provider.installation_form, provider.quality_notice, provider.seizure_receipt):
        assert "none" in unknown(lambda draw=draw: draw(books, "x", "none"))  # type: ignore[misc]
    assert "none" in unknown(lambda: provider.inspection_form(books, "none"))
    assert "none" in unknown(lambda: provider.destruction_certificate(books, "x", "none"))
    for of in (postal.application_form, postal.licence_form, postal.refusal_notice):
        assert "none" in unknown(lambda of=of: of(world.desk, "none"))  # type: ignore[misc]
    assert "none" in unknown(lambda: postal.removal_order(world.desk, "none"))
    licence = world.licensed()
    assert licence.number in unknown(lambda: postal.revocation_notice(world.desk, licence.number))
