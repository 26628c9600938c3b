"""The messages about money that cross between a provider and the Postal Service.

Amounts are integer mills, dates ISO 8601, instants UTC ISO 8601, times of day ``HH:MM`` at the
place named. ``device`` is empty where a message is about an account, a day or the provider itself.
A report that is too long for one message goes in parts: each part says how many there are and what
all of them hold together, so that a missing part cannot stay hidden (``parted``). Refuses to know
who may ask what of whom: the rooms of the two domains do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from franking.messages.kinds import Whole
from franking.messages.receiving import Dispatched

LINES_IN_PART = 400
"""So many lines of a report fit into one message, whatever they say."""
Line = TypeVar("Line")


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a report."""


def parted(lines: Sequence[Line]) -> list[tuple[int, int, list[Line]]]:
    """The lines of a report cut into messages: ``part`` from 1, ``parts``, and its lines.

    A report of nothing is one empty part: that nothing happened is also said.
    """
    parts = max(1, -(-len(lines) // LINES_IN_PART))
    cut = (list(lines[at * LINES_IN_PART : (at + 1) * LINES_IN_PART]) for at in range(parts))
    return [(part, parts, some) for part, some in enumerate(cut, start=1)]


# Provider → Postal Service: reports -----------------------------------------------------------


class Movement(_Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All postings of one kind on one day between two kinds of accounts."""

    kind: str
    """Of the postings: ``deposit``, ``grant``, ``advance``, …"""
    debit: str
    credit: str
    """Kinds of accounts, as the provider's chart names them."""
    count: Whole
    amount_mills: Whole


class BankDeposits(_Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one file of the lockbox bank brought on one day."""

    bank_day: str
    """The bank's processing day that the file is of."""
    file: str
    """The digest of the file."""
    count: Whole
    amount_mills: Whole


class DailyActivity(Dispatched, frozen=True, kw_only=True):
    """The CMRS Daily Activity Report: a summary of business (39 CFR 501.28(g), 1995)."""

    day: str
    movements: list[Movement]
    balances: dict[str, Whole]
    """Of every kind of account at the close of the day, in mills, credit positive; Σ is zero."""
    deposits: list[BankDeposits]
    """The bank's files that were taken in on that day."""
    devices: Whole = 0
    """How many devices hold value."""
    oldest_report: str = ""
    """The day of the oldest signed report among them: use since then is not known yet."""
    differences: tuple[str, ...] = ()
    """What the provider's own close found and could not settle."""


class ZipRevenue(_Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was reset under licences of one post office."""

    zip_code: str
    count: Whole
    amount_mills: Whole


class RevenueAllocation(Dispatched, frozen=True, kw_only=True):
    """ZIP Code of the licensing post office and amount of resettings (39 CFR 501.28(g))."""

    period: str
    """The postal accounting period as ``rules.calendars`` names it."""
    since: str
    until: str
    """First and last day of the period."""
    lines: list[ZipRevenue]
    part: Whole = 1
    parts: Whole = 1
    total_mills: Whole
    """Of all parts."""


class CustomerAmount(_Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer's identification, ZIP Code and an amount (39 CFR 501.28(g), 1995)."""

    customer: str
    """The account number."""
    zip_code: str
    amount_mills: Whole


class PostageRefunds(Dispatched, frozen=True, kw_only=True):
    """The Postage Refunds Report of a day, given where it was asked for (39 CFR 501.28(g))."""

    day: str
    lines: list[CustomerAmount]
    part: Whole = 1
    parts: Whole = 1
    total_mills: Whole


class FundsAdvanced(Dispatched, frozen=True, kw_only=True):
    """The Funds Advanced Report of a day, given where it was asked for (39 CFR 501.28(g))."""

    day: str
    lines: list[CustomerAmount]
    part: Whole = 1
    parts: Whole = 1
    total_mills: Whole


class Download(_Line, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One download or refill of postage value (39 CFR 502.21(m), 1997)."""

    device: str
    licence: str
    account: str
    zip_code: str
    sequence: Whole
    """The device's reset sequence: with the device, it names the download for ever."""
    amount_mills: Whole
    at: str
    control_total_mills: Whole
    """What the device had been credited in all, by the request; it falls with no download."""
    advanced_mills: Whole = 0
    """How much of it the provider advanced."""


class FinancialTransactions(Dispatched, frozen=True, kw_only=True):
    """Each download and refill of a day (39 CFR 502.21(m), 1997)."""

    day: str
    lines: list[Download]
    part: Whole = 1
    parts: Whole = 1
    total_mills: Whole


# Provider → Postal Service: about accounts and the system --------------------------------------


class AcknowledgmentOfDeposit(Dispatched, frozen=True, kw_only=True):
    """A licensee's signed Acknowledgment of Deposit (39 CFR 501.28(b)(2), 502.26(b)(1)).

    It goes to the licensing post office under 1995, to the accounting center under 1997.
    """

    licence: str
    account: str
    licensee: str
    zip_code: str
    rulebook: str
    signed_by: str
    signed_on: str
    addressee: str
    wording_digest: str
    """SHA-256 of the wording that was signed, in hex."""


class AccountRefundRequested(Dispatched, frozen=True, kw_only=True):
    """A licensee asks for the balance of an account back (39 CFR 501.28(f), 1995)."""

    licence: str
    account: str
    licensee: str
    zip_code: str
    amount_mills: Whole
    requested_at: str
    """From here the bank's 48 hours run."""


class AccountRefundPaid(Dispatched, frozen=True, kw_only=True):
    """The lockbox bank's file shows the balance paid back (39 CFR 501.28(f), 1995)."""

    licence: str
    account: str
    amount_mills: Whole
    requested_at: str
    paid_at: str


class LockboxOffered(Dispatched, frozen=True, kw_only=True):
    """A lockbox account in the Postal Service's name, put up for approval (501.28(e)(1))."""

    bank: str
    routing: str
    account: str
    title: str
    """In whose name the account is."""
    reports_each_banking_day: bool
    """Whether the bank undertook to say each banking day what licensees paid in."""


class CostsDisclosed(Dispatched, frozen=True, kw_only=True):
    """What resetting and conversion cost a provider, as asked (60 FR 30714, preamble IV)."""

    request: Whole
    """The number of the ``CostsWanted``."""
    resetting_mills: Whole
    conversion_mills: Whole
    because: str


class ConversionStepDone(Dispatched, frozen=True, kw_only=True):
    """A provider did a step of the common conversion timetable (60 FR 30714, preamble IV)."""

    step: str
    done_on: str


class DeficiencyCorrected(Dispatched, frozen=True, kw_only=True):
    """What a provider did about the findings of an assessment (39 CFR 501.28(c), 1995)."""

    assessment: Whole
    correction: str


class SuspensionDefended(Dispatched, frozen=True, kw_only=True):
    """A written defense to a noticed suspension, with its evidence (39 CFR 501.12(c), 1995)."""

    assessment: Whole
    defense: str
    evidence: list[str]


class RecordsProduced(Dispatched, frozen=True, kw_only=True):
    """Records of the resetting system, given for inspection (39 CFR 501.28(h), 1995)."""

    inspection: Whole
    records: str
    """Which, as the announcement named them."""
    digest: str
    """SHA-256 of the file that was handed over, in hex."""
    entries: Whole
    place: str
    """Where it was laid open."""


class SuppliesWanted(Dispatched, frozen=True, kw_only=True):
    """Deposit tickets and envelopes for a licensee who pays by check (60 FR 30714, preamble IV)."""

    account: str
    """Pre-encoded on the tickets (501.28(e)(6))."""
    licensee: str
    address: str
    zip_code: str
    tickets: Whole
    envelopes: Whole


class DifferencesAnswered(Dispatched, frozen=True, kw_only=True):
    """A provider's explanation of a difference that the Postal Service found."""

    day: str
    number: Whole
    answer: str


# Postal Service → provider ---------------------------------------------------------------------


class ProviderDeposit(Dispatched, frozen=True, kw_only=True):
    """What a provider has on deposit with the Postal Service (39 CFR 501.28(b)(5), 1995).

    The provider books the difference to what it knew: advances are made out of it.
    """

    number: Whole
    """Counts the statements to this provider, from 1."""
    balance_mills: Whole
    """All deposited less all withdrawn; what advances took of it, the provider knows."""
    change_mills: Whole
    because: str
    """What changed it: the bank's reference."""


class ResettingSuspended(Dispatched, frozen=True, kw_only=True):
    """No reset may be granted from a day on (39 CFR 501.28(c), 501.12(b), 1995).

    A defense that is sent before that day holds it up until it is decided (501.12(c)).
    """

    assessment: Whole
    deficiency: str
    clause: str
    since: str
    """The day from which it is in effect."""
    decided: bool = False
    """Whether a defense was considered: then nothing holds it up any more."""


class ResettingRevoked(Dispatched, frozen=True, kw_only=True):
    """The authorization to reset is revoked: requirements are not met (39 CFR 501.28(c))."""

    assessment: Whole
    requirements: list[str]
    clause: str
    since: str


class ResettingResumed(Dispatched, frozen=True, kw_only=True):
    """A suspension of resetting is lifted."""

    assessment: Whole
    because: str


class SystemAssessed(Dispatched, frozen=True, kw_only=True):
    """An assessment of revenue protection, or an audit, of the system (501.28(c); 62 FR 14833)."""

    assessment: Whole
    what: str
    """``assessment`` (1995) or ``audit`` (1997)."""
    assessed_on: str
    findings: list[str]
    answer_by: str
    """By when the findings are to be corrected; empty where there are none."""
    suspension_proposed: bool = False
    """Whether resetting is to be suspended unless they are (501.12(b)(1))."""


class LockboxDecided(Dispatched, frozen=True, kw_only=True):
    """A provider's lockbox bank is approved or not (39 CFR 501.28(e)(1), 1995)."""

    approval: str
    """The approval's number; empty where it was refused."""
    bank: str
    routing: str
    account: str
    because: str


class LockboxAgreed(Dispatched, frozen=True, kw_only=True):
    """The lockbox bank's times with this provider, and whom to ask (501.28(e)(2), (4), (6))."""

    bank: str
    routing: str
    timezone: str
    cutoff_time: str
    transmission_time: str
    post_office_box: str
    toll_free: str
    representative: str
    since: str


class ReportWanted(Dispatched, frozen=True, kw_only=True):
    """A report that is given on request only (39 CFR 501.28(g), 1995)."""

    report: str
    """``postage refunds`` or ``funds advanced``."""
    since: str
    until: str
    """First and last day; empty: daily until told otherwise."""


class CostsWanted(Dispatched, frozen=True, kw_only=True):
    """The Postal Service asks what resetting and conversion cost (60 FR 30714, preamble IV)."""

    request: Whole
    due_on: str


class ConversionScheduled(Dispatched, frozen=True, kw_only=True):
    """The conversion timetable, the same for all providers (60 FR 30714, preamble IV)."""

    edition: Whole
    steps: dict[str, str]
    """Step and the day by which all providers have done it."""


class InspectionOfRecords(Dispatched, frozen=True, kw_only=True):
    """Representatives come to inspect facilities or records (39 CFR 501.28(h), 1995)."""

    inspection: Whole
    representatives: list[str]
    at: str
    """When: an instant at a reasonable hour of the place."""
    facilities: list[str]
    records: str
    """Which records are wanted, in words and days."""
    since: str
    until: str


class SuppliesSent(Dispatched, frozen=True, kw_only=True):
    """Deposit tickets and envelopes went to a licensee, at the Postal Service's cost."""

    account: str
    tickets: Whole
    envelopes: Whole
    post_office_box: str
    """Of the nearest lockbox location: where the licensee mails checks to."""
    sent_on: str


class DifferencesFound(Dispatched, frozen=True, kw_only=True):
    """Where a provider's report of a day, the bank's and the Postal Service's books differ."""

    day: str
    lines: dict[str, str]
    """Number of the difference, and what differs by how much."""
