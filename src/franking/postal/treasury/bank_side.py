"""What a provider says of the lockbox beside what the bank says of it, movement by movement.

Every movement of a provider's books that touches the lockbox has its counterpart at the bank: a
deposit stands in a file of the bank, and what came back, was made good or was paid back is in the
bank's statements. What has none is a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from franking.messages.funds import DailyActivity, Movement
from franking.postal.treasury import rows
from franking.postal.treasury.comparing import activities, differ
from franking.postal.treasury.records import Difference, Flow
from franking.rules.calendars import BANKING
from franking.storage import Reading

_LOCKBOX: Final = "lockbox"
_ONE_DAY = timedelta(days=1)
_RECEIVED: Final = (("lockbox", "deposits"), ("lockbox", "suspense"))
_TRANSFERRED: Final = (("fund", "lockbox"),)
_BOOKED_AS: Final[Mapping[Flow, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        Flow.RETURNED: (("returned", "lockbox"), ("suspense", "lockbox")),
        Flow.PAID: (("lockbox", "returned"),),
        Flow.REFUNDED: (("refunds", "lockbox"),),
    }
)
"""Between which accounts a provider books what the bank calls so."""
_NAMED: Final = frozenset(
    pair
    for ways in (_RECEIVED, _TRANSFERRED, *_BOOKED_AS.values())
    for debit, credit in ways
    for pair in ((debit, credit), (credit, debit))
)


def differences_of_lockbox(
    reading: Reading, report: DailyActivity, today: date
) -> Iterator[Difference]:
    """Everything in which a daily report speaks otherwise of the lockbox than the bank."""
    yield from _unlike_files(report, today)
    yield from _unnamed(report, today)
    yield from _unlike_statements(reading, report, today)


def differences_of_last(reading: Reading, provider: str, today: date) -> Iterator[Difference]:
    """The same of the provider's last report, which came before the bank's statement."""
    reports = activities(reading, provider, since=date.min)
    if reports:
        yield from _unlike_statements(reading, reports[-1], today)


def _unlike_files(report: DailyActivity, today: date) -> Iterator[Difference]:
    """Each deposit was taken in from a file of the bank, and the report names it."""
    listed = sum(each.amount_mills for each in report.deposits)
    booked = _moved(report.movements, _RECEIVED[:1]) + _forward(report.movements, _RECEIVED[1:])
    if listed != booked:
        what = "deposits beside the files of the bank"
        yield differ(report.sender, date.fromisoformat(report.day), what, listed, booked, today)
    for each in report.deposits:
        if not each.bank_day or each.bank_day > report.day:
            day, mills = date.fromisoformat(report.day), each.amount_mills
            what = f"deposits received on {each.bank_day or 'no day'}"
            yield differ(report.sender, day, what, 0, mills, today)


def _unnamed(report: DailyActivity, today: date) -> Iterator[Difference]:
    """The bank moves the lockbox for a few reasons only."""
    for each in report.movements:
        pair = each.debit, each.credit
        if _LOCKBOX in pair and pair not in _NAMED:
            what = "between " + " and ".join(sorted(pair, key=lambda name: name != _LOCKBOX))
            day = date.fromisoformat(report.day)
            yield differ(report.sender, day, what, 0, each.amount_mills, today)


def _unlike_statements(
    reading: Reading, report: DailyActivity, today: date
) -> Iterator[Difference]:
    """What the provider booked in all, beside what the bank told in all.

    A file of the evening is taken in on the next banking day: the provider has to have booked what
    was closed before that, and nothing that the bank has not told.
    """
    provider, day = report.sender, date.fromisoformat(report.day)
    ours = [each.name for each in rows.lockboxes(reading) if each.provider == provider]
    closed = [one for name in ours for one in rows.closed_days(reading, name) if one <= day]
    due = [one for one in closed if BANKING.next_business_day(one + _ONE_DAY) <= day]
    if not due:
        return
    moved = [
        each
        for told in activities(reading, provider, since=date.min)
        if told.day <= report.day
        for each in told.movements
    ]
    is_whole = day in closed or not BANKING.is_business_day(day)
    for flow, ways in _BOOKED_AS.items():
        told = _forward(moved, ways)
        least, most = (_flowed(reading, ours, flow, until) for until in (max(due), day))
        if told < least or (is_whole and told > most):
            yield differ(provider, day, f"{flow.value} in all", least, told, today)


def _flowed(reading: Reading, lockboxes: Iterable[str], flow: Flow, until: date) -> int:
    return sum(abs(rows.flows(reading, name, until=until).get(flow, 0)) for name in lockboxes)


def _forward(movements: Iterable[Movement], ways: Iterable[tuple[str, str]]) -> int:
    """What moved these ways; what came back is a movement of its own kind."""
    wanted = frozenset(ways)
    return sum(each.amount_mills for each in movements if (each.debit, each.credit) in wanted)


def _moved(movements: Iterable[Movement], ways: tuple[tuple[str, str], ...]) -> int:
    """What moved these ways, less what moved back."""
    some, back = list(movements), tuple((credit, debit) for debit, credit in ways)
    return _forward(some, ways) - _forward(some, back)
