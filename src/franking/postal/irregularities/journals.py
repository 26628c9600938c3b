"""Cases of hosted journals that contradict what was anchored of them: copies that went on apart.

No scan says so: the head that a provider reported does, against the one that it reported before.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from franking.clock import instant_text
from franking.identifiers import record_id
from franking.messages.signing import Signer, sign
from franking.postal.case_numbers import next_case
from franking.postal.irregularities import rows
from franking.postal.irregularities.parties import parties_of
from franking.postal.irregularities.records import (
    LOOK_INTO,
    Evidence,
    Irregularity,
    IrregularityKind,
)
from franking.postal.irregularities.signed import IrregularityRecord
from franking.postal.schema import DOCKET
from franking.rules import at
from franking.rules.calendars import due
from franking.storage import Act, Work

_CLAUSE = "39 CFR 502.26(a) (1997)"
_RULEBOOK = "ibip-1997"
_KIND = IrregularityKind.JOURNAL_FORKED
_NO_NIGHT = ""


def open_journal_case(work: Work, device: str, facts: str, signer: Signer, now: datetime) -> None:
    """Open a case of a journal that contradicts its anchors, or add to the one that stands.

    The same facts again change nothing, also after their case was closed.
    """
    content = hashlib.sha256(facts.encode()).hexdigest()
    if ((_KIND, device), content) in rows.contents_known(work, [device]):
        return
    standing = rows.standing_cases(work, [device]).get((_KIND, device))
    case = standing or _opened(work, device, facts, now)
    rows.add_evidence(work, [_evidence(case, facts, content, signer, now)])


def _opened(work: Work, device: str, facts: str, now: datetime) -> Irregularity:
    today = now.date()
    case = Irregularity(
        number=next_case(work),
        kind=_KIND,
        device=device,
        subject=device,
        clause=_CLAUSE,
        facts=facts,
        opened_on=today,
        contest_by=due(today, at("irregularities", _RULEBOOK, today)["contest_days"]),
        parties=parties_of(work, [device]).get(device, ()),
    )
    record = record_id("case", case.number)
    rows.add_cases(work, [case])
    DOCKET.open(
        work,
        LOOK_INTO,
        record=record,
        owed_by="Postal Service",
        rulebook=_RULEBOOK,
        start=today,
        now=now,
        because=f"{device}: {_KIND.value}",
    )
    inputs: dict[str, object] = {"kind": _KIND.value, "subject": device}
    work.record(Act(record=record, command="open_case", clauses=(_CLAUSE,), inputs=inputs))
    return case


def _evidence(
    case: Irregularity, facts: str, content: str, signer: Signer, now: datetime
) -> Evidence:
    record = IrregularityRecord(
        device=case.device,
        issued_at=instant_text(now),
        case=case.number,
        kind=case.kind.value,
        subject=case.subject,
        night=_NO_NIGHT,
        judged_at=instant_text(now),
        facts=facts,
        rulebook=_RULEBOOK,
        clauses=[_CLAUSE],
        reasons=[],
        count=0,
        pieces=0,
        scans=[],
        contradictions=[],
        files=[],
        trust_list=None,
        may_contest=list(case.parties),
        contest_by=case.contest_by.isoformat(),
    )
    return Evidence(
        case_number=case.number,
        kind=case.kind,
        subject=case.subject,
        night=_NO_NIGHT,
        content=content,
        scans=0,
        facts=facts,
        record=sign(record, signer),
        signed_at=instant_text(now),
    )
