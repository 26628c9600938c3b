"""Claiming from the Postal Service what was refunded on its behalf: each thing once, with proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.refunding import ClaimEntry, ReimbursementClaimed
from franking.messages.signing import Signer
from franking.provider.refunds import decisions, rows
from franking.provider.refunds.records import Case, ClaimedEntry, FiledItem, case_number
from franking.provider.schema import DISPATCHES
from franking.storage import Act, Books, Reading, Work

CLAIMING = record_id("claim", "numbers")
"""The record that commands share which number a claim."""
_CLAUSE = "DMM 604.9.3.1b (2008); 73 FR 26353"
_ENTRIES_MAX = 150
"""Entries in one claim: with their documents, as many as a message may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim as it was sent."""

    id: str
    entries: tuple[ClaimedEntry, ...]

    @property
    def total_mills(self) -> int:
        """What is claimed."""
        return sum(each.amount_mills for each in self.entries)


def claim_id(number: int) -> str:
    """A claim's number as it is written."""
    return f"C-{number:06d}"


def claim_reimbursement(
    books: Books, signer: Signer, now: datetime, *, dry_run: bool = False
) -> list[Claim]:
    """Claim everything that the provider paid and has not claimed yet; again, there is nothing.

    What was credited to accounts on deposit is the Postal Service's own money, and not claimed. A
    dry run tells what would be claimed.
    """
    if dry_run:
        with books.reading() as reading:
            return list(_claims(reading, rows.next_claim(reading)))
    with books.work(now, "claim_reimbursement", on=(CLAIMING,)) as work:
        made = list(_claims(work, rows.next_claim(work)))
        for number, claim in enumerate(made, rows.next_claim(work)):
            _send(work, signer, number, claim, now)
    return made


def unclaimed(books: Reading) -> list[Case]:
    """The cases that the provider paid out of its own pocket, and has not claimed."""
    return rows.unclaimed(books)


def _claims(books: Reading, first: int) -> Iterator[Claim]:
    """Whole cases together, as many as fit; a case with more has a claim of its own parts."""
    pending: Iterable[ClaimedEntry] = (
        entry for case in unclaimed(books) for entry in _entries(books, case)
    )
    following, number = iter(pending), first
    while page := tuple(islice(following, _ENTRIES_MAX)):
        name = claim_id(number)
        yield Claim(id=name, entries=tuple(_named(page, name)))
        number += 1


def _named(page: Iterable[ClaimedEntry], claim: str) -> Iterator[ClaimedEntry]:
    for each in page:
        yield ClaimedEntry(
            key=each.key,
            claim=claim,
            case=each.case,
            amount_mills=each.amount_mills,
            paid_on=each.paid_on,
        )


def _entries(books: Reading, case: Case) -> Iterator[ClaimedEntry]:
    """One entry for the value of a system, or one for each piece."""
    if case.is_of_value:
        yield _entry(f"value:{case.device}:{case.id}", case, case.amount_mills)
        return
    items = rows.items_of(books, case.number)
    mine = rows.refunded(books, [_name(each) for each in items])
    for each in items:
        if mine.get(_name(each)) == case.id:
            device, ascending = _name(each)
            yield _entry(f"piece:{device}:{ascending}", case, each.item.postage_mills)


def _name(filed: FiledItem) -> tuple[str, int]:
    return filed.item.device, filed.item.ascending_mills or 0


def _entry(key: str, case: Case, amount_mills: int) -> ClaimedEntry:
    return ClaimedEntry(
        key=key,
        claim="",
        case=case.id,
        amount_mills=amount_mills,
        paid_on=case.settled_on or case.filed_on,
    )


def _send(work: Work, signer: Signer, number: int, claim: Claim, now: datetime) -> None:
    rows.add_claim(work, number, claim.entries, now.date())
    record = record_id("claim", claim.id)
    message = ReimbursementClaimed(
        device="",
        issued_at=instant_text(now),
        sender=signer.name,
        claim=claim.id,
        entries=[_told(work, each) for each in claim.entries],
        total_mills=claim.total_mills,
    )
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=record, now=now)
    inputs: dict[str, object] = {
        "entries": len(claim.entries),
        "total_mills": claim.total_mills,
    }
    work.record(Act(record=record, clauses=(_CLAUSE,), inputs=inputs))


def _told(work: Work, entry: ClaimedEntry) -> ClaimEntry:
    case = rows.find_case(work, case_number(entry.case) or 0)
    proof = [] if case is None else rows.evidence_of(work, case.number)
    documents = sorted({each.kind.value for each in proof}) or [f"request {entry.case}"]
    if case is not None and case.is_of_value:
        documents.append(decisions.route_of(case).kind.value)
    return ClaimEntry(
        key=entry.key,
        case=entry.case,
        amount_mills=entry.amount_mills,
        paid_on=entry.paid_on.isoformat(),
        documents=documents,
    )
