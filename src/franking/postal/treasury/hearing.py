"""What the treasury hears from providers: reports of days and periods, and what they ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import msgspec

from franking.errors import Refusal
from franking.ledger.records import Posting, Transfer
from franking.messages.funds import (
    AccountRefundPaid,
    AccountRefundRequested,
    AcknowledgmentOfDeposit,
    ConversionStepDone,
    CostsDisclosed,
    DailyActivity,
    DeficiencyCorrected,
    DifferencesAnswered,
    FinancialTransactions,
    FundsAdvanced,
    LockboxOffered,
    Movement,
    PostageRefunds,
    RecordsProduced,
    RevenueAllocation,
    SuppliesWanted,
    SuspensionDefended,
)
from franking.messages.receiving import Dispatched, Hearer
from franking.messages.signing import Signer
from franking.postal.schema import LEDGER
from franking.postal.treasury import (
    assessing,
    bank_side,
    chart,
    comparing,
    costs,
    deposits,
    inspecting,
    lockboxes,
    noting,
    rows,
    supplying,
    suspending,
)
from franking.postal.treasury.records import treasury_record
from franking.storage import Act, Work

REPORT_DAY_CLOSED = Refusal(
    "REPORT_DAY_CLOSED",
    clause="39 CFR 501.28(g) (1995)",
    remedy="A reported day stays as it was reported: put it right by counter-entries of today.",
)
REPORT_UNFIT = Refusal(
    "REPORT_UNFIT",
    clause="39 CFR 501.28(g) (1995)",
    remedy="Correct the report, and send it again; nothing of it was taken.",
    http_status=422,
)
_ACTIVITY = "39 CFR 501.28(g) (1995)"
_DOWNLOADS = "39 CFR 502.21(m) (1997)"


def take_activity(work: Work, report: DailyActivity, signer: Signer, now: datetime) -> None:
    """Post a day of a provider, and list everything in which it disagrees with anybody.

    Raises:
        Refused: ``REPORT_UNFIT``, ``REPORT_DAY_CLOSED``.
    """
    _require_fit(report, now)
    before = _before(work, report)
    moved = comparing.transferred(report)
    _keep(work, report, report.day, part=1, parts=1, total_mills=moved, now=now)
    LEDGER.post_many(work, list(_postings(report)), now)
    today = now.date()
    found = [
        *comparing.differences_of_report(work, report, before, today),
        *comparing.differences_of_totals(work, report.sender, report.day, today),
        *bank_side.differences_of_lockbox(work, report, today),
    ]
    noting.note_differences(work, signer, found, now)
    _note(work, report, "take_daily_activity", _ACTIVITY, day=report.day)


def take_downloads(
    work: Work, report: FinancialTransactions, signer: Signer, now: datetime
) -> None:
    """Keep each download of a day, and compare them with the day's grants (502.21(m), 1997)."""
    _keep_part(work, report, report.day, now)
    _compare_totals(work, report, report.day, signer, now)
    _note(work, report, "take_downloads", _DOWNLOADS, day=report.day, part=report.part)


def take_advanced(work: Work, report: FundsAdvanced, signer: Signer, now: datetime) -> None:
    """Keep what was advanced to whom, and compare it with the day's advances."""
    _keep_part(work, report, report.day, now)
    _compare_totals(work, report, report.day, signer, now)
    _note(work, report, "take_funds_advanced", _ACTIVITY, day=report.day, part=report.part)


def take_refunds(work: Work, report: PostageRefunds, signer: Signer, now: datetime) -> None:
    """Keep what was refunded to whom."""
    _keep_part(work, report, report.day, now)
    _compare_totals(work, report, report.day, signer, now)
    _note(work, report, "take_postage_refunds", _ACTIVITY, day=report.day, part=report.part)


def take_revenue(work: Work, report: RevenueAllocation, signer: Signer, now: datetime) -> None:
    """Keep the revenue of an accounting period by ZIP Code, and compare it with its days."""
    _keep_part(work, report, report.since, now)
    found = comparing.differences_of_revenue(
        work,
        report.sender,
        since=date.fromisoformat(report.since),
        until=date.fromisoformat(report.until),
        today=now.date(),
    )
    noting.note_differences(work, signer, list(found), now)
    _note(work, report, "take_revenue", _ACTIVITY, period=report.period, part=report.part)


Parted = FinancialTransactions | FundsAdvanced | PostageRefunds | RevenueAllocation


def _before(work: Work, report: DailyActivity) -> DailyActivity | None:
    """The report before; a day that was reported, or lies before one, is not reported any more."""
    provider, kind = report.sender, comparing.ACTIVITY
    last = rows.last_report(work, provider=provider, kind=kind, before="9999")
    if last is None:
        return None
    if last.day >= report.day:
        raise REPORT_DAY_CLOSED.because(f"{provider} reported {last.day} before")
    return msgspec.json.decode(last.content, type=DailyActivity)


