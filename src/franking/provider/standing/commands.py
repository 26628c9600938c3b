"""What a provider's officer answers the treasury: costs, corrections, defenses, records."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from franking import rules
from franking.clock import instant_text
from franking.errors import Refusal
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import (
    ConversionStepDone,
    CostsDisclosed,
    DeficiencyCorrected,
    DifferencesAnswered,
    LockboxOffered,
    RecordsProduced,
    SuppliesWanted,
    SuspensionDefended,
)
from franking.messages.receiving import Dispatched
from franking.messages.signing import Signer
from franking.provider.identity import require_identity
from franking.provider.schema import DISPATCHES, DOCKET, SCHEMA
from franking.provider.standing import tables
from franking.provider.standing.hearing import RECORD, letter_record
from franking.provider.standing.records import (
    ANSWER,
    HoldStatus,
    Letter,
    LetterKind,
    LetterStatus,
    Supplies,
)
from franking.storage import Act, Books, Work
from franking.storage.export import export_journal

LETTER_UNKNOWN = Refusal(
    "LETTER_UNKNOWN",
    clause="39 CFR 501.28 (1995)",
    remedy="See what the treasury wrote: franking treasury letters.",
    http_status=404,
)
LETTER_ANSWERED = Refusal(
    "LETTER_ANSWERED",
    clause="39 CFR 501.28 (1995)",
    remedy="Nothing is to be answered any more; see franking treasury letters.",
)
ANSWER_EMPTY = Refusal(
    "ANSWER_EMPTY",
    clause="39 CFR 501.12(c), 501.28 (1995)",
    remedy="Say it in words, with reasons and evidence.",
    http_status=422,
)
NOTHING_TO_DEFEND = Refusal(
    "NOTHING_TO_DEFEND",
    clause="39 CFR 501.12(c) (1995)",
    remedy="A defense answers a notice of suspension before its day; after it, correct and ask.",
)
COSTS_UNFIT = Refusal(
    "COSTS_UNFIT",
    clause="60 FR 30714 (1995), preamble IV",
    remedy="Give both amounts in dollars, zero or more.",
    http_status=422,
)
SUPPLIES_UNFIT = Refusal(
    "SUPPLIES_UNFIT",
    clause="39 CFR 501.28(e)(6) (1995)",
    remedy="Ask for tickets or envelopes, from one to as many as policy allows.",
    http_status=422,
)
RECORDS_NOT_WRITTEN = Refusal(
    "RECORDS_NOT_WRITTEN",
    clause="39 CFR 501.28(h) (1995)",
    remedy="Give a new file in a folder that can be written; nothing was said yet.",
)


def offer_lockbox(
    books: Books,
    signer: Signer,
    *,
    bank: str,
    routing: str,
    account: str,
    title: str,
    now: datetime,
) -> Letter:
    """Put a lockbox account in the Postal Service's name up for its approval (501.28(e)(1)).

    With the offer goes the bank's undertaking to say each banking day what licensees paid in.
    Offered again, nothing changes.
    """
    reference = f"{routing}/{account}"
    with books.work(now, "offer_lockbox", on=(RECORD,)) as work:
        before = tables.find_letter(work, LetterKind.LOCKBOX, reference)
        if before is not None:
            return before
        offered = LockboxOffered(
            **_from(work, now),
            bank=bank,
            routing=routing,
            account=account,
            title=title,
            reports_each_banking_day=True,
        )
        letter = Letter(
            kind=LetterKind.LOCKBOX,
            reference=reference,
            content=msgspec.json.encode(offered).decode(),
            told_on=now.date(),
            status=LetterStatus.OPEN,
        )
        tables.add_letter(work, letter)
        _send(work, signer, offered, now)
        _record(work, "39 CFR 501.28(e)(1) (1995)", bank=bank, routing=routing)
    return letter


def disclose_costs(
    books: Books,
    signer: Signer,
    *,
    request: int,
    resetting_mills: int,
    conversion_mills: int,
    because: str,
    now: datetime,
) -> Letter:
    """Say what resetting and conversion cost; nothing becomes payable by it (60 FR 30714).

    Raises:
        Refused: ``LETTER_UNKNOWN``, ``LETTER_ANSWERED``, ``COSTS_UNFIT``.
    """
    if min(resetting_mills, conversion_mills) < 0:
        raise COSTS_UNFIT.because("a cost is below zero")
    with books.work(now, "disclose_costs", on=(RECORD,)) as work:
        told = CostsDisclosed(
            **_from(work, now),
            request=request,
            resetting_mills=resetting_mills,
            conversion_mills=conversion_mills,
            because=because,
        )
        words = f"resetting {resetting_mills} mills, conversion {conversion_mills} mills"
        return _answer(work, signer, LetterKind.COSTS, str(request), told, words, now)


def report_conversion_step(
    books: Books, signer: Signer, *, step: str, done_on: date, now: datetime
) -> Letter:
    """Say that a step of the conversion timetable is done.

    Raises:
        Refused: ``LETTER_UNKNOWN``, ``LETTER_ANSWERED``.
    """
    with books.work(now, "report_conversion_step", on=(RECORD,)) as work:
        done = ConversionStepDone(**_from(work, now), step=step, done_on=done_on.isoformat())
        wanted = tables.letters(work, LetterKind.TIMETABLE)
        mine = [each.reference for each in wanted if each.reference.partition(": ")[2] == step]
        reference = mine[-1] if mine else step
        words = f"done on {done_on}"
        return _answer(work, signer, LetterKind.TIMETABLE, reference, done, words, now)


def correct_deficiency(
    books: Books, signer: Signer, *, assessment: int, correction: str, now: datetime
) -> Letter:
    """Say what was done about the findings of an assessment or audit (501.28(c)).

    Raises:
        Refused: ``LETTER_UNKNOWN``, ``LETTER_ANSWERED``, ``ANSWER_EMPTY``.
    """
    words = _said(correction)
    with books.work(now, "correct_deficiency", on=(RECORD,)) as work:
        told = DeficiencyCorrected(**_from(work, now), assessment=assessment, correction=words)
        reference = str(assessment)
        return _answer(work, signer, LetterKind.ASSESSMENT, reference, told, words, now)


def defend_suspension(
    books: Books,
    signer: Signer,
    *,
    assessment: int,
    defense: str,
    evidence: tuple[str, ...],
    now: datetime,
) -> None:
    """Present a written defense before a noticed suspension takes effect (39 CFR 501.12(c)).

    Raises:
        Refused: ``NOTHING_TO_DEFEND``, ``ANSWER_EMPTY``.
    """
    words = _said(defense)
    with books.work(now, "defend_suspension", on=(RECORD,)) as work:
        hold = tables.find_hold(work, assessment)
        if hold is None or hold.status is not HoldStatus.NOTICED:
            raise NOTHING_TO_DEFEND.because(f"no suspension is noticed under {assessment}")
        if hold.is_in_force(now.date()):
            raise NOTHING_TO_DEFEND.because(f"it took effect on {hold.since}")
        tables.put_hold(work, hold, replace(hold, status=HoldStatus.DEFENDED))
        told = SuspensionDefended(
            **_from(work, now), assessment=assessment, defense=words, evidence=list(evidence)
        )
        _send(work, signer, told, now)
        _record(work, "39 CFR 501.12(c) (1995)", assessment=assessment, evidence=list(evidence))


def produce_records(
    books: Books, signer: Signer, *, inspection: int, file: Path, now: datetime
) -> Letter:
    """Lay the records of the resetting system open: the whole journal in a file (501.28(h)).

    What is handed over is named by its digest, so that it can be checked without the books.

    Raises:
        Refused: ``LETTER_UNKNOWN``, ``LETTER_ANSWERED``, ``RECORDS_NOT_WRITTEN``.
    """
    with books.reading() as reading:
        letter = tables.find_letter(reading, LetterKind.INSPECTION, str(inspection))
        _require_open(letter, LetterKind.INSPECTION, str(inspection))
    digest, entries = _write_journal(books, file)
    with books.work(now, "produce_records", on=(RECORD,)) as work:
        produced = RecordsProduced(
            **_from(work, now),
            inspection=inspection,
            records="the journal of every act, with inputs",
            digest=digest,
            entries=entries,
            place=file.name,
        )
        words = f"{entries} entries, SHA-256 {digest}"
        reference = str(inspection)
        return _answer(work, signer, LetterKind.INSPECTION, reference, produced, words, now)


def answer_difference(
    books: Books, signer: Signer, *, number: int, answer: str, now: datetime
) -> Letter:
    """Explain a difference that the treasury found.

    Raises:
        Refused: ``LETTER_UNKNOWN``, ``LETTER_ANSWERED``, ``ANSWER_EMPTY``.
    """
    words, reference = _said(answer), str(number)
    with books.work(now, "answer_difference", on=(RECORD,)) as work:
        found = tables.find_letter(work, LetterKind.DIFFERENCE, reference)
        letter = _require_open(found, LetterKind.DIFFERENCE, reference)
        day = msgspec.json.decode(letter.content)["day"]
        told = DifferencesAnswered(**_from(work, now), day=day, number=number, answer=words)
        return _answer(work, signer, LetterKind.DIFFERENCE, reference, told, words, now)


def want_supplies(books: Books, signer: Signer, wanted: Supplies, now: datetime) -> Letter:
    """Ask the Postal Service for deposit tickets and envelopes for a licensee (501.28(e)(6)).

    Asked again on the same day, nothing changes.

    Raises:
        Refused: ``SUPPLIES_UNFIT``.
    """
    most = rules.at("funds", "meter-1995", now.date()).whole("supplies_pieces_max")
    counts = (wanted.tickets, wanted.envelopes)
    if min(counts) < 0 or not any(counts) or max(counts) > most:
        raise SUPPLIES_UNFIT.because(f"{counts[0]} tickets and {counts[1]} envelopes")
    with books.work(now, "want_supplies", on=(RECORD,)) as work:
        reference = f"{wanted.account}/{now.date().isoformat()}"
        before = tables.find_letter(work, LetterKind.SUPPLIES, reference)
        if before is not None:
            return before
        message = SuppliesWanted(**_from(work, now), **asdict(wanted))
        letter = Letter(
            kind=LetterKind.SUPPLIES,
            reference=reference,
            content=msgspec.json.encode(message).decode(),
            told_on=now.date(),
            status=LetterStatus.OPEN,
        )
        tables.add_letter(work, letter)
        _send(work, signer, message, now)
        _record(work, "39 CFR 501.28(e)(6) (1995)", account=wanted.account)
    return letter


def letters_view(books: Books, *, waiting: bool = False) -> list[dict[str, Any]]:
    """What the treasury wrote, oldest first; ``waiting``: what is to be answered only."""
    with books.reading() as reading:
        found = tables.letters(reading)
    wanted = [each for each in found if not waiting or each.status is LetterStatus.OPEN]
    return [_shown(each) for each in wanted]


def standing_view(books: Books) -> dict[str, Any]:
    """Holds on resetting, and the terms with the lockbox bank."""
    with books.reading() as reading:
        holds, terms = tables.holds(reading), tables.terms_of(reading)
    return {
        "holds": [msgspec.to_builtins(asdict(each)) for each in holds],
        "lockboxes": [msgspec.to_builtins(asdict(each)) for each in terms],
    }


def _shown(letter: Letter) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(asdict(letter))
    return {**told, "content": msgspec.json.decode(letter.content)}


def _write_journal(books: Books, file: Path) -> tuple[str, int]:
    """Write the journal to a new file; its digest and how many lines it has."""
    digest, lines = hashlib.sha256(), 0
    try:
        with file.open("x", encoding="utf-8") as out, books.reading() as reading:
            for line in export_journal(reading, SCHEMA):
                out.write(line)
                digest.update(line.encode())
                lines += 1
    except OSError as error:
        raise RECORDS_NOT_WRITTEN.because(f"{file}: {error.strerror}") from error
    return digest.hexdigest(), lines


def _answer(
    work: Work,
    signer: Signer,
    kind: LetterKind,
    reference: str,
    message: Dispatched,
    words: str,
    now: datetime,
) -> Letter:
    """Answer a letter that waits: its duty is done, the message on its way."""
    before = _require_open(tables.find_letter(work, kind, reference), kind, reference)
    after = replace(before, status=LetterStatus.ANSWERED, answered_on=now.date(), answer=words)
    tables.answer_letter(work, before, after)
    DOCKET.satisfy(work, ANSWER, record=letter_record(before), now=now, because=words)
    _send(work, signer, message, now)
    _record(work, "39 CFR 501.28 (1995)", letter=before.name, answer=words)
    return after


def _require_open(found: Letter | None, kind: LetterKind, reference: str) -> Letter:
    if found is None:
        raise LETTER_UNKNOWN.because(f"the treasury wrote no {kind.value} {reference}")
    if found.status is not LetterStatus.OPEN:
        raise LETTER_ANSWERED.because(f"{found.name}: {found.answer or 'to be noted only'}")
    return found


def _said(words: str) -> str:
    if not words.strip():
        raise ANSWER_EMPTY.because("the answer has no words")
    return words.strip()


def _from(work: Work, now: datetime) -> dict[str, Any]:
    return {
        "device": "",
        "issued_at": instant_text(now),
        "sender": require_identity(work).name,
    }


def _send(work: Work, signer: Signer, message: Dispatched, now: datetime) -> None:
    DISPATCHES.send(work, message, signer, recipient=POSTAL_SERVICE, record=RECORD, now=now)


def _record(work: Work, clause: str, **inputs: object) -> None:
    work.record(Act(record=RECORD, clauses=(clause,), inputs=inputs))
