"""The postings of the provider's books: one function for each thing that happens to money.

Pure: values in, a ``Posting`` out; ``chart`` says what the accounts mean. A key names the thing
that happened, so that the same thing told twice is posted once (LEDGER-6). Amounts are mills,
above zero. Whose turn it is to post is for the rooms: grants and what devices report for
``provider.resetting``, refunds of postage for ``provider.refunds``, the rest for this room.
"""

from __future__ import annotations

from franking.ledger.records import Posting, Transfer
from franking.provider.funds import chart
from franking.provider.funds.chart import (
    CAPITAL,
    COUNTER,
    EXPENSE,
    FUND,
    LOCKBOX,
    ON_SITE_FEES,
    OPENING,
    PROVIDER_DEPOSIT,
    REIMBURSEMENTS,
    USED,
)

_DEPOSIT = "39 CFR 501.28(e)(2) (1995)"
_RETURNED = "39 CFR 501.28(e)(8) (1995)"
_ADVANCE = "39 CFR 501.28(b)(5) (1995)"
_RESET = "39 CFR 501.28(e)(3) (1995); 502.26(a) (1997)"
_REPORT = "39 CFR 502.23 (1997)"
_BALANCE = "39 CFR 501.28(f) (1995)"
_SETTING = "DMM P030.3.6 (1995)"

# Payments ------------------------------------------------------------------------------------


def deposit(*, payment: str, account: str, amount_mills: int, reference: str = "") -> Posting:
    """The lockbox bank received a payment for an account."""
    return _one(
        f"deposit:{payment}",
        "deposit",
        debit=LOCKBOX,
        credit=chart.deposits(account),
        amount_mills=amount_mills,
        clause=_DEPOSIT,
        reference=reference or f"payment:{payment}",
    )


def unassigned(*, payment: str, amount_mills: int, reference: str = "") -> Posting:
    """The lockbox bank received a payment for an account that nobody knows: it is not lost."""
    return _one(
        f"suspense:{payment}",
        "suspense",
        debit=LOCKBOX,
        credit=chart.suspense(payment),
        amount_mills=amount_mills,
        clause=_DEPOSIT,
        reference=reference or f"payment:{payment}",
    )


def assigned(*, payment: str, account: str, amount_mills: int, because: str) -> Posting:
    """Two people found whose an unassigned payment is."""
    return _one(
        f"assigned:{payment}",
        "assigned",
        debit=chart.suspense(payment),
        credit=chart.deposits(account),
        amount_mills=amount_mills,
        clause=_DEPOSIT,
        because=because,
        reference=f"payment:{payment}",
    )


def transferred(*, transfer: str, amount_mills: int) -> Posting:
    """The bank moved what it had to the Postal Service Fund (501.28(e)(4))."""
    return _one(
        f"transfer:{transfer}",
        "transfer",
        debit=FUND,
        credit=LOCKBOX,
        amount_mills=amount_mills,
        clause="39 CFR 501.28(e)(4) (1995)",
        reference=f"transfer:{transfer}",
    )


def returned(*, payment: str, account: str, amount_mills: int, because: str) -> Posting:
    """An item came back unpaid after its second presentment: the licensee owes it."""
    return _one(
        f"returned:{payment}",
        "returned item",
        debit=chart.returned(account),
        credit=LOCKBOX,
        amount_mills=amount_mills,
        clause=_RETURNED,
        because=because,
        reference=f"payment:{payment}",
    )


def unassigned_returned(*, payment: str, amount_mills: int, because: str) -> Posting:
    """An item of nobody known came back unpaid: there is nothing in suspense any more."""
    return _one(
        f"returned:{payment}",
        "returned item",
        debit=chart.suspense(payment),
        credit=LOCKBOX,
        amount_mills=amount_mills,
        clause=_RETURNED,
        because=because,
        reference=f"payment:{payment}",
    )


def made_good(*, payment: str, account: str, amount_mills: int) -> Posting:
    """The bank collected a returned item in full."""
    return _one(
        f"made-good:{payment}",
        "returned item paid",
        debit=LOCKBOX,
        credit=chart.returned(account),
        amount_mills=amount_mills,
        clause=_RETURNED,
        reference=f"payment:{payment}",
    )


def card_fee(*, payment: str, amount_mills: int) -> Posting:
    """What the card processor keeps: the provider bears it, the licensee's deposit is whole."""
    return _one(
        f"card-fee:{payment}",
        "card fee",
        debit=EXPENSE,
        credit=CAPITAL,
        amount_mills=amount_mills,
        clause="DMM P050.3.2 (1997)",
        reference=f"payment:{payment}",
    )


