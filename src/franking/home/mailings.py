"""Mailing lists of a home: from a CSV file and a device to printed pieces.

The job's name makes each row's request id, so that the same job is evidenced once however often
it is run. Without a name the list's own content gives one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import yaml

from franking.clock import parse_date
from franking.errors import Refusal
from franking.home.devices import device_names
from franking.home.home import Home
from franking.home.imprints import town_of
from franking.host.csv_rows import BadRow, read_rows
from franking.host.printing import commands, planning
from franking.host.printing.records import JobReport, JobTemplate, Plan, ReprintReason
from franking.host.records import Symbology
from franking.host.render.to_file import require_format, save
from franking.psd.device import PostalSecurityDevice

DEVICE_NOT_NAMED = Refusal(
    "DEVICE_NOT_NAMED",
    clause="policy",
    remedy="Name the device with --device.",
    http_status=422,
)
TEMPLATE_UNREADABLE = Refusal(
    "TEMPLATE_UNREADABLE",
    clause="policy",
    remedy="Write the template as YAML, with the names that docs/reference/host.md lists.",
    http_status=422,
)
MAPPING_UNREADABLE = Refusal(
    "MAPPING_UNREADABLE",
    clause="policy",
    remedy="Write each as field=column, such as street=Address 1.",
    http_status=422,
)
LINES_UNREADABLE = Refusal(
    "LINES_UNREADABLE",
    clause="policy",
    remedy="Write line numbers of the list with commas between, such as 2,5,9.",
    http_status=422,
)

_UNFIT_FOR_ID = re.compile(r"[^A-Za-z0-9]+")
_NAME_LENGTH, _DIGEST_LENGTH = 24, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """What a person asks to have printed."""

    list_path: Path
    template: JobTemplate
    device: str | None = None
    """The device's name; ``None`` where the home has just one."""
    job_id: str | None = None
    date_of_mailing: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprint:
    """Why a confirmed print is made again."""

    reason: ReprintReason
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecePrice:
    """What one row of a rehearsed list would cost."""

    line: int
    title: str
    postage_mills: int
    edition: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a job came to; money in mills."""

    job_id: str
    status: str
    pieces: int
    total_mills: int
    descending_mills: int
    by_cost_centre: Mapping[str, int]
    bad_rows: tuple[BadRow, ...]
    refused: tuple[BadRow, ...] = ()
    files: tuple[Path, ...] = ()
    prices: tuple[PiecePrice, ...] = ()
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        plain: dict[str, Any] = msgspec.to_builtins(self, enc_hook=str)
        return plain


def rehearse(home: Home, mailing: Mailing) -> Printed:
    """Price and lay out every piece; nothing is charged and nothing is kept.

    Raises:
        Refused: what the list, the rates or the device refuse as a whole.
    """
    with _opened(home, mailing) as device:
        plan = _plan(home, mailing, device)
        return Printed(
            job_id=plan.job_id,
            status="dry run",
            pieces=len(plan.pieces),
            total_mills=plan.total_mills,
            descending_mills=device.registers.descending_mills,
            by_cost_centre=plan.by_cost_centre,
            bad_rows=plan.bad_rows,
            prices=tuple(_prices(plan)),
            warnings=(*plan.warnings, *_short(plan, device)),
        )


def print_list(
    home: Home, mailing: Mailing, out: Path, *, lines: Sequence[int] = (), confirm: bool = False
) -> Printed:
    """Evidence every good row that has no indicium yet, and draw the pieces into ``out``.

    Raises:
        Refused: ``TOTAL_EXCEEDS_BALANCE`` before the first debit, ``JOB_CONFIRMED``, and what
            the list, the rates, the device or the output refuse.
    """
    require_format(out)
    books = home.mailer_books
    with _opened(home, mailing) as device:
        plan = _plan(home, mailing, device)
        town = town_of(device.state, home.now.date())
        commands.keep_plan(books, plan, template=mailing.template, town=town, now=home.now)
        commands.evidence_job(books, plan.job_id, device, now=home.now)
        pages = commands.draw_job(books, plan.job_id, now=home.now, lines=lines)
        files = save(pages, out, dpi=mailing.template.dpi)
        if confirm:
            commands.confirm_print(books, plan.job_id, now=home.now)
        warnings = (*plan.warnings, *(note.detail for note in device.warnings(home.now)))
        return _printed(commands.report(books, plan.job_id), device, files, warnings)


def reprint(
    home: Home, mailing: Mailing, out: Path, why: Reprint, *, lines: Sequence[int] = ()
) -> Printed:
    """Draw pieces of a confirmed print again, the same bytes; the reason is recorded.

    Raises:
        Refused: ``JOB_NOT_CONFIRMED``, ``REPRINT_LINES_UNKNOWN``, ``JOB_UNKNOWN``.
    """
    require_format(out)
    books, job_id = home.mailer_books, _job_id(mailing)
    with _opened(home, mailing) as device:
        pages = commands.reprint(
            books, job_id, reason=why.reason, note=why.note, lines=lines, now=home.now
        )
        files = save(pages, out, dpi=mailing.template.dpi)
        return _printed(commands.report(books, job_id), device, files, ())


def template_of(file: Path | None, **options: object) -> JobTemplate:
    """The template in a YAML file, if any, with the options that were given on top.

    Raises:
        Refused: ``TEMPLATE_UNREADABLE``.
    """
    given = {name: value for name, value in options.items() if value}
    base = JobTemplate() if file is None else _template_in(file)
    return replace(base, **given)  # type: ignore[arg-type]


def columns_of(pairs: Iterable[str]) -> dict[str, str]:
    """``field=column`` pairs as a mapping.

    Raises:
        Refused: ``MAPPING_UNREADABLE``.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        field, sign, column = pair.partition("=")
        if not (sign and field.strip() and column.strip()):
            raise MAPPING_UNREADABLE.because(f"{pair!r} maps no field to a column")
        found[field.strip()] = column.strip()
    return found


