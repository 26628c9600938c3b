"""Reimbursing a provider for what it refunded on the Postal Service's behalf: once per thing.

A piece is reimbursed to the provider whose ruling refunded it, and to no other; the value of a
closed system once in its life under one key. What is paid moves from the fund in the same unit of
work, and the provider is told of every entry of its claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.ledger import Posting, Transfer
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.refunding import (
    AnsweredEntry,
    ClaimEntry,
    ReimbursementAnswered,
    ReimbursementClaimed,
)
from franking.messages.signing import Signer
from franking.money import format_dollars
from franking.postal.certificates.tables import certificates_of
from franking.postal.pieces import rows as piece_rows
from franking.postal.pieces.records import Fate, KnownPiece
from franking.postal.refunds import rows
from franking.postal.refunds.records import CaseStatus, Origin, Reimbursed
from franking.postal.refunds.tables import CLAIMS, REIMBURSED
from franking.postal.schema import DISPATCHES, LEDGER
from franking.postal.treasury.chart import FUND, account
from franking.storage import Act, Reading, Work

CLAIM_TOLD_BEFORE = Refusal(
    "CLAIM_TOLD_BEFORE",
    clause="73 FR 26353 (9 May 2008)",
    remedy="Give what is new another claim number.",
)
CLAIM_TOTAL_WRONG = Refusal(
    "CLAIM_TOTAL_WRONG",
    clause="73 FR 26353 (9 May 2008)",
    remedy="Add the entries up again, and send the claim under another number.",
    http_status=422,
)
_CLAUSE = "73 FR 26353 (9 May 2008)"
_KEY = re.compile(
    r"piece:(?P<piece>[0-9A-Z-]+):(?P<ascending>[1-9][0-9]{0,14})"
    r"|value:(?P<value>[0-9A-Z-]+):.+",
    re.ASCII,
)
"""One way of writing only: what could be written in two could be claimed twice."""
_KEYS_AT_ONCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the books know of the things in a claim."""

    pieces: Mapping[str, KnownPiece]
    """By key."""
    reimbursed: Mapping[str, Reimbursed]
    """By key."""
    values: Mapping[str, str]
    """By device: why its value is not reimbursed: another's, or refunded before in this life."""


def take_claim(work: Work, message: ReimbursementClaimed, signer: Signer, now: datetime) -> None:
    """Reimburse what is proven and was not reimbursed before; answer every entry.

    Raises:
        Refused: ``CLAIM_TOLD_BEFORE``, ``CLAIM_TOTAL_WRONG``.
    """
    _require_new(work, message)
    claimed = sum(entry.amount_mills for entry in message.entries)
    if claimed != message.total_mills:
        raise CLAIM_TOTAL_WRONG.because(
            f"{format_dollars(claimed)} in the entries, {format_dollars(message.total_mills)} said"
        )
    answers = answered(
        message.entries, _known(work, message.entries, message.sender), message.sender
    )
    paid = [
        entry for entry, answer in zip(message.entries, answers, strict=True) if answer.reimbursed
    ]
    total = sum(entry.amount_mills for entry in paid)
    _keep(work, message, answers, paid, now)
    if total:
        LEDGER.post(work, _posting(message, total), now)
    _answer(work, signer, message, answers, total, now)
    inputs: dict[str, object] = {"claim": message.claim, "entries": len(answers), "paid": total}
    record = record_id("claim", f"{message.sender}/{message.claim}")
    work.record(Act(record=record, clauses=(_CLAUSE,), inputs=inputs))


def answered(entries: Iterable[ClaimEntry], known: Known, provider: str) -> list[AnsweredEntry]:
    """Which entries are reimbursed, and why the others are not. Pure."""
    answers: list[AnsweredEntry] = []
    seen: set[str] = set()
    for entry in entries:
        thing = _thing(entry.key)
        because = _against(entry, known, provider)
        if not because and thing in seen:
            because = "it stands in this claim twice"
        seen.add(thing)
        answers.append(AnsweredEntry(key=entry.key, reimbursed=not because, because=because))
    return answers


def _thing(key: str) -> str:
    """What a key is about: a piece by itself, the value of a system by the system."""
    match = _KEY.fullmatch(key)
    return f"value:{match['value']}" if match and match["value"] else key


def whose_else(books: Reading, device: str, provider: str) -> str:
    """Whose a device is that is certified, and never was for this provider; else empty."""
    known = {one.provider for one in certificates_of(books, device)} - {""}
    return "" if not known or provider in known else f"{device} is of {', '.join(sorted(known))}"


def value_refunded(books: Reading, device: str) -> str:
    """Why the value of a device was refunded before in its present life; empty where it was not.

    A device that is certified anew after its value was refunded holds other value.
    """
    born = max((one.first_day for one in certificates_of(books, device)), default=date.min)
    for case in rows.cases(books, statuses=(CaseStatus.FINAL,), device=device):
        paid_on = case.final_on or case.filed_on
        if case.origin is Origin.FORWARDED and case.granted_mills and paid_on >= born:
            return f"its value was refunded on {paid_on} (case {case.number})"
    query = select(REIMBURSED).where(REIMBURSED.c.key.like(f"value:{device}:%"))
    for each in map(_reimbursed, books.rows(query)):
        if each.on >= born:
            return f"its value was reimbursed on {each.on} ({each.claim} of {each.provider})"
    return ""