# Advances ------------------------------------------------------------------------------------


def provider_deposit(*, statement: str, amount_mills: int, because: str) -> Posting:
    """The provider's own deposit with the Postal Service grew, or (below zero) shrank."""
    grew = amount_mills > 0
    return _one(
        f"provider-deposit:{statement}",
        "provider deposit",
        debit=FUND if grew else PROVIDER_DEPOSIT,
        credit=PROVIDER_DEPOSIT if grew else FUND,
        amount_mills=abs(amount_mills),
        clause=_ADVANCE,
        because=because,
        reference=f"statement:{statement}",
    )


def advance(*, advance: str, account: str, amount_mills: int) -> Posting:
    """The provider advances funds to a licensee, who owes them to it alone."""
    return Posting(
        key=f"advance:{advance}",
        kind="advance",
        transfers=(
            Transfer(
                debit=PROVIDER_DEPOSIT, credit=chart.deposits(account), amount_mills=amount_mills
            ),
            Transfer(debit=chart.owed(account), credit=CAPITAL, amount_mills=amount_mills),
        ),
        clause=_ADVANCE,
        reference=f"advance:{advance}",
    )


def repaid(*, payment: str, account: str, amount_mills: int) -> Posting:
    """A licensee's deposit repays what the provider advanced."""
    return Posting(
        key=f"repaid:{payment}",
        kind="advance repaid",
        transfers=(
            Transfer(
                debit=chart.deposits(account), credit=PROVIDER_DEPOSIT, amount_mills=amount_mills
            ),
            Transfer(debit=CAPITAL, credit=chart.owed(account), amount_mills=amount_mills),
        ),
        clause=_ADVANCE,
        reference=f"payment:{payment}",
    )


# Devices -------------------------------------------------------------------------------------


def grant(*, serial: str, sequence: int, account: str, amount_mills: int) -> Posting:
    """A reset is granted and charged: value in transit until the device confirms it."""
    return _one(
        f"grant:{serial}:{sequence}",
        "grant",
        debit=chart.deposits(account),
        credit=chart.transit(serial),
        amount_mills=amount_mills,
        clause=_RESET,
        reference=f"device:{serial}",
    )


def receipt(*, serial: str, sequence: int, amount_mills: int) -> Posting:
    """The device confirmed a reset: the value is in it."""
    return _one(
        f"receipt:{serial}:{sequence}",
        "receipt",
        debit=chart.transit(serial),
        credit=chart.device(serial),
        amount_mills=amount_mills,
        clause=_RESET,
        reference=f"device:{serial}",
    )


def returned_unused(*, serial: str, sequence: int, account: str, amount_mills: int) -> Posting:
    """A device closed a sequence unused, and a clean audit came after: the value goes back.

    Without an account, it was granted before the ledger was kept, and goes back to ``opening``.
    """
    return _one(
        f"unused:{serial}:{sequence}",
        "grant returned",
        debit=chart.transit(serial),
        credit=chart.deposits(account) if account else OPENING,
        amount_mills=amount_mills,
        clause=_RESET,
        reference=f"device:{serial}",
    )


def use(*, serial: str, report: str, amount_mills: int) -> Posting:
    """Postage evidenced since the last report, by a device's signed (or read) registers.

    ``report`` names the report once for ever, such as its digest or the ascending register.
    """
    return _one(
        f"use:{serial}:{report}",
        "use",
        debit=chart.device(serial),
        credit=USED,
        amount_mills=amount_mills,
        clause=_REPORT,
        reference=f"device:{serial}",
    )


def opening(*, serial: str, amount_mills: int) -> Posting:
    """What was in a device before the ledger was kept."""
    return _one(
        f"opening:{serial}",
        "opening",
        debit=OPENING,
        credit=chart.device(serial),
        amount_mills=amount_mills,
        clause="policy",
        reference=f"device:{serial}",
    )


def opening_in_transit(*, serial: str, sequence: int, amount_mills: int) -> Posting:
    """What was granted before the ledger was kept, and not settled."""
    return _one(
        f"opening:{serial}:{sequence}",
        "opening",
        debit=OPENING,
        credit=chart.transit(serial),
        amount_mills=amount_mills,
        clause="policy",
        reference=f"device:{serial}",
    )


