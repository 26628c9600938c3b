"""Audit a ledger from its exported journal alone: a small program by itself.

    python audit.py EXPORT [--json]

Shares no code with what posted or with what wrote the export, and uses the standard library alone.
Every line is read once, in its order; memory grows with the accounts and not with the journal: keys
and resets are kept in a temporary file. It recomputes what every account holds, and lists all that
is against a law of the ledger, with the journal row that shows it:

LEDGER-1 the balances add up to zero; LEDGER-2 no account passes its limit at any moment; LEDGER-3
value is in known places, and the provider's own money stays apart; LEDGER-4 each grant has one
charge, and one credit or one return; LEDGER-5 a device's account is its descending register at each
report; LEDGER-6 one key, one posting. Whether the rows are those that were written is for
``export_check.py`` to say.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path

CAME_IN, HELD, SPENT, OWN = "came in", "held", "spent", "the provider's own"
PLACES = {
    **dict.fromkeys(("lockbox", "fund", "counter", "opening", "returned", "charges"), CAME_IN),
    **dict.fromkeys(("deposits", "transit", "device", "suspense", "refunds"), HELD),
    **dict.fromkeys(("provider-deposit", "reimbursements"), HELD),
    **dict.fromkeys(("used", "on-site-fees"), SPENT),
    **dict.fromkeys(("owed", "provider-capital", "fees"), OWN),
}
"""Where the money of each kind of the provider's accounts is."""
LIMITED = frozenset({"deposits", "transit", "device", "suspense", "refunds", "provider-deposit"})
"""Kinds of the provider's accounts that never fall below zero, what is reserved taken away."""
POSTAL = frozenset(
    {"postage-refunds", "losses", "bank-clearing", "fund-clearing", "unexplained", *PLACES}
) - {"owed", "provider-capital", "fees"}
"""Kinds of the Postal Service's accounts; they have no limit."""
SHAPES = {
    "grant": ("deposits", "transit"),
    "opening": ("opening", "transit"),
    "receipt": ("transit", "device"),
    "unused": ("transit", "deposits or opening"),
}
"""What is posted of a reset, by the first word of its key: from where, to where."""
MOVED_BY_HAND = frozenset({"value withdrawn", "correction"})
"""Kinds of posting that may move value in transit and are of no reset."""

SIGNED = frozenset(
    {
        *("grant_reset", "accept_receipt", "accept_closed", "receive_audit"),
        *("accept_OrderReceipt", "accept_WithdrawalStatement", "accept_ClearingStatement"),
    }
)
"""What is done on a report that a device signed; what people read off meters is another matter."""

_RESET = re.compile(r"(grant|opening|receipt|unused):([^:]+):(\d{1,18})", re.ASCII)
_USE = re.compile(r"use:([^:]+):(\d{1,18})", re.ASCII)
_DOLLARS = re.compile(r"\$([\d,]+)\.(\d\d)(\d?)", re.ASCII)
_SETTLED = " (settled)"

Line = dict[str, object]
Moves = list[tuple[str, str, int]]
"""From which account, to which, how many mills."""
_Told = tuple[str, int, str, int, int]
"""Of a reset: its device, its sequence, what is told of it, the mills, the journal row."""


class Unclear(ValueError):
    """What a row says can not be understood."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is against a law, and the journal row that shows it."""

    row: int
    law: str
    """Empty where the export itself is at fault."""
    about: str
    fault: str

    def __str__(self) -> str:
        law = f"{self.law}: " if self.law else ""
        return f"row {self.row}: {law}{self.about}: {self.fault}"


@dataclass(slots=True)
class Held:
    """What an account holds, and what of it is reserved."""

    balance: int = 0
    pending: int = 0


@dataclass(slots=True)
class Audit:
    """What an audit found."""

    domain: str = ""
    rows: int = 0
    last_row: int = 0
    postings: int = 0
    reservations: int = 0
    """Reserved, and neither settled nor released yet."""
    resets: int = 0
    accounts: dict[str, Held] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def totals(self) -> dict[str, int]:
        """What all accounts of each kind hold together."""
        totals: dict[str, int] = {}
        for account, held in sorted(self.accounts.items()):
            totals[_kind(account)] = totals.get(_kind(account), 0) + held.balance
        return totals

    def places(self) -> dict[str, int]:
        """What is in each place, where the domain has places (LEDGER-3)."""
        places: dict[str, int] = {}
        for kind, mills in self.totals().items() if self.domain == "provider" else ():
            place = PLACES.get(kind, "unknown")
            places[place] = places.get(place, 0) + mills
        return places

    def as_json(self) -> dict[str, object]:
        """All of it, for programs."""
        accounts = sorted(self.accounts.items())
        return {
            "domain": self.domain,
            "rows": self.rows,
            "last_row": self.last_row,
            "postings": self.postings,
            "reservations": self.reservations,
            "resets": self.resets,
            "faults": [asdict(each) for each in self.faults],
            "balances": {account: held.balance for account, held in accounts},
            "reserved": {account: held.pending for account, held in accounts if held.pending},
            "totals": self.totals(),
            "places": self.places(),
            "sum_mills": sum(held.balance for held in self.accounts.values()),
        }


