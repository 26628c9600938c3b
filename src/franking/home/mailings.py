"""Mailing lists of a home: from a CSV file and a device to printed pieces.

The job's name makes each row's request id, so that the same job is evidenced once however often
it is run. Without a name the list's own content gives one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import yaml

from franking.clock import parse_date
from franking.errors import Refusal
from franking.home.cautions import show_unread
from franking.home.devices import device_names
from franking.home.home import Home
from franking.home.imprints import require_drawable, town_of
from franking.home.watching import NOBODY, Watcher, watched
from franking.host.csv_rows import BadRow, list_digest, read_rows
from franking.host.printing import commands, planning
from franking.host.printing.records import JobReport, JobTemplate, Plan, ReprintReason
from franking.host.records import Mailpiece, System
from franking.host.render.to_file import save
from franking.host.sheets import pages_for, sheet
from franking.marks.geometry import Drawing
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
    stock: str
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
    notices: tuple[str, ...] = ()
    """Cautions that this user was shown for the first time."""

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        plain: dict[str, Any] = msgspec.to_builtins(self, enc_hook=str)
        return plain


def rehearse(home: Home, mailing: Mailing, *, watcher: Watcher = NOBODY) -> Printed:
    """Price and lay out every piece; nothing is charged and nothing is kept.

    Raises:
        Refused: what the list, the rates or the device refuse as a whole.
    """
    with _opened(home, mailing) as device:
        mailing = _as_of(device, mailing)
        plan = _plan(home, mailing, device, watcher)
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
    home: Home,
    mailing: Mailing,
    out: Path,
    *,
    lines: Sequence[int] = (),
    confirm: bool = False,
    watcher: Watcher = NOBODY,
) -> Printed:
    """Evidence every good row that has no indicium yet, and draw the pieces into ``out``.

    Raises:
        Refused: ``TOTAL_EXCEEDS_BALANCE`` before the first debit, ``JOB_CONFIRMED``, and what
            the list, the rates, the device or the output refuse.
    """
    require_drawable(out)
    with _opened(home, mailing) as device:
        mailing = _as_of(device, mailing)
        plan = _plan(home, mailing, device, watcher)
        notices = show_unread(home, watcher)
        done = _evidenced(home, mailing, plan, device, watcher)
        pages = commands.draw_job(home.mailer_books, plan.job_id, now=home.now, lines=lines)
        files = _saved(pages, out, mailing.template, len(lines) or done.evidenced, watcher)
        if confirm:
            commands.confirm_print(home.mailer_books, plan.job_id, now=home.now)
        warnings = (*plan.warnings, *(note.detail for note in device.warnings(home.now)))
        report = commands.report(home.mailer_books, plan.job_id)
        return replace(_printed(report, device, files, warnings), notices=notices)


def reprint(
    home: Home,
    mailing: Mailing,
    out: Path,
    why: Reprint,
    *,
    lines: Sequence[int] = (),
    watcher: Watcher = NOBODY,
) -> Printed:
    """Draw pieces of a confirmed print again, the same bytes; the reason is recorded.

    Raises:
        Refused: ``JOB_NOT_CONFIRMED``, ``REPRINT_LINES_UNKNOWN``, ``JOB_UNKNOWN``.
    """
    require_drawable(out)
    books, job_id = home.mailer_books, _job_id(mailing)
    with _opened(home, mailing) as device:
        pages = commands.reprint(
            books, job_id, reason=why.reason, note=why.note, lines=lines, now=home.now
        )
        report = commands.report(books, job_id)
        files = _saved(pages, out, mailing.template, len(lines) or report.evidenced, watcher)
        return _printed(report, device, files, ())


def template_of(file: Path | None, **options: object) -> JobTemplate:
    """The template in a YAML file, if any, with the options that were given on top.

    Raises:
        Refused: ``TEMPLATE_UNREADABLE``.
    """
    given = {name: value for name, value in options.items() if value not in (None, {})}
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


def device_named(home: Home, name: str | None) -> str:
    """The name given, or that of the only device of the home.

    Raises:
        Refused: ``DEVICE_NOT_NAMED``.
    """
    names = [name] if name is not None else device_names(home.folder)
    if len(names) != 1:
        raise DEVICE_NOT_NAMED.because(f"this home has {len(names)} devices")
    return names[0]


@contextmanager
def _opened(home: Home, mailing: Mailing) -> Iterator[PostalSecurityDevice]:
    with home.device(device_named(home, mailing.device)) as device:
        yield device


def _as_of(device: PostalSecurityDevice, mailing: Mailing) -> Mailing:
    """The mailing under the rulebook and in the system of its device, whatever a template says."""
    standing = device.state.standing
    template = replace(mailing.template, rulebook=standing.rulebook, system=System(standing.system))
    return replace(mailing, template=template)


def _evidenced(
    home: Home, mailing: Mailing, plan: Plan, device: PostalSecurityDevice, watcher: Watcher
) -> JobReport:
    """The job of a plan, with every indicium that the device gives for it."""
    books, total = home.mailer_books, len(plan.pieces)
    town = town_of(device.state, home.now.date())
    commands.keep_plan(books, plan, template=mailing.template, town=town, now=home.now)
    return commands.evidence_job(
        books,
        plan.job_id,
        device,
        now=home.now,
        progress=lambda done: watcher.progress("Evidencing", done, total),
    )


def _saved(
    pages: Iterable[Drawing], out: Path, template: JobTemplate, pieces: int, watcher: Watcher
) -> tuple[Path, ...]:
    on = sheet(template.sheet) if template.sheet else None
    total = pages_for(pieces, on, skip=template.skip_labels) if on else pieces
    return save(watched(pages, watcher, "Drawing", total), out, dpi=template.dpi)


def _plan(home: Home, mailing: Mailing, device: PostalSecurityDevice, watcher: Watcher) -> Plan:
    template = mailing.template
    art = commands.advertising_of(home.mailer_books, template, home.now)
    asked = planning.Mailing(
        job_id=_job_id(mailing),
        template=template,
        on=_day(home, mailing),
        town=town_of(device.state, home.now.date()),
        device_id=device.device_id,
        advertising=art,
    )
    rows = read_rows(mailing.list_path, template.columns)
    return planning.plan_job(watched(rows, watcher, "Planning"), asked)


def _day(home: Home, mailing: Mailing) -> date:
    text = mailing.date_of_mailing
    return parse_date(text) if text else home.now.date()


def _job_id(mailing: Mailing) -> str:
    """The name given, or one of the list's own: its file name and a digest of its content."""
    if mailing.job_id is not None:
        return mailing.job_id
    path = mailing.list_path
    name = _UNFIT_FOR_ID.sub("-", path.stem)[:_NAME_LENGTH].strip("-") or "list"
    return f"{name}-{list_digest(path)[:_DIGEST_LENGTH]}"