def lines_of(text: str | None) -> tuple[int, ...]:
    """Line numbers of the list, from ``2,5,9``.

    Raises:
        Refused: ``LINES_UNREADABLE``.
    """
    try:
        return tuple(int(part) for part in (text or "").split(",") if part.strip())
    except ValueError:
        raise LINES_UNREADABLE.because(f"{text!r} are no line numbers") from None


@contextmanager
def _opened(home: Home, mailing: Mailing) -> Iterator[PostalSecurityDevice]:
    names = device_names(home.folder)
    if mailing.device is None and len(names) != 1:
        raise DEVICE_NOT_NAMED.because(f"this home has {len(names)} devices")
    with home.device(mailing.device or names[0]) as device:
        yield device


def _plan(home: Home, mailing: Mailing, device: PostalSecurityDevice) -> Plan:
    asked = planning.Mailing(
        job_id=_job_id(mailing),
        template=mailing.template,
        on=_day(home, mailing),
        town=town_of(device.state, home.now.date()),
        device_id=device.device_id,
    )
    return planning.plan_job(read_rows(mailing.list_path, mailing.template.columns), asked)


def _day(home: Home, mailing: Mailing) -> date:
    text = mailing.date_of_mailing
    return parse_date(text) if text else home.now.date()


def _job_id(mailing: Mailing) -> str:
    """The name given, or one of the list's own: its file name and a digest of its content."""
    if mailing.job_id is not None:
        return mailing.job_id
    path = mailing.list_path
    content = path.read_bytes() if path.is_file() else b""
    name = _UNFIT_FOR_ID.sub("-", path.stem).strip("-")[:_NAME_LENGTH] or "list"
    return f"{name}-{hashlib.sha256(content).hexdigest()[:_DIGEST_LENGTH]}"


def _template_in(file: Path) -> JobTemplate:
    try:
        plain = yaml.safe_load(file.read_text("utf-8"))
        return msgspec.convert(plain, JobTemplate, dec_hook=_decoded, strict=False)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise TEMPLATE_UNREADABLE.because(f"{file}: {error}") from error


def _decoded(kind: type, value: object) -> object:
    return kind(str(value)) if kind in {Decimal, Symbology} else value


def _prices(plan: Plan) -> Iterator[PiecePrice]:
    for planned in plan.pieces:
        piece = planned.piece
        yield PiecePrice(
            line=planned.line,
            title=f"{piece.mail_class.value} {piece.shape.value}, {piece.weight_oz} oz",
            postage_mills=piece.price.mills,
            edition=piece.price.edition,
            source=piece.price.source,
        )


def _short(plan: Plan, device: PostalSecurityDevice) -> tuple[str, ...]:
    if plan.total_mills <= device.registers.descending_mills:
        return ()
    return ("The descending register does not hold the total: reset the device first.",)


def _printed(
    report: JobReport,
    device: PostalSecurityDevice,
    files: tuple[Path, ...],
    warnings: tuple[str, ...],
) -> Printed:
    return Printed(
        job_id=report.job_id,
        status=report.status.value,
        pieces=report.evidenced,
        total_mills=report.spent_mills,
        descending_mills=device.registers.descending_mills,
        by_cost_centre=report.by_cost_centre,
        bad_rows=report.bad_rows,
        refused=report.refused,
        files=files,
        warnings=warnings,
    )
