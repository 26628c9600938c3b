"""Defective devices and adjustments: reported, recommended, decided, appealed, settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from franking.errors import Refused
from franking.ledger import Posting, Transfer
from franking.messages.adjusting import MalfunctionReported
from franking.messages.signing import unverified
from franking.postal.adjustments import commands as desk
from franking.postal.adjustments import tables as desk_tables
from franking.postal.adjustments.records import APPEAL, DECIDE, AdjustmentStatus
from franking.provider.adjustments import examining, reporting, rows, settling
from franking.provider.adjustments.records import (
    LICENSING_OFFICE,
    REPORT,
    RSE,
    SETTLE,
    DayReading,
    DocumentKind,
    Malfunction,
    MalfunctionReport,
    Readout,
    ReportStatus,
)
from franking.provider.devices import notes, removal
from franking.provider.devices import rows as device_rows
from franking.provider.devices.leaving import RETRIEVE
from franking.provider.devices.records import DeviceState, Mechanism
from franking.provider.funds.accounts import account_of, open_account
from franking.provider.licensing import relocating
from franking.provider.schema import DISPATCHES, LEDGER
from franking.storage import Act
from tests.fixtures_databases import DATABASES
from tests.fixtures_killing import every_kill
from tests.fixtures_licensing import (
    ANN,
    FIRST,
    METER,
    POSTMASTER,
    PSD,
    RUTH,
    SECOND,
    LicensingWorld,
    licensing_world,
    moved,
    stock,
)

SERIAL = "FK1A0000000001"
_K = DocumentKind
PAPERS = {
    _K.REFUND_REQUEST: "letter of 3 March",
    _K.SETTING_RECORD: "copy",
    _K.REGISTER_LOG: "copy",
    _K.LETTER: "attached",
}


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def in_service(database: str, folder: Path, rulebook: str) -> LicensingWorld:
    """A world with one device at Acme Bolts of Springfield, and its account."""
    world = licensing_world(database, folder, rulebook)
    licence = world.licensed()
    world.installed(world.leased(licence), SERIAL)
    world.carry()
    return world


def licence_of(world: LicensingWorld) -> str:
    return world.first.device(SERIAL).licence


def registered(world: LicensingWorld, *, ascending: int, mechanism: Mechanism) -> None:
    """What the device registers, as its record has it, and how it registers."""
    with world.first.service.work(world.now, "take_in") as work:
        before = notes.require(work, SERIAL)
        after = replace(before, ascending_mills=ascending, mechanism=mechanism)
        device_rows.change(work, before, after)
        work.record(Act(record=f"device:{SERIAL}"))


def logged(world: LicensingWorld, *, weeks: int = 12, mills_a_day: int = 1000) -> int:
    """The licensee's log up to yesterday, the same every day; the register at its end."""
    first = world.now.date() - timedelta(weeks=weeks)
    days = [first + timedelta(days=number) for number in range(weeks * 7)]
    readings = [
        DayReading(day=day, ascending_mills=number * mills_a_day) for number, day in enumerate(days)
    ]
    examining.keep_history(world.first.books, SERIAL, readings, world.now)
    return readings[-1].ascending_mills


def malfunction(world: LicensingWorld, **changed: Any) -> Malfunction:
    """Ten days in which the device registered $60.00, examined on the eleventh."""
    today = world.now.date()
    given: dict[str, Any] = {
        "serial": SERIAL,
        "examiner": "R. Moss",
        "examined_on": today,
        "fault": "a worn pawl",
        "began_on": today,
        "ended_on": today,
        "registered_mills": 60_000,
        "documents": dict(PAPERS),
    }
    return Malfunction(**(given | changed))


def report(world: LicensingWorld, **changed: Any) -> MalfunctionReport:
    """The malfunction of the examined device, reported and carried."""
    adjust = changed.pop("adjust", True)
    if world.first.device(SERIAL).state is not DeviceState.EXAMINED:
        moved(world.first, SERIAL, DeviceState.CHECKED_OUT, world.now)
        moved(world.first, SERIAL, DeviceState.EXAMINED, world.now)
    sent = examining.report_malfunction(
        world.first.books,
        world.first.signer,
        malfunction(world, **changed),
        adjust=adjust,
        now=world.now,
    )
    assert world.carry() == []
    return sent