def _template_in(file: Path) -> JobTemplate:
    try:
        # As text: a ZIP Code of 02139 is no octal number.
        plain = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)
        _require_known(file, plain)
        return msgspec.convert(plain, JobTemplate, strict=False)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise TEMPLATE_UNREADABLE.because(f"{file}: {error}") from error


def _require_known(file: Path, plain: object) -> None:
    """A misspelt name must not be passed over: the job would be printed otherwise than meant."""
    known = {each.name for each in fields(JobTemplate)}
    unknown = sorted(map(str, set(plain) - known)) if isinstance(plain, dict) else []
    if unknown:
        raise TEMPLATE_UNREADABLE.because(f"{file}: there is no option {', '.join(unknown)}")


def _prices(plan: Plan) -> Iterator[PiecePrice]:
    for planned in plan.pieces:
        piece = planned.piece
        yield PiecePrice(
            line=planned.line,
            title=_title(piece),
            stock=planned.stock,
            postage_mills=piece.price.mills,
            edition=piece.price.edition,
            source=piece.price.source,
        )


def _title(piece: Mailpiece) -> str:
    reply = ", courtesy reply" if piece.courtesy_reply else ""
    return f"{piece.mail_class.value} {piece.shape.value}, {piece.weight_oz} oz{reply}"


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
