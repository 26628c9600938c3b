"""The columns of lockbox records: 80 of them, as the BAI lockbox standard names its record types.

1 transmission header, 2 service, 5 lockbox header, 6 payment, 4 overflow of a payment, 7 batch
total, 8 lockbox total, 9 transmission trailer. From column 47 on a payment is the bank's own
affair; here stand the day of receipt, the account on the pre-encoded deposit ticket (39 CFR
501.28(e)(6), 1995) and the bank's number of the item.
"""

from __future__ import annotations

from typing import Final

from franking.bank_files.columns import Column, Kind, Layout, constant, reserved

_DIGITS, _NUMBER = Kind.DIGITS, Kind.NUMBER

TRANSMISSION: Final = Layout(
    "transmission header",
    (
        constant("101", "record type and priority"),
        Column("destination", 10),
        Column("origin", 10),
        Column("created_on", 6, _DIGITS),
        Column("created_at", 4, _DIGITS),
        reserved(47),
    ),
)
SERVICE: Final = Layout(
    "service",
    (
        constant("2", "record type"),
        Column("destination", 10),
        Column("origin", 10),
        Column("reference", 10, _DIGITS),
        constant("400", "service type"),
        constant("080", "record size"),
        constant("0080", "blocking"),
        constant("1", "format"),
        reserved(38),
    ),
)
LOCKBOX: Final = Layout(
    "lockbox header",
    (
        constant("5", "record type"),
        Column("batch", 3, _NUMBER),
        constant("000", "item"),
        Column("lockbox", 7, _DIGITS),
        Column("deposited_on", 6, _DIGITS),
        Column("destination", 10),
        Column("origin", 10),
        reserved(40),
    ),
)
PAYMENT: Final = Layout(
    "payment",
    (
        constant("6", "record type"),
        Column("batch", 3, _NUMBER),
        Column("item", 3, _NUMBER),
        Column("amount_cents", 10, _NUMBER),
        Column("routing_number", 9, _NUMBER),
        Column("check_account", 10),
        Column("check_number", 10),
        Column("received_on", 6, _DIGITS),
        Column("account", 10),
        Column("reference", 10, _DIGITS),
        reserved(8),
    ),
)
OVERFLOW: Final = Layout(
    "overflow",
    (
        constant("4", "record type"),
        Column("batch", 3, _NUMBER),
        Column("item", 3, _NUMBER),
        constant("6", "of record type"),
        Column("sequence", 2, _NUMBER),
        Column("last", 1, _DIGITS),
        Column("remarks", 69),
    ),
)
BATCH_TOTAL: Final = Layout(
    "batch total",
    (
        constant("7", "record type"),
        Column("batch", 3, _NUMBER),
        Column("item", 3, _NUMBER),
        Column("lockbox", 7, _DIGITS),
        Column("deposited_on", 6, _DIGITS),
        Column("count", 3, _NUMBER),
        Column("total_cents", 10, _NUMBER),
        reserved(47),
    ),
)
LOCKBOX_TOTAL: Final = Layout(
    "lockbox total",
    (
        constant("8", "record type"),
        Column("batch", 3, _NUMBER),
        Column("item", 3, _NUMBER),
        Column("lockbox", 7, _DIGITS),
        Column("deposited_on", 6, _DIGITS),
        Column("count", 4, _NUMBER),
        Column("total_cents", 10, _NUMBER),
        reserved(46),
    ),
)
TRAILER: Final = Layout(
    "transmission trailer",
    (constant("9", "record type"), Column("records", 6, _NUMBER), reserved(73)),
)
MORE: Final = "0"
LAST: Final = "9"
REMARKS_COLUMNS: Final = 69
OVERFLOWS_MAX: Final = 99
ITEMS_MAX: Final = 999
"""Items of a batch, and batches of a lockbox: three digits number them."""
LOCKBOX_ITEMS_MAX: Final = 9999
