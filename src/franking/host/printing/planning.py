"""From rows to priced pieces. Pure but for reading the list; nothing is evidenced here.

Every row that cannot be printed becomes a ``BadRow`` with the reason and what to do, and costs
nothing; the others are priced. Where the face of a piece would break a rule of placement it is a
bad row too, found before anything is spent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

from franking.errors import Refusal, Refused
from franking.host.addresses import clean
from franking.host.csv_rows import BadRow, Row
from franking.host.layouts import IntelligentMail, LayoutSettings, face_of
from franking.host.mailpiece import Practice, compose, destination_digits
from franking.host.printing.records import JobTemplate, Plan, PlannedPiece
from franking.host.rates import RateBook, published
from franking.host.records import (
    Address,
    CleanAddress,
    MailClass,
    Mailpiece,
    Shape,
    SpecialService,
)
from franking.host.sheets import require_sheet, sheet
from franking.host.specimens import specimen_bytes
from franking.host.stocks import stock
from franking.identifiers import DeviceId
from franking.marks.geometry import Drawing
from franking.marks.town_circle import Town

JOB_ID_UNREADABLE = Refusal(
    "JOB_ID_UNREADABLE",
    clause="policy",
    remedy="Name the job with letters, digits and hyphens, at most 40, such as june-bills-1.",
    http_status=422,
)
ROW_VALUE_UNREADABLE = Refusal(
    "ROW_VALUE_UNREADABLE",
    clause="policy",
    remedy="Correct the value and print the row in a job of its own.",
    http_status=422,
)

PRINTER_UNFIT = Refusal(
    "PRINTER_UNFIT",
    clause="policy",
    remedy="Give the printer's dots to the inch, and an offset of at most an inch.",
    http_status=422,
)

DPI_MIN, DPI_MAX = 150, 4_800
_OFFSET_MAX = 1.0
_JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}", re.ASCII)
_YES, _NO = frozenset({"yes", "y", "true", "1", "x"}), frozenset({"", "no", "n", "false", "0"})
_ADDRESS_FIELDS = ("name", "company", "street", "unit", "city", "state", "zip_code")
_PRINTER_DEFAULTS: Mapping[str, Any] = {
    name: getattr(JobTemplate(), name) for name in ("symbology", "dpi", "skip_labels", "offset")
}
"""Parts of a template that a mailer may change between prints of a job that is paid for."""
_SERVICE_SEPARATORS = re.compile(r"[;+|]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """What a job's rows have in common: id, template, date of mailing, town and device."""

    job_id: str
    template: JobTemplate
    on: date
    town: Town
    device_id: DeviceId
    rates: RateBook | None = None
    advertising: Drawing | None = None
    """Approved artwork, to see whether it fits (``commands.advertising_of``)."""


def plan_job(rows: Iterable[Row | BadRow], mailing: Mailing) -> Plan:
    """The pieces of a job, priced and placed, and the rows that cannot be printed.

    Raises:
        Refused: ``JOB_ID_UNREADABLE``, ``RATE_NOT_PUBLISHED``, what ``require_template``
            refuses, or what reading the list refuses as a whole.
    """
    if _JOB_ID.fullmatch(mailing.job_id) is None:
        raise JOB_ID_UNREADABLE.because(f"{mailing.job_id!r} cannot name a job")
    rates = mailing.rates or published()
    rates.edition(mailing.on)
    require_template(mailing.template)
    settings = layout_settings(mailing.template, mailing.town)
    found = [
        row if isinstance(row, BadRow) else _planned(row, mailing, rates, settings) for row in rows
    ]
    return Plan(
        job_id=mailing.job_id,
        pieces=tuple(piece for piece in found if isinstance(piece, PlannedPiece)),
        bad_rows=tuple(row for row in found if isinstance(row, BadRow)),
        warnings=rates.warnings(mailing.on),
    )


def require_template(template: JobTemplate) -> None:
    """Refuse a template that could not be drawn later, before anything is paid.

    Raises:
        Refused: ``STOCK_UNKNOWN``, ``PRINTER_UNFIT``, ``SHEET_UNKNOWN``,
            ``SHEET_SKIP_TOO_LARGE``, ``SHEET_OF_ANOTHER_STOCK``, ``IMB_PREFIX_UNREADABLE``, or
            what ``clean`` refuses of the return address.
    """
    stock(template.stock)
    require_printer(template)
    _return_address(template.return_address)
    if template.imb_prefix:
        IntelligentMail(prefix=template.imb_prefix)
    if template.sheet:
        require_sheet(sheet(template.sheet), stock=template.stock, skip=template.skip_labels)


def require_printer(template: JobTemplate) -> None:
    """Refuse dots and offsets that no printer has.

    Raises:
        Refused: ``PRINTER_UNFIT``.
    """
    if not DPI_MIN <= template.dpi <= DPI_MAX:
        raise PRINTER_UNFIT.because(
            f"{template.dpi} dots to the inch; from {DPI_MIN} to {DPI_MAX} are known"
        )
    moved = (template.offset.right_in, template.offset.down_in)
    if not all(-_OFFSET_MAX <= inches <= _OFFSET_MAX for inches in moved):
        raise PRINTER_UNFIT.because(f"an offset of {moved[0]} by {moved[1]} inches")


def layout_settings(template: JobTemplate, town: Town) -> LayoutSettings:
    """How the pieces of a template are laid out.

    Raises:
        Refused: ``STOCK_UNKNOWN``.
    """
    prefix = template.imb_prefix
    return LayoutSettings(
        stock=stock(template.stock),
        town=town,
        system=template.system,
        rulebook=template.rulebook,
        symbology=template.symbology,
        dpi=template.dpi,
        intelligent_mail=IntelligentMail(prefix=prefix) if prefix else None,
    )