def _require_fit(report: DailyActivity, now: datetime) -> None:
    wrong = [
        f"{each.amount_mills} mills of {each.kind}, {each.count} times"
        for each in report.movements
        if each.amount_mills <= 0 or each.count <= 0
    ]
    seen = [(each.kind, each.debit, each.credit) for each in report.movements]
    wrong += [f"{kind} stands twice" for kind, *_ in {one for one in seen if seen.count(one) > 1}]
    if date.fromisoformat(report.day) > now.date():
        wrong.append(f"{report.day} is still to come")
    if wrong:
        raise REPORT_UNFIT.because("; ".join(sorted(wrong)))


def _postings(report: DailyActivity) -> Iterator[Posting]:
    """One posting for each movement that is not the provider's own affair."""
    for each in report.movements:
        transfer = _transfer(each, report.sender)
        if transfer is not None:
            code = chart.code_of(report.sender)
            yield Posting(
                key=f"activity:{code}:{report.day}:{each.kind}:{each.debit}:{each.credit}",
                kind=each.kind,
                transfers=(transfer,),
                clause=_ACTIVITY,
                because=f"{each.count} on {report.day}",
                reference=treasury_record(code),
            )


def _transfer(movement: Movement, provider: str) -> Transfer | None:
    """A movement in our accounts; what stays within one clearing account moves nothing here."""
    debit = chart.mirror(movement.debit, provider)
    credit = chart.mirror(movement.credit, provider)
    if debit is None and credit is None:
        return None
    unexplained = chart.account("unexplained", provider)
    debit, credit = debit or unexplained, credit or unexplained
    if debit == credit or {movement.debit, movement.credit} == set(chart.CLEARED):
        return None
    return Transfer(debit=debit, credit=credit, amount_mills=movement.amount_mills)


def _compare_totals(work: Work, report: Parted, day: str, signer: Signer, now: datetime) -> None:
    found = comparing.differences_of_totals(work, report.sender, day, now.date())
    noting.note_differences(work, signer, list(found), now)


def _keep_part(work: Work, report: Parted, day: str, now: datetime) -> None:
    """Keep one part of a report; a part that was heard stays as it was heard.

    Raises:
        Refused: ``REPORT_DAY_CLOSED``, ``REPORT_UNFIT``.
    """
    if not 1 <= report.part <= report.parts:
        raise REPORT_UNFIT.because(f"part {report.part} of {report.parts}")
    kind = type(report).__name__
    known = rows.reports_of(work, provider=report.sender, kind=kind, day=day)
    if report.part in {each.part for each in known}:
        raise REPORT_DAY_CLOSED.because(f"part {report.part} of {kind} of {day} is here")
    given = {"part": report.part, "parts": report.parts, "total_mills": report.total_mills}
    _keep(work, report, day, now=now, **given)


def _keep(
    work: Work,
    report: Dispatched,
    day: str,
    *,
    part: int,
    parts: int,
    total_mills: int,
    now: datetime,
) -> None:
    rows.add_report(
        work,
        provider=report.sender,
        kind=type(report).__name__,
        day=day,
        part=part,
        parts=parts,
        total_mills=total_mills,
        content=msgspec.json.encode(report).decode(),
        now=now,
    )


def _note(work: Work, report: Dispatched, command: str, clause: str, **inputs: object) -> None:
    record = treasury_record(report.sender)
    work.record(Act(command=command, record=record, clauses=(clause,), inputs=inputs))


def _about(message: Dispatched) -> str:
    return treasury_record(message.sender)


HEARERS = (
    Hearer(DailyActivity, _about, take_activity),
    Hearer(FinancialTransactions, _about, take_downloads),
    Hearer(FundsAdvanced, _about, take_advanced),
    Hearer(PostageRefunds, _about, take_refunds),
    Hearer(RevenueAllocation, _about, take_revenue),
    Hearer(AcknowledgmentOfDeposit, _about, deposits.take_acknowledgment),
    Hearer(AccountRefundRequested, _about, deposits.take_refund_asked),
    Hearer(AccountRefundPaid, _about, deposits.take_refund_paid),
    Hearer(LockboxOffered, _about, lockboxes.take_offer),
    Hearer(DifferencesAnswered, _about, noting.take_answer),
    Hearer(DeficiencyCorrected, _about, assessing.take_correction),
    Hearer(SuspensionDefended, _about, suspending.take_defense),
    Hearer(CostsDisclosed, _about, costs.take_costs),
    Hearer(ConversionStepDone, _about, costs.take_step),
    Hearer(RecordsProduced, _about, inspecting.take_records),
    Hearer(SuppliesWanted, _about, supplying.take_wanted, alone=True),
)
