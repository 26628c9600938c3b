"""How a licensee may pay: ways in order of preference, instructions, mandatory ways, card fees.

The rulebook of the account says which ways every provider accepts, which it may offer, and in
which order it is to recommend them (501.28(b)(4), (e)(5)-(7), 1995; P050.3.2, P050.3.5a, 1997).
The 1997 text recommends checks although it does not list them among its six ways: both stand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from franking.bank_files.routing import is_bank_account, is_routing_number
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.provider.funds import rows
from franking.provider.funds.accounts import chosen, require_account
from franking.provider.funds.records import (
    CARDS,
    BankDetails,
    FundsAccount,
    Method,
    PaymentPlan,
)
from franking.provider.identity import require_identity
from franking.provider.standing.records import LockboxTerms
from franking.provider.standing.standing import lockbox_agreed
from franking.rules import RuleSet, at
from franking.storage import Act, Books, Reading, Work

_CLAUSE = "DMM P050.3.2 (1997)"
_INSTRUCTIONS = "39 CFR 501.28(e)(7) (1995)"
_METHODS = "39 CFR 501.28(e)(5) (1995); DMM P050.3.5a (1997)"
_BOTH_ACH: Final = "ACH debit or credit"
"""One place in the order of 1995, for two ways."""
_BASIS_POINTS: Final = 10_000
PLAN_RECORD = record_id("plan", "payments")

METHOD_UNSUITABLE = Refusal(
    "METHOD_UNSUITABLE",
    clause="39 CFR 501.28(b)(4) (1995), DMM P050.3.2 (1997)",
    remedy="Choose one of the ways that `franking account options ACCOUNT` shows.",
    http_status=422,
)
METHODS_MISSING = Refusal(
    "METHODS_MISSING",
    clause="39 CFR 501.28(b)(4) (1995), DMM P050.3.2 (1997)",
    remedy="Accept every way that the rulebook makes mandatory; only cards may be left out.",
    http_status=422,
)
CARD_PROCESSOR_UNSUITABLE = Refusal(
    "CARD_PROCESSOR_UNSUITABLE",
    clause=_CLAUSE,
    remedy="Use the processor that the Postal Service selected, or offer no cards.",
    http_status=422,
)
DEBITS_UNAUTHORIZED = Refusal(
    "DEBITS_UNAUTHORIZED",
    clause=_INSTRUCTIONS,
    remedy="Give the bank's nine-digit routing number, the account, and who authorizes debits.",
    http_status=422,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way of paying, as it is recommended."""

    rank: int
    method: Method
    mandatory: bool
    clause: str
    instructions: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "rank": self.rank,
            "method": self.method.value,
            "mandatory": self.mandatory,
            "clause": self.clause,
            "instructions": list(self.instructions),
        }


def declare_plan(books: Books, plan: PaymentPlan, *, rulebook: str, now: datetime) -> PaymentPlan:
    """Declare which ways of paying the provider accepts, at onboarding and when that changes.

    Raises:
        Refused: ``METHODS_MISSING``, ``CARD_PROCESSOR_UNSUITABLE``, ``DEBITS_UNAUTHORIZED`` for
            a routing number of the lockbox bank that is none.
    """
    require_complete(plan, at("funds", rulebook, now.date()))
    with books.work(now, "declare_plan", on=(PLAN_RECORD,)) as work:
        rows.declare_plan(work, plan, now)
        inputs: dict[str, object] = {"methods": [each.value for each in plan.methods]}
        inputs |= {"card_processor": plan.card_processor, "lockbox": plan.lockbox}
        work.record(Act(record=PLAN_RECORD, clauses=(_CLAUSE,), inputs=inputs))
    return plan