def audit(lines: Iterable[str]) -> Audit:
    """Read the lines of an export; what the accounts hold, and everything that is wrong."""
    with tempfile.TemporaryDirectory(prefix="franking-audit-") as folder:
        memory = sqlite3.connect(Path(folder) / "seen")
        try:
            return _Auditor(memory).read(lines)
        finally:
            memory.close()


@dataclass(frozen=True, slots=True)
class _Posting:
    key: str
    kind: str
    moves: Moves
    until: str = ""


class _Auditor:
    """The state of one reading."""

    def __init__(self, memory: sqlite3.Connection) -> None:
        self.found = Audit()
        self._row: Line = {}
        self._ended = False
        self._began = 0
        """The row at which the ledger of older books began."""
        self._reserved: dict[str, _Posting] = {}
        self._used_up_to: dict[str, int] = {}
        """The ascending register of each device, up to which use is posted."""
        self._given_up: dict[str, int] = {}
        """What was taken from each device's account and not used."""
        self._memory = memory
        memory.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE;"
            "CREATE TABLE keys (key TEXT PRIMARY KEY) WITHOUT ROWID;"
            "CREATE TABLE resets (serial TEXT, sequence INT, what TEXT, mills INT, at_row INT)"
        )
        self._acts: dict[str, Callable[[Line], None]] = {
            "ledger_post": self._post,
            "ledger_reserve": self._reserve,
            "ledger_settle": self._settle,
            "ledger_void": self._void,
            "ledger_expire": self._expire,
            "grant_reset": self._grant,
            "tell_setting": self._grant,
            "begin_ledger": self._begin,
        }

    def read(self, lines: Iterable[str]) -> Audit:
        for place, line in enumerate(lines, start=1):
            self._take(place, _parsed(line))
        if not self._ended:
            self._fault("", "the export", "it ends before its end")
        if self.found.domain not in ("provider", "postal"):
            self._fault("", "the export", f"no ledger is kept by the domain {self.found.domain!r}")
        self._judge_resets()
        if total := sum(held.balance for held in self.found.accounts.values()):
            self._fault("LEDGER-1", "all accounts", f"they add up to {total} mills")
        self.found.reservations = len(self._reserved)
        return self.found

    # Lines -----------------------------------------------------------------------------------

    def _take(self, place: int, line: Line | None) -> None:
        if line is None:
            self._fault("", f"line {place}", "it is unreadable")
        elif "sequence" in line:
            self._take_row(line)
        elif "journal" in line:
            self.found.domain = str(line.get("domain"))
        elif "rows" in line:
            self._ended = True
            if line["rows"] != self.found.rows:
                there = f"{line['rows']} rows were exported, {self.found.rows} are here"
                self._fault("", "the export", there)

    def _take_row(self, row: Line) -> None:
        self._row = row
        self.found.rows += 1
        record = str(row.get("record"))
        try:
            self._in_order(_whole(row, "sequence"))
            self._take_act(record, str(row.get("command")))
        except Unclear as unclear:
            self._fault("", record, str(unclear))

    def _in_order(self, sequence: int) -> None:
        last, self.found.last_row = self.found.last_row, sequence
        if sequence <= last:
            raise Unclear(f"it comes after row {last}")

    def _take_act(self, record: str, command: str) -> None:
        take = self._acts.get(command)
        if take is None and command not in SIGNED:
            return
        if "inputs" not in self._row:
            if take is not None:
                raise Unclear("its inputs were destroyed, and nobody knows what it moved")
            return
        said = _parsed(str(self._row["inputs"]))
        if said is None:
            raise Unclear("its inputs are unreadable")
        if take is not None:
            take(said)
        if command in SIGNED and "descending_mills" in said:
            self._compare(record.partition(":")[2], said)

    # The acts of the ledger ------------------------------------------------------------------

    def _post(self, said: Line) -> None:
        one = _posting(said)
        self._note_key(one.key)
        self._move(one)

    def _reserve(self, said: Line) -> None:
        one = _posting(said)
        self._note_key(one.key)
        self._hold(one, 1)
        self._reserved[one.key] = one

    def _settle(self, said: Line) -> None:
        one = self._released(said)
        self._note_key(one.key + _SETTLED)
        self._move(one)

    def _void(self, said: Line) -> None:
        self._released(said)

    def _expire(self, said: Line) -> None:
        one = self._released(said)
        if str(self._row.get("at")) < one.until:
            self._fault("LEDGER-6", one.key, f"it expired before its end at {one.until}")

    def _released(self, said: Line) -> _Posting:
        key = _text(said, "key")
        one = self._reserved.pop(key, None)
        if one is None:
            raise Unclear(f"nothing is reserved under {key}")
        self._hold(one, -1)
        return one

    def _note_key(self, key: str) -> None:
        self.found.postings += 1
        known = self._memory.execute("INSERT OR IGNORE INTO keys VALUES (?)", (key,)).rowcount == 0
        if known:
            self._fault("LEDGER-6", key, "it was posted before")

    def _move(self, one: _Posting) -> None:
        for debit, credit, mills in one.moves:
            self._account(debit).balance -= mills
            self._account(credit).balance += mills
            self._keep_apart(debit, credit)
        self._within_limits(account for move in one.moves for account in move[:2])
        if self.found.domain == "provider":
            self._follow(one)

    def _hold(self, one: _Posting, sign: int) -> None:
        net: dict[str, int] = {}
        for debit, credit, mills in one.moves:
            net[debit] = net.get(debit, 0) + mills
            net[credit] = net.get(credit, 0) - mills
        taken = [each for each, mills in net.items() if mills > 0 and self._is_limited(each)]
        for account in taken:
            self._account(account).pending += sign * net[account]
        self._within_limits(taken)

    def _account(self, name: str) -> Held:
        held = self.found.accounts.get(name)
        if held is None:
            held = self.found.accounts[name] = Held()
            kinds = POSTAL if self.found.domain == "postal" else PLACES
            if _kind(name) not in kinds:
                self._fault("LEDGER-3", name, "there is no such kind of account")
        return held

    def _is_limited(self, account: str) -> bool:
        return self.found.domain == "provider" and _kind(account) in LIMITED

    def _within_limits(self, accounts: Iterable[str]) -> None:
        for account in dict.fromkeys(accounts):
            held = self.found.accounts[account]
            if held.balance - held.pending < 0 and self._is_limited(account):
                left = held.balance - held.pending
                self._fault("LEDGER-2", account, f"{left} mills are available on it")

    def _keep_apart(self, debit: str, credit: str) -> None:
        own = [PLACES.get(_kind(account)) == OWN for account in (debit, credit)]
        if self.found.domain == "provider" and own[0] != own[1]:
            self._fault("LEDGER-3", f"{debit} to {credit}", f"it moves into or out of {OWN} money")

    # Resets and devices ----------------------------------------------------------------------

    def _follow(self, one: _Posting) -> None:
        """What a posting says of a reset, or of what a device used or gave up."""
        if match := _RESET.fullmatch(one.key):
            self._follow_reset(one, match[1], match[2], int(match[3]))
        elif one.kind not in MOVED_BY_HAND and any(
            _kind(account) == "transit" for move in one.moves for account in move[:2]
        ):
            self._fault("LEDGER-4", one.key, "it moves value in transit, and is of no reset")
        if match := _USE.fullmatch(one.key):
            self._used_up_to[match[1]] = int(match[2])
        for debit, credit, mills in one.moves:
            kind, _, serial = debit.partition(":")
            if kind == "device" and credit != "used":
                self._given_up[serial] = self._given_up.get(serial, 0) + mills

    def _follow_reset(self, one: _Posting, what: str, serial: str, sequence: int) -> None:
        (debit, credit, mills), more = one.moves[0], one.moves[1:]
        source, target = SHAPES[what]
        mine = {f"{kind}:{serial}" for kind in ("transit", "device")}
        strange = [
            account
            for account in (debit, credit)
            if _kind(account) in ("transit", "device") and account not in mine
        ]
        fits = _kind(debit) == source and _kind(credit) in target.split(" or ")
        if more or strange or not fits:
            self._fault("LEDGER-4", one.key, f"it moves from {debit} to {credit}")
        self._tell(serial, sequence, what, mills)

    def _grant(self, said: Line) -> None:
        kind, _, serial = str(self._row.get("record")).partition(":")
        if kind == "device":
            mills = _mills(_text(said, "amount"))
            self._tell(serial, _whole(said, "sequence"), "granted", mills)

    def _begin(self, _: Line) -> None:
        self._began = self.found.last_row

    def _tell(self, serial: str, sequence: int, what: str, mills: int) -> None:
        told: _Told = (serial, sequence, what, mills, self.found.last_row)
        self._memory.execute("INSERT INTO resets VALUES (?, ?, ?, ?, ?)", told)

    def _compare(self, serial: str, said: Line) -> None:
        """Hold a report's descending register against the account (LEDGER-5)."""
        ascending, descending = (
            _whole(said, f"{each}_mills") for each in ("ascending", "descending")
        )
        if ascending < self._used_up_to.get(serial, 0):
            return  # it is older than what was read of the device since
        held = self.found.accounts.get(f"device:{serial}", Held()).balance
        if descending not in (held, held + self._given_up.get(serial, 0)):
            words = f"its account holds {held} mills, its descending register {descending}"
            self._fault("LEDGER-5", f"device:{serial}", words)

    def _judge_resets(self) -> None:
        query = "SELECT * FROM resets ORDER BY serial, sequence, at_row"
        told: Iterator[_Told] = self._memory.execute(query)
        for (serial, sequence), some in groupby(told, key=lambda each: each[:2]):
            self.found.resets += 1
            moves = list(some)
            for fault in _against_law_4(moves, self._began):
                about = f"reset {sequence} of {serial}"
                self.found.faults.append(Fault(moves[-1][4], "LEDGER-4", about, fault))

    def _fault(self, law: str, about: str, fault: str) -> None:
        self.found.faults.append(Fault(self.found.last_row, law, about, fault))