def claims(books: Reading) -> list[dict[str, Any]]:
    """Every claim and what came of it."""
    query = select(CLAIMS).order_by(CLAIMS.c.answered_on, CLAIMS.c.provider, CLAIMS.c.claim)
    return [
        {**row._mapping, "answers": msgspec.json.decode(row.answers)} for row in books.rows(query)
    ]


def _against(entry: ClaimEntry, known: Known, provider: str) -> str:
    match = _KEY.fullmatch(entry.key)
    if match is None:
        return "its key names neither a piece nor the value of a system"
    if not entry.documents:
        return "no document proves it"
    if not entry.amount_mills:
        return "it is about nothing"
    if (before := known.reimbursed.get(entry.key)) is not None:
        return f"reimbursed on {before.on} to {before.provider}, claim {before.claim}"
    if match["piece"]:
        return _against_piece(entry, known.pieces.get(entry.key), provider)
    return known.values.get(match["value"], "")


def _against_piece(entry: ClaimEntry, known: KnownPiece | None, provider: str) -> str:
    if known is None:
        return "no ruling that refunds it is known"
    if known.fate is not Fate.REFUNDED:
        return f"it was {known.fate.value} on {known.on}"
    mine = record_id("ruling", f"{provider}/{entry.case}")
    if known.source != mine:
        return f"it was refunded by {known.provider or POSTAL_SERVICE} ({known.source})"
    if entry.amount_mills > known.piece.postage_mills:
        return f"its postage is {format_dollars(known.piece.postage_mills)}"
    return ""


def _known(work: Work, entries: Sequence[ClaimEntry], provider: str) -> Known:
    keys = sorted({entry.key for entry in entries})
    pieces: dict[str, KnownPiece] = {}
    devices: set[str] = set()
    for key in keys:
        match = _KEY.fullmatch(key)
        if match is None:
            continue
        if match["value"]:
            devices.add(match["value"])
        elif found := piece_rows.find(work, match["piece"], int(match["ascending"])):
            pieces[key] = found
    values = {
        device: whose_else(work, device, provider) or value_refunded(work, device)
        for device in sorted(devices)
    }
    return Known(pieces=pieces, reimbursed=_before(work, keys), values=values)


def _before(work: Work, keys: Sequence[str]) -> dict[str, Reimbursed]:
    found: dict[str, Reimbursed] = {}
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some = REIMBURSED.c.key.in_(keys[start : start + _KEYS_AT_ONCE])
        found |= {row.key: _reimbursed(row) for row in work.rows(select(REIMBURSED).where(some))}
    return found


def _require_new(work: Work, message: ReimbursementClaimed) -> None:
    mine = (CLAIMS.c.provider == message.sender) & (CLAIMS.c.claim == message.claim)
    if work.row(select(CLAIMS.c.claim).where(mine)) is not None:
        raise CLAIM_TOLD_BEFORE.because(f"{message.claim} of {message.sender} was answered")


def _keep(
    work: Work,
    message: ReimbursementClaimed,
    answers: Sequence[AnsweredEntry],
    paid: Sequence[ClaimEntry],
    now: datetime,
) -> None:
    day = now.date().isoformat()
    row = {
        "provider": message.sender,
        "claim": message.claim,
        "claimed_mills": message.total_mills,
        "reimbursed_mills": sum(entry.amount_mills for entry in paid),
        "answers": msgspec.json.encode(answers).decode(),
        "answered_on": day,
    }
    work.write(insert(CLAIMS).values(row))
    work.write_many(
        REIMBURSED,
        [
            {
                "key": entry.key,
                "provider": message.sender,
                "claim": message.claim,
                "provider_case": entry.case,
                "amount_mills": entry.amount_mills,
                "on_day": day,
            }
            for entry in paid
        ],
    )


def _posting(message: ReimbursementClaimed, total_mills: int) -> Posting:
    """The fund pays; the provider books it on its side, and the clearing account comes to zero."""
    return Posting(
        key=f"reimbursement:{message.sender}/{message.claim}",
        kind="reimbursement",
        transfers=(
            Transfer(
                debit=account("fund-clearing", message.sender),
                credit=FUND,
                amount_mills=total_mills,
            ),
        ),
        clause=_CLAUSE,
        reference=record_id("claim", f"{message.sender}/{message.claim}"),
    )


def _answer(
    work: Work,
    signer: Signer,
    message: ReimbursementClaimed,
    answers: list[AnsweredEntry],
    total_mills: int,
    now: datetime,
) -> None:
    answer = ReimbursementAnswered(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        claim=message.claim,
        entries=answers,
        reimbursed_mills=total_mills,
        answered_on=now.date().isoformat(),
    )
    record = record_id("claim", f"{message.sender}/{message.claim}")
    DISPATCHES.send(work, answer, signer, recipient=message.sender, record=record, now=now)


def _reimbursed(row: Row[tuple[object, ...]]) -> Reimbursed:
    return Reimbursed(
        key=row.key,
        provider=row.provider,
        claim=row.claim,
        case=row.provider_case,
        amount_mills=row.amount_mills,
        on=date.fromisoformat(row.on_day),
    )
