"""Money that moves at random: a model of what is where, and postings that fit it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from franking.identifiers import record_id
from franking.ledger import Posting, Transfer
from franking.ledger.audit import Audit, audit
from franking.money import format_dollars
from franking.provider.funds import chart, postings
from franking.provider.schema import LEDGER, SCHEMA
from franking.storage import Act, Books
from franking.storage.export import export_journal

Pick = Callable[[int], int]
"""A number below the one given."""
MOST_MILLS = 100_000
_KEPT = 50
"""How many payments of the past may still come back."""


def audited(books: Books) -> Audit:
    """What the auditor finds in the exported journal of the books, as it is read."""
    with books.reading() as reading:
        return audit(export_journal(reading, SCHEMA))


def balances(books: Books) -> dict[str, int]:
    """What every account of the books holds, those that hold nothing left out."""
    with books.reading() as reading:
        found = {
            account: held.balance_mills
            for line in LEDGER.chart
            for account, held in LEDGER.balances(reading, kind=line.kind).items()
        }
    return {account: mills for account, mills in found.items() if mills}


@dataclass(frozen=True)
class Grant:
    """A grant that is not settled yet."""

    serial: str
    sequence: int
    account: str
    amount_mills: int


@dataclass(frozen=True)
class Step:
    """Something that happens to money, and what the model knows once it has."""

    posting: Posting
    done: Callable[[], object] = lambda: None
    act: Act | None = None
    """What another room tells the journal of it."""
    shown_by: str = ""
    """The device that reports it, with its registers."""


@dataclass
class Money:
    """What is where, by the postings that were made."""

    size: int
    """How many licensees, and how many devices."""
    held: Counter[str] = field(default_factory=Counter)
    pending: Counter[str] = field(default_factory=Counter)
    last: int = 0
    """The number of the last thing that happened."""
    grants: dict[str, Grant] = field(default_factory=dict)
    sequences: Counter[str] = field(default_factory=Counter)
    ascending: Counter[str] = field(default_factory=Counter)
    paid: list[tuple[str, str, int]] = field(default_factory=list)
    """Payments that may come back: number, account, mills."""
    back: list[tuple[str, str, int]] = field(default_factory=list)
    unassigned: list[tuple[str, int]] = field(default_factory=list)
    cases: list[tuple[str, str, int]] = field(default_factory=list)
    """Refunds to pay: case, account, mills."""

    def is_covered(self, posting: Posting) -> bool:
        """Whether no account with a limit would pass it."""
        after = self.moved_by(posting.transfers)
        return all(
            self.held[account] + mills - self.pending[account] >= 0
            for account, mills in after.items()
            if is_limited(account)
        )

    def take(self, step: Step) -> None:
        """It happened."""
        self.held.update(self.moved_by(step.posting.transfers))
        step.done()

    @staticmethod
    def moved_by(transfers: Iterable[Transfer]) -> Counter[str]:
        """What transfers add to each account, and take from it."""
        net: Counter[str] = Counter()
        for each in transfers:
            net[each.debit] -= each.amount_mills
            net[each.credit] += each.amount_mills
        return net

    def everything(self) -> dict[str, int]:
        """What every account holds, those that hold nothing left out."""
        return {account: mills for account, mills in self.held.items() if mills}

    def steps(self, pick: Pick) -> Iterator[Step]:
        """Things that can happen, one after the other, for as long as one asks."""
        while True:
            step = OPERATIONS[pick(len(OPERATIONS))](self, pick)
            if step is not None and self.is_covered(step.posting):
                yield step

    def number(self) -> str:
        """A new number."""
        self.last += 1
        return str(self.last)

    def account(self, pick: Pick) -> str:
        """One of the licensees' accounts."""
        return f"{pick(self.size) + 1:08}"

    def serial(self, pick: Pick) -> str:
        """One of the devices."""
        return f"FK1A{pick(self.size) + 1:010}"


def is_limited(account: str) -> bool:
    """Whether an account may not fall below zero, as the chart says it."""
    return chart.CHART.kind_of(account).floor_mills is not None


def amount(pick: Pick) -> int:
    """An amount, above zero."""
    return pick(MOST_MILLS) + 1