def require_complete(plan: PaymentPlan, rules: RuleSet) -> None:
    """Whether a plan accepts all mandatory ways, and cards only as the rules want them.

    Raises:
        Refused: as ``declare_plan``.
    """
    missing = [each for each in mandatory(rules) if each not in plan.methods]
    if missing:
        raise METHODS_MISSING.because(f"{', '.join(missing)} must be accepted")
    unknown = [each for each in plan.methods if each not in allowed(rules)]
    if unknown:
        raise METHOD_UNSUITABLE.because(f"{', '.join(unknown)}: not under {rules.rulebook}")
    if CARDS & set(plan.methods):
        _require_processor(plan, rules)
    if not is_routing_number(plan.routing):
        raise DEBITS_UNAUTHORIZED.because(f"{plan.routing!r} is no routing number")


def mandatory(rules: RuleSet) -> tuple[Method, ...]:
    """The ways that every provider must accept."""
    return tuple(map(Method, rules.choices("payment_methods_mandatory")))


def allowed(rules: RuleSet) -> tuple[Method, ...]:
    """The ways that the rulebook knows: mandatory, optional, recommended; each once."""
    optional = rules.choices("payment_methods_optional") if _has_optional(rules) else ()
    named = (*mandatory(rules), *map(Method, optional), *preference(rules))
    return tuple(dict.fromkeys(named))


def preference(rules: RuleSet) -> tuple[Method, ...]:
    """The ways in the order in which they are recommended."""
    order: list[Method] = []
    for name in rules.choices("payment_preference"):
        both = name == _BOTH_ACH
        order += [Method.ACH_DEBIT, Method.ACH_CREDIT] if both else [Method(name)]
    return tuple(order)


def accepted(reading: Reading, rules: RuleSet) -> tuple[Method, ...]:
    """The ways open to a licensee, recommended ones first; without a plan, the mandatory ones."""
    plan = rows.plan(reading)
    taken = set(plan.methods) if plan else set(mandatory(rules))
    order = dict.fromkeys((*preference(rules), *allowed(rules)))
    return tuple(each for each in order if each in taken)


def require_method(reading: Reading, account: FundsAccount, method: Method, on: date) -> None:
    """Whether a licensee may pay so.

    Raises:
        Refused: ``METHOD_UNSUITABLE``.
    """
    ways = accepted(reading, at("funds", account.rulebook, on))
    if method not in ways:
        raise METHOD_UNSUITABLE.because(
            f"by {', '.join(ways)} under {account.rulebook}; not by {method.value}"
        )


def choose_method(books: Books, number: str, method: Method, *, now: datetime) -> FundsAccount:
    """How the licensee prefers to pay; instructions and tickets follow it.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``, ``METHOD_UNSUITABLE``.
    """
    with books.reading() as reading:
        record = require_account(reading, number).record
    with books.work(now, "choose_method", on=(record,)) as work:
        before = require_account(work, number)
        require_method(work, before, method, now.date())
        after = replace(before, method=method)
        return chosen(work, before, after, str(method), _METHODS, books.by.name, now)


def options(books: Books, number: str, *, on: date) -> list[Option]:
    """The ways of paying into an account, in the required order, with instructions.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``.
    """
    with books.reading() as reading:
        account = require_account(reading, number)
        rules = at("funds", account.rulebook, on)
        must, clause = mandatory(rules), rules["payment_preference"].clause
        told = _Told(
            account=account,
            plan=rows.plan(reading),
            terms=next(iter(lockbox_agreed(reading)), None),
            details=rows.bank_details(reading, number),
            provider=require_identity(reading).name,
        )
        return [
            Option(
                rank=rank,
                method=method,
                mandatory=method in must,
                clause=clause,
                instructions=told.instructions(method),
            )
            for rank, method in enumerate(accepted(reading, rules), start=1)
        ]


def authorize_debits(books: Books, details: BankDetails, *, now: datetime) -> None:
    """Keep the licensee's authorization to draw ACH debits on a bank account.

    Raises:
        Refused: ``FUNDS_ACCOUNT_UNKNOWN``, ``DEBITS_UNAUTHORIZED``.
    """
    require_details(details)
    with books.reading() as reading:
        record = require_account(reading, details.account).record
    with books.work(now, "authorize_debits", on=(record,)) as work:
        keep_details(work, details, by=books.by.name, now=now)


