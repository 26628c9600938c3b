"""Provider, bank and treasury side by side: every difference, not the first.

Three parties keep the same money: the provider its ledger, the bank its statements, the treasury
its own books, which are posted from both. What one of them says is compared with what the others
say as soon as both have spoken of the same day. Refuses to know who is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import msgspec

from franking import rules
from franking.messages.funds import DailyActivity, Movement
from franking.money import format_dollars
from franking.postal.schema import LEDGER
from franking.postal.treasury import chart, rows
from franking.postal.treasury.records import Difference, Flow, Lockbox
from franking.rules.calendars import BANKING
from franking.storage import Reading

ACTIVITY: Final = "DailyActivity"
DOWNLOADS: Final = "FinancialTransactions"
ADVANCED: Final = "FundsAdvanced"
REVENUE: Final = "RevenueAllocation"
GRANT: Final = "grant"
ADVANCE: Final = "advance"
_DEPOSITS = "deposits received by the bank"
_METER = "meter-1995"
_ONE_DAY = timedelta(days=1)


def differ(
    provider: str, day: date, what: str, ours_mills: int, theirs_mills: int, today: date
) -> Difference:
    """A difference between two amounts, in words."""
    ours, theirs = format_dollars(ours_mills), format_dollars(theirs_mills)
    return Difference(
        provider=provider,
        day=day,
        what=what,
        ours_mills=ours_mills,
        theirs_mills=theirs_mills,
        words=f"{ours} by the bank and the treasury, {theirs} by the provider",
        found_on=today,
    )


def differences_of_report(
    reading: Reading, report: DailyActivity, before: DailyActivity | None, today: date
) -> Iterator[Difference]:
    """Everything in which a daily report disagrees with itself, the one before, or our books."""
    provider, day = report.sender, date.fromisoformat(report.day)
    total = sum(report.balances.values())
    if total:
        yield differ(provider, day, "sum of all balances", 0, total, today)
    yield from _unlike_before(report, before, today)
    yield from _unlike_our_books(reading, report, today)
    yield from _advanced_too_much(report, before, today)
    yield from _days_left_out(report, before, today)
    for number, words in enumerate(report.differences, start=1):
        told = differ(provider, day, f"told by the provider, {number}", 0, 0, today)
        yield replace(told, words=words)
    for bank_day in sorted({each.bank_day for each in report.deposits if each.bank_day}):
        yield from deposits_of_day(reading, provider, date.fromisoformat(bank_day), today)
    yield from _days_not_booked(reading, report, before, today)
    yield from _transfers_unlike(reading, report, today)


def transferred(report: DailyActivity) -> int:
    """What the provider heard that the bank moved from the lockbox to the fund, in mills."""
    ways = {("fund", "lockbox"): 1, ("lockbox", "fund"): -1}
    return sum(
        ways.get((each.debit, each.credit), 0) * each.amount_mills for each in report.movements
    )


def deposits_of_day(
    reading: Reading, provider: str, bank_day: date, today: date
) -> Iterator[Difference]:
    """What the bank received on a day beside what the provider booked of it.

    Silent until the bank has closed the day and the provider has reported a later banking day: a
    file of the evening is taken in the next morning. On other days the bank receives nothing.
    """
    ours = [each for each in rows.lockboxes(reading) if each.provider == provider]
    reports = activities(reading, provider, since=bank_day)
    last = max((date.fromisoformat(each.day) for each in reports), default=date.min)
    is_due = last >= BANKING.next_business_day(bank_day + _ONE_DAY)
    is_due = is_due and _is_told(reading, ours, bank_day)
    if BANKING.is_business_day(bank_day) and not is_due:
        return
    banks = sum(
        rows.flows(reading, each.name, since=bank_day, until=bank_day).get(Flow.DEPOSIT, 0)
        for each in ours
    )
    providers = sum(
        each.amount_mills
        for report in reports
        for each in report.deposits
        if each.bank_day == bank_day.isoformat()
    )
    if banks != providers:
        yield differ(provider, bank_day, _DEPOSITS, banks, providers, today)


def _is_told(reading: Reading, lockboxes: Iterable[Lockbox], bank_day: date) -> bool:
    """Whether the bank has closed a day, or left it out and closed a later one."""
    return any(
        closed >= bank_day for each in lockboxes for closed in rows.closed_days(reading, each.name)
    )


def differences_of_totals(
    reading: Reading, provider: str, day: str, today: date
) -> Iterator[Difference]:
    """What lists of downloads and advances add up to, beside the daily report of that day."""
    found = rows.reports_of(reading, provider=provider, kind=ACTIVITY, day=day)
    if not found:
        return
    report = msgspec.json.decode(found[0].content, type=DailyActivity)
    for kind, posting, debit in ((DOWNLOADS, GRANT, ""), (ADVANCED, ADVANCE, chart.ADVANCES_FROM)):
        parts = rows.reports_of(reading, provider=provider, kind=kind, day=day)
        if not parts or len(parts) != parts[0].parts:
            continue
        listed = sum(_listed(each.content) for each in parts)
        moved = _of_kind(report.movements, posting, debit)
        if listed != moved:
            what = f"{kind} beside DailyActivity"
            yield differ(provider, date.fromisoformat(day), what, moved, listed, today)
    yield from _totals_unlike_lines(reading, provider, day, today)


def differences_of_revenue(
    reading: Reading, provider: str, *, since: date, until: date, today: date
) -> Iterator[Difference]:
    """The revenue allocation of an accounting period beside the daily reports of its days."""
    parts = rows.reports_of(reading, provider=provider, kind=REVENUE, day=since.isoformat())
    if not parts or len(parts) != parts[0].parts:
        return
    allocated = sum(_listed(each.content) for each in parts)
    within = [
        each for each in activities(reading, provider, since=since) if each.day <= until.isoformat()
    ]
    granted = sum(_of_kind(each.movements, GRANT) for each in within)
    if granted != allocated:
        what = f"revenue of {since} to {until}"
        yield differ(provider, until, what, granted, allocated, today)


def average_advance(reading: Reading, provider: str, on: date) -> int:
    """A day's average advances, in mills, over the days that policy looks back."""
    days = rules.at("funds", _METER, on).whole("advance_average_days")
    reports = activities(reading, provider, since=on - timedelta(days=days))
    found = [each for each in reports if each.day < on.isoformat()]
    return -(-sum(_of_kind(each.movements, ADVANCE, chart.ADVANCES_FROM) for each in found) // days)


def _unlike_before(
    report: DailyActivity, before: DailyActivity | None, today: date
) -> Iterator[Difference]:
    """The balances before, and what moved, have to give the balances after, kind by kind."""
    moved: dict[str, int] = defaultdict(int, before.balances if before else {})
    for each in report.movements:
        moved[each.debit] -= each.amount_mills
        moved[each.credit] += each.amount_mills
    for kind in sorted({*moved, *report.balances}):
        expected, told = moved.get(kind, 0), report.balances.get(kind, 0)
        if expected != told:
            day, what = date.fromisoformat(report.day), f"balance of {kind} carried on"
            yield differ(report.sender, day, what, expected, told, today)


def _unlike_our_books(reading: Reading, report: DailyActivity, today: date) -> Iterator[Difference]:
    """What stands here as the provider reported it, beside what the provider says it holds."""
    day = date.fromisoformat(report.day)
    for kind in sorted(chart.MIRRORED):
        ours = LEDGER.balance(reading, chart.account(kind, report.sender)).balance_mills
        theirs = report.balances.get(kind, 0)
        if ours != theirs:
            yield differ(report.sender, day, f"balance of {kind}", ours, theirs, today)
    for kind in sorted(set(report.balances) - chart.KNOWN):
        what = f"accounts of the unknown kind {kind}"
        yield differ(report.sender, day, what, 0, report.balances[kind], today)


def _advanced_too_much(
    report: DailyActivity, before: DailyActivity | None, today: date
) -> Iterator[Difference]:
    """A day's advances stay within the provider's deposit (39 CFR 501.28(b)(5), 1995)."""
    start = before.balances.get(chart.ADVANCES_FROM, 0) if before else 0
    added = sum(
        each.amount_mills for each in report.movements if each.credit == chart.ADVANCES_FROM
    )
    advanced = _of_kind(report.movements, ADVANCE, chart.ADVANCES_FROM)
    if advanced > start + added:
        day, what = date.fromisoformat(report.day), "advances above the provider's deposit"
        yield differ(report.sender, day, what, start + added, advanced, today)


def _days_left_out(
    report: DailyActivity, before: DailyActivity | None, today: date
) -> Iterator[Difference]:
    """Banking days between two reports, of which nothing was reported."""
    if before is None:
        return
    day, missing = date.fromisoformat(before.day) + _ONE_DAY, []
    while day < date.fromisoformat(report.day):
        if BANKING.is_business_day(day):
            missing.append(day.isoformat())
        day += _ONE_DAY
    if missing:
        told = differ(report.sender, day, "banking days without a report", 0, 0, today)
        yield replace(told, words=f"nothing was reported of {', '.join(missing)}")


def _days_not_booked(
    reading: Reading, report: DailyActivity, before: DailyActivity | None, today: date
) -> Iterator[Difference]:
    """Days that the bank closed, and that the provider should have booked by this report."""
    told = {each.bank_day for each in report.deposits}
    since = date.fromisoformat(before.day) if before else date.min
    until = date.fromisoformat(report.day)
    for lockbox in rows.lockboxes(reading):
        if lockbox.provider != report.sender:
            continue
        for bank_day in rows.closed_days(reading, lockbox.name):
            is_due = since < BANKING.next_business_day(bank_day + _ONE_DAY) <= until
            if is_due and bank_day.isoformat() not in told:
                yield from deposits_of_day(reading, report.sender, bank_day, today)


def _transfers_unlike(reading: Reading, report: DailyActivity, today: date) -> Iterator[Difference]:
    """What the provider booked as moved to the fund, beside what the bank moved in all.

    It has to have booked all that was moved until the last day that the bank closed before the
    report, and nothing that was not moved by then or, where the bank has not closed it, that day.
    """
    provider, day = report.sender, date.fromisoformat(report.day)
    told = rows.total_reported(reading, provider=provider, kind=ACTIVITY, until=report.day)
    ours = [each for each in rows.lockboxes(reading) if each.provider == provider]
    closed = [one for each in ours for one in rows.closed_days(reading, each.name) if one < day]
    if not closed:
        return
    least, most = (
        -sum(rows.flows(reading, each.name, until=until).get(Flow.TRANSFER, 0) for each in ours)
        for until in (max(closed), day)
    )
    if not least <= told <= most:
        yield differ(provider, day, "moved to the fund in all", least, told, today)


def _totals_unlike_lines(
    reading: Reading, provider: str, day: str, today: date
) -> Iterator[Difference]:
    """A list in parts says in each part what all of it holds."""
    for kind in (DOWNLOADS, ADVANCED, "PostageRefunds"):
        parts = rows.reports_of(reading, provider=provider, kind=kind, day=day)
        if parts and len(parts) == parts[0].parts:
            listed = sum(_listed(each.content) for each in parts)
            for each in parts:
                if each.total_mills != listed:
                    what = f"total of {kind}, part {each.part}"
                    on = date.fromisoformat(day)
                    yield differ(provider, on, what, listed, each.total_mills, today)


def activities(reading: Reading, provider: str, *, since: date) -> Sequence[DailyActivity]:
    """The daily reports of a provider about a day and those after it, oldest first."""
    found = rows.reports_of(reading, provider=provider, kind=ACTIVITY, since=since.isoformat())
    return [msgspec.json.decode(each.content, type=DailyActivity) for each in found]


def _of_kind(movements: Iterable[Movement], kind: str, debit: str = "") -> int:
    return sum(
        each.amount_mills
        for each in movements
        if each.kind == kind and (not debit or each.debit == debit)
    )


def _listed(content: str) -> int:
    lines: list[Mapping[str, int]] = msgspec.json.decode(content)["lines"]
    return sum(each["amount_mills"] for each in lines)
