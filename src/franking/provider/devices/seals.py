"""What the Postal Service's security seals cost: shared by installed base, repaid promptly.

39 CFR 501.20 of 1995. The Postal Service makes and hands out the seals; each maker's share is a
cost of its business, and no licensee is charged for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select, update

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.money import format_dollars
from franking.provider.devices.article_tables import SEAL_STATEMENTS
from franking.provider.schema import DOCKET
from franking.storage import Act, Books

DUTY = "repay seal costs"
_CLAUSE = "39 CFR 501.20 (1995)"
_RULEBOOK = "meter-1995"

SEAL_SHARE_DISPUTED = Refusal(
    "SEAL_SHARE_DISPUTED",
    clause=_CLAUSE,
    remedy="Ask the Postal Service for the installed bases its statement rests on.",
    http_status=422,
)
SEAL_STATEMENT_UNKNOWN = Refusal(
    "SEAL_STATEMENT_UNKNOWN",
    clause=_CLAUSE,
    remedy="Take the statement first, and pay exactly its share, once.",
    http_status=422,
)


def shares(cost_mills: int, installed: Mapping[str, int]) -> dict[str, int]:
    """The cost of seals by maker, in proportion to its meters in service; it adds to the mill.

    What does not divide goes, a mill each, to the makers with the largest remainders, by name
    among equals.
    """
    base = sum(installed.values())
    if base <= 0 or min(installed.values()) < 0 or cost_mills < 0:
        raise SEAL_SHARE_DISPUTED.because("there is no installed base to share the cost by")
    parts = {maker: divmod(cost_mills * count, base) for maker, count in installed.items()}
    share = {maker: whole for maker, (whole, _) in parts.items()}
    by_remainder = sorted(parts, key=lambda maker: (-parts[maker][1], maker))
    for maker in by_remainder[: cost_mills - sum(share.values())]:
        share[maker] += 1
    return share


def take_statement(
    books: Books,
    *,
    reference: str,
    maker: str,
    cost_mills: int,
    installed: Mapping[str, int],
    claimed_mills: int,
    now: datetime,
) -> int:
    """Take the Postal Service's statement of seal costs, checked by its own figures; our share.

    Raises:
        Refused: ``SEAL_SHARE_DISPUTED``.
    """
    share = shares(cost_mills, installed).get(maker, 0)
    if share != claimed_mills:
        raise SEAL_SHARE_DISPUTED.because(
            f"{maker}'s share of {format_dollars(cost_mills)} is {format_dollars(share)},"
            f" not {format_dollars(claimed_mills)}"
        )
    record, today = record_id("seal statement", reference), now.date()
    with books.work(now, "take_seal_statement", on=(record,)) as work:
        row = {"reference": reference, "day": today.isoformat(), "share_mills": share}
        work.write(insert(SEAL_STATEMENTS).values(**row, repaid_at=None, payment=""))
        DOCKET.open(
            work,
            DUTY,
            record=record,
            owed_by="provider",
            rulebook=_RULEBOOK,
            start=today,
            now=now,
            because=f"seal costs by statement {reference}",
        )
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"share_mills": share}))
    return share


def repay(books: Books, *, reference: str, paid_mills: int, payment: str, now: datetime) -> None:
    """Repay the share of a statement, once and in full.

    Raises:
        Refused: ``SEAL_STATEMENT_UNKNOWN``.
    """
    record, table = record_id("seal statement", reference), SEAL_STATEMENTS.c
    with books.work(now, "repay_seal_costs", on=(record,)) as work:
        row = work.row(select(SEAL_STATEMENTS).where(table.reference == reference))
        if row is None or row.repaid_at is not None or row.share_mills != paid_mills:
            raise SEAL_STATEMENT_UNKNOWN.because(
                f"{format_dollars(paid_mills)} is not what statement {reference!r} leaves due"
            )
        mine = update(SEAL_STATEMENTS).where(table.reference == reference)
        work.write_one(mine.values(repaid_at=instant_text(now), payment=payment))
        DOCKET.satisfy(work, DUTY, record=record, now=now, because=f"paid by {payment}")
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"paid_mills": paid_mills}))
