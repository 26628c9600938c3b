"""Writing a NACHA file: every count, hash, total and check digit is made here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from franking.bank_files import nacha_layout as layout
from franking.bank_files.columns import clock_text, day_text
from franking.bank_files.faults import BANK_FILE_UNWRITABLE, BankFileFaulty
from franking.bank_files.nacha_reading import read_nacha
from franking.bank_files.nacha_records import (
    BLOCK_LINES,
    Addenda,
    Batch,
    Change,
    Entry,
    NachaFile,
    Payment,
    Return,
)
from franking.bank_files.routing import check_digit


def write_nacha(file: NachaFile) -> bytes:
    """The file as bytes, lines ended by LF, filled up to whole blocks.

    It is read back before it is given away: what ``read_nacha`` would find fault with is no file.

    Raises:
        Refused: ``BANK_FILE_UNWRITABLE``.
    """
    lines = list(_lines(file))
    lines.append(layout.FILE_CONTROL.write(_file_control(file, len(lines) + 1)))
    lines += [layout.FILLER] * (-len(lines) % BLOCK_LINES)
    written = ("\n".join(lines) + "\n").encode("ascii")
    try:
        read_nacha(written)
    except BankFileFaulty as faulty:
        raise BANK_FILE_UNWRITABLE.because(faulty.detail) from None
    return written


def _lines(file: NachaFile) -> Iterator[str]:
    yield layout.FILE_HEADER.write(
        {
            **_fields(file),
            "created_on": day_text(file.created_at.date()),
            "created_at": clock_text(file.created_at),
        }
    )
    for batch in file.batches:
        yield layout.BATCH_HEADER.write(_batch_header(batch))
        for entry in batch.entries:
            yield layout.ENTRY.write(_entry(entry))
            if entry.addenda is not None:
                yield _addenda(entry.addenda, entry.trace)
        yield layout.BATCH_CONTROL.write(_batch_control(batch))


def _fields(record: object) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__slots__}  # type: ignore[attr-defined]


def _batch_header(batch: Batch) -> Mapping[str, object]:
    effective = day_text(batch.effective_on)
    return {**_fields(batch), "service": int(batch.service), "effective_on": effective}


def _entry(entry: Entry) -> Mapping[str, object]:
    return {
        **_fields(entry),
        "code": int(entry.code),
        "check_digit": check_digit(entry.bank) if entry.bank.isdecimal() else "",
        "has_addenda": int(entry.addenda is not None),
    }


def _addenda(addenda: Addenda, trace: str) -> str:
    match addenda:
        case Payment():
            values = {"information": addenda.information, "sequence": 1, "entry": trace[-7:]}
            return layout.PAYMENT.write(values)
        case Return():
            died = day_text(addenda.died_on) if addenda.died_on else ""
            return layout.RETURN.write({**asdict(addenda), "died_on": died, "trace": trace})
        case Change():
            return layout.CHANGE.write({**asdict(addenda), "trace": trace})


def _batch_control(batch: Batch) -> Mapping[str, object]:
    return {
        "service": int(batch.service),
        "count": batch.record_count,
        "entry_hash": batch.entry_hash,
        "debit_cents": batch.debit_cents,
        "credit_cents": batch.credit_cents,
        "company_id": batch.company_id,
        "bank": batch.bank,
        "number": batch.number,
    }


def _file_control(file: NachaFile, lines: int) -> Mapping[str, object]:
    return {
        "batches": len(file.batches),
        "blocks": -(-lines // BLOCK_LINES),
        "count": sum(each.record_count for each in file.batches),
        "entry_hash": file.entry_hash,
        "debit_cents": file.debit_cents,
        "credit_cents": file.credit_cents,
    }