def keep_details(work: Work, details: BankDetails, *, by: str, now: datetime) -> None:
    """Keep where debits are drawn, within a unit of work: also what a bank's notice corrects."""
    account = require_account(work, details.account)
    rows.add_bank_details(work, details)
    told = f"{details.kind} account at {details.routing}, by {details.authorized_by}"
    rows.note(
        work,
        account.record,
        "debits authorized",
        clause=_INSTRUCTIONS,
        because=told,
        by=by,
        now=now,
    )


def require_details(details: BankDetails) -> None:
    """Whether a debit can be drawn so.

    Raises:
        Refused: ``DEBITS_UNAUTHORIZED``.
    """
    if not is_routing_number(details.routing):
        raise DEBITS_UNAUTHORIZED.because(f"{details.routing!r} is no routing number")
    if details.kind not in ("checking", "savings"):
        raise DEBITS_UNAUTHORIZED.because(f"{details.kind!r} is neither checking nor savings")
    if not is_bank_account(details.bank_account):
        raise DEBITS_UNAUTHORIZED.because(f"{details.bank_account!r} is no account at a bank")
    if not details.authorized_by.strip():
        raise DEBITS_UNAUTHORIZED.because("the signature is missing")


def card_fee_mills(plan: PaymentPlan | None, method: Method, amount_mills: int) -> int:
    """What the processor keeps of a card payment, rounded up to a mill; the provider bears it."""
    if plan is None or method not in CARDS:
        return 0
    return -(-amount_mills * plan.card_fee_basis_points // _BASIS_POINTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a licensee is told of each way."""

    account: FundsAccount
    plan: PaymentPlan | None
    terms: LockboxTerms | None
    details: BankDetails | None
    provider: str

    def instructions(self, method: Method) -> tuple[str, ...]:
        """What to do, in steps."""
        return (*self._how(method), *self._whom())

    def _how(self, method: Method) -> tuple[str, ...]:
        number = self.account.number
        match method:
            case Method.ACH_DEBIT if self.details is not None:
                return (f"{self.provider} draws on your account as authorized: ask for an amount.",)
            case Method.ACH_DEBIT:
                return (
                    "Authorize debits once: give your bank's routing number and your account.",
                    f"Then ask for an amount: {self.provider} draws it.",
                )
            case Method.ACH_CREDIT:
                return (self._lockbox_account(), f"Give {number} as the identification number.")
            case Method.WIRE:
                return (self._lockbox_account(), f"Give account {number} to the beneficiary.")
            case Method.CHECK:
                return (
                    f"Mail the check with a pre-encoded deposit ticket to {self._box()}.",
                    "Without a ticket, for the first payment: give the check to "
                    f"{self.provider}, which prepares one by hand.",
                )
            case Method.CASH:
                return (f"Pay in at a counter of {self.provider}, for account {number}.",)
            case Method.DEBIT_CARD | Method.CREDIT_CARD | Method.CHECK_CARD:
                return (f"Pay at {self.provider}, for account {number}; you bear no fee.",)

    def _lockbox_account(self) -> str:
        if self.plan is None:
            return f"Send it to the lockbox account that {self.provider} names."
        plan = self.plan
        return f"Send it to {plan.bank}, routing {plan.routing}, account {plan.bank_account}."

    def _box(self) -> str:
        agreed = self.terms.post_office_box if self.terms else ""
        planned = self.plan.lockbox if self.plan else ""
        return agreed or planned or "the lockbox"

    def _whom(self) -> tuple[str, ...]:
        if self.terms is None:
            return ()
        return (f"Questions: {self.terms.toll_free}, {self.terms.representative}.",)


def _has_optional(rules: RuleSet) -> bool:
    return "payment_methods_optional" in rules


def _require_processor(plan: PaymentPlan, rules: RuleSet) -> None:
    selected = rules.choices("card_processor")
    if plan.card_processor not in selected:
        raise CARD_PROCESSOR_UNSUITABLE.because(
            f"{plan.card_processor or 'none'}; selected is {', '.join(selected)}"
        )
    if plan.card_fee_basis_points < 0:
        raise CARD_PROCESSOR_UNSUITABLE.because("a fee is not below zero")
