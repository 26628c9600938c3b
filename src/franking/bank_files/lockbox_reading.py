"""Reading a lockbox file: whole, or refused with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from franking.bank_files import lockbox_layout as layout
from franking.bank_files.columns import fixed_lines, read_day, read_moment
from franking.bank_files.faults import Faults
from franking.bank_files.lockbox_records import (
    RECORD_COLUMNS,
    Lockbox,
    LockboxBatch,
    LockboxFile,
    LockboxItem,
)
from franking.bank_files.routing import is_routing_number

_NO_BANK = "000000000"


def read_lockbox(data: bytes) -> LockboxFile:
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


@dataclass(slots=True)
class _Reading:
    """What was read of the file so far, and where in it we are."""

    faults: Faults
    line_count: int
    header: LockboxFile | None = None
    has_service: bool = False
    lockbox: Lockbox | None = None
    items: list[LockboxItem] = field(default_factory=list)
    batches: list[LockboxBatch] = field(default_factory=list)
    lockboxes: list[Lockbox] = field(default_factory=list)
    references: set[str] = field(default_factory=set)
    overflow: int = 0
    """Which overflow record comes next; 0 where the last item has all of its own."""
    ended: bool = False

    def take(self, number: int, line: str) -> None:
        """One line, by its first character."""
        if self.ended:
            self.faults.add(number, "AFTER_END", "a record follows the trailer")
            return
        kind = line[0]
        taking = _TAKING.get(kind)
        if taking is None:
            self.faults.add(number, "RECORD_TYPE", f"there is no record type {kind!r}")
            return
        if number == 1 and kind != "1":
            self.faults.add(number, "NO_HEADER", "the file does not begin with a header")
        if self.overflow > 1 and kind != "4":
            self.faults.add(number, "OVERFLOW", "the item before has more overflow to come")
            self.overflow = 0
        taking(self, number, line)

    def finish(self) -> LockboxFile:
        """The whole file.

        Raises:
            BankFileFaulty: where anything is wrong.
        """
        if not self.ended:
            self.faults.add(self.line_count, "CUT_SHORT", "the file has no trailer")
        if not self.has_service:
            self.faults.add(0, "NO_SERVICE", "there is no service record")
        self.faults.raise_any()
        return replace(self.header or _NO_FILE, lockboxes=tuple(self.lockboxes))

    def take_header(self, number: int, line: str) -> None:
        """The transmission header."""
        if number != 1:
            self.faults.add(number, "OUT_OF_PLACE", "a second transmission header")
            return
        found = layout.TRANSMISSION.read(line, number, self.faults)
        if found:
            created = (found["created_on"], found["created_at"])
            self.header = replace(
                _NO_FILE,
                destination=found["destination"],
                origin=found["origin"],
                created_at=read_moment(*created, "creation", number, self.faults),
            )

    def take_service(self, number: int, line: str) -> None:
        """The service record, which names both parties again."""
        if self.has_service or self.lockbox or self.lockboxes:
            self.faults.add(number, "OUT_OF_PLACE", "a service record in the midst of the file")
        self.has_service = True
        found = layout.SERVICE.read(line, number, self.faults)
        if found and self.header:
            for name in ("destination", "origin"):
                said, held = found[name], getattr(self.header, name)
                self.faults.expect(number, "SERVICE", f"the {name}", said=said, found=held)
            self.header = replace(self.header, reference=found["reference"])

    def take_lockbox(self, number: int, line: str) -> None:
        """The header of a lockbox."""
        if self.lockbox is not None:
            self.faults.add(number, "CUT_SHORT", f"lockbox {self.lockbox.number} has no total")
        self.batches, self.items = [], []
        found = layout.LOCKBOX.read(line, number, self.faults)
        if found:
            day = read_day(found["deposited_on"], "deposit date", number, self.faults)
            self.lockbox = Lockbox(number=found["lockbox"], deposited_on=day, batches=())
        else:
            self.lockbox = _NO_LOCKBOX

    def take_payment(self, number: int, line: str) -> None:
        """A payment."""
        parts = layout.PAYMENT.split(line)
        if self.lockbox is None:
            self.faults.add(number, "OUT_OF_PLACE", "a payment outside of any lockbox")
        if parts is None:
            layout.PAYMENT.explain(line, number, self.faults)
            return
        _, batch, item, amount, routing, drawn_on, check, received, account, reference, _ = parts
        self._expect_place(number, int(batch), int(item), len(self.items) + 1)
        paid = LockboxItem(
            amount_cents=int(amount),
            account=account.strip(),
            routing_number="" if routing == _NO_BANK else routing,
            check_account=drawn_on.strip(),
            check_number=check.strip(),
            received_on=read_day(received, "day of receipt", number, self.faults),
            reference=reference,
        )
        self._check(paid, number)
        self.items.append(paid)
        self.overflow = 1

    def take_overflow(self, number: int, line: str) -> None:
        """What a payment's own record had no room for."""
        found = layout.OVERFLOW.read(line, number, self.faults)
        if not self.items or not self.overflow:
            self.faults.add(number, "OUT_OF_PLACE", "an overflow that belongs to no payment")
            return
        if not found:
            return
        self._expect_place(number, int(found["batch"]), int(found["item"]), len(self.items))
        said = int(found["sequence"])
        self.faults.expect(number, "OVERFLOW", "its number", said=said, found=self.overflow)
        if found["last"] not in (layout.MORE, layout.LAST):
            self.faults.add(number, "OVERFLOW", f"indicator {found['last']!r}")
        item = self.items[-1]
        # Blanks at the end of a record that goes on belong to the text.
        more = line[-layout.REMARKS_COLUMNS :]
        self.items[-1] = replace(item, remarks=item.remarks + more)
        self.overflow = 0 if found["last"] == layout.LAST else self.overflow + 1
        if not self.overflow:
            self.items[-1] = replace(self.items[-1], remarks=self.items[-1].remarks.rstrip())

    def take_batch_total(self, number: int, line: str) -> None:
        """The end of a batch, which counts and totals it."""
        found = layout.BATCH_TOTAL.read(line, number, self.faults)
        if not found:
            return
        batch = LockboxBatch(number=int(found["batch"]), items=tuple(self.items))
        self.items, self.overflow = [], 0
        self._expect_lockbox(found, number)
        if not batch.items:
            self.faults.add(number, "EMPTY_BATCH", "a batch without payments")
        what = f"of batch {batch.number}"
        expect = self.faults.expect
        wanted = len(self.batches) + 1
        expect(number, "BATCH_NUMBER", "the number of the batch", said=batch.number, found=wanted)
        held = len(batch.items)
        expect(number, "COUNT", f"the count {what}", said=int(found["count"]), found=held)
        total = int(found["total_cents"])
        expect(number, "TOTAL", f"the sum in cents {what}", said=total, found=batch.total_cents)
        self.batches.append(batch)

    def take_lockbox_total(self, number: int, line: str) -> None:
        """The end of a lockbox, which counts and totals it."""
        found = layout.LOCKBOX_TOTAL.read(line, number, self.faults)
        if self.items:
            self.faults.add(number, "CUT_SHORT", "the last batch has no total")
        if self.lockbox is None:
            self.faults.add(number, "OUT_OF_PLACE", "a lockbox total without a lockbox")
            return
        if found:
            self._expect_lockbox(found, number)
        box = replace(self.lockbox, batches=tuple(self.batches))
        self.lockbox, self.items = None, []
        if found:
            what = f"of lockbox {box.number}"
            expect, total = self.faults.expect, int(found["total_cents"])
            expect(number, "COUNT", f"the count {what}", said=int(found["count"]), found=box.count)
            expect(number, "TOTAL", f"the sum in cents {what}", said=total, found=box.total_cents)
        self.lockboxes.append(box)

    def take_trailer(self, number: int, line: str) -> None:
        """The end of the file, which counts its records."""
        self.ended = True
        if self.lockbox is not None:
            self.faults.add(number, "CUT_SHORT", f"lockbox {self.lockbox.number} has no total")
        found = layout.TRAILER.read(line, number, self.faults)
        if found:
            said = int(found["records"])
            what = "the count of records"
            self.faults.expect(number, "COUNT", what, said=said, found=self.line_count)

    def _expect_place(self, number: int, batch: int, item: int, wanted: int) -> None:
        current = len(self.batches) + 1
        expect = self.faults.expect
        expect(number, "BATCH_NUMBER", "the number of the batch", said=batch, found=current)
        expect(number, "ITEM_NUMBER", "the number of the item", said=item, found=wanted)

    def _expect_lockbox(self, found: dict[str, str], number: int) -> None:
        if self.lockbox is None:
            self.faults.add(number, "OUT_OF_PLACE", "a total outside of any lockbox")
            return
        day = read_day(found["deposited_on"], "deposit date", number, self.faults)
        box, expect = self.lockbox, self.faults.expect
        expect(number, "LOCKBOX", "the lockbox", said=found["lockbox"], found=box.number)
        expect(number, "DATE", "the deposit date", said=day, found=box.deposited_on)

    def _check(self, paid: LockboxItem, number: int) -> None:
        add = self.faults.add
        if not paid.amount_cents:
            add(number, "AMOUNT", "a payment of no money")
        if paid.routing_number and not is_routing_number(paid.routing_number):
            add(number, "CHECK_DIGIT", f"routing number {paid.routing_number} does not check")
        if paid.is_cash and (paid.check_account or paid.check_number):
            add(number, "CHECK", "a check drawn on no bank")
        if paid.reference in self.references:
            add(number, "REFERENCE", f"item {paid.reference} is there twice")
        self.references.add(paid.reference)


_TAKING: dict[str, Callable[[_Reading, int, str], None]] = {
    "1": _Reading.take_header,
    "2": _Reading.take_service,
    "5": _Reading.take_lockbox,
    "6": _Reading.take_payment,
    "4": _Reading.take_overflow,
    "7": _Reading.take_batch_total,
    "8": _Reading.take_lockbox_total,
    "9": _Reading.take_trailer,
}
_NO_LOCKBOX = Lockbox(number="", deposited_on=date(1970, 1, 1), batches=())
_NO_FILE = LockboxFile(
    destination="",
    origin="",
    created_at=datetime(1970, 1, 1),  # noqa: DTZ001 — files of banks tell no offset
    reference="",
    lockboxes=(),
)
