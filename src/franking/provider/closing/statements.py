"""Monthly statements of account: each transaction with the balance after it.

39 CFR 501.28(e)(3) and DMM P030.3.12c (1995), P050.3.5c (1997): a licensee has a document after
each reset, or this statement each month, as the account says. A month's statement is the same
whenever it is made, once the month is over: postings are never changed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from franking.clock import instant_text
from franking.errors import Refusal
from franking.forms.form import Party, rulebook_named
from franking.forms.statement import StatementForm, StatementLine
from franking.identifiers import record_id
from franking.ledger import Line
from franking.money import MILLS_PER_DOLLAR
from franking.provider.funds import rows as funds
from franking.provider.funds.accounts import require_account
from franking.provider.funds.records import FundsAccount, Statements
from franking.provider.identity import require_identity
from franking.provider.reports import expecting, tables
from franking.provider.reports.expecting import month_end
from franking.provider.reports.records import FiledReport, ReportKind
from franking.provider.schema import LEDGER
from franking.rules import at
from franking.storage import Act, Books, Reading

CLAUSE: Final = "39 CFR 501.28(e)(3) (1995); DMM P050.3.5c (1997)"
CSV_COLUMNS: Final = ("date", "transaction", "amount", "balance")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_WORDS: Final = {
    "deposit": "Deposit received",
    "assigned": "Deposit received, assigned to this account",
    "grant": "Postage",
    "grant returned": "Postage returned, not taken",
    "advance": "Advanced by the provider",
    "advance repaid": "Advance repaid",
    "balance refund": "Balance to be refunded",
    "balance refund called off": "Refund called off",
    "value withdrawn": "Postage withdrawn",
    "refund paid": "Refund",
    "correction": "Correction",
    "adjustment": "Postage adjustment",
}

MONTH_UNREADABLE = Refusal(
    "MONTH_UNREADABLE",
    clause="policy",
    remedy="Name a month such as 1997-06.",
    http_status=422,
)
MONTH_NOT_OVER = Refusal(
    "MONTH_NOT_OVER",
    clause=CLAUSE,
    remedy="Send the statements when the month is over; one account can be shown at any time.",
)


def parse_month(text: str) -> date:
    """The first day of a month such as ``1997-06``.

    Raises:
        Refused: ``MONTH_UNREADABLE``.
    """
    if _MONTH.fullmatch(text) is None or text.startswith("0000"):
        raise MONTH_UNREADABLE.because(f"{text!r} is not a month")
    return date(int(text[:4]), int(text[5:]), 1)


def statement_of(reading: Reading, number: str, month: date) -> StatementForm:
    """The statement of an account for the month that begins on ``month``.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``.
    """
    return _statement(reading, require_account(reading, number), month)


def statements_due(reading: Reading, month: date) -> Iterator[StatementForm]:
    """The statements of a month, of every account whose licensee chose them, by number."""
    for account in funds.accounts(reading):
        if account.statements is Statements.MONTHLY and account.opened_on <= month_end(month):
            yield _statement(reading, account, month)


def send_statements(books: Books, month: date, now: datetime) -> FiledReport:
    """Note that the statements of a month went out; again, it is the same note.

    Raises:
        Refused: ``MONTH_NOT_OVER``.
    """
    last, period = month_end(month), f"{month:%Y-%m}"
    if last >= now.date():
        raise MONTH_NOT_OVER.because(f"{period} ends on {last}")
    record = record_id("report", f"{ReportKind.STATEMENTS} {period}")
    with books.work(now, "send_statements", on=(record, *_provider(books))) as work:
        if (found := tables.find_filed(work, ReportKind.STATEMENTS, period)) is not None:
            return found
        sent = list(statements_due(work, month))
        filed = FiledReport(
            kind=ReportKind.STATEMENTS,
            period=period,
            since=month,
            until=last,
            filed_at=instant_text(now),
            filed_by=str(books.by),
            lines=len(sent),
            total_mills=sum(each.closing_mills for each in sent),
            digest=tables.digest_of([each.as_json() for each in sent]),
        )
        tables.add_filed(work, filed)
        name = require_identity(work).name
        expecting.report_filed(work, ReportKind.STATEMENTS, name, last, now)
        inputs = {"accounts": filed.lines, "digest": filed.digest}
        work.record(Act(record=record, clauses=(CLAUSE,), inputs=inputs))
    return filed


def as_csv(statement: StatementForm) -> str:
    """A statement as lines of CSV, amounts in dollars with three decimals."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    opening, closing = _decimal(statement.opening_mills), _decimal(statement.closing_mills)
    writer.writerow((statement.since, "Balance at the beginning", "", opening))
    for each in statement.lines:
        writer.writerow(
            (each.on, each.what, _decimal(each.amount_mills), _decimal(each.balance_mills))
        )
    writer.writerow((statement.until, "Balance at the end", "", closing))
    return text.getvalue()


def _statement(reading: Reading, account: FundsAccount, month: date) -> StatementForm:
    last = month_end(month)
    moved = list(LEDGER.lines(reading, account.name, since=month, until=last))
    opening = (
        moved[0].balance_after_mills - moved[0].amount_mills
        if moved
        else _balance_before(reading, account, month)
    )
    return StatementForm(
        rulebook=rulebook_named(account.rulebook),
        account=account.number,
        licence=account.licence,
        licensee=Party(name=account.licensee),
        office_zip=account.zip_code,
        provider=require_identity(reading).name,
        since=month,
        until=last,
        backing=at("funds", account.rulebook, last).choices("deposit_backing")[0],
        opening_mills=opening,
        lines=tuple(_line(each) for each in moved),
    )


def _balance_before(reading: Reading, account: FundsAccount, day: date) -> int:
    """What the account held when a day began, in a month without a transaction."""
    later = LEDGER.lines(reading, account.name, since=day)
    return LEDGER.balance(reading, account.name).balance_mills - sum(
        each.amount_mills for each in later
    )


def _line(line: Line) -> StatementLine:
    words = _WORDS.get(line.kind, line.kind.capitalize())
    about = line.reference.partition(":")[2] if line.reference.startswith("device:") else ""
    told = [f"{words} of device {about}" if about else words, line.because]
    return StatementLine(
        on=line.day,
        what=": ".join(filter(None, told)),
        amount_mills=line.amount_mills,
        balance_mills=line.balance_after_mills,
    )


def _provider(books: Books) -> tuple[str, ...]:
    with books.reading() as reading:
        return (record_id("provider", require_identity(reading).name),)


def _decimal(mills: int) -> str:
    whole, rest = divmod(abs(mills), MILLS_PER_DOLLAR)
    return f"{'-' if mills < 0 else ''}{whole}.{rest:03d}"
