"""What a provider advances to its licensees, out of its own deposit (39 CFR 501.28(b)(5), 1995).

A day's advances never exceed the deposit at the start of the day with what was added; and nothing
is advanced while that deposit is below an average day's advances. The licensee's next deposit
repays them. What is not repaid is the provider's loss: the Postal Service has had its money.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from franking.errors import Refusal
from franking.identifiers import record_id
from franking.ledger import Posting, account_record
from franking.money import format_dollars
from franking.provider.funds import chart, decisions, postings, rows
from franking.provider.funds.accounts import require_account
from franking.provider.funds.records import Advance, AdvanceDay, AdvanceTerms, FundsAccount
from franking.provider.schema import LEDGER
from franking.rules import at
from franking.storage import Act, Books, Reading, Work

CLAUSE = "39 CFR 501.28(b)(5) (1995)"
_DEPOSIT = account_record(chart.PROVIDER_DEPOSIT)

ADVANCE_TERMS_UNFIT = Refusal(
    "ADVANCE_TERMS_UNFIT",
    clause=CLAUSE,
    remedy="Agree on a limit of zero or more, by a person of the provider; zero ends it.",
    http_status=422,
)


def agree_advances(books: Books, number: str, *, limit_mills: int, now: datetime) -> AdvanceTerms:
    """Agree that the provider advances up to a limit to a licensee; zero ends the agreement.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``, ``ADVANCE_TERMS_UNFIT``.
    """
    if limit_mills < 0:
        raise ADVANCE_TERMS_UNFIT.because(f"{format_dollars(limit_mills)} is below nothing")
    with books.reading() as reading:
        record = require_account(reading, number).record
    with books.work(now, "agree_advances", on=(record,)) as work:
        terms = AdvanceTerms(
            account=number,
            limit_mills=limit_mills,
            agreed_by=books.by.name,
            agreed_on=now.date(),
        )
        rows.add_terms(work, terms)
        told = f"advances up to {format_dollars(limit_mills)}"
        rows.note(
            work, record, "advances agreed", clause=CLAUSE, because=told, by=books.by.name, now=now
        )
    return terms


def advance_funds(books: Books, number: str, amount_mills: int, *, now: datetime) -> Advance:
    """Advance funds to a licensee, to be used at the next reset.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``, ``FUNDS_ACCOUNT_LOCKED``, ``FUNDS_ACCOUNT_CLOSED``,
            ``INSUFFICIENT_FUNDS``, ``ADVANCE_REFUSED``, ``TRANSFER_AMOUNT_REFUSED``.
    """
    with books.reading() as reading:
        record = require_account(reading, number).record
    with books.work(now, "advance_funds", on=(record, _DEPOSIT)) as work:
        account = require_account(work, number)
        decisions.require_payable(account)
        return advance(work, account, amount_mills, because="asked for", now=now)


def advance(
    work: Work, account: FundsAccount, amount_mills: int, *, because: str, now: datetime
) -> Advance:
    """Advance what a licensee lacks, within a unit of work.

    Raises:
        Refused: ``INSUFFICIENT_FUNDS`` where no advance is agreed, ``ADVANCE_REFUSED``.
    """
    work.wait_for(_DEPOSIT)
    today = day_of(work, now)
    after = decisions.advanced(
        today,
        rows.terms_of(work, account.number),
        amount_mills=amount_mills,
        owed_mills=owed(work, account.number),
        needed_mills=needed(work, account.rulebook, now),
    )
    given = Advance(
        number=rows.advance_number(rows.next_advance(work)),
        account=account.number,
        amount_mills=amount_mills,
        day=now.date(),
        at=now.isoformat(),
        because=because,
    )
    LEDGER.post(work, _posting(given), now)
    rows.keep_day(work, after)
    rows.add_advance(work, given)
    inputs: dict[str, object] = {"account": account.number, "amount_mills": amount_mills}
    work.record(Act(record=record_id("advance", given.number), clauses=(CLAUSE,), inputs=inputs))
    return given


def repay(work: Work, account: str, *, payment: str, now: datetime) -> int:
    """Take from a deposit what the licensee owes for advances; how much that was, in mills."""
    due = owed(work, account)
    if due == 0:
        return 0
    day_of(work, now)
    have = LEDGER.balance(work, chart.deposits(account)).available_mills
    amount = min(due, have)
    if amount > 0:
        posting = postings.repaid(payment=payment, account=account, amount_mills=amount)
        LEDGER.post(work, posting, now)
    return amount


def change_deposit(
    work: Work, *, statement: str, change_mills: int, because: str, now: datetime
) -> None:
    """The provider's deposit with the Postal Service changed, as the Postal Service states.

    Raises:
        Refused: ``LIMIT_PASSED`` where more is withdrawn than advances left of it.
    """
    work.wait_for(_DEPOSIT)
    today = day_of(work, now)
    posting = postings.provider_deposit(
        statement=statement, amount_mills=change_mills, because=because
    )
    if LEDGER.find(work, posting.key) is not None:
        return
    LEDGER.post(work, posting, now)
    cover = max(today.cover_mills + change_mills, today.advanced_mills)
    rows.keep_day(
        work, AdvanceDay(day=today.day, cover_mills=cover, advanced_mills=today.advanced_mills)
    )


def day_of(work: Work, now: datetime) -> AdvanceDay:
    """Today's advances and what covers them; the first who asks fixes the start of the day."""
    found = rows.advance_day(work, now.date())
    if found is not None:
        return found
    start = LEDGER.balance(work, chart.PROVIDER_DEPOSIT).balance_mills
    day = AdvanceDay(day=now.date(), cover_mills=start, advanced_mills=0)
    rows.keep_day(work, day)
    return day


def owed(books: Reading, account: str) -> int:
    """What a licensee owes the provider for advances, in mills."""
    return -LEDGER.balance(books, chart.owed(account)).balance_mills


def needed(books: Reading, rulebook: str, now: datetime) -> int:
    """What the provider's deposit must be at least: the average advances of the rule's days."""
    rules = at("funds", rulebook, now.date())
    window = rules.whole("advance_average_days")
    yesterday = now.date() - timedelta(days=1)
    total = rows.advanced_between(books, now.date() - timedelta(days=window), yesterday)
    days = rules.whole("advance_deposit_days_average")
    return decisions.average_mills(total, over_days=window) * days


def _posting(given: Advance) -> Posting:
    return postings.advance(
        advance=given.number, account=given.account, amount_mills=given.amount_mills
    )