def request_id_of(job_id: str, line: int) -> str:
    """The request id of a row: the same row of the same job is one indicium (PSD-4)."""
    return f"{job_id}.{line}"


def plan_digest(plan: Plan, template: JobTemplate) -> str:
    """SHA-256 in hex of what a list asks for, to tell a repeat from another job.

    Date and price are left out: a job resumed on another day is still the same job, and keeps the
    date and prices that it was planned with. What only the printer needs is left out too.
    """
    asked = [replace(template, **_PRINTER_DEFAULTS), [_asked(planned) for planned in plan.pieces]]
    return hashlib.sha256(msgspec.json.encode(asked, order="deterministic")).hexdigest()


def _asked(planned: PlannedPiece) -> list[object]:
    piece = planned.piece
    what = [piece.mail_class, piece.shape, piece.weight_oz, sorted(piece.services)]
    where = [piece.destination, piece.return_address, piece.courtesy_reply, planned.stock]
    return [planned.line, planned.cost_centre, planned.reference, *what, *where]


def _planned(
    row: Row, mailing: Mailing, rates: RateBook, usual: LayoutSettings
) -> PlannedPiece | BadRow:
    try:
        piece = _piece(row, mailing, rates)
        settings = _settings_for(row, mailing.template, usual)
        specimen = _specimen(piece, mailing)
        face_of(piece, specimen, settings, serial=row.line, advertising=mailing.advertising)
    except Refused as refused:
        return BadRow.of(row.line, refused)
    return PlannedPiece(
        line=row.line,
        request_id=request_id_of(mailing.job_id, row.line),
        cost_centre=row.fields.get("cost_centre", "") or mailing.template.cost_centre,
        reference=row.fields.get("reference", ""),
        stock=settings.stock.name,
        piece=piece,
    )


def _specimen(piece: Mailpiece, mailing: Mailing) -> bytes:
    return specimen_bytes(
        mailing.device_id,
        postage_mills=piece.price.mills,
        on=piece.date_of_mailing,
        destination=destination_digits(piece, mailing.template.system),
        rate_category=piece.price.rate_category,
    )


def _settings_for(row: Row, template: JobTemplate, usual: LayoutSettings) -> LayoutSettings:
    """The template's settings, on the stock that the row names if it does."""
    name = row.fields.get("stock", "").lower()
    if not name:
        return usual
    used = stock(name)
    if template.sheet:
        require_sheet(sheet(template.sheet), stock=used.name, skip=template.skip_labels)
    return usual.on(used)


def _piece(row: Row, mailing: Mailing, rates: RateBook) -> Mailpiece:
    template, fields = mailing.template, row.fields
    courtesy_reply = _yes(fields, "courtesy_reply")
    return compose(
        practice=Practice(rulebook=template.rulebook, system=template.system),
        on=mailing.on,
        mail_class=MailClass(_choice(fields, "mail_class", MailClass, template.mail_class)),
        shape=Shape(_choice(fields, "shape", Shape, template.shape)),
        weight_oz=_weight(fields.get("weight_oz", ""), template.weight_oz),
        destination=_destination(fields, may_lack=courtesy_reply),
        return_address=_return_address(_address(fields, "return_") or template.return_address),
        services=frozenset(_services(fields.get("services", ""))),
        courtesy_reply=courtesy_reply,
        rates=rates,
    )


@lru_cache(maxsize=256)
def _return_address(address: Address | None) -> CleanAddress | None:
    return None if address is None else clean(address)


def _destination(fields: Mapping[str, str], *, may_lack: bool) -> CleanAddress | None:
    """Where the row goes; a courtesy reply may come without (DMM P050.4.12)."""
    written = _address(fields)
    return None if written is None and may_lack else clean(written or Address())


def _address(fields: Mapping[str, str], prefix: str = "") -> Address | None:
    """The address that a row gives under names with ``prefix``, if it gives any of it."""
    given = {name: fields.get(f"{prefix}{name}", "") for name in _ADDRESS_FIELDS}
    return Address(**given) if any(given.values()) else None


def _yes(fields: Mapping[str, str], name: str) -> bool:
    text = fields.get(name, "").lower()
    if text not in _YES | _NO:
        raise ROW_VALUE_UNREADABLE.because(
            f"{fields[name]!r} is neither yes nor no for {name.replace('_', ' ')}"
        )
    return text in _YES


def _choice(
    fields: Mapping[str, str],
    name: str,
    choices: type[MailClass] | type[Shape],
    default: MailClass | Shape,
) -> str:
    text = fields.get(name, "").lower().replace(" ", "-").replace("_", "-")
    if not text:
        return default.value
    if text not in {choice.value for choice in choices}:
        raise ROW_VALUE_UNREADABLE.because(
            f"{fields[name]!r} is no {name.replace('_', ' ')}; "
            f"there are {', '.join(choice.value for choice in choices)}"
        )
    return text


@lru_cache(maxsize=1024)
def _weight(text: str, default: Decimal) -> Decimal:
    plain = text.lower().removesuffix("oz").strip()
    if not plain:
        return default
    try:
        weight = Decimal(plain)
    except InvalidOperation:
        raise ROW_VALUE_UNREADABLE.because(f"{text!r} is no weight in ounces") from None
    return weight


def _services(text: str) -> Iterator[SpecialService]:
    for name in filter(None, (part.strip() for part in _SERVICE_SEPARATORS.split(text))):
        plain = name.lower().replace(" ", "-")
        if plain not in {service.value for service in SpecialService}:
            raise ROW_VALUE_UNREADABLE.because(
                f"{name!r} is no service; there are {', '.join(s.value for s in SpecialService)}"
            )
        yield SpecialService(plain)