# What happens --------------------------------------------------------------------------------


def deposit(money: Money, pick: Pick) -> Step:
    """A payment comes in."""
    number, account, mills = money.number(), money.account(pick), amount(pick)

    def done() -> None:
        money.paid = [*money.paid[-_KEPT:], (number, account, mills)]

    posting = postings.deposit(payment=number, account=account, amount_mills=mills)
    return Step(posting, done)


def unassigned(money: Money, pick: Pick) -> Step:
    """A payment comes in for nobody known."""
    number, mills = money.number(), amount(pick)
    posting = postings.unassigned(payment=number, amount_mills=mills)
    return Step(posting, lambda: money.unassigned.append((number, mills)))


def assigned(money: Money, pick: Pick) -> Step | None:
    """It is found whose it is."""
    if not money.unassigned:
        return None
    found = number, mills = money.unassigned[pick(len(money.unassigned))]
    account = money.account(pick)
    posting = postings.assigned(
        payment=number, account=account, amount_mills=mills, because="found"
    )
    return Step(posting, lambda: money.unassigned.remove(found))


def transfer(money: Money, pick: Pick) -> Step | None:
    """The bank moves what it has to the fund."""
    mills = -money.held[chart.LOCKBOX]
    if mills <= 0:
        return None
    return Step(postings.transferred(transfer=money.number(), amount_mills=mills))


def returned(money: Money, pick: Pick) -> Step | None:
    """A payment comes back."""
    if not money.paid:
        return None
    found = number, account, mills = money.paid[pick(len(money.paid))]

    def done() -> None:
        money.paid.remove(found)
        money.back.append(found)

    posting = postings.returned(payment=number, account=account, amount_mills=mills, because="NSF")
    return Step(posting, done)


def made_good(money: Money, pick: Pick) -> Step | None:
    """What came back is paid."""
    if not money.back:
        return None
    found = number, account, mills = money.back[pick(len(money.back))]
    posting = postings.made_good(payment=number, account=account, amount_mills=mills)
    return Step(posting, lambda: money.back.remove(found))


def provider_pays_in(money: Money, pick: Pick) -> Step:
    """The provider adds to its own deposit."""
    number, mills = money.number(), amount(pick)
    return Step(postings.provider_deposit(statement=number, amount_mills=mills, because="wire"))


def advance(money: Money, pick: Pick) -> Step:
    """The provider advances to a licensee."""
    number, account, mills = money.number(), money.account(pick), amount(pick)
    return Step(postings.advance(advance=number, account=account, amount_mills=mills))


def repaid(money: Money, pick: Pick) -> Step | None:
    """A licensee repays what he owes, as far as he can."""
    account = money.account(pick)
    owed, there = -money.held[chart.owed(account)], money.held[chart.deposits(account)]
    mills = min(owed, there - money.pending[chart.deposits(account)])
    if mills <= 0:
        return None
    return Step(postings.repaid(payment=money.number(), account=account, amount_mills=mills))


def grant(money: Money, pick: Pick) -> Step | None:
    """A reset is granted and charged."""
    serial, account, mills = money.serial(pick), money.account(pick), amount(pick)
    if serial in money.grants:
        return None
    sequence = money.sequences[serial] + 1
    one = Grant(serial, sequence, account, mills)

    def done() -> None:
        money.grants[serial], money.sequences[serial] = one, sequence

    told = {"sequence": sequence, "amount": format_dollars(mills)}
    act = Act(record=record_id("device", serial), command="grant_reset", inputs=told)
    posting = postings.grant(serial=serial, sequence=sequence, account=account, amount_mills=mills)
    return Step(posting, done, act)


def receipt(money: Money, pick: Pick) -> Step | None:
    """A device confirms its reset."""
    one = _granted(money, pick)
    if one is None:
        return None
    posting = postings.receipt(
        serial=one.serial, sequence=one.sequence, amount_mills=one.amount_mills
    )
    return Step(posting, lambda: money.grants.pop(one.serial), shown_by=one.serial)


