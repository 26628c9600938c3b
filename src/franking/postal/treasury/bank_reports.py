"""Taking in what a lockbox bank reports: whole or not at all, each file once (501.28(e), 1995)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from franking.bank_files.bai2 import read_bai2
from franking.bank_files.faults import BankFileFaulty
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.ledger.records import Posting, Transfer
from franking.messages.signing import Signer
from franking.postal.schema import LEDGER
from franking.postal.treasury import chart, rows, transfers
from franking.postal.treasury.bank_side import differences_of_last
from franking.postal.treasury.comparing import deposits_of_day, differ
from franking.postal.treasury.noting import note_differences
from franking.postal.treasury.records import (
    Amount,
    BankReport,
    Difference,
    Flow,
    ReportStatus,
    treasury_record,
)
from franking.postal.treasury.statements import (
    Statement,
    not_told_yet,
    read_statements,
    taken_back,
)
from franking.storage import Act, Books, Work

BANK_REPORT_KNOWN = Refusal(
    "BANK_REPORT_KNOWN",
    clause="39 CFR 501.28(e)(4) (1995)",
    remedy="Nothing is to be done: the file was taken before, and counts once.",
)
_CLAUSE = "39 CFR 501.28(e)(4) (1995)"
_FILES = record_id("treasury", "bank files")
"""The record whose lock takes files in one by one."""


def take_bank_report(
    books: Books, signer: Signer, data: bytes, *, name: str, now: datetime
) -> BankReport:
    """Take in a BAI2 report of a lockbox bank; a faulty one is set aside whole, with every fault.

    What a day under way told is not counted again when the closed day tells it.

    Raises:
        Refused: ``BANK_REPORT_KNOWN``.
    """
    digest = hashlib.sha256(data).hexdigest()
    with books.reading() as reading:
        ours = rows.lockboxes(reading)
    on = (_FILES, *{treasury_record(each.provider) for each in ours})
    with books.work(now, "take_bank_report", on=on) as work:
        _require_new(work, digest)
        statements, faults = _read(work, data, digest, now)
        status = ReportStatus.SET_ASIDE if faults else ReportStatus.TAKEN
        report = BankReport(
            digest=digest,
            name=name,
            status=status,
            taken_at=now,
            lines=sum(len(each.amounts) for each in statements),
            because="; ".join(faults),
        )
        rows.add_bank_report(work, report)
        if not faults:
            _take(work, statements, now)
            transfers.settle_alarms(work, now)
            _compare(work, signer, statements, now)
        inputs: dict[str, object] = {"digest": digest, "status": status.value, "faults": faults}
        work.record(Act(record=_FILES, clauses=(_CLAUSE,), inputs=inputs))
    return report


def _require_new(work: Work, digest: str) -> None:
    before = rows.find_taken(work, digest)
    if before is not None:
        raise BANK_REPORT_KNOWN.because(f"{before.name} was taken at {before.taken_at:%c}")


def _read(work: Work, data: bytes, digest: str, now: datetime) -> tuple[list[Statement], list[str]]:
    try:
        report = read_bai2(data)
    except BankFileFaulty as faulty:
        return [], [str(each) for each in faulty.faults]
    statements, faults = read_statements(report, rows.lockboxes(work), file=digest, now=now)
    for each in statements:
        if each.day in rows.closed_days(work, each.lockbox.name):
            faults.append(f"{each.day} of {each.lockbox.name} was closed before")
    return ([], faults) if faults else (statements, [])


def _take(work: Work, statements: Sequence[Statement], now: datetime) -> None:
    for each in statements:
        fresh = not_told_yet(each, rows.amounts_of(work, each.lockbox.name, day=each.day))
        rows.add_amounts(work, fresh)
        LEDGER.post_many(work, list(_postings(each, fresh)), now)
        if each.closing_mills is not None:
            rows.close_bank_day(
                work,
                each.lockbox,
                day=each.day,
                closing_mills=each.closing_mills,
                file=each.file,
                told_at=each.told_at,
            )
        transfers.expect_transfer(work, each, now)


def _postings(statement: Statement, fresh: Sequence[Amount]) -> Iterator[Posting]:
    """One posting for each kind of flow: a day's ten thousand deposits are one movement here."""
    sums: dict[tuple[Flow, bool], int] = defaultdict(int)
    for each in fresh:
        sums[each.flow, each.amount_mills > 0] += abs(each.amount_mills)
    for (flow, came_in), mills in sorted(sums.items()):
        yield Posting(
            key=f"bank:{statement.file}:{statement.lockbox.name}:{statement.day}:{flow.value}:{came_in:d}",
            kind=flow.value,
            transfers=(_transfer(flow, came_in, mills, statement.lockbox.provider),),
            clause=_CLAUSE,
            because=f"{statement.lockbox.bank}, {statement.day}",
            reference=f"file:{statement.file}",
        )


def _transfer(flow: Flow, came_in: bool, mills: int, provider: str) -> Transfer:
    lockbox = chart.account("lockbox", provider)
    clearing = chart.account("bank-clearing", provider)
    if flow is Flow.TRANSFER:
        clearing = chart.FUND
    debit, credit = (lockbox, clearing) if came_in else (clearing, lockbox)
    return Transfer(debit=debit, credit=credit, amount_mills=mills)


def _compare(work: Work, signer: Signer, statements: Sequence[Statement], now: datetime) -> None:
    """What the bank's word shows by itself, and beside what providers reported before it."""
    found: list[Difference] = []
    for each in statements:
        found += _own_differences(work, each, now)
        if each.is_closed:
            found += deposits_of_day(work, each.lockbox.provider, each.day, now.date())
            found += differences_of_last(work, each.lockbox.provider, now.date())
    note_differences(work, signer, found, now)


def _own_differences(work: Work, statement: Statement, now: datetime) -> Iterator[Difference]:
    name, provider, day = statement.lockbox.name, statement.lockbox.provider, statement.day
    today = now.date()
    for each in taken_back(statement, rows.amounts_of(work, name, day=day)):
        what = f"{each.flow.value} {each.reference} told and not closed"
        yield differ(provider, day, what, 0, each.amount_mills, today)
    for each in statement.amounts:
        if each.flow is Flow.OTHER:
            what = f"movement {each.reference or each.words} of an unknown kind"
            yield differ(provider, day, what, each.amount_mills, 0, today)
    if statement.opening_mills is not None:
        before = rows.closed_days(work, name)
        last = max((closed for closed in before if closed < day), default=None)
        closing = 0 if last is None else before[last]
        if closing != statement.opening_mills:
            what = f"opening balance of {name}"
            yield differ(provider, day, what, statement.opening_mills, closing, today)