def withdrawn(*, serial: str, key: str, to: str, amount_mills: int, because: str = "") -> Posting:
    """The value of a withdrawn device goes to a case, an account or another device's transit."""
    return _one(
        f"withdrawn:{serial}:{key}",
        "value withdrawn",
        debit=chart.device(serial),
        credit=to,
        amount_mills=amount_mills,
        clause="39 CFR 502.21(e) (1997)",
        because=because,
        reference=f"device:{serial}",
    )


# Counters and charges ------------------------------------------------------------------------


def counter_setting(*, serial: str, setting: str, amount_mills: int) -> Posting:
    """Postage paid at a post office counter and set into a meter there."""
    return _one(
        f"setting:{serial}:{setting}",
        "counter setting",
        debit=COUNTER,
        credit=chart.device(serial),
        amount_mills=amount_mills,
        clause=_SETTING,
        reference=f"device:{serial}",
    )


def residue(*, serial: str, charge: str, amount_mills: int) -> Posting:
    """What a locked-out meter could not print is in it unpaid, and due with the first payment."""
    return _one(
        f"residue:{serial}:{charge}",
        "residue due",
        debit=chart.charges(serial),
        credit=chart.device(serial),
        amount_mills=amount_mills,
        clause="39 CFR 501.22(e)(3) (1995)",
        reference=f"device:{serial}",
    )


def on_site_fee(*, serial: str, charge: str, amount_mills: int) -> Posting:
    """A fee for setting or checking on site is due."""
    return _one(
        f"on-site-fee:{serial}:{charge}",
        "on-site fee due",
        debit=chart.charges(serial),
        credit=ON_SITE_FEES,
        amount_mills=amount_mills,
        clause="DMM P030.3.5 (1995)",
        reference=f"device:{serial}",
    )


def charge_paid(*, serial: str, charge: str, amount_mills: int) -> Posting:
    """A residue or fee was paid at the counter."""
    return _one(
        f"charge-paid:{serial}:{charge}",
        "charge paid",
        debit=COUNTER,
        credit=chart.charges(serial),
        amount_mills=amount_mills,
        clause=_SETTING,
        reference=f"device:{serial}",
    )


# Refunds -------------------------------------------------------------------------------------


def balance_refund(*, case: str, account: str, amount_mills: int) -> Posting:
    """A licensee asked for money on deposit back: it can be used for nothing else now."""
    return _one(
        f"refund:{case}",
        "balance refund",
        debit=chart.deposits(account),
        credit=chart.refunds(case),
        amount_mills=amount_mills,
        clause=_BALANCE,
        reference=f"refund:{case}",
    )


def balance_refunded(*, case: str, amount_mills: int) -> Posting:
    """The lockbox bank paid a balance back."""
    return _one(
        f"refunded:{case}",
        "balance refunded",
        debit=chart.refunds(case),
        credit=LOCKBOX,
        amount_mills=amount_mills,
        clause=_BALANCE,
        reference=f"refund:{case}",
    )


def balance_kept(*, case: str, account: str, amount_mills: int, because: str) -> Posting:
    """A refund of a balance was called off: the money is on deposit again."""
    return _one(
        f"refund-called-off:{case}",
        "balance refund called off",
        debit=chart.refunds(case),
        credit=chart.deposits(account),
        amount_mills=amount_mills,
        clause=_BALANCE,
        because=because,
        reference=f"refund:{case}",
    )


def refund_paid(*, case: str, to: str, amount_mills: int, clause: str) -> Posting:
    """A refund of postage is settled: by check (``FUND``), credit, or the provider's payment.

    ``to`` is ``FUND``, ``chart.deposits(account)`` or ``REIMBURSEMENTS``.
    """
    return _one(
        f"refund-paid:{case}",
        "refund paid",
        debit=chart.refunds(case),
        credit=to,
        amount_mills=amount_mills,
        clause=clause,
        reference=f"refund:{case}",
    )


def reimbursed(*, claim: str, amount_mills: int, clause: str) -> Posting:
    """The Postal Service reimbursed the provider for refunds that it paid."""
    return _one(
        f"reimbursed:{claim}",
        "reimbursed",
        debit=REIMBURSEMENTS,
        credit=FUND,
        amount_mills=amount_mills,
        clause=clause,
        reference=f"claim:{claim}",
    )


def _one(
    key: str,
    kind: str,
    *,
    debit: str,
    credit: str,
    amount_mills: int,
    clause: str,
    because: str = "",
    reference: str = "",
) -> Posting:
    transfer = Transfer(debit=debit, credit=credit, amount_mills=amount_mills)
    return Posting(
        key=key,
        kind=kind,
        transfers=(transfer,),
        clause=clause,
        because=because,
        reference=reference,
    )