def _against_law_4(told: Sequence[_Told], began: int) -> Iterator[str]:
    """What is wrong with what is told of one reset; ``began``: when older books began a ledger."""
    by_what = {what: [each for each in told if each[2] == what] for what in (*SHAPES, "granted")}
    charged = len(by_what["grant"]) + len(by_what["opening"])
    settled = len(by_what["receipt"]) + len(by_what["unused"])
    granted = [each for each in by_what["granted"] if each[4] > began]
    if charged > 1:
        yield f"it was charged {charged} times"
    if not charged and (granted or settled):
        yield "it was not charged"
    if by_what["grant"] and not by_what["granted"]:
        yield "it was charged, and not granted"
    if settled > 1:
        yield f"it was credited or returned {settled} times"
    if len({mills for *_, mills, _ in told}) > 1:
        yield "its amounts differ"


# What rows say -------------------------------------------------------------------------------


def _parsed(line: str) -> Line | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _posting(said: Line) -> _Posting:
    moved = said.get("transfers")
    if not isinstance(moved, list) or not moved:
        raise Unclear("it names no transfer")
    moves = [_transfer(each) for each in moved]
    return _Posting(_text(said, "key"), _text(said, "kind"), moves, str(said.get("until", "")))


def _transfer(moved: object) -> tuple[str, str, int]:
    if not isinstance(moved, list) or len(moved) != 3:
        raise Unclear(f"{moved!r} is not a transfer")
    debit, credit, mills = moved
    if type(debit) is not str or type(credit) is not str or type(mills) is not int or mills <= 0:
        raise Unclear(f"{moved!r} is not a transfer")
    return debit, credit, mills