def memories(*ascending: int) -> tuple[Readout, ...]:
    return tuple(
        Readout(memory=f"memory {number}", ascending_mills=each, descending_mills=1000)
        for number, each in enumerate(ascending, start=1)
    )


def decide(world: LicensingWorld, amount_mills: int, *, by: Any = ANN) -> None:
    desk.decide_adjustment(
        world.service.acting(by),
        world.signer,
        1,
        amount_mills=amount_mills,
        because="as recommended",
        now=world.now,
    )
    assert world.carry() == []


def standing(world: LicensingWorld) -> MalfunctionReport:
    with world.first.service.reading() as reading:
        return examining.require_report(reading, 1)


def fund(world: LicensingWorld, debit: str, credit: str, amount_mills: int) -> None:
    """Money comes into the provider's books."""
    transfer = Transfer(debit=debit, credit=credit, amount_mills=amount_mills)
    with world.first.service.work(world.now, "take_in") as work:
        made = Posting(key=f"test:{credit}", kind="test", transfers=(transfer,), clause="policy")
        LEDGER.post(work, made, world.now)


def balance(world: LicensingWorld, account: str) -> int:
    with world.first.service.reading() as reading:
        return LEDGER.balance(reading, account).balance_mills


def deposits(world: LicensingWorld) -> str:
    """The licensee's account, opened if it is not there."""
    licence = standing(world).licence
    with world.first.service.reading() as reading:
        found = account_of(reading, licence)
    if found is None:
        found = open_account(world.first.books, licence, now=world.now)
    return f"deposits:{found.number}"


# Defective devices -----------------------------------------------------------------------------


@pytest.mark.duty("R97-P050.2.7-1", "R97-P050.2.5g", "R97-P050.2.7-2")
def test_a_defective_psd_is_not_used_is_retrieved_and_the_postal_service_is_told(
    database: str, tmp_path: Path
) -> None:
    world = in_service(database, tmp_path, PSD)
    for _ in range(2):
        device = reporting.report_defect(
            world.first.books,
            world.first.signer,
            SERIAL,
            by="Joe Acme",
            defect="it printed twice",
            now=world.now,
        )
    assert device.state is DeviceState.DO_NOT_USE
    with (
        pytest.raises(Refused, match="DEVICE_MOVE_UNSUITABLE"),
        world.first.service.reading() as reading,
    ):
        notes.require_settable(reading, device)
    owed = {each.duty: each.due for each in world.first.standing(f"device:{SERIAL}")}
    assert owed[RETRIEVE] == date(1997, 6, 5)  # Monday and three business days
    assert owed[REPORT] == date(1997, 6, 30)
    world.carry()
    with world.service.reading() as reading:
        (told,) = desk_tables.defects(reading, serial=SERIAL)
    assert (told.provider, told.defect, told.retrieve_by) == (
        FIRST,
        "it printed twice",
        "1997-06-05",
    )


@pytest.mark.duty("R95-P030.2.6f", "R95-P030.2.8-1", "R95-P030.2.8-2", "R95-P030.2.8-3")
def test_a_defective_meter_is_reported_to_maker_and_postmaster_and_never_used_again(
    database: str, tmp_path: Path
) -> None:
    world = in_service(database, tmp_path, METER)
    device = reporting.report_defect(
        world.first.books,
        world.first.signer,
        SERIAL,
        by="Joe Acme",
        defect="it registers twice",
        now=world.now,
    )
    assert device.state is DeviceState.DO_NOT_USE
    noted = desk.note_defect_at_office(
        world.service.acting(POSTMASTER),
        provider=FIRST,
        serial=SERIAL,
        licence=device.licence,
        office="01101",
        defect="it registers twice",
        now=world.now,
    )
    world.carry()
    view = desk.adjustments_view(world.service, office="01101")
    assert [each["told_by"] for each in view["defects"]] == [POSTMASTER.name, FIRST]
    assert noted.number == 1
    owed = {each.duty: each.due for each in world.first.standing(f"device:{SERIAL}")}
    assert owed[RETRIEVE] == date(1996, 3, 7)
    removal.retrieve(
        world.first.books, SERIAL, by="Guy Dent", because="defective", now=world.later(days=1)
    )
    with (
        pytest.raises(Refused, match="DEVICE_MOVE_UNSUITABLE"),
        world.first.service.reading() as reading,
    ):
        notes.require_settable(reading, notes.require(reading, SERIAL))


