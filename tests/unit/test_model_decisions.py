"""What an item about a model must hold, and which step a version may take."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from franking import rules
from franking.errors import Refused
from franking.messages.approving import Fault, ModelDescription, traits_of
from franking.postal.models.decisions import (
    classify,
    counts_as_failure,
    faults_of,
    first_test_day,
    missing_for,
    moved,
    require_leave_sought,
    required_cycles,
)
from franking.postal.models.records import (
    TRANSITIONS,
    Filing,
    ItemStatus,
    ModelKey,
    ModelStatus,
    ModelVersion,
    Occasion,
)
from franking.rules.approval import Stage, items, require_as_defined, requirements
from tests.fixtures_models import (
    DESIGN,
    METER,
    PSD,
    START,
    content_of,
    described,
    good_endurance,
    good_plan,
)

FILED = date(1995, 7, 3)
OF_1995 = rules.at("provider", "meter-1995", FILED)
OF_1997 = rules.at("provider", "ibip-1997", date(1997, 6, 2))


def version(description: ModelDescription = METER, **changed: Any) -> ModelVersion:
    """A version as it was submitted."""
    meter = not description.has_psd
    facts: dict[str, Any] = {
        "key": ModelKey("First Provider", "6500", "1.0"),
        "rulebook": "meter-1995" if meter else "ibip-1997",
        "status": ModelStatus.SUBMITTED,
        "design": DESIGN,
        "system": classify(description).system,
        "description": description,
        "submitted_on": FILED if meter else START.date(),
    }
    return ModelVersion(**{**facts, **changed})


def filing(item: str, content: dict[str, Any], **changed: Any) -> Filing:
    """An item as it was filed."""
    facts: dict[str, Any] = {
        "number": 1,
        "item": item,
        "title": "",
        "digest": DESIGN,
        "content": content,
        "filed_on": FILED,
        "status": ItemStatus.FILED,
    }
    return Filing(**{**facts, **changed})


def accepted(item: str, content: dict[str, Any], *, on: date = FILED) -> Filing:
    """An item that the desk accepted."""
    return filing(item, content, status=ItemStatus.ACCEPTED, judged_on=on)


def plan_faults(content: dict[str, Any], of: ModelVersion | None = None) -> tuple[str, ...]:
    return faults_of(filing("test plan", content), of or version(), OF_1995)


# Test plans --------------------------------------------------------------------------------


@pytest.mark.duty("R95-501.7-2", "R95-501.7-3")
def test_a_plan_that_proves_every_requirement_has_no_fault() -> None:
    assert plan_faults(good_plan()) == ()


@pytest.mark.duty("R95-501.7-3")
def test_a_requirement_that_no_test_proves_is_a_gap_of_the_plan() -> None:
    plan = good_plan()
    plan["tests"][0]["proves"].remove("501.6(i)(5)")
    assert plan_faults(plan) == (
        "no test proves 501.6(i)(5): Faults are detected and lock the meter",
    )


@pytest.mark.duty("R95-501.7-2")
@pytest.mark.parametrize(
    ("part", "empty", "said"),
    [
        ("parameters", [], "parameters"),
        ("equipment", [], "equipment"),
        ("procedure", "", "procedure"),
        ("sample_size", 0, "sample size"),
        ("data_format", "", "data format"),
    ],
)
def test_each_part_of_a_plan_must_be_there(part: str, empty: object, said: str) -> None:
    plan = good_plan()
    plan["tests"][0][part] = empty
    assert plan_faults(plan) == (f"the test all of it lacks its {said}",)


@pytest.mark.duty("R95-501.7-2")
def test_a_special_instrument_is_described_drawn_and_explained() -> None:
    plan = good_plan()
    plan["instruments"] = [
        {
            "name": "cycle counter",
            "description": "counts",
            "specifications": "",
            "drawings": "",
            "schematics": "sheet 2",
            "purpose": "",
        }
    ]
    assert plan_faults(plan) == (
        "the instrument cycle counter lacks its specifications",
        "the instrument cycle counter lacks its drawings",
        "the instrument cycle counter lacks its purpose",
    )


def test_a_plan_that_can_not_be_read_says_which_field_is_wrong() -> None:
    (said,) = plan_faults({"tests": "many"})
    assert "$.tests" in said


@pytest.mark.duty("R95-501.7-1")
def test_tests_begin_sixty_days_after_the_plan_was_filed_and_not_before_its_approval() -> None:
    soon = version(filings=(accepted("test plan", good_plan(), on=date(1995, 7, 10)),))
    assert first_test_day(soon, OF_1995) == date(1995, 9, 1)
    late = version(filings=(accepted("test plan", good_plan(), on=date(1995, 10, 2)),))
    assert first_test_day(late, OF_1995) == date(1995, 10, 2)
    assert first_test_day(version(), OF_1995) is None


@pytest.mark.duty("R95-501.7-1")
@pytest.mark.parametrize(
    ("started", "faults"),
    [
        ("1995-08-31", ("the tests began on 1995-08-31, before 1995-09-01",)),
        ("1995-09-01", ()),
    ],
)
def test_a_report_of_tests_begun_too_early_is_not_accepted(
    started: str, faults: tuple[str, ...]
) -> None:
    of = version(filings=(accepted("test plan", good_plan()),))
    report = {"started_on": started, "ended_on": "1995-09-30", "passed": ["all of it"]}
    assert faults_of(filing("test report", report), of, OF_1995) == faults


@pytest.mark.duty("R95-501.7-1", "R95-501.8-1")
def test_a_report_without_an_approved_plan_or_with_a_test_not_passed_is_not_accepted() -> None:
    report = {"started_on": "1995-09-01", "ended_on": "1995-09-30", "passed": []}
    assert faults_of(filing("test report", report), version(), OF_1995) == (
        "the test plan is not approved",
    )
    of = version(filings=(accepted("test plan", good_plan()),))
    assert faults_of(filing("test report", report), of, OF_1995) == (
        "the test all of it was not passed",
    )


@pytest.mark.duty("R95-501.7-1")
def test_a_mechanical_meter_needs_no_test_plan() -> None:
    mechanical = described(METER, electronic=False)
    assert "test plan" not in {each.name for each in items("meter-1995", traits_of(mechanical))}
    assert "test plan" in {each.name for each in items("meter-1995", traits_of(METER))}


# Endurance ---------------------------------------------------------------------------------


@pytest.mark.duty("R95-501.16(a)")
@pytest.mark.parametrize(
    ("speed", "faster_base", "cycles"),
    [
        (100, False, 4_000_000),
        (99, False, 2_000_000),
        (99, True, 4_000_000),
        (240, True, 4_000_000),
    ],
)
def test_fast_models_and_those_that_fit_fast_bases_run_four_million_cycles(
    speed: int, faster_base: bool, cycles: int
) -> None:
    model = described(METER, cycles_per_minute=speed, faster_base=faster_base)
    assert required_cycles(model, OF_1995) == cycles


@pytest.mark.duty("R95-501.16-1", "R95-501.16(a)", "R95-501.16(b)", "R95-501.16(c)")
@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, None),
        ({"cycles": 3_999_999, "lockouts_at": [0, 9, 3_999_999]}, "3999999 of 4000000 printing"),
        ({"selections": 499_999}, "499999 of 500000 selections"),
        ({"lockouts_at": [5, 4_000_000]}, "no lock-out of the balance at the start"),
        ({"lockouts_at": [0, 4_000_000]}, "no lock-out of the balance at intervals"),
        ({"lockouts_at": [0, 5]}, "no lock-out of the balance after the last cycle"),
        ({"ascending_after_mills": 1}, "the ascending register did not register"),
        ({"descending_after_mills": 320}, "the descending register did not register"),
        ({"faults": [{"part": "meter", "what": "jammed"}]}, "failure of the meter: jammed"),
    ],
)
def test_an_endurance_record_is_judged_by_cycles_selections_lockouts_and_registers(
    changed: dict[str, Any], fault: str | None
) -> None:
    record = {**good_endurance(), **changed}
    found = faults_of(filing("endurance record", record), version(), OF_1995)
    assert len(found) == (fault is not None)
    assert fault is None or found[0].startswith(fault)


@pytest.mark.duty("R95-501.16(b)", "R95-501.6(b)-1")
def test_a_single_denomination_meter_has_nothing_to_select() -> None:
    record = {**good_endurance(), "selections": 0}
    single = version(described(METER, denominations="single"))
    assert faults_of(filing("endurance record", record), single, OF_1995) == ()


@pytest.mark.duty("R95-501.6(j)-2")
@pytest.mark.parametrize(
    ("fault", "counts"),
    [
        (Fault(part="meter", what="jammed"), True),
        (Fault(part="auxiliary", what="the scale sent nonsense"), True),
        (Fault(part="auxiliary", what="the lamp failed", could_upset_meter=False), False),
    ],
)
def test_an_auxiliary_fault_that_could_upset_the_meter_is_a_failure_of_the_meter(
    fault: Fault, counts: bool
) -> None:
    assert counts_as_failure(fault) is counts
    record = {**good_endurance(), "faults": [{"part": fault.part, "what": fault.what}]}
    record["faults"][0]["could_upset_meter"] = fault.could_upset_meter
    assert bool(faults_of(filing("endurance record", record), version(), OF_1995)) is counts


# Open and closed ---------------------------------------------------------------------------


@pytest.mark.duty("R97-502.7(a)-1", "R97-502.7(b)-1", "R97-502.7(b)-2")
@pytest.mark.parametrize(
    ("dedicated", "computer", "fronts", "system", "peripheral"),
    [
        (False, False, False, "open", False),
        (False, True, True, "open", False),
        (True, False, False, "closed", False),
        (True, True, False, "closed", False),
        (True, False, True, "closed", False),
        (True, True, True, "open", True),
    ],
)
def test_a_system_is_open_or_closed_by_the_words_of_the_rule(
    dedicated: bool, computer: bool, fronts: bool, system: str, peripheral: bool
) -> None:
    model = described(
        PSD, dedicated=dedicated, computer_drives=computer, fronts_with_address=fronts
    )
    found = classify(model)
    assert (found.system, found.peripheral) == (system, peripheral)
    assert "502.7" in found.because


@pytest.mark.duty("R97-502.7(b)-3")
def test_a_peripheral_of_an_open_system_is_approved_by_the_open_criteria() -> None:
    peripheral = described(PSD, dedicated=True, computer_drives=True, fronts_with_address=True)
    closed = described(PSD, dedicated=True)
    asked = {
        name: {
            each.id
            for each in requirements("ibip-1997", traits_of(model) | {classify(model).system})
        }
        for name, model in {"peripheral": peripheral, "closed": closed}.items()
    }
    assert asked["peripheral"] - asked["closed"] == {"open-front"}


@pytest.mark.duty("R97-502.6")
@pytest.mark.parametrize("lacking", ["has_psd", "has_host", "prints_symbol", "remote"])
def test_a_product_of_1997_has_psd_host_symbol_and_remote_setting(lacking: str) -> None:
    require_as_defined("ibip-1997", traits_of(PSD))
    with pytest.raises(Refused) as refused:
        require_as_defined("ibip-1997", traits_of(described(PSD, **{lacking: False})))
    assert refused.value.code == "MODEL_NOT_AS_DEFINED"


# What meters must fulfil -------------------------------------------------------------------


@pytest.mark.duty("R95-501.6(d)-2")
def test_a_remotely_reset_meter_is_exempt_from_the_door_and_resets_by_code_only() -> None:
    by_hand = {each.id for each in requirements("meter-1995", traits_of(METER))}
    remote = {
        each.id for each in requirements("meter-1995", traits_of(described(METER, remote=True)))
    }
    assert by_hand - remote == {"501.6(d)-door"}
    assert remote - by_hand == {"501.6(d)-coded"}


@pytest.mark.duty("R95-501.28(d)")
def test_a_remotely_reset_meter_files_what_every_meter_files() -> None:
    remote = traits_of(described(METER, remote=True))
    assert items("meter-1995", remote) == items("meter-1995", traits_of(METER))


@pytest.mark.duty(
    "R95-501.6(a)", "R95-501.6(b)-2", "R95-501.6(d)-1", "R95-501.6(h)", "R95-501.6(d)-2"
)
@pytest.mark.parametrize(
    "requirement", ["501.6(a)", "501.6(b)", "501.6(d)-housing", "501.6(d)-door", "501.6(h)"]
)
def test_what_hands_must_check_of_the_construction_is_attested_item_by_item(
    requirement: str,
) -> None:
    content = content_of("construction", START)
    assert faults_of(filing("construction", content), version(), OF_1995) == ()
    del content["statements"][requirement]
    (fault,) = faults_of(filing("construction", content), version(), OF_1995)
    assert fault.startswith(f"nothing is attested of {requirement}: ")


@pytest.mark.duty("R95-501.11(b)-1", "R95-Pre-III.E")
def test_the_media_cover_the_family_and_explain_resetting_and_special_features() -> None:
    master = {"families": ["6500", "6600"], "explains": ["resetting", "special features"]}
    assert faults_of(filing("training media", master), version(), OF_1995) == ()
    poor = {"families": ["6600"], "explains": ["resetting"]}
    assert faults_of(filing("training media", poor), version(), OF_1995) == (
        "the master does not cover 6500",
        "it does not explain special features",
    )


# The product of 1997 -----------------------------------------------------------------------


@pytest.mark.duty("R97-502.9-1")
def test_the_editions_of_all_five_specifications_are_named() -> None:
    content = content_of("specifications", START)
    assert faults_of(filing("specifications", content), version(PSD), OF_1997) == ()
    content["versions"].pop("key management")
    assert faults_of(filing("specifications", content), version(PSD), OF_1997) == (
        "the edition of the key management specification is not named",
    )


@pytest.mark.duty("R97-502.13(c)")
@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, None),
        ({"sent_on": "1997-06-03"}, "it was sent on 1997-06-03, the submission on 1997-06-02"),
        ({"accreditation": "ISO 9001"}, "the laboratory names no NVLAP accreditation"),
        ({"standard": "FIPS 46-2"}, "the standard is FIPS 46-2, not FIPS 140-1"),
        ({"design": "00" * 32}, "the unit is not identical with the one submitted"),
    ],
)
def test_an_identical_unit_goes_to_an_accredited_laboratory_on_the_same_day(
    changed: dict[str, Any], fault: str | None
) -> None:
    content = {**content_of("laboratory submission", START), **changed}
    found = faults_of(filing("laboratory submission", content), version(PSD), OF_1997)
    assert found == (() if fault is None else (fault,))


@pytest.mark.duty("R97-502.13(c)")
def test_a_certificate_is_of_the_laboratory_and_the_unit_that_were_named() -> None:
    sent = accepted("laboratory submission", content_of("laboratory submission", START))
    given = content_of("laboratory certificate", START)
    of = version(PSD, filings=(sent,))
    assert faults_of(filing("laboratory certificate", given), of, OF_1997) == ()
    assert faults_of(filing("laboratory certificate", given), version(PSD), OF_1997) == (
        "nothing was submitted to Example Laboratory",
    )


@pytest.mark.duty("R97-502.10", "R97-Pre-Submit")
def test_the_submission_procedures_ask_for_each_of_their_parts() -> None:
    assert missing_for(Stage.TESTS, version(PSD)) == (
        "letter of intent",
        "nondisclosure agreement",
        "concept of operations",
        "infrastructure",
        "design",
        "user manual",
        "specifications",
        "product",
        "laboratory submission",
    )


@pytest.mark.duty("R97-Pre-Phys")
def test_a_unit_is_inspected_in_the_hand_at_submission() -> None:
    assert missing_for(Stage.TESTED, version(PSD))[-1] == "an inspection of the unit submitted"
    inspected = version(PSD, inspected=(Occasion.SUBMISSION,))
    assert "an inspection of the unit submitted" not in missing_for(Stage.TESTED, inspected)
    assert {str(each) for each in Occasion} == {"submission", "suspected security trouble"}


# Steps -------------------------------------------------------------------------------------


@pytest.mark.duty("R95-501.8-1", "R95-501.10-1", "R97-502.12")
def test_no_version_is_approved_untested_and_every_approval_can_be_ended() -> None:
    approved = ModelStatus.APPROVED
    before = {status for status, after in TRANSITIONS.items() if approved in after}
    assert before == {
        ModelStatus.TESTED,
        ModelStatus.CHANGE_REQUESTED,
        ModelStatus.SUSPENDED,
    }
    assert TRANSITIONS[approved] == {ModelStatus.SUSPENDED, ModelStatus.REVOKED}


@pytest.mark.parametrize("status", list(ModelStatus))
@pytest.mark.parametrize("to", list(ModelStatus))
def test_a_step_out_of_the_table_is_refused(status: ModelStatus, to: ModelStatus) -> None:
    if to not in TRANSITIONS[status]:
        with pytest.raises(Refused) as refused:
            moved(version(status=status), to)
        assert refused.value.code == "MODEL_MAY_NOT_MOVE"


@pytest.mark.duty("R95-501.8-1", "R95-501.6(j)-1")
def test_a_step_whose_items_are_missing_is_refused_and_names_them() -> None:
    with pytest.raises(Refused) as refused:
        moved(version(), ModelStatus.TESTED)
    assert refused.value.code == "SUBMISSION_INCOMPLETE"
    for item in ("letter", "bill of materials", "construction", "test plan", "test report"):
        assert item in refused.value.detail


@pytest.mark.duty("R95-501.10-2", "R97-502.12")
def test_a_new_version_of_an_approved_model_must_seek_leave_to_change_it() -> None:
    approved = {"1.0": version(status=ModelStatus.APPROVED)}
    key = ModelKey("First Provider", "6500", "2.0")
    for changes in ("", "0.9"):
        with pytest.raises(Refused) as refused:
            require_leave_sought(version(key=key, changes=changes), approved)
        assert refused.value.code == "CHANGE_WITHOUT_LEAVE"
    require_leave_sought(version(key=key, changes="1.0"), approved)


@pytest.mark.duty("R95-501.15", "R97-502.17")
@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, None),
        ({"design": "00" * 32}, "it was built to another design than the approved one"),
        ({"materials": ""}, "nothing is said of its materials"),
        ({"tooling": ""}, "nothing is said of its tooling"),
        ({"attested_by": ""}, "nobody attests it"),
    ],
)
def test_a_lot_is_attested_against_the_approved_design(
    changed: dict[str, Any], fault: str | None
) -> None:
    lot = {
        "lot": "L1",
        "quantity": 500,
        "design": DESIGN,
        "materials": "as drawn",
        "tooling": "jigs 1 to 9",
        "attested_by": "Lee Maker",
        **changed,
    }
    found = faults_of(filing("lot attestation", lot), version(), OF_1995)
    assert found == (() if fault is None else (fault,))
