"""The columns of NACHA records: 94 of them, in blocks of ten lines."""

from __future__ import annotations

from typing import Final

from franking.bank_files.columns import Column, Kind, Layout, constant, reserved

_DIGITS, _NUMBER, _NAME = Kind.DIGITS, Kind.NUMBER, Kind.NAME

FILE_HEADER: Final = Layout(
    "file header",
    (
        constant("101", "record type and priority"),
        Column("destination", 10),
        Column("origin", 10),
        Column("created_on", 6, _DIGITS),
        Column("created_at", 4, _DIGITS),
        Column("modifier", 1),
        constant("094101", "record size, blocking, format"),
        Column("destination_name", 23, _NAME),
        Column("origin_name", 23, _NAME),
        Column("reference", 8),
    ),
)
BATCH_HEADER: Final = Layout(
    "batch header",
    (
        constant("5", "record type"),
        Column("service", 3, _DIGITS),
        Column("company", 16, _NAME),
        Column("company_data", 20),
        Column("company_id", 10),
        Column("entry_class", 3),
        Column("description", 10),
        Column("company_date", 6),
        Column("effective_on", 6, _DIGITS),
        Column("settled_on_day", 3),
        Column("originator_status", 1),
        Column("bank", 8, _DIGITS),
        Column("number", 7, _NUMBER),
    ),
)
ENTRY: Final = Layout(
    "entry",
    (
        constant("6", "record type"),
        Column("code", 2, _DIGITS),
        Column("bank", 8, _DIGITS),
        Column("check_digit", 1, _DIGITS),
        Column("account", 17),
        Column("amount_cents", 10, _NUMBER),
        Column("individual_id", 15),
        Column("name", 22, _NAME),
        Column("discretionary", 2),
        Column("has_addenda", 1, _DIGITS),
        Column("trace", 15, _DIGITS),
    ),
)
PAYMENT: Final = Layout(
    "addenda 05",
    (
        constant("705", "record type and addenda type"),
        Column("information", 80),
        Column("sequence", 4, _NUMBER),
        Column("entry", 7, _DIGITS),
    ),
)
CHANGE: Final = Layout(
    "addenda 98",
    (
        constant("798", "record type and addenda type"),
        Column("reason", 3),
        Column("original_trace", 15, _DIGITS),
        reserved(6),
        Column("original_bank", 8, _DIGITS),
        Column("corrected", 29),
        reserved(15),
        Column("trace", 15, _DIGITS),
    ),
)
RETURN: Final = Layout(
    "addenda 99",
    (
        constant("799", "record type and addenda type"),
        Column("reason", 3),
        Column("original_trace", 15, _DIGITS),
        Column("died_on", 6),
        Column("original_bank", 8, _DIGITS),
        Column("information", 44),
        Column("trace", 15, _DIGITS),
    ),
)
BATCH_CONTROL: Final = Layout(
    "batch control",
    (
        constant("8", "record type"),
        Column("service", 3, _DIGITS),
        Column("count", 6, _NUMBER),
        Column("entry_hash", 10, _NUMBER),
        Column("debit_cents", 12, _NUMBER),
        Column("credit_cents", 12, _NUMBER),
        Column("company_id", 10),
        reserved(25),
        Column("bank", 8, _DIGITS),
        Column("number", 7, _NUMBER),
    ),
)
FILE_CONTROL: Final = Layout(
    "file control",
    (
        constant("9", "record type"),
        Column("batches", 6, _NUMBER),
        Column("blocks", 6, _NUMBER),
        Column("count", 8, _NUMBER),
        Column("entry_hash", 10, _NUMBER),
        Column("debit_cents", 12, _NUMBER),
        Column("credit_cents", 12, _NUMBER),
        reserved(39),
    ),
)
FILLER: Final = "9" * 94
