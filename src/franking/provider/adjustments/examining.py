"""The report of a malfunction: what was found, with what papers, and what is recommended.

Every device withdrawn for wrong registration is reported on (501.22(o)); where postage is to be
adjusted, the redundant memories say how much, or the mailing history does (P030.3.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import msgspec

from franking import rules
from franking.clock import instant_text, parse_instant
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.adjusting import Estimate, MalfunctionReported, MemoryReadout
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.signing import Signer
from franking.money import format_dollars
from franking.provider.adjustments import decisions, rows
from franking.provider.adjustments.estimating import estimate
from franking.provider.adjustments.records import (
    ADDRESSEES,
    REPORT,
    DayReading,
    DocumentKind,
    Holder,
    Malfunction,
    MalfunctionReport,
    ReportStatus,
    UsageEstimate,
)
from franking.provider.devices import notes, service_rows
from franking.provider.devices import rows as device_rows
from franking.provider.devices.records import DeviceRecord, Mechanism
from franking.provider.identity import require_identity
from franking.provider.schema import DISPATCHES, DOCKET
from franking.rules import RuleSet
from franking.storage import Act, Books, Reading, Work

REPORT_UNKNOWN = Refusal(
    "MALFUNCTION_REPORT_UNKNOWN",
    clause="policy",
    remedy="List the reports: franking adjustment list.",
    http_status=404,
)
MALFUNCTION_OF_NOBODY = Refusal(
    "MALFUNCTION_OF_NOBODY",
    clause="39 CFR 501.22(h) (1995)",
    remedy="Report what a licensee had in use; a device from stock is repaired or scrapped.",
)
MALFUNCTION_REPORTED_BEFORE = Refusal(
    "MALFUNCTION_REPORTED_BEFORE",
    clause="39 CFR 501.22(h) (1995)",
    remedy="See what became of the earlier report; its decision is appealed, not asked for again.",
)
_CLAUSES = {
    "meter-1995": ("39 CFR 501.22(h), (o) (1995)", "DMM P030.3.8 (1995)"),
    "ibip-1997": ("39 CFR 502.21(f), (j) (1997)",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """How much is to be adjusted, and what that rests on."""

    amount_mills: int
    basis: str
    conclusive: bool
    estimate: UsageEstimate | None = None


def keep_history(books: Books, serial: str, readings: Sequence[DayReading], now: datetime) -> int:
    """Keep what a licensee's log or report of the system says, day by day; how many are new.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``MALFUNCTION_UNCLEAR``.
    """
    record = record_id("device", serial)
    with books.work(now, "keep_mailing_history", on=(record,)) as work:
        notes.require(work, serial)
        if any(each.ascending_mills < 0 or each.day > now.date() for each in readings):
            raise decisions.MALFUNCTION_UNCLEAR.because("a reading is below nothing, or to come")
        kept = rows.add_history(work, serial, readings)
        inputs: dict[str, object] = {"readings": kept}
        work.record(Act(record=record, clauses=("DMM P030.3.8 (1995)",), inputs=inputs))
    return kept


def report_malfunction(
    books: Books,
    signer: Signer,
    malfunction: Malfunction,
    *,
    adjust: bool = True,
    now: datetime,
) -> MalfunctionReport:
    """Report a malfunction to whom the rulebook names, with papers and recommendation.

    Without ``adjust`` nothing is recommended: the fault alone is reported (501.22(o)).

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``, ``NOT_EXAMINED_YET``, ``MALFUNCTION_UNCLEAR``,
            ``MALFUNCTION_REPORT_INCOMPLETE``, ``HISTORY_TOO_SHORT``, ``HISTORY_FALLS``,
            ``MALFUNCTION_OF_NOBODY``, ``MALFUNCTION_REPORTED_BEFORE``.
    """
    record = record_id("device", malfunction.serial)
    with books.work(now, "report_malfunction") as work:
        device = notes.require(work, malfunction.serial)
        decisions.require_reportable(device, malfunction)
        _require_first(work, malfunction, adjust=adjust)
        found = _recommended(work, device, malfunction, now) if adjust else None
        report = _report(work, device, malfunction, found, now)
        rows.add(work, report)
        DOCKET.satisfy(work, REPORT, record=record, now=now, because=report.name)
        _send(work, signer, report, now)
        clauses = _CLAUSES[device.rulebook]
        inputs: dict[str, object] = {
            "report": report.name,
            "recommended_mills": report.recommended_mills,
        }
        work.record(Act(record=record, clauses=clauses, inputs=inputs))
    return report


def recommend(books: Books, malfunction: Malfunction, now: datetime) -> Recommendation:
    """What would be recommended, with nothing written: to look at before it is sent.

    Raises:
        Refused: as ``report_malfunction``.
    """
    with books.reading() as reading:
        device = notes.require(reading, malfunction.serial)
        return _recommended(reading, device, malfunction, now)


def papers_needed(
    books: Books, malfunction: Malfunction
) -> tuple[tuple[decisions.Needed, ...], tuple[decisions.Needed, ...]]:
    """Which papers a recommendation needs, and which of them are missing.

    Raises:
        Refused: ``DEVICE_NOT_IN_INVENTORY``.
    """
    with books.reading() as reading:
        device = notes.require(reading, malfunction.serial)
    conclusive = _is_conclusive(device, malfunction)
    needed = _needed(device, malfunction, conclusive=conclusive)
    there = _papers(malfunction, estimated=not conclusive)
    return needed, decisions.missing_papers(needed, there)


def require_report(books: Reading, number: int) -> MalfunctionReport:
    """A report.

    Raises:
        Refused: ``MALFUNCTION_REPORT_UNKNOWN``.
    """
    found = rows.find(books, number)
    if found is None:
        raise REPORT_UNKNOWN.because(f"there is no report {number}")
    return found


def report_json(report: MalfunctionReport) -> dict[str, object]:
    """A report as JSON values."""
    given: dict[str, object] = msgspec.to_builtins(report)
    return {**given, "name": report.name}


def _require_first(books: Reading, malfunction: Malfunction, *, adjust: bool) -> None:
    """What a device registered wrongly is adjusted once: the last examination found all of it."""
    for each in rows.of_device(books, malfunction.serial):
        is_adjusted = adjust and each.status is not ReportStatus.CLOSED
        if is_adjusted and malfunction.began_on <= each.examined_on:
            raise MALFUNCTION_REPORTED_BEFORE.because(
                f"{each.name} is on what {each.serial} registered until {each.examined_on}"
            )


def _recommended(
    books: Reading, device: DeviceRecord, malfunction: Malfunction, now: datetime
) -> Recommendation:
    conclusive = _is_conclusive(device, malfunction)
    estimated = None if conclusive else _estimated(books, malfunction, _rules(device, now))
    needed = _needed(device, malfunction, conclusive=conclusive)
    decisions.require_papers(needed, _papers(malfunction, estimated=estimated is not None))
    if estimated is None:
        amount = decisions.by_memory(device, malfunction.readouts)
        basis = f"{len(malfunction.readouts)} redundant memories say the same"
        return Recommendation(amount_mills=amount, basis=basis, conclusive=True)
    return Recommendation(
        amount_mills=decisions.by_history(malfunction, estimated),
        basis=_in_words(malfunction, estimated),
        conclusive=False,
        estimate=estimated,
    )


def _is_conclusive(device: DeviceRecord, malfunction: Malfunction) -> bool:
    is_electronic = device.mechanism is Mechanism.ELECTRONIC
    return is_electronic and decisions.memories_agree(malfunction.readouts)


def _estimated(books: Reading, malfunction: Malfunction, said: RuleSet) -> UsageEstimate:
    return estimate(
        _history(books, malfunction.serial),
        began_on=malfunction.began_on,
        ended_on=malfunction.ended_on,
        rules=said,
    )


def _history(books: Reading, serial: str) -> list[DayReading]:
    """The licensee's log, and between its days the provider's own readings."""
    logged = {each.day: each for each in rows.history(books, serial)}
    for each in device_rows.readings(books, serial):
        day = parse_instant(each.at).date()
        own = DayReading(day=day, ascending_mills=each.ascending_mills)
        logged.setdefault(day, own)
    return [logged[day] for day in sorted(logged)]


def _rules(device: DeviceRecord, now: datetime) -> RuleSet:
    return rules.at("refunds", device.rulebook, now.date())


def _needed(
    device: DeviceRecord, malfunction: Malfunction, *, conclusive: bool
) -> tuple[decisions.Needed, ...]:
    return decisions.needed_papers(
        device.rulebook,
        device.mechanism,
        readable=bool(malfunction.readouts),
        conclusive=conclusive,
        determined=bool(malfunction.fault.strip()),
    )


def _papers(malfunction: Malfunction, *, estimated: bool) -> dict[DocumentKind, str]:
    """The papers given, with those that the report itself is."""
    own: dict[DocumentKind, str] = {}
    if malfunction.readouts:
        own[DocumentKind.MEMORY_SUMMARY] = "in this report"
    if malfunction.fault.strip():
        own[DocumentKind.EXPLANATION] = "in this report"
    if estimated:
        own[DocumentKind.MAILING_HISTORY] = "in this report"
    return {**own, **malfunction.documents}


def _in_words(malfunction: Malfunction, estimated: UsageEstimate) -> str:
    low = malfunction.registered_mills - estimated.high_mills
    high = malfunction.registered_mills - estimated.low_mills
    return (
        f"{format_dollars(malfunction.registered_mills)} were registered,"
        f" {format_dollars(estimated.used_mills)} probably used ({estimated.method},"
        f" {estimated.spans} spans of {estimated.span_days} days): the adjustment lies between"
        f" {format_dollars(low)} and {format_dollars(high)}"
    )


def _report(
    work: Work,
    device: DeviceRecord,
    malfunction: Malfunction,
    found: Recommendation | None,
    now: datetime,
) -> MalfunctionReport:
    of = _holder(work, device)
    estimated = found.estimate if found else None
    return MalfunctionReport(
        number=rows.next_number(work),
        serial=device.serial,
        licence=of.licence,
        licensee=of.licensee,
        office=of.office,
        rulebook=device.rulebook,
        mechanism=device.mechanism,
        addressee=ADDRESSEES[device.rulebook],
        examiner=malfunction.examiner,
        examined_on=malfunction.examined_on,
        fault=malfunction.fault,
        readouts=malfunction.readouts,
        conclusive=found.conclusive if found else False,
        documents=_papers(malfunction, estimated=estimated is not None),
        registered_mills=malfunction.registered_mills,
        estimate=estimated,
        recommended_mills=found.amount_mills if found else 0,
        basis=found.basis if found else "nothing is to be adjusted",
        submitted_on=now.date(),
        status=ReportStatus.REPORTED if found else ReportStatus.CLOSED,
    )


def _holder(books: Reading, device: DeviceRecord) -> Holder:
    """Whose device it is, or was when it was reported, or by its last PS Form 3601-C.

    Raises:
        Refused: ``MALFUNCTION_OF_NOBODY``.
    """
    if device.licence:
        return Holder(licence=device.licence, licensee=device.licensee, office=device.office)
    reported = rows.last_holder(books, device.serial)
    if reported is not None:
        return reported
    forms = service_rows.forms_of(books, device.serial)
    if not forms:
        raise MALFUNCTION_OF_NOBODY.because(f"{device.serial} was with no licensee")
    last = forms[-1]
    return Holder(licence=last.licence, licensee=last.licensee, office=last.office)


def _send(work: Work, signer: Signer, report: MalfunctionReport, now: datetime) -> None:
    record = record_id("device", report.serial)
    message = MalfunctionReported(
        device=report.serial,
        issued_at=instant_text(now),
        sender=require_identity(work).name,
        report=report.name,
        licence=report.licence,
        licensee=report.licensee,
        zip_code=report.office,
        rulebook=report.rulebook,
        mechanism=report.mechanism.value,
        addressee=report.addressee,
        examiner=report.examiner,
        examined_on=report.examined_on.isoformat(),
        fault=report.fault,
        readouts=[MemoryReadout(**asdict(each)) for each in report.readouts],
        conclusive=report.conclusive,
        documents={kind.value: which for kind, which in sorted(report.documents.items())},
        registered_mills=report.registered_mills,
        estimate=_told(report.estimate),
        recommended_mills=report.recommended_mills,
        basis=report.basis,
        submitted_on=report.submitted_on.isoformat(),
    )
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)


def _told(estimated: UsageEstimate | None) -> Estimate | None:
    if estimated is None:
        return None
    days = {
        "history_from": estimated.history_from.isoformat(),
        "history_to": estimated.history_to.isoformat(),
    }
    return Estimate(**{**asdict(estimated), **days})