@pytest.mark.duty("R95-P030.2.8-4", "R97-P050.2.7-2")
@pytest.mark.parametrize("rulebook", [METER, PSD])
def test_the_licensee_of_a_faulty_device_gets_a_replacement(
    database: str, tmp_path: Path, rulebook: str
) -> None:
    world = in_service(database, tmp_path, rulebook)
    stock(world.first, "FK1A0000000002", rulebook, world.now)
    reporting.report_defect(
        world.first.books, world.first.signer, SERIAL, by="Joe", defect="odd", now=world.now
    )
    new = relocating.replace_device(
        world.first.books,
        SERIAL,
        by_serial="FK1A0000000002",
        because="it misregisters",
        by="Guy Dent",
        now=world.now,
    )
    faulty = world.first.device(SERIAL)
    assert (new.licence, new.licensee) == (faulty.licence, faulty.licensee)
    assert faulty.state is DeviceState.RETRIEVING


def test_a_defect_without_words_or_of_nobody_is_refused(database: str, tmp_path: Path) -> None:
    world = in_service(database, tmp_path, PSD)
    with pytest.raises(Refused, match="DEFECT_UNSAID"):
        reporting.report_defect(
            world.first.books, world.first.signer, SERIAL, by="x", defect=" ", now=world.now
        )
    with pytest.raises(Refused, match="DEVICE_NOT_IN_INVENTORY"):
        reporting.report_defect(
            world.first.books,
            world.first.signer,
            "FK1A0000000009",
            by="x",
            defect="y",
            now=world.now,
        )


# Reports ---------------------------------------------------------------------------------------


@pytest.mark.duty("R95-P030.3.8-2", "R95-501.22(h)-2", "R95-501.22(h)(2)-1")
def test_memories_that_agree_say_what_is_adjusted_and_the_office_gets_the_report(
    database: str, tmp_path: Path
) -> None:
    world = in_service(database, tmp_path, METER)
    registered(world, ascending=90_000, mechanism=Mechanism.ELECTRONIC)
    sent = report(world, readouts=memories(70_000, 70_000))
    assert (sent.recommended_mills, sent.conclusive) == (20_000, True)
    assert sent.addressee == LICENSING_OFFICE
    with world.service.reading() as reading:
        heard = desk.require_adjustment(reading, 1)
    assert (heard.provider, heard.recommended_mills) == (FIRST, 20_000)
    assert heard.status is AdjustmentStatus.REPORTED
    shown: Any = desk.adjustment_json(heard)
    assert shown["facts"]["documents"][_K.MEMORY_SUMMARY.value] == "in this report"
    assert shown["facts"]["documents"][_K.SETTING_RECORD.value] == "copy"
    assert [each["ascending_mills"] for each in shown["facts"]["readouts"]] == [70_000, 70_000]


@pytest.mark.duty("R97-502.21(f)-2")
def test_the_report_on_a_psd_goes_to_retail_systems_and_equipment(
    database: str, tmp_path: Path
) -> None:
    world = in_service(database, tmp_path, PSD)
    registered(world, ascending=90_000, mechanism=Mechanism.ELECTRONIC)
    sent = report(world, readouts=memories(70_000, 70_000))
    assert sent.addressee == RSE
    with pytest.raises(Refused, match="ADJUSTMENT_NOT_YOURS"):
        decide(world, 20_000, by=POSTMASTER)
    decide(world, 20_000, by=RUTH)


