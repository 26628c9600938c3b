"""What the bank shows: a lockbox, its payments, its files; and reading a file that is named."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from franking.bank import rows
from franking.bank.decisions import banking_day
from franking.bank.records import Lockbox, Payment, PaymentState, SentFile
from franking.errors import Refusal
from franking.money import MILLS_PER_CENT, format_dollars
from franking.storage import Books

PRESENTED_AGAIN: Final = PaymentState.REPRESENTED
BANK_FILE_UNREADABLE = Refusal(
    "BANK_FILE_UNREADABLE",
    clause="policy",
    remedy="Give the path of a file that can be read.",
    http_status=422,
)
_BYTES_MAX: Final = 200_000_000


def lockbox_view(books: Books, lockbox: Lockbox, now: datetime) -> dict[str, Any]:
    """A lockbox: what is agreed, what is in it, which days are closed and moved."""
    today = banking_day(lockbox, now)
    with books.reading() as reading:
        held = rows.balance_cents(reading, lockbox.number, today)
        moved = rows.transfers(reading, lockbox.number)
        return {
            "account": lockbox.account,
            "routing": lockbox.bank,
            "post_office_box": lockbox.post_office_box,
            "cutoff": f"{lockbox.cutoff:%H:%M}",
            "transmitted": f"{lockbox.transmitted:%H:%M}",
            "toll_free": lockbox.toll_free,
            "representative": lockbox.representative,
            "banking_day": today.isoformat(),
            "balance_mills": held * MILLS_PER_CENT,
            "balance": format_dollars(held * MILLS_PER_CENT),
            "transfers_held": rows.holds_transfers(reading, lockbox.number),
            "files_waiting": len(rows.files(reading, waiting=True)),
            "transfers": [
                {
                    "day": each.day.isoformat(),
                    "amount_mills": each.amount_cents * MILLS_PER_CENT,
                    "made_at": each.made_at,
                }
                for each in moved
            ],
        }


def payments_view(books: Books, lockbox: str, *, account: str | None) -> list[dict[str, Any]]:
    """The payments of a lockbox, oldest first."""
    with books.reading() as reading:
        return [payment_json(each) for each in rows.payments(reading, lockbox, account=account)]


def payment_json(payment: Payment) -> dict[str, Any]:
    """A payment for programs."""
    mills = payment.amount_cents * MILLS_PER_CENT
    return {
        "reference": payment.reference,
        "day": payment.day.isoformat(),
        "method": payment.method.value,
        "account": payment.account,
        "amount": format_dollars(mills),
        "amount_mills": mills,
        "payer": payment.payer.name,
        "state": payment.state.value,
        "reason": payment.reason,
    }


def file_json(file: SentFile) -> dict[str, Any]:
    """A file of the bank for programs, without its bytes."""
    return {
        "number": file.number,
        "name": file.name,
        "kind": file.kind.value,
        "day": file.day.isoformat(),
        "to": file.recipient,
        "made_at": file.made_at,
        "delivered": file.delivered_at,
    }


def read_named(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        Refused: ``BANK_FILE_UNREADABLE``, also for one that no bank would send, so large is it.
    """
    try:
        if path.stat().st_size > _BYTES_MAX:
            raise BANK_FILE_UNREADABLE.because(f"{path} is larger than any file of a bank")
        return path.read_bytes()
    except OSError as error:
        raise BANK_FILE_UNREADABLE.because(f"{path}: {error.strerror}") from error