def returned_unused(money: Money, pick: Pick) -> Step | None:
    """A reset ended unused."""
    one = _granted(money, pick)
    if one is None:
        return None
    posting = postings.returned_unused(
        serial=one.serial,
        sequence=one.sequence,
        account=one.account,
        amount_mills=one.amount_mills,
    )
    return Step(posting, lambda: money.grants.pop(one.serial))


def use(money: Money, pick: Pick) -> Step | None:
    """A device reports what it used."""
    serial = money.serial(pick)
    there = money.held[chart.device(serial)]
    if there <= 0:
        return None
    mills = pick(there) + 1
    ascending = money.ascending[serial] + mills

    def done() -> None:
        money.ascending[serial] = ascending

    posting = postings.use(serial=serial, report=str(ascending), amount_mills=mills)
    return Step(posting, done, shown_by=serial)


def withdrawn(money: Money, pick: Pick) -> Step | None:
    """What is in a device becomes a refund to pay."""
    serial, account, case = money.serial(pick), money.account(pick), f"C{money.number()}"
    mills = money.held[chart.device(serial)]
    if mills <= 0:
        return None
    posting = postings.withdrawn(
        serial=serial, key=case, to=chart.refunds(case), amount_mills=mills
    )
    return Step(posting, lambda: money.cases.append((case, account, mills)))


def balance_refund(money: Money, pick: Pick) -> Step:
    """A licensee asks money back."""
    account, case, mills = money.account(pick), f"B{money.number()}", amount(pick)
    posting = postings.balance_refund(case=case, account=account, amount_mills=mills)
    return Step(posting, lambda: money.cases.append((case, account, mills)))


def paid_out(money: Money, pick: Pick) -> Step | None:
    """A refund is paid by the bank, by check, by the provider, as credit; or is called off."""
    if not money.cases:
        return None
    found = case, account, mills = money.cases[pick(len(money.cases))]
    ways = (chart.FUND, chart.REIMBURSEMENTS, chart.deposits(account))
    paid = [
        postings.refund_paid(case=case, to=to, amount_mills=mills, clause="policy") for to in ways
    ]
    paid.append(postings.balance_refunded(case=case, amount_mills=mills))
    paid.append(postings.balance_kept(case=case, account=account, amount_mills=mills, because="no"))
    return Step(paid[pick(len(paid))], lambda: money.cases.remove(found))


def correction(money: Money, pick: Pick) -> Step | None:
    """Money was put on the wrong account."""
    one, other, mills = money.account(pick), money.account(pick), amount(pick)
    if one == other:
        return None
    between = Transfer(debit=chart.deposits(one), credit=chart.deposits(other), amount_mills=mills)
    key = f"correction:{money.number()}"
    return Step(Posting(key=key, kind="correction", transfers=(between,), clause="policy"))


OPERATIONS: Sequence[Callable[[Money, Pick], Step | None]] = (
    *(deposit, deposit, deposit, unassigned, assigned, transfer, returned, made_good),
    *(provider_pays_in, advance, repaid, grant, grant, grant, receipt, receipt, receipt),
    *(returned_unused, use, use, withdrawn, balance_refund, paid_out, paid_out, correction),
)


def acts_of(money: Money, steps: Iterable[Step]) -> Iterator[Act]:
    """What other rooms tell the journal of what happened: grants, and registers as they are now."""
    once = list({id(step): step for step in steps}.values())
    yield from (step.act for step in once if step.act is not None)
    for serial in sorted({step.shown_by for step in once if step.shown_by}):
        shown = {
            "ascending_mills": money.ascending[serial],
            "descending_mills": money.held[chart.device(serial)],
        }
        yield Act(record=record_id("device", serial), command="receive_audit", inputs=shown)


def another(posting: Posting) -> Posting:
    """The same key with another amount."""
    first, *more = posting.transfers
    changed = Transfer(debit=first.debit, credit=first.credit, amount_mills=first.amount_mills + 1)
    return Posting(
        key=posting.key,
        kind=posting.kind,
        transfers=(changed, *more),
        clause=posting.clause,
        because=posting.because,
        reference=posting.reference,
    )


def _granted(money: Money, pick: Pick) -> Grant | None:
    return list(money.grants.values())[pick(len(money.grants))] if money.grants else None
