"""What a post office looks at when mail with indicia is handed in: dates, places, preparation.

Pure. Every check gives a ``Finding`` or none; all faults of a piece are listed, not the first
(DMM P050.4.6, 4.7 and 5.1 to 5.4). The numbers come from ``franking.rules``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from franking import rules
from franking.host.records import MailClass
from franking.rules.calendars import months


class Place(StrEnum):
    """Where mail is handed in (DMM P050.5.3)."""

    ACCEPTANCE_UNIT = "acceptance unit"
    WINDOW = "window unit"
    DESIGNATED = "location designated by the postmaster"
    COLLECTION_BOX = "street collection box"
    OTHER_RECEPTACLE = "other collection receptacle"
    CARRIER = "delivery employee"


_STAFFED = frozenset({Place.ACCEPTANCE_UNIT, Place.WINDOW, Place.DESIGNATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong with a piece or mailing, the clause, and what can be done."""

    code: str
    clause: str
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """A mailing as it is handed in: when, where, and what it is.

    ``served_by`` is the ZIP Code of the office that serves the place, ``licensed_at`` that of the
    office in the indicium.
    """

    at: datetime
    place: Place
    served_by: str
    licensed_at: str
    mail_class: MailClass
    pieces: int
    single_piece_price: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceRecord:
    """What an acceptance clerk found when a mailing was verified: every fault, not the first."""

    deposit: Deposit
    findings: tuple[Finding, ...]

    @property
    def accepted(self) -> bool:
        """Whether the mailing may be taken as it is."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Collections:
    """When mail is last collected at a place: one time for each day of the week, Monday first.

    ``None`` on a day without collection; ``closed`` names further days without one.
    """

    last: tuple[time | None, ...]
    closed: frozenset[date] = field(default_factory=frozenset)

    def last_on(self, day: date) -> time | None:
        """The last collection of a day, if it has one."""
        return None if day in self.closed else self.last[day.weekday()]

    def next_after(self, instant: datetime) -> date:
        """The day of the next scheduled collection at or after ``instant``."""
        day = instant.date()
        last = self.last_on(day)
        if last is not None and instant.time() <= last:
            return day
        day += timedelta(days=1)
        while self.last_on(day) is None:
            day += timedelta(days=1)
        return day


def weekday_collections(last: time, *, saturday: time | None = None) -> Collections:
    """Collections from Monday to Friday at one time, and perhaps on Saturday."""
    return Collections((last, last, last, last, last, saturday, None))


def verify_mailing(
    deposit: Deposit,
    *,
    dates_shown: Iterable[date],
    collections: Collections,
    methods: Iterable[str],
    authorization: str = "",
    weights_differ: bool = False,
    pieces_short_paid: int = 0,
    documented: bool = False,
    rulebook: str,
) -> AcceptanceRecord:
    """Verify the makeup of a mailing when it is handed in: place, dates, payment, documentation.

    ``dates_shown`` are the dates of the pieces sampled.
    """
    found = [
        place_finding(deposit, rulebook),
        *(date_finding(shown, deposit, collections) for shown in sorted(set(dates_shown))),
        payment_finding(methods, authorization),
        documentation_finding(weights_differ, pieces_short_paid, documented),
    ]
    return AcceptanceRecord(deposit=deposit, findings=tuple(f for f in found if f is not None))


def date_finding(shown: date, deposit: Deposit, collections: Collections) -> Finding | None:
    """Whether the date shown is that of deposit (DMM P050.4.7), or a fault excused by 5.4.

    After the last collection of a day the date of the next one is right too.
    """
    handed_in = deposit.at.date()
    following = collections.next_after(deposit.at)
    if shown in {handed_in, following}:
        return None
    return Finding(
        code="DATE_NOT_OF_DEPOSIT",
        clause="DMM P050.4.7 (1997)",
        detail=f"the indicium shows {shown}; deposited {handed_in}, next collection {following}",
        remedy="Put a REDATE imprint with the actual date on the other side (P050.4.8).",
    )


def previous_date_excused(shown: date, examined: date, rulebook: str, *, collected: bool) -> bool:
    """Whether a legible earlier date is no fault (DMM P050.5.4).

    ``collected`` is false where the piece was dropped after the last collection, or was not
    collected as scheduled on the date it shows.
    """
    days = rules.whole("host", rulebook, examined, "previous_date_days")
    return not collected and timedelta(0) < examined - shown <= timedelta(days=days)


def month_year_finding(
    month: date, on: date, rulebook: str, *, unavoidably_delayed: bool
) -> Finding | None:
    """Whether an indicium that shows only month and year is accepted today (DMM P050.4.6).

    ``month`` is any day of the month shown; ``unavoidably_delayed`` is the postmaster's finding.
    """
    if (month.year, month.month) == (on.year, on.month):
        return None
    following = months(month.replace(day=1), 1)
    last = following.replace(day=rules.whole("indicium", rulebook, on, "month_year_grace_day"))
    if unavoidably_delayed and following <= on <= last:
        return None
    return Finding(
        code="MONTH_YEAR_PASSED",
        clause="DMM P050.4.6 (1997)",
        detail=f"the indicium shows {month:%B %Y}; today is {on}",
        remedy=f"Accepted to {last} only if the postmaster finds unavoidable delay; else redate.",
    )


def place_finding(deposit: Deposit, rulebook: str) -> Finding | None:
    """Whether mail may be handed in there (DMM P050.5.3, exceptions a and b)."""
    home = deposit.served_by == deposit.licensed_at
    single = deposit.mail_class is MailClass.FIRST_CLASS and deposit.single_piece_price
    if deposit.place is Place.CARRIER:
        return _place_finding(deposit, "mail with indicia is not given to a delivery employee")
    if home and (deposit.place in _STAFFED or single):
        return None
    if not home and single and deposit.pieces <= _handful(rulebook, deposit.at.date()):
        return None
    if not home:
        return _place_finding(deposit, "it is not the licensing post office")
    return _place_finding(deposit, "only single-piece First-Class Mail goes in a box")


def payment_finding(methods: Iterable[str], authorization: str) -> Finding | None:
    """Whether indicia may be mixed with other payment in one mailing (DMM P050.5.2)."""
    kinds = sorted(set(methods))
    if len(kinds) < 2 or authorization:
        return None
    return Finding(
        code="PAYMENT_MIXED",
        clause="DMM P050.5.2 (1997)",
        detail=f"one mailing is paid by {' and '.join(kinds)}",
        remedy="Get the authorization of the Postal Service, or hand in the pieces apart.",
    )


def documentation_finding(
    weights_differ: bool, pieces_short_paid: int, documented: bool
) -> Finding | None:
    """Whether a mailing needs its documentation (DMM P030.1.8 of 1995, P012)."""
    if documented or not (weights_differ or pieces_short_paid):
        return None
    why = "pieces of unequal weight" if weights_differ else f"{pieces_short_paid} short-paid pieces"
    return Finding(
        code="DOCUMENTATION_MISSING",
        clause="DMM P030.1.8 (1995)",
        detail=f"the mailing has {why} and no documentation",
        remedy="Give the list of pieces by weight and postage with the mailing.",
    )


def preparation_checklist(mail_class: MailClass) -> tuple[str, ...]:
    """What to see to before a mailing of this class is handed in (DMM P050.5.1)."""
    common = (
        "postage of each piece is the exact amount due (P050.1.5)",
        "indicia are legible and do not overlap (P050.4.2)",
        "the date is that of deposit (P050.4.7)",
    )
    if mail_class is MailClass.STANDARD:
        return (*common, "minimum quantity, sorting and marking of Standard Mail are met (E600)")
    if mail_class is MailClass.EXPRESS:
        return (*common, "the Express Mail label is complete and affixed (D500)")
    return common


def _handful(rulebook: str, on: date) -> int:
    return rules.whole("host", rulebook, on, "handful_pieces")


def _place_finding(deposit: Deposit, why: str) -> Finding:
    return Finding(
        code="PLACE_OF_DEPOSIT",
        clause="DMM P050.5.3 (1997)",
        detail=f"{deposit.pieces} pieces at a {deposit.place} served by {deposit.served_by}: {why}",
        remedy=f"Hand them in at a unit designated by the post office {deposit.licensed_at}.",
    )
