"""What an item must hold, and when a version may take its next step. Pure.

Every fault of an item is listed, not the first. Requirements, items and numbers come from the
rules room: ``rules.approval`` and the subject ``provider``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

import msgspec

from franking.clock import parse_date
from franking.errors import Refusal
from franking.messages.approving import (
    CONTENTS,
    Attestations,
    BreakdownSample,
    EnduranceRecord,
    Fault,
    LaboratoryCertificate,
    LaboratorySubmission,
    LotAttestation,
    MediaMaster,
    ModelDescription,
    SpecificationVersions,
    TestPlan,
    TestReport,
    traits_of,
)
from franking.postal.models.records import (
    TRANSITIONS,
    Classified,
    Filing,
    ModelStatus,
    ModelVersion,
    Occasion,
)
from franking.rules import RuleSet
from franking.rules.approval import Stage, clause_of, items, requirements, specifications
from franking.rules.calendars import due

ACCREDITED: Final = "NVLAP"
FIPS_140: Final = "FIPS 140-1"
_DESIGN_OF_CHANGE = {"meter-1995": "production drawings", "ibip-1997": "design"}
_MEDIA_EXPLAIN = ("resetting", "special features")

MODEL_MAY_NOT_MOVE = Refusal(
    "MODEL_MAY_NOT_MOVE",
    clause="39 CFR 501.8 (1995)",
    remedy="See where the version stands with `franking model show`.",
)
SUBMISSION_INCOMPLETE = Refusal(
    "SUBMISSION_INCOMPLETE",
    clause="39 CFR 501.8 (1995); 39 CFR 502.10 (1997)",
    remedy="Have the provider file what is missing, and judge it.",
)
ITEM_FAULTY = Refusal(
    "ITEM_FAULTY",
    clause="39 CFR 501.7 (1995); 39 CFR 502.13 (1997)",
    remedy="Return the item with these reasons, so that the provider files it again.",
)
CHANGE_WITHOUT_LEAVE = Refusal(
    "CHANGE_WITHOUT_LEAVE",
    clause="39 CFR 501.10 (1995); 39 CFR 502.12 (1997)",
    remedy="Submit the new version as a change of an approved one, and wait for leave in writing.",
)


def classify(described: ModelDescription) -> Classified:
    """Open or closed (39 CFR 502.7).

    A dedicated unit is closed. Within a system in which a computer drives it and that makes
    fronts or labels with both address and indicium it is a peripheral of an open system, also
    where different printers apply the two.
    """
    if not described.dedicated:
        return Classified(system="open", because="its parts may serve other purposes (502.7(a))")
    if described.computer_drives and described.fronts_with_address:
        because = "a computer drives it and its fronts bear address and indicium (502.7(b))"
        return Classified(system="open", because=because, peripheral=True)
    return Classified(system="closed", because="it is dedicated to evidencing (502.7(b))")


def counts_as_failure(fault: Fault) -> bool:
    """Whether a fault is a failure of the meter (39 CFR 501.6(j))."""
    return fault.part != "auxiliary" or fault.could_upset_meter


def required_cycles(described: ModelDescription, rules: RuleSet) -> int:
    """How many printing cycles the endurance test has (39 CFR 501.16(a))."""
    is_fast = described.cycles_per_minute >= rules.whole("endurance_fast_per_minute")
    fast = is_fast or described.faster_base
    return rules.whole("endurance_cycles_fast" if fast else "endurance_cycles_slow")


def faults_of(filing: Filing, version: ModelVersion, rules: RuleSet) -> tuple[str, ...]:
    """Everything that keeps an item from being accepted."""
    kind = CONTENTS.get(filing.item)
    if kind is None:
        return () if filing.digest else ("no document is named by its digest",)
    try:
        content = msgspec.convert(filing.content, kind)
    except msgspec.ValidationError as error:
        return (f"its content can not be read: {error}",)
    judge = _JUDGES.get(kind)
    return tuple(judge(content, version, filing, rules)) if judge else ()


def missing_for(stage: Stage, version: ModelVersion) -> tuple[str, ...]:
    """The items that were not accepted yet and that ``stage`` needs, stages before included."""
    if version.status is ModelStatus.CHANGE_REQUESTED:
        wanted = [_DESIGN_OF_CHANGE[version.rulebook]]
    else:
        stages = tuple(Stage)[: tuple(Stage).index(stage) + 1]
        needed = items(version.rulebook, traits(version))
        wanted = [each.name for each in needed if each.stage in stages]
    missing = [name for name in wanted if version.accepted(name) is None]
    if stage is not Stage.TESTS and _lacks_inspection(version):
        missing.append("an inspection of the unit submitted")
    return tuple(missing)


def moved(version: ModelVersion, to: ModelStatus) -> ModelVersion:
    """The version in its next status.

    Raises:
        Refused: ``MODEL_MAY_NOT_MOVE``, ``SUBMISSION_INCOMPLETE``.
    """
    if to not in TRANSITIONS[version.status]:
        raise MODEL_MAY_NOT_MOVE.because(f"{version.key} is {version.status}, not to be {to}")
    stage = _NEEDS.get(to)
    restored = version.status is ModelStatus.SUSPENDED
    if stage and not restored and (missing := missing_for(stage, version)):
        raise SUBMISSION_INCOMPLETE.because(f"{version.key} lacks {', '.join(missing)}")
    return replace(version, status=to)


def traits(version: ModelVersion) -> frozenset[str]:
    """What the rules tell models apart by, with the kind of system."""
    return traits_of(version.description) | {version.system}


def first_test_day(version: ModelVersion, rules: RuleSet) -> date | None:
    """The first day on which the planned tests may begin, or ``None`` before the plan is approved.

    The plan is filed so many days before the tests, and approved (39 CFR 501.7).
    """
    plan = version.accepted("test plan")
    if plan is None or plan.judged_on is None:
        return None
    return max(due(plan.filed_on, rules["test_plan_days_min"]), plan.judged_on)


def require_leave_sought(version: ModelVersion, others: Mapping[str, ModelVersion]) -> None:
    """Whether a new version says which approved version it changes (39 CFR 501.10, 502.12).

    Raises:
        Refused: ``CHANGE_WITHOUT_LEAVE``.
    """
    approved = sorted(v for v, each in others.items() if each.status is ModelStatus.APPROVED)
    if version.changes and version.changes not in approved:
        raise CHANGE_WITHOUT_LEAVE.because(f"version {version.changes} is not approved")
    if approved and not version.changes:
        raise CHANGE_WITHOUT_LEAVE.because(
            f"version {', '.join(approved)} of {version.key.model} is approved, and this one does "
            "not say that it changes it"
        )


def _lacks_inspection(version: ModelVersion) -> bool:
    inspected_in_hand = "psd" in traits(version) and not version.changes
    return inspected_in_hand and Occasion.SUBMISSION not in version.inspected


def _plan_faults(
    plan: TestPlan, version: ModelVersion, _: Filing, _rules: RuleSet
) -> Iterator[str]:
    proven = {requirement for test in plan.tests for requirement in test.proves}
    for requirement in requirements(version.rulebook, traits(version)):
        if requirement.id not in proven and not requirement.attested:
            yield f"no test proves {requirement.id}: {requirement.meaning}"
    for test in plan.tests:
        for name in ("proves", "parameters", "equipment", "procedure", "sample_size"):
            if not getattr(test, name):
                yield f"the test {test.name} lacks its {name.replace('_', ' ')}"
        if not test.data_format:
            yield f"the test {test.name} lacks its data format"
    for instrument in plan.instruments:
        for name in ("description", "specifications", "drawings", "schematics", "purpose"):
            if not getattr(instrument, name):
                yield f"the instrument {instrument.name} lacks its {name}"


def _report_faults(
    report: TestReport, version: ModelVersion, _: Filing, rules: RuleSet
) -> Iterator[str]:
    if version.accepted("test plan") or _needs(version, "test plan"):
        first = first_test_day(version, rules)
        if first is None:
            yield "the test plan is not approved"
        elif parse_date(report.started_on) < first:
            yield f"the tests began on {report.started_on}, before {first}"
        yield from _untested(report, version)
    yield from _failures(report.faults)


def _needs(version: ModelVersion, item: str) -> bool:
    return item in {each.name for each in items(version.rulebook, traits(version))}


def _untested(report: TestReport, version: ModelVersion) -> Iterator[str]:
    plan = version.accepted("test plan")
    planned = msgspec.convert(plan.content, TestPlan).tests if plan else ()
    for test in planned:
        if test.name not in report.passed:
            yield f"the test {test.name} was not passed"


def _endurance_faults(
    record: EnduranceRecord, version: ModelVersion, _: Filing, rules: RuleSet
) -> Iterator[str]:
    described = version.description
    if record.cycles < (wanted := required_cycles(described, rules)):
        yield f"{record.cycles} of {wanted} printing cycles"
    selections = rules.whole("endurance_selections")
    if "selects" in traits(version) and record.selections < selections:
        yield f"{record.selections} of {selections} selections"
    yield from _lockout_faults(record)
    if record.ascending_after_mills - record.ascending_before_mills != record.printed_mills:
        yield "the ascending register did not register what was printed"
    spent = record.descending_before_mills + record.credited_mills - record.printed_mills
    if record.descending_after_mills != spent:
        yield "the descending register did not register what was printed"
    yield from _failures(record.faults)


def _lockout_faults(record: EnduranceRecord) -> Iterator[str]:
    at = record.lockouts_at
    if 0 not in at:
        yield "no lock-out of the balance at the start"
    if record.cycles not in at:
        yield "no lock-out of the balance after the last cycle"
    if not any(0 < each < record.cycles for each in at):
        yield "no lock-out of the balance at intervals"


def _failures(faults: tuple[Fault, ...]) -> Iterator[str]:
    for fault in faults:
        if counts_as_failure(fault):
            yield f"failure of the {fault.part}: {fault.what}"


def _specification_faults(
    named: SpecificationVersions, version: ModelVersion, _: Filing, _rules: RuleSet
) -> Iterator[str]:
    for name in specifications(version.rulebook):
        if not named.versions.get(name):
            yield f"the edition of the {name} specification is not named"


def _construction_faults(
    attested: Attestations, version: ModelVersion, _: Filing, _rules: RuleSet
) -> Iterator[str]:
    if not attested.by:
        yield "nobody attests it"
    for requirement in requirements(version.rulebook, traits(version)):
        if requirement.attested and not attested.statements.get(requirement.id):
            yield f"nothing is attested of {requirement.id}: {requirement.meaning}"


def _laboratory_faults(
    sent: LaboratorySubmission, version: ModelVersion, _: Filing, _rules: RuleSet
) -> Iterator[str]:
    if not sent.accreditation.startswith(ACCREDITED):
        yield f"the laboratory names no {ACCREDITED} accreditation"
    if sent.standard != FIPS_140:
        yield f"the standard is {sent.standard}, not {FIPS_140}"
    if sent.design != version.design:
        yield "the unit is not identical with the one submitted"
    if parse_date(sent.sent_on) != version.submitted_on:
        yield f"it was sent on {sent.sent_on}, the submission on {version.submitted_on}"


def _certificate_faults(
    given: LaboratoryCertificate, version: ModelVersion, _: Filing, _rules: RuleSet
) -> Iterator[str]:
    sent = version.accepted("laboratory submission")
    if sent is None or sent.content.get("laboratory") != given.laboratory:
        yield f"nothing was submitted to {given.laboratory}"
    if given.standard != FIPS_140 or not given.number:
        yield f"it is no numbered {FIPS_140} certificate"
    if given.design != version.design:
        yield "the unit certified is not identical with the one submitted"


def _lot_faults(
    lot: LotAttestation, version: ModelVersion, _: Filing, _rules: RuleSet
) -> Iterator[str]:
    if lot.design != version.design:
        yield "it was built to another design than the approved one"
    for name in ("materials", "tooling"):
        if not getattr(lot, name):
            yield f"nothing is said of its {name}"
    if not lot.attested_by:
        yield "nobody attests it"


def _sample_faults(
    sample: BreakdownSample, _v: ModelVersion, _: Filing, _rules: RuleSet
) -> Iterator[str]:
    if not sample.serials:
        yield "no device was drawn"
    yield from _failures(sample.faults)


def _media_faults(
    media: MediaMaster, version: ModelVersion, filing: Filing, _rules: RuleSet
) -> Iterator[str]:
    if version.key.model not in media.families:
        yield f"the master does not cover {version.key.model}"
    if not filing.digest:
        yield "no document is named by its digest"
    for topic in _MEDIA_EXPLAIN:
        if topic not in media.explains:
            yield f"it does not explain {topic}"


_NEEDS: Final[Mapping[ModelStatus, Stage]] = {
    ModelStatus.TENTATIVE: Stage.TESTS,
    ModelStatus.TESTED: Stage.TESTED,
    ModelStatus.APPROVED: Stage.APPROVED,
}
_JUDGES: Final[Mapping[type, Callable[..., Iterator[str]]]] = {
    TestPlan: _plan_faults,
    TestReport: _report_faults,
    EnduranceRecord: _endurance_faults,
    SpecificationVersions: _specification_faults,
    Attestations: _construction_faults,
    LaboratorySubmission: _laboratory_faults,
    LaboratoryCertificate: _certificate_faults,
    LotAttestation: _lot_faults,
    BreakdownSample: _sample_faults,
    MediaMaster: _media_faults,
}


def approval_clause(version: ModelVersion) -> str:
    """The clause under which the version is approved."""
    return clause_of(version.rulebook)