@pytest.mark.duty("R95-P030.3.8-3")
def test_memories_that_disagree_are_backed_by_the_mailing_history(
    database: str, tmp_path: Path
) -> None:
    world = in_service(database, tmp_path, METER)
    last = logged(world)
    registered(world, ascending=last + 60_000, mechanism=Mechanism.ELECTRONIC)
    sent = report(world, readouts=memories(70_000, 71_000))
    assert not sent.conclusive
    assert sent.estimate is not None
    assert sent.estimate.span_days == 1
    assert sent.estimate.low_mills <= sent.estimate.used_mills <= sent.estimate.high_mills
    assert sent.recommended_mills == 60_000 - sent.estimate.used_mills
    assert sent.documents[_K.MAILING_HISTORY] == "in this report"
    assert "probably used" in sent.basis


def test_without_a_history_nothing_can_be_estimated(database: str, tmp_path: Path) -> None:
    world = in_service(database, tmp_path, METER)
    with pytest.raises(Refused, match="HISTORY_TOO_SHORT"):
        report(world)
    with pytest.raises(Refused, match="MALFUNCTION_REPORT_UNKNOWN"):
        standing(world)


@pytest.mark.duty("R95-501.22(h)(1)", "R95-P030.3.8-1")
@pytest.mark.parametrize("missing", [_K.REFUND_REQUEST, _K.SETTING_RECORD, _K.REGISTER_LOG])
def test_a_mechanical_meters_recommendation_needs_each_of_its_papers(
    tmp_path: Path, missing: DocumentKind
) -> None:
    world = in_service("sqlite", tmp_path, METER)
    logged(world)
    registered(world, ascending=200_000, mechanism=Mechanism.MECHANICAL)
    papers = {kind: which for kind, which in PAPERS.items() if kind is not missing}
    with pytest.raises(Refused, match="MALFUNCTION_REPORT_INCOMPLETE") as refused:
        report(world, documents=papers)
    assert missing.value in refused.value.detail
    assert "501.22(h)(1)" in refused.value.detail
    assert report(world, documents=dict(PAPERS)).mechanism is Mechanism.MECHANICAL


@pytest.mark.duty("R95-P030.3.8-4")
def test_other_reliable_evidence_stands_in_for_a_log_that_was_not_completed(
    tmp_path: Path,
) -> None:
    world = in_service("sqlite", tmp_path, METER)
    logged(world)
    registered(world, ascending=200_000, mechanism=Mechanism.MECHANICAL)
    papers = {kind: which for kind, which in PAPERS.items() if kind is not _K.REGISTER_LOG}
    sent = report(world, documents={**papers, _K.OTHER_EVIDENCE: "mailing statements"})
    assert sent.documents[_K.OTHER_EVIDENCE] == "mailing statements"


@pytest.mark.duty("R95-501.22(h)(2)-2")
def test_an_electronic_meter_whose_memory_cannot_be_read_needs_the_other_bundle(
    tmp_path: Path,
) -> None:
    world = in_service("sqlite", tmp_path, METER)
    logged(world)
    registered(world, ascending=200_000, mechanism=Mechanism.ELECTRONIC)
    with pytest.raises(Refused, match="refund request"):
        report(world, documents={_K.SETTING_RECORD: "copy", _K.SYSTEM_REGISTER: "report"})
    papers = {
        _K.REFUND_REQUEST: "letter",
        _K.SETTING_RECORD: "copy",
        _K.SYSTEM_REGISTER: "report",
    }
    assert report(world, documents=papers).estimate is not None


