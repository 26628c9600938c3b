"""Reading a BAI2 report: whole, or refused with everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, time

from franking.bank_files.bai2_records import (
    Account,
    Bai2File,
    Funds,
    FundsType,
    Group,
    GroupStatus,
    Summary,
    Transaction,
)
from franking.bank_files.columns import read_day, text_of
from franking.bank_files.faults import Faults

_CODE = re.compile(r"\d{3}", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
_CLOCK = re.compile(r"(\d\d)(\d\d)", re.ASCII)
_DOLLARS = frozenset({"", "USD"})
_FUNDS = {each.value: each for each in FundsType}
_END_OF_DAY = ("24", "99")
"""Hours by which some banks say the end of the day."""


def read_bai2(data: bytes) -> Bai2File:
    """The report in these bytes; lines are ended by LF or CRLF, records by a slash or a line's end.

    Raises:
        BankFileFaulty: with every fault and its line.
    """
    faults = Faults()
    reading = _Reading(faults)
    for record in _records(data, faults):
        reading.take(record)
    return reading.finish()


@dataclass(slots=True)
class _Record:
    """A record with its continuations: the fields, and how many lines it took."""

    line: int
    code: str
    fields: list[str]
    lines: int = 1
    is_open: bool = False
    """Whether it ended with its line and not with a slash: then its last field is text."""


def _records(data: bytes, faults: Faults) -> Iterator[_Record]:
    """The records of the file, each with what stands in its continuation lines."""
    lines = text_of(data, faults).replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    pending: _Record | None = None
    for number, line in enumerate(lines, 1):
        code, comma, rest = line[:2], line[2:3], line[3:].rstrip(" ")
        if comma != "," or not code.isdecimal():
            faults.add(number, "RECORD", f"{line[:20]!r} does not begin as a record")
            continue
        slashed = rest.endswith("/")
        parts = (rest[:-1] if slashed else rest).split(",")
        if code != "88":
            if pending:
                yield pending
            pending = _Record(number, code, parts, is_open=not slashed)
        elif pending is None:
            faults.add(number, "OUT_OF_PLACE", "a continuation of nothing")
        else:
            _go_on(pending, parts, slashed)
    if pending:
        yield pending


def _go_on(record: _Record, parts: list[str], slashed: bool) -> None:
    if record.is_open and record.code == "16":
        record.fields[-1] = f"{record.fields[-1]} {','.join(parts)}"
    else:
        record.fields += parts
    record.lines += 1
    record.is_open = not slashed


@dataclass(slots=True)
class _Reading:
    """What was read of the report so far, and where in it we are."""

    faults: Faults
    header: Bai2File | None = None
    group: Group | None = None
    account: Account | None = None
    transactions: list[Transaction] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    lines: int = 0
    group_from: int = 0
    account_from: int = 0
    last_line: int = 0
    ended: bool = False

    def take(self, record: _Record) -> None:
        """One record, by its code."""
        self.last_line = record.line
        if self.ended:
            self.faults.add(record.line, "AFTER_END", "a record follows the file trailer")
            return
        taking = _TAKING.get(record.code)
        if taking is None:
            self.faults.add(record.line, "RECORD_TYPE", f"there is no record {record.code}")
        else:
            if not self.lines and record.code != "01":
                self.faults.add(record.line, "NO_HEADER", "the file does not begin with a header")
            taking(self, record)
        self.lines += record.lines

    def finish(self) -> Bai2File:
        """The whole report.

        Raises:
            BankFileFaulty: where anything is wrong.
        """
        if not self.ended:
            self.faults.add(self.last_line, "CUT_SHORT", "the file has no trailer")
        self.faults.raise_any()
        return replace(self.header or _NO_FILE, groups=tuple(self.groups))

    def take_header(self, record: _Record) -> None:
        """The file header."""
        if self.lines:
            self.faults.add(record.line, "OUT_OF_PLACE", "a second file header")
            return
        sender, receiver, day, clock, file_id, length, block, version = _padded(record, 8)
        if version not in ("2", ""):
            self.faults.add(record.line, "VERSION", f"version {version!r}, not 2")
        self.header = Bai2File(
            sender=sender,
            receiver=receiver,
            created_on=read_day(day, "creation date", record.line, self.faults),
            created_at=_clock(clock, record.line, self.faults) or time(),
            file_id=file_id,
            record_length=_count(length, "record length", record.line, self.faults),
            block_size=_count(block, "block size", record.line, self.faults),
            groups=(),
        )

    def take_group(self, record: _Record) -> None:
        """A group header."""
        if self.group is not None:
            self.faults.add(record.line, "CUT_SHORT", "the group before has no trailer")
        receiver, originator, status, day, clock, currency, modifier = _padded(record, 7)
        if status not in set(GroupStatus):
            self.faults.add(record.line, "GROUP_STATUS", f"status {status!r}")
        _expect_dollars(currency, record.line, self.faults)
        self.accounts, self.group_from = [], self.lines
        self.group = Group(
            receiver=receiver,
            originator=originator,
            status=GroupStatus(status) if status in set(GroupStatus) else GroupStatus.UPDATE,
            as_of=read_day(day, "as-of date", record.line, self.faults),
            as_of_time=_clock(clock, record.line, self.faults),
            accounts=(),
            currency=currency,
            as_of_modifier=modifier,
        )

    def take_account(self, record: _Record) -> None:
        """An account, with its summaries."""
        if self.group is None:
            self.faults.add(record.line, "OUT_OF_PLACE", "an account outside of any group")
        if self.account is not None:
            self.faults.add(record.line, "CUT_SHORT", "the account before has no trailer")
        fields = record.fields
        currency = fields[1] if len(fields) > 1 else ""
        _expect_dollars(currency, record.line, self.faults)
        if not fields[0]:
            self.faults.add(record.line, "ACCOUNT", "an account without a number")
        self.transactions, self.account_from = [], self.lines
        told = tuple(_summaries(_Fields(record.line, fields[2:], self.faults)))
        self.account = Account(number=fields[0], summaries=told, transactions=(), currency=currency)

    def take_transaction(self, record: _Record) -> None:
        """A transaction."""
        if self.account is None:
            self.faults.add(record.line, "OUT_OF_PLACE", "a transaction outside of any account")
            return
        fields = _Fields(record.line, record.fields, self.faults)
        code, amount = fields.code(), fields.amount()
        if amount is None or amount < 0:
            self.faults.add(record.line, "AMOUNT", "a transaction without an amount of its own")
        funds = fields.funds()
        one = Transaction(
            code=code,
            amount_cents=amount or 0,
            bank_reference=fields.next(),
            customer_reference=fields.next(),
            text=fields.rest(),
            funds=funds,
        )
        self.transactions.append(one)

    def take_account_trailer(self, record: _Record) -> None:
        """The end of an account, which totals and counts it."""
        if self.account is None:
            self.faults.add(record.line, "OUT_OF_PLACE", "an account trailer without an account")
            return
        account = replace(self.account, transactions=tuple(self.transactions))
        self.account = None
        what, records = f"of account {account.number}", self.lines - self.account_from + 1
        self._expect(record, what, account.control_total_cents, (records,))
        self.accounts.append(account)

    def take_group_trailer(self, record: _Record) -> None:
        """The end of a group, which totals and counts it."""
        self._expect_ended(record, self.account, "account")
        if self.group is None:
            self.faults.add(record.line, "OUT_OF_PLACE", "a group trailer without a group")
            return
        group = replace(self.group, accounts=tuple(self.accounts))
        self.group, self.account = None, None
        counts = (len(group.accounts), self.lines - self.group_from + 1)
        self._expect(record, "of the group", _total(group), counts)
        self.groups.append(group)

    def take_trailer(self, record: _Record) -> None:
        """The end of the file, which totals and counts it."""
        self._expect_ended(record, self.group, "group")
        self.ended = True
        total = sum(_total(each) for each in self.groups)
        self._expect(record, "of the file", total, (len(self.groups), self.lines + 1))

    def _expect_ended(self, record: _Record, inner: object, what: str) -> None:
        if inner is not None:
            self.faults.add(record.line, "CUT_SHORT", f"the last {what} has no trailer")

    def _expect(self, record: _Record, what: str, total: int, counts: tuple[int, ...]) -> None:
        fields = _Fields(record.line, record.fields, self.faults)
        said, expect = fields.amount(), self.faults.expect
        expect(record.line, "TOTAL", f"the sum in cents {what}", said=said, found=total)
        for name, held in zip(("records",) if len(counts) == 1 else _COUNTED, counts, strict=True):
            count = fields.count(name)
            expect(record.line, "COUNT", f"the count of {name} {what}", said=count, found=held)


_COUNTED = ("parts", "records")
_TAKING: dict[str, Callable[[_Reading, _Record], None]] = {
    "01": _Reading.take_header,
    "02": _Reading.take_group,
    "03": _Reading.take_account,
    "16": _Reading.take_transaction,
    "49": _Reading.take_account_trailer,
    "98": _Reading.take_group_trailer,
    "99": _Reading.take_trailer,
}


@dataclass(slots=True)
class _Fields:
    """The fields of a record, taken one after the other; what is not there is empty."""

    line: int
    parts: list[str]
    faults: Faults
    at: int = 0

    def next(self) -> str:
        """The next one."""
        self.at += 1
        return self.parts[self.at - 1] if self.at <= len(self.parts) else ""

    def rest(self) -> str:
        """All that is left, commas and all: text."""
        text = ",".join(self.parts[self.at :])
        self.at = len(self.parts)
        return text

    @property
    def has_more(self) -> bool:
        """Whether anything but empty fields is left."""
        return any(self.parts[self.at :])

    def code(self) -> str:
        """A type code."""
        code = self.next()
        if _CODE.fullmatch(code) is None:
            self.faults.add(self.line, "TYPE_CODE", f"{code!r} is no type code")
        return code

    def amount(self) -> int | None:
        """Cents; ``None`` where the field is empty."""
        text = self.next()
        if text and _WHOLE.fullmatch(text) is None:
            self.faults.add(self.line, "AMOUNT", f"{text!r} is no whole number of cents")
            return 0
        return int(text) if text else None

    def count(self, what: str) -> int | None:
        """A count; ``None`` where the field is empty."""
        return _count(self.next(), what, self.line, self.faults)

    def funds(self) -> Funds:
        """When funds are there: a type, and as many more fields as it has."""
        kind = self.next()
        if not kind:
            return Funds()
        if kind not in _FUNDS:
            self.faults.add(self.line, "FUNDS_TYPE", f"there is no funds type {kind!r}")
            return Funds()
        return Funds(_FUNDS[kind], tuple(self._funds_parts(_FUNDS[kind])))

    def _funds_parts(self, kind: FundsType) -> Iterator[str]:
        if kind is FundsType.DISTRIBUTED:
            count = self.count("distributions") or 0
            yield str(count)
            wanted = 2 * min(count, len(self.parts))
        else:
            wanted = {FundsType.SPREAD: 3, FundsType.DATED: 2}.get(kind, 0)
        for _ in range(wanted):
            yield self.next()


def _summaries(fields: _Fields) -> Iterator[Summary]:
    while fields.has_more:
        code, amount = fields.code(), fields.amount()
        items = fields.count("items")
        yield Summary(code=code, amount_cents=amount, items=items, funds=fields.funds())


def _padded(record: _Record, count: int) -> list[str]:
    return [*record.fields, *[""] * count][:count]


def _clock(text: str, line: int, faults: Faults) -> time | None:
    """A time of day; the end of the day (2400, 9999) is its last minute."""
    if not text:
        return None
    found = _CLOCK.fullmatch(text)
    if found and found[1] in _END_OF_DAY:
        return time(23, 59)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        faults.add(line, "TIME", f"{text!r} is no time (HHMM)")
        return None
    return time(int(found[1]), int(found[2]))


def _count(text: str, what: str, line: int, faults: Faults) -> int | None:
    if text and _COUNT.fullmatch(text) is None:
        faults.add(line, "COUNT", f"{what} {text!r} is no count")
        return None
    return int(text) if text else None


def _expect_dollars(currency: str, line: int, faults: Faults) -> None:
    if currency not in _DOLLARS:
        faults.add(line, "CURRENCY", f"amounts in {currency!r}, not in US dollars")


def _total(group: Group) -> int:
    return sum(each.control_total_cents for each in group.accounts)


_NO_FILE = Bai2File(
    sender="",
    receiver="",
    created_on=date(1970, 1, 1),
    created_at=time(),
    file_id="",
    groups=(),
)
