"""What providers have on deposit of their own, and what licensees asked back (501.28(b), (f))."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from franking import rules
from franking.clock import instant_text, parse_instant
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.ledger.records import Posting, Transfer
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.funds import (
    AccountRefundPaid,
    AccountRefundRequested,
    AcknowledgmentOfDeposit,
    ProviderDeposit,
)
from franking.messages.signing import Signer
from franking.money import format_dollars
from franking.postal.schema import DISPATCHES, DOCKET, LEDGER
from franking.postal.treasury import chart, rows
from franking.postal.treasury.comparing import average_advance
from franking.postal.treasury.records import (
    REFUND_BALANCE,
    Acknowledgment,
    BalanceRefund,
    DepositStatement,
    treasury_record,
)
from franking.rules.calendars import hours
from franking.storage import Act, Books, Work

DEPOSIT_UNFIT = Refusal(
    "DEPOSIT_UNFIT",
    clause="39 CFR 501.28(b)(5) (1995)",
    remedy="Give an amount other than zero, and the bank's reference of it.",
    http_status=422,
)
DEPOSIT_SHORT = Refusal(
    "DEPOSIT_SHORT",
    clause="39 CFR 501.28(b)(5) (1995)",
    remedy="Pay out less: what is advanced, and a day's average advances, stay on deposit.",
)
BALANCE_NOT_ASKED = Refusal(
    "BALANCE_NOT_ASKED",
    clause="39 CFR 501.28(f) (1995)",
    remedy="Say first which balance was asked back, and when.",
    http_status=404,
)
_DEPOSIT = "39 CFR 501.28(b)(5) (1995)"
_REFUND = "39 CFR 501.28(f) (1995)"
_METER = "meter-1995"


def change_provider_deposit(
    books: Books, signer: Signer, *, provider: str, change_mills: int, because: str, now: datetime
) -> DepositStatement:
    """Book what a provider paid in for its advances, or (below zero) was paid back; state it.

    What the treasury never sees again is what a licensee does not repay: the Postal Service bears
    no loss on advances (501.28(b)(5)).

    Raises:
        Refused: ``DEPOSIT_UNFIT``; ``DEPOSIT_SHORT`` where less would stay than the advances that
            are out, or than a day's average of them.
    """
    if not change_mills or not because.strip():
        raise DEPOSIT_UNFIT.because(f"{change_mills} mills, because {because!r}")
    record = treasury_record(provider)
    with books.work(now, "change_provider_deposit", on=(record,)) as work:
        before = rows.statements(work, provider)
        balance = (before[-1].balance_mills if before else 0) + change_mills
        if change_mills < 0:
            _require_left(work, provider, balance, change_mills, now.date())
        statement = DepositStatement(
            provider=provider,
            number=len(before) + 1,
            change_mills=change_mills,
            balance_mills=balance,
            because=because,
            booked_on=now.date(),
            booked_by=books.by.name,
        )
        rows.add_statement(work, statement)
        LEDGER.post(work, _posting(statement), now)
        told = _told(statement, now)
        DISPATCHES.send(work, told, signer, recipient=provider, record=record, now=now)
        inputs: dict[str, object] = {"change_mills": change_mills, "because": because}
        work.record(Act(record=record, clauses=(_DEPOSIT,), inputs=inputs))
    return statement


def take_acknowledgment(
    work: Work, message: AcknowledgmentOfDeposit, _: Signer, now: datetime
) -> None:
    """A signed Acknowledgment of Deposit reached its addressee (501.28(b)(2), 502.26(b)(1))."""
    rows.add_acknowledgment(
        work,
        Acknowledgment(
            provider=message.sender,
            account=message.account,
            licence=message.licence,
            licensee=message.licensee,
            zip_code=message.zip_code,
            rulebook=message.rulebook,
            signed_by=message.signed_by,
            signed_on=date.fromisoformat(message.signed_on),
            addressee=message.addressee,
            wording_digest=message.wording_digest,
            received_on=now.date(),
        ),
    )
    clause = "39 CFR 501.28(b)(2) (1995); 502.26(b)(1) (1997)"
    _note(work, message.sender, "take_acknowledgment", clause, account=message.account)


def take_refund_asked(
    work: Work, message: AccountRefundRequested, _: Signer, now: datetime
) -> None:
    """A balance is asked back: the bank has 48 hours, as "intended"; late is only reported."""
    asked = parse_instant(message.requested_at)
    term = rules.at("funds", _METER, now.date()).whole("account_balance_refund_hours")
    refund = BalanceRefund(
        provider=message.sender,
        account=message.account,
        licence=message.licence,
        licensee=message.licensee,
        amount_mills=message.amount_mills,
        requested_at=asked,
        due_at=hours(asked, term),
    )
    rows.put_refund(work, None, refund)
    DOCKET.open(
        work,
        REFUND_BALANCE,
        record=_balance_record(refund),
        owed_by="bank",
        rulebook=_METER,
        start=asked.astimezone(now.tzinfo).date(),
        due=refund.due_at.astimezone(now.tzinfo).date(),
        now=now,
        because=f"{format_dollars(refund.amount_mills)} to {refund.licensee}",
    )
    _note(work, message.sender, "note_balance_refund", _REFUND, account=message.account)


def take_refund_paid(work: Work, message: AccountRefundPaid, _: Signer, now: datetime) -> None:
    """The bank paid a balance back.

    Raises:
        Refused: ``BALANCE_NOT_ASKED``.
    """
    asked = parse_instant(message.requested_at)
    mine = [
        each
        for each in rows.refunds(work, provider=message.sender)
        if (each.account, each.requested_at) == (message.account, asked) and each.paid_at is None
    ]
    if not mine:
        raise BALANCE_NOT_ASKED.because(f"{message.account} asked nothing back at {asked:%c}")
    paid_at = parse_instant(message.paid_at)
    after = replace(mine[0], paid_at=paid_at, late=paid_at > mine[0].due_at)
    rows.put_refund(work, mine[0], after)
    because = "paid late" if after.late else "paid in time"
    DOCKET.satisfy(work, REFUND_BALANCE, record=_balance_record(after), now=now, because=because)
    _note(work, message.sender, "note_balance_refunded", _REFUND, account=message.account)


def _require_left(work: Work, provider: str, balance: int, change: int, on: date) -> None:
    """What is out as advances stays, by the provider's own report, and a day's average of them."""
    holds = LEDGER.balance(work, chart.account(chart.ADVANCES_FROM, provider)).balance_mills
    left, average = min(balance, holds + change), average_advance(work, provider, on)
    if left < average:
        raise DEPOSIT_SHORT.because(
            f"{format_dollars(left)} would be left for {format_dollars(average)} a day"
        )


def _posting(statement: DepositStatement) -> Posting:
    clearing = chart.account("fund-clearing", statement.provider)
    grew = statement.change_mills > 0
    transfer = Transfer(
        debit=chart.FUND if grew else clearing,
        credit=clearing if grew else chart.FUND,
        amount_mills=abs(statement.change_mills),
    )
    code = chart.code_of(statement.provider)
    return Posting(
        key=f"provider-deposit:{code}:{statement.number}",
        kind="provider deposit",
        transfers=(transfer,),
        clause=_DEPOSIT,
        because=statement.because,
        reference=treasury_record(code),
    )


def _told(statement: DepositStatement, now: datetime) -> ProviderDeposit:
    return ProviderDeposit(
        device="",
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        number=statement.number,
        balance_mills=statement.balance_mills,
        change_mills=statement.change_mills,
        because=statement.because,
    )


def _balance_record(refund: BalanceRefund) -> str:
    asked = instant_text(refund.requested_at.astimezone(UTC))
    return record_id("balance", f"{chart.code_of(refund.provider)}/{refund.account}/{asked}")


def _note(work: Work, provider: str, command: str, clause: str, **inputs: object) -> None:
    record = treasury_record(provider)
    work.record(Act(command=command, record=record, clauses=(clause,), inputs=inputs))
