"""Writing a BAI2 report: every total and count is made here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import time

from franking.bank_files.bai2_reading import read_bai2
from franking.bank_files.bai2_records import Account, Bai2File, Funds, Group, Summary, Transaction
from franking.bank_files.columns import day_text
from franking.bank_files.faults import BANK_FILE_UNWRITABLE, BankFileFaulty

_WIDTH = 80
"""A record that is longer goes on in records 88."""
_SPECIAL = frozenset(",/\r\n")


def write_bai2(file: Bai2File) -> bytes:
    """The report as bytes, lines ended by LF.

    It is read back before it is given away: what ``read_bai2`` would find fault with is no report.

    Raises:
        Refused: ``BANK_FILE_UNWRITABLE``.
    """
    writing = _Writing()
    writing.file(file)
    written = ("\n".join(writing.lines) + "\n").encode("ascii", errors="replace")
    try:
        read_bai2(written)
    except BankFileFaulty as faulty:
        raise BANK_FILE_UNWRITABLE.because(faulty.detail) from None
    return written


@dataclass(slots=True)
class _Writing:
    lines: list[str] = field(default_factory=list)

    def file(self, file: Bai2File) -> None:
        """All of it."""
        sizes = (_number(file.record_length), _number(file.block_size))
        created = (day_text(file.created_on), _clock(file.created_at))
        self.put("01", file.sender, file.receiver, *created, file.file_id, *sizes, "2")
        for group in file.groups:
            self.group(group)
        total = sum(_group_total(each) for each in file.groups)
        self.put("99", str(total), str(len(file.groups)), str(len(self.lines) + 1))

    def group(self, group: Group) -> None:
        """A group and its trailer."""
        first = len(self.lines)
        as_of = (day_text(group.as_of), _clock(group.as_of_time) if group.as_of_time else "")
        parties = (group.receiver, group.originator, group.status.value)
        self.put("02", *parties, *as_of, group.currency, group.as_of_modifier)
        for account in group.accounts:
            self.account(account)
        records = len(self.lines) - first + 1
        self.put("98", str(_group_total(group)), str(len(group.accounts)), str(records))

    def account(self, account: Account) -> None:
        """An account, its transactions and its trailer."""
        first = len(self.lines)
        told = [tuple(_summary(each)) for each in account.summaries]
        self.put("03", account.number, account.currency, together=told or [("", "", "", "")])
        for each in account.transactions:
            self.transaction(each)
        records = len(self.lines) - first + 1
        self.put("49", str(account.control_total_cents), str(records))

    def transaction(self, one: Transaction) -> None:
        """A transaction; its text goes to the end of the line and may hold commas."""
        references = (one.bank_reference, one.customer_reference)
        amount = (str(one.amount_cents), *_funds(one.funds))
        if set(one.text) & {"\r", "\n"} or one.text.endswith("/"):
            raise BANK_FILE_UNWRITABLE.because(f"text {one.text!r} can not end so")
        self.put("16", one.code, *amount, *references, text=one.text)

    def put(
        self,
        code: str,
        *values: str,
        together: Sequence[Sequence[str]] = (),
        text: str | None = None,
    ) -> None:
        """One record, in as many lines as it takes; what stands ``together`` is not torn apart."""
        chunks = [(value,) for value in values] + [tuple(each) for each in together]
        for value in (value for chunk in chunks for value in chunk):
            if set(value) & _SPECIAL:
                raise BANK_FILE_UNWRITABLE.because(f"{value!r} holds a delimiter")
        line = code
        for chunk in chunks:
            line = self._room_for(line, code, ",".join(chunk))
        if text is not None:
            line = self._room_for(line, code, text)
        self.lines.append(line if text else f"{line}/")

    def _room_for(self, line: str, code: str, part: str) -> str:
        """The line with one more part, or a new one with it."""
        if len(line) + len(part) + 2 > _WIDTH and line not in (code, "88"):
            self.lines.append(f"{line}/")
            line = "88"
        return f"{line},{part}"


def _summary(one: Summary) -> Iterator[str]:
    yield one.code
    yield _number(one.amount_cents)
    yield _number(one.items)
    yield from _funds(one.funds)


def _funds(funds: Funds) -> Iterator[str]:
    yield funds.kind.value if funds.kind else ""
    yield from funds.parts


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _clock(moment: time) -> str:
    return f"{moment:%H%M}"


def _group_total(group: Group) -> int:
    return sum(each.control_total_cents for each in group.accounts)