@pytest.mark.duty("R95-501.22(h)(2)-1")
def test_a_readable_memory_needs_its_letter_and_the_cause_where_it_is_known(
    tmp_path: Path,
) -> None:
    world = in_service("sqlite", tmp_path, METER)
    registered(world, ascending=90_000, mechanism=Mechanism.ELECTRONIC)
    with pytest.raises(Refused, match="letter of instruction"):
        report(world, readouts=memories(70_000, 70_000), documents={_K.SETTING_RECORD: "copy"})
    unknown = report(world, readouts=memories(70_000, 70_000), fault="")
    assert _K.EXPLANATION not in unknown.documents


@pytest.mark.duty("R95-501.22(o)")
def test_a_fault_is_reported_even_where_nothing_is_to_be_adjusted(
    database: str, tmp_path: Path
) -> None:
    world = in_service(database, tmp_path, METER)
    reporting.report_defect(
        world.first.books, world.first.signer, SERIAL, by="Joe", defect="odd", now=world.now
    )
    sent = report(world, adjust=False, documents={})
    assert sent.status is ReportStatus.CLOSED
    duties = {each.duty: str(each.status) for each in world.first.standing(f"device:{SERIAL}")}
    assert duties[REPORT] == "satisfied"
    with world.service.reading() as reading:
        heard = desk.require_adjustment(reading, 1)
    assert (heard.status, heard.fault) == (AdjustmentStatus.NOTED, "a worn pawl")
    with pytest.raises(Refused, match="ADJUSTMENT_DECIDED_BEFORE"):
        decide(world, 1)


def test_a_device_is_examined_before_it_is_reported_on(tmp_path: Path) -> None:
    world = in_service("sqlite", tmp_path, METER)
    with pytest.raises(Refused, match="NOT_EXAMINED_YET"):
        examining.report_malfunction(
            world.first.books, world.first.signer, malfunction(world), now=world.now
        )