def _text(said: Line, name: str) -> str:
    value = said.get(name)
    if type(value) is not str:
        raise Unclear(f"it has no {name}")
    return value


def _whole(said: Line, name: str) -> int:
    value = said.get(name)
    if type(value) is not int or abs(value) >= 2**63:
        raise Unclear(f"it has no {name}")
    return value


def _mills(text: str) -> int:
    """Mills from dollars as the journal has them: ``$1,250.00``, ``$0.485``."""
    match = _DOLLARS.fullmatch(text)
    if match is None:
        raise Unclear(f"{text!r} is not an amount")
    return int(match[1].replace(",", "")) * 1000 + int(match[2]) * 10 + int(match[3] or 0)


def _kind(account: str) -> str:
    return account.partition(":")[0]


def main(arguments: Sequence[str]) -> int:
    """Audit the export that is named; 0 when nothing is against a law."""
    files = [each for each in arguments if each != "--json"]
    if len(files) != 1:
        sys.stderr.write(__doc__ or "")
        return 2
    try:
        with Path(files[0]).open(encoding="utf-8", errors="replace") as lines:
            found = audit(lines)
    except OSError as error:
        sys.stderr.write(f"{files[0]}: {error.strerror}\n")
        return 2
    if "--json" in arguments:
        json.dump(found.as_json(), sys.stdout, indent=2)
    else:
        sys.stdout.writelines(f"{each}\n" for each in found.faults)
        sys.stdout.writelines(f"{kind}: {mills} mills\n" for kind, mills in found.totals().items())
        counted = f"{found.postings} postings on {len(found.accounts)} accounts"
        sys.stdout.write(f"{counted} in {found.rows} rows; {len(found.faults)} faults")
    sys.stdout.write("\n")
    return 2 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
