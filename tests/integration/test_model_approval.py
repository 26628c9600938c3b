"""From a letter to the approval of a version, over signed messages between two domains' books."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.messages.approving import traits_of
from franking.postal.models import commands as desk
from franking.postal.models import ending
from franking.postal.models.records import (
    DemandKind,
    FieldTest,
    ItemStatus,
    ModelKey,
    ModelStatus,
    Occasion,
)
from franking.postal.schema import DOCKET as POSTAL_DOCKET
from franking.provider.models import commands as maker
from franking.provider.models.records import Leave
from franking.provider.schema import DOCKET as PROVIDER_DOCKET
from franking.rules.approval import items
from franking.storage import Actor
from tests.fixtures_databases import DATABASES
from tests.fixtures_models import (
    DESIGN,
    DOCUMENT,
    FIRST,
    METER,
    NEXT_DESIGN,
    PSD,
    SECOND,
    ApprovalWorld,
    approval_world,
    content_of,
    described,
)

TODAY = date(1997, 9, 1)


@pytest.fixture
def world(tmp_path: Path) -> ApprovalWorld:
    """The Postal Service and two providers."""
    return approval_world(tmp_path)


def leave_of(world: ApprovalWorld, key: ModelKey) -> Leave:
    """How far the provider believes that a version may go."""
    own = {each.name: each for each in maker.own_models(world.makers[key.provider].books)}
    return own[f"{key.model}/{key.version}"].leave


def take_in(world: ApprovalWorld, key: ModelKey, *, before: int = 0, on: date = TODAY) -> Leave:
    """Ask whether a device of the version may be taken in."""
    with world.makers[key.provider].books.reading() as reading:
        found = maker.require_approved(reading, key.model, key.version, on, units_before=before)
    return found.leave


def refusal_of_intake(world: ApprovalWorld, key: ModelKey, **more: object) -> str:
    """The code under which an intake is refused."""
    with pytest.raises(Refused) as refused:
        take_in(world, key, **more)  # type: ignore[arg-type]
    return refused.value.code


@pytest.mark.duty("R95-501.8-1", "R97-502.10", "R97-Pre-Submit", "R97-502.13(c)", "R97-502.9-1")
@pytest.mark.parametrize("database", DATABASES)
def test_a_product_goes_from_its_letter_of_intent_to_approval(
    tmp_path: Path, database: str
) -> None:
    world = approval_world(tmp_path, database)
    approved = world.approved_psd()
    assert approved.status is ModelStatus.APPROVED
    assert take_in(world, approved.key) is Leave.APPROVED
    _, history, _ = desk.model_file(world.desk, approved.key)
    assert [each.event for each in history][::4] == [
        "submitted",
        "nondisclosure agreement accepted",
        "infrastructure accepted",
        "user manual accepted",
        "product accepted",
        "test report accepted",
        "tested",
    ]
    assert world.postal.check_journal().faults == ()
    assert world.makers[FIRST].books.check_journal().faults == ()


@pytest.mark.duty("R95-501.8-3", "R97-502.12")
def test_no_device_of_a_version_is_taken_in_before_it_is_approved(world: ApprovalWorld) -> None:
    key = ModelKey(FIRST, "FK1A", "1.0")
    assert refusal_of_intake(world, key) == "MODEL_NOT_APPROVED"
    world.submit()
    world.carry()
    assert refusal_of_intake(world, key) == "MODEL_NOT_APPROVED"


@pytest.mark.duty("R95-501.8-2", "R95-501.8-3")
def test_tentative_approval_and_a_field_test_let_so_many_devices_in_until_a_day(
    world: ApprovalWorld,
) -> None:
    key = world.submit(METER, model="6500", rulebook="meter-1995")
    for item in ("letter", "bill of materials", "construction", "test plan"):
        world.accepted(key, item, **content_of(item, world.now, model="6500"))
    desk.approve_tentatively(world.desk, world.postal_signer, key, world.later())
    world.carry()
    assert leave_of(world, key) is Leave.TENTATIVE
    assert refusal_of_intake(world, key) == "MODEL_NOT_APPROVED"

    test = FieldTest(units=2, until=date(1997, 12, 1))
    desk.authorize_field_test(world.desk, world.postal_signer, key, test, world.later())
    world.carry()
    assert take_in(world, key, before=1) is Leave.FIELD_TEST
    assert refusal_of_intake(world, key, before=2) == "FIELD_TEST_USED_UP"
    assert refusal_of_intake(world, key, on=date(1997, 12, 2)) == "FIELD_TEST_USED_UP"


def test_a_field_test_has_devices_and_an_end(world: ApprovalWorld) -> None:
    key = world.submit()
    for test in (FieldTest(units=0, until=TODAY), FieldTest(units=1, until=date(1997, 6, 1))):
        with pytest.raises(Refused) as refused:
            desk.authorize_field_test(world.desk, world.postal_signer, key, test, world.later())
        assert refused.value.code == "FIELD_TEST_UNLIMITED"


@pytest.mark.duty("R95-501.7-1", "R95-501.8-1")
def test_a_meter_is_approved_when_sixty_days_have_passed_and_its_tests_are_good(
    world: ApprovalWorld,
) -> None:
    key = world.submit(METER, model="6500", rulebook="meter-1995")
    for item in ("letter", "bill of materials", "construction", "test plan"):
        world.accepted(key, item, **content_of(item, world.now, model="6500"))
    world.file(key, "test report", **content_of("test report", world.now))
    world.carry()
    with pytest.raises(Refused) as refused:
        desk.judge_item(world.desk, world.postal_signer, key, "test report", world.later())
    assert refused.value.code == "ITEM_FAULTY"
    assert "the tests began on 1997-06-02, before 1997-08-01" in refused.value.detail
    with pytest.raises(Refused) as incomplete:
        desk.confirm_tested(world.desk, key, world.later())
    assert "test report, endurance record" in incomplete.value.detail


@pytest.mark.duty("R97-Pre-Submit")
def test_an_item_that_is_returned_says_why_and_is_filed_again(world: ApprovalWorld) -> None:
    key = world.submit()
    world.file(key, "concept of operations")
    world.carry()
    desk.judge_item(
        world.desk,
        world.postal_signer,
        key,
        "concept of operations",
        world.later(),
        return_because=("withdrawal is not described",),
    )
    world.carry()
    books = world.makers[FIRST].books
    (filed,) = maker.own_filings(books, "FK1A", "1.0")
    assert (filed.outcome, filed.reasons) == ("returned", ("withdrawal is not described",))
    world.accepted(key, "concept of operations")
    version, _, _ = desk.model_file(world.desk, key)
    assert [each.status for each in version.filings] == [ItemStatus.RETURNED, ItemStatus.ACCEPTED]


@pytest.mark.duty("R95-501.10-2", "R97-502.12")
def test_a_change_of_an_approved_version_needs_leave_in_writing(world: ApprovalWorld) -> None:
    world.approved_psd()
    world.submit(version="1.1", design=NEXT_DESIGN)
    (refusal,) = world.carry()
    assert refusal.startswith("CHANGE_WITHOUT_LEAVE")

    key = world.submit(version="1.2", design=NEXT_DESIGN, changes="1.0")
    assert world.carry() == []
    assert refusal_of_intake(world, key) == "MODEL_NOT_APPROVED"
    with pytest.raises(Refused) as incomplete:
        desk.approve_model(world.desk, world.postal_signer, key, world.later())
    assert incomplete.value.detail == f"{key} lacks design"
    world.accepted(key, "design")
    desk.approve_model(world.desk, world.postal_signer, key, world.later())
    world.carry()
    assert take_in(world, key) is Leave.APPROVED
    assert leave_of(world, ModelKey(FIRST, "FK1A", "1.0")) is Leave.APPROVED


def test_a_change_can_be_refused_with_a_reason(world: ApprovalWorld) -> None:
    world.approved_psd()
    key = world.submit(version="2.0", design=NEXT_DESIGN, changes="1.0")
    world.carry()
    desk.refuse_model(
        world.desk, world.postal_signer, key, because="weakens the seal", now=world.later()
    )
    world.carry()
    assert leave_of(world, key) is Leave.REFUSED
    assert refusal_of_intake(world, key) == "MODEL_NOT_APPROVED"


@pytest.mark.duty("R95-501.10-1", "R97-502.12")
def test_an_approval_is_suspended_restored_and_revoked_by_a_named_proceeding(
    world: ApprovalWorld,
) -> None:
    key = world.approved_psd().key
    signer, case = world.postal_signer, {"proceeding": "case:1", "because": "keys may leak"}
    ending.suspend_model(world.desk, signer, key, **case, now=world.later())
    world.carry()
    assert refusal_of_intake(world, key) == "MODEL_SUSPENDED"
    with world.postal.reading() as reading:
        (due,) = POSTAL_DOCKET.standing(reading, record=f"model:{key}")
    assert (due.due, due.clause) == (date(1997, 8, 31), "39 CFR 502.14 (1997)")

    ending.restore_model(world.desk, signer, key, **case, now=world.later())
    world.carry()
    assert take_in(world, key) is Leave.APPROVED
    ending.revoke_model(world.desk, signer, key, **case, now=world.later())
    world.carry()
    assert refusal_of_intake(world, key) == "MODEL_SUSPENDED"
    with pytest.raises(Refused) as refused:
        ending.restore_model(world.desk, signer, key, **case, now=world.later())
    assert refused.value.code == "MODEL_MAY_NOT_MOVE"


def test_a_suspension_names_its_proceeding(world: ApprovalWorld) -> None:
    key = world.approved_psd().key
    with pytest.raises(Refused) as refused:
        ending.suspend_model(
            world.desk, world.postal_signer, key, proceeding=" ", because="", now=world.later()
        )
    assert refused.value.code == "PROCEEDING_UNNAMED"


@pytest.mark.duty(
    "R95-501.9",
    "R95-501.11(a)",
    "R95-501.11(c)-2",
    "R95-501.11(d)",
    "R97-502.11",
    "R97-502.13(a)",
    "R97-502.13(b)",
)
@pytest.mark.parametrize("kind", list(DemandKind))
def test_whatever_is_demanded_without_cause_is_on_both_dockets_until_it_is_delivered(
    world: ApprovalWorld, kind: DemandKind
) -> None:
    key = world.approved_psd().key
    asked = ending.demand(world.desk, world.postal_signer, key, kind, "as listed", world.later())
    world.carry()
    assert asked.clause.startswith("39 CFR 502.1")
    assert asked.at_providers_cost is (kind in {DemandKind.MODELS, DemandKind.UNITS})
    books = world.makers[FIRST].books
    assert standing(world) == ["open", "open"]

    world.file(key, "demand answer", demand=asked.number, delivered="two units by courier")
    world.carry()
    assert standing(world) == ["satisfied", "satisfied"]
    _, _, (answered,) = desk.model_file(world.desk, key)
    assert answered.delivered == "two units by courier"
    assert [each.answered_on for each in maker.own_demands(books)] == [world.now.date()]
    with pytest.raises(Refused) as refused:
        world.file(key, "demand answer", demand=asked.number, delivered="again")
    assert refused.value.code == "DEMAND_NOT_OPEN"


@pytest.mark.duty("R95-501.9", "R97-502.11")
def test_tests_are_demanded_of_a_version_that_is_only_submitted(world: ApprovalWorld) -> None:
    key = world.submit()
    world.carry()
    asked = ending.demand(
        world.desk, world.postal_signer, key, DemandKind.TESTS, "drop test", world.later()
    )
    assert asked.clause == "39 CFR 502.11 (1997)"


def standing(world: ApprovalWorld) -> list[str]:
    """How the demand stands on the docket of either side."""
    with world.postal.reading() as postal, world.makers[FIRST].books.reading() as provider:
        both = (
            *POSTAL_DOCKET.standing(postal, record="demand:1"),
            *PROVIDER_DOCKET.standing(provider, record="demand:1"),
        )
    return [str(each.status) for each in both]


@pytest.mark.duty("R95-501.11(b)-1", "R95-Pre-III.E", "R95-501.11(b)-2")
def test_no_meter_is_placed_under_an_office_that_has_no_media(world: ApprovalWorld) -> None:
    key = world.approved_meter().key
    books = world.makers[FIRST].books
    with books.reading() as reading, pytest.raises(Refused) as refused:
        maker.require_media_at(reading, "6500", "1.0", "01101")
    assert refused.value.code == "MEDIA_NOT_AT_OFFICE"
    desk.distribute_media(world.desk, world.postal_signer, key, ["01101", "62701"], world.later())
    world.carry()
    with books.reading() as reading:
        maker.require_media_at(reading, "6500", "1.0", "01101")
    assert "training video" in {each.name for each in items("meter-1995", traits_of(METER))}


@pytest.mark.duty("R95-Pre-III.E")
def test_one_master_covers_every_family_that_it_names(world: ApprovalWorld) -> None:
    key = world.submit(METER, model="6500", rulebook="meter-1995")
    other = world.submit(METER, model="6600", rulebook="meter-1995")
    world.carry()
    with pytest.raises(Refused) as refused:
        desk.distribute_media(world.desk, world.postal_signer, other, ["01101"], world.later())
    assert refused.value.code == "MEDIA_MISSING"
    explains = ("resetting", "special features")
    world.accepted(key, "training media", families=("6500", "6600"), explains=explains)
    offices = desk.distribute_media(
        world.desk, world.postal_signer, other, ["01101"], world.later()
    )
    assert offices == ["01101"]


@pytest.mark.duty("R95-501.11(c)-1")
def test_a_changed_version_owes_its_manuals_until_they_are_filed(world: ApprovalWorld) -> None:
    world.approved_meter()
    key = world.submit(
        METER,
        model="6500",
        version="1.1",
        rulebook="meter-1995",
        design=NEXT_DESIGN,
        changes="1.0",
    )
    world.carry()
    world.accepted(key, "production drawings")
    desk.approve_model(world.desk, world.postal_signer, key, world.later())
    world.carry()
    assert owed(world, "model:6500/1.1") == {
        "breakdown test": "open",
        "supply service manual": "open",
        "supply setting instructions": "open",
    }
    world.file(key, "service manual")
    assert owed(world, "model:6500/1.1")["supply service manual"] == "satisfied"


@pytest.mark.duty("R95-501.16-2")
def test_production_is_sampled_again_and_again_and_a_breakdown_is_returned(
    world: ApprovalWorld,
) -> None:
    key = world.approved_meter().key
    assert owed(world, "model:6500/1.0") == {"breakdown test": "open"}
    sample = {"lot": "L1", "serials": ("100001",), "drawn_on": world.now.date().isoformat()}
    world.file(key, "breakdown sample", **sample)
    world.file(key, "breakdown sample", **sample, faults=[{"part": "meter", "what": "jammed"}])
    assert world.carry() == []
    good, bad = maker.own_filings(world.makers[FIRST].books, "6500", "1.0")[-2:]
    assert (good.outcome, bad.outcome) == ("accepted", "returned")
    assert bad.reasons == ("failure of the meter: jammed",)
    with world.makers[FIRST].books.reading() as reading:
        every = PROVIDER_DOCKET.standing(reading, record="model:6500/1.0")
    assert sorted(str(each.status) for each in every) == ["open", "satisfied", "satisfied"]


@pytest.mark.duty("R95-501.15", "R97-502.17")
def test_a_lot_of_another_design_than_the_approved_one_is_returned(world: ApprovalWorld) -> None:
    key = world.approved_psd().key
    lot = {"lot": "L1", "quantity": 500, "materials": "as drawn", "tooling": "line 2"}
    world.file(key, "lot attestation", **lot, design=DESIGN, attested_by="Lee Maker")
    world.file(key, "lot attestation", **lot, design=NEXT_DESIGN, attested_by="Lee Maker")
    assert world.carry() == []
    good, bad = maker.own_filings(world.makers[FIRST].books, "FK1A", "1.0")[-2:]
    assert (good.outcome, bad.outcome) == ("accepted", "returned")
    assert bad.reasons == ("it was built to another design than the approved one",)


def test_no_lot_is_attested_before_approval(world: ApprovalWorld) -> None:
    key = world.submit()
    lot = {"lot": "L1", "quantity": 1, "materials": "m", "tooling": "t", "attested_by": "Lee"}
    world.file(key, "lot attestation", **lot, design=DESIGN)
    (refusal,) = world.carry()
    assert refusal.startswith("NOT_IN_PRODUCTION")


@pytest.mark.duty("R97-Pre-Phys")
def test_a_unit_is_inspected_again_upon_suspicion(world: ApprovalWorld) -> None:
    key = world.approved_psd().key
    after = desk.record_inspection(
        world.desk, key, Occasion.SUSPICION, good=True, found="seal whole", now=world.later()
    )
    assert after.inspected == (Occasion.SUBMISSION, Occasion.SUSPICION)


def test_two_providers_may_use_one_name_and_neither_sees_the_others_file(
    world: ApprovalWorld,
) -> None:
    first = world.approved_psd().key
    second = world.submit(by=SECOND)
    assert world.carry() == []
    assert [str(each.status) for each in desk.models(world.desk)] == ["approved", "submitted"]
    assert leave_of(world, first) is Leave.APPROVED
    assert leave_of(world, second) is Leave.SUBMITTED
    assert refusal_of_intake(world, second) == "MODEL_NOT_APPROVED"


def test_the_same_version_is_not_submitted_twice(world: ApprovalWorld) -> None:
    world.submit()
    with pytest.raises(Refused) as refused:
        world.submit(design=NEXT_DESIGN)
    assert refused.value.code == "MODEL_SUBMITTED"


@pytest.mark.duty("R97-502.6")
def test_what_is_no_product_of_1997_is_refused_before_it_is_sent(world: ApprovalWorld) -> None:
    with pytest.raises(Refused) as refused:
        world.submit(described(PSD, has_psd=False))
    assert refused.value.code == "MODEL_NOT_AS_DEFINED"
    assert maker.own_models(world.makers[FIRST].books) == []


@pytest.mark.parametrize(
    ("item", "content"),
    [
        ("test report", {"started_on": "1997-06-02"}),
        ("test plan", {"tests": "many"}),
        ("letter of intent", {"unknown": 1}),
    ],
)
def test_an_item_with_wrong_fields_is_refused_before_it_is_sent(
    world: ApprovalWorld, item: str, content: dict[str, object]
) -> None:
    key = world.submit()
    with pytest.raises(Refused) as refused:
        world.file(key, item, **content)
    assert refused.value.code == "FILING_UNREADABLE"


def test_a_document_is_named_by_its_digest(world: ApprovalWorld) -> None:
    world.submit()
    own = world.makers[FIRST]
    for digest in ("", "abc", DOCUMENT.upper()):
        with pytest.raises(Refused) as refused:
            maker.file_item(
                own.books,
                own.signer,
                model="FK1A",
                version="1.0",
                item="design",
                digest=digest,
                now=world.later(),
            )
        assert refused.value.code == "FILING_UNREADABLE"


def test_only_the_desk_approves_and_a_refused_person_leaves_no_trace(
    world: ApprovalWorld,
) -> None:
    key = world.submit()
    world.carry()
    mailer = world.postal.acting(Actor("Ann Mailer", "mailer"))
    before = len(world.postal.journal_rows())
    with pytest.raises(Refused) as refused:
        desk.approve_model(mailer, world.postal_signer, key, world.later())
    assert refused.value.code == "NOT_PERMITTED"
    assert len(world.postal.journal_rows()) == before


def owed(world: ApprovalWorld, record: str) -> dict[str, str]:
    """What the first provider owes about a record."""
    with world.makers[FIRST].books.reading() as reading:
        every = PROVIDER_DOCKET.standing(reading, record=record)
    return {each.duty: str(each.status) for each in every}