@pytest.mark.parametrize(
    "changed",
    [
        {"registered_mills": -1},
        {"began_on": date(2000, 1, 1)},
        {"ended_on": date(1990, 1, 1)},
    ],
)
def test_a_malfunction_that_is_told_out_of_order_is_refused(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    world = in_service("sqlite", tmp_path, METER)
    with pytest.raises(Refused, match="MALFUNCTION_UNCLEAR"):
        report(world, **changed)


def test_a_log_that_is_below_nothing_or_to_come_is_refused(tmp_path: Path) -> None:
    world = in_service("sqlite", tmp_path, METER)
    today = world.now.date()
    for reading in (
        DayReading(day=today, ascending_mills=-1),
        DayReading(day=today + timedelta(days=1), ascending_mills=1),
    ):
        with pytest.raises(Refused, match="MALFUNCTION_UNCLEAR"):
            examining.keep_history(world.first.books, SERIAL, [reading], world.now)


# Decisions and money ---------------------------------------------------------------------------


def reported(database: str, folder: Path, rulebook: str) -> LicensingWorld:
    """A recommendation of $20.00 in favour of the licensee, carried."""
    world = in_service(database, folder, rulebook)
    registered(world, ascending=90_000, mechanism=Mechanism.ELECTRONIC)
    report(world, readouts=memories(70_000, 70_000))
    return world


def test_a_decided_adjustment_is_credited_to_the_licensee_out_of_what_was_used(
    database: str, tmp_path: Path
) -> None:
    world = reported(database, tmp_path, METER)
    account = deposits(world)
    decide(world, 20_000)
    settled = standing(world)
    assert (settled.status, settled.settled_mills) == (ReportStatus.SETTLED, 20_000)
    assert (balance(world, account), balance(world, "used")) == (20_000, -20_000)
    duties = {each.duty: str(each.status) for each in world.first.standing("malfunction:M-000001")}
    assert duties == {SETTLE: "satisfied"}


@pytest.mark.duty("R97-P050.3.3-1", "R97-502.28-1")
def test_a_malfunctions_loss_is_the_providers_and_the_licensee_is_made_whole(
    database: str, tmp_path: Path
) -> None:
    world = reported(database, tmp_path, PSD)
    account = deposits(world)
    decide(world, 20_000, by=RUTH)
    assert standing(world).status is ReportStatus.DECIDED  # the provider has nothing on deposit
    with pytest.raises(Refused, match="ADJUSTMENT_UNFUNDED"):
        settling.settle_adjustment(world.first.books, 1, now=world.now)
    fund(world, "fund", "provider-deposit", 50_000)
    for _ in range(2):
        settled = settling.settle_adjustment(world.first.books, 1, now=world.now)
    assert settled.status is ReportStatus.SETTLED
    assert balance(world, account) == 20_000
    assert balance(world, "provider-deposit") == 30_000
    assert (balance(world, "fees"), balance(world, "provider-capital")) == (-20_000, 20_000)


def test_postage_that_was_not_registered_is_collected_or_borne_by_the_provider(
    database: str, tmp_path: Path
) -> None:
    world = reported(database, tmp_path, METER)
    account = deposits(world)
    decide(world, -5_000)
    assert standing(world).status is ReportStatus.DECIDED  # nothing is on deposit
    fund(world, "lockbox", account, 8_000)
    settling.settle_adjustment(world.first.books, 1, now=world.now)
    assert (balance(world, account), balance(world, "used")) == (3_000, 5_000)
    (tmp_path / "other").mkdir()
    other = reported(database, tmp_path / "other", PSD)
    deposits(other)
    fund(other, "fund", "provider-deposit", 8_000)
    decide(other, -5_000, by=RUTH)
    assert balance(other, "used") == 5_000
    assert balance(other, "provider-deposit") == 3_000


@pytest.mark.duty("R95-P030.3.8-5")
def test_an_adjustment_is_appealed_in_sixty_days_and_only_the_difference_moves(
    database: str, tmp_path: Path
) -> None:
    world = reported(database, tmp_path, METER)
    account = deposits(world)
    decide(world, 5_000)
    assert balance(world, account) == 5_000
    owed = {each.duty: each.due for each in world.standing("adjustment:1")}
    assert owed[APPEAL] == world.now.date() + timedelta(days=60)
    world.later(days=60)
    desk.appeal_adjustment(
        world.desk, 1, letter="It was $20.00.", filed_by="Joe Acme", now=world.now
    )
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        desk.decide_adjustment_appeal(
            world.desk, world.signer, 1, amount_mills=20_000, reason="x", now=world.now
        )
    final = desk.decide_adjustment_appeal(
        world.manager,
        world.signer,
        1,
        amount_mills=20_000,
        reason="the memories agree",
        now=world.now,
    )
    assert final.status is AdjustmentStatus.FINAL
    assert world.carry() == []
    assert standing(world).settled_mills == 20_000
    assert balance(world, account) == 20_000
    assert balance(world, "used") == -20_000


def test_a_denied_appeal_moves_nothing_and_a_late_one_is_refused(
    database: str, tmp_path: Path
) -> None:
    world = reported(database, tmp_path, METER)
    account = deposits(world)
    decide(world, 5_000)
    world.later(days=61)
    with pytest.raises(Refused, match="APPEAL_TOO_LATE"):
        desk.appeal_adjustment(world.desk, 1, letter="late", filed_by="Joe", now=world.now)
    world.now -= timedelta(days=10)
    desk.appeal_adjustment(world.desk, 1, letter="in time", filed_by="Joe", now=world.now)
    desk.decide_adjustment_appeal(
        world.manager, world.signer, 1, amount_mills=None, reason="as it was", now=world.now
    )
    world.carry()
    assert balance(world, account) == 5_000


def test_an_appeal_is_heard_by_another_person_and_a_lapsed_right_is_final(
    database: str, tmp_path: Path
) -> None:
    world = reported(database, tmp_path, PSD)
    decide(world, 5_000, by=RUTH)
    desk.appeal_adjustment(world.desk, 1, letter="no", filed_by="Joe", now=world.now)
    with pytest.raises(Refused, match="APPEAL_HEARD_BY_DECIDER"):
        desk.decide_adjustment_appeal(
            world.manager, world.signer, 1, amount_mills=6_000, reason="x", now=world.now
        )
    (tmp_path / "other").mkdir()
    other = reported(database, tmp_path / "other", METER)
    decide(other, 5_000)
    other.later(days=61)
    other.sweep()
    with other.service.reading() as reading:
        assert desk.require_adjustment(reading, 1).status is AdjustmentStatus.FINAL


def test_what_is_not_there_and_what_has_no_reason_is_refused(tmp_path: Path) -> None:
    world = reported("sqlite", tmp_path, METER)
    duties = {each.duty for each in world.standing("adjustment:1")}
    assert duties == {DECIDE}
    with pytest.raises(Refused, match="ADJUSTMENT_WITHOUT_REASON"):
        desk.decide_adjustment(
            world.desk, world.signer, 1, amount_mills=1, because=" ", now=world.now
        )
    with pytest.raises(Refused, match="ADJUSTMENT_UNKNOWN"):
        desk.decide_adjustment(
            world.desk, world.signer, 9, amount_mills=1, because="x", now=world.now
        )
    with pytest.raises(Refused, match="ADJUSTMENT_NOT_DECIDED"):
        settling.settle_adjustment(world.first.books, 1, now=world.now)
    with pytest.raises(Refused, match="NOTHING_TO_APPEAL"):
        desk.appeal_adjustment(world.desk, 1, letter="x", filed_by="Joe", now=world.now)


def test_a_malfunction_is_adjusted_once_and_the_next_one_again(
    database: str, tmp_path: Path
) -> None:
    world = in_service(database, tmp_path, METER)
    registered(world, ascending=100_000, mechanism=Mechanism.ELECTRONIC)
    report(world, readouts=memories(60_000, 60_000))
    with pytest.raises(Refused, match=r"MALFUNCTION_REPORTED_BEFORE.*M-000001"):
        report(world, readouts=memories(60_000, 60_000))
    report(world, adjust=False)
    world.later(days=1)
    assert report(world, readouts=memories(60_000, 60_000)).name == "M-000003"


def test_two_providers_reports_of_one_number_stand_side_by_side(tmp_path: Path) -> None:
    world = reported("sqlite", tmp_path, METER)
    with world.first.service.reading() as reading:
        sent = [
            unverified(each.text, MalfunctionReported)
            for each in DISPATCHES.undelivered(reading)
            if each.kind == "MalfunctionReported"
        ]
        first = rows.find(reading, 1)
    assert sent == []  # carried
    assert first is not None
    moved_to = world.second
    licence = world.licensed(SECOND, name="Beta Nuts")
    world.installed(world.leased(licence, SECOND), "FK2B0000000001", SECOND)
    moved(moved_to, "FK2B0000000001", DeviceState.CHECKED_OUT, world.now)
    moved(moved_to, "FK2B0000000001", DeviceState.EXAMINED, world.now)
    examining.report_malfunction(
        moved_to.books,
        moved_to.signer,
        malfunction(world, serial="FK2B0000000001", readouts=memories(0, 0)),
        now=world.now,
    )
    assert world.carry() == []
    with world.service.reading() as reading:
        found = desk_tables.every(reading)
    assert [(each.provider, each.report) for each in found] == [
        (FIRST, "M-000001"),
        (SECOND, "M-000001"),
    ]


def test_a_decision_killed_on_its_way_moves_the_money_once(database: str, tmp_path: Path) -> None:
    world = reported(database, tmp_path, METER)
    account = deposits(world)
    desk.decide_adjustment(
        world.desk,
        world.signer,
        1,
        amount_mills=20_000,
        because="as recommended",
        now=world.now,
    )

    def let_go() -> None:
        """No connection is shared with a child that is killed."""
        for books in (world.service, world.first.service, world.second.service):
            books.engine.dispose()

    let_go()
    for _ in every_kill(lambda: world.carry(), every=5):
        let_go()
    let_go()
    assert standing(world).status is ReportStatus.SETTLED
    assert (balance(world, account), balance(world, "used")) == (20_000, -20_000)
    assert not world.first.service.check_journal().faults
