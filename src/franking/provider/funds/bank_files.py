"""Taking in the files of the lockbox bank: whole and once, or set aside whole with the reasons.

39 CFR 501.28(e)(2) (1995): the bank consolidates the day's deposits and sends one file to each
resetting company, whose computers reflect each licensee's deposit. A payment for an account that
nobody knows is not lost: it waits in suspense. Nothing of a file with a fault is posted.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from franking.bank_files.faults import Fault
from franking.bank_files.parties import company_id
from franking.clock import instant_text
from franking.errors import Refusal
from franking.provider.funds import bank_tables, rows
from franking.provider.funds.bank_posting import post_or_explain
from franking.provider.funds.bank_reading import BankTold, Expected, read_bank_file
from franking.provider.funds.bank_records import BankFile, FileStatus
from franking.provider.identity import require_identity
from franking.storage import Act, Books, Reading, Work

BANK_FILE_TAKEN_BEFORE = Refusal(
    "BANK_FILE_TAKEN_BEFORE",
    clause="39 CFR 501.28(e)(2) (1995)",
    remedy="Nothing is to be done: a file is taken in once. franking funds files lists them.",
)
BANK_FILE_UNKNOWN = Refusal(
    "BANK_FILE_UNKNOWN",
    clause="39 CFR 501.28(e)(2) (1995)",
    remedy="Give the digest of a file, or its first characters: franking funds files.",
    http_status=404,
)
_CLAUSE = "39 CFR 501.28(e)(2) (1995)"
_COMMAND = "take_bank_file"


def take_bank_file(
    books: Books, data: bytes, *, name: str, now: datetime, dry_run: bool = False
) -> BankFile:
    """Take a file of the bank in: everything that it tells is posted, or nothing is.

    A file with any fault is set aside whole; the answer says why. One that was set aside may come
    again: what was wrong with it may have been that another file was still on its way. A dry run
    does the same, and takes it back.

    Raises:
        Refused: ``BANK_FILE_TAKEN_BEFORE`` for bytes that were taken in.
    """
    digest = hashlib.sha256(data).hexdigest()
    with books.work(now, _COMMAND) as work:
        if dry_run:
            with work.rehearsing():
                return _take(work, data, digest, name, books.by.name, now)
        return _take(work, data, digest, name, books.by.name, now)


def bank_files(
    books: Books, *, status: FileStatus | None = None, day: date | None = None
) -> list[BankFile]:
    """The files of the bank, in the order in which they came."""
    with books.reading() as reading:
        return bank_tables.files(reading, status=status, day=day)


def bank_file(books: Books, digest: str) -> BankFile:
    """One file, by its digest or the beginning of it.

    Raises:
        Refused: ``BANK_FILE_UNKNOWN``.
    """
    with books.reading() as reading:
        found = bank_tables.find_file(reading, digest) if digest else None
    if found is None:
        raise BANK_FILE_UNKNOWN.because(f"no file, or more than one, begins with {digest!r}")
    return found


def expected_of(reading: Reading) -> Expected:
    """Who this provider is to its bank."""
    plan = rows.plan(reading)
    name = require_identity(reading).name
    return Expected(provider_id=company_id(name), bank=plan.routing if plan else "")


def _take(work: Work, data: bytes, digest: str, name: str, by: str, now: datetime) -> BankFile:
    before = bank_tables.find_file(work, digest)
    if before is not None and before.status is FileStatus.TAKEN:
        detail = f"{name} is {before.name}, {before.status.value} at {before.taken_at}"
        raise BANK_FILE_TAKEN_BEFORE.because(detail)
    told = read_bank_file(data, expected_of(work), now.date())
    repeated = bank_tables.told_before(work, told.items)
    faults = (*told.faults, *(_repeated(each) for each in repeated))
    if not faults:
        faults = post_or_explain(work, told.items, file=digest, by=by, now=now)
    file = _file(told, digest, name, faults, now)
    bank_tables.add_file(work, file, data, () if faults else told.items)
    inputs: dict[str, object] = {"name": name, "status": file.status.value}
    inputs |= {"items": file.items, "deposits_mills": file.deposits_mills}
    work.record(Act(record=f"bank-file:{digest}", clauses=(_CLAUSE,), inputs=inputs))
    return file


def _repeated(reference: str) -> Fault:
    return Fault(0, "TOLD_BEFORE", f"an earlier file told item {reference} already")


def _file(
    told: BankTold, digest: str, name: str, faults: tuple[Fault, ...], now: datetime
) -> BankFile:
    return BankFile(
        digest=digest,
        name=name,
        kind=told.kind,
        day=told.day,
        status=FileStatus.SET_ASIDE if faults else FileStatus.TAKEN,
        taken_at=instant_text(now),
        items=0 if faults else len(told.items),
        deposits_mills=0 if faults else sum(each.amount_mills for each in told.deposits),
        faults=faults,
        statement=None if faults else told.statement,
    )
