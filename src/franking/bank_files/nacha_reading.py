"""Reading a NACHA file: whole, or refused with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from franking.bank_files import nacha_layout as layout
from franking.bank_files.columns import Layout, fixed_lines, read_day, read_moment
from franking.bank_files.faults import Faults
from franking.bank_files.nacha_records import (
    BLOCK_LINES,
    HASH_MODULUS,
    RECORD_COLUMNS,
    Addenda,
    Batch,
    Change,
    Entry,
    EntryClass,
    NachaFile,
    Payment,
    Return,
    ServiceClass,
    TransactionCode,
)
from franking.bank_files.return_codes import is_change_reason, is_return_reason
from franking.bank_files.routing import check_digit

_CODES = {f"{code:02d}": code for code in TransactionCode}
_SERVICES = {str(int(service)): service for service in ServiceClass}
_CLASSES = {each.value: each for each in EntryClass}
_MODIFIERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def read_nacha(data: bytes) -> NachaFile:
    """The file in these bytes; lines are ended by LF or CRLF.

    Raises:
        BankFileFaulty: with every fault and its line.
    """
    faults = Faults()
    lines = fixed_lines(data, RECORD_COLUMNS, faults)
    reading = _Reading(faults, len(lines))
    for number, line in enumerate(lines, 1):
        if line:
            reading.take(number, line)
    return reading.finish()


@dataclass(frozen=True, slots=True)
class _Totals:
    """What a batch holds, added up in one pass."""

    count: int
    entry_hash: int
    debit_cents: int
    credit_cents: int

    @classmethod
    def of(cls, batch: Batch) -> _Totals:
        """The totals of a batch."""
        count = banks = debits = credits = 0
        for entry in batch.entries:
            count += 1 if entry.addenda is None else 2
            banks += int(entry.bank)
            if entry.code.is_debit:
                debits += entry.amount_cents
            else:
                credits += entry.amount_cents
        return cls(count, banks % HASH_MODULUS, debits, credits)


@dataclass(slots=True)
class _Reading:
    """What was read of the file so far, and where in it we are."""

    faults: Faults
    line_count: int
    header: NachaFile | None = None
    batch: Batch | None = None
    entries: list[Entry] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    totals: list[_Totals] = field(default_factory=list)
    awaits_addenda: bool = False
    control: dict[str, str] | None = None

    def take(self, number: int, line: str) -> None:
        """One line, by its first character."""
        kind = line[0]
        if self.control is not None:
            if line != layout.FILLER:
                self.faults.add(number, "AFTER_END", "a record follows the file control")
            return
        if self.awaits_addenda and kind != "7":
            self._miss_addenda(number)
        taking = _TAKING.get(kind)
        if taking is None:
            self.faults.add(number, "RECORD_TYPE", f"there is no record type {kind!r}")
        elif number == 1 and kind != "1":
            self.faults.add(number, "NO_HEADER", "the file does not begin with a header")
            taking(self, number, line)
        else:
            taking(self, number, line)

    def finish(self) -> NachaFile:
        """The whole file.

        Raises:
            BankFileFaulty: where anything is wrong.
        """
        if self.batch is not None:
            self.faults.add(self.line_count, "CUT_SHORT", "the last batch has no control")
        if self.control is None:
            self.faults.add(self.line_count, "CUT_SHORT", "the file has no control")
        if self.line_count % BLOCK_LINES:
            detail = f"{self.line_count} lines are no whole blocks of {BLOCK_LINES}"
            self.faults.add(self.line_count, "BLOCKS", detail)
        self.faults.raise_any()
        return replace(self.header or _NO_FILE, batches=tuple(self.batches))

    def take_header(self, number: int, line: str) -> None:
        """The file header."""
        if number != 1:
            self.faults.add(number, "OUT_OF_PLACE", "a second file header")
            return
        found = _split(layout.FILE_HEADER, line, number, self.faults)
        if not found:
            return
        if found["modifier"] not in _MODIFIERS:
            self.faults.add(number, "MODIFIER", f"modifier {found['modifier']!r}")
        created = (found["created_on"], found["created_at"])
        self.header = NachaFile(
            destination=line[3:13],
            origin=line[13:23],
            created_at=read_moment(*created, "creation", number, self.faults),
            modifier=found["modifier"],
            destination_name=found["destination_name"],
            origin_name=found["origin_name"],
            reference=found["reference"],
            batches=(),
        )

    def take_batch(self, number: int, line: str) -> None:
        """A batch header."""
        if self.batch is not None:
            self.faults.add(number, "OUT_OF_PLACE", "a batch begins inside another")
        self.entries = []
        found = _split(layout.BATCH_HEADER, line, number, self.faults)
        self.batch = _batch(found, number, self.faults) if found else _NO_BATCH

    def take_entry(self, number: int, line: str) -> None:
        """An entry."""
        if self.batch is None:
            self.faults.add(number, "OUT_OF_PLACE", "an entry outside of any batch")
            return
        parts = layout.ENTRY.split(line)
        if parts is None:
            layout.ENTRY.explain(line, number, self.faults)
            return
        _, code, bank, digit, account, amount, identity, name, more, addenda, trace = parts
        known = _CODES.get(code)
        if known is None:
            self.faults.add(number, "TRANSACTION_CODE", f"nobody here knows code {code}")
            return
        entry = Entry(
            code=known,
            bank=bank,
            account=account.rstrip(),
            amount_cents=int(amount),
            individual_id=identity.rstrip(),
            name=name.rstrip(),
            trace=trace,
            discretionary=more.rstrip(),
        )
        self._check(entry, digit, addenda, number)
        self.entries.append(entry)
        self.awaits_addenda = addenda == "1"

    def take_addenda(self, number: int, line: str) -> None:
        """Addenda, of the entry before."""
        if not self.awaits_addenda or not self.entries:
            self.faults.add(number, "OUT_OF_PLACE", "addenda that no entry announced")
            return
        self.awaits_addenda = False
        entry = self.entries[-1]
        addenda = _addenda(line, entry, number, self.faults)
        if addenda is not None:
            self.entries[-1] = replace(entry, addenda=addenda)

    def take_batch_control(self, number: int, line: str) -> None:
        """The end of a batch, which counts and totals it."""
        if self.batch is None:
            self.faults.add(number, "OUT_OF_PLACE", "a batch control without a batch")
            return
        batch = replace(self.batch, entries=tuple(self.entries))
        self.batch = None
        if not batch.entries:
            self.faults.add(number, "EMPTY_BATCH", "a batch without entries")
        self._check_addenda(batch, number)
        totals = _Totals.of(batch)
        self.totals.append(totals)
        if found := _split(layout.BATCH_CONTROL, line, number, self.faults):
            _compare_batch(batch, totals, found, number, self.faults)
        if self.batches and batch.number <= self.batches[-1].number:
            self.faults.add(number, "BATCH_NUMBER", f"batch {batch.number} does not rise")
        self.batches.append(batch)

    def take_control(self, number: int, line: str) -> None:
        """The end of the file, which counts and totals it."""
        if line == layout.FILLER:
            self.faults.add(number, "OUT_OF_PLACE", "filler before the file control")
            return
        if self.batch is not None:
            self.faults.add(number, "CUT_SHORT", f"batch {self.batch.number} has no control")
            self.batches.append(replace(self.batch, entries=tuple(self.entries)))
            self.totals.append(_Totals.of(self.batches[-1]))
            self.batch = None
        self.control = _split(layout.FILE_CONTROL, line, number, self.faults)
        if self.control:
            blocks = -(-self.line_count // BLOCK_LINES)
            _compare_file(self.totals, blocks, self.control, number, self.faults)

    def _check(self, entry: Entry, digit: str, addenda: str, number: int) -> None:
        batch, add = self.batch or _NO_BATCH, self.faults.add
        if digit != check_digit(entry.bank):
            add(number, "CHECK_DIGIT", f"routing number {entry.bank}{digit} does not check")
        if addenda not in "01":
            add(number, "ADDENDA", f"addenda indicator {addenda!r}")
        if not entry.trace.startswith(batch.bank):
            add(number, "TRACE", f"trace {entry.trace} is not of bank {batch.bank}")
        if self.entries and entry.trace <= self.entries[-1].trace:
            add(number, "TRACE", f"trace {entry.trace} does not rise")
        if _wrong_side(entry.code, batch.service):
            add(number, "SERVICE_CLASS", f"code {entry.code:d} in a batch of {batch.service:d}")
        moneyless = entry.code.is_prenote or batch.entry_class is EntryClass.COR
        if moneyless and entry.amount_cents:
            add(number, "AMOUNT", f"{entry.amount_cents} cents where there is no money")
        if not moneyless and not entry.amount_cents and not entry.code.is_return:
            add(number, "AMOUNT", "an entry of no money")
        if not entry.account.strip():
            add(number, "ACCOUNT", "an entry without an account")

    def _check_addenda(self, batch: Batch, number: int) -> None:
        for entry in batch.entries:
            wanted = _wanted_addenda(entry, batch)
            if wanted is not None and not isinstance(entry.addenda, wanted):
                detail = f"entry {entry.trace} has no {wanted.__name__.lower()} addenda"
                self.faults.add(number, "ADDENDA", detail)
            elif wanted is None and isinstance(entry.addenda, Return | Change):
                detail = f"entry {entry.trace} of code {entry.code:d} returns nothing"
                self.faults.add(number, "ADDENDA", detail)

    def _miss_addenda(self, number: int) -> None:
        self.awaits_addenda = False
        self.faults.add(number, "ADDENDA", "the entry before announced addenda")


_TAKING: dict[str, Callable[[_Reading, int, str], None]] = {
    "1": _Reading.take_header,
    "5": _Reading.take_batch,
    "6": _Reading.take_entry,
    "7": _Reading.take_addenda,
    "8": _Reading.take_batch_control,
    "9": _Reading.take_control,
}


def _split(made: Layout, line: str, number: int, faults: Faults) -> dict[str, str]:
    return made.read(line, number, faults)


def _batch(found: dict[str, str], number: int, faults: Faults) -> Batch:
    service, known = _SERVICES.get(found["service"]), _CLASSES.get(found["entry_class"])
    if service is None:
        faults.add(number, "SERVICE_CLASS", f"there is no service class {found['service']}")
    if known is None:
        faults.add(number, "ENTRY_CLASS", f"entries of class {found['entry_class']!r}")
    same: dict[str, Any] = {
        name: found[name]
        for name in (
            "company",
            "company_id",
            "description",
            "bank",
            "company_data",
            "company_date",
            "settled_on_day",
            "originator_status",
        )
    }
    return Batch(
        service=service or ServiceClass.MIXED,
        entry_class=known or EntryClass.PPD,
        effective_on=read_day(found["effective_on"], "effective date", number, faults),
        number=int(found["number"]),
        entries=(),
        **same,
    )


def _addenda(line: str, entry: Entry, number: int, faults: Faults) -> Addenda | None:
    kind = line[1:3]
    made = {"05": layout.PAYMENT, "98": layout.CHANGE, "99": layout.RETURN}.get(kind)
    if made is None:
        faults.add(number, "ADDENDA", f"addenda of type {kind!r}")
        return None
    found = _split(made, line, number, faults)
    if not found:
        return None
    belongs = found.get("trace", found.get("entry", ""))
    if not entry.trace.endswith(belongs):
        faults.add(number, "ADDENDA", f"addenda of entry {belongs} after entry {entry.trace}")
    if kind == "05":
        return Payment(found["information"])
    return _told(found, kind, number, faults)


def _told(found: dict[str, str], kind: str, number: int, faults: Faults) -> Return | Change:
    reason, original = found["reason"], found["original_trace"]
    if not (is_return_reason(reason) if kind == "99" else is_change_reason(reason)):
        faults.add(number, "REASON", f"{reason!r} is no reason of addenda {kind}")
    bank = found["original_bank"]
    if kind == "98":
        corrected = found["corrected"]
        return Change(
            reason=reason, original_trace=original, original_bank=bank, corrected=corrected
        )
    died = found["died_on"]
    return Return(
        reason=reason,
        original_trace=original,
        original_bank=bank,
        information=found["information"],
        died_on=read_day(died, "date of death", number, faults) if died else None,
    )


def _wanted_addenda(entry: Entry, batch: Batch) -> type[Return] | type[Change] | None:
    if batch.entry_class is EntryClass.COR:
        return Change
    return Return if entry.code.is_return else None


def _wrong_side(code: TransactionCode, service: ServiceClass) -> bool:
    only_credits = service is ServiceClass.CREDITS
    return service is not ServiceClass.MIXED and code.is_debit is only_credits


def _compare_batch(
    batch: Batch, totals: _Totals, found: dict[str, str], number: int, faults: Faults
) -> None:
    for code, name, held in (
        ("COUNT", "count", totals.count),
        ("HASH", "entry_hash", totals.entry_hash),
        ("TOTAL", "debit_cents", totals.debit_cents),
        ("TOTAL", "credit_cents", totals.credit_cents),
        ("SERVICE_CLASS", "service", int(batch.service)),
        ("BATCH_NUMBER", "number", batch.number),
    ):
        what = f"{_SAID[name]} of batch {batch.number}"
        faults.expect(number, code, what, said=int(found[name]), found=held)
    for name in ("company_id", "bank"):
        what = f"{_SAID[name]} of batch {batch.number}"
        faults.expect(number, "BATCH", what, said=found[name], found=getattr(batch, name))


def _compare_file(
    totals: list[_Totals], blocks: int, found: dict[str, str], number: int, faults: Faults
) -> None:
    for code, name, held in (
        ("COUNT", "batches", len(totals)),
        ("BLOCKS", "blocks", blocks),
        ("COUNT", "count", sum(each.count for each in totals)),
        ("HASH", "entry_hash", sum(each.entry_hash for each in totals) % HASH_MODULUS),
        ("TOTAL", "debit_cents", sum(each.debit_cents for each in totals)),
        ("TOTAL", "credit_cents", sum(each.credit_cents for each in totals)),
    ):
        what = f"{_SAID[name]} of the file"
        faults.expect(number, code, what, said=int(found[name]), found=held)


_SAID = {
    "count": "the count of entries and addenda",
    "entry_hash": "the hash of routing numbers",
    "debit_cents": "the sum of debits in cents",
    "credit_cents": "the sum of credits in cents",
    "service": "the service class",
    "number": "the number",
    "company_id": "the company's identification",
    "bank": "the bank",
    "batches": "the count of batches",
    "blocks": "the count of blocks",
}
_NO_BATCH = Batch(
    service=ServiceClass.MIXED,
    entry_class=EntryClass.PPD,
    company="",
    company_id="",
    description="",
    effective_on=date(1970, 1, 1),
    bank="",
    number=0,
    entries=(),
)
_NO_FILE = NachaFile(
    destination="",
    origin="",
    created_at=datetime(1970, 1, 1),  # noqa: DTZ001 — files of banks tell no offset
    modifier="A",
    destination_name="",
    origin_name="",
    batches=(),
)
